// SPDX-License-Identifier: GPL-2.0
/*
 * The one pass over a message: start line, headers, and where the body begins.
 *
 * A header that an ALG has no business with costs the search for its line end.
 * Of the others just so much is read as finds the addresses, and tells a value
 * that another parser might understand differently.
 */
#include "parse.h"

#define START_MIN	16	/* bytes; a start line is longer than that */
#define METHOD_MAX	64	/* bytes */
#define PARTS_MAX	128	/* values and parameters that are looked at */

#define TOKEN	SCAN_TOKEN
#define BOTH	(SCAN_TOKEN | SCAN_HOST)

const u8 sip_class[256] = {
	['0' ... '9'] = BOTH,
	['A' ... 'Z'] = BOTH,
	['a' ... 'z'] = BOTH,
	['-'] = BOTH,
	['.'] = BOTH,
	['_'] = BOTH,
	['!'] = TOKEN,
	['%'] = TOKEN,
	['*'] = TOKEN,
	['+'] = TOKEN,
	['`'] = TOKEN,
	['\''] = TOKEN,
	['~'] = TOKEN,
	[';'] = SCAN_BREAK,
	[','] = SCAN_BREAK,
	['"'] = SCAN_BREAK,
	['('] = SCAN_BREAK,
};

/* RFC 3261, 8.1.1; without Max-Forwards, which RFC 2543 did not know. */
#define REQUIRED                                                               \
	(BIT(SIP_HEADER_CALL_ID) | BIT(SIP_HEADER_CSEQ) |                      \
	 BIT(SIP_HEADER_FROM) | BIT(SIP_HEADER_TO) | BIT(SIP_HEADER_VIA))

/* What is known of the message beyond what the caller gets to know. */
struct parse {
	struct sip_msg *msg;
	const u8 *text;
	/* of the request line: its first eight bytes, */
	u64 method;
	u32 method_len;			/* and its length; 0 in a response */
	struct sip_span content_type;
	u32 length;			/* value of Content-Length */
	/* a bit for each header that was there */
	unsigned long seen;
	u32 parts;
	bool opaque;			/* the body is encoded or signed */
	/* the body is not there, whatever its length */
	bool head;
};

/* @word is the beginning of the name: all of it, unless it is longer. */
static enum sip_method method_of(u64 word, const u8 *name, u32 len)
{
	switch (word) {
	case SCAN_WORD('A', 'C', 'K'):
		return SIP_ACK;
	case SCAN_WORD('B', 'Y', 'E'):
		return SIP_BYE;
	case SCAN_WORD('C', 'A', 'N', 'C', 'E', 'L'):
		return SIP_CANCEL;
	case SCAN_WORD('I', 'N', 'F', 'O'):
		return SIP_INFO;
	case SCAN_WORD('I', 'N', 'V', 'I', 'T', 'E'):
		return SIP_INVITE;
	case SCAN_WORD('M', 'E', 'S', 'S', 'A', 'G', 'E'):
		return SIP_MESSAGE;
	case SCAN_WORD('N', 'O', 'T', 'I', 'F', 'Y'):
		return SIP_NOTIFY;
	case SCAN_WORD('O', 'P', 'T', 'I', 'O', 'N', 'S'):
		return SIP_OPTIONS;
	case SCAN_WORD('P', 'R', 'A', 'C', 'K'):
		return SIP_PRACK;
	case SCAN_WORD('P', 'U', 'B', 'L', 'I', 'S', 'H'):
		return SIP_PUBLISH;
	case SCAN_WORD('R', 'E', 'F', 'E', 'R'):
		return SIP_REFER;
	case SCAN_WORD('R', 'E', 'G', 'I', 'S', 'T', 'E', 'R'):
		return len == 8 ? SIP_REGISTER : SIP_METHOD_OTHER;
	case SCAN_WORD('S', 'U', 'B', 'S', 'C', 'R', 'I', 'B'):
		return len == 9 && name[8] == 'E' ? SIP_SUBSCRIBE :
						    SIP_METHOD_OTHER;
	case SCAN_WORD('U', 'P', 'D', 'A', 'T', 'E'):
		return SIP_UPDATE;
	default:
		return SIP_METHOD_OTHER;
	}
}

