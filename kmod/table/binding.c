// SPDX-License-Identifier: GPL-2.0
/*
 * Two hash tables over the same bindings, read under RCU. The table of outside
 * endpoints decides who gets a port. A binding lives while a lease holds it.
 * Lock order: a dialog's lock, the locks of inside ports (port.c), a binding's
 * lock.
 */

#include <linux/siphash.h>
#include <linux/slab.h>
#include <net/netfilter/nf_conntrack_core.h>

#include "state/budget.h"
#include "state/notify.h"
#include "state/quota.h"
#include "state/route.h"
#include "state/stats.h"
#include "table/binding.h"

/* Entries of conntrack that are over are held up to so long. */
#define REAP_SECS 2

static hsiphash_key_t hash_key __read_mostly;
static struct kmem_cache *cache __read_mostly;

/* An IPv4 address leaves most of the key empty. */
static u32 hash_endpoint(const void *data, u32 len, u32 seed)
{
	const struct sipalg_endpoint *endpoint = data;

	if (endpoint->family == NFPROTO_IPV4)
		return hsiphash_3u32((__force u32)endpoint->addr.ip,
				     (u32)ntohs(endpoint->port) << 16 |
					     endpoint->zone,
				     endpoint->proto, &hash_key) ^ seed;
	return hsiphash(data, len, &hash_key) ^ seed;
}

static u32 hash_outside(const void *data, u32 len, u32 seed)
{
	const struct sipalg_endpoint outside = sipalg_binding_outside(data);

	return hash_endpoint(&outside, sizeof(outside), seed);
}

static int compare_outside(struct rhashtable_compare_arg *arg,
			   const void *data)
{
	const struct sipalg_endpoint *key = arg->key;
	const struct sipalg_binding *binding = data;

	return binding->outside_port != key->port ||
	       binding->outside_zone != key->zone ||
	       binding->inside.family != key->family ||
	       binding->inside.proto != key->proto ||
	       !nf_inet_addr_cmp(sipalg_binding_outside_addr(binding),
				 &key->addr);
}

static const struct rhashtable_params inside_params = {
	.head_offset = offsetof(struct sipalg_binding, by_inside),
	.key_offset = offsetof(struct sipalg_binding, inside),
	.key_len = sizeof(struct sipalg_endpoint),
	.hashfn = hash_endpoint,
	.automatic_shrinking = true,
};

static const struct rhashtable_params outside_params = {
	.head_offset = offsetof(struct sipalg_binding, by_outside),
	.key_len = sizeof(struct sipalg_endpoint),
	.hashfn = hash_endpoint,
	.obj_hashfn = hash_outside,
	.obj_cmpfn = compare_outside,
	.automatic_shrinking = true,
};

static void free_binding(struct rcu_head *rcu)
{
	struct sipalg_binding *binding =
		container_of(rcu, struct sipalg_binding, rcu);

	nf_ct_put(binding->master);
	kfree(binding->past);
	kfree(binding->peers);
	kmem_cache_free(cache, binding);
}

/* The inside host that is charged for a binding. */
static struct sipalg_host_key payer_of(const struct sipalg_binding_spec *spec)
{
	const struct sipalg_endpoint *inside = &spec->inside;

	return (struct sipalg_host_key) {
		.addr = spec->payer ? *spec->payer : inside->addr,
		.zone = inside->zone,
		.family = inside->family,
	};
}

/**
 * sipalg_binding_take_lost() - how many flows were led in and did not arrive?
 * @binding: locked by the caller
 *
 * The last one may still be on its way, unless it is the only one.
 *
 * Context: any.
 * Return: their number; they are not returned again.
 */
unsigned int sipalg_binding_take_lost(struct sipalg_binding *binding)
{
	unsigned int lost;

	lockdep_assert_held(&binding->lock);
	if (!binding->led_in ||
	    (u32)jiffies - binding->led_in_since < SIPALG_HELD_JIFFIES)
		return 0;
	lost = max(binding->led_in - 1, 1);
	binding->led_in -= lost;
	return lost;
}

/**
 * sipalg_binding_plan_reap() - have flows looked for that are over
 * @sn: the namespace, which has bindings
 *
 * Context: any.
 */
void sipalg_binding_plan_reap(struct sipalg_net *sn)
{
	queue_delayed_work(system_power_efficient_wq, &sn->bindings.reap,
			   REAP_SECS * HZ);
}

/**
 * sipalg_binding_end_flows() - end flows that leave their binding
 * @flows: the flows, or NULL; their references are given back
 * @n: number of @flows
 *
 * Context: any but hard interrupt.
 */
