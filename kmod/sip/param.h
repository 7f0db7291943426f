/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Parameters of a header field.
 */
#ifndef SIPALG_SIP_PARAM_H
#define SIPALG_SIP_PARAM_H

#include "scan.h"

u32 sip_skip_quoted(const u8 *text, u32 at, u32 end);
u32 sip_skip_param(const u8 *text, u32 at, u32 end);
struct sip_span sip_param_value(const u8 *text, u32 at, u32 end);

/**
 * sip_read_param() - read one parameter of a header
 * @text: the message
 * @at: its semicolon
 * @end: end of the header's value
 * @name: set to the start of its name
 * @word: set to its first bytes in lower case, zeros behind a shorter name
 *
 * Some senders write an empty parameter, as in ";;" or at the end of the value.
 *
 * Return: where it ends: at the next semicolon or comma, or @end; 0 if it is
 * malformed.
 */
static __always_inline u32 sip_read_param(const u8 *text, u32 at, u32 end,
					  u32 *name, u64 *word)
{
	u64 found;

	*name = scan_blanks(text, at + 1, end);
	*word = scan_word(text, *name, end);
	/*
	 * Stop at every character that can end a parameter, and at a few that
	 * rarely stand in one.
	 */
	found = scan_match(*word, '-', ';', ';', ';');
	if (found) {
		at = *name + (sip_first_bit(found) >> 3);
		/* The bytes below the one that was found. */
		*word &= ((found & -found) >> 7) - 1;
	} else {
		at = scan_any(text, *name + 8, end, '-', ';', ';', ';');
	}
	*word = scan_fold(*word);
	if (at == end)
		return end;
	if (text[at] != ';')
		at = sip_skip_param(text, at, end);
	return at;
}

/*
 * Is this the name of the parameter text[at..end)? @word is its beginning in
 * lower case.
 */
static __always_inline bool sip_param_is(const u8 *text, u32 at, u32 end,
					 u64 word, u64 want, u32 n)
{
	if ((word ^ want) & SCAN_MASK(n))
		return false;
	at += n;
	return at >= end || text[at] == '=' || scan_is_blank(text[at]);
}

#endif /* SIPALG_SIP_PARAM_H */
