/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The lines of a session description, and the words in them (RFC 8866, 9).
 */
#ifndef SIPALG_SIP_LINE_H
#define SIPALG_SIP_LINE_H

#include "scan.h"

/**
 * struct sdp_line - what is left of a line
 * @text: the message
 * @at: where to go on
 * @end: its end, without the line end
 */
struct sdp_line {
	const u8 *text;
	u32 at;
	u32 end;
};

/*
 * RFC 8866 wants one space between words. Some senders write tabs, or several.
 */
static __always_inline bool sdp_is_blank(u8 c)
{
	return c <= ' ' && (c == ' ' || c == '\t');
}

/* Takes the next word of a line; empty at its end. */
static __always_inline struct sip_span sdp_next_word(struct sdp_line *line)
{
	const u8 *p = line->text + line->at, *stop = line->text + line->end,
		 *word;

	while (p < stop && sdp_is_blank(*p))
		p++;
	for (word = p; p < stop && !sdp_is_blank(*p);)
		p++;
	line->at = (u32)(p - line->text);
	return (struct sip_span){ (u32)(word - line->text), (u32)(p - word) };
}

/* As scan_line(); with @cr, a bare CR ends a line. */
static __always_inline u32 sdp_next_line(const u8 *text, u32 at, u32 end,
					 u32 *stop, bool cr)
{
	if (likely(!cr))
		return scan_line(text, at, end, stop);
	at = scan_find(text, at, end, '\r');
	*stop = at;
	return at < end ? at + 1 : end;
}

#endif /* SIPALG_SIP_LINE_H */
