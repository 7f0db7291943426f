// SPDX-License-Identifier: GPL-2.0
/*
 * What a datagram, or a new connection, costs on its way from the phone's socket
 * through the router to the server's.
 *
 * Usage: path PHONE_NETNS PHONE_ADDRESS SERVER_NETNS SERVER_ADDRESS
 *
 * Prints a line for each kind of message or flow: its name, its bytes, and the
 * median of the costs.
 */

#include <arpa/inet.h>
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common.h"

#define WARM_UP	 32
#define ROUNDS	 256
#define TRACED	 8	/* the last rounds, for blocks.c */

#define SIP_PORT 5060
#define RTP_PORT 40000
#define DNS_PORT 53
#define WEB_PORT 443

/* The phone's ports of new flows begin here, and those of its calls' media. */
#define FLOW_PORT 20000
#define CALL_PORT 50000

struct kind {
	const char *name;
	const char *start;	/* request line up to the Request-URI's end */
	const char *method;
	const char *headers;	/* further ones */
	const char *type;	/* of the body; NULL for none */
	size_t len;		/* of the whole message */
	unsigned short port;
	bool fresh;		/* a new Call-ID each time */
};

static const char sdp[] =
	"v=0\r\n"
	"o=alice 2890844526 2890844526 IN IP%d %s\r\n"
	"s=-\r\n"
	"c=IN IP%d %s\r\n"
	"t=0 0\r\n"
	"m=audio 49170 RTP/AVP 0 8 97 101\r\n"
	"a=rtpmap:0 PCMU/8000\r\n"
	"a=rtpmap:8 PCMA/8000\r\n"
	"a=rtpmap:97 iLBC/8000\r\n"
	"a=rtpmap:101 telephone-event/8000\r\n"
	"a=fmtp:101 0-16\r\n"
	"a=sendrecv\r\n";

static const char digest[] =
	"Authorization: Digest username=\"alice\",realm=\"example.com\","
	"nonce=\"84a4cc6f3082121f32b42a2187831a9e\",uri=\"sip:example.com\","
	"response=\"7587245234b3434cc3412213e5f113a5\"\r\nExpires: 3600\r\n";

static const struct kind kinds[] = {
	{ "OPTIONS", "sip:bob@example.com", "OPTIONS", "", NULL, 465, SIP_PORT, false },
	{ "REGISTER", "sip:example.com", "REGISTER", digest, NULL, 665, SIP_PORT, false },
	{ "INVITE", "sip:bob@example.com", "INVITE", "", "application/sdp", 712, SIP_PORT, false },
	{ "INVITE-new", "sip:bob@example.com", "INVITE", "", "application/sdp", 712, SIP_PORT,
	  true },
	{ "MESSAGE", "sip:bob@example.com", "MESSAGE", "", "text/plain", 1594, SIP_PORT, false },
	{ "keep-alive", NULL, NULL, NULL, NULL, 4, SIP_PORT, false },
	{ "RTP", NULL, NULL, NULL, NULL, 172, RTP_PORT, false },
};

/* Flows that are not SIP, measured by what begins them. */
static const struct flow {
	const char *name;
	int type;
	unsigned short port;
} flows[] = {
	{ "new-DNS", SOCK_DGRAM, DNS_PORT },
	{ "new-UDP", SOCK_DGRAM, RTP_PORT },
	{ "new-TCP", SOCK_STREAM, WEB_PORT },
};

/* Between these two blocks.c notes what runs. */
void trace_begin(void);
void trace_end(void);

__attribute__((__noipa__)) void trace_begin(void)
{
	asm volatile("");
}

__attribute__((__noipa__)) void trace_end(void)
{
	asm volatile("");
}

/* Pads with a header that no ALG looks at, or with text, to exactly the kind's length. */
static size_t build(char *text, const struct kind *kind, const char *address, unsigned int id)
{
	bool six = strchr(address, ':');
	const char *open = six ? "[" : "", *close = six ? "]" : "";
	char body[TEXT_MAX] = "", type[64] = "";
	int bare, pad, n;

	if (!kind->method) {
		memcpy(text, "\r\n\r\n", 4);
		memset(text + 4, 0x80, kind->len - 4);
		return kind->len;
	}
	if (kind->type) {
		snprintf(type, sizeof(type), "Content-Type: %s\r\n", kind->type);
		if (strcmp(kind->type, "text/plain"))
			snprintf(body, sizeof(body), sdp, six ? 6 : 4, address, six ? 6 : 4,
				 address);
		else
			snprintf(body, sizeof(body), "%01100d", 0);
	}
	for (bare = 0, pad = 0;; pad = (int)kind->len - bare) {
		n = snprintf(text, TEXT_MAX,
			     "%s %s SIP/2.0\r\n"
			     "Via: SIP/2.0/UDP %s%s%s:5060;branch=z9hG4bK776asdhds%08u\r\n"
			     "Max-Forwards: 70\r\n"
			     "To: <sip:bob@example.com>\r\n"
			     "From: \"Alice\" <sip:alice@example.com>;tag=1928301774\r\n"
			     "Call-ID: a84b4c76e66710%08u\r\n"
			     "CSeq: 314159 %s\r\n"
			     "Contact: <sip:alice@%s%s%s:5060>\r\n"
			     "%s%s"
			     "User-Agent: phone%.*s\r\n"
			     "Content-Length: %zu\r\n\r\n%s",
			     kind->method, kind->start, open, address, close, id, id,
			     kind->method, open, address, close, kind->headers, type, pad,
			     "/1.0 (built to be of the length that is asked for; "
			     "no application layer gateway needs to look at this text, "
			     "nor at the rest of it, which goes on and on and on, "
			     "until the message is as long as the table says it should be, "
			     "and so it does, and so it does, and so it does, and so it does)",
			     strlen(body), body);
		if (pad)
			break;
		bare = n;
	}
	if ((size_t)n != kind->len)
		errx(1, "%s has %d bytes, not %zu", kind->name, n, kind->len);
	return n;
}

