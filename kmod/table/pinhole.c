// SPDX-License-Identifier: GPL-2.0

#include <net/netfilter/nf_conntrack_acct.h>
#include <net/netfilter/nf_conntrack_core.h>
#include <net/netfilter/nf_conntrack_l4proto.h>

#include "state/stats.h"
#include "table/outside.h"
#include "table/peer.h"
#include "table/pinhole.h"

/*
 * The binding's reference alone keeps no flow alive. The timeout of a flow
 * means nothing before the flow is confirmed.
 */
static bool flow_is_alive(const struct nf_conn *ct)
{
	return refcount_read(&ct->ct_general.use) > 1 && !nf_ct_is_dying(ct) &&
	       !(nf_ct_is_confirmed(ct) && nf_ct_is_expired(ct));
}

/* Return: what was noted of the flow of a packet; or NULL. */
static struct sipalg_newcomer *find_newcomer(struct sipalg_binding *binding,
					     const struct nf_conn *ct)
{
	const struct nf_conntrack_tuple *tuple =
		&ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;
	struct sipalg_newcomer *newcomer;
	unsigned int i;

	lockdep_assert_held(&binding->lock);
	for (i = 0; i < binding->n_slots && !binding->dead; i++) {
		newcomer =
			sipalg_newcomer_of(sipalg_binding_flows(binding)[i]);
		if (newcomer && nf_ct_tuple_equal(&newcomer->tuple, tuple))
			return newcomer;
	}
	return NULL;
}

/* Does the flow of a packet follow, or is it about to? */
static bool follows(struct sipalg_binding *binding, const struct nf_conn *ct)
{
	struct sipalg_newcomer *newcomer = find_newcomer(binding, ct);

	if (!newcomer)
		return sipalg_binding_follows(binding, ct);
	newcomer->latest = (u32)jiffies;
	return true;
}

static bool is_answered(const struct nf_conn *ct)
{
	return test_bit(IPS_SEEN_REPLY_BIT, &ct->status);
}

/* Return: a new slot; NULL where there are all, or there is no memory. */
static struct nf_conn **add_slots(struct sipalg_binding *binding)
{
	struct nf_conn **flows;

	if (binding->n_slots == SIPALG_BINDING_FLOWS_MAX)
		return NULL;
	flows = sipalg_binding_alloc_extra(binding, SIPALG_BINDING_FLOWS_MAX *
						    sizeof(*flows));
	if (!flows)
		return NULL;
	flows[0] = binding->flow;
	binding->flows = flows;
	binding->n_slots = SIPALG_BINDING_FLOWS_MAX;
	return &flows[1];
}

/* Has one begun a flow whom strangers must not keep out? */
static bool is_awaited(const struct sipalg_binding *binding, bool outward,
		       const union nf_inet_addr *source,
		       const union nf_inet_addr *mapped)
{
	return outward || sipalg_peer_is_named(binding, source) ||
	       sipalg_peer_is_named(binding, mapped);
}

/* Claims to a place, the least first. */
enum claim {
	CLAIM_NONE,
	CLAIM_STRANGER,
	CLAIM_UNREPLIED,
	CLAIM_AWAITED,
	CLAIM_ANSWERED,
	CLAIM_BEING_CONFIRMED,
};

static enum claim claim_of(const struct sipalg_binding *binding,
			   const struct nf_conn *place)
{
	const struct sipalg_newcomer *newcomer = sipalg_newcomer_of(place);

	if (newcomer) {
		if (sipalg_newcomer_is_late(newcomer))
			return CLAIM_NONE;
		return is_awaited(binding, newcomer->outward,
				  &newcomer->tuple.src.u3, &newcomer->mapped) ?
			       CLAIM_AWAITED : CLAIM_STRANGER;
	}
	if (!place || !flow_is_alive(place))
		return CLAIM_NONE;
	if (!nf_ct_is_confirmed(place))
		return CLAIM_BEING_CONFIRMED;
	return is_answered(place) ? CLAIM_ANSWERED : CLAIM_UNREPLIED;
}

/* Of two places with one claim: has the one heard nothing for longer? */
static bool is_staler(const struct nf_conn *place, const struct nf_conn *other)
{
	const struct sipalg_newcomer *newcomer = sipalg_newcomer_of(place);

	if (newcomer)
		return (s32)(newcomer->latest -
			     sipalg_newcomer_of(other)->latest) < 0;
	return nf_ct_expires(place) < nf_ct_expires(other);
}

