// SPDX-License-Identifier: GPL-2.0

#include <errno.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "address.h"
#include "lab/netns_lab.h"
#include "lab/scenario.h"
#include "lab/sock.h"

#define TEXT_MAX 2048

/* A host and port as a message names them. */
struct place {
	char host[HOST_MAX];
	unsigned int port;
};

/* The signalling between a phone and the server. */
struct line {
	const struct netns_lab *lab;
	enum lab_host host;
	int wait;
	bool tcp, ipv6, split;
	struct place phone, server, media;
	struct place outside;	/* the phone's address as the server sees it */
	struct place contact;	/* the phone's Contact as the server got it */
	int phone_fd, server_fd, listen_fd;
	char *why;
	size_t size;
	char text[TEXT_MAX];	/* the latest message that arrived */
};

/* A call on the line. */
struct call {
	struct line *line;
	unsigned int rtp, far;
	char id[16];
	struct place audio;	/* the phone's c= and m= as the server got it */
	int phone_fd, media_fd;
};

/* Ends the scenario with a reason. Returns -1. */
__attribute__((format(printf, 2, 3)))
static int line_fail(struct line *line, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(line->why, line->size, format, ap);
	va_end(ap);
	return -1;
}

/* A message by TCP is complete when all of its Content-Length is there. */
static bool is_whole(const char *text)
{
	const char *length = strstr(text, "\r\nContent-Length:");
	const char *body = strstr(text, "\r\n\r\n");

	return body && length &&
	       strlen(body + 4) >= strtoul(length + 17, NULL, 10);
}

static int message_receive(struct line *line, int fd, const char *what,
			   union sock_addr *from)
{
	ssize_t len = 0, more;

	do {
		more = sock_receive(fd, line->wait, line->text + len,
				    sizeof(line->text) - len, from);
		if (more <= 0)
			return line_fail(line, "%s does not arrive", what);
		len += more;
	} while (line->tcp && !is_whole(line->text) &&
		 (size_t)len < sizeof(line->text) - 1);
	return 0;
}

static int send_datagram(struct line *line, int fd, const struct place *to,
			 const char *text, const char *what)
{
	union sock_addr addr;

	if (!sock_addr_set(&addr, to->host, to->port))
		return line_fail(line, "%s has to go to %s, "
				       "which is no address", what, to->host);
	if (sendto(fd, text, strlen(text), 0, &addr.any,
		   sock_addr_len(&addr)) < 0)
		return line_fail(line, "%s has to go to %s, port %u: %s", what,
				 to->host, to->port, strerror(errno));
	return 0;
}

/* After this the next write goes into a segment of its own. */
static void wait_for_ack(int fd, int wait)
{
	int unsent = 1;

	for (int ms = 0; ms < wait; ms++) {
		if (ioctl(fd, SIOCOUTQ, &unsent) || !unsent)
			break;
		usleep(1000);
	}
}

/* A message is split within the phone's Contact. */
static int send_stream(struct line *line, int fd, const char *text,
		       const char *what)
{
	const char *at = strstr(text, "\r\nContact:");
	size_t len = strlen(text), first = 0;

	if (line->split && at && fd == line->phone_fd)
		first = at + 24 - text;
	if (send(fd, text, first, MSG_NOSIGNAL) != (ssize_t)first)
		return line_fail(line, "%s: %s", what, strerror(errno));
	if (first)
		wait_for_ack(fd, line->wait);
	if (send(fd, text + first, len - first, MSG_NOSIGNAL) !=
	    (ssize_t)(len - first))
		return line_fail(line, "%s: %s", what, strerror(errno));
	return 0;
}

static int send_text(struct line *line, int fd, const struct place *to,
		     const char *text, const char *what)
{
	return line->tcp ? send_stream(line, fd, text, what) :
			   send_datagram(line, fd, to, text, what);
}

