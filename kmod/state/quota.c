// SPDX-License-Identifier: GPL-2.0

#include <linux/siphash.h>

#include "main.h"

static hsiphash_key_t hash_key __read_mostly;
static struct kmem_cache *cache __read_mostly;

static u32 hash_host(const void *data, u32 len, u32 seed)
{
	return hsiphash(data, len, &hash_key) ^ seed;
}

static const struct rhashtable_params params = {
	.head_offset = offsetof(struct sipalg_host, node),
	.key_offset = offsetof(struct sipalg_host, key),
	.key_len = sizeof(struct sipalg_host_key),
	.hashfn = hash_host,
	.automatic_shrinking = true,
};

static const enum sipalg_stat limit_stats[] = {
	[SIPALG_SHARE_CALLS] = SIPALG_STAT_PASSED_LIMIT_HOST_CALLS,
	[SIPALG_SHARE_REGISTRATIONS] =
		SIPALG_STAT_PASSED_LIMIT_HOST_REGISTRATIONS,
	[SIPALG_SHARE_BINDINGS] = SIPALG_STAT_LIMIT_HOST_BINDINGS,
	[SIPALG_SHARE_STREAMS] = SIPALG_STAT_LIMIT_BYTES,
};

static u32 limit_of(const struct sipalg_net *sn, enum sipalg_share share)
{
	switch (share) {
	case SIPALG_SHARE_CALLS:
		return sipalg_setting(sn, LIMIT_HOST_CALLS);
	case SIPALG_SHARE_REGISTRATIONS:
		return sipalg_setting(sn, LIMIT_HOST_REGISTRATIONS);
	case SIPALG_SHARE_STREAMS:
		return SIPALG_STREAMS_MAX / SIPALG_HOSTS_LEAST;
	default:
		return sipalg_setting(sn, LIMIT_HOST_BINDINGS);
	}
}

static void free_host(struct rcu_head *rcu)
{
	kmem_cache_free(cache, container_of(rcu, struct sipalg_host, rcu));
}

/* Return: the host, with one more user; NULL without memory. */
static struct sipalg_host *make(struct sipalg_net *sn,
				const struct sipalg_host_key *key)
{
	struct rhashtable *table = &sn->hosts.table;
	struct sipalg_host *new, *host;

	new = kmem_cache_zalloc(cache, GFP_ATOMIC);
	if (!new)
		return NULL;
	new->key = *key;
	refcount_set(&new->users, 1);

	/*
	 * Round again only where another CPU has just removed what was found.
	 */
	for (;;) {
		host = rhashtable_lookup_get_insert_fast(table, &new->node,
							 params);
		if (!host)
			return new;
		if (IS_ERR(host))
			break;
		if (refcount_inc_not_zero(&host->users)) {
			kmem_cache_free(cache, new);
			return host;
		}
		/* Its last user is about to remove it. */
		if (!rhashtable_replace_fast(table, &host->node, &new->node,
					     params))
			return new;
	}
	kmem_cache_free(cache, new);
	return NULL;
}

/**
 * sipalg_host_release() - one less
 * @sn: the namespace
 * @host: what sipalg_host_charge() returned
 * @share: of what
 *
 * Context: any but hard interrupt.
 */
void sipalg_host_release(struct sipalg_net *sn, struct sipalg_host *host,
			 enum sipalg_share share)
{
	atomic_dec(&host->shares[share]);
	if (!refcount_dec_and_test(&host->users))
		return;
	/*
	 * It is not there any more where make() has put another one in its
	 * place.
	 */
	rhashtable_remove_fast(&sn->hosts.table, &host->node, params);
	call_rcu(&host->rcu, free_host);
}

/**
 * sipalg_host_charge() - one more for an inside host
 * @sn: the namespace
 * @key: the host
 * @share: of what
 *
 * Context: softirq or process, RCU read side.
 * Return: the host, to be given back by sipalg_host_release() or
 * sipalg_host_discharge(), until when it is there; NULL where its limit is
 * reached, which is counted, or there is no memory.
 */
struct sipalg_host *sipalg_host_charge(struct sipalg_net *sn,
				       const struct sipalg_host_key *key,
				       enum sipalg_share share)
{
	struct sipalg_host *host =
		rhashtable_lookup(&sn->hosts.table, key, params);

	if (!host || !refcount_inc_not_zero(&host->users))
		host = make(sn, key);
	if (!host)
		return NULL;
	if ((u32)atomic_inc_return(&host->shares[share]) <= limit_of(sn, share))
		return host;
	sipalg_stats_refuse(sn, limit_stats[share]);
	sipalg_host_release(sn, host, share);
	return NULL;
}

/**
 * sipalg_host_discharge() - the same, by the host's name
 * @sn: the namespace
 * @key: a host that has been charged
 * @share: of what
 *
 * Context: any but hard interrupt.
 */
void sipalg_host_discharge(struct sipalg_net *sn,
			   const struct sipalg_host_key *key,
			   enum sipalg_share share)
{
	struct sipalg_host *host;

	rcu_read_lock();
	host = rhashtable_lookup(&sn->hosts.table, key, params);
	if (!WARN_ON_ONCE(!host))
		sipalg_host_release(sn, host, share);
	rcu_read_unlock();
}

int sipalg_hosts_init(struct sipalg_net *sn)
{
	return rhashtable_init(&sn->hosts.table, &params);
}

/* All dialogs and bindings are gone by now, and so are the hosts. */
void sipalg_hosts_exit(struct sipalg_net *sn)
{
	WARN_ON_ONCE(atomic_read(&sn->hosts.table.nelems));
	rhashtable_destroy(&sn->hosts.table);
}

int __init sipalg_host_init(void)
{
	get_random_bytes(&hash_key, sizeof(hash_key));
	cache = KMEM_CACHE(sipalg_host, 0);
	return cache ? 0 : -ENOMEM;
}

/* Context: process; waits for the hosts that RCU still has to free. */
void sipalg_host_exit(void)
{
	rcu_barrier();
	kmem_cache_destroy(cache);
}
