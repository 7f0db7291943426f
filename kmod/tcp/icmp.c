// SPDX-License-Identifier: GPL-2.0

#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/tcp.h>
#include <net/checksum.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "tcp/icmp.h"

#define INNER_MIN	(offsetofend(struct tcphdr, seq))
#define INNER_MAX	(offsetofend(struct tcphdr, check))

/* ICMP and ICMPv6 have the checksum in the same place. */
static_assert(sizeof(struct icmphdr) == sizeof(struct icmp6hdr));
static_assert(offsetof(struct icmphdr, checksum) ==
	      offsetof(struct icmp6hdr, icmp6_cksum));

static bool inner_find4(struct sipalg_icmp *error)
{
	struct sk_buff *skb = error->skb;
	const struct iphdr *iph;
	struct iphdr buf;
	u32 at;

	error->icmp = ip_hdrlen(skb);
	at = error->icmp + sizeof(struct icmphdr);
	iph = skb_header_pointer(skb, at, sizeof(buf), &buf);
	if (ip_hdr(skb)->protocol != IPPROTO_ICMP || !iph ||
	    iph->version != 4 || iph->ihl < 5 || iph->protocol != IPPROTO_TCP ||
	    iph->frag_off & htons(IP_OFFSET))
		return false;
	error->inner = at + iph->ihl * 4;
	return true;
}

/*
 * Return: offset of the header behind an IPv6 header, or negative if it is not
 * @protocol.
 */
static int header_skip6(const struct sk_buff *skb, int at, u8 protocol)
{
	const struct ipv6hdr *ip6h;
	struct ipv6hdr buf;
	__be16 frag_off;
	u8 nexthdr;

	ip6h = skb_header_pointer(skb, at, sizeof(buf), &buf);
	if (!ip6h || ip6h->version != 6)
		return -1;
	nexthdr = ip6h->nexthdr;
	at = ipv6_skip_exthdr(skb, at + sizeof(buf), &nexthdr, &frag_off);
	return nexthdr == protocol && !(frag_off & htons(IP6_OFFSET)) ? at : -1;
}

static bool inner_find6(struct sipalg_icmp *error)
{
	int icmp, th;

	icmp = header_skip6(error->skb, 0, IPPROTO_ICMPV6);
	if (icmp < 0)
		return false;
	th = header_skip6(error->skb, icmp + sizeof(struct icmp6hdr),
			  IPPROTO_TCP);
	if (th < 0)
		return false;
	error->icmp = icmp;
	error->inner = th;
	return true;
}

/* Return: the MTU of the path (RFC 1191, RFC 8201), 0 if it is not told. */
static u32 mtu_read(const struct sipalg_icmp *error)
{
	const struct icmp6hdr *icmp6;
	const struct icmphdr *icmp;
	struct icmphdr buf;

	icmp = skb_header_pointer(error->skb, error->icmp, sizeof(buf), &buf);
	if (!icmp)
		return 0;
	if (ip_hdr(error->skb)->version == 4)
		return icmp->type == ICMP_DEST_UNREACH &&
		       icmp->code == ICMP_FRAG_NEEDED ?
			       ntohs(icmp->un.frag.mtu) : 0;
	icmp6 = (const struct icmp6hdr *)icmp;
	return icmp6->icmp6_type == ICMPV6_PKT_TOOBIG ?
		       ntohl(icmp6->icmp6_mtu) : 0;
}

static u32 mss_read(const struct sipalg_icmp *error)
{
	u32 ip_len = error->inner - error->icmp - sizeof(struct icmphdr);
	u32 mtu = mtu_read(error), headers = ip_len + sizeof(struct tcphdr);

	return mtu > headers ? mtu - headers : 0;
}

/**
 * sipalg_icmp_read() - read an ICMP error about a TCP packet
 * @error: filled in
 * @skb: the error, its data at the network header
 *
 * Context: any.
 * Return: false if it is none.
 */
bool sipalg_icmp_read(struct sipalg_icmp *error, struct sk_buff *skb)
{
	struct tcphdr th = {};

	error->skb = skb;
	if (ip_hdr(skb)->version == 4 ? !inner_find4(error) :
					!inner_find6(error))
		return false;
	if (skb->len < error->inner + INNER_MIN)
		return false;
	error->inner_len = min_t(u32, skb->len - error->inner, INNER_MAX);
	if (skb_copy_bits(skb, error->inner, &th, error->inner_len))
		return false;
	error->mss = mss_read(error);
	error->seq = ntohl(th.seq);
	error->ack = ntohl(th.ack_seq);
	/* Where the flags are cut off: only a SYN has none. */
	error->has_ack =
		error->inner_len >= offsetofend(struct tcphdr, ack_seq) &&
		(error->inner_len < offsetof(struct tcphdr, window) || th.ack);
	return true;
}

/*
 * Changes a number of the inner header, the inner checksum with it, and the
 * error's own checksum, which covers both.
 */
static void number_replace(const struct sipalg_icmp *error, __be32 *at,
			   u32 number)
{
	struct tcphdr *th = (struct tcphdr *)(error->skb->data + error->inner);
	struct icmphdr *icmp =
		(struct icmphdr *)(error->skb->data + error->icmp);

	if (error->inner_len == INNER_MAX) {
		__sum16 check = th->check;

		csum_replace4(&th->check, *at, htonl(number));
		inet_proto_csum_replace2(&icmp->checksum, error->skb,
					 (__force __be16)check,
					 (__force __be16)th->check, false);
	}
	inet_proto_csum_replace4(&icmp->checksum, error->skb, *at,
				 htonl(number), false);
	*at = htonl(number);
}

/**
 * sipalg_icmp_renumber() - change the inner numbers
 * @error: the error; unchanged where there is no memory
 * @seq: new inner sequence number
 * @ack: new inner acknowledgment; ignored if there is none
 *
 * Context: any.
 */
void sipalg_icmp_renumber(struct sipalg_icmp *error, u32 seq, u32 ack)
{
	bool acks = error->has_ack && ack != error->ack;
	struct tcphdr *th;

	if ((seq == error->seq && !acks) ||
	    skb_ensure_writable(error->skb, error->inner + error->inner_len))
		return;
	th = (struct tcphdr *)(error->skb->data + error->inner);
	number_replace(error, &th->seq, seq);
	if (acks)
		number_replace(error, &th->ack_seq, ack);
}
