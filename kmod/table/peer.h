/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hosts that may send to a binding.
 */
#ifndef SIPALG_TABLE_PEER_H
#define SIPALG_TABLE_PEER_H

#include "table/binding.h"

/* Peers that one binding knows. */
#define SIPALG_PEERS_MAX	16

/**
 * struct sipalg_peer - a host that may send to a binding
 * @addr: its address
 * @dialogs: number of dialogs with it that hold the binding
 * @lasting: it may send for as long as the binding lives
 * @registrar: it is, or was, the registrar of one of @dialogs
 */
struct sipalg_peer {
	union nf_inet_addr addr;
	u32 dialogs;
	bool lasting;
	bool registrar;
};

/**
 * struct sipalg_peers - all hosts that may send to a binding
 * @n: number of peers
 * @size: number of peers that there is memory for
 * @peer: the peers, the oldest first
 */
struct sipalg_peers {
	u8 n;
	u8 size;
	struct sipalg_peer peer[];
};

bool sipalg_peer_is_known(const struct sipalg_binding *binding,
			  const union nf_inet_addr *addr);
bool sipalg_peer_is_named(const struct sipalg_binding *binding,
			  const union nf_inet_addr *addr);
void sipalg_peer_add(struct sipalg_binding *binding,
		     const union nf_inet_addr *addr);
void sipalg_peer_see(struct sipalg_binding *binding,
		     const union nf_inet_addr *addr);
bool sipalg_peer_get(struct sipalg_binding *binding,
		     const union nf_inet_addr *addr, bool is_registrar);
void sipalg_peer_put(struct sipalg_binding *binding,
		     const union nf_inet_addr *addr);

#endif /* SIPALG_TABLE_PEER_H */
