// SPDX-License-Identifier: GPL-2.0

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "diff.h"

/**
 * diff_valid() - are these edits of such a text?
 * @len: length of the text in bytes
 * @edits: the edits
 * @count: how many
 *
 * Return: true if they are in order, disjoint and inside the text.
 */
bool diff_valid(size_t len, const struct edit *edits, size_t count)
{
	size_t at = 0;

	for (size_t i = 0; i < count; i++) {
		if (edits[i].offset < at || edits[i].offset > len ||
		    edits[i].length > len - edits[i].offset)
			return false;
		at = edits[i].offset + edits[i].length;
	}
	return true;
}

static char *text_put(char *to, const char *from, size_t len)
{
	if (len)
		memcpy(to, from, len);
	return to + len;
}

/**
 * diff_apply() - change a text
 * @text: the text
 * @len: its length in bytes
 * @edits: valid edits
 * @count: how many
 * @new_len: set to the length of the new text
 *
 * Return: the new text, with a zero behind it, to be freed by the caller; or
 * NULL.
 */
char *diff_apply(const char *text, size_t len, const struct edit *edits,
		 size_t count, size_t *new_len)
{
	size_t room = len + 1, at = 0;
	char *new, *end;

	for (size_t i = 0; i < count; i++)
		room += edits[i].text_len;
	new = malloc(room);
	if (!new)
		return NULL;
	end = new;
	for (size_t i = 0; i < count; i++) {
		end = text_put(end, text + at, edits[i].offset - at);
		end = text_put(end, edits[i].text, edits[i].text_len);
		at = edits[i].offset + edits[i].length;
	}
	end = text_put(end, text + at, len - at);
	*end = '\0';
	*new_len = end - new;
	return new;
}

/* Length of the line at the beginning of a text, with its end. */
static size_t line_len(const char *text, size_t len)
{
	const char *end = memchr(text, '\n', len);

	return end ? (size_t)(end - text) + 1 : len;
}

static void lines_split(char sign, const char *text, size_t len,
			diff_line_cb *cb, void *data)
{
	while (len) {
		size_t whole = line_len(text, len), line = whole;

		while (line &&
		       (text[line - 1] == '\n' || text[line - 1] == '\r'))
			line--;
		cb(sign, text, line, data);
		text += whole;
		len -= whole;
	}
}

/**
 * diff_lines() - tell line by line what changes in a text
 * @text: the text
 * @len: its length in bytes
 * @edits: valid edits
 * @count: how many
 * @cb: takes the lines
 * @data: for @cb
 *
 * Return: 0, or -ENOMEM.
 */
int diff_lines(const char *text, size_t len, const struct edit *edits,
	       size_t count, diff_line_cb *cb, void *data)
{
	size_t begin = 0, end, next = 0;

	while (begin < len || next < count) {
		size_t first = next, new_len;
		struct edit *moved;
		char *new;

		end = begin + line_len(text + begin, len - begin);
		/* Text inserted at the end belongs to the last line. */
		while (next < count &&
		       (edits[next].offset < end || end == len)) {
			size_t last = edits[next].offset + edits[next].length;

			while (end < last)
				end += line_len(text + end, len - end);
			next++;
		}
		if (first == next) {
			lines_split(' ', text + begin, end - begin, cb, data);
			begin = end;
			continue;
		}
		moved = malloc((next - first) * sizeof(*moved));
		if (!moved)
			return -ENOMEM;
		for (size_t i = first; i < next; i++) {
			moved[i - first] = edits[i];
			moved[i - first].offset -= begin;
		}
		new = diff_apply(text + begin, end - begin, moved, next - first,
				 &new_len);
		free(moved);
		if (!new)
			return -ENOMEM;
		lines_split('-', text + begin, end - begin, cb, data);
		lines_split('+', new, new_len, cb, data);
		free(new);
		begin = end;
	}
	return 0;
}
