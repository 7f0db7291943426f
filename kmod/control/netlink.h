/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The commands of the generic netlink family.
 */
#ifndef SIPALG_CONTROL_NETLINK_H
#define SIPALG_CONTROL_NETLINK_H

#include <linux/init.h>

int sipalg_netlink_setup(void);
void sipalg_netlink_teardown(void);

#endif /* SIPALG_CONTROL_NETLINK_H */
