// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel charges what a program allocates to its cgroup, but most of what
 * the tables hold is allocated in softirq, for packets that belong to no
 * program. So whoever may make network namespaces could fill the memory of the
 * machine. All namespaces of users who are not its administrator share a
 * budget.
 *
 * A user can make any number of namespaces, also nested ones, and so it is the
 * user who has a share: half of what the others leave.
 */

#include <linux/cred.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/user_namespace.h>

#include "state/budget.h"

/* As nf_conntrack_max, the limits of a small machine are lower. */
#define OWN_PART	4
#define OWN_MAX		SZ_256M
/* All namespaces of other users together. */
#define SHARED_PART	64
#define SHARED_MAX	SZ_1G
#define BYTES_MIN	SZ_1M

/**
 * struct sipalg_spender - a user, as the initial user namespace knows it
 * @list: among all spenders
 * @uid: the user who made the outermost user namespace
 * @users: number of its network namespaces
 * @bytes: what the tables of all of them take now
 */
struct sipalg_spender {
	struct list_head list;
	kuid_t uid;
	unsigned int users;
	atomic64_t bytes;
};

/* Bytes that the tables of these namespaces take now. */
static atomic64_t shared_bytes = ATOMIC64_INIT(0);
static LIST_HEAD(spenders);
/* Protects the list, and the number of users of each spender. */
static DEFINE_MUTEX(spenders_lock);

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
	if (!sn->quota.spender)
		return;
	atomic64_add(bytes, &sn->quota.spender->bytes);
	atomic64_add(bytes, &shared_bytes);
}

/**
 * sipalg_budget_is_spent() - has the user of a namespace had its share?
 * @sn: the namespace that has just taken more
 *
 * Context: any.
 * Return: whether all namespaces of that user take more than half of what those
 * of other users leave; never for those of the administrator.
 */
bool sipalg_budget_is_spent(const struct sipalg_net *sn)
{
	s64 own, others;

	if (!sn->quota.spender)
		return false;
	own = atomic64_read(&sn->quota.spender->bytes);
	others = atomic64_read(&shared_bytes) - own;
	return 2 * own > (s64)sipalg_budget_bytes(sn) - others;
}

/* Who made the user namespace, or the outermost one that it is nested in. */
static kuid_t user_of(const struct user_namespace *ns)
{
	while (ns->parent && ns->parent != &init_user_ns)
		ns = ns->parent;
	return ns->owner;
}

static struct sipalg_spender *find_spender(kuid_t uid)
{
	struct sipalg_spender *spender;

	list_for_each_entry(spender, &spenders, list)
		if (uid_eq(spender->uid, uid))
			return spender;
	return NULL;
}

/* Return: the spender, which has no user yet where it is new; or NULL. */
static struct sipalg_spender *get_spender(kuid_t uid)
{
	struct sipalg_spender *spender = find_spender(uid);

	if (spender)
		return spender;
	spender = kzalloc(sizeof(*spender), GFP_KERNEL_ACCOUNT);
	if (!spender)
		return NULL;
	spender->uid = uid;
	list_add(&spender->list, &spenders);
	return spender;
}

int sipalg_budget_net_init(struct sipalg_net *sn)
{
	struct sipalg_spender *spender;

	if (!sipalg_budget_is_shared(sn))
		return 0;
	mutex_lock(&spenders_lock);
	spender = get_spender(user_of(sn->net->user_ns));
	if (spender)
		spender->users++;
	mutex_unlock(&spenders_lock);
	sn->quota.spender = spender;
	return spender ? 0 : -ENOMEM;
}

/* The namespace has given back all that it took. */
void sipalg_budget_net_exit(struct sipalg_net *sn)
{
	struct sipalg_spender *spender = sn->quota.spender;

	if (!spender)
		return;
	mutex_lock(&spenders_lock);
	if (!--spender->users) {
		list_del(&spender->list);
		kfree(spender);
	}
	mutex_unlock(&spenders_lock);
}
