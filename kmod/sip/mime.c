// SPDX-License-Identifier: GPL-2.0
/*
 * Finds the session descriptions in a body: as much of RFC 2045 and 2046 as
 * that takes. There may be two: alternatives, or one for the session and one
 * for early media (RFC 3959).
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
#define TYPE_PARAMS_MAX	32	/* behind these, no boundary is looked for */
#define PART_HEADERS_MAX 32

enum content {
	CONTENT_OPAQUE,
	CONTENT_SDP,
	CONTENT_MULTIPART,
	CONTENT_ALTERNATIVE,
};

#define DESCRIPTIONS_MAX	2

/**
 * struct part_headers - what the headers of a part say
 * @length: digits of its Content-Length; empty if it has none
 * @boundary: of a multipart
 * @content: its type
 * @is_early: it is for the early session
 */
struct part_headers {
	struct sip_span length;
	struct sip_span boundary;
	enum content content;
	bool is_early;
};

/**
 * struct open_part - a part whose end is yet to come
 * @length: digits of its Content-Length; empty if it has none
 * @start: where its content begins
 * @level: of the multipart that it is a part of, 0 for that of the message
 * @n_before: how many descriptions there are in front of it
 * @is_description: it is one; else a multipart
 */
struct open_part {
	struct sip_span length;
	u32 start;
	u32 level;
	u32 n_before;
	bool is_description;
};

/**
 * struct walk - the way through a multipart body
 * @text: the message
 * @msg: its parts are kept there
 * @fault: of the body
 * @boundaries: of the multiparts that enclose the line in hand
 * @is_alternative: bits by level: it is a multipart/alternative
 * @depth: how many enclose it
 * @common: how many of them have enclosed the last description, too
 * @open: the parts that enclose it, the last one a description or a multipart
 * @n_open: how many
 * @closed: the last delimiter closes its multipart
 * @cut: it was found among the headers of a part, and ends that
 * @found: the parts that are descriptions
 * @is_early: those that are for the early session
 * @n_found: how many there are
 * @are_alternatives: the two descriptions are
 * @has_more: there are more than two
 */
struct walk {
	const u8 *text;
	struct sip_msg *msg;
	struct sip_fault *fault;
	struct sip_span boundaries[DEPTH_MAX];
	u32 is_alternative;
	u32 depth;
	u32 common;
	struct open_part open[DEPTH_MAX];
	u32 n_open;
	bool closed;
	bool cut;
	struct sip_span found[DESCRIPTIONS_MAX];
	bool is_early[DESCRIPTIONS_MAX];
	u32 n_found;
	bool are_alternatives;
	bool has_more;
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
	u32 name, n;
	u64 word;

