// SPDX-License-Identifier: GPL-2.0
/*
 * Finds the session description in a body: as much of RFC 2045 and 2046 as that
 * takes.
 *
 * One walk over the lines covers nested multiparts: a stack of boundaries takes
 * the place of recursion. A delimiter of an outer level ends all levels within.
 */
#include "header.h"
#include "mime.h"
#include "param.h"

#define BOUNDARY_MAX	70	/* RFC 2046, 5.1.1 */
#define DEPTH_MAX	4
#define PARTS_MAX	32
#define PART_HEADERS_MAX 32

enum content {
	CONTENT_OPAQUE,
	CONTENT_SDP,
	CONTENT_MULTIPART,
};

struct walk {
	const u8 *text;
	struct sip_span boundaries[DEPTH_MAX];
	u32 depth;
	/* start of the part that is one; 0 if there was none yet */
	u32 sdp;
	u32 sdp_end;
};

/**
 * sip_is_plain_encoding() - does an encoding leave the text as it is?
 * @text: the message
 * @at: start of the value of Content-Encoding or Content-Transfer-Encoding
 * @end: its end
 */
bool sip_is_plain_encoding(const u8 *text, u32 at, u32 end)
{
	switch (scan_fold(scan_word(text, at, end))) {
	case 0:
	case SCAN_WORD('7', 'b', 'i', 't'):
	case SCAN_WORD('8', 'b', 'i', 't'):
	case SCAN_WORD('b', 'i', 'n', 'a', 'r', 'y'):
		return true;
	case SCAN_WORD('i', 'd', 'e', 'n', 't', 'i', 't', 'y'):
		return end - at == 8;
	default:
		return false;
	}
}

static struct sip_span find_boundary(const u8 *text, u32 at, u32 end)
{
	struct sip_span value = { 0, 0 };
	u32 name;
	u64 word;

	while (at < end && text[at] == ';') {
		at = sip_read_param(text, at, end, &name, &word);
		if (!at)
			break;
		if (!sip_param_is(text, name, at, word,
				  SCAN_WORD('b', 'o', 'u', 'n', 'd', 'a', 'r',
					    'y'),
				  8))
			continue;
		value = sip_param_value(text, name + 8, at);
		if (value.len > 1 && text[value.off] == '"') {
			value.off++;
			value.len -= 2;
		}
		break;
	}
	if (value.len > BOUNDARY_MAX)
		value.len = 0;
	return value;
}

/* Reads a Content-Type. Sets @boundary where it is a multipart. */
static enum content content_of(const u8 *text, struct sip_span type,
			       struct sip_span *boundary)
{
	u32 at = type.off, end = at + type.len, n;
	u64 head, tail;

	head = scan_fold(scan_word(text, at, end));
	if (type.len == 15 &&
	    head == SCAN_WORD('a', 'p', 'p', 'l', 'i', 'c', 'a', 't') &&
	    scan_fold(scan_load(text + end - 8)) ==
		    SCAN_WORD('t', 'i', 'o', 'n', '/', 's', 'd', 'p'))
		return CONTENT_SDP;
	at = scan_class(text, at, end, SCAN_TOKEN);
	n = at - type.off;
	if (n < 8)
		return CONTENT_OPAQUE;
	tail = scan_fold(scan_load(text + at - 8));
	at = scan_blanks(text, at, end);
	if (at == end || text[at] != '/')
		return CONTENT_OPAQUE;
	type.off = scan_blanks(text, at + 1, end);
	at = scan_class(text, type.off, end, SCAN_TOKEN);
	type.len = at - type.off;

	if (n == 11 &&
	    head == SCAN_WORD('a', 'p', 'p', 'l', 'i', 'c', 'a', 't') &&
	    tail == SCAN_WORD('l', 'i', 'c', 'a', 't', 'i', 'o', 'n'))
		return scan_is_word(text, type, SCAN_WORD('s', 'd', 'p')) ?
			       CONTENT_SDP :
			       CONTENT_OPAQUE;
	/* A signed body must stay as it is. */
	if (n != 9 ||
	    head != SCAN_WORD('m', 'u', 'l', 't', 'i', 'p', 'a', 'r') ||
	    tail != SCAN_WORD('u', 'l', 't', 'i', 'p', 'a', 'r', 't') ||
	    scan_is_word(text, type,
			 SCAN_WORD('s', 'i', 'g', 'n', 'e', 'd')))
		return CONTENT_OPAQUE;
	*boundary = find_boundary(text, scan_blanks(text, at, end), end);
	return boundary->len ? CONTENT_MULTIPART : CONTENT_OPAQUE;
}

/**
 * sip_may_have_sdp() - may a body of this type hold a session description?
 * @text: the message
 * @at: start of the value of Content-Type
 * @end: its end
 */
bool sip_may_have_sdp(const u8 *text, u32 at, u32 end)
{
	struct sip_span boundary;

	return content_of(text, (struct sip_span){at, end - at}, &boundary) !=
	       CONTENT_OPAQUE;
}

