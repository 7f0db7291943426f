// SPDX-License-Identifier: GPL-2.0
/*
 * Session descriptions of senders that use ICE (RFC 8839), and what becomes of
 * each: the default destination and the candidates agree before and after.
 */
#include <stdio.h>
#include <stdlib.h>

#include "harness.h"

#define OWN	"192.168.1.10"
#define SHOWN	"203.0.113.5"
#define TOP	"v=0\no=- 1 1 IN IP4 " OWN "\ns=-\nc=IN IP4 " OWN "\nt=0 0\na=ice-ufrag:8hhY\n"
#define TOP_OUT	"v=0\no=- 1 1 IN IP4 " SHOWN "\ns=-\nc=IN IP4 " SHOWN "\nt=0 0\na=ice-ufrag:8hhY\n"
/* c= stays, o= is the same in all descriptions of a dialog (RFC 3264, 8). */
#define TOP_KEPT "v=0\no=- 1 1 IN IP4 " SHOWN "\ns=-\nc=IN IP4 " OWN "\nt=0 0\na=ice-ufrag:8hhY\n"

#define ADDED(component, priority, port, rport)						\
	"a=candidate:ncb007105 " component " UDP " priority " " SHOWN " " port		\
	" typ srflx raddr " OWN " rport " rport "\n"
#define ADDED_RTP	ADDED("1", "1694498815", "14000", "4000")
#define ADDED_RTCP	ADDED("2", "1694498814", "14001", "4001")
#define HOST_RTP	"a=candidate:1 1 UDP 2130706431 " OWN " 4000 typ host\n"
#define HOST_RTCP	"a=candidate:1 2 UDP 2130706430 " OWN " 4001 typ host\n"

struct row {
	const char *what;
	const char *in;
	const char *out;
};

