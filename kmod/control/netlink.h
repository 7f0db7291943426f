/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The generic netlink family "sipalg" (uapi/nf_sipalg.h, uapi/nf_sipalg.yaml).
 */
#ifndef SIPALG_NETLINK_H
#define SIPALG_NETLINK_H

#include <net/genetlink.h>

struct sipalg_binding;
struct sipalg_dialog;
struct sipalg_rule;

enum sipalg_group {
	SIPALG_GROUP_NR_EVENTS,
	SIPALG_GROUP_NR_MESSAGES,
};

extern struct genl_family sipalg_family;

int sipalg_put_rule(struct sk_buff *skb, const struct sipalg_rule *rule);
int sipalg_put_dialog(struct sk_buff *skb, const struct sipalg_dialog *dialog);
int sipalg_put_binding(struct sk_buff *skb, struct sipalg_binding *binding);

int __init sipalg_netlink_init(void);
void sipalg_netlink_exit(void);

#endif /* SIPALG_NETLINK_H */
