/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A packet as far as the firewall's rules see it.
 */
#ifndef FIREWALL_PACKET_H
#define FIREWALL_PACKET_H

#include <stdbool.h>

struct sipalg_network;

/**
 * struct firewall_packet - a forwarded packet
 * @ipv6: of IPv6, else of IPv4
 * @outside: name of the outside device; empty if it is not known
 * @inside: name of the inside device; NULL if it is any but @outside
 * @outward: it comes from @inside and leaves by @outside; else the reverse
 * @proto: IPPROTO_UDP or IPPROTO_TCP
 * @sport: source port; 0: any
 * @dport: destination port; 0: any
 * @network: inside network that it comes from or goes to; NULL: any
 * @state: its conntrack state, as nft names it
 * @helper: conntrack helper of the flow that made it expected; NULL: none did
 */
struct firewall_packet {
	bool ipv6;
	const char *outside, *inside;
	bool outward;
	unsigned int proto;
	unsigned int sport, dport;
	const struct sipalg_network *network;
	const char *state, *helper;
};

#endif /* FIREWALL_PACKET_H */
