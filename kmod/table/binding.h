/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Bindings (RFC 4787): which outside endpoint stands for an inside one.
 */
#ifndef SIPALG_TABLE_BINDING_H
#define SIPALG_TABLE_BINDING_H

#include <linux/in6.h>
#include <linux/refcount.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_zones.h>

#include "state/net.h"
#include "table/newcomer.h"
#include "table/outside.h"

/* Ports below are those of well-known services, and are promised to nobody. */
#define SIPALG_PORT_USER_MIN	1024

struct sipalg_host;
struct sipalg_peers;
struct sipalg_pinhole_counts;

/* Flows that follow one binding at a time. */
#define SIPALG_BINDING_FLOWS_MAX	4

/**
 * struct sipalg_endpoint - an address and a port, as a key
 * @addr: unused bytes are zero
 * @port: network byte order
 * @zone: conntrack zone of the packets that have it
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 * @proto: IPPROTO_UDP or IPPROTO_TCP
 * @pad: zero
 */
struct sipalg_endpoint {
	union nf_inet_addr addr;
	__be16 port;
	u16 zone;
	u8 family;
	u8 proto;
	u8 pad[2];
};

/* Do packets have the same address and port? */
static inline bool sipalg_endpoint_is_same(const struct sipalg_endpoint *a,
					   const struct sipalg_endpoint *b)
{
	return a->port == b->port && nf_inet_addr_cmp(&a->addr, &b->addr);
}

/* Are they on one inside host? Hosts in two zones may have one address. */
static inline bool
sipalg_endpoint_is_same_host(const struct sipalg_endpoint *a,
			     const struct sipalg_endpoint *b)
{
	return a->zone == b->zone && nf_inet_addr_cmp(&a->addr, &b->addr);
}

/* An address as a word, for tables that need no keyed hash. Context: any. */
static inline u32 sipalg_addr_fold(const union nf_inet_addr *addr)
{
	return addr->all[0] ^ addr->all[1] ^ addr->all[2] ^ addr->all[3];
}

/* An endpoint of a flow, as its first packet shows it. */
static inline struct sipalg_endpoint
sipalg_endpoint_of(const struct nf_conn *ct, const union nf_inet_addr *addr,
		   __be16 port)
{
	return (struct sipalg_endpoint) {
		.addr = *addr,
		.port = port,
		.zone = nf_ct_zone_id(nf_ct_zone(ct), IP_CT_DIR_ORIGINAL),
		.family = nf_ct_l3num(ct),
		.proto = nf_ct_protonum(ct),
	};
}

static inline struct sipalg_endpoint
sipalg_endpoint_source(const struct nf_conn *ct)
{
	const struct nf_conntrack_tuple *tuple =
		&ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;

	return sipalg_endpoint_of(ct, &tuple->src.u3, tuple->src.u.all);
}

static inline struct sipalg_endpoint
sipalg_endpoint_target(const struct nf_conn *ct)
{
	const struct nf_conntrack_tuple *tuple =
		&ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;

	return sipalg_endpoint_of(ct, &tuple->dst.u3, tuple->dst.u.all);
}

/* The tuple of a packet between two endpoints of one family and protocol. */
static inline struct nf_conntrack_tuple
sipalg_endpoint_tuple(const struct sipalg_endpoint *source,
		      const struct sipalg_endpoint *target, u8 proto)
{
	return (struct nf_conntrack_tuple) {
		.src.u3 = source->addr,
		.src.u.all = source->port,
		.src.l3num = target->family,
		.dst.u3 = target->addr,
		.dst.u.all = target->port,
		.dst.protonum = proto,
	};
}

