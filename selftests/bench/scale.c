// SPDX-License-Identifier: GPL-2.0
/*
 * Fills the tables: calls with two streams, or registrations each with a Contact of its
 * own, one after the other, from several phones in turn.
 *
 * Usage: scale PHONE_NETNS SERVER_NETNS call|register FIRST COUNT [RATE]
 *
 * Prints what the request cost, the median of the last ones. RATE: so many a second.
 */

#include <arpa/inet.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "common.h"

#define PHONES		16
#define PHONE_ADDRESS	"192.168.1.%u"	/* from FIRST_PHONE on */
#define FIRST_PHONE	10
#define SERVER_ADDRESS	"203.0.113.2"
#define SIP_PORT	5060
#define FIRST_CONTACT	50000
#define ROUNDS		255

static int do_register(char *text, const char *address, unsigned int id)
{
	return snprintf(text, TEXT_MAX,
			"REGISTER sip:example.com SIP/2.0\r\n"
			"Via: SIP/2.0/UDP %s:5060;branch=z9hG4bK776asdhds%08u\r\n"
			"Max-Forwards: 70\r\n"
			"To: <sip:alice@example.com>\r\n"
			"From: <sip:alice@example.com>;tag=1928301774\r\n"
			"Call-ID: c1b4a5e0%08u\r\n"
			"CSeq: 1 REGISTER\r\n"
			"Contact: <sip:alice@%s:%u>;expires=3600\r\n"
			"Content-Length: 0\r\n\r\n",
			address, id, id, address, FIRST_CONTACT + id / PHONES);
}

/* The registrar sends back all that it got, but the request line. */
static void answer(int server, int phone, const char *request, const struct sockaddr_in *to)
{
	const char *rest = strchr(request, '\n');
	char text[TEXT_MAX + 64];
	int len;

	len = snprintf(text, sizeof(text), "SIP/2.0 200 OK\r\n%s", rest ? rest + 1 : "");
	if (sendto(server, text, len, 0, (const struct sockaddr *)to, sizeof(*to)) < 0)
		err(1, "send the 200");
	if (recv(phone, text, sizeof(text), MSG_DONTWAIT) < 0)
		err(1, "200 not received");
}

/* Waits until the next request of @rate a second is due, which is at @due. */
static void wait_for(struct timespec *due, unsigned int rate)
{
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, due, NULL);
	due->tv_nsec += 1000000000 / rate;
	due->tv_sec += due->tv_nsec / 1000000000;
	due->tv_nsec %= 1000000000;
}

int main(int argc, char *argv[])
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(SIP_PORT) };
	static long long cost[ROUNDS];
	char address[PHONES][INET_ADDRSTRLEN];
	unsigned int first, count, rate, i;
	int phones[PHONES], server;
	struct timespec due;
	int calls;

	if (argc != 6 && argc != 7)
		errx(2, "usage: scale PHONE_NETNS SERVER_NETNS call|register FIRST COUNT [RATE]");
	calls = !strcmp(argv[3], "call");
	first = strtoul(argv[4], NULL, 10);
	count = strtoul(argv[5], NULL, 10);
	rate = argc > 6 ? strtoul(argv[6], NULL, 10) : 0;
	if (count < ROUNDS)
		errx(2, "not that few: %u", count);
	for (i = 0; i < PHONES; i++) {
		snprintf(address[i], sizeof(address[i]), PHONE_ADDRESS, FIRST_PHONE + i);
		phones[i] = open_in(argv[1], address[i], SOCK_DGRAM, SIP_PORT);
	}
	server = open_in(argv[2], SERVER_ADDRESS, SOCK_DGRAM, SIP_PORT);
	inet_pton(AF_INET, SERVER_ADDRESS, &to.sin_addr);

	clock_gettime(CLOCK_MONOTONIC, &due);
	for (i = 0; i < count; i++) {
		unsigned int id = first + i, phone = id % PHONES;
		struct sockaddr_in from;
		socklen_t from_len = sizeof(from);
		char text[TEXT_MAX];
		long long begin;
		int len;

		if (rate)
			wait_for(&due, rate);
		len = calls ? write_invite(text, address[phone], id, id / PHONES) :
			      do_register(text, address[phone], id);
		begin = now();
		if (sendto(phones[phone], text, len, 0, (struct sockaddr *)&to, sizeof(to)) < 0)
			err(1, "send");
		cost[i % ROUNDS] = now() - begin;
		len = recvfrom(server, text, sizeof(text) - 1, MSG_DONTWAIT,
			       (struct sockaddr *)&from, &from_len);
		if (len < 0)
			err(1, "%s %u not received", argv[3], id);
		text[len] = '\0';
		if (!calls)
			answer(server, phones[phone], text, &from);
	}
	printf("%lld\n", median(cost, ROUNDS));
	return 0;
}
