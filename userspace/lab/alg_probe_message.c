// SPDX-License-Identifier: GPL-2.0

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lab/alg_probe_message.h"
#include "lab/alg_probe_text.h"

#define UDP_PASSES	(1U << PASS_ANY_PORT | 1U << PASS_SIP_PORT)
#define TCP_PASS	(1U << PASS_TCP)
#define SPLIT_PASS	(1U << PASS_SPLIT)
#define ALL_PASSES	(UDP_PASSES | TCP_PASS | SPLIT_PASS)

const struct probe probes[PROBES] = {
	{
		.name = "options",
		.method = "OPTIONS",
		.headers = "Contact: <sip:a@%1$s:%2$u>\r\n",
		.body = "",
		.passes = UDP_PASSES | TCP_PASS,
	},
	{
		.name = "register",
		.method = "REGISTER",
		.headers = "Contact: <sip:a@%1$s:%2$u>;expires=60\r\n",
		.body = "",
		.passes = ALL_PASSES,
		.again = true,
	},
	{
		.name = "register with credentials",
		.method = "REGISTER",
		.headers = "Contact: <sip:a@%1$s:%2$u>;expires=60\r\n"
			   "Authorization: Digest username=\"a\", "
			   "realm=\"example.com\", nonce=\"%1$s\", "
			   "uri=\"sip:b@example.com\", response=\""
			   "0123456789abcdef0123456789abcdef\"\r\n",
		.body = "",
		.passes = UDP_PASSES | TCP_PASS,
	},
	{
		.name = "invite",
		.method = "INVITE",
		.headers = "Contact: <sip:a@%1$s:%2$u>\r\n"
			   "Content-Type: application/sdp\r\n",
		.body = "v=0\r\no=- 1 1 IN %3$s\r\ns=-\r\nc=IN %3$s\r\n"
			"t=0 0\r\nm=audio 40200 RTP/AVP 0\r\n"
			"a=rtpmap:0 PCMU/8000\r\n",
		.passes = ALL_PASSES,
		.audio = true,
		.again = true,
	},
	{
		.name = "invite with media elsewhere",
		.method = "INVITE",
		.headers = "Contact: <sip:a@%1$s:%2$u>\r\n"
			   "Content-Type: application/sdp\r\n",
		.body = "v=0\r\no=- 1 1 IN IP4 media.example.com\r\ns=-\r\n"
			"c=IN IP4 media.example.com\r\nt=0 0\r\n"
			"m=audio 40202 RTP/AVP 0\r\n",
		.passes = UDP_PASSES,
	},
	{
		.name = "text that names the address",
		.method = "MESSAGE",
		.headers = "Content-Type: text/plain\r\n",
		.body = "call me at %1$s:%2$u, c=IN %3$s\r\n",
		.passes = UDP_PASSES | TCP_PASS,
		.strict = true,
	},
	{
		.name = "address in other headers",
		.method = "OPTIONS",
		.headers = "P-Asserted-Identity: <sip:a@%1$s>\r\n"
			   "Subject: %1$s\r\n",
		.body = "",
		.passes = UDP_PASSES,
		.strict = true,
	},
	{
		.name = "message in IP fragments",
		.method = "MESSAGE",
		.headers = "Content-Type: text/plain\r\n",
		.body = "call me at %1$s:%2$u, c=IN %3$s\r\n",
		.passes = 1U << PASS_ANY_PORT,
		.padding = 2500,
		.strict = true,
	},
};

const char *const pass_suffixes[PASSES] = {
	"", " from port 5060", " by TCP", " split over TCP segments",
};

/**
 * pass_is_tcp() - are the messages of a pass sent over TCP?
 * @pass: the pass
 */
bool pass_is_tcp(enum probe_pass pass)
{
	return pass == PASS_TCP || pass == PASS_SPLIT;
}

/* Of the message in this run. */
static size_t probe_number(size_t i, enum probe_pass pass)
{
	return 1 + i + pass * PROBES;
}

/**
 * probe_write() - write a message
 * @text: filled in, room for PROBE_TEXT_MAX bytes
 * @i: index of the message
 * @pass: the pass in which it is sent
 * @own: own address and port
 * @idle: seconds after which the far end shall call; 0: it shall not
 *
 * Return: its length.
 */
