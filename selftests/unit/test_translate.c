// SPDX-License-Identifier: GPL-2.0
/*
 * Changes to a message that crosses the NAT, by the table of
 * DESIGN, section 4. The golden files show it on whole messages; here are the
 * rules one by one.
 */
#include <stdio.h>
#include <stdlib.h>

#include "harness.h"

#define REST					\
	"From: <sip:a@192.168.1.10>;tag=1\n"	\
	"To: <sip:b@203.0.113.5:1024>\n"	\
	"Call-ID: c@192.168.1.10\n"

static void assert_translated(struct world *w, const char *lines, const char *want)
{
	struct text got = translated(lines, w);

	assert_text(got, want);
	free((void *)got.data);
}

static void assert_unchanged(struct world *w, const char *lines)
{
	assert_translated(w, lines, lines);
}

static void outbound_request(void **state)
{
	struct world w;

	(void)state;
	world_outbound(&w, 4);
	assert_translated(&w,
			  "OPTIONS sip:b@192.168.1.10 SIP/2.0\n"
			  "Via: SIP/2.0/UDP 192.168.1.10:5062;maddr=192.168.1.10;received=192.168.1.10\n"
			  "Via: SIP/2.0/UDP 192.168.1.10\n" REST "CSeq: 1 OPTIONS\n"
			  "Route: <sip:192.168.1.10:5060>,<sip:192.168.1.10>\n"
			  "Contact: <sip:192.168.1.10>,<sip:192.168.1.11>,<sip:a@192.168.1.10:5060>\n"
			  "Path: <sip:192.168.1.10>\nRecord-Route: <sip:192.168.1.10;lr>\n"
			  "Refer-To: <sip:192.168.1.10>\nService-Route: <sip:192.168.1.10>\n"
			  "P-Asserted-Identity: <sip:192.168.1.10>\n\n",
			  "OPTIONS sip:b@203.0.113.5:1024 SIP/2.0\n"
			  "Via: SIP/2.0/UDP 203.0.113.5:15062;maddr=203.0.113.5;received=192.168.1.10\n"
			  "Via: SIP/2.0/UDP 192.168.1.10\n" REST "CSeq: 1 OPTIONS\n"
			  "Route: <sip:203.0.113.5:1024>,<sip:203.0.113.5:1024>\n"
			  "Contact: <sip:203.0.113.5:1024>,<sip:192.168.1.11>,<sip:a@203.0.113.5:1024>\n"
			  "Path: <sip:203.0.113.5:1024>\nRecord-Route: <sip:203.0.113.5:1024;lr>\n"
			  "Refer-To: <sip:203.0.113.5:1024>\nService-Route: <sip:192.168.1.10>\n"
			  "P-Asserted-Identity: <sip:192.168.1.10>\n\n");
	assert_int_equal(w.n_inward, 0);
}

static void outbound_response(void **state)
{
	struct world w;

	(void)state;
	world_outbound(&w, 4);
	assert_translated(&w,
			  "SIP/2.0 200 OK\nVia: SIP/2.0/UDP 192.168.1.10;maddr=192.168.1.10;rport=5060\n"
			  REST "CSeq: 1 OPTIONS\nRoute: <sip:192.168.1.10>\n"
			  "Contact: <sip:192.168.1.10>\nRecord-Route: <sip:192.168.1.10>\n"
			  "Path: <sip:192.168.1.10>\n\n",
			  "SIP/2.0 200 OK\nVia: SIP/2.0/UDP 192.168.1.10;maddr=192.168.1.10;rport=5060\n"
			  REST "CSeq: 1 OPTIONS\nRoute: <sip:192.168.1.10>\n"
			  "Contact: <sip:203.0.113.5:1024>\nRecord-Route: <sip:203.0.113.5:1024>\n"
			  "Path: <sip:203.0.113.5:1024>\n\n");
}

static void inbound_request(void **state)
{
	struct world w;

	(void)state;
	world_inbound(&w, 4);
	assert_translated(&w,
			  "OPTIONS sip:b@203.0.113.5:1024 SIP/2.0\n"
			  "Via: SIP/2.0/UDP 203.0.113.5:1024;maddr=203.0.113.5;rport=1024\n"
			  REST "CSeq: 1 OPTIONS\n"
			  "Route: <sip:203.0.113.5:1024>,<sip:203.0.113.5:1024>\n"
			  "Contact: <sip:203.0.113.5:1024>, <sip:203.0.113.5:99>, <sip:203.0.113.6:1024>\n"
			  "Path: <sip:203.0.113.5:15070>\nRecord-Route: <sip:203.0.113.5:1024;lr>\n"
			  "Refer-To: <sip:203.0.113.5:1024>\n\n",
			  "OPTIONS sip:b@192.168.1.10:5060 SIP/2.0\n"
			  "Via: SIP/2.0/UDP 203.0.113.5:1024;maddr=203.0.113.5;rport=1024\n"
			  REST "CSeq: 1 OPTIONS\n"
			  "Route: <sip:192.168.1.10:5060>,<sip:192.168.1.10:5060>\n"
			  "Contact: <sip:192.168.1.10:5060>, <sip:203.0.113.5:99>, <sip:203.0.113.6:1024>\n"
			  "Path: <sip:192.168.1.10:5070>\nRecord-Route: <sip:192.168.1.10:5060;lr>\n"
			  "Refer-To: <sip:203.0.113.5:1024>\n\n");
	assert_int_equal(w.n_outward, 0);
}

static void inbound_response(void **state)
{
	struct world w;

	(void)state;
	world_inbound(&w, 4);
	assert_translated(&w,
			  "SIP/2.0 200 OK\n"
			  "Via: SIP/2.0/UDP 203.0.113.5:1024;rport=1024;received=203.0.113.5;maddr=203.0.113.5\n"
			  "Via: SIP/2.0/UDP 203.0.113.5:1024;rport=1024;received=203.0.113.5\n"
			  REST "CSeq: 1 OPTIONS\nRoute: <sip:203.0.113.5:1024>\n\n",
			  "SIP/2.0 200 OK\n"
			  "Via: SIP/2.0/UDP 192.168.1.10:5060;rport=5060;received=192.168.1.10;maddr=192.168.1.10\n"
			  "Via: SIP/2.0/UDP 203.0.113.5:1024;rport=1024;received=203.0.113.5\n"
			  REST "CSeq: 1 OPTIONS\nRoute: <sip:203.0.113.5:1024>\n\n");
	/* An address that the other side saw of somebody else stays. */
	assert_translated(&w,
			  "SIP/2.0 200 OK\nVia: SIP/2.0/UDP 203.0.113.5:1024;rport=4;received=203.0.113.6\n"
			  REST "CSeq: 1 OPTIONS\n\n",
			  "SIP/2.0 200 OK\nVia: SIP/2.0/UDP 192.168.1.10:5060;rport=4;received=203.0.113.6\n"
			  REST "CSeq: 1 OPTIONS\n\n");
	/* A status that RFC 3261 does not know is that of a response all the same. */
	assert_translated(&w,
			  "SIP/2.0 799 Odd\nVia: SIP/2.0/UDP 203.0.113.5:1024;rport=4\n"
			  REST "CSeq: 1 OPTIONS\n\n",
			  "SIP/2.0 799 Odd\nVia: SIP/2.0/UDP 192.168.1.10:5060;rport=4\n"
			  REST "CSeq: 1 OPTIONS\n\n");
	/* Without a change of sent-by none of its parameters either. */
	assert_unchanged(&w,
			 "SIP/2.0 200 OK\n"
			 "Via: SIP/2.0/UDP 203.0.113.5:99;rport=1024;received=203.0.113.5;maddr=203.0.113.5\n"
			 REST "CSeq: 1 OPTIONS\n\n");
	assert_unchanged(&w,
			 "SIP/2.0 200 OK\nVia: SIP/2.0/UDP h;rport=1024;received=203.0.113.5\n"
			 REST "CSeq: 1 OPTIONS\n\n");
}