	for (n = 0; at < end && text[at] == ';' && n < TYPE_PARAMS_MAX; n++) {
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

/* The line break in front of a delimiter is part of it. */
static u32 content_end(const u8 *text, u32 start, u32 line)
{
	if (line > start && text[line - 1] == '\n')
		line--;
	if (line > start && text[line - 1] == '\r')
		line--;
	return line;
}

/* A part is over that is, or holds, a description. */
static void keep_part(struct walk *w, const struct open_part *part, u32 end)
{
	struct sip_msg *msg = w->msg;
	struct sip_span content = { part->start, end - part->start };

	if (part->is_description)
		w->found[part->n_before] = content;
	if (!is_length(w->text, part->length, content.len))
		return;
	SIP_ASSERT(msg->n_parts < SIP_PARTS_MAX);
	msg->parts[msg->n_parts++] = (struct sip_part){
		.digits = part->length,
		.content = content,
	};
}

/* All parts of the multipart at @level are over, and those within them. */
static void end_parts(struct walk *w, u32 level, u32 line)
{
	while (w->n_open && w->open[w->n_open - 1].level >= level) {
		const struct open_part *part = &w->open[--w->n_open];

		if (w->n_found > part->n_before)
			keep_part(w, part,
				  content_end(w->text, part->start, line));
	}
}

static void begin_part(struct walk *w, u32 at, struct sip_span length,
		       bool is_description)
{
	SIP_ASSERT(w->n_open < DEPTH_MAX);
	w->open[w->n_open++] = (struct open_part){
		.length = length,
		.start = at,
		.level = w->depth - 1,
		.n_before = w->n_found,
		.is_description = is_description,
	};
}

/* Is the line text[at..eol) a delimiter of the multipart at @level? */
static __always_inline bool is_delimiter(const struct walk *w, u32 level,
					 u32 at, u32 eol, bool *closed)
{
	const struct sip_span *boundary = &w->boundaries[level];
	const u8 *text = w->text;
	u32 i, end;

	at += 2;
	if (eol - at < boundary->len)
		return false;
	for (i = 0; i < boundary->len; i++)
		if (text[at + i] != text[boundary->off + i])
			return false;
	at += boundary->len;
	end = scan_trim(text, at, eol);
	*closed = end - at == 2 && text[at] == '-' && text[at + 1] == '-';
	return at == end || *closed;
}

/* The multipart at @level goes on behind a delimiter at @at, or is over. */
static noinline void delimit(struct walk *w, u32 level, u32 at, bool closed)
{
	end_parts(w, level, at);
	w->closed = closed;
	w->depth = closed ? level : level + 1;
	if (w->common > w->depth)
		w->common = w->depth;
}

/*
 * Is the line text[at..eol) a delimiter? Then the part in front of it is over.
 * Sets the depth to that of the multipart it belongs to, or to one less if it
 * closes it.
 */
static __always_inline bool take_delimiter(struct walk *w, u32 at, u32 eol)
{
	const u8 *text = w->text;
	bool closed;
	u32 level;

	if (eol - at <= 2 || text[at] != '-' || text[at + 1] != '-')
		return false;
	for (level = w->depth; level--;) {
		if (is_delimiter(w, level, at, eol, &closed)) {
			delimit(w, level, at, closed);
			return true;
		}
	}
	return false;
}

/* Enters a multipart; @content says of which kind. */
static void enter(struct walk *w, struct sip_span boundary,
		  enum content content)
{
	w->is_alternative &= ~BIT(w->depth);
	if (content == CONTENT_ALTERNATIVE)
		w->is_alternative |= BIT(w->depth);
	w->boundaries[w->depth++] = boundary;
}

/* The same for one within another. */
static void enter_part(struct walk *w, u32 at, const struct part_headers *h)
{
	if (w->depth == DEPTH_MAX) {
		sip_note_fault(w->fault, SIP_TOO_MANY, at);
		return;
	}
	begin_part(w, at, h->length, false);
	enter(w, h->boundary, h->content);
}

/* Of two alternatives the reader takes one, of any others both. */
static void begin_description(struct walk *w, u32 at,
			      const struct part_headers *h)
{
	if (w->n_found == DESCRIPTIONS_MAX) {
		sip_note_fault(w->fault, SIP_BAD_SDP, at);
		w->has_more = true;
		return;
	}
	if (w->n_found && w->common)
		w->are_alternatives = w->is_alternative & BIT(w->common - 1);
	begin_part(w, at, h->length, true);
	w->is_early[w->n_found++] = h->is_early;
	w->common = w->depth;
}

static struct sip_span value_of(const u8 *text, const struct sip_header *header)
{
	u32 at = scan_blanks(text, header->value, header->end);

	return (struct sip_span){ at, scan_trim(text, at, header->end) - at };
}

/*
 * Reads the headers of a part. Sets @at behind them, behind a delimiter that
 * comes first, or to the line that is no header.
 *
 * Return: false for a part that is of no use.
 */
static bool read_headers(struct walk *w, u32 *at, u32 end,
			 struct part_headers *h)
{
	struct sip_span type = { 0, 0 }, value;
	bool opaque = false;
	const u8 *text = w->text;
	struct sip_header header;
	u32 n, eol, next;

	for (n = 0; n <= PART_HEADERS_MAX; n++) {
		enum sip_line line;

		if (*at < end && text[*at] == '-') {
			next = scan_line(text, *at, end, &eol);
			w->cut = take_delimiter(w, *at, eol);
			if (w->cut) {
				*at = next;
				return false;
			}
		}
		line = sip_read_header(text, *at, end, &header);
		if (line == SIP_LINE_EMPTY) {
			*at = header.next;
			break;
		}
		if (line != SIP_LINE_HEADER)
			return false;
		*at = header.next;
		if (header.id == SIP_HEADER_OTHER)
			continue;
		value = value_of(text, &header);
		if (header.id == SIP_HEADER_CONTENT_TYPE)
			type = value;
		else if (header.id == SIP_HEADER_CONTENT_LENGTH)
			h->length = value;
		else if (header.id == SIP_HEADER_ENCODING)
			opaque |= !sip_is_plain_encoding(text, value.off,
							 value.off + value.len);
		else if (header.id == SIP_HEADER_DISPOSITION)
			h->is_early = sip_is_early(text, value.off,
						   value.off + value.len);
	}
	if (n > PART_HEADERS_MAX) {
		sip_note_fault(w->fault, SIP_TOO_MANY, *at);
		return false;
	}
	if (opaque || !type.len)
		return false;
	h->content = content_of(text, type, &h->boundary);
	return true;
}

static void read_part(struct walk *w, u32 *at, u32 end)
{
	struct part_headers h;

	/* Without headers, which begin with a letter, it is plain text. */
	if (*at == end || w->text[*at] <= '-')
		return;
	h = (struct part_headers){ .content = CONTENT_OPAQUE };
	if (!read_headers(w, at, end, &h))
		return;
	if (h.content == CONTENT_SDP)
		begin_description(w, *at, &h);
	else if (h.content != CONTENT_OPAQUE)
		enter_part(w, *at, &h);
}

static void walk_multipart(struct walk *w, u32 at, u32 end)
{
	const u8 *text = w->text;
	u32 n_parts = 0;

	while (at < end && w->depth) {
		u32 line = at, eol;

		if (!w->cut) {
			if (text[at] == '\r' && end - at > 1 &&
			    text[at + 1] == '\n')
				at++;
			if (text[at] == '\n') {
				at++;
				continue;
			}
			at = scan_line(text, at, end, &eol);
			if (!take_delimiter(w, line, eol))
				continue;
		}
		w->cut = false;
		if (w->closed)
			continue;
		if (++n_parts <= PARTS_MAX) {
			read_part(w, &at, end);
			continue;
		}
		/* Of the others nothing but the end is looked for. */
		sip_note_fault(w->fault, SIP_TOO_MANY, line);
		if (!w->n_open)
			return;
	}
	/* No line break in front of the end is part of that. */
	while (w->n_open) {
		const struct open_part *part = &w->open[--w->n_open];

		if (w->n_found > part->n_before)
			keep_part(w, part, end);
	}
}

static void parse_found(struct sdp_session *sdp, const struct walk *w, u32 n)
{
	const struct sip_span *part = &w->found[n];

	sdp_clear(sdp);
	sdp->early = w->is_early[n];
	if (part->len)
		sdp_parse(sdp, w->text, part->off, part->off + part->len,
			  w->fault);
	if (!sdp->body.len)
		sip_note_fault(w->fault, SIP_BAD_SDP, part->off);
}

/*
 * The one that is not for the early session is the message's, or the last. Of
 * alternatives, one that cannot be read leaves none that could be translated
 * alone.
 */
static void parse_both(struct sip_msg *msg, const struct walk *w)
{
	u32 main = !w->is_early[1] || w->is_early[0];

	parse_found(&msg->other, w, !main);
	parse_found(&msg->sdp, w, main);
	if (msg->sdp.body.len && msg->other.body.len)
		return;
	if (w->are_alternatives)
		sdp_clear(&msg->sdp);
	else if (msg->other.body.len)
		parse_found(&msg->sdp, w, !main);
	sdp_clear(&msg->other);
}

/**
 * sip_is_early() - is a body for the early session (RFC 3959)?
 * @text: the message
 * @at: start of the value of Content-Disposition
 * @end: its end
 */
bool sip_is_early(const u8 *text, u32 at, u32 end)
{
	struct sip_span tail = { at + 8, 5 };

	return scan_fold(scan_word(text, at, end)) ==
		       SCAN_WORD('e', 'a', 'r', 'l', 'y', '-', 's', 'e') &&
	       scan_class(text, at + 8, end, SCAN_TOKEN) == at + 13 &&
	       scan_is_word(text, tail,
			    SCAN_WORD('s', 's', 'i', 'o', 'n'));
}

/* Apart from the usual body, which has no parts. */
static noinline void find_in_parts(struct sip_msg *msg, const u8 *text,
				   struct sip_span boundary,
				   enum content content)
{
	struct walk w = {
		.text = text,
		.msg = msg,
		.fault = &msg->faults[SIP_TIER_BODY],
	};

	enter(&w, boundary, content);
	walk_multipart(&w, msg->body.off, msg->body.off + msg->body.len);
	if (w.has_more)
		return;
	if (w.n_found > 1)
		parse_both(msg, &w);
	else if (w.n_found)
		parse_found(&msg->sdp, &w, 0);
}

/**
 * sip_find_sdp() - find and parse the session description in a body
 * @msg: the message, with its body; its descriptions are filled in
 * @text: the message
 * @type: value of Content-Type
 * @is_early: the body is for the early session, unless it has parts
 */
void sip_find_sdp(struct sip_msg *msg, const u8 *text, struct sip_span type,
		  bool is_early)
{
	struct sip_span boundary;
	enum content content = content_of(text, type, &boundary);

	msg->n_parts = 0;
	msg->sdp.early = is_early;
	if (content == CONTENT_SDP)
		sdp_parse(&msg->sdp, text, msg->body.off,
			  msg->body.off + msg->body.len,
			  &msg->faults[SIP_TIER_BODY]);
	else if (content != CONTENT_OPAQUE)
		find_in_parts(msg, text, boundary, content);
}