static const struct row rows[] = {
	{ "one component: the host candidate stays, a reflexive one is added",
	  TOP "m=audio 4000 RTP/AVP 0\n" HOST_RTP,
	  TOP_OUT "m=audio 14000 RTP/AVP 0\n" ADDED_RTP HOST_RTP },
	{ "both components",
	  TOP "m=audio 4000 RTP/AVP 0\n" HOST_RTP HOST_RTCP,
	  TOP_OUT "m=audio 14000 RTP/AVP 0\n" ADDED_RTP HOST_RTP ADDED_RTCP HOST_RTCP },
	{ "RTCP on a port of its own: a=rtcp and its candidate agree",
	  TOP "m=audio 4000 RTP/AVP 0\na=rtcp:4011 IN IP4 " OWN "\n" HOST_RTP
	  "a=candidate:1 2 UDP 2130706430 " OWN " 4011 typ host\n",
	  TOP_OUT "m=audio 14000 RTP/AVP 0\na=rtcp:14011 IN IP4 " SHOWN "\n" ADDED_RTP HOST_RTP
	  ADDED("2", "1694498814", "14011", "4011")
	  "a=candidate:1 2 UDP 2130706430 " OWN " 4011 typ host\n" },
	{ "a=rtcp behind the candidates",
	  TOP "m=audio 4000 RTP/AVP 0\n" HOST_RTP "a=candidate:1 2 UDP 2130706430 " OWN
	  " 4011 typ host\na=rtcp:4011\n",
	  TOP_OUT "m=audio 14000 RTP/AVP 0\n" ADDED_RTP HOST_RTP
	  ADDED("2", "1694498814", "14011", "4011")
	  "a=candidate:1 2 UDP 2130706430 " OWN " 4011 typ host\na=rtcp:14011\n" },
	{ "RTCP on the port of RTP (RFC 8035)",
	  TOP "m=audio 4000 RTP/AVP 0\na=rtcp:4000\na=rtcp-mux\n" HOST_RTP,
	  TOP_OUT "m=audio 14000 RTP/AVP 0\na=rtcp:14000\na=rtcp-mux\n" ADDED_RTP HOST_RTP },
	{ "RTCP elsewhere: its candidate is not the sender's default",
	  TOP "m=audio 4000 RTP/AVP 0\na=rtcp:4001 IN IP4 198.51.100.7\n" HOST_RTP HOST_RTCP,
	  TOP_OUT "m=audio 14000 RTP/AVP 0\na=rtcp:4001 IN IP4 198.51.100.7\n" ADDED_RTP HOST_RTP
	  HOST_RTCP },
	{ "candidates of c= lines of their own, two sections, one foundation",
	  "v=0\nm=audio 4000 RTP/AVP 0\nc=IN IP4 " OWN "\n" HOST_RTP
	  "m=video 4002 RTP/AVP 96\nc=IN IP4 " OWN "\na=candidate:1 1 udp 2130706431 " OWN
	  " 4002 typ host\n",
	  "v=0\nm=audio 14000 RTP/AVP 0\nc=IN IP4 " SHOWN "\n" ADDED_RTP HOST_RTP
	  "m=video 14002 RTP/AVP 96\nc=IN IP4 " SHOWN "\n" ADDED("1", "1694498815", "14002", "4002")
	  "a=candidate:1 1 udp 2130706431 " OWN " 4002 typ host\n" },
	{ "host candidates of other addresses, and of the other family, stay",
	  TOP "m=audio 4000 RTP/AVP 0\na=candidate:1 1 UDP 2130706431 10.8.0.6 4000 typ host\n"
	  "a=candidate:2 1 UDP 2130706175 2001:db8::7 4000 typ host\n"
	  "a=candidate:3 1 UDP 2130705919 " OWN " 4000 typ host\n",
	  TOP_OUT "m=audio 14000 RTP/AVP 0\na=candidate:1 1 UDP 2130706431 10.8.0.6 4000 typ host\n"
	  "a=candidate:2 1 UDP 2130706175 2001:db8::7 4000 typ host\n"
	  ADDED("1", "1694498303", "14000", "4000")
	  "a=candidate:3 1 UDP 2130705919 " OWN " 4000 typ host\n" },
	{ "the default is another host's candidate",
	  "v=0\nm=audio 4000 RTP/AVP 0\nc=IN IP4 10.8.0.6\n"
	  "a=candidate:1 1 UDP 2130706431 10.8.0.6 4000 typ host\n" HOST_RTP,
	  "v=0\nm=audio 4000 RTP/AVP 0\nc=IN IP4 10.8.0.6\n"
	  "a=candidate:1 1 UDP 2130706431 10.8.0.6 4000 typ host\n" HOST_RTP },
	{ "the default is relayed (RFC 8656)",
	  "v=0\nm=audio 50000 RTP/AVP 0\nc=IN IP4 198.51.100.9\n" HOST_RTP
	  "a=candidate:2 1 UDP 16777215 198.51.100.9 50000 typ relay raddr " OWN " rport 4000\n",
	  "v=0\nm=audio 50000 RTP/AVP 0\nc=IN IP4 198.51.100.9\n" HOST_RTP
	  "a=candidate:2 1 UDP 16777215 198.51.100.9 50000 typ relay raddr " OWN " rport 4000\n" },
	{ "the default is what a STUN server told",
	  "v=0\nm=audio 4000 RTP/AVP 0\nc=IN IP4 " SHOWN "\n" HOST_RTP
	  "a=candidate:2 1 UDP 1694498815 " SHOWN " 4000 typ srflx raddr " OWN " rport 4000\n",
	  "v=0\nm=audio 4000 RTP/AVP 0\nc=IN IP4 " SHOWN "\n" HOST_RTP
	  "a=candidate:2 1 UDP 1694498815 " SHOWN " 4000 typ srflx raddr " OWN " rport 4000\n" },
	{ "a STUN server told the same port: no second candidate for it",
	  TOP "m=audio 4000 RTP/AVP 0\n" HOST_RTP
	  "a=candidate:2 1 UDP 1694498815 " SHOWN " 14000 typ srflx raddr " OWN " rport 4000\n",
	  TOP_OUT "m=audio 14000 RTP/AVP 0\n" HOST_RTP
	  "a=candidate:2 1 UDP 1694498815 " SHOWN " 14000 typ srflx raddr " OWN " rport 4000\n" },
	{ "a STUN server told another port: priorities differ",
	  TOP "m=audio 4000 RTP/AVP 0\n" HOST_RTP
	  "a=candidate:2 1 UDP 1694498815 " SHOWN " 7 typ srflx raddr " OWN " rport 4000\n",
	  TOP_OUT "m=audio 14000 RTP/AVP 0\n" ADDED("1", "1694498559", "14000", "4000") HOST_RTP
	  "a=candidate:2 1 UDP 1694498815 " SHOWN " 7 typ srflx raddr " OWN " rport 4000\n" },
	{ "candidates for TCP are not for UDP (RFC 6544)",
	  TOP "m=audio 4000 RTP/AVP 0\na=candidate:1 1 TCP 2128609279 " OWN
	  " 4000 typ host tcptype passive\n" HOST_RTP,
	  TOP_OUT "m=audio 14000 RTP/AVP 0\na=candidate:1 1 TCP 2128609279 " OWN
	  " 4000 typ host tcptype passive\n" ADDED_RTP HOST_RTP },
	{ "a stream over TCP with candidates",
	  TOP "m=message 4000 TCP/MSRP *\na=candidate:1 1 TCP 2128609279 " OWN
	  " 4000 typ host tcptype passive\n",
	  TOP_KEPT "m=message 4000 TCP/MSRP *\na=candidate:1 1 TCP 2128609279 " OWN
	  " 4000 typ host tcptype passive\n" },
	{ "a data channel (RFC 8841)",
	  TOP "m=application 4000 UDP/DTLS/SCTP webrtc-datachannel\n" HOST_RTP,
	  TOP_OUT "m=application 14000 UDP/DTLS/SCTP webrtc-datachannel\n" ADDED_RTP HOST_RTP },
	{ "trickle: no address yet (RFC 8840, 4.1)",
	  "v=0\na=ice-options:trickle\nm=audio 9 RTP/AVP 0\nc=IN IP4 0.0.0.0\na=ice-ufrag:x\n",
	  "v=0\na=ice-options:trickle\nm=audio 9 RTP/AVP 0\nc=IN IP4 0.0.0.0\na=ice-ufrag:x\n" },
	{ "trickle with an address: nobody sends to port 9, and none is asked for",
	  TOP "a=ice-options:trickle\nm=audio 9 RTP/AVP 0\na=rtcp:9\na=ice-options:trickle\n",
	  TOP_OUT "a=ice-options:trickle\nm=audio 9 RTP/AVP 0\na=rtcp:9\na=ice-options:trickle\n" },
	{ "a section that is bundled with another (RFC 9143, 7.3.3), beside candidates",
	  TOP "a=group:BUNDLE 0 1\nm=audio 4000 RTP/AVP 0\na=mid:0\n" HOST_RTP
	  "m=video 9 RTP/AVP 96\na=mid:1\n",
	  TOP_OUT "a=group:BUNDLE 0 1\nm=audio 14000 RTP/AVP 0\na=mid:0\n" ADDED_RTP HOST_RTP
	  "m=video 9 RTP/AVP 96\na=mid:1\n" },
	{ "trickle by halves: the first candidates are there",
	  TOP "a=ice-options:trickle\nm=audio 4000 RTP/AVP 0\n" HOST_RTP "a=end-of-candidates\n",
	  TOP_OUT "a=ice-options:trickle\nm=audio 14000 RTP/AVP 0\n" ADDED_RTP HOST_RTP
	  "a=end-of-candidates\n" },
	{ "trickle by halves, with port 9 in m=: no default that a candidate could agree with",
	  TOP "a=group:BUNDLE 0 1\na=ice-options:trickle\nm=audio 9 UDP/TLS/RTP/SAVPF 0\na=mid:0\n"
	  HOST_RTP "a=rtcp-mux\nm=video 9 UDP/TLS/RTP/SAVPF 96\na=mid:1\n" HOST_RTP,
	  TOP_OUT "a=group:BUNDLE 0 1\na=ice-options:trickle\nm=audio 9 UDP/TLS/RTP/SAVPF 0\na=mid:0\n"
	  HOST_RTP "a=rtcp-mux\nm=video 9 UDP/TLS/RTP/SAVPF 96\na=mid:1\n" HOST_RTP },
	{ "trickle by halves, with no address in c= (RFC 8840, 4.1)",
	  "v=0\nc=IN IP4 0.0.0.0\na=group:BUNDLE 0 1\na=ice-options:trickle\n"
	  "m=audio 9 UDP/TLS/RTP/SAVPF 0\na=mid:0\n" HOST_RTP
	  "m=video 9 UDP/TLS/RTP/SAVPF 96\na=mid:1\n" HOST_RTP,
	  "v=0\nc=IN IP4 0.0.0.0\na=group:BUNDLE 0 1\na=ice-options:trickle\n"
	  "m=audio 9 UDP/TLS/RTP/SAVPF 0\na=mid:0\n" HOST_RTP
	  "m=video 9 UDP/TLS/RTP/SAVPF 96\na=mid:1\n" HOST_RTP },
	{ "a re-INVITE behind the checks, on the direct path (RFC 8839, 4.4.1.2.2)",
	  TOP "m=audio 4000 RTP/AVP 0\n" HOST_RTP "a=remote-candidates:1 192.168.1.11 5000\n",
	  TOP_KEPT "m=audio 4000 RTP/AVP 0\n" HOST_RTP "a=remote-candidates:1 192.168.1.11 5000\n" },
	{ "a re-INVITE behind the checks, through the NAT",
	  "v=0\nm=audio 14000 RTP/AVP 0\nc=IN IP4 " SHOWN "\n"
	  "a=candidate:7 1 UDP 1862270975 " SHOWN " 14000 typ prflx raddr " OWN " rport 4000\n"
	  "a=remote-candidates:1 198.51.100.7 5000\n",
	  "v=0\nm=audio 14000 RTP/AVP 0\nc=IN IP4 " SHOWN "\n"
	  "a=candidate:7 1 UDP 1862270975 " SHOWN " 14000 typ prflx raddr " OWN " rport 4000\n"
	  "a=remote-candidates:1 198.51.100.7 5000\n" },
	{ "a section that must stay keeps the address that it shares with another",
	  TOP "m=audio 4000 RTP/AVP 0\n" HOST_RTP "m=video 4002 RTP/AVP 96\na=candidate:1 1 UDP 9 "
	  OWN " 4002 typ host\na=remote-candidates:1 192.168.1.11 5000\n",
	  TOP_KEPT "m=audio 4000 RTP/AVP 0\n" HOST_RTP "m=video 4002 RTP/AVP 96\na=candidate:1 1 UDP 9 "
	  OWN " 4002 typ host\na=remote-candidates:1 192.168.1.11 5000\n" },
	{ "a section without candidates does without ICE (RFC 8839, 4.2.5)",
	  TOP "m=audio 4000 RTP/AVP 0\n" HOST_RTP "m=image 4002 udptl t38\n",
	  TOP_OUT "m=audio 14000 RTP/AVP 0\n" ADDED_RTP HOST_RTP "m=image 14002 udptl t38\n" },
	{ "an answer that has no use for ICE (RFC 8839, 5.3)",
	  TOP "m=audio 4000 RTP/AVP 0\na=ice-mismatch\n",
	  TOP_OUT "m=audio 14000 RTP/AVP 0\na=ice-mismatch\n" },
	{ "the default is no candidate: a mismatch before and after",
	  TOP "m=audio 4000 RTP/AVP 0\na=candidate:1 1 UDP 2130706431 " OWN " 4444 typ host\n",
	  TOP_OUT "m=audio 14000 RTP/AVP 0\na=candidate:1 1 UDP 2130706431 " OWN " 4444 typ host\n" },
	{ "a name in place of the address (mDNS)",
	  TOP "m=audio 4000 RTP/AVP 0\na=candidate:1 1 udp 2113937151 1f4712db.local 4000 typ host\n",
	  TOP_OUT "m=audio 14000 RTP/AVP 0\n"
	  "a=candidate:1 1 udp 2113937151 1f4712db.local 4000 typ host\n" },
	{ "candidates of an older draft, as Lync 2010 writes them",
	  TOP "m=audio 4000 RTP/AVP 0\n"
	  "a=candidate:4Ykd 1 Zs6T UDP 0.830 " OWN " 4000\n",
	  TOP_KEPT "m=audio 4000 RTP/AVP 0\n"
	  "a=candidate:4Ykd 1 Zs6T UDP 0.830 " OWN " 4000\n" },
	{ "one candidate of several cannot be read",
	  TOP "m=audio 4000 RTP/AVP 0\na=candidate:junk\n" HOST_RTP,
	  TOP_OUT "m=audio 14000 RTP/AVP 0\na=candidate:junk\n" ADDED_RTP HOST_RTP },
	{ "extensions behind a candidate stay",
	  TOP "m=audio 4000 RTP/AVP 0\na=candidate:1 1 udp 2130706431 " OWN
	  " 4000 typ host generation 0 ufrag x network-id 1\n",
	  TOP_OUT "m=audio 14000 RTP/AVP 0\n" ADDED_RTP "a=candidate:1 1 udp 2130706431 " OWN
	  " 4000 typ host generation 0 ufrag x network-id 1\n" },
	{ "Asterisk, sipML5 issue 50: a foundation of letters, both components",
	  TOP "m=audio 4000 RTP/AVPF 8\na=ice-options:google-ice\n"
	  "a=candidate:H5b79513e 1 udp 2130706431 " OWN " 4000 typ host generation 0 svn 16\n"
	  "a=candidate:H5b79513e 2 udp 2130706430 " OWN " 4001 typ host generation 0 svn 16\n"
	  "m=video 0 RTP/AVPF 103\n",
	  TOP_OUT "m=audio 14000 RTP/AVPF 8\na=ice-options:google-ice\n"
	  ADDED_RTP "a=candidate:H5b79513e 1 udp 2130706431 " OWN " 4000 typ host generation 0 svn 16\n"
	  ADDED_RTCP "a=candidate:H5b79513e 2 udp 2130706430 " OWN " 4001 typ host generation 0 svn 16\n"
	  "m=video 0 RTP/AVPF 103\n" },
	{ "Chrome 22, sipML5 issue 45: one port for both components, reflexive ones without raddr",
	  "v=0\nm=audio 4000 RTP/SAVPF 103\nc=IN IP4 " SHOWN "\na=rtcp:4000 IN IP4 " SHOWN "\n"
	  HOST_RTP "a=candidate:1 2 udp 2130714367 " OWN " 4000 typ host generation 0\n"
	  "a=candidate:2 1 udp 1912610559 " SHOWN " 4000 typ srflx generation 0\n"
	  "a=candidate:2 2 udp 1912610559 " SHOWN " 4000 typ srflx generation 0\n",
	  "v=0\nm=audio 4000 RTP/SAVPF 103\nc=IN IP4 " SHOWN "\na=rtcp:4000 IN IP4 " SHOWN "\n"
	  HOST_RTP "a=candidate:1 2 udp 2130714367 " OWN " 4000 typ host generation 0\n"
	  "a=candidate:2 1 udp 1912610559 " SHOWN " 4000 typ srflx generation 0\n"
	  "a=candidate:2 2 udp 1912610559 " SHOWN " 4000 typ srflx generation 0\n" },
	{ "WebRTC, PJSIP issue 2952: trickle with a name as its only candidate",
	  "v=0\nm=audio 9 UDP/TLS/RTP/SAVP 96\nc=IN IP4 0.0.0.0\na=rtcp:9 IN IP4 0.0.0.0\n"
	  "a=candidate:14 1 udp 2113937151 170ba328-8d0e.local 48905 typ host generation 0 network-cost 999\n"
	  "a=ice-ufrag:x\na=ice-options:trickle\n",
	  "v=0\nm=audio 9 UDP/TLS/RTP/SAVP 96\nc=IN IP4 0.0.0.0\na=rtcp:9 IN IP4 0.0.0.0\n"
	  "a=candidate:14 1 udp 2113937151 170ba328-8d0e.local 48905 typ host generation 0 network-cost 999\n"
	  "a=ice-ufrag:x\na=ice-options:trickle\n" },
	{ "candidates with CR twice at their ends, as the rest of the text",
	  TOP "m=audio 4000 RTP/AVP 0\r\na=candidate:1 1 UDP 2130706431 " OWN " 4000 typ host\r\n",
	  TOP_OUT "m=audio 14000 RTP/AVP 0\r\n" ADDED_RTP
	  "a=candidate:1 1 UDP 2130706431 " OWN " 4000 typ host\r\n" },
	{ "another NAT has added its candidate: this one adds its own",
	  TOP "m=audio 4000 RTP/AVP 0\na=candidate:n0a000001 1 UDP 1694498815 " OWN
	  " 4000 typ srflx raddr 10.0.0.1 rport 4000\n",
	  TOP_OUT "m=audio 14000 RTP/AVP 0\n" ADDED("1", "1694498559", "14000", "4000")
	  "a=candidate:n0a000001 1 UDP 1694498815 " OWN " 4000 typ srflx raddr 10.0.0.1 rport 4000\n" },
	{ "components beyond two are of no known default",
	  TOP "m=audio 4000 RTP/AVP 0\na=candidate:1 3 UDP 1 " OWN " 4000 typ host\n"
	  "a=candidate:1 0 UDP 1 " OWN " 4000 typ host\n" HOST_RTP,
	  TOP_OUT "m=audio 14000 RTP/AVP 0\na=candidate:1 3 UDP 1 " OWN " 4000 typ host\n"
	  "a=candidate:1 0 UDP 1 " OWN " 4000 typ host\n" ADDED_RTP HOST_RTP },
};

