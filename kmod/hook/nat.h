/* SPDX-License-Identifier: GPL-2.0 */
/*
 * NAT hooks that make new flows follow the bindings, whoever sends first.
 */
#ifndef SIPALG_HOOK_NAT_H
#define SIPALG_HOOK_NAT_H

#include <linux/netfilter.h>

#include "table/binding.h"

bool sipalg_nat_arrive(struct sipalg_net *sn, struct nf_conn *ct,
		       const struct sipalg_binding **entrance);

unsigned int sipalg_nat_dnat(void *priv, struct sk_buff *skb,
			     const struct nf_hook_state *state);
unsigned int sipalg_nat_snat(struct sipalg_net *sn, struct sk_buff *skb,
			     const struct nf_hook_state *state);

#endif /* SIPALG_HOOK_NAT_H */
