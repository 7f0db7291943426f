// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel charges what a program allocates to its cgroup, but most of what
 * the tables hold is allocated in softirq, for packets that belong to no
 * program. So whoever may make network namespaces could fill the memory of the
 * machine. All namespaces of users who are not its administrator share a
 * budget.
 */

#include <linux/cred.h>
#include <linux/mm.h>
#include <linux/sizes.h>

#include "state/budget.h"

/* As nf_conntrack_max, the limits of a small machine are lower. */
#define OWN_PART	4
#define OWN_MAX		SZ_256M
/* All namespaces of other users together. */
#define SHARED_PART	64
#define SHARED_MAX	SZ_1G
#define BYTES_MIN	SZ_1M

/* Bytes that the tables of these namespaces take now. */
static atomic64_t shared_bytes = ATOMIC64_INIT(0);

static u32 part_of_memory(unsigned int part, u64 most)
{
	u64 bytes = ((u64)totalram_pages() << PAGE_SHIFT) / part;

	return clamp_t(u64, bytes, BYTES_MIN, most);
}

/**
 * sipalg_budget_is_shared() - does a namespace belong to another user?
 * @sn: the namespace
 *
 * Context: any.
 * Return: whether root of a user namespace other than the initial one owns it.
 */
bool sipalg_budget_is_shared(const struct sipalg_net *sn)
{
	return sn->net->user_ns != &init_user_ns;
}

/**
 * sipalg_budget_bytes() - memory that the tables of a namespace may take
 * @sn: the namespace
 *
 * Context: any.
 * Return: bytes; of a shared budget all, whatever others have spent.
 */
u32 sipalg_budget_bytes(const struct sipalg_net *sn)
{
	return sipalg_budget_is_shared(sn) ?
		       part_of_memory(SHARED_PART, SHARED_MAX) :
		       part_of_memory(OWN_PART, OWN_MAX);
}

/**
 * sipalg_budget_add() - the tables of a namespace take more memory, or less
 * @sn: the namespace
 * @bytes: how much more; negative: less
 *
 * Context: any.
 */
void sipalg_budget_add(struct sipalg_net *sn, s64 bytes)
{
	atomic64_add(bytes, &sn->quota.bytes);
	if (sipalg_budget_is_shared(sn))
		atomic64_add(bytes, &shared_bytes);
}

/**
 * sipalg_budget_is_spent() - have namespaces of other users too much together?
 * @sn: the namespace that has just taken more
 *
 * Context: any.
 */
bool sipalg_budget_is_spent(const struct sipalg_net *sn)
{
	return sipalg_budget_is_shared(sn) &&
	       atomic64_read(&shared_bytes) > sipalg_budget_bytes(sn);
}