/* Requests go to maddr and the port of the URI, whatever its host: RFC 3261, 19.1.1. */
static void uri_maddr(void **state)
{
	static const struct {
		const char *in, *out;
	} uris[] = {
		{ "sip:a@192.168.1.10;maddr=192.168.1.10", "sip:a@203.0.113.5:1024;maddr=203.0.113.5" },
		{ "sip:a@192.168.1.10:5070;lr;maddr=192.168.1.10;x=1",
		  "sip:a@203.0.113.5:15070;lr;maddr=203.0.113.5;x=1" },
		{ "sip:a@pbx.example.com;maddr=192.168.1.10",
		  "sip:a@pbx.example.com:1024;maddr=203.0.113.5" },
		{ "sip:a@pbx.example.com:5070;MADDR=192.168.1.10?x=y",
		  "sip:a@pbx.example.com:15070;MADDR=203.0.113.5?x=y" },
		{ "sip:a@198.51.100.7:5060;transport=tcp;maddr=192.168.1.10",
		  "sip:a@198.51.100.7:1024;transport=tcp;maddr=203.0.113.5" },
		{ "sip:a@pbx;maddr=192.168.1.10;transport=tls",
		  "sip:a@pbx:15061;maddr=203.0.113.5;transport=tls" },
		{ "sip:a@192.168.1.10;maddr=pbx.example.com",
		  "sip:a@203.0.113.5:1024;maddr=pbx.example.com" },
		/* It leads to somebody else. */
		{ "sip:a@192.168.1.10;maddr=198.51.100.7", "sip:a@192.168.1.10;maddr=198.51.100.7" },
		/* None of its own: a parameter of the header, of the user, of a header within. */
		{ "sip:a;maddr=192.168.1.10@h", "sip:a;maddr=192.168.1.10@h" },
		{ "sip:h?maddr=192.168.1.10", "sip:h?maddr=192.168.1.10" },
		{ "sip:h;xmaddr=192.168.1.10;maddr", "sip:h;xmaddr=192.168.1.10;maddr" },
		{ "tel:1;maddr=192.168.1.10", "tel:1;maddr=192.168.1.10" },
	};
	char sent[512], got[512];
	struct world w;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(uris); i++) {
		snprintf(sent, sizeof(sent),
			 "SIP/2.0 200 OK\nVia: SIP/2.0/UDP h\n" REST
			 "CSeq: 1 INVITE\nContact: <%s>;maddr=192.168.1.10\n\n", uris[i].in);
		snprintf(got, sizeof(got),
			 "SIP/2.0 200 OK\nVia: SIP/2.0/UDP h\n" REST
			 "CSeq: 1 INVITE\nContact: <%s>;maddr=192.168.1.10\n\n", uris[i].out);
		world_outbound(&w, 4);
		assert_translated(&w, sent, got);
	}
	world_outbound(&w, 6);
	assert_translated(&w,
			  "SIP/2.0 200 OK\nVia: SIP/2.0/UDP h\n" REST "CSeq: 1 INVITE\n"
			  "Contact: <sip:h;maddr=[2001:db8:1::10]>, <sip:h;maddr=2001:db8:1::10>\n\n",
			  "SIP/2.0 200 OK\nVia: SIP/2.0/UDP h\n" REST "CSeq: 1 INVITE\n"
			  "Contact: <sip:h:1024;maddr=[2001:db8:2::5]>, <sip:h:1024;maddr=2001:db8:2::5>\n\n");
	/* The phone gets back what it wrote. */
	world_inbound(&w, 4);
	assert_translated(&w,
			  "INVITE sip:a@pbx:15070;maddr=203.0.113.5 SIP/2.0\nVia: SIP/2.0/UDP h\n" REST
			  "CSeq: 1 INVITE\nRoute: <sip:203.0.113.5:1024;lr;maddr=203.0.113.5>\n\n",
			  "INVITE sip:a@pbx:5070;maddr=192.168.1.10 SIP/2.0\nVia: SIP/2.0/UDP h\n" REST
			  "CSeq: 1 INVITE\nRoute: <sip:192.168.1.10:5060;lr;maddr=192.168.1.10>\n\n");
	world_inbound(&w, 4);
	w.port_unwritten[SIP_REQUEST_URI] = true;
	assert_translated(&w,
			  "INVITE sip:a@pbx : 1024;maddr=203.0.113.5 SIP/2.0\nVia: SIP/2.0/UDP h\n" REST
			  "CSeq: 1 INVITE\n\n",
			  "INVITE sip:a@pbx;maddr=192.168.1.10 SIP/2.0\nVia: SIP/2.0/UDP h\n" REST
			  "CSeq: 1 INVITE\n\n");
}

/* The phone gets back what it wrote: with a port, without one, with a default one. */
static void ports_come_back(void **state)
{
	struct world w;

	(void)state;
	world_inbound(&w, 4);
	w.port_unwritten[SIP_VIA] = true;
	w.port_unwritten[SIP_CONTACT] = true;
	assert_translated(&w,
			  "SIP/2.0 200 OK\nVia: SIP/2.0/UDP 203.0.113.5 :\t1024;rport=1024\n"
			  REST "CSeq: 1 OPTIONS\nContact: <sip:203.0.113.5:1024>;expires=1,"
			  "<sip:203.0.113.5:15070>,<sips:203.0.113.5:15061>\n\n",
			  "SIP/2.0 200 OK\nVia: SIP/2.0/UDP 192.168.1.10;rport=5060\n"
			  REST "CSeq: 1 OPTIONS\nContact: <sip:192.168.1.10>;expires=1,"
			  "<sip:192.168.1.10:5070>,<sips:192.168.1.10>\n\n");
	/* Not if another port would be meant then. */
	assert_translated(&w,
			  "SIP/2.0 200 OK\nVia: SIP/2.0/TLS 203.0.113.5:1024\n"
			  REST "CSeq: 1 OPTIONS\nContact: <sip:203.0.113.5:15061>,"
			  "<sips:203.0.113.5:1024>,<sip:203.0.113.5:1024;transport=tls>,"
			  "<sip:203.0.113.5:15061;transport=tls>\n\n",
			  "SIP/2.0 200 OK\nVia: SIP/2.0/TLS 192.168.1.10:5060\n"
			  REST "CSeq: 1 OPTIONS\nContact: <sip:192.168.1.10:5061>,"
			  "<sips:192.168.1.10:5060>,<sip:192.168.1.10:5060;transport=tls>,"
			  "<sip:192.168.1.10;transport=tls>\n\n");
	world_inbound(&w, 6);
	w.port_unwritten[SIP_VIA] = true;
	assert_translated(&w,
			  "SIP/2.0 200 OK\nVia: SIP/2.0/UDP [2001:db8:2::5]:1024;received=2001:db8:2::5\n"
			  REST "CSeq: 1 OPTIONS\nContact: <sip:[2001:db8:2::5]:1024>\n\n",
			  "SIP/2.0 200 OK\nVia: SIP/2.0/UDP [2001:db8:1::10];received=2001:db8:1::10\n"
			  REST "CSeq: 1 OPTIONS\nContact: <sip:[2001:db8:1::10]:5060>\n\n");
}

static enum sip_map_verdict same_port(struct sip_nat *nat, enum sip_field field,
				      const struct sip_endpoint *inside, bool port_written,
				      struct sip_endpoint *outside)
{
	(void)field;
	(void)port_written;
	*outside = nat->source_outside;
	outside->port = inside->port;
	return SIP_MAP_CHANGE;
}

