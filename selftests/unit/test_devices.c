// SPDX-License-Identifier: GPL-2.0
/*
 * Odd messages in the manner of devices and servers. Each row names where such
 * text is documented, or the rule that allows or forbids it, and says what
 * becomes of it.
 */
#include <stdio.h>
#include <stdlib.h>

#include "harness.h"

#define OWN	"192.168.1.10"
#define SHOWN	"203.0.113.5"

/* --- responses ---------------------------------------------------------------- */

/* A header of a response, which must not take the phone's own Via from it. */
struct response {
	const char *source;
	const char *header;
};

static const struct response responses[] = {
	{ "RFC 3261, 20.10: Contact of a name", "Contact: <sip:bob@sbc.example.net>\n" },
	{ "RFC 3261, 7.3.1: empty value of a list", "Contact: <sip:a@h>,, <sip:b@h>\n" },
	{ "RFC 3261, 25.1: empty parameter", "Contact: <sip:a@h>;;expires=60\n" },
	{ "RFC 3261, 19.1.1: port 0", "Contact: <sip:a@198.51.100.7:0>\n" },
	{ "RFC 3261, 19.1.1: port beyond 16 bits", "Contact: <sip:a@198.51.100.7:70000>\n" },
	{ "RFC 3261, 20.10: empty Contact", "Contact:\n" },
	{ "RFC 3261, 20: question mark without brackets", "Contact: sip:a@h?Route=x\n" },
	{ "RFC 3261, 25.1: display name with a comma", "Contact: Doe, John <sip:a@h>\n" },
	{ "RFC 3261, 25.1: quote without its end", "Contact: \"Doe <sip:a@h>\n" },
	{ "RFC 3261, 25.1: bracket without its end", "Contact: <sip:a@h\n" },
	{ "RFC 5118, 4.1: address without brackets", "Contact: <sip:a@2001:db8::1>\n" },
	{ "RFC 3261, 20.30: empty Record-Route", "Record-Route:\n" },
	{ "RFC 3261, 20.30: blanks in brackets", "Record-Route: < sip:h;lr >\n" },
	{ "RFC 3327, 4: malformed Path", "Path: <sip:>, <>\n" },
	{ "RFC 3515, 2.1: Refer-To twice", "Refer-To: <sip:a@h>\nRefer-To: <sip:b@h>\n" },
	{ "RFC 3261, 20.14: length of another body", "Content-Length: 7\n" },
	{ "RFC 3261, 20.14: no number", "Content-Length: x\n" },
	{ "RFC 3261, 20.14: two that differ", "Content-Length: 0\nl: 3\n" },
	{ "RFC 3261, 20.15: type twice", "Content-Type: text/plain\nc: application/sdp\n" },
	{ "RFC 3261, 20.16: CSeq twice", "CSeq: 2 INVITE\n" },
	{ "RFC 3261, 20.20: From twice", "From: <sip:a@h>;tag=2\n" },
	{ "RFC 3261, 20.39: To twice", "To: <sip:b@h>;tag=9\n" },
	{ "RFC 3261, 20.8: Call-ID twice", "Call-ID: other\n" },
	{ "RFC 3261, 7.3.1: line without a colon", "Server Asterisk PBX 18\n" },
	{ "RFC 3261, 7.3.1: blank in front of the colon", "Server : FPBX-16\n" },
	{ "RFC 3261, 7.3.1: folded Server", "Server: Cisco-SIPGateway\n /IOS-15.2\n" },
	{ "RFC 3261, 20.44: credentials in a response", "Authorization: Digest uri=\"x\n" },
	{ "RFC 3325, 9.1: malformed identity", "P-Asserted-Identity: \"x <sip:a@h\n" },
	{ "RFC 3608, 5: Service-Route", "Service-Route: <sip:orig@scscf.ims.example;lr>\n" },
	{ "RFC 7315, 4.5: P-Charging-Vector", "P-Charging-Vector: icid-value=;;;orig-ioi\n" },
	{ "RFC 5626, 4: several parameters", "Contact: <sip:a@h;ob>;reg-id=1;+sip.instance=\"<u>\"\n" },
	{ "RFC 5627, 4: GRUU", "Contact: <sip:a@h>;pub-gruu=\"sip:a@h;gr=urn:uuid:f8\"\n" },
	{ "RFC 3840, 9: feature tags", "Contact: <sip:a@h>;+g.3gpp.smsip;audio;methods=\"INVITE,BYE\"\n" },
	{ "RFC 4028, 4: Session-Expires of words", "Session-Expires: never;refresher=uas\n" },
	{ "RFC 3261, 20.19: Expires of words", "Expires: Thu, 01 Dec 1994 16:00:00 GMT\n" },
	{ "RFC 3261, 20.33: Require", "Require: 100rel\nRSeq: 988789\n" },
	{ "RFC 8224, 4: Identity", "Identity: eyJ.eyJ.x;info=<https://c.example/x>;alg=ES256\n" },
	{ "RFC 4474, 9: Identity-Info", "Identity-Info: <https://c.example/x>;alg=rsa-sha1\n" },
	{ "RFC 3261, 20.42: second Via malformed", "Via: SIP/2.0/UDP\n" },
	{ "RFC 2543, 6.40: comment behind a second Via", "Via: SIP/2.0/UDP h (gateway)\n" },
};

