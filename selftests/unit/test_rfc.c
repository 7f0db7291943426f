// SPDX-License-Identifier: GPL-2.0
/*
 * Sentences of the RFCs that speak of several messages, or of all that must stay in
 * one. selftests/rfc-ledger.md says where the others are tested.
 */
#include <stdio.h>
#include <stdlib.h>

#include "harness.h"

#define VIA "Via: SIP/2.0/UDP 192.168.1.10:5070;rport;branch=z9hG4bKx\n"
#define NEW_VIA "Via: SIP/2.0/UDP 203.0.113.5:15070;rport;branch=z9hG4bKx\n"
#define PARTIES					\
	"From: <sip:a@192.168.1.10>;tag=1\n"	\
	"To: <sip:b@192.168.1.10>\n"		\
	"Call-ID: c@192.168.1.10\n"

static void assert_outbound(const char *lines, const char *want)
{
	struct text got;
	struct world w;

	world_outbound(&w, 4);
	got = translated(lines, &w);
	assert_text(got, want);
	free((void *)got.data);
}

/*
 * RFC 3261, 9.1 and 17.1.1.3: CANCEL, and the ACK for a refusal, have the
 * Request-URI, Route and topmost Via of their INVITE.
 */
static void cancel_and_ack(void **state)
{
	static const char *const methods[] = { "INVITE", "CANCEL", "ACK" };
	char lines[512], want[512];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(methods); i++) {
		snprintf(lines, sizeof(lines), "%s sip:b@192.168.1.10 SIP/2.0\n" VIA PARTIES
			 "CSeq: 7 %s\nRoute: <sip:192.168.1.10;lr>, <sip:192.168.1.10;x>\n\n",
			 methods[i], methods[i]);
		snprintf(want, sizeof(want), "%s sip:b@203.0.113.5:1024 SIP/2.0\n" NEW_VIA PARTIES
			 "CSeq: 7 %s\nRoute: <sip:203.0.113.5:1024;lr>, <sip:203.0.113.5:1024;x>\n\n",
			 methods[i], methods[i]);
		assert_outbound(lines, want);
	}
}

/*
 * RFC 3261, 12.1.1 and 12.2.1.1: the route set keeps its order and all parameters,
 * those of the URIs and those of the header, known or not.
 */
static void route_set(void **state)
{
	(void)state;
	assert_outbound("SIP/2.0 180 Ringing\nVia: SIP/2.0/UDP 198.51.100.7\n" PARTIES
			"CSeq: 1 INVITE\n"
			"Record-Route: \"P, 1\" <sip:p@h;lr;ftag=1>;x=\"<sip:192.168.1.10>\",\n"
			" <sip:192.168.1.10;lr=on;maddr=h?Subject=192.168.1.10>;y=192.168.1.10\n"
			"Record-Route: <sips:192.168.1.10:5070;transport=tcp;lr>\n\n",
			"SIP/2.0 180 Ringing\nVia: SIP/2.0/UDP 198.51.100.7\n" PARTIES
			"CSeq: 1 INVITE\n"
			"Record-Route: \"P, 1\" <sip:p@h;lr;ftag=1>;x=\"<sip:192.168.1.10>\",\n"
			" <sip:203.0.113.5:1024;lr=on;maddr=h?Subject=192.168.1.10>;y=192.168.1.10\n"
			"Record-Route: <sips:203.0.113.5:15070;transport=tcp;lr>\n\n");
}

/*
 * RFC 3261, 19.1.4 and RFC 5626, 4.1: what a registrar compares and what names the
 * instance and the flow arrives as it was sent, but for host and port.
 */
static void contact_parameters(void **state)
{
	(void)state;
	assert_outbound("REGISTER sip:example.com SIP/2.0\n" VIA PARTIES "CSeq: 1 REGISTER\n"
			"Supported: path, outbound\n"
			"Contact: \"A\" <sip:a:192.168.1.10@192.168.1.10:5070;transport=UDP;"
			"method=INVITE;ob;user=ip;x=192.168.1.10?Route=192.168.1.10>;reg-id=1;q=0.7;"
			"+sip.instance=\"<urn:uuid:00000000-0000-1000-8000-192168001010>\";expires=60\n\n",
			"REGISTER sip:example.com SIP/2.0\n" NEW_VIA PARTIES "CSeq: 1 REGISTER\n"
			"Supported: path, outbound\n"
			"Contact: \"A\" <sip:a:192.168.1.10@203.0.113.5:15070;transport=UDP;"
			"method=INVITE;ob;user=ip;x=192.168.1.10?Route=192.168.1.10>;reg-id=1;q=0.7;"
			"+sip.instance=\"<urn:uuid:00000000-0000-1000-8000-192168001010>\";expires=60\n\n");
}

