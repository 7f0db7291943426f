// SPDX-License-Identifier: GPL-2.0
/*
 * The classes of characters that scan.h looks for.
 */
#include "scan.h"

#define TOKEN	SCAN_TOKEN
#define BOTH	(SCAN_TOKEN | SCAN_HOST)

const u8 sip_class[256] = {
	['0' ... '9'] = BOTH,
	['A' ... 'Z'] = BOTH,
	['a' ... 'z'] = BOTH,
	['-'] = BOTH,
	['.'] = BOTH,
	['_'] = BOTH,
	['!'] = TOKEN,
	['%'] = TOKEN,
	['*'] = TOKEN,
	['+'] = TOKEN,
	['`'] = TOKEN,
	['\''] = TOKEN,
	['~'] = TOKEN,
	[';'] = SCAN_BREAK,
	[','] = SCAN_BREAK,
	['"'] = SCAN_BREAK,
	['('] = SCAN_BREAK,
	[' '] = SCAN_BLANK,
	['\t'] = SCAN_BLANK,
	['\r'] = SCAN_BLANK,
	['\n'] = SCAN_BLANK,
};

/**
 * scan_more_blanks() - skip blanks
 * @text: the message
 * @at: where to begin
 * @end: where to stop at the latest
 */
u32 scan_more_blanks(const u8 *text, u32 at, u32 end)
{
	return scan_class(text, at, end, SCAN_BLANK);
}

/**
 * scan_long_word() - find the end of a word
 * @text: the message
 * @at: where to go on
 * @end: where to stop at the latest
 *
 * Return: the blank or control character behind it, or @end.
 */
u32 scan_long_word(const u8 *text, u32 at, u32 end)
{
	const u8 *p = text + at, *stop = text + end;

	while (p < stop && *p > ' ')
		p++;
	return (u32)(p - text);
}

/**
 * scan_odd_line() - find the end of a line, whatever it is
 * @text: the message
 * @at: where to go on
 * @end: end of the text
 * @stop: set to where the line ends
 *
 * For the last bytes of a text, and for lines that a bare LF ends, or in which
 * other control characters stand.
 *
 * Return: as scan_line().
 */
u32 scan_odd_line(const u8 *text, u32 at, u32 end, u32 *stop)
{
	u32 eol = scan_find(text, at, end, '\n');

	*stop = eol - (eol > at && eol < end && text[eol - 1] == '\r');
	return eol + (eol < end);
}