void sipalg_binding_end_flows(struct nf_conn *const *flows, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (!flows[i])
			continue;
		if (nf_ct_is_confirmed(flows[i]))
			nf_ct_kill(flows[i]);
		nf_ct_put(flows[i]);
	}
}

static void count_port(struct sipalg_bindings *table, __be16 port, int n)
{
	atomic_add(n, &table->ports[sipalg_binding_counter(port)]);
	atomic_add(n, &table->ranges[sipalg_binding_range(port)]);
}

static void count_ports(struct sipalg_net *sn,
			const struct sipalg_binding *binding, int n)
{
	count_port(&sn->bindings, binding->inside.port, n);
	count_port(&sn->bindings, binding->outside_port, n);
}

/**
 * sipalg_binding_follows() - does a flow follow a binding?
 * @binding: locked by the caller
 * @ct: the flow
 *
 * Context: any.
 */
bool sipalg_binding_follows(struct sipalg_binding *binding,
			    const struct nf_conn *ct)
{
	unsigned int i;

	lockdep_assert_held(&binding->lock);
	for (i = 0; i < binding->n_slots && !binding->dead; i++)
		if (sipalg_binding_flows(binding)[i] == ct)
			return true;
	return false;
}

/*
 * An older binding may have mapped the same packets between another inside and
 * the same outside end.
 */
static bool maps(const struct sipalg_binding *binding, const struct nf_conn *ct)
{
	const struct nf_conntrack_tuple *reply =
		&ct->tuplehash[IP_CT_DIR_REPLY].tuple;

	return (nf_inet_addr_cmp(&binding->inside.addr, &reply->src.u3) &&
		binding->inside.port == reply->src.u.all) ||
	       (nf_inet_addr_cmp(sipalg_binding_outside_addr(binding),
				 &reply->dst.u3) &&
		binding->outside_port == reply->dst.u.all);
}

/**
 * sipalg_binding_welcome() - refer to the flows that have come
 * @binding: locked by the caller
 *
 * Those that are late are counted.
 *
 * Context: any but hard interrupt.
 */
void sipalg_binding_welcome(struct sipalg_binding *binding)
{
	struct sipalg_newcomer *newcomer;
	struct nf_conn **flows, *ct;
	struct sipalg_net *sn;
	unsigned int i;

	lockdep_assert_held(&binding->lock);
	if (binding->dead)
		return;
	sn = sipalg_pernet(nf_ct_net(binding->master));
	flows = sipalg_binding_flows(binding);
	for (i = 0; i < binding->n_slots; i++) {
		newcomer = sipalg_newcomer_of(flows[i]);
		if (!newcomer)
			continue;
		ct = sipalg_newcomer_find(sn, newcomer);
		if (ct && !maps(binding, ct)) {
			nf_ct_put(ct);
			ct = NULL;
		}
		if (!ct) {
			sipalg_newcomer_count_late(sn, newcomer);
			continue;
		}
		if (sipalg_binding_follows(binding, ct)) {
			nf_ct_put(ct);
			ct = NULL;
		}
		flows[i] = ct;
		sipalg_binding_free_extra(binding, newcomer, sizeof(*newcomer));
	}
}

/**
 * sipalg_binding_give_up() - a newcomer leaves, and is to end when it comes
 * @binding: locked by the caller
 * @place: where it is noted; emptied. The note stays charged to the namespace.
 *
 * Context: any but hard interrupt.
 */
void sipalg_binding_give_up(struct sipalg_binding *binding,
			    struct nf_conn **place)
{
	struct sipalg_net *sn = sipalg_pernet(nf_ct_net(binding->master));
	struct sipalg_newcomer *newcomer = sipalg_newcomer_of(*place);

	lockdep_assert_held(&binding->lock);
	*place = NULL;
	binding->extra -= sizeof(*newcomer);
	sipalg_newcomer_leave(sn, newcomer, hash_outside(binding, 0, 0));
	sipalg_binding_plan_reap(sn);
}

/**
 * sipalg_binding_give_up_all() - all newcomers leave
 * @binding: locked by the caller
 *
 * Context: any but hard interrupt.
 */
void sipalg_binding_give_up_all(struct sipalg_binding *binding)
{
	unsigned int i;

	for (i = 0; i < binding->n_slots && !binding->dead; i++) {
		struct nf_conn **place = &sipalg_binding_flows(binding)[i];

		if (sipalg_newcomer_of(*place))
			sipalg_binding_give_up(binding, place);
	}
}

/*
 * Ends the flows that follow a binding, which is in the table of outside
 * endpoints alone.
 */
static void retire_binding(struct sipalg_net *sn,
			   struct sipalg_binding *binding)
{
	unsigned int lost;
	u32 extra;

