/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An IP packet, made anew from what it carried.
 */
#ifndef PACKET_H
#define PACKET_H

#include "address.h"

/* Of text in one packet, so that its length fits into that of the IP header. */
#define PACKET_TEXT_MAX	65000
/* Of Linux's cooked captures, which have one for each device alike. */
#define PACKET_LINK_LEN	16
/* Of the link, of IPv6 and of TCP. */
#define PACKET_HEADERS_MAX (PACKET_LINK_LEN + 40 + 20)

/**
 * struct packet - what a packet carries
 * @leaves: this machine sends it; otherwise it has come
 * @proto: IPPROTO_UDP or IPPROTO_TCP
 * @source: who sends it; of the same family as @target
 * @target: who gets it
 * @seq: of TCP: number of the first byte
 * @ack: of TCP: number of the first byte that is still missing in the other
 *	direction
 * @text: its text
 * @len: length of the text in bytes, at most PACKET_TEXT_MAX
 */
struct packet {
	bool leaves;
	uint8_t proto;
	const struct endpoint *source;
	const struct endpoint *target;
	uint32_t seq;
	uint32_t ack;
	const char *text;
	size_t len;
};

size_t packet_build(const struct packet *packet, void *room);

#endif /* PACKET_H */
