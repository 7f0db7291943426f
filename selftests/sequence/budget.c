// SPDX-License-Identifier: GPL-2.0
/*
 * Stands for kmod/state/budget.c: the namespace is the administrator's, and shares no
 * budget with others.
 */

#include "kernel.h"
#include "state/budget.h"

bool sipalg_budget_is_shared(const struct sipalg_net *sn)
{
	return false;
}

u32 sipalg_budget_bytes(const struct sipalg_net *sn)
{
	return SZ_256M;
}

void sipalg_budget_add(struct sipalg_net *sn, s64 bytes)
{
	atomic64_add(bytes, &sn->quota.bytes);
}

bool sipalg_budget_is_spent(const struct sipalg_net *sn)
{
	return false;
}
