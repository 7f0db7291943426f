// SPDX-License-Identifier: GPL-2.0
/*
 * The one pass over a message: start line, headers, and where the body begins.
 *
 * A header that an ALG has no business with costs the search for its line end.
 */
#include "credential.h"
#include "field.h"
#include "header.h"
#include "mime.h"
#include "parse.h"
#include "start.h"
#include "usual.h"

#define START_MIN	16	/* bytes; a start line is longer than that */

/*
 * Headers, or other lines, that sip/usual has left. Behind so many it is not
 * tried any more: it would hardly read the next ones.
 */
#define LEFT_HEADERS_MAX	8

/* The same for values of a list. */
#define LEFT_VALUES_MAX		8

/* RFC 3261, 8.1.1; without Max-Forwards, which RFC 2543 did not know. */
#define NEEDED_IN_REQUEST						\
	(SIP_HEADER_CALL_ID | SIP_HEADER_CSEQ | SIP_HEADER_FROM |	\
	 SIP_HEADER_TO | SIP_HEADER_VIA)
/* A phone drops a response whose Via is not its own (RFC 3261, 18.1.2). */
#define NEEDED_IN_RESPONSE	(SIP_HEADER_CALL_ID | SIP_HEADER_VIA)

/**
 * struct parse - what is known of a message while it is read
 * @f: its fields
 * @opaque: the body is encoded, signed or covered by credentials, or its length
 *	or type is unclear
 * @doubtful: of a response: its dialog cannot be told
 * @early: the body is for the early session
 * @head_only: the body is not there, whatever its length
 * @n_left: values of lists that sip/usual has left
 */
struct parse {
	struct sip_fields f;
	bool opaque;
	bool doubtful;
	bool early;
	bool head_only;
	u32 n_left;
};

/*
 * A fault in a field that names the dialog, or in the framing. A request passes
 * unchanged: its far end answers with an error. A response must go on, as its
 * sender has agreed to it, but changes no dialog.
 */
static noinline enum sip_verdict doubt(struct parse *p,
				       enum sip_verdict verdict, u32 off)
{
	struct sip_msg *msg = p->f.msg;

	if (!msg->status)
		return verdict;
	sip_note_fault(&msg->faults[SIP_TIER_FIELDS], verdict, off);
	p->doubtful = true;
	return SIP_OK;
}

static enum sip_verdict parse_request_line(struct parse *p, u32 end)
{
	struct sip_msg *msg = p->f.msg;
	const u8 *text = p->f.text;
	u32 at;

	if (end < 8)
		return SIP_NOT_SIP;
	p->f.method_len =
		sip_find_method(text, end, &p->f.method, &msg->method);
	if (!p->f.method_len)
		return SIP_NOT_SIP;
	if (scan_fold(scan_load(text + end - 8)) !=
			SCAN_WORD(' ', 's', 'i', 'p', '/', '2', '.', '0'))
		return sip_is_nearly_sip(text, p->f.method_len, end) ?
			       SIP_BAD_START :
			       SIP_NOT_SIP;

	msg->status = 0;
	at = p->f.method_len + 1;
	end -= 8;
	/* So short a URI leads to nobody. */
	if (at >= end || end < 8)
		return SIP_BAD_START;
	return sip_read_request_uri(&p->f, at, end);
}

/* Sets @next to where the next line begins. */
static enum sip_verdict parse_start(struct parse *p, u32 len, u32 *next)
{
	const u8 *text = p->f.text;
	u32 end;

	*next = scan_line(text, 0, len, &end);
	if (end == len)
		return SIP_NOT_SIP;
	if (sip_is_response(text))
		return sip_read_status_line(p->f.msg, text, end);
	return parse_request_line(p, end);
}

/*
 * In these, credentials may cover a description. In an ACK they are a copy of
 * those of its INVITE.
 */
static bool may_offer(const struct sip_msg *msg)
{
	return !msg->status &&
	       (msg->method == SIP_INVITE || msg->method == SIP_UPDATE ||
		msg->method == SIP_PRACK);
}

static bool is_same_text(const u8 *text, struct sip_span a, struct sip_span b)
{
	return a.len == b.len && !memcmp(text + a.off, text + b.off, a.len);
}

static enum sip_verdict parse_call_id(struct parse *p, u32 at, u32 end,
				      bool again)
{
	if (again)
		return doubt(p, SIP_BAD_VALUE, at);
	p->f.msg->call_id = (struct sip_span){ at, end - at };
	return at < end ? SIP_OK : SIP_BAD_VALUE;
}

