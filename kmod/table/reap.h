/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Flows that are over are given back to conntrack.
 */
#ifndef SIPALG_TABLE_REAP_H
#define SIPALG_TABLE_REAP_H

#include "state/net.h"

void sipalg_reap_hasten(struct sipalg_net *sn);
int sipalg_reap_net_init(struct sipalg_net *sn);
void sipalg_reap_net_exit(struct sipalg_net *sn);

#endif /* SIPALG_TABLE_REAP_H */
