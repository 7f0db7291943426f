// SPDX-License-Identifier: GPL-2.0
/*
 * Nothing tells what the rules of the NAT would do with a packet; so they get
 * one. Only the NAT's own hook sees it.
 */

#include <net/netfilter/nf_conntrack_core.h>
#include <net/netfilter/nf_conntrack_zones.h>

#include "compat.h"
#include "table/probe.h"

/**
 * sipalg_probe_flow() - a new flow, as its first packet begins it
 * @net: the namespace
 * @master: a flow that is referenced; with a master, no binding takes the new
 *	one
 * @original: tuple of the packet
 * @reply: tuple of the answer, as NAT has it so far
 * @zone: conntrack zone
 *
 * Context: softirq or process.
 * Return: the flow, which is in no table; NULL where there can be none.
 */
struct nf_conn *sipalg_probe_flow(struct net *net, struct nf_conn *master,
				  const struct nf_conntrack_tuple *original,
				  const struct nf_conntrack_tuple *reply,
				  const struct nf_conntrack_zone *zone)
{
	struct nf_conn *ct;

	ct = nf_conntrack_alloc(net, zone, original, reply, GFP_ATOMIC);
	if (IS_ERR(ct))
		return NULL;
	refcount_set(&ct->ct_general.use, 1);
	nf_conntrack_get(&master->ct_general);
	ct->master = master;
	return ct;
}

/**
 * sipalg_probe_renew() - have the flow of a probe serve for another one
 * @ct: the flow, from sipalg_probe_flow(), which the rules of PREROUTING have
 *	been asked about
 * @original: tuple of the next packet
 * @reply: tuple of the answer
 *
 * Context: softirq or process.
 * Return: false where the rules have translated it, or done more.
 */
bool sipalg_probe_renew(struct nf_conn *ct,
			const struct nf_conntrack_tuple *original,
			const struct nf_conntrack_tuple *reply)
{
	if (ct->status & ~IPS_DST_NAT_DONE)
		return false;
	ct->status = 0;
#if IS_ENABLED(CONFIG_NF_CONNTRACK_MARK)
	ct->mark = 0;
#endif
	ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple = *original;
	ct->tuplehash[IP_CT_DIR_REPLY].tuple = *reply;
	return true;
}

/* The NAT core has one hook at a place, and calls the rules itself. */
static const struct nf_hook_entry *
find_nat_hook(const struct nf_hook_entries *hooks, int priority)
{
	struct nf_hook_ops **ops;
	unsigned int i;

	if (!hooks)
		return NULL;
	ops = nf_hook_entries_get_hook_ops(hooks);
	for (i = 0; i < hooks->num_hook_entries; i++)
		if (ops[i]->priority == priority &&
		    ops[i]->hook_ops_type == NF_HOOK_OP_NAT)
			return &hooks->hooks[i];
	return NULL;
}

/**
 * sipalg_probe_ask() - have the rules translate a packet
 * @skb: the packet, with its flow; it still belongs to the caller
 * @state: the place of the rules, and their devices
 * @priority: priority of the rules there
 *
 * Context: softirq or process, RCU read side.
 * Return: false where the packet would be dropped, or there are no rules.
 */
bool sipalg_probe_ask(struct sk_buff *skb, const struct nf_hook_state *state,
		      int priority)
{
	const struct nf_hook_entry *entry;
	const struct net *net = state->net;

	entry = find_nat_hook(state->pf == NFPROTO_IPV4 ?
			rcu_dereference(net->nf.hooks_ipv4[state->hook]) :
			rcu_dereference(net->nf.hooks_ipv6[state->hook]),
			priority);
	return entry &&
	       entry->hook(entry->priv, skb, state) == NF_ACCEPT;
}
