// SPDX-License-Identifier: GPL-2.0
/*
 * What the call flows of RFCs and of telephone networks show user agents writing, and
 * what becomes of it. Each row names the document. The texts are made anew: names,
 * numbers and addresses are none of theirs. A row is written once: H, P and R are the
 * host, the signalling port and the first media port, and all that may change.
 */
#include "harness.h"

#define OWN	"192.168.1.10"
#define SHOWN	"203.0.113.5"

/* --- header fields -------------------------------------------------------------- */

#define FIELDS(H, P)							\
	{ "RFC 3665, 2.1: registration, a user with a dot",		\
	  "Contact: <sip:bob.b@" H ":" P ">;expires=7200\n" },		\
	{ "RFC 3665, 2.2: the list asks for all to go but one",		\
	  "Contact: <sip:bob@" H ":" P ">;expires=0, <sip:bob@home.example.net>\n" }, \
	{ "RFC 3665, 2.4: cancellation of all", "Contact: *\nExpires: 0\n" }, \
	{ "RFC 3665, 3.1: session establishment",			\
	  "Contact: <sip:alice@" H ":" P ";transport=tcp>\n" },		\
	{ "RFC 3665, 3.2: routes of two proxies",			\
	  "Route: <sip:ss1.example.com;lr>, <sip:ss2.example.net;lr>\n"	\
	  "Contact: <sip:alice@" H ":" P ">\n" },			\
	{ "RFC 3665, 3.6: redirection with a q value",			\
	  "Contact: <sip:bob@" H ":" P ">;q=0.7, <sip:bob@b.example.com>;q=0.1\n" }, \
	{ "RFC 3666, 2.1: a gateway for telephone numbers",		\
	  "Contact: <sip:+19725552222@" H ":" P ";user=phone>\n" },	\
	{ "RFC 3966, 3: a tel URI names no host",			\
	  "Contact: <tel:+19725552222>\nP-Asserted-Identity: tel:+19725552222\n" }, \
	{ "RFC 5359, 2.5: attended transfer, Replaces in an escaped header", \
	  "Refer-To: <sip:carol@example.com?Replaces=1%40" OWN "%3Bto-tag%3D2>\n" \
	  "Contact: <sip:bob@" H ":" P ";gr=3413kj2ha>\n" },		\
	{ "RFC 3515, 4.1: Refer-To of another scheme",			\
	  "Refer-To: http://" OWN "/sheet\nContact: <sip:a@" H ":" P ">\n" }, \
	{ "RFC 3891, 6.1: Replaces stays",				\
	  "Replaces: 425928@" OWN ";to-tag=7743;from-tag=6472\n"	\
	  "Contact: <sip:u@" H ":" P ">\n" },				\
	{ "RFC 3911, 7.1: Join stays",					\
	  "Join: 12adf2f34456gs5@" OWN ";to-tag=1;from-tag=2\nContact: <sip:u@" H ":" P ">\n" }, \
	{ "RFC 3892: Referred-By with a cid", "Referred-By: sip:referrer@" OWN \
	  ";cid=\"20398823.2UWQFN309shb3@" OWN "\"\nContact: <sip:r@" H ":" P ">\n" }, \
	{ "RFC 4538: Target-Dialog stays",				\
	  "Target-Dialog: fa77as7dad8-sd98ajzz@" OWN ";local-tag=kkaz-\n" \
	  "Contact: <sip:a@" H ":" P ">\n" },				\
	{ "RFC 4579: isfocus", "Contact: <sip:conf34@" H ":" P ">;isfocus\n" }, \
	{ "RFC 4235: dialog package", "Event: dialog;call-id=\"a84b@" OWN "\"" \
	  ";from-tag=8\nContact: <sip:w@" H ":" P ">\n" },		\
	{ "RFC 3842: message waiting",				\
	  "Event: message-summary\nContact: <sip:alice@" H ":" P ">\n" }, \
	{ "RFC 3840, 9: capabilities", "Contact: <sip:u1@" H ":" P ">"	\
	  ";audio;video;mobility=\"fixed\";+sip.message=\"TRUE\";other-tags=\"<x>\"\n" }, \
	{ "RFC 3841, 7: preferences stay",				\
	  "Accept-Contact: *;audio;require\nReject-Contact: *;actor=\"msg-taker\"\n" \
	  "Contact: <sip:u1@" H ":" P ">\n" },				\
	{ "RFC 4483: content by reference stays", "Content-Disposition: render\n" \
	  "Content-ID: <1@" OWN ">\nContact: <sip:u@" H ":" P ">\n" },	\
	{ "RFC 5626: outbound, two flows", "Contact: <sip:bob@" H ":" P	\
	  ";transport=tcp>;reg-id=2;+sip.instance=\"<urn:uuid:00000000-0000>\"\n" }, \
	{ "RFC 5626, 4.3: ob of a dialog", "Contact: <sip:bob@" H ":" P ";transport=tcp;ob>\n" }, \
	{ "RFC 5627, 9: a GRUU of its own is a name",			\
	  "Contact: <sip:callee@example.com;gr=urn:uuid:f81d>\n" },	\
	{ "RFC 5627, 9: +sip.instance beside a temporary URI",		\
	  "Contact: <sip:tgruu.7hs==jd7vnzga5w7fajsc7-ajd6fabz0f8g5@" H ":" P ";gr>\n" }, \
	{ "RFC 6140, 5.1: bulk registration of a PBX",			\
	  "Contact: <sip:" H ":" P ";bnc>;+sip.instance=\"<urn:uuid:0>\"\n" }, \
	{ "RFC 7118: a browser's Contact is a name that does not exist", \
	  "Contact: <sip:alice@df7jal23ls0d.invalid;transport=ws;ob>;reg-id=1\n" }, \
	{ "RFC 8599: push parameters",				\
	  "Contact: <sip:alice@" H ":" P ";pn-provider=acme;pn-param=acme-param" \
	  ";pn-prid=ZTY4ZDJlMzODE1NmUgKi0K>\n" },			\
	{ "RFC 8599: escaped push parameters",			\
	  "Contact: <sip:a@" H ":" P ";pn-prid=c3f%3A8=%26x;pn-provider=fcm>;expires=3600\n" }, \
	{ "RFC 3327: Path of a proxy beside others",		\
	  "Path: <sip:P3.example.com;lr>, <sip:" H ":" P ";lr>\n" },	\
	{ "RFC 3608: Service-Route of a request stays",		\
	  "Service-Route: <sip:" OWN ":5060;lr>\nContact: <sip:a@" H ":" P ">\n" }, \
	{ "RFC 3323, 4.2: anonymous From, Privacy",			\
	  "Privacy: header;session\nContact: <sip:anonymous@" H ":" P ">\n" }, \
	{ "RFC 3326, 2: Reason stays", "Reason: SIP;cause=200;text=\"" OWN "\"\n" \
	  "Contact: <sip:a@" H ":" P ">\n" },				\
	{ "RFC 7433: User-to-User stays", "User-to-User: 56a390f3d2b7310023a2" \
	  ";encoding=hex;purpose=isdn-uui\nContact: <sip:a@" H ":" P ">\n" }, \
	{ "RFC 6442: Geolocation stays",				\
	  "Geolocation: <cid:target123@" OWN ">\nGeolocation-Routing: yes\n" \
	  "Contact: <sip:a@" H ":" P ">\n" },				\
	{ "RFC 6809: Feature-Caps stays",				\
	  "Feature-Caps: *;+g.3gpp.srvcc=\"<sip:a@" OWN ">\"\nContact: <sip:a@" H ":" P ">\n" }, \
	{ "RFC 7989, 5: Session-ID stays", "Session-ID: ab30317f1a784dc48ff824d0d3715d86" \
	  ";remote=00000000000000000000000000000000\nContact: <sip:a@" H ":" P ">\n" }, \
	{ "RFC 8760: another algorithm of digest", "Authorization: Digest username=\"a\"," \
	  "realm=\"r\",nonce=\"1\",uri=\"sip:h\",response=\"2\",algorithm=SHA-256\n" \
	  "Contact: <sip:a@" H ":" P ">\n" },				\
	{ "SIPconnect 2.0: a PBX registers its main number",		\
	  "Contact: <sip:+16305550100@" H ":" P ">\nSupported: gin\n" }, \
	{ "TS 24.229: registration with security agreement",	\
	  "Contact: <sip:" H ":" P ";comp=sigcomp>;+sip.instance=\"<urn:gsma:imei:0>\"\n" \
	  "Security-Client: ipsec-3gpp; alg=hmac-sha-1-96; spi-c=23456789; port-c=2468\n" }, \
	{ "TS 24.229: visited network stays",			\
	  "P-Visited-Network-ID: \"Visited Network 1\"\nPath: <sip:term@pcscf.ims.example;lr>\n" \
	  "Contact: <sip:" H ":" P ">\n" }