/* From the phone to the server, which notes by UDP where it came from. */
static int send_up(struct line *line, const char *text, const char *what)
{
	union sock_addr from = {};

	if (send_text(line, line->phone_fd, &line->server, text, what) ||
	    message_receive(line, line->server_fd, what, &from))
		return -1;
	if (line->tcp)
		return 0;
	sock_addr_host(&from, line->outside.host);
	line->outside.port = sock_addr_port(&from);
	return 0;
}

/* From the server to the phone. */
static int send_down(struct line *line, const struct place *to,
		     const char *text, const char *what)
{
	if (send_text(line, line->server_fd, to, text, what))
		return -1;
	return message_receive(line, line->phone_fd, what, NULL);
}

/* An address as SIP writes it. */
static const char *place_host(const struct place *place,
			      char text[HOST_MAX + 2])
{
	snprintf(text, HOST_MAX + 2, strchr(place->host, ':') ? "[%s]" : "%s",
		 place->host);
	return text;
}

/* @text: "host:port" or "[host]:port", and more. */
static bool place_read(struct place *place, const char *text)
{
	bool brackets = *text == '[';
	size_t len;

	text += brackets;
	len = strcspn(text, brackets ? "]" : ":;>/ \r\n");
	if (!len || len >= sizeof(place->host))
		return false;
	memcpy(place->host, text, len);
	place->host[len] = '\0';
	text += len + brackets;
	place->port = *text == ':' ? strtoul(text + 1, NULL, 10) : SIP_PORT;
	return true;
}

static int contact_read(struct line *line)
{
	const char *at = strstr(line->text, "\r\nContact: <sip:");

	at = at ? strchr(at, '@') : NULL;
	if (at && place_read(&line->contact, at + 1))
		return 0;
	return line_fail(line, "Contact is lost on the way");
}

static int audio_read(struct call *call)
{
	const char *c = strstr(call->line->text, "\r\nc=IN IP");
	const char *m = strstr(call->line->text, "\r\nm=audio ");

	if (!c || !m || sscanf(c + 11, "%45s", call->audio.host) != 1)
		return line_fail(call->line,
				 "the session description is lost on the way");
	call->audio.port = strtoul(m + 10, NULL, 10);
	return 0;
}

/* @media, @rtp: where audio is wanted; @direction: of RFC 3264. */
static void sdp_write(char *to, size_t size, const struct line *line,
		      const struct place *media, unsigned int rtp,
		      const char *direction)
{
	bool on_hold = !strcmp(direction, "inactive") && !line->ipv6;
	char family = line->ipv6 ? '6' : '4';

	snprintf(to, size,
		 "v=0\r\no=- 1 1 IN IP%c %s\r\ns=-\r\n"
		 "c=IN IP%c %s\r\nt=0 0\r\n"
		 "m=audio %u RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=%s\r\n",
		 family, media->host, family, on_hold ? "0.0.0.0" : media->host,
		 rtp, direction);
}

/* A whole message; with a session description if there is @rtp. */
static void message_write(char *to, const struct line *line, const char *start,
			  const char *headers, const struct place *contact,
			  const struct place *media, unsigned int rtp,
			  const char *direction)
{
	char body[512] = "", where[HOST_MAX + 2];

	if (rtp)
		sdp_write(body, sizeof(body), line, media, rtp, direction);
	snprintf(to, TEXT_MAX,
		 "%s\r\n%sContact: <sip:user@%s:%u%s>\r\n"
		 "%sContent-Length: %zu\r\n\r\n%s",
		 start, headers, place_host(contact, where), contact->port,
		 line->tcp ? ";transport=tcp" : "",
		 *body ? "Content-Type: application/sdp\r\n" : "",
		 strlen(body), body);
}

