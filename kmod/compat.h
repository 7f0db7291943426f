/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The newest spelling of what kernels spell differently. What a kernel has is
 * found out by compiling (scripts/probe), since version numbers do not tell:
 * stable series backport changes of API. Only this file reads the answers.
 */
#ifndef SIPALG_COMPAT_H
#define SIPALG_COMPAT_H

/* local_lock.h does not include this, which PREEMPT_RT and arm64 need. */
#include <linux/spinlock.h>
#include <linux/local_lock.h>
#include <linux/module.h>
#include <linux/timer.h>
#include <net/inet6_hashtables.h>
#include <net/inet_hashtables.h>
#include <net/ip6_route.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_helper.h>

#include "compat_gen.h"

#if !SIPALG_HAVE_TIMER_DELETE
#define timer_delete(timer) del_timer(timer)
#endif

#if !SIPALG_HAVE_TIMER_CONTAINER_OF
#define timer_container_of(var, callback_timer, timer_fieldname) \
	from_timer(var, callback_timer, timer_fieldname)
#endif

/* The type of the NAT core's own hooks. */
#if !SIPALG_HAVE_HOOK_OP_NAT
#define NF_HOOK_OP_NAT NF_HOOK_OP_UNDEFINED
#endif

/* Built in, the module never goes, and THIS_MODULE is NULL. */
static inline bool sipalg_module_is_live(void)
{
#ifdef MODULE
	return module_is_live(THIS_MODULE);
#else
	return true;
#endif
}

/*
 * While softirqs are off, a CPU's own data are safe, but not with PREEMPT_RT
 * from 6.18 on. Before 6.11 there is no lock that would say so.
 */
#if !SIPALG_HAVE_LOCAL_LOCK_NESTED_BH
#define local_lock_nested_bh(lock) ((void)(lock))
#define local_unlock_nested_bh(lock) ((void)(lock))
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

#if IS_ENABLED(CONFIG_IPV6)
/* Return: a referenced route, which may be an error; NULL without IPv6. */
static inline struct dst_entry *sipalg_route_ipv6(struct net *net,
						  struct flowi6 *fl6)
{
	return ip6_route_output(net, NULL, fl6);
}
#else
static inline struct dst_entry *sipalg_route_ipv6(struct net *net,
						  struct flowi6 *fl6)
{
	return NULL;
}
#endif

/*
 * Where one helper can serve all families it has to: the kernel's own does, and
 * would not be kept out by one for each family.
 */
#if SIPALG_HAVE_HELPER_NFPROTO
#define SIPALG_HELPER_FAMILIES { NFPROTO_UNSPEC }
#else
#define SIPALG_HELPER_FAMILIES { NFPROTO_IPV4, NFPROTO_IPV6 }
#endif

typedef int sipalg_help_fn(struct sk_buff *skb, unsigned int protoff,
			   struct nf_conn *ct, enum ip_conntrack_info ctinfo);

static inline void
sipalg_ct_helper_init(struct nf_conntrack_helper *helper, u8 family, u8 l4proto,
		      const char *name, u16 port,
		      const struct nf_conntrack_expect_policy *policy,
		      sipalg_help_fn *help)
{
#if SIPALG_HAVE_HELPER_NFPROTO
	nf_ct_helper_init(helper, family, l4proto, name, policy, 0, help, NULL,
			  THIS_MODULE);
#else
	nf_ct_helper_init(helper, family, l4proto, name, port, port, 0, policy,
			  0, help, NULL, THIS_MODULE);
#endif
}

static inline bool
sipalg_ct_helper_serves(const struct nf_conntrack_helper *helper, u8 family,
			u8 l4proto)
{
#if SIPALG_HAVE_HELPER_NFPROTO
	return helper->l4proto == l4proto;
#else
	return helper->tuple.src.l3num == family &&
	       helper->tuple.dst.protonum == l4proto;
#endif
}

/*
 * From 7.2 on the kernel registers copies of helpers, which live as long as
 * flows have them: also when the module is gone, and then they call destroy().
 */
static inline int
sipalg_ct_helpers_register(struct nf_conntrack_helper *helpers, unsigned int n,
			   struct nf_conntrack_helper **registered)
{
#if SIPALG_HAVE_HELPER_COPY
	return nf_conntrack_helpers_register(helpers, n, registered);
#else
	unsigned int i;

	for (i = 0; i < n; i++)
		registered[i] = &helpers[i];
	return nf_conntrack_helpers_register(helpers, n);
#endif
}

/* Context: process. No flow calls the helpers any more when this returns. */
static inline void
sipalg_ct_helpers_unregister(struct nf_conntrack_helper **registered,
			     unsigned int n)
{
#if SIPALG_HAVE_HELPER_COPY
	unsigned int i;

	for (i = 0; i < n; i++)
		WRITE_ONCE(registered[i]->destroy, NULL);
	nf_conntrack_helpers_unregister(registered, n);
#else
	nf_conntrack_helpers_unregister(registered[0], n);
#endif
}

/* A flow that is given a helper owns a reference, which conntrack drops. */
static inline bool sipalg_ct_helper_get(struct nf_conntrack_helper *helper)
{
#if SIPALG_HAVE_HELPER_COPY
	return refcount_inc_not_zero(&helper->ct_refcnt);
#else
	return true;
#endif
}

/* Is the helper one that a module is behind? */
static inline bool
sipalg_ct_helper_is_live(const struct nf_conntrack_helper *helper)
{
#if SIPALG_HAVE_HELPER_COPY
	return rcu_access_pointer(helper->help);
#else
	return true;
#endif
}

#endif /* SIPALG_COMPAT_H */
