// SPDX-License-Identifier: GPL-2.0
/*
 * Whole messages from files. Those of selftests/corpus are compared with the
 * description beside them, which is made anew with UPDATE_GOLDEN=1; those of the
 * torture test RFCs are looked for in $SIPALG_CORPUS, and have their verdict here.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "harness.h"

#ifndef CORPUS
#define CORPUS "../corpus"
#endif

struct verdict {
	const char *name;
	enum sip_verdict verdict;
};

/* In the order of the RFCs. What is wrong stands behind it where it is not the name. */
static const struct verdict torture[] = {
	/* RFC 4475, 3.1.1: valid */
	{ "rfc4475/wsinv.dat", SIP_OK },
	{ "rfc4475/intmeth.dat", SIP_OK },
	{ "rfc4475/esc01.dat", SIP_OK },
	{ "rfc4475/escnull.dat", SIP_OK },
	{ "rfc4475/esc02.dat", SIP_OK },
	{ "rfc4475/lwsdisp.dat", SIP_OK },
	{ "rfc4475/longreq.dat", SIP_OK },
	{ "rfc4475/dblreq.dat", SIP_OK },
	{ "rfc4475/semiuri.dat", SIP_OK },
	{ "rfc4475/transports.dat", SIP_OK },
	{ "rfc4475/mpart01.dat", SIP_OK },
	{ "rfc4475/unreason.dat", SIP_OK },
	{ "rfc4475/noreason.dat", SIP_OK },
	/* 3.1.2: invalid */
	{ "rfc4475/badinv01.dat", SIP_BAD_VALUE },	/* Via ;;,;,, */
	{ "rfc4475/clerr.dat", SIP_BAD_LENGTH },	/* larger than the datagram */
	{ "rfc4475/ncl.dat", SIP_BAD_LENGTH },		/* negative */
	{ "rfc4475/scalar02.dat", SIP_BAD_VALUE },	/* CSeq of 65 bits */
	{ "rfc4475/scalarlg.dat", SIP_BAD_VALUE },	/* CSeq of 73 bits */
	{ "rfc4475/quotbal.dat", SIP_BAD_VALUE },	/* quote in To without an end */
	{ "rfc4475/ltgtruri.dat", SIP_BAD_START },	/* <> around the Request-URI */
	{ "rfc4475/lwsruri.dat", SIP_BAD_START },	/* blank in the Request-URI */
	{ "rfc4475/lwsstart.dat", SIP_BAD_START },	/* two blanks */
	{ "rfc4475/trws.dat", SIP_BAD_START },		/* blanks at the end of the line */
	{ "rfc4475/escruri.dat", SIP_BAD_START },	/* ? in the Request-URI */
	/* An ALG has no business with Date, and the rest of the message is well-formed. */
	{ "rfc4475/baddate.dat", SIP_OK },
	{ "rfc4475/regbadct.dat", SIP_BAD_VALUE },	/* ? in a Contact without <> */
	{ "rfc4475/badaspec.dat", SIP_BAD_VALUE },	/* blanks within <> of To */
	{ "rfc4475/baddn.dat", SIP_BAD_HEADER },		/* the file has no empty line */
	{ "rfc4475/badvers.dat", SIP_BAD_START },	/* SIP/7.0 */
	{ "rfc4475/mismatch01.dat", SIP_BAD_VALUE },	/* method of CSeq */
	{ "rfc4475/mismatch02.dat", SIP_BAD_VALUE },	/* the same, method unknown */
	{ "rfc4475/bigcode.dat", SIP_BAD_START },	/* status 4294967301 */
	/* 3.2: valid to a parser, if not to a transaction */
	{ "rfc4475/badbranch.dat", SIP_OK },
	/* 3.3: the business of the application, but for three */
	{ "rfc4475/insuf.dat", SIP_INCOMPLETE },	/* no Call-ID, From, To */
	{ "rfc4475/unkscm.dat", SIP_OK },
	{ "rfc4475/novelsc.dat", SIP_OK },
	{ "rfc4475/unksm2.dat", SIP_OK },
	{ "rfc4475/bext01.dat", SIP_OK },
	{ "rfc4475/invut.dat", SIP_OK },
	{ "rfc4475/regaut01.dat", SIP_OK },
	{ "rfc4475/multi01.dat", SIP_BAD_VALUE },	/* two of From, To, Call-ID, CSeq */
	{ "rfc4475/mcl01.dat", SIP_BAD_LENGTH },	/* two that differ */
	{ "rfc4475/bcast.dat", SIP_OK },
	{ "rfc4475/zeromf.dat", SIP_OK },
	{ "rfc4475/cparam01.dat", SIP_OK },
	{ "rfc4475/cparam02.dat", SIP_OK },
	{ "rfc4475/regescrt.dat", SIP_OK },
	{ "rfc4475/sdp01.dat", SIP_OK },
	/* 3.4 */
	{ "rfc4475/inv2543.dat", SIP_OK },
	/* RFC 5118 */
	{ "rfc5118/ipv6-good", SIP_OK },
	{ "rfc5118/ipv6-bad", SIP_BAD_START },		/* no brackets in the Request-URI */
	{ "rfc5118/port-ambiguous", SIP_OK },
	{ "rfc5118/port-unambiguous", SIP_OK },
	{ "rfc5118/via-received-param-with-delim", SIP_OK },
	{ "rfc5118/via-received-param-no-delim", SIP_OK },
	{ "rfc5118/ipv6-in-sdp", SIP_OK },
	{ "rfc5118/mult-ip-in-header", SIP_OK },
	{ "rfc5118/mult-ip-in-sdp", SIP_OK },
	{ "rfc5118/ipv4-mapped-ipv6", SIP_OK },
	/* The ABNF of RFC 3261 allows a third colon; what it names is no address. */
	{ "rfc5118/ipv6-bug-abnf-3-colons", SIP_OK },
	{ "rfc5118/ipv6-correct-abnf-2-colons", SIP_OK },
};