/*
 * Find a slot for a flow: a free one, or that of a flow which is over or was
 * dropped; else a new one. Else the one with the least claim gives way. So
 * strangers who try the port cannot keep out the far end for long: its next
 * packet makes a new flow. Nor do packets of theirs that a rule drops behind
 * the NAT: they take the places of each other.
 *
 * Where there is no memory for a second flow, a stranger's does not evict that
 * of the far end.
 */
static struct nf_conn **find_slot(struct sipalg_binding *binding,
				  const struct nf_conn *ct)
{
	enum claim claim, least = CLAIM_BEING_CONFIRMED;
	struct nf_conn **slot, **last = NULL;
	unsigned int i;

	lockdep_assert_held(&binding->lock);
	if (binding->dead)
		return NULL;
	for (i = 0; i < binding->n_slots; i++) {
		slot = &sipalg_binding_flows(binding)[i];
		claim = claim_of(binding, *slot);
		if (claim > least || claim == CLAIM_BEING_CONFIRMED)
			continue;
		if (claim < least || (claim && is_staler(*slot, *last)))
			last = slot;
		least = claim;
	}
	slot = least == CLAIM_NONE ? last : add_slots(binding);
	if (slot || !last)
		return slot;
	if (binding->n_slots == 1 && least == CLAIM_ANSWERED &&
	    !sipalg_binding_began_inside(binding, ct))
		return NULL;
	return last;
}

/* The packets of media are counted, whatever nf_conntrack_acct says. */
static void start_counting(const struct sipalg_binding *binding,
			   struct nf_conn *ct)
{
	if (binding->kind != SIPALG_BINDING_SIGNALLING &&
	    !nf_ct_is_confirmed(ct) && !nf_ct_ext_exist(ct, NF_CT_EXT_ACCT))
		nf_ct_ext_add(ct, NF_CT_EXT_ACCT, GFP_ATOMIC);
}

static u8 heard_of(const struct sipalg_binding *binding,
		   const struct nf_conn *ct)
{
	if (!nf_ct_is_confirmed(ct))
		return 0;
	if (test_bit(IPS_SEEN_REPLY_BIT, &ct->status))
		return BIT(SIPALG_SIDE_INSIDE) | BIT(SIPALG_SIDE_OUTSIDE);
	return sipalg_binding_began_inside(binding, ct) ?
		       BIT(SIPALG_SIDE_INSIDE) : BIT(SIPALG_SIDE_OUTSIDE);
}

/*
 * Conntrack keeps no time of a packet, but sets the timeout of the flow anew
 * with each. Where something else sets it, as a flowtable or a rule, the flow
 * counts as having gone on until now.
 */
static u32 last_packet(const struct nf_conn *ct)
{
	const unsigned int *timeouts = nf_udp_pernet(nf_ct_net(ct))->timeouts;
	u32 now = (u32)jiffies, last = READ_ONCE(ct->timeout);

	if (nf_ct_protonum(ct) != IPPROTO_UDP)
		return now;
	last -= timeouts[test_bit(IPS_ASSURED_BIT, &ct->status) ?
				 UDP_CT_REPLIED : UDP_CT_UNREPLIED];
	return (s32)(last - now) > 0 ? now : last;
}

static void count_packets(const struct sipalg_binding *binding,
			  const struct nf_conn *ct,
			  struct sipalg_pinhole_counts *counts)
{
	const struct nf_conn_acct *acct = nf_conn_acct_find(ct);
	bool inward = !sipalg_binding_began_inside(binding, ct);
	unsigned int dir;

	if (!acct)
		return;
	counts->counted = true;
	for (dir = 0; dir < IP_CT_DIR_MAX; dir++) {
		counts->packets[dir ^ inward] +=
			atomic64_read(&acct->counter[dir].packets);
		counts->bytes[dir ^ inward] +=
			atomic64_read(&acct->counter[dir].bytes);
	}
}

static void count_flow(const struct sipalg_binding *binding,
		       const struct nf_conn *ct,
		       struct sipalg_pinhole_counts *counts)
{
	u8 heard = heard_of(binding, ct);

	counts->heard |= heard;
	if (heard && (s32)(last_packet(ct) - counts->last) > 0)
		counts->last = last_packet(ct);
}

/* Keeps what a flow has carried that leaves the binding, if there is memory. */
static void keep_counts(struct sipalg_binding *binding,
			const struct nf_conn *ct)
{
	struct sipalg_pinhole_counts *past = binding->past;

	lockdep_assert_held(&binding->lock);
	if (!heard_of(binding, ct))
		return;
	if (!past) {
		past = sipalg_binding_alloc_extra(binding, sizeof(*past));
		if (!past)
			return;
		past->last = binding->first_flow;
		binding->past = past;
	}
	count_flow(binding, ct, past);
	count_packets(binding, ct, past);
}

