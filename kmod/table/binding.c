// SPDX-License-Identifier: GPL-2.0
/*
 * The table is two hash tables over the same bindings, read under RCU. Making a
 * binding for an inside host is serialised by a lock chosen by the host's
 * address; the table of outside ends decides who gets a port. A binding lives
 * while a dialog holds it. Lock order: a dialog's lock, a host lock, a
 * binding's lock.
 */

#include <linux/ip.h>
#include <linux/siphash.h>
#include <net/netfilter/nf_conntrack_acct.h>
#include <net/netfilter/nf_conntrack_core.h>
#include <net/netfilter/nf_conntrack_zones.h>
#include <net/udp.h>

#include "main.h"
#include "control/trace.h"

#define HOST_LOCKS_BITS 6
#define FIRST_USER_PORT 1024

static hsiphash_key_t hash_key __read_mostly;
static struct kmem_cache *cache __read_mostly;
static spinlock_t host_locks[1 << HOST_LOCKS_BITS];

static u32 hash_end(const void *data, u32 len, u32 seed)
{
	return hsiphash(data, len, &hash_key) ^ seed;
}

static const struct rhashtable_params inside_params = {
	.head_offset = offsetof(struct sipalg_binding, by_inside),
	.key_offset = offsetof(struct sipalg_binding, inside),
	.key_len = sizeof(struct sipalg_end),
	.hashfn = hash_end,
	.automatic_shrinking = true,
};

static const struct rhashtable_params outside_params = {
	.head_offset = offsetof(struct sipalg_binding, by_outside),
	.key_offset = offsetof(struct sipalg_binding, outside),
	.key_len = sizeof(struct sipalg_end),
	.hashfn = hash_end,
	.automatic_shrinking = true,
};

static spinlock_t *host_lock(const struct sipalg_end *inside)
{
	u32 hash = hsiphash(&inside->addr, sizeof(inside->addr), &hash_key);

	return &host_locks[hash >> (32 - HOST_LOCKS_BITS)];
}

/*
 * The binding's own reference is one; until a flow is confirmed it cannot
 * expire.
 */
static bool is_alive(const struct nf_conn *ct)
{
	return refcount_read(&ct->ct_general.use) > 1 && !nf_ct_is_dying(ct) &&
	       !(nf_ct_is_confirmed(ct) && nf_ct_is_expired(ct));
}

/*
 * A port that a program on the router itself listens on is not ours to promise.
 */
static bool is_used_by_router(struct net *net, const struct sipalg_end *end,
			      int ifindex)
{
	bool tcp = end->proto == IPPROTO_TCP;
	struct sock *sk = NULL;

	if (end->family == NFPROTO_IPV4)
		sk = tcp ? sipalg_tcp4_listener(net, end->addr.ip, end->port,
						ifindex) :
			   udp4_lib_lookup(net, 0, 0, end->addr.ip, end->port,
					   ifindex);
#if IS_ENABLED(CONFIG_IPV6)
	else
		sk = tcp ? sipalg_tcp6_listener(net, &end->addr.in6, end->port,
						ifindex) :
			   udp6_lib_lookup(net, &in6addr_any, 0, &end->addr.in6,
					   end->port, ifindex);
#endif
	/* A listener is found without a reference. */
	if (sk && !tcp)
		sock_put(sk);
	return sk;
}

static void free_binding(struct rcu_head *rcu)
{
	struct sipalg_binding *binding =
		container_of(rcu, struct sipalg_binding, rcu);

	nf_ct_put(binding->master);
	kfree(binding->peers);
	kmem_cache_free(cache, binding);
}

/*
 * Has the NAT given the outside port to a flow of another inside host with this
 * far end? Then the far end's packets would go there.
 */
