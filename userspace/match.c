// SPDX-License-Identifier: GPL-2.0

#include <stdio.h>
#include <string.h>

#include "match.h"

/* No name is longer; a longer word is not compared with names. */
#define NAME_MAX_LEN 32
/* A word with more typing errors than these does not remind of a name. */
#define DISTANCE_MAX 2

static unsigned int min_of(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/*
 * Number of letters to insert, remove, replace, or swap with the next one, to
 * turn one word into the other: the optimal string alignment distance.
 */
static unsigned int word_distance(const char *a, const char *b)
{
	unsigned int rows[3][NAME_MAX_LEN + 1];
	size_t m = strlen(a), n = strlen(b);

	if (m > NAME_MAX_LEN || n > NAME_MAX_LEN)
		return NAME_MAX_LEN;
	for (size_t j = 0; j <= n; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= m; i++) {
		unsigned int *row = rows[i % 3];
		const unsigned int *last = rows[(i + 2) % 3];
		const unsigned int *before = rows[(i + 1) % 3];

		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			row[j] = min_of(last[j], row[j - 1]) + 1;
			row[j] = min_of(row[j], last[j - 1] +
					(a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				row[j] = min_of(row[j], before[j - 2] + 1);
		}
	}
	return rows[m % 3][n];
}

/**
 * match_begin() - begin a search
 * @match: filled in
 * @word: the word; it may abbreviate a name
 */
void match_begin(struct match *match, const char *word)
{
	*match = (struct match){ .word = word, .distance = DISTANCE_MAX + 1 };
}

/**
 * match_try() - compare the word with a name
 * @match: the search
 * @name: the name; stays valid until the end of the search
 */
void match_try(struct match *match, const char *name)
{
	unsigned int distance = word_distance(match->word, name);
	size_t len = strlen(match->word);

	/* A short word must not remind of each short name. */
	if (distance < match->distance && distance < strlen(name) / 2 + 1) {
		match->nearest = name;
		match->distance = distance;
	}
	if (!len || strncmp(name, match->word, len) ||
	    (match->found && !strcmp(name, match->found)))
		return;
	if (!name[len]) {
		match->found = name;
		match->exact = true;
		return;
	}
	if (!match->exact)
		match->found = name;
	len = strlen(match->list);
	snprintf(match->list + len, sizeof(match->list) - len, "%s%s",
		 match->count ? ", " : "", name);
	match->count++;
}

/**
 * match_end() - end a search
 * @match: the search
 *
 * Return: the name; NULL if the word is none, or could be one of several.
 */
const char *match_end(const struct match *match)
{
	return match->exact || match->count == 1 ? match->found : NULL;
}

/**
 * match_hint() - the names that may have been meant
 * @match: the search, which found no name
 * @text: filled in with the rest of an error message
 * @size: room for it
 *
 * Return: @text.
 */
const char *match_hint(const struct match *match, char *text, size_t size)
{
	*text = '\0';
	if (match->count > 1)
		snprintf(text, size, ": it could be %s", match->list);
	else if (match->nearest)
		snprintf(text, size, ": did you mean '%s'?", match->nearest);
	return text;
}
