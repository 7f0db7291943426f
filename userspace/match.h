/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Finds the name that a word of the command line stands for.
 */
#ifndef MATCH_H
#define MATCH_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct match - a search
 * @word: the word
 * @found: the name that the word is, or abbreviates
 * @exact: @found is not abbreviated
 * @count: number of names that @word abbreviates
 * @list: these names, for an error message
 * @nearest: name that is spelt most like @word, or NULL
 * @distance: number of typing errors from @nearest
 */
struct match {
	const char *word;
	const char *found;
	bool exact;
	unsigned int count;
	char list[128];
	const char *nearest;
	unsigned int distance;
};

void match_begin(struct match *match, const char *word);
void match_try(struct match *match, const char *name);
const char *match_end(const struct match *match);
const char *match_hint(const struct match *match, char *text, size_t size);

#endif /* MATCH_H */
