// SPDX-License-Identifier: GPL-2.0
/*
 * The far end of a probe: it answers, sends audio, and calls the phone back.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lab/alg_probe.h"
#include "lab/alg_probe_text.h"
#include "lab/sock.h"
#include "print.h"
#include "report.h"
#include "tool.h"

static void hex_put(char *to, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		to += sprintf(to, "%02x", (unsigned char)text[i]);
}

static size_t headers_repeat(char *to, size_t size, const char *request)
{
	size_t len = 0;

	for (const char *line = request; line; line = strstr(line, "\r\n")) {
		line += 2 * (line != request);
		for (size_t i = 0; i < PROBE_REPEATED; i++)
			if (!strncmp(line, probe_repeated[i], strlen(probe_repeated[i])))
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
	sendto(fd, PROBE_AUDIO, strlen(PROBE_AUDIO), 0, &to.any, sock_addr_len(&to));
}

/*
 * Where the Contact says that the phone can be called. It must be the sender
 * itself: nobody shall be able to have a third host called.
 */
static bool find_contact(const char *text, const union sock_addr *from,
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
	if (*end != '>' || !port || port > 65535)
		return false;
	*to = *from;
	sock_addr_set_port(to, port);
	return true;
}

/* An incoming call, as a registered phone or one in a call gets them. */
static void call_send(int fd, const union sock_addr *to)
{
	char text[PROBE_TEXT_MAX], buffer[HOST_MAX];
	const char *host = sender_host(to, buffer);
	int len;

	len = snprintf(text, sizeof(text),
		       "INVITE sip:a@%s:%u SIP/2.0\r\n"
		       "Via: SIP/2.0/UDP b.example.com;branch=z9hG4bK%d\r\n"
		       "Max-Forwards: 70\r\nFrom: <sip:b@example.com>;tag=b\r\n"
		       "To: <sip:a@example.com>\r\nCall-ID: " PROBE_MARK
		       "-call-%d\r\nCSeq: 1 INVITE\r\n"
		       "Contact: <sip:b@b.example.com>\r\n"
		       "Content-Length: 0\r\n\r\n",
		       host, sock_addr_port(to), rand(), rand());
	sendto(fd, text, len, 0, &to->any, sock_addr_len(to));
}

static void answer_send(int fd, int audio_fd, const char *text, size_t len,
			const union sock_addr *from)
{
	char reply[PROBE_REPLY_MAX], host[HOST_MAX];
	union sock_addr contact;
	bool calls = find_contact(text, from, &contact);
	const char *after = calls ? PROBE_CALLS : "";
	size_t at;

	at = snprintf(reply, sizeof(reply), "SIP/2.0 200 OK\r\n");
	at += headers_repeat(reply + at, PROBE_TEXT_MAX / 2, text);
	sock_addr_host(from, host);
	at += snprintf(reply + at, sizeof(reply) - at,
		       "Content-Type: application/" PROBE_MARK "\r\n"
		       "Content-Length: %zu\r\n\r\n%-45s %5u ",
		       2 * len + PROBE_SENDER_LEN + strlen(after), host,
		       sock_addr_port(from));
	if (at + 2 * len + strlen(after) + 1 > sizeof(reply))
		return;
	hex_put(reply + at, text, len);
	at += 2 * len;
	at += sprintf(reply + at, "%s", after);
	sendto(fd, reply, at, 0, &from->any, sock_addr_len(from));
	send_audio(audio_fd, text, from);
	if (calls)
		call_send(fd, &contact);
}

static int listen_on(unsigned int port)
{
	union sock_addr any = {
		.in6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) },
	};
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 ||
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &(int){ 0 }, sizeof(int)) ||
	    bind(fd, &any.any, sizeof(any.in6))) {
		error("port %u: %m", port);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

/**
 * alg_probe_answer() - be the far end, until interrupted
 * @tool: this run
 * @port: listen on this port
 *
 * Return: exit status.
 */
int alg_probe_answer(struct tool *tool, unsigned int port)
{
	int fd = listen_on(port);
	int audio_fd = fd < 0 ? -1 : listen_on(PROBE_AUDIO_PORT);
	char text[PROBE_TEXT_MAX], host[HOST_MAX];
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
		if (len <= 0 || !strstr(text, PROBE_MARK))
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