static void assert_sdp(struct world *w, const char *what, const char *in, const char *out)
{
	static const char head[] = "INVITE sip:b@h SIP/2.0\nVia: SIP/2.0/UDP h\nFrom: <sip:a@h>;tag=1\n"
				   "To: <sip:b@h>\nCall-ID: c\nCSeq: 1 INVITE\n"
				   "Content-Type: application/sdp\n\n";
	char lines[4096], want[4096];
	struct text text, got;
	struct sip_plan plan;
	struct sip_msg msg;

	snprintf(lines, sizeof(lines), "%s%s", head, in);
	snprintf(want, sizeof(want), "%s%s", head, out);
	text = message(lines);
	if (parse(&msg, text) || translate(&plan, &msg, text, w))
		fail_msg("%s: not understood", what);
	got = apply(&plan, text);
	assert_text(got, want);
	free((void *)got.data);
}

static void table(void **state)
{
	struct world w;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		world_outbound(&w, 4);
		assert_sdp(&w, rows[i].what, rows[i].in, rows[i].out);
	}
}

/* RFC 8445, 5.2: one candidate a component, of type host. */
static void lite(void **state)
{
	struct world w;

	(void)state;
	world_outbound(&w, 4);
	assert_sdp(&w, "ice-lite",
		   TOP "a=ice-lite\nm=audio 4000 RTP/AVP 0\n" HOST_RTP HOST_RTCP,
		   TOP_OUT "a=ice-lite\nm=audio 14000 RTP/AVP 0\n"
		   "a=candidate:1 1 UDP 2130706431 " SHOWN " 14000 typ host\n"
		   "a=candidate:1 2 UDP 2130706430 " SHOWN " 14001 typ host\n");
}

