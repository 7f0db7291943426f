// SPDX-License-Identifier: GPL-2.0
/*
 * Reads the first line byte by byte, so that a stream of another protocol is
 * known for one as early as possible. Behind that line it only looks for the
 * empty line, and then reads the headers, once, for those that tell of the
 * body.
 */
#include "frame.h"
#include "header.h"
#include "mime.h"

#define METHOD_MAX	64	/* bytes */
#define START_MIN	9	/* bytes, with the line end */
/* of Content-Length: no such number overflows */
#define DIGITS_MAX	18

enum state {
	STATE_METHOD,		/* or the "SIP" of a status line */
	STATE_SCHEME,		/* of the Request-URI */
	STATE_REQUEST,		/* the rest of a request line */
	STATE_STATUS,		/* the rest of a status line */
	STATE_HEADERS,
	STATE_BODY,
};

void sip_frame_begin(struct sip_frame *frame)
{
	*frame = (struct sip_frame){ .state = STATE_METHOD };
}

bool sip_frame_is_open(const struct sip_frame *frame)
{
	return frame->state == STATE_METHOD;
}

static enum sip_frame_event fail_frame(struct sip_frame *frame,
				       enum sip_verdict verdict)
{
	frame->verdict = verdict;
	return SIP_FRAME_BAD;
}

static bool is_line_end(u8 c)
{
	return c == '\r' || c == '\n';
}

static bool is_letter(u8 c)
{
	return (u8)((c | 0x20) - 'a') < 26;
}

static bool is_sip(const u8 *text)
{
	return (text[0] | 0x20) == 's' && (text[1] | 0x20) == 'i' &&
	       (text[2] | 0x20) == 'p';
}

/* Return: where the next line begins, 0 if this one does not end here. */
static u32 find_line_end(const u8 *text, u32 at, u32 len)
{
	/* Too short for the words that scan_find() goes by. */
	while (len < 8 && at < len)
		if (text[at++] == '\n')
			return at;
	if (at == len)
		return 0;
	at = scan_find(text, at, len, '\n');
	return at < len ? at + 1 : 0;
}

static enum sip_frame_event read_method(struct sip_frame *frame, const u8 *text,
					u32 len)
{
	for (; frame->at < len; frame->at++) {
		u8 c = text[frame->at];

		if (sip_class[c] & SCAN_TOKEN && frame->at < METHOD_MAX)
			continue;
		if (c == ' ' && frame->at)
			frame->state = STATE_SCHEME;
		else if (c == '/' && frame->at == 3 && is_sip(text))
			frame->state = STATE_STATUS;
		else
			return fail_frame(frame, SIP_NOT_SIP);
		frame->line = ++frame->at;
		break;
	}
	return SIP_FRAME_MORE;
}

/*
 * A Request-URI begins with a scheme; the path of HTTP, for one, does not. Some
 * senders write blanks or a bracket in front of it. Such a message is
 * malformed, but it is SIP, and ends where its Content-Length says.
 */
static enum sip_frame_event read_scheme(struct sip_frame *frame, const u8 *text,
					u32 len)
{
	for (; frame->at < len; frame->at++) {
		u8 c = text[frame->at];

		if (frame->at == frame->line && (c == ' ' || c == '<')) {
			frame->line++;
		} else if (c == ':' && frame->at > frame->line) {
			frame->state = STATE_REQUEST;
			break;
		} else if (!is_letter(c) && (frame->at == frame->line ||
					     ((u8)(c - '0') > 9 && c != '+' &&
					      c != '-' && c != '.'))) {
			return fail_frame(frame, SIP_NOT_SIP);
		}
	}
	return SIP_FRAME_MORE;
}

/* Does the line that ends at @end end in a SIP version, whichever? */
static bool ends_in_version(const u8 *text, u32 end)
{
	u32 at;

	end = scan_trim(text, 0, end);
	for (at = end; at && text[at - 1] != ' ' && text[at - 1] != '\t';)
		at--;
	return end - at > 3 && is_sip(text + at) && text[at + 3] == '/';
}

