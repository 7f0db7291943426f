// SPDX-License-Identifier: GPL-2.0

#include <net/dst.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/tcp.h>

#include "tcp/segment.h"

#define HEADER_MAX	60	/* bytes of a TCP header with all its options */

static u32 number_read(const u8 *at)
{
	__be32 value;

	memcpy(&value, at, sizeof(value));
	return ntohl(value);
}

static void number_write(u8 *at, u32 number)
{
	__be32 value = htonl(number);

	memcpy(at, &value, sizeof(value));
}

/**
 * sipalg_segment_read() - read a packet
 * @segment: filled in
 * @skb: the packet, its data at the network header
 * @protoff: offset of its TCP header
 *
 * Return: false if it is malformed, or there is no memory.
 */
bool sipalg_segment_read(struct sipalg_segment *segment, struct sk_buff *skb,
			 unsigned int protoff)
{
	const struct tcphdr *th;

	segment->skb = skb;
	segment->th = protoff;
	if (!pskb_may_pull(skb, protoff + sizeof(*th)))
		return false;
	th = sipalg_segment_header(segment);
	segment->text = protoff + th->doff * 4;
	segment->seq = ntohl(th->seq);
	segment->ack = ntohl(th->ack_seq);
	if (th->doff * 4 < sizeof(*th) || !pskb_may_pull(skb, segment->text))
		return false;
	segment->len = skb->len - segment->text;
	return true;
}

/*
 * Leaves the checksum to the device or to the code that segments the packet,
 * and sets the length; that of a packet too long for IP (BIG TCP) is 0.
 */
static void checksum_defer(struct sipalg_segment *segment)
{
	struct sk_buff *skb = segment->skb;
	struct tcphdr *th = sipalg_segment_header(segment);
	u32 len = skb->len - segment->th;

	if (ip_hdr(skb)->version == 4) {
		struct iphdr *iph = ip_hdr(skb);

		iph->tot_len = htons(skb->len > IP_MAX_MTU ? 0 : skb->len);
		ip_send_check(iph);
		th->check = ~csum_tcpudp_magic(iph->saddr, iph->daddr, len,
					       IPPROTO_TCP, 0);
	} else {
		struct ipv6hdr *ip6h = ipv6_hdr(skb);

		ip6h->payload_len =
			htons(skb->len - sizeof(*ip6h) > IPV6_MAXPLEN ?
				      0 :
				      skb->len - sizeof(*ip6h));
		th->check = ~csum_ipv6_magic(&ip6h->saddr, &ip6h->daddr, len,
					     IPPROTO_TCP, 0);
	}
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_headroom(skb) + segment->th;
	skb->csum_offset = offsetof(struct tcphdr, check);
}

/**
 * sipalg_segment_open() - make the packet linear and writable
 * @segment: the packet
 *
 * Packets chained by SKB_GSO_FRAGLIST keep their own headers, which would not
 * be changed. They become one packet, to be segmented like any other.
 *
 * Return: false if there is no memory.
 */
bool sipalg_segment_open(struct sipalg_segment *segment)
{
	struct sk_buff *skb = segment->skb;

	if (skb_ensure_writable(skb, skb->len))
		return false;
	if (skb_shinfo(skb)->gso_type & SKB_GSO_FRAGLIST) {
		skb_shinfo(skb)->gso_type &= ~SKB_GSO_FRAGLIST;
		checksum_defer(segment);
	}
	return true;
}

/**
 * sipalg_segment_open_header() - make the headers writable
 * @segment: the packet
 *
 * Return: false if there is no memory.
 */
bool sipalg_segment_open_header(struct sipalg_segment *segment)
{
	if (skb_shinfo(segment->skb)->gso_type & SKB_GSO_FRAGLIST)
		return sipalg_segment_open(segment);
	return !skb_ensure_writable(segment->skb, segment->text);
}

