/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Asks the rules of the NAT, by a packet that is never sent.
 */
#ifndef SIPALG_TABLE_PROBE_H
#define SIPALG_TABLE_PROBE_H

#include <linux/netfilter.h>
#include <net/netfilter/nf_conntrack.h>

struct nf_conn *sipalg_probe_flow(struct net *net, struct nf_conn *master,
				  const struct nf_conntrack_tuple *original,
				  const struct nf_conntrack_tuple *reply,
				  const struct nf_conntrack_zone *zone);
bool sipalg_probe_renew(struct nf_conn *ct,
			const struct nf_conntrack_tuple *original,
			const struct nf_conntrack_tuple *reply);
bool sipalg_probe_ask(struct sk_buff *skb, const struct nf_hook_state *state,
		      int priority);

/*
 * Was a flow made by sipalg_probe_flow()? Others that have a master were
 * expected. Context: any.
 */
static inline bool sipalg_probe_is_flow(const struct nf_conn *ct)
{
	return ct->master && !test_bit(IPS_EXPECTED_BIT, &ct->status);
}

#endif /* SIPALG_TABLE_PROBE_H */
