// SPDX-License-Identifier: GPL-2.0
/*
 * Headers as most senders write them: in one line, with blanks and brackets
 * where the examples of RFC 3261 have them. They are read from left to right,
 * without a search for the line's end first.
 *
 * A header in which anything is odd is left to parse.c and field.c, which take
 * every form. In a header that is read here, those would find the same.
 *
 * A reader returns the end of what it read, in front of the end of the text, or
 * NULL for what it leaves to others. Of that it keeps nothing but faults and
 * the branch, which the others find as well; of a list it leaves what it has
 * not read. @last is the last place in the text where eight bytes can be
 * loaded.
 */
#include "address.h"
#include "start.h"
#include "usual.h"

/*
 * The first byte below @limit, equal to one of three characters, or beyond
 * ASCII.
 */
static __always_inline const u8 *find_any(const u8 *p, const u8 *last, u8 limit,
					  u8 a, u8 b, u8 c)
{
	for (; p <= last; p += 8) {
		u64 found = scan_may_match(scan_load(p), limit, a, b, c);

		if (found)
			return p + (sip_first_bit(found) >> 3);
	}
	return NULL;
}

/* Is there a line end, and no fold? */
static __always_inline bool is_line_end(const u8 *p, const u8 *last)
{
	return p <= last + 5 && !memcmp(p, "\r\n", 2) &&
	       (p[2] > ' ' || p[2] == '\r');
}

/* A number of up to nine digits. */
static __always_inline const u8 *read_number(const u8 *p, const u8 *last,
					     u32 *value)
{
	const u8 *start = p, *stop = last + 8;
	u32 sum = 0;

	for (; p < stop && (u8)(*p - '0') <= 9; p++)
		sum = sum * 10 + (u8)(*p - '0');
	*value = sum;
	return p > start && p - start <= 9 && p < stop ? p : NULL;
}

/* An address in brackets, an IPv4 address or a name. */
static __always_inline const u8 *read_host(const u8 *text, const u8 *p,
					   const u8 *last,
					   struct sip_addr_ref *ref)
{
	u32 at = (u32)(p - text), stop;
	struct sip_endpoint *ep = &ref->ep;

	memset(ep->addr, 0, sizeof(ep->addr));
	ep->family = 0;
	if (*p == '[') {
		at++;
		p = find_any(p, last, ' ' + 1, ']', ']', ']');
		if (!p || *p != ']' ||
		    !sip_read_ipv6(text, at, (u32)(p - text), ep->addr))
			return NULL;
		ep->family = 6;
		ref->host = (struct sip_span){ at, (u32)(p - text) - at };
		return p + 1;
	}
	if ((u8)(*p - '0') <= 9) {
		stop = sip_read_ipv4(text, at, (u32)(last + 8 - text),
				     ep->addr);
		if (!stop)
			return NULL;
		ep->family = 4;
		p = text + stop;
	} else {
		while (p < last && sip_class[*p] & SCAN_HOST)
			p++;
	}
	ref->host = (struct sip_span){ at, (u32)(p - text) - at };
	return ref->host.len ? p : NULL;
}

static const u8 *read_host_port(const u8 *text, const u8 *p, const u8 *last,
				struct sip_addr_ref *ref)
{
	const u8 *digits;
	u32 port = ref->implied;

	p = read_host(text, p, last, ref);
	if (!p || p > last)
		return NULL;
	digits = p;
	if (*p == ':') {
		p = read_number(++digits, last, &port);
		if (!p || !port || port > U16_MAX)
			return NULL;
	}
	ref->port.off = (u32)(digits - text);
	ref->port.len = (u32)(p - digits);
	ref->ep.port = (u16)port;
	return p;
}

/* A URI of the scheme "sip", up to this character. */
static __always_inline const u8 *read_uri(const u8 *text, const u8 *p,
					  const u8 *last,
					  struct sip_addr_ref *ref, u8 end)
{
	const u8 *stop, *params;

	if (p > last || !SCAN_BEGINS(scan_fold(scan_load(p)), 4, 's', 'i', 'p',
				     ':'))
		return NULL;
	ref->implied = SIP_PORT;
	ref->transport = SIP_TRANSPORT_UNNAMED;
	p += 4;
	stop = find_any(p, last, ' ' + 1, '@', '?', '>');
	if (!stop)
		return NULL;
	if (*stop == '@')
		p = stop + 1;
	else if (*stop != end)
		return NULL;
	if (p > last)
		return NULL;
	p = read_host_port(text, p, last, ref);
	if (!p)
		return NULL;
	if (*p == ';') {
		params = p;
		p = find_any(p, last, ' ' + 1, '?', '>', '>');
		if (!p)
			return NULL;
		if (*p == end && p - params >= SIP_URI_PARAMS_MIN)
			sip_read_uri_params(text, (u32)(params - text),
					    (u32)(p - text), ref);
	}
	return *p == end ? p : NULL;
}