/* Do the first bytes say that this is a response, in whatever version? */
static bool is_response(const u8 *text)
{
	return (scan_fold(scan_load(text)) & SCAN_MASK(4)) ==
	       SCAN_WORD('s', 'i', 'p', '/');
}

/*
 * The length of the method that the text begins with, and that a space ends; 0
 * if it begins with none. Sets @word to its first eight bytes.
 */
static u32 find_method(const u8 *text, u32 len, u64 *word,
		       enum sip_method *method)
{
	u32 end = len < METHOD_MAX ? len : METHOD_MAX;
	u32 n = scan_find(text, 0, end, ' ');

	if (!n || n == end)
		return 0;
	*word = scan_load(text);
	if (n < 8)
		*word &= SCAN_MASK(n);
	*method = method_of(*word, text, n);
	if (*method == SIP_METHOD_OTHER &&
	    scan_class(text, 0, n, SCAN_TOKEN) != n)
		return 0;
	return n;
}

bool sip_is_start(const u8 *text, u32 len)
{
	enum sip_method method;
	u64 word;

	return len >= 8 &&
	       (is_response(text) || find_method(text, len, &word, &method));
}

static enum sip_verdict parse_status_line(struct sip_msg *msg, const u8 *text,
					  u32 end)
{
	u32 at, status;

	if (end < 11 || scan_fold(scan_load(text)) !=
			SCAN_WORD('s', 'i', 'p', '/', '2', '.', '0', ' '))
		return SIP_BAD_START;
	at = scan_number(text, 8, end, &status);
	if (at != 11 || status < 100 || status > 699 ||
	    (at < end && text[at] != ' '))
		return SIP_BAD_START;
	msg->status = (u16)status;
	msg->request_uri = (struct sip_span){ 0, 0 };
	return SIP_OK;
}

static struct sip_addr_ref *new_site(struct parse *p, enum sip_field field)
{
	struct sip_addr_ref *ref;

	if (p->msg->n_addr_refs == SIP_ADDR_REFS_MAX)
		return NULL;
	ref = &p->msg->addr_refs[p->msg->n_addr_refs];
	ref->field = field;
	return ref;
}

/* Takes over the site that was filled in, unless it holds a name. */
static s32 keep_site(struct parse *p)
{
	if (!p->msg->addr_refs[p->msg->n_addr_refs].ep.family)
		return -1;
	return (s32)p->msg->n_addr_refs++;
}

/*
 * A line that ends in another version, or not quite in a version, is still
 * meant as SIP.
 */
static bool is_nearly_sip(const u8 *text, u32 at, u32 end)
{
	u32 last;

	end = scan_trim(text, at, end);
	if (end < 8)
		return false;
	for (last = end; last > at && text[last - 1] != ' ';)
		last--;
	return SCAN_BEGINS(scan_fold(scan_word(text, last, end)), 4, 's', 'i',
			   'p', '/');
}

static enum sip_verdict parse_request_line(struct parse *p, u32 end)
{
	struct sip_msg *msg = p->msg;
	const u8 *text = p->text;
	u32 at;

	if (end < 8)
		return SIP_NOT_SIP;
	p->method_len = find_method(text, end, &p->method, &msg->method);
	if (!p->method_len)
		return SIP_NOT_SIP;
	if (scan_fold(scan_load(text + end - 8)) !=
			SCAN_WORD(' ', 's', 'i', 'p', '/', '2', '.', '0'))
		return is_nearly_sip(text, p->method_len, end) ? SIP_BAD_START :
								 SIP_NOT_SIP;

	msg->status = 0;
	at = p->method_len + 1;
	end -= 8;
	/* What is so short is no URI anybody could be called at. */
	if (at >= end || end < 8)
		return SIP_BAD_START;
	msg->request_uri = (struct sip_span){ at, end - at };
	at = sip_uri(text, at, end, new_site(p, SIP_REQUEST_URI));
	/* Headers have no place in a Request-URI: RFC 3261, 19.1.1. */
	if (!at || scan_any(text, at, end, ' ' + 1, '?', '?', '?') < end)
		return SIP_BAD_START;
	keep_site(p);
	return SIP_OK;
}

