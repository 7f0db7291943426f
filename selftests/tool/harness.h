/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Runs the tool's main() on a command line and keeps what it printed.
 */
#ifndef HARNESS_H
#define HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake.h"

struct ran {
	int status;
	char *out, *err;
};

extern struct ran ran;

void run_tool(char **argv);
void run_tool_to_stdout(char **argv);
int harness_setup(void **state);
int harness_teardown(void **state);
void assert_json(const char *expected);
void assert_begins(const char *text, const char *beginning);
void assert_contains(const char *text, const char *part);

/* RUN("policy", "show") runs `sipalg policy show`; RUN() runs `sipalg`. */
#define RUN(...) run_tool((char *[]){ "sipalg", ##__VA_ARGS__, NULL })

#define assert_ran(status_, out_, err_) do {			\
	assert_string_equal(ran.err, err_);			\
	assert_string_equal(ran.out, out_);			\
	assert_int_equal(ran.status, status_);			\
} while (0)

/* Status, and the first line on stderr; nothing on stdout, nothing changed. */
#define assert_refused(status_, err_) do {			\
	assert_begins(ran.err, err_ "\n");			\
	assert_string_equal(ran.out, "");			\
	assert_int_equal(ran.status, status_);			\
	assert_int_equal(fake.changes, 0);			\
} while (0)

#define TEST(function) \
	cmocka_unit_test_setup_teardown(function, harness_setup, harness_teardown)

#endif /* HARNESS_H */
