// SPDX-License-Identifier: GPL-2.0
/*
 * Parameters of a header field that hold more than a token: quoted strings and
 * comments (RFC 3261, 25.1).
 */
#include "param.h"

/**
 * sip_skip_quoted() - skip a quoted string
 * @text: the message
 * @at: behind the opening quote
 * @end: where to stop at the latest
 *
 * Return: behind the closing quote, 0 if there is none.
 */
u32 sip_skip_quoted(const u8 *text, u32 at, u32 end)
{
	if (at < end && text[at] == '"')
		return at + 1;
	for (;;) {
		at = scan_any(text, at, end, 0, '"', '\\', '\\');
		if (at == end)
			return 0;
		if (text[at] == '"')
			return at + 1;
		/* Where there is one, there often are more. */
		do {
			at += 2;
			if (at >= end)
				return 0;
		} while (text[at] == '\\');
	}
}

/**
 * sip_skip_empty() - go to the last of several semicolons
 * @text: the message
 * @at: the first one
 * @end: where to stop at the latest
 */
u32 sip_skip_empty(const u8 *text, u32 at, u32 end)
{
	u32 next = at;

	do {
		at = next;
		next = scan_blanks(text, at + 1, end);
	} while (next < end && text[next] == ';');
	return at;
}

/* Skips a comment and those within; @at is behind the opening parenthesis. */
static u32 skip_comment(const u8 *text, u32 at, u32 end)
{
	u32 depth = 1;

	while (at < end) {
		u8 c = text[at++];

		if (c == '\\')
			at++;
		else if (c == '(')
			depth++;
		else if (c == ')' && !--depth)
			return at;
	}
	return 0;
}

static noinline u32 skip_param(const u8 *text, u32 at, u32 end)
{
	while (at < end) {
		u8 c = text[at];

		if (!(sip_class[c] & SCAN_BREAK)) {
			at++;
			continue;
		}
		if (c == ';' || c == ',')
			return at;
		at = c == '"' ? sip_skip_quoted(text, at + 1, end) :
				skip_comment(text, at + 1, end);
		if (!at)
			return 0;
	}
	return at;
}

/**
 * sip_skip_param() - find the end of a parameter that holds more than a token
 * @text: the message
 * @at: where to go on, in front of @end
 * @end: end of the header's value
 *
 * Return: the semicolon or comma behind it, or @end; 0 if it is malformed.
 */
u32 sip_skip_param(const u8 *text, u32 at, u32 end)
{
	u64 found;

	/* Many a quoted string is short, and ends the parameter. */
	if (text[at] == '"') {
		u32 stop = at + 1;

		found = scan_may_match(scan_word(text, stop, end), 0, '"', '\\',
				       '\\');
		stop += found ? sip_first_bit(found) >> 3 : 0;
		if (found && text[stop] == '"' &&
		    (++stop == end || text[stop] == ';' || text[stop] == ','))
			return stop;
	}
	return skip_param(text, at, end);
}

/**
 * sip_param_value() - value of a parameter
 * @text: the message
 * @at: end of its name
 * @end: end of the parameter
 *
 * Return: the value without blanks around it; empty if there is none.
 */
struct sip_span sip_param_value(const u8 *text, u32 at, u32 end)
{
	at = scan_blanks(text, at, end);
	if (at == end || text[at] != '=')
		return (struct sip_span){ at, 0 };
	at = scan_blanks(text, at + 1, end);
	return (struct sip_span){ at, scan_trim(text, at, end) - at };
}