/* A message from the outside, as the phone gets it. The caller frees it. */
static struct text received(const char *source, const char *lines)
{
	struct text text = message(lines);
	struct sip_plan plan;
	struct sip_msg msg;
	struct world w;

	world_inbound(&w, 4);
	if (parse(&msg, text) || translate(&plan, &msg, text, &w))
		fail_msg("%s: not understood", source);
	return apply(&plan, text);
}

static void responses_come_home(void **state)
{
	static const char own[] = "/UDP " OWN ":5060;branch=z9hG4bK1;rport=5060\r\n";
	char lines[2048];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(responses); i++) {
		struct text got;

		snprintf(lines, sizeof(lines),
			 "SIP/2.0 200 OK\nVia: SIP/2.0/UDP " SHOWN ":1024;branch=z9hG4bK1;rport=1024\n"
			 "From: <sip:a@h>;tag=1\nTo: <sip:b@h>;tag=2\nCall-ID: c\nCSeq: 1 INVITE\n"
			 "%s\nodd", responses[i].header);
		got = received(responses[i].source, lines);
		if (!memmem(got.data, got.len, own, sizeof(own) - 1))
			fail_msg("%s: Via is\n%.*s", responses[i].source, (int)got.len, got.data);
		free((void *)got.data);
	}
}

/* The phone's own Via, in forms that servers send back; rport is read in each. */
static const struct response vias[] = {
	{ "RFC 3261, 7.3.1: folded", "Via: SIP/2.0/UDP " SHOWN ":1024\n ;branch=z9hG4bK1;rport=1024\n" },
	{ "RFC 3261, 25.1: blanks", "v:SIP / 2.0 / UDP " SHOWN " : 1024 ;branch=z9hG4bK1;rport=1024\n" },
	{ "RFC 3261, 25.1: a blank behind the second slash alone",
	  "Via: SIP/2.0/ UDP " SHOWN ":1024;branch=z9hG4bK1;rport=1024\n" },
	{ "RFC 3261, 25.1: a fold there", "Via: SIP/2.0/\n UDP " SHOWN ":1024;branch=z9hG4bK1;rport=1024\n" },
	{ "RFC 3261, 25.1: empty parameter", "Via: SIP/2.0/UDP " SHOWN ":1024;branch=z9hG4bK1;;rport=1024\n" },
	{ "RFC 3261, 25.1: semicolon last", "Via: SIP/2.0/UDP " SHOWN ":1024;branch=z9hG4bK1;rport=1024;\n" },
	{ "RFC 3261, 25.1: quote without its end", "Via: SIP/2.0/UDP " SHOWN ":1024;rport=1024;x=\"a\n" },
	{ "RFC 3261, 25.1: another transport", "Via: SIP/2.0/TLS-SCTP " SHOWN ":1024;rport=1024\n" },
	{ "RFC 3261, 7.3.1: two in a line", "Via: SIP/2.0/UDP " SHOWN ":1024;rport=1024, SIP/2.0/UDP 10.0.0.1\n" },
};

static void odd_vias_come_home(void **state)
{
	char lines[1024];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(vias); i++) {
		struct text got;

		snprintf(lines, sizeof(lines), "SIP/2.0 200 OK\n%sFrom: <sip:a@h>;tag=1\n"
			 "To: <sip:b@h>;tag=2\nCall-ID: c\nCSeq: 1 INVITE\n\n", vias[i].header);
		got = received(vias[i].source, lines);
		if (memmem(got.data, got.len, SHOWN, sizeof(SHOWN) - 1) ||
		    !memmem(got.data, got.len, OWN, sizeof(OWN) - 1) ||
		    !memmem(got.data, got.len, "rport=5060", 10))
			fail_msg("%s: Via is\n%.*s", vias[i].source, (int)got.len, got.data);
		free((void *)got.data);
	}
}

/* Bodies of a response from the outside: none says anything about its Via. */
static const struct response bodies[] = {
	{ "RFC 8866, 5.7: two c= of the session", "v=0\nc=IN IP4 1.2.3.4\nc=IN IP4 1.2.3.5\n" },
	{ "RFC 3605, 2.1: a=rtcp without its address", "v=0\nm=audio 6000 RTP/AVP 0\na=rtcp:6001 IN IP4\n" },
	{ "RFC 8866, 5.7: a tab", "v=0\nc=IN\tIP4\t1.2.3.4\n" },
	{ "RFC 8866, 5.14: no protocol", "v=0\nm=video 0\n" },
	{ "RFC 8866, 5.1: v= twice", "v=0\nv=0\n" },
	{ "RFC 3605, 2.1: a=rtcp twice", "v=0\nm=audio 6000 RTP/AVP 0\na=rtcp:1\na=rtcp:2\n" },
	{ "RFC 8866, 9: a byte order mark", "\xef\xbb\xbfv=0\n" },
	{ "RFC 8866, 5: a blank line first", "\n\nv=0\n" },
	{ "RFC 8866, 5: no description", "<xml/>\n" },
	{ "RFC 8866, 5.14: port beyond 16 bits", "v=0\nm=audio 70000 RTP/AVP 0\n" },
	{ "RFC 8866, 5.14: port of words", "v=0\nm=audio any RTP/AVP 0\n" },
	{ "RFC 8866, 5.14: count of 0", "v=0\nm=audio 6000/0 RTP/AVP 0\n" },
	{ "RFC 8866, 5: blanks around the equals sign", "v = 0\nm = audio 1 RTP/AVP 0\n" },
	{ "RFC 8839, 5.1: ICE", "v=0\na=candidate:1 1 UDP 1 1.2.3.4 5 typ host\na=ice-ufrag:x\n" },
};

