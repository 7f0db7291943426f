// SPDX-License-Identifier: GPL-2.0
/*
 * The far end of a probe: it answers, sends audio, and calls the phone back.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lab/alg_probe.h"
#include "lab/alg_probe_beside.h"
#include "lab/alg_probe_link.h"
#include "lab/alg_probe_text.h"
#include "lab/sock.h"
#include "print.h"
#include "report.h"
#include "tool.h"

#define LINKS_MAX	8
#define CALLS_MAX	16
#define IDLE_MAX_SECS	3600

/**
 * struct pending - a call to be made later
 * @due: when, ms of the monotonic clock; 0: none
 * @to: whom to call
 * @number: of the message that asked for it
 */
struct pending {
	long due;
	union sock_addr to;
	unsigned long number;
};

/**
 * struct peer - the far end
 * @out: the output
 * @udp_fd: socket for the signalling
 * @tcp_fd: listens for connections
 * @audio_fd: socket for the audio
 * @links: the connections; one without a socket is free
 * @next_link: the connection that gives way if all are in use
 * @pending: calls to be made
 */
struct peer {
	struct print out;
	int udp_fd, tcp_fd, audio_fd;
	struct link links[LINKS_MAX];
	unsigned int next_link;
	struct pending pending[CALLS_MAX];
};

static void hex_put(char *to, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		to += sprintf(to, "%02x", (unsigned char)text[i]);
}

/* An IPv4 sender as IPv6 sockets have it becomes an IPv4 one. */
static const char *sender_host(const union sock_addr *from,
			       char text[HOST_MAX])
{
	sock_addr_host(from, text);
	return strncmp(text, "::ffff:", 7) ? text : text + 7;
}

/*
 * The Via, with what the far end saw: RFC 3261, 18.2.1, and RFC 3581, 4. A port
 * is told if the Via asks for it.
 */
static size_t via_repeat(char *to, size_t size, const char *line,
			 const char *host, unsigned int port)
{
	const char *rport = memmem(line, line_len(line), ";rport", 6);
	size_t len = line_len(line), until = len, after = len;
	char filled[16] = "";

	if (rport && rport[6] != '=') {
		until = rport - line;
		after = until + 6;
		snprintf(filled, sizeof(filled), ";rport=%u", port);
	}
	return snprintf(to, size, "%.*s;received=%s%s%.*s\r\n", (int)until,
			line, host, filled, (int)(len - after), line + after);
}

static bool is_repeated(const char *line)
{
	for (size_t i = 0; i < PROBE_REPEATED; i++)
		if (!strncmp(line, probe_repeated[i],
			     strlen(probe_repeated[i])))
			return true;
	return false;
}

/* Return: their length, or 0 if there is not enough room. */
static size_t headers_repeat(char *to, size_t size, const char *request,
			     const char *host, unsigned int port)
{
	bool is_topmost = true;
	size_t len = 0;

	bool registers = !strncmp(request, "REGISTER ", 9);

	for (; line_len(request) && len < size; request = line_next(request)) {
		if (!is_repeated(request) &&
		    !(registers && !strncmp(request, "Contact:", 8)))
			continue;
		if (is_topmost && !strncmp(request, "Via:", 4)) {
			len += via_repeat(to + len, size - len, request, host,
					  port);
			is_topmost = false;
		} else {
			len += snprintf(to + len, size - len, "%.*s\r\n",
					(int)line_len(request), request);
		}
	}
	return len < size ? len : 0;
}

/*
 * Audio goes to where the description says, if that is where the message came
 * from: nobody shall be able to send it to a third one.
 */
static void audio_send(int fd, const char *text, const union sock_addr *from)
{
	const char *c = strstr(text, "\r\nc=IN IP"),
		   *m = strstr(text, "\r\nm=audio ");
	char buffer[HOST_MAX], *end;
	const char *host = sender_host(from, buffer);
	union sock_addr to = *from;
	unsigned long port;

	if (!c || !m || strncmp(c + 11, host, strlen(host)) ||
	    c[11 + strlen(host)] != '\r')
		return;
	port = strtoul(m + 10, &end, 10);
	if (*end != ' ' || !port || port > 65535)
		return;
	sock_addr_set_port(&to, port);
	sendto(fd, PROBE_AUDIO, strlen(PROBE_AUDIO), 0, &to.any,
	       sock_addr_len(&to));
}

