// SPDX-License-Identifier: GPL-2.0
/*
 * Bindings for neighbouring ports ("a run") are made under the lock of their
 * block of inside ports, so that no inside port gets two. A host that has many
 * calls, as a PBX, has many blocks.
 */

#include <linux/hash.h>
#include <net/udp.h>

#include "compat.h"
#include "state/stats.h"
#include "table/claim.h"
#include "table/forward.h"
#include "table/mapping.h"
#include "table/port.h"
#include "table/seen.h"

/* Outside ports that are tried for a run before it is given up. */
#define TRIES_MAX	128
/* Inside ports of a block: at least as many as a run has. */
#define BLOCK_PORTS	16
#define LOCKS_BITS	6
#define LOCKS		BIT(LOCKS_BITS)

/**
 * struct block_lock - lock of some blocks
 * @lock: held while a run is made there
 */
struct block_lock {
	spinlock_t lock;
} ____cacheline_aligned_in_smp;

static struct block_lock locks[LOCKS];

/* Neighbouring blocks of a host never have the same lock. */
static spinlock_t *find_lock(u32 host, unsigned int port)
{
	return &locks[(host + port / BLOCK_PORTS) % LOCKS].lock;
}

/* A run may reach into the next block: then that is locked, too. */
static void lock_run(const struct sipalg_endpoint *inside, unsigned int n,
		     spinlock_t *held[2])
{
	/* Who has addresses that share a lock waits for it: it needs no key. */
	u32 host = hash_32(sipalg_addr_fold(&inside->addr), LOCKS_BITS);
	unsigned int port = ntohs(inside->port);

	held[0] = find_lock(host, port);
	held[1] = find_lock(host, port + n - 1);
	if (held[0] > held[1])
		swap(held[0], held[1]);
	spin_lock_bh(held[0]);
	if (held[1] != held[0])
		spin_lock_nested(held[1], SINGLE_DEPTH_NESTING);
}

static void unlock_run(spinlock_t *held[2])
{
	if (held[1] != held[0])
		spin_unlock(held[1]);
	spin_unlock_bh(held[0]);
}

/* Does a program of the router itself listen on the port? */
static bool is_used_by_router(struct net *net,
			      const struct sipalg_endpoint *end, int ifindex)
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

/* Do the rules of the NAT publish the port for another inside end? */
static bool is_published(struct net *net,
			 const struct sipalg_port_request *request,
			 const struct sipalg_binding_spec *spec)
{
	const struct nf_conn *master = spec->master;
	struct sipalg_endpoint far = request->far;
	unsigned int dir;

	if (!far.family) {
		/* Whoever gets the promise sends, as far as anybody can say. */
		dir = nf_inet_addr_cmp(&master->tuplehash[IP_CT_DIR_ORIGINAL]
						.tuple.src.u3,
				       &spec->inside.addr);
		far.addr = master->tuplehash[dir].tuple.src.u3;
		far.port = htons(SIPALG_PORT_USER_MIN);
	}
	return sipalg_forward_takes(net, request->probe, spec, &far);
}

static bool is_free(struct sipalg_net *sn,
		    const struct sipalg_port_request *request,
		    const struct sipalg_binding_spec *spec, unsigned int i)
{
	struct net *net = sn->net;

	if (sipalg_binding_by_outside(sn, &spec->outside))
		return false;
	if (!nf_inet_addr_cmp(&spec->inside.addr, &spec->outside.addr) &&
	    (is_used_by_router(net, &spec->outside, spec->ifindex) ||
	     is_published(net, request, spec)))
		return false;
	if (!request->exact &&
	    (sipalg_claim_is_others(sn, &spec->inside, &spec->outside) ||
	     sipalg_seen_is_others(sn, &spec->inside, &spec->outside)))
		return false;
	return i || request->exact || !request->far.family ||
	       !sipalg_mapping_is_others(net, &spec->inside, &spec->outside,
					 &request->far);
}

/* The inside endpoint @i places behind the first one of a run. */
static struct sipalg_endpoint
nth_inside(const struct sipalg_port_request *request, unsigned int i)
{
	struct sipalg_endpoint inside = request->spec.inside;

	inside.port = htons(ntohs(inside.port) + i);
	return inside;
}