/*
 * RFC 3261, 22: what was computed over is not touched; 16.6: we are no proxy. Nothing
 * is added, counted down or moved.
 */
static void other_headers(void **state)
{
#define OTHERS						\
	"Max-Forwards: 1\n"				\
	"Authorization: Digest username=\"192.168.1.10\", uri=\"sip:192.168.1.10\"\n" \
	"Proxy-Authorization: Digest uri=\"sip:192.168.1.10\", response=\"1\"\n" \
	"Authentication-Info: nextnonce=\"192.168.1.10\"\n"	\
	"In-Reply-To: c@192.168.1.10\n"			\
	"Replaces: c@192.168.1.10;to-tag=1;from-tag=2\n"	\
	"Referred-By: <sip:a@192.168.1.10>\n"		\
	"Reply-To: <sip:a@192.168.1.10>\n"		\
	"Service-Route: <sip:192.168.1.10;lr>\n"	\
	"Warning: 399 192.168.1.10:5060 \"sip:192.168.1.10\"\n" \
	"Error-Info: <sip:192.168.1.10>\n"		\
	"History-Info: <sip:192.168.1.10>;index=1\n"	\
	"X-Contact: <sip:192.168.1.10>\n"
	(void)state;
	assert_outbound("OPTIONS sip:b@h SIP/2.0\n" OTHERS VIA PARTIES "CSeq: 1 OPTIONS\n"
			OTHERS "\n192.168.1.10\n",
			"OPTIONS sip:b@h SIP/2.0\n" OTHERS NEW_VIA PARTIES "CSeq: 1 OPTIONS\n"
			OTHERS "\n192.168.1.10\n");
#undef OTHERS
}

static void assert_described(const char *sdp, const char *want)
{
	char lines[2048], wanted[2048];

	snprintf(lines, sizeof(lines), "INVITE sip:b@h SIP/2.0\n" VIA PARTIES
		 "CSeq: 1 INVITE\nContent-Type: application/sdp\n\n%s", sdp);
	snprintf(wanted, sizeof(wanted), "INVITE sip:b@h SIP/2.0\n" NEW_VIA PARTIES
		 "CSeq: 1 INVITE\nContent-Type: application/sdp\n\n%s", want);
	assert_outbound(lines, wanted);
}

/*
 * RFC 3264, 8: from one description to the next o= differs in the version alone,
 * whatever becomes of the media.
 */
static void origin_of_next(void **state)
{
	(void)state;
	assert_described("v=0\no=a b 1 1 IN IP4 192.168.1.10\nc=IN IP4 192.168.1.10\n"
			 "m=audio 4000 RTP/AVP 0\n",
			 "v=0\no=a b 1 1 IN IP4 203.0.113.5\nc=IN IP4 203.0.113.5\n"
			 "m=audio 14000 RTP/AVP 0\n");
	assert_described("v=0\no=a b 1 2 IN IP4 192.168.1.10\nc=IN IP4 0.0.0.0\n"
			 "m=audio 4000 RTP/AVP 0\n",
			 "v=0\no=a b 1 2 IN IP4 203.0.113.5\nc=IN IP4 0.0.0.0\n"
			 "m=audio 4000 RTP/AVP 0\n");
	assert_described("v=0\no=a b 1 3 IN IP4 192.168.1.10\nc=IN IP4 198.51.100.7\n"
			 "m=audio 4000 RTP/AVP 0\nm=video 0 RTP/AVP 31\n",
			 "v=0\no=a b 1 3 IN IP4 203.0.113.5\nc=IN IP4 198.51.100.7\n"
			 "m=audio 4000 RTP/AVP 0\nm=video 0 RTP/AVP 31\n");
}

/*
 * RFC 8866, 5: all other lines are between the endpoints: unknown letters and
 * attributes, k=, text of any charset, addresses outside o=, c=, m= and a=rtcp.
 */