	rhashtable_remove_fast(&sn->bindings.outside, &binding->by_outside,
			       outside_params);
	count_ports(sn, binding, -1);
	spin_lock_bh(&binding->lock);
	sipalg_binding_welcome(binding);
	sipalg_binding_give_up_all(binding);
	binding->dead = true;
	extra = binding->extra;
	lost = sipalg_binding_take_lost(binding);
	spin_unlock_bh(&binding->lock);
	sipalg_budget_add(sn, -(s64)extra);
	if (lost)
		sipalg_stats_add(sn, SIPALG_STAT_FLOWS_DROPPED_IN, lost);

	sipalg_binding_end_flows(sipalg_binding_flows(binding),
				 binding->n_slots);
	if (binding->n_slots > 1)
		kfree(binding->flows);
	sipalg_quota_uncharge(sn, binding->payer, SIPALG_SHARE_BINDINGS,
			      sizeof(*binding));
	atomic_dec(&sn->bindings.count);
	sipalg_outside_put(sn, binding->address);
	call_rcu(&binding->rcu, free_binding);
}

/*
 * A flow that ends drops its master, which drops its own master in turn: the
 * kernel would recurse along a chain, which an inside and an outside host could
 * make as long as they like.
 */
static struct nf_conn *first_master(struct nf_conn *ct)
{
	while (ct->master)
		ct = ct->master;
	return ct;
}

/**
 * sipalg_binding_get_master() - the flow that new flows of a binding belong to
 * @binding: found under RCU
 *
 * Context: any but hard interrupt; takes the binding's lock.
 * Return: the flow, referenced.
 */
struct nf_conn *sipalg_binding_get_master(struct sipalg_binding *binding)
{
	struct nf_conn *master;

	spin_lock_bh(&binding->lock);
	master = binding->master;
	nf_conntrack_get(&master->ct_general);
	spin_unlock_bh(&binding->lock);
	return master;
}

/**
 * sipalg_binding_renew_master() - a signalling flow names a binding again
 * @sn: the namespace
 * @binding: held by the caller
 * @ct: the flow, which takes the place of the stand-in
 *
 * Context: any but hard interrupt; takes the binding's lock.
 */
void sipalg_binding_renew_master(struct sipalg_net *sn,
				 struct sipalg_binding *binding,
				 struct nf_conn *ct)
{
	struct nf_conn *stand_in = sn->bindings.stand_in;

	if (likely(READ_ONCE(binding->master) != stand_in))
		return;
	ct = first_master(ct);
	nf_conntrack_get(&ct->ct_general);
	spin_lock_bh(&binding->lock);
	if (binding->master == stand_in) {
		WRITE_ONCE(binding->master, ct);
		ct = stand_in;
	}
	spin_unlock_bh(&binding->lock);
	nf_ct_put(ct);
}

/* Does a signalling flow, or that which its binding had, end with its route? */
static bool is_masqueraded(struct sipalg_net *sn, const struct nf_conn *ct)
{
	const struct sipalg_binding *entrance =
		sipalg_binding_find_entrance(sn, ct);

	return sipalg_route_masquerade(ct) ||
	       (entrance && entrance->masquerade);
}

/* Return: false without memory. */
static bool set_outside(struct sipalg_net *sn, struct sipalg_binding *binding,
			const struct sipalg_endpoint *outside)
{
	const struct sipalg_outside_key key = {
		.addr = outside->addr,
		.family = outside->family,
	};

	binding->outside_port = outside->port;
	binding->outside_zone = outside->zone;
	if (nf_inet_addr_cmp(&binding->inside.addr, &outside->addr))
		return true;
	binding->address = sipalg_outside_get(sn, &key);
	return binding->address;
}

static struct sipalg_binding *
alloc_binding(struct sipalg_net *sn, const struct sipalg_binding_spec *spec)
{
	struct sipalg_binding *binding = kmem_cache_zalloc(cache, GFP_ATOMIC);

	if (!binding)
		return NULL;
	binding->inside = spec->inside;
	if (!set_outside(sn, binding, &spec->outside)) {
		kmem_cache_free(cache, binding);
		return NULL;
	}
	refcount_set(&binding->users, 1);
	spin_lock_init(&binding->lock);
	binding->n_slots = 1;
	binding->ifindex = spec->ifindex;
	binding->kind = spec->kind;
	binding->masquerade = is_masqueraded(sn, spec->master);
	binding->master = first_master(spec->master);
	nf_conntrack_get(&binding->master->ct_general);
	return binding;
}

