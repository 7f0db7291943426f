// SPDX-License-Identifier: GPL-2.0
/*
 * The parser: its findings in a message, and which messages it refuses.
 */
#include <stdio.h>
#include <stdlib.h>

#include "harness.h"

#define REQUIRED_HEADERS			\
	"From: <sip:a@example.com>;tag=f\n"	\
	"To: <sip:b@example.com>;tag=t\n"	\
	"Call-ID: c@h\n"			\
	"CSeq: 1 OPTIONS\n"			\
	"Via: SIP/2.0/UDP 192.0.2.1\n"

#define START "OPTIONS sip:b@example.com SIP/2.0\n"

static enum sip_verdict verdict_of(const char *lines)
{
	struct sip_msg msg;

	return find_fault(&msg, message(lines));
}

#define assert_reason(lines, verdict) \
	assert_string_equal(verdict_names[verdict_of(lines)], verdict_names[verdict])

/* Parses START, the needed headers and some more. */
static struct text parse_with(struct sip_msg *msg, const char *headers)
{
	char lines[4096];
	struct text text;

	snprintf(lines, sizeof(lines), START REQUIRED_HEADERS "%s\n", headers);
	text = message(lines);
	assert_string_equal(verdict_names[parse(msg, text)], "ok");
	return text;
}

static enum sip_verdict reason_with(const char *headers)
{
	char lines[4096];

	snprintf(lines, sizeof(lines), START REQUIRED_HEADERS "%s\n", headers);
	return verdict_of(lines);
}

#define assert_reason_with(headers, verdict) \
	assert_string_equal(verdict_names[reason_with(headers)], verdict_names[verdict])

static const struct sip_addr_ref *only_ref(const struct sip_msg *msg, enum sip_field field)
{
	const struct sip_addr_ref *ref = NULL;
	u32 i;

	for (i = 0; i < msg->n_addr_refs; i++) {
		if (msg->addr_refs[i].field != field)
			continue;
		assert_null(ref);
		ref = &msg->addr_refs[i];
	}
	return ref;
}

static void assert_ref(struct text text, const struct sip_msg *msg, enum sip_field field,
			const char *host, u16 port, const char *port_text)
{
	const struct sip_addr_ref *ref = only_ref(msg, field);
	u8 addr[SIP_ADDRESS_TEXT_MAX];
	u32 len;

	assert_non_null(ref);
	len = sip_endpoint_format(&ref->ep, addr);
	assert_int_equal(len, strlen(host));
	assert_memory_equal(addr, host, len);
	assert_int_equal(ref->ep.port, port);
	assert_span(text, ref->port, port_text);
}

static void starts(void **state)
{
	static const struct {
		const char *text;
		bool start;
	} cases[] = {
		{ "SIP/2.0 200 OK", true },
		{ "sip/3.0 200 OK", true },
		{ "INVITE sip:a@b SIP/2.0", true },
		{ "N%W-M.e_th+o`d'~!* sip:a", true },
		{ "\r\n\r\n", false },
		{ "\r\n\r\nINVITE sip:a@b SIP/2.0", false },
		{ "", false },
		{ "INVITE", false },
		{ "INVITE\tsip:a@b", false },
		{ " INVITE sip:a@b", false },
		{ "\x01\x01\x00\x00\x21\x12\xa4\x42", false },
		{ "{\"json\": 1 }", false },
		{ "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA ", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct text text = guard(cases[i].text, strlen(cases[i].text));

		assert_int_equal(sip_is_start(text.data, text.len), cases[i].start);
	}
}

static void start_lines(void **state)
{
	static const struct {
		const char *line;
		enum sip_verdict verdict;
	} cases[] = {
		{ "SIP/2.0 100 Trying", SIP_OK },
		{ "SIP/2.0 699", SIP_OK },
		{ "sip/2.0 200 \xd0\xbf", SIP_OK },
		{ "SIP/2.0 99 Low", SIP_BAD_START },
		{ "SIP/2.0 700 High", SIP_OK },
		{ "SIP/2.0 999", SIP_OK },
		{ "SIP/2.0 1000 Higher", SIP_BAD_START },
		{ "SIP/2.0 0200 OK", SIP_BAD_START },
		{ "SIP/2.0 200OK", SIP_OK },
		{ "SIP/2.0  200 OK", SIP_OK },
		{ "SIP/2.0\t200\tOK", SIP_OK },
		{ "SIP/2.0           ", SIP_BAD_START },
		{ "SIP/2.1 200 OK", SIP_BAD_START },
		{ "SIP/2.0 4294967496 OK", SIP_BAD_START },
		{ "SIP/2.0", SIP_BAD_START },
		{ "OPTIONS sip:b@example.com SIP/2.0", SIP_OK },
		{ "OPTIONS sip:b@example.com sip/2.0", SIP_OK },
		{ "OPTIONS tel:+1-201-555-0123 SIP/2.0", SIP_OK },
		{ "OPTIONS urn:service:sos SIP/2.0", SIP_OK },
		{ "OPTIONS sip:b;x=?,@example.com SIP/2.0", SIP_OK },
		{ "OPTIONS sip:b:p%20w@[2001:db8::1]:5070;lr SIP/2.0", SIP_OK },
		{ "A a:b SIP/2.0", SIP_BAD_START },
		{ "ACK a:b SIP/2.0", SIP_BAD_START },
		{ "BYE sip SIP/2.0", SIP_BAD_START },
		{ "A ", SIP_NOT_SIP },
		{ "OPTIONS ", SIP_NOT_SIP },
		{ "OPTIONS      ", SIP_NOT_SIP },
		{ "OPTIONS / HTTP/1.1", SIP_NOT_SIP },
		{ "OPTIONS sip:b@example.com", SIP_NOT_SIP },
		{ "OPTIONS  SIP/2.0", SIP_BAD_START },
		{ "OPTIONS SIP/2.0", SIP_BAD_START },
		{ "OPTIONS * SIP/2.0", SIP_BAD_START },
		{ "OPTIONS b@example.com SIP/2.0", SIP_BAD_START },
		{ "OPTIONS sip: SIP/2.0", SIP_BAD_START },
		{ "OPTIONS sip:b@ SIP/2.0", SIP_BAD_START },
		{ "OPTIONS sip:b@exa<mple.com SIP/2.0", SIP_BAD_START },
		{ "OPTIONS sip:b@[2001:db8::1 SIP/2.0", SIP_BAD_START },
		{ "OPTIONS sip:b@example.com: SIP/2.0", SIP_BAD_START },
		{ "OPTIONS sip:b@example.com:0 SIP/2.0", SIP_BAD_START },
		{ "OPTIONS sip:b@example.com:65536 SIP/2.0", SIP_BAD_START },
		{ "OPTIONS sip:b@example.com:4294972356 SIP/2.0", SIP_BAD_START },
		{ "OPTIONS sip:b@example.com?a=b SIP/2.0", SIP_BAD_START },
		{ "OPTIONS sip:b@192.0.2.1;lr?a=b SIP/2.0", SIP_BAD_START },
		{ "OPTIONS sip:b@exam\tple.com SIP/2.0", SIP_BAD_START },
		{ "OPTIONS sip:b@example.com SIP/2.0 ", SIP_BAD_START },
		{ "OPTIONS sip:b@example.com SIP/3.0", SIP_BAD_START },
		{ "OPTIONS sip:b@example.com SIP/2.0x", SIP_BAD_START },
	};
	char lines[512];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		snprintf(lines, sizeof(lines), "%s\n" REQUIRED_HEADERS "\n", cases[i].line);
		if (verdict_of(lines) != cases[i].verdict)
			fail_msg("%s: %s", cases[i].line, verdict_names[verdict_of(lines)]);
	}
}

