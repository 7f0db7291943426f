// SPDX-License-Identifier: GPL-2.0

#include <linux/jiffies.h>

#include "state/quota.h"
#include "state/settings.h"
#include "state/stats.h"
#include "table/lease.h"
#include "table/peer.h"
#include "table/pinhole.h"

/**
 * sipalg_lease_init() - there are no leases yet
 * @leases: those of a dialog; all zero
 * @is_call: the dialog is none of a registration or subscription
 *
 * Context: any.
 */
void sipalg_lease_init(struct sipalg_leases *leases, bool is_call)
{
	leases->size = SIPALG_LEASES_FEW;
	leases->agents_size = is_call;
}

/**
 * sipalg_lease_reserve_agent() - have room for one more user agent
 * @sn: the namespace
 * @leases: those of a call
 *
 * Context: any but hard interrupt.
 * Return: false where there are too many, or without memory.
 */
bool sipalg_lease_reserve_agent(struct sipalg_net *sn,
				struct sipalg_leases *leases)
{
	struct sipalg_agent *more;

	/* Twice as many as the first. */
	BUILD_BUG_ON(SIPALG_AGENTS_MAX != 2);
	if (leases->agents_size != 1)
		return false;
	more = sipalg_quota_double(sn, &leases->first_agent,
				   &leases->first_agent, sizeof(*more));
	if (!more)
		return false;
	leases->agents = more;
	leases->agents_size = SIPALG_AGENTS_MAX;
	return true;
}

/*
 * Return: SIPALG_STAT_NONE, or the counter of the reason why there is no memory
 * for one more lease.
 */
static enum sipalg_stat reserve_lease(struct sipalg_net *sn,
				      struct sipalg_leases *leases)
{
	size_t size = leases->size * sizeof(*leases->many);
	struct sipalg_lease *more;

	if (leases->n < leases->size)
		return SIPALG_STAT_NONE;
	more = sipalg_quota_double(sn, sipalg_lease_at(leases, 0), leases->few,
				   size);
	if (!more)
		return sipalg_quota_lack(sn, 2 * size);
	leases->many = more;
	leases->size *= 2;
	return SIPALG_STAT_NONE;
}

/* A peer may no longer send because of this lease. */
static void dismiss_peer(const struct sipalg_leases *leases,
			 struct sipalg_lease *lease, unsigned int i)
{
	if (lease->admitted & BIT(i))
		sipalg_peer_put(lease->binding, &leases->peers[i]);
	lease->admitted &= ~BIT(i);
}

static void admit_peer(const struct sipalg_leases *leases,
		       struct sipalg_lease *lease, unsigned int i,
		       bool is_registrar)
{
	if (!(lease->admitted & BIT(i)) &&
	    sipalg_peer_get(lease->binding, &leases->peers[i], is_registrar))
		lease->admitted |= BIT(i);
}

static void set_open(struct sipalg_lease *lease, bool open)
{
	if (lease->closed == !open)
		return;
	lease->closed = !open;
	atomic_add(open ? 1 : -1, &lease->binding->open);
}

/*
 * With the last registration, those flows end that came in because of it alone.
 */
static void end_registration(struct sipalg_binding *binding)
{
	if (atomic_dec_and_test(&binding->registered))
		sipalg_pinhole_flows_enforce_peers(binding);
}

static void put_lease(struct sipalg_net *sn, struct sipalg_leases *leases,
		      struct sipalg_lease *lease)
{
	unsigned int i;

	if (sipalg_lease_is_media(lease))
		sipalg_traffic_add(sn, &leases->traffic, lease->binding,
				   lease->media);
	for (i = 0; i < SIPALG_LEASE_PEERS_MAX; i++)
		dismiss_peer(leases, lease, i);
	if (lease->registered)
		end_registration(lease->binding);
	set_open(lease, false);
	sipalg_binding_put(sn, lease->binding);
}

/**
 * sipalg_lease_release() - end a lease
 * @sn: the namespace
 * @leases: all leases of the dialog
 * @i: index of the one to end; the last one comes to its place
 *
 * Context: any but hard interrupt.
 */
void sipalg_lease_release(struct sipalg_net *sn, struct sipalg_leases *leases,
			  unsigned int i)
{
	put_lease(sn, leases, sipalg_lease_at(leases, i));
	*sipalg_lease_at(leases, i) = *sipalg_lease_at(leases, --leases->n);
}