/* Return: 0, -EBUSY where the outside port is taken, or -ENOMEM. */
static int insert_binding(struct sipalg_net *sn, struct sipalg_binding *binding)
{
	const struct sipalg_endpoint outside = sipalg_binding_outside(binding);
	struct sipalg_bindings *table = &sn->bindings;

	/* Counted before anybody can be told of it. */
	count_ports(sn, binding, 1);
	if (rhashtable_lookup_insert_key(&table->outside, &outside,
					 &binding->by_outside,
					 outside_params)) {
		count_ports(sn, binding, -1);
		return -EBUSY;
	}
	/* From here on a packet to the outside endpoint finds it. */
	return rhltable_insert(&table->inside, &binding->by_inside,
			       inside_params) ? -ENOMEM : 0;
}

/**
 * sipalg_binding_alloc_extra() - memory that a binding needs beside itself
 * @binding: locked by the caller
 * @size: bytes
 *
 * Context: any.
 * Return: zeroed memory, which ends with the binding; or NULL.
 */
void *sipalg_binding_alloc_extra(struct sipalg_binding *binding, u32 size)
{
	struct net *net = nf_ct_net(binding->master);
	void *buf;

	lockdep_assert_held(&binding->lock);
	if (binding->dead)
		return NULL;
	buf = sipalg_quota_alloc(sipalg_pernet(net), size);
	if (buf)
		binding->extra += size;
	return buf;
}

/**
 * sipalg_binding_free_extra() - give back such memory before the binding ends
 * @binding: locked by the caller
 * @buf: the memory, or NULL
 * @size: bytes
 *
 * Context: any.
 */
void sipalg_binding_free_extra(struct sipalg_binding *binding, void *buf,
			       u32 size)
{
	struct net *net = nf_ct_net(binding->master);

	lockdep_assert_held(&binding->lock);
	if (!buf || binding->dead)
		return;
	sipalg_quota_free(sipalg_pernet(net), buf, size);
	binding->extra -= size;
}

/**
 * sipalg_binding_make() - make a binding
 * @sn: the namespace
 * @spec: its endpoints and more
 * @made: set to the binding, which is held; NULL where the outside port is
 *	taken
 *
 * Context: softirq or process, RCU read side.
 * Return: SIPALG_STAT_NONE, or the counter of the reason why there can be none.
 */
enum sipalg_stat sipalg_binding_make(struct sipalg_net *sn,
				     const struct sipalg_binding_spec *spec,
				     struct sipalg_binding **made)
{
	const struct sipalg_host_key host = payer_of(spec);
	struct sipalg_binding *binding;
	struct sipalg_host *payer;
	enum sipalg_stat refused;

	*made = NULL;
	refused = sipalg_quota_charge(sn, &host, SIPALG_SHARE_BINDINGS,
				      sizeof(*binding), &payer);
	if (refused)
		return refused;
	binding = alloc_binding(sn, spec);
	if (!binding) {
		sipalg_quota_uncharge(sn, payer, SIPALG_SHARE_BINDINGS,
				      sizeof(*binding));
		return sipalg_stats_refuse(sn, SIPALG_STAT_PASSED_NO_MEMORY);
	}

	binding->payer = payer;
	atomic_inc(&sn->bindings.count);
	switch (insert_binding(sn, binding)) {
	case 0:
		break;
	case -EBUSY:
		atomic_dec(&sn->bindings.count);
		sipalg_quota_uncharge(sn, payer, SIPALG_SHARE_BINDINGS,
				      sizeof(*binding));
		sipalg_outside_put(sn, binding->address);
		nf_ct_put(binding->master);
		kmem_cache_free(cache, binding);
		return SIPALG_STAT_NONE;
	default:
		retire_binding(sn, binding);
		return sipalg_stats_refuse(sn, SIPALG_STAT_PASSED_NO_MEMORY);
	}
	sipalg_binding_plan_reap(sn);
	sipalg_stats_inc(sn, SIPALG_STAT_BINDINGS);
	sipalg_notify_binding(sn, binding, SIPALG_CMD_BINDING_NEW);
	*made = binding;
	return SIPALG_STAT_NONE;
}

/**
 * sipalg_binding_get() - hold a binding
 * @binding: found under RCU
 *
 * Context: RCU read side.
 * Return: false where it is about to go.
 */
bool sipalg_binding_get(struct sipalg_binding *binding)
{
	return refcount_inc_not_zero(&binding->users);
}

/**
 * sipalg_binding_put() - release a binding
 * @sn: the namespace
 * @binding: held by the caller
 *
 * The last user takes it out of the tables and ends the flows that follow it.
 *
 * Context: any but hard interrupt; takes the binding's lock.
 */