static void methods(void **state)
{
	static const char *const names[] = {
		[SIP_METHOD_OTHER] = "SUBSCRIBER",
		[SIP_ACK] = "ACK",
		[SIP_BYE] = "BYE",
		[SIP_CANCEL] = "CANCEL",
		[SIP_INFO] = "INFO",
		[SIP_INVITE] = "INVITE",
		[SIP_MESSAGE] = "MESSAGE",
		[SIP_NOTIFY] = "NOTIFY",
		[SIP_OPTIONS] = "OPTIONS",
		[SIP_PRACK] = "PRACK",
		[SIP_PUBLISH] = "PUBLISH",
		[SIP_REFER] = "REFER",
		[SIP_REGISTER] = "REGISTER",
		[SIP_SUBSCRIBE] = "SUBSCRIBE",
		[SIP_UPDATE] = "UPDATE",
	};
	static const char *const others[] = {
		"invite", "ACKS", "REGISTERS", "SUBSCRIBX", "SUBSCRIB", "X",
	};
	struct sip_msg msg;
	char lines[512];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(lines, sizeof(lines), "%s sip:b@example.com SIP/2.0\n"
			 "From: sip:a@h\nTo: sip:b@h\nCall-ID: c\nVia: SIP/2.0/UDP h\n"
			 "CSeq: 1 %s\n\n", names[i], names[i]);
		assert_int_equal(parse(&msg, message(lines)), SIP_OK);
		assert_int_equal(msg.method, i);
		assert_int_equal(msg.status, 0);
		snprintf(lines, sizeof(lines), "SIP/2.0 200 OK\n"
			 "From: sip:a@h\nTo: sip:b@h\nCall-ID: c\nVia: SIP/2.0/UDP h\n"
			 "CSeq: 1 %s\n\n", names[i]);
		assert_int_equal(parse(&msg, message(lines)), SIP_OK);
		assert_int_equal(msg.method, i);
		assert_int_equal(msg.status, 200);
	}
	for (i = 0; i < ARRAY_SIZE(others); i++) {
		snprintf(lines, sizeof(lines), "%s sip:b@example.com SIP/2.0\n"
			 "From: sip:a@h\nTo: sip:b@h\nCall-ID: c\nVia: SIP/2.0/UDP h\n"
			 "CSeq: 1 %s\n\n", others[i], others[i]);
		assert_int_equal(parse(&msg, message(lines)), SIP_OK);
		assert_int_equal(msg.method, SIP_METHOD_OTHER);
	}
}

static void long_method_of_cseq(void **state)
{
	(void)state;
	assert_reason("EXTENSION-A sip:b@h SIP/2.0\nFrom: sip:a@h\nTo: sip:b@h\nCall-ID: c\n"
		      "Via: SIP/2.0/UDP h\nCSeq: 1 EXTENSION-A\n\n", SIP_OK);
	assert_reason("EXTENSION-A sip:b@h SIP/2.0\nFrom: sip:a@h\nTo: sip:b@h\nCall-ID: c\n"
		      "Via: SIP/2.0/UDP h\nCSeq: 1 EXTENSION-B\n\n", SIP_BAD_VALUE);
	assert_reason("EXTENSION-A sip:b@h SIP/2.0\nFrom: sip:a@h\nTo: sip:b@h\nCall-ID: c\n"
		      "Via: SIP/2.0/UDP h\nCSeq: 1 EXTENSIO\n\n", SIP_BAD_VALUE);
}

static void cseq_of_response(void **state)
{
	(void)state;
	assert_reason("SIP/2.0 200 OK\nFrom: sip:a@h\nTo: sip:b@h\nCall-ID: c\n"
		      "Via: SIP/2.0/UDP h\nCSeq: 1 N%W\n\n", SIP_OK);
	assert_reason("SIP/2.0 200 OK\nFrom: sip:a@h\nTo: sip:b@h\nCall-ID: c\n"
		      "Via: SIP/2.0/UDP h\nCSeq: 1 BYE X\n\n", SIP_BAD_VALUE);
}

static void required_headers(void **state)
{
	static const char *const headers[] = {
		"From: <sip:a@example.com>;tag=f\n", "To: <sip:b@example.com>\n",
		"Call-ID: c@h\n", "CSeq: 1 OPTIONS\n", "Via: SIP/2.0/UDP 192.0.2.1\n",
	};
	char lines[512];
	size_t skip, i;

	(void)state;
	for (skip = 0; skip < 5; skip++) {
		strcpy(lines, START);
		for (i = 0; i < 5; i++) {
			if (i != skip)
				strcat(lines, headers[i]);
		}
		strcat(lines, "\n");
		assert_reason(lines, SIP_INCOMPLETE);
	}
	/* Of From, To, Call-ID and CSeq there is one, however equal another one is. */
	for (i = 0; i < 4; i++)
		assert_reason_with(headers[i], SIP_BAD_VALUE);
	assert_reason_with(headers[4], SIP_OK);
}

static void header_section(void **state)
{
	(void)state;
	assert_reason(START REQUIRED_HEADERS, SIP_BAD_HEADER);
	assert_reason(START REQUIRED_HEADERS "X", SIP_BAD_HEADER);
	assert_reason(START REQUIRED_HEADERS "X: y", SIP_BAD_HEADER);
	assert_reason(START " Subject: x\n" REQUIRED_HEADERS "\n", SIP_BAD_HEADER);
	assert_reason(START "\n" REQUIRED_HEADERS "\n", SIP_INCOMPLETE);
	assert_reason(START, SIP_BAD_HEADER);
	assert_reason("OPTIONS sip:b@example.com SIP/2.0", SIP_NOT_SIP);
	assert_reason_with("no colon at all\n", SIP_OK);
	assert_reason_with(": no name\n", SIP_OK);
	assert_reason_with("X\x01Y: \x80\xff;;\"<(\n", SIP_OK);
	assert_reason_with("Via\n", SIP_OK);
	assert_reason_with("Contact\n :<sip:a@h>\n", SIP_OK);
}

