/* SPDX-License-Identifier: GPL-2.0 */
/*
 * NAT hooks that make new flows follow the bindings, whoever sends first.
 */
#ifndef SIPALG_NAT_H
#define SIPALG_NAT_H

#include <linux/netfilter.h>
#include <net/netfilter/nf_conntrack.h>

struct sipalg_binding;
struct sipalg_net;

const struct sipalg_binding *sipalg_nat_signalling(struct sipalg_net *sn,
						   const struct nf_conn *ct);

unsigned int sipalg_nat_dnat(void *priv, struct sk_buff *skb,
			     const struct nf_hook_state *state);
unsigned int sipalg_nat_snat(void *priv, struct sk_buff *skb,
			     const struct nf_hook_state *state);

#endif /* SIPALG_NAT_H */