/*
 * Which header may this be? Sets @n to the length that its name has then: a
 * colon behind that decides.
 */
static __always_inline enum sip_header_id guess_name(const u8 *text, u32 at,
						     u32 len, u64 word, u32 *n)
{
	u64 rest;

	*n = 1;
	switch ((u8)word) {
	case 'v':
		if (SCAN_BEGINS(word, 3, 'v', 'i', 'a'))
			*n = 3;
		return SIP_HEADER_VIA;
	case 'f':
		if (SCAN_BEGINS(word, 4, 'f', 'r', 'o', 'm'))
			*n = 4;
		return SIP_HEADER_FROM;
	case 't':
		if (SCAN_BEGINS(word, 2, 't', 'o'))
			*n = 2;
		return SIP_HEADER_TO;
	case 'c':
		if (SCAN_BEGINS(word, 8, 'c', 'o', 'n', 't', 'e', 'n', 't',
				'-'))
			break;
		if (SCAN_BEGINS(word, 4, 'c', 's', 'e', 'q')) {
			*n = 4;
			return SIP_HEADER_CSEQ;
		}
		if (SCAN_BEGINS(word, 7, 'c', 'a', 'l', 'l', '-', 'i', 'd')) {
			*n = 7;
			return SIP_HEADER_CALL_ID;
		}
		if (SCAN_BEGINS(word, 7, 'c', 'o', 'n', 't', 'a', 'c', 't')) {
			*n = 7;
			return SIP_HEADER_CONTACT;
		}
		return SIP_HEADER_CONTENT_TYPE;
	case 'l':
		return SIP_HEADER_CONTENT_LENGTH;
	case 'i':
		if (SCAN_BEGINS(word, 8, 'i', 'd', 'e', 'n', 't', 'i', 't',
				'y'))
			break;
		return SIP_HEADER_CALL_ID;
	case 'm':
		return SIP_HEADER_CONTACT;
	case 'e':
		if (SCAN_BEGINS(word, 7, 'e', 'x', 'p', 'i', 'r', 'e', 's')) {
			*n = 7;
			return SIP_HEADER_EXPIRES;
		}
		return SIP_HEADER_ENCODING;
	case 'n':
		return SIP_HEADER_IDENTITY_INFO;
	case 'p':
		if (SCAN_BEGINS(word, 8, 'p', 'r', 'o', 'x', 'y', '-', 'a',
				'u'))
			break;
		*n = 4;
		return SCAN_BEGINS(word, 4, 'p', 'a', 't', 'h') ?
			SIP_HEADER_PATH : SIP_HEADER_OTHER;
	case 'r':
		if (SCAN_BEGINS(word, 8, 'r', 'e', 'c', 'o', 'r', 'd', '-',
				'r'))
			break;
		if (SCAN_BEGINS(word, 5, 'r', 'o', 'u', 't', 'e')) {
			*n = 5;
			return SIP_HEADER_ROUTE;
		}
		if (SCAN_BEGINS(word, 8, 'r', 'e', 'f', 'e', 'r', '-', 't',
				'o'))
			*n = 8;
		return SIP_HEADER_REFER_TO;
	case 'a':
		if (SCAN_BEGINS(word, 8, 'a', 'u', 't', 'h', 'o', 'r', 'i',
				'z'))
			break;
		return SIP_HEADER_OTHER;
	case 's':
		if (SCAN_BEGINS(word, 8, 's', 'e', 's', 's', 'i', 'o', 'n',
				'-'))
			break;
		return SIP_HEADER_OTHER;
	case 'x':
		return SIP_HEADER_SESSION_EXPIRES;
	default:
		return SIP_HEADER_OTHER;
	}

	/* The names that are longer than a word. */
	rest = scan_fold(scan_word(text, at + 8, len));
	switch ((u8)word) {
	case 'c':
		if (SCAN_BEGINS(rest, 6, 'l', 'e', 'n', 'g', 't', 'h')) {
			*n = 14;
			return SIP_HEADER_CONTENT_LENGTH;
		}
		if (SCAN_BEGINS(rest, 4, 't', 'y', 'p', 'e')) {
			*n = 12;
			return SIP_HEADER_CONTENT_TYPE;
		}
		if (SCAN_BEGINS(rest, 8, 't', 'r', 'a', 'n', 's', 'f', 'e',
				'r') &&
		    len - at > 25 && text[at + 16] == '-') {
			*n = 25;
			rest = scan_fold(scan_load(text + at + 17));
		} else {
			*n = 16;
		}
		return SCAN_BEGINS(rest, 8, 'e', 'n', 'c', 'o', 'd', 'i', 'n',
				   'g') ?
			       SIP_HEADER_ENCODING :
			       SIP_HEADER_OTHER;
	case 'r':
		*n = 12;
		return SCAN_BEGINS(rest, 4, 'o', 'u', 't', 'e') ?
			SIP_HEADER_RECORD_ROUTE : SIP_HEADER_OTHER;
	case 'a':
		*n = 13;
		return SCAN_BEGINS(rest, 5, 'a', 't', 'i', 'o', 'n') ?
			SIP_HEADER_AUTHORIZATION : SIP_HEADER_OTHER;
	case 's':
		*n = 15;
		return SCAN_BEGINS(rest, 7, 'e', 'x', 'p', 'i', 'r', 'e', 's') ?
			SIP_HEADER_SESSION_EXPIRES : SIP_HEADER_OTHER;
	case 'p':
		*n = 19;
		return SCAN_BEGINS(rest, 8, 't', 'h', 'o', 'r', 'i', 'z', 'a',
				   't') &&
				       SCAN_BEGINS(scan_fold(scan_word(
							   text, at + 16, len)),
						   3, 'i', 'o', 'n') ?
			       SIP_HEADER_AUTHORIZATION :
			       SIP_HEADER_OTHER;
	default:
		*n = 13;
		return SCAN_BEGINS(rest, 5, '-', 'i', 'n', 'f', 'o') ?
			SIP_HEADER_IDENTITY_INFO : SIP_HEADER_OTHER;
	}
}