/* Where a response ends within a list of URIs, none of them is known. */
static void cut_list(void **state)
{
	static const char *const names[] = { "Contact", "Path", "Record-Route" };
	char lines[256];
	struct sip_msg msg;
	struct text text;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(lines, sizeof(lines), "%s%s%s: <sip:a@192.0.2.1>,<sip:b@c",
			 "SIP/2.0 200 OK\n", REQUIRED_HEADERS "Contact: <sip:192.0.2.2>\n",
			 names[i]);
		text = message(lines);
		assert_int_equal(parse(&msg, text), SIP_OK);
		assert_int_equal(msg.faults[SIP_TIER_FIELDS].verdict, SIP_BAD_HEADER);
		assert_int_equal(msg.n_contacts, 1);
		assert_int_equal(msg.addr_refs[msg.n_addr_refs - 1].field, SIP_CONTACT);
		assert_ref(text, &msg, SIP_CONTACT, "192.0.2.2", 5060, "");
	}
}

static void bare_returns(void **state)
{
	static const char text[] =
		"OPTIONS sip:b@h SIP/2.0\r\nFrom: sip:a@h\r\nTo: sip:b@h\r\r\nCall-ID: a\rb\r\n"
		"Subject: Via: x\rCSeq: 9 BYE\r\nVia: SIP/2.0/UDP h\r\nCSeq: 1 OPTIONS\r\n\r\n";
	struct sip_msg msg;
	struct text guarded = guard(text, sizeof(text) - 1);

	(void)state;
	assert_int_equal(parse(&msg, guarded), SIP_OK);
	assert_span(guarded, msg.call_id, "a\rb");
	assert_int_equal(msg.cseq, 1);
}

static void header_names(void **state)
{
	struct sip_msg msg;
	struct text text;

	(void)state;
	text = message("OPTIONS sip:b@h SIP/2.0\n"
		       "f: sip:a@h;tag=1\nt: sip:b@h;tag=2\ni: call\nV: SIP/2.0/UDP 192.0.2.1\n"
		       "CSEQ :  7 OPTIONS\nM: <sip:192.0.2.2>\nl: 0\nC: text/plain\nE: gzip\n"
		       "R: <sip:192.0.2.3>\n\n");
	assert_int_equal(parse(&msg, text), SIP_OK);
	assert_span(text, msg.from_tag, "1");
	assert_span(text, msg.to_tag, "2");
	assert_span(text, msg.call_id, "call");
	assert_span(text, msg.lengths[0], "0");
	assert_int_equal(msg.cseq, 7);
	assert_ref(text, &msg, SIP_VIA, "192.0.2.1", 5060, "");
	assert_ref(text, &msg, SIP_CONTACT, "192.0.2.2", 5060, "");
	assert_ref(text, &msg, SIP_REFER_TO, "192.0.2.3", 5060, "");

	text = message("OPTIONS sip:b@192.0.2.9 SIP/2.0\n"
		       "fRoM\t: sip:a@h;tag=1\nTO : sip:b@h;tag=2\ncall-ID : call\n"
		       "via \t : SIP/2.0/UDP 192.0.2.1\nCSeq:7 OPTIONS\n"
		       "CONTACT:<sip:192.0.2.2>\nCONTENT-LENGTH : 0\nREFER-TO: <sip:192.0.2.3>\n"
		       "ROUTE: <sip:192.0.2.4>\nRECORD-route: <sip:192.0.2.5>\n"
		       "pATH: <sip:192.0.2.6>\nEXPIRES: 8\n"
		       "AUTHORIZATION: Digest uri=\"a\"\nPROXY-AUTHORIZATION: Digest uri=b\n\n");
	assert_int_equal(parse(&msg, text), SIP_OK);
	assert_span(text, msg.call_id, "call");
	assert_span(text, msg.lengths[0], "0");
	assert_int_equal(msg.expires, 8);
	assert_ref(text, &msg, SIP_VIA, "192.0.2.1", 5060, "");
	assert_ref(text, &msg, SIP_CONTACT, "192.0.2.2", 5060, "");
	assert_ref(text, &msg, SIP_REFER_TO, "192.0.2.3", 5060, "");
	assert_ref(text, &msg, SIP_ROUTE, "192.0.2.4", 5060, "");
	assert_ref(text, &msg, SIP_RECORD_ROUTE, "192.0.2.5", 5060, "");
	assert_ref(text, &msg, SIP_PATH, "192.0.2.6", 5060, "");
	assert_int_equal(msg.n_credentials, 2);
	assert_span(text, msg.credentials[0], "a");
	assert_span(text, msg.credentials[1], "b");
}

/* Names that differ from a known one in a character, before, in or behind it. */
static void other_names(void **state)
{
	static const char *const names[] = {
		"Vi", "Viaa", "Vib", "XVia", "Contac", "Contacts", "Contact-X", "Mm", "Paths",
		"Pat", "Routes", "Rout", "Record-Routes", "Record-Rout", "Record-Xoute", "Refer-T",
		"Refer-Too", "Reply-To", "Content-Lengths", "Content-Lengt", "Content-Xength", "Ll",
		"Authentication", "Callxid", "Call\rID", "Proxy-Authorizatiom",
		"Content-Typo", "Content-Encodinf", "Content-Transfer-Encodinf",
		"Content-Transfer_Encoding", "Identity-Infq", "Expire", "N\x0d",
	};
	struct sip_msg msg;
	char header[256];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(header, sizeof(header), "%s: ;;<\"\n", names[i]);
		parse_with(&msg, header);
	}
}

static void call_ids(void **state)
{
	struct sip_msg msg;
	struct text text;

	(void)state;
	text = message("OPTIONS sip:b@h SIP/2.0\nFrom: sip:a@h\nTo: sip:b@h\nCSeq: 1 OPTIONS\n"
		       "Via: SIP/2.0/UDP h\nCall-ID:\n \tword%ZK-!.*_+'@word`~)(><:\\/\"][?}{ \t\n\n");
	assert_int_equal(parse(&msg, text), SIP_OK);
	assert_span(text, msg.call_id, "word%ZK-!.*_+'@word`~)(><:\\/\"][?}{");
	assert_reason("OPTIONS sip:b@h SIP/2.0\nFrom: sip:a@h\nTo: sip:b@h\nCSeq: 1 OPTIONS\n"
		      "Via: SIP/2.0/UDP h\nCall-ID: \n\n", SIP_BAD_VALUE);
}