static void ipv6(void **state)
{
	struct world w;

	(void)state;
	world_outbound(&w, 6);
	assert_sdp(&w, "IPv6 beside IPv4",
		   "v=0\nc=IN IP6 2001:db8:1::10\nm=audio 4000 RTP/AVP 0\n"
		   "a=candidate:1 1 UDP 2130706431 2001:DB8:1:0::10 4000 typ host\n" HOST_RTP,
		   "v=0\nc=IN IP6 2001:db8:2::5\nm=audio 14000 RTP/AVP 0\n"
		   "a=candidate:n20030dbd 1 UDP 1694498815 2001:db8:2::5 14000 typ srflx "
		   "raddr 2001:db8:1::10 rport 4000\n"
		   "a=candidate:1 1 UDP 2130706431 2001:DB8:1:0::10 4000 typ host\n" HOST_RTP);
}

/* The setting "ice pass". */
static void kept(void **state)
{
	struct world w;

	(void)state;
	world_outbound(&w, 4);
	w.nat.keeps_ice = true;
	assert_sdp(&w, "pass", TOP "m=audio 4000 RTP/AVP 0\n" HOST_RTP,
		   TOP "m=audio 4000 RTP/AVP 0\n" HOST_RTP);
	assert_int_equal(w.n_asked, 0);
}

