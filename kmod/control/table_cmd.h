/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Netlink commands about calls and bindings.
 */
#ifndef SIPALG_CONTROL_TABLE_CMD_H
#define SIPALG_CONTROL_TABLE_CMD_H

#include <net/genetlink.h>

#include "nf_sipalg.h"

extern const struct nla_policy sipalg_call_attrs[SIPALG_CALL_MAX + 1];
extern const struct nla_policy sipalg_binding_attrs[SIPALG_BINDING_MAX + 1];

int sipalg_table_cmd_call_del(struct sk_buff *skb, struct genl_info *info);
int sipalg_table_cmd_call_start(struct netlink_callback *cb);
int sipalg_table_cmd_call_dump(struct sk_buff *skb,
			       struct netlink_callback *cb);
int sipalg_table_cmd_binding_start(struct netlink_callback *cb);
int sipalg_table_cmd_binding_dump(struct sk_buff *skb,
				  struct netlink_callback *cb);
int sipalg_table_cmd_done(struct netlink_callback *cb);

#endif /* SIPALG_CONTROL_TABLE_CMD_H */
