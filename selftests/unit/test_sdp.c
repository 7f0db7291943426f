// SPDX-License-Identifier: GPL-2.0
/*
 * Session descriptions, and how they are found in a body.
 */
#include <stdio.h>
#include <stdlib.h>

#include "harness.h"

#define A "192.168.1.10"

/* An INVITE with this body; without Content-Length, so that it is all of the rest. */
static struct text invite(const char *type, const char *headers, const char *body)
{
	char lines[8192];

	snprintf(lines, sizeof(lines),
		 "INVITE sip:b@h SIP/2.0\nVia: SIP/2.0/UDP h\nFrom: sip:a@h\nTo: sip:b@h\n"
		 "Call-ID: c\nCSeq: 1 INVITE\nContent-Type: %s\n%s\n%s", type, headers, body);
	return message(lines);
}

static struct text parse_sdp(struct sip_msg *msg, const char *sdp)
{
	struct text text = invite("application/sdp", "", sdp);

	assert_string_equal(verdict_names[parse(msg, text)], "ok");
	return text;
}

static enum sip_verdict verdict_of(const char *sdp)
{
	struct sip_msg msg;

	return find_fault(&msg, invite("application/sdp", "", sdp));
}

static void lines(void **state)
{
	static const struct {
		const char *sdp;
		enum sip_verdict verdict;
	} cases[] = {
		{ "v=0\n", SIP_OK },
		{ "v=0", SIP_OK },
		{ "v=0\ns=c=IN IP4\nx=y\nb=AS:1\nz=0 0\njunk\n\n=\nq\xff=1\n", SIP_OK },
		{ "\nv=0\n", SIP_OK },
		{ " \t\n\n v=0\n", SIP_OK },
		{ "\xef\xbb\xbfv=0\n", SIP_OK },
		{ "\xef\xbbv=0\n", SIP_BAD_SDP },
		{ "o=- 1 1 IN IP4 " A "\nv=0\n", SIP_BAD_SDP },
		{ "junk", SIP_BAD_SDP },
		{ "v=0\nv=0\n", SIP_OK },
		{ "v=0\nm=audio 1 RTP/AVP 0\nv=0\n", SIP_BAD_SDP },
		{ "v =0\n", SIP_BAD_SDP },
		{ "v=0\nm =audio 1 RTP/AVP 0\n", SIP_BAD_SDP },
		{ "v=0\nm\n", SIP_BAD_SDP },
		{ "v=0\nc =IN IP4 " A "\n", SIP_BAD_SDP },
		{ "v=0\nc=IN IP4 " A "\nc=IN IP4 " A "\n", SIP_BAD_SDP },
		{ "v=0\nc=\n", SIP_BAD_SDP },
		{ "v=0\nc=IN\n", SIP_BAD_SDP },
		{ "v=0\nc=IN IP4\n", SIP_BAD_SDP },
		{ "v=0\nc=IN IP4 /127\n", SIP_BAD_SDP },
		{ "v=0\nc=IN  IP4  h \n", SIP_OK },
		{ "v=0\nm=\n", SIP_BAD_SDP },
		{ "v=0\nm=audio\n", SIP_BAD_SDP },
		{ "v=0\nm=audio 1\n", SIP_BAD_SDP },
		{ "v=0\nm=audio 0\n", SIP_OK },
		{ "v=0\nm=audio x RTP/AVP 0\n", SIP_BAD_SDP },
		{ "v=0\nm=audio -1 RTP/AVP 0\n", SIP_BAD_SDP },
		{ "v=0\nm=audio 65536 RTP/AVP 0\n", SIP_BAD_SDP },
		{ "v=0\nm=audio 4294967297 RTP/AVP 0\n", SIP_BAD_SDP },
		{ "v=0\nm=audio 1/ RTP/AVP 0\n", SIP_BAD_SDP },
		{ "v=0\nm=audio 1/0 RTP/AVP 0\n", SIP_BAD_SDP },
		{ "v=0\nm=audio 1/2x RTP/AVP 0\n", SIP_BAD_SDP },
		{ "v=0\nm=audio 1/65536 RTP/AVP 0\n", SIP_BAD_SDP },
		{ "v=0\nm=audio 1x RTP/AVP 0\n", SIP_BAD_SDP },
		{ "v=0\nm=audio 1 RTP/AVP\n", SIP_OK },
		{ "v=0\nm=audio 65535 RTP/AVP 0\n", SIP_OK },
		{ "v=0\na=rtcp:x\nm=audio 1 RTP/AVP 0\n", SIP_OK },
		{ "v=0\nm=audio 1 RTP/AVP 0\na=rtcp:\n", SIP_BAD_SDP },
		{ "v=0\nm=audio 1 RTP/AVP 0\na=rtcp:x\n", SIP_BAD_SDP },
		{ "v=0\nm=audio 1 RTP/AVP 0\na=rtcp:65536\n", SIP_BAD_SDP },
		{ "v=0\nm=audio 1 RTP/AVP 0\na=rtcp:1 IN IP4\n", SIP_BAD_SDP },
		{ "v=0\nm=audio 1 RTP/AVP 0\na=rtcp:1\na=rtcp:2\n", SIP_BAD_SDP },
		{ "v=0\nm=audio 1 RTP/AVP 0\na=rtcp:1 \n", SIP_OK },
		{ "v=0\nm=audio 1 RTP/AVP 0\na=rtcp\na=rtcpx:1\na=rt\na=\na\n", SIP_OK },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		if (verdict_of(cases[i].sdp) != cases[i].verdict)
			fail_msg("%s: %s", cases[i].sdp, verdict_names[verdict_of(cases[i].sdp)]);
	}
}

