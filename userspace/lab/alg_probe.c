// SPDX-License-Identifier: GPL-2.0

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "address.h"
#include "lab/alg_probe.h"
#include "lab/sock.h"
#include "print.h"
#include "report.h"
#include "tool.h"

#define AUDIO_PORT	40200
#define TEXT_MAX	2048
#define REPLY_MAX	(2 * TEXT_MAX + 1024)
#define TRIES		3
#define MARK		"sipalg-through"
#define AUDIO		"sipalg-audio"

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

/* --- the one that answers --- */

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
static const char *sender_host(const union sock_addr *from, char text[HOST_MAX])
{
	sock_addr_host(from, text);
	return strncmp(text, "::ffff:", 7) ? text : text + 7;
}

/*
 * Audio goes to where the description says, if that is where the message came
 * from: nobody shall be able to send it to a third one.
 */
static void send_audio(int fd, const char *text, const union sock_addr *from)
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
	sendto(fd, AUDIO, strlen(AUDIO), 0, &to.any, sock_addr_len(&to));
}

static void answer_send(int fd, int audio_fd, const char *text, size_t len,
		   const union sock_addr *from)
{
	char reply[REPLY_MAX], host[HOST_MAX];
	size_t at;

	at = snprintf(reply, sizeof(reply), "SIP/2.0 200 OK\r\n");
	at += repeat_headers(reply + at, TEXT_MAX / 2, text);
	sock_addr_host(from, host);
	at += snprintf(reply + at, sizeof(reply) - at,
		       "Content-Type: application/" MARK
		       "\r\nContent-Length: %zu\r\n\r\n"
		       "%-45s %5u ",
		       2 * len + 52, host, sock_addr_port(from));
	if (at + 2 * len + 1 > sizeof(reply))
		return;
	put_hex(reply + at, text, len);
	sendto(fd, reply, at + 2 * len, 0, &from->any, sock_addr_len(from));
	send_audio(audio_fd, text, from);
}

