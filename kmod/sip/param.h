/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Parameters of a header field.
 */
#ifndef SIPALG_SIP_PARAM_H
#define SIPALG_SIP_PARAM_H

#include "scan.h"

u32 sip_skip_quoted(const u8 *text, u32 at, u32 end);
u32 sip_skip_empty(const u8 *text, u32 at, u32 end);
u32 sip_skip_param(const u8 *text, u32 at, u32 end);
struct sip_span sip_param_value(const u8 *text, u32 at, u32 end);

/**
 * sip_read_param() - read one parameter of a header
 * @text: the message
 * @at: its semicolon
 * @end: end of the header's value
 * @name: set to the start of its name
 * @word: set to what begins there, in lower case, for sip_param_is()
 *
 * Some senders write empty parameters, as in ";;" or at the end of the value.
 * Several are taken for one.
 *
 * Return: where it ends, at the next semicolon or comma or @end; 0 if it is
 * malformed.
 */
static __always_inline u32 sip_read_param(const u8 *text, u32 at, u32 end,
					  u32 *name, u64 *word)
{
	u64 found;
	u32 stop;

	*name = at + 1;
	*word = scan_word(text, *name, end);
	if (unlikely((u8)*word <= ' ')) {
		*name = scan_blanks(text, *name, end);
		*word = scan_word(text, *name, end);
	}
	/*
	 * Stop at every character that can end a parameter, and at a few that
	 * rarely stand in one.
	 */
	found = scan_may_match(*word, '-', ';', ';', ';');
	if (found)
		stop = *name + (sip_first_bit(found) >> 3);
	else
		stop = scan_any(text, *name + 8, end, '-', ';', ';', ';');
	*word = scan_fold(*word);
	if (unlikely(stop == end))
		return end;
	if (unlikely(text[stop] != ';'))
		return sip_skip_param(text, stop, end);
	if (unlikely(stop == *name)) {
		stop = sip_skip_empty(text, stop, end);
		*name = stop;
	}
	return stop;
}

/*
 * Is this the name of the parameter text[at..end)? @word is what begins there,
 * in lower case: no name goes on behind the end of its parameter.
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
