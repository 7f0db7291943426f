// SPDX-License-Identifier: GPL-2.0
/*
 * Nothing tells which ports the rules publish; they are asked by a packet that
 * is never sent. It is made once, and its flow once for all ports of a message.
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

	skb_trim(skb, 0);
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

/**
 * sipalg_forward_end() - there is nothing more to ask the rules for now
 * @probe: the packet that has asked them; its flow goes
 *
 * Context: softirq or process.
 */
void sipalg_forward_end(struct sk_buff *probe)
{
	if (!skb_nfct(probe))
		return;
	skb_scrub_packet(probe, true);
	/* A rule may have given it a socket (tproxy). */
	skb_orphan(probe);
	probe->dev = NULL;
}

/* Return: false without memory. */
static bool begin_flow(struct sk_buff *skb, struct net *net,
		       const struct sipalg_binding_spec *spec,
		       const struct nf_conntrack_tuple *original,
		       const struct nf_conntrack_tuple *reply)
{
	struct nf_conntrack_zone zone;
	struct nf_conn *ct;

	nf_ct_zone_init(&zone, spec->outside.zone, NF_CT_DEFAULT_ZONE_DIR, 0);
	ct = sipalg_probe_flow(net, spec->master, original, reply, &zone);
	if (ct)
		nf_ct_set(skb, ct, IP_CT_NEW);
	return ct;
}

/* Return: false where the rules have changed more than can be undone. */
static bool renew_probe(struct sk_buff *skb, u16 zone,
			const struct nf_conntrack_tuple *original,
			const struct nf_conntrack_tuple *reply)
{
	struct nf_conn *ct = (struct nf_conn *)skb_nfct(skb);

	return ct && sipalg_probe_renew(ct, original, reply) &&
	       nf_ct_zone_id(nf_ct_zone(ct), IP_CT_DIR_ORIGINAL) == zone;
}

/* Return: the packet, with a new flow; NULL without memory. */
static struct sk_buff *get_probe(struct net *net, struct sk_buff **probe,
				 const struct sipalg_binding_spec *spec,
				 const struct sipalg_endpoint *from,
				 const struct sipalg_endpoint *to)
{
	const struct nf_conntrack_tuple original =
		sipalg_endpoint_tuple(from, to, to->proto);
	struct nf_conntrack_tuple reply;

	nf_ct_invert_tuple(&reply, &original);
	if (!*probe)
		*probe = alloc_skb(sizeof(struct ipv6hdr) +
				   sizeof(struct tcphdr), GFP_ATOMIC);
	if (!*probe || renew_probe(*probe, to->zone, &original, &reply))
		return *probe;
	sipalg_forward_end(*probe);
	return begin_flow(*probe, net, spec, &original, &reply) ? *probe : NULL;
}

/*
 * Return: whether the rules lead a packet from @from to @to to another end,
 * which @led is set to.
 */
static bool find_led(struct net *net, struct sk_buff **probe,
		     const struct sipalg_binding_spec *spec,
		     const struct sipalg_endpoint *from,
		     const struct sipalg_endpoint *to,
		     struct sipalg_endpoint *led)
{
	struct nf_hook_state state = {
		.hook = NF_INET_PRE_ROUTING,
		.pf = to->family,
		.net = net,
		.in = dev_get_by_index_rcu(net, spec->ifindex),
	};
	const struct nf_conntrack_tuple *reply;
	enum ip_conntrack_info ctinfo;
	struct sk_buff *skb;

	skb = state.in ? get_probe(net, probe, spec, from, to) : NULL;
	if (!skb)
		return false;
	skb->dev = state.in;
	skb->skb_iif = state.in->ifindex;
	skb->mark = 0;
	skb->priority = 0;
	write_headers(skb, from, to);
	sipalg_probe_ask(skb, &state, NF_IP_PRI_NAT_DST);
	reply = &nf_ct_get(skb, &ctinfo)->tuplehash[IP_CT_DIR_REPLY].tuple;
	*led = *to;
	led->addr = reply->src.u3;
	led->port = reply->src.u.all;
	return !sipalg_endpoint_is_same(led, to);
}

/**
 * sipalg_forward_takes() - do the rules publish an outside port for somebody?
 * @net: the namespace
 * @probe: the packet that asks them, which stays; NULL at first
 * @spec: a binding that is to be made, with the outside port
 * @far: an outside host that would send there
 *
 * Where the rules lead every port to one host (an exposed host, DMZ), the host
 * has not asked for this one, and must share.
 *
 * Context: softirq or process, RCU read side.
 * Return: false also where they lead the port to the inside end of the binding.
 */
bool sipalg_forward_takes(struct net *net, struct sk_buff **probe,
			  const struct sipalg_binding_spec *spec,
			  const struct sipalg_endpoint *far)
{
	struct sipalg_endpoint other = spec->outside, led, exposed;

	if (!find_led(net, probe, spec, far, &spec->outside, &led) ||
	    sipalg_endpoint_is_same(&led, &spec->inside))
		return false;
	other.port = htons(SIPALG_PORT_USER_MIN +
			   reciprocal_scale(get_random_u32(),
					    U16_MAX - SIPALG_PORT_USER_MIN));
	return !find_led(net, probe, spec, far, &other, &exposed) ||
	       !nf_inet_addr_cmp(&led.addr, &exposed.addr);
}
