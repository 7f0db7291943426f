// SPDX-License-Identifier: GPL-2.0

#include <net/netfilter/nf_conntrack_core.h>

#include "state/quota.h"
#include "table/newcomer.h"

/**
 * sipalg_newcomer_note() - note which flow is on its way
 * @newcomer: filled in
 * @ct: the flow, not confirmed yet
 *
 * Context: any.
 */
void sipalg_newcomer_note(struct sipalg_newcomer *newcomer,
			  const struct nf_conn *ct)
{
	newcomer->tuple = ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;
	newcomer->zone = *nf_ct_zone(ct);
	newcomer->since = (u32)jiffies;
}

/**
 * sipalg_newcomer_find() - find a flow that has come to the end of its way
 * @net: the namespace
 * @newcomer: what was noted of it
 *
 * Of two first packets that are on their way at a time, the flow of one is the
 * one that both belong to in the end.
 *
 * Context: any but hard interrupt.
 * Return: the flow, which is related to another one, referenced; NULL if it
 * has not.
 */
struct nf_conn *sipalg_newcomer_find(struct net *net,
				     const struct sipalg_newcomer *newcomer)
{
	struct nf_conntrack_tuple_hash *found =
		nf_conntrack_find_get(net, &newcomer->zone, &newcomer->tuple);
	struct nf_conn *ct;

	if (!found)
		return NULL;
	ct = nf_ct_tuplehash_to_ctrack(found);
	if (test_bit(IPS_EXPECTED_BIT, &ct->status))
		return ct;
	nf_ct_put(ct);
	return NULL;
}

/**
 * sipalg_newcomer_is_late() - will a flow most likely not come any more?
 * @newcomer: what was noted of it; sipalg_newcomer_find() does not find it
 *
 * Context: any.
 * Return: whether a firewall rule must have dropped its first packet.
 */
bool sipalg_newcomer_is_late(const struct sipalg_newcomer *newcomer)
{
	return (u32)jiffies - newcomer->since >= SIPALG_HELD_JIFFIES;
}

/**
 * sipalg_newcomer_leave() - the binding of a flow ends before the flow comes
 * @sn: the namespace
 * @newcomer: from sipalg_quota_alloc(); owned by @sn from now on
 *
 * Context: any but hard interrupt.
 */
void sipalg_newcomer_leave(struct sipalg_net *sn,
			   struct sipalg_newcomer *newcomer)
{
	newcomer->since = (u32)jiffies;
	spin_lock_bh(&sn->bindings.left_lock);
	list_add_tail(&newcomer->list, &sn->bindings.left);
	spin_unlock_bh(&sn->bindings.left_lock);
}

void sipalg_newcomer_net_init(struct sipalg_net *sn)
{
	spin_lock_init(&sn->bindings.left_lock);
	INIT_LIST_HEAD(&sn->bindings.left);
}

/* All bindings are gone by now. */
void sipalg_newcomer_net_exit(struct sipalg_net *sn)
{
	struct sipalg_newcomer *newcomer, *next;

	list_for_each_entry_safe(newcomer, next, &sn->bindings.left, list)
		sipalg_quota_free(sn, newcomer, sizeof(*newcomer));
}