/**
 * sipalg_lease_release_all() - end all leases
 * @sn: the namespace
 * @leases: those of a dialog that is over
 *
 * Context: any but hard interrupt.
 */
void sipalg_lease_release_all(struct sipalg_net *sn,
			      struct sipalg_leases *leases)
{
	while (leases->n)
		sipalg_lease_release(sn, leases, leases->n - 1);
	sipalg_quota_free_room(sn, sipalg_lease_at(leases, 0), leases->few,
			       leases->size * sizeof(*leases->many));
	if (leases->agents_size > 1)
		sipalg_quota_free(sn, leases->agents, SIPALG_AGENTS_MAX *
						      sizeof(*leases->agents));
	sipalg_lease_init(leases, false);
}

/**
 * sipalg_lease_drain() - end a lease that media has left, though not at once
 * @sn: the namespace
 * @lease: the lease
 *
 * Media on its way must still arrive, and so must packets that the far end
 * sends before it knows of the new port: RFC 3264, 8.3.1.
 *
 * Context: any.
 * Return: jiffies at which the lease ends.
 */
unsigned long sipalg_lease_drain(struct sipalg_net *sn,
				 struct sipalg_lease *lease)
{
	unsigned long until = jiffies + sipalg_setting(sn, TIMEOUT_ENDING) * HZ;

	lease->draining = true;
	lease->until = (u32)until;
	return until;
}

/**
 * sipalg_lease_expire() - end the leases whose time is up
 * @sn: the namespace
 * @leases: the leases
 * @is_granted: each lease lasts as long as a registrar granted it; else only
 *	those end that are draining
 * @next: jiffies
 *
 * Context: any but hard interrupt.
 * Return: when the next lease ends, or @next if that is earlier.
 */
unsigned long sipalg_lease_expire(struct sipalg_net *sn,
				  struct sipalg_leases *leases, bool is_granted,
				  unsigned long next)
{
	unsigned int i = leases->n;
	unsigned long now = jiffies;

	while (i--) {
		const struct sipalg_lease *lease = sipalg_lease_at(leases, i);
		s32 left = lease->until - (u32)now;

		if (!lease->draining && !is_granted)
			continue;
		if (left <= 0)
			sipalg_lease_release(sn, leases, i);
		else if (time_before(now + left, next))
			next = now + left;
	}
	return next;
}

/**
 * sipalg_lease_set_open() - say whether media bindings let new flows in
 * @leases: the leases
 * @open: they do; else only the flows that are there go on
 *
 * Context: any.
 */
void sipalg_lease_set_open(struct sipalg_leases *leases, bool open)
{
	struct sipalg_lease *lease;

	sipalg_lease_for_each(lease, leases)
		if (sipalg_lease_is_media(lease))
			set_open(lease, open);
}

/**
 * sipalg_lease_suspend() - let no flow in because of these leases
 * @leases: the leases of a dialog that is no call
 *
 * Flows that are there end, unless another dialog lets them in.
 *
 * Context: any but hard interrupt; takes the bindings' locks.
 */
void sipalg_lease_suspend(struct sipalg_leases *leases)
{
	struct sipalg_lease *lease;

	sipalg_lease_for_each(lease, leases) {
		set_open(lease, false);
		if (!atomic_read(&lease->binding->open))
			sipalg_pinhole_kill_flows(lease->binding);
	}
}

/**
 * sipalg_lease_resume() - undo sipalg_lease_suspend()
 * @leases: the leases
 *
 * Context: any.
 */
void sipalg_lease_resume(struct sipalg_leases *leases)
{
	struct sipalg_lease *lease;

	sipalg_lease_for_each(lease, leases)
		set_open(lease, true);
}

/**
 * sipalg_lease_carries_media() - does the inside host still send media?
 * @leases: the leases
 * @sent: packets that it had sent at the time of the look before; set to those
 *	that it has sent by now
 *
 * Context: RCU read side; takes the bindings' locks.
 * Return: whether it has sent any since then, or nobody counts.
 */
bool sipalg_lease_carries_media(const struct sipalg_leases *leases, u32 *sent)
{
	bool counted = true;
	u32 now = 0, before = *sent;
	struct sipalg_lease *lease;

	sipalg_lease_for_each(lease, leases) {
		if (sipalg_lease_is_media(lease))
			counted &= sipalg_pinhole_count_sent(lease->binding,
							     &now);
	}
	*sent = now;
	return !counted || now != before;
}