static void cseqs(void **state)
{
	static const struct {
		const char *value;
		enum sip_verdict verdict;
	} cases[] = {
		{ "1 OPTIONS", SIP_OK },
		{ "4294967294 OPTIONS", SIP_OK },
		{ "0000000000000000000001\n OPTIONS", SIP_OK },
		{ "4294967295 OPTIONS", SIP_OK },
		{ "04294967295 OPTIONS", SIP_OK },
		{ "4294967296 OPTIONS", SIP_BAD_VALUE },
		{ "4294967297 OPTIONS", SIP_BAD_VALUE },
		{ "18446744073709551617 OPTIONS", SIP_BAD_VALUE },
		{ "-1 OPTIONS", SIP_BAD_VALUE },
		{ "1OPTIONS", SIP_BAD_VALUE },
		{ "1 options", SIP_BAD_VALUE },
		{ "1 OPTION", SIP_BAD_VALUE },
		{ "1 OPTIONSS", SIP_BAD_VALUE },
		{ "1 OPTIONS X", SIP_BAD_VALUE },
		{ "OPTIONS", SIP_BAD_VALUE },
		{ "1", SIP_BAD_VALUE },
		{ "", SIP_BAD_VALUE },
	};
	char lines[512];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		snprintf(lines, sizeof(lines), START "From: sip:a@h\nTo: sip:b@h\nCall-ID: c\n"
			 "Via: SIP/2.0/UDP h\nCSeq: %s\n\n", cases[i].value);
		if (verdict_of(lines) != cases[i].verdict)
			fail_msg("%s: %s", cases[i].value, verdict_names[verdict_of(lines)]);
	}
}

static void parties(void **state)
{
	static const struct {
		const char *value;
		const char *tag;
		bool odd;
	} cases[] = {
		{ "<sip:a@h>;tag=1", "1" },
		{ "<sip:a@h>", "" },
		{ "sip:a@h;tag=1", "1" },
		{ "sip:a@h ; Tag = 1 ; x", "1" },
		{ "A B C <sip:a@h>\n ;\n tag\n =\n 1", "1" },
		{ "A<sip:a@h>;tag=1;", "1" },
		{ "\"<sip:x@h>;tag=2\"<sip:a@h>;tag=1", "1" },
		{ "\"\\\"<sip:x@h>;tag=2\\\\\" <sip:a@h;tag=3>;x=\";tag=4\";tag=1", "1" },
		{ "<sip:a@h>;tagx=2;xtag=3;tag=1", "1" },
		{ "<sip:a@h>;x=(a ; tag=2 (\\)) \");tag=1", "1" },
		{ "<http://www.example.com>;tag=1", "1" },
		{ "<sip:a@h>;tag", "" },
		{ "<sip:a@h>;tag=", "" },
		{ "\"A <sip:a@h>;tag=1", "1", true },
		{ "\"A\\\" <sip:a@h>;tag=1", "1", true },
		{ "\"A\" sip:a@h;tag=1", "", true },
		{ "<sip:a@h;tag=1", "", true },
		{ "< sip:a@h>;tag=1", "1", true },
		{ "<sip:a@h >;tag=1", "1", true },
		{ "<>;tag=1", "1", true },
		{ "<sip:a@h>x;tag=1", "1", true },
		{ "A, B <sip:a@h>;tag=1", "1", true },
		{ "<sip:a@h>;tag=1, <sip:b@h>", "1", true },
		{ "<sip:a@h>;;tag=1", "1", true },
		{ "<sip:a@h>; ;tag=1", "1", true },
		{ "<sip:a@h>;x=\";tag=1", "", true },
		{ "<sip:a@h>;x=(;tag=1", "", true },
		{ "sip:a@h?x=y", "", true },
		{ ";tag=1", "", true },
		{ "\"A\"", "", true },
		{ "\"\\", "", true },
		{ "", "", true },
	};
	struct sip_msg msg;
	struct text text;
	char lines[512];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		snprintf(lines, sizeof(lines), START "From: %s\nTo: sip:b@h\nCall-ID: c\n"
			 "Via: SIP/2.0/UDP h\nCSeq: 1 OPTIONS\n\n", cases[i].value);
		text = message(lines);
		assert_int_equal(parse(&msg, text), SIP_OK);
		if (msg.faults[SIP_TIER_FIELDS].verdict != (cases[i].odd ? SIP_BAD_VALUE : SIP_OK))
			fail_msg("%s", cases[i].value);
		assert_span(text, msg.from_tag, cases[i].tag);
	}
}

static void vias(void **state)
{
	static const struct {
		const char *value;
		const char *host;	/* NULL: bad value, "": a name */
		u16 port;
		const char *port_text;
	} cases[] = {
		{ "SIP/2.0/UDP 192.0.2.9", "192.0.2.9", 5060, "" },
		{ "SIP/2.0/TLS 192.0.2.9", "192.0.2.9", 5061, "" },
		{ "SIP/2.0/tls-sctp 192.0.2.9", "192.0.2.9", 5061, "" },
		{ "SIP/2.0/TCP 192.0.2.9:5070;branch=1", "192.0.2.9", 5070, "5070" },
		{ "sip/2.0/UDP 192.0.2.9", "192.0.2.9", 5060, "" },
		{ "SIP  / 2.0\n /\tUDP  \n 192.0.2.9 : 5070 ; x", "192.0.2.9", 5070, "5070" },
		{ "SIP/2.0/UNKNOWN [2001:db8::9]:05070", "2001:db8::9", 5070, "05070" },
		{ "SIP/2.0/UDP 192.0.2.9, SIP/2.0/UDP 192.0.2.8", "192.0.2.9", 5060, "" },
		{ "SIP/2.0/UDP 192.0.2.9;x=\",\",junk", "192.0.2.9", 5060, "" },
		{ "SIP/2.0/UDP 192.0.2.9 (comment ;;, \")", "192.0.2.9", 5060, "" },
		{ "SIP/2.0/UDP 192.0.2.9;x (comment ;;, \")", "192.0.2.9", 5060, "" },
		{ "SIP/2.0/UDP 192.0.2.9;", "192.0.2.9", 5060, "" },
		{ "SIP/2.0/UDP host", "" },
		{ "SIP/2.0/UDP 192.0.2.9.example.com", "" },
		{ "SIP/2.0/UDP 192.0.2.9a", "" },
		{ "SIP/2.0/UDP 192.0.02.009", "192.0.2.9", 5060, "" },
		{ "SIP/2.0/UDP 192.0.2.0009", "" },
		{ "SIP/2.0/UDP 192.0.2.256", "" },
		{ "SIP/2.0/UDP 192.0.2", "" },
		{ "SIP/2.0/UDP 1921.0.2.9", "" },
		{ "SIP/2.0/UDP [fe80::1%eth0]", "" },
		{ "SIP/2.0/UDP 192.0.2.9;;x", "192.0.2.9", 5060, "" },
		{ "SIP/2.0/UDP 192.0.2.9 x", "192.0.2.9", 5060, "" },
		{ "SIP/2.0/UDP 192.0.2.9:", NULL },
		{ "SIP/2.0/UDP 192.0.2.9:5070x", NULL },
		{ "SIP/2.0/UDP [2001:db8::9]21:893", NULL },
		{ "SIP/2.0/UDP 192.0.2.9:x", NULL },
		{ "SIP/2.0/UDP 192.0.2.9:65536", NULL },
		{ "SIP/2.0/UDP", NULL },
		{ "SIP/2.0/UDP ", NULL },
		{ "SIP/2.0/ 192.0.2.9", NULL },
		{ "SIP/2.0 192.0.2.9", NULL },
		{ "SIP 192.0.2.9", NULL },
		{ "/2.0/UDP 192.0.2.9", NULL },
		{ "SIP/2.0/UDP 2001:db8::9", NULL },
		{ "SIP/2.0/UDP [2001:db8::9", NULL },
		{ "SIP/2.0/UDP ;branch=1", NULL },
		{ "", NULL },
	};
	struct sip_msg msg;
	struct text text;
	char lines[512];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		snprintf(lines, sizeof(lines), START "From: sip:a@h\nTo: sip:b@h\nCall-ID: c\n"
			 "Via: %s\nVia: junk\nCSeq: 1 OPTIONS\n\n", cases[i].value);
		text = message(lines);
		if (parse(&msg, text) != (cases[i].host ? SIP_OK : SIP_BAD_VALUE))
			fail_msg("%s", cases[i].value);
		if (cases[i].host && *cases[i].host)
			assert_ref(text, &msg, SIP_VIA, cases[i].host, cases[i].port,
				    cases[i].port_text);
		else if (cases[i].host)
			assert_null(only_ref(&msg, SIP_VIA));
	}
}

