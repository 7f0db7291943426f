// SPDX-License-Identifier: GPL-2.0
/*
 * The one pass over a message: start line, headers, and where the body begins.
 *
 * A header that an ALG has no business with costs the search for its line end.
 */
#include "field.h"
#include "header.h"
#include "mime.h"
#include "parse.h"
#include "start.h"

#define START_MIN	16	/* bytes; a start line is longer than that */

/* RFC 3261, 8.1.1; without Max-Forwards, which RFC 2543 did not know. */
#define REQUIRED                                                               \
	(BIT(SIP_HEADER_CALL_ID) | BIT(SIP_HEADER_CSEQ) |                      \
	 BIT(SIP_HEADER_FROM) | BIT(SIP_HEADER_TO) | BIT(SIP_HEADER_VIA))

/**
 * struct parse - what is known of a message while it is read
 * @f: its fields
 * @content_type: value of Content-Type
 * @seen: a bit for each header that was there
 * @length: value of Content-Length
 * @opaque: the body is encoded or signed
 * @head_only: the body is not there, whatever its length
 */
struct parse {
	struct sip_fields f;
	struct sip_span content_type;
	unsigned long seen;
	u32 length;
	bool opaque;
	bool head_only;
};

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
	/* What is so short is no URI anybody could be called at. */
	if (at >= end || end < 8)
		return SIP_BAD_START;
	return sip_read_request_uri(&p->f, at, end);
}

static enum sip_verdict parse_length(struct parse *p, u32 at, u32 end,
				     bool again)
{
	u32 value;

	if (at == end || scan_number(p->f.text, at, end, &value) != end ||
	    (value > SIP_MSG_MAX && !p->head_only))
		return SIP_BAD_LENGTH;
	if (again) {
		p->f.msg->length_repeated = true;
		return value == p->length ? SIP_OK : SIP_BAD_LENGTH;
	}
	p->length = value;
	p->f.msg->content_length = (struct sip_span){ at, end - at };
	return SIP_OK;
}

static enum sip_verdict parse_header(struct parse *p, enum sip_header_id id,
				     u32 at, u32 end)
{
	bool again = p->seen & BIT(id);
	const u8 *text = p->f.text;

	p->seen |= BIT(id);
	switch (id) {
	case SIP_HEADER_VIA:
		return again ? SIP_OK : sip_read_via(&p->f, at, end);
	case SIP_HEADER_FROM:
		return again ? SIP_BAD_VALUE :
			       sip_read_party(&p->f, at, end,
					      &p->f.msg->from_tag);
	case SIP_HEADER_TO:
		return again ? SIP_BAD_VALUE :
			       sip_read_party(&p->f, at, end,
					      &p->f.msg->to_tag);
	case SIP_HEADER_CALL_ID:
		p->f.msg->call_id = (struct sip_span){ at, end - at };
		return again || at == end ? SIP_BAD_VALUE : SIP_OK;
	case SIP_HEADER_CSEQ:
		return again ? SIP_BAD_VALUE : sip_read_cseq(&p->f, at, end);
	case SIP_HEADER_CONTACT:
		return sip_read_contact(&p->f, at, end);
	case SIP_HEADER_ROUTE:
		return again ? SIP_OK :
			       sip_read_value(&p->f, SIP_ROUTE, at, end);
	case SIP_HEADER_RECORD_ROUTE:
		return sip_read_values(&p->f, SIP_RECORD_ROUTE, at, end);
	case SIP_HEADER_PATH:
		return sip_read_values(&p->f, SIP_PATH, at, end);
	case SIP_HEADER_REFER_TO:
		return again ? SIP_BAD_VALUE :
			       sip_read_value(&p->f, SIP_REFER_TO, at,
					      end);
	case SIP_HEADER_EXPIRES:
		p->f.msg->expires = sip_read_seconds(text, at, end);
		return SIP_OK;
	case SIP_HEADER_SESSION_EXPIRES:
		p->f.msg->session_expires =
			sip_read_session_expires(text, at, end);
		return SIP_OK;
	case SIP_HEADER_AUTHORIZATION:
		return sip_read_credentials(&p->f, at, end);
	case SIP_HEADER_CONTENT_LENGTH:
		return parse_length(p, at, end, again);
	case SIP_HEADER_CONTENT_TYPE:
		p->content_type = (struct sip_span){ at, end - at };
		return again ? SIP_BAD_VALUE : SIP_OK;
	case SIP_HEADER_ENCODING:
		p->opaque |= !sip_is_plain_encoding(text, at, end);
		return SIP_OK;
	case SIP_HEADER_IDENTITY_INFO:
		p->opaque = true;
		return SIP_OK;
	case SIP_HEADER_OTHER:
		break;
	}
	return SIP_OK;
}

/* Reads all headers. Sets @body to where the body begins. */
static enum sip_verdict parse_headers(struct parse *p, u32 at, u32 len,
				      u32 *body)
{
	const u8 *text = p->f.text;
	struct sip_header header;
	enum sip_verdict verdict;
	u32 value, end, n;

	for (n = 0; n <= SIP_HEADERS_MAX; n++) {
		enum sip_line line =
			sip_header_next(text, at, len, &header);

		if (line == SIP_LINE_EMPTY) {
			*body = header.next;
			return (p->seen & REQUIRED) == REQUIRED ?
				       SIP_OK :
				       SIP_INCOMPLETE;
		}
		if (line != SIP_LINE_HEADER)
			return SIP_BAD_HEADER;
		at = header.next;
		if (header.id == SIP_HEADER_OTHER)
			continue;
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
	return SIP_TOO_MANY;
}

static enum sip_verdict parse_body(struct parse *p, u32 at, u32 len)
{
	struct sip_msg *msg = p->f.msg;

	if (p->head_only) {
		len = at;
	} else if (msg->content_length.len) {
		if (p->length > len - at)
			return SIP_BAD_LENGTH;
		len = at + p->length;
	}
	msg->len = len;
	msg->body = (struct sip_span){ at, len - at };
	if (!msg->body.len || !p->content_type.len || p->opaque)
		return SIP_OK;
	return sip_find_sdp(&msg->sdp, p->f.text, msg->body, p->content_type);
}

static enum sip_verdict parse_all(struct parse *p, u32 len)
{
	struct sip_msg *msg = p->f.msg;
	const u8 *text = p->f.text;
	enum sip_verdict verdict;
	u32 at, end;

	if (len > SIP_MSG_MAX)
		return SIP_TOO_LONG;
	if (len < START_MIN)
		return SIP_NOT_SIP;

	msg->n_addr_refs = 0;
	msg->n_contacts = 0;
	msg->n_credentials = 0;
	msg->content_length = (struct sip_span){ 0, 0 };
	msg->length_repeated = false;
	msg->expires = -1;
	msg->session_expires = -1;
	msg->star = false;
	msg->sdp.body = (struct sip_span){ 0, 0 };
	msg->sdp.n_media = 0;
	msg->sdp.ice = false;

	at = scan_line(text, 0, len, &end);
	if (end == len)
		return SIP_NOT_SIP;
	if (sip_is_response(text))
		verdict = sip_read_status_line(msg, text, end);
	else
		verdict = parse_request_line(p, end);
	if (!verdict)
		verdict = parse_headers(p, at, len, &at);
	if (!verdict)
		verdict = parse_body(p, at, len);
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

	return parse_all(&p, len);
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

	return parse_all(&p, len);
}
