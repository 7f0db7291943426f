// SPDX-License-Identifier: GPL-2.0
/*
 * The hooks look at the first packet of a flow only. A flow that its binding
 * cannot take, or whose translated tuple another flow has, is left to the
 * rules. But one that was led in and finds its binding closed is dropped.
 */

#include <net/dst.h>
#include <net/netfilter/nf_conntrack_core.h>
#include <net/netfilter/nf_conntrack_zones.h>
#include <net/netfilter/nf_nat.h>

#include "hook/nat.h"
#include "hook/source.h"
#include "session/flow.h"
#include "state/settings.h"
#include "state/stats.h"
#include "table/mapping.h"
#include "table/outside.h"
#include "table/peer.h"
#include "table/pinhole.h"

/* May flows begin to use a binding, in either direction? */
static bool is_open(const struct sipalg_binding *binding)
{
	return atomic_read(&binding->open) &&
	       !sipalg_outside_is_lost(binding->address);
}

static bool is_identity(const struct sipalg_binding *binding)
{
	return binding->inside.port == binding->outside_port &&
	       !binding->address;
}

/* Does a flow go to the inside end of a binding? */
static bool leads_to(const struct nf_conn *ct,
		     const struct sipalg_binding *binding)
{
	const struct nf_conntrack_tuple *reply =
		&ct->tuplehash[IP_CT_DIR_REPLY].tuple;

	return reply->src.u.all == binding->inside.port &&
	       nf_inet_addr_cmp(&reply->src.u3, &binding->inside.addr);
}

/* Is it a flow of ours that a new flow is related to? */
static bool is_master(const struct nf_conn *ct)
{
	return nf_ct_is_template(ct) || sipalg_has_helper(ct);
}

/**
 * sipalg_nat_arrive() - a new flow that is related comes to the end of its way
 * @sn: the namespace
 * @ct: the flow; it follows the binding that has led it in
 * @entrance: set to that binding; NULL where none has
 *
 * Without NAT the rules may have led it elsewhere. Then it is their matter.
 *
 * Context: softirq or process, RCU read side, which also bounds the life of
 * @entrance.
 * Return: false where its binding has closed, or has no slot for it.
 */
bool sipalg_nat_arrive(struct sipalg_net *sn, struct nf_conn *ct,
		       const struct sipalg_binding **entrance)
{
	struct sipalg_binding *binding = sipalg_binding_find_entrance(sn, ct);
	bool has_led_in = binding && leads_to(ct, binding);
	bool follows = has_led_in && is_open(binding);

	*entrance = NULL;
	if (binding &&
	    sipalg_pinhole_arrive(binding, follows ? ct : NULL)) {
		*entrance = binding;
		return true;
	}
	if (!has_led_in && (!is_master(ct->master) ||
			    (binding && is_identity(binding))))
		return true;
	sipalg_stats_inc(sn, SIPALG_STAT_FLOWS_DENIED);
	return false;
}

static bool takes_anybody(const struct sipalg_net *sn,
			  const struct sipalg_binding *binding)
{
	if (binding->kind == SIPALG_BINDING_SIGNALLING)
		return atomic_read(&binding->registered) &&
		       sipalg_setting(sn, REGISTRATION_SOURCE) ==
			       SIPALG_REGISTRATION_ANY;
	return !READ_ONCE(binding->peers) ||
	       sipalg_setting(sn, MEDIA_SOURCE) == SIPALG_MEDIA_ANY;
}

/* The provider's networks may call a registered phone. */
static bool takes_network(const struct sipalg_net *sn,
			  const struct sipalg_binding *binding,
			  const struct nf_conn *ct)
{
	return binding->kind == SIPALG_BINDING_SIGNALLING &&
	       atomic_read(&binding->registered) &&
	       sipalg_settings_has_source(&sn->settings, nf_ct_l3num(ct),
					  &ct->tuplehash[IP_CT_DIR_ORIGINAL]
						   .tuple.src.u3);
}

/* A peer may be another inside host, named by its outside address (hairpin). */
static bool serves_inside_host(struct sipalg_net *sn,
			       const struct sipalg_binding *binding,
			       const struct nf_conn *ct)
{
	const struct sipalg_binding *sender;
	struct rhlist_head *list, *pos;
	struct sipalg_endpoint source;

	lockdep_assert_held(&binding->lock);
	source = sipalg_endpoint_source(ct);
	list = sipalg_binding_all_by_inside(sn, &source);
	rhl_for_each_entry_rcu(sender, pos, list, by_inside)
		if (sipalg_peer_is_known(binding,
					 sipalg_binding_outside_addr(sender)))
			return true;
	return false;
}

static bool serves_flow(struct sipalg_net *sn, struct sipalg_binding *binding,
			const struct nf_conn *ct)
{
	bool found;

	if (!is_open(binding))
		return false;
	if (takes_anybody(sn, binding) || takes_network(sn, binding, ct))
		return true;
	spin_lock_bh(&binding->lock);
	found = sipalg_peer_is_known(binding,
				     &ct->tuplehash[IP_CT_DIR_ORIGINAL]
					      .tuple.src.u3) ||
		serves_inside_host(sn, binding, ct);
	spin_unlock_bh(&binding->lock);
	return found;
}

