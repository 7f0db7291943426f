/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Outside addresses come and go (PPPoE, DHCP): what is bound to one goes with
 * it.
 */
#ifndef SIPALG_HOOK_IFADDR_H
#define SIPALG_HOOK_IFADDR_H

#include "state/net.h"

int sipalg_ifaddr_net_init(struct sipalg_net *sn);
void sipalg_ifaddr_net_exit(struct sipalg_net *sn);
int sipalg_ifaddr_setup(void);
void sipalg_ifaddr_teardown(void);

#endif /* SIPALG_HOOK_IFADDR_H */
