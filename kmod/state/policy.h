/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Policy: which mode a flow is in, by its conntrack zone and its devices.
 */
#ifndef SIPALG_STATE_POLICY_H
#define SIPALG_STATE_POLICY_H

#include <linux/if.h>
#include <linux/netlink.h>

#include "state/net.h"

/* A flow remembers its mode in these bits, beside the policy's generation. */
#define SIPALG_MODE_BITS	2
#define SIPALG_MODE_MASK	(BIT(SIPALG_MODE_BITS) - 1)
static_assert(SIPALG_MODE_MAX <= SIPALG_MODE_MASK);

#define SIPALG_SCOPES_MAX 4096	/* in a namespace */

/**
 * struct sipalg_scope - what a mode is set for
 * @zone: conntrack zone, or -1 for any
 * @dev: name of a device, which need not exist; empty for any
 *
 * Neither zone nor device is the default scope.
 */
struct sipalg_scope {
	s32 zone;
	char dev[IFNAMSIZ];
};

/**
 * struct sipalg_rule - a scope and its mode
 * @list: in sipalg_policy.rules, in the order they were set
 * @scope: what it is for; never the default
 * @ifindex: index of the scope's device; 0 while there is none
 * @mode: enum sipalg_mode
 * @options: what it says beside that
 */
struct sipalg_rule {
	struct list_head list;
	struct sipalg_scope scope;
	int ifindex;
	u8 mode;
	struct sipalg_options options;
};

/**
 * struct sipalg_change - what becomes of a scope
 * @mode: its mode
 * @ports: @options has a range of ports, or takes away the one that is set
 * @addr: likewise an address
 * @trust: likewise hosts that are trusted
 * @options: the options of these that change; the others stay as they are
 */
struct sipalg_change {
	u8 mode;
	bool ports;
	bool addr;
	bool trust;
	struct sipalg_options options;
};

/**
 * struct sipalg_draft - scopes that are to replace all others
 * @rules: struct sipalg_rule
 * @n_rules: how many
 * @fallback: mode of the default scope
 * @options: the default scope's
 */
struct sipalg_draft {
	struct list_head rules;
	unsigned int n_rules;
	u8 fallback;
	struct sipalg_options options;
};

u32 sipalg_policy_modes(struct sipalg_net *sn);
int sipalg_policy_set(struct sipalg_net *sn, const struct sipalg_scope *scope,
		      const struct sipalg_change *change,
		      struct netlink_ext_ack *extack);
int sipalg_policy_del(struct sipalg_net *sn, const struct sipalg_scope *scope);
int sipalg_policy_flush(struct sipalg_net *sn, enum sipalg_mode mode);
void sipalg_draft_init(struct sipalg_draft *draft);
void sipalg_draft_free(struct sipalg_draft *draft);
int sipalg_draft_add(struct sipalg_draft *draft,
		     const struct sipalg_scope *scope,
		     const struct sipalg_change *change,
		     struct netlink_ext_ack *extack);
int sipalg_policy_restore(struct sipalg_net *sn, struct sipalg_draft *draft);
int sipalg_policy_get(struct sipalg_net *sn, unsigned int i,
		      struct sipalg_rule *rule);

int sipalg_policy_net_init(struct sipalg_net *sn);
void sipalg_policy_net_exit(struct sipalg_net *sn);
int sipalg_policy_setup(void);
void sipalg_policy_teardown(void);

#endif /* SIPALG_STATE_POLICY_H */