/* The message before has one; the one without has none for all that. */
static void branches(void **state)
{
	static const struct {
		const char *params, *branch;
	} cases[] = {
		{ ";branch=z9hG4bK1", "z9hG4bK1" },
		{ ";rport;BRANCH = z9hG4bK2 ;x", "z9hG4bK2" },
		{ ";branch\n =z9hG4bK3", "z9hG4bK3" },
		{ "", "" },
		{ ";branch", "" },
		{ ";branch=", "" },
		{ ";branch=z9hG4bK4, SIP/2.0/UDP i;branch=z9hG4bK5", "z9hG4bK4" },
		{ ", SIP/2.0/UDP i;branch=z9hG4bK6", "" },
		{ ";xbranch=1;branchx=2", "" },
	};
	struct sip_msg msg;
	struct text text;
	char lines[512];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		snprintf(lines, sizeof(lines), START "From: sip:a@h\nTo: sip:b@h\nCall-ID: c\n"
			 "CSeq: 1 OPTIONS\nVia: SIP/2.0/UDP h%s\n\n", cases[i].params);
		text = message(lines);
		assert_int_equal(parse(&msg, text), SIP_OK);
		assert_span(text, msg.branch, cases[i].branch);
	}
}

static void shortest_maddr(void **state)
{
	struct sip_msg msg;
	struct text text;

	(void)state;
	text = message(START "From: sip:a@h\nTo: sip:b@h\nCall-ID: c\nCSeq: 1 OPTIONS\n"
		       "Via: SIP/2.0/UDP h\nContact: <sip:h;maddr=::>\n\n");
	assert_int_equal(parse(&msg, text), SIP_OK);
	assert_int_equal(msg.n_addr_refs, 1);
	assert_ref(text, &msg, SIP_CONTACT, "::", 5060, "");
}

static void via_params(void **state)
{
	struct sip_msg msg;
	struct text text;
	char lines[512];

	(void)state;
	snprintf(lines, sizeof(lines), START "From: sip:a@h\nTo: sip:b@h\nCall-ID: c\n"
		 "CSeq: 1 OPTIONS\nVia: SIP/2.0/UDP h;MAddr=192.0.2.1;ttl=1;xmaddr=1.1.1.1;"
		 "maddrx=1.1.1.1;RPORT = 5070 ;received\n = [2001:db8::9]\n\n");
	text = message(lines);
	assert_int_equal(parse(&msg, text), SIP_OK);
	assert_int_equal(msg.n_addr_refs, 3);
	assert_ref(text, &msg, SIP_VIA_MADDR, "192.0.2.1", 0, "");
	assert_ref(text, &msg, SIP_VIA_RECEIVED, "2001:db8::9", 0, "");
	assert_span(text, msg.addr_refs[1].port, "5070");
	assert_int_equal(msg.addr_refs[1].field, SIP_VIA_RPORT);
	assert_int_equal(msg.addr_refs[1].ep.port, 5070);
	assert_int_equal(msg.addr_refs[1].ep.family, 0);
	assert_int_equal(msg.addr_refs[1].host.len, 0);

	/* Empty, or names: nothing that could be changed. */
	snprintf(lines, sizeof(lines), START "From: sip:a@h\nTo: sip:b@h\nCall-ID: c\n"
		 "CSeq: 1 OPTIONS\nVia: SIP/2.0/UDP h;maddr=;rport=;received=h;maddr;rport;"
		 "received;received=[;received=192.0.2.1.;maddr=[]\n\n");
	assert_int_equal(parse(&msg, message(lines)), SIP_OK);
	assert_int_equal(msg.n_addr_refs, 0);
	snprintf(lines, sizeof(lines), START "From: sip:a@h\nTo: sip:b@h\nCall-ID: c\n"
		 "CSeq: 1 OPTIONS\nVia: SIP/2.0/UDP h;rport=70000\n\n");
	assert_reason(lines, SIP_BAD_VALUE);
	snprintf(lines, sizeof(lines), START "From: sip:a@h\nTo: sip:b@h\nCall-ID: c\n"
		 "CSeq: 1 OPTIONS\nVia: SIP/2.0/UDP h;rport=5060x\n\n");
	assert_reason(lines, SIP_BAD_VALUE);
}

