/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A TCP packet as an ICMP error quotes it: ports and number at the least (RFC
 * 792), as a rule more of it (RFC 1812, 4.3.2.3; RFC 4443, 2.4).
 */
#ifndef SIPALG_QUOTE_H
#define SIPALG_QUOTE_H

#include <linux/skbuff.h>

/**
 * struct sipalg_quote - what an error quotes
 * @skb: the error, its data at the network header
 * @icmp: offset of its ICMP header
 * @th: offset of the quoted TCP header
 * @len: bytes that are quoted of that, up to its checksum
 * @seq: the quoted number
 * @ack: the quoted acknowledgment
 * @acks: there is one
 */
struct sipalg_quote {
	struct sk_buff *skb;
	u32 icmp;
	u32 th;
	u32 len;
	u32 seq;
	u32 ack;
	bool acks;
};

bool sipalg_quote_read(struct sipalg_quote *quote, struct sk_buff *skb);
void sipalg_quote_renumber(struct sipalg_quote *quote, u32 seq, u32 ack);

#endif /* SIPALG_QUOTE_H */
