// SPDX-License-Identifier: GPL-2.0

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "message.h"
#include "print.h"
#include "through.h"
#include "tool.h"

#define SIP_PORT	5060
#define AUDIO_PORT	40200
#define TEXT_MAX	2048
#define REPLY_MAX	(2 * TEXT_MAX + 1024)
#define HOST_MAX	INET6_ADDRSTRLEN
#define TRIES		3
#define MARK		"sipalg-through"
#define AUDIO		"sipalg-audio"

union addr {
	struct sockaddr any;
	struct sockaddr_in in4;
	struct sockaddr_in6 in6;
};

/*
 * What is sent: %1 the own address as SIP writes it, %2 the own port, %3 as SDP
 * writes it, %4 a name for this run. Headers that all have are added. @strict:
 * nothing may change, as what has the address is no place to be reached at, or
 * none that an ALG can change.
 */
static const struct probe {
	const char *name;
	const char *method;
	const char *headers;
	const char *body;
	bool strict;
	bool audio;
} probes[] = {
	{
		.name = "options",
		.method = "OPTIONS",
		.headers = "Contact: <sip:a@%1$s:%2$u>\r\n",
		.body = "",
	},
	{
		.name = "register",
		.method = "REGISTER",
		.headers = "Contact: <sip:a@%1$s:%2$u>;expires=60\r\n",
		.body = "",
	},
	{
		.name = "invite",
		.method = "INVITE",
		.headers =
			"Contact: <sip:a@%1$s:%2$u>\r\nContent-Type: application/sdp\r\n",
		.body = "v=0\r\no=- 1 1 IN %3$s\r\ns=-\r\nc=IN %3$s\r\nt=0 0\r\n"
			"m=audio 40200 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n",
		.audio = true,
	},
	{
		.name = "invite with media elsewhere",
		.method = "INVITE",
		.headers =
			"Contact: <sip:a@%1$s:%2$u>\r\nContent-Type: application/sdp\r\n",
		.body = "v=0\r\no=- 1 1 IN IP4 media.example.com\r\ns=-\r\n"
			"c=IN IP4 media.example.com\r\nt=0 0\r\nm=audio 40202 RTP/AVP 0\r\n",
	},
	{
		.name = "text that names the address",
		.method = "MESSAGE",
		.headers = "Content-Type: text/plain\r\n",
		.body = "call me at %1$s:%2$u, c=IN %3$s\r\n",
		.strict = true,
	},
	{
		.name = "address in other headers",
		.method = "OPTIONS",
		.headers =
			"P-Asserted-Identity: <sip:a@%1$s>\r\nSubject: %1$s\r\n",
		.body = "",
		.strict = true,
	},
};

#define N_PROBES (sizeof(probes) / sizeof(*probes))

static void host_text(const union addr *addr, char text[HOST_MAX])
{
	if (addr->any.sa_family == AF_INET)
		inet_ntop(AF_INET, &addr->in4.sin_addr, text, HOST_MAX);
	else
		inet_ntop(AF_INET6, &addr->in6.sin6_addr, text, HOST_MAX);
}

static unsigned int port_of(const union addr *addr)
{
	return ntohs(addr->any.sa_family == AF_INET ? addr->in4.sin_port :
						      addr->in6.sin6_port);
}

static socklen_t addr_len(const union addr *addr)
{
	return addr->any.sa_family == AF_INET ? sizeof(addr->in4) :
						sizeof(addr->in6);
}

static ssize_t receive(int fd, int wait, char *text, size_t size,
		       union addr *from)
{
	struct pollfd poller = { .fd = fd, .events = POLLIN };
	socklen_t len = sizeof(*from);
	ssize_t got;

	if (poll(&poller, 1, wait) != 1)
		return -1;
	got = recvfrom(fd, text, size - 1, 0, &from->any, &len);
	if (got >= 0)
		text[got] = '\0';
	return got;
}

/*
 * --- the one that answers
 * -------------------------------------------------------------
 */

static void put_hex(char *to, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		to += sprintf(to, "%02x", (unsigned char)text[i]);
}

/* The headers that an answer repeats, one a line. */
static const char *const repeated[] = {
	"Via:", "From:", "To:", "Call-ID:", "CSeq:"};