/**
 * sipalg_segment_clear_urgent() - have no byte be urgent
 * @segment: the packet
 *
 * A receiver may take an urgent byte out of the text (RFC 6093, 3.2). Where
 * that has changed, the pointer would be to another one.
 *
 * Return: false, with the packet as it was, if there is no memory.
 */
bool sipalg_segment_clear_urgent(struct sipalg_segment *segment)
{
	struct tcphdr *th = sipalg_segment_header(segment);
	__be32 flags = tcp_flag_word(th);

	if (!th->urg)
		return true;
	if (!sipalg_segment_open_header(segment))
		return false;
	th = sipalg_segment_header(segment);
	th->urg = 0;
	inet_proto_csum_replace4(&th->check, segment->skb, flags,
				 tcp_flag_word(th), false);
	inet_proto_csum_replace2(&th->check, segment->skb, th->urg_ptr, 0,
				 false);
	th->urg_ptr = 0;
	return true;
}

/**
 * sipalg_segment_renumber() - change the header's numbers
 * @segment: the packet
 * @seq: its sequence number from now on
 * @ack: its acknowledgment
 * @window: its window, as it stands in the header
 *
 * Return: false, with the packet as it was, if there is no memory.
 */
bool sipalg_segment_renumber(struct sipalg_segment *segment, u32 seq, u32 ack,
			     u16 window)
{
	struct sk_buff *skb = segment->skb;
	struct tcphdr *th = sipalg_segment_header(segment);

	if (th->seq == htonl(seq) && th->ack_seq == htonl(ack) &&
	    th->window == htons(window))
		return true;
	if (!sipalg_segment_open_header(segment))
		return false;
	th = sipalg_segment_header(segment);
	inet_proto_csum_replace4(&th->check, skb, th->seq, htonl(seq), false);
	inet_proto_csum_replace4(&th->check, skb, th->ack_seq, htonl(ack),
				 false);
	inet_proto_csum_replace2(&th->check, skb, th->window, htons(window),
				 false);
	th->seq = htonl(seq);
	th->ack_seq = htonl(ack);
	th->window = htons(window);
	return true;
}

/* Grows the packet at its end by @grow bytes, or trims it. */
static bool payload_resize(struct sk_buff *skb, int grow)
{
	int lack = grow - skb_tailroom(skb);

	if ((skb_cloned(skb) || lack > 0) &&
	    pskb_expand_head(skb, 0, max(lack, 0), GFP_ATOMIC))
		return false;
	if (grow > 0)
		skb_put(skb, grow);
	else
		__skb_trim(skb, skb->len + grow);
	return true;
}

/**
 * sipalg_segment_fill() - replace the payload
 * @segment: the packet, open
 * @text: the new payload; not part of the packet
 * @len: its length; with the headers at most 65535 bytes
 * @mss: bytes that fit into one segment; a longer packet is left to the device,
 *	or the stack, to segment
 *
 * Return: false, with the packet as it was, if there is no memory.
 */
bool sipalg_segment_fill(struct sipalg_segment *segment, const u8 *text,
			 u32 len, u32 mss)
{
	struct sk_buff *skb = segment->skb;
	struct skb_shared_info *info;

	if (!payload_resize(skb, (int)(len - segment->len)))
		return false;
	if (len)
		memcpy(skb->data + segment->text, text, len);
	segment->len = len;
	if (skb_dst(skb) && dst_mtu(skb_dst(skb)) > segment->text)
		mss = min(mss, dst_mtu(skb_dst(skb)) - segment->text);
	info = skb_shinfo(skb);
	if (len <= mss) {
		skb_gso_reset(skb);
	} else {
		if (!skb_is_gso(skb)) {
			info->gso_type = ip_hdr(skb)->version == 4 ?
						 SKB_GSO_TCPV4 :
						 SKB_GSO_TCPV6;
			if (sipalg_segment_header(segment)->cwr)
				info->gso_type |= SKB_GSO_TCP_ECN;
		}
		info->gso_size = mss;
		info->gso_segs = DIV_ROUND_UP(len, mss);
	}
	checksum_defer(segment);
	return true;
}