static void measure(const struct kind *kind, int phone, int server, const char *phone_address,
		    const char *server_address)
{
	struct sockaddr_storage to;
	socklen_t to_len = make_address(&to, server_address, kind->port);
	static unsigned int id;
	long long cost[ROUNDS];
	char text[TEXT_MAX];
	size_t len = 0;
	int i;

	for (i = -WARM_UP; i < ROUNDS; i++) {
		long long begin;

		if (!len || kind->fresh)
			len = build(text, kind, phone_address, id++);
		begin = now();
		if (i >= ROUNDS - TRACED)
			trace_begin();
		if (sendto(phone, text, len, 0, (struct sockaddr *)&to, to_len) < 0)
			err(1, "%s: send", kind->name);
		trace_end();
		if (i >= 0)
			cost[i] = now() - begin;
		if (recv(server, text + TEXT_MAX - 1, 1, MSG_DONTWAIT | MSG_TRUNC) <= 0)
			err(1, "%s: not received", kind->name);
	}
	printf("%s %zu %lld\n", kind->name, kind->len, median(cost, ROUNDS));
}

/* The messages of a call, each sent by the phone or by the server. */
static const struct step {
	const char *name;
	const char *start;	/* the first line */
	const char *cseq;
	bool answer;		/* the server's; the others are the phone's */
	bool body;
} steps[] = {
	{ "call-INVITE", "INVITE sip:bob@example.com SIP/2.0", "1 INVITE", false, true },
	{ "call-180", "SIP/2.0 180 Ringing", "1 INVITE", true, false },
	{ "call-200", "SIP/2.0 200 OK", "1 INVITE", true, true },
	{ "call-ACK", "ACK sip:bob@example.com SIP/2.0", "1 ACK", false, false },
	{ "call-BYE", "BYE sip:bob@example.com SIP/2.0", "2 BYE", false, false },
	{ "call-end", "SIP/2.0 200 OK", "2 BYE", true, false },
};

#define STEPS	(sizeof(steps) / sizeof(steps[0]))
#define VIA_MAX	256

/* Writes a message of call @id; @via is the line of the request that is answered. */
static int write_step(char *text, const struct step *step, const char *address, const char *via,
		      unsigned int id)
{
	bool six = strchr(address, ':');
	const char *open = six ? "[" : "", *close = six ? "]" : "";
	char body[256] = "";

	if (step->body)
		snprintf(body, sizeof(body),
			 "v=0\r\no=- 1 1 IN IP%d %s\r\ns=-\r\nc=IN IP%d %s\r\nt=0 0\r\n"
			 "m=audio %u RTP/AVP 0\r\n", six ? 6 : 4, address, six ? 6 : 4, address,
			 CALL_PORT + 2 * id);
	return snprintf(text, TEXT_MAX,
			"%s\r\n"
			"%s\r\n"
			"Max-Forwards: 70\r\n"
			"To: <sip:bob@example.com>%s\r\n"
			"From: \"Alice\" <sip:alice@example.com>;tag=1928301774\r\n"
			"Call-ID: c84b4c76e66710%08u\r\n"
			"CSeq: %s\r\n"
			"Contact: <sip:%s%s%s:5060>\r\n"
			"%s"
			"Content-Length: %zu\r\n\r\n%s",
			step->start, via, step == steps ? "" : ";tag=314159", id, step->cseq, open,
			address, close, step->body ? "Content-Type: application/sdp\r\n" : "",
			strlen(body), body);
}

/* The second line of a request, which is the Via that the answer to it has. */
static void read_via(char *via, const char *request)
{
	const char *line = strchr(request, '\n');
	int len = line ? (int)strcspn(line + 1, "\r") : 0;

	snprintf(via, VIA_MAX, "%.*s", len, line ? line + 1 : "");
}