#define N_REPEATED (sizeof(repeated) / sizeof(*repeated))

static size_t repeat_headers(char *to, size_t size, const char *request)
{
	size_t len = 0;

	for (const char *line = request; line; line = strstr(line, "\r\n")) {
		line += 2 * (line != request);
		for (size_t i = 0; i < N_REPEATED; i++)
			if (!strncmp(line, repeated[i], strlen(repeated[i])))
				len += snprintf(to + len, size - len,
						"%.*s\r\n",
						(int)strcspn(line, "\r"), line);
		if (len >= size)
			return 0;
	}
	return len;
}

/* An IPv4 sender as IPv6 sockets have it becomes an IPv4 one. */
static const char *sender(const union addr *from, char text[HOST_MAX])
{
	host_text(from, text);
	return strncmp(text, "::ffff:", 7) ? text : text + 7;
}

/*
 * Audio goes to where the description says, if that is where the message came
 * from: nobody shall be able to send it to a third one.
 */
static void send_audio(int fd, const char *text, const union addr *from)
{
	const char *c = strstr(text, "\r\nc=IN IP"),
		   *m = strstr(text, "\r\nm=audio ");
	char buffer[HOST_MAX], *end;
	const char *host = sender(from, buffer);
	union addr to = *from;
	unsigned long port;

	if (!c || !m || strncmp(c + 11, host, strlen(host)) ||
	    c[11 + strlen(host)] != '\r')
		return;
	port = strtoul(m + 10, &end, 10);
	if (*end != ' ' || !port || port > 65535)
		return;
	if (to.any.sa_family == AF_INET)
		to.in4.sin_port = htons(port);
	else
		to.in6.sin6_port = htons(port);
	sendto(fd, AUDIO, strlen(AUDIO), 0, &to.any, addr_len(&to));
}

static void answer(int fd, int audio_fd, const char *text, size_t len,
		   const union addr *from)
{
	char reply[REPLY_MAX], host[HOST_MAX];
	size_t at;

	at = snprintf(reply, sizeof(reply), "SIP/2.0 200 OK\r\n");
	at += repeat_headers(reply + at, TEXT_MAX / 2, text);
	host_text(from, host);
	at += snprintf(reply + at, sizeof(reply) - at,
		       "Content-Type: application/" MARK
		       "\r\nContent-Length: %zu\r\n\r\n"
		       "%-45s %5u ",
		       2 * len + 52, host, port_of(from));
	if (at + 2 * len + 1 > sizeof(reply))
		return;
	put_hex(reply + at, text, len);
	sendto(fd, reply, at + 2 * len, 0, &from->any, addr_len(from));
	send_audio(audio_fd, text, from);
}