static bool is_used_by_nat(struct net *net, const struct sipalg_end *inside,
			   const struct sipalg_end *outside,
			   const struct sipalg_end *far)
{
	struct nf_conntrack_tuple_hash *found;
	const struct nf_conntrack_tuple *other;
	struct nf_conntrack_tuple tuple = {
		.src.u3 = far->addr,
		.src.u.all = far->port,
		.src.l3num = far->family,
		.dst.u3 = outside->addr,
		.dst.u.all = outside->port,
		.dst.protonum = outside->proto,
	};
	struct nf_conntrack_zone zone;
	struct nf_conn *ct;
	bool used;

	nf_ct_zone_init(&zone, outside->zone, NF_CT_DEFAULT_ZONE_DIR, 0);
	found = nf_conntrack_find_get(net, &zone, &tuple);
	if (!found)
		return false;
	ct = nf_ct_tuplehash_to_ctrack(found);
	other = &ct->tuplehash[!NF_CT_DIRECTION(found)].tuple;
	used = other->src.u.all != inside->port ||
	       !nf_inet_addr_cmp(&other->src.u3, &inside->addr);
	nf_ct_put(ct);
	return used;
}

/*
 * Is there room in the namespace for one more? To be called when it has been
 * counted.
 */
static bool is_full(struct sipalg_net *sn)
{
	if ((u32)atomic_read(&sn->bindings.count) >
	    sipalg_setting(sn, LIMIT_BINDINGS)) {
		sipalg_stats_refuse(sn, SIPALG_STAT_LIMIT_BINDINGS);
		return true;
	}
	return sipalg_net_is_full(sn);
}

/* The inside host that a binding counts for. */
static struct sipalg_host_key host_of(const struct sipalg_end *inside)
{
	return (struct sipalg_host_key) {
		.addr = inside->addr,
		.zone = inside->zone,
		.family = inside->family,
	};
}

/* Ends the flows that follow it; it is in the table of outside ends alone. */
static void retire(struct sipalg_net *sn, struct sipalg_binding *binding)
{
	const struct sipalg_host_key host = host_of(&binding->inside);
	unsigned int i;

	rhashtable_remove_fast(&sn->bindings.outside, &binding->by_outside,
			       outside_params);
	spin_lock_bh(&binding->lock);
	binding->dead = true;
	spin_unlock_bh(&binding->lock);

	for (i = 0; i < SIPALG_BINDING_FLOWS_MAX; i++) {
		struct nf_conn *ct = binding->flows[i];

		if (!ct)
			continue;
		if (nf_ct_is_confirmed(ct))
			nf_ct_kill(ct);
		nf_ct_put(ct);
	}
	sipalg_host_discharge(sn, &host, SIPALG_SHARE_BINDINGS);
	atomic_dec(&sn->bindings.count);
	call_rcu(&binding->rcu, free_binding);
}

/*
 * A flow lets go of its master when it goes, and that of its own: a chain of
 * them, which an inside and an outside host could make as long as they like,
 * would do so recursively.
 */
static struct nf_conn *first_master(struct nf_conn *ct)
{
	while (ct->master)
		ct = ct->master;
	return ct;
}

/*
 * Return: the new binding; -EBUSY where the port is taken, or why there can be
 * none at all.
 */
static struct sipalg_binding *make(struct sipalg_net *sn,
				   const struct sipalg_binding_ask *ask,
				   const struct sipalg_end *inside,
				   const struct sipalg_end *outside, u8 kind)
{
	const struct sipalg_host_key host = host_of(inside);
	struct sipalg_bindings *table = &sn->bindings;
	struct sipalg_binding *binding;
	int err = -ENOSPC;

	atomic_inc(&table->count);
	if (is_full(sn) ||
	    !sipalg_host_charge(sn, &host, SIPALG_SHARE_BINDINGS))
		goto err_count;
	err = -ENOMEM;
	binding = kmem_cache_zalloc(cache, GFP_ATOMIC);
	if (!binding)
		goto err_host;

	binding->inside = *inside;
	binding->outside = *outside;
	refcount_set(&binding->users, 1);
	spin_lock_init(&binding->lock);
	binding->ifindex = ask->ifindex;
	binding->kind = kind;
	/*
	 * A packet to the outside end may be here as soon as that is in its
	 * table.
	 */
	binding->master = first_master(ask->master);
	nf_conntrack_get(&binding->master->ct_general);
	err = -EBUSY;
	if (rhashtable_lookup_insert_fast(&table->outside, &binding->by_outside,
					  outside_params))
		goto err_free;

	if (rhltable_insert(&table->inside, &binding->by_inside,
			    inside_params)) {
		retire(sn, binding);
		return ERR_PTR(-ENOMEM);
	}
	sipalg_stats_inc(sn, SIPALG_STAT_BINDINGS);
	trace_sipalg_binding(sn->net, binding, true);
	sipalg_event_binding(sn, binding, SIPALG_CMD_BINDING_NEW);
	return binding;

err_free:
	nf_ct_put(binding->master);
	kmem_cache_free(cache, binding);
err_host:
	sipalg_host_discharge(sn, &host, SIPALG_SHARE_BINDINGS);
err_count:
	atomic_dec(&table->count);
	return ERR_PTR(err);
}