/* Of all calls the first message, then of all the second one, and so on. */
static void measure_calls(int phone, int server, const char *phone_address,
			  const char *server_address)
{
	static char via[WARM_UP + ROUNDS][VIA_MAX];
	bool six = strchr(phone_address, ':');
	struct sockaddr_storage to, outside;
	socklen_t to_len = make_address(&to, server_address, SIP_PORT);
	socklen_t outside_len = sizeof(outside);
	const struct step *step;
	long long cost[ROUNDS];
	char text[TEXT_MAX], own[VIA_MAX];
	int bytes, i;

	for (step = steps; step < steps + STEPS; step++) {
		int from = step->answer ? server : phone, at = step->answer ? phone : server;
		const struct sockaddr *dest = (struct sockaddr *)(step->answer ? &outside : &to);

		for (i = -WARM_UP; i < ROUNDS; i++) {
			unsigned int id = i + WARM_UP;
			long long begin;
			ssize_t len;

			snprintf(own, sizeof(own), "Via: SIP/2.0/UDP %s%s%s:5060;branch=z9hG4bK%s%u",
				 six ? "[" : "", phone_address, six ? "]" : "", step->name, id);
			bytes = step->answer ?
				write_step(text, step, server_address, via[id], id) :
				write_step(text, step, phone_address, own, id);
			begin = now();
			if (i >= ROUNDS - TRACED)
				trace_begin();
			len = sendto(from, text, bytes, 0, dest, to_len);
			trace_end();
			if (i >= 0)
				cost[i] = now() - begin;
			if (len < 0)
				err(1, "%s: send", step->name);
			len = step->answer ? recv(at, text, sizeof(text) - 1, MSG_DONTWAIT) :
			      recvfrom(at, text, sizeof(text) - 1, MSG_DONTWAIT,
				       (struct sockaddr *)&outside, &outside_len);
			if (len <= 0)
				err(1, "%s: not received", step->name);
			text[len] = '\0';
			if (!step->answer)
				read_via(via[id], text);
		}
		printf("%s %d %lld\n", step->name, bytes, median(cost, ROUNDS));
	}
}

/* Sends a datagram, or connects, and returns what that cost. */
static long long begin_flow(const struct flow *flow, int phone, int server,
			    const struct sockaddr_storage *to, socklen_t to_len, bool traced)
{
	const struct linger reset = { .l_onoff = 1 };
	long long begin = now(), cost;
	int accepted;
	char byte;

	if (traced)
		trace_begin();
	if (connect(phone, (const struct sockaddr *)to, to_len))
		err(1, "%s: connect", flow->name);
	if (flow->type == SOCK_DGRAM && send(phone, "query", 5, 0) < 0)
		err(1, "%s: send", flow->name);
	trace_end();
	cost = now() - begin;
	if (flow->type == SOCK_DGRAM) {
		if (recv(server, &byte, 1, MSG_DONTWAIT | MSG_TRUNC) != 5)
			err(1, "%s: not received", flow->name);
		return cost;
	}
	accepted = accept(server, NULL, NULL);
	if (accepted < 0)
		err(1, "%s: not accepted", flow->name);
	setsockopt(phone, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(accepted);
	return cost;
}

static void measure_flow(const struct flow *flow, char *argv[])
{
	struct sockaddr_storage to;
	socklen_t to_len = make_address(&to, argv[4], flow->port);
	static unsigned short port = FLOW_PORT;
	int server = open_in(argv[3], argv[4], flow->type, flow->port);
	long long cost[ROUNDS], once;
	int i;

	if (flow->type == SOCK_STREAM && listen(server, 1))
		err(1, "%s: listen", flow->name);
	for (i = -WARM_UP; i < ROUNDS; i++) {
		int phone = open_in(argv[1], argv[2], flow->type, port++);

		once = begin_flow(flow, phone, server, &to, to_len, i >= ROUNDS - TRACED);
		close(phone);
		if (i >= 0)
			cost[i] = once;
	}
	close(server);
	printf("%s %d %lld\n", flow->name, flow->type == SOCK_DGRAM ? 5 : 0,
	       median(cost, ROUNDS));
}

int main(int argc, char *argv[])
{
	int phone[2], server[2];
	size_t i;

	if (argc != 5)
		errx(2, "usage: path PHONE_NETNS PHONE_ADDRESS SERVER_NETNS SERVER_ADDRESS");
	phone[0] = open_in(argv[1], argv[2], SOCK_DGRAM, SIP_PORT);
	phone[1] = open_in(argv[1], argv[2], SOCK_DGRAM, RTP_PORT);
	server[0] = open_in(argv[3], argv[4], SOCK_DGRAM, SIP_PORT);
	server[1] = open_in(argv[3], argv[4], SOCK_DGRAM, RTP_PORT);
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		measure(&kinds[i], phone[kinds[i].port == RTP_PORT],
			server[kinds[i].port == RTP_PORT], argv[2], argv[4]);
	close(server[1]);
	for (i = 0; i < sizeof(flows) / sizeof(flows[0]); i++)
		measure_flow(&flows[i], argv);
	/* The bindings of calls would have new flows looked at. */
	measure_calls(phone[0], server[0], argv[2], argv[4]);
	return 0;
}