static enum sip_map_verdict keep(struct sip_nat *nat, enum sip_field field,
				 const struct sip_endpoint *inside, bool port_written,
				 struct sip_endpoint *outside)
{
	(void)nat;
	(void)field;
	(void)inside;
	(void)port_written;
	(void)outside;
	return SIP_MAP_KEEP;
}

/* A port that stays is not written anew, and not added. */
static void ports_that_stay(void **state)
{
	struct sip_nat_ops ops;
	struct world w;

	(void)state;
	world_outbound(&w, 4);
	ops = *w.nat.ops;
	ops.outward = same_port;
	w.nat.ops = &ops;
	assert_translated(&w,
			  "OPTIONS sip:b@h SIP/2.0\nVia: SIP/2.0/TLS 192.168.1.10\n" REST
			  "CSeq: 1 OPTIONS\nContact: <sip:192.168.1.10:05060>,<sips:192.168.1.10>\n\n",
			  "OPTIONS sip:b@h SIP/2.0\nVia: SIP/2.0/TLS 203.0.113.5\n" REST
			  "CSeq: 1 OPTIONS\nContact: <sip:203.0.113.5:05060>,<sips:203.0.113.5>\n\n");
	ops.outward = keep;
	assert_unchanged(&w,
			 "OPTIONS sip:b@h SIP/2.0\nVia: SIP/2.0/UDP 192.168.1.10\n" REST
			 "CSeq: 1 OPTIONS\nContact: <sip:192.168.1.10>\n\n");
}

/* A Request-URI that credentials were computed with stays as it is. */
static void vouched_uri(void **state)
{
	struct world w;

	(void)state;
	world_inbound(&w, 4);
	assert_unchanged(&w,
			 "BYE sip:a@203.0.113.5:1024 SIP/2.0\nVia: SIP/2.0/UDP h\n" REST "CSeq: 1 BYE\n"
			 "Authorization: Digest uri=\"sip:x\"\n"
			 "Proxy-Authorization: Digest uri=\"sip:a@203.0.113.5:1024\"\n\n");
	assert_translated(&w,
			  "BYE sip:a@203.0.113.5:1024 SIP/2.0\nVia: SIP/2.0/UDP h\n" REST "CSeq: 1 BYE\n"
			  "Authorization: Digest uri=\"sip:b@203.0.113.5:1024\"\n\n",
			  "BYE sip:a@192.168.1.10:5060 SIP/2.0\nVia: SIP/2.0/UDP h\n" REST "CSeq: 1 BYE\n"
			  "Authorization: Digest uri=\"sip:b@203.0.113.5:1024\"\n\n");
	/* The server outside compares as well. */
	world_outbound(&w, 4);
	assert_translated(&w,
			  "INVITE sip:b@192.168.1.10 SIP/2.0\nVia: SIP/2.0/UDP 192.168.1.10\n" REST
			  "CSeq: 1 INVITE\nAuthorization: Digest uri=\"sip:b@192.168.1.10\"\n\n",
			  "INVITE sip:b@192.168.1.10 SIP/2.0\nVia: SIP/2.0/UDP 203.0.113.5:1024\n" REST
			  "CSeq: 1 INVITE\nAuthorization: Digest uri=\"sip:b@192.168.1.10\"\n\n");
	assert_translated(&w,
			  "INVITE sip:b@192.168.1.10 SIP/2.0\nVia: SIP/2.0/UDP h\n" REST
			  "CSeq: 1 INVITE\nAuthorization: Digest uri=\"sip:b@h\"\n\n",
			  "INVITE sip:b@203.0.113.5:1024 SIP/2.0\nVia: SIP/2.0/UDP h\n" REST
			  "CSeq: 1 INVITE\nAuthorization: Digest uri=\"sip:b@h\"\n\n");
	assert_unchanged(&w,
			 "INVITE sip:b@203.0.113.5:1024 SIP/2.0\nVia: SIP/2.0/UDP h\n" REST
			 "CSeq: 1 INVITE\nAuthorization: Digest uri=\"sip:b@203.0.113.5:1024\"\n\n");
	world_hairpin(&w);
	assert_unchanged(&w,
			 "INVITE sip:b@203.0.113.5:2048 SIP/2.0\nVia: SIP/2.0/UDP h\n" REST
			 "CSeq: 1 INVITE\nAuthorization: Digest uri=\"sip:b@203.0.113.5:2048\"\n\n");
}

/* A registrar or an edge proxy inside (RFC 3608): requests come back by it. */
static void service_route(void **state)
{
#define OK "SIP/2.0 200 OK\nVia: SIP/2.0/UDP h\n" REST "CSeq: 1 REGISTER\n"
	struct world w;

	(void)state;
	world_outbound(&w, 4);
	assert_translated(&w,
			  OK "Service-Route: <sip:orig@192.168.1.10:5060;lr>,<sip:192.168.1.11;lr>\n"
			  "service-route : \"x\" <sip:192.168.1.10;lr;transport=udp>;x\n\n",
			  OK "Service-Route: <sip:orig@203.0.113.5:1024;lr>,<sip:192.168.1.11;lr>\n"
			  "service-route : \"x\" <sip:203.0.113.5:1024;lr;transport=udp>;x\n\n");
	assert_unchanged(&w,
			 "REGISTER sip:h SIP/2.0\nVia: SIP/2.0/UDP h\n" REST "CSeq: 1 REGISTER\n"
			 "Service-Route: <sip:192.168.1.10;lr>\n\n");
	/* The phone's own requests go by it: the registrar means what it names. */
	world_inbound(&w, 4);
	assert_unchanged(&w, OK "Service-Route: <sip:198.51.100.7;lr>, <sip:203.0.113.5:1024;lr>\n\n");
#undef OK
}

/* Is it told that a body stays, as the message is signed? */
static bool is_seal_told(const char *lines)
{
	struct text text = message(lines);
	struct sip_plan plan;
	struct sip_msg msg;
	struct world w;

	world_outbound(&w, 4);
	assert_int_equal(parse(&msg, text), SIP_OK);
	assert_int_equal(translate(&plan, &msg, text, &w), SIP_OK);
	assert_int_equal(plan.fault.off, msg.sealed);
	return plan.fault.verdict;
}

/* Credentials that cover the body (RFC 7616, 3.4.3) would be wrong for another one. */
static void hashed_body(void **state)
{
#define SDP "Content-Type: application/sdp\n\nv=0\nc=IN IP4 192.168.1.10\nm=audio 4000 RTP/AVP 0\n"
#define NEW_SDP "Content-Type: application/sdp\n\nv=0\nc=IN IP4 203.0.113.5\nm=audio 14000 RTP/AVP 0\n"
	static const struct {
		const char *method, *credentials;
		bool hashed;
	} cases[] = {
		{ "INVITE", "Authorization: Digest username=\"a\",qop=auth-int,uri=\"sip:b@h\"", true },
		{ "INVITE", "Proxy-Authorization: Digest uri=\"sip:b@h\", QOP = \"Auth-Int\"", true },
		{ "UPDATE", "Authorization: Digest qop=auth-int\nProxy-Authorization: Digest qop=auth", true },
		{ "PRACK", "Authorization: Digest qop=auth\nAuthorization: Digest qop=auth-int", true },
		{ "INVITE", "Authorization: Digest username=\"qop=auth-int\",qop=auth" },
		{ "INVITE", "Authorization: Digest xqop=auth-int,qopx=auth-int,qop=auth-inx" },
		{ "INVITE", "Authorization: Basic qop=auth-int" },
		/* A copy of the credentials of its INVITE. */
		{ "ACK", "Authorization: Digest qop=auth-int" },
	};
	char lines[1024], want[1024];
	struct world w;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		snprintf(lines, sizeof(lines), "%s sip:b@h SIP/2.0\nVia: SIP/2.0/UDP 192.168.1.10\n"
			 REST "CSeq: 1 %s\n%s\n" SDP, cases[i].method, cases[i].method,
			 cases[i].credentials);
		snprintf(want, sizeof(want), "%s sip:b@h SIP/2.0\nVia: SIP/2.0/UDP 203.0.113.5:1024\n"
			 REST "CSeq: 1 %s\n%s\n%s", cases[i].method, cases[i].method,
			 cases[i].credentials, cases[i].hashed ? SDP : NEW_SDP);
		world_outbound(&w, 4);
		assert_translated(&w, lines, want);
		assert_int_equal(w.n_asked, !cases[i].hashed);
		assert_int_equal(is_seal_told(lines), cases[i].hashed);
	}
}