/* Every prefix of a message has a verdict and leaves the guard page alone. */
static void try_prefixes(const u8 *data, u32 len)
{
	u32 n;

	for (n = 0; n <= len; n++)
		free(describe(guard(data, n)));
}

/* From a beginning that has all headers the same is found as from the whole message. */
static void try_beginnings(const u8 *data, u32 len)
{
	enum sip_verdict verdict;
	struct sip_msg whole, part;
	u32 there;

	verdict = sip_parse(&whole, data, len);
	for (there = 64; there < len; there++) {
		if (sip_parse_part(&part, guard(data, there).data, there, len)) {
			assert_true(verdict || there <= whole.body.off);
			continue;
		}
		assert_int_equal(verdict, SIP_OK);
		if (part.unread.len)
			sip_parse_rest(&part, data);
		messages_must_match(&whole, NULL, &part);
	}
}

static void test_golden(void **state)
{
	struct text text, want;
	const char *name = *state;
	char path[512], *got;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s.sip", CORPUS, name);
	text = read_text(path);
	got = describe(guard(text.data, text.len));

	snprintf(path, sizeof(path), "%s/%s.golden", CORPUS, name);
	if (getenv("UPDATE_GOLDEN")) {
		file = fopen(path, "w");
		assert_non_null(file);
		fputs(got, file);
		fclose(file);
	}
	want = read_text(path);
	if (want.len != strlen(got) || memcmp(want.data, got, want.len))
		fail_msg("got:\n%s\nwant:\n%.*s", got, (int)want.len, want.data);
	try_prefixes(text.data, text.len);
	try_beginnings(text.data, text.len);
	free(got);
	free((void *)want.data);
	free((void *)text.data);
}

static void test_torture(void **state)
{
	const struct verdict *verdict = *state;
	struct sip_msg msg;
	struct text text;
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", getenv("SIPALG_CORPUS"), verdict->name);
	text = read_text(path);
	assert_string_equal(verdict_names[find_fault(&msg, guard(text.data, text.len))],
			    verdict_names[verdict->verdict]);
	try_prefixes(text.data, text.len);
	try_beginnings(text.data, text.len);
	free((void *)text.data);
}

static int is_message(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot && !strcmp(dot, ".sip");
}

int main(void)
{
	struct dirent **entries;
	int n = scandir(CORPUS, &entries, is_message, alphasort), i;
	size_t n_torture = getenv("SIPALG_CORPUS") ? ARRAY_SIZE(torture) : 0;
	struct CMUnitTest *tests;
	int failed;

	if (n < 0)
		return 1;
	if (!n_torture)
		puts("# SIPALG_CORPUS is not set: no messages of RFC 4475 and 5118");
	tests = calloc((size_t)n + n_torture, sizeof(*tests));
	for (i = 0; i < n; i++) {
		*strrchr(entries[i]->d_name, '.') = '\0';
		tests[i].name = entries[i]->d_name;
		tests[i].test_func = test_golden;
		tests[i].initial_state = entries[i]->d_name;
	}
	for (i = 0; i < (int)n_torture; i++) {
		tests[n + i].name = torture[i].name;
		tests[n + i].test_func = test_torture;
		tests[n + i].initial_state = (void *)&torture[i];
	}
	failed = _cmocka_run_group_tests("corpus", tests, (size_t)n + n_torture, NULL, NULL);
	for (i = 0; i < n; i++)
		free(entries[i]);
	free(entries);
	free(tests);
	return failed;
}