static enum sip_frame_event read_start(struct sip_frame *frame, const u8 *text,
				       u32 len)
{
	u32 next = find_line_end(text, frame->at, len);

	if (!next) {
		frame->at = len;
		return SIP_FRAME_MORE;
	}
	if (next < START_MIN ||
	    (frame->state == STATE_REQUEST && !ends_in_version(text, next)))
		return fail_frame(frame, SIP_NOT_SIP);
	frame->at = next;
	frame->line = next;
	frame->headers = next;
	frame->state = STATE_HEADERS;
	return SIP_FRAME_MORE;
}

static bool read_length(struct sip_frame *frame, const u8 *text, u32 at,
			u32 end, bool again)
{
	u64 value = 0;

	while (end - at > 1 && text[at] == '0')
		at++;
	if (at == end || end - at > DIGITS_MAX)
		return false;
	for (; at < end; at++) {
		u8 digit = text[at] - '0';

		if (digit > 9)
			return false;
		value = value * 10 + digit;
	}
	if (again)
		return value == frame->length;
	frame->length = value;
	return true;
}

/* The whole header section is there. */
static enum sip_frame_event read_headers(struct sip_frame *frame,
					 const u8 *text)
{
	u32 at = frame->headers, value, end;
	bool length_seen = false, type_seen = false;
	struct sip_header header;

	for (;;) {
		enum sip_line line =
			sip_read_header(text, at, frame->body, &header);

		if (line == SIP_LINE_EMPTY)
			break;
		if (line != SIP_LINE_HEADER)
			return fail_frame(frame, SIP_BAD_HEADER);
		at = header.next;
		if (header.id != SIP_HEADER_CONTENT_LENGTH &&
		    header.id != SIP_HEADER_CONTENT_TYPE)
			continue;
		value = scan_blanks(text, header.value, header.end);
		end = scan_trim(text, value, header.end);
		if (header.id == SIP_HEADER_CONTENT_TYPE) {
			type_seen = true;
			frame->may_have_sdp |=
				sip_may_have_sdp(text, value, end);
		} else if (read_length(frame, text, value, end, length_seen)) {
			length_seen = true;
		} else {
			return fail_frame(frame, SIP_BAD_LENGTH);
		}
	}
	if (type_seen && !length_seen)
		return fail_frame(frame, SIP_BAD_LENGTH);
	frame->state = STATE_BODY;
	return SIP_FRAME_MORE;
}

/* Looks for the empty line. */
static enum sip_frame_event find_body(struct sip_frame *frame, const u8 *text,
				      u32 len)
{
	u32 next;

	while ((next = find_line_end(text, frame->at, len))) {
		u32 line = frame->line;

		if (next - line == 1 ||
		    (next - line == 2 && text[line] == '\r')) {
			frame->body = next;
			return read_headers(frame, text);
		}
		frame->at = next;
		frame->line = next;
	}
	frame->at = len;
	return SIP_FRAME_MORE;
}

enum sip_frame_event sip_frame_next(struct sip_frame *frame, const u8 *text,
				    u32 len)
{
	u32 head = len < SIP_FRAME_HEAD_MAX ? len : SIP_FRAME_HEAD_MAX;
	enum sip_frame_event event = SIP_FRAME_MORE;

	if (frame->state == STATE_METHOD && !frame->at && len &&
	    is_line_end(*text)) {
		while (frame->blank < len && is_line_end(text[frame->blank]))
			frame->blank++;
		return SIP_FRAME_BLANK;
	}
	if (frame->state == STATE_METHOD)
		event = read_method(frame, text, head);
	if (frame->state == STATE_SCHEME && !event)
		event = read_scheme(frame, text, head);
	if ((frame->state == STATE_REQUEST || frame->state == STATE_STATUS) &&
	    !event)
		event = read_start(frame, text, head);
	if (frame->state == STATE_HEADERS && !event)
		event = find_body(frame, text, head);
	if (frame->state == STATE_BODY)
		return len >= frame->body &&
				       len - frame->body >= frame->length ?
			       SIP_FRAME_DONE :
			       SIP_FRAME_HEAD;
	return event || len < SIP_FRAME_HEAD_MAX ?
		       event :
		       fail_frame(frame, SIP_TOO_LONG);
}