/*
 * Makes the flow a child of the signalling one, so that it counts as RELATED.
 */
static void make_related(struct sipalg_binding *binding, struct sk_buff *skb,
			 struct nf_conn *ct)
{
	if (ct->master)
		return;
	ct->master = sipalg_binding_get_master(binding);
	__set_bit(IPS_EXPECTED_BIT, &ct->status);
#if IS_ENABLED(CONFIG_NF_CONNTRACK_MARK)
	if (!ct->mark)
		ct->mark = READ_ONCE(ct->master->mark);
#endif
	nf_ct_set(skb, ct, IP_CT_RELATED);
}

/*
 * The NAT core takes the only port of a range even where another flow has the
 * tuple. The packet would be dropped when its flow is confirmed.
 */
static bool is_tuple_taken(const struct nf_conn *ct,
			   const struct sipalg_endpoint *to,
			   enum nf_nat_manip_type manip)
{
	struct nf_conntrack_tuple tuple, reply;

	nf_ct_invert_tuple(&tuple, &ct->tuplehash[IP_CT_DIR_REPLY].tuple);
	if (manip == NF_NAT_MANIP_SRC) {
		tuple.src.u3 = to->addr;
		tuple.src.u.all = to->port;
	} else {
		tuple.dst.u3 = to->addr;
		tuple.dst.u.all = to->port;
	}
	nf_ct_invert_tuple(&reply, &tuple);
	return nf_conntrack_tuple_taken(&reply, ct);
}

/*
 * The inside end may have sent to this far end before it had the binding. Then
 * that flow is in the way of the one that the far end was promised.
 */
static bool may_lead_in(struct sipalg_net *sn, struct sipalg_binding *binding,
			const struct nf_conn *ct)
{
	struct sipalg_endpoint source;

	if (!is_tuple_taken(ct, &binding->inside, NF_NAT_MANIP_DST))
		return true;
	source = sipalg_endpoint_source(ct);
	sipalg_mapping_replace(sn, binding, &source);
	return !is_tuple_taken(ct, &binding->inside, NF_NAT_MANIP_DST);
}

static unsigned int translate_end(struct nf_conn *ct,
				  const struct sipalg_endpoint *to,
				  enum nf_nat_manip_type manip)
{
	struct nf_nat_range2 range = {
		.flags = NF_NAT_RANGE_MAP_IPS | NF_NAT_RANGE_PROTO_SPECIFIED,
		.min_addr = to->addr,
		.max_addr = to->addr,
		.min_proto.all = to->port,
		.max_proto.all = to->port,
	};

	return nf_nat_setup_info(ct, &range, manip);
}

static unsigned int translate_flow(const struct sipalg_binding *binding,
				   struct nf_conn *ct,
				   enum nf_nat_manip_type manip)
{
	struct sipalg_endpoint to;

	if (is_identity(binding))
		return NF_ACCEPT;
	to = manip == NF_NAT_MANIP_SRC ? sipalg_binding_outside(binding) :
					 binding->inside;
	return translate_end(ct, &to, manip);
}

static struct nf_conn *new_flow(const struct sk_buff *skb)
{
	enum ip_conntrack_info ctinfo;
	struct nf_conn *ct = nf_ct_get(skb, &ctinfo);

	if (!ct || nf_ct_is_confirmed(ct) ||
	    (nf_ct_protonum(ct) != IPPROTO_UDP &&
	     nf_ct_protonum(ct) != IPPROTO_TCP))
		return NULL;
	if (ctinfo == IP_CT_NEW || (ctinfo == IP_CT_RELATED && ct->master))
		return ct;
	return NULL;
}

/* Not inline: most flows are none of ours. */
static noinline unsigned int lead_in(struct sipalg_net *sn, struct sk_buff *skb)
{
	struct nf_conn *ct = new_flow(skb);
	struct sipalg_endpoint source, target;
	struct sipalg_binding *binding;

	if (!ct || ct->master)
		return NF_ACCEPT;
	target = sipalg_endpoint_target(ct);
	binding = sipalg_binding_by_outside(sn, &target);
	if (!binding)
		return NF_ACCEPT;
	if (!serves_flow(sn, binding, ct) || !may_lead_in(sn, binding, ct) ||
	    !sipalg_pinhole_lead_in(binding)) {
		sipalg_stats_inc(sn, SIPALG_STAT_FLOWS_DENIED);
		return NF_ACCEPT;
	}
	make_related(binding, skb, ct);
	sipalg_stats_inc(sn, SIPALG_STAT_FLOWS);
	source = sipalg_endpoint_source(ct);
	if (binding->kind != SIPALG_BINDING_SIGNALLING)
		sipalg_peer_see(binding, &source.addr);
	return translate_flow(binding, ct, NF_NAT_MANIP_DST);
}

/**
 * sipalg_nat_dnat() - NAT hook before the rules of PREROUTING and OUTPUT
 * @priv: struct sipalg_net of the namespace
 * @skb: first packet of a flow
 * @state: where it is
 *
 * A new flow to E:q goes to A:p.
 *
 * Context: softirq or process, RCU read side.
 * Return: a netfilter verdict; NF_ACCEPT without a NAT set up leaves it to the
 * rules.
 */