static void bodies_do_not_matter(void **state)
{
	static const char own[] = "/UDP " OWN ":5060;branch=z9hG4bK1\r\n";
	char lines[2048];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(bodies); i++) {
		struct text got;

		snprintf(lines, sizeof(lines),
			 "SIP/2.0 200 OK\nVia: SIP/2.0/UDP " SHOWN ":1024;branch=z9hG4bK1\n"
			 "From: <sip:a@h>;tag=1\nTo: <sip:b@h>;tag=2\nCall-ID: c\nCSeq: 1 INVITE\n"
			 "Content-Type: application/sdp\n\n%s", bodies[i].header);
		got = received(bodies[i].source, lines);
		if (!memmem(got.data, got.len, own, sizeof(own) - 1))
			fail_msg("%s: Via is\n%.*s", bodies[i].source, (int)got.len, got.data);
		free((void *)got.data);
	}
}

/* --- what a phone sends ------------------------------------------------------- */

#define C	"<sip:a@" OWN ":5060>"
#define D	"<sip:a@" SHOWN ":1024>"

static const struct sent fields[] = {
	{ "RFC 3261, 20.10", "Contact: " C "\n", "Contact: " D "\n" },
	{ "RFC 3261, 7.3.3: compact", "m: " C "\n", "m: " D "\n" },
	{ "RFC 3261, 20.10: without brackets", "Contact: sip:a@" OWN ":5060\n",
	  "Contact: sip:a@" SHOWN ":1024\n" },
	{ "RFC 3261, 25.1: empty parameter", "Contact: " C ";;expires=60\n",
	  "Contact: " D ";;expires=60\n" },
	{ "RFC 3261, 25.1: semicolon last", "Contact: " C ";\n", "Contact: " D ";\n" },
	{ "RFC 3261, 7.3.1: empty values", "Contact: , " C ",,\n", "Contact: , " D ",,\n" },
	{ "RFC 3261, 25.1: comma in a display name", "Contact: Doe, John " C "\n",
	  "Contact: Doe, John " D "\n" },
	{ "RFC 3261, 25.1: quote without its end", "Contact: \"Doe " C "\n", "Contact: \"Doe " D "\n" },
	{ "RFC 3261, 25.1: blanks in brackets", "Contact: < sip:a@" OWN ":5060 >\n",
	  "Contact: < sip:a@" SHOWN ":1024 >\n" },
	{ "RFC 3261, 20.10: first value is no URI", "Contact: junk, " C "\n", "Contact: junk, " D "\n" },
	{ "RFC 3261, 19.1.1: port 0 of another value", "Contact: <sip:a@" OWN ":0>, " C "\n",
	  "Contact: <sip:a@" OWN ":0>, " D "\n" },
	{ "RFC 5626, 4: instance and reg-id", "Contact: " C ";reg-id=1;+sip.instance=\"<urn:uuid:0>\"\n",
	  "Contact: " D ";reg-id=1;+sip.instance=\"<urn:uuid:0>\"\n" },
	{ "RFC 3840, 9: comma in a quoted tag", "Contact: " C ";methods=\"INVITE,BYE\", " C "\n",
	  "Contact: " D ";methods=\"INVITE,BYE\", " D "\n" },
	{ "RFC 3261, 20.34: empty Route", "Route:\nContact: " C "\n", "Route:\nContact: " D "\n" },
	{ "RFC 3261, 20.34: malformed Route", "Route: <sip:>\nContact: " C "\n",
	  "Route: <sip:>\nContact: " D "\n" },
	{ "RFC 3515, 2.1: Refer-To twice", "Refer-To: sip:x@h\nRefer-To: sip:y@h\nContact: " C "\n",
	  "Refer-To: sip:x@h\nRefer-To: sip:y@h\nContact: " D "\n" },
	{ "RFC 3261, 20.15: type twice", "c: text/plain\nc: text/plain\nContact: " C "\n",
	  "c: text/plain\nc: text/plain\nContact: " D "\n" },
	{ "RFC 3261, 20.14: length twice", "l: 0\nl: 0\nContact: " C "\n",
	  "l: 0\nl: 0\nContact: " D "\n" },
	{ "RFC 3261, 20.30: Record-Route", "Record-Route: " C ",<sip:h;lr>\n",
	  "Record-Route: " D ",<sip:h;lr>\n" },
	{ "RFC 3327, 4: Path", "Path: " C "\n", "Path: " D "\n" },
	{ "RFC 3325, 9.2: preferred identity stays", "P-Preferred-Identity: " C "\n",
	  "P-Preferred-Identity: " C "\n" },
	{ "RFC 3892, 3: Referred-By stays", "Referred-By: " C "\n", "Referred-By: " C "\n" },
	{ "RFC 7044, 5: History-Info stays", "History-Info: " C ";index=1\n",
	  "History-Info: " C ";index=1\n" },
	{ "RFC 5806, 8: Diversion stays", "Diversion: " C ";reason=no-answer\n",
	  "Diversion: " C ";reason=no-answer\n" },
	{ "RFC 3261, 20.35: Server stays", "User-Agent: Yealink SIP-T46S " OWN "\n",
	  "User-Agent: Yealink SIP-T46S " OWN "\n" },
};

