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
 * RFC 8866 wants one space between words. Some senders write tabs, or several;
 * and where a line ends, a CR more, or the zero byte that ends a string in C.
 */
static __always_inline bool sdp_is_blank(u8 c)
{
	return c <= ' ';
}

static __always_inline u32 sdp_skip_blanks(const u8 *text, u32 at, u32 end)
{
	while (at < end && sdp_is_blank(text[at]))
		at++;
	return at;
}

/* Takes the next word of a line; empty at its end. */
static __always_inline struct sip_span sdp_next_word(struct sdp_line *line)
{
	const u8 *text = line->text;
	u32 at, end = line->end, word;
	u64 found;

	at = sdp_skip_blanks(text, line->at, end);
	word = at;
	if (at < end) {
		/* Most words end within one of the processor's. */
		found = scan_may_match(scan_word(text, at, end), ' ' + 1, 0, 0,
				       0);
		at += found ? sip_first_bit(found) >> 3 : 8;
	}
	if (at < end && !sdp_is_blank(text[at]))
		at = scan_long_word(text, at, end);
	line->at = at;
	return (struct sip_span){ word, at - word };
}

/* As scan_line_word(); with @cr, a bare CR ends a line. */
static __always_inline u32 sdp_next_line(const u8 *text, u32 at, u32 end,
					 u64 word, u32 *stop, bool cr)
{
	if (likely(!cr))
		return scan_line_word(text, at, end, word, stop);
	at = scan_find(text, at, end, '\r');
	*stop = at;
	return at < end ? at + 1 : end;
}

#endif /* SIPALG_SIP_LINE_H */