/* So would the word of a server that signs its response (RFC 7616, 3.5). */
static void hashed_response(void **state)
{
	static const struct {
		const char *header;
		bool hashed;
	} cases[] = {
		{ "Authentication-Info: qop=auth-int, rspauth=\"6629\", cnonce=\"0a\", nc=1", true },
		{ "Authentication-Info: nextnonce=\"x,y\",QOP=\"Auth-Int\"", true },
		{ "proxy-authentication-info: rspauth=\"1\", qop = auth-int", true },
		{ "Authentication-Info: qop=auth, rspauth=\"qop=auth-int\"" },
		{ "Authentication-Info: Digest qop=auth-int, qop=auth" },
		{ "Authentication-Info: nextnonce=\"qop=auth-int" },
		{ "Authentication-Infos: qop=auth-int" },
		{ "Authentication-Info:" },
	};
	char lines[1024], want[1024];
	struct world w;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		snprintf(lines, sizeof(lines), "SIP/2.0 200 OK\nVia: SIP/2.0/UDP h\n" REST
			 "CSeq: 1 INVITE\n%s\n" SDP, cases[i].header);
		snprintf(want, sizeof(want), "SIP/2.0 200 OK\nVia: SIP/2.0/UDP h\n" REST
			 "CSeq: 1 INVITE\n%s\n%s", cases[i].header,
			 cases[i].hashed ? SDP : NEW_SDP);
		world_outbound(&w, 4);
		if (cases[i].hashed)
			assert_unchanged(&w, lines);
		else
			assert_translated(&w, lines, want);
		assert_int_equal(w.n_asked, !cases[i].hashed);
		assert_int_equal(is_seal_told(lines), cases[i].hashed);
	}
#undef SDP
#undef NEW_SDP
}

/* A CANCEL has the Request-URI of its INVITE, which kept it (RFC 3261, 9.1). */
static void kept_uri(void **state)
{
	struct world w;

	(void)state;
	world_inbound(&w, 4);
	w.nat.keeps_uri = true;
	assert_unchanged(&w, "CANCEL sip:b@203.0.113.5 SIP/2.0\nVia: SIP/2.0/UDP h\n" REST
			 "CSeq: 1 CANCEL\n\n");
}

static void hairpin(void **state)
{
	struct world w;

	(void)state;
	world_hairpin(&w);
	assert_translated(&w,
			  "INVITE sip:b@203.0.113.5:2048 SIP/2.0\nVia: SIP/2.0/UDP 192.168.1.10\n" REST
			  "CSeq: 1 INVITE\nContact: <sip:a@192.168.1.10>\nContent-Type: application/sdp\n"
			  "Content-Length: 62\n\n"
			  "v=0\nc=IN IP4 192.168.1.10\nm=audio 4000 RTP/AVP 0\na=x:1234\n",
			  "INVITE sip:b@192.168.1.11:5060 SIP/2.0\nVia: SIP/2.0/UDP 203.0.113.5:1024\n" REST
			  "CSeq: 1 INVITE\nContact: <sip:a@203.0.113.5:1024>\nContent-Type: application/sdp\n"
			  "Content-Length: 62\n\n"
			  "v=0\nc=IN IP4 203.0.113.5\nm=audio 14000 RTP/AVP 0\na=x:1234\n");
	/* The answer goes the other way: its Contact is the second phone's. */
	world_hairpin(&w);
	w.nat.source_inside = endpoint("192.168.1.11", 5060);
	w.nat.source_outside = endpoint("203.0.113.5", 2048);
	w.nat.target_outside = endpoint("203.0.113.5", 1024);
	w.nat.target_inside = endpoint("192.168.1.10", 5060);
	assert_translated(&w,
			  "SIP/2.0 200 OK\nVia: SIP/2.0/UDP 203.0.113.5:1024\n" REST "CSeq: 1 BYE\n"
			  "Contact: <sip:b@192.168.1.11>\n\n",
			  "SIP/2.0 200 OK\nVia: SIP/2.0/UDP 192.168.1.10:5060\n" REST "CSeq: 1 BYE\n"
			  "Contact: <sip:b@203.0.113.5:1024>\n\n");
}

static void no_nat(void **state)
{
	struct world w;

	(void)state;
	world_outbound(&w, 4);
	w.nat.source_inside.family = 0;
	assert_unchanged(&w,
			 "INVITE sip:192.168.1.10 SIP/2.0\nVia: SIP/2.0/UDP 192.168.1.10\n" REST
			 "CSeq: 1 INVITE\nContact: <sip:192.168.1.10>\nContent-Type: application/sdp\n\n"
			 "v=0\no=- 1 1 IN IP4 192.168.1.10\nc=IN IP4 192.168.1.10\n"
			 "m=audio 4000 RTP/AVP 0\n");
	assert_int_equal(w.n_outward, 0);
	assert_int_equal(w.n_asked, 0);
}

/* An INVITE whose body is this, translated; Content-Length is left out. */
static void assert_sdp(struct world *w, const char *sdp, const char *want)
{
	static const char head[] = "INVITE sip:b@h SIP/2.0\nVia: SIP/2.0/UDP h\n" REST
				   "CSeq: 1 INVITE\nContent-Type: application/sdp\n\n";
	char lines[4096], wanted[4096];

	snprintf(lines, sizeof(lines), "%s%s", head, sdp);
	snprintf(wanted, sizeof(wanted), "%s%s", head, want);
	assert_translated(w, lines, wanted);
}

static enum sip_verdict verdict_of_sdp(struct world *w, const char *headers, const char *sdp)
{
	struct sip_plan plan;
	struct sip_msg msg;
	struct text text;
	char lines[4096];

	snprintf(lines, sizeof(lines), "INVITE sip:b@h SIP/2.0\nVia: SIP/2.0/UDP 192.168.1.10\n"
		 REST "CSeq: 1 INVITE\n%sContent-Type: application/sdp\n\n%s", headers, sdp);
	text = message(lines);
	assert_int_equal(parse(&msg, text), SIP_OK);
	return translate(&plan, &msg, text, w) ?: plan.fault.verdict;
}

/* The @i-th question. */
static void assert_asked(const struct world *w, u32 i, u32 media, u16 port, u8 n_ports,
			 u8 stride, u16 rtcp_port, bool tcp)
{
	const struct sdp_ports *asked = &w->asked[i];

	assert_true(i < w->n_asked);
	assert_int_equal(asked->media, media);
	assert_true(sip_same_address(&asked->inside, &w->nat.source_inside));
	assert_int_equal(asked->inside.port, port);
	assert_int_equal(asked->n_ports, n_ports);
	assert_int_equal(asked->stride, stride);
	assert_int_equal(asked->rtcp_inside.family, rtcp_port ? asked->inside.family : 0);
	assert_int_equal(asked->rtcp_inside.port, rtcp_port);
	assert_int_equal(asked->tcp, tcp);
}

