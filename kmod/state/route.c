// SPDX-License-Identifier: GPL-2.0

#include <net/addrconf.h>
#include <net/ip6_route.h>
#include <net/l3mdev.h>
#include <net/netfilter/nf_nat.h>
#include <net/route.h>

#include "compat.h"
#include "state/route.h"

/* @vrf: index of the device that stands for a VRF, or 0 */
static struct dst_entry *find_route(struct net *net, u8 family,
				    const union nf_inet_addr *addr, u32 mark,
				    int vrf)
{
	struct flowi4 fl4 = {
		.flowi4_mark = mark,
		.flowi4_l3mdev = vrf,
	};
	struct flowi6 fl6 = {
		.flowi6_mark = mark,
		.flowi6_l3mdev = vrf,
	};
	struct rtable *rt;

	if (family != NFPROTO_IPV4) {
		fl6.daddr = addr->in6;
		return sipalg_route_ipv6(net, &fl6);
	}
	fl4.daddr = addr->ip;
	rt = ip_route_output_key(net, &fl4);
	return IS_ERR(rt) ? NULL : &rt->dst;
}

static u32 mark_of(const struct nf_conn *ct)
{
#if IS_ENABLED(CONFIG_NF_CONNTRACK_MARK)
	return READ_ONCE(ct->mark);
#else
	return 0;
#endif
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
	struct dst_entry *dst = find_route(nf_ct_net(ct), nf_ct_l3num(ct),
					   &ct->tuplehash[dir].tuple.src.u3,
					   mark_of(ct), 0);
	int ifindex = 0;

	if (!dst)
		return 0;
	if (!dst->error)
		ifindex = dst->dev->ifindex;
	dst_release(dst);
	return ifindex;
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

/* In a VRF its own addresses are those of the router, too. */
static bool is_to_others(const struct dst_entry *dst, u8 family)
{
	if (family == NFPROTO_IPV4)
		return container_of(dst, struct rtable, dst)->rt_type ==
		       RTN_UNICAST;
	return !(container_of(dst, struct rt6_info, dst)->rt6i_flags &
		 (RTF_LOCAL | RTF_ANYCAST));
}

/*
 * Return: index of the device by which the route leads away from the router; 0
 * where it does not.
 */
static int find_device(struct net *net, u8 family,
		       const union nf_inet_addr *addr, u32 mark, int vrf)
{
	struct dst_entry *dst = find_route(net, family, addr, mark, vrf);
	int ifindex = 0;

	if (!dst)
		return 0;
	if (!dst->error && is_to_others(dst, family))
		ifindex = dst->dev->ifindex;
	dst_release(dst);
	return ifindex;
}

/* The end of a flow that is not @host. */
static const union nf_inet_addr *other_end(const struct nf_conn *ct,
					   const union nf_inet_addr *host)
{
	const struct nf_conntrack_tuple_hash *hash = ct->tuplehash;

	if (nf_inet_addr_cmp(&hash[IP_CT_DIR_ORIGINAL].tuple.src.u3, host))
		return &hash[IP_CT_DIR_REPLY].tuple.src.u3;
	return &hash[IP_CT_DIR_ORIGINAL].tuple.src.u3;
}

/**
 * sipalg_route_is_to_host() - does a route lead to another host?
 * @ct: a flow of a host beside it
 * @beside: address of that one
 * @addr: address of the host; both are of the family of the flow
 * @in: index of the device by which the flow's packets come in
 * @but: index of a device by which the host must not be reached
 *
 * In a VRF its routes count. Who has two networks with the same addresses tells
 * them apart by the mark: then the host beside it is reached by the routes of
 * the flow's mark, and these alone count. Who chooses an uplink by the mark has
 * the inside networks among the routes without one; these may lead outside by
 * another uplink, as they do for the far end of the flow. That is not told from
 * the inside where it is the device @in.
 *
 * Context: softirq or process, RCU read side.
 * Return: false for an address of the router, of no host or of several.
 */
bool sipalg_route_is_to_host(const struct nf_conn *ct,
			     const union nf_inet_addr *beside,
			     const union nf_inet_addr *addr, int in, int but)
{
	struct net *net = nf_ct_net(ct);
	u8 family = nf_ct_l3num(ct);
	u32 mark = mark_of(ct);
	int vrf, ifindex;

	if (!is_host(net, family, addr))
		return false;
	vrf = l3mdev_master_ifindex_by_index(net, in);
	if (mark && find_device(net, family, beside, mark, vrf) != in)
		mark = 0;
	ifindex = find_device(net, family, addr, mark, vrf);
	if (!ifindex || ifindex == but)
		return false;
	return ifindex == in ||
	       ifindex != find_device(net, family, other_end(ct, beside), mark,
				      vrf);
}
