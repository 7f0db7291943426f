// SPDX-License-Identifier: GPL-2.0

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/alg_probe_beside.h"

#define TRIES	3

/* RFC 8489, 5 and 14.2. */
#define STUN_REQUEST	"\x00\x01\x00\x00\x21\x12\xa4\x42"
#define STUN_FIXED_LEN	8

/* Where audio of the phone came from, as the far end says. */
static bool audio_return(int fd, int wait, const union sock_addr *peer,
			 char host[HOST_MAX], unsigned int *port)
{
	union sock_addr to = *peer;
	char text[128];

	sock_addr_set_port(&to, PROBE_AUDIO_PORT);
	for (int try = 0; try < TRIES; try++) {
		sendto(fd, PROBE_AUDIO, strlen(PROBE_AUDIO), 0, &to.any,
		       sock_addr_len(&to));
		while (sock_receive(fd, wait, text, sizeof(text), NULL) > 0)
			if (sscanf(text, PROBE_ECHO "%45s %u", host, port) == 2)
				return true;
	}
	return false;
}

/**
 * audio_judge() - judge the audio of a call
 * @findings: the findings
 * @fd: socket for the audio
 * @wait: ms after which a datagram counts as lost
 * @peer: address of the far end
 * @reply: its answer to the INVITE
 * @changed: the INVITE was changed
 *
 * The far end is heard first: it sends to the address in the description. Then
 * the phone sends, and the far end returns that.
 */
void audio_judge(struct findings *findings, int fd, int wait,
		 const union sock_addr *peer, const struct reply *reply,
		 bool changed)
{
	struct print *out = &findings->out;
	char text[128], host[HOST_MAX];
	bool heard = false, returned;
	unsigned int port;

	while (!heard && sock_receive(fd, wait, text, sizeof(text), NULL) > 0)
		heard = !strcmp(text, PROBE_AUDIO);
	if (!heard && changed)
		fault_add(findings, FAULT_AUDIO, "RFC 3264, 5.1",
			  "audio of the far end does not arrive");
	print_bool(out, "audio", heard);
	print_newline(out);
	print_word(out, heard ? "    audio comes back" :
				"    no audio comes back");
	if (!reply->full)
		return;
	returned = audio_return(fd, wait, peer, host, &port);
	print_bool(out, "audio_out", returned);
	if (!returned)
		fault_add(findings, FAULT_AUDIO, "RFC 4787, 5",
			  "audio of the phone, or what returns it, does not "
			  "arrive");
}

/* XOR-MAPPED-ADDRESS: is it the address that the far end saw? */
static bool stun_is_right(const char *text, size_t len, const char *request,
			  const struct reply *reply)
{
	char answer[STUN_LEN_MAX];
	union sock_addr seen;

	return sock_addr_set(&seen, reply->host, reply->port) &&
	       stun_answer(answer, request, STUN_HEADER_LEN, &seen) == len &&
	       !memcmp(text, answer, len);
}

/* Return: length of what came for the request; 0 if nothing did. */
static size_t keepalive_send(struct link *link, int wait, const char *request,
			     size_t len, char *text, size_t size)
{
	ssize_t got;

	for (int try = 0; try < (link->is_tcp ? 1 : TRIES); try++) {
		if (link_send(link, request, len, false))
			return 0;
		while ((got = link_receive(link, wait, text, size)) > 0) {
			if (link->is_tcp ? !strcmp(text, "\r\n") :
					   *text == '\1')
				return got;
		}
	}
	return 0;
}

/**
 * keepalive_judge() - judge keep-alives, which share the port with SIP
 * @findings: the findings
 * @link: the socket
 * @wait: ms after which a datagram counts as lost
 * @reply: an answer of the far end
 */
void keepalive_judge(struct findings *findings, struct link *link, int wait,
		     const struct reply *reply)
{
	char request[STUN_HEADER_LEN], text[PROBE_REPLY_MAX];
	struct print *out = &findings->out;
	bool right;
	size_t len;

	for (size_t i = 0; i < sizeof(request); i++)
		request[i] = i < STUN_FIXED_LEN ? STUN_REQUEST[i] : rand();
	print_item(out);
	print_string(out, PRINT_ANY, "message", link->is_tcp ?
		     "keep-alive by TCP" : "STUN keep-alive");
	print_word(out, "-");
	if (link->is_tcp)
		len = keepalive_send(link, wait, "\r\n\r\n", 4, text,
				     sizeof(text));
	else
		len = keepalive_send(link, wait, request, sizeof(request), text,
				     sizeof(text));
	right = link->is_tcp ||
		stun_is_right(text, len, request, reply);
	print_string(out, PRINT_ANY, "result", !len ? "lost" :
		     right ? "unchanged" : "changed");
	if (!len)
		fault_add(findings, FAULT_KEEPALIVE,
			  link->is_tcp ? "RFC 5626, 4.4.1" : "RFC 5626, 4.4.2",
			  "the keep-alive or its answer is lost");
	else if (!right)
		fault_add(findings, FAULT_KEEPALIVE, "RFC 8489, 14.2",
			  "the answer has another address than the far "
			  "end saw");
	faults_print(findings);
	print_item_end(out);
}

/**
 * stun_answer() - answer a STUN binding request
 * @to: filled in, room for STUN_LEN_MAX bytes
 * @request: the request
 * @len: its length
 * @from: where it came from
 *
 * Return: length of the answer, or 0 if this is no request.
 */
size_t stun_answer(char *to, const char *request, size_t len,
		   const union sock_addr *from)
{
	static const unsigned char v4_mapped[12] = { [10] = 0xff, 0xff };
	const unsigned char *address = from->in6.sin6_addr.s6_addr;
	unsigned int port = sock_addr_port(from);
	size_t address_len = 16;

	if (len != STUN_HEADER_LEN ||
	    memcmp(request, STUN_REQUEST, STUN_FIXED_LEN))
		return 0;
	if (from->any.sa_family == AF_INET) {
		address = (const unsigned char *)&from->in4.sin_addr;
		address_len = 4;
	} else if (!memcmp(address, v4_mapped, sizeof(v4_mapped))) {
		address += sizeof(v4_mapped);
		address_len = 4;
	}
	memcpy(to, request, STUN_HEADER_LEN);
	to[0] = 1;
	to[3] = 8 + address_len;
	to += STUN_HEADER_LEN;
	memcpy(to, "\x00\x20\x00", 3);
	to[3] = 4 + address_len;
	to[4] = 0;
	to[5] = address_len == 4 ? 1 : 2;
	to[6] = (port >> 8) ^ 0x21;
	to[7] = port ^ 0x12;
	/*
	 * The cookie, and then the transaction ID, are what it is XORed with.
	 */
	for (size_t i = 0; i < address_len; i++)
		to[8 + i] = address[i] ^ request[4 + i];
	return STUN_HEADER_LEN + 8 + address_len;
}
