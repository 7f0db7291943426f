// SPDX-License-Identifier: GPL-2.0
/*
 * Messages over TCP, a few of them each way on a connection, in slices of any size.
 * When a connection has come to its end, both streams of a way are taken apart, and
 * each message that has arrived is compared with the one that was sent. From where
 * a stream cannot be followed any more, no byte of it may have changed.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "frame.h"
#include "mutate.h"
#include "wire.h"

#define MESSAGES	12	/* at most, a way */
#define HELD_MAX	16384	/* bytes of a message that the router holds back */

/**
 * struct way - a direction of a connection
 * @sent: all that is to be sent
 * @sent_len: bytes of it
 * @at: bytes of it that have been
 * @got: what has arrived
 * @got_len: bytes of it
 * @outbound: the phone is the sender
 * @shut: the sender has said that this is all
 * @ended: the receiver has heard so
 */
struct way {
	u8 sent[MESSAGES * ROOM];
	u32 sent_len;
	u32 at;
	u8 got[2 * MESSAGES * ROOM];
	u32 got_len;
	bool outbound;
	bool shut;
	bool ended;
};

/**
 * struct connection - both of them
 * @ways: the first is outbound
 * @ends: sockets of the phone and of the server: who sends what the way of the same index is
 * @inside: the phone's end of the flow
 * @outside: what the NAT makes of it
 * @slice: bytes to write at a time, at most
 */
struct connection {
	struct way ways[2];
	int ends[2];
	struct sip_endpoint inside;
	struct sip_endpoint outside;
	u32 slice;
};

static unsigned long n_followed;

static __attribute__((noreturn)) void fail(const char *why, const struct way *way, u32 sent_at,
					   u32 got_at)
{
	printf("%s: %s; %u of %u bytes sent, %u arrived\n", way->outbound ? "outbound" : "inbound",
	       why, way->at, way->sent_len, way->got_len);
	show("sent", way->sent + sent_at, way->sent_len - sent_at);
	show("arrived", way->got + got_at, way->got_len - got_at);
	exit(1);
}

/* Is the first thing that is said no SIP? Then the answers are of no concern, either. */
static bool is_foreign(const struct way *way)
{
	enum sip_frame_event step = SIP_FRAME_BLANK;
	struct sip_frame frame;
	u32 at = 0;

	while (step == SIP_FRAME_BLANK && at < way->sent_len) {
		sip_frame_begin(&frame);
		step = sip_frame_next(&frame, way->sent + at, way->sent_len - at);
		at += frame.blank;
	}
	return step == SIP_FRAME_BAD;
}

static bool is_same(const struct way *way, u32 sent_at, u32 got_at, u32 len)
{
	return way->got_len - got_at >= len &&
	       !memcmp(way->sent + sent_at, way->got + got_at, len);
}

/* Compares two messages, or their heads alone where a body is of no concern. */
static const char *match(const struct connection *connection, const struct way *way, u32 sent_at,
			 u32 got_at, const struct sip_frame *sent, const struct sip_frame *got)
{
	struct passage passage = {
		.sent = way->sent + sent_at,
		.sent_len = sent->body + (sent->may_have_sdp ? (u32)sent->length : 0),
		.got = way->got + got_at,
		.got_len = got->body + (sent->may_have_sdp ? (u32)got->length : 0),
		.inside = connection->inside,
		.outside = connection->outside,
		.outbound = way->outbound,
		.head = !sent->may_have_sdp,
	};

	/* If it came at once it is changed, else it was too long. */
	if (passage.sent_len > HELD_MAX && passage.sent_len == passage.got_len &&
	    is_same(way, sent_at, got_at, passage.sent_len))
		return NULL;
	return compare(&passage, &tally);
}

static void compare_way(const struct connection *connection, const struct way *way)
{
	enum sip_frame_event step = SIP_FRAME_MORE;
	u32 at = 0, got_at = 0, len;
	struct sip_frame frame, got;
	const char *wrong;

	while (at < way->sent_len) {
		sip_frame_begin(&frame);
		step = sip_frame_next(&frame, way->sent + at, way->sent_len - at);
		len = way->sent_len - at;
		if (step == SIP_FRAME_BLANK) {
			len = frame.blank;
		} else if (step == SIP_FRAME_DONE || (step == SIP_FRAME_HEAD && !frame.may_have_sdp)) {
			sip_frame_begin(&got);
			sip_frame_next(&got, way->got + got_at, way->got_len - got_at);
			if (!got.body || (frame.may_have_sdp &&
					  got.body + got.length > way->got_len - got_at))
				fail("a message is broken", way, at, got_at);
			wrong = match(connection, way, at, got_at, &frame, &got);
			if (wrong)
				fail(wrong, way, at, got_at);
			n_followed++;
			at += frame.body + (frame.may_have_sdp ? (u32)frame.length : 0);
			got_at += got.body + (frame.may_have_sdp ? (u32)got.length : 0);
			len = way->sent_len - at;
			if (frame.may_have_sdp || frame.length < len)
				len = frame.may_have_sdp ? 0 : (u32)frame.length;
		}
		if (!is_same(way, at, got_at, len))
			fail("what is no message, or a body, has changed", way, at, got_at);
		at += len;
		got_at += len;
	}
	if (got_at != way->got_len)
		fail("more arrived than was sent", way, at, got_at);
}

