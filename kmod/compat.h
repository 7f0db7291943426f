/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The newest spelling of what kernels spell differently. What a kernel has is
 * found out by compiling (scripts/probe), since version numbers do not tell:
 * stable series backport changes of API. Only this file reads the answers.
 */
#ifndef SIPALG_COMPAT_H
#define SIPALG_COMPAT_H

#include <linux/timer.h>
#include <net/inet6_hashtables.h>
#include <net/inet_hashtables.h>
#include <net/netfilter/nf_conntrack.h>

#include "compat_gen.h"

#if !SIPALG_HAVE_TIMER_DELETE
#define timer_delete(timer) del_timer(timer)
#endif

#if !SIPALG_HAVE_TIMER_CONTAINER_OF
#define timer_container_of(var, callback_timer, timer_fieldname) \
	from_timer(var, callback_timer, timer_fieldname)
#endif

static inline void sipalg_ct_refresh(struct nf_conn *ct,
				     const struct sk_buff *skb,
				     u32 extra_jiffies)
{
#if SIPALG_HAVE_NF_CT_REFRESH_SKB
	nf_ct_refresh(ct, skb, extra_jiffies);
#else
	nf_ct_refresh(ct, extra_jiffies);
#endif
}

/* From 6.18 on the table of sockets follows from the namespace. */
#if SIPALG_HAVE_LISTENER_HASHINFO
#define SIPALG_SOCKETS(net) (net), (net)->ipv4.tcp_death_row.hashinfo
#else
#define SIPALG_SOCKETS(net) (net)
#endif

/* Context: RCU read side, which bounds the life of what is returned. */
static inline struct sock *sipalg_tcp4_listener(struct net *net, __be32 addr,
						__be16 port, int ifindex)
{
	return __inet_lookup_listener(SIPALG_SOCKETS(net), NULL, 0, 0, 0, addr,
				      ntohs(port), ifindex, 0);
}

#if IS_ENABLED(CONFIG_IPV6)
static inline struct sock *sipalg_tcp6_listener(struct net *net,
						const struct in6_addr *addr,
						__be16 port, int ifindex)
{
	return inet6_lookup_listener(SIPALG_SOCKETS(net), NULL, 0, &in6addr_any,
				     0, addr, ntohs(port), ifindex, 0);
}
#endif

#endif /* SIPALG_COMPAT_H */
