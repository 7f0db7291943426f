/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an administrator can set in a namespace beside the policy: limits, ports,
 * how strict to be, timeouts.
 */
#ifndef SIPALG_SETTINGS_H
#define SIPALG_SETTINGS_H

#include <linux/mutex.h>
#include <linux/netlink.h>

#include "nf_sipalg.h"

struct sipalg_net;

/**
 * struct sipalg_settings - a namespace's settings
 * @lock: serialises changes
 * @value: by enum sipalg_setting_attr
 * @ports: the SIP ports, in network byte order; zeros behind the last
 *
 * Read without a lock, one by one.
 */
struct sipalg_settings {
	struct mutex lock;
	u32 value[__SIPALG_SETTING_MAX];
	__be16 ports[SIPALG_SIP_PORTS_MAX];
};

/* The value of one; sn is a struct sipalg_net. Context: any. */
#define sipalg_setting(sn, id) READ_ONCE((sn)->settings.value[SIPALG_SETTING_##id])

void sipalg_settings_init(struct sipalg_net *sn);
int sipalg_settings_set(struct sipalg_net *sn, struct nlattr *const attrs[],
			struct netlink_ext_ack *extack);
bool sipalg_settings_is_port(const struct sipalg_net *sn, __be16 port);

#endif /* SIPALG_SETTINGS_H */