static void sdp_addresses(void **state)
{
	struct world w;

	(void)state;
	world_outbound(&w, 4);
	/* o= always, c= only for a media description that uses it. */
	assert_sdp(&w, "v=0\no=- 1 1 IN IP4 192.168.1.10\nc=IN IP4 192.168.1.10\nm=audio 0 RTP/AVP 0\n",
		   "v=0\no=- 1 1 IN IP4 203.0.113.5\nc=IN IP4 192.168.1.10\nm=audio 0 RTP/AVP 0\n");
	assert_sdp(&w, "v=0\nc=IN IP4 192.168.1.10\n", "v=0\nc=IN IP4 192.168.1.10\n");
	assert_sdp(&w, "v=0\nc=IN IP4 192.168.1.10\nm=audio 4000 RTP/AVP 0\nc=IN IP4 192.0.2.1\n",
		   "v=0\nc=IN IP4 192.168.1.10\nm=audio 4000 RTP/AVP 0\nc=IN IP4 192.0.2.1\n");
	assert_int_equal(w.n_asked, 0);
	assert_sdp(&w, "v=0\nc=IN IP4 192.0.2.1\nm=audio 4000 RTP/AVP 0\n"
		   "m=audio 4002 RTP/AVP 0\nc=IN IP4 192.168.1.10\n",
		   "v=0\nc=IN IP4 192.0.2.1\nm=audio 4000 RTP/AVP 0\n"
		   "m=audio 14002 RTP/AVP 0\nc=IN IP4 203.0.113.5\n");
	assert_int_equal(w.n_asked, 1);
	assert_asked(&w, 0, 1, 4002, 2, 1, 0, false);
	/* Hold, names, other hosts, layers, no c= at all. */
	assert_sdp(&w, "v=0\no=- 1 1 IN IP4 h\nc=IN IP4 0.0.0.0\nm=audio 4000 RTP/AVP 0\n"
		   "m=audio 4000 RTP/AVP 0\nc=IN IP4 h\nm=audio 4000 RTP/AVP 0\n"
		   "c=IN IP4 192.168.1.10\nc=IN IP4 192.168.1.11\n",
		   "v=0\no=- 1 1 IN IP4 h\nc=IN IP4 0.0.0.0\nm=audio 4000 RTP/AVP 0\n"
		   "m=audio 4000 RTP/AVP 0\nc=IN IP4 h\nm=audio 4000 RTP/AVP 0\n"
		   "c=IN IP4 192.168.1.10\nc=IN IP4 192.168.1.11\n");
	assert_sdp(&w, "v=0\nm=audio 4000 RTP/AVP 0\n", "v=0\nm=audio 4000 RTP/AVP 0\n");
	assert_int_equal(w.n_asked, 0);
	/* Layers do not use the session's c=. */
	assert_sdp(&w, "v=0\nc=IN IP4 192.168.1.10\nm=audio 4000 RTP/AVP 0\n"
		   "c=IN IP4 224.2.1.1\nc=IN IP4 224.2.1.2\n",
		   "v=0\nc=IN IP4 192.168.1.10\nm=audio 4000 RTP/AVP 0\n"
		   "c=IN IP4 224.2.1.1\nc=IN IP4 224.2.1.2\n");
}

static void sdp_rtcp(void **state)
{
	struct world w;

	(void)state;
	world_outbound(&w, 4);
	assert_sdp(&w, "v=0\nc=IN IP4 192.168.1.10\nm=audio 4000 RTP/AVP 0\n",
		   "v=0\nc=IN IP4 203.0.113.5\nm=audio 14000 RTP/AVP 0\n");
	assert_asked(&w, 0, 0, 4000, 2, 1, 0, false);
	/* The neighbour, said so. */
	assert_sdp(&w, "v=0\nc=IN IP4 192.168.1.10\nm=audio 4000 RTP/AVP 0\na=rtcp:4001\n",
		   "v=0\nc=IN IP4 203.0.113.5\nm=audio 14000 RTP/AVP 0\na=rtcp:14001\n");
	assert_asked(&w, 0, 0, 4000, 2, 1, 0, false);
	/* Elsewhere on the same host, with and without its address. */
	assert_sdp(&w, "v=0\nc=IN IP4 192.168.1.10\nm=audio 4000 RTP/AVP 0\na=rtcp:4011\n",
		   "v=0\nc=IN IP4 203.0.113.5\nm=audio 14000 RTP/AVP 0\na=rtcp:14011\n");
	assert_asked(&w, 0, 0, 4000, 1, 1, 4011, false);
	assert_sdp(&w, "v=0\nc=IN IP4 192.168.1.10\nm=audio 4000 RTP/AVP 0\n"
		   "a=rtcp:4011 IN IP4 192.168.1.10\n",
		   "v=0\nc=IN IP4 203.0.113.5\nm=audio 14000 RTP/AVP 0\n"
		   "a=rtcp:14011 IN IP4 203.0.113.5\n");
	assert_asked(&w, 0, 0, 4000, 1, 1, 4011, false);
	/* On another host. */
	assert_sdp(&w, "v=0\nc=IN IP4 192.168.1.10\nm=audio 4000 RTP/AVP 0\n"
		   "a=rtcp:4001 IN IP4 192.168.1.11\n",
		   "v=0\nc=IN IP4 203.0.113.5\nm=audio 14000 RTP/AVP 0\n"
		   "a=rtcp:4001 IN IP4 192.168.1.11\n");
	assert_asked(&w, 0, 0, 4000, 1, 1, 0, false);
	/* On the same port. */
	assert_sdp(&w, "v=0\nc=IN IP4 192.168.1.10\nm=audio 4000 RTP/AVP 0\na=rtcp:4000\na=rtcp-mux\n",
		   "v=0\nc=IN IP4 203.0.113.5\nm=audio 14000 RTP/AVP 0\na=rtcp:14000\na=rtcp-mux\n");
	assert_asked(&w, 0, 0, 4000, 1, 1, 0, false);
	/* Offered to be: the answerer may not want to (RFC 5761, 5.1.1). */
	assert_sdp(&w, "v=0\nc=IN IP4 192.168.1.10\nm=audio 4000 RTP/AVP 0\na=rtcp-mux\n",
		   "v=0\nc=IN IP4 203.0.113.5\nm=audio 14000 RTP/AVP 0\na=rtcp-mux\n");
	assert_asked(&w, 0, 0, 4000, 2, 1, 0, false);
	/* Nowhere. */
	assert_sdp(&w, "v=0\nc=IN IP4 192.168.1.10\nm=audio 4000 RTP/AVP 0\na=rtcp:0\n",
		   "v=0\nc=IN IP4 203.0.113.5\nm=audio 14000 RTP/AVP 0\na=rtcp:0\n");
	assert_asked(&w, 0, 0, 4000, 1, 1, 0, false);
	/* RTCP belongs to RTP. */
	assert_sdp(&w, "v=0\nc=IN IP4 192.168.1.10\nm=image 4000 udptl t38\na=rtcp:4011\n",
		   "v=0\nc=IN IP4 203.0.113.5\nm=image 14000 udptl t38\na=rtcp:4011\n");
	assert_asked(&w, 0, 0, 4000, 1, 1, 0, false);
}