static void compare_ways(const struct connection *connection)
{
	for (int i = 0; i < 2; i++) {
		const struct way *way = &connection->ways[i];

		if (!is_foreign(&connection->ways[!i]) || way->got_len != way->sent_len ||
		    !is_same(way, 0, 0, way->sent_len))
			compare_way(connection, way);
	}
}

/* Most end where they say, so that others can come behind them. */
static void make_framed(struct text *text, u64 *state)
{
	bool wild = !random_below(state, 32);
	struct sip_frame frame;

	do {
		make(text, state);
		sip_frame_begin(&frame);
	} while (!wild && sip_frame_next(&frame, text->data, text->len) != SIP_FRAME_DONE);
	if (!wild)
		text->len = frame.body + (u32)frame.length;
}

static unsigned int fill(struct way *way, bool outbound, u64 *state, unsigned int n)
{
	static struct text text;

	way->sent_len = 0;
	way->got_len = 0;
	way->at = 0;
	way->outbound = outbound;
	way->shut = false;
	way->ended = false;
	for (unsigned int i = 0; i < n; i++) {
		make_framed(&text, state);
		memcpy(way->sent + way->sent_len, text.data, text.len);
		way->sent_len += text.len;
	}
	return n;
}

static void send_some(struct way *way, int fd, u32 len)
{
	ssize_t n;

	if (way->at == way->sent_len) {
		shutdown(fd, SHUT_WR);
		way->shut = true;
		return;
	}
	if (len > way->sent_len - way->at)
		len = way->sent_len - way->at;
	n = send(fd, way->sent + way->at, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n > 0)
		way->at += (u32)n;
	else if (errno != EAGAIN && errno != ENOMEM && errno != ENOBUFS)
		fail(strerror(errno), way, 0, 0);
}

static void receive_some(struct way *way, int fd)
{
	ssize_t n = recv(fd, way->got + way->got_len, sizeof(way->got) - way->got_len,
			 MSG_DONTWAIT);

	if (n > 0)
		way->got_len += (u32)n;
	else if (!n)
		way->ended = true;
	else if (errno != EAGAIN)
		fail(strerror(errno), way, 0, 0);
}

static void carry(struct connection *connection, u64 *state)
{
	struct way *ways = connection->ways;

	while (!ways[0].ended || !ways[1].ended) {
		struct pollfd ends[2];

		for (int i = 0; i < 2; i++)
			ends[i] = (struct pollfd){
				.fd = connection->ends[i],
				.events = (short)((ways[i].shut ? 0 : POLLOUT) |
						  (ways[!i].ended ? 0 : POLLIN)),
			};
		if (poll(ends, 2, PATIENCE) <= 0)
			fail("something was lost", &ways[ways[0].ended], 0, 0);
		for (int i = 0; i < 2; i++) {
			if (ends[i].revents & POLLIN)
				receive_some(&ways[!i], ends[i].fd);
			if (ends[i].revents & POLLOUT)
				send_some(&ways[i], ends[i].fd,
					  1 + random_below(state, connection->slice));
		}
	}
}

/* Return: the address of a socket, or of its peer. */
static struct sip_endpoint address_of(int fd, int (*get)(int, struct sockaddr *, socklen_t *))
{
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);
	char host[INET_ADDRSTRLEN];

	if (get(fd, (struct sockaddr *)&sin, &len))
		err(2, "address of a socket");
	return endpoint(inet_ntop(AF_INET, &sin.sin_addr, host, sizeof(host)), ntohs(sin.sin_port));
}

static void open_connection(struct connection *connection, const struct options *options,
			    int listener, u64 *state)
{
	struct sockaddr_in there = socket_address(options->server, 5060);
	int phone = open_socket(options->phone, SOCK_STREAM, INSIDE, 0), server, nodelay;

	if (connect(phone, (struct sockaddr *)&there, sizeof(there)))
		err(1, "connect");
	server = accept(listener, NULL, NULL);
	if (server < 0)
		err(1, "accept");
	nodelay = random_below(state, 8) > 0;
	if (setsockopt(phone, IPPROTO_TCP, TCP_NODELAY, &nodelay, sizeof(nodelay)) ||
	    setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &nodelay, sizeof(nodelay)))
		err(2, "TCP_NODELAY");
	connection->ends[0] = phone;
	connection->ends[1] = server;
	connection->inside = address_of(phone, getsockname);
	connection->outside = address_of(server, getpeername);
}

void run_streams(const struct options *options)
{
	static const u32 slices[] = { 3, 40, 300, 300, 1400, 1400, 20000, 70000 };
	int listener = open_socket(options->server_side, SOCK_STREAM, options->server, 5060);
	static struct connection connection;
	u64 state = options->seed;
	unsigned long n_sent = 0, n = 0;

	if (listen(listener, 8))
		err(2, "listen");
	for (; n_sent < options->count; n++) {
		connection.slice = slices[random_below(&state, sizeof(slices) / sizeof(*slices))];
		for (int i = 0; i < 2; i++)
			n_sent += fill(&connection.ways[i], !i, &state,
				       connection.slice < 10 ? 1 :
				       random_below(&state, MESSAGES + 1));
		open_connection(&connection, options, listener, &state);
		carry(&connection, &state);
		close(connection.ends[0]);
		close(connection.ends[1]);
		compare_ways(&connection);
	}
	printf("messages %lu\nfollowed %lu\nconnections %lu\n", n_sent, n_followed, n);
}
