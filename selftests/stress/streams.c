// SPDX-License-Identifier: GPL-2.0
/*
 * Messages over TCP, a few in each direction of a connection, in slices of any
 * size. At the end of a connection the sent and the received stream of each
 * direction are split into messages and compared one by one. Bytes after the
 * point where the stream cannot be framed any more must not have changed.
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

#define MESSAGES	12	/* at most, per direction */
/* bytes of a message that the router holds back */
#define HELD_MAX	16384

/**
 * struct direction - one direction of a connection
 * @sent: the whole stream to send
 * @sent_len: bytes of it
 * @at: bytes of it that are sent
 * @got: the stream that arrived
 * @got_len: bytes of it
 * @outbound: the phone is the sender
 * @shut: the sender has sent its FIN
 * @ended: the receiver has got the FIN
 */
struct direction {
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
 * struct connection - a TCP connection
 * @dirs: the first is outbound
 * @ends: sockets of the phone and the server, the senders of dirs[0] and
 *	dirs[1]
 * @inside: the phone's end of the flow
 * @outside: what the NAT makes of it
 * @slice: bytes to write at a time, at most
 */
struct connection {
	struct direction dirs[2];
	int ends[2];
	struct sip_endpoint inside;
	struct sip_endpoint outside;
	u32 slice;
};

static unsigned long n_followed;

static __attribute__((noreturn)) void
fail(const char *why, const struct direction *dir, u32 sent_at, u32 got_at)
{
	printf("%s: %s; %u of %u bytes sent, %u arrived\n",
	       dir->outbound ? "outbound" : "inbound", why, dir->at,
	       dir->sent_len, dir->got_len);
	show("sent", dir->sent + sent_at, dir->sent_len - sent_at);
	show("arrived", dir->got + got_at, dir->got_len - got_at);
	exit(1);
}

/*
 * Does the connection begin with anything but SIP? Then its replies are not
 * SIP, either.
 */
static bool is_foreign(const struct direction *dir)
{
	enum sip_frame_event step = SIP_FRAME_BLANK;
	struct sip_frame frame;
	u32 at = 0;

	while (step == SIP_FRAME_BLANK && at < dir->sent_len) {
		sip_frame_begin(&frame);
		step = sip_frame_next(&frame, dir->sent + at,
				      dir->sent_len - at);
		at += frame.blank;
	}
	return step == SIP_FRAME_BAD;
}

static bool is_same(const struct direction *dir, u32 sent_at, u32 got_at,
		    u32 len)
{
	return dir->got_len - got_at >= len &&
	       !memcmp(dir->sent + sent_at, dir->got + got_at, len);
}

/* Compare two messages, or only their headers if the body is not compared. */
static const char *match(const struct connection *connection,
			 const struct direction *dir, u32 sent_at, u32 got_at,
			 const struct sip_frame *sent,
			 const struct sip_frame *got)
{
	struct transit transit = {
		.sent = dir->sent + sent_at,
		.sent_len = sent->body +
			    (sent->may_have_sdp ? (u32)sent->length : 0),
		.got = dir->got + got_at,
		.got_len =
			got->body + (sent->may_have_sdp ? (u32)got->length : 0),
		.inside = connection->inside,
		.outside = connection->outside,
		.outbound = dir->outbound,
		.head = !sent->may_have_sdp,
	};

	/* A message that came at once is translated, else it was too long. */
	if (transit.sent_len > HELD_MAX &&
	    transit.sent_len == transit.got_len &&
	    is_same(dir, sent_at, got_at, transit.sent_len))
		return NULL;
	return compare(&transit, &tally);
}

static void compare_direction(const struct connection *connection,
			const struct direction *dir)
{
	enum sip_frame_event step = SIP_FRAME_MORE;
	u32 at = 0, got_at = 0, len;
	struct sip_frame frame, got;
	const char *wrong;

	while (at < dir->sent_len) {
		sip_frame_begin(&frame);
		step = sip_frame_next(&frame, dir->sent + at,
				      dir->sent_len - at);
		len = dir->sent_len - at;
		if (step == SIP_FRAME_BLANK) {
			len = frame.blank;
		} else if (step == SIP_FRAME_DONE ||
			   (step == SIP_FRAME_HEAD && !frame.may_have_sdp)) {
			sip_frame_begin(&got);
			sip_frame_next(&got, dir->got + got_at,
				       dir->got_len - got_at);
			if (!got.body ||
			    (frame.may_have_sdp &&
			     got.body + got.length > dir->got_len - got_at))
				fail("a message is broken", dir, at, got_at);
			wrong = match(connection, dir, at, got_at, &frame,
				      &got);
			if (wrong)
				fail(wrong, dir, at, got_at);
			n_followed++;
			at += frame.body +
			      (frame.may_have_sdp ? (u32)frame.length : 0);
			got_at += got.body +
				  (frame.may_have_sdp ? (u32)got.length : 0);
			len = dir->sent_len - at;
			if (frame.may_have_sdp || frame.length < len)
				len = frame.may_have_sdp ? 0 :
							   (u32)frame.length;
		}
		if (!is_same(dir, at, got_at, len))
			fail("what is no message, or a body, has changed", dir,
			     at, got_at);
		at += len;
		got_at += len;
	}
	if (got_at != dir->got_len)
		fail("more arrived than was sent", dir, at, got_at);
}

static void compare_directions(const struct connection *connection)
{
	for (int i = 0; i < 2; i++) {
		const struct direction *dir = &connection->dirs[i];

		if (!is_foreign(&connection->dirs[!i]) ||
		    dir->got_len != dir->sent_len ||
		    !is_same(dir, 0, 0, dir->sent_len))
			compare_direction(connection, dir);
	}
}

/* Most have the right Content-Length, so that others can follow. */
static void make_framed(struct text *text, u64 *state)
{
	bool wild = !random_below(state, 32);
	struct sip_frame frame;

	do {
		make(text, state);
		sip_frame_begin(&frame);
	} while (!wild && sip_frame_next(&frame, text->data, text->len) !=
				  SIP_FRAME_DONE);
	if (!wild)
		text->len = frame.body + (u32)frame.length;
}

static unsigned int fill(struct direction *dir, bool outbound, u64 *state,
			 unsigned int n)
{
	static struct text text;

	dir->sent_len = 0;
	dir->got_len = 0;
	dir->at = 0;
	dir->outbound = outbound;
	dir->shut = false;
	dir->ended = false;
	for (unsigned int i = 0; i < n; i++) {
		make_framed(&text, state);
		memcpy(dir->sent + dir->sent_len, text.data, text.len);
		dir->sent_len += text.len;
	}
	return n;
}

static void send_some(struct direction *dir, int fd, u32 len)
{
	ssize_t n;

	if (dir->at == dir->sent_len) {
		shutdown(fd, SHUT_WR);
		dir->shut = true;
		return;
	}
	if (len > dir->sent_len - dir->at)
		len = dir->sent_len - dir->at;
	n = send(fd, dir->sent + dir->at, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n > 0)
		dir->at += (u32)n;
	else if (errno != EAGAIN && errno != ENOMEM && errno != ENOBUFS)
		fail(strerror(errno), dir, 0, 0);
}

static void receive_some(struct direction *dir, int fd)
{
	ssize_t n = recv(fd, dir->got + dir->got_len,
			 sizeof(dir->got) - dir->got_len, MSG_DONTWAIT);

	if (n > 0)
		dir->got_len += (u32)n;
	else if (!n)
		dir->ended = true;
	else if (errno != EAGAIN)
		fail(strerror(errno), dir, 0, 0);
}

static void carry(struct connection *connection, u64 *state)
{
	struct direction *dirs = connection->dirs;

	while (!dirs[0].ended || !dirs[1].ended) {
		struct pollfd ends[2];

		for (int i = 0; i < 2; i++)
			ends[i] = (struct pollfd){
				.fd = connection->ends[i],
				.events =
					(short)((dirs[i].shut ? 0 : POLLOUT) |
						(dirs[!i].ended ? 0 : POLLIN)),
			};
		if (poll(ends, 2, PATIENCE) <= 0)
			fail("something was lost", &dirs[dirs[0].ended], 0, 0);
		for (int i = 0; i < 2; i++) {
			if (ends[i].revents & POLLIN)
				receive_some(&dirs[!i], ends[i].fd);
			if (ends[i].revents & POLLOUT)
				send_some(&dirs[i], ends[i].fd,
					  1 + random_below(state,
							   connection->slice));
		}
	}
}

/* Return: the address of a socket, or of its peer. */
static struct sip_endpoint address_of(int fd, int (*get)(int, struct sockaddr *,
							 socklen_t *))
{
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);
	char host[INET_ADDRSTRLEN];