static void sdp_ports(void **state)
{
	struct world w;

	(void)state;
	world_outbound(&w, 4);
	assert_sdp(&w, "v=0\nc=IN IP4 192.168.1.10\nm=video 4000/2 RTP/AVP 31\n"
		   "m=video 4010/3 RTP/AVP 31\na=rtcp:4111\nm=image 4020 TCP t38\n"
		   "m=x 9 TCP/BFCP *\nm=x 4030/8 udptl t38\nm=video 4040/2 RTP/AVP 31\na=rtcp:4041\n",
		   "v=0\nc=IN IP4 203.0.113.5\nm=video 14000/2 RTP/AVP 31\n"
		   "m=video 14010/3 RTP/AVP 31\na=rtcp:14111\nm=image 14020 TCP t38\n"
		   "m=x 9 TCP/BFCP *\nm=x 14030/8 udptl t38\nm=video 14040/2 RTP/AVP 31\n"
		   "a=rtcp:14041\n");
	assert_int_equal(w.n_asked, 5);
	assert_asked(&w, 0, 0, 4000, 4, 1, 0, false);
	assert_asked(&w, 1, 1, 4010, 3, 2, 4111, false);
	assert_asked(&w, 2, 2, 4020, 1, 1, 0, true);
	assert_asked(&w, 3, 4, 4030, 8, 1, 0, false);
	assert_asked(&w, 4, 5, 4040, 4, 1, 0, false);

	/* A port that its sender does not listen on asks for nothing. */
	assert_sdp(&w, "v=0\nc=IN IP4 192.168.1.10\nm=x 9 TCP/BFCP *\n",
		   "v=0\nc=IN IP4 203.0.113.5\nm=x 9 TCP/BFCP *\n");
	assert_int_equal(w.n_asked, 0);

	assert_int_equal(verdict_of_sdp(&w, "", "v=0\nc=IN IP4 192.168.1.10\n"
				       "m=video 4000/5 RTP/AVP 31\n"), SIP_TOO_MANY);
	assert_int_equal(verdict_of_sdp(&w, "", "v=0\nc=IN IP4 192.168.1.10\n"
				       "m=video 4000/9 udptl 31\n"), SIP_TOO_MANY);
	assert_int_equal(verdict_of_sdp(&w, "", "v=0\nc=IN IP4 192.168.1.10\n"
				       "m=video 65535 RTP/AVP 31\n"), SIP_BAD_SDP);
	assert_int_equal(verdict_of_sdp(&w, "", "v=0\nc=IN IP4 192.168.1.10\n"
				       "m=video 65532/3 RTP/AVP 31\na=rtcp:1\n"), SIP_BAD_SDP);
	/* That is nobody's business where the port is another host's. */
	assert_int_equal(verdict_of_sdp(&w, "", "v=0\nc=IN IP4 192.168.1.11\n"
				       "m=video 65535/9 RTP/AVP 31\n"), SIP_OK);
}

/* The answer to one media description decides over all that share an address with it. */
static void sdp_answers(void **state)
{
	static const char two[] = "v=0\nc=IN IP4 192.168.1.10\nm=audio 4000 RTP/AVP 0\n"
				  "m=video 4002 RTP/AVP 31\n";
	struct world w;

	(void)state;
	world_outbound(&w, 4);
	w.media_answer[0] = SIP_MAP_KEEP;
	w.media_answer[1] = SIP_MAP_KEEP;
	assert_sdp(&w, two, two);
	w.media_answer[1] = SIP_MAP_CHANGE;
	assert_int_equal(verdict_of_sdp(&w, "", two), SIP_REFUSED);
	assert_sdp(&w, "v=0\nc=IN IP4 192.168.1.10\nm=audio 4000 RTP/AVP 0\n"
		   "m=video 4002 RTP/AVP 31\nc=IN IP4 192.168.1.10\n",
		   "v=0\nc=IN IP4 192.168.1.10\nm=audio 4000 RTP/AVP 0\n"
		   "m=video 14002 RTP/AVP 31\nc=IN IP4 203.0.113.5\n");
	w.media_answer[0] = SIP_MAP_CHANGE;
	w.media_answer[1] = SIP_MAP_REFUSE;
	assert_int_equal(verdict_of_sdp(&w, "", two), SIP_REFUSED);
	w.media_answer[1] = SIP_MAP_CHANGE;
	w.refuse_outward = true;
	assert_int_equal(verdict_of_sdp(&w, "", two), SIP_REFUSED);
}

/* A section that can never have its port stays, and what it relies on. */
static void sdp_forbidden(void **state)
{
	static const char shared[] = "v=0\nc=IN IP4 192.168.1.10\nm=audio 4000 RTP/AVP 0\n"
				     "m=video 80 RTP/AVP 31\n";
	struct world w;

	(void)state;
	world_outbound(&w, 4);
	w.forbidden = 80;
	assert_sdp(&w, "v=0\nc=IN IP4 192.168.1.10\nm=audio 4000 RTP/AVP 0\n"
		   "m=video 80 RTP/AVP 31\nc=IN IP4 192.168.1.10\n",
		   "v=0\nc=IN IP4 203.0.113.5\nm=audio 14000 RTP/AVP 0\n"
		   "m=video 80 RTP/AVP 31\nc=IN IP4 192.168.1.10\n");
	assert_sdp(&w, "v=0\nc=IN IP4 192.168.1.10\nm=audio 4000 RTP/AVP 0\n"
		   "c=IN IP4 192.168.1.10\nm=video 4002 RTP/AVP 31\na=rtcp:80\n",
		   "v=0\nc=IN IP4 192.168.1.10\nm=audio 14000 RTP/AVP 0\n"
		   "c=IN IP4 203.0.113.5\nm=video 4002 RTP/AVP 31\na=rtcp:80\n");
	w.n_asked = 0;
	assert_int_equal(verdict_of_sdp(&w, "", shared), SIP_REFUSED);
	assert_int_equal(w.n_asked, 0);
}

/* A PBX may name the phone beside it: in the description, and nowhere else. */
static void sdp_of_others(void **state)
{
	static const char lines[] =
		"v=0\no=- 1 1 IN IP4 192.168.1.11\nc=IN IP4 192.168.1.11\n"
		"m=audio 4000 RTP/AVP 0\na=rtcp:4010 IN IP4 192.168.1.11\n"
		"m=video 4020 RTP/AVP 31\nc=IN IP4 192.168.1.10\na=rtcp:4030 IN IP4 192.168.1.11\n"
		"m=text 4040 RTP/AVP 98\nc=IN IP4 192.168.1.12\n";
	struct sip_endpoint pbx = endpoint("192.168.1.10", 0);
	struct sip_endpoint phone = endpoint("192.168.1.11", 0);
	struct world w;

	(void)state;
	world_outbound(&w, 4);
	w.beside = phone;
	/* RTCP of one section on another host is nobody's port. */
	assert_sdp(&w, lines,
		   "v=0\no=- 1 1 IN IP4 203.0.113.5\nc=IN IP4 203.0.113.5\n"
		   "m=audio 14000 RTP/AVP 0\na=rtcp:14010 IN IP4 203.0.113.5\n"
		   "m=video 14020 RTP/AVP 31\nc=IN IP4 203.0.113.5\na=rtcp:4030 IN IP4 192.168.1.11\n"
		   "m=text 4040 RTP/AVP 98\nc=IN IP4 192.168.1.12\n");
	assert_int_equal(w.n_asked, 2);
	assert_true(sip_same_address(&w.asked[0].inside, &phone));
	assert_true(sip_same_address(&w.asked[0].rtcp_inside, &phone));
	assert_true(sip_same_address(&w.asked[1].inside, &pbx));
	assert_int_equal(w.asked[1].rtcp_inside.family, 0);
	/* A signalling field never names another host. */
	assert_unchanged(&w,
			 "OPTIONS sip:b@192.168.1.11 SIP/2.0\nVia: SIP/2.0/UDP 192.168.1.11\n" REST
			 "CSeq: 1 OPTIONS\nContact: <sip:192.168.1.11>\nRoute: <sip:192.168.1.11>\n\n");
	/* Who may not speak for it gets nothing for it. */
	world_outbound(&w, 4);
	assert_sdp(&w, lines,
		   "v=0\no=- 1 1 IN IP4 192.168.1.11\nc=IN IP4 192.168.1.11\n"
		   "m=audio 4000 RTP/AVP 0\na=rtcp:4010 IN IP4 192.168.1.11\n"
		   "m=video 14020 RTP/AVP 31\nc=IN IP4 203.0.113.5\na=rtcp:4030 IN IP4 192.168.1.11\n"
		   "m=text 4040 RTP/AVP 98\nc=IN IP4 192.168.1.12\n");
	assert_int_equal(w.n_asked, 1);
	/* An address of the other family is none that it could speak for. */
	world_outbound(&w, 4);
	w.beside = endpoint("2001:db8:1::11", 0);
	assert_sdp(&w, "v=0\nc=IN IP6 2001:db8:1::11\nm=audio 4000 RTP/AVP 0\n",
		   "v=0\nc=IN IP6 2001:db8:1::11\nm=audio 4000 RTP/AVP 0\n");
	assert_int_equal(w.n_asked, 0);
}

