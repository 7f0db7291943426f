// SPDX-License-Identifier: GPL-2.0

#include <linux/udp.h>
#include <net/dst.h>
#include <net/ip.h>

#include "hook/splice.h"
#include "hook/udp.h"
#include "session/message.h"
#include "state/stats.h"

/* Bytes that show whether a start line begins. */
#define START_LINE_MAX 64

/**
 * struct datagram - a message in a datagram
 * @text: the message
 * @packet: the packet
 * @protoff: offset of its UDP header
 */
struct datagram {
	struct sipalg_text text;
	const struct sipalg_packet *packet;
	unsigned int protoff;
};

/* Changes the packet as planned. All pointers into it are void afterwards. */
static enum sipalg_stat change_datagram(struct sipalg_text *text,
					const struct sip_plan *plan)
{
	const struct datagram *datagram =
		container_of(text, struct datagram, text);
	const struct sipalg_packet *packet = datagram->packet;

	if (!sipalg_splice(packet, datagram->protoff, plan))
		return SIPALG_STAT_PASSED_NO_MEMORY;
	/*
	 * The packet has passed the check of the path's MTU, at which the
	 * sender could have been told. It must not be lost for being longer
	 * now.
	 */
	if (plan->delta > 0)
		packet->skb->ignore_df = 1;
	return SIPALG_STAT_CHANGED;
}

/* Puts all of a message in fragments at one place. */
static bool join_datagram(struct sipalg_text *text)
{
	const struct datagram *datagram =
		container_of(text, struct datagram, text);
	struct sk_buff *skb = datagram->packet->skb;

	if (skb_linearize(skb))
		return false;
	text->text = skb->data + datagram->protoff + sizeof(struct udphdr);
	text->there = text->len;
	return true;
}

/*
 * Makes the beginning of a message readable. If it came in fragments the others
 * stay as they are: then it leaves in these, and need not be cut anew.
 */
static bool make_readable(struct sk_buff *skb, unsigned int offset)
{
	unsigned int first;

	if (likely(!skb_is_nonlinear(skb)))
		return true;
	first = skb_pagelen(skb);
	if (!skb_has_frag_list(skb) || first < offset + START_LINE_MAX)
		return !skb_linearize(skb);
	return pskb_may_pull(skb, first);
}

/* A datagram may have no checksum (RFC 768): then it says 0. */
static bool is_intact(const struct sipalg_packet *packet, unsigned int protoff)
{
	const struct udphdr *uh = (void *)packet->skb->data + protoff;

	return !uh->check || sipalg_packet_is_intact(packet, protoff);
}

/*
 * Return: length of what may be a SIP message in the packet, whose beginning is
 * linear then; 0 if there is none, or its receiver will not take it.
 */
static u32 find_message(const struct sipalg_packet *packet,
			unsigned int protoff)
{
	unsigned int offset = protoff + sizeof(struct udphdr);
	struct sk_buff *skb = packet->skb;
	enum sipalg_stat why;

	if (skb->len <= offset)
		return 0;
	if (sipalg_udp_is_short(skb, protoff))
		why = SIPALG_STAT_PASSED_NOT_SIP;
	else if (skb_is_gso(skb))
		why = SIPALG_STAT_PASSED_GSO;
	else if (!make_readable(skb, offset))
		why = SIPALG_STAT_PASSED_NO_MEMORY;
	else if (ntohs(((struct udphdr *)(skb->data + protoff))->len) !=
		 skb->len - protoff)
		why = SIPALG_STAT_PASSED_BAD_LENGTH;
	else if (!sip_may_start(skb->data[offset]))
		why = SIPALG_STAT_PASSED_NOT_SIP;
	else
		return is_intact(packet, protoff) ? skb->len - offset : 0;
	sipalg_message_pass(packet, why);
	return 0;
}

/* Many a NAT and firewall loses fragments, and with them whole calls. */
static void count_fragmented(const struct sipalg_packet *packet)
{
	const struct dst_entry *dst = skb_dst(packet->skb);

	if (packet->mode != SIPALG_MODE_OFF && dst &&
	    packet->skb->len > dst_mtu(dst))
		sipalg_stats_inc(packet->sn, SIPALG_STAT_FRAGMENTED);
}

static void translate_datagram(const struct sipalg_packet *packet,
			       unsigned int protoff, u32 len)
{
	unsigned int offset = protoff + sizeof(struct udphdr);
	struct datagram datagram = {
		.text.text = packet->skb->data + offset,
		.text.len = len,
		.text.there = skb_headlen(packet->skb) - offset,
		.text.join = join_datagram,
		.text.growth_max = IP_MAX_MTU - packet->skb->len,
		.text.change = change_datagram,
		.packet = packet,
		.protoff = protoff,
	};

	if (sipalg_message_translate(packet, &datagram.text))
		count_fragmented(packet);
}

/**
 * sipalg_udp_packet() - the whole way of a datagram
 * @packet: the packet
 * @protoff: offset of its UDP header
 *
 * Context: softirq or process, RCU read side; takes a dialog's lock.
 */
void sipalg_udp_packet(const struct sipalg_packet *packet, unsigned int protoff)
{
	u32 len;

	if (packet->mode == SIPALG_MODE_OFF &&
	    !atomic_read(&packet->sn->dialogs.calls))
		return;
	len = find_message(packet, protoff);
	if (len)
		translate_datagram(packet, protoff, len);
	if (packet->flow)
		sipalg_flow_refresh(packet->flow, packet->ct, packet->skb);
}