/**
 * struct sipalg_binding - one inside endpoint and its outside one
 * @by_inside: in the table of inside endpoints; an endpoint may have one
 *	binding for each outside address
 * @by_outside: in the table of outside endpoints
 * @inside: A:p
 * @outside_port: q, in network byte order
 * @outside_zone: conntrack zone of the packets to E:q
 * @users: leases; the last one to be released removes the binding
 * @open: number of leases that let new flows in
 * @registered: number of leases that a registrar has granted
 * @lock: protects @flows, @first_flow, @past, @master, @peers, @extra, @dead,
 *	@led_in and @led_in_since
 * @first_flow: low half of the jiffies at which the first flow followed it; 0
 *	for not yet
 * @master: signalling flow that asked for it; once that is over, the stand-in
 *	of the namespace; referenced
 * @address: E, which the router may lose; NULL where there is no NAT: it is A
 * @past: traffic of flows that have left @flows; NULL for none
 * @peers: hosts that may send to it; NULL: nobody to a signalling binding,
 *	anybody to another
 * @extra: bytes of @past, @peers and @flows, which are charged to the namespace
 * @ifindex: outside device, 0 if unknown
 * @port_omitted: bits by enum sip_field: the inside host wrote the field
 *	without its port
 * @writes_public_addr: as in struct sipalg_flow: the inside host writes
 *	E:q
 * @kind: enum sipalg_binding_kind
 * @media: place among the media of the session, from 1; 0 for none
 * @masquerade: flows that leave by it end when their device changes
 * @dead: removed from the tables; takes no more flows, and has none
 * @n_slots: number of places for flows, more than one in @flows
 * @led_in: flows that were led in and whose first packet has not come to the
 *	end of its way
 * @led_in_since: low half of the jiffies at which the first of them came
 * @payer: the inside host that is charged for it: the one that asked
 * @flow: the flow that follows it, or NULL; of several places @flows
 * @flows: flows that follow it; referenced, and soon given back where they are
 *	over (table/reap): their counters are gone with them. Some may be
 *	newcomers (table/newcomer).
 * @rcu: it is found under RCU
 */
struct sipalg_binding {
	struct rhlist_head by_inside;
	struct rhash_head by_outside;
	struct sipalg_endpoint inside;
	__be16 outside_port;
	u16 outside_zone;
	refcount_t users;
	atomic_t open;
	atomic_t registered;
	spinlock_t lock;
	u32 first_flow;
	u32 led_in_since;
	int ifindex;
	struct nf_conn *master;
	struct sipalg_outside *address;
	struct sipalg_pinhole_counts *past;
	struct sipalg_peers *peers;
	u16 extra;
	u16 port_omitted;
	u8 writes_public_addr;
	u8 media;
	u8 led_in;
	u8 kind : 2;
	u8 n_slots : 3;
	bool masquerade : 1;
	bool dead : 1;
	union {
		struct {
			struct sipalg_host *payer;
			union {
				struct nf_conn *flow;
				struct nf_conn **flows;
			};
		};
		struct rcu_head rcu;
	};
};

static_assert(__SIPALG_BINDING_KIND_MAX <= 4);
static_assert(SIPALG_BINDING_FLOWS_MAX < 8);

/**
 * struct sipalg_binding_spec - a binding that is to be made
 * @inside: A:p
 * @outside: E:q
 * @master: the signalling flow
 * @payer: address of the inside host that asks for it; NULL for that of @inside
 * @ifindex: outside device, 0 if unknown
 * @kind: enum sipalg_binding_kind
 */
struct sipalg_binding_spec {
	struct sipalg_endpoint inside;
	struct sipalg_endpoint outside;
	struct nf_conn *master;
	const union nf_inet_addr *payer;
	int ifindex;
	u8 kind;
};

/* E, for as long as the binding itself. */
static inline const union nf_inet_addr *
sipalg_binding_outside_addr(const struct sipalg_binding *binding)
{
	return binding->address ? &binding->address->key.addr :
				  &binding->inside.addr;
}

/* E:q */
static inline struct sipalg_endpoint
sipalg_binding_outside(const struct sipalg_binding *binding)
{
	return (struct sipalg_endpoint) {
		.addr = *sipalg_binding_outside_addr(binding),
		.port = binding->outside_port,
		.zone = binding->outside_zone,
		.family = binding->inside.family,
		.proto = binding->inside.proto,
	};
}

static inline unsigned int sipalg_binding_counter(__be16 port)
{
	return ntohs(port) % SIPALG_PORT_COUNTERS;
}

static inline unsigned int sipalg_binding_range(__be16 port)
{
	return ntohs(port) / (0x10000 / SIPALG_PORT_RANGES);
}

/*
 * May an endpoint with this port have a binding? Most flows are not ours, and
 * need no search then. Context: any.
 */