/*
 * The inside end of the port @i places behind the first one that is asked for.
 */
static struct sipalg_end nth_inside(const struct sipalg_binding_ask *ask,
				    unsigned int i)
{
	struct sipalg_end inside = ask->inside;

	inside.port = htons(ntohs(inside.port) + i);
	return inside;
}

/*
 * Return: the binding that the port has already, held; NULL if it has none, or
 * no longer.
 */
static struct sipalg_binding *take_nth(struct sipalg_net *sn,
				       const struct sipalg_binding_ask *ask,
				       unsigned int i)
{
	struct sipalg_end inside = nth_inside(ask, i);
	struct sipalg_binding *binding;

	binding = sipalg_binding_by_inside(sn, &inside, &ask->outside.addr);
	return binding && refcount_inc_not_zero(&binding->users) ? binding :
								   NULL;
}

/*
 * Return: a new binding in a run that begins outside at @port, or as make()
 * does.
 */
static struct sipalg_binding *make_nth(struct sipalg_net *sn,
				       const struct sipalg_binding_ask *ask,
				       unsigned int i, u16 port)
{
	struct sipalg_end inside = nth_inside(ask, i), outside = ask->outside;
	u8 kind = ask->kind;

	outside.port = htons(port + i);
	if (!nf_inet_addr_cmp(&inside.addr, &outside.addr) &&
	    is_used_by_router(sn->net, &outside, ask->ifindex))
		return ERR_PTR(-EBUSY);
	if (!i && !ask->exact && ask->far.family &&
	    is_used_by_nat(sn->net, &inside, &outside, &ask->far))
		return ERR_PTR(-EBUSY);
	if (kind == SIPALG_BINDING_RTP && i % 2)
		kind = SIPALG_BINDING_RTCP;
	return make(sn, ask, &inside, &outside, kind);
}

/*
 * The first port has its binding, and that tells where the others have to be.
 */
static unsigned int join_run(struct sipalg_net *sn,
			     const struct sipalg_binding_ask *ask,
			     unsigned int n, struct sipalg_binding *got[])
{
	u16 port = ntohs(got[0]->outside.port);
	unsigned int i;

	for (i = 1; i < n; i++) {
		got[i] = take_nth(sn, ask, i);
		if (got[i] && got[i]->outside.port != htons(port + i)) {
			sipalg_binding_put(sn, got[i]);
			break;
		}
		if (!got[i])
			got[i] = make_nth(sn, ask, i, port);
		if (IS_ERR(got[i]))
			break;
	}
	return i;
}

/*
 * How many ports, the first one included, are without a binding of their own.
 */
static unsigned int count_unbound(struct sipalg_net *sn,
				  const struct sipalg_binding_ask *ask,
				  unsigned int n)
{
	struct sipalg_binding *binding;
	unsigned int i;

	for (i = 1; i < n; i++) {
		binding = take_nth(sn, ask, i);
		if (!binding)
			continue;
		sipalg_binding_put(sn, binding);
		break;
	}
	return i;
}

static int make_run(struct sipalg_net *sn, const struct sipalg_binding_ask *ask,
		    unsigned int n, u16 port, struct sipalg_binding *got[])
{
	unsigned int i;
	int err;

	for (i = 0; i < n; i++) {
		got[i] = make_nth(sn, ask, i, port);
		if (!IS_ERR(got[i]))
			continue;
		err = PTR_ERR(got[i]);
		while (i--)
			sipalg_binding_put(sn, got[i]);
		return err;
	}
	return 0;
}

