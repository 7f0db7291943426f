// SPDX-License-Identifier: GPL-2.0
/*
 * Finds the session description in a body: as much of RFC 2045 and 2046 as that
 * takes. Two descriptions are one offer if they are alternatives (RFC 3959).
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
	CONTENT_ALTERNATIVE,
};

#define DESCRIPTIONS_MAX	2

/**
 * struct walk - the way through a multipart body
 * @text: the message
 * @boundaries: of the multiparts that enclose the line in hand
 * @is_alternative: bits by level: it is a multipart/alternative
 * @depth: how many enclose it
 * @common: how many of them have enclosed the last description, too
 * @found: the parts that are descriptions; the last one may be open
 * @lengths: digits of the Content-Length of each; empty if it has none
 * @n_found: how many there are
 * @is_open: the end of the last one is yet to come
 */
struct walk {
	const u8 *text;
	struct sip_span boundaries[DEPTH_MAX];
	struct sip_span found[DESCRIPTIONS_MAX];
	struct sip_span lengths[DESCRIPTIONS_MAX];
	u32 is_alternative;
	u32 depth;
	u32 common;
	u32 n_found;
	bool is_open;
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

static bool is_alternative(const u8 *text, struct sip_span subtype)
{
	u32 end = subtype.off + subtype.len;

	return subtype.len == 11 &&
	       scan_fold(scan_load(text + subtype.off)) ==
		       SCAN_WORD('a', 'l', 't', 'e', 'r', 'n', 'a', 't') &&
	       scan_fold(scan_load(text + end - 8)) ==
		       SCAN_WORD('e', 'r', 'n', 'a', 't', 'i', 'v', 'e');
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
	if (!boundary->len)
		return CONTENT_OPAQUE;
	return is_alternative(text, type) ? CONTENT_ALTERNATIVE :
					    CONTENT_MULTIPART;
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
		if (w->common > w->depth)
			w->common = w->depth;
		return true;
	}
	return false;
}

/* Enters a multipart within; @content says of which kind. */
static enum sip_verdict enter(struct walk *w, struct sip_span boundary,
			      enum content content)
{
	if (w->depth == DEPTH_MAX)
		return SIP_TOO_MANY;
	w->is_alternative &= ~BIT(w->depth);
	if (content == CONTENT_ALTERNATIVE)
		w->is_alternative |= BIT(w->depth);
	w->boundaries[w->depth++] = boundary;
	return SIP_OK;
}

/* A description begins. Of two, one is to be chosen, or nobody knows which. */
static enum sip_verdict begin_description(struct walk *w, u32 at,
					  struct sip_span length)
{
	if (w->n_found &&
	    (w->n_found == DESCRIPTIONS_MAX ||
	     !(w->common && w->is_alternative & BIT(w->common - 1))))
		return SIP_BAD_SDP;
	w->lengths[w->n_found] = length;
	w->found[w->n_found++] = (struct sip_span){ at, 0 };
	w->common = w->depth;
	w->is_open = true;
	return SIP_OK;
}

static void end_description(struct walk *w, u32 at)
{
	struct sip_span *last = &w->found[w->n_found - 1];

	last->len = at - last->off;
	w->is_open = false;
}

static struct sip_span value_of(const u8 *text, const struct sip_header *header)
{
	u32 at = scan_blanks(text, header->value, header->end);

	return (struct sip_span){ at, scan_trim(text, at, header->end) - at };
}

/*
 * Reads the headers of a part. Sets @at behind them, or to the line that is no
 * header.
 */
static enum sip_verdict read_part(struct walk *w, u32 *at, u32 end)
{
	struct sip_span type = { 0, 0 }, length = { 0, 0 }, value, boundary;
	bool opaque = false, closed;
	const u8 *text = w->text;
	struct sip_header header;
	enum content content;
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
		if (header.id == SIP_HEADER_OTHER)
			continue;
		value = value_of(text, &header);
		if (header.id == SIP_HEADER_CONTENT_TYPE)
			type = value;
		else if (header.id == SIP_HEADER_CONTENT_LENGTH)
			length = value;
		else if (header.id == SIP_HEADER_ENCODING)
			opaque |= !sip_is_plain_encoding(text, value.off,
							 value.off + value.len);
	}
	if (n > PART_HEADERS_MAX)
		return SIP_TOO_MANY;
	if (opaque || !type.len)
		return SIP_OK;

	content = content_of(text, type, &boundary);
	switch (content) {
	case CONTENT_SDP:
		return begin_description(w, *at, length);
	case CONTENT_MULTIPART:
	case CONTENT_ALTERNATIVE:
		return enter(w, boundary, content);
	default:
		return SIP_OK;
	}
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
		if (w->is_open) {
			u32 start = w->found[w->n_found - 1].off;

			if (line > start && text[line - 1] == '\n')
				line--;
			if (line > start && text[line - 1] == '\r')
				line--;
			end_description(w, line);
		}
		if (closed)
			continue;
		if (++n_parts > PARTS_MAX)
			return SIP_TOO_MANY;
		verdict = read_part(w, &at, end);
		if (verdict)
			return verdict;
	}
	if (w->is_open)
		end_description(w, end);
	return SIP_OK;
}

/*
 * Some senders write a Content-Length into a part, too. A wrong one is for the
 * reader to ignore.
 */
static bool is_length(const u8 *text, struct sip_span digits, u32 length)
{
	u32 end = digits.off + digits.len, value;

	return digits.len &&
	       scan_number(text, digits.off, end, &value) == end &&
	       value == length;
}

static void parse_found(struct sdp_session *sdp, const struct walk *w, u32 n,
			struct sip_fault *fault)
{
	const struct sip_span *part = &w->found[n];

	if (!part->len)
		return;
	sdp_parse(sdp, w->text, part->off, part->off + part->len, fault);
	if (is_length(w->text, w->lengths[n], part->len))
		sdp->part_length = w->lengths[n];
}

/* One that cannot be read leaves none that could be translated alone. */
static void parse_both(struct sip_msg *msg, const struct walk *w,
		       struct sip_fault *fault)
{
	msg->fallback.n_media = 0;
	msg->fallback.ice = false;
	parse_found(&msg->fallback, w, 0, fault);
	if (msg->fallback.body.len)
		parse_found(&msg->sdp, w, 1, fault);
	else
		sip_note_fault(fault, SIP_BAD_SDP, w->found[0].off);
	if (msg->sdp.body.len)
		return;
	sip_note_fault(fault, SIP_BAD_SDP, w->found[1].off);
	msg->fallback.body = (struct sip_span){ 0, 0 };
}

/**
 * sip_find_sdp() - find and parse the session description in a body
 * @msg: the message, with its body; its descriptions are filled in
 * @text: the message
 * @type: value of Content-Type
 */
void sip_find_sdp(struct sip_msg *msg, const u8 *text, struct sip_span type)
{
	struct sip_fault *fault = &msg->faults[SIP_TIER_BODY];
	u32 at = msg->body.off, end = at + msg->body.len;
	struct sip_span boundary;
	enum content content = content_of(text, type, &boundary);
	struct walk w = { .text = text };
	enum sip_verdict verdict;

	if (content == CONTENT_SDP)
		sdp_parse(&msg->sdp, text, at, end, fault);
	if (content == CONTENT_SDP || content == CONTENT_OPAQUE)
		return;
	enter(&w, boundary, content);
	verdict = walk_multipart(&w, at, end);
	if (verdict)
		sip_note_fault(fault, verdict, at);
	else if (w.n_found > 1)
		parse_both(msg, &w, fault);
	else if (w.n_found)
		parse_found(&msg->sdp, &w, 0, fault);
}