/* Where one cannot be had, all stays. */
static void refused(void **state)
{
	struct sip_plan plan;
	struct sip_msg msg;
	struct text text;
	struct world w;

	(void)state;
	world_outbound(&w, 4);
	w.media_answer[0] = SIP_MAP_REFUSE;
	text = message("INVITE sip:b@h SIP/2.0\nVia: SIP/2.0/UDP h\nFrom: <sip:a@h>;tag=1\n"
		       "To: <sip:b@h>\nCall-ID: c\nCSeq: 1 INVITE\nContent-Type: application/sdp\n\n"
		       TOP "m=audio 4000 RTP/AVP 0\n" HOST_RTP);
	assert_int_equal(parse(&msg, text), SIP_OK);
	assert_int_equal(translate(&plan, &msg, text, &w), SIP_REFUSED);
	w.media_answer[0] = SIP_MAP_KEEP;
	assert_int_equal(translate(&plan, &msg, text, &w), SIP_OK);
	/* o= alone */
	assert_int_equal(plan.n_edits, 1);
}

/* A NAT that keeps the addresses makes bindings, and adds nothing. */
static void without_nat(void **state)
{
	struct world w;

	(void)state;
	world_outbound(&w, 4);
	w.nat.source_outside = w.nat.source_inside;
	w.media_answer[0] = SIP_MAP_KEEP;
	assert_sdp(&w, "no NAT", TOP "m=audio 4000 RTP/AVP 0\n" HOST_RTP,
		   TOP "m=audio 4000 RTP/AVP 0\n" HOST_RTP);
	assert_int_equal(w.n_asked, 1);
}

