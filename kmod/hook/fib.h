/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Changes of the routing tables (forwarding information base, FIB).
 */
#ifndef SIPALG_HOOK_FIB_H
#define SIPALG_HOOK_FIB_H

#include "state/net.h"

void sipalg_fib_start(struct sipalg_net *sn);

int sipalg_fib_net_init(struct sipalg_net *sn);
void sipalg_fib_net_exit(struct sipalg_net *sn);

#endif /* SIPALG_HOOK_FIB_H */