void sipalg_binding_put(struct sipalg_net *sn, struct sipalg_binding *binding)
{
	if (!refcount_dec_and_test(&binding->users))
		return;

	rhltable_remove(&sn->bindings.inside, &binding->by_inside,
			inside_params);
	sipalg_notify_binding(sn, binding, SIPALG_CMD_BINDING_GONE);
	retire_binding(sn, binding);
}

/**
 * sipalg_binding_by_outside() - find a binding by its outside endpoint
 * @sn: the namespace
 * @outside: E:q
 *
 * Context: RCU read side, which also bounds the life of what is returned.
 * Return: the binding, or NULL.
 */
struct sipalg_binding *
sipalg_binding_by_outside(struct sipalg_net *sn,
			  const struct sipalg_endpoint *outside)
{
	if (!sipalg_binding_may_have(sn, outside->port))
		return NULL;
	return rhashtable_lookup(&sn->bindings.outside, outside,
				 outside_params);
}

/**
 * sipalg_binding_find_entrance() - find the binding that a flow was sent to
 * @sn: the namespace
 * @ct: the flow
 *
 * Context: RCU read side, which also bounds the life of what is returned.
 * Return: the binding; NULL for a flow that no binding has led in.
 */
struct sipalg_binding *
sipalg_binding_find_entrance(struct sipalg_net *sn, const struct nf_conn *ct)
{
	struct sipalg_endpoint outside;

	if (!ct->master)
		return NULL;
	outside = sipalg_endpoint_target(ct);
	return sipalg_binding_by_outside(sn, &outside);
}

/**
 * sipalg_binding_all_by_inside() - find all bindings of an inside endpoint
 * @sn: the namespace
 * @inside: A:p
 *
 * Context: RCU read side, which also bounds the life of what is returned.
 * Return: a list for rhl_for_each_entry_rcu() by @by_inside; NULL if empty.
 */
struct rhlist_head *
sipalg_binding_all_by_inside(struct sipalg_net *sn,
			     const struct sipalg_endpoint *inside)
{
	if (!sipalg_binding_may_have(sn, inside->port))
		return NULL;
	return rhltable_lookup(&sn->bindings.inside, inside, inside_params);
}

/**
 * sipalg_binding_by_inside() - find a binding by its inside endpoint
 * @sn: the namespace
 * @inside: A:p
 * @outside: E, the outside address it should have
 *
 * Context: RCU read side, which also bounds the life of what is returned.
 * Return: the binding, or NULL.
 */
struct sipalg_binding *
sipalg_binding_by_inside(struct sipalg_net *sn,
			 const struct sipalg_endpoint *inside,
			 const union nf_inet_addr *outside)
{
	struct sipalg_binding *binding;
	struct rhlist_head *list, *pos;

	list = sipalg_binding_all_by_inside(sn, inside);
	rhl_for_each_entry_rcu(binding, pos, list, by_inside)
		if (nf_inet_addr_cmp(sipalg_binding_outside_addr(binding),
				     outside))
			return binding;
	return NULL;
}

/**
 * sipalg_binding_leaves_by() - do packets with the outside address leave so?
 * @binding: the binding
 * @ifindex: index of a device
 *
 * The address may have come back on another device, as by PPPoE.
 *
 * Context: RCU read side.
 */
bool sipalg_binding_leaves_by(const struct sipalg_binding *binding, int ifindex)
{
	return binding->ifindex == ifindex ||
	       (binding->address &&
		READ_ONCE(binding->address->ifindex) == ifindex);
}

int sipalg_binding_net_init(struct sipalg_net *sn)
{
	int err;

	err = rhltable_init(&sn->bindings.inside, &inside_params);
	if (err)
		return err;
	err = rhashtable_init(&sn->bindings.outside, &outside_params);
	if (err)
		rhltable_destroy(&sn->bindings.inside);
	return err;
}

/* All dialogs are gone by now, and so are the bindings. */
void sipalg_binding_net_exit(struct sipalg_net *sn)
{
	WARN_ON_ONCE(atomic_read(&sn->bindings.count));
	rhltable_destroy(&sn->bindings.inside);
	rhashtable_destroy(&sn->bindings.outside);
}

int sipalg_binding_setup(void)
{
	get_random_bytes(&hash_key, sizeof(hash_key));
	cache = KMEM_CACHE(sipalg_binding, SLAB_ACCOUNT);
	return cache ? 0 : -ENOMEM;
}

/* Context: process; waits for the bindings that RCU still has to free. */
void sipalg_binding_teardown(void)
{
	rcu_barrier();
	kmem_cache_destroy(cache);
}