static enum sip_verdict parse_length(struct parse *p, u32 at, u32 end,
				     bool again)
{
	struct sip_msg *msg = p->f.msg;
	u32 value;

	if (at == end || scan_number(p->f.text, at, end, &value) != end ||
	    (value > SIP_MSG_MAX && !p->head_only) ||
	    (again && value != p->f.length)) {
		p->opaque = true;
		return doubt(p, SIP_BAD_LENGTH, at);
	}
	p->f.length = value;
	if (msg->n_lengths < SIP_LENGTHS_MAX) {
		msg->lengths[msg->n_lengths++] =
			(struct sip_span){ at, end - at };
	} else {
		sip_note_fault(&msg->faults[SIP_TIER_BODY], SIP_TOO_MANY, at);
		p->opaque = true;
		p->f.idle |= SIP_HEADER_CONTENT_LENGTH;
	}
	return SIP_OK;
}

static void parse_content_type(struct parse *p, u32 at, u32 end, bool again)
{
	struct sip_span value = { at, end - at };

	if (!again) {
		p->f.content_type = value;
	} else if (!is_same_text(p->f.text, p->f.content_type, value)) {
		sip_note_fault(&p->f.msg->faults[SIP_TIER_BODY], SIP_BAD_VALUE,
			       at);
		p->opaque = true;
	}
}

/* The value that begins at @at says that the body must not change. */
static void seal_body(struct parse *p, u32 at)
{
	p->opaque = true;
	if (!p->f.msg->sealed)
		p->f.msg->sealed = at;
}

/* All values of a header of URIs, but those that are read already. */
static void read_values(struct parse *p, enum sip_header_id id,
			enum sip_field field, u32 at, u32 end)
{
	do {
		if (p->f.rest > at)
			at = p->f.rest < end ?
				     scan_blanks(p->f.text, p->f.rest, end) :
				     end;
		at = sip_read_list_value(&p->f, field, at, end);
	} while (at && (p->n_left++ >= LEFT_VALUES_MAX ||
			!sip_read_usual_list(&p->f, id, at)));
}

static enum sip_verdict parse_header(struct parse *p, enum sip_header_id id,
				     u32 at, u32 end)
{
	bool again = p->f.seen & id;
	struct sip_msg *msg = p->f.msg;
	const u8 *text = p->f.text;
	enum sip_verdict verdict;

	if (id & p->f.idle)
		return SIP_OK;
	p->f.seen |= id;
	switch (id) {
	case SIP_HEADER_VIA:
		/* Those below it are of other hosts. */
		p->f.idle |= SIP_HEADER_VIA;
		return sip_read_via(&p->f, at, end);
	case SIP_HEADER_FROM:
		if (again)
			return doubt(p, SIP_BAD_VALUE, at);
		sip_read_party(&p->f, at, end, &msg->from_tag);
		break;
	case SIP_HEADER_TO:
		if (again)
			return doubt(p, SIP_BAD_VALUE, at);
		sip_read_party(&p->f, at, end, &msg->to_tag);
		break;
	case SIP_HEADER_CALL_ID:
		return parse_call_id(p, at, end, again);
	case SIP_HEADER_CSEQ:
		verdict = again ? SIP_BAD_VALUE :
				  sip_read_cseq(&p->f, at, end);
		return likely(!verdict) ? SIP_OK : doubt(p, verdict, at);
	case SIP_HEADER_CONTACT:
		if (end - at == 1 && text[at] == '*')
			msg->star = true;
		else
			read_values(p, id, SIP_CONTACT, at, end);
		break;
	case SIP_HEADER_ROUTE:
		read_values(p, id, SIP_ROUTE, at, end);
		break;
	case SIP_HEADER_RECORD_ROUTE:
		read_values(p, id, SIP_RECORD_ROUTE, at, end);
		break;
	case SIP_HEADER_PATH:
		read_values(p, id, SIP_PATH, at, end);
		break;
	case SIP_HEADER_SERVICE_ROUTE:
		read_values(p, id, SIP_SERVICE_ROUTE, at, end);
		break;
	case SIP_HEADER_REFER_TO:
		sip_read_value(&p->f, SIP_REFER_TO, at, end);
		break;
	case SIP_HEADER_EXPIRES:
		msg->expires = sip_read_seconds(text, at, end);
		break;
	case SIP_HEADER_SESSION_EXPIRES:
		msg->session_expires = sip_read_session_expires(text, at, end);
		break;
	case SIP_HEADER_AUTHORIZATION:
		if (sip_request_uri(msg))
			sip_read_credentials(&p->f, at, end);
		if (may_offer(msg) && sip_is_body_hashed(text, at, end))
			seal_body(p, at);
		break;
	case SIP_HEADER_AUTHENTICATION:
		if (sip_is_response_hashed(text, at, end))
			seal_body(p, at);
		break;
	case SIP_HEADER_CONTENT_LENGTH:
		return parse_length(p, at, end, again);
	case SIP_HEADER_CONTENT_TYPE:
		parse_content_type(p, at, end, again);
		break;
	case SIP_HEADER_ENCODING:
		if (!sip_is_plain_encoding(text, at, end))
			seal_body(p, at);
		break;
	case SIP_HEADER_DISPOSITION:
		p->early = sip_is_early(text, at, end);
		break;
	case SIP_HEADER_IDENTITY_INFO:
		seal_body(p, at);
		break;
	case SIP_HEADER_OTHER:
		break;
	}
	return SIP_OK;
}