static void add_past(const struct sipalg_pinhole_counts *past,
		     struct sipalg_pinhole_counts *counts, bool all)
{
	unsigned int i;

	if (!past)
		return;
	counts->heard |= past->heard;
	if ((s32)(past->last - counts->last) > 0)
		counts->last = past->last;
	if (!all)
		return;
	counts->counted |= past->counted;
	for (i = 0; i < ARRAY_SIZE(counts->packets); i++) {
		counts->packets[i] += past->packets[i];
		counts->bytes[i] += past->bytes[i];
	}
}

/* Return: the flow that was there, or NULL. */
static struct nf_conn *empty_slot(struct sipalg_binding *binding,
				  struct nf_conn **slot)
{
	struct nf_conn *ct = *slot;

	if (sipalg_newcomer_of(ct)) {
		sipalg_binding_give_up(binding, slot);
		return NULL;
	}
	*slot = NULL;
	if (ct)
		keep_counts(binding, ct);
	return ct;
}

/*
 * Return: the flow, referenced, or what stands for it. Without memory it is
 * referred to at once: then no program can hold it back.
 */
static struct nf_conn *hold_flow(struct sipalg_binding *binding,
				 struct nf_conn *ct)
{
	struct sipalg_newcomer *newcomer = NULL;

	if (!nf_ct_is_confirmed(ct))
		newcomer = sipalg_binding_alloc_extra(binding,
						      sizeof(*newcomer));
	if (newcomer) {
		sipalg_newcomer_note(newcomer, ct,
				     sipalg_binding_began_inside(binding, ct));
		return sipalg_newcomer_place(newcomer);
	}
	nf_conntrack_get(&ct->ct_general);
	return ct;
}

/*
 * Return: false where no slot is to be had, or the binding is gone. @gone is
 * set to the flow that has given way, or NULL.
 */
static bool add_flow(struct sipalg_binding *binding, struct nf_conn *ct,
		     struct nf_conn **gone)
{
	struct nf_conn **slot;

	lockdep_assert_held(&binding->lock);
	sipalg_binding_welcome(binding);
	if (follows(binding, ct))
		return true;
	slot = find_slot(binding, ct);
	if (!slot)
		return false;
	*gone = empty_slot(binding, slot);
	*slot = hold_flow(binding, ct);
	if (!binding->first_flow)
		binding->first_flow = (u32)jiffies ?: 1;
	return true;
}

/**
 * sipalg_pinhole_follow() - tie the life of a flow to that of a binding
 * @binding: the binding
 * @ct: the flow, new or not
 *
 * Context: softirq or process, RCU read side; takes the binding's lock.
 * Return: false where no slot is to be had, or the binding is gone.
 */
bool sipalg_pinhole_follow(struct sipalg_binding *binding, struct nf_conn *ct)
{
	struct nf_conn *gone = NULL;
	bool added;

	start_counting(binding, ct);
	spin_lock_bh(&binding->lock);
	added = add_flow(binding, ct, &gone);
	spin_unlock_bh(&binding->lock);
	sipalg_binding_end_flows(&gone, 1);
	return added;
}

/**
 * sipalg_pinhole_lead_in() - a new flow from outside begins its way inwards
 * @binding: found under RCU
 *
 * Programs in the firewall may hold its packet back, and the kernel hands a
 * packet to them only if nobody else refers to its new flow. So the flow
 * follows the binding where its way ends. Most flows that do not come there
 * were dropped by a rule.
 *
 * Context: softirq or process, RCU read side; takes the binding's lock.
 * Return: false where the binding is gone.
 */
bool sipalg_pinhole_lead_in(struct sipalg_binding *binding)
{
	bool dead;

	spin_lock_bh(&binding->lock);
	dead = binding->dead;
	if (!binding->led_in)
		binding->led_in_since = (u32)jiffies;
	if (binding->led_in < U8_MAX)
		binding->led_in++;
	spin_unlock_bh(&binding->lock);
	return !dead;
}

/**
 * sipalg_pinhole_arrive() - a flow that was led in comes to the end of its way
 * @binding: the binding that it was sent to, found under RCU
 * @ct: the flow, if it is to follow the binding from now on; else NULL
 *
 * Context: softirq or process, RCU read side; takes the binding's lock.
 * Return: whether it follows.
 */
