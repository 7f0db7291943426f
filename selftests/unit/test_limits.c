// SPDX-License-Identifier: GPL-2.0
/*
 * Messages that are full: whichever part comes last meets the limit, and the
 * message is not understood rather than understood by half.
 */
#include <stdio.h>
#include <stdlib.h>

#include "harness.h"

#define PARTS	512

static enum sip_verdict verdict_of(const char *lines)
{
	struct sip_msg msg;

	return find_fault(&msg, message(lines));
}

/* @n values of Path in front of a Via; each is an address. */
static enum sip_verdict fault_behind(struct sip_msg *msg, u32 n, const char *via)
{
	char lines[8192] = "OPTIONS sip:b@h SIP/2.0\n";

	while (n--)
		strcat(lines, "Path: <sip:192.0.2.1>\n");
	strcat(lines, "Via: SIP/2.0/UDP ");
	strcat(lines, via);
	strcat(lines, "\nFrom: sip:a@h\nTo: sip:b@h\nCall-ID: c\nCSeq: 1 OPTIONS\n\n");
	return find_fault(msg, message(lines));
}

/* However many references stand in front of it, that of Via is kept. */
static void refs_before_via(void **state)
{
	static const struct {
		const char *via;
		u32 addr_refs;
	} cases[] = {
		{ "192.0.2.2", 1 },
		{ "h;rport=1", 1 },
		{ "192.0.2.2;rport=1", 2 },
		{ "h;maddr=192.0.2.2", 1 },
		{ "h;received=192.0.2.2", 1 },
		{ "192.0.2.2;rport=1;received=192.0.2.2;maddr=192.0.2.2", 4 },
	};
	struct sip_msg msg;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		u32 n = SIP_ADDR_REFS_MAX - 4;

		assert_int_equal(fault_behind(&msg, n, cases[i].via), SIP_OK);
		assert_int_equal(msg.n_addr_refs, n + cases[i].addr_refs);
		assert_int_equal(fault_behind(&msg, n + 1, cases[i].via), SIP_TOO_MANY);
		assert_int_equal(msg.n_addr_refs, n + cases[i].addr_refs);
	}
	/* Parameters that are repeated beyond all measure find no room. */
	assert_int_equal(fault_behind(&msg, SIP_ADDR_REFS_MAX - 4, "192.0.2.2;rport=1;rport=1;rport=1;"
				      "rport=1;rport=1"), SIP_BAD_VALUE);
	assert_int_equal(msg.n_addr_refs, SIP_ADDR_REFS_MAX);
}

/* Behind more values than any message has no other is read, but the topmost Via. */
static void values(void **state)
{
	static const struct {
		const char *value;
		u32 max;
	} cases[] = {
		{ "Path: <sip:h>\n", SIP_VALUES_MAX - 1 },
		{ "Path: <x:y>;a=\"\"\n", SIP_VALUES_MAX - 1 },
		{ "r: <sip:h>\n", SIP_VALUES_MAX - 1 },
		{ "m: a:b\n", SIP_CONTACTS_MAX },
	};
	char lines[16384];
	struct sip_msg msg;
	size_t i;
	u32 n, k;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		for (n = cases[i].max; n <= cases[i].max + 1; n++) {
			bool full = n > cases[i].max;

			strcpy(lines, "OPTIONS sip:b@h SIP/2.0\n");
			for (k = 0; k < n; k++)
				strcat(lines, cases[i].value);
			strcat(lines, "Record-Route: <sip:192.0.2.1>\nVia: SIP/2.0/UDP 192.0.2.2\n"
				      "From: sip:a@h\nTo: sip:b@h\nCall-ID: c\nCSeq: 1 OPTIONS\n\n");
			assert_int_equal(find_fault(&msg, message(lines)),
					 full ? SIP_TOO_MANY : SIP_OK);
			assert_int_equal(msg.n_addr_refs, full ? 1 : 2);
		}
	}
}