/* May the exchange that named the lease last still be accepted? */
static bool is_wanted(struct sipalg_leases *leases,
		      const struct sipalg_lease *lease)
{
	unsigned int i;

	for (i = 0; lease->exchange && i < leases->agents_size; i++) {
		const struct sipalg_agent *agent =
			&sipalg_lease_agents(leases)[i];

		if (lease->exchange == agent->own.number ||
		    lease->exchange == agent->own.invite ||
		    lease->exchange == agent->far.number ||
		    lease->exchange == agent->far.invite)
			return true;
	}
	return false;
}

/*
 * Can the dialog do without a lease, to make room for another one? Only without
 * media that drains, or that no answer has accepted nor will accept. Media of
 * the call that is up stays.
 */
static bool is_dispensable(struct sipalg_leases *leases,
			   const struct sipalg_lease *lease)
{
	if (!sipalg_lease_is_media(lease) || lease->tentative)
		return false;
	return lease->draining ||
	       (lease->proposed && !is_wanted(leases, lease));
}

static bool make_room(struct sipalg_net *sn, struct sipalg_leases *leases)
{
	unsigned int max = sipalg_setting(sn, LIMIT_CALL_BINDINGS);
	unsigned int i = leases->n;

	/* The greatest value of the setting. */
	BUILD_BUG_ON(SIPALG_LEASES_MAX != 16);
	while (i-- && leases->n >= max)
		if (is_dispensable(leases, sipalg_lease_at(leases, i)))
			sipalg_lease_release(sn, leases, i);
	return leases->n < max;
}

/* A lease lasts at least until the message at hand is answered. */
static u32 answer_deadline(const struct sipalg_net *sn)
{
	return (u32)jiffies + sipalg_setting(sn, TIMEOUT_TRANSACTION) * HZ;
}

/*
 * The message at hand names the binding again. A lease that was draining is as
 * good as new. The lease of a registration stays until the refresh is answered.
 */
static void renew_lease(struct sipalg_net *sn, struct sipalg_leases *leases,
			struct sipalg_lease *lease, u8 media)
{
	u32 deadline = answer_deadline(sn);

	if (lease->draining) {
		lease->draining = false;
		lease->tentative = true;
		lease->proposed = true;
		lease->repeated = false;
	}
	if ((s32)(deadline - lease->until) > 0)
		lease->until = deadline;
	lease->agents |= leases->agent;
	/* An older message comes again. */
	if (!leases->exchange)
		return;
	if (lease->exchange != leases->exchange) {
		lease->repeated |= is_wanted(leases, lease);
		lease->exchange = leases->exchange;
		lease->media = media;
		lease->accepted = false;
		lease->refused = false;
	} else if (lease->media != media) {
		lease->media = 0;
	}
}

static struct sipalg_lease *find_lease(struct sipalg_leases *leases,
				       const struct sipalg_binding *binding)
{
	struct sipalg_lease *lease;

	sipalg_lease_for_each(lease, leases)
		if (lease->binding == binding)
			return lease;
	return NULL;
}

static struct sipalg_binding *
find_binding(const struct sipalg_leases *leases,
	     const struct sipalg_endpoint *inside, __be16 port,
	     const union nf_inet_addr *outside)
{
	const struct sipalg_lease *lease;

	sipalg_lease_for_each(lease, leases) {
		struct sipalg_binding *binding = lease->binding;

		if (binding->inside.port == port &&
		    binding->inside.proto == inside->proto &&
		    sipalg_endpoint_is_same_host(&binding->inside, inside) &&
		    nf_inet_addr_cmp(sipalg_binding_outside_addr(binding),
				     outside))
			return binding;
	}
	return NULL;
}

/**
 * sipalg_lease_get() - the bindings of ports that the dialog has leased already
 * @leases: its leases
 * @spec: the first of the neighbouring ports
 * @n: number of ports
 * @got: set to their bindings, as sipalg_port_get() does
 *
 * Most messages name the same ports as one before them.
 *
 * Context: any.
 * Return: false where one has no lease, or is no neighbour outside.
 */
bool sipalg_lease_get(const struct sipalg_leases *leases,
		      const struct sipalg_binding_spec *spec, unsigned int n,
		      struct sipalg_binding *got[])
{
	u16 inside = ntohs(spec->inside.port), outside;
	unsigned int i;