/* The line that is added ends as the others do. */
static void line_ends(void **state)
{
	static const char *const ends[] = { "\r\n", "\n", "\r" };
	struct sip_plan plan;
	struct sip_msg msg;
	struct text text;
	char lines[2048], want[512];
	struct world w;
	size_t i, n;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(ends); i++) {
		const char *e = ends[i];

		n = (size_t)snprintf(lines, sizeof(lines), "INVITE sip:b@h SIP/2.0\r\nv: SIP/2.0/UDP h\r\n"
				     "f: <sip:a@h>;tag=1\r\nt: <sip:b@h>\r\ni: c\r\nCSeq: 1 INVITE\r\n"
				     "c: application/sdp\r\n\r\nv=0%sc=IN IP4 " OWN "%sm=audio 4000 RTP/AVP 0%s"
				     "a=candidate:1 1 UDP 1 " OWN " 4000 typ host", e, e, e);
		text = guard(lines, n);
		world_outbound(&w, 4);
		assert_int_equal(parse(&msg, text), SIP_OK);
		assert_int_equal(translate(&plan, &msg, text, &w), SIP_OK);
		assert_int_equal(plan.n_edits, 3);
		n = (size_t)snprintf(want, sizeof(want), "a=candidate:ncb007105 1 UDP 1677721855 " SHOWN
				     " 14000 typ srflx raddr " OWN " rport 4000%s", e);
		assert_int_equal(plan.edits[2].text_len, n);
		assert_memory_equal(plan.text + plan.edits[2].text, want, n);
	}
}