/**
 * sipalg_segment_trim() - take the payload away
 * @segment: the packet
 *
 * Return: false, with the packet as it was, if there is no memory.
 */
bool sipalg_segment_trim(struct sipalg_segment *segment)
{
	return sipalg_segment_open(segment) &&
	       sipalg_segment_fill(segment, NULL, 0, TCP_MIN_MSS);
}

/* Return: offset of an option, with its length; 0 if it is not there. */
static u32 option_find(const struct sipalg_segment *segment, u8 kind,
		       u32 min_len, u32 *len)
{
	const u8 *data = segment->skb->data;
	u32 at = segment->th + sizeof(struct tcphdr), end = segment->text;

	while (at < end && data[at] != TCPOPT_EOL) {
		if (data[at] == TCPOPT_NOP) {
			at++;
			continue;
		}
		if (end - at < 2 || data[at + 1] < 2 || data[at + 1] > end - at)
			break;
		*len = data[at + 1];
		if (data[at] == kind)
			return *len >= min_len ? at : 0;
		at += *len;
	}
	return 0;
}

/**
 * sipalg_segment_has() - is there an option?
 * @segment: the packet
 * @kind: the option's
 */
bool sipalg_segment_has(const struct sipalg_segment *segment, u8 kind)
{
	u32 len;

	return option_find(segment, kind, 0, &len);
}

/**
 * sipalg_segment_erase() - overwrite an option with NOPs
 * @segment: the packet
 * @kind: the option's
 *
 * Return: false, with the packet as it was, if there is no memory.
 */
bool sipalg_segment_erase(struct sipalg_segment *segment, u8 kind)
{
	u32 len, at = option_find(segment, kind, 0, &len);

	if (!at)
		return true;
	if (!sipalg_segment_open_header(segment))
		return false;
	memset(segment->skb->data + at, TCPOPT_NOP, len);
	checksum_defer(segment);
	return true;
}

/**
 * sipalg_segment_mss() - the maximum segment size that a SYN announces
 * @segment: the SYN
 *
 * Return: bytes of payload and options; the default of RFC 9293, 3.7.1, where
 * it announces none.
 */
u16 sipalg_segment_mss(const struct sipalg_segment *segment)
{
	const struct sk_buff *skb = segment->skb;
	u32 len, at = option_find(segment, TCPOPT_MSS, TCPOLEN_MSS, &len);
	u16 mss = at ? skb->data[at + 2] << 8 | skb->data[at + 3] : 0;

	return mss ?: ip_hdr(skb)->version == 4 ? TCP_MSS_DEFAULT : 1220;
}

/**
 * sipalg_segment_scale() - the window scale that a SYN announces (RFC 7323)
 * @segment: the SYN
 * @scale: set to it
 *
 * Return: false if it announces none.
 */
bool sipalg_segment_scale(const struct sipalg_segment *segment, u8 *scale)
{
	u32 len, at = option_find(segment, TCPOPT_WINDOW, TCPOLEN_WINDOW, &len);

	if (at)
		*scale = min_t(u8, segment->skb->data[at + 2],
			       TCP_MAX_WSCALE);
	return at;
}

/**
 * sipalg_segment_timestamp() - read the timestamps (RFC 7323)
 * @segment: the packet
 * @value: set to TSval
 * @echo: set to TSecr
 *
 * Return: false if there are none.
 */
bool sipalg_segment_timestamp(const struct sipalg_segment *segment, u32 *value,
			      u32 *echo)
{
	u32 len, at = option_find(segment, TCPOPT_TIMESTAMP, TCPOLEN_TIMESTAMP,
				  &len);

	if (at) {
		*value = number_read(segment->skb->data + at + 2);
		*echo = number_read(segment->skb->data + at + 6);
	}
	return at;
}

/**
 * sipalg_segment_set_timestamp() - replace TSval
 * @segment: the packet, open
 * @value: TSval
 */