/*
 * Which headers are of no use, in a message that begins like this? Credentials
 * are of use where the URI that they were made for may change, or where they
 * may cover a description.
 */
static u32 find_idle(const struct sip_msg *msg)
{
	u32 idle = 0;

	if (!msg->status)
		idle |= SIP_HEADER_SERVICE_ROUTE | SIP_HEADER_AUTHENTICATION;
	if (!sip_request_uri(msg) && !may_offer(msg))
		idle |= SIP_HEADER_AUTHORIZATION;
	return idle;
}

/* All headers are read: are those there that this kind of message needs? */
static enum sip_verdict check_needed(struct parse *p)
{
	u32 needed = p->f.msg->status ? NEEDED_IN_RESPONSE : NEEDED_IN_REQUEST;

	if (unlikely(needed & ~p->f.seen))
		return SIP_INCOMPLETE;
	if (unlikely(NEEDED_IN_REQUEST & ~p->f.seen))
		return doubt(p, SIP_INCOMPLETE, 0);
	return SIP_OK;
}

/* The header that begins at @at is cut off: of its values none is kept. */
static void drop_list(struct parse *p, u32 at)
{
	struct sip_msg *msg = p->f.msg;
	struct sip_fault *fault = &msg->faults[SIP_TIER_FIELDS];

	if (p->f.rest <= at)
		return;
	msg->n_addr_refs = p->f.list_refs;
	msg->n_contacts = p->f.list_contacts;
	if (fault->off > at)
		*fault = (struct sip_fault) { };
}

/* Reads all headers. Sets @body to where the body begins. */
static enum sip_verdict parse_headers(struct parse *p, u32 at, u32 len,
				      u32 *body)
{
	const u8 *text = p->f.text;
	struct sip_header header;
	enum sip_verdict verdict;
	enum sip_line line;
	u32 value, end, n_left;

	for (n_left = 0;; n_left++) {
		if (likely(n_left < LEFT_HEADERS_MAX))
			at = sip_read_usual_headers(&p->f, at);
		line = sip_header_find(text, &at, len, p->f.idle, &header);
		if (line == SIP_LINE_HEADER)
			line = sip_header_end(text, len, &header);
		if (line == SIP_LINE_EMPTY) {
			*body = header.next;
			return check_needed(p);
		}
		if (unlikely(line != SIP_LINE_HEADER)) {
			if (line == SIP_LINE_CUT)
				drop_list(p, at);
			verdict = doubt(p, SIP_BAD_HEADER, at);
			if (verdict)
				return verdict;
			p->opaque = true;
			if (line == SIP_LINE_CUT) {
				*body = len;
				return check_needed(p);
			}
			at = scan_line(text, at, len, &end);
			continue;
		}
		at = header.next;
		/* The line end behind the value bounds the look at @value. */
		value = header.value + (text[header.value] == ' ');
		if (unlikely(text[value] <= ' '))
			value = scan_blanks(text, value, header.end);
		end = header.end;
		if (unlikely(text[end - 1] <= ' '))
			end = scan_trim(text, value, end);
		verdict = parse_header(p, header.id, value, end);
		if (verdict)
			return verdict;
	}
}

static bool may_have_sdp(const struct parse *p)
{
	struct sip_span type = p->f.content_type;

	return sip_may_have_sdp(p->f.text, type.off, type.off + type.len);
}

/* Of the message @there bytes are at hand. */
static enum sip_verdict parse_body(struct parse *p, u32 at, u32 there, u32 len)
{
	struct sip_msg *msg = p->f.msg;
	enum sip_verdict verdict;

