// SPDX-License-Identifier: GPL-2.0

#include <linux/udp.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>

#include "hook/splice.h"

/* Both set the length of the packet, and return what its sum begins with. */
static __sum16 finish_ipv4(struct sk_buff *skb, u32 len)
{
	struct iphdr *iph = ip_hdr(skb);

	iph->tot_len = htons(skb->len);
	ip_send_check(iph);
	return ~csum_tcpudp_magic(iph->saddr, iph->daddr, len, IPPROTO_UDP, 0);
}

static __sum16 finish_ipv6(struct sk_buff *skb, u32 len)
{
	struct ipv6hdr *ip6h = ipv6_hdr(skb);

	ip6h->payload_len = htons(skb->len - sizeof(*ip6h));
	return ~csum_ipv6_magic(&ip6h->saddr, &ip6h->daddr, len, IPPROTO_UDP,
				0);
}

/*
 * Sets the lengths, and leaves the checksum to the device or to the code that
 * cuts the packet into fragments. A datagram that came without one (RFC 768)
 * goes on without one.
 */
static void finish_headers(struct sk_buff *skb, u8 family, unsigned int protoff)
{
	struct udphdr *uh = (void *)skb->data + protoff;
	u32 len = skb->len - protoff;
	__be16 old = uh->len;
	__sum16 pseudo;

	pseudo = family == NFPROTO_IPV4 ? finish_ipv4(skb, len) :
					  finish_ipv6(skb, len);
	uh->len = htons(len);
	if (skb->ip_summed == CHECKSUM_PARTIAL) {
		inet_proto_csum_replace2(&uh->check, skb, old, uh->len, true);
	} else if (uh->check) {
		uh->check = pseudo;
		skb->ip_summed = CHECKSUM_PARTIAL;
		skb->csum_start = skb_headroom(skb) + protoff;
		skb->csum_offset = offsetof(struct udphdr, check);
	} else {
		skb->ip_summed = CHECKSUM_NONE;
	}
}

/* Return: false if there is no memory. */
static bool splice_linear(struct sk_buff *skb, unsigned int offset,
			  const struct sip_plan *plan)
{
	int more = plan->delta - skb_tailroom(skb);

	if (more > 0 && pskb_expand_head(skb, 0, more, GFP_ATOMIC))
		return false;
	if (skb_ensure_writable(skb, skb->len))
		return false;
	sip_plan_apply(plan, skb->data + offset, skb->len - offset);
	if (plan->delta > 0)
		skb_put(skb, plan->delta);
	else
		__skb_trim(skb, skb->len + plan->delta);
	return true;
}

/**
 * sipalg_splice() - change a datagram as planned, where it stands
 * @packet: the packet, which is linear; all pointers into it are void
 *	afterwards
 * @protoff: offset of its UDP header
 * @plan: a plan with at least one edit; with it the packet has at most
 *	IP_MAX_MTU bytes
 *
 * Context: softirq or process.
 * Return: false if there is no memory; then the text is as it was.
 */
bool sipalg_splice(const struct sipalg_packet *packet, unsigned int protoff,
		   const struct sip_plan *plan)
{
	unsigned int offset = protoff + sizeof(struct udphdr);
	struct sk_buff *skb = packet->skb;

	if (!splice_linear(skb, offset, plan))
		return false;
	finish_headers(skb, nf_ct_l3num(packet->ct), protoff);
	return true;
}