/* Skips a display name, and the angle bracket behind it. */
static __always_inline const u8 *skip_name(const u8 *p, const u8 *last)
{
	if (*p == '"') {
		p = find_any(p + 1, last, ' ', '"', '\\', '\\');
		if (!p || *p++ != '"' || p > last)
			return NULL;
		if (*p == ' ')
			p++;
	} else if (*p != '<') {
		p = find_any(p, last, ' ', '<', ';', ',');
		if (!p)
			return NULL;
	}
	return *p == '<' && p < last ? p + 1 : NULL;
}

/*
 * Goes from the semicolon of a parameter to its end, and sets @word to its
 * first bytes in lower case. A character ends it that stands in no token, or
 * hardly ever.
 */
static __always_inline const u8 *read_param(const u8 *p, const u8 *last,
					    u64 *word)
{
	const u8 *name = ++p;

	if (p > last)
		return NULL;
	*word = scan_fold(scan_load(p));
	p = find_any(p, last, '-', ';', ';', ';');
	return p != name ? p : NULL;
}

static __always_inline const u8 *read_via(struct sip_fields *f, const u8 *p,
					  const u8 *last)
{
	struct sip_addr_ref *ref = sip_new_ref(f, SIP_VIA);
	u32 n_refs = f->msg->n_addr_refs;
	const u8 *text = f->text, *name;
	u64 word;

	/* SIP over TLS passes encrypted. */
	if (p > last - 12 ||
	    scan_load(p) != SCAN_WORD('S', 'I', 'P', '/', '2', '.', '0', '/'))
		return NULL;
	word = scan_fold(scan_load(p + 8));
	if (!SCAN_BEGINS(word, 4, 'u', 'd', 'p', ' ') &&
	    !SCAN_BEGINS(word, 4, 't', 'c', 'p', ' '))
		return NULL;
	ref->implied = SIP_PORT;
	p = read_host_port(text, p + 12, last, ref);
	if (!p || (*p != ';' && *p != '\r'))
		return NULL;
	sip_keep_ref(f, SIP_ADDR_REFS_MAX - SIP_VIA_REFS + 1);
	while (*p == ';') {
		name = p + 1;
		p = read_param(p, last, &word);
		/* Behind a fold the parameter may go on. */
		if (!p || (*p != ';' && !is_line_end(p, last)))
			goto odd;
		sip_read_via_param(f, (u32)(name - text), (u32)(p - text),
				   word);
	}
	if (is_line_end(p, last))
		return p;
odd:
	f->msg->n_addr_refs = n_refs;
	return NULL;
}

/* From and To */
static const u8 *read_party(struct sip_fields *f, const u8 *p, const u8 *last,
			    struct sip_span *tag)
{
	struct sip_span found = *tag;
	const u8 *uri, *name;
	u64 word;

	uri = skip_name(p, last);
	if (!uri)
		return NULL;
	p = find_any(uri, last, ' ' + 1, '>', '>', '>');
	if (!p || p > last || p == uri || *p++ != '>')
		return NULL;
	while (*p == ';') {
		name = p + 1;
		p = read_param(p, last, &word);
		if (!p)
			return NULL;
		if (!SCAN_BEGINS(word, 3, 't', 'a', 'g'))
			continue;
		if (name[3] != '=')
			return NULL;
		found.off = (u32)(name + 4 - f->text);
		found.len = (u32)(p - name) - 4;
	}
	if (!is_line_end(p, last))
		return NULL;
	*tag = found;
	return p;
}

/* Of a response, the methods of up to seven letters. */
static __always_inline const u8 *read_cseq(struct sip_fields *f, const u8 *p,
					   const u8 *last)
{
	enum sip_method method = f->msg->method;
	u32 number, n = f->method_len;
	u64 word, found;

	p = read_number(p, last, &number);
	if (!p || *p++ != ' ' || p > last)
		return NULL;
	word = scan_load(p);
	if (n) {
		if (n > 8 || (word ^ f->method) & SCAN_MASK(n))
			return NULL;
	} else {
		found = scan_zero(word ^ SCAN_ONES * '\r');
		n = found ? sip_first_bit(found) >> 3 : 0;
		if (!n)
			return NULL;
		method = sip_method_of(word & SCAN_MASK(n), p, n);
		if (method == SIP_METHOD_OTHER)
			return NULL;
	}
	p += n;
	if (!is_line_end(p, last))
		return NULL;
	f->msg->cseq = number;
	f->msg->method = method;
	return p;
}

