// SPDX-License-Identifier: GPL-2.0
/*
 * The NAT core gives two phones one outside port where their far ends differ.
 * But whoever registers or calls promises its port to all the world. So a flow
 * of signalling gets a port that is free for any far end, before the rules give
 * it one that is not.
 */

#include <linux/netfilter_ipv4.h>
#include <net/netfilter/nf_conntrack_helper.h>
#include <net/netfilter/nf_conntrack_zones.h>
#include <net/netfilter/nf_nat.h>

#include "hook/source.h"
#include "session/flow.h"
#include "state/route.h"
#include "state/ruleset.h"
#include "state/settings.h"
#include "table/port.h"
#include "table/probe.h"
#include "table/seen.h"

/**
 * struct choice - what the rules would do with a flow
 * @outside: E:q
 * @masquerade: they masquerade
 */
struct choice {
	struct sipalg_endpoint outside;
	bool masquerade;
};

/**
 * sipalg_source_set_device() - end a flow when its route changes
 * @ct: the flow, not confirmed yet
 * @out: the device that it leaves by now
 *
 * As masquerading does.
 *
 * Context: softirq or process.
 */
void sipalg_source_set_device(struct nf_conn *ct, const struct net_device *out)
{
#if IS_ENABLED(CONFIG_NF_NAT_MASQUERADE)
	struct nf_conn_nat *nat = nf_ct_nat_ext_add(ct);

	if (nat)
		nat->masq_index = out->ifindex;
#endif
}

/* Did a firewall rule give it the helper? */
static bool is_helped_by_rule(const struct nf_conn *ct)
{
	const struct sipalg_flow *flow;

	if (!sipalg_has_helper(ct))
		return false;
	flow = nfct_help_data(ct);
	return !flow->automatic;
}

/* Is it a flow of signalling, in a scope that is on? */
static bool is_signalling(const struct sipalg_net *sn,
			  const struct sk_buff *skb, const struct nf_conn *ct,
			  const struct nf_hook_state *state, __be16 port)
{
	if (is_helped_by_rule(ct))
		return true;
	return sipalg_settings_has_port(&sn->settings, port, port) &&
	       sipalg_ruleset_mode(sn, nf_ct_zone(ct)->id,
				   sipalg_in_device(skb),
				   state->out->ifindex) == SIPALG_MODE_ON;
}

/* A flow like @ct, with all that rules may look at. */
static struct nf_conn *alloc_probe(struct net *net, struct nf_conn *ct)
{
	struct nf_conn *probe =
		sipalg_probe_flow(net, ct,
				  &ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple,
				  &ct->tuplehash[IP_CT_DIR_REPLY].tuple,
				  nf_ct_zone(ct));

	if (!probe)
		return NULL;
	probe->status |= ct->status & (IPS_DST_NAT | IPS_DST_NAT_DONE);
#if IS_ENABLED(CONFIG_NF_CONNTRACK_MARK)
	probe->mark = READ_ONCE(ct->mark);
#endif
	return probe;
}

/* Return: false where they leave the source as it is, or drop the packet. */
static bool ask_rules(struct sk_buff *skb, struct nf_conn *ct,
		      const struct nf_hook_state *state,
		      const struct sipalg_endpoint *inside,
		      struct choice *choice)
{
	const struct nf_conntrack_tuple *reply;
	struct sk_buff *copy;
	struct nf_conn *probe;
	bool asked;

	copy = skb_copy(skb, GFP_ATOMIC);
	if (!copy)
		return false;
	nf_reset_ct(copy);
	probe = alloc_probe(state->net, ct);
	if (!probe) {
		kfree_skb(copy);
		return false;
	}
	nf_ct_set(copy, probe, IP_CT_NEW);
	asked = sipalg_probe_ask(copy, state, NF_IP_PRI_NAT_SRC);
	reply = &probe->tuplehash[IP_CT_DIR_REPLY].tuple;
	choice->outside = *inside;
	choice->outside.addr = reply->dst.u3;
	choice->outside.port = reply->dst.u.all;
	choice->outside.zone = nf_ct_zone_id(nf_ct_zone(ct), IP_CT_DIR_REPLY);
	choice->masquerade = sipalg_route_masquerade(probe);
	kfree_skb(copy);
	return asked &&
	       !nf_inet_addr_cmp(&inside->addr, &choice->outside.addr);
}

/* Return: false where no port is free for any far end. */
static bool find_port(struct sipalg_net *sn, struct nf_conn *ct,
		      const struct sipalg_endpoint *inside,
		      const struct sipalg_endpoint *far, int ifindex,
		      struct sipalg_endpoint *outside)
{
	const struct sipalg_binding *binding =
		sipalg_binding_by_outside(sn, outside);
	struct sk_buff *probe = NULL;
	struct sipalg_port_request request = {
		.spec = {
			.inside = *inside,
			.outside = *outside,
			.master = ct,
			.ifindex = ifindex,
		},
		.far = *far,
		.probe = &probe,
	};
	struct sipalg_options options;
	bool found;

	if (binding && binding->inside.port == inside->port &&
	    sipalg_endpoint_is_same_host(&binding->inside, inside))
		return true;
	sipalg_ruleset_options(sn, nf_ct_zone(ct)->id, ifindex, &options);
	request.port_min = options.port_min ?: SIPALG_PORT_USER_MIN;
	request.port_max = options.port_max ?: U16_MAX;
	found = sipalg_port_find(sn, &request, &outside->port);
	consume_skb(probe);
	return found;
}

/* Return: false where the rules are to choose. */
static noinline bool choose_outside(struct sk_buff *skb, struct nf_conn *ct,
				    const struct nf_hook_state *state,
				    struct sipalg_endpoint *outside)
{
	const struct sipalg_endpoint inside = sipalg_endpoint_source(ct);
	const struct sipalg_endpoint far = sipalg_endpoint_target(ct);
	struct sipalg_net *sn = sipalg_pernet(state->net);
	struct choice choice;

	if (!ask_rules(skb, ct, state, &inside, &choice) ||
	    !find_port(sn, ct, &inside, &far, state->out->ifindex,
		       &choice.outside))
		return false;
	if (choice.masquerade)
		sipalg_source_set_device(ct, state->out);
	*outside = choice.outside;
	return true;
}

/**
 * sipalg_source_choose() - a new flow without binding leaves
 * @skb: its first packet
 * @ct: the flow, of which sipalg_source_matters()
 * @state: where the packet is
 * @outside: set to the endpoint that it is to have outside
 *
 * The rules choose for all that is not signalling.
 *
 * Context: softirq or process, RCU read side.
 * Return: false where that is left to the rules.
 */
bool sipalg_source_choose(struct sk_buff *skb, struct nf_conn *ct,
			  const struct nf_hook_state *state,
			  struct sipalg_endpoint *outside)
{
	const struct nf_conntrack_tuple *tuple =
		&ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;
	struct sipalg_net *sn = sipalg_pernet(state->net);
	bool chosen;

	chosen = is_signalling(sn, skb, ct, state, tuple->dst.u.udp.port) &&
		 choose_outside(skb, ct, state, outside);
	sipalg_seen_note(sn, ct,
			 chosen ? outside->port : tuple->src.u.udp.port);
	return chosen;
}