static void sdp_methods(void **state)
{
	static const char *const methods[] = { "INVITE", "ACK", "PRACK", "UPDATE" };
	static const char *const others[] = {
		"INFO", "MESSAGE", "OPTIONS", "SUBSCRIBE", "NOTIFY", "X",
	};
	char lines[1024];
	struct world w;
	size_t i;

	(void)state;
	world_outbound(&w, 4);
	for (i = 0; i < ARRAY_SIZE(methods); i++) {
		snprintf(lines, sizeof(lines), "%s sip:b@h SIP/2.0\nVia: SIP/2.0/UDP h\n" REST
			 "CSeq: 1 %s\nContent-Type: application/sdp\n\nv=0\nc=IN IP4 192.168.1.10\n"
			 "m=audio 4000 RTP/AVP 0\n", methods[i], methods[i]);
		free((void *)translated(lines, &w).data);
		assert_int_equal(w.n_asked, 1);
	}
	for (i = 0; i < ARRAY_SIZE(others); i++) {
		snprintf(lines, sizeof(lines), "%s sip:b@h SIP/2.0\nVia: SIP/2.0/UDP h\n" REST
			 "CSeq: 1 %s\nContent-Type: application/sdp\n\nv=0\nc=IN IP4 192.168.1.10\n"
			 "m=audio 4000 RTP/AVP 0\n", others[i], others[i]);
		assert_unchanged(&w, lines);
		assert_int_equal(w.n_asked, 0);
	}
	/* Nobody sends media to what a refusal describes: RFC 3261, 21.4.26. */
	for (i = 3; i < 7; i++) {
		snprintf(lines, sizeof(lines), "SIP/2.0 %zu88 No\nVia: SIP/2.0/UDP h\n" REST
			 "CSeq: 1 INVITE\nContent-Type: application/sdp\n\nv=0\nc=IN IP4 192.168.1.10\n"
			 "m=audio 4000 RTP/AVP 0\n", i);
		assert_unchanged(&w, lines);
		assert_int_equal(w.n_asked, 0);
	}
	/* In a response CSeq tells. */
	free((void *)translated("SIP/2.0 183 Progress\nVia: SIP/2.0/UDP h\n" REST "CSeq: 1 INVITE\n"
				"Content-Type: application/sdp\n\nv=0\nc=IN IP4 192.168.1.10\n"
				"m=audio 4000 RTP/AVP 0\n", &w).data);
	assert_int_equal(w.n_asked, 1);
}

static void sdp_inbound(void **state)
{
	struct world w;

	(void)state;
	world_inbound(&w, 4);
	assert_unchanged(&w,
			 "INVITE sip:b@h SIP/2.0\nVia: SIP/2.0/UDP h\n" REST "CSeq: 1 INVITE\n"
			 "Content-Type: application/sdp\n\nv=0\no=- 1 1 IN IP4 203.0.113.5\n"
			 "c=IN IP4 203.0.113.5\nm=audio 4000 RTP/AVP 0\n");
}

static void content_length(void **state)
{
	static const char sdp[] = "v=0\no=- 1 1 IN IP4 192.168.1.10\nc=IN IP4 192.168.1.10\n"
				  "m=audio 4000 RTP/AVP 0\n";
	char lines[1024], want[1024];
	struct world w;
	int i;

	(void)state;
	world_outbound(&w, 4);
	/* Its place is before and behind that of other edits. */
	for (i = 0; i < 2; i++) {
		snprintf(lines, sizeof(lines), "INVITE sip:b@h SIP/2.0\nVia: SIP/2.0/UDP h\n" REST
			 "CSeq: 1 INVITE\n%sl: 0081 \n%sc: application/sdp\n\n%s123456789",
			 i ? "m: <sip:192.168.1.10:5060>\n" : "",
			 i ? "" : "m: <sip:192.168.1.10:5060>\n", sdp);
		snprintf(want, sizeof(want), "INVITE sip:b@h SIP/2.0\nVia: SIP/2.0/UDP h\n" REST
			 "CSeq: 1 INVITE\n%sl: 80 \n%sc: application/sdp\n\n"
			 "v=0\no=- 1 1 IN IP4 203.0.113.5\nc=IN IP4 203.0.113.5\n"
			 "m=audio 14000 RTP/AVP 0\n123456789",
			 i ? "m: <sip:203.0.113.5:1024>\n" : "",
			 i ? "" : "m: <sip:203.0.113.5:1024>\n");
		assert_translated(&w, lines, want);
	}
	/* A change of the headers alone leaves it. */
	assert_translated(&w,
			  "INVITE sip:b@h SIP/2.0\nVia: SIP/2.0/UDP 192.168.1.10\n" REST "CSeq: 1 INVITE\n"
			  "l: 0\n\n",
			  "INVITE sip:b@h SIP/2.0\nVia: SIP/2.0/UDP 203.0.113.5:1024\n" REST
			  "CSeq: 1 INVITE\nl: 0\n\n");
	/* From two digits to three. */
	assert_translated(&w,
			  "INVITE sip:b@h SIP/2.0\nVia: SIP/2.0/UDP h\n" REST "CSeq: 1 INVITE\n"
			  "l: 98\nc: application/sdp\n\nv=0\nc=IN IP4 192.168.1.10\n"
			  "m=x 40 udptl x\nm=x 42 udptl x\na=0123456789012345678901234567890123\n",
			  "INVITE sip:b@h SIP/2.0\nVia: SIP/2.0/UDP h\n" REST "CSeq: 1 INVITE\n"
			  "l: 103\nc: application/sdp\n\nv=0\nc=IN IP4 203.0.113.5\n"
			  "m=x 10040 udptl x\nm=x 10042 udptl x\na=0123456789012345678901234567890123\n");
	/* All copies of it change. */
	assert_translated(&w,
			  "INVITE sip:b@h SIP/2.0\nl: 50\nVia: SIP/2.0/UDP h\n" REST "CSeq: 1 INVITE\n"
			  "l: 50\nc: application/sdp\n\nv=0\nc=IN IP4 192.168.1.10\n"
			  "m=audio 40 RTP/AVP 0\n",
			  "INVITE sip:b@h SIP/2.0\nl: 52\nVia: SIP/2.0/UDP h\n" REST "CSeq: 1 INVITE\n"
			  "l: 52\nc: application/sdp\n\nv=0\nc=IN IP4 203.0.113.5\n"
			  "m=audio 10040 RTP/AVP 0\n");
}

static void too_long(void **state)
{
	static u8 big[SIP_MSG_MAX];
	struct sip_plan plan;
	struct sip_msg msg;
	struct text text;
	struct world w;

	(void)state;
	text = message("OPTIONS sip:b@h SIP/2.0\nVia: SIP/2.0/UDP 192.168.1.10\n" REST
		       "CSeq: 1 OPTIONS\n\n");
	memset(big, ' ', sizeof(big));
	memcpy(big, text.data, text.len);
	world_outbound(&w, 4);
	/* It grows by four bytes. */
	text = guard(big, SIP_MSG_MAX - 4);
	assert_int_equal(parse(&msg, text), SIP_OK);
	assert_int_equal(translate(&plan, &msg, text, &w), SIP_OK);
	assert_int_equal(plan.delta, 4);
	text = guard(big, SIP_MSG_MAX - 3);
	assert_int_equal(parse(&msg, text), SIP_OK);
	assert_int_equal(translate(&plan, &msg, text, &w), SIP_TOO_LONG);
}

