/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Policy: which mode a flow is in, by its conntrack zone and its devices.
 */
#ifndef SIPALG_POLICY_H
#define SIPALG_POLICY_H

#include <linux/if.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/netlink.h>

#include "nf_sipalg.h"

struct sipalg_net;
struct sipalg_ruleset;

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
 */
struct sipalg_rule {
	struct list_head list;
	struct sipalg_scope scope;
	int ifindex;
	u8 mode;
};

/**
 * struct sipalg_policy - a namespace's policy
 * @lock: protects @rules, @n_rules and @fallback; taken inside RTNL
 * @rules: struct sipalg_rule
 * @n_rules: how many
 * @ruleset: the same, as the packet path reads it, under RCU
 * @generation: changes with @ruleset, so that a flow can remember its mode;
 *	never 0, and SIPALG_MODE_BITS shorter than its type
 * @fallback: mode of the default scope
 */
struct sipalg_policy {
	struct mutex lock;
	struct list_head rules;
	unsigned int n_rules;
	struct sipalg_ruleset __rcu *ruleset;
	u32 generation;
	u8 fallback;
};

/**
 * struct sipalg_draft - scopes that are to replace all others
 * @rules: struct sipalg_rule
 * @n_rules: how many
 * @fallback: mode of the default scope
 */
struct sipalg_draft {
	struct list_head rules;
	unsigned int n_rules;
	u8 fallback;
};

int sipalg_policy_init(struct sipalg_net *sn);
void sipalg_policy_exit(struct sipalg_net *sn);
int __init sipalg_policy_watch(void);
void sipalg_policy_unwatch(void);

enum sipalg_mode sipalg_policy_mode(const struct sipalg_net *sn, u16 zone,
				    int in, int out);
bool sipalg_policy_is_off(struct sipalg_net *sn);
bool sipalg_policy_is_automatic(struct sipalg_net *sn);
int sipalg_policy_set(struct sipalg_net *sn, const struct sipalg_scope *scope,
		      enum sipalg_mode mode, struct netlink_ext_ack *extack);
int sipalg_policy_del(struct sipalg_net *sn, const struct sipalg_scope *scope);
int sipalg_policy_flush(struct sipalg_net *sn, enum sipalg_mode mode);
void sipalg_draft_init(struct sipalg_draft *draft);
void sipalg_draft_free(struct sipalg_draft *draft);
int sipalg_draft_add(struct sipalg_draft *draft,
		     const struct sipalg_scope *scope, enum sipalg_mode mode,
		     struct netlink_ext_ack *extack);
int sipalg_policy_restore(struct sipalg_net *sn, struct sipalg_draft *draft);
int sipalg_policy_get(struct sipalg_net *sn, unsigned int i,
		      struct sipalg_rule *rule);

#endif /* SIPALG_POLICY_H */