/*
 * Where the Contact says that the phone can be called. It must be the sender
 * itself: nobody shall be able to have a third host called.
 */
static bool contact_find(const char *text, const union sock_addr *from,
			 union sock_addr *to)
{
	const char *at = strstr(text, "\r\nContact: <sip:a@");
	char buffer[HOST_MAX], *end;
	const char *host = sender_host(from, buffer);
	size_t len = strlen(host);
	unsigned long port;
	bool brackets;

	if (!at)
		return false;
	at += strlen("\r\nContact: <sip:a@");
	brackets = *at == '[';
	at += brackets;
	if (strncmp(at, host, len) || (brackets && at[len] != ']') ||
	    at[len + brackets] != ':')
		return false;
	port = strtoul(at + len + brackets + 1, &end, 10);
	if ((*end != '>' && *end != ';') || !port || port > 65535)
		return false;
	*to = *from;
	sock_addr_set_port(to, port);
	return true;
}

/* Number in the CSeq. */
static unsigned long cseq_number(const char *text)
{
	const char *cseq = header_find(text, "CSeq:");

	return *cseq ? strtoul(cseq + strlen("CSeq:"), NULL, 10) : 0;
}

/* @link is NULL for UDP; @number is that of the message that asked for it. */
static void request_send(const struct peer *peer, const struct link *link,
			 const union sock_addr *to, const char *method,
			 int cseq, unsigned long number, int call)
{
	char text[PROBE_TEXT_MAX], buffer[HOST_MAX];
	const char *host = sender_host(to, buffer);
	bool is6 = strchr(host, ':');
	int len;

	len = snprintf(text, sizeof(text),
		       "%s sip:a@%s%s%s:%u SIP/2.0\r\n"
		       "Via: SIP/2.0/%s b.example.com;branch=z9hG4bK%d\r\n"
		       PROBE_ROUTE_1 "\r\n" PROBE_ROUTE_2 "\r\n"
		       "Max-Forwards: 70\r\nFrom: <sip:b@example.com>;tag=b\r\n"
		       "To: <sip:a@example.com>\r\nCall-ID: " PROBE_CALL
		       "%lu-%d\r\nCSeq: %d %s\r\n"
		       "Contact: <sip:b@b.example.com>\r\n"
		       "Content-Length: 0\r\n\r\n", method,
		       is6 ? "[" : "", host, is6 ? "]" : "", sock_addr_port(to),
		       link ? "TCP" : "UDP", rand(), number, call, cseq,
		       method);
	if (link)
		link_send(link, text, len, false);
	else
		sendto(peer->udp_fd, text, len, 0, &to->any, sock_addr_len(to));
}

/* An incoming call, as a registered phone or one in a call gets them. */
static void call_send(const struct peer *peer, const struct link *link,
		      const union sock_addr *to, unsigned long number)
{
	int call = rand();

	request_send(peer, link, to, "INVITE", 1, number, call);
	request_send(peer, link, to, "BYE", 2, number, call);
}

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000L + now.tv_nsec / 1000000;
}

/*
 * Does the phone ask for a call after some time? It comes to the Contact, or to
 * the sender if the Contact cannot be reached: most servers do that.
 */
static bool pending_add(struct peer *peer, const char *text,
			const union sock_addr *to)
{
	const char *idle = header_find(text, PROBE_IDLE);
	unsigned long secs;

	if (!*idle)
		return false;
	secs = strtoul(idle + strlen(PROBE_IDLE), NULL, 10);
	if (!secs || secs > IDLE_MAX_SECS)
		return false;
	for (size_t i = 0; i < CALLS_MAX; i++) {
		if (peer->pending[i].due)
			continue;
		peer->pending[i].due = now_ms() + 1000L * secs;
		peer->pending[i].to = *to;
		peer->pending[i].number = cseq_number(text);
		return true;
	}
	return false;
}

