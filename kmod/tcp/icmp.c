// SPDX-License-Identifier: GPL-2.0

#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/tcp.h>
#include <net/checksum.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "tcp/icmp.h"

#define LEAST	(offsetofend(struct tcphdr, seq))
#define MOST	(offsetofend(struct tcphdr, check))

/* Both headers are alike in what is needed of them. */
static_assert(sizeof(struct icmphdr) == sizeof(struct icmp6hdr));
static_assert(offsetof(struct icmphdr, checksum) ==
	      offsetof(struct icmp6hdr, icmp6_cksum));

static bool find4(struct sipalg_quote *quote)
{
	struct sk_buff *skb = quote->skb;
	const struct iphdr *iph;
	struct iphdr room;
	u32 at;

	quote->icmp = ip_hdrlen(skb);
	at = quote->icmp + sizeof(struct icmphdr);
	iph = skb_header_pointer(skb, at, sizeof(room), &room);
	if (ip_hdr(skb)->protocol != IPPROTO_ICMP || !iph ||
	    iph->version != 4 || iph->ihl < 5 || iph->protocol != IPPROTO_TCP ||
	    iph->frag_off & htons(IP_OFFSET))
		return false;
	quote->th = at + iph->ihl * 4;
	return true;
}

/*
 * Return: offset of the header behind an IPv6 header, or negative if it is not
 * @protocol.
 */
static int behind6(const struct sk_buff *skb, int at, u8 protocol)
{
	const struct ipv6hdr *ip6h;
	struct ipv6hdr room;
	__be16 frag_off;
	u8 nexthdr;

	ip6h = skb_header_pointer(skb, at, sizeof(room), &room);
	if (!ip6h || ip6h->version != 6)
		return -1;
	nexthdr = ip6h->nexthdr;
	at = ipv6_skip_exthdr(skb, at + sizeof(room), &nexthdr, &frag_off);
	return nexthdr == protocol && !(frag_off & htons(IP6_OFFSET)) ? at : -1;
}

static bool find6(struct sipalg_quote *quote)
{
	int icmp, th;

	icmp = behind6(quote->skb, 0, IPPROTO_ICMPV6);
	if (icmp < 0)
		return false;
	th = behind6(quote->skb, icmp + sizeof(struct icmp6hdr), IPPROTO_TCP);
	if (th < 0)
		return false;
	quote->icmp = icmp;
	quote->th = th;
	return true;
}

/**
 * sipalg_quote_read() - read what an error quotes
 * @quote: filled in
 * @skb: the error, its data at the network header
 *
 * Context: any.
 * Return: false if it is no error, or quotes no TCP packet.
 */
bool sipalg_quote_read(struct sipalg_quote *quote, struct sk_buff *skb)
{
	struct tcphdr th = {};

	quote->skb = skb;
	if (ip_hdr(skb)->version == 4 ? !find4(quote) : !find6(quote))
		return false;
	if (skb->len < quote->th + LEAST)
		return false;
	quote->len = min_t(u32, skb->len - quote->th, MOST);
	if (skb_copy_bits(skb, quote->th, &th, quote->len))
		return false;
	quote->seq = ntohl(th.seq);
	quote->ack = ntohl(th.ack_seq);
	/* Without the flags: all packets have one, but the first. */
	quote->acks = quote->len >= offsetofend(struct tcphdr, ack_seq) &&
		      (quote->len < offsetof(struct tcphdr, window) || th.ack);
	return true;
}

/*
 * The error's checksum covers that of the quoted packet, too, where there is
 * one.
 */
static void replace(const struct sipalg_quote *quote, __be32 *at, u32 number)
{
	struct tcphdr *th = (struct tcphdr *)(quote->skb->data + quote->th);
	struct icmphdr *icmp =
		(struct icmphdr *)(quote->skb->data + quote->icmp);

	if (quote->len == MOST) {
		__sum16 check = th->check;

		csum_replace4(&th->check, *at, htonl(number));
		inet_proto_csum_replace2(&icmp->checksum, quote->skb,
					 (__force __be16)check,
					 (__force __be16)th->check, false);
	}
	inet_proto_csum_replace4(&icmp->checksum, quote->skb, *at,
				 htonl(number), false);
	*at = htonl(number);
}

/**
 * sipalg_quote_renumber() - change the quoted numbers
 * @quote: the quote
 * @seq: the number from now on
 * @ack: the acknowledgment; ignored if there is none
 *
 * Where there is no memory, it stays as it is.
 *
 * Context: any.
 */
void sipalg_quote_renumber(struct sipalg_quote *quote, u32 seq, u32 ack)
{
	bool acks = quote->acks && ack != quote->ack;
	struct tcphdr *th;

	if ((seq == quote->seq && !acks) ||
	    skb_ensure_writable(quote->skb, quote->th + quote->len))
		return;
	th = (struct tcphdr *)(quote->skb->data + quote->th);
	replace(quote, &th->seq, seq);
	if (acks)
		replace(quote, &th->ack_seq, ack);
}
