/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Inside hosts: how much of the tables each of them has, so that none can have
 * all.
 */
#ifndef SIPALG_HOST_H
#define SIPALG_HOST_H

#include <linux/netfilter.h>
#include <linux/refcount.h>
#include <linux/rhashtable.h>

struct sipalg_net;

enum sipalg_share {
	SIPALG_SHARE_CALLS,
	SIPALG_SHARE_REGISTRATIONS,
	SIPALG_SHARE_BINDINGS,
	SIPALG_SHARE_STREAMS,

	__SIPALG_SHARE_MAX,
};

/**
 * struct sipalg_host_key - what names a host
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
 * @users: all its shares together; the last one to be given back removes it
 * @shares: how much it has of each kind
 * @bytes: what the TCP connections that it opened keep
 * @rcu: it is found under RCU
 */
struct sipalg_host {
	struct rhash_head node;
	struct sipalg_host_key key;
	refcount_t users;
	atomic_t shares[__SIPALG_SHARE_MAX];
	atomic_t bytes;
	struct rcu_head rcu;
};

/**
 * struct sipalg_hosts - a namespace's table
 * @table: by key
 */
struct sipalg_hosts {
	struct rhashtable table;
};

int __init sipalg_host_init(void);
void sipalg_host_exit(void);
int sipalg_hosts_init(struct sipalg_net *sn);
void sipalg_hosts_exit(struct sipalg_net *sn);

struct sipalg_host *sipalg_host_charge(struct sipalg_net *sn,
				       const struct sipalg_host_key *key,
				       enum sipalg_share share);
void sipalg_host_release(struct sipalg_net *sn, struct sipalg_host *host,
			 enum sipalg_share share);
void sipalg_host_discharge(struct sipalg_net *sn,
			   const struct sipalg_host_key *key,
			   enum sipalg_share share);

#endif /* SIPALG_HOST_H */