/*
 * Reads the header line at @at. All headers of every message come through
 * here, most of them only to be skipped: of those not even the colon is looked
 * for.
 */
static __always_inline enum sip_step
header_next(const u8 *text, u32 at, u32 len, struct sip_header *header)
{
	u64 word;
	u32 n;

	if (at == len)
		return SIP_STEP_MORE;
	word = scan_word(text, at, len);
	if ((u8)word <= ' ') {
		if (text[at] == '\r' && ++at == len)
			return SIP_STEP_MORE;
		header->next = at + 1;
		return text[at] == '\n' ? SIP_STEP_END : SIP_STEP_BAD;
	}
	header->id = guess_name(text, at, len, scan_fold(word), &n);
	if (header->id != SIP_HEADER_OTHER) {
		n += at;
		while (unlikely(n < len && (text[n] == ' ' || text[n] == '\t')))
			n++;
		if (likely(n < len && text[n] == ':'))
			at = n + 1;
		else
			header->id = SIP_HEADER_OTHER;
	}
	header->value = at;
	do {
		at = scan_line(text, at, len, &header->end);
		if (unlikely(at == len)) {
			if (header->end == len)
				return SIP_STEP_MORE;
			break;
		}
	} while (unlikely(text[at] <= ' ') &&
		 (text[at] == ' ' || text[at] == '\t'));
	header->next = at;
	return SIP_STEP_HEADER;
}

/**
 * sip_header_next() - read one header
 * @text: the message
 * @at: start of a line
 * @len: how much there is of the message
 * @header: filled in
 *
 * Return: what there is at @at.
 */
enum sip_step sip_header_next(const u8 *text, u32 at, u32 len,
			      struct sip_header *header)
{
	return header_next(text, at, len, header);
}

static __always_inline enum sip_verdict
next_param(struct parse *p, u32 *at, u32 end, u32 *name, u64 *word)
{
	if (++p->parts > PARTS_MAX)
		return SIP_TOO_MANY;
	*at = sip_param(p->text, *at, end, name, word);
	return *at ? SIP_OK : SIP_BAD_VALUE;
}