static const struct sent descriptions[] = {
	{ "RFC 8866, 5", "v=0\no=- 1 1 IN IP4 " OWN "\nc=IN IP4 " OWN "\nm=audio 4000 RTP/AVP 0\n",
	  "v=0\no=- 1 1 IN IP4 " SHOWN "\nc=IN IP4 " SHOWN "\nm=audio 14000 RTP/AVP 0\n" },
	{ "RFC 8866, 5.14: tabs", "v=0\nc=IN\tIP4\t" OWN "\nm=audio\t4000\tRTP/AVP\t0\n",
	  "v=0\nc=IN\tIP4\t" SHOWN "\nm=audio\t14000\tRTP/AVP\t0\n" },
	{ "RFC 8866, 5: several blanks", "v=0\nc=IN  IP4  " OWN "\nm=audio  4000  RTP/AVP 0\n",
	  "v=0\nc=IN  IP4  " SHOWN "\nm=audio  14000  RTP/AVP 0\n" },
	{ "RFC 8866, 9: byte order mark", "\xef\xbb\xbfv=0\nc=IN IP4 " OWN "\nm=audio 4000 RTP/AVP 0\n",
	  "\xef\xbb\xbfv=0\nc=IN IP4 " SHOWN "\nm=audio 14000 RTP/AVP 0\n" },
	{ "RFC 8866, 5: blank line first", "\nv=0\nc=IN IP4 " OWN "\nm=audio 4000 RTP/AVP 0\n",
	  "\nv=0\nc=IN IP4 " SHOWN "\nm=audio 14000 RTP/AVP 0\n" },
	{ "RFC 8866, 5: lines that end in CR", "v=0\rc=IN IP4 " OWN "\rm=audio 4000 RTP/AVP 0\r",
	  "v=0\rc=IN IP4 " SHOWN "\rm=audio 14000 RTP/AVP 0\r" },
	{ "RFC 8866, 9: zeros in front", "v=0\nc=IN IP4 192.168.001.010\nm=audio 4000 RTP/AVP 0\n",
	  "v=0\nc=IN IP4 " SHOWN "\nm=audio 14000 RTP/AVP 0\n" },
	{ "RFC 8866, 5.7: the same c= twice",
	  "v=0\nc=IN IP4 " OWN "\nc=IN IP4 " OWN "\nm=audio 4000 RTP/AVP 0\n",
	  "v=0\nc=IN IP4 " SHOWN "\nc=IN IP4 " SHOWN "\nm=audio 14000 RTP/AVP 0\n" },
	{ "RFC 3264, 6: refused without protocol",
	  "v=0\nc=IN IP4 " OWN "\nm=audio 4000 RTP/AVP 0\nm=video 0\n",
	  "v=0\nc=IN IP4 " SHOWN "\nm=audio 14000 RTP/AVP 0\nm=video 0\n" },
	{ "RFC 3605, 2.1: a=rtcp without its address",
	  "v=0\nc=IN IP4 " OWN "\nm=audio 4000 RTP/AVP 0\na=rtcp:4001 IN IP4\n",
	  "v=0\nc=IN IP4 " SHOWN "\nm=audio 14000 RTP/AVP 0\na=rtcp:14001 IN IP4\n" },
	{ "RFC 8858, 3: a=rtcp-mux-only",
	  "v=0\nc=IN IP4 " OWN "\nm=audio 4000 RTP/AVP 0\na=rtcp:4000\na=rtcp-mux-only\n",
	  "v=0\nc=IN IP4 " SHOWN "\nm=audio 14000 RTP/AVP 0\na=rtcp:14000\na=rtcp-mux-only\n" },
	{ "RFC 4145, 4.1: the sender connects",
	  "v=0\nc=IN IP4 " OWN "\nm=message 2855 TCP/MSRP *\na=setup:active\n",
	  "v=0\nc=IN IP4 " SHOWN "\nm=message 2855 TCP/MSRP *\na=setup:active\n" },
	{ "RFC 4145, 4.1: and so it does for the whole session",
	  "v=0\nc=IN IP4 " OWN "\na=setup:active\nm=message 2855 TCP/MSRP *\n",
	  "v=0\nc=IN IP4 " SHOWN "\na=setup:active\nm=message 2855 TCP/MSRP *\n" },
	{ "a connection that the sender opens, with a blank in front of the role",
	  "v=0\nc=IN IP4 " OWN "\nm=message 2855 TCP/MSRP *\na=setup: active\n",
	  "v=0\nc=IN IP4 " SHOWN "\nm=message 2855 TCP/MSRP *\na=setup: active\n" },
	{ "RFC 4145, 4: the sender listens",
	  "v=0\nc=IN IP4 " OWN "\nm=message 2855 TCP/MSRP *\na=setup:passive\n",
	  "v=0\nc=IN IP4 " SHOWN "\nm=message 12855 TCP/MSRP *\na=setup:passive\n" },
	{ "RFC 5763, 5: setup of DTLS is no port",
	  "v=0\nc=IN IP4 " OWN "\nm=audio 4000 UDP/TLS/RTP/SAVP 0\na=setup:active\n",
	  "v=0\nc=IN IP4 " SHOWN "\nm=audio 14000 UDP/TLS/RTP/SAVP 0\na=setup:active\n" },
	{ "RFC 8841, 4.3: SCTP has no UDP port",
	  "v=0\nc=IN IP4 " OWN "\nm=audio 4000 RTP/AVP 0\nm=application 5000 DTLS/SCTP x\n",
	  "v=0\nc=IN IP4 " SHOWN "\nm=audio 14000 RTP/AVP 0\nm=application 5000 DTLS/SCTP x\n" },
	{ "RFC 5762, 5.1: nor has DCCP",
	  "v=0\nc=IN IP4 " OWN "\nm=audio 4000 RTP/AVP 0\nm=audio 5004 DCCP/RTP/AVP 0\n",
	  "v=0\nc=IN IP4 " SHOWN "\nm=audio 14000 RTP/AVP 0\nm=audio 5004 DCCP/RTP/AVP 0\n" },
	{ "RFC 8866, 5.14: a section that cannot be read takes no other's translation",
	  "v=0\nc=IN IP4 " OWN "\nm=audio 4000 RTP/AVP 0\nm=video x RTP/AVP 31\n",
	  "v=0\nc=IN IP4 " SHOWN "\nm=audio 14000 RTP/AVP 0\nm=video x RTP/AVP 31\n" },
	{ "RFC 8866, 5.7: a section that stays keeps the address that it shares",
	  "v=0\nc=IN IP4 " OWN "\nm=audio 4000 RTP/AVP 0\nc=IN IP4 " OWN "\n"
	  "m=video 4002/99 RTP/AVP 31\nm=text 4004 RTP/AVP 98\n",
	  "v=0\nc=IN IP4 " OWN "\nm=audio 14000 RTP/AVP 0\nc=IN IP4 " SHOWN "\n"
	  "m=video 4002/99 RTP/AVP 31\nm=text 4004 RTP/AVP 98\n" },
	{ "RFC 8489: a phone that knows its outside address; another section is odd",
	  "v=0\no=- 1 1 IN IP4 " OWN "\nc=IN IP4 " SHOWN "\nm=audio 4000 RTP/AVP 0\nm=video x y z\n",
	  "v=0\no=- 1 1 IN IP4 " SHOWN "\nc=IN IP4 " SHOWN "\nm=audio 4000 RTP/AVP 0\nm=video x y z\n" },
	{ "RFC 4317, 2.1: hold by address", "v=0\nc=IN IP4 0.0.0.0\nm=audio 4000 RTP/AVP 0\n",
	  "v=0\nc=IN IP4 0.0.0.0\nm=audio 4000 RTP/AVP 0\n" },
	{ "RFC 3264, 8.4: hold by direction",
	  "v=0\nc=IN IP4 " OWN "\nm=audio 4000 RTP/AVP 0\na=sendonly\n",
	  "v=0\nc=IN IP4 " SHOWN "\nm=audio 14000 RTP/AVP 0\na=sendonly\n" },
	{ "T.38, D.2.3: fax", "v=0\nc=IN IP4 " OWN "\nm=image 4000 udptl t38\n",
	  "v=0\nc=IN IP4 " SHOWN "\nm=image 14000 udptl t38\n" },
	{ "RFC 4570, 3: a filter follows c=, and a source that is the sender",
	  "v=0\no=- 1 1 IN IP4 " OWN "\nc=IN IP4 " OWN "\nm=audio 4000 RTP/AVP 0\n"
	  "a=source-filter: incl IN IP4 " OWN " 198.51.100.1 " OWN "\n",
	  "v=0\no=- 1 1 IN IP4 " SHOWN "\nc=IN IP4 " SHOWN "\nm=audio 14000 RTP/AVP 0\n"
	  "a=source-filter: incl IN IP4 " SHOWN " 198.51.100.1 " SHOWN "\n" },
	{ "RFC 4570, 3: of any address; two lines",
	  "v=0\no=- 1 1 IN IP4 " OWN "\nc=IN IP4 " OWN "\nm=audio 4000 RTP/AVP 0\n"
	  "a=source-filter: excl IN IP4 * " OWN "\n"
	  "a=source-filter: incl IN IP4 198.51.100.1 198.51.100.2\n",
	  "v=0\no=- 1 1 IN IP4 " SHOWN "\nc=IN IP4 " SHOWN "\nm=audio 14000 RTP/AVP 0\n"
	  "a=source-filter: excl IN IP4 * " SHOWN "\n"
	  "a=source-filter: incl IN IP4 198.51.100.1 198.51.100.2\n" },
	{ "RFC 4570, 3.1: a filter above all media",
	  "v=0\no=- 1 1 IN IP4 " OWN "\nc=IN IP4 " OWN "\n"
	  "a=source-filter:  incl  IN IP4 " OWN " 198.51.100.1\nm=audio 4000 RTP/AVP 0\n"
	  "m=video 4002 RTP/AVP 31\n",
	  "v=0\no=- 1 1 IN IP4 " SHOWN "\nc=IN IP4 " SHOWN "\n"
	  "a=source-filter:  incl  IN IP4 " SHOWN " 198.51.100.1\nm=audio 14000 RTP/AVP 0\n"
	  "m=video 14002 RTP/AVP 31\n" },
	{ "RFC 4570: above c= of each section",
	  "v=0\na=source-filter: incl IN IP4 * " OWN "\nm=audio 4000 RTP/AVP 0\nc=IN IP4 " OWN "\n",
	  "v=0\na=source-filter: incl IN IP4 * " SHOWN "\nm=audio 14000 RTP/AVP 0\nc=IN IP4 " SHOWN "\n" },
	{ "RFC 8866, 5.7: the same c= twice in a section",
	  "v=0\nm=audio 4000 RTP/AVP 0\nc=IN IP4 " OWN "\nc=IN IP4 " OWN "\na=sendrecv\n"
	  "m=video 4002 RTP/AVP 31\nc=IN IP4 " OWN "\n",
	  "v=0\nm=audio 14000 RTP/AVP 0\nc=IN IP4 " SHOWN "\nc=IN IP4 " SHOWN "\na=sendrecv\n"
	  "m=video 14002 RTP/AVP 31\nc=IN IP4 " SHOWN "\n" },
	{ "RFC 8866, 5.7: the copy stands behind other lines",
	  "v=0\nm=audio 4000 RTP/AVP 0\na=source-filter: incl IN IP4 " OWN " 198.51.100.1\n"
	  "c=IN IP4 " OWN "/127\na=altc:1 IP4 " OWN " 4000\nc=IN  IP4 " OWN " \n",
	  "v=0\nm=audio 14000 RTP/AVP 0\na=source-filter: incl IN IP4 " SHOWN " 198.51.100.1\n"
	  "c=IN IP4 " SHOWN "/127\na=altc:1 IP4 " SHOWN " 14000\nc=IN  IP4 " SHOWN " \n" },
	{ "RFC 4145, 4.1: twice where the sender connects",
	  "v=0\nm=image 9 TCP t38\nc=IN IP4 " OWN "\na=setup:active\nc=IN IP4 " OWN "\n",
	  "v=0\nm=image 9 TCP t38\nc=IN IP4 " SHOWN "\na=setup:active\nc=IN IP4 " SHOWN "\n" },
	{ "RFC 4570: multicast that names the sender stays",
	  "v=0\nc=IN IP4 233.252.0.1/32\na=source-filter: incl IN IP4 233.252.0.1 " OWN "\n"
	  "m=audio 4000 RTP/AVP 0\n",
	  "v=0\nc=IN IP4 233.252.0.1/32\na=source-filter: incl IN IP4 233.252.0.1 " OWN "\n"
	  "m=audio 4000 RTP/AVP 0\n" },
	{ "RFC 4570: no filter, or not of this family",
	  "v=0\nc=IN IP4 " OWN "\nm=audio 4000 RTP/AVP 0\na=source-filters: incl IN IP4 " OWN "\n"
	  "a=source-filter: incl IN IP4\na=source-filter:\n",
	  "v=0\nc=IN IP4 " SHOWN "\nm=audio 14000 RTP/AVP 0\na=source-filters: incl IN IP4 " OWN "\n"
	  "a=source-filter: incl IN IP4\na=source-filter:\n" },
	{ "RFC 8866, 5.7: layers are multicast: three c= lines with one own address name that",
	  "v=0\nm=audio 4000 RTP/AVP 0\nc=IN IP4 " OWN "\nc=IN IP4 " OWN "\nc=IN IP4 " OWN "\n"
	  "m=audio 4002 RTP/AVP 0\nc=IN IP4 " OWN "\nc=IN IP4 192.168.1.11\n",
	  "v=0\nm=audio 14000 RTP/AVP 0\nc=IN IP4 " SHOWN "\nc=IN IP4 " SHOWN "\nc=IN IP4 " SHOWN "\n"
	  "m=audio 4002 RTP/AVP 0\nc=IN IP4 " OWN "\nc=IN IP4 192.168.1.11\n" },
	{ "RFC 8866, 5.7: so do three above all media",
	  "v=0\nc=IN IP4 " OWN "\nc=IN IP4 " OWN "\nc=IN IP4 " OWN "\nm=audio 4000 RTP/AVP 0\n",
	  "v=0\nc=IN IP4 " SHOWN "\nc=IN IP4 " SHOWN "\nc=IN IP4 " SHOWN "\nm=audio 14000 RTP/AVP 0\n" },
	{ "RFC 8866, 5.7: multicast layers stay",
	  "v=0\nc=IN IP4 " OWN "\nm=audio 4000 RTP/AVP 0\nm=video 4002 RTP/AVP 31\n"
	  "c=IN IP4 233.252.0.1/127\nc=IN IP4 233.252.0.2/127\nc=IN IP4 233.252.0.3/127\n",
	  "v=0\nc=IN IP4 " SHOWN "\nm=audio 14000 RTP/AVP 0\nm=video 4002 RTP/AVP 31\n"
	  "c=IN IP4 233.252.0.1/127\nc=IN IP4 233.252.0.2/127\nc=IN IP4 233.252.0.3/127\n" },
	{ "RFC 4570, 3: each filter that names the sender",
	  "v=0\na=source-filter: incl IN IP4 * " OWN "\na=source-filter: excl IN IP4 " OWN " 198.51.100.9\n"
	  "c=IN IP4 " OWN "\nm=audio 4000 RTP/AVP 0\na=source-filter: incl IN IP4 " OWN " 198.51.100.1\n"
	  "a=source-filter: incl IN IP6 * 2001:db8::1\na=source-filter: excl IN IP4 " OWN " " OWN "\n",
	  "v=0\na=source-filter: incl IN IP4 * " SHOWN "\na=source-filter: excl IN IP4 " SHOWN " 198.51.100.9\n"
	  "c=IN IP4 " SHOWN "\nm=audio 14000 RTP/AVP 0\na=source-filter: incl IN IP4 " SHOWN " 198.51.100.1\n"
	  "a=source-filter: incl IN IP6 * 2001:db8::1\na=source-filter: excl IN IP4 " SHOWN " " SHOWN "\n" },
	{ "RFC 7006, 3.1.3: a=ccap that repeats c=",
	  "v=0\nc=IN IP4 " OWN "\nm=audio 4000 RTP/AVP 0\na=creq:ccap-v0\na=ccap:1 IN IP4 " OWN "\n"
	  "a=ccap:2 IN IP4 192.168.1.11\na=ccap:3 IN IP6 2001:db8::7\na=ccap:4\na=pcfg:1 c=1\n",
	  "v=0\nc=IN IP4 " SHOWN "\nm=audio 14000 RTP/AVP 0\na=creq:ccap-v0\na=ccap:1 IN IP4 " SHOWN "\n"
	  "a=ccap:2 IN IP4 192.168.1.11\na=ccap:3 IN IP6 2001:db8::7\na=ccap:4\na=pcfg:1 c=1\n" },
	{ "RFC 7006: above all media",
	  "v=0\nc=IN IP4 " OWN "\na=ccap:1 IN IP4 " OWN "/127\nm=audio 4000 RTP/AVP 0\n",
	  "v=0\nc=IN IP4 " SHOWN "\na=ccap:1 IN IP4 " SHOWN "/127\nm=audio 14000 RTP/AVP 0\n" },
	{ "drafts before ICE: a=alt is a candidate, and stays beside the default",
	  "v=0\nc=IN IP4 " OWN "\nm=audio 4000 RTP/AVP 0\na=alt:1 1 : kzJd 8X6w " OWN " 4000\n",
	  "v=0\nc=IN IP4 " SHOWN "\nm=audio 14000 RTP/AVP 0\na=alt:1 1 : kzJd 8X6w " OWN " 4000\n" },
	{ "RFC 6947, 4: the same address in a=altc",
	  "v=0\nc=IN IP4 " OWN "\nm=audio 4000 RTP/AVP 0\na=altc:1 IP6 2001:db8::7 4000\n"
	  "a=altc:2 IP4 " OWN " 4000\n",
	  "v=0\nc=IN IP4 " SHOWN "\nm=audio 14000 RTP/AVP 0\na=altc:1 IP6 2001:db8::7 4000\n"
	  "a=altc:2 IP4 " SHOWN " 14000\n" },
	{ "RFC 6947, 4: another port, another host, and what is none",
	  "v=0\nc=IN IP4 " OWN "\nm=audio 4000 RTP/AVP 0\na=altc:1 IP4 " OWN " 4002\n"
	  "a=altc:2 IP4 192.168.1.11 4000\na=altc:3 IP4 " OWN "\na=altc:\n",
	  "v=0\nc=IN IP4 " SHOWN "\nm=audio 14000 RTP/AVP 0\na=altc:1 IP4 " OWN " 4002\n"
	  "a=altc:2 IP4 192.168.1.11 4000\na=altc:3 IP4 " OWN "\na=altc:\n" },
	{ "RFC 6947, 4: the default is the other family, so no address changes",
	  "v=0\nc=IN IP6 2001:db8::7\nm=audio 4000 RTP/AVP 0\na=altc:1 IP4 " OWN " 4000\n",
	  "v=0\nc=IN IP6 2001:db8::7\nm=audio 4000 RTP/AVP 0\na=altc:1 IP4 " OWN " 4000\n" },
	{ "RFC 4975, 5.4: who offers connects, and its path is compared as it wrote it",
	  "v=0\nc=IN IP4 " OWN "\nm=message 2855 TCP/MSRP *\na=path:msrp://" OWN ":2855/s1;tcp\n",
	  "v=0\nc=IN IP4 " SHOWN "\nm=message 12855 TCP/MSRP *\na=path:msrp://" OWN ":2855/s1;tcp\n" },
	{ "RFC 6135, 4.2: the far end may connect",
	  "v=0\nc=IN IP4 " OWN "\nm=message 2855 TCP/MSRP *\na=setup:actpass\n"
	  "a=path:msrp://" OWN ":2855/s1;tcp\n",
	  "v=0\nc=IN IP4 " SHOWN "\nm=message 12855 TCP/MSRP *\na=setup:actpass\n"
	  "a=path:msrp://" SHOWN ":12855/s1;tcp\n" },
	{ "RFC 4975, 6: TLS, and the default port",
	  "v=0\nc=IN IP4 " OWN "\nm=message 2855 TCP/TLS/MSRP *\na=setup:passive\n"
	  "a=path:msrps://" OWN "/s1;tcp\n",
	  "v=0\nc=IN IP4 " SHOWN "\nm=message 12855 TCP/TLS/MSRP *\na=setup:passive\n"
	  "a=path:msrps://" SHOWN ":12855/s1;tcp\n" },
	{ "RFC 4976, 5: a relay stands in front of the sender",
	  "v=0\nc=IN IP4 " OWN "\nm=message 2855 TCP/MSRP *\na=setup:passive\n"
	  "a=path:msrp://relay.example.com:2855/x;tcp msrp://" OWN ":2855/s1;tcp\n",
	  "v=0\nc=IN IP4 " SHOWN "\nm=message 12855 TCP/MSRP *\na=setup:passive\n"
	  "a=path:msrp://relay.example.com:2855/x;tcp msrp://" OWN ":2855/s1;tcp\n" },
	{ "RFC 6714, 5: far ends connect to c=, and the path stays",
	  "v=0\nc=IN IP4 " OWN "\nm=message 2855 TCP/MSRP *\na=setup:actpass\n"
	  "a=path:msrp://" OWN ":2855/s1;tcp\na=msrp-cema\n",
	  "v=0\nc=IN IP4 " SHOWN "\nm=message 12855 TCP/MSRP *\na=setup:actpass\n"
	  "a=path:msrp://" OWN ":2855/s1;tcp\na=msrp-cema\n" },
	{ "RFC 4583, 3: BFCP", "v=0\nc=IN IP4 " OWN "\nm=application 4000 UDP/BFCP *\n",
	  "v=0\nc=IN IP4 " SHOWN "\nm=application 14000 UDP/BFCP *\n" },
};

