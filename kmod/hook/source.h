/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The outside port of a new flow that has no binding.
 */
#ifndef SIPALG_HOOK_SOURCE_H
#define SIPALG_HOOK_SOURCE_H

#include <linux/netfilter.h>

#include "table/binding.h"

void sipalg_source_set_device(struct nf_conn *ct, const struct net_device *out);
bool sipalg_source_choose(struct sk_buff *skb, struct nf_conn *ct,
			  const struct nf_hook_state *state,
			  const struct sipalg_endpoint *inside,
			  const struct sipalg_endpoint *far,
			  struct sipalg_endpoint *outside);

#endif /* SIPALG_HOOK_SOURCE_H */