/* maddr= and received= of Via: an address without a port, brackets or not. */
static enum sip_verdict parse_via_address(struct parse *p, enum sip_field field,
					  struct sip_span value)
{
	struct sip_addr_ref *ref = new_site(p, field);
	const u8 *text = p->text;
	u32 end = value.off + value.len;

	if (!ref)
		return SIP_TOO_MANY;
	ref->ep.family = 0;
	memset(ref->ep.addr, 0, sizeof(ref->ep.addr));
	if (value.len > 2 && text[value.off] == '[' && text[end - 1] == ']') {
		value.off++;
		value.len -= 2;
		end--;
	}
	if (sip_ipv4(text, value.off, end, ref->ep.addr) == end && value.len)
		ref->ep.family = 4;
	else if (sip_ipv6(text, value.off, end, ref->ep.addr))
		ref->ep.family = 6;
	ref->ep.port = 0;
	ref->host = value;
	ref->port = (struct sip_span){ end, 0 };
	keep_site(p);
	return SIP_OK;
}

static enum sip_verdict parse_rport(struct parse *p, struct sip_span value)
{
	struct sip_addr_ref *ref = new_site(p, SIP_VIA_RPORT);
	u32 port;

	if (!value.len)
		return SIP_OK;
	if (!ref)
		return SIP_TOO_MANY;
	if (scan_number(p->text, value.off, value.off + value.len, &port) !=
	    value.off + value.len || port > U16_MAX)
		return SIP_BAD_VALUE;
	ref->host = (struct sip_span){ value.off, 0 };
	ref->port = value;
	memset(&ref->ep, 0, sizeof(ref->ep));
	ref->ep.port = (u16)port;
	p->msg->n_addr_refs++;
	return SIP_OK;
}

/*
 * The slash between name, version and transport of a protocol, with blanks
 * around it.
 */
static u32 skip_slash(const u8 *text, u32 at, u32 end)
{
	at = scan_blanks(text, at, end);
	if (at == end || text[at] != '/')
		return 0;
	return scan_blanks(text, at + 1, end);
}

/*
 * The transport in Via's "SIP/2.0/UDP": returns where it begins, 0 if there is
 * none.
 */
static u32 find_transport(const u8 *text, u32 at, u32 end)
{
	u32 i;

	/* Nearly everybody writes it like this. */
	if (scan_word(text, at, end) ==
	    SCAN_WORD('S', 'I', 'P', '/', '2', '.', '0', '/'))
		return at + 8;
	for (i = 0; i < 2; i++) {
		u32 stop = scan_class(text, at, end, SCAN_TOKEN);

		if (stop == at)
			return 0;
		at = skip_slash(text, stop, end);
		if (!at)
			return 0;
	}
	return at;
}

static enum sip_verdict parse_via_param(struct parse *p, u32 name, u32 end,
					u64 word)
{
	const u8 *text = p->text;

	if (sip_param_is(text, name, end, word,
			 SCAN_WORD('r', 'p', 'o', 'r', 't'), 5))
		return parse_rport(p, sip_param_value(text, name + 5, end));
	if (sip_param_is(text, name, end, word,
			 SCAN_WORD('m', 'a', 'd', 'd', 'r'), 5))
		return parse_via_address(p, SIP_VIA_MADDR,
					 sip_param_value(text, name + 5, end));
	if (sip_param_is(text, name, end, word,
			 SCAN_WORD('r', 'e', 'c', 'e', 'i', 'v', 'e', 'd'), 8))
		return parse_via_address(p, SIP_VIA_RECEIVED,
					 sip_param_value(text, name + 8, end));
	return SIP_OK;
}

/* Only the first value of the first Via; the others are of no concern. */
static enum sip_verdict parse_via(struct parse *p, u32 at, u32 end)
{
	struct sip_addr_ref *ref = new_site(p, SIP_VIA);
	const u8 *text = p->text;
	enum sip_verdict verdict;
	u32 stop, name;
	u64 word;