void sipalg_segment_set_timestamp(struct sipalg_segment *segment, u32 value)
{
	u32 len, at = option_find(segment, TCPOPT_TIMESTAMP, TCPOLEN_TIMESTAMP,
				  &len);

	if (!at)
		return;
	number_write(segment->skb->data + at + 2, value);
	checksum_defer(segment);
}

/**
 * sipalg_segment_sacks() - read the selective acknowledgment
 * @segment: the packet
 * @sacks: filled in
 *
 * Return: how many blocks there are.
 */
unsigned int sipalg_segment_sacks(const struct sipalg_segment *segment,
				  struct sipalg_sack sacks[SIPALG_SACKS_MAX])
{
	u32 len,
		at = option_find(segment, TCPOPT_SACK, TCPOLEN_SACK_BASE, &len);
	const u8 *block = segment->skb->data + at + TCPOLEN_SACK_BASE;
	unsigned int n, i;

	if (!at)
		return 0;
	n = min_t(u32, (len - TCPOLEN_SACK_BASE) / TCPOLEN_SACK_PERBLOCK,
		  SIPALG_SACKS_MAX);
	for (i = 0; i < n; i++, block += TCPOLEN_SACK_PERBLOCK) {
		sacks[i].start = number_read(block);
		sacks[i].end = number_read(block + 4);
	}
	return n;
}

static void sacks_write(u8 *option, const struct sipalg_sack *sacks,
			unsigned int n)
{
	unsigned int i;

	option[0] = TCPOPT_SACK;
	option[1] = TCPOLEN_SACK_BASE + n * TCPOLEN_SACK_PERBLOCK;
	option += TCPOLEN_SACK_BASE;
	for (i = 0; i < n; i++, option += TCPOLEN_SACK_PERBLOCK) {
		number_write(option, sacks[i].start);
		number_write(option + 4, sacks[i].end);
	}
}

/*
 * Makes the SACK option, which is or will be the last one, long enough for @n
 * blocks or as many as fit. Return: its offset, 0 if it cannot be.
 */
static u32 sacks_grow(struct sipalg_segment *segment, u32 at, unsigned int *n)
{
	u32 start = at ?: segment->text + TCPOLEN_SACK_BASE_ALIGNED -
				  TCPOLEN_SACK_BASE;
	u32 end = segment->th + HEADER_MAX, max, grow;

	if (end < start + TCPOLEN_SACK_BASE + TCPOLEN_SACK_PERBLOCK)
		return 0;
	max = (end - start - TCPOLEN_SACK_BASE) / TCPOLEN_SACK_PERBLOCK;
	*n = min(*n, max);
	grow = start + TCPOLEN_SACK_BASE + *n * TCPOLEN_SACK_PERBLOCK -
	       segment->text;
	if (!payload_resize(segment->skb, (int)grow))
		return 0;
	memset(segment->skb->data + segment->text, TCPOPT_NOP, grow);
	segment->text += grow;
	sipalg_segment_header(segment)->doff += grow / 4;
	return start;
}

/**
 * sipalg_segment_set_sacks() - write the selective acknowledgment
 * @segment: the packet, open
 * @sacks: its blocks
 * @n: how many; those that do not fit are left out
 */
void sipalg_segment_set_sacks(struct sipalg_segment *segment,
			      const struct sipalg_sack *sacks, unsigned int n)
{
	u32 len = 0,
	    at = option_find(segment, TCPOPT_SACK, TCPOLEN_SACK_BASE, &len);
	unsigned int fit =
		at ? (len - TCPOLEN_SACK_BASE) / TCPOLEN_SACK_PERBLOCK : 0;

	if (n > fit && !segment->len &&
	    (!at || (at + len == segment->text &&
		     len == TCPOLEN_SACK_BASE + fit * TCPOLEN_SACK_PERBLOCK))) {
		fit = n;
		at = sacks_grow(segment, at, &fit);
	}
	if (!at)
		return;
	memset(segment->skb->data + at, TCPOPT_NOP, len);
	n = min(n, fit);
	if (n)
		sacks_write(segment->skb->data + at, sacks, n);
	checksum_defer(segment);
}
