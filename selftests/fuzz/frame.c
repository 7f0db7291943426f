// SPDX-License-Identifier: GPL-2.0
/*
 * A stream of messages that arrives in slices: what a frame says of any part of
 * it is what it says when it sees that part at once, and agrees with the parser.
 *
 * The control block holds the lengths of the first slices.
 */
#include <ctype.h>

#include "frame.h"
#include "fuzz.h"

#define SLICES		8
#define MESSAGES_MAX	8	/* that are followed in one stream */

const size_t control_len = SLICES;

static bool is_end(enum sip_frame_event step)
{
	return step == SIP_FRAME_BLANK || step == SIP_FRAME_DONE || step == SIP_FRAME_BAD;
}

static enum sip_frame_event see_at_once(struct sip_frame *frame, const u8 *text, u32 len)
{
	sip_frame_begin(frame);
	return sip_frame_next(frame, text, len);
}

static void frames_must_match(const struct sip_frame *a, const struct sip_frame *b)
{
	must(a->verdict == b->verdict && a->blank == b->blank);
	must(a->body == b->body && a->length == b->length && a->may_have_sdp == b->may_have_sdp);
}

/* Returns what it ends with, in @frame too. */
static enum sip_frame_event see_in_slices(struct sip_frame *frame, const u8 *slices, const u8 *text,
					  u32 len)
{
	enum sip_frame_event step = SIP_FRAME_MORE;
	struct sip_frame at_once;
	u32 there = 0, i;

	sip_frame_begin(frame);
	for (i = 0; i <= SLICES && !is_end(step); i++) {
		const u8 *shown;

		there = i < SLICES && slices[i] < len - there ? there + slices[i] : len;
		shown = place(text, there);
		step = sip_frame_next(frame, shown, there);
		must(step == see_at_once(&at_once, shown, there));
		frames_must_match(frame, &at_once);
		if (step == SIP_FRAME_MORE && sip_frame_is_open(frame))
			must(!memchr(shown, ' ', there));
		unplace(shown);
	}
	return step;
}

/* Behind the first empty line; 0 if there is none. */
static u32 find_body(const u8 *text, u32 len)
{
	u32 at;

	for (at = 1; at < len; at++) {
		if (text[at - 1] != '\n')
			continue;
		if (text[at] == '\n')
			return at + 1;
		if (text[at] == '\r' && at + 1 < len && text[at + 1] == '\n')
			return at + 2;
	}
	return 0;
}

/* RFC 3986, 3.1: a stream that begins otherwise is not followed; a datagram may be understood. */
static bool is_scheme(const u8 *text, struct sip_span uri)
{
	u32 i;

	for (i = 0; i < uri.len && text[uri.off + i] != ':'; i++) {
		int c = text[uri.off + i];

		if (!isalpha(c) && (!i || (!isdigit(c) && c != '+' && c != '-' && c != '.')))
			return false;
	}
	return true;
}

static void parser_must_agree(enum sip_frame_event step, const struct sip_frame *frame,
			      const u8 *text, u32 len)
{
	static struct sip_msg msg;

	if (sip_parse(&msg, text, len))
		return;
	/* Of a datagram, a response is read even where a stream cannot go on. */
	if (msg.status && !msg.n_lengths && msg.faults[SIP_TIER_FIELDS].verdict)
		return;
	if (!is_scheme(text, msg.request_uri)) {
		must(step == SIP_FRAME_BAD && frame->verdict == SIP_NOT_SIP);
		return;
	}
	if (!msg.n_lengths && step == SIP_FRAME_BAD) {
		/* A datagram ends somewhere; in a stream nobody could tell. */
		must(frame->verdict == SIP_BAD_LENGTH);
		return;
	}
	/* Of Content-Length the parser reads a few copies, a frame all. */
	if (msg.n_lengths == SIP_LENGTHS_MAX && step == SIP_FRAME_BAD) {
		must(frame->verdict == SIP_BAD_LENGTH);
		must(msg.faults[SIP_TIER_BODY].verdict == SIP_TOO_MANY);
		return;
	}
	must(step == SIP_FRAME_DONE);
	must(frame->body == msg.body.off);
	must(frame->length == (msg.n_lengths ? msg.body.len : 0));
	must(frame->may_have_sdp || !frame->length || !msg.sdp.body.len);
}

/* Returns how much of the text is done with; 0 if it cannot be followed any further. */
static u32 follow(const u8 *slices, const u8 *text, u32 len)
{
	enum sip_frame_event step, sliced;
	struct sip_frame frame, whole;
	u32 i;

	sliced = see_in_slices(&frame, slices, text, len);
	step = see_at_once(&whole, text, len);
	must(step == sliced);
	parser_must_agree(step, &whole, text, len);
	switch (step) {
	case SIP_FRAME_BLANK:
		must(frame.blank && frame.blank <= whole.blank && whole.blank <= len);
		for (i = 0; i < whole.blank; i++)
			must(text[i] == '\r' || text[i] == '\n');
		must(whole.blank == len || (text[i] != '\r' && text[i] != '\n'));
		return whole.blank;
	case SIP_FRAME_HEAD:
	case SIP_FRAME_DONE:
		frames_must_match(&frame, &whole);
		must(frame.body == find_body(text, len));
		must((step == SIP_FRAME_DONE) == (frame.length <= len - frame.body));
		return step == SIP_FRAME_DONE ? frame.body + (u32)frame.length : 0;
	case SIP_FRAME_BAD:
		must(frame.verdict == whole.verdict);
		must(frame.verdict == SIP_NOT_SIP || frame.verdict == SIP_BAD_HEADER ||
		     frame.verdict == SIP_BAD_LENGTH || len >= SIP_FRAME_HEAD_MAX);
		return 0;
	case SIP_FRAME_MORE:
		must(len < SIP_FRAME_HEAD_MAX);
		return 0;
	}
	return 0;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	u32 at, len, used = 1, i;
	const u8 *text;

	if (size < SLICES)
		return 0;
	len = (u32)size - SLICES;
	text = place(data + SLICES, len);
	for (at = 0, i = 0; used && at < len && i < MESSAGES_MAX; i++) {
		used = follow(data, text + at, len - at);
		must(used <= len - at);
		at += used;
	}
	unplace(text);
	return 0;
}