static __always_inline bool is_dashed(const u8 *text, u32 at, u32 eol)
{
	return eol - at > 2 && text[at] == '-' && text[at + 1] == '-';
}

/*
 * Is the dashed line text[at..eol) a delimiter? Sets the depth to that of the
 * multipart it belongs to, or to one less if it closes it.
 */
static bool take_delimiter(struct walk *w, u32 at, u32 eol, bool *closed)
{
	const u8 *text = w->text;
	u32 end, level;

	end = scan_trim(text, at, eol);
	for (level = w->depth; level--;) {
		struct sip_span *boundary = &w->boundaries[level];
		u32 rest = end - at - 2;

		if (rest < boundary->len ||
		    memcmp(text + at + 2, text + boundary->off, boundary->len))
			continue;
		rest -= boundary->len;
		*closed = rest == 2 && text[end - 1] == '-' &&
			  text[end - 2] == '-';
		if (rest && !*closed)
			continue;
		w->depth = *closed ? level : level + 1;
		return true;
	}
	return false;
}

/*
 * Reads the headers of a part. Sets @at behind them, or to the line that is no
 * header.
 */
static enum sip_verdict read_part(struct walk *w, u32 *at, u32 end)
{
	struct sip_span type = { 0, 0 }, boundary;
	bool opaque = false, closed;
	const u8 *text = w->text;
	struct sip_header header;
	u32 n;

	for (n = 0; n <= PART_HEADERS_MAX; n++) {
		enum sip_line line = sip_read_header(text, *at, end, &header);

		if (line == SIP_LINE_EMPTY) {
			*at = header.next;
			break;
		}
		/* A part that ends before its headers do is of no use. */
		if (line != SIP_LINE_HEADER ||
		    (is_dashed(text, *at, header.next) &&
		     take_delimiter(w, *at, header.next, &closed)))
			return SIP_OK;
		*at = header.next;
		if (header.id == SIP_HEADER_CONTENT_TYPE) {
			type.off = scan_blanks(text, header.value, header.end);
			type.len = scan_trim(text, type.off, header.end) -
				   type.off;
		} else if (header.id == SIP_HEADER_ENCODING) {
			u32 value = scan_blanks(text, header.value, header.end);

			opaque |= !sip_is_plain_encoding(text, value,
							 scan_trim(text, value,
								   header.end));
		}
	}
	if (n > PART_HEADERS_MAX)
		return SIP_TOO_MANY;
	if (opaque || !type.len)
		return SIP_OK;

	switch (content_of(text, type, &boundary)) {
	case CONTENT_OPAQUE:
		break;
	case CONTENT_SDP:
		if (w->sdp)
			return SIP_BAD_SDP;
		w->sdp = *at;
		w->sdp_end = 0;
		break;
	case CONTENT_MULTIPART:
		if (w->depth == DEPTH_MAX)
			return SIP_TOO_MANY;
		w->boundaries[w->depth++] = boundary;
		break;
	}
	return SIP_OK;
}

static enum sip_verdict walk_multipart(struct walk *w, u32 at, u32 end)
{
	const u8 *text = w->text;
	enum sip_verdict verdict;
	u32 n_parts = 0;
	bool closed;

	while (at < end && w->depth) {
		u32 line = at, eol;

		if (text[at] == '\n') {
			at++;
			continue;
		}
		at = scan_line(text, at, end, &eol);
		if (!is_dashed(text, line, eol) ||
		    !take_delimiter(w, line, eol, &closed))
			continue;
		/* The line break in front of a delimiter is part of it. */
		if (w->sdp && !w->sdp_end) {
			if (line > w->sdp && text[line - 1] == '\n')
				line--;
			if (line > w->sdp && text[line - 1] == '\r')
				line--;
			w->sdp_end = line;
		}
		if (closed)
			continue;
		if (++n_parts > PARTS_MAX)
			return SIP_TOO_MANY;
		verdict = read_part(w, &at, end);
		if (verdict)
			return verdict;
	}
	if (w->sdp && !w->sdp_end)
		w->sdp_end = end;
	return SIP_OK;
}

/**
 * sip_find_sdp() - find and parse the session description in a body
 * @sdp: filled in
 * @text: the message
 * @body: its body
 * @type: value of Content-Type
 * @fault: of the body
 */
void sip_find_sdp(struct sdp_session *sdp, const u8 *text, struct sip_span body,
		  struct sip_span type, struct sip_fault *fault)
{
	u32 end = body.off + body.len;
	struct walk w = { .text = text };
	enum sip_verdict verdict;

	switch (content_of(text, type, &w.boundaries[0])) {
	case CONTENT_OPAQUE:
		return;
	case CONTENT_SDP:
		sdp_parse(sdp, text, body.off, end, fault);
		return;
	case CONTENT_MULTIPART:
		break;
	}
	w.depth = 1;
	verdict = walk_multipart(&w, body.off, end);
	if (verdict)
		sip_note_fault(fault, verdict, body.off);
	else if (w.sdp && w.sdp < w.sdp_end)
		sdp_parse(sdp, text, w.sdp, w.sdp_end, fault);
}