/*
 * Any port of the user range that leaves room for the run and keeps the parity.
 */
static u16 random_port(const struct sipalg_end *inside, unsigned int n)
{
	u32 span = (65536 - FIRST_USER_PORT - n) / 2;

	return FIRST_USER_PORT + reciprocal_scale(get_random_u32(), span) * 2 +
	       (ntohs(inside->port) & 1);
}

/*
 * Return: how many of @got are filled in: all, or none where no port was found.
 */
static unsigned int find_run(struct sipalg_net *sn,
			     const struct sipalg_binding_ask *ask,
			     unsigned int n, struct sipalg_binding *got[])
{
	u16 port = ntohs(ask->outside.port);
	unsigned int tries;
	int err;

	if (port < FIRST_USER_PORT || port > 65536 - n)
		port = random_port(&ask->inside, n);
	for (tries = 0; tries < SIPALG_BINDING_TRIES_MAX; tries++) {
		err = make_run(sn, ask, n, port, got);
		if (!err)
			return n;
		if (err != -EBUSY)
			return 0;
		port = random_port(&ask->inside, n);
	}
	sipalg_stats_refuse(sn, SIPALG_STAT_NO_PORT);
	return 0;
}

static struct sipalg_peer *find_peer(const struct sipalg_binding *binding,
				     const union nf_inet_addr *addr)
{
	struct sipalg_peers *peers = binding->peers;
	unsigned int i;

	lockdep_assert_held(&binding->lock);
	for (i = 0; peers && i < peers->n; i++)
		if (nf_inet_addr_cmp(&peers->peer[i].addr, addr))
			return &peers->peer[i];
	return NULL;
}

/**
 * sipalg_binding_has_peer() - may this address send to a binding?
 * @binding: locked by the caller
 * @addr: the address
 *
 * Context: any.
 */
bool sipalg_binding_has_peer(const struct sipalg_binding *binding,
			     const union nf_inet_addr *addr)
{
	return find_peer(binding, addr);
}

static void remove_peer(struct sipalg_peers *peers, struct sipalg_peer *peer)
{
	memmove(peer, peer + 1,
		(peers->peer + --peers->n - peer) * sizeof(*peer));
}

/* The oldest of those that may send during a call alone, else the oldest. */
static struct sipalg_peer *first_to_go(struct sipalg_peers *peers)
{
	unsigned int i;

	for (i = 0; i < peers->n; i++)
		if (!peers->peer[i].lasting)
			return &peers->peer[i];
	return peers->peer;
}

/*
 * Return: whether there is room for one more peer, for which another one may
 * have to go.
 */
static bool make_room(struct sipalg_binding *binding)
{
	struct sipalg_peers *peers = binding->peers;
	u8 room;

	if (peers && peers->n < peers->room)
		return true;
	if (peers && peers->room == SIPALG_BINDING_PEERS_MAX) {
		remove_peer(peers, first_to_go(peers));
		return true;
	}
	room = peers ? peers->room * 2 : 1;
	peers = krealloc(binding->peers, struct_size(peers, peer, room),
			 GFP_ATOMIC);
	if (!peers)
		return false;
	if (!binding->peers)
		peers->n = 0;
	peers->room = room;
	binding->peers = peers;
	return true;
}

/* Return: the peer, new or not; NULL without memory. */
static struct sipalg_peer *add_peer(struct sipalg_binding *binding,
				    const union nf_inet_addr *addr)
{
	struct sipalg_peer *peer = find_peer(binding, addr);

	if (peer || !make_room(binding))
		return peer;
	peer = &binding->peers->peer[binding->peers->n++];
	*peer = (struct sipalg_peer) { .addr = *addr };
	return peer;
}

