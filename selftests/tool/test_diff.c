// SPDX-License-Identifier: GPL-2.0
/*
 * Texts and their edits.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "diff.h"

static char told[512];

static void tell(char sign, const char *line, size_t len, void *data)
{
	size_t at = strlen(told);

	assert_null(data);
	snprintf(told + at, sizeof(told) - at, "%c%.*s\n", sign, (int)len, line);
}

#define EDIT(offset_, length_, text_) \
	{ .offset = (offset_), .length = (length_), .text = (text_), .text_len = strlen(text_) }

static void assert_diff(const char *text, const struct edit *edits, size_t count,
			const char *after, const char *lines)
{
	/* Nothing is read behind the end. */
	size_t len = strlen(text), new_len;
	char *copy = malloc(len ? len : 1), *new;

	memcpy(copy, text, len);
	assert_true(diff_valid(len, edits, count));
	new = diff_apply(copy, len, edits, count, &new_len);
	assert_string_equal(new, after);
	assert_int_equal(new_len, strlen(after));
	*told = '\0';
	assert_int_equal(diff_lines(copy, len, edits, count, tell, NULL), 0);
	assert_string_equal(told, lines);
	free(new);
	free(copy);
}

static void test_lines(void **state)
{
	const struct edit two[] = { EDIT(2, 1, "xy"), EDIT(11, 1, "") };
	const struct edit same_line[] = { EDIT(0, 1, "A"), EDIT(2, 1, "C") };

	(void)state;
	assert_diff("abc\r\ndef\r\ngh", NULL, 0, "abc\r\ndef\r\ngh", " abc\n def\n gh\n");
	assert_diff("abc\r\ndef\r\ngh", two, 2, "abxy\r\ndef\r\ng",
		    "-abc\n+abxy\n def\n-gh\n+g\n");
	assert_diff("abc\nd\n", same_line, 2, "AbC\nd\n", "-abc\n+AbC\n d\n");
	assert_diff("", NULL, 0, "", "");
}

/* An edit may bring lines, take them, or stand behind the end. */
static void test_across(void **state)
{
	const struct edit takes[] = { EDIT(1, 4, "") };
	const struct edit brings[] = { EDIT(2, 0, "x\r\n") };
	const struct edit behind[] = { EDIT(4, 0, "c\r\n") };
	const struct edit all[] = { EDIT(0, 0, "x") };

	(void)state;
	assert_diff("ab\ncd\nef\n", takes, 1, "a\nef\n", "-ab\n-cd\n+a\n ef\n");
	assert_diff("a\nb\n", brings, 1, "a\nx\r\nb\n", " a\n-b\n+x\n+b\n");
	assert_diff("a\nb\n", behind, 1, "a\nb\nc\r\n", " a\n-b\n+b\n+c\n");
	assert_diff("", all, 1, "x", "+x\n");
}

static void test_valid(void **state)
{
	const struct edit order[] = { EDIT(3, 1, ""), EDIT(2, 1, "") };
	const struct edit overlap[] = { EDIT(1, 2, ""), EDIT(2, 1, "") };
	const struct edit outside[] = { EDIT(4, 2, "") };
	const struct edit far[] = { EDIT(6, 0, "") };
	const struct edit huge[] = { EDIT(1, SIZE_MAX, "") };
	const struct edit fits[] = { EDIT(0, 2, ""), EDIT(2, 3, ""), EDIT(5, 0, "") };

	(void)state;
	assert_false(diff_valid(5, order, 2));
	assert_false(diff_valid(5, overlap, 2));
	assert_false(diff_valid(5, outside, 1));
	assert_false(diff_valid(5, far, 1));
	assert_false(diff_valid(5, huge, 1));
	assert_true(diff_valid(5, fits, 3));
	assert_true(diff_valid(0, NULL, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines), cmocka_unit_test(test_across),
		cmocka_unit_test(test_valid),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("diff", tests, NULL, NULL);
}
