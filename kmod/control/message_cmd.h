/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The netlink command that tells the latest messages.
 */
#ifndef SIPALG_CONTROL_MESSAGE_CMD_H
#define SIPALG_CONTROL_MESSAGE_CMD_H

#include <net/genetlink.h>

extern const struct nla_policy sipalg_message_attrs[];

int sipalg_message_cmd_start(struct netlink_callback *cb);
int sipalg_message_cmd_dump(struct sk_buff *skb, struct netlink_callback *cb);
int sipalg_message_cmd_done(struct netlink_callback *cb);

#endif /* SIPALG_CONTROL_MESSAGE_CMD_H */