static void headers_write(char *to, size_t size, const struct line *line,
			  const struct place *from, const char *id,
			  unsigned int cseq, const char *method)
{
	char where[HOST_MAX + 2];

	snprintf(to, size,
		 "Via: SIP/2.0/%s %s:%u;branch=z9hG4bK%s%u;rport\r\n"
		 "Max-Forwards: 70\r\nFrom: <sip:a@example.com>;tag=a\r\n"
		 "To: <sip:b@example.com>\r\nCall-ID: %s\r\nCSeq: %u %s\r\n",
		 line->tcp ? "TCP" : "UDP", place_host(from, where), from->port,
		 id, cseq, id, cseq, method);
}

/* The headers of a request that its response repeats: RFC 3261, 8.2.6.2. */
static void headers_repeat(char *to, size_t size, const char *request)
{
	static const char *const names[] = {
		"Via:", "From:", "To:", "Call-ID:", "CSeq:",
	};
	size_t len = 0;

	*to = '\0';
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		char name[16];
		const char *at, *end;

		snprintf(name, sizeof(name), "\r\n%s", names[i]);
		at = strstr(request, name);
		end = at ? strstr(at + 2, "\r\n") : NULL;
		if (end && len + (end - at) < size)
			len += snprintf(to + len, size - len, "%.*s\r\n",
					(int)(end - at - 2), at + 2);
	}
}

/* The phone must know the response by its Via: RFC 3261, 17.1.3. */
static int check_response(struct line *line, const char *headers)
{
	char via[128];

	snprintf(via, sizeof(via), "%.*s", (int)strcspn(headers, ";"), headers);
	if (!strncmp(line->text, "SIP/2.0 200", 11) && strstr(line->text, via))
		return 0;
	return line_fail(line, "the phone does not know its own request "
			       "by the answer's Via");
}

/*
 * The phone sends a request, the server responds 200. Both have a session
 * description if there is a @call.
 */
static int request_up(struct line *line, struct call *call, const char *method,
		      const char *id, unsigned int cseq, const char *direction)
{
	char text[TEXT_MAX], sent[1024], repeated[1024], start[128];
	const struct place *contact = &line->server;
	char where[HOST_MAX + 2];

	snprintf(start, sizeof(start), "%s sip:b@%s:%u SIP/2.0", method,
		 place_host(&line->server, where), line->server.port);
	headers_write(sent, sizeof(sent), line, &line->phone, id, cseq, method);
	message_write(text, line, start, sent, &line->phone, &line->phone,
		      call ? call->rtp : 0, direction);
	if (send_up(line, text, method) || contact_read(line))
		return -1;
	if (call && strcmp(direction, "inactive") && audio_read(call))
		return -1;
	headers_repeat(repeated, sizeof(repeated), line->text);
	/* A registrar lists the bindings as it has them: RFC 3261, 10.3. */
	if (!strcmp(method, "REGISTER"))
		contact = &line->contact;
	message_write(text, line, "SIP/2.0 200 OK", repeated, contact,
		      &line->media, call ? call->far : 0, direction);
	if (send_down(line, &line->outside, text, "the answer"))
		return -1;
	return check_response(line, sent);
}

/* The server sends a request to the phone's Contact, the phone responds 200. */
static int request_down(struct line *line, struct call *call,
			const char *method, const char *id, unsigned int cseq)
{
	char text[TEXT_MAX], headers[1024], start[128], where[HOST_MAX + 2];

	snprintf(start, sizeof(start), "%s sip:user@%s:%u SIP/2.0", method,
		 place_host(&line->contact, where), line->contact.port);
	headers_write(headers, sizeof(headers), line, &line->server, id, cseq,
		      method);
	message_write(text, line, start, headers, &line->server, &line->media,
		      call ? call->far : 0, "sendrecv");
	if (send_down(line, &line->contact, text, method))
		return -1;
	headers_repeat(headers, sizeof(headers), line->text);
	message_write(text, line, "SIP/2.0 200 OK", headers, &line->phone,
		      &line->phone, call ? call->rtp : 0, "sendrecv");
	if (send_up(line, text, "the answer"))
		return -1;
	return call ? audio_read(call) : 0;
}