static int listen_on(unsigned int port)
{
	union sock_addr any = {
		.in6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)}};
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 ||
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &(int){0}, sizeof(int)) ||
	    bind(fd, &any.any, sizeof(any.in6))) {
		error("port %u: %m", port);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

/**
 * alg_probe_answer() - be the one that answers, until interrupted
 * @tool: this run
 *
 * Return: exit status.
 */
int alg_probe_answer(struct tool *tool)
{
	int fd = listen_on(SIP_PORT),
	    audio_fd = fd < 0 ? -1 : listen_on(AUDIO_PORT);
	char text[TEXT_MAX], host[HOST_MAX];
	struct print out;
	union sock_addr from = {};
	ssize_t len;

	if (audio_fd < 0) {
		if (fd >= 0)
			close(fd);
		return STATUS_REFUSED;
	}
	print_begin(&out, tool, PRINT_LINES);
	while (!ferror(out.file)) {
		len = sock_receive(fd, -1, text, sizeof(text), &from);
		if (len < 0 && errno != EINTR)
			break;
		if (len <= 0 || !strstr(text, MARK))
			continue;
		answer_send(fd, audio_fd, text, len, &from);
		print_item(&out);
		print_word(&out, "answered");
		print_string(&out, PRINT_ANY, "from", sender_host(&from, host));
		print_item_end(&out);
	}
	close(fd);
	close(audio_fd);
	return print_end(&out);
}

/* --- the one that asks --- */

/**
 * struct prober - one run
 * @out: the output
 * @fd: socket for the signalling, and
 * @audio_fd: for the audio
 * @own: own address
 * @wait: ms that a datagram may take
 * @found: what has been found
 */
struct prober {
	struct print out;
	int fd, audio_fd;
	union sock_addr own;
	int wait;
	struct alg_probe found;
};

static int write_probe(char *text, const struct prober *prober,
		       const struct probe *probe, size_t i)
{
	char host[HOST_MAX], sip[HOST_MAX + 2], sdp[HOST_MAX + 4], headers[512],
		body[512];
	bool is4 = prober->own.any.sa_family == AF_INET;
	unsigned int port = sock_addr_port(&prober->own);

	sock_addr_host(&prober->own, host);
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
static ssize_t read_arrived(struct prober *prober, const char *reply,
			    char *arrived)
{
	const char *body = strstr(reply, "\r\n\r\n");
	char host[HOST_MAX] = "", own[HOST_MAX];
	unsigned int port, byte;
	size_t len = 0;

	if (!body || !strstr(reply, "application/" MARK) ||
	    sscanf(body, " %45s %u", host, &port) != 2 || strlen(body) < 4 + 52)
		return -1;
	sock_addr_host(&prober->own, own);
	prober->found.nat =
		strcmp(strncmp(host, "::ffff:", 7) ? host : host + 7, own) ||
		port != sock_addr_port(&prober->own);
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
static bool has_line(const char *text, const char *line)
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
static void print_line(struct prober *prober, const char *sent,
		       const char *arrived, bool harm)
{
	struct print *out = &prober->out;
	char text[256];

	prober->found.alg = true;
	prober->found.broken += harm;
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

static void print_lines(struct prober *prober, const char *sent,
			const char *arrived, bool strict)
{
	print_list(&prober->out, "lines");
	while (*sent || *arrived) {
		bool added = *arrived && (!*sent || has_line(arrived, sent));
		bool removed = *sent && (!*arrived || has_line(sent, arrived) ||
					 !same_name(sent, arrived));

		if (*sent && *arrived && same_line(sent, arrived)) {
			sent = next_line(sent);
			arrived = next_line(arrived);
		} else if (added) {
			print_line(prober, NULL, arrived, false);
			arrived = next_line(arrived);
		} else if (removed) {
			print_line(prober, sent, NULL, true);
			sent = next_line(sent);
		} else {
			print_line(prober, sent, arrived, !may_change(sent) ||
				   (strict && strncmp(sent, "Via:", 4)));
			sent = next_line(sent);
			arrived = next_line(arrived);
		}
	}
	print_list_end(&prober->out);
}

static const char *find_header(const char *text, const char *name)
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
static void check_answer(struct prober *prober, const char *sent,
			 const char *reply)
{
	const char *wrong = NULL;
	struct print *out = &prober->out;

	for (size_t i = 0; i < N_REPEATED && !wrong; i++) {
		const char *mine = find_header(sent, repeated[i]),
			   *got = find_header(reply, repeated[i]);
		size_t len = i ? line_len(mine) + 1 : strcspn(mine, ";");

		if (strncmp(mine, got, len))
			wrong = repeated[i];
	}
	print_bool(out, "answer", !wrong);
	if (!wrong)
		return;
	prober->found.broken++;
	print_newline(out);
	print_word(out, "    what the answer has is not what was sent:");
	print_string(out, PRINT_ANY, "answer_differs", wrong);
}

static void check_audio(struct prober *prober)
{
	struct print *out = &prober->out;
	union sock_addr from = {};
	char text[64];
	bool heard;

	heard = sock_receive(prober->audio_fd, prober->wait, text, sizeof(text),
			     &from) > 0 &&
		!strcmp(text, AUDIO);
	prober->found.broken += !heard && prober->found.alg;
	print_bool(out, "audio", heard);
	print_newline(out);
	print_word(out,
		   heard ? "    audio comes back" : "    no audio comes back");
}

static int probe_send(struct prober *prober, const struct probe *probe,
		      size_t i)
{
	char text[TEXT_MAX], reply[REPLY_MAX] = "", arrived[TEXT_MAX] = "";
	struct print *out = &prober->out;
	int len = write_probe(text, prober, probe, i);
	ssize_t got = -1;
	union sock_addr from = {};

	for (int try = 0; try < TRIES && got < 0; try++) {
		if (send(prober->fd, text, len, 0) != len &&
		    errno != ECONNREFUSED) {
			error("the message cannot be sent: %m");
			return -1;
		}
		if (sock_receive(prober->fd, prober->wait, reply, sizeof(reply),
				 &from) > 0)
			got = read_arrived(prober, reply, arrived);
	}
	print_item(out);
	print_string(out, PRINT_ANY, "message", probe->name);
	if (got < 0) {
		print_word(out, "-");
		print_string(out, PRINT_ANY, "result", "lost");
		prober->found.broken++;
	} else {
		bool same = got == len && !memcmp(text, arrived, len);

		prober->found.answered++;
		print_word(out, "-");
		print_string(out, PRINT_ANY, "result",
			     same ? "unchanged" : "changed");
		check_answer(prober, text, reply);
		if (!same)
			print_lines(prober, text, arrived, probe->strict);
		if (probe->audio)
			check_audio(prober);
	}
	print_item_end(out);
	return 0;
}

static int open_sockets(struct prober *prober, const char *dev,
			const char *peer)
{
	union sock_addr to, audio;
	socklen_t len = sizeof(prober->own);

	sock_addr_set(&to, peer, SIP_PORT);
	prober->fd = socket(to.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	prober->audio_fd =
		socket(to.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (prober->fd < 0 || prober->audio_fd < 0 ||
	    setsockopt(prober->fd, SOL_SOCKET, SO_BINDTODEVICE, dev,
		       strlen(dev)) ||
	    connect(prober->fd, &to.any, sock_addr_len(&to)) ||
	    getsockname(prober->fd, &prober->own.any, &len))
		return -1;
	audio = prober->own;
	sock_addr_set_port(&audio, AUDIO_PORT);
	return bind(prober->audio_fd, &audio.any, sock_addr_len(&audio));
}

static void print_verdict(struct prober *prober)
{
	struct print *out = &prober->out;

	print_item(out);
	if (prober->found.answered) {
		print_word(out, prober->found.nat ? "There is NAT on the way," :
						 "There is no NAT on the way,");
		print_word(out, prober->found.alg ?
					"and an ALG that changes messages." :
					"and nothing that changes messages.");
		if (prober->found.broken)
			print_word(out, "It breaks something: see above.");
		print_bool(out, "nat", prober->found.nat);
		print_bool(out, "alg", prober->found.alg);
	} else {
		print_word(
			out,
			"Nothing was answered: sipalg exercise --answer has to run there.");
	}
	print_number(out, PRINT_JSON, "broken", prober->found.broken);
	print_item_end(out);
}

/* Return: 0, or -1 where that has been complained of. */
static int probe_all(struct prober *prober, const char *dev, const char *peer)
{
	int failed = open_sockets(prober, dev, peer);

	if (failed)
		error("socket by %s to %s: %m", dev, peer);
	for (size_t i = 0; i < N_PROBES && !failed; i++)
		failed = probe_send(prober, &probes[i], i);
	if (prober->fd >= 0)
		close(prober->fd);
	if (prober->audio_fd >= 0)
		close(prober->audio_fd);
	return failed;
}

/**
 * alg_probe_run() - be the one that asks
 * @tool: this run
 * @dev: device by which the messages leave
 * @peer: address of the one that answers
 * @wait: ms that a datagram may take
 *
 * Return: exit status; STATUS_REFUSED also if something on the way breaks a
 * message.
 */
int alg_probe_run(struct tool *tool, const char *dev, const char *peer,
		  int wait)
{
	struct prober prober = { .fd = -1, .audio_fd = -1, .wait = wait };
	int status, failed;

	print_begin(&prober.out, tool, PRINT_LINES);
	failed = probe_all(&prober, dev, peer);
	if (!failed)
		print_verdict(&prober);
	status = print_end(&prober.out);
	return failed || prober.found.broken ? STATUS_REFUSED : status;
}

/**
 * alg_probe_check() - ask without a word
 * @dev: device by which the messages leave
 * @peer: address of the one that answers
 * @wait: ms that a datagram may take
 * @found: filled in
 *
 * Return: 0, or -1 where that has been complained of.
 */
int alg_probe_check(const char *dev, const char *peer, int wait,
		    struct alg_probe *found)
{
	struct prober prober = { .fd = -1, .audio_fd = -1, .wait = wait };
	int failed = -1;

	print_begin(&prober.out, &(struct tool){}, PRINT_LINES);
	prober.out.file = fopen("/dev/null", "we");
	if (prober.out.file) {
		failed = probe_all(&prober, dev, peer);
		fclose(prober.out.file);
	}
	*found = prober.found;
	return failed;
}
