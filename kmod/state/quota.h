/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One account of what the tables hold: how much each inside host has, so that
 * none can have all, and how much memory all of it takes.
 */
#ifndef SIPALG_STATE_QUOTA_H
#define SIPALG_STATE_QUOTA_H

#include <linux/refcount.h>

#include "state/net.h"

/* TCP connections in a namespace. */
#define SIPALG_STREAMS_MAX	65536
/* Bytes that all of them may buffer. */
#define SIPALG_STREAMS_BYTES	(64 << 20)
/* Hosts that it takes to use up either of these. */
#define SIPALG_STREAMS_HOSTS_MIN	4
/* The part of either that connections from outside may have, as 1/n. */
#define SIPALG_STREAMS_INBOUND_PART	2

/**
 * struct sipalg_host_key - names an inside host
 * @addr: its address; unused bytes are zero
 * @zone: conntrack zone of its packets
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 */
struct sipalg_host_key {
	union nf_inet_addr addr;
	u16 zone;
	u16 family;
};

/**
 * struct sipalg_host - an inside host that has something
 * @node: in the table
 * @key: its key there
 * @users: number of its things of all kinds; the last one removes it
 * @shares: number of its things of each kind
 * @buffered: bytes that the TCP connections which it opened buffer
 * @spare: things that go first where a limit keeps it from another one; whoever
 *	puts them there protects this
 * @rcu: it is found under RCU
 */
struct sipalg_host {
	struct rhash_head node;
	struct sipalg_host_key key;
	refcount_t users;
	atomic_t shares[__SIPALG_SHARE_MAX];
	atomic_t buffered;
	struct list_head spare;
	struct rcu_head rcu;
};

/**
 * struct sipalg_account - who is charged for buffers
 * @sn: the namespace
 * @host: the host that has opened the connection
 * @inbound: all hosts that open connections from outside, if it is one of them;
 *	else NULL
 */
struct sipalg_account {
	struct sipalg_net *sn;
	struct sipalg_host *host;
	struct sipalg_host *inbound;
};

enum sipalg_stat sipalg_quota_charge(struct sipalg_net *sn,
				     const struct sipalg_host_key *key,
				     enum sipalg_share share, size_t size,
				     struct sipalg_host **charged);
struct sipalg_host *sipalg_quota_full(struct sipalg_net *sn,
				      const struct sipalg_host_key *key,
				      enum sipalg_share share, size_t size);
void sipalg_quota_leave(struct sipalg_net *sn, struct sipalg_host *host,
			enum sipalg_share share, size_t size);
void sipalg_quota_put(struct sipalg_net *sn, struct sipalg_host *host);
void sipalg_quota_uncharge(struct sipalg_net *sn, struct sipalg_host *host,
			   enum sipalg_share share, size_t size);
void sipalg_quota_uncharge_key(struct sipalg_net *sn,
			       const struct sipalg_host_key *key,
			       enum sipalg_share share, size_t size);

void *sipalg_quota_alloc(struct sipalg_net *sn, size_t size);
void sipalg_quota_free(struct sipalg_net *sn, void *buf, size_t size);
void *sipalg_quota_double(struct sipalg_net *sn, void *room, const void *first,
			  size_t size);
enum sipalg_stat sipalg_quota_lack(struct sipalg_net *sn, size_t size);
void sipalg_quota_free_room(struct sipalg_net *sn, void *room,
			    const void *first, size_t size);

void *sipalg_account_alloc(struct sipalg_account *account, u32 size,
			   bool must_succeed);
void sipalg_account_free(struct sipalg_account *account, void *buf, u32 size);

/**
 * sipalg_quota_bytes() - memory that a namespace's tables take
 * @sn: the namespace
 *
 * Context: any.
 * Return: bytes of all entries; the tables themselves are not counted.
 */
static inline u64 sipalg_quota_bytes(const struct sipalg_net *sn)
{
	return atomic64_read(&sn->quota.bytes);
}

int sipalg_quota_net_init(struct sipalg_net *sn);
void sipalg_quota_net_exit(struct sipalg_net *sn);
int sipalg_quota_setup(void);
void sipalg_quota_teardown(void);

#endif /* SIPALG_STATE_QUOTA_H */