/* Return: the binding that the port already has, held; or NULL. */
static struct sipalg_binding *
get_nth(struct sipalg_net *sn, const struct sipalg_port_request *request,
	unsigned int i)
{
	struct sipalg_endpoint inside = nth_inside(request, i);
	struct sipalg_binding *binding;

	binding = sipalg_binding_by_inside(sn, &inside,
					   &request->spec.outside.addr);
	return binding && sipalg_binding_get(binding) ? binding : NULL;
}

/*
 * Makes a binding in a run that begins at the outside port @port. @made is NULL
 * where the outside port is taken.
 */
static enum sipalg_stat make_nth(struct sipalg_net *sn,
				 const struct sipalg_port_request *request,
				 unsigned int i, u16 port,
				 struct sipalg_binding **made)
{
	struct sipalg_binding_spec spec = request->spec;
	enum sipalg_stat refused;

	spec.inside = nth_inside(request, i);
	spec.outside.port = htons(port + i);
	if (spec.kind == SIPALG_BINDING_RTP && i % 2)
		spec.kind = SIPALG_BINDING_RTCP;
	*made = NULL;
	if (!is_free(sn, request, &spec, i))
		return SIPALG_STAT_NONE;
	refused = sipalg_binding_make(sn, &spec, made);
	/* A flow may have got the port between the look and the binding. */
	if (*made && !request->exact &&
	    sipalg_claim_is_others(sn, &spec.inside, &spec.outside)) {
		sipalg_binding_put(sn, *made);
		*made = NULL;
	}
	return refused;
}

/*
 * The first port has its binding, which tells where the others have to be.
 *
 * Return: the length of the run.
 */
static unsigned int join_run(struct sipalg_net *sn,
			     const struct sipalg_port_request *request,
			     unsigned int n, struct sipalg_binding *got[])
{
	u16 port = ntohs(got[0]->outside_port);
	unsigned int i;

	for (i = 1; i < n; i++) {
		got[i] = get_nth(sn, request, i);
		if (got[i] && got[i]->outside_port != htons(port + i)) {
			sipalg_binding_put(sn, got[i]);
			break;
		}
		if (!got[i] && make_nth(sn, request, i, port, &got[i]))
			break;
		if (!got[i])
			break;
	}
	return i;
}

/* Return: how many ports from the first one on have no binding of their own. */
static unsigned int count_unbound(struct sipalg_net *sn,
				  const struct sipalg_port_request *request,
				  unsigned int n)
{
	struct sipalg_binding *binding;
	unsigned int i;

	for (i = 1; i < n; i++) {
		binding = get_nth(sn, request, i);
		if (!binding)
			continue;
		sipalg_binding_put(sn, binding);
		break;
	}
	return i;
}

/* Makes a whole run, or none of it; @busy says that a port of it is taken. */
static enum sipalg_stat make_run(struct sipalg_net *sn,
				 const struct sipalg_port_request *request,
				 unsigned int n, u16 port,
				 struct sipalg_binding *got[], bool *busy)
{
	enum sipalg_stat refused = SIPALG_STAT_NONE;
	unsigned int i;

	*busy = false;
	for (i = 0; i < n; i++) {
		refused = make_nth(sn, request, i, port, &got[i]);
		*busy = !refused && !got[i];
		if (!got[i])
			break;
	}
	while (i < n && i--)
		sipalg_binding_put(sn, got[i]);
	return refused;
}

/*
 * Counts the outside ports at which a run of @n can begin: those of the range
 * that leave room for it and keep its parity. @first is the lowest of them.
 */
static u32 count_places(const struct sipalg_port_request *request,
			unsigned int n, u32 *first)
{
	u32 odd = ntohs(request->spec.inside.port) & 1;
	u32 end = request->port_max + 1;

	*first = request->port_min + ((request->port_min & 1) ^ odd);
	return *first + n > end ? 0 : (end - n - *first) / 2 + 1;
}

/*
 * At first each try is at a place that nobody can guess (RFC 6056), which may
 * be far from a block of ports that the rules publish. Then the search goes
 * through the next places, so that it finds any free port of a small range.
 */
static u32 next_place(u32 place, u32 places, unsigned int tries)
{
	if (tries < TRIES_MAX / 2)
		return reciprocal_scale(get_random_u32(), places);
	return place + 1 < places ? place + 1 : 0;
}