static void origins(void **state)
{
	static const struct {
		const char *line;
		const char *text;
		u8 family;
	} cases[] = {
		{ "o=- 1 1 IN IP4 192.0.2.1", "192.0.2.1", 4 },
		{ "o=- 1 1 IN IP6 2001:db8::1", "2001:db8::1", 6 },
		{ "o=Alice At Home 1 1 IN IP4 192.0.2.1", "192.0.2.1", 4 },
		{ "o=- 1 1 IN IP4 192.0.2.1  ", "192.0.2.1", 4 },
		{ "o=- 1 1 in ip4 192.0.2.1", "192.0.2.1", 4 },
		{ "o=- 1 1 IN IP4 h.example.com", "h.example.com", 0 },
		{ "o=- 1 1 IN IP4 2001:db8::1", "2001:db8::1", 0 },
		{ "o=- 1 1 IN IP6 192.0.2.1", "192.0.2.1", 0 },
		{ "o=- 1 1 IN IP4 192.000.002.001", "192.000.002.001", 4 },
		{ "o=- 1 1 IN IP4 192.0.2.0001", "192.0.2.0001", 0 },
		{ "o=- 1 1 IN IP4 192.0.02.256", "192.0.02.256", 0 },
		{ "o=- 1 1 IN IP4 192.0.02", "192.0.02", 0 },
		{ "o=- 1 1 IN IP4 192.0.02.1.", "192.0.02.1.", 0 },
		{ "o=- 1 1 IN IP5 192.0.2.1", "192.0.2.1", 0 },
		{ "o=- 1 1 TN IP4 192.0.2.1", "", 0 },
		{ "o=- 1 1 IN  IP4 192.0.2.1", "192.0.2.1", 4 },
		{ "o=- 1 1 IN IP4  192.0.2.1", "192.0.2.1", 4 },
		{ "o=-\t1\t1\tin\tip4\t192.0.2.1\t", "192.0.2.1", 4 },
		{ "o=- 1 1 IN\tIP6\t2001:db8::1", "2001:db8::1", 6 },
		{ "o=- 1 1 IN IP6 [2001:db8::1]", "2001:db8::1", 6 },
		{ "o=- 1 1 TN\tIP4\t192.0.2.1", "", 0 },
		{ "o=- 1 1 IN\tIP\t192.0.2.1", "192.0.2.1", 0 },
		{ "o=IP4    192.0.2.1", "", 0 },
		{ "o=192.0.2.1", "", 0 },
		{ "o=IP4 192.0.2.1", "", 0 },
		{ "o=", "", 0 },
		{ "o", "", 0 },
	};
	struct sip_msg msg;
	struct text text;
	char sdp[256];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		snprintf(sdp, sizeof(sdp), "v=0\n%s\n", cases[i].line);
		text = parse_sdp(&msg, sdp);
		assert_span(text, msg.sdp.origin.text, cases[i].text);
		assert_int_equal(msg.sdp.origin.ep.family, cases[i].family);
	}
}

static void connections(void **state)
{
	struct sip_msg msg;
	struct text text;

	(void)state;
	text = parse_sdp(&msg, "v=0\nc=IN IP4 192.0.2.1/127/3\nm=audio 1 RTP/AVP 0\n"
			 "m=audio 2 RTP/AVP 0\nc=IN IP6 2001:db8::1\n"
			 "m=audio 3 RTP/AVP 0\nc=IN IP4 224.2.1.1/127\nc=IN IP4 224.2.1.2/127\n"
			 "c=IN IP4 224.2.1.3/127\nm=audio 4 RTP/AVP 0\nc=IN IP4 h/1\n");
	assert_span(text, msg.sdp.connection.text, "192.0.2.1");
	assert_int_equal(msg.sdp.connection.ep.family, 4);
	assert_int_equal(msg.sdp.n_media, 4);
	assert_span(text, msg.sdp.media[0].connection.text, "");
	assert_span(text, msg.sdp.media[1].connection.text, "2001:db8::1");
	assert_int_equal(msg.sdp.media[1].connection.ep.family, 6);
	assert_false(msg.sdp.media[1].layered);
	assert_span(text, msg.sdp.media[2].connection.text, "");
	assert_true(msg.sdp.media[2].layered);
	assert_span(text, msg.sdp.media[3].connection.text, "h");
	assert_int_equal(msg.sdp.media[3].connection.ep.family, 0);

	text = parse_sdp(&msg, "v=0\nc=IN IP6 [2001:db8::1]/3\nm=audio 1 RTP/AVP 0\n"
			 "c=IN IP6 [h]\nm=audio 2 RTP/AVP 0\nc=IN IP4 []\n");
	assert_span(text, msg.sdp.connection.text, "2001:db8::1");
	assert_int_equal(msg.sdp.connection.ep.family, 6);
	assert_span(text, msg.sdp.media[0].connection.text, "h");
	assert_span(text, msg.sdp.media[1].connection.text, "[]");
	/* Words of o= that are those of c= in another order are not read like it. */
	text = parse_sdp(&msg, "v=0\no=- 1 1 IN IP4    192.0.2.1\nc=IP4    192.0.2.1\n");
	assert_int_equal(msg.sdp.origin.ep.family, 4);
	assert_int_equal(msg.sdp.connection.ep.family, 0);
	text = parse_sdp(&msg, "v=0\no=- 1 1 IN\tIP4\t192.0.2.1\nc=IN\tIP4\t192.0.2.1\n");
	assert_int_equal(msg.sdp.connection.ep.family, 4);
}