/*
 * A URI in angle brackets, with a display name or not, and its parameters. Sets
 * @uri to where it begins, and @expires to that parameter, if there is one.
 */
static __always_inline const u8 *read_address(struct sip_fields *f, const u8 *p,
					      const u8 *last,
					      struct sip_addr_ref *ref,
					      u32 *uri, s32 *expires)
{
	u32 seconds;
	u64 word;

	p = skip_name(p, last);
	if (!p)
		return NULL;
	*uri = (u32)(p - f->text);
	p = read_uri(f->text, p, last, ref, '>');
	if (!p || p > last)
		return NULL;
	p++;
	while (*p == ';') {
		const u8 *name = p + 1;

		p = read_param(p, last, &word);
		if (!p)
			return NULL;
		if ((u8)word != 'e')
			continue;
		if (word != SCAN_WORD('e', 'x', 'p', 'i', 'r', 'e', 's', '=') ||
		    read_number(name + 8, last, &seconds) != p)
			return NULL;
		*expires = (s32)seconds;
	}
	return p;
}

/* A URI without brackets. Behind it, parameters would be the header's. */
static const u8 *read_bare(const u8 *text, const u8 *p, const u8 *last,
			   struct sip_addr_ref *ref)
{
	const u8 *stop = find_any(p, last, '-', ';', '<', '?'), *colon = p;
	u32 at;

	ref->ep.family = 0;
	if (!stop || (*stop != ',' && !is_line_end(stop, last)))
		return NULL;
	if (!SCAN_BEGINS(scan_fold(scan_load(p)), 3, 's', 'i', 'p')) {
		while (sip_class[*colon] & SCAN_TOKEN)
			colon++;
		return colon > p && *colon == ':' ? stop : NULL;
	}
	if (p[3] != ':')
		return NULL;
	ref->implied = SIP_PORT;
	ref->transport = SIP_TRANSPORT_UNNAMED;
	p += 4;
	at = scan_find(text, (u32)(p - text), (u32)(stop - text), '@');
	if (text + at < stop)
		p = text + at + 1;
	return p <= last && read_host_port(text, p, last, ref) == stop ? stop :
									 NULL;
}

static __always_inline void keep_address(struct sip_fields *f,
					 enum sip_field field, u32 uri,
					 s32 expires)
{
	s32 index = sip_keep_ref(f, SIP_ADDR_REFS_MAX - SIP_VIA_REFS);
	struct sip_contact *contact;

	if (field != SIP_CONTACT)
		return;
	contact = sip_add_contact(f, index, uri);
	if (contact)
		contact->expires = expires;
}

static __always_inline enum sip_field list_field(enum sip_header_id id)
{
	switch (id) {
	case SIP_HEADER_CONTACT:
		return SIP_CONTACT;
	case SIP_HEADER_RECORD_ROUTE:
		return SIP_RECORD_ROUTE;
	case SIP_HEADER_ROUTE:
		return SIP_ROUTE;
	case SIP_HEADER_PATH:
		return SIP_PATH;
	case SIP_HEADER_REFER_TO:
		return SIP_REFER_TO;
	default:
		return SIP_SERVICE_ROUTE;
	}
}

/* Values of a header of several URIs; the others get what is left. */
static __always_inline const u8 *read_list(struct sip_fields *f,
					   enum sip_header_id id, const u8 *p,
					   const u8 *last)
{
	enum sip_field field = list_field(id);
	struct sip_addr_ref *ref;
	const u8 *value;
	s32 expires;
	u32 uri;

	f->list_refs = f->msg->n_addr_refs;
	f->list_contacts = f->msg->n_contacts;
	for (value = p; value <= last; value = p) {
		ref = sip_new_ref(f, field);
		uri = (u32)(value - f->text);
		expires = -1;
		p = NULL;
		if (*value != '<' && *value != '"')
			p = read_bare(f->text, value, last, ref);
		if (!p)
			p = read_address(f, value, last, ref, &uri, &expires);
		if (!p || (*p != ',' && !is_line_end(p, last)))
			break;
		/* There, a comma is part of a name. */
		if (*p == ',' && field == SIP_REFER_TO)
			break;
		keep_address(f, field, uri, expires);
		if (*p != ',')
			return p;
		while (++p <= last && *p == ' ')
			;
	}
	f->rest = (u32)(value - f->text);
	return NULL;
}

/* Any text */
static __always_inline const u8 *read_text(const u8 *text, const u8 *p,
					   const u8 *last,
					   struct sip_span *value)
{
	const u8 *start = p;