static enum sipalg_stat find_run(struct sipalg_net *sn,
				 const struct sipalg_port_request *request,
				 unsigned int n, struct sipalg_binding *got[])
{
	u32 port = ntohs(request->spec.outside.port);
	enum sipalg_stat refused;
	u32 first, places, place;
	unsigned int tries;
	bool busy;

	places = count_places(request, n, &first);
	if (!places)
		return sipalg_stats_refuse(sn, SIPALG_STAT_NO_PORT);
	place = reciprocal_scale(get_random_u32(), places);
	if (port < first || port + n > request->port_max + 1)
		port = first + 2 * place;
	for (tries = 0; tries < TRIES_MAX; tries++) {
		refused = make_run(sn, request, n, port, got, &busy);
		if (!busy)
			return refused;
		place = next_place(place, places, tries);
		port = first + 2 * place;
	}
	return sipalg_stats_refuse(sn, SIPALG_STAT_NO_PORT);
}

/* With @n bindings in @got, or a refusal. */
static enum sipalg_stat get_run(struct sipalg_net *sn,
				const struct sipalg_port_request *request,
				unsigned int *n, struct sipalg_binding *got[])
{
	enum sipalg_stat refused;
	u16 port = ntohs(request->spec.outside.port);

	got[0] = get_nth(sn, request, 0);
	if (!got[0] && request->exact) {
		refused = make_nth(sn, request, 0, port, &got[0]);
		if (!got[0])
			return refused ?: SIPALG_STAT_PASSED_REFUSED;
	}
	if (got[0]) {
		*n = join_run(sn, request, *n, got);
		return SIPALG_STAT_NONE;
	}
	*n = count_unbound(sn, request, *n);
	return find_run(sn, request, *n, got);
}

/**
 * sipalg_port_get() - the bindings of neighbouring inside ports
 * @sn: the namespace
 * @request: the first port, and why it needs a binding
 * @n: number of ports; set to the number of bindings
 * @got: room for @n bindings
 *
 * An inside port that has a binding keeps it (RFC 4787, 4.1). Others get one:
 * the same port outside as inside if that is free, else another of the same
 * parity, all in one run (RFC 4787, 4.2.2 and 4.2.3).
 *
 * Context: softirq or process, RCU read side; takes port and binding locks.
 * Return: SIPALG_STAT_NONE, with bindings that are to be given back by
 * sipalg_binding_put(). There are fewer than @n only where one of the ports has
 * an older binding that the others cannot stand beside. Else the counter of the
 * reason why there are none.
 */
enum sipalg_stat sipalg_port_get(struct sipalg_net *sn,
				 const struct sipalg_port_request *request,
				 unsigned int *n, struct sipalg_binding *got[])
{
	enum sipalg_stat refused;
	spinlock_t *held[2];

	lock_run(&request->spec.inside, *n, held);
	refused = get_run(sn, request, n, got);
	unlock_run(held);
	return refused;
}

/* A well-known port is the matter of the rules alone. */
static bool is_in_range(const struct sipalg_port_request *request, __be16 port)
{
	u16 number = ntohs(port);

	return number < SIPALG_PORT_USER_MIN ||
	       (number >= request->port_min && number <= request->port_max);
}

/**
 * sipalg_port_find() - an outside port for a flow that is about to begin
 * @sn: the namespace
 * @request: the flow; the port that its outside endpoint has is tried first,
 *	if the scope has it among its ports
 * @port: set to the port
 *
 * The port is free for any far end, so that a binding may follow. It is claimed
 * for a moment, until the flow itself keeps it.
 *
 * Context: softirq or process, RCU read side.
 * Return: false where there is none.
 */
bool sipalg_port_find(struct sipalg_net *sn,
		      const struct sipalg_port_request *request, __be16 *port)
{
	struct sipalg_binding_spec spec = request->spec;
	u32 first, places, place = 0;
	unsigned int tries;

	places = count_places(request, 1, &first);
	for (tries = 0; tries < TRIES_MAX; tries++) {
		*port = spec.outside.port;
		if (is_in_range(request, *port) &&
		    is_free(sn, request, &spec, 0) &&
		    sipalg_claim_take(sn, &spec.inside, &spec.outside) &&
		    !sipalg_binding_by_outside(sn, &spec.outside))
			return true;
		if (!places)
			break;
		place = next_place(place, places, tries);
		spec.outside.port = htons(first + 2 * place);
	}
	return false;
}

int sipalg_port_setup(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(locks); i++)
		spin_lock_init(&locks[i].lock);
	return 0;
}