	if (!ref)
		return SIP_TOO_MANY;
	at = find_transport(text, at, end);
	if (!at)
		return SIP_BAD_VALUE;
	stop = scan_class(text, at, end, SCAN_TOKEN);
	if (stop == at || stop == end || !scan_is_blank(text[stop]))
		return SIP_BAD_VALUE;
	word = scan_fold(scan_word(text, at, end));
	ref->implied = SCAN_BEGINS(word, 3, 't', 'l', 's') ? SIPS_PORT :
							     SIP_PORT;
	at = sip_host_port(text, scan_blanks(text, stop, end), end, ref);
	if (!at)
		return SIP_BAD_VALUE;
	keep_site(p);

	at = scan_blanks(text, at, end);
	while (at < end && text[at] == ';') {
		verdict = next_param(p, &at, end, &name, &word);
		if (!verdict && ((u8)word == 'r' || (u8)word == 'm'))
			verdict = parse_via_param(p, name, at, word);
		if (verdict)
			return verdict;
	}
	/* RFC 2543 allows a comment behind it all. */
	return at == end || text[at] == ',' || text[at] == '(' ? SIP_OK :
								 SIP_BAD_VALUE;
}

static enum sip_verdict parse_party(struct parse *p, u32 at, u32 end,
				    struct sip_span *tag)
{
	const u8 *text = p->text;
	enum sip_verdict verdict;
	struct sip_span uri;
	u32 name;
	u64 word;

	*tag = (struct sip_span){ 0, 0 };
	at = sip_address(text, at, end, &uri);
	if (!at)
		return SIP_BAD_VALUE;
	while (at < end && text[at] == ';') {
		verdict = next_param(p, &at, end, &name, &word);
		if (verdict)
			return verdict;
		if (sip_param_is(text, name, at, word, SCAN_WORD('t', 'a', 'g'),
				 3))
			*tag = sip_param_value(text, name + 3, at);
	}
	return at == end ? SIP_OK : SIP_BAD_VALUE;
}

/*
 * Seconds; those that do not fit are as good as forever. -1 if it is no number.
 */
static s32 parse_seconds(const u8 *text, struct sip_span value)
{
	u32 seconds;

	if (!value.len || scan_number(text, value.off, value.off + value.len,
				      &seconds) != value.off + value.len)
		return -1;
	return seconds > S32_MAX ? S32_MAX : (s32)seconds;
}

/* RFC 4028, 4: seconds, and parameters that are of no concern. */
static s32 parse_session_expires(const u8 *text, u32 at, u32 end)
{
	end = scan_find(text, at, end, ';');
	return parse_seconds(
		text, (struct sip_span){at, scan_trim(text, at, end) - at});
}

static enum sip_verdict add_contact(struct parse *p, s32 ref)
{
	struct sip_contact *contact;

	if (p->msg->n_contacts == SIP_CONTACTS_MAX)
		return SIP_TOO_MANY;
	contact = &p->msg->contacts[p->msg->n_contacts++];
	contact->ref = ref;
	contact->expires = -1;
	return SIP_OK;
}

/*
 * One value of a header whose values are name-addr or addr-spec, with its
 * parameters.
 */
static enum sip_verdict parse_value(struct parse *p, enum sip_field field,
				    u32 *at, u32 end)
{
	struct sip_addr_ref *ref = new_site(p, field);
	const u8 *text = p->text;
	enum sip_verdict verdict;
	struct sip_span uri;
	s32 index;
	u64 word;
	u32 name;

	if (!ref || ++p->parts > PARTS_MAX)
		return SIP_TOO_MANY;
	*at = sip_address(text, *at, end, &uri);
	if (!*at || !sip_uri(text, uri.off, uri.off + uri.len, ref))
		return SIP_BAD_VALUE;
	index = keep_site(p);
	if (field == SIP_CONTACT) {
		verdict = add_contact(p, index);
		if (verdict)
			return verdict;
	}
	while (*at < end && text[*at] == ';') {
		verdict = next_param(p, at, end, &name, &word);
		if (verdict)
			return verdict;
		if (field == SIP_CONTACT &&
		    sip_param_is(text, name, *at, word,
				 SCAN_WORD('e', 'x', 'p', 'i', 'r', 'e', 's'),
				 7))
			p->msg->contacts[p->msg->n_contacts - 1].expires =
				parse_seconds(text,
					      sip_param_value(text, name + 7,
							      *at));
	}
	return SIP_OK;
}

