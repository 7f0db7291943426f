// SPDX-License-Identifier: GPL-2.0

#include <linux/siphash.h>
#include <linux/slab.h>

#include "state/budget.h"
#include "state/quota.h"
#include "state/settings.h"
#include "state/stats.h"

static hsiphash_key_t hash_key __read_mostly;
static struct kmem_cache *cache __read_mostly;

/* An IPv4 address leaves most of the key empty. */
static u32 hash_host(const void *data, u32 len, u32 seed)
{
	const struct sipalg_host_key *key = data;

	if (key->family == NFPROTO_IPV4)
		return hsiphash_2u32((__force u32)key->addr.ip, key->zone,
				     &hash_key) ^ seed;
	return hsiphash(data, len, &hash_key) ^ seed;
}

static const struct rhashtable_params params = {
	.head_offset = offsetof(struct sipalg_host, node),
	.key_offset = offsetof(struct sipalg_host, key),
	.key_len = sizeof(struct sipalg_host_key),
	.hashfn = hash_host,
	.automatic_shrinking = true,
};

static const struct {
	enum sipalg_stat total, host;
} limit_stats[] = {
	[SIPALG_SHARE_CALLS] = {
		SIPALG_STAT_PASSED_LIMIT_CALLS,
		SIPALG_STAT_PASSED_LIMIT_HOST_CALLS,
	},
	[SIPALG_SHARE_REGISTRATIONS] = {
		SIPALG_STAT_PASSED_LIMIT_REGISTRATIONS,
		SIPALG_STAT_PASSED_LIMIT_HOST_REGISTRATIONS,
	},
	[SIPALG_SHARE_BINDINGS] = {
		SIPALG_STAT_LIMIT_BINDINGS,
		SIPALG_STAT_LIMIT_HOST_BINDINGS,
	},
	[SIPALG_SHARE_STREAMS] = {
		SIPALG_STAT_LIMIT_BYTES,
		SIPALG_STAT_LIMIT_BYTES,
	},
	[SIPALG_SHARE_UNPROVEN] = {
		SIPALG_STAT_PASSED_LIMIT_CALLS,
		SIPALG_STAT_PASSED_LIMIT_CALLS,
	},
	[SIPALG_SHARE_INBOUND] = {
		SIPALG_STAT_LIMIT_BYTES,
		SIPALG_STAT_LIMIT_BYTES,
	},
};

/*
 * Of all that limits allow, half is out of reach of the hosts that are behind
 * one device and may not exist.
 */
static u32 unproven_limit(const struct sipalg_net *sn)
{
	u32 all = min3(sipalg_setting(sn, LIMIT_CALLS),
		       sipalg_setting(sn, LIMIT_REGISTRATIONS),
		       sipalg_setting(sn, LIMIT_BINDINGS) /
			       sipalg_setting(sn, LIMIT_CALL_BINDINGS));

	return max(all / 2, 1U);
}

static u32 total_limit(const struct sipalg_net *sn, enum sipalg_share share)
{
	switch (share) {
	case SIPALG_SHARE_CALLS:
		return sipalg_setting(sn, LIMIT_CALLS);
	case SIPALG_SHARE_REGISTRATIONS:
		return sipalg_setting(sn, LIMIT_REGISTRATIONS);
	case SIPALG_SHARE_STREAMS:
		return SIPALG_STREAMS_MAX;
	case SIPALG_SHARE_UNPROVEN:
	case SIPALG_SHARE_INBOUND:
		return U32_MAX;
	default:
		return sipalg_setting(sn, LIMIT_BINDINGS);
	}
}

static u32 host_limit(const struct sipalg_net *sn, enum sipalg_share share)
{
	switch (share) {
	case SIPALG_SHARE_CALLS:
		return sipalg_setting(sn, LIMIT_HOST_CALLS);
	case SIPALG_SHARE_REGISTRATIONS:
		return sipalg_setting(sn, LIMIT_HOST_REGISTRATIONS);
	case SIPALG_SHARE_STREAMS:
		return SIPALG_STREAMS_MAX / SIPALG_STREAMS_HOSTS_MIN;
	case SIPALG_SHARE_UNPROVEN:
		return unproven_limit(sn);
	case SIPALG_SHARE_INBOUND:
		return SIPALG_STREAMS_MAX / SIPALG_STREAMS_INBOUND_PART;
	default:
		return sipalg_setting(sn, LIMIT_HOST_BINDINGS);
	}
}

