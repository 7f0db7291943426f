// SPDX-License-Identifier: GPL-2.0

#include <arpa/inet.h>
#include <errno.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lab.h"
#include "trial.h"

#define SIP_PORT 5060
#define TEXT_MAX 2048
#define HOST_MAX INET6_ADDRSTRLEN

/* Where somebody says that he can be reached. */
struct place {
	char host[HOST_MAX];
	unsigned int port;
};

/*
 * What both sides have of a phone's line to the server: the signalling, and its
 * ways.
 */
struct line {
	const struct lab *lab;
	enum lab_host host;
	int wait;
	bool tcp, ipv6, split;
	struct place phone, server, media;
	struct place outside;		/* where the server sends its answers */
	/* where the phone says it can be called */
	struct place contact;
	int phone_fd, server_fd, listen_fd;
	char *why;
	size_t size;
	char text[TEXT_MAX];		/* the latest message that arrived */
};

/* A call on the line. */
struct talk {
	struct line *line;
	unsigned int rtp, far;
	char id[16];
	struct place audio;		/* where the server was told to send */
	int phone_fd, media_fd;
};

/* The trial is over: this is why. Returns -1. */
__attribute__((format(printf, 2, 3)))
static int fail(struct line *line, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(line->why, line->size, format, args);
	va_end(args);
	return -1;
}

static socklen_t to_sockaddr(const struct place *place,
			     struct sockaddr_storage *to)
{
	struct sockaddr_in *in4 = (void *)to;
	struct sockaddr_in6 *in6 = (void *)to;

	memset(to, 0, sizeof(*to));
	if (inet_pton(AF_INET, place->host, &in4->sin_addr) == 1) {
		in4->sin_family = AF_INET;
		in4->sin_port = htons(place->port);
		return sizeof(*in4);
	}
	if (inet_pton(AF_INET6, place->host, &in6->sin6_addr) != 1)
		return 0;
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(place->port);
	return sizeof(*in6);
}

static void from_sockaddr(struct place *place,
			  const struct sockaddr_storage *from)
{
	const struct sockaddr_in *in4 = (const void *)from;
	const struct sockaddr_in6 *in6 = (const void *)from;

	if (from->ss_family == AF_INET) {
		inet_ntop(AF_INET, &in4->sin_addr, place->host,
			  sizeof(place->host));
		place->port = ntohs(in4->sin_port);
	} else {
		inet_ntop(AF_INET6, &in6->sin6_addr, place->host,
			  sizeof(place->host));
		place->port = ntohs(in6->sin6_port);
	}
}

/* Return: length of what came in time, and who sent it; or -1. */
static ssize_t receive(int fd, int wait, char *text, size_t size,
		       struct place *from)
{
	struct pollfd poller = { .fd = fd, .events = POLLIN };
	struct sockaddr_storage source = { .ss_family = AF_UNSPEC };
	socklen_t len = sizeof(source);
	ssize_t got;

	if (poll(&poller, 1, wait) != 1)
		return -1;
	got = recvfrom(fd, text, size - 1, 0, (struct sockaddr *)&source, &len);
	if (got >= 0)
		text[got] = '\0';
	if (from && source.ss_family != AF_UNSPEC)
		from_sockaddr(from, &source);
	return got;
}

/*
 * A stream's message is there when its body is, as long as Content-Length says.
 */
static bool is_whole(const char *text)
{
	const char *body = strstr(text, "\r\n\r\n"),
		   *length = strstr(text, "\r\nContent-Length:");

	return body && length &&
	       strlen(body + 4) >= strtoul(length + 17, NULL, 10);
}

static int receive_message(struct line *line, int fd, const char *what,
			   struct place *from)
{
	ssize_t len = 0, more;

	do {
		more = receive(fd, line->wait, line->text + len,
			       sizeof(line->text) - len, from);
		if (more <= 0)
			return fail(line, "%s does not arrive", what);
		len += more;
	} while (line->tcp && !is_whole(line->text) &&
		 (size_t)len < sizeof(line->text) - 1);
	return 0;
}