	if (p->head_only) {
		len = at;
	} else if (msg->n_lengths && !p->doubtful) {
		if (likely(p->f.length <= len - at)) {
			len = at + p->f.length;
		} else {
			verdict = doubt(p, SIP_BAD_LENGTH,
					msg->lengths[0].off);
			if (verdict)
				return verdict;
		}
	}
	if (unlikely(p->doubtful)) {
		msg->method = SIP_METHOD_OTHER;
		msg->n_lengths = 0;
	}
	msg->len = len;
	msg->body = (struct sip_span){ at, len - at };
	/*
	 * A description in a refusal tells what the sender could do (RFC 3261,
	 * 21.4.26). Nobody sends media there.
	 */
	if (!msg->body.len || !p->f.content_type.len || p->doubtful ||
	    msg->status >= 300) {
		msg->sealed = 0;
		return SIP_OK;
	}
	if (unlikely(p->opaque)) {
		if (!may_have_sdp(p))
			msg->sealed = 0;
		return SIP_OK;
	}
	if (likely(len <= there)) {
		sip_find_sdp(msg, p->f.text, p->f.content_type, p->early);
	} else if (may_have_sdp(p)) {
		msg->unread = p->f.content_type;
		msg->sdp.early = p->early;
	}
	return SIP_OK;
}

static enum sip_verdict parse_all(struct parse *p, u32 there, u32 len)
{
	struct sip_msg *msg = p->f.msg;
	enum sip_verdict verdict;
	u32 at;

	if (len > SIP_MSG_MAX)
		return SIP_TOO_LONG;
	if (there < START_MIN)
		return SIP_NOT_SIP;

	p->f.len = there;
	msg->n_addr_refs = 0;
	msg->n_contacts = 0;
	msg->n_credentials = 0;
	msg->n_lengths = 0;
	msg->credentials_cut = false;
	msg->from_tag = (struct sip_span){ 0, 0 };
	msg->to_tag = (struct sip_span){ 0, 0 };
	msg->branch = (struct sip_span){ 0, 0 };
	msg->cseq = 0;
	msg->faults[SIP_TIER_FIELDS] = (struct sip_fault){ .verdict = SIP_OK };
	msg->faults[SIP_TIER_BODY] = (struct sip_fault){ .verdict = SIP_OK };
	msg->expires = -1;
	msg->session_expires = -1;
	msg->star = false;
	msg->sealed = 0;
	sdp_clear(&msg->sdp);
	sdp_clear(&msg->other);
	msg->unread = (struct sip_span){ 0, 0 };

	at = sip_read_usual_request(&p->f);
	verdict = at ? SIP_OK : parse_start(p, there, &at);
	if (verdict)
		return verdict;
	p->f.idle = find_idle(msg);
	verdict = parse_headers(p, at, there, &at);
	if (!verdict)
		verdict = parse_body(p, at, there, len);
	return verdict;
}

/**
 * sip_parse() - parse the message in one datagram
 * @msg: filled in; its contents are undefined unless SIP_OK is returned
 * @text: the datagram's payload; nothing is read at or past @text + @len
 * @len: its length in bytes
 *
 * Return: SIP_OK, or why the message must be passed unchanged.
 */
enum sip_verdict sip_parse(struct sip_msg *msg, const u8 *text, u32 len)
{
	struct parse p = { .f = { .msg = msg, .text = text } };

	return parse_all(&p, len, len);
}

/**
 * sip_parse_part() - parse a message of which only the beginning is at hand
 * @msg: as for sip_parse(); if its body may hold a session description that
 *	is not all at hand, its @unread is set
 * @text: the beginning of the datagram's payload
 * @there: its length in bytes
 * @len: length of the whole payload in bytes
 *
 * Return: SIP_OK if @msg is what sip_parse() finds in the whole payload, but
 * for a description that is unread; anything else tells nothing.
 */
enum sip_verdict sip_parse_part(struct sip_msg *msg, const u8 *text, u32 there,
				u32 len)
{
	struct parse p = { .f = { .msg = msg, .text = text } };
	enum sip_verdict verdict = parse_all(&p, there, len);

	/* The header section may go on behind. */
	if (verdict == SIP_OK && msg->body.off == there)
		return SIP_BAD_HEADER;
	return verdict;
}

/**
 * sip_parse_rest() - read the description that sip_parse_part() could not
 * @msg: as that filled it in
 * @text: the whole payload
 */
void sip_parse_rest(struct sip_msg *msg, const u8 *text)
{
	sip_find_sdp(msg, text, msg->unread, msg->sdp.early);
	msg->unread = (struct sip_span){ 0, 0 };
}

/**
 * sip_parse_head() - parse start line and headers of a message whose body is
 * elsewhere
 * @msg: as for sip_parse(); its body is empty
 * @text: the text, up to the empty line at least
 * @len: its length in bytes
 *
 * Return: as sip_parse().
 */
enum sip_verdict sip_parse_head(struct sip_msg *msg, const u8 *text, u32 len)
{
	struct parse p = {.f = {.msg = msg, .text = text}, .head_only = true};

	return parse_all(&p, len, len);
}