/* Parameters of Via that nobody repeats. */
static void via_parameters(void **state)
{
	char via[1024] = "192.0.2.2";
	struct sip_msg msg;
	u32 i;

	(void)state;
	for (i = 0; i < SIP_VIA_PARAMS_MAX; i++)
		strcat(via, i & 1 ? ";rport=1" : ";received=192.0.2.1");
	assert_int_equal(fault_behind(&msg, 0, via), SIP_OK);
	assert_int_equal(msg.n_addr_refs, SIP_VIA_PARAMS_MAX + 1);
	strcat(via, ";maddr=192.0.2.1;branch=b");
	assert_int_equal(fault_behind(&msg, 0, via), SIP_TOO_MANY);
	assert_int_equal(msg.n_addr_refs, SIP_VIA_PARAMS_MAX + 1);
	assert_int_equal(msg.branch.len, 1);
}

/* Of Content-Length, copies that are too many say nothing. */
static void lengths(void **state)
{
	struct sip_msg msg;

	(void)state;
	assert_int_equal(find_fault(&msg, message("OPTIONS sip:b@h SIP/2.0\nVia: SIP/2.0/UDP h\n"
						  "From: sip:a@h\nTo: sip:b@h\nCall-ID: c\n"
						  "CSeq: 1 OPTIONS\nl:0\nl:0\nl:0\nl:0\nl:0\n"
						  "l:1\n\n")), SIP_TOO_MANY);
	assert_int_equal(msg.n_lengths, SIP_LENGTHS_MAX);
	assert_int_equal(msg.body.len, 0);
}

/* A header may have as many parameters as fit. */
static void parameters(void **state)
{
	char via[2 * PARTS + 32] = "192.0.2.2";
	struct sip_msg msg;
	u32 i;

	(void)state;
	for (i = 0; i < PARTS; i++)
		strcat(via, ";a");
	strcat(via, ";rport=1");
	assert_int_equal(fault_behind(&msg, 0, via), SIP_OK);
	assert_int_equal(msg.n_addr_refs, 2);
}

/* The fullest message that there is has no more edits than a plan has room for. */
static void edits(void **state)
{
	static const char head[] =
		"INVITE sip:b@h SIP/2.0\nVia: SIP/2.0/UDP 192.168.1.10\nFrom: sip:a@h\nTo: sip:b@h\n"
		"Call-ID: c\nCSeq: 1 INVITE\nc: application/sdp\nl: ";
	static const char description[] = "v=0\no=- 1 1 IN IP4 192.168.1.10\n";
	static const char media[] = "m=audio 4000 RTP/AVP 0\nc=IN IP4 192.168.1.10\n"
				    "a=rtcp:4007 IN IP4 192.168.1.10\n";
	char lines[16384], body[8192];
	struct sip_plan plan;
	struct sip_msg msg;
	struct world w;
	u32 n, i;

	(void)state;
	strcpy(body, description);
	for (i = 0; i < SDP_MEDIA_MAX; i++)
		strcat(body, media);
	for (n = 1; n < SIP_ADDR_REFS_MAX - 4; n++) {
		/* Address and port of each reference; four a media; o= and Content-Length. */
		u32 want = 2 * (n + 1) + 4 * SDP_MEDIA_MAX + 2;
		struct text text;

		/* Every line of the body ends in one byte more. */
		snprintf(lines, sizeof(lines), "%s%zu\n", head,
			 strlen(body) + 2 + 3 * SDP_MEDIA_MAX);
		for (i = 0; i < n; i++)
			strcat(lines, "Path: <sip:192.168.1.10>\n");
		strcat(lines, "\n");
		strcat(lines, body);
		text = message(lines);
		assert_int_equal(parse(&msg, text), SIP_OK);
		assert_int_equal(msg.len, text.len);
		world_outbound(&w, 4);
		assert_int_equal(translate(&plan, &msg, text, &w), SIP_OK);
		assert_int_equal(plan.n_edits, want);
	}
}