static int send_datagram(struct line *line, int fd, const struct place *to,
			 const char *text, const char *what)
{
	struct sockaddr_storage address;
	socklen_t size = to_sockaddr(to, &address);

	if (!size)
		return fail(line, "%s has to go to %s, which is no address",
			    what, to->host);
	if (sendto(fd, text, strlen(text), 0, (struct sockaddr *)&address,
		   size) < 0)
		return fail(line, "%s has to go to %s, port %u: %s", what,
			    to->host, to->port, strerror(errno));
	return 0;
}

/*
 * All that was written has been acknowledged, so that what follows is another
 * segment.
 */
static void wait_for_ack(int fd, int wait)
{
	int unsent = 1;

	for (int i = 0; i < wait && !ioctl(fd, SIOCOUTQ, &unsent) && unsent;
	     i++)
		usleep(1000);
}

static int send_stream(struct line *line, int fd, const char *text,
		       const char *what)
{
	const char *at = strstr(text, "\r\nContact:");
	size_t len = strlen(text), first = 0;

	if (line->split && at && fd == line->phone_fd)
		first = at + 24 - text;
	if (send(fd, text, first, MSG_NOSIGNAL) != (ssize_t)first)
		return fail(line, "%s: %s", what, strerror(errno));
	if (first)
		wait_for_ack(fd, line->wait);
	if (send(fd, text + first, len - first, MSG_NOSIGNAL) !=
	    (ssize_t)(len - first))
		return fail(line, "%s: %s", what, strerror(errno));
	return 0;
}

/* From the phone to the server; the server notes where it came from. */
static int up(struct line *line, const char *text, const char *what)
{
	int failed = line->tcp ? send_stream(line, line->phone_fd, text, what) :
				 send_datagram(line, line->phone_fd,
					       &line->server, text, what);

	return failed ? failed :
			receive_message(line, line->server_fd, what,
					line->tcp ? NULL : &line->outside);
}

/* From the server to the phone: an answer goes where the request came from. */
static int down(struct line *line, const struct place *to, const char *text,
		const char *what)
{
	int failed =
		line->tcp ?
			send_stream(line, line->server_fd, text, what) :
			send_datagram(line, line->server_fd, to, text, what);

	return failed ? failed :
			receive_message(line, line->phone_fd, what, NULL);
}

/* An address as SIP writes it. */
static const char *bracketed(const struct place *place, char text[HOST_MAX + 2])
{
	snprintf(text, HOST_MAX + 2, strchr(place->host, ':') ? "[%s]" : "%s",
		 place->host);
	return text;
}

/* "host:port" or "[host]:port", as far as up to one of @ends. */
static bool read_place(struct place *place, const char *text)
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

static int read_contact(struct line *line)
{
	const char *at = strstr(line->text, "\r\nContact: <sip:");

	at = at ? strchr(at, '@') : NULL;
	if (at && read_place(&line->contact, at + 1))
		return 0;
	return fail(line, "Contact is lost on the way");
}

static int read_audio(struct talk *talk)
{
	const char *c = strstr(talk->line->text, "\r\nc=IN IP"), *m;

	m = strstr(talk->line->text, "\r\nm=audio ");
	if (!c || !m || sscanf(c + 11, "%45s", talk->audio.host) != 1)
		return fail(talk->line,
			    "the session description is lost on the way");
	talk->audio.port = strtoul(m + 10, NULL, 10);
	return 0;
}

/*
 * A whole message: start line, headers that it has, the phone's Contact and SDP
 * if @rtp.
 */