static void fields_go_out(void **state)
{
	(void)state;
	assert_all_sent(fields, ARRAY_SIZE(fields), "");
}

static void descriptions_go_out(void **state)
{
	(void)state;
	assert_all_sent(descriptions, ARRAY_SIZE(descriptions),
			"Content-Type: application/sdp\n\n");
}

/* Who answers is connected to (RFC 4975, 5.4). */
static void path_of_answer(void **state)
{
	static const char head[] = "SIP/2.0 200 OK\nVia: SIP/2.0/UDP h\nFrom: <sip:a@h>;tag=1\n"
				   "To: <sip:b@h>;tag=2\nCall-ID: c\nCSeq: 1 INVITE\n"
				   "Content-Type: application/sdp\n\nv=0\nc=IN IP4 ";
	char in[1024], out[1024];
	struct text got;
	struct world w;

	(void)state;
	snprintf(in, sizeof(in), "%s" OWN "\nm=message 2855 TCP/MSRP *\n"
		 "a=path:msrp://" OWN ":2855/s1;tcp\n", head);
	snprintf(out, sizeof(out), "%s" SHOWN "\nm=message 12855 TCP/MSRP *\n"
		 "a=path:msrp://" SHOWN ":12855/s1;tcp\n", head);
	world_outbound(&w, 4);
	got = translated(in, &w);
	assert_text(got, out);
	free((void *)got.data);
}