static inline bool sipalg_binding_may_have(const struct sipalg_net *sn,
					   __be16 port)
{
	const struct sipalg_bindings *table = &sn->bindings;

	return atomic_read(&table->ports[sipalg_binding_counter(port)]) &&
	       atomic_read(&table->ranges[sipalg_binding_range(port)]);
}

enum sipalg_stat sipalg_binding_make(struct sipalg_net *sn,
				     const struct sipalg_binding_spec *spec,
				     struct sipalg_binding **made);
bool sipalg_binding_get(struct sipalg_binding *binding);
void sipalg_binding_put(struct sipalg_net *sn, struct sipalg_binding *binding);
struct sipalg_binding *
sipalg_binding_by_outside(struct sipalg_net *sn,
			  const struct sipalg_endpoint *outside);
struct sipalg_binding *
sipalg_binding_find_entrance(struct sipalg_net *sn, const struct nf_conn *ct);
struct rhlist_head *
sipalg_binding_all_by_inside(struct sipalg_net *sn,
			     const struct sipalg_endpoint *inside);
struct sipalg_binding *
sipalg_binding_by_inside(struct sipalg_net *sn,
			 const struct sipalg_endpoint *inside,
			 const union nf_inet_addr *outside);

bool sipalg_binding_leaves_by(const struct sipalg_binding *binding,
			      int ifindex);
struct nf_conn *sipalg_binding_get_master(struct sipalg_binding *binding);
void sipalg_binding_renew_master(struct sipalg_net *sn,
				 struct sipalg_binding *binding,
				 struct nf_conn *ct);
void *sipalg_binding_alloc_extra(struct sipalg_binding *binding, u32 size);
void sipalg_binding_free_extra(struct sipalg_binding *binding, void *buf,
			       u32 size);
bool sipalg_binding_follows(struct sipalg_binding *binding,
			    const struct nf_conn *ct);
void sipalg_binding_welcome(struct sipalg_binding *binding);
void sipalg_binding_give_up(struct sipalg_binding *binding,
			    struct nf_conn **place);
void sipalg_binding_give_up_all(struct sipalg_binding *binding);
void sipalg_binding_plan_reap(struct sipalg_net *sn);
unsigned int sipalg_binding_take_lost(struct sipalg_binding *binding);
void sipalg_binding_end_flows(struct nf_conn *const *flows, unsigned int n);

/*
 * The flows that follow a binding, or NULL, as many as it has slots. The caller
 * holds its lock, and it is not dead.
 */
static inline struct nf_conn **
sipalg_binding_flows(struct sipalg_binding *binding)
{
	return binding->n_slots > 1 ? binding->flows : &binding->flow;
}

/* Did the inside host send the first packet of a flow? Context: any. */
static inline bool
sipalg_binding_began_inside(const struct sipalg_binding *binding,
			    const struct nf_conn *ct)
{
	return nf_inet_addr_cmp(&ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple.src.u3,
				&binding->inside.addr);
}

/*
 * Return: a flow that follows the binding; NULL where a place is empty, or the
 * flow has not come to the end of its way. Context: any.
 */
static inline struct nf_conn *
sipalg_binding_flow(struct sipalg_binding *binding, unsigned int place)
{
	struct nf_conn *ct = sipalg_binding_flows(binding)[place];

	return sipalg_newcomer_of(ct) ? NULL : ct;
}

int sipalg_binding_net_init(struct sipalg_net *sn);
void sipalg_binding_net_exit(struct sipalg_net *sn);
int sipalg_binding_setup(void);
void sipalg_binding_teardown(void);

/* For %pISpc; @buf is as large as a struct sockaddr_in6. */
static inline void
sipalg_endpoint_to_sockaddr(void *buf, const struct sipalg_endpoint *endpoint)
{
	struct sockaddr_in6 *sin6 = buf;
	struct sockaddr_in *sin = buf;

	memset(buf, 0, sizeof(*sin6));
	if (endpoint->family == NFPROTO_IPV4) {
		sin->sin_family = AF_INET;
		sin->sin_addr = endpoint->addr.in;
		sin->sin_port = endpoint->port;
	} else {
		sin6->sin6_family = AF_INET6;
		sin6->sin6_addr = endpoint->addr.in6;
		sin6->sin6_port = endpoint->port;
	}
}

#endif /* SIPALG_TABLE_BINDING_H */
