/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where the messages of a byte stream begin and end (RFC 3261, 18.3).
 *
 * A frame is shown the text of one message, from its first byte on, each time
 * with more of it, and goes on where it stopped: however the text is cut, each
 * byte is looked at no more than twice.
 */
#ifndef SIPALG_SIP_FRAME_H
#define SIPALG_SIP_FRAME_H

#include "types.h"
#include "verdict.h"

#define SIP_FRAME_HEAD_MAX	16384	/* bytes of start line and headers */

enum sip_frame_event {
	SIP_FRAME_MORE,		/* the header section goes on */
	/* line ends, no message yet: keep-alives (RFC 5626, 4.4.1) */
	SIP_FRAME_BLANK,
	/* the header section is complete, the message is not */
	SIP_FRAME_HEAD,
	SIP_FRAME_DONE,		/* the message is complete */
	SIP_FRAME_BAD,		/* the stream cannot be followed any further */
};

/**
 * struct sip_frame - how far a message has been followed
 * @length: bytes of the body; this and the next two only once the header
 *	section is complete
 * @body: where the body begins
 * @may_have_sdp: it may hold a session description: SDP itself, or a multipart
 * @verdict: why the event is SIP_FRAME_BAD: SIP_NOT_SIP where the first line is
 *	none, SIP_BAD_HEADER, SIP_BAD_LENGTH or SIP_TOO_LONG
 * @blank: line ends that the text begins with; only with SIP_FRAME_BLANK
 * @at: up to here the text has been looked at
 * @line: start of the line, or of the URI, that @at is in
 * @headers: where they begin
 * @state: what is looked for there
 */
struct sip_frame {
	u64 length;
	u32 body;
	u32 blank;
	u32 at;
	u32 line;
	u32 headers;
	u8 state;
	u8 verdict;
	bool may_have_sdp;
};

/**
 * sip_frame_begin() - be ready for a message
 * @frame: all of it is set
 */
void sip_frame_begin(struct sip_frame *frame);

/**
 * sip_frame_next() - follow the message as far as the text goes
 * @frame: as sip_frame_begin() or the last call left it
 * @text: the text since the message's first byte; what was shown before must be
 *	there again
 * @len: how much there is now; may be more than the message
 *
 * The frame ends with SIP_FRAME_BLANK, SIP_FRAME_DONE and SIP_FRAME_BAD. Behind
 * @frame->blank or @frame->body + @frame->length bytes the next one begins.
 * Once the event is SIP_FRAME_HEAD the text is not looked at any more: a caller
 * who has no use for the body counts it himself.
 *
 * Content-Length may be absent where there is no Content-Type: such a message
 * has no body.
 *
 * Return: what the text is up to.
 */
enum sip_frame_event sip_frame_next(struct sip_frame *frame, const u8 *text,
				    u32 len);

/**
 * sip_frame_is_open() - is there nothing yet that an ALG could change?
 * @frame: after SIP_FRAME_MORE
 *
 * Return: true while the text is not longer than a method or a SIP version.
 */
bool sip_frame_is_open(const struct sip_frame *frame);

#endif /* SIPALG_SIP_FRAME_H */