int probe_write(char *text, size_t i, enum probe_pass pass,
		const union sock_addr *own, unsigned int idle)
{
	char host[HOST_MAX], sip[HOST_MAX + 2], sdp[HOST_MAX + 4];
	bool is4 = own->any.sa_family == AF_INET;
	char headers[512], body[512], later[64] = "";
	unsigned int port = sock_addr_port(own);
	const struct probe *probe = &probes[i];
	size_t number = probe_number(i, pass);
	int len;

	sock_addr_host(own, host);
	snprintf(sip, sizeof(sip), is4 ? "%s" : "[%s]", host);
	snprintf(sdp, sizeof(sdp), "IP%c %s", is4 ? '4' : '6', host);
	if (idle)
		snprintf(later, sizeof(later), PROBE_IDLE "%u\r\n", idle);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(headers, sizeof(headers), probe->headers, sip, port, sdp);
	snprintf(body, sizeof(body), probe->body, sip, port, sdp);
#pragma GCC diagnostic pop
	len = snprintf(text, PROBE_TEXT_MAX,
		       "%s sip:b@example.com SIP/2.0\r\n"
		       "Via: SIP/2.0/%s %s:%u;branch=z9hG4bK%zu-%d;rport\r\n"
		       "Max-Forwards: 70\r\nFrom: <sip:a@%s:%u>;tag=a\r\n"
		       "To: <sip:b@%s>\r\n"
		       "Call-ID: " PROBE_MARK "-%zu-%d@%s\r\nCSeq: %zu %s\r\n"
		       "%s%sContent-Length: %zu\r\n\r\n%s",
		       probe->method, pass_is_tcp(pass) ? "TCP" : "UDP", sip,
		       port, number, getpid(), sip, port, sip, number, getpid(),
		       sip, number, probe->method, headers, later,
		       strlen(body) + probe->padding, body);
	memset(text + len, '.', probe->padding);
	len += probe->padding;
	text[len] = '\0';
	return len;
}

/**
 * probe_is_arrived() - is this the text of a message as it arrived?
 * @i: index of the message
 * @pass: the pass in which it was sent
 * @arrived: the text
 *
 * An answer to an earlier message can be late. One of the three headers is left
 * of it even if an ALG changes the others.
 *
 * Return: whether it is.
 */
bool probe_is_arrived(size_t i, enum probe_pass pass, const char *arrived)
{
	size_t number = probe_number(i, pass);
	char branch[48], call_id[48], cseq[32];

	snprintf(branch, sizeof(branch), "z9hG4bK%zu-%d;", number, getpid());
	snprintf(call_id, sizeof(call_id), PROBE_MARK "-%zu-%d@", number,
		 getpid());
	snprintf(cseq, sizeof(cseq), "\r\nCSeq: %zu ", number);
	return strstr(arrived, branch) || strstr(arrived, call_id) ||
	       strstr(arrived, cseq);
}

/**
 * probe_is_call() - does the far end call because of a message?
 * @i: index of the message
 * @pass: the pass in which it was sent
 * @method: INVITE, or the BYE that ends it
 * @text: what has come from the far end
 *
 * Return: whether it is that call.
 */
bool probe_is_call(size_t i, enum probe_pass pass, const char *method,
		   const char *text)
{
	char call_id[48];

	snprintf(call_id, sizeof(call_id), PROBE_CALL "%zu-",
		 probe_number(i, pass));
	return !strncmp(text, method, strlen(method)) && strstr(text, call_id);
}

/**
 * probe_calls_phone() - is the Request-URI of a call the phone's own Contact?
 * @text: the call
 * @own: own address and port
 */
bool probe_calls_phone(const char *text, const union sock_addr *own)
{
	bool is4 = own->any.sa_family == AF_INET;
	char host[HOST_MAX], line[HOST_MAX + 40];

	snprintf(line, sizeof(line), "INVITE sip:a@%s%s%s:%u SIP/2.0",
		 is4 ? "" : "[", sock_addr_host(own, host), is4 ? "" : "]",
		 sock_addr_port(own));
	return line_is_same(line, text);
}