/* As many as a message can have: the plan has room. */
static void room(void **state)
{
	static char lines[SIP_MSG_MAX];
	size_t n = 0, i;
	struct sip_plan plan;
	struct sip_msg msg;
	struct text text;
	struct world w;

	(void)state;
	n += (size_t)snprintf(lines, sizeof(lines), "INVITE sip:b@h SIP/2.0\nVia: SIP/2.0/UDP h\n"
			      "From: <sip:a@h>;tag=1\nTo: <sip:b@h>\nCall-ID: c\nCSeq: 1 INVITE\n"
			      "Content-Type: application/sdp\n\nv=0\n");
	for (i = 0; i < SDP_MEDIA_MAX; i++)
		n += (size_t)snprintf(lines + n, sizeof(lines) - n,
				      "m=audio %zu RTP/AVP 0\nc=IN IP6 2001:db8:1::10\n"
				      "a=rtcp:%zu IN IP6 2001:db8:1::10\n"
				      "a=candidate:1 1 UDP 2130706431 2001:db8:1::10 %zu typ host\n"
				      "a=candidate:1 2 UDP 2130706430 2001:db8:1::10 %zu typ host\n",
				      20000 + 4 * i, 20002 + 4 * i, 20000 + 4 * i, 20002 + 4 * i);
	text = message(lines);
	world_outbound(&w, 6);
	w.nat.source_outside = endpoint("ffee:ddcc:bbaa:9988:ffee:ddcc:bbaa:9988", 1024);
	assert_int_equal(parse(&msg, text), SIP_OK);
	assert_int_equal(translate(&plan, &msg, text, &w), SIP_OK);
	assert_int_equal(plan.n_edits, 6 * SDP_MEDIA_MAX);
}