static void line_close(struct line *line)
{
	const int fds[] = { line->phone_fd, line->server_fd, line->listen_fd };

	for (size_t i = 0; i < sizeof(fds) / sizeof(*fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

static int line_connect(struct line *line)
{
	struct pollfd poller = { .fd = line->listen_fd, .events = POLLIN };
	union sock_addr to;

	if (!sock_addr_set(&to, line->server.host, line->server.port) ||
	    setsockopt(line->phone_fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 },
		       sizeof(int)) ||
	    listen(line->listen_fd, 1) ||
	    connect(line->phone_fd, &to.any, sock_addr_len(&to)) ||
	    poll(&poller, 1, line->wait) != 1)
		return line_fail(line, "no connection: %s", strerror(errno));
	line->server_fd = accept(line->listen_fd, NULL, NULL);
	if (line->server_fd < 0)
		return line_fail(line, "accept: %s", strerror(errno));
	return 0;
}

static int line_open(struct line *line)
{
	const struct netns_lab *lab = line->lab;
	int type = line->tcp ? SOCK_STREAM : SOCK_DGRAM;
	unsigned int port = line->tcp ? 40000 + rand() % 10000 : SIP_PORT;
	int server_fd;

	line->host = LAB_PHONE;
	line->phone = (struct place){ "192.168.1.2", port };
	line->server = (struct place){ "203.0.113.10", SIP_PORT };
	line->media = (struct place){ "198.51.100.20", 0 };
	if (line->ipv6) {
		line->phone = (struct place){ "2001:db8:1::2", port };
		line->server = (struct place){ "2001:db8:f::10", SIP_PORT };
		line->media = line->server;
	}
	line->phone_fd = netns_lab_socket(lab, line->host, type,
					  line->phone.host, line->phone.port);
	server_fd = netns_lab_socket(lab, LAB_SERVER, type, line->server.host,
				     line->server.port);
	line->server_fd = line->tcp ? -1 : server_fd;
	line->listen_fd = line->tcp ? server_fd : -1;
	if (line->phone_fd >= 0 && server_fd >= 0)
		return 0;
	line_close(line);
	return -1;
}

static int call_open(struct call *call, struct line *line, unsigned int rtp,
		     unsigned int far)
{
	*call = (struct call){ .line = line, .rtp = rtp, .far = far };
	snprintf(call->id, sizeof(call->id), "%08x", (unsigned int)rand());
	call->phone_fd = netns_lab_socket(line->lab, line->host, SOCK_DGRAM,
					  line->phone.host, rtp);
	call->media_fd = netns_lab_socket(line->lab, LAB_SERVER, SOCK_DGRAM,
					  line->media.host, far);
	return call->phone_fd < 0 || call->media_fd < 0 ? -1 : 0;
}

static void call_close(struct call *call)
{
	if (call->phone_fd >= 0)
		close(call->phone_fd);
	if (call->media_fd >= 0)
		close(call->media_fd);
}

/* The far end sends first. The phone answers from the port it announced. */
static int audio_exchange(struct call *call)
{
	struct line *line = call->line;
	struct place far = line->media;
	union sock_addr from = {};
	char text[64], host[HOST_MAX];
	unsigned int port;

	far.port = call->far;
	if (send_datagram(line, call->media_fd, &call->audio, "from far",
			  "audio to the phone"))
		return -1;
	if (sock_receive(call->phone_fd, line->wait, text, sizeof(text),
			 NULL) < 0 || strcmp(text, "from far"))
		return line_fail(line, "audio sent to %s, port %u, "
				       "does not reach the phone",
				 call->audio.host, call->audio.port);
	if (send_datagram(line, call->phone_fd, &far, "from near",
			  "audio from the phone"))
		return -1;
	if (sock_receive(call->media_fd, line->wait, text, sizeof(text),
			 &from) < 0 || strcmp(text, "from near"))
		return line_fail(line, "audio from the phone is not heard");
	sock_addr_host(&from, host);
	port = sock_addr_port(&from);
	if (strcmp(host, call->audio.host) || port != call->audio.port)
		return line_fail(line, "audio comes from %s, port %u, "
				       "not from %s, port %u",
				 host, port, call->audio.host,
				 call->audio.port);
	return 0;
}

static int call_hang_up(struct call *call)
{
	return request_down(call->line, NULL, "BYE", call->id, 9);
}

static void register_body(struct line *line)
{
	if (!request_up(line, NULL, "REGISTER", "registration", 1, ""))
		request_down(line, NULL, "OPTIONS", "options", 1);
}

static void call_out_body(struct line *line)
{
	struct call call;

	if (!call_open(&call, line, 4000, 6000) &&
	    !request_up(line, &call, "INVITE", call.id, 1, "sendrecv") &&
	    !audio_exchange(&call))
		call_hang_up(&call);
	call_close(&call);
}

static void call_in_body(struct line *line)
{
	struct call call;

	if (request_up(line, NULL, "REGISTER", "registered", 1, ""))
		return;
	if (!call_open(&call, line, 4002, 6002) &&
	    !request_down(line, &call, "INVITE", call.id, 1) &&
	    !audio_exchange(&call))
		call_hang_up(&call);
	call_close(&call);
}

static void hold_body(struct line *line)
{
	struct call call;

	if (!call_open(&call, line, 4004, 6004) &&
	    !request_up(line, &call, "INVITE", call.id, 1, "sendrecv") &&
	    !request_up(line, &call, "INVITE", call.id, 2, "inactive") &&
	    !request_up(line, &call, "INVITE", call.id, 3, "sendrecv") &&
	    !audio_exchange(&call))
		call_hang_up(&call);
	call_close(&call);
}

static void two_body(struct line *line)
{
	struct call one, two = { .phone_fd = -1, .media_fd = -1 };

	if (!call_open(&one, line, 4010, 6010) &&
	    !call_open(&two, line, 4020, 6020) &&
	    !request_up(line, &one, "INVITE", one.id, 1, "sendrecv") &&
	    !request_up(line, &two, "INVITE", two.id, 1, "sendrecv") &&
	    !audio_exchange(&one) && !audio_exchange(&two) &&
	    !call_hang_up(&one) && !audio_exchange(&two))
		call_hang_up(&two);
	call_close(&one);
	call_close(&two);
}

const struct scenario scenarios[] = {
	{ .name = "register", .body = register_body },
	{ .name = "call out", .body = call_out_body },
	{ .name = "call in", .body = call_in_body },
	{ .name = "hold and resume", .body = hold_body },
	{ .name = "two calls", .body = two_body },
	{ .name = "call by TCP", .body = call_out_body, .tcp = true },
	{ .name = "TCP, split message", .body = call_out_body,
	  .tcp = true, .split = true },
	{ .name = "call by IPv6", .body = call_out_body, .ipv6 = true },
};

const size_t n_scenarios = sizeof(scenarios) / sizeof(*scenarios);

/**
 * scenario_run() - act out a scenario
 * @scenario: the scenario
 * @lab: the network
 * @wait: ms after which a datagram counts as lost
 * @why: filled in with the reason of a failure; empty if it passed
 * @size: room for it
 *
 * Return: 0; or -1 after an error message if it could not be tried.
 */
int scenario_run(const struct scenario *scenario, const struct netns_lab *lab,
		 int wait, char *why, size_t size)
{
	struct line line = {
		.lab = lab, .wait = wait, .why = why, .size = size,
		.tcp = scenario->tcp, .split = scenario->split,
		.ipv6 = scenario->ipv6,
	};

	*why = '\0';
	if (line_open(&line))
		return -1;
	if (!line.tcp || !line_connect(&line))
		scenario->body(&line);
	line_close(&line);
	return 0;
}