static void write_message(char *to, const struct line *line, const char *start,
			  const char *headers, const struct place *contact,
			  const struct place *media, unsigned int rtp,
			  const char *way)
{
	char body[512] = "", where[HOST_MAX + 2];

	if (rtp)
		snprintf(
			body, sizeof(body),
			"v=0\r\no=- 1 1 IN IP%c %s\r\ns=-\r\nc=IN IP%c %s\r\nt=0 0\r\n"
			"m=audio %u RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=%s\r\n",
			line->ipv6 ? '6' : '4', media->host,
			line->ipv6 ? '6' : '4',
			strcmp(way, "inactive") || line->ipv6 ? media->host :
								"0.0.0.0",
			rtp, way);
	snprintf(
		to, TEXT_MAX,
		"%s\r\n%sContact: <sip:user@%s:%u%s>\r\n%sContent-Length: %zu\r\n\r\n%s",
		start, headers, bracketed(contact, where), contact->port,
		line->tcp ? ";transport=tcp" : "",
		*body ? "Content-Type: application/sdp\r\n" : "", strlen(body),
		body);
}

static void write_headers(char *to, size_t size, const struct line *line,
			  const struct place *from, const char *id,
			  unsigned int cseq, const char *method)
{
	char where[HOST_MAX + 2];

	snprintf(
		to, size,
		"Via: SIP/2.0/%s %s:%u;branch=z9hG4bK%s%u;rport\r\nMax-Forwards: 70\r\n"
		"From: <sip:a@example.com>;tag=a\r\nTo: <sip:b@example.com>\r\n"
		"Call-ID: %s\r\nCSeq: %u %s\r\n",
		line->tcp ? "TCP" : "UDP", bracketed(from, where), from->port,
		id, cseq, id, cseq, method);
}

