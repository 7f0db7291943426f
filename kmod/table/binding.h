/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Bindings (RFC 4787): which outside endpoint stands for an inside one, and
 * which flows follow it.
 */
#ifndef SIPALG_BINDING_H
#define SIPALG_BINDING_H

#include <linux/in6.h>
#include <linux/netfilter.h>
#include <linux/refcount.h>
#include <linux/rhashtable.h>
#include <linux/spinlock.h>
#include <net/netfilter/nf_conntrack.h>

#include "nf_sipalg.h"

struct sipalg_net;

/* that follow one binding at a time */
#define SIPALG_BINDING_FLOWS_MAX	4
#define SIPALG_BINDING_PEERS_MAX	16	/* that one binding knows */
/* ports tried before giving up */
#define SIPALG_BINDING_TRIES_MAX	32

/**
 * struct sipalg_end - an endpoint as a key
 * @addr: unused bytes are zero
 * @port: network byte order
 * @zone: conntrack zone of the packets that have it
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 * @proto: IPPROTO_UDP or IPPROTO_TCP
 * @pad: zero
 */
struct sipalg_end {
	union nf_inet_addr addr;
	__be16 port;
	u16 zone;
	u8 family;
	u8 proto;
	u8 pad[2];
};

/**
 * struct sipalg_peer - who may send to a binding
 * @addr: address
 * @calls: how many dialogs with it hold the binding
 * @lasting: whether or not there are any
 */
struct sipalg_peer {
	union nf_inet_addr addr;
	u32 calls;
	bool lasting;
};

/**
 * struct sipalg_peers - who may send to a binding that does not take any sender
 * @n: how many
 * @room: how many there is room for
 * @peer: they, the oldest first
 */
struct sipalg_peers {
	u8 n;
	u8 room;
	struct sipalg_peer peer[];
};

/**
 * struct sipalg_binding - one inside endpoint and the outside one that stands
 * for it
 * @by_inside: in the table of inside ends; an end may have one binding for each
 *	outside address
 * @by_outside: in the table of outside ends
 * @inside: A:p
 * @outside: E:q; the same as @inside where there is no NAT
 * @users: dialogs that hold it; the last one to let go removes it
 * @lock: protects @flows, @peers, @dead
 * @master: signalling flow that asked for it; referenced
 * @peers: who may send to it; NULL: nobody to a signalling one, anybody to
 *	others
 * @ifindex: outside device, 0 if unknown
 * @unwritten: bits by enum sip_field: the inside host wrote the field without
 *	its port
 * @reflexive: as in struct sipalg_flow: what is written is the outside end
 * @kind: enum sipalg_binding_kind
 * @media: place among the media of the session, from 1; 0 for none
 * @registered: a registrar has granted it
 * @dead: removed from the tables; takes no more flows, and @flows is no more
 * @flows: flows that followed it; referenced
 * @rcu: it is found under RCU
 */
struct sipalg_binding {
	struct rhlist_head by_inside;
	struct rhash_head by_outside;
	struct sipalg_end inside;
	struct sipalg_end outside;
	refcount_t users;
	spinlock_t lock;
	struct nf_conn *master;
	struct sipalg_peers *peers;
	int ifindex;
	u16 unwritten;
	u8 reflexive;
	u8 kind;
	u8 media;
	bool registered;
	bool dead;
	union {
		struct nf_conn *flows[SIPALG_BINDING_FLOWS_MAX];
		struct rcu_head rcu;
	};
};

/**
 * struct sipalg_bindings - a namespace's table
 * @inside: by inside end
 * @outside: by outside end
 * @count: how many
 */
struct sipalg_bindings {
	struct rhltable inside;
	struct rhashtable outside;
	atomic_t count;
};

/**
 * struct sipalg_binding_ask - what a binding is wanted for
 * @inside: A:p
 * @outside: E:q; q is what the port should be
 * @far: an endpoint outside that it will be used with; family 0 if unknown
 * @master: the signalling flow
 * @ifindex: outside device, 0 if unknown
 * @kind: enum sipalg_binding_kind of the first port
 * @media: place among the media of the session, from 1; 0 for none
 * @exact: no other port than q will do
 */
struct sipalg_binding_ask {
	struct sipalg_end inside;
	struct sipalg_end outside;
	struct sipalg_end far;
	struct nf_conn *master;
	int ifindex;
	u8 kind;
	u8 media;
	bool exact;
};

/**
 * struct sipalg_binding_counts - what the flows of a binding have carried
 * @flows: how many there are now
 * @counted: conntrack counts them
 * @packets: to the outside, to the inside
 * @bytes: the same
 */
struct sipalg_binding_counts {
	unsigned int flows;
	bool counted;
	u64 packets[2];
	u64 bytes[2];
};

int __init sipalg_binding_init(void);
void sipalg_binding_exit(void);
int sipalg_bindings_init(struct sipalg_net *sn);
void sipalg_bindings_exit(struct sipalg_net *sn);

unsigned int sipalg_binding_get(struct sipalg_net *sn,
				const struct sipalg_binding_ask *ask,
				unsigned int n, struct sipalg_binding *got[]);
void sipalg_binding_put(struct sipalg_net *sn, struct sipalg_binding *binding);
void sipalg_binding_allow(struct sipalg_binding *binding,
			  const union nf_inet_addr *peer);
bool sipalg_binding_admit(struct sipalg_binding *binding,
			  const union nf_inet_addr *peer);
void sipalg_binding_dismiss(struct sipalg_binding *binding,
			    const union nf_inet_addr *peer);
struct sipalg_binding *
sipalg_binding_by_outside(struct sipalg_net *sn,
			  const struct sipalg_end *outside);
struct rhlist_head *
sipalg_binding_all_by_inside(struct sipalg_net *sn,
			     const struct sipalg_end *inside);
struct sipalg_binding *
sipalg_binding_by_inside(struct sipalg_net *sn, const struct sipalg_end *inside,
			 const union nf_inet_addr *outside);
void sipalg_binding_restrict(struct sipalg_binding *binding);
void sipalg_binding_forsake(const struct sipalg_binding *binding);
bool sipalg_binding_is_used(struct sipalg_binding *binding);
void sipalg_binding_count(struct sipalg_binding *binding,
			  struct sipalg_binding_counts *counts);
bool sipalg_binding_has_peer(const struct sipalg_binding *binding,
			     const union nf_inet_addr *addr);
bool sipalg_binding_follow(struct sipalg_binding *binding, struct nf_conn *ct);

/* For %pISpc; @room is as large as a struct sockaddr_in6. */
static inline void sipalg_end_to_sockaddr(void *room,
					  const struct sipalg_end *end)
{
	struct sockaddr_in6 *sin6 = room;
	struct sockaddr_in *sin = room;

	memset(room, 0, sizeof(*sin6));
	if (end->family == NFPROTO_IPV4) {
		sin->sin_family = AF_INET;
		sin->sin_addr = end->addr.in;
		sin->sin_port = end->port;
	} else {
		sin6->sin6_family = AF_INET6;
		sin6->sin6_addr = end->addr.in6;
		sin6->sin6_port = end->port;
	}
}

#endif /* SIPALG_BINDING_H */
