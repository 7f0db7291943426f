/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Outside addresses that bindings have. The router may lose one for a moment,
 * as when a DHCP client renews its lease.
 */
#ifndef SIPALG_TABLE_OUTSIDE_H
#define SIPALG_TABLE_OUTSIDE_H

#include <linux/jiffies.h>
#include <linux/refcount.h>

#include "state/net.h"

/**
 * struct sipalg_outside_key - names an outside address
 * @addr: the address; unused bytes are zero
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 */
struct sipalg_outside_key {
	union nf_inet_addr addr;
	u32 family;
};

/**
 * struct sipalg_outside - an outside address that some binding has
 * @node: in the table
 * @key: its key there
 * @users: number of bindings; the last one removes it
 * @ifindex: device on which the address has come back, 0 if it was never lost
 * @until: jiffies at which its bindings end, unless it comes back; 0 while the
 *	router has the address
 * @rcu: it is found under RCU
 */
struct sipalg_outside {
	struct rhash_head node;
	struct sipalg_outside_key key;
	refcount_t users;
	int ifindex;
	unsigned long until;
	struct rcu_head rcu;
};

struct sipalg_outside *
sipalg_outside_get(struct sipalg_net *sn, const struct sipalg_outside_key *key);
void sipalg_outside_put(struct sipalg_net *sn, struct sipalg_outside *outside);
bool sipalg_outside_lose(struct sipalg_net *sn,
			 const struct sipalg_outside_key *key);
void sipalg_outside_return(struct sipalg_net *sn,
			   const struct sipalg_outside_key *key, int ifindex);
bool sipalg_outside_has_lost(struct sipalg_net *sn,
			     const struct sipalg_outside_key *key);
bool sipalg_outside_next_end(struct sipalg_net *sn, unsigned long *end);

int sipalg_outside_net_init(struct sipalg_net *sn);
void sipalg_outside_net_exit(struct sipalg_net *sn);

/* Is it lost now? NULL is an address that the NAT leaves alone. */
static inline bool sipalg_outside_is_lost(const struct sipalg_outside *outside)
{
	return outside && READ_ONCE(outside->until);
}

/* Has it been lost for so long that its bindings end? */
static inline bool sipalg_outside_is_over(const struct sipalg_outside *outside)
{
	unsigned long until = outside ? READ_ONCE(outside->until) : 0;

	return until && time_after_eq(jiffies, until);
}

#endif /* SIPALG_TABLE_OUTSIDE_H */