/**
 * sipalg_binding_allow() - one more may send to a binding, for as long as it
 * lives
 * @binding: held by the caller
 * @addr: its address
 *
 * A signalling binding takes its peers alone; a media one takes anybody until
 * it has got a peer.
 *
 * Context: any but hard interrupt; takes the binding's lock.
 */
void sipalg_binding_allow(struct sipalg_binding *binding,
			  const union nf_inet_addr *addr)
{
	struct sipalg_peer *peer;

	spin_lock_bh(&binding->lock);
	peer = add_peer(binding, addr);
	if (peer)
		peer->lasting = true;
	spin_unlock_bh(&binding->lock);
}

/**
 * sipalg_binding_admit() - the same, for as long as a dialog holds the binding
 * @binding: held by the dialog
 * @addr: its address
 *
 * Context: any but hard interrupt; takes the binding's lock.
 * Return: whether sipalg_binding_dismiss() has to follow.
 */
bool sipalg_binding_admit(struct sipalg_binding *binding,
			  const union nf_inet_addr *addr)
{
	struct sipalg_peer *peer;

	spin_lock_bh(&binding->lock);
	peer = add_peer(binding, addr);
	if (peer)
		peer->calls++;
	spin_unlock_bh(&binding->lock);
	return peer;
}

/**
 * sipalg_binding_dismiss() - a dialog with a peer lets go of a binding
 * @binding: still held by the dialog
 * @addr: its address
 *
 * Context: any but hard interrupt; takes the binding's lock.
 */
void sipalg_binding_dismiss(struct sipalg_binding *binding,
			    const union nf_inet_addr *addr)
{
	struct sipalg_peer *peer;

	spin_lock_bh(&binding->lock);
	peer = find_peer(binding, addr);
	if (peer && peer->calls && !--peer->calls && !peer->lasting)
		remove_peer(binding->peers, peer);
	spin_unlock_bh(&binding->lock);
}

/**
 * sipalg_binding_get() - the bindings of neighbouring inside ports
 * @sn: the namespace
 * @ask: the first port, and what it is wanted for
 * @n: how many ports
 * @got: room for @n bindings
 *
 * An inside port that has a binding keeps it (RFC 4787, 4.1); others get one,
 * the same port outside as inside if that is free, else another of the same
 * parity, all in one run (RFC 4787, 4.2.2 and 4.2.3).
 *
 * Context: softirq or process, RCU read side; takes host and binding locks.
 * Return: how many of @got are filled in, from the first one; each is to be
 * given back with sipalg_binding_put(). Fewer than @n only where one of the
 * ports has an older binding that the others cannot stand beside; 0 where
 * nothing is to be had.
 */
unsigned int sipalg_binding_get(struct sipalg_net *sn,
				const struct sipalg_binding_ask *ask,
				unsigned int n, struct sipalg_binding *got[])
{
	spinlock_t *lock = host_lock(&ask->inside);
	unsigned int i;

	spin_lock_bh(lock);
	got[0] = take_nth(sn, ask, 0);
	if (!got[0] && ask->exact)
		got[0] = make_nth(sn, ask, 0, ntohs(ask->outside.port));
	if (IS_ERR(got[0]))
		n = 0;
	else if (got[0])
		n = join_run(sn, ask, n, got);
	else
		n = find_run(sn, ask, count_unbound(sn, ask, n), got);
	spin_unlock_bh(lock);

	for (i = 0; i < n; i++)
		WRITE_ONCE(got[i]->media, ask->media);
	return n;
}

/**
 * sipalg_binding_put() - let go of a binding
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
	trace_sipalg_binding(sn->net, binding, false);
	sipalg_event_binding(sn, binding, SIPALG_CMD_BINDING_GONE);
	retire(sn, binding);
}

/**
 * sipalg_binding_by_outside() - find a binding by its outside end
 * @sn: the namespace
 * @outside: E:q
 *
 * Context: RCU read side, which also bounds the life of what is returned.
 * Return: the binding, or NULL.
 */
struct sipalg_binding *
sipalg_binding_by_outside(struct sipalg_net *sn,
			  const struct sipalg_end *outside)
{
	return rhashtable_lookup(&sn->bindings.outside, outside,
				 outside_params);
}