static enum sip_verdict parse_values(struct parse *p, enum sip_field field,
				     u32 at, u32 end)
{
	enum sip_verdict verdict;

	for (;;) {
		verdict = parse_value(p, field, &at, end);
		if (verdict || at == end)
			return verdict;
		at = scan_blanks(p->text, at + 1, end);
	}
}

static enum sip_verdict parse_contact(struct parse *p, u32 at, u32 end)
{
	if (end - at == 1 && p->text[at] == '*') {
		p->msg->star = true;
		return SIP_OK;
	}
	return parse_values(p, SIP_CONTACT, at, end);
}

/*
 * In a request the method must be that of the request line (RFC 3261, 8.1.1.5).
 */
static enum sip_verdict parse_cseq(struct parse *p, u32 at, u32 end)
{
	const u8 *text = p->text;
	u32 stop, n;
	u64 word;

	stop = scan_number(text, at, end, &p->msg->cseq);
	if (stop == at || p->msg->cseq == U32_MAX)
		return SIP_BAD_VALUE;
	at = scan_blanks(text, stop, end);
	if (stop == at)
		return SIP_BAD_VALUE;
	n = end - at;
	word = scan_word(text, at, end);
	if (p->method_len)
		return word == p->method && n == p->method_len &&
				       (n <= 8 || !memcmp(text + at, text, n)) ?
			       SIP_OK :
			       SIP_BAD_VALUE;
	p->msg->method = method_of(word, text + at, n);
	if (p->msg->method == SIP_METHOD_OTHER &&
	    scan_class(text, at, end, SCAN_TOKEN) != end)
		return SIP_BAD_VALUE;
	return SIP_OK;
}

/*
 * Finds uri= in digest credentials. What is odd here is the server's business:
 * nothing in them is ever changed.
 */
static enum sip_verdict parse_credentials(struct parse *p, u32 at, u32 end)
{
	const u8 *text = p->text;
	struct sip_span value;
	u32 stop;

	if (!SCAN_BEGINS(scan_fold(scan_word(text, at, end)), 6,
			 'd', 'i', 'g', 'e', 's', 't'))
		return SIP_OK;
	at += 6;
	while (at < end) {
		if (text[at] == ',' || scan_is_blank(text[at])) {
			at++;
			continue;
		}
		if (++p->parts > PARTS_MAX)
			return SIP_TOO_MANY;
		for (stop = at;;) {
			stop = scan_any(text, stop, end, 0, ',', '"', '"');
			if (stop == end || text[stop] == ',')
				break;
			stop = sip_quoted(text, stop + 1, end);
			if (!stop)
				return SIP_OK;
		}
		if (sip_param_is(text, at, stop,
				 scan_fold(scan_word(text, at, stop)),
				 SCAN_WORD('u', 'r', 'i'), 3)) {
			value = sip_param_value(text, at + 3, stop);
			if (value.len > 1 && text[value.off] == '"') {
				value.off++;
				value.len -= 2;
			}
			if (p->msg->n_credentials == SIP_CREDENTIALS_MAX)
				return SIP_TOO_MANY;
			p->msg->credentials[p->msg->n_credentials++] = value;
			return SIP_OK;
		}
		at = stop;
	}
	return SIP_OK;
}

static enum sip_verdict parse_length(struct parse *p, u32 at, u32 end,
				     bool again)
{
	u32 value;

	if (at == end || scan_number(p->text, at, end, &value) != end ||
	    (value > SIP_MSG_MAX && !p->head))
		return SIP_BAD_LENGTH;
	if (again) {
		p->msg->length_repeated = true;
		return value == p->length ? SIP_OK : SIP_BAD_LENGTH;
	}
	p->length = value;
	p->msg->content_length = (struct sip_span){ at, end - at };
	return SIP_OK;
}

