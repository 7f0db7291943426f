// SPDX-License-Identifier: GPL-2.0
/*
 * The hooks look at the first packet of a flow only. A flow whose binding
 * cannot take it, or whose translation is taken, is left to the rules.
 */

#include <net/netfilter/nf_conntrack_core.h>
#include <net/netfilter/nf_conntrack_zones.h>
#include <net/netfilter/nf_nat.h>

#include "main.h"
#include "hook/nat.h"

/* An end of a new flow, as its first packet shows it. */
static struct sipalg_end end_of(const struct nf_conn *ct,
				const union nf_inet_addr *addr, __be16 port)
{
	return (struct sipalg_end) {
		.addr = *addr,
		.port = port,
		.zone = nf_ct_zone_id(nf_ct_zone(ct), IP_CT_DIR_ORIGINAL),
		.family = nf_ct_l3num(ct),
		.proto = nf_ct_protonum(ct),
	};
}

static struct sipalg_end source_of(const struct nf_conn *ct)
{
	const struct nf_conntrack_tuple *tuple =
		&ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;

	return end_of(ct, &tuple->src.u3, tuple->src.u.all);
}

static struct sipalg_end target_of(const struct nf_conn *ct)
{
	const struct nf_conntrack_tuple *tuple =
		&ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;

	return end_of(ct, &tuple->dst.u3, tuple->dst.u.all);
}

/**
 * sipalg_nat_signalling() - the signalling binding that a new flow came in by
 * @sn: the namespace
 * @ct: the flow
 *
 * Context: RCU read side, which also bounds the life of what is returned.
 * Return: the binding, or NULL.
 */
const struct sipalg_binding *sipalg_nat_signalling(struct sipalg_net *sn,
						   const struct nf_conn *ct)
{
	const struct sipalg_binding *binding;
	struct sipalg_end target;

	if (!ct->master)
		return NULL;
	target = target_of(ct);
	binding = sipalg_binding_by_outside(sn, &target);
	return binding && binding->kind == SIPALG_BINDING_SIGNALLING ? binding :
								       NULL;
}

static bool takes_any(const struct sipalg_net *sn,
		      const struct sipalg_binding *binding)
{
	if (binding->kind == SIPALG_BINDING_SIGNALLING)
		return READ_ONCE(binding->registered) &&
		       sipalg_setting(sn, REGISTRATION_SOURCE) ==
			       SIPALG_REGISTRATION_ANY;
	return !READ_ONCE(binding->peers) ||
	       sipalg_setting(sn, MEDIA_SOURCE) == SIPALG_MEDIA_ANY;
}

/*
 * Another inside host is known to this one's peers by its outside address
 * (hairpin).
 */
static bool serves_inside(struct sipalg_net *sn,
			  const struct sipalg_binding *binding,
			  const struct nf_conn *ct)
{
	const struct sipalg_binding *sender;
	struct rhlist_head *list, *pos;
	struct sipalg_end source;

	lockdep_assert_held(&binding->lock);
	source = source_of(ct);
	list = sipalg_binding_all_by_inside(sn, &source);
	rhl_for_each_entry_rcu(sender, pos, list, by_inside)
		if (sipalg_binding_has_peer(binding, &sender->outside.addr))
			return true;
	return false;
}

static bool serves(struct sipalg_net *sn, struct sipalg_binding *binding,
		   const struct nf_conn *ct)
{
	bool found;

	if (takes_any(sn, binding))
		return true;
	spin_lock_bh(&binding->lock);
	found = sipalg_binding_has_peer(
			binding,
			&ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple.src.u3) ||
		serves_inside(sn, binding, ct);
	spin_unlock_bh(&binding->lock);
	return found;
}

/*
 * Makes the flow a child of the signalling one, so that it counts as RELATED.
 */
static void relate(const struct sipalg_binding *binding, struct sk_buff *skb,
		   struct nf_conn *ct)
{
	if (ct->master)
		return;
	nf_conntrack_get(&binding->master->ct_general);
	ct->master = binding->master;
	__set_bit(IPS_EXPECTED_BIT, &ct->status);
#if IS_ENABLED(CONFIG_NF_CONNTRACK_MARK)
	if (!ct->mark)
		ct->mark = READ_ONCE(binding->master->mark);
#endif
	nf_ct_set(skb, ct, IP_CT_RELATED);
}

static bool is_identity(const struct sipalg_binding *binding)
{
	return binding->inside.port == binding->outside.port &&
	       nf_inet_addr_cmp(&binding->inside.addr, &binding->outside.addr);
}

/*
 * NAT gives a single port even if another flow has that very tuple; confirming
 * would drop.
 */
