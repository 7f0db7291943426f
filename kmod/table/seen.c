// SPDX-License-Identifier: GPL-2.0
/*
 * The NAT core finds a flow by its far end, too, which nobody knows who asks
 * whether an outside port is free. So the names of flows are kept here, by
 * inside host and by port: a NAT mostly keeps the port. Conntrack is asked what
 * has become of them. The table has a fixed size and forgets the oldest: then
 * less is known, and the far end alone decides, as the NAT core has it.
 *
 * Each new flow comes here, so there is no lock: two CPUs may write one name at
 * a time, or one may read it half written. Such a name is that of no flow, or
 * of one that conntrack has.
 */

#include <linux/hash.h>
#include <linux/slab.h>
#include <net/netfilter/nf_conntrack_zones.h>

#include "table/mapping.h"
#include "table/seen.h"

#define BUCKETS_BITS	7
#define BUCKETS		BIT(BUCKETS_BITS)
#define SLOTS		8

/**
 * struct flow_name - names a flow
 * @tuple: of the packets that the inside host sends; all zero for no flow
 * @zone: conntrack zone of these
 * @port: its outside port, as far as that was known
 */
struct flow_name {
	struct nf_conntrack_tuple tuple;
	u16 zone;
	__be16 port;
};

/**
 * struct sipalg_seen_bucket - flows of one hash
 * @next: slot of the oldest one
 * @slot: the flows
 */
struct sipalg_seen_bucket {
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

/* Whoever floods a bucket has others forgotten, no more: it needs no key. */
static unsigned int hash_host(const union nf_inet_addr *addr)
{
	return hash_32(sipalg_addr_fold(addr), BUCKETS_BITS);
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

	lockdep_assert_held(&sn->hooks.lock);
	if (sn->seen)
		return 0;
	buckets = kvcalloc(BUCKETS, sizeof(*buckets), GFP_KERNEL_ACCOUNT);
	if (!buckets)
		return -ENOMEM;
	/* Pairs with find_buckets(). */
	smp_store_release(&sn->seen, buckets);
	return 0;
}

static void add_name(struct sipalg_seen_bucket *bucket,
		     const struct nf_conntrack_tuple *tuple, u16 zone,
		     __be16 port)
{
	u8 next = READ_ONCE(bucket->next);
	struct flow_name *name = &bucket->slot[next % SLOTS];

	WRITE_ONCE(bucket->next, next + 1);
	WRITE_ONCE(name->zone, zone);
	WRITE_ONCE(name->port, port);
	/* Half of a name does no harm: see above. */
	data_race(name->tuple = *tuple);
}

static struct flow_name read_name(const struct sipalg_seen_bucket *bucket,
				  unsigned int i)
{
	/* Half of a name does no harm: see above. */
	struct flow_name name = data_race(bucket->slot[i]);

	/* What is judged is what conntrack is asked for: it is read once. */
	barrier();
	return name;
}

static __be16 read_port(const struct sipalg_seen_bucket *bucket, unsigned int i)
{
	/* It says only whether the name is worth reading. */
	return data_race(bucket->slot[i].port);
}

/**
 * sipalg_seen_note() - an inside host begins a flow
 * @sn: the namespace, with its hooks
 * @ct: the flow
 * @port: its outside port, as far as that is known
 *
 * Context: softirq or process.
 */
void sipalg_seen_note(struct sipalg_net *sn, const struct nf_conn *ct,
		      __be16 port)
{
	const struct nf_conntrack_tuple *tuple =
		&ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;
	u16 zone = nf_ct_zone_id(nf_ct_zone(ct), IP_CT_DIR_ORIGINAL);
	struct sipalg_seen_bucket *buckets = find_buckets(sn);

	add_name(&buckets[hash_port(port)], tuple, zone, port);
	add_name(&buckets[hash_host(&tuple->src.u3)], tuple, zone, port);
}

/*
 * Return: false where there is no such flow, or one that does not show the
 * outside endpoint now; else with its inside end.
 */
static bool find_shown(struct sipalg_net *sn, const struct flow_name *name,
		       const struct sipalg_endpoint *outside,
		       struct sipalg_endpoint *inside)
{
	const struct nf_conntrack_tuple *tuple = &name->tuple;
	const struct sipalg_endpoint far = {
		.addr = tuple->dst.u3,
		.port = tuple->dst.u.all,
		.family = tuple->src.l3num,
	};
	struct sipalg_endpoint shown;

	*inside = (struct sipalg_endpoint) {
		.addr = tuple->src.u3,
		.port = tuple->src.u.all,
		.zone = name->zone,
		.family = tuple->src.l3num,
		.proto = tuple->dst.protonum,
	};
	return inside->family == outside->family &&
	       inside->proto == outside->proto &&
	       sipalg_mapping_find(sn->net, inside, &far, &shown) &&
	       shown.zone == outside->zone &&
	       sipalg_endpoint_is_same(&shown, outside);
}

static bool is_of_host(const struct flow_name *name,
		       const struct sipalg_endpoint *host)
{
	return name->zone == host->zone &&
	       nf_inet_addr_cmp(&name->tuple.src.u3, &host->addr);
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
	const struct sipalg_seen_bucket *bucket = find_buckets(sn);
	struct sipalg_endpoint other;
	struct flow_name name;
	unsigned int i;

	if (!bucket)
		return false;
	bucket += hash_port(outside->port);
	for (i = 0; i < SLOTS; i++) {
		if (read_port(bucket, i) != outside->port)
			continue;
		name = read_name(bucket, i);
		if (name.tuple.src.u.all == inside->port &&
		    is_of_host(&name, inside))
			continue;
		if (find_shown(sn, &name, outside, &other))
			return true;
	}
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
	const struct sipalg_seen_bucket *buckets = find_buckets(sn);
	struct flow_name name;
	unsigned int i;

	for (i = 0; buckets && i < ARRAY_SIZE(hash) * SLOTS; i++) {
		name = read_name(&buckets[hash[i / SLOTS]], i % SLOTS);
		if (is_of_host(&name, host) &&
		    find_shown(sn, &name, outside, inside))
			return true;
	}
	return false;
}

/* No packet reaches the hooks any more. */
void sipalg_seen_net_exit(struct sipalg_net *sn)
{
	kvfree(sn->seen);
}
