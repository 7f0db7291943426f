// SPDX-License-Identifier: GPL-2.0
/*
 * Nothing tells which ports the rules publish; they are asked by a packet that
 * is never sent.
 */

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netfilter_ipv4.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/netfilter/nf_conntrack_core.h>
#include <net/netfilter/nf_conntrack_zones.h>

#include "table/forward.h"
#include "table/probe.h"

/* Writes what a packet of a far end to @to begins with. */
static void write_headers(struct sk_buff *skb,
			  const struct sipalg_endpoint *from,
			  const struct sipalg_endpoint *to)
{
	bool tcp = to->proto == IPPROTO_TCP;
	unsigned int size = tcp ? sizeof(struct tcphdr) : sizeof(struct udphdr);
	struct udphdr *ports;

	skb_reset_network_header(skb);
	if (to->family == NFPROTO_IPV4) {
		struct iphdr *iph = skb_put_zero(skb, sizeof(*iph));

		skb->protocol = htons(ETH_P_IP);
		iph->version = 4;
		iph->ihl = sizeof(*iph) / 4;
		iph->tot_len = htons(sizeof(*iph) + size);
		iph->ttl = 64;
		iph->protocol = to->proto;
		iph->saddr = from->addr.ip;
		iph->daddr = to->addr.ip;
	} else {
		struct ipv6hdr *ip6h = skb_put_zero(skb, sizeof(*ip6h));

		skb->protocol = htons(ETH_P_IPV6);
		ip6h->version = 6;
		ip6h->payload_len = htons(size);
		ip6h->hop_limit = 64;
		ip6h->nexthdr = to->proto;
		ip6h->saddr = from->addr.in6;
		ip6h->daddr = to->addr.in6;
	}
	skb_set_transport_header(skb, skb->len);
	/* TCP and UDP begin with the ports. */
	ports = skb_put_zero(skb, size);
	ports->source = from->port;
	ports->dest = to->port;
	if (tcp) {
		tcp_hdr(skb)->doff = size / 4;
		tcp_hdr(skb)->syn = 1;
	} else {
		ports->len = htons(size);
	}
}

/*
 * Return: whether the rules lead a packet from @from to @to to another end,
 * which @led is set to.
 */
static bool find_led(struct net *net, const struct sipalg_binding_spec *spec,
		     const struct sipalg_endpoint *from,
		     const struct sipalg_endpoint *to,
		     struct sipalg_endpoint *led)
{
	const struct nf_conntrack_tuple original =
		sipalg_endpoint_tuple(from, to, to->proto);
	struct nf_hook_state state = {
		.hook = NF_INET_PRE_ROUTING,
		.pf = to->family,
		.net = net,
	};
	struct nf_conntrack_tuple reply;
	struct nf_conntrack_zone zone;
	struct net_device *dev;
	struct sk_buff *skb;
	struct nf_conn *ct;

	*led = *to;
	nf_ct_invert_tuple(&reply, &original);
	nf_ct_zone_init(&zone, to->zone, NF_CT_DEFAULT_ZONE_DIR, 0);
	dev = dev_get_by_index_rcu(net, spec->ifindex);
	skb = dev ? alloc_skb(sizeof(struct ipv6hdr) + sizeof(struct tcphdr),
			      GFP_ATOMIC) : NULL;
	if (!skb)
		return false;
	ct = sipalg_probe_flow(net, spec->master, &original, &reply, &zone);
	if (ct) {
		skb->dev = dev;
		skb->skb_iif = dev->ifindex;
		write_headers(skb, from, to);
		nf_ct_set(skb, ct, IP_CT_NEW);
		state.in = dev;
		sipalg_probe_ask(skb, &state, NF_IP_PRI_NAT_DST);
		reply = ct->tuplehash[IP_CT_DIR_REPLY].tuple;
		led->addr = reply.src.u3;
		led->port = reply.src.u.all;
	}
	kfree_skb(skb);
	return !sipalg_endpoint_is_same(led, to);
}

/**
 * sipalg_forward_takes() - do the rules publish an outside port for somebody?
 * @net: the namespace
 * @spec: a binding that is to be made, with the outside port
 * @far: an outside host that would send there
 *
 * Where the rules lead every port to one host (an exposed host, DMZ), the host
 * has not asked for this one, and must share.
 *
 * Context: softirq or process, RCU read side.
 * Return: false also where they lead the port to the inside end of the binding.
 */
bool sipalg_forward_takes(struct net *net,
			  const struct sipalg_binding_spec *spec,
			  const struct sipalg_endpoint *far)
{
	struct sipalg_endpoint other = spec->outside, led, exposed;

	if (!find_led(net, spec, far, &spec->outside, &led) ||
	    sipalg_endpoint_is_same(&led, &spec->inside))
		return false;
	other.port = htons(SIPALG_PORT_USER_MIN +
			   reciprocal_scale(get_random_u32(),
					    U16_MAX - SIPALG_PORT_USER_MIN));
	return !find_led(net, spec, far, &other, &exposed) ||
	       !nf_inet_addr_cmp(&led.addr, &exposed.addr);
}