static void media(void **state)
{
	static const struct {
		const char *line;
		u16 port;
		u16 count;
		u8 proto;
		const char *formats;
	} cases[] = {
		{ "m=audio 4000 RTP/AVP 0 8", 4000, 1, SDP_PROTO_RTP, "0 8" },
		{ "m=audio 4000/2 RTP/SAVPF 0", 4000, 2, SDP_PROTO_RTP, "0" },
		{ "m=audio 0 UDP/TLS/RTP/SAVP 0", 0, 1, SDP_PROTO_RTP, "0" },
		{ "m=audio 1 DCCP/TLS/RTP/SAVP 0", 1, 1, SDP_PROTO_FOREIGN, "0" },
		{ "m=application 1 SCTP webrtc-datachannel", 1, 1, SDP_PROTO_FOREIGN, "webrtc-datachannel" },
		{ "m=application 1 DTLS/SCTP 5000", 1, 1, SDP_PROTO_FOREIGN, "5000" },
		{ "m=application 1 UDP/DTLS/SCTP 5000", 1, 1, SDP_PROTO_OTHER, "5000" },
		{ "m=application 1 TCP/DTLS/SCTP 5000", 1, 1, SDP_PROTO_TCP, "5000" },
		{ "m=audio\t4000\tRTP/AVP\t0", 4000, 1, SDP_PROTO_RTP, "0" },
		{ "m=audio 1 rtp/avp 0", 1, 1, SDP_PROTO_RTP, "0" },
		{ "m=audio 1 XRTP/AVP 0", 1, 1, SDP_PROTO_OTHER, "0" },
		{ "m=audio 1 RTP 0", 1, 1, SDP_PROTO_OTHER, "0" },
		{ "m=image 1 udptl t38", 1, 1, SDP_PROTO_OTHER, "t38" },
		{ "m=image 1 UDP/TLS/UDPTL t38", 1, 1, SDP_PROTO_OTHER, "t38" },
		{ "m=image 1 TCP t38", 1, 1, SDP_PROTO_TCP, "t38" },
		{ "m=image 1 TCPTL t38", 1, 1, SDP_PROTO_TCP, "t38" },
		{ "m=message 1 TCP/TLS/MSRP *", 1, 1, SDP_PROTO_TCP, "*" },
		{ "m=audio 1 TCP/RTP/AVP 0", 1, 1, SDP_PROTO_TCP, "0" },
		{ "m=  audio   1  x  y  z ", 1, 1, SDP_PROTO_OTHER, " y  z" },
		{ "m=audio 1 /", 1, 1, SDP_PROTO_OTHER, "" },
	};
	struct sip_msg msg;
	struct text text;
	char sdp[256];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		snprintf(sdp, sizeof(sdp), "v=0\n%s\n", cases[i].line);
		text = parse_sdp(&msg, sdp);
		assert_int_equal(msg.sdp.n_media, 1);
		assert_int_equal(msg.sdp.media[0].port, cases[i].port);
		assert_int_equal(msg.sdp.media[0].count, cases[i].count);
		assert_int_equal(msg.sdp.media[0].proto, cases[i].proto);
		assert_span(text, msg.sdp.media[0].formats, cases[i].formats);
	}
	text = parse_sdp(&msg, "v=0\nm=audio 4000 RTP/AVP 0\na=rtcp:53020 IN IP6 2001:db8::1\n"
			 "a=rtcp-mux\nm=video 4002 RTP/AVP 31\na=rtcp-mux-only\n"
			 "m=video 4002 RTP/AVP 31\na=rtcp-mu\n");
	assert_span(text, msg.sdp.media[0].kind, "audio");
	assert_span(text, msg.sdp.media[0].port_text, "4000");
	assert_span(text, msg.sdp.media[0].rtcp_text, "53020");
	assert_int_equal(msg.sdp.media[0].rtcp_port, 53020);
	assert_span(text, msg.sdp.media[0].rtcp_address.text, "2001:db8::1");
	assert_true(msg.sdp.media[0].mux);
	assert_true(msg.sdp.media[1].mux);
	assert_false(msg.sdp.media[2].mux);
}

static void ice(void **state)
{
	static const struct {
		const char *line;
		bool ice;
	} cases[] = {
		{ "a=ice-ufrag:8hhY", true },
		{ "a=ice-pwd:asd88fgpdd777uzjYhagZg", true },
		{ "a=candidate:1 1 UDP 1 192.0.2.1 4000 typ host", true },
		{ "m=audio 1 RTP/AVP 0\na=ice-pwd:asd88fgpdd777uzjYhagZg", true },
		{ "m=audio 1 RTP/AVP 0\na=candidate:1 1 UDP 1 192.0.2.1 4000 typ host", true },
		{ "a=ice-lite", false },
		{ "a=ice-options:trickle", false },
		{ "a=x-ice-pwd:1", false },
		{ "b=ice-pwd:1", false },
	};
	struct sip_msg msg;
	char sdp[256];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		snprintf(sdp, sizeof(sdp), "v=0\n%s\n", cases[i].line);
		parse_sdp(&msg, sdp);
		assert_int_equal(msg.sdp.ice, cases[i].ice);
	}
}

static void too_many_media(void **state)
{
	struct sip_msg msg;
	char sdp[4096] = "v=0\n";
	int i;

	(void)state;
	for (i = 0; i < SDP_MEDIA_MAX; i++)
		strcat(sdp, "m=audio 1 RTP/AVP 0\n");
	parse_sdp(&msg, sdp);
	assert_int_equal(msg.sdp.n_media, SDP_MEDIA_MAX);
	strcat(sdp, "m=audio 1 RTP/AVP 0\n");
	assert_int_equal(verdict_of(sdp), SIP_TOO_MANY);
}

