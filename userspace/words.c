// SPDX-License-Identifier: GPL-2.0

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "words.h"

/**
 * words_next() - read one word, whatever it is
 * @words: where from
 *
 * Return: the word, or NULL where there are no more.
 */
const char *words_next(struct words *words)
{
	return *words->next ? *words->next++ : NULL;
}

/**
 * words_take() - read a keyword if it comes next
 * @words: where from
 * @word: the keyword
 *
 * Return: whether it came next and has been read.
 */
bool words_take(struct words *words, const char *word)
{
	if (!*words->next || strcmp(*words->next, word))
		return false;
	words->next++;
	return true;
}

/**
 * words_number() - read a number
 * @words: where from
 * @what: what it is, for an error
 * @max: how large it may be
 * @value: set to it
 *
 * Return: 0, or -1 with words->error.
 */
int words_number(struct words *words, const char *what, uint64_t max,
		 uint64_t *value)
{
	const char *word = words_next(words), *c;
	unsigned int digit;

	if (!word)
		return words_fail(words, "%s is missing: 0 to %" PRIu64, what,
				  max);
	*value = 0;
	for (c = word; *c >= '0' && *c <= '9'; c++) {
		digit = *c - '0';
		if (*value > (max - digit) / 10)
			break;
		*value = *value * 10 + digit;
	}
	if (c == word || *c)
		return words_fail(words, "'%s' is not %s: 0 to %" PRIu64, word,
				  what, max);
	return 0;
}

/**
 * words_end() - nothing may follow
 * @words: where from
 *
 * Return: 0, or -1 if there is one more word.
 */
int words_end(struct words *words)
{
	if (!*words->next)
		return 0;
	return words_fail(words, "unexpected word '%s'", *words->next);
}

/**
 * words_fail() - keep what is wrong
 * @words: where it is kept
 * @format: as for printf()
 *
 * Return: -1.
 */
int words_fail(struct words *words, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(words->error, sizeof(words->error), format, args);
	va_end(args);
	return -1;
}
