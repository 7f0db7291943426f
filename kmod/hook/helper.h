/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The conntrack helper "sip": which flows it has, and what becomes of their
 * packets.
 */
#ifndef SIPALG_HOOK_HELPER_H
#define SIPALG_HOOK_HELPER_H

#include <linux/jump_label.h>
#include <linux/netfilter.h>

#include "state/net.h"

/* Counts the namespaces in which the helper looks at packets. */
DECLARE_STATIC_KEY_FALSE(sipalg_helper_enabled);

unsigned int sipalg_helper_attach(void *priv, struct sk_buff *skb,
				  const struct nf_hook_state *state);
unsigned int sipalg_helper_watch(void *priv, struct sk_buff *skb,
				 const struct nf_hook_state *state);

bool sipalg_helper_end_unhelped(struct sipalg_net *sn);

int sipalg_helper_setup(void);
void sipalg_helper_teardown(void);

#endif /* SIPALG_HOOK_HELPER_H */
