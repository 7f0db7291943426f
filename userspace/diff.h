/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A text and the edits that change it.
 */
#ifndef DIFF_H
#define DIFF_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct edit - one replacement
 * @offset: where in the text
 * @length: so many bytes go
 * @text: what comes in their place; not terminated
 * @text_len: its length in bytes
 */
struct edit {
	size_t offset;
	size_t length;
	const char *text;
	size_t text_len;
};

/* Takes a line without its end. @sign: ' ' it stays, '-' goes, '+' comes. */
typedef void diff_line_cb(char sign, const char *line, size_t len, void *data);

bool diff_valid(size_t len, const struct edit *edits, size_t count);
char *diff_apply(const char *text, size_t len, const struct edit *edits,
		 size_t count, size_t *new_len);
int diff_lines(const char *text, size_t len, const struct edit *edits,
	       size_t count, diff_line_cb *cb, void *data);

#endif /* DIFF_H */
