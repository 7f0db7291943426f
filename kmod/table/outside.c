// SPDX-License-Identifier: GPL-2.0

#include <linux/jhash.h>
#include <linux/slab.h>

#include "state/settings.h"
#include "table/outside.h"

/* Only the rules of the NAT choose an outside address: jhash will do. */
static const struct rhashtable_params params = {
	.head_offset = offsetof(struct sipalg_outside, node),
	.key_offset = offsetof(struct sipalg_outside, key),
	.key_len = sizeof(struct sipalg_outside_key),
	.automatic_shrinking = true,
};

static struct sipalg_outside *
find_outside(struct sipalg_net *sn, const struct sipalg_outside_key *key)
{
	return rhashtable_lookup(&sn->outsides, key, params);
}

/* Return: the address with one more user; NULL without memory. */
static struct sipalg_outside *
make_outside(struct sipalg_net *sn, const struct sipalg_outside_key *key)
{
	struct sipalg_outside *new, *other;

	new = kzalloc(sizeof(*new), GFP_ATOMIC | __GFP_ACCOUNT);
	if (!new)
		return NULL;
	new->key = *key;
	refcount_set(&new->users, 1);

	/* Tries again only where another CPU has just removed the address. */
	for (;;) {
		other = rhashtable_lookup_get_insert_fast(&sn->outsides,
							  &new->node, params);
		if (!other)
			return new;
		if (IS_ERR(other) || refcount_inc_not_zero(&other->users))
			break;
		/* Its last user is about to remove it. */
		new->ifindex = READ_ONCE(other->ifindex);
		new->until = READ_ONCE(other->until);
		if (!rhashtable_replace_fast(&sn->outsides, &other->node,
					     &new->node, params))
			return new;
	}
	kfree(new);
	return IS_ERR(other) ? NULL : other;
}

/**
 * sipalg_outside_get() - one more binding has an outside address
 * @sn: the namespace
 * @key: the address
 *
 * Context: softirq or process, RCU read side.
 * Return: the address, to be given back by sipalg_outside_put(); NULL without
 * memory.
 */
struct sipalg_outside *
sipalg_outside_get(struct sipalg_net *sn, const struct sipalg_outside_key *key)
{
	struct sipalg_outside *outside = find_outside(sn, key);

	if (outside && refcount_inc_not_zero(&outside->users))
		return outside;
	return make_outside(sn, key);
}

/**
 * sipalg_outside_put() - one binding less has an outside address
 * @sn: the namespace
 * @outside: the address, from sipalg_outside_get(); or NULL. It is there until
 *	the end of the RCU read side.
 *
 * Context: any but hard interrupt.
 */
void sipalg_outside_put(struct sipalg_net *sn, struct sipalg_outside *outside)
{
	if (!outside || !refcount_dec_and_test(&outside->users))
		return;
	/* It is not there where make_outside() has put another in its place. */
	rhashtable_remove_fast(&sn->outsides, &outside->node, params);
	kfree_rcu(outside, rcu);
}

/**
 * sipalg_outside_lose() - the router has lost an address
 * @sn: the namespace
 * @key: the address
 *
 * Its bindings take no new flow any more. The caller sees to it that they end
 * after timeout-suspend.
 *
 * Context: any but hard interrupt.
 * Return: whether any binding has it.
 */
bool sipalg_outside_lose(struct sipalg_net *sn,
			 const struct sipalg_outside_key *key)
{
	unsigned long until =
		jiffies + sipalg_setting(sn, TIMEOUT_SUSPEND) * HZ;
	struct sipalg_outside *outside;

	rcu_read_lock();
	outside = find_outside(sn, key);
	if (outside && !outside->until)
		WRITE_ONCE(outside->until, until ?: 1);
	rcu_read_unlock();
	return outside;
}

/**
 * sipalg_outside_return() - the router has got an address
 * @sn: the namespace
 * @key: the address
 * @ifindex: device that has it; 0 for one that no packet leaves by
 *
 * Its bindings go on as they were, also where the device is another one now.
 *
 * Context: any but hard interrupt.
 */
void sipalg_outside_return(struct sipalg_net *sn,
			   const struct sipalg_outside_key *key, int ifindex)
{
	struct sipalg_outside *outside;

	rcu_read_lock();
	outside = find_outside(sn, key);
	if (outside && outside->until) {
		if (ifindex)
			WRITE_ONCE(outside->ifindex, ifindex);
		WRITE_ONCE(outside->until, 0);
	}
	rcu_read_unlock();
}

/**
 * sipalg_outside_has_lost() - has the router lost an address that it had?
 * @sn: the namespace
 * @key: the address
 *
 * Context: RCU read side.
 */
bool sipalg_outside_has_lost(struct sipalg_net *sn,
			     const struct sipalg_outside_key *key)
{
	return sipalg_outside_is_lost(find_outside(sn, key));
}

/**
 * sipalg_outside_next_end() - when do bindings at a lost address end?
 * @sn: the namespace
 * @end: set to the jiffies at which the first ones do
 *
 * Context: process.
 * Return: false where no address is lost.
 */
bool sipalg_outside_next_end(struct sipalg_net *sn, unsigned long *end)
{
	struct sipalg_outside *outside;
	struct rhashtable_iter iter;
	bool found = false;

	rhashtable_walk_enter(&sn->outsides, &iter);
	rhashtable_walk_start(&iter);
	while ((outside = rhashtable_walk_next(&iter))) {
		unsigned long until;

		if (IS_ERR(outside))
			continue;
		until = READ_ONCE(outside->until);
		if (!until || (found && !time_before(until, *end)))
			continue;
		*end = until;
		found = true;
	}
	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);
	return found;
}

int sipalg_outside_net_init(struct sipalg_net *sn)
{
	return rhashtable_init(&sn->outsides, &params);
}

/* All bindings are gone by now, and so are the addresses. */
void sipalg_outside_net_exit(struct sipalg_net *sn)
{
	WARN_ON_ONCE(atomic_read(&sn->outsides.nelems));
	rhashtable_destroy(&sn->outsides);
}