static enum sip_verdict parse_header(struct parse *p, enum sip_header_id id,
				     u32 at, u32 end)
{
	bool again = p->seen & BIT(id);
	const u8 *text = p->text;

	p->seen |= BIT(id);
	switch (id) {
	case SIP_HEADER_VIA:
		return again ? SIP_OK : parse_via(p, at, end);
	case SIP_HEADER_FROM:
		return again ? SIP_BAD_VALUE :
			       parse_party(p, at, end, &p->msg->from_tag);
	case SIP_HEADER_TO:
		return again ? SIP_BAD_VALUE :
			       parse_party(p, at, end, &p->msg->to_tag);
	case SIP_HEADER_CALL_ID:
		p->msg->call_id = (struct sip_span){ at, end - at };
		return again || at == end ? SIP_BAD_VALUE : SIP_OK;
	case SIP_HEADER_CSEQ:
		return again ? SIP_BAD_VALUE : parse_cseq(p, at, end);
	case SIP_HEADER_CONTACT:
		return parse_contact(p, at, end);
	case SIP_HEADER_ROUTE:
		return again ? SIP_OK : parse_value(p, SIP_ROUTE, &at, end);
	case SIP_HEADER_RECORD_ROUTE:
		return parse_values(p, SIP_RECORD_ROUTE, at, end);
	case SIP_HEADER_PATH:
		return parse_values(p, SIP_PATH, at, end);
	case SIP_HEADER_REFER_TO:
		return again ? SIP_BAD_VALUE :
			       parse_value(p, SIP_REFER_TO, &at, end);
	case SIP_HEADER_EXPIRES:
		p->msg->expires =
			parse_seconds(text, (struct sip_span){at, end - at});
		return SIP_OK;
	case SIP_HEADER_SESSION_EXPIRES:
		p->msg->session_expires = parse_session_expires(text, at, end);
		return SIP_OK;
	case SIP_HEADER_AUTHORIZATION:
		return parse_credentials(p, at, end);
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

/* Reads all headers; on success @body is what stands behind the empty line. */
static enum sip_verdict parse_headers(struct parse *p, u32 at, u32 len,
				      u32 *body)
{
	const u8 *text = p->text;
	struct sip_header header;
	enum sip_verdict verdict;
	u32 value, n;

	for (n = 0; n <= SIP_HEADERS_MAX; n++) {
		enum sip_step step = header_next(text, at, len, &header);

		if (step == SIP_STEP_END) {
			*body = header.next;
			return (p->seen & REQUIRED) == REQUIRED ?
				       SIP_OK :
				       SIP_INCOMPLETE;
		}
		if (step != SIP_STEP_HEADER)
			return SIP_BAD_HEADER;
		at = header.next;
		if (header.id == SIP_HEADER_OTHER)
			continue;
		/*
		 * There is a line end behind the value: it is no blank to look
		 * for.
		 */
		value = header.value + (text[header.value] == ' ');
		if (unlikely(text[value] <= ' '))
			value = scan_blanks(text, value, header.end);
		verdict = parse_header(p, header.id, value,
				       scan_trim(text, value, header.end));
		if (verdict)
			return verdict;
	}
	return SIP_TOO_MANY;
}

static enum sip_verdict parse_body(struct parse *p, u32 at, u32 len)
{
	struct sip_msg *msg = p->msg;

	if (p->head) {
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
	return sip_mime(msg, p->text, p->content_type);
}

static enum sip_verdict parse(struct parse *p, u32 len)
{
	struct sip_msg *msg = p->msg;
	const u8 *text = p->text;
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
	if (is_response(text))
		verdict = parse_status_line(msg, text, end);
	else
		verdict = parse_request_line(p, end);
	if (!verdict)
		verdict = parse_headers(p, at, len, &at);
	if (!verdict)
		verdict = parse_body(p, at, len);
	return verdict;
}

enum sip_verdict sip_parse(struct sip_msg *msg, const u8 *text, u32 len)
{
	struct parse p = { .msg = msg, .text = text };

	return parse(&p, len);
}

enum sip_verdict sip_parse_head(struct sip_msg *msg, const u8 *text, u32 len)
{
	struct parse p = { .msg = msg, .text = text, .head = true };

	return parse(&p, len);
}