static void contacts(void **state)
{
	struct sip_msg msg;
	struct text text;

	(void)state;
	text = parse_with(&msg, "Contact: \"a,b\" <sip:192.0.2.2:5070>;q=0.5;expires=7,\n"
			  " sip:h;expires=x , <sips:192.0.2.3>\n"
			  "m: tel:+1;expires=4294967297\n");
	assert_int_equal(msg.n_contacts, 4);
	assert_false(msg.star);
	assert_int_equal(msg.contacts[0].expires, 7);
	assert_span(text, msg.addr_refs[msg.contacts[0].ref].host, "192.0.2.2");
	assert_int_equal(msg.contacts[1].ref, -1);
	assert_int_equal(msg.contacts[1].expires, -1);
	assert_int_equal(msg.addr_refs[msg.contacts[2].ref].ep.port, 5061);
	assert_int_equal(msg.contacts[3].ref, -1);
	assert_int_equal(msg.contacts[3].expires, INT32_MAX);

	parse_with(&msg, "Contact:  *\n");
	assert_true(msg.star);
	assert_int_equal(msg.n_contacts, 0);

	assert_reason_with("Contact:\n", SIP_BAD_VALUE);
	assert_reason_with("Contact: \n", SIP_BAD_VALUE);
	assert_reason_with("Contact: <sip:h>,\n", SIP_BAD_VALUE);
	assert_reason_with("Contact: ,<sip:h>\n", SIP_BAD_VALUE);
	assert_reason_with("Contact: <sip:h>,,<sip:h>\n", SIP_BAD_VALUE);
	assert_reason_with("Contact: <sip:h>;;;;\n", SIP_BAD_VALUE);
	assert_reason_with("Contact: <sip:h> <sip:h>\n", SIP_BAD_VALUE);
	assert_reason_with("Contact: sip:h?a=b\n", SIP_BAD_VALUE);
	assert_reason_with("Contact: h\n", SIP_BAD_VALUE);
	assert_reason_with("Contact: <sip:@>\n", SIP_BAD_VALUE);
	assert_reason_with("Contact: <sip:192.0.2.1:x>\n", SIP_BAD_VALUE);
	assert_reason_with("Contact: <sip:192.0.2.1/x>\n", SIP_BAD_VALUE);
	assert_reason_with("Contact: <sip:a b@h>\n", SIP_OK);
	assert_reason_with("Contact: <sip:a\tb@h>\n", SIP_BAD_VALUE);
	assert_reason_with("Contact: <sip:a b>\n", SIP_BAD_VALUE);
	assert_reason_with("Contact: <sip:a@b@c@d@e@h>\n", SIP_OK);
	assert_reason_with("Contact: <sip:a@b@c@d@e@f@h>\n", SIP_BAD_VALUE);
	assert_reason_with("Contact: <tel:+1 2>\n", SIP_BAD_VALUE);
	assert_reason_with("Contact: <sip:h?a=b>\n", SIP_OK);
	assert_reason_with("Contact: <sip:h>;\n", SIP_OK);
}

static void uris(void **state)
{
	static const struct {
		const char *uri;
		const char *host;
		u16 port;
		const char *port_text;
		enum sip_transport transport;
	} cases[] = {
		{ "sip:192.0.2.2", "192.0.2.2", 5060, "" },
		{ "SIP:192.0.2.2", "192.0.2.2", 5060, "" },
		{ "sips:192.0.2.2", "192.0.2.2", 5061, "" },
		{ "SIPS:u@192.0.2.2:5060", "192.0.2.2", 5060, "5060" },
		{ "sip:192.0.2.2;transport=tcp;lr", "192.0.2.2", 5060, "", SIP_TRANSPORT_TCP },
		{ "sip:192.0.2.2;transport=UDP", "192.0.2.2", 5060, "", SIP_TRANSPORT_UDP },
		{ "sip:192.0.2.2;transport=sctp", "192.0.2.2", 5060, "" },
		{ "sip:192.0.2.2;transports=tcp", "192.0.2.2", 5060, "" },
		{ "sip:192.0.2.2;lr;Transport=TLS", "192.0.2.2", 5061, "", SIP_TRANSPORT_TCP },
		{ "sip:192.0.2.2;transport=tls?a=b", "192.0.2.2", 5061, "",
		  SIP_TRANSPORT_TCP },
		{ "sip:192.0.2.2;transport=tlsx", "192.0.2.2", 5060, "" },
		{ "sip:192.0.2.2?a=b;transport=tls", "192.0.2.2", 5060, "" },
		{ "sip:192.0.2.2:5060;transport=tls", "192.0.2.2", 5060, "5060",
		  SIP_TRANSPORT_TCP },
		{ "sip:u;x=?,/$&+:p%40w@192.0.2.2", "192.0.2.2", 5060, "" },
		{ "sip:192.0.2.1:5070@192.0.2.2", "192.0.2.2", 5060, "" },
		{ "sip:u@example.com@192.0.2.2:5070", "192.0.2.2", 5070, "5070" },
		{ "sip:u@192.0.2.1:5070@192.0.2.2", "192.0.2.2", 5060, "" },
		{ "sip:u@[::]", "::", 5060, "" },
		{ "sip:u@[::1]:5070", "::1", 5070, "5070" },
		{ "sip:u@[2001:DB8:0:0:1:0:0:1]", "2001:db8::1:0:0:1", 5060, "" },
		{ "sip:u@[1:2:3:4:5:6:7::]", "1:2:3:4:5:6:7:0", 5060, "" },
		{ "sip:u@[::2:3:4:5:6:7:8]", "0:2:3:4:5:6:7:8", 5060, "" },
		{ "sip:u@[1:0002:3:4:5:6:192.0.2.33]", "1:2:3:4:5:6:c000:221", 5060, "" },
		{ "sip:u@[::ffff:192.0.2.33]", "::ffff:192.0.2.33", 5060, "" },
		{ "sip:u@[64:ff9b::192.0.2.33]", "64:ff9b::c000:221", 5060, "" },
		{ "sip:u@[1::]", "1::", 5060, "" },
		{ "sip:u@[:1]" },
		{ "sip:u@[1:]" },
		{ "sip:u@[]" },
		{ "sip:u@[:]" },
		{ "sip:u@[:::]" },
		{ "sip:u@[1:::2]" },
		{ "sip:u@[1::2::3]" },
		{ "sip:u@[12345::]" },
		{ "sip:u@[g::]" },
		{ "sip:u@[1:2:3:4:5:6:7]" },
		{ "sip:u@[1:2:3:4:5:6:7:8:9]" },
		{ "sip:u@[1:2:3:4::5:6:7:8]" },
		{ "sip:u@[::1:2:3:4:5:6:7:8]" },
		{ "sip:u@[1:2:3:4:5:6:7:8::]" },
		{ "sip:u@[1:2:3:4:5:6:7:192.0.2.33]" },
		{ "sip:u@[::192.0.2]" },
		{ "sip:u@[::192.0.2.33:1]" },
		{ "sip:u@[::192.0.2.0033]" },
		{ "sip:u@[192.0.2.33]" },
		{ "sip:u@[2001:db8:::192.0.2.1]" },
		{ "sip:u@host_name.example.com:5070" },
		{ "sip:u@0xc0.0.2.1" },
		{ "sip:u@3221226017" },
		{ "tel:192.0.2.2" },
		{ "sipx:192.0.2.2" },
		{ "si:192.0.2.2" },
		{ "soap.beep://192.0.2.2:3002" },
	};
	struct sip_msg msg;
	struct text text;
	char header[256];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		snprintf(header, sizeof(header), "Contact: <%s>\n", cases[i].uri);
		text = parse_with(&msg, header);
		if (!cases[i].host) {
			if (only_ref(&msg, SIP_CONTACT))
				fail_msg("%s", cases[i].uri);
			continue;
		}
		assert_ref(text, &msg, SIP_CONTACT, cases[i].host, cases[i].port,
			   cases[i].port_text);
		assert_int_equal(only_ref(&msg, SIP_CONTACT)->transport, cases[i].transport);
	}
}