	p = find_any(p, last, '\r' + 1, 0, 0, 0);
	if (!p || p[-1] <= ' ' || !is_line_end(p, last))
		return NULL;
	value->off = (u32)(start - text);
	value->len = (u32)(p - start);
	return p;
}

static __always_inline const u8 *read_length(struct sip_fields *f, const u8 *p,
					     const u8 *last)
{
	struct sip_span *digits = &f->msg->lengths[0];
	const u8 *start = p;
	u32 length;

	p = read_number(p, last, &length);
	if (!p || length > SIP_MSG_MAX || !is_line_end(p, last))
		return NULL;
	digits->off = (u32)(start - f->text);
	digits->len = (u32)(p - start);
	f->length = length;
	f->msg->n_lengths = 1;
	return p;
}

static __always_inline const u8 *read_expires(struct sip_fields *f, const u8 *p,
					      const u8 *last)
{
	u32 seconds;

	p = read_number(p, last, &seconds);
	if (!p || !is_line_end(p, last))
		return NULL;
	f->msg->expires = (s32)seconds;
	return p;
}

static __always_inline const u8 *read_value(struct sip_fields *f,
					    enum sip_header_id id, const u8 *p,
					    const u8 *last)
{
	switch (id) {
	case SIP_HEADER_VIA:
		return read_via(f, p, last);
	case SIP_HEADER_FROM:
		return read_party(f, p, last, &f->msg->from_tag);
	case SIP_HEADER_TO:
		return read_party(f, p, last, &f->msg->to_tag);
	case SIP_HEADER_CALL_ID:
		return read_text(f->text, p, last, &f->msg->call_id);
	case SIP_HEADER_CSEQ:
		return read_cseq(f, p, last);
	case SIP_HEADER_CONTENT_LENGTH:
		return read_length(f, p, last);
	case SIP_HEADER_CONTENT_TYPE:
		return read_text(f->text, p, last, &f->content_type);
	case SIP_HEADER_EXPIRES:
		return read_expires(f, p, last);
	default:
		return read_list(f, id, p, last);
	}
}

/**
 * sip_read_usual() - read a header if it is written as usual
 * @f: the fields
 * @id: which header it is: one for sip_may_be_usual(), or Service-Route
 * @at: start of its value, behind the colon; of a list, of any value
 *
 * Return: where the next line begins; 0 if the header is to be read by others,
 * a list from @f->rest on where that is behind @at.
 */
u32 sip_read_usual(struct sip_fields *f, enum sip_header_id id, u32 at)
{
	const u8 *p = f->text + at, *last = f->text + f->len - 8;

	if (p > last + 5)
		return 0;
	if (likely(*p == ' '))
		p++;
	if (unlikely(*p <= ' '))
		return 0;
	p = read_value(f, id, p, last);
	if (unlikely(!p))
		return 0;
	f->seen |= id;
	return (u32)(p - f->text) + 2;
}

/**
 * sip_read_usual_request() - read a request line that is written as usual
 * @f: the fields
 *
 * Return: where the next line begins; 0 if the start line is to be read by
 * others.
 */
u32 sip_read_usual_request(struct sip_fields *f)
{
	struct sip_addr_ref *ref = sip_new_ref(f, SIP_REQUEST_URI);
	const u8 *text = f->text, *last = text + f->len - 8, *uri, *p;
	u64 word = scan_load(text), found;
	struct sip_msg *msg = f->msg;
	enum sip_method method;
	u32 n;

	/* Longer methods come from servers, and not often. */
	found = scan_zero(word ^ SCAN_ONES * ' ');
	n = found ? sip_first_bit(found) >> 3 : 8;
	if (!n || text[n] != ' ')
		return 0;
	word &= SCAN_MASK(n);
	method = sip_method_of(word, text, n);
	if (method == SIP_METHOD_OTHER)
		return 0;
	uri = text + n + 1;
	p = read_uri(text, uri, last, ref, ' ');
	/* Behind the version two bytes are to come. */
	if (!p || p > last - 2 || p < text + 8 ||
	    scan_fold(scan_load(p)) !=
		    SCAN_WORD(' ', 's', 'i', 'p', '/', '2', '.', '0') ||
	    memcmp(p + 8, "\r\n", 2))
		return 0;
	f->method = word;
	f->method_len = n;
	msg->method = method;
	msg->status = 0;
	msg->request_uri.off = (u32)(uri - text);
	msg->request_uri.len = (u32)(p - uri);
	sip_keep_ref(f, SIP_ADDR_REFS_MAX);
	return (u32)(p - text) + 10;
}
