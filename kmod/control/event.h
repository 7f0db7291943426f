/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Netlink notifications and tracepoints; without a listener each costs one bit
 * test.
 */
#ifndef SIPALG_CONTROL_EVENT_H
#define SIPALG_CONTROL_EVENT_H

#include "state/net.h"

int sipalg_event_net_init(struct sipalg_net *sn);
void sipalg_event_start(void);
void sipalg_event_stop(void);

#endif /* SIPALG_CONTROL_EVENT_H */
