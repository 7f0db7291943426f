// SPDX-License-Identifier: GPL-2.0

#include "table/peer.h"

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
 * sipalg_peer_is_known() - may this address send to a binding?
 * @binding: locked by the caller
 * @addr: the address
 *
 * Context: any that may hold the lock.
 */
bool sipalg_peer_is_known(const struct sipalg_binding *binding,
			  const union nf_inet_addr *addr)
{
	return find_peer(binding, addr);
}

/**
 * sipalg_peer_is_named() - does a call or a registration name this address?
 * @binding: locked by the caller
 * @addr: the address
 *
 * Context: any that may hold the lock.
 * Return: false also for a host that has just been let in.
 */
bool sipalg_peer_is_named(const struct sipalg_binding *binding,
			  const union nf_inet_addr *addr)
{
	const struct sipalg_peer *peer = find_peer(binding, addr);

	return peer && (peer->lasting || peer->dialogs);
}

static void remove_peer(struct sipalg_peers *peers, struct sipalg_peer *peer)
{
	memmove(peer, peer + 1,
		(peers->peer + --peers->n - peer) * sizeof(*peer));
}

/*
 * Return: the oldest peer of a call; where all are lasting or registrars, the
 * oldest one.
 */
static struct sipalg_peer *find_dispensable(struct sipalg_peers *peers)
{
	unsigned int i;

	for (i = 0; i < peers->n; i++)
		if (!peers->peer[i].lasting && !peers->peer[i].registrar)
			return &peers->peer[i];
	return peers->peer;
}

/* Makes room for one more peer. Another one may have to go for it. */
static bool reserve_peer(struct sipalg_binding *binding)
{
	struct sipalg_peers *peers = binding->peers, *more;
	u32 old = peers ? struct_size(peers, peer, peers->size) : 0;
	u8 size;

	if (peers && peers->n < peers->size)
		return true;
	if (peers && peers->size == SIPALG_PEERS_MAX) {
		remove_peer(peers, find_dispensable(peers));
		return true;
	}
	size = peers ? peers->size * 2 : 1;
	more = sipalg_binding_alloc_extra(binding,
					  struct_size(more, peer, size));
	if (!more)
		return false;
	if (peers) {
		memcpy(more, peers, struct_size(peers, peer, peers->n));
		sipalg_binding_free_extra(binding, peers, old);
	}
	more->size = size;
	binding->peers = more;
	return true;
}

/* Return: the peer, new or not; NULL without memory. */
static struct sipalg_peer *add_peer(struct sipalg_binding *binding,
				    const union nf_inet_addr *addr)
{
	struct sipalg_peer *peer = find_peer(binding, addr);

	if (peer || !reserve_peer(binding))
		return peer;
	peer = &binding->peers->peer[binding->peers->n++];
	*peer = (struct sipalg_peer) { .addr = *addr };
	return peer;
}

/**
 * sipalg_peer_add() - let a host send for as long as the binding lives
 * @binding: held by the caller
 * @addr: the host's address
 *
 * A signalling binding takes packets from its peers alone; a media binding
 * takes them from anybody until it has a peer.
 *
 * Context: any but hard interrupt; takes the binding's lock.
 */
void sipalg_peer_add(struct sipalg_binding *binding,
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
 * sipalg_peer_see() - a host has been let in
 * @binding: found under RCU
 * @addr: the host's address
 *
 * Where a binding translates towards its peers alone, it is one of them until
 * others need the room.
 *
 * Context: any but hard interrupt; takes the binding's lock.
 */
void sipalg_peer_see(struct sipalg_binding *binding,
		     const union nf_inet_addr *addr)
{
	spin_lock_bh(&binding->lock);
	if (binding->peers)
		add_peer(binding, addr);
	spin_unlock_bh(&binding->lock);
}

/**
 * sipalg_peer_get() - let a host send for as long as a dialog lasts
 * @binding: held by the dialog
 * @addr: the host's address
 * @is_registrar: its dialog is a registration; peers of calls make room for it
 *
 * Context: any but hard interrupt; takes the binding's lock.
 * Return: whether sipalg_peer_put() has to follow.
 */
bool sipalg_peer_get(struct sipalg_binding *binding,
		     const union nf_inet_addr *addr, bool is_registrar)
{
	struct sipalg_peer *peer;

	spin_lock_bh(&binding->lock);
	peer = add_peer(binding, addr);
	if (peer) {
		peer->dialogs++;
		peer->registrar |= is_registrar;
	}
	spin_unlock_bh(&binding->lock);
	return peer;
}

/**
 * sipalg_peer_put() - a dialog with a peer releases a binding
 * @binding: still held by the dialog
 * @addr: the peer's address
 *
 * Context: any but hard interrupt; takes the binding's lock.
 */
void sipalg_peer_put(struct sipalg_binding *binding,
		     const union nf_inet_addr *addr)
{
	struct sipalg_peer *peer;

	spin_lock_bh(&binding->lock);
	peer = find_peer(binding, addr);
	if (peer && peer->dialogs && !--peer->dialogs && !peer->lasting)
		remove_peer(binding->peers, peer);
	spin_unlock_bh(&binding->lock);
}