static void free_host(struct rcu_head *rcu)
{
	kmem_cache_free(cache, container_of(rcu, struct sipalg_host, rcu));
}

/* Return: the host with one more user; NULL without memory. */
static struct sipalg_host *make_host(struct sipalg_net *sn,
				     const struct sipalg_host_key *key)
{
	struct rhashtable *table = &sn->quota.hosts;
	struct sipalg_host *new, *host;

	new = kmem_cache_zalloc(cache, GFP_ATOMIC);
	if (!new)
		return NULL;
	new->key = *key;
	INIT_LIST_HEAD(&new->spare);
	refcount_set(&new->users, 1);

	/* Tries again only where another CPU has just removed the host. */
	for (;;) {
		host = rhashtable_lookup_get_insert_fast(table, &new->node,
							 params);
		if (!host)
			break;
		if (IS_ERR(host)) {
			kmem_cache_free(cache, new);
			return NULL;
		}
		if (refcount_inc_not_zero(&host->users)) {
			kmem_cache_free(cache, new);
			return host;
		}
		/* Its last user is about to remove it. */
		if (!rhashtable_replace_fast(table, &host->node, &new->node,
					     params))
			break;
	}
	sipalg_budget_add(sn, sizeof(*new));
	return new;
}

static struct sipalg_host *get_host(struct sipalg_net *sn,
				    const struct sipalg_host_key *key)
{
	struct sipalg_host *host;

	host = rhashtable_lookup(&sn->quota.hosts, key, params);
	if (host && refcount_inc_not_zero(&host->users))
		return host;
	return make_host(sn, key);
}

/**
 * sipalg_quota_put() - a thing that has left its host needs that no longer
 * @sn: the namespace
 * @host: the host
 *
 * Context: any but hard interrupt.
 */
void sipalg_quota_put(struct sipalg_net *sn, struct sipalg_host *host)
{
	if (!refcount_dec_and_test(&host->users))
		return;
	/* It is not there where make_host() has put another in its place. */
	rhashtable_remove_fast(&sn->quota.hosts, &host->node, params);
	sipalg_budget_add(sn, -(s64)sizeof(*host));
	call_rcu(&host->rcu, free_host);
}

static bool has_memory(const struct sipalg_net *sn)
{
	return sipalg_quota_bytes(sn) <= sipalg_setting(sn, LIMIT_BYTES) &&
	       !sipalg_budget_is_spent(sn);
}

/* The first limit that the thing which has just been counted goes beyond. */
static enum sipalg_stat find_limit(struct sipalg_net *sn,
				   enum sipalg_share share)
{
	if ((u32)atomic_read(&sn->quota.total[share]) > total_limit(sn, share))
		return limit_stats[share].total;
	if (!has_memory(sn))
		return SIPALG_STAT_LIMIT_BYTES;
	return SIPALG_STAT_NONE;
}

/**
 * sipalg_quota_charge() - one more thing for an inside host
 * @sn: the namespace
 * @key: the host
 * @share: kind of the thing
 * @size: memory that it takes, in bytes
 * @charged: set to the host, which is there until it is uncharged; may be NULL
 *
 * Context: softirq or process, RCU read side.
 * Return: SIPALG_STAT_NONE, to be undone by sipalg_quota_uncharge() or
 * sipalg_quota_uncharge_key(); or the counter of the limit that is reached,
 * which is counted.
 */
enum sipalg_stat sipalg_quota_charge(struct sipalg_net *sn,
				     const struct sipalg_host_key *key,
				     enum sipalg_share share, size_t size,
				     struct sipalg_host **charged)
{
	struct sipalg_quota *quota = &sn->quota;
	struct sipalg_host *host;
	enum sipalg_stat refused;

	atomic_inc(&quota->total[share]);
	sipalg_budget_add(sn, size);
	refused = find_limit(sn, share);
	if (refused)
		goto err;
	refused = SIPALG_STAT_PASSED_NO_MEMORY;
	host = get_host(sn, key);
	if (!host)
		goto err;
	if ((u32)atomic_inc_return(&host->shares[share]) <=
	    host_limit(sn, share)) {
		if (charged)
			*charged = host;
		return SIPALG_STAT_NONE;
	}
	refused = limit_stats[share].host;
	atomic_dec(&host->shares[share]);
	sipalg_quota_put(sn, host);
err:
	sipalg_budget_add(sn, -(s64)size);
	atomic_dec(&quota->total[share]);
	return sipalg_stats_refuse(sn, refused);
}