/**
 * sipalg_binding_all_by_inside() - find all bindings of an inside end
 * @sn: the namespace
 * @inside: A:p
 *
 * Context: RCU read side, which also bounds the life of what is returned.
 * Return: for rhl_for_each_entry_rcu() by @by_inside; NULL where there are
 * none.
 */
struct rhlist_head *
sipalg_binding_all_by_inside(struct sipalg_net *sn,
			     const struct sipalg_end *inside)
{
	return rhltable_lookup(&sn->bindings.inside, inside, inside_params);
}

/**
 * sipalg_binding_by_inside() - find a binding by its inside end
 * @sn: the namespace
 * @inside: A:p
 * @outside: E, the outside address it should have
 *
 * Context: RCU read side, which also bounds the life of what is returned.
 * Return: the binding, or NULL.
 */
struct sipalg_binding *
sipalg_binding_by_inside(struct sipalg_net *sn, const struct sipalg_end *inside,
			 const union nf_inet_addr *outside)
{
	struct sipalg_binding *binding;
	struct rhlist_head *list, *pos;

	list = sipalg_binding_all_by_inside(sn, inside);
	rhl_for_each_entry_rcu(binding, pos, list, by_inside)
		if (nf_inet_addr_cmp(&binding->outside.addr, outside))
			return binding;
	return NULL;
}

/**
 * sipalg_binding_forsake() - end the signalling flow too, for its outside
 * address has gone
 * @binding: held by the caller
 *
 * The next message makes a new flow, from an address that there is.
 *
 * Context: any but hard interrupt.
 */
void sipalg_binding_forsake(const struct sipalg_binding *binding)
{
	struct nf_conn *ct = binding->master;
	unsigned int dir;

	for (dir = 0; dir < IP_CT_DIR_MAX; dir++)
		if (nf_inet_addr_cmp(&ct->tuplehash[dir].tuple.dst.u3,
				     &binding->outside.addr) &&
		    nf_ct_is_confirmed(ct))
			nf_ct_kill(ct);
}

/**
 * sipalg_binding_is_used() - does the inside host use a binding?
 * @binding: the binding
 *
 * A flow counts that the inside host has begun or answered: others can be kept
 * up by anybody.
 *
 * Context: RCU read side; takes the binding's lock.
 */
bool sipalg_binding_is_used(struct sipalg_binding *binding)
{
	const union nf_inet_addr *inside = &binding->inside.addr;
	bool used = false;
	unsigned int i;

	spin_lock_bh(&binding->lock);
	for (i = 0; i < SIPALG_BINDING_FLOWS_MAX && !binding->dead && !used;
	     i++) {
		const struct nf_conn *ct = binding->flows[i];

		used = ct && is_alive(ct) &&
		       (test_bit(IPS_SEEN_REPLY_BIT, &ct->status) ||
			nf_inet_addr_cmp(
				&ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple.src.u3,
				inside));
	}
	spin_unlock_bh(&binding->lock);
	return used;
}

/**
 * sipalg_binding_count() - what the flows that follow a binding now have
 * carried
 * @binding: the binding
 * @counts: filled in
 *
 * Context: RCU read side; takes the binding's lock.
 */
void sipalg_binding_count(struct sipalg_binding *binding,
			  struct sipalg_binding_counts *counts)
{
	unsigned int i, dir;

	memset(counts, 0, sizeof(*counts));
	spin_lock_bh(&binding->lock);
	for (i = 0; i < SIPALG_BINDING_FLOWS_MAX && !binding->dead; i++) {
		const struct nf_conn *ct = binding->flows[i];
		const struct nf_conn_acct *acct;
		bool inward;

		if (!ct || !is_alive(ct))
			continue;
		counts->flows++;
		acct = nf_conn_acct_find(ct);
		if (!acct)
			continue;
		counts->counted = true;
		inward = !nf_inet_addr_cmp(
			&ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple.src.u3,
			&binding->inside.addr);
		for (dir = 0; dir < IP_CT_DIR_MAX; dir++) {
			counts->packets[dir ^ inward] +=
				atomic64_read(&acct->counter[dir].packets);
			counts->bytes[dir ^ inward] +=
				atomic64_read(&acct->counter[dir].bytes);
		}
	}
	spin_unlock_bh(&binding->lock);
}