/* Each media section repeats its address in all lines that may do so. */
static void repeats(void **state)
{
	static const char filter[] = "a=source-filter: incl IN IP4 192.168.1.10 192.168.1.10\n";
	static char lines[65536];
	u32 n_filters, i, n;

	(void)state;
	for (n_filters = 0; n_filters <= 8; n_filters++) {
		struct sip_plan plan;
		struct sip_msg msg;
		struct world w;
		struct text text;

		strcpy(lines, "INVITE sip:b@h SIP/2.0\nVia: SIP/2.0/UDP 192.168.1.10\nFrom: sip:a@h\n"
			      "To: sip:b@h\nCall-ID: c\nCSeq: 1 INVITE\nc: application/sdp\n\n"
			      "v=0\no=- 1 1 IN IP4 192.168.1.10\n");
		for (n = 0; n < SDP_MEDIA_MAX; n++) {
			strcat(lines, "m=audio 4000 RTP/AVP 0\nc=IN IP4 192.168.1.10\n"
				      "a=rtcp:4007 IN IP4 192.168.1.10\n");
			for (i = 0; i < n_filters; i++)
				strcat(lines, filter);
		}
		text = message(lines);
		assert_int_equal(parse(&msg, text), SIP_OK);
		world_outbound(&w, 4);
		assert_int_equal(translate(&plan, &msg, text, &w), SIP_OK);
		/* Via's address and port, o=; of a section four, and two a filter. */
		assert_int_equal(plan.n_edits, 3 + (4 + 2 * n_filters) * SDP_MEDIA_MAX);
	}
}

/* Without NAT there may still be ports to change, and no address. */
static void ports_alone(void **state)
{
	struct world w;
	struct text got;

	(void)state;
	world_outbound(&w, 4);
	w.nat.source_outside = w.nat.source_inside;
	got = translated("INVITE sip:b@h SIP/2.0\nVia: SIP/2.0/UDP 192.168.1.10;maddr=192.168.1.10\n"
			 "From: sip:a@h\nTo: sip:b@h\nCall-ID: c\nCSeq: 1 INVITE\nc: application/sdp\n"
			 "Contact: <sip:192.168.1.10:5070>\n\nv=0\no=- 1 1 IN IP4 192.168.1.10\n"
			 "c=IN IP4 192.168.1.10\nm=audio 4000 RTP/AVP 0\n", &w);
	assert_text(got,
		    "INVITE sip:b@h SIP/2.0\nVia: SIP/2.0/UDP 192.168.1.10:1024;maddr=192.168.1.10\n"
		    "From: sip:a@h\nTo: sip:b@h\nCall-ID: c\nCSeq: 1 INVITE\nc: application/sdp\n"
		    "Contact: <sip:192.168.1.10:15070>\n\nv=0\no=- 1 1 IN IP4 192.168.1.10\n"
		    "c=IN IP4 192.168.1.10\nm=audio 14000 RTP/AVP 0\n");
	free((void *)got.data);
}

/* A datagram that is too short to be looked at is left alone, however odd. */
static void small_things(void **state)
{
	(void)state;
	assert_int_equal(verdict_of("a b\n12345678901234567890\n"), SIP_NOT_SIP);
	/* A quote in credentials that does not end is the server's business. */
	assert_int_equal(verdict_of("OPTIONS sip:b@h SIP/2.0\nVia: SIP/2.0/UDP h\nFrom: sip:a@h\n"
				   "To: sip:b@h\nCall-ID: c\nCSeq: 1 OPTIONS\n"
				   "Authorization: Digest a=\"b, uri=c\n\n"), SIP_OK);
	/* Bare returns, several of them, do not end a line. */
	assert_int_equal(verdict_of("OPTIONS sip:b@h SIP/2.0\nVia: SIP/2.0/UDP h\nFrom: sip:a@h\n"
				   "To: sip:b@h\nCall-ID: c\nSubject: \r\r\t\r\rCSeq: x\n"
				   "CSeq: 1 OPTIONS\n\n"), SIP_OK);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(refs_before_via),
		cmocka_unit_test(values),
		cmocka_unit_test(via_parameters),
		cmocka_unit_test(lengths),
		cmocka_unit_test(parameters),
		cmocka_unit_test(edits),
		cmocka_unit_test(repeats),
		cmocka_unit_test(ports_alone),
		cmocka_unit_test(small_things),
	};

	return cmocka_run_group_tests_name("limits", tests, NULL, NULL);
}
