/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A message that is a whole UDP datagram.
 */
#ifndef SIPALG_HOOK_UDP_H
#define SIPALG_HOOK_UDP_H

#include <linux/skbuff.h>
#include <linux/udp.h>

#include "session/flow.h"

/**
 * sipalg_udp_is_short() - is a datagram shorter than any start line of SIP?
 * @skb: the packet
 * @protoff: offset of its UDP header
 *
 * A keep-alive is (RFC 5626, 3.5.1).
 *
 * Context: any.
 * Return: false, too, for one that is empty.
 */
static inline bool sipalg_udp_is_short(const struct sk_buff *skb,
				       unsigned int protoff)
{
	const unsigned int start_line_min = 8;
	unsigned int offset = protoff + sizeof(struct udphdr);

	return skb->len > offset && skb->len < offset + start_line_min;
}

void sipalg_udp_packet(const struct sipalg_packet *packet,
		       unsigned int protoff);

#endif /* SIPALG_HOOK_UDP_H */
