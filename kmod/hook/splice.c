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

/*
 * The pieces of a datagram that came in fragments keep their lengths, but for
 * the last one, which takes up the difference. So ip_fragment() need not cut
 * the datagram anew. Only the first one has any edits.
 */

static bool is_writable(const struct sk_buff *piece)
{
	return !skb_shared(piece) && !skb_cloned(piece);
}

/* Can the bytes at either end of a piece, not the last one, be moved? */
static bool can_shift(const struct sk_buff *piece, s32 growth)
{
	if (skb_is_nonlinear(piece))
		return false;
	return growth > 0 ? (s32)piece->len > growth :
			    skb_tailroom(piece) >= -growth;
}

/* Can the pieces stay as they are, but for the few bytes that move between? */
static bool can_keep_pieces(const struct sk_buff *skb, unsigned int offset,
			    const struct sip_plan *plan)
{
	const struct sip_span span = sip_plan_span(plan);
	s32 first = skb_headlen(skb) - offset;
	const struct sk_buff *piece;
	s32 growth = plan->delta;

	if (skb_cloned(skb) ||
	    (s32)(span.off + span.len) > first - max(growth, 0))
		return false;
	skb_walk_frags(skb, piece) {
		if (!is_writable(piece))
			return false;
		if (growth > 0 ? (s32)skb_headroom(piece) < growth :
				 (s32)skb_headlen(piece) <= -growth)
			return false;
		/* Longer than the first one, it would not fit the path. */
		if (!piece->next)
			return (s32)piece->len + growth <= first;
		if (!can_shift(piece, growth))
			return false;
	}
	return true;
}

/* Each piece hands on its last bytes to the next one. */
static void push_bytes(struct sk_buff *skb, u32 n)
{
	const u8 *end = skb_tail_pointer(skb);
	struct sk_buff *piece;

	skb_walk_frags(skb, piece) {
		memcpy(__skb_push(piece, n), end - n, n);
		end = skb_tail_pointer(piece);
		if (piece->next)
			__skb_trim(piece, piece->len - n);
	}
}

/* Each piece takes the first bytes of the next one to its own end. */
static void pull_bytes(struct sk_buff *skb, u32 n)
{
	u8 *end = skb_tail_pointer(skb);
	struct sk_buff *piece;

	skb_walk_frags(skb, piece) {
		memcpy(end - n, piece->data, n);
		__skb_pull(piece, n);
		if (piece->next)
			end = skb_put(piece, n) + n;
	}
}

static void splice_pieces(struct sk_buff *skb, unsigned int offset,
			  const struct sip_plan *plan)
{
	u32 len = skb_headlen(skb) - offset;
	u8 *text = skb->data + offset;
	s32 growth = plan->delta;

	if (growth > 0) {
		push_bytes(skb, growth);
		sip_plan_apply(plan, text, len - growth);
	} else {
		sip_plan_apply(plan, text, len);
		pull_bytes(skb, -growth);
	}
	skb->len += growth;
	skb->data_len += growth;
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
 * @packet: the packet; all pointers into it are void afterwards
 * @protoff: offset of its UDP header
 * @plan: a plan with at least one edit, none of them behind the linear part of
 *	the packet; with it the packet has at most IP_MAX_MTU bytes
 *
 * Context: softirq or process.
 * Return: false if there is no memory; then the text is as it was.
 */
bool sipalg_splice(const struct sipalg_packet *packet, unsigned int protoff,
		   const struct sip_plan *plan)
{
	unsigned int offset = protoff + sizeof(struct udphdr);
	struct sk_buff *skb = packet->skb;

	if (skb_has_frag_list(skb) && can_keep_pieces(skb, offset, plan))
		splice_pieces(skb, offset, plan);
	else if (skb_linearize(skb) || !splice_linear(skb, offset, plan))
		return false;
	finish_headers(skb, nf_ct_l3num(packet->ct), protoff);
	return true;
}