/**
 * sipalg_binding_restrict() - end what came in from others than the peers
 * @binding: held by the caller
 *
 * Context: any but hard interrupt; takes the binding's lock.
 */
void sipalg_binding_restrict(struct sipalg_binding *binding)
{
	unsigned int i;

	spin_lock_bh(&binding->lock);
	for (i = 0; i < SIPALG_BINDING_FLOWS_MAX && binding->peers; i++) {
		struct nf_conn *ct = binding->flows[i];
		const union nf_inet_addr *source;

		if (!ct || !nf_ct_is_confirmed(ct))
			continue;
		source = &ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple.src.u3;
		if (nf_inet_addr_cmp(source, &binding->inside.addr) ||
		    sipalg_binding_has_peer(binding, source) ||
		    sipalg_binding_has_peer(
			    binding,
			    &ct->tuplehash[IP_CT_DIR_REPLY].tuple.dst.u3))
			continue;
		nf_ct_kill(ct);
	}
	spin_unlock_bh(&binding->lock);
}

/* Has a flow a better claim to its place than another one? */
static bool is_before(const struct nf_conn *ct, const struct nf_conn *other)
{
	bool answered = test_bit(IPS_SEEN_REPLY_BIT, &ct->status);

	if (answered != test_bit(IPS_SEEN_REPLY_BIT, &other->status))
		return answered;
	return nf_ct_expires(ct) >= nf_ct_expires(other);
}

/*
 * Return: a place for one more flow: one that is free, else that of a flow
 * which nobody has answered, else of the one that has been silent longest.
 * Strangers who try the port cannot keep out the far end for long, whose next
 * packet makes a new flow if its own had to go.
 */
static struct nf_conn **find_place(struct sipalg_binding *binding)
{
	struct nf_conn **place, **last = NULL;

	lockdep_assert_held(&binding->lock);
	if (binding->dead)
		return NULL;
	for (place = binding->flows;
	     place < binding->flows + SIPALG_BINDING_FLOWS_MAX; place++) {
		if (!*place || !is_alive(*place))
			return place;
		if (nf_ct_is_confirmed(*place) &&
		    (!last || is_before(*last, *place)))
			last = place;
	}
	return last;
}

/**
 * sipalg_binding_follow() - have a flow end with a binding
 * @binding: the binding
 * @ct: the flow, new
 *
 * Context: softirq or process, RCU read side; takes the binding's lock.
 * Return: false where too many follow it already, or it is gone.
 */
bool sipalg_binding_follow(struct sipalg_binding *binding, struct nf_conn *ct)
{
	struct nf_conn **place, *gone = NULL;

	spin_lock_bh(&binding->lock);
	place = find_place(binding);
	if (place) {
		gone = *place;
		nf_conntrack_get(&ct->ct_general);
		*place = ct;
	}
	spin_unlock_bh(&binding->lock);
	if (gone) {
		if (nf_ct_is_confirmed(gone))
			nf_ct_kill(gone);
		nf_ct_put(gone);
	}
	return place;
}

int sipalg_bindings_init(struct sipalg_net *sn)
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
void sipalg_bindings_exit(struct sipalg_net *sn)
{
	WARN_ON_ONCE(atomic_read(&sn->bindings.count));
	rhltable_destroy(&sn->bindings.inside);
	rhashtable_destroy(&sn->bindings.outside);
}

int __init sipalg_binding_init(void)
{
	unsigned int i;

	get_random_bytes(&hash_key, sizeof(hash_key));
	for (i = 0; i < ARRAY_SIZE(host_locks); i++)
		spin_lock_init(&host_locks[i]);
	cache = KMEM_CACHE(sipalg_binding, 0);
	return cache ? 0 : -ENOMEM;
}

/* Context: process; waits for the bindings that RCU still has to free. */
void sipalg_binding_exit(void)
{
	rcu_barrier();
	kmem_cache_destroy(cache);
}
