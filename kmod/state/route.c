// SPDX-License-Identifier: GPL-2.0

#include <net/addrconf.h>
#include <net/ip6_route.h>
#include <net/netfilter/nf_nat.h>
#include <net/route.h>

#include "compat.h"
#include "state/route.h"

/*
 * Return: index of the device that packets to a host leave by; 0 where no route
 * leads there.
 */
static int find_device(struct net *net, u8 family,
		       const union nf_inet_addr *addr, u32 mark)
{
	struct dst_entry *dst;
	int ifindex = 0;

	if (family == NFPROTO_IPV4) {
		struct flowi4 fl4 = {
			.daddr = addr->ip,
			.flowi4_mark = mark,
		};
		struct rtable *rt = ip_route_output_key(net, &fl4);

		dst = IS_ERR(rt) ? NULL : &rt->dst;
	} else {
		struct flowi6 fl6 = {
			.daddr = addr->in6,
			.flowi6_mark = mark,
		};

		dst = sipalg_route_ipv6(net, &fl6);
	}
	if (!dst)
		return 0;
	if (!dst->error)
		ifindex = dst->dev->ifindex;
	dst_release(dst);
	return ifindex;
}

/**
 * sipalg_route_to_source() - the device by which an end of a flow is reached
 * @ct: the flow
 * @dir: the direction whose source the end is
 *
 * Whoever has several uplinks chooses them by the mark.
 *
 * Context: softirq or process.
 * Return: its index; 0 where the routes do not tell, as in a VRF.
 */
int sipalg_route_to_source(const struct nf_conn *ct, enum ip_conntrack_dir dir)
{
	u32 mark = 0;

#if IS_ENABLED(CONFIG_NF_CONNTRACK_MARK)
	mark = READ_ONCE(ct->mark);
#endif
	return find_device(nf_ct_net(ct), nf_ct_l3num(ct),
			   &ct->tuplehash[dir].tuple.src.u3, mark);
}

/**
 * sipalg_route_masquerade() - the device that masquerades a flow
 * @ct: the flow
 *
 * The NAT core ends the flow when its route changes to another device.
 *
 * Context: any.
 * Return: its index, or 0.
 */
int sipalg_route_masquerade(const struct nf_conn *ct)
{
#if IS_ENABLED(CONFIG_NF_NAT_MASQUERADE)
	const struct nf_conn_nat *nat = nfct_nat(ct);

	if (nat)
		return nat->masq_index;
#endif
	return 0;
}

/**
 * sipalg_route_generation() - has a route changed?
 * @net: the namespace
 *
 * Context: any.
 * Return: a number that is another one after each change.
 */
u32 sipalg_route_generation(const struct net *net)
{
	u32 generation = rt_genid_ipv4(net);

#if IS_ENABLED(CONFIG_IPV6)
	generation += rt_genid_ipv6(net);
#endif
	return generation;
}

/* Is it neither the router's own, nor of several hosts? */
static bool is_host(struct net *net, u8 family, const union nf_inet_addr *addr)
{
	int type;

	if (family == NFPROTO_IPV4)
		return inet_addr_type(net, addr->ip) == RTN_UNICAST;
	if (!IS_ENABLED(CONFIG_IPV6))
		return false;
	type = ipv6_addr_type(&addr->in6);
	return type & IPV6_ADDR_UNICAST &&
	       !(type & (IPV6_ADDR_LOOPBACK | IPV6_ADDR_LINKLOCAL)) &&
	       !ipv6_chk_addr(net, &addr->in6, NULL, 0);
}

/**
 * sipalg_route_is_to_host() - does a route lead to another host?
 * @net: the namespace
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 * @addr: address of the host
 * @but: index of a device by which it must not leave
 *
 * Context: softirq or process, RCU read side.
 * Return: false for an address of the router, of no host or of several.
 */
bool sipalg_route_is_to_host(struct net *net, u8 family,
			     const union nf_inet_addr *addr, int but)
{
	int ifindex;

	if (!is_host(net, family, addr))
		return false;
	ifindex = find_device(net, family, addr, 0);
	return ifindex && ifindex != but;
}
