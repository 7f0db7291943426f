/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The generic netlink family "sipalg" (uapi/nf_sipalg.h, uapi/nf_sipalg.yaml):
 * its groups, and the frames of its messages.
 */
#ifndef SIPALG_CONTROL_FAMILY_H
#define SIPALG_CONTROL_FAMILY_H

#include <net/genetlink.h>

#include "nf_sipalg.h"

/* Bytes of the longest object: a call with SIPALG_LEASES_MAX streams. */
#define SIPALG_OBJECT_SIZE 8192

extern struct genl_family sipalg_family;

void *sipalg_family_dump_begin(struct sk_buff *skb, struct netlink_callback *cb,
			       u8 cmd);
int sipalg_family_dump_end(struct sk_buff *skb, void *header, int err);
struct sk_buff *sipalg_family_reply(struct genl_info *info, u8 cmd,
				    void **header);
int sipalg_family_send(struct sk_buff *reply, struct genl_info *info,
		       void *header, int err);

int sipalg_family_register(const struct genl_ops *ops, unsigned int n);
void sipalg_family_unregister(void);

#endif /* SIPALG_CONTROL_FAMILY_H */