	if (get(fd, (struct sockaddr *)&sin, &len))
		err(2, "address of a socket");
	return endpoint(inet_ntop(AF_INET, &sin.sin_addr, host, sizeof(host)),
			ntohs(sin.sin_port));
}

static void open_connection(struct connection *connection,
			    const struct options *options, int listener,
			    u64 *state)
{
	struct sockaddr_in there = socket_address(options->server, 5060);
	int phone = open_socket(options->phone, SOCK_STREAM, INSIDE, 0), server,
	    nodelay;

	if (connect(phone, (struct sockaddr *)&there, sizeof(there)))
		err(1, "connect");
	server = accept(listener, NULL, NULL);
	if (server < 0)
		err(1, "accept");
	nodelay = random_below(state, 8) > 0;
	if (setsockopt(phone, IPPROTO_TCP, TCP_NODELAY, &nodelay,
		       sizeof(nodelay)) ||
	    setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &nodelay,
		       sizeof(nodelay)))
		err(2, "TCP_NODELAY");
	connection->ends[0] = phone;
	connection->ends[1] = server;
	connection->inside = address_of(phone, getsockname);
	connection->outside = address_of(server, getpeername);
}

void run_streams(const struct options *options)
{
	static const u32 slices[] = {3, 40, 300, 300, 1400, 1400, 20000, 70000};
	int listener = open_socket(options->server_side, SOCK_STREAM,
				   options->server, 5060);
	static struct connection connection;
	u64 state = options->seed;
	unsigned long n_sent = 0, n = 0;

	if (listen(listener, 8))
		err(2, "listen");
	for (; n_sent < options->count; n++) {
		connection.slice = slices[random_below(
			&state, sizeof(slices) / sizeof(*slices))];
		for (int i = 0; i < 2; i++)
			n_sent += fill(&connection.dirs[i], !i, &state,
				       connection.slice < 10 ? 1 :
				       random_below(&state, MESSAGES + 1));
		open_connection(&connection, options, listener, &state);
		carry(&connection, &state);
		close(connection.ends[0]);
		close(connection.ends[1]);
		compare_directions(&connection);
	}
	printf("messages %lu\nfollowed %lu\nconnections %lu\n", n_sent,
	       n_followed, n);
}