static void other_values(void **state)
{
	struct sip_msg msg;
	struct text text;

	(void)state;
	text = parse_with(&msg, "Route: <sip:192.0.2.2;lr>,<sip:h>\n"
			  "Path: <sip:192.0.2.4>\nRecord-Route: R <sip:192.0.2.5>;x,<sip:h>\n"
			  "Record-Route: <sip:192.0.2.6>\n");
	assert_ref(text, &msg, SIP_ROUTE, "192.0.2.2", 5060, "");
	assert_ref(text, &msg, SIP_PATH, "192.0.2.4", 5060, "");
	assert_int_equal(msg.n_addr_refs, 5);
	assert_int_equal(msg.n_contacts, 0);
	assert_reason_with("Path: <sip:192.0.2.4>,\n", SIP_BAD_VALUE);
	parse_with(&msg, "Route: <sip:192.0.2.2>,<sip:192.0.2.3>\nRoute: <sip:192.0.2.4>\n");
	assert_int_equal(msg.n_addr_refs, 4);
	assert_reason_with("Route: junk\n", SIP_BAD_VALUE);
	assert_reason_with("Route: <sip:h>\nRoute: junk\n", SIP_BAD_VALUE);
	assert_reason_with("Refer-To: junk\n", SIP_BAD_VALUE);
	assert_reason_with("Record-Route: <sip:h>;;x\n", SIP_BAD_VALUE);
}

static void expiries(void **state)
{
	struct sip_msg msg;

	(void)state;
	parse_with(&msg, "");
	assert_int_equal(msg.expires, -1);
	parse_with(&msg, "Expires: 3600\n");
	assert_int_equal(msg.expires, 3600);
	parse_with(&msg, "Expires: 0\n");
	assert_int_equal(msg.expires, 0);
	parse_with(&msg, "Expires: 99999999999999999999\n");
	assert_int_equal(msg.expires, INT32_MAX);
	parse_with(&msg, "Expires: tomorrow\n");
	assert_int_equal(msg.expires, -1);
	parse_with(&msg, "Expires: 10 s\n");
	assert_int_equal(msg.expires, -1);
	parse_with(&msg, "Expires:\n");
	assert_int_equal(msg.expires, -1);
}

static void session_timers(void **state)
{
	struct sip_msg msg;

	(void)state;
	parse_with(&msg, "");
	assert_int_equal(msg.session_expires, -1);
	parse_with(&msg, "Session-Expires: 1800;refresher=uac\n");
	assert_int_equal(msg.session_expires, 1800);
	parse_with(&msg, "session-expires : 90\n");
	assert_int_equal(msg.session_expires, 90);
	parse_with(&msg, "x: 4000 ; refresher=uas\n");
	assert_int_equal(msg.session_expires, 4000);
	parse_with(&msg, "Session-Expires: soon\n");
	assert_int_equal(msg.session_expires, -1);
	parse_with(&msg, "Session-Expires:\n");
	assert_int_equal(msg.session_expires, -1);
	parse_with(&msg, "X-Session-Expires: 1\nSession-Expired: 2\nSubject: 3\ns: 4\n");
	assert_int_equal(msg.session_expires, -1);
}

static void credentials(void **state)
{
	struct sip_msg msg;
	struct text text;

	(void)state;
	parse_with(&msg, "Authorization: Digest uri=\"sip:h\"\n");
	assert_int_equal(msg.n_credentials, 0);
	text = message("OPTIONS sip:b@192.0.2.9 SIP/2.0\n" REQUIRED_HEADERS
		       "Authorization: digest a=\"\\\",uri=\\\"x\\\"\",b=c ,"
		       " URI = \"sip:q\" ,uri=\"sip:second\"\n"
		       "Authorization: Digest uri=sip:bare\n"
		       "Authorization: Basic uri=\"sip:basic\"\n"
		       "Authorization: Digest xuri=\"sip:x\"\n"
		       "Authorization: Digest a=\"no end,uri=\"sip:x\n"
		       "Authorization:\n"
		       "Proxy-Authorization: Digest uri=\"\"\n\n");
	assert_int_equal(parse(&msg, text), SIP_OK);
	assert_int_equal(msg.n_credentials, 3);
	assert_span(text, msg.credentials[0], "sip:q");
	assert_span(text, msg.credentials[1], "sip:bare");
	assert_span(text, msg.credentials[2], "");
	assert_reason("OPTIONS sip:b@192.0.2.9 SIP/2.0\n" REQUIRED_HEADERS
		      "Authorization: Digest uri=a\nAuthorization: Digest uri=a\n"
		      "Authorization: Digest uri=a\nAuthorization: Digest uri=a\n\n", SIP_OK);
	assert_reason("OPTIONS sip:b@192.0.2.9 SIP/2.0\n" REQUIRED_HEADERS
		      "Authorization: Digest uri=a\nAuthorization: Digest uri=a\n"
		      "Authorization: Digest uri=a\nAuthorization: Digest uri=a\n"
		      "Authorization: Digest uri=a\n\n", SIP_TOO_MANY);
}