/* Would so many bytes more be too many? */
static bool is_short(struct sipalg_net *sn, size_t size)
{
	bool within;

	sipalg_budget_add(sn, size);
	within = has_memory(sn);
	sipalg_budget_add(sn, -(s64)size);
	return !within;
}

/**
 * sipalg_quota_full() - does a limit keep a host from one more thing?
 * @sn: the namespace
 * @key: the host
 * @share: kind of the thing
 * @size: memory that it takes, in bytes
 *
 * Context: any but hard interrupt, RCU read side.
 * Return: the host; NULL if it may have one more, or has nothing at all.
 */
struct sipalg_host *sipalg_quota_full(struct sipalg_net *sn,
				      const struct sipalg_host_key *key,
				      enum sipalg_share share, size_t size)
{
	struct sipalg_host *host;

	host = rhashtable_lookup(&sn->quota.hosts, key, params);
	if (!host)
		return NULL;
	if ((u32)atomic_read(&host->shares[share]) < host_limit(sn, share) &&
	    (u32)atomic_read(&sn->quota.total[share]) <
		    total_limit(sn, share) &&
	    !is_short(sn, size))
		return NULL;
	return host;
}

/**
 * sipalg_quota_leave() - one thing less, which still needs its host
 * @sn: the namespace
 * @host: the host that sipalg_quota_charge() charged; it stays until
 *	sipalg_quota_put()
 * @share: kind of the thing
 * @size: memory that it took, in bytes
 *
 * Context: any but hard interrupt.
 */
void sipalg_quota_leave(struct sipalg_net *sn, struct sipalg_host *host,
			enum sipalg_share share, size_t size)
{
	atomic_dec(&host->shares[share]);
	sipalg_budget_add(sn, -(s64)size);
	atomic_dec(&sn->quota.total[share]);
}

/**
 * sipalg_quota_uncharge() - one thing less
 * @sn: the namespace
 * @host: the host that sipalg_quota_charge() charged
 * @share: kind of the thing
 * @size: memory that it took, in bytes
 *
 * Context: any but hard interrupt.
 */
void sipalg_quota_uncharge(struct sipalg_net *sn, struct sipalg_host *host,
			   enum sipalg_share share, size_t size)
{
	sipalg_quota_leave(sn, host, share, size);
	sipalg_quota_put(sn, host);
}

/**
 * sipalg_quota_uncharge_key() - one thing less, of a host named by its key
 * @sn: the namespace
 * @key: a host that has been charged
 * @share: kind of the thing
 * @size: memory that it took, in bytes
 *
 * Context: any but hard interrupt.
 */
void sipalg_quota_uncharge_key(struct sipalg_net *sn,
			       const struct sipalg_host_key *key,
			       enum sipalg_share share, size_t size)
{
	struct sipalg_host *host;

	rcu_read_lock();
	host = rhashtable_lookup(&sn->quota.hosts, key, params);
	if (!WARN_ON_ONCE(!host))
		sipalg_quota_uncharge(sn, host, share, size);
	rcu_read_unlock();
}

/**
 * sipalg_quota_alloc() - memory that a thing which is charged takes beside
 * @sn: the namespace
 * @size: bytes
 *
 * Context: any but hard interrupt.
 * Return: zeroed memory, to be given back by sipalg_quota_free(); NULL where
 * there is none, or the limit is reached, which is not counted: the thing can
 * do without.
 */
void *sipalg_quota_alloc(struct sipalg_net *sn, size_t size)
{
	void *buf = NULL;

	sipalg_budget_add(sn, size);
	if (has_memory(sn))
		buf = kzalloc(size, GFP_ATOMIC | __GFP_NOWARN | __GFP_ACCOUNT);
	if (!buf)
		sipalg_budget_add(sn, -(s64)size);
	return buf;
}

/**
 * sipalg_quota_free() - give memory back
 * @sn: the namespace
 * @buf: from sipalg_quota_alloc(), or NULL
 * @size: its bytes
 *
 * Context: any but hard interrupt.
 */
void sipalg_quota_free(struct sipalg_net *sn, void *buf, size_t size)
{
	if (!buf)
		return;
	kfree(buf);
	sipalg_budget_add(sn, -(s64)size);
}

/**
 * sipalg_quota_free_room() - give room back that may be a member of its owner
 * @sn: the namespace
 * @room: the member, or from sipalg_quota_double()
 * @first: the member
 * @size: bytes of @room
 *
 * Context: any but hard interrupt.
 */
void sipalg_quota_free_room(struct sipalg_net *sn, void *room,
			    const void *first, size_t size)
{
	if (room != first)
		sipalg_quota_free(sn, room, size);
}