bool sipalg_pinhole_arrive(struct sipalg_binding *binding, struct nf_conn *ct)
{
	struct nf_conn *gone = NULL;
	bool added;

	if (ct)
		start_counting(binding, ct);
	spin_lock_bh(&binding->lock);
	if (binding->led_in)
		binding->led_in--;
	added = ct && add_flow(binding, ct, &gone);
	spin_unlock_bh(&binding->lock);
	sipalg_binding_end_flows(&gone, 1);
	return added;
}

/* Has the inside host begun or answered a flow? */
static bool is_used_inside(const struct sipalg_binding *binding,
			   const struct nf_conn *ct)
{
	return test_bit(IPS_SEEN_REPLY_BIT, &ct->status) ||
	       sipalg_binding_began_inside(binding, ct);
}

/* Return: false where nobody counts the packets of the inside host. */
static bool count_sent(const struct sipalg_binding *binding,
		       const struct nf_conn *ct, u32 *sent)
{
	const struct nf_conn_acct *acct = nf_conn_acct_find(ct);
	bool inward = !sipalg_binding_began_inside(binding, ct);

	/* A flowtable may carry the packets without counting them. */
	if (!acct || test_bit(IPS_OFFLOAD_BIT, &ct->status))
		return !is_used_inside(binding, ct);
	*sent += atomic64_read(&acct->counter[inward].packets);
	return true;
}

/**
 * sipalg_pinhole_count_sent() - count what the inside host sends to a binding
 * @binding: the binding
 * @sent: packets of all flows that follow it now are added
 *
 * Anybody outside can keep up a flow, so that only the packets of the inside
 * host tell whether it uses the binding.
 *
 * Context: RCU read side; takes the binding's lock.
 * Return: false where the host uses a flow whose packets nobody counts.
 */
bool sipalg_pinhole_count_sent(struct sipalg_binding *binding, u32 *sent)
{
	bool counted = true;
	unsigned int i;

	spin_lock_bh(&binding->lock);
	sipalg_binding_welcome(binding);
	for (i = 0; i < binding->n_slots && !binding->dead; i++) {
		const struct nf_conn *ct = sipalg_binding_flow(binding, i);

		if (ct && flow_is_alive(ct))
			counted &= count_sent(binding, ct, sent);
	}
	spin_unlock_bh(&binding->lock);
	return counted;
}

static void count_flows(struct sipalg_binding *binding,
			struct sipalg_pinhole_counts *counts, bool all)
{
	unsigned int i;
	bool alive;

	memset(counts, 0, sizeof(*counts));
	spin_lock_bh(&binding->lock);
	sipalg_binding_welcome(binding);
	counts->first = binding->first_flow;
	counts->last = counts->first;
	add_past(binding->past, counts, all);
	for (i = 0; i < binding->n_slots && !binding->dead; i++) {
		const struct nf_conn *ct = sipalg_binding_flow(binding, i);

		if (!ct)
			continue;
		alive = flow_is_alive(ct);
		count_flow(binding, ct, counts);
		counts->flows += alive;
		if (alive || all)
			count_packets(binding, ct, counts);
	}
	spin_unlock_bh(&binding->lock);
}

/**
 * sipalg_pinhole_count() - add up the traffic of the flows of a binding
 * @binding: the binding
 * @counts: filled in; its packets are those of the flows that there are now
 *
 * Context: RCU read side; takes the binding's lock.
 */
void sipalg_pinhole_count(struct sipalg_binding *binding,
			  struct sipalg_pinhole_counts *counts)
{
	count_flows(binding, counts, false);
}

/**
 * sipalg_pinhole_count_all() - the same with the flows that are over
 * @binding: held by the caller
 * @counts: filled in
 *
 * Context: any but hard interrupt; takes the binding's lock.
 */
void sipalg_pinhole_count_all(struct sipalg_binding *binding,
			      struct sipalg_pinhole_counts *counts)
{
	count_flows(binding, counts, true);
}

/* May a host go on that has begun a flow? @mapped is how the inside sees it. */
static bool may_go_on(const struct sipalg_binding *binding,
		      const union nf_inet_addr *source,
		      const union nf_inet_addr *mapped)
{
	return nf_inet_addr_cmp(source, &binding->inside.addr) ||
	       sipalg_peer_is_known(binding, source) ||
	       sipalg_peer_is_known(binding, mapped);
}

static void enforce_peers(struct sipalg_binding *binding,
			  struct nf_conn **place)
{
	const struct sipalg_newcomer *newcomer = sipalg_newcomer_of(*place);
	struct nf_conn *ct = *place;