/* The headers of a request that its answer repeats. */
static void repeat_headers(char *to, size_t size, const char *request)
{
	static const char *const names[] = {
		"Via:", "From:", "To:", "Call-ID:", "CSeq:"};
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

/*
 * The phone asks, the server answers 200. Both descriptions are sent if @talk
 * is given.
 */
static int request(struct line *line, struct talk *talk, const char *method,
		   const char *id, unsigned int cseq, const char *way)
{
	char text[TEXT_MAX], headers[1024], start[128], via[128],
		where[HOST_MAX + 2];
	const struct place *contact = &line->server;

	snprintf(start, sizeof(start), "%s sip:b@%s:%u SIP/2.0", method,
		 bracketed(&line->server, where), line->server.port);
	write_headers(headers, sizeof(headers), line, &line->phone, id, cseq,
		      method);
	snprintf(via, sizeof(via), "%.*s", (int)strcspn(headers, ";"), headers);
	write_message(text, line, start, headers, &line->phone, &line->phone,
		      talk ? talk->rtp : 0, way);
	if (up(line, text, method))
		return -1;
	if (read_contact(line) ||
	    (talk && strcmp(way, "inactive") && read_audio(talk)))
		return -1;
	repeat_headers(headers, sizeof(headers), line->text);
	if (!strcmp(method, "REGISTER"))
		contact = &line->contact;
	write_message(text, line, "SIP/2.0 200 OK", headers, contact,
		      &line->media, talk ? talk->far : 0, way);
	if (down(line, &line->outside, text, "the answer"))
		return -1;
	if (strncmp(line->text, "SIP/2.0 200", 11) || !strstr(line->text, via))
		return fail(
			line,
			"the phone does not know its own request by the answer's Via");
	return 0;
}

/* The server asks at the phone's Contact, the phone answers 200. */
static int request_down(struct line *line, struct talk *talk,
			const char *method, const char *id, unsigned int cseq)
{
	char text[TEXT_MAX], headers[1024], start[128], where[HOST_MAX + 2];

	snprintf(start, sizeof(start), "%s sip:user@%s:%u SIP/2.0", method,
		 bracketed(&line->contact, where), line->contact.port);
	write_headers(headers, sizeof(headers), line, &line->server, id, cseq,
		      method);
	write_message(text, line, start, headers, &line->server, &line->media,
		      talk ? talk->far : 0, "sendrecv");
	if (down(line, &line->contact, text, method))
		return -1;
	repeat_headers(headers, sizeof(headers), line->text);
	write_message(text, line, "SIP/2.0 200 OK", headers, &line->phone,
		      &line->phone, talk ? talk->rtp : 0, "sendrecv");
	return up(line, text, "the answer") || (talk && read_audio(talk)) ? -1 :
									    0;
}

static void close_line(struct line *line)
{
	const int fds[] = { line->phone_fd, line->server_fd, line->listen_fd };

	for (size_t i = 0; i < sizeof(fds) / sizeof(*fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

static int connect_line(struct line *line)
{
	struct pollfd poller = { .fd = line->listen_fd, .events = POLLIN };
	struct sockaddr_storage address;
	socklen_t len = to_sockaddr(&line->server, &address);

	if (setsockopt(line->phone_fd, IPPROTO_TCP, TCP_NODELAY, &(int){1},
		       sizeof(int)) ||
	    listen(line->listen_fd, 1) ||
	    connect(line->phone_fd, (struct sockaddr *)&address, len) ||
	    poll(&poller, 1, line->wait) != 1)
		return fail(line, "no connection: %s", strerror(errno));
	line->server_fd = accept(line->listen_fd, NULL, NULL);
	return line->server_fd < 0 ? fail(line, "accept: %s", strerror(errno)) :
				     0;
}

static int open_line(struct line *line)
{
	const struct lab *lab = line->lab;
	int type = line->tcp ? SOCK_STREAM : SOCK_DGRAM;
	unsigned int port = line->tcp ? 40000 + rand() % 10000 : SIP_PORT;

	line->host = LAB_PHONE;
	line->phone = (struct place){ "192.168.1.2", port };
	line->server = (struct place){ "203.0.113.10", SIP_PORT };
	line->media = (struct place){ "198.51.100.20", 0 };
	if (line->ipv6) {
		line->phone = (struct place){ "2001:db8:1::2", port };
		line->server = (struct place){ "2001:db8:f::10", SIP_PORT };
		line->media = line->server;
	}
	line->server_fd = -1;
	line->listen_fd = -1;
	line->phone_fd = lab_socket(lab, line->host, type, line->phone.host,
				    line->phone.port);
	*(line->tcp ? &line->listen_fd : &line->server_fd) = lab_socket(
		lab, LAB_SERVER, type, line->server.host, line->server.port);
	if (line->phone_fd >= 0 &&
	    (line->tcp ? line->listen_fd : line->server_fd) >= 0)
		return 0;
	close_line(line);
	return -1;
}

static int open_talk(struct talk *talk, struct line *line, unsigned int rtp,
		     unsigned int far)
{
	*talk = (struct talk){ .line = line, .rtp = rtp, .far = far };
	snprintf(talk->id, sizeof(talk->id), "%08x", (unsigned int)rand());
	talk->phone_fd = lab_socket(line->lab, line->host, SOCK_DGRAM,
				    line->phone.host, rtp);
	talk->media_fd = lab_socket(line->lab, LAB_SERVER, SOCK_DGRAM,
				    line->media.host, far);
	return talk->phone_fd < 0 || talk->media_fd < 0 ? -1 : 0;
}

static void close_talk(struct talk *talk)
{
	if (talk->phone_fd >= 0)
		close(talk->phone_fd);
	if (talk->media_fd >= 0)
		close(talk->media_fd);
}

/*
 * The far end is heard first; then the phone, from where it said it would be.
 */
static int audio(struct talk *talk)
{
	struct line *line = talk->line;
	struct place far = line->media, from = {};
	char text[64];

	far.port = talk->far;
	if (send_datagram(line, talk->media_fd, &talk->audio, "from far",
			  "audio to the phone"))
		return -1;
	if (receive(talk->phone_fd, line->wait, text, sizeof(text), NULL) < 0 ||
	    strcmp(text, "from far"))
		return fail(
			line,
			"audio sent to %s, port %u, does not reach the phone",
			talk->audio.host, talk->audio.port);
	if (send_datagram(line, talk->phone_fd, &far, "from near",
			  "audio from the phone"))
		return -1;
	if (receive(talk->media_fd, line->wait, text, sizeof(text), &from) <
		    0 ||
	    strcmp(text, "from near"))
		return fail(line, "audio from the phone is not heard");
	if (strcmp(from.host, talk->audio.host) ||
	    from.port != talk->audio.port)
		return fail(
			line,
			"audio comes from %s, port %u, not from %s, port %u",
			from.host, from.port, talk->audio.host,
			talk->audio.port);
	return 0;
}

static int hang_up(struct talk *talk)
{
	return request_down(talk->line, NULL, "BYE", talk->id, 9);
}

static void register_body(struct line *line)
{
	if (!request(line, NULL, "REGISTER", "registration", 1, ""))
		request_down(line, NULL, "OPTIONS", "options", 1);
}

static void call_out_body(struct line *line)
{
	struct talk talk;

	if (!open_talk(&talk, line, 4000, 6000) &&
	    !request(line, &talk, "INVITE", talk.id, 1, "sendrecv") &&
	    !audio(&talk))
		hang_up(&talk);
	close_talk(&talk);
}

static void call_in_body(struct line *line)
{
	struct talk talk;

	if (request(line, NULL, "REGISTER", "registered", 1, ""))
		return;
	if (!open_talk(&talk, line, 4002, 6002) &&
	    !request_down(line, &talk, "INVITE", talk.id, 1) && !audio(&talk))
		hang_up(&talk);
	close_talk(&talk);
}

static void hold_body(struct line *line)
{
	struct talk talk;

	if (!open_talk(&talk, line, 4004, 6004) &&
	    !request(line, &talk, "INVITE", talk.id, 1, "sendrecv") &&
	    !request(line, &talk, "INVITE", talk.id, 2, "inactive") &&
	    !request(line, &talk, "INVITE", talk.id, 3, "sendrecv") &&
	    !audio(&talk))
		hang_up(&talk);
	close_talk(&talk);
}

static void two_body(struct line *line)
{
	struct talk one, two = { .phone_fd = -1, .media_fd = -1 };

	if (!open_talk(&one, line, 4010, 6010) &&
	    !open_talk(&two, line, 4020, 6020) &&
	    !request(line, &one, "INVITE", one.id, 1, "sendrecv") &&
	    !request(line, &two, "INVITE", two.id, 1, "sendrecv") &&
	    !audio(&one) && !audio(&two) && !hang_up(&one) && !audio(&two))
		hang_up(&two);
	close_talk(&one);
	close_talk(&two);
}

const struct trial trials[] = {
	{.name = "register", .body = register_body},
	{.name = "call out", .body = call_out_body},
	{.name = "call in", .body = call_in_body},
	{.name = "hold and resume", .body = hold_body},
	{.name = "two calls", .body = two_body},
	{.name = "call by TCP", .body = call_out_body, .tcp = true},
	{.name = "TCP, split message",
	 .body = call_out_body,
	 .tcp = true,
	 .split = true},
	{.name = "call by IPv6", .body = call_out_body, .ipv6 = true},
};

const size_t n_trials = sizeof(trials) / sizeof(*trials);

/**
 * trial_run() - try one thing
 * @trial: what
 * @lab: where
 * @wait: how many ms a datagram may take
 * @why: filled in with what went wrong; empty if nothing did
 * @size: room for it
 *
 * Return: 0; or -1 where it could not be tried, after having told why.
 */
int trial_run(const struct trial *trial, const struct lab *lab, int wait,
	      char *why, size_t size)
{
	struct line line = {
		.lab = lab, .wait = wait, .why = why, .size = size,
		.tcp = trial->tcp, .split = trial->split, .ipv6 = trial->ipv6,
	};

	*why = '\0';
	if (open_line(&line))
		return -1;
	if (!line.tcp || !connect_line(&line))
		trial->body(&line);
	close_line(&line);
	return 0;
}