	for (i = 0; i < n; i++) {
		got[i] = find_binding(leases, &spec->inside, htons(inside + i),
				      &spec->outside.addr);
		if (!got[i])
			return false;
		outside = ntohs(got[0]->outside_port);
		if (got[i]->outside_port != htons(outside + i))
			return false;
	}
	for (i = 0; i < n; i++)
		refcount_inc(&got[i]->users);
	return true;
}

/**
 * sipalg_lease_take() - lease bindings to a dialog
 * @sn: the namespace
 * @leases: its leases
 * @got: bindings that are held, which belong to the dialog from now on
 * @n: number of bindings
 * @media: place among the media of the session, from 1; 0 for none
 *
 * New leases stay tentative until the message goes out as planned.
 *
 * Context: softirq or process.
 * Return: SIPALG_STAT_NONE; or the counter of the reason, with the bindings
 * that were not taken given back.
 */
enum sipalg_stat sipalg_lease_take(struct sipalg_net *sn,
				   struct sipalg_leases *leases,
				   struct sipalg_binding *got[], unsigned int n,
				   u8 media)
{
	enum sipalg_stat refused;

	while (n--) {
		struct sipalg_lease *lease = find_lease(leases, got[n]);

		if (lease) {
			sipalg_binding_put(sn, got[n]);
			renew_lease(sn, leases, lease, media);
			continue;
		}
		if (!make_room(sn, leases)) {
			refused = SIPALG_STAT_LIMIT_CALL_BINDINGS;
			goto err;
		}
		refused = reserve_lease(sn, leases);
		if (refused)
			goto err;
		atomic_inc(&got[n]->open);
		*sipalg_lease_at(leases, leases->n++) = (struct sipalg_lease) {
			.binding = got[n],
			.until = answer_deadline(sn),
			.exchange = leases->exchange,
			.agents = leases->agent,
			.media = media,
			.proposed = true,
			.tentative = true,
		};
	}
	return SIPALG_STAT_NONE;

err:
	do
		sipalg_binding_put(sn, got[n]);
	while (n--);
	return sipalg_stats_refuse(sn, refused);
}

/**
 * sipalg_lease_admit() - let a call's peer send to a signalling binding
 * @leases: leases of a dialog that is no registration
 * @binding: a binding among them
 * @peer: the peer's address
 *
 * The peer may send until the call is over, or goes on with another peer. A
 * registration may keep the binding long after that, for its registrars.
 *
 * Context: any but hard interrupt; takes the bindings' locks.
 */
void sipalg_lease_admit(struct sipalg_leases *leases,
			const struct sipalg_binding *binding,
			const union nf_inet_addr *peer)
{
	struct sipalg_lease *lease = find_lease(leases, binding);

	if (!nf_inet_addr_cmp(peer, &leases->peer)) {
		sipalg_lease_dismiss(leases, 0);
		leases->peer = *peer;
	}
	if (lease)
		admit_peer(leases, lease, 0, false);
}

/**
 * sipalg_lease_admit_registrar() - let a registrar send to a binding
 * @leases: leases of a registration or subscription
 * @binding: a binding among them
 * @i: index of the registrar among their peers
 *
 * It may send for as long as the lease lasts, or until it is dismissed.
 *
 * Context: any but hard interrupt; takes the bindings' locks.
 */
void sipalg_lease_admit_registrar(struct sipalg_leases *leases,
				  const struct sipalg_binding *binding,
				  unsigned int i)
{
	struct sipalg_lease *lease = find_lease(leases, binding);

	if (lease)
		admit_peer(leases, lease, i, true);
}

/**
 * sipalg_lease_register() - a registrar grants a lease
 * @lease: the lease
 *
 * Context: any.
 */
void sipalg_lease_register(struct sipalg_lease *lease)
{
	if (!lease->registered)
		atomic_inc(&lease->binding->registered);
	lease->registered = true;
}

/**
 * sipalg_lease_dismiss() - a peer may send to none of the bindings any more
 * @leases: the leases
 * @i: index of the peer
 *
 * Context: any but hard interrupt; takes the bindings' locks.
 */
void sipalg_lease_dismiss(struct sipalg_leases *leases, unsigned int i)
{
	struct sipalg_lease *lease;

	sipalg_lease_for_each(lease, leases)
		dismiss_peer(leases, lease, i);
}