	if (newcomer) {
		if (!may_go_on(binding, &newcomer->tuple.src.u3,
			       &newcomer->mapped))
			sipalg_binding_give_up(binding, place);
	} else if (ct && nf_ct_is_confirmed(ct)) {
		if (!may_go_on(binding, &ct->tuplehash[IP_CT_DIR_ORIGINAL]
						 .tuple.src.u3,
			       &ct->tuplehash[IP_CT_DIR_REPLY].tuple.dst.u3))
			nf_ct_kill(ct);
	}
}

/**
 * sipalg_pinhole_flows_enforce_peers() - end flows from others than the peers
 * @binding: held by the caller
 *
 * Context: any but hard interrupt; takes the binding's lock.
 */
void sipalg_pinhole_flows_enforce_peers(struct sipalg_binding *binding)
{
	unsigned int i;

	spin_lock_bh(&binding->lock);
	sipalg_binding_welcome(binding);
	for (i = 0; i < binding->n_slots && binding->peers; i++)
		enforce_peers(binding, &sipalg_binding_flows(binding)[i]);
	spin_unlock_bh(&binding->lock);
}

static bool master_is_over(const struct nf_conn *ct)
{
	return nf_ct_is_dying(ct) ||
	       (nf_ct_is_confirmed(ct) && nf_ct_is_expired(ct));
}

/**
 * sipalg_pinhole_reap() - give back to conntrack what is over
 * @sn: the namespace
 * @binding: found under RCU
 *
 * A reference keeps an entry of conntrack's table taken. So flows do not wait
 * for the end of the binding; what they have carried is kept.
 *
 * Context: any but hard interrupt, RCU read side; takes the binding's lock.
 */
void sipalg_pinhole_reap(struct sipalg_net *sn, struct sipalg_binding *binding)
{
	struct nf_conn *stand_in = sn->bindings.stand_in;
	struct nf_conn *gone[SIPALG_BINDING_FLOWS_MAX], *master = NULL;
	unsigned int i, lost, n = 0;

	spin_lock_bh(&binding->lock);
	sipalg_binding_welcome(binding);
	lost = sipalg_binding_take_lost(binding);
	for (i = 0; i < binding->n_slots && !binding->dead; i++) {
		struct nf_conn *ct = sipalg_binding_flow(binding, i);

		if (!ct || flow_is_alive(ct))
			continue;
		keep_counts(binding, ct);
		sipalg_binding_flows(binding)[i] = NULL;
		gone[n++] = ct;
	}
	if (!nf_ct_is_template(binding->master) &&
	    master_is_over(binding->master)) {
		master = binding->master;
		nf_conntrack_get(&stand_in->ct_general);
		WRITE_ONCE(binding->master, stand_in);
	}
	spin_unlock_bh(&binding->lock);
	if (lost)
		sipalg_stats_add(sn, SIPALG_STAT_FLOWS_DROPPED_IN, lost);
	sipalg_binding_end_flows(gone, n);
	if (master)
		nf_ct_put(master);
}

/* Was the signalling flow of a binding translated to its outside address? */
static bool is_at_outside(const struct nf_conn *ct,
			  const struct sipalg_binding *binding)
{
	unsigned int dir;

	for (dir = 0; dir < IP_CT_DIR_MAX; dir++)
		if (nf_inet_addr_cmp(&ct->tuplehash[dir].tuple.dst.u3,
				     sipalg_binding_outside_addr(binding)))
			return true;
	return false;
}

/**
 * sipalg_pinhole_kill_flows() - end the flows of a binding that is suspended
 * @binding: held by the caller
 *
 * Its signalling flow ends where its outside address is lost: the next message
 * makes a new flow with an address that the router still has.
 *
 * Context: any but hard interrupt; takes the binding's lock.
 */
void sipalg_pinhole_kill_flows(struct sipalg_binding *binding)
{
	struct nf_conn *master = sipalg_binding_get_master(binding);
	unsigned int i;

	spin_lock_bh(&binding->lock);
	sipalg_binding_welcome(binding);
	for (i = 0; i < binding->n_slots && !binding->dead; i++) {
		struct nf_conn *ct = sipalg_binding_flow(binding, i);

		if (ct && nf_ct_is_confirmed(ct))
			nf_ct_kill(ct);
	}
	sipalg_binding_give_up_all(binding);
	spin_unlock_bh(&binding->lock);
	if (sipalg_outside_is_lost(binding->address) &&
	    is_at_outside(master, binding) && nf_ct_is_confirmed(master))
		nf_ct_kill(master);
	nf_ct_put(master);
}
