// SPDX-License-Identifier: GPL-2.0

#include <net/netfilter/nf_conntrack_core.h>

#include "state/quota.h"
#include "state/stats.h"
#include "table/newcomer.h"

/**
 * sipalg_newcomer_note() - note which flow is on its way
 * @newcomer: filled in
 * @ct: the flow, not confirmed yet
 * @outward: whether the inside host has begun it
 *
 * Context: any.
 */
void sipalg_newcomer_note(struct sipalg_newcomer *newcomer,
			  const struct nf_conn *ct, bool outward)
{
	newcomer->tuple = ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;
	newcomer->mapped = ct->tuplehash[IP_CT_DIR_REPLY].tuple.dst.u3;
	newcomer->zone = *nf_ct_zone(ct);
	newcomer->since = (u32)jiffies;
	newcomer->latest = newcomer->since;
	newcomer->outward = outward;
}

/**
 * sipalg_newcomer_find() - find a flow that has come to the end of its way
 * @sn: the namespace
 * @newcomer: what was noted of it
 *
 * Of two first packets that are on their way at a time, the flow of one is the
 * one that both belong to in the end.
 *
 * Context: any but hard interrupt.
 * Return: the flow, which is related to another one, referenced; NULL if it
 * has not.
 */
struct nf_conn *sipalg_newcomer_find(struct sipalg_net *sn,
				     const struct sipalg_newcomer *newcomer)
{
	struct nf_conntrack_tuple_hash *found;
	struct nf_conn *ct;

	found = nf_conntrack_find_get(sn->net, &newcomer->zone,
				      &newcomer->tuple);
	if (!found)
		return NULL;
	ct = nf_ct_tuplehash_to_ctrack(found);
	if (test_bit(IPS_EXPECTED_BIT, &ct->status))
		return ct;
	nf_ct_put(ct);
	return NULL;
}

/**
 * sipalg_newcomer_count_late() - count a flow that most likely does not come
 * @sn: the namespace
 * @newcomer: what was noted of it; sipalg_newcomer_find() does not find it
 *
 * If it is late, a firewall rule must have dropped its first packet. One that
 * comes all the same stays counted, as counters do not go down.
 *
 * Context: any.
 */
void sipalg_newcomer_count_late(struct sipalg_net *sn,
				struct sipalg_newcomer *newcomer)
{
	if (newcomer->counted ||
	    (u32)jiffies - newcomer->since < SIPALG_HELD_JIFFIES)
		return;
	newcomer->counted = true;
	sipalg_stats_inc(sn, newcomer->outward ? SIPALG_STAT_FLOWS_DROPPED_OUT :
						 SIPALG_STAT_FLOWS_DROPPED_IN);
}

/**
 * sipalg_newcomer_is_late() - will a flow most likely not come any more?
 * @newcomer: what was noted of it
 *
 * Context: any.
 * Return: whether it counts as dropped, and no other packet of it is on its
 * way.
 */
bool sipalg_newcomer_is_late(const struct sipalg_newcomer *newcomer)
{
	return newcomer->counted &&
	       (u32)jiffies - newcomer->latest >= SIPALG_HELD_JIFFIES;
}

/**
 * sipalg_newcomer_keep_left() - go on waiting for a flow
 * @sn: the namespace
 * @left: the list that it was taken from
 * @newcomer: from sipalg_newcomer_take_left(); owned by @left again
 *
 * Context: any but hard interrupt.
 */
void sipalg_newcomer_keep_left(struct sipalg_net *sn, struct sipalg_left *left,
			       struct sipalg_newcomer *newcomer)
{
	struct sipalg_newcomer *oldest = NULL;

	spin_lock_bh(&left->lock);
	list_add_tail(&newcomer->list, &left->list);
	if (left->n < SIPALG_LEFT_MAX) {
		left->n++;
	} else {
		oldest = list_first_entry(&left->list, struct sipalg_newcomer,
					  list);
		list_del(&oldest->list);
	}
	spin_unlock_bh(&left->lock);
	sipalg_quota_free(sn, oldest, sizeof(*oldest));
}

/**
 * sipalg_newcomer_leave() - a flow is to end when it comes
 * @sn: the namespace
 * @newcomer: from sipalg_quota_alloc(), of a binding that ends, or gives its
 *	place to another flow; owned by @sn from now on
 * @hash: keyed hash of the binding
 *
 * Context: any but hard interrupt.
 */
void sipalg_newcomer_leave(struct sipalg_net *sn,
			   struct sipalg_newcomer *newcomer, u32 hash)
{
	newcomer->since = (u32)jiffies;
	sipalg_newcomer_keep_left(sn,
				  &sn->bindings.left[hash % SIPALG_LEFT_LISTS],
				  newcomer);
}

/**
 * sipalg_newcomer_take_left() - take the one who left its binding first
 * @left: of which list
 *
 * Context: any but hard interrupt.
 * Return: what is known of it, owned by the caller; or NULL.
 */
struct sipalg_newcomer *sipalg_newcomer_take_left(struct sipalg_left *left)
{
	struct sipalg_newcomer *newcomer;

	spin_lock_bh(&left->lock);
	newcomer = list_first_entry_or_null(&left->list, struct sipalg_newcomer,
					    list);
	if (newcomer) {
		list_del(&newcomer->list);
		left->n--;
	}
	spin_unlock_bh(&left->lock);
	return newcomer;
}

void sipalg_newcomer_net_init(struct sipalg_net *sn)
{
	struct sipalg_left *left;

	for (left = sn->bindings.left;
	     left < sn->bindings.left + SIPALG_LEFT_LISTS; left++) {
		spin_lock_init(&left->lock);
		INIT_LIST_HEAD(&left->list);
	}
}

/* All bindings are gone by now. */
void sipalg_newcomer_net_exit(struct sipalg_net *sn)
{
	struct sipalg_newcomer *newcomer;
	struct sipalg_left *left;

	for (left = sn->bindings.left;
	     left < sn->bindings.left + SIPALG_LEFT_LISTS; left++)
		while ((newcomer = sipalg_newcomer_take_left(left)))
			sipalg_quota_free(sn, newcomer, sizeof(*newcomer));
}
