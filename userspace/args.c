// SPDX-License-Identifier: GPL-2.0

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "args.h"

/**
 * args_next() - read the next word
 * @args: the words
 *
 * Return: the word, or NULL at the end.
 */
const char *args_next(struct args *args)
{
	return *args->next ? *args->next++ : NULL;
}

/**
 * args_take() - read a keyword if it comes next
 * @args: the words
 * @word: the keyword
 *
 * Return: whether it came next and has been read.
 */
bool args_take(struct args *args, const char *word)
{
	if (!*args->next || strcmp(*args->next, word))
		return false;
	args->next++;
	return true;
}

/**
 * args_file() - read the name of a file
 * @args: the words
 * @path: set to it
 *
 * Return: 0, or -1 with args->error.
 */
int args_file(struct args *args, const char **path)
{
	*path = args_next(args);
	return *path ? 0 : args_fail(args, "the file is missing");
}

/**
 * args_number() - read a number
 * @args: the words
 * @what: its name in an error message
 * @max: the greatest valid number
 * @value: set to it
 *
 * Return: 0, or -1 with args->error.
 */
int args_number(struct args *args, const char *what, uint64_t max,
		uint64_t *value)
{
	const char *word = args_next(args), *c;
	unsigned int digit;

	if (!word)
		return args_fail(args, "%s is missing: 0 to %" PRIu64, what,
				 max);
	*value = 0;
	for (c = word; *c >= '0' && *c <= '9'; c++) {
		digit = *c - '0';
		if (*value > (max - digit) / 10)
			break;
		*value = *value * 10 + digit;
	}
	if (c == word || *c)
		return args_fail(args, "'%s' is not %s: 0 to %" PRIu64, word,
				 what, max);
	return 0;
}

/**
 * args_end() - check that all words have been read
 * @args: the words
 *
 * Return: 0, or -1 if there is one more word.
 */
int args_end(struct args *args)
{
	if (!*args->next)
		return 0;
	return args_fail(args, "unexpected word '%s'%s", *args->next,
			 args_hint(args));
}

/**
 * args_hint() - the keywords that may have been meant
 * @args: the next word, or the one before it, is none
 *
 * Return: the rest of an error message, perhaps empty.
 */
const char *args_hint(const struct args *args)
{
	bool is_odd = args->odd && (args->next == args->odd ||
				    args->next == args->odd + 1);

	return is_odd ? args->hint : "";
}

/**
 * args_fail() - keep an error message
 * @args: it is kept there
 * @format: as for printf()
 *
 * Return: -1.
 */
int args_fail(struct args *args, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(args->error, sizeof(args->error), format, ap);
	va_end(ap);
	return -1;
}
