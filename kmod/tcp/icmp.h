/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The TCP header inside an ICMP error: the ports and the sequence number at
 * least (RFC 792), as a rule more (RFC 1812, 4.3.2.3; RFC 4443, 2.4).
 */
#ifndef SIPALG_ICMP_H
#define SIPALG_ICMP_H

#include <linux/skbuff.h>

/**
 * struct sipalg_icmp - an ICMP error and its inner TCP header
 * @skb: the error, its data at the network header
 * @icmp: offset of its ICMP header
 * @inner: offset of the inner TCP header
 * @inner_len: bytes of that which are there, up to its checksum
 * @seq: inner sequence number
 * @ack: inner acknowledgment
 * @has_ack: there is one
 * @mss: payload and options that the path takes, in bytes; 0 if the error does
 *	not say so
 */
struct sipalg_icmp {
	struct sk_buff *skb;
	u32 icmp;
	u32 inner;
	u32 inner_len;
	u32 seq;
	u32 ack;
	bool has_ack;
	u32 mss;
};

bool sipalg_icmp_read(struct sipalg_icmp *error, struct sk_buff *skb);
void sipalg_icmp_renumber(struct sipalg_icmp *error, u32 seq, u32 ack);

#endif /* SIPALG_ICMP_H */
