/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Settings of a namespace beside the policy: limits, SIP ports, who may send
 * media, timeouts.
 */
#ifndef SIPALG_STATE_SETTINGS_H
#define SIPALG_STATE_SETTINGS_H

#include <linux/netlink.h>

#include "state/net.h"

#define SIPALG_PORT 5060	/* RFC 3261, 19.1.2 */

/* The value of one; sn is a struct sipalg_net. Context: any. */
#define sipalg_setting(sn, id)                                                 \
	READ_ONCE((sn)->settings.value[SIPALG_SETTING_##id])

int sipalg_settings_net_init(struct sipalg_net *sn);
void sipalg_settings_net_exit(struct sipalg_net *sn);
bool sipalg_settings_has_source(const struct sipalg_settings *settings,
				u8 family, const union nf_inet_addr *addr);
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

#endif /* SIPALG_STATE_SETTINGS_H */