static int listen_on(unsigned int port)
{
	union addr any = {
		.in6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)}};
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 ||
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &(int){0}, sizeof(int)) ||
	    bind(fd, &any.any, sizeof(any.in6))) {
		complain("port %u: %m", port);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

/**
 * through_answer() - be the one that answers, until interrupted
 * @tool: this run
 *
 * Return: exit status.
 */
int through_answer(struct tool *tool)
{
	int fd = listen_on(SIP_PORT),
	    audio_fd = fd < 0 ? -1 : listen_on(AUDIO_PORT);
	char text[TEXT_MAX], host[HOST_MAX];
	struct print out;
	union addr from = {};
	ssize_t len;

	if (audio_fd < 0) {
		if (fd >= 0)
			close(fd);
		return STATUS_REFUSED;
	}
	print_begin(&out, tool->json, PRINT_LINES);
	while (!ferror(out.file)) {
		len = receive(fd, -1, text, sizeof(text), &from);
		if (len < 0 && errno != EINTR)
			break;
		if (len <= 0 || !strstr(text, MARK))
			continue;
		answer(fd, audio_fd, text, len, &from);
		print_item(&out);
		print_word(&out, "answered");
		print_string(&out, PRINT_ANY, "from", sender(&from, host));
		print_item_end(&out);
	}
	close(fd);
	close(audio_fd);
	return print_end(&out);
}

/*
 * --- the one that asks
 * ----------------------------------------------------------------
 */

/**
 * struct ask - one run
 * @out: the output
 * @fd: socket for the signalling, and
 * @audio_fd: for the audio
 * @own: own address
 * @wait: ms that a datagram may take
 * @found: what has been found
 */
struct ask {
	struct print out;
	int fd, audio_fd;
	union addr own;
	int wait;
	struct through found;
};

static int write_probe(char *text, const struct ask *ask,
		       const struct probe *probe, size_t i)
{
	char host[HOST_MAX], sip[HOST_MAX + 2], sdp[HOST_MAX + 4], headers[512],
		body[512];
	bool is4 = ask->own.any.sa_family == AF_INET;
	unsigned int port = port_of(&ask->own);

	host_text(&ask->own, host);
	snprintf(sip, sizeof(sip), is4 ? "%s" : "[%s]", host);
	snprintf(sdp, sizeof(sdp), "IP%c %s", is4 ? '4' : '6', host);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(headers, sizeof(headers), probe->headers, sip, port, sdp);
	snprintf(body, sizeof(body), probe->body, sip, port, sdp);
#pragma GCC diagnostic pop
	return snprintf(
		text, TEXT_MAX,
		"%s sip:b@example.com SIP/2.0\r\n"
		"Via: SIP/2.0/UDP %s:%u;branch=z9hG4bK%zu%d;rport\r\n"
		"Max-Forwards: 70\r\nFrom: <sip:a@%s:%u>;tag=a\r\nTo: <sip:b@%s>\r\n"
		"Call-ID: " MARK "-%zu-%d@%s\r\nCSeq: 1 %s\r\n%s"
		"Content-Length: %zu\r\n\r\n%s",
		probe->method, sip, port, i, getpid(), sip, port, sip, i,
		getpid(), sip, probe->method, headers, strlen(body), body);
}

/*
 * Return: length of what arrived at the peer, or -1 if this is not an answer of
 * it.
 */
static ssize_t read_arrived(struct ask *ask, const char *reply, char *arrived)
{
	const char *body = strstr(reply, "\r\n\r\n");
	char host[HOST_MAX] = "", own[HOST_MAX];
	unsigned int port, byte;
	size_t len = 0;

	if (!body || !strstr(reply, "application/" MARK) ||
	    sscanf(body, " %45s %u", host, &port) != 2 || strlen(body) < 4 + 52)
		return -1;
	host_text(&ask->own, own);
	ask->found.nat =
		strcmp(strncmp(host, "::ffff:", 7) ? host : host + 7, own) ||
		port != port_of(&ask->own);
	for (body += 4 + 52;
	     len < TEXT_MAX - 1 && isxdigit((unsigned char)body[0]) &&
	     isxdigit((unsigned char)body[1]) &&
	     sscanf(body, "%2x", &byte) == 1;
	     body += 2)
		arrived[len++] = byte;
	arrived[len] = '\0';
	return len;
}

static size_t line_len(const char *text)
{
	return strcspn(text, "\r\n");
}

static const char *next_line(const char *text)
{
	text += line_len(text);
	return text + strspn(text, "\r") + (text[strspn(text, "\r")] == '\n');
}

/* May an ALG change such a line? Nothing else is a place to be reached at. */
static bool may_change(const char *line)
{
	static const char *const names[] = {
		"Via:", "Contact:", "Content-Length:", "o=", "c=", "m=",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strncmp(line, names[i], strlen(names[i])))
			return true;
	return false;
}

static bool same_line(const char *a, const char *b)
{
	return line_len(a) == line_len(b) && !strncmp(a, b, line_len(a));
}

/* Is a line among those that are left? */
static bool comes(const char *text, const char *line)
{
	for (; *text; text = next_line(text))
		if (same_line(text, line))
			return true;
	return false;
}

/* Is the one what has become of the other? */
static bool same_name(const char *a, const char *b)
{
	size_t len = strcspn(a, ":=\r");

	return strcspn(b, ":=\r") == len && !strncmp(a, b, len);
}

/*
 * @sent is NULL for a line that something on the way has added, @arrived for
 * one removed.
 */
static void print_line(struct ask *ask, const char *sent, const char *arrived,
		       bool harm)
{
	struct print *out = &ask->out;
	char text[256];

	ask->found.alg = true;
	ask->found.broken += harm;
	print_item(out);
	if (sent) {
		snprintf(text, sizeof(text), "%.*s", (int)line_len(sent), sent);
		print_word(out, "-");
		print_string(out, PRINT_ANY, "sent", text);
	}
	if (sent && arrived)
		print_newline(out);
	if (arrived) {
		snprintf(text, sizeof(text), "%.*s", (int)line_len(arrived),
			 arrived);
		print_word(out, "+");
		print_string(out, PRINT_ANY, "arrived", text);
	}
	print_bool(out, "harm", harm);
	if (harm)
		print_word(out, sent && arrived ?
					"  <- nothing to change there" :
					"  <- not to be lost");
	print_item_end(out);
}

static void print_lines(struct ask *ask, const char *sent, const char *arrived,
			bool strict)
{
	print_list(&ask->out, "lines");
	while (*sent || *arrived) {
		bool added = *arrived && (!*sent || comes(arrived, sent));
		bool removed = *sent && (!*arrived || comes(sent, arrived) ||
					 !same_name(sent, arrived));

		if (*sent && *arrived && same_line(sent, arrived)) {
			sent = next_line(sent);
			arrived = next_line(arrived);
		} else if (added) {
			print_line(ask, NULL, arrived, false);
			arrived = next_line(arrived);
		} else if (removed) {
			print_line(ask, sent, NULL, true);
			sent = next_line(sent);
		} else {
			print_line(ask, sent, arrived, !may_change(sent) ||
				   (strict && strncmp(sent, "Via:", 4)));
			sent = next_line(sent);
			arrived = next_line(arrived);
		}
	}
	print_list_end(&ask->out);
}

static const char *header(const char *text, const char *name)
{
	for (; *text && line_len(text); text = next_line(text))
		if (!strncmp(text, name, strlen(name)))
			return text;
	return "";
}

/*
 * The phone knows its answers by these; what is added to a Via by parameters is
 * allowed.
 */
static void check_answer(struct ask *ask, const char *sent, const char *reply)
{
	const char *wrong = NULL;
	struct print *out = &ask->out;

	for (size_t i = 0; i < N_REPEATED && !wrong; i++) {
		const char *mine = header(sent, repeated[i]),
			   *got = header(reply, repeated[i]);
		size_t len = i ? line_len(mine) + 1 : strcspn(mine, ";");

		if (strncmp(mine, got, len))
			wrong = repeated[i];
	}
	print_bool(out, "answer", !wrong);
	if (!wrong)
		return;
	ask->found.broken++;
	print_newline(out);
	print_word(out, "    what the answer has is not what was sent:");
	print_string(out, PRINT_ANY, "answer_differs", wrong);
}

static void check_audio(struct ask *ask)
{
	struct print *out = &ask->out;
	union addr from = {};
	char text[64];
	bool heard;

	heard = receive(ask->audio_fd, ask->wait, text, sizeof(text), &from) >
			0 &&
		!strcmp(text, AUDIO);
	ask->found.broken += !heard && ask->found.alg;
	print_bool(out, "audio", heard);
	print_newline(out);
	print_word(out,
		   heard ? "    audio comes back" : "    no audio comes back");
}

static int ask_one(struct ask *ask, const struct probe *probe, size_t i)
{
	char text[TEXT_MAX], reply[REPLY_MAX] = "", arrived[TEXT_MAX] = "";
	struct print *out = &ask->out;
	int len = write_probe(text, ask, probe, i);
	ssize_t got = -1;
	union addr from = {};

	for (int try = 0; try < TRIES && got < 0; try++) {
		if (send(ask->fd, text, len, 0) != len &&
		    errno != ECONNREFUSED) {
			complain("the message cannot be sent: %m");
			return -1;
		}
		if (receive(ask->fd, ask->wait, reply, sizeof(reply), &from) >
		    0)
			got = read_arrived(ask, reply, arrived);
	}
	print_item(out);
	print_string(out, PRINT_ANY, "message", probe->name);
	if (got < 0) {
		print_word(out, "-");
		print_string(out, PRINT_ANY, "result", "lost");
		ask->found.broken++;
	} else {
		bool same = got == len && !memcmp(text, arrived, len);

		ask->found.answered++;
		print_word(out, "-");
		print_string(out, PRINT_ANY, "result",
			     same ? "unchanged" : "changed");
		check_answer(ask, text, reply);
		if (!same)
			print_lines(ask, text, arrived, probe->strict);
		if (probe->audio)
			check_audio(ask);
	}
	print_item_end(out);
	return 0;
}

static int open_sockets(struct ask *ask, const char *dev, const char *peer)
{
	union addr to = {}, audio;
	socklen_t len = sizeof(ask->own);

	if (inet_pton(AF_INET, peer, &to.in4.sin_addr) == 1) {
		to.any.sa_family = AF_INET;
		to.in4.sin_port = htons(SIP_PORT);
	} else {
		inet_pton(AF_INET6, peer, &to.in6.sin6_addr);
		to.any.sa_family = AF_INET6;
		to.in6.sin6_port = htons(SIP_PORT);
	}
	ask->fd = socket(to.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ask->audio_fd = socket(to.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (ask->fd < 0 || ask->audio_fd < 0 ||
	    setsockopt(ask->fd, SOL_SOCKET, SO_BINDTODEVICE, dev,
		       strlen(dev)) ||
	    connect(ask->fd, &to.any, addr_len(&to)) ||
	    getsockname(ask->fd, &ask->own.any, &len))
		return -1;
	audio = ask->own;
	if (audio.any.sa_family == AF_INET)
		audio.in4.sin_port = htons(AUDIO_PORT);
	else
		audio.in6.sin6_port = htons(AUDIO_PORT);
	return bind(ask->audio_fd, &audio.any, addr_len(&audio));
}

static void print_verdict(struct ask *ask)
{
	struct print *out = &ask->out;

	print_item(out);
	if (ask->found.answered) {
		print_word(out, ask->found.nat ? "There is NAT on the way," :
						 "There is no NAT on the way,");
		print_word(out, ask->found.alg ?
					"and an ALG that changes messages." :
					"and nothing that changes messages.");
		if (ask->found.broken)
			print_word(out, "It breaks something: see above.");
		print_bool(out, "nat", ask->found.nat);
		print_bool(out, "alg", ask->found.alg);
	} else {
		print_word(
			out,
			"Nothing was answered: sipalg exercise --answer has to run there.");
	}
	print_number(out, PRINT_JSON, "broken", ask->found.broken);
	print_item_end(out);
}

/* Return: 0, or -1 where that has been complained of. */
static int ask_all(struct ask *ask, const char *dev, const char *peer)
{
	int failed = open_sockets(ask, dev, peer);

	if (failed)
		complain("socket by %s to %s: %m", dev, peer);
	for (size_t i = 0; i < N_PROBES && !failed; i++)
		failed = ask_one(ask, &probes[i], i);
	if (ask->fd >= 0)
		close(ask->fd);
	if (ask->audio_fd >= 0)
		close(ask->audio_fd);
	return failed;
}

/**
 * through_ask() - be the one that asks
 * @tool: this run
 * @dev: device by which the messages leave
 * @peer: address of the one that answers
 * @wait: ms that a datagram may take
 *
 * Return: exit status; STATUS_REFUSED also if something on the way breaks a
 * message.
 */
int through_ask(struct tool *tool, const char *dev, const char *peer, int wait)
{
	struct ask ask = { .fd = -1, .audio_fd = -1, .wait = wait };
	int status, failed;

	print_begin(&ask.out, tool->json, PRINT_LINES);
	failed = ask_all(&ask, dev, peer);
	if (!failed)
		print_verdict(&ask);
	status = print_end(&ask.out);
	return failed || ask.found.broken ? STATUS_REFUSED : status;
}

/**
 * through_look() - ask without a word
 * @dev: device by which the messages leave
 * @peer: address of the one that answers
 * @wait: ms that a datagram may take
 * @found: filled in
 *
 * Return: 0, or -1 where that has been complained of.
 */
int through_look(const char *dev, const char *peer, int wait,
		 struct through *found)
{
	struct ask ask = { .fd = -1, .audio_fd = -1, .wait = wait };
	int failed = -1;

	print_begin(&ask.out, false, PRINT_LINES);
	ask.out.file = fopen("/dev/null", "we");
	if (ask.out.file) {
		failed = ask_all(&ask, dev, peer);
		fclose(ask.out.file);
	}
	*found = ask.found;
	return failed;
}