static enum sip_map_verdict refuse(struct sip_nat *nat, enum sip_field field,
				   const struct sip_endpoint *outside,
				   struct sip_endpoint *inside, bool *port_written)
{
	(void)nat;
	(void)field;
	(void)outside;
	(void)inside;
	(void)port_written;
	return SIP_MAP_REFUSE;
}

static void inward_refused(void **state)
{
	struct sip_nat_ops ops;
	struct sip_plan plan;
	struct sip_msg msg;
	struct text text;
	struct world w;

	(void)state;
	world_inbound(&w, 4);
	ops = *w.nat.ops;
	ops.inward = refuse;
	w.nat.ops = &ops;
	text = message("OPTIONS sip:203.0.113.5:1024 SIP/2.0\nVia: SIP/2.0/UDP h\n" REST
		       "CSeq: 1 OPTIONS\n\n");
	assert_int_equal(parse(&msg, text), SIP_OK);
	assert_int_equal(translate(&plan, &msg, text, &w), SIP_REFUSED);
}

/* Addresses of two families never stand for each other. */
static enum sip_map_verdict other_family(struct sip_nat *nat, enum sip_field field,
					 const struct sip_endpoint *inside, bool port_written,
					 struct sip_endpoint *outside)
{
	(void)nat;
	(void)field;
	(void)inside;
	(void)port_written;
	*outside = endpoint("2001:db8::1", 5060);
	return SIP_MAP_CHANGE;
}

static void families(void **state)
{
	struct sip_nat_ops ops;
	struct world w;

	(void)state;
	world_outbound(&w, 4);
	ops = *w.nat.ops;
	ops.outward = other_family;
	w.nat.ops = &ops;
	assert_int_equal(verdict_of_sdp(&w, "", "v=0\n"), SIP_REFUSED);
	/* ::192.168.1.10 is not 192.168.1.10. */
	assert_unchanged(&w,
			 "OPTIONS sip:b@h SIP/2.0\nVia: SIP/2.0/UDP [::192.168.1.10]\n" REST
			 "CSeq: 1 OPTIONS\nContact: <sip:[::ffff:192.168.1.10]>\n\n");
}

/*
 * There and back: a request of the phone goes out, the answer to it repeats its
 * headers, and what comes in is what the phone wrote.
 */
static void round_trip(void **state)
{
	static const char *const hosts[] = {
		"192.168.1.10", "192.168.1.10:5060", "192.168.1.10:5070", "192.168.1.10:5061",
		"192.168.1.11", "h.example.com", "203.0.113.6:1024",
	};
	static const char *const hosts6[] = {
		"[2001:db8:1::10]", "[2001:db8:1::10]:5060", "[2001:db8:1::10]:5070",
		"[2001:db8:1::11]:5060", "h.example.com", "192.168.1.10", "[::1]",
	};
	static const char *const forms[] = {
		"Via: SIP/2.0/UDP %s;branch=z9hG4bK1\nContact: <sip:a@%s;ob>;expires=60\n",
		"v:SIP / 2.0 / UDP\n %s ;branch=1\nm: sip:%s\nPath: <sip:%3$s;lr>\n",
		("Record-Route: <sip:%2$s>,\"x\" <sip:%2$s>\n"
		 "Via: SIP/2.0/TLS %1$s, SIP/2.0/UDP %2$s\n"
		 "Contact: <sip:%3$s>, <tel:+1>, \"%3$s\" <sips:x@%3$s>\n"),
	};
	u32 i, j, k, f, v6;
	struct world w;

	(void)state;
	for (v6 = 0; v6 < 2; v6++) {
		for (i = 0; i < 343 * 3; i++) {
			const char *const *h = v6 ? hosts6 : hosts;
			char headers[1024], request[2048], response[2048];
			struct text out, back;
			struct sip_plan plan;
			struct sip_msg msg;
			u8 *answer;
			size_t skip = strlen("OPTIONS sip:b@h SIP/2.0");

			j = i % 7;
			k = i / 7 % 7;
			f = i / 343;
			snprintf(headers, sizeof(headers), forms[f], h[j], h[k], h[i / 49 % 7]);
			snprintf(request, sizeof(request), "OPTIONS sip:b@h SIP/2.0\n"
				 "From: <sip:a@%s>;tag=1\nTo: sip:b@h\nCall-ID: %s\nCSeq: 1 OPTIONS\n"
				 "%s\n", h[j], h[j], headers);
			snprintf(response, sizeof(response), "SIP/2.0 200 OK\n%s",
				 strchr(request, '\n') + 1);

			world_outbound(&w, v6 ? 6 : 4);
			out = translated(request, &w);
			answer = malloc(out.len);
			memcpy(answer, "SIP/2.0 200 OK", 14);
			memcpy(answer + 14, out.data + skip, out.len - skip);

			/* The NAT goes on knowing which fields had no port. */
			w.nat.target_outside = w.nat.source_outside;
			w.nat.target_inside = w.nat.source_inside;
			w.nat.source_inside.family = 0;
			back = guard(answer, out.len - skip + 14);
			assert_int_equal(parse(&msg, back), SIP_OK);
			assert_int_equal(translate(&plan, &msg, back, &w), SIP_OK);
			back = apply(&plan, back);
			assert_text(back, response);
			free((void *)back.data);
			free((void *)out.data);
			free(answer);
		}
	}
}

/* A translated message is not translated again, and twice gives the same bytes. */
static void idempotence(void **state)
{
	static const char lines[] =
		"INVITE sip:b@192.168.1.10 SIP/2.0\nVia: SIP/2.0/UDP 192.168.1.10\n" REST
		"CSeq: 1 INVITE\nContact: <sip:192.168.1.10>\nContent-Type: application/sdp\n"
		"Content-Length: 52\n\nv=0\nc=IN IP4 192.168.1.10\nm=audio 4000 RTP/AVP 0\n";
	struct text once, again;
	struct sip_plan plan;
	struct sip_msg msg;
	struct world w;

	(void)state;
	world_outbound(&w, 4);
	once = translated(lines, &w);
	again = translated(lines, &w);
	assert_int_equal(once.len, again.len);
	assert_memory_equal(once.data, again.data, once.len);
	free((void *)again.data);

	again = guard(once.data, once.len);
	assert_int_equal(parse(&msg, again), SIP_OK);
	assert_int_equal(translate(&plan, &msg, again, &w), SIP_OK);
	assert_int_equal(plan.n_edits, 0);
	free((void *)once.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(outbound_request),
		cmocka_unit_test(outbound_response),
		cmocka_unit_test(inbound_request),
		cmocka_unit_test(inbound_response),
		cmocka_unit_test(uri_maddr),
		cmocka_unit_test(ports_come_back),
		cmocka_unit_test(ports_that_stay),
		cmocka_unit_test(vouched_uri),
		cmocka_unit_test(service_route),
		cmocka_unit_test(hashed_body),
		cmocka_unit_test(hashed_response),
		cmocka_unit_test(kept_uri),
		cmocka_unit_test(hairpin),
		cmocka_unit_test(no_nat),
		cmocka_unit_test(sdp_addresses),
		cmocka_unit_test(sdp_rtcp),
		cmocka_unit_test(sdp_ports),
		cmocka_unit_test(sdp_answers),
		cmocka_unit_test(sdp_forbidden),
		cmocka_unit_test(sdp_of_others),
		cmocka_unit_test(sdp_methods),
		cmocka_unit_test(sdp_inbound),
		cmocka_unit_test(content_length),
		cmocka_unit_test(too_long),
		cmocka_unit_test(inward_refused),
		cmocka_unit_test(families),
		cmocka_unit_test(round_trip),
		cmocka_unit_test(idempotence),
	};

	return cmocka_run_group_tests_name("translate", tests, NULL, NULL);
}