/* A sender whose From nobody can take apart still has its media translated. */
static void odd_parties(void **state)
{
	static const char *const parties[] = {
		"Doe, John <sip:a@h>;tag=1", "\"Doe <sip:a@h>;tag=1", "< sip:a@h >;tag=1",
		"<sip:a@h>;;tag=1", "<sip:a@h", "junk",
	};
	char lines[1024];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(parties); i++) {
		struct sip_plan plan;
		struct sip_msg msg;
		struct text text;
		struct world w;

		snprintf(lines, sizeof(lines),
			 "SIP/2.0 200 OK\nVia: SIP/2.0/UDP h\nFrom: %s\nTo: <sip:b@h>;tag=2\nCall-ID: c\n"
			 "CSeq: 1 INVITE\nc: application/sdp\n\nv=0\nc=IN IP4 " OWN "\n"
			 "m=audio 4000 RTP/AVP 0\n", parties[i]);
		text = message(lines);
		world_outbound(&w, 4);
		assert_int_equal(parse(&msg, text), SIP_OK);
		assert_int_equal(translate(&plan, &msg, text, &w), SIP_OK);
		if (plan.n_edits != 2)
			fail_msg("From: %s", parties[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(responses_come_home),
		cmocka_unit_test(odd_vias_come_home),
		cmocka_unit_test(bodies_do_not_matter),
		cmocka_unit_test(fields_go_out),
		cmocka_unit_test(descriptions_go_out),
		cmocka_unit_test(path_of_answer),
		cmocka_unit_test(odd_parties),
	};

	return cmocka_run_group_tests_name("devices", tests, NULL, NULL);
}
