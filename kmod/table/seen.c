// SPDX-License-Identifier: GPL-2.0
/*
 * The NAT core finds a flow by its far end, too, which nobody knows who asks
 * whether an outside port is free. So the names of flows are kept here, by
 * inside host and by port: a NAT mostly keeps the port. Conntrack is asked what
 * has become of them. The table has a fixed size and forgets the oldest: then
 * less is known, and the far end alone decides, as the NAT core has it.
 */

#include <linux/jhash.h>
#include <linux/slab.h>

#include "table/mapping.h"
#include "table/seen.h"

#define BUCKETS	128
#define SLOTS	8

/**
 * struct flow_name - names a flow
 * @inside: A:p; family 0 for no flow
 * @far: where it goes
 */
struct flow_name {
	struct sipalg_endpoint inside;
	struct sipalg_endpoint far;
};

/**
 * struct sipalg_seen_bucket - flows of one hash
 * @lock: protects the other members
 * @next: slot of the oldest one
 * @slot: the flows
 */
struct sipalg_seen_bucket {
	spinlock_t lock;
	u8 next;
	struct flow_name slot[SLOTS];
};

/* A firewall rule may give a flow the helper before there are hooks. */
static struct sipalg_seen_bucket *find_buckets(struct sipalg_net *sn)
{
	/* Pairs with sipalg_seen_prepare(). */
	return smp_load_acquire(&sn->seen);
}

static unsigned int hash_port(__be16 port)
{
	return ntohs(port) % BUCKETS;
}

/* Whoever floods a bucket has others forgotten, and no more: jhash will do. */
static unsigned int hash_host(const union nf_inet_addr *addr)
{
	return jhash2(addr->all, ARRAY_SIZE(addr->all), 0) % BUCKETS;
}

/**
 * sipalg_seen_prepare() - have the table
 * @sn: the namespace, with the lock of its hooks
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int sipalg_seen_prepare(struct sipalg_net *sn)
{
	struct sipalg_seen_bucket *buckets;
	unsigned int i;

	lockdep_assert_held(&sn->hooks.lock);
	if (sn->seen)
		return 0;
	buckets = kvcalloc(BUCKETS, sizeof(*buckets), GFP_KERNEL_ACCOUNT);
	if (!buckets)
		return -ENOMEM;
	for (i = 0; i < BUCKETS; i++)
		spin_lock_init(&buckets[i].lock);
	/* Pairs with find_buckets(). */
	smp_store_release(&sn->seen, buckets);
	return 0;
}

static void add_name(struct sipalg_seen_bucket *bucket,
		     const struct flow_name *name)
{
	spin_lock_bh(&bucket->lock);
	bucket->slot[bucket->next++ % SLOTS] = *name;
	spin_unlock_bh(&bucket->lock);
}

/**
 * sipalg_seen_note() - an inside host begins a flow
 * @sn: the namespace
 * @inside: A:p
 * @far: where the flow goes
 * @port: its outside port, as far as that is known
 *
 * Context: softirq or process.
 */
void sipalg_seen_note(struct sipalg_net *sn,
		      const struct sipalg_endpoint *inside,
		      const struct sipalg_endpoint *far, __be16 port)
{
	const struct flow_name name = { .inside = *inside, .far = *far };
	struct sipalg_seen_bucket *buckets = find_buckets(sn);

	if (!buckets)
		return;
	add_name(&buckets[hash_port(port)], &name);
	add_name(&buckets[hash_host(&inside->addr)], &name);
}

/*
 * Return: false where slot @i of a bucket has no flow, or one that does not
 * show the outside endpoint now; else with its inside end.
 */
static bool find_shown(struct sipalg_net *sn,
		       struct sipalg_seen_bucket *bucket, unsigned int i,
		       const struct sipalg_endpoint *outside,
		       struct sipalg_endpoint *inside)
{
	struct sipalg_endpoint shown;
	struct flow_name name;

	spin_lock_bh(&bucket->lock);
	name = bucket->slot[i];
	spin_unlock_bh(&bucket->lock);
	if (name.inside.family != outside->family ||
	    name.inside.proto != outside->proto ||
	    !sipalg_mapping_find(sn->net, &name.inside, &name.far, &shown))
		return false;
	*inside = name.inside;
	return shown.zone == outside->zone &&
	       sipalg_endpoint_is_same(&shown, outside);
}

/**
 * sipalg_seen_is_others() - does the NAT show an endpoint for another inside
 * end?
 * @sn: the namespace
 * @inside: A:p
 * @outside: E:q
 *
 * Context: softirq or process, RCU read side.
 * Return: whether it does so towards any far end that is known.
 */
bool sipalg_seen_is_others(struct sipalg_net *sn,
			   const struct sipalg_endpoint *inside,
			   const struct sipalg_endpoint *outside)
{
	struct sipalg_seen_bucket *buckets = find_buckets(sn);
	unsigned int i, hash = hash_port(outside->port);
	struct sipalg_endpoint other;

	for (i = 0; buckets && i < SLOTS; i++)
		if (find_shown(sn, &buckets[hash], i, outside, &other) &&
		    (!sipalg_endpoint_is_same_host(&other, inside) ||
		     other.port != inside->port))
			return true;
	return false;
}

/**
 * sipalg_seen_find_inside() - which end of a host does the NAT show so?
 * @sn: the namespace
 * @host: A; its port is not used
 * @outside: E:q
 * @inside: set to A:p
 *
 * Context: softirq or process, RCU read side.
 * Return: false where it is not known.
 */
bool sipalg_seen_find_inside(struct sipalg_net *sn,
			     const struct sipalg_endpoint *host,
			     const struct sipalg_endpoint *outside,
			     struct sipalg_endpoint *inside)
{
	const unsigned int hash[] = {
		hash_port(outside->port),
		hash_host(&host->addr),
	};
	struct sipalg_seen_bucket *buckets = find_buckets(sn);
	unsigned int i;

	for (i = 0; buckets && i < ARRAY_SIZE(hash) * SLOTS; i++)
		if (find_shown(sn, &buckets[hash[i / SLOTS]], i % SLOTS,
			       outside, inside) &&
		    sipalg_endpoint_is_same_host(inside, host))
			return true;
	return false;
}

/* No packet reaches the hooks any more. */
void sipalg_seen_net_exit(struct sipalg_net *sn)
{
	kvfree(sn->seen);
}