/* Is the description "v=0\ns=yes\n" found in this body, or none? */
static void assert_found(const char *type, const char *headers, const char *body, bool found)
{
	struct text text = invite(type, headers, body);
	enum sip_verdict verdict;
	struct sip_msg msg;

	verdict = parse(&msg, text);
	if (verdict)
		fail_msg("%s, %s: %s", type, headers, verdict_names[verdict]);
	if (!found)
		assert_span(text, msg.sdp.body, "");
	else if (msg.sdp.body.len < 10 || memcmp(text.data + msg.sdp.body.off, "v=0\r\ns=yes", 10))
		fail_msg("%s, %s: not found", type, headers);
}

static void content_types(void **state)
{
	static const struct {
		const char *type;
		bool sdp;
	} cases[] = {
		{ "application/sdp", true },
		{ "Application/SDP", true },
		{ "application / sdp ; charset=x", true },
		{ "application/sdp;", true },
		{ "application/sdpx", false },
		{ "application/sd", false },
		{ "application/sdp-x", false },
		{ "xapplication/sdp", false },
		{ "applicatiom/sdp", false },
		{ "application", false },
		{ "application/", false },
		{ "sdp", false },
		{ "text/plain", false },
		{ "text/sdp", false },
		{ "", false },
		{ "multipart/mixed", false },
		{ "multipart/mixed;boundary=", false },
		{ "multipart/mixed;;boundary=b", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		assert_found(cases[i].type, "", "v=0\ns=yes\n", cases[i].sdp);
	assert_found("application/sdp", "Content-Encoding: identity\n", "v=0\ns=yes\n", true);
	assert_found("application/sdp", "Content-Encoding:\n", "v=0\ns=yes\n", true);
	assert_found("application/sdp", "Content-Encoding: gzip\n", "v=0\ns=yes\n", false);
	assert_found("application/sdp", "e: identityx\n", "v=0\ns=yes\n", false);
	assert_found("application/sdp", "Content-Transfer-Encoding: 7BIT\n", "v=0\ns=yes\n", true);
	assert_found("application/sdp", "Content-Transfer-Encoding: 8bit\n", "v=0\ns=yes\n", true);
	assert_found("application/sdp", "Content-Transfer-Encoding: binary\n", "v=0\ns=yes\n", true);
	assert_found("application/sdp", "Content-Transfer-Encoding: base64\n", "v=0\ns=yes\n", false);
	assert_found("application/sdp", "Identity: x\n", "v=0\ns=yes\n", true);
	assert_found("application/sdp", "Identity-Info: x\n", "v=0\ns=yes\n", false);
	assert_found("application/sdp", "n: x\n", "v=0\ns=yes\n", false);
	assert_found("application/sdp", "Content-Length: 0\n", "v=0\ns=yes\n", false);
	assert_found("application/sdp", "", "", false);
}

static void repeated_type(void **state)
{
	struct sip_msg msg;

	(void)state;
	assert_int_equal(find_fault(&msg, invite("application/sdp", "c: application/sdp\n",
						 "v=0\n")), SIP_OK);
	assert_int_not_equal(msg.sdp.body.len, 0);
	assert_int_equal(find_fault(&msg, invite("application/sdp", "c: text/plain\n", "v=0\n")),
			 SIP_BAD_VALUE);
	assert_int_equal(msg.sdp.body.len, 0);
}

static void multiparts(void **state)
{
	static const struct {
		const char *type;
		const char *body;
		bool sdp;
	} cases[] = {
		{ "multipart/mixed;boundary=b",
		  "--b\nContent-Type: application/sdp\n\nv=0\ns=yes\n--b--\n", true },
		{ "MULTIPART/x;a=\"boundary=c\";BOUNDARY = \"b\"",
		  "--b\nContent-Type: application/sdp\n\nv=0\ns=yes\n--b--\n", true },
		{ "multipart/mixed;boundaryx=c;boundary=b;boundary=c",
		  "--b\nContent-Type: application/sdp\n\nv=0\ns=yes\n--b--\n", true },
		/* A preamble, an epilogue, blanks behind the delimiter. */
		{ "multipart/mixed;boundary=b",
		  "Content-Type: application/sdp\n\nv=0\n--b \t\nc : application/sdp\n\nv=0\ns=yes\n"
		  "--b--  \n--b\nContent-Type: application/sdp\n\nv=0\n", true },
		/* No final boundary, no line end. */
		{ "multipart/mixed;boundary=b",
		  "--b\nContent-Type: application/sdp\n\nv=0\ns=yes", true },
		/* A delimiter must be a whole line. */
		{ "multipart/mixed;boundary=b",
		  "--bb\n--b-\n --b\n-b\n--\n--b\nContent-Type: application/sdp\n\n"
		  "v=0\ns=yes\n--bc\n--b-\n--b--x\n--b--\n", true },
		{ "multipart/mixed;boundary=\"a:b\"",
		  "--a:b\nX: y\n--a:b\nContent-Type: application/sdp\n\nv=0\ns=yes\n--a:b--", true },
		/* Other parts, a part that has no headers, one that is cut off. */
		{ "multipart/mixed;boundary=b",
		  "--b\nContent-Type: text/plain\n\nv=0\n--b\n\nv=0\n--b\nContent-Type: "
		  "application/sdp\n--b\njunk\n\nv=0\n--b\nContent-Type: application/sdp\n\n"
		  "v=0\ns=yes\n--b\n", true },
		{ "multipart/mixed;boundary=b", "--b\nContent-Type: application/sdp\n", false },
		{ "multipart/mixed;boundary=b", "--b\nContent-Type: application/sdp\n\n", false },
		{ "multipart/mixed;boundary=b", "--b\nContent-Type: application/sdp\n\n--b--", false },
		{ "multipart/mixed;boundary=b", "--b", false },
		{ "multipart/mixed;boundary=b", "--b--\n--b\nc: application/sdp\n\nv=0\ns=no\n", false },
		/* Encodings. */
		{ "multipart/mixed;boundary=b",
		  "--b\nContent-Type: application/sdp\nContent-Transfer-Encoding: base64\n\n"
		  "v=0\ns=no\n--b--", false },
		{ "multipart/mixed;boundary=b",
		  "--b\nContent-Encoding: gzip\nContent-Type: application/sdp\n\nv=0\ns=no\n--b--",
		  false },
		{ "multipart/mixed;boundary=b",
		  "--b\nContent-Transfer-Encoding: 8bit\nContent-Type: application/sdp\n\n"
		  "v=0\ns=yes\n--b--", true },
		/* Nested: the inner delimiter is a prefix of the outer, and the other way. */
		{ "multipart/mixed;boundary=bb",
		  "--bb\nContent-Type: multipart/alternative;boundary=b\n\n--b\n\nx\n--b\n"
		  "Content-Type: application/sdp\n\nv=0\ns=yes\n--bb\nContent-Type: text/plain\n\n"
		  "--b\nContent-Type: application/sdp\n\nv=0\n--bb--\n", true },
		{ "multipart/mixed;boundary=b",
		  "--b\nContent-Type: multipart/alternative;boundary=bb\n\n--bb\n\nx\n--bb--\n--b\n"
		  "Content-Type: application/sdp\n\nv=0\ns=yes\n--b--\n", true },
		{ "multipart/mixed;boundary=1",
		  "--1\nc: multipart/mixed;boundary=2\n\n--2\nc: multipart/mixed;boundary=3\n\n"
		  "--3\nc: multipart/mixed;boundary=4\n\n--4\nc: application/sdp\n\nv=0\ns=yes\n"
		  "--4--\n--3--\n--2--\n--1--\n", true },
		/* A signed body stays as it was signed. */
		{ "multipart/signed;boundary=b",
		  "--b\nContent-Type: application/sdp\n\nv=0\ns=no\n--b--\n", false },
		{ "multipart/mixed;boundary=b",
		  "--b\nContent-Type: multipart/signed;boundary=c\n\n--c\n"
		  "Content-Type: application/sdp\n\nv=0\ns=no\n--c--\n--b--\n", false },
		/* A boundary longer than any may be. */
		{ "multipart/mixed;boundary="
		  "12345678901234567890123456789012345678901234567890123456789012345678901",
		  "--12345678901234567890123456789012345678901234567890123456789012345678901\n"
		  "Content-Type: application/sdp\n\nv=0\ns=no\n", false },
		{ "multipart/mixed;boundary="
		  "1234567890123456789012345678901234567890123456789012345678901234567890",
		  "--1234567890123456789012345678901234567890123456789012345678901234567890\n"
		  "Content-Type: application/sdp\n\nv=0\ns=yes\n", true },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		assert_found(cases[i].type, "", cases[i].body, cases[i].sdp);
}

#define SDP_AT(port) "v=0\no=- 1 1 IN IP4 192.168.1.10\nc=IN IP4 192.168.1.10\nm=audio " port " RTP/AVP 0\n"
#define PART "Content-Type: application/sdp\n\n"

#define PARTS(type) "Content-Type: multipart/" type ";boundary=b\n\n--b\n"
#define NESTED(length)							\
	"Content-Type: multipart/mixed;boundary=a\n\n--a\nContent-Length: " length "\n" \
	PARTS("alternative")
#define SDP_PART(length, text) "Content-Type: application/sdp\nContent-Length: " length "\n\n" text

/* PJSIP and FreeSWITCH write the length of each part of a body, too. */
static void part_lengths(void **state)
{
	static const struct sent rows[] = {
		{ "it changes with the description",
		  PARTS("mixed") SDP_PART("48", "v=0\nc=IN IP4 " A "\nm=audio 40 RTP/AVP 0\n")
		  "--b\nContent-Type: text/plain\nContent-Length: 48\n\n" A "\n--b--\n",
		  PARTS("mixed") SDP_PART("50", "v=0\nc=IN IP4 203.0.113.5\nm=audio 10040 RTP/AVP 0\n")
		  "--b\nContent-Type: text/plain\nContent-Length: 48\n\n" A "\n--b--\n" },
		{ "so does that of the whole body",
		  "l: 156\n" PARTS("mixed") SDP_PART("98", "v=0\nc=IN IP4 " A "\nm=audio 40 RTP/AVP 0\n"
		  "m=audio 50 RTP/AVP 0\ns=xxxxxxxxxxxxxxxxxxxxxx\n"),
		  "l: 162\n" PARTS("mixed") SDP_PART("103", "v=0\nc=IN IP4 203.0.113.5\n"
		  "m=audio 10040 RTP/AVP 0\nm=audio 10050 RTP/AVP 0\ns=xxxxxxxxxxxxxxxxxxxxxx\n") },
		{ "each has its own",
		  PARTS("alternative") SDP_PART("48", "v=0\nc=IN IP4 " A "\nm=audio 40 RTP/AVP 0\n")
		  "--b\n" SDP_PART(" 049 ", "v=0\nc=IN IP4 " A "\nm=audio 400 RTP/AVP 0\n") "--b--\n",
		  PARTS("alternative") SDP_PART("50", "v=0\nc=IN IP4 203.0.113.5\nm=audio 10040 RTP/AVP 0\n")
		  "--b\n" SDP_PART(" 50 ", "v=0\nc=IN IP4 203.0.113.5\nm=audio 10400 RTP/AVP 0\n") "--b--\n" },
		{ "so does that of a part around it",
		  "l: 246\n" NESTED("161") SDP_PART("96", "v=0\nc=IN IP4 " A "\nm=audio 40 RTP/AVP 0\n"
		  "s=xxxxxxxxxxxxxxxxxxxxxx\nm=audio 50 RTP/AVP 0\n") "--b--\n--a--\n",
		  "l: 252\n" NESTED("167") SDP_PART("101", "v=0\nc=IN IP4 " "203.0.113.5" "\nm=audio 10040 RTP/AVP 0\n"
		  "s=xxxxxxxxxxxxxxxxxxxxxx\nm=audio 10050 RTP/AVP 0\n") "--b--\n--a--\n" },
		{ "and a part around both has the growth of both",
		  NESTED("223") SDP_PART("48", "v=0\nc=IN IP4 " A "\nm=audio 40 RTP/AVP 0\n")
		  "--b\n" SDP_PART("48", "v=0\nc=IN IP4 " A "\nm=audio 40 RTP/AVP 0\n")
		  "--b--\n\n--a--\n",
		  NESTED("227") SDP_PART("50", "v=0\nc=IN IP4 " "203.0.113.5" "\nm=audio 10040 RTP/AVP 0\n")
		  "--b\n" SDP_PART("50", "v=0\nc=IN IP4 " "203.0.113.5" "\nm=audio 10040 RTP/AVP 0\n")
		  "--b--\n\n--a--\n" },
		{ "a wrong one stays",
		  PARTS("mixed") SDP_PART("49", "v=0\nc=IN IP4 " A "\nm=audio 40 RTP/AVP 0\n") "--b--\n",
		  PARTS("mixed") SDP_PART("49", "v=0\nc=IN IP4 203.0.113.5\nm=audio 10040 RTP/AVP 0\n") "--b--\n" },
		{ "so does what is no number",
		  PARTS("mixed") SDP_PART("48 bytes", "v=0\nc=IN IP4 " A "\nm=audio 40 RTP/AVP 0\n") "--b--\n",
		  PARTS("mixed") SDP_PART("48 bytes", "v=0\nc=IN IP4 203.0.113.5\nm=audio 10040 RTP/AVP 0\n") "--b--\n" },
		{ "and one of a description that stays",
		  PARTS("mixed") SDP_PART("46", "v=0\nc=IN IP4 192.0.2.1\nm=audio 40 RTP/AVP 0\n") "--b--\n",
		  PARTS("mixed") SDP_PART("46", "v=0\nc=IN IP4 192.0.2.1\nm=audio 40 RTP/AVP 0\n") "--b--\n" },
	};

	(void)state;
	assert_all_sent(rows, ARRAY_SIZE(rows), "");
}

#define EARLY_PART PART_OF("early-session")
#define PART_OF(type) "Content-Type: application/sdp\nContent-Disposition: " type "\n\n"

/* The early session (RFC 3959) has offers of its own, wherever it stands. */
static void early_session(void **state)
{
	static const struct {
		const char *type;
		const char *headers;
		const char *body;
		u16 port, other;	/* of the session, and of the other description */
		bool early, other_early;
	} cases[] = {
		{ "application/sdp", "Content-Disposition: early-session\n", SDP_AT("4000"), 4000, 0, true },
		{ "application/sdp", "content-disposition : Early-Session ;handling=optional\n",
		  SDP_AT("4000"), 4000, 0, true },
		{ "application/sdp", "Content-Disposition: session\n", SDP_AT("4000"), 4000 },
		{ "application/sdp", "Content-Disposition: early-sessions\n", SDP_AT("4000"), 4000 },
		{ "application/sdp", "Content-Disposition:\n", SDP_AT("4000"), 4000 },
		{ "multipart/mixed;boundary=b", "Content-Disposition: early-session\n",
		  "--b\n" PART SDP_AT("4000") "--b--\n", 4000 },
		{ "multipart/mixed;boundary=b", "",
		  "--b\n" PART SDP_AT("4000") "--b\n" EARLY_PART SDP_AT("4010") "--b--\n",
		  4000, 4010, false, true },
		{ "multipart/mixed;boundary=b", "",
		  "--b\n" EARLY_PART SDP_AT("4000") "--b\n" PART_OF("session") SDP_AT("4010") "--b--\n",
		  4010, 4000, false, true },
		{ "multipart/mixed;boundary=b", "",
		  "--b\n" EARLY_PART SDP_AT("4000") "--b\n" EARLY_PART SDP_AT("4010") "--b--\n",
		  4010, 4000, true, true },
		{ "multipart/mixed;boundary=b", "",
		  "--b\n" PART SDP_AT("4000") "--b\n" PART SDP_AT("4010") "--b--\n", 4010, 4000 },
		{ "multipart/mixed;boundary=b", "",
		  "--b\n" PART "--b\n" EARLY_PART SDP_AT("4010") "--b--\n", 4010, 0, true },
	};
	struct sip_msg msg;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(parse(&msg, invite(cases[i].type, cases[i].headers, cases[i].body)),
				 SIP_OK);
		assert_int_equal(msg.sdp.media[0].port, cases[i].port);
		assert_int_equal(msg.sdp.early, cases[i].early);
		assert_int_equal(!msg.other.body.len, !cases[i].other);
		if (!cases[i].other)
			continue;
		assert_int_equal(msg.other.media[0].port, cases[i].other);
		assert_int_equal(msg.other.early, cases[i].other_early);
	}
}

/* Of two descriptions the reader takes one, or both: both change, or none. */
static void alternatives(void **state)
{
	static const struct {
		const char *type;
		const char *body;
		u32 asked[3];
		enum sip_verdict verdict;
	} cases[] = {
		{ "multipart/alternative;boundary=b",
		  "--b\n" PART SDP_AT("4000") "--b\n" PART SDP_AT("4010") "--b--\n", { 4000, 4010 }, SIP_OK },
		{ "Multipart/Alternative;boundary=b",
		  "--b\n" PART SDP_AT("4000") "--b\n" PART SDP_AT("4000"), { 4000, 4000 }, SIP_OK },
		/* They may stand deeper, side by side or not. */
		{ "multipart/mixed;boundary=a",
		  "--a\nc: text/plain\n\nx\n--a\nc: multipart/alternative;boundary=b\n\n"
		  "--b\n" PART SDP_AT("4000") "--b\n" PART SDP_AT("4010") "--b--\n--a--\n",
		  { 4000, 4010 }, SIP_OK },
		{ "multipart/alternative;boundary=a",
		  "--a\n" PART SDP_AT("4000") "--a\nc: multipart/mixed;boundary=b\n\n"
		  "--b\nc: text/plain\n\nx\n--b\n" PART SDP_AT("4010") "--b--\n--a--\n",
		  { 4000, 4010 }, SIP_OK },
		/* Not alternatives of each other: the reader takes both. */
		{ "multipart/alternativ;boundary=b",
		  "--b\n" PART SDP_AT("4000") "--b\n" PART SDP_AT("4010") "--b--\n",
		  { 4000, 4010 }, SIP_OK },
		{ "multipart/mixed;boundary=a",
		  "--a\nc: multipart/alternative;boundary=b\n\n--b\n" PART SDP_AT("4000") "--b--\n"
		  "--a\n" PART SDP_AT("4010") "--a--\n", { 4000, 4010 }, SIP_OK },
		{ "multipart/mixed;boundary=a",
		  "--a\n" PART SDP_AT("4000") "--a\nc: multipart/alternative;boundary=b\n\n"
		  "--b\n" PART SDP_AT("4010") "--b--\n--a--\n", { 4000, 4010 }, SIP_OK },
		{ "multipart/mixed;boundary=b",
		  "--b\n" EARLY_PART SDP_AT("4000") "--b\n" PART SDP_AT("4010") "--b--\n",
		  { 4000, 4010 }, SIP_OK },
		{ "multipart/mixed;boundary=b",
		  "--b\n" PART SDP_AT("4000") "--b\n" EARLY_PART SDP_AT("4010") "--b--\n",
		  { 4000, 4010 }, SIP_OK },
		/* A stream that stays in one is nothing to the other. */
		{ "multipart/mixed;boundary=b",
		  "--b\n" PART "v=0\no=- 1 1 IN IP4 192.168.1.10\n"
		  "m=audio 4000 RTP/AVP 0\nc=IN IP4 192.168.1.10\n"
		  "m=video 4020x RTP/AVP 31\nc=IN IP4 192.168.1.10\n"
		  "--b\n" EARLY_PART SDP_AT("0") "--b--\n", { 4000 }, SIP_OK },
		/* Of these one that cannot be read is for nobody. */
		{ "multipart/mixed;boundary=b",
		  "--b\n" PART "junk\n--b\n" PART SDP_AT("4010") "--b--\n", { 4010 }, SIP_OK },
		{ "multipart/mixed;boundary=b",
		  "--b\n" PART SDP_AT("4000") "--b\n" EARLY_PART "--b--\n", { 4000 }, SIP_OK },
		/* One that cannot be read, or would stay, keeps the other back. */
		{ "multipart/alternative;boundary=b",
		  "--b\n" PART "junk\n--b\n" PART SDP_AT("4010") "--b--\n", { 0 }, SIP_BAD_SDP },
		{ "multipart/alternative;boundary=b",
		  "--b\n" PART SDP_AT("4000") "--b\n" PART "--b--\n", { 0 }, SIP_BAD_SDP },
		{ "multipart/alternative;boundary=b",
		  "--b\n" PART SDP_AT("4000") "--b\n" PART SDP_AT("4010x") "--b--\n",
		  { 4000 }, SIP_BAD_SDP },
		{ "multipart/alternative;boundary=b",
		  "--b\n" PART SDP_AT("4000") "--b\n" PART SDP_AT("4010") "--b\n" PART SDP_AT("4020")
		  "--b--\n", { 0 }, SIP_BAD_SDP },
	};
	struct sip_plan plan;
	struct sip_msg msg;
	struct world w;
	size_t i;
	u32 k;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct text text = invite(cases[i].type, "", cases[i].body);

		assert_int_equal(parse(&msg, text), SIP_OK);
		world_outbound(&w, 4);
		if (translate(&plan, &msg, text, &w) != cases[i].verdict)
			fail_msg("case %zu: another verdict", i);
		for (k = 0; k < w.n_asked; k++)
			assert_int_equal(w.asked[k].inside.port, cases[i].asked[k]);
		assert_int_equal(cases[i].asked[k], 0);
		assert_true(cases[i].verdict ? !plan.n_edits : plan.n_edits);
	}
}

static void multipart_end(void **state)
{
	struct sip_msg msg;
	struct text text;

	(void)state;
	/* The line break in front of a delimiter belongs to the delimiter. */
	text = invite("multipart/mixed;boundary=b", "",
		      "--b\nc: application/sdp\n\nv=0\ns=-\n\n--b--\n");
	assert_int_equal(parse(&msg, text), SIP_OK);
	assert_span(text, msg.sdp.body, "v=0\r\ns=-\r\n");
}

static void multipart_refused(void **state)
{
	static const struct {
		const char *body;
		enum sip_verdict verdict;
	} cases[] = {
		{ "--b\nc: application/sdp\n\nv=0\n--b\nc: application/sdp\n\nv=0\n"
		  "--b\nc: application/sdp\n\nv=0\n--b--\n", SIP_BAD_SDP },
		{ "--b\nc: application/sdp\n\nv=0\nc=\n--b--\n", SIP_BAD_SDP },
		{ "--b\nc: multipart/x;boundary=c\n\n--c\nc: multipart/x;boundary=d\n\n--d\n"
		  "c: multipart/x;boundary=e\n\n--e\nc: multipart/x;boundary=f\n\n", SIP_TOO_MANY },
	};
	struct sip_msg msg;
	char body[1024];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(find_fault(&msg, invite("multipart/mixed;boundary=b", "",
						    cases[i].body)), cases[i].verdict);
	strcpy(body, "--b\n");
	for (i = 0; i < 40; i++)
		strcat(body, "X: y\n");
	strcat(body, "\n");
	assert_int_equal(find_fault(&msg, invite("multipart/mixed;boundary=b", "", body)),
			 SIP_TOO_MANY);
	body[0] = '\0';
	for (i = 0; i < 32; i++)
		strcat(body, "--b\n\nx\n");
	assert_int_equal(find_fault(&msg, invite("multipart/mixed;boundary=b", "", body)), SIP_OK);
	strcat(body, "--b\n\nx\n");
	assert_int_equal(find_fault(&msg, invite("multipart/mixed;boundary=b", "", body)),
			 SIP_TOO_MANY);
}

static void codecs(void **state)
{
	static const struct {
		const char *lines;	/* behind m= */
		u32 room;
		const char *first, *second;
	} cases[] = {
		{ "audio 1 RTP/AVP 0 8 97\na=rtpmap:0 PCMU/8000\na=rtpmap:97 iLBC/8000\n"
		  "a=rtpmap:8 PCMA/8000\n", 64, "audio PCMU/8000 PCMA/8000 iLBC/8000", NULL },
		{ "audio 1 RTP/AVP 0\nm=video 2 RTP/AVP 96\na=rtpmap:0 no/1\n"
		  "a=rtpmap:96 H264/90000\n", 64, "audio 0", "video H264/90000" },
		{ "image 1 udptl t38", 64, "image t38", NULL },
		{ "message 1 TCP/MSRP *", 64, "message *", NULL },
		{ "audio 1 RTP/AVP", 64, "audio", NULL },
		{ "audio 1 RTP/AVP 0 8", 9, "audio 0 8", NULL },
		{ "audio 1 RTP/AVP 0 8", 8, "audio 0", NULL },
		{ "audio 1 RTP/AVP 0 8", 5, "audio", NULL },
		{ "audio 1 RTP/AVP 0 8", 4, "", NULL },
		{ "audio 1 RTP/AVP 9\na=rtpmap:\na=rtpmap:9\na=rtpmap:9 G722\n", 64, "audio 9",
		  NULL },
		{ "audio 1 RTP/AVP 9\na=rtpmap\na=rtpmap:99 x\nA=RTPMAP:9 y\na=rtpmap:9  G722 z\n",
		  64, "audio G722", NULL },
		{ "au\x7f\xff 1 RTP/AVP 0\na=rtpmap:0 \tx\n", 64, "au?? x", NULL },
	};
	struct sip_msg msg;
	char sdp[512];
	u8 out[64];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct text text;
		u32 len;

		snprintf(sdp, sizeof(sdp), "v=0\nm=%s", cases[i].lines);
		text = parse_sdp(&msg, sdp);
		memset(out, '!', sizeof(out));
		len = sdp_codecs(&msg.sdp, 0, text.data, out, cases[i].room);
		assert_int_equal(len, strlen(cases[i].first));
		assert_memory_equal(out, cases[i].first, len);
		if (len < sizeof(out))
			assert_int_equal(out[len], '!');
		if (!cases[i].second)
			continue;
		len = sdp_codecs(&msg.sdp, 1, text.data, out, cases[i].room);
		assert_int_equal(len, strlen(cases[i].second));
		assert_memory_equal(out, cases[i].second, len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(origins),
		cmocka_unit_test(connections),
		cmocka_unit_test(media),
		cmocka_unit_test(codecs),
		cmocka_unit_test(ice),
		cmocka_unit_test(too_many_media),
		cmocka_unit_test(content_types),
		cmocka_unit_test(repeated_type),
		cmocka_unit_test(multiparts),
		cmocka_unit_test(part_lengths),
		cmocka_unit_test(early_session),
		cmocka_unit_test(alternatives),
		cmocka_unit_test(multipart_end),
		cmocka_unit_test(multipart_refused),
	};

	return cmocka_run_group_tests_name("sdp", tests, NULL, NULL);
}
