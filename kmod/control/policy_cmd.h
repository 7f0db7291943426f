/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Netlink commands about the policy.
 */
#ifndef SIPALG_CONTROL_POLICY_CMD_H
#define SIPALG_CONTROL_POLICY_CMD_H

#include <net/genetlink.h>

#include "nf_sipalg.h"

extern const struct nla_policy sipalg_policy_attrs[SIPALG_POLICY_MAX + 1];
extern const struct nla_policy sipalg_policy_del_attrs[SIPALG_POLICY_MAX + 1];
extern const struct nla_policy sipalg_restore_attrs[SIPALG_POLICY_MAX + 1];

int sipalg_policy_cmd_set(struct sk_buff *skb, struct genl_info *info);
int sipalg_policy_cmd_del(struct sk_buff *skb, struct genl_info *info);
int sipalg_policy_cmd_flush(struct sk_buff *skb, struct genl_info *info);
int sipalg_policy_cmd_restore(struct sk_buff *skb, struct genl_info *info);
int sipalg_policy_cmd_dump(struct sk_buff *skb, struct netlink_callback *cb);

#endif /* SIPALG_CONTROL_POLICY_CMD_H */