/* Makes the calls that are due. Return: ms until the next one, or -1. */
static int pending_call(struct peer *peer)
{
	long now = now_ms(), next = -1;

	for (size_t i = 0; i < CALLS_MAX; i++) {
		struct pending *pending = &peer->pending[i];
		long left = pending->due - now;

		if (!pending->due)
			continue;
		if (left > 0) {
			if (next < 0 || left < next)
				next = left;
			continue;
		}
		pending->due = 0;
		call_send(peer, NULL, &pending->to, pending->number);
	}
	return next;
}

/* @raw: the message as it came; @len: its length */
static void answer_send(struct peer *peer, struct link *link, const char *raw,
			size_t len, const union sock_addr *from)
{
	char reply[PROBE_REPLY_MAX], words[32], buffer[HOST_MAX],
		host[HOST_MAX], text[PROBE_TEXT_MAX + HEADERS_GROW];
	union sock_addr contact = *from;
	bool is_reached, later, calls;
	unsigned int port = sock_addr_port(from);
	size_t at;

	headers_align(text, sizeof(text), raw, raw);
	is_reached = contact_find(text, from, &contact);
	later = !link && pending_add(peer, text, &contact);
	calls = is_reached && !later;
	snprintf(words, sizeof(words), "%s%s%s" PROBE_MORE,
		 calls ? PROBE_CALLS : "", PROBE_FULL,
		 later ? PROBE_LATER : "");
	at = snprintf(reply, sizeof(reply), "SIP/2.0 200 OK\r\n");
	at += headers_repeat(reply + at, PROBE_TEXT_MAX / 2, text,
			     sender_host(from, buffer), port);
	sock_addr_host(from, host);
	at += snprintf(reply + at, sizeof(reply) - at,
		       "Content-Type: application/" PROBE_MARK "\r\n"
		       "Content-Length: %zu\r\n\r\n%-45s %5u ",
		       2 * len + PROBE_SENDER_LEN + strlen(words), host, port);
	if (at + 2 * len + strlen(words) + 1 > sizeof(reply))
		return;
	hex_put(reply + at, raw, len);
	at += 2 * len;
	at += sprintf(reply + at, "%s", words);
	if (link)
		link_send(link, reply, at, false);
	else
		sendto(peer->udp_fd, reply, at, 0, &from->any,
		       sock_addr_len(from));
	audio_send(peer->audio_fd, text, from);
	if (calls)
		call_send(peer, link, &contact, cseq_number(text));
	print_item(&peer->out);
	print_word(&peer->out, "answered");
	print_string(&peer->out, PRINT_ANY, "from", buffer);
	print_item_end(&peer->out);
}

static void udp_answer(struct peer *peer)
{
	char text[PROBE_TEXT_MAX], stun[STUN_LEN_MAX];
	union sock_addr from = {};
	ssize_t len = sock_receive(peer->udp_fd, 0, text, sizeof(text), &from);

	if (len <= 0)
		return;
	if (strstr(text, PROBE_MARK)) {
		answer_send(peer, NULL, text, len, &from);
		return;
	}
	len = stun_answer(stun, text, len, &from);
	if (len)
		sendto(peer->udp_fd, stun, len, 0, &from.any,
		       sock_addr_len(&from));
}

/* Audio goes back to where it came from, with that. */
static void audio_echo(struct peer *peer)
{
	char text[64], echo[64 + HOST_MAX], host[HOST_MAX];
	union sock_addr from = {};

	if (sock_receive(peer->audio_fd, 0, text, sizeof(text), &from) <= 0 ||
	    strcmp(text, PROBE_AUDIO))
		return;
	snprintf(echo, sizeof(echo), PROBE_ECHO "%s %u",
		 sender_host(&from, host), sock_addr_port(&from));
	sendto(peer->audio_fd, echo, strlen(echo), 0, &from.any,
	       sock_addr_len(&from));
}