struct row {
	const char *source;
	const char *text;
};

static const struct row fields_in[] = { FIELDS(OWN, "5060") };
static const struct row fields_out[] = { FIELDS(SHOWN, "1024") };

/* --- session descriptions ------------------------------------------------------- */

#define SESSION(H) "v=0\no=alice 2890844526 2890844526 IN IP4 " H "\ns=-\nc=IN IP4 " H "\nt=0 0\n"

#define DESCRIPTIONS(H, R)						\
	{ "RFC 4317, 2.1: audio and two videos",			\
	  SESSION(H) "m=audio " R "000 RTP/AVP 0 8 97\na=rtpmap:97 iLBC/8000\n" \
	  "m=video " R "002 RTP/AVP 31\nm=video " R "004 RTP/AVP 32\n" }, \
	{ "RFC 4317, 2.3: two media, one is refused",			\
	  SESSION(H) "m=audio " R "000 RTP/AVP 97 101\na=fmtp:101 0-15\nm=video 0 RTP/AVP 31\n" }, \
	{ "RFC 4317, 3.1: hold, with a direction of each stream",	\
	  SESSION(H) "m=audio " R "000 RTP/AVP 97\na=sendonly\nm=video " R "002 RTP/AVP 31\na=inactive\n" }, \
	{ "RFC 8866, 5.7: one section is at another host",			\
	  "v=0\no=- 1 1 IN IP4 " H "\ns=-\nt=0 0\nm=audio 49920 RTP/AVP 0\n" \
	  "c=IN IP4 198.51.100.20\nm=video " R "002 RTP/AVP 31\nc=IN IP4 " H "\n" }, \
	{ "RFC 3725, 4.2: third party control, no media yet",		\
	  "v=0\no=- 1 1 IN IP4 " H "\ns=-\nc=IN IP4 0.0.0.0\nt=0 0\n" }, \
	{ "RFC 3960: early media, two directions",			\
	  SESSION(H) "m=audio " R "000 RTP/AVP 0\na=recvonly\n" },	\
	{ "RFC 4733: events", SESSION(H) "m=audio " R "000 RTP/AVP 0 96\n"	\
	  "a=rtpmap:96 telephone-event/8000\na=fmtp:96 0-15,66,70\n" },	\
	{ "RFC 4568: security descriptions", SESSION(H) "m=audio " R "000 RTP/SAVP 0\n" \
	  "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9|2^20|1:4\n" }, \
	{ "RFC 5763: DTLS-SRTP", SESSION(H) "a=setup:actpass\na=fingerprint:SHA-1 4A:AD\n" \
	  "m=audio " R "000 UDP/TLS/RTP/SAVP 0\n" },			\
	{ "RFC 8843: bundle, one port for two sections",		\
	  SESSION(H) "a=group:BUNDLE a v\nm=audio " R "000 RTP/AVP 0\na=mid:a\n" \
	  "m=video " R "000 RTP/AVP 31\na=mid:v\n" },			\
	{ "RFC 5888: lip synchronisation", SESSION(H) "a=group:LS 1 2\n"	\
	  "m=audio " R "000 RTP/AVP 0\na=mid:1\nm=video " R "002 RTP/AVP 31\na=mid:2\n" }, \
	{ "RFC 5576: attributes of sources", SESSION(H) "m=video " R "000 RTP/AVP 98\n" \
	  "a=ssrc:2890844526 cname:user@" OWN "\n" },			\
	{ "RFC 3611, 5: extended reports", SESSION(H) "m=audio " R "000 RTP/AVP 0\n" \
	  "a=rtcp-xr:pkt-loss-rle=10000 voip-metrics\n" },		\
	{ "RFC 5506: RTCP of reduced size", SESSION(H) "m=video " R "000 RTP/AVPF 98\n" \
	  "a=rtcp-rsize\na=rtcp-fb:98 nack pli\n" },			\
	{ "RFC 4103: text as one types", SESSION(H) "m=audio " R "000 RTP/AVP 0\n" \
	  "m=text " R "002 RTP/AVP 98\na=rtpmap:98 t140/1000\n" },	\
	{ "RFC 7345: UDPTL over DTLS", SESSION(H) "m=image " R "000 UDP/TLS/UDPTL t38\n" \
	  "a=setup:passive\n" },					\
	{ "RFC 4145, 4: fax over TCP, the sender listens",	\
	  SESSION(H) "m=image " R "000 TCP t38\na=setup:passive\na=connection:new\n" }, \
	{ "RFC 4145, 4.1: the sender will connect",			\
	  SESSION(H) "m=image 9 TCP t38\na=setup:active\na=connection:new\n" }, \
	{ "RFC 5547: a file is sent", SESSION(H) "m=message " R "000 TCP/MSRP *\n" \
	  "i=picture\na=sendonly\na=file-selector:name:\"1.jpg\" size:4092\n"	\
	  "a=path:msrp://" OWN ":7654/jshA7we;tcp\n" },			\
	{ "RFC 4796: content of a video", SESSION(H) "m=video " R "000 RTP/AVP 31\n" \
	  "a=content:slides\nm=video " R "002 RTP/AVP 31\na=content:speaker\n" }, \
	{ "RFC 7273: clocks", SESSION(H) "a=ts-refclk:ntp=" OWN "\nm=audio " R "000 RTP/AVP 96\n" }, \
	{ "RFC 8866, 5.8: bandwidth on both levels", SESSION(H) "b=CT:128\n"	\
	  "m=audio " R "000 RTP/AVP 0\nb=AS:64\nb=RR:800\n" }

static const struct row descriptions_in[] = { DESCRIPTIONS(OWN, "4") };
static const struct row descriptions_out[] = { DESCRIPTIONS(SHOWN, "14") };

static void go_out(const struct row *in, const struct row *out, size_t n, const char *type)
{
	size_t i;

	for (i = 0; i < n; i++) {
		struct sent sent = { in[i].source, in[i].text, out[i].text };

		assert_sent(&sent, type);
	}
}

static void fields_go_out(void **state)
{
	(void)state;
	go_out(fields_in, fields_out, ARRAY_SIZE(fields_in), "");
}

static void descriptions_go_out(void **state)
{
	(void)state;
	go_out(descriptions_in, descriptions_out, ARRAY_SIZE(descriptions_in),
	       "Content-Type: application/sdp\n\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_go_out),
		cmocka_unit_test(descriptions_go_out),
	};

	return cmocka_run_group_tests_name("flows", tests, NULL, NULL);
}
