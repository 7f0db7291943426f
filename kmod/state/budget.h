/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory of the machine, and how much of it the tables may take.
 */
#ifndef SIPALG_STATE_BUDGET_H
#define SIPALG_STATE_BUDGET_H

#include "state/net.h"

bool sipalg_budget_is_shared(const struct sipalg_net *sn);
u32 sipalg_budget_bytes(const struct sipalg_net *sn);
void sipalg_budget_add(struct sipalg_net *sn, s64 bytes);
bool sipalg_budget_is_spent(const struct sipalg_net *sn);

int sipalg_budget_net_init(struct sipalg_net *sn);
void sipalg_budget_net_exit(struct sipalg_net *sn);

#endif /* SIPALG_STATE_BUDGET_H */
