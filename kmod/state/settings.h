/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an administrator can set in a namespace beside the policy: limits,
 * ports, how strict to be, timeouts.
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
#define sipalg_setting(sn, id)                                                 \
	READ_ONCE((sn)->settings.value[SIPALG_SETTING_##id])

void sipalg_settings_init(struct sipalg_net *sn);
int sipalg_settings_set(struct sipalg_net *sn, struct nlattr *const attrs[],
			struct netlink_ext_ack *extack);

/**
 * sipalg_settings_has_port() - is either of these a SIP port?
 * @settings: the namespace's
 * @a: network byte order
 * @b: the same
 *
 * Each packet that is not SIP comes by here.
 *
 * Context: any.
 */
static inline bool
sipalg_settings_has_port(const struct sipalg_settings *settings, __be16 a,
			 __be16 b)
{
	unsigned int i;
	__be16 port;

	for (i = 0; i < SIPALG_SIP_PORTS_MAX; i++) {
		port = READ_ONCE(settings->ports[i]);
		if (!port)
			break;
		if (port == a || port == b)
			return true;
	}
	return false;
}

#endif /* SIPALG_SETTINGS_H */
