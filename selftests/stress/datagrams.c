// SPDX-License-Identifier: GPL-2.0
/*
 * Messages over UDP, a window of them at a time, in one direction.
 */
#include <err.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "mutate.h"
#include "wire.h"

/* messages in transit at a time, and how many may be late */
#define WINDOW	32

static const char keep_alive[] = { '\r', '\n', '\r', '\n' };

static struct text sent[WINDOW];
static u8 got[SIP_MSG_MAX];

static int open_end(const char *namespace, const char *host, u16 port,
		    const char *peer, u16 peer_port)
{
	struct sockaddr_in there = socket_address(peer, peer_port);
	int fd = open_socket(namespace, SOCK_DGRAM, host, port), room = 4 << 20;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) ||
	    connect(fd, (struct sockaddr *)&there, sizeof(there)))
		err(2, "socket of %s:%u", host, port);
	return fd;
}

static void set_patience(int fd, unsigned int msecs)
{
	struct timeval patience = { msecs / 1000, msecs % 1000 * 1000 };

	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
		       sizeof(patience)))
		err(2, "patience");
}

static void drain(int fd)
{
	while (recv(fd, got, sizeof(got), MSG_DONTWAIT) >= 0)
		;
}

/* Make the flow known to the NAT, also after it was lost. */
static void greet(int phone, int server)
{
	if (send(phone, keep_alive, sizeof(keep_alive), 0) != sizeof(keep_alive) ||
	    recv(server, got, sizeof(got), 0) != sizeof(keep_alive))
		err(1, "the server does not get a keep-alive");
}

/*
 * Return: NULL if the datagram is a legal translation of the message, else the
 * fault.
 */
static const char *judge(const struct options *options, const struct text *text,
			 u32 len)
{
	struct transit transit = {
		.sent = text->data,
		.sent_len = text->len,
		.got = got,
		.got_len = len,
		.inside = endpoint(INSIDE, options->inside_port),
		.outside = endpoint(OUTSIDE, options->outside_port),
		.outbound = text->outbound,
	};
	struct tally before = tally;
	const char *wrong = compare(&transit, &tally);

	if (wrong)
		tally = before;
	return wrong;
}

/*
 * A datagram that differs may be a later message, if the expected one was lost.
 */
static bool is_another(const struct options *options, const struct text *due,
		       u32 len)
{
	for (const struct text *text = sent; text < sent + WINDOW; text++)
		if (text != due && text->outbound == due->outbound &&
		    text->len && !judge(options, text, len))
			return true;
	return false;
}

/* Return: false if the message did not arrive. */
static bool receive(int fd, const struct options *options,
		    const struct text *due)
{
	for (;;) {
		ssize_t len = recv(fd, got, sizeof(got), 0);
		const char *wrong;

		if (len < 0) {
			if (!options->lossy)
				give_up("nothing arrived", due, NULL, 0);
			return false;
		}
		wrong = judge(options, due, (u32)len);
		if (!wrong)
			return true;
		/* It may come late, behind the draining. */
		if (options->lossy && len == sizeof(keep_alive) &&
		    !memcmp(got, keep_alive, sizeof(keep_alive)))
			continue;
		if (!is_another(options, due, (u32)len))
			give_up(wrong, due, got, (u32)len);
		if (!options->lossy)
			give_up("this was lost, another one arrived", due, got,
				(u32)len);
	}
}

static void run_exact(const struct options *options, int phone, int server)
{
	u64 state = options->seed;
	unsigned long done;
	unsigned int i;

	for (done = 0; done < options->count; done += WINDOW) {
		bool outbound = random_below(&state, 2);

		for (i = 0; i < WINDOW; i++) {
			make(&sent[i], &state);
			sent[i].outbound = outbound;
			if (send(outbound ? phone : server, sent[i].data,
				 sent[i].len, 0) < 0)
				err(1, "send");
		}
		for (i = 0; i < WINDOW; i++)
			receive(outbound ? server : phone, options, &sent[i]);
	}
	printf("messages %lu\n", done);
}

static void run_lossy(const struct options *options, int phone, int server)
{
	u64 state = options->seed;
	unsigned long lost = 0, done;

	set_patience(phone, 20);
	set_patience(server, 200);
	for (done = 0; done < options->count; done++) {
		struct text *text = &sent[done % WINDOW];
		bool outbound = random_below(&state, 2);

		make(text, &state);
		text->outbound = outbound;
		send(outbound ? phone : server, text->data, text->len, 0);
		if (receive(outbound ? server : phone, options, text))
			continue;
		lost++;
		send(phone, keep_alive, sizeof(keep_alive), 0);
		usleep(1000);
		drain(phone);
		drain(server);
	}
	printf("messages %lu\nlost %lu\n", done, lost);
}

void run_datagrams(const struct options *options)
{
	int phone = open_end(options->phone, INSIDE, options->inside_port,
			     options->server, 5060);
	int server = open_end(options->server_side, options->server, 5060,
			      OUTSIDE, options->outside_port);

	set_patience(phone, PATIENCE);
	set_patience(server, PATIENCE);
	greet(phone, server);
	if (options->lossy)
		run_lossy(options, phone, server);
	else
		run_exact(options, phone, server);
}