/**
 * sipalg_quota_double() - have twice the room
 * @sn: the namespace
 * @room: what is full
 * @first: the room that is a member of its owner: where it began
 * @size: bytes of @room
 *
 * Context: any but hard interrupt.
 * Return: memory that begins as @room, which is given back; NULL where there is
 * none: then @room stays.
 */
void *sipalg_quota_double(struct sipalg_net *sn, void *room, const void *first,
			  size_t size)
{
	void *more = sipalg_quota_alloc(sn, 2 * size);

	if (!more)
		return NULL;
	memcpy(more, room, size);
	sipalg_quota_free_room(sn, room, first, size);
	return more;
}

/**
 * sipalg_quota_lack() - why was there no memory?
 * @sn: the namespace
 * @size: bytes that were asked for
 *
 * Context: any but hard interrupt.
 * Return: the counter of the reason, which is not counted here.
 */
enum sipalg_stat sipalg_quota_lack(struct sipalg_net *sn, size_t size)
{
	return is_short(sn, size) ? SIPALG_STAT_LIMIT_BYTES :
				    SIPALG_STAT_PASSED_NO_MEMORY;
}

/*
 * Does what is buffered stay within the limits? A single host cannot take all,
 * nor can all those outside.
 */
static bool may_buffer(struct sipalg_net *sn, int all, int own, int inbound)
{
	int limit = min_t(u64, SIPALG_STREAMS_BYTES,
			  sipalg_setting(sn, LIMIT_BYTES));

	if (all <= SIPALG_STREAMS_BYTES &&
	    own <= limit / SIPALG_STREAMS_HOSTS_MIN &&
	    inbound <= limit / SIPALG_STREAMS_INBOUND_PART && has_memory(sn))
		return true;
	sipalg_stats_inc(sn, SIPALG_STAT_LIMIT_BYTES);
	return false;
}

/**
 * sipalg_account_alloc() - memory for text that a TCP connection must keep
 * @account: who is charged
 * @size: bytes
 * @must_succeed: no limit may refuse it: bytes that the sender was told are
 *	received have to go out
 *
 * Context: softirq or process.
 * Return: the memory, to be given back by sipalg_account_free(); or NULL.
 */
void *sipalg_account_alloc(struct sipalg_account *account, u32 size,
			   bool must_succeed)
{
	struct sipalg_net *sn = account->sn;
	int all = atomic_add_return((int)size, &sn->quota.buffered);
	int own = atomic_add_return((int)size, &account->host->buffered);
	int inbound = account->inbound ?
		atomic_add_return((int)size, &account->inbound->buffered) : 0;
	void *buf = NULL;

	sipalg_budget_add(sn, size);
	if (must_succeed || may_buffer(sn, all, own, inbound))
		buf = kmalloc(size, GFP_ATOMIC | __GFP_NOWARN |
				    __GFP_ACCOUNT);
	if (!buf)
		sipalg_account_free(account, NULL, size);
	return buf;
}

/**
 * sipalg_account_free() - give memory back
 * @account: who was charged
 * @buf: the memory
 * @size: its bytes
 *
 * Context: any but hard interrupt.
 */
void sipalg_account_free(struct sipalg_account *account, void *buf, u32 size)
{
	kfree(buf);
	atomic_sub((int)size, &account->host->buffered);
	if (account->inbound)
		atomic_sub((int)size, &account->inbound->buffered);
	atomic_sub((int)size, &account->sn->quota.buffered);
	sipalg_budget_add(account->sn, -(s64)size);
}

int sipalg_quota_net_init(struct sipalg_net *sn)
{
	return rhashtable_init(&sn->quota.hosts, &params);
}

/* All dialogs, bindings and streams are gone by now, and so are the hosts. */
void sipalg_quota_net_exit(struct sipalg_net *sn)
{
	WARN_ON_ONCE(atomic_read(&sn->quota.hosts.nelems));
	WARN_ON_ONCE(sipalg_quota_bytes(sn));
	rhashtable_destroy(&sn->quota.hosts);
}

int sipalg_quota_setup(void)
{
	get_random_bytes(&hash_key, sizeof(hash_key));
	cache = KMEM_CACHE(sipalg_host, SLAB_ACCOUNT);
	return cache ? 0 : -ENOMEM;
}

/* Context: process; waits for the hosts that RCU still has to free. */
void sipalg_quota_teardown(void)
{
	rcu_barrier();
	kmem_cache_destroy(cache);
}