unsigned int sipalg_nat_dnat(void *priv, struct sk_buff *skb,
			     const struct nf_hook_state *state)
{
	const struct nf_conn *ct = (void *)skb_nfct(skb);
	struct sipalg_net *sn = priv;

	if (!ct ||
	    !sipalg_binding_may_have(sn, ct->tuplehash[IP_CT_DIR_ORIGINAL]
						 .tuple.dst.u.all))
		return NF_ACCEPT;
	return lead_in(sn, skb);
}

/*
 * The rules decide about what goes to others than the call or the registration
 * names: they may exempt some networks from NAT. As long as a call does not say
 * where its media goes, that may be anywhere.
 */
static bool may_lead_out(struct sipalg_binding *binding,
			 const union nf_inet_addr *addr)
{
	bool found;

	spin_lock_bh(&binding->lock);
	found = sipalg_peer_is_known(binding, addr) ||
		(!binding->peers && binding->kind != SIPALG_BINDING_SIGNALLING);
	spin_unlock_bh(&binding->lock);
	return found;
}

/*
 * An inside endpoint is mapped on its way out of the device of its binding, and
 * on its way to the outside endpoint of another binding (hairpin), but not on
 * its way to other inside networks. If A:p has several bindings, use the one
 * signalled to this destination.
 */
static struct sipalg_binding *find_leaving(struct sipalg_net *sn,
					   const struct nf_conn *ct,
					   const struct net_device *out)
{
	struct sipalg_binding *binding, *found = NULL;
	struct rhlist_head *list, *pos;
	struct sipalg_endpoint source, target;

	source = sipalg_endpoint_source(ct);
	target = sipalg_endpoint_target(ct);
	list = sipalg_binding_all_by_inside(sn, &source);
	rhl_for_each_entry_rcu(binding, pos, list, by_inside) {
		if (!is_open(binding))
			continue;
		found = binding;
		if (sipalg_binding_leaves_by(binding, out->ifindex) &&
		    may_lead_out(binding, &target.addr))
			return binding;
	}
	if (!found || !ct->master || !(ct->status & IPS_DST_NAT))
		return NULL;
	return sipalg_binding_by_outside(sn, &target) ? found : NULL;
}

/* The flow ends with the binding from now on, and counts as RELATED. */
static bool adopt_flow(struct sipalg_net *sn, struct sipalg_binding *binding,
		       struct sk_buff *skb, struct nf_conn *ct)
{
	if (!sipalg_pinhole_follow(binding, ct)) {
		sipalg_stats_inc(sn, SIPALG_STAT_FLOWS_DENIED);
		return false;
	}
	make_related(binding, skb, ct);
	sipalg_stats_inc(sn, SIPALG_STAT_FLOWS);
	return true;
}

static noinline unsigned int follow_binding(struct sipalg_net *sn,
					    struct sipalg_binding *binding,
					    struct sk_buff *skb,
					    struct nf_conn *ct,
					    const struct net_device *out)
{
	const struct sipalg_endpoint outside = sipalg_binding_outside(binding);

	if (is_tuple_taken(ct, &outside, NF_NAT_MANIP_SRC))
		return NF_ACCEPT;
	if (binding->kind != SIPALG_BINDING_SIGNALLING &&
	    !adopt_flow(sn, binding, skb, ct))
		return NF_ACCEPT;
	if (binding->masquerade)
		sipalg_source_set_device(ct, out);
	return translate_flow(binding, ct, NF_NAT_MANIP_SRC);
}

/**
 * sipalg_nat_snat() - a new flow leaves, before the rules of POSTROUTING
 * @sn: the namespace
 * @skb: its first packet
 * @state: where the packet is
 *
 * A new flow from A:p comes from E:q. Firewall rules have already let it pass
 * as new, so that being a child gives it no rights. A packet that goes into an
 * IPsec tunnel keeps its source.
 *
 * Context: softirq or process, RCU read side.
 * Return: a netfilter verdict; NF_ACCEPT without a NAT set up leaves it to the
 * rules.
 */
unsigned int sipalg_nat_snat(struct sipalg_net *sn, struct sk_buff *skb,
			     const struct nf_hook_state *state)
{
	struct nf_conn *ct = new_flow(skb);
	struct sipalg_binding *binding = NULL;
	struct sipalg_endpoint outside;

	if (!ct || (skb_dst(skb) && dst_xfrm(skb_dst(skb))))
		return NF_ACCEPT;
	if (sipalg_binding_may_have(sn, ct->tuplehash[IP_CT_DIR_ORIGINAL]
						.tuple.src.u.all))
		binding = find_leaving(sn, ct, state->out);
	if (binding)
		return follow_binding(sn, binding, skb, ct, state->out);
	if (sipalg_source_matters(ct) &&
	    sipalg_source_choose(skb, ct, state, &outside))
		return translate_end(ct, &outside, NF_NAT_MANIP_SRC);
	return NF_ACCEPT;
}
