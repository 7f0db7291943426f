// SPDX-License-Identifier: GPL-2.0

#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"

/* main() of the tool, renamed when it is compiled for the tests. */
int sipalg_main(int argc, char **argv);

struct ran ran;

static void forget(void)
{
	free(ran.out);
	free(ran.err);
	ran = (struct ran){};
}

/* For tests that bring a stdout of their own. */
void run_tool_to_stdout(char **argv)
{
	FILE *err = stderr;
	size_t err_len;
	int argc = 0;

	while (argv[argc])
		argc++;
	forget();
	optind = 0;
	stderr = open_memstream(&ran.err, &err_len);
	ran.status = sipalg_main(argc, argv);
	fclose(stderr);
	stderr = err;
}

void run_tool(char **argv)
{
	FILE *out = stdout;
	size_t out_len;
	char *text;

	stdout = open_memstream(&text, &out_len);
	run_tool_to_stdout(argv);
	fclose(stdout);
	stdout = out;
	ran.out = text;
}

int harness_setup(void **state)
{
	(void)state;
	fake = (struct fake){
		.devices = { "lan", "wan" },
		.netns = "router",
		.policies[0] = { .has = 1U << SIPALG_POLICY_MODE, .mode = SIPALG_MODE_RULE },
		.n_policies = 1,
	};
	return 0;
}

int harness_teardown(void **state)
{
	(void)state;
	forget();
	return 0;
}

/* What was printed is this JSON, whatever the blanks. */
void assert_json(const char *expected)
{
	json_t *want = json_loads(expected, 0, NULL);
	json_t *have = json_loads(ran.out, JSON_REJECT_DUPLICATES, NULL);

	if (!want || !have || !json_equal(want, have))
		print_error("wanted: %s\nhave: %s\n", expected, ran.out);
	assert_non_null(want);
	assert_non_null(have);
	assert_true(json_equal(want, have));
	assert_string_equal(ran.err, "");
	assert_int_equal(ran.status, 0);
	json_decref(want);
	json_decref(have);
}

void assert_begins(const char *text, const char *beginning)
{
	if (strncmp(text, beginning, strlen(beginning)))
		fail_msg("\"%s\" does not begin with \"%s\"", text, beginning);
}

void assert_contains(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" is not in \"%s\"", part, text);
}