static bool is_taken(const struct nf_conn *ct, const struct sipalg_end *to,
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

/* The flow ends with the binding from now on, and counts as RELATED. */
static bool adopt(struct sipalg_net *sn, struct sipalg_binding *binding,
		  struct sk_buff *skb, struct nf_conn *ct)
{
	if (!sipalg_binding_follow(binding, ct)) {
		sipalg_stats_inc(sn, SIPALG_STAT_FLOWS_DENIED);
		return false;
	}
	relate(binding, skb, ct);
	sipalg_stats_inc(sn, SIPALG_STAT_FLOWS);
	return true;
}

static unsigned int translate(const struct sipalg_binding *binding,
			      struct nf_conn *ct, enum nf_nat_manip_type manip)
{
	const struct sipalg_end *to = manip == NF_NAT_MANIP_SRC ?
					      &binding->outside :
					      &binding->inside;
	struct nf_nat_range2 range = {
		.flags = NF_NAT_RANGE_MAP_IPS | NF_NAT_RANGE_PROTO_SPECIFIED,
		.min_addr = to->addr,
		.max_addr = to->addr,
		.min_proto.all = to->port,
		.max_proto.all = to->port,
	};

	return is_identity(binding) ? NF_ACCEPT :
				      nf_nat_setup_info(ct, &range, manip);
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

/**
 * sipalg_nat_dnat() - NAT hook before the rules of PREROUTING and OUTPUT
 * @priv: unused
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
	struct sipalg_net *sn = sipalg_pernet(state->net);
	struct nf_conn *ct = new_flow(skb);
	struct sipalg_binding *binding;
	struct sipalg_end end;

	if (!ct || ct->master)
		return NF_ACCEPT;
	end = target_of(ct);
	binding = sipalg_binding_by_outside(sn, &end);
	if (!binding)
		return NF_ACCEPT;
	if (!serves(sn, binding, ct) ||
	    is_taken(ct, &binding->inside, NF_NAT_MANIP_DST)) {
		sipalg_stats_inc(sn, SIPALG_STAT_FLOWS_DENIED);
		return NF_ACCEPT;
	}
	if (!adopt(sn, binding, skb, ct))
		return NF_ACCEPT;
	return translate(binding, ct, NF_NAT_MANIP_DST);
}

static bool knows(struct sipalg_binding *binding,
		  const union nf_inet_addr *addr)
{
	bool found;

	spin_lock_bh(&binding->lock);
	found = sipalg_binding_has_peer(binding, addr);
	spin_unlock_bh(&binding->lock);
	return found;
}

/*
 * An inside end is mapped on its way out, and where it goes to the outside end
 * of another binding (hairpin), but not on its way to other inside networks. Of
 * several outside ends it gets the one that who it goes to was told of.
 */
static struct sipalg_binding *leaves_by(struct sipalg_net *sn,
					const struct nf_conn *ct,
					const struct net_device *out)
{
	struct sipalg_binding *binding, *found = NULL, *best = NULL;
	struct rhlist_head *list, *pos;
	struct sipalg_end source, target;

	source = source_of(ct);
	target = target_of(ct);
	list = sipalg_binding_all_by_inside(sn, &source);
	rhl_for_each_entry_rcu(binding, pos, list, by_inside) {
		found = binding;
		if (binding->ifindex == out->ifindex &&
		    (!best || knows(binding, &target.addr)))
			best = binding;
	}
	if (best)
		return best;
	if (!found || !ct->master || !(ct->status & IPS_DST_NAT))
		return NULL;
	return sipalg_binding_by_outside(sn, &target) ? found : NULL;
}

/**
 * sipalg_nat_snat() - NAT hook before the rules of POSTROUTING
 * @priv: unused
 * @skb: first packet of a flow
 * @state: where it is
 *
 * A new flow from A:p comes from E:q. Firewall rules have seen it as new
 * already, so that being a child gives it nothing that they did not. What goes
 * into a tunnel of IPsec would leave it with another source.
 *
 * Context: softirq or process, RCU read side.
 * Return: a netfilter verdict; NF_ACCEPT without a NAT set up leaves it to the
 * rules.
 */
unsigned int sipalg_nat_snat(void *priv, struct sk_buff *skb,
			     const struct nf_hook_state *state)
{
	struct sipalg_net *sn = sipalg_pernet(state->net);
	struct nf_conn *ct = new_flow(skb);
	struct sipalg_binding *binding;

	if (!ct || (skb_dst(skb) && dst_xfrm(skb_dst(skb))))
		return NF_ACCEPT;
	binding = leaves_by(sn, ct, state->out);
	if (!binding || is_taken(ct, &binding->outside, NF_NAT_MANIP_SRC))
		return NF_ACCEPT;
	if (binding->kind != SIPALG_BINDING_SIGNALLING &&
	    !adopt(sn, binding, skb, ct))
		return NF_ACCEPT;
	return translate(binding, ct, NF_NAT_MANIP_SRC);
}