/* A default beyond the candidates that are kept stays, and those of others do not. */
static void limit(void **state)
{
	static char lines[16384];
	size_t n = 0, i;
	struct sip_plan plan;
	struct sip_msg msg;
	struct text text;
	struct world w;

	(void)state;
	n += (size_t)snprintf(lines, sizeof(lines), "INVITE sip:b@h SIP/2.0\nVia: SIP/2.0/UDP h\n"
			      "From: <sip:a@h>;tag=1\nTo: <sip:b@h>\nCall-ID: c\nCSeq: 1 INVITE\n"
			      "Content-Type: application/sdp\n\nv=0\nm=audio 4000 RTP/AVP 0\n"
			      "c=IN IP4 " OWN "\n" HOST_RTP);
	for (i = 1; i < SDP_CANDIDATES_MAX; i++)
		n += (size_t)snprintf(lines + n, sizeof(lines) - n,
				      "a=candidate:1 1 UDP 1 10.0.0.1 %zu typ host\n", i);
	snprintf(lines + n, sizeof(lines) - n, "m=video 4002 RTP/AVP 96\nc=IN IP4 " OWN "\n"
		 "a=candidate:1 1 UDP 1 " OWN " 4002 typ host\n");
	text = message(lines);
	world_outbound(&w, 4);
	assert_int_equal(parse(&msg, text), SIP_OK);
	assert_int_equal(msg.sdp.n_candidates, SDP_CANDIDATES_MAX);
	assert_int_equal(translate(&plan, &msg, text, &w), SIP_OK);
	assert_int_equal(w.n_asked, 1);
	/* port, c=, and the candidate */
	assert_int_equal(plan.n_edits, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table),
		cmocka_unit_test(lite),
		cmocka_unit_test(ipv6),
		cmocka_unit_test(kept),
		cmocka_unit_test(refused),
		cmocka_unit_test(without_nat),
		cmocka_unit_test(line_ends),
		cmocka_unit_test(room),
		cmocka_unit_test(limit),
	};

	return cmocka_run_group_tests_name("ice", tests, NULL, NULL);
}
