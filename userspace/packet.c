// SPDX-License-Identifier: GPL-2.0

#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <string.h>

#include "packet.h"

#define TTL	64
#define WINDOW	65535

/* RFC 1071: the sum of numbers of 16 bits, in network order, without carry */
static uint32_t sum_add(uint32_t sum, const void *bytes, size_t len)
{
	const uint8_t *at = bytes;

	for (; len > 1; len -= 2, at += 2)
		sum += at[0] << 8 | at[1];
	return len ? sum + (at[0] << 8) : sum;
}

static uint16_t sum_end(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum & 0xffff);
}

/*
 * The header of LINKTYPE_LINUX_SLL: direction, kind of the device, length and
 * bytes of the link address, protocol. There is no link address to tell.
 */
static void link_put(const struct packet *packet, uint8_t *at)
{
	uint16_t direction = htons(packet->leaves ? PACKET_OUTGOING :
						    PACKET_HOST);
	uint16_t device = htons(ARPHRD_NONE);
	uint16_t proto = htons(packet->source->address.len == 4 ? ETH_P_IP :
								  ETH_P_IPV6);

	memset(at, 0, PACKET_LINK_LEN);
	memcpy(at, &direction, sizeof(direction));
	memcpy(at + 2, &device, sizeof(device));
	memcpy(at + PACKET_LINK_LEN - sizeof(proto), &proto, sizeof(proto));
}

/* @len: of everything behind this header. Return: its own length. */
static size_t ip_put(const struct packet *packet, uint8_t *at, size_t len)
{
	const struct address *source = &packet->source->address;
	const struct address *target = &packet->target->address;

	if (source->len == 4) {
		struct ip ip = {
			.ip_v = 4,
			.ip_hl = sizeof(ip) / 4,
			.ip_len = htons(sizeof(ip) + len),
			.ip_ttl = TTL,
			.ip_p = packet->proto,
		};

		memcpy(&ip.ip_src, source->bytes, 4);
		memcpy(&ip.ip_dst, target->bytes, 4);
		memcpy(at, &ip, sizeof(ip));
		ip.ip_sum = sum_end(sum_add(0, at, sizeof(ip)));
		memcpy(at, &ip, sizeof(ip));
		return sizeof(ip);
	} else {
		struct ip6_hdr ip = {
			.ip6_flow = htonl(6U << 28),
			.ip6_plen = htons(len),
			.ip6_nxt = packet->proto,
			.ip6_hlim = TTL,
		};

		memcpy(&ip.ip6_src, source->bytes, 16);
		memcpy(&ip.ip6_dst, target->bytes, 16);
		memcpy(at, &ip, sizeof(ip));
		return sizeof(ip);
	}
}

/* The checksum of UDP and TCP. @len: of header and text. */
static uint16_t checksum(const struct packet *packet, const uint8_t *at,
			 size_t len)
{
	const struct address *source = &packet->source->address;
	const struct address *target = &packet->target->address;
	uint32_t sum = packet->proto + len;

	sum = sum_add(sum, source->bytes, source->len);
	sum = sum_add(sum, target->bytes, target->len);
	return sum_end(sum_add(sum, at, len));
}

static void udp_put(const struct packet *packet, uint8_t *at)
{
	struct udphdr udp = {
		.uh_sport = htons(packet->source->port),
		.uh_dport = htons(packet->target->port),
		.uh_ulen = htons(sizeof(udp) + packet->len),
	};
	size_t len = sizeof(udp) + packet->len;

	memcpy(at + sizeof(udp), packet->text, packet->len);
	memcpy(at, &udp, sizeof(udp));
	/* A zero says that there is none: RFC 768. */
	udp.uh_sum = checksum(packet, at, len) ?: 0xffff;
	memcpy(at, &udp, sizeof(udp));
}

static void tcp_put(const struct packet *packet, uint8_t *at)
{
	struct tcphdr tcp = {
		.th_sport = htons(packet->source->port),
		.th_dport = htons(packet->target->port),
		.th_seq = htonl(packet->seq),
		.th_ack = htonl(packet->ack),
		.th_off = sizeof(tcp) / 4,
		.th_flags = TH_PUSH | TH_ACK,
		.th_win = htons(WINDOW),
	};
	size_t len = sizeof(tcp) + packet->len;

	memcpy(at + sizeof(tcp), packet->text, packet->len);
	memcpy(at, &tcp, sizeof(tcp));
	tcp.th_sum = checksum(packet, at, len);
	memcpy(at, &tcp, sizeof(tcp));
}

/**
 * packet_build() - write a packet with all of its headers
 * @packet: what it carries
 * @room: PACKET_HEADERS_MAX bytes more than the text has
 *
 * Return: its length in bytes.
 */
size_t packet_build(const struct packet *packet, void *room)
{
	bool tcp = packet->proto == IPPROTO_TCP;
	size_t len = packet->len + (tcp ? sizeof(struct tcphdr) :
					  sizeof(struct udphdr));
	uint8_t *at = room;

	link_put(packet, at);
	at += PACKET_LINK_LEN;
	at += ip_put(packet, at, len);
	if (tcp)
		tcp_put(packet, at);
	else
		udp_put(packet, at);
	return at + len - (uint8_t *)room;
}
