/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One SIP message on its way through the NAT.
 */
#ifndef SIPALG_MESSAGE_H
#define SIPALG_MESSAGE_H

#include <linux/skbuff.h>
#include <net/netfilter/nf_conntrack.h>

#include "sip/sip.h"
#include "nf_sipalg.h"

struct sipalg_net;

#define SIPALG_MODE_BITS	2
#define SIPALG_MODE_MASK	(BIT(SIPALG_MODE_BITS) - 1)
static_assert(SIPALG_MODE_MAX <= SIPALG_MODE_MASK);

/**
 * enum sipalg_keeper - on whose account a flow must not time out
 * @SIPALG_KEEPER_CALL: calls
 * @SIPALG_KEEPER_GRANT: registrations and subscriptions
 */
enum sipalg_keeper {
	SIPALG_KEEPER_CALL,
	SIPALG_KEEPER_GRANT,

	__SIPALG_KEEPER_MAX,
};

/**
 * struct sipalg_flow - what a flow's helper extension keeps
 * @stream: of TCP: NULL until the SYN has been seen; then an XArray value, the
 *	MSS that it announced; then a struct sipalg_stream; value 0 where it is
 *	of no concern
 * @until: low half of the jiffies up to which each keeper needs it; 0 for not
 *	at all
 * @policy: generation of the policy, and in the lower SIPALG_MODE_BITS the mode
 *	that it gives, rule already resolved; 0 for none yet
 * @in: device the first packet came in by, 0 if none
 * @out: device it left by, 0 if none
 * @unwritten: bits by enum sip_field: the inside host writes the field without
 *	its port
 * @reflexive: bit 0 for Via, 1 for fields with a URI: there the inside host
 *	itself writes its outside address
 * @automatic: policy gave the flow its helper, not a firewall rule
 *
 * Written without a lock: it holds hints that each packet may renew.
 */
struct sipalg_flow {
	void *stream;
	u32 until[__SIPALG_KEEPER_MAX];
	u32 policy;
	int in;
	int out;
	u16 unwritten;
	u8 reflexive;
	bool automatic;
};

/**
 * struct sipalg_packet - a packet of a flow that is looked at
 * @sn: the namespace
 * @skb: the packet, its data at the network header
 * @ct: its flow
 * @flow: what the flow's helper extension keeps, or NULL if it has none
 * @ctinfo: its direction
 * @mode: off, observe or on; in the first two, dialogs under way are finished
 */
struct sipalg_packet {
	struct sipalg_net *sn;
	struct sk_buff *skb;
	struct nf_conn *ct;
	struct sipalg_flow *flow;
	enum ip_conntrack_info ctinfo;
	enum sipalg_mode mode;
};

/**
 * struct sipalg_text - a message, wherever it is
 * @text: its text
 * @len: its length in bytes
 * @room: bytes by which it may grow
 * @space: SIP_MSG_MAX bytes to work in while @change is called
 * @head: only start line and headers are there; nothing else of it needs a
 *	change
 * @change: change it as planned; called at most once, and before anything is
 *	committed. Returns SIPALG_STAT_CHANGED, or the counter of what is in the
 *	way.
 */
struct sipalg_text {
	const u8 *text;
	u32 len;
	s32 room;
	u8 *space;
	bool head;
	enum sipalg_stat (*change)(struct sipalg_text *text,
				   const struct sip_plan *plan);
};

int __init sipalg_message_init(void);
void sipalg_message_exit(void);
enum sipalg_stat sipalg_message_stat(enum sip_verdict verdict);
void sipalg_message_pass(const struct sipalg_packet *packet,
			 enum sipalg_stat why);
void sipalg_message_translate(const struct sipalg_packet *packet,
			      struct sipalg_text *text);

#endif /* SIPALG_MESSAGE_H */