static void lengths(void **state)
{
	static const struct {
		const char *headers;
		u32 body;
		enum sip_verdict verdict;
	} cases[] = {
		{ "", 10, SIP_OK },
		{ "Content-Length: 10\n", 10, SIP_OK },
		{ "Content-Length: 0010 \n", 10, SIP_OK },
		{ "Content-Length:\n 10\n", 10, SIP_OK },
		{ "Content-Length: 4\n", 4, SIP_OK },
		{ "Content-Length: 0\n", 0, SIP_OK },
		{ "Content-Length: 4\nl: 04\n", 4, SIP_OK },
		{ "Content-Length: 11\n", 0, SIP_BAD_LENGTH },
		{ "Content-Length: 4\nl: 5\n", 0, SIP_BAD_LENGTH },
		{ "Content-Length: 4\nl: x\n", 0, SIP_BAD_LENGTH },
		{ "Content-Length:\n", 0, SIP_BAD_LENGTH },
		{ "Content-Length: -1\n", 0, SIP_BAD_LENGTH },
		{ "Content-Length: +4\n", 0, SIP_BAD_LENGTH },
		{ "Content-Length: 4 4\n", 0, SIP_BAD_LENGTH },
		{ "Content-Length: 4, 4\n", 0, SIP_BAD_LENGTH },
		{ "Content-Length: 0x4\n", 0, SIP_BAD_LENGTH },
		{ "Content-Length: 65536\n", 0, SIP_BAD_LENGTH },
		{ "Content-Length: 4294967297\n", 0, SIP_BAD_LENGTH },
		{ "Content-Length: 4294967296\n", 0, SIP_BAD_LENGTH },
		{ "Content-Length: 18446744073709551616\n", 0, SIP_BAD_LENGTH },
	};
	struct sip_msg msg;
	struct text text;
	char lines[1024];
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		snprintf(lines, sizeof(lines), START REQUIRED_HEADERS "%s\n0123456789",
			 cases[i].headers);
		text = message(lines);
		if (parse(&msg, text) != cases[i].verdict)
			fail_msg("%s", cases[i].headers);
		if (cases[i].verdict)
			continue;
		assert_int_equal(msg.body.len, cases[i].body);
		assert_int_equal(msg.body.off, text.len - 10);
		assert_int_equal(msg.len, text.len - 10 + cases[i].body);
		assert_int_equal(msg.n_lengths, !!strstr(cases[i].headers, "Content-L") + !!strstr(cases[i].headers, "l:"));
	}
}

/* A message of @n equal headers. */
static enum sip_verdict verdict_of_many(const char *header, u32 n)
{
	char *lines = malloc(sizeof(START REQUIRED_HEADERS) + n * strlen(header) + 2);
	enum sip_verdict verdict;

	strcpy(lines, START REQUIRED_HEADERS);
	while (n--)
		strcat(lines, header);
	strcat(lines, "\n");
	verdict = verdict_of(lines);
	free(lines);
	return verdict;
}

static void limits(void **state)
{
	static u8 big[SIP_MSG_MAX + 2];
	struct sip_msg msg;
	struct text text;

	(void)state;
	assert_int_equal(verdict_of_many("X: y\n", 2000), SIP_OK);
	assert_int_equal(verdict_of_many("m: <sip:h>\n", SIP_CONTACTS_MAX), SIP_OK);
	assert_int_equal(verdict_of_many("m: <sip:h>\n", SIP_CONTACTS_MAX + 1), SIP_TOO_MANY);
	/* Some references are for Via alone. */
	assert_int_equal(verdict_of_many("Path: <sip:192.0.2.1>\n", SIP_ADDR_REFS_MAX - 5), SIP_OK);
	assert_int_equal(verdict_of_many("Path: <sip:192.0.2.1>\n", SIP_ADDR_REFS_MAX - 4),
			 SIP_TOO_MANY);
	/* Names need no reference, and still are not read without end. */
	assert_int_equal(verdict_of_many("Path: <x:y>;a;a;a;a;a;a;a;a;a\n", SIP_VALUES_MAX), SIP_OK);
	assert_int_equal(verdict_of_many("Path: <x:y>;a;a;a;a;a;a;a;a;a\n", SIP_VALUES_MAX + 1),
			 SIP_TOO_MANY);
	assert_int_equal(verdict_of_many("Proxy-Authorization: Digest a,a,a,a,a,a,a\n", 100), SIP_OK);
	assert_int_equal(verdict_of_many("Authorization: Digest uri=x\n", SIP_CREDENTIALS_MAX + 1),
			 SIP_OK);

	text = message(START REQUIRED_HEADERS "\n");
	memset(big, 'x', sizeof(big));
	memcpy(big, text.data, text.len);
	assert_int_equal(parse(&msg, guard(big, SIP_MSG_MAX)), SIP_OK);
	assert_int_equal(msg.len, SIP_MSG_MAX);
	assert_int_equal(parse(&msg, guard(big, SIP_MSG_MAX + 1)), SIP_TOO_LONG);
}

static void formats(void **state)
{
	static const char *const addrs[] = {
		"0.0.0.0", "9.10.99.100", "255.255.255.255", "::", "::1", "1::", "1::2",
		"2001:db8::1", "2001:db8:0:1::", "1:2:3:4:5:6:7:8", "1:0:3:4:5:6:7:8",
		"1:0:0:4::8", "1::4:0:0:8", "abcd:ef01:2345:6789:abcd:ef01:2345:6789",
		"::ffff:192.0.2.1", "::ffff:255.255.255.255", "::1:2", "fe80::abc:d00",
	};
	u8 out[SIP_ADDRESS_TEXT_MAX];
	struct sip_endpoint ep;
	struct text room;
	size_t i;
	u32 len;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(addrs); i++) {
		ep = endpoint(addrs[i], 5060);
		len = sip_endpoint_format(&ep, out);
		assert_int_equal(len, strlen(addrs[i]));
		assert_memory_equal(out, addrs[i], len);
	}
	/* No more room is used than is promised. */
	ep = endpoint("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 0);
	room = guard(out, SIP_ADDRESS_TEXT_MAX);
	assert_int_equal(sip_endpoint_format(&ep, (u8 *)room.data), 39);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(starts),
		cmocka_unit_test(start_lines),
		cmocka_unit_test(methods),
		cmocka_unit_test(long_method_of_cseq),
		cmocka_unit_test(cseq_of_response),
		cmocka_unit_test(required_headers),
		cmocka_unit_test(header_section),
		cmocka_unit_test(cut_list),
		cmocka_unit_test(bare_returns),
		cmocka_unit_test(header_names),
		cmocka_unit_test(other_names),
		cmocka_unit_test(call_ids),
		cmocka_unit_test(cseqs),
		cmocka_unit_test(parties),
		cmocka_unit_test(vias), cmocka_unit_test(branches),
		cmocka_unit_test(shortest_maddr),
		cmocka_unit_test(via_params),
		cmocka_unit_test(contacts),
		cmocka_unit_test(uris),
		cmocka_unit_test(other_values),
		cmocka_unit_test(expiries),
		cmocka_unit_test(session_timers),
		cmocka_unit_test(credentials),
		cmocka_unit_test(lengths),
		cmocka_unit_test(limits),
		cmocka_unit_test(formats),
	};

	return cmocka_run_group_tests_name("parse", tests, NULL, NULL);
}
