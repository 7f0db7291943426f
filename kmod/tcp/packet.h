/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packets of SIP over TCP, and ICMP errors about them.
 */
#ifndef SIPALG_PACKET_H
#define SIPALG_PACKET_H

#include <linux/skbuff.h>
#include <net/netfilter/nf_conntrack.h>

struct sipalg_packet;

int sipalg_tcp_setup(void);
void sipalg_tcp_teardown(void);
unsigned int sipalg_tcp_packet(struct sipalg_packet *packet,
			       unsigned int protoff);
void sipalg_tcp_error(struct sk_buff *skb, const struct nf_conn *ct,
		      enum ip_conntrack_info ctinfo);

#endif /* SIPALG_PACKET_H */
