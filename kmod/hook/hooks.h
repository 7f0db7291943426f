/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which netfilter hooks a namespace has now.
 */
#ifndef SIPALG_HOOK_HOOKS_H
#define SIPALG_HOOK_HOOKS_H

#include "state/net.h"

void sipalg_hooks_settle(struct sipalg_net *sn);
void sipalg_hooks_rescan(struct sipalg_net *sn);
int sipalg_hooks_require(struct sipalg_net *sn);

int sipalg_hooks_net_init(struct sipalg_net *sn);
void sipalg_hooks_net_close(struct sipalg_net *sn);
void sipalg_hooks_net_exit(struct sipalg_net *sn);

#endif /* SIPALG_HOOK_HOOKS_H */