static void tcp_accept(struct peer *peer)
{
	int fd =
		accept4(peer->tcp_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct link *link = NULL;

	if (fd < 0)
		return;
	for (size_t i = 0; i < LINKS_MAX && !link; i++)
		if (peer->links[i].fd < 0)
			link = &peer->links[i];
	if (!link)
		link = &peer->links[peer->next_link++ % LINKS_MAX];
	link_close(link);
	link->fd = fd;
	link->is_tcp = true;
}

static void tcp_answer(struct peer *peer, struct link *link)
{
	char text[PROBE_TEXT_MAX];
	union sock_addr from;
	socklen_t len = sizeof(from);
	size_t got;

	if (getpeername(link->fd, &from.any, &len) || link_read(link) <= 0) {
		link_close(link);
		return;
	}
	while ((got = link_take(link, text, sizeof(text)))) {
		if (strstr(text, PROBE_MARK))
			answer_send(peer, link, text, got, &from);
		else if (!strcmp(text, "\r\n\r\n"))
			link_send(link, "\r\n", 2, false);
	}
}

static int listen_on(int type, unsigned int port, const char *hint)
{
	union sock_addr any = {
		.in6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) },
	};
	int fd = socket(AF_INET6, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int off = 0, on = 1;

	if (fd < 0 ||
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) ||
	    (type == SOCK_STREAM &&
	     setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on))) ||
	    bind(fd, &any.any, sizeof(any.in6)) ||
	    (type == SOCK_STREAM && listen(fd, LINKS_MAX))) {
		error("port %u: %m%s", port, hint);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

static bool peer_open(struct peer *peer, unsigned int port)
{
	static const char hint[] = "; --port PORT takes another one";

	peer->tcp_fd = -1;
	peer->audio_fd = -1;
	for (size_t i = 0; i < LINKS_MAX; i++)
		peer->links[i].fd = -1;
	peer->udp_fd = listen_on(SOCK_DGRAM, port, hint);
	if (peer->udp_fd >= 0)
		peer->tcp_fd = listen_on(SOCK_STREAM, port, hint);
	if (peer->tcp_fd >= 0)
		peer->audio_fd = listen_on(SOCK_DGRAM, PROBE_AUDIO_PORT, "");
	return peer->audio_fd >= 0;
}

static void peer_close(struct peer *peer)
{
	for (size_t i = 0; i < LINKS_MAX; i++)
		link_close(&peer->links[i]);
	if (peer->udp_fd >= 0)
		close(peer->udp_fd);
	if (peer->tcp_fd >= 0)
		close(peer->tcp_fd);
	if (peer->audio_fd >= 0)
		close(peer->audio_fd);
}

/* Return: whether to go on. */
static bool peer_step(struct peer *peer)
{
	struct pollfd pollers[LINKS_MAX + 3] = {
		{ .fd = peer->udp_fd, .events = POLLIN },
		{ .fd = peer->tcp_fd, .events = POLLIN },
		{ .fd = peer->audio_fd, .events = POLLIN },
	};

	for (size_t i = 0; i < LINKS_MAX; i++) {
		pollers[3 + i].fd = peer->links[i].fd;
		pollers[3 + i].events = POLLIN;
	}
	if (poll(pollers, LINKS_MAX + 3, pending_call(peer)) < 0)
		return errno == EINTR;
	for (size_t i = 0; i < LINKS_MAX; i++)
		if (pollers[3 + i].revents)
			tcp_answer(peer, &peer->links[i]);
	if (pollers[0].revents)
		udp_answer(peer);
	if (pollers[1].revents)
		tcp_accept(peer);
	if (pollers[2].revents)
		audio_echo(peer);
	return true;
}

/**
 * alg_probe_answer() - be the far end, until interrupted
 * @tool: this run
 * @port: listen on this port, over UDP and TCP
 *
 * Return: exit status.
 */
int alg_probe_answer(struct tool *tool, unsigned int port)
{
	struct peer peer = {};
	int status;

	if (!peer_open(&peer, port)) {
		peer_close(&peer);
		return STATUS_REFUSED;
	}
	print_begin(&peer.out, tool, PRINT_LINES);
	while (!ferror(peer.out.file) && peer_step(&peer))
		;
	status = print_end(&peer.out);
	peer_close(&peer);
	return status;
}