static void other_lines(void **state)
{
#define BEFORE						\
	"s=192.168.1.10 \xc3\xa4\xff\n"			\
	"i=\n"						\
	"u=http://192.168.1.10:4000/\n"			\
	"e=a@192.168.1.10\n"				\
	"p=+1 192 168 1 10\n"
#define AFTER						\
	"b=AS:4000\n"					\
	"t=0 0\n"					\
	"r=7d 1h 0\n"					\
	"k=clear:192.168.1.10\n"			\
	"y=192.168.1.10\n"				\
	"a=rtcp-xr:4000\n"				\
	"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:4000\n" \
	"a=fingerprint:sha-256 4A:AD\n"
	(void)state;
	assert_described("v=0\no=- 1 1 IN IP4 192.168.1.10\n" BEFORE "c=IN IP4 192.168.1.10\n"
			 AFTER "m=audio 4000 RTP/SAVP 0\n" AFTER,
			 "v=0\no=- 1 1 IN IP4 203.0.113.5\n" BEFORE "c=IN IP4 203.0.113.5\n"
			 AFTER "m=audio 14000 RTP/SAVP 0\n" AFTER);
#undef BEFORE
#undef AFTER
}

/* RFC 8866, 5.7: what stands behind the slash of a c= line stays. */
static void behind_the_slash(void **state)
{
	(void)state;
	assert_described("v=0\nc=IN IP4 192.168.1.10/127\nm=audio 4000 RTP/AVP 0\n"
			 "m=video 4002 RTP/AVP 31\nc=IN IP4 224.2.1.1/127/3\n",
			 "v=0\nc=IN IP4 203.0.113.5/127\nm=audio 14000 RTP/AVP 0\n"
			 "m=video 4002 RTP/AVP 31\nc=IN IP4 224.2.1.1/127/3\n");
}

/*
 * RFC 3264, 5.1 and 6: the direction says nothing about where RTCP goes, and each
 * m= line stays in its place, those that are refused, too.
 */
static void directions(void **state)
{
	static const char *const attributes[] = { "sendonly", "recvonly", "inactive", "sendrecv" };
	char sdp[512], want[512];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(attributes); i++) {
		snprintf(sdp, sizeof(sdp), "v=0\nc=IN IP4 192.168.1.10\nm=video 0 RTP/AVP 31\n"
			 "m=audio 4000 RTP/AVP 0\na=%s\nm=image 0 udptl t38\n", attributes[i]);
		snprintf(want, sizeof(want), "v=0\nc=IN IP4 203.0.113.5\nm=video 0 RTP/AVP 31\n"
			 "m=audio 14000 RTP/AVP 0\na=%s\nm=image 0 udptl t38\n", attributes[i]);
		assert_described(sdp, want);
	}
}

/*
 * RFC 3261, 13.2.1: a description is an offer whatever Content-Disposition says of it,
 * as early-session (RFC 3959) has addresses, too.
 */
static void dispositions(void **state)
{
	static const char *const values[] = { "session", "early-session;handling=optional", "x" };
	char lines[1024], want[1024];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(values); i++) {
		snprintf(lines, sizeof(lines), "SIP/2.0 183 Progress\nVia: SIP/2.0/UDP h\n" PARTIES
			 "CSeq: 1 INVITE\nContent-Disposition: %s\nContent-Type: application/sdp\n\n"
			 "v=0\nc=IN IP4 192.168.1.10\nm=audio 4000 RTP/AVP 0\n", values[i]);
		snprintf(want, sizeof(want), "SIP/2.0 183 Progress\nVia: SIP/2.0/UDP h\n" PARTIES
			 "CSeq: 1 INVITE\nContent-Disposition: %s\nContent-Type: application/sdp\n\n"
			 "v=0\nc=IN IP4 203.0.113.5\nm=audio 14000 RTP/AVP 0\n", values[i]);
		assert_outbound(lines, want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cancel_and_ack),
		cmocka_unit_test(route_set),
		cmocka_unit_test(contact_parameters),
		cmocka_unit_test(other_headers),
		cmocka_unit_test(origin_of_next),
		cmocka_unit_test(other_lines),
		cmocka_unit_test(behind_the_slash),
		cmocka_unit_test(directions),
		cmocka_unit_test(dispositions),
	};

	return cmocka_run_group_tests_name("rfc", tests, NULL, NULL);
}
