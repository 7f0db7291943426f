// SPDX-License-Identifier: GPL-2.0

#include <linux/udp.h>
#include <net/ip.h>

#include "hook/udp.h"
#include "main.h"
#include "hook/mangle.h"

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

static enum sipalg_stat change_datagram(struct sipalg_text *text,
					const struct sip_plan *plan)
{
	struct datagram *datagram = container_of(text, struct datagram, text);
	const struct sipalg_packet *packet = datagram->packet;

	return sipalg_mangle_datagram(packet->skb, packet->ct, packet->ctinfo,
				      datagram->protoff, plan, text->space) ?
		       SIPALG_STAT_CHANGED :
		       SIPALG_STAT_PASSED_NO_MEMORY;
}

/* Bytes; no start line is shorter, but a keep-alive is (RFC 5626, 3.5.1). */
#define START_LINE_MIN 8

/*
 * Return: length of the SIP message in the packet, which is linear then; 0 if
 * there is nothing to look at.
 */
static u32 find_message(const struct sipalg_packet *packet,
			unsigned int protoff)
{
	unsigned int offset = protoff + sizeof(struct udphdr);
	struct sk_buff *skb = packet->skb;
	enum sipalg_stat why;

	if (skb->len <= offset)
		return 0;
	if (skb->len < offset + START_LINE_MIN)
		why = SIPALG_STAT_PASSED_NOT_SIP;
	else if (skb_is_gso(skb))
		why = SIPALG_STAT_PASSED_GSO;
	else if (skb_is_nonlinear(skb) && skb_linearize(skb))
		why = SIPALG_STAT_PASSED_NO_MEMORY;
	else if (ntohs(((struct udphdr *)(skb->data + protoff))->len) !=
		 skb->len - protoff)
		why = SIPALG_STAT_PASSED_BAD_LENGTH;
	else if (!sip_is_start(skb->data + offset, skb->len - offset))
		why = SIPALG_STAT_PASSED_NOT_SIP;
	else
		return skb->len - offset;
	sipalg_message_pass(packet, why);
	return 0;
}

/* Apart from what a keep-alive takes. */
static noinline void translate_datagram(const struct sipalg_packet *packet,
					unsigned int protoff, u32 len)
{
	struct datagram datagram = {
		.text.text =
			packet->skb->data + protoff + sizeof(struct udphdr),
		.text.len = len,
		.text.room = IP_MAX_MTU - packet->skb->len,
		.text.change = change_datagram,
		.packet = packet,
		.protoff = protoff,
	};

	sipalg_message_translate(packet, &datagram.text);
}

/*
 * The timeout of a flow that is not confirmed yet counts from when it will be.
 */
static long expires_in(const struct nf_conn *ct)
{
	return nf_ct_is_confirmed(ct) ? nf_ct_expires(ct) :
					READ_ONCE(ct->timeout);
}

static void keep_flow(const struct sipalg_flow *flow, struct nf_conn *ct,
		      const struct sk_buff *skb)
{
	unsigned int i;
	long most = 0;

	for (i = 0; flow && i < __SIPALG_KEEPER_MAX; i++)
		if (flow->until[i])
			most = max_t(long, most,
				     (s32)(flow->until[i] - (u32)jiffies));
	if (most > expires_in(ct))
		sipalg_ct_refresh(ct, skb, most);
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
	keep_flow(packet->flow, packet->ct, packet->skb);
}
