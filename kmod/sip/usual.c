// SPDX-License-Identifier: GPL-2.0
/*
 * Headers as most senders write them: in one line, with blanks and brackets
 * where the examples of RFC 3261 have them. They are read from left to right,
 * without a search for the line's end first.
 *
 * A header in which anything is odd is left to parse.c and field.c, which take
 * every form. In a header that is read here, those would find the same.
 *
 * A reader returns the end of what it read, in front of the end of the text;
 * one of a whole header returns the start of the next line. What it leaves to
 * others it answers with NULL. Of that it keeps nothing but faults and the
 * branch, which the others find as well; of a list it leaves what it has not
 * read. @last is the last place in the text where eight bytes can be loaded.
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

/* Goes over the line end behind a header. */
static __always_inline const u8 *end_header(struct sip_fields *f,
					    enum sip_header_id id, const u8 *p,
					    const u8 *last)
{
	if (!is_line_end(p, last))
		return NULL;
	f->seen |= id;
	return p + 2;
}

/* A number of up to nine digits. */
static __always_inline const u8 *read_number(const u8 *p, const u8 *last,
					     u32 *value)
{
	const u8 *start = p, *stop = last + 8;
	u32 sum = 0, digit;

	if (stop - p > 10)
		stop = p + 10;
	for (; p < stop; p++) {
		digit = *p - (u32)'0';
		if (digit > 9)
			break;
		sum = sum * 10 + digit;
	}
	*value = sum;
	if (p == start || p == stop)
		return NULL;
	return p;
}

/* An IPv6 address in brackets: returns the second of them. */
static noinline const u8 *read_ipv6(const u8 *text, const u8 *p, const u8 *last,
				    struct sip_addr_ref *ref)
{
	u32 at = (u32)(p - text), end;

	end = sip_read_ipv6(text, at, (u32)(last + 8 - text), ref->ep.addr);
	p = text + end;
	if (!end || p > last || *p != ']')
		return NULL;
	ref->ep.family = 6;
	ref->host = (struct sip_span){ at, end - at };
	return p;
}

/*
 * Mostly a message names one address and port of its sender many times. Where
 * it is that of the reference before, nothing is read again.
 *
 * Return: where it ends; NULL if it is another.
 */
static __always_inline const u8 *read_repeated(const struct sip_fields *f,
					       const u8 *p, const u8 *last,
					       struct sip_addr_ref *ref)
{
	const struct sip_addr_ref *before = ref - 1;
	u32 bracket = before->ep.family == 6, i;
	u32 start = before->host.off - bracket;
	u32 n = before->port.off + before->port.len - start;
	u32 shift = (u32)(p - f->text) - start;
	const u8 *same = f->text + start;

	/* Nothing stands between them, and nothing else goes on behind. */
	if (p > last - 56 || scan_load(p) != scan_load(same) || n <= 8 ||
	    n > 56 ||
	    before->port.off != before->host.off + before->host.len + bracket +
					!!before->port.len)
		return NULL;
	for (i = 8; i < n - 8; i += 8)
		if (scan_load(p + i) != scan_load(same + i))
			return NULL;
	if (scan_load(p + n - 8) != scan_load(same + n - 8) || p[n] == ':' ||
	    sip_class[p[n]] & SCAN_HOST)
		return NULL;
	ref->ep = before->ep;
	ref->host.off = before->host.off + shift;
	ref->host.len = before->host.len;
	ref->port.off = before->port.off + shift;
	ref->port.len = before->port.len;
	if (!ref->port.len)
		ref->ep.port = ref->implied;
	return p + n;
}

/* The port behind a host, if there is one. */
static __always_inline const u8 *read_port(const u8 *text, const u8 *p,
					   const u8 *last,
					   struct sip_addr_ref *ref)
{
	u32 at = (u32)(p - text), port;

	if (p > last)
		return NULL;
	ref->port = (struct sip_span){ at, 0 };
	ref->ep.port = ref->implied;
	if (*p != ':')
		return p;
	p = read_number(p + 1, last, &port);
	if (!p || !port || port > U16_MAX)
		return NULL;
	ref->port.off = at + 1;
	ref->port.len = (u32)(p - text) - (at + 1);
	ref->ep.port = (u16)port;
	return p;
}

static __always_inline bool begins_address(u8 c)
{
	return (u8)(c - '0') <= 9 || c == '[';
}

/* A name: returns its end, or NULL if there is none. */
static __always_inline const u8 *read_name(const u8 *p, const u8 *last,
					   struct sip_addr_ref *ref)
{
	const u8 *start = p;

	while (p < last && sip_class[*p] & SCAN_HOST)
		p++;
	ref->ep.family = 0;
	return p > start ? p : NULL;
}

/* Apart from the rest of a list: hardly any port stands behind a name. */
static noinline const u8 *read_name_port(const u8 *text, const u8 *p,
					 const u8 *last,
					 struct sip_addr_ref *ref)
{
	return read_port(text, p, last, ref);
}

/* An IPv4 address, or one in brackets. */
static __always_inline const u8 *read_address(const u8 *text, const u8 *p,
					      const u8 *last,
					      struct sip_addr_ref *ref)
{
	u32 at = (u32)(p - text), stop;

	memset(ref->ep.addr, 0, sizeof(ref->ep.addr));
	if (*p == '[') {
		p = read_ipv6(text, p + 1, last, ref);
		return p ? p + 1 : NULL;
	}
	stop = sip_read_ipv4(text, at, (u32)(last + 8 - text), ref->ep.addr);
	if (!stop)
		return NULL;
	ref->ep.family = 4;
	ref->host = (struct sip_span){ at, stop - at };
	return text + stop;
}

/* An address or a name, and a port. */
static const u8 *read_host_port(const struct sip_fields *f, const u8 *p,
				const u8 *last, struct sip_addr_ref *ref)
{
	const u8 *end;

	if (begins_address(*p)) {
		if (f->msg->n_addr_refs) {
			end = read_repeated(f, p, last, ref);
			if (end)
				return end;
		}
		end = read_address(f->text, p, last, ref);
	} else {
		end = read_name(p, last, ref);
	}
	return end ? read_port(f->text, end, last, ref) : NULL;
}

/* A URI of the scheme "sip", up to this character. */
static __always_inline const u8 *read_uri(const struct sip_fields *f,
					  const u8 *p, const u8 *last,
					  struct sip_addr_ref *ref, u8 end)
{
	const u8 *text = f->text, *stop, *params;
	bool name;

	if (p > last || !SCAN_BEGINS(scan_fold(scan_load(p)), 4, 's', 'i', 'p',
				     ':'))
		return NULL;
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
	name = !begins_address(*p);
	if (name) {
		p = read_name(p, last, ref);
		/* Of most names nothing is kept. */
		if (!p || *p == end)
			return p;
	}
	ref->implied = SIP_PORT;
	ref->transport = SIP_TRANSPORT_UNNAMED;
	p = name ? read_name_port(text, p, last, ref) :
		   read_host_port(f, p, last, ref);
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
	if (*p == '<')
		return p < last ? p + 1 : NULL;
	if (*p == '"') {
		p = find_any(p + 1, last, ' ', '"', '\\', '\\');
		if (!p || *p++ != '"' || p > last)
			return NULL;
		if (*p == ' ')
			p++;
	} else {
		if (*p <= ' ')
			return NULL;
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

static const u8 *read_via(struct sip_fields *f, const u8 *p, const u8 *last)
{
	struct sip_addr_ref *ref = sip_new_via(f);
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
	p = read_host_port(f, p + 12, last, ref);
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
	p = end_header(f, SIP_HEADER_VIA, p, last);
	if (p) {
		/* Those below it are of other hosts. */
		f->idle |= SIP_HEADER_VIA;
		return p;
	}
odd:
	f->msg->n_addr_refs = n_refs;
	return NULL;
}

/* From and To */
static const u8 *read_party(struct sip_fields *f, enum sip_header_id id,
			    const u8 *p, const u8 *last)
{
	struct sip_span *tag = id == SIP_HEADER_TO ? &f->msg->to_tag :
						     &f->msg->from_tag;
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
	p = end_header(f, id, p, last);
	if (p)
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
	p = end_header(f, SIP_HEADER_CSEQ, p + n, last);
	if (!p)
		return NULL;
	f->msg->cseq = number;
	f->msg->method = method;
	return p;
}

/*
 * A URI in angle brackets, with a display name or not, and its parameters. Sets
 * @uri to where it begins, and @expires to that parameter, if there is one.
 */
static __always_inline const u8 *read_value(struct sip_fields *f, const u8 *p,
					    const u8 *last,
					    struct sip_addr_ref *ref,
					    const u8 **uri, s32 *expires)
{
	u32 seconds;
	u64 word;

	p = skip_name(p, last);
	if (!p)
		return NULL;
	*uri = p;
	p = read_uri(f, p, last, ref, '>');
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
static const u8 *read_bare(const struct sip_fields *f, const u8 *p,
			   const u8 *last, struct sip_addr_ref *ref)
{
	const u8 *text = f->text;
	const u8 *stop = find_any(p, last, '-', ';', '<', '?'), *colon = p;
	u32 at;

	ref->ep.family = 0;
	if (!stop || (*stop != ',' && !is_line_end(stop, last)))
		return NULL;
	if ((*p | 0x20) != 's' ||
	    !SCAN_BEGINS(scan_fold(scan_load(p)), 3, 's', 'i', 'p')) {
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
	return p <= last && read_host_port(f, p, last, ref) == stop ? stop :
									 NULL;
}

static __always_inline void keep_contact(struct sip_fields *f, s32 ref,
					 const u8 *uri, s32 expires)
{
	struct sip_contact *contact =
		sip_add_contact(f, ref, (u32)(uri - f->text));

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
static const u8 *read_list(struct sip_fields *f, enum sip_header_id id,
			   const u8 *p, const u8 *last)
{
	enum sip_field field = list_field(id);
	struct sip_addr_ref *ref = sip_new_ref(f, field);
	const u8 *value, *uri;
	s32 expires, index;
	bool more;

	f->list_refs = f->msg->n_addr_refs;
	f->list_contacts = f->msg->n_contacts;
	for (value = p; value <= last; value = p) {
		if (unlikely(sip_is_list_full(f)))
			break;
		uri = value;
		expires = -1;
		p = NULL;
		if (*value != '<' && *value != '"')
			p = read_bare(f, value, last, ref);
		if (!p)
			p = read_value(f, value, last, ref, &uri, &expires);
		if (!p)
			break;
		/* In Refer-To, a comma is part of a name. */
		more = *p == ',';
		if (more ? field == SIP_REFER_TO : !is_line_end(p, last))
			break;
		f->n_values++;
		index = -1;
		if (ref->ep.family)
			index = sip_keep_ref(f, SIP_ADDR_REFS_MAX -
							SIP_VIA_REFS);
		if (field == SIP_CONTACT)
			keep_contact(f, index, uri, expires);
		if (!more)
			return p + 2;
		if (index >= 0)
			ref = sip_new_ref(f, field);
		while (++p <= last && *p == ' ')
			;
	}
	f->rest = (u32)(value - f->text);
	return NULL;
}

/* Any text */
static __always_inline const u8 *read_text(struct sip_fields *f,
					   enum sip_header_id id, const u8 *p,
					   const u8 *last,
					   struct sip_span *value)
{
	const u8 *end = find_any(p, last, '\r' + 1, 0, 0, 0);
	const u8 *next;

	if (*p <= ' ' || !end || end[-1] <= ' ')
		return NULL;
	next = end_header(f, id, end, last);
	if (!next)
		return NULL;
	value->off = (u32)(p - f->text);
	value->len = (u32)(end - p);
	return next;
}

static __always_inline const u8 *read_length(struct sip_fields *f, const u8 *p,
					     const u8 *last)
{
	struct sip_span *digits = &f->msg->lengths[0];
	const u8 *end, *next;
	u32 length;

	end = read_number(p, last, &length);
	if (!end || length > SIP_MSG_MAX)
		return NULL;
	next = end_header(f, SIP_HEADER_CONTENT_LENGTH, end, last);
	if (!next)
		return NULL;
	digits->off = (u32)(p - f->text);
	digits->len = (u32)(end - p);
	f->length = length;
	f->msg->n_lengths = 1;
	return next;
}

static __always_inline const u8 *read_expires(struct sip_fields *f, const u8 *p,
					      const u8 *last)
{
	u32 seconds;

	p = read_number(p, last, &seconds);
	if (p)
		p = end_header(f, SIP_HEADER_EXPIRES, p, last);
	if (p)
		f->msg->expires = (s32)seconds;
	return p;
}

/* Those that are read here, the first of a message or each of them. */
#define ONCE								\
	(SIP_HEADER_CALL_ID | SIP_HEADER_CSEQ | SIP_HEADER_FROM |	\
	 SIP_HEADER_TO | SIP_HEADER_VIA | SIP_HEADER_CONTENT_LENGTH |	\
	 SIP_HEADER_CONTENT_TYPE | SIP_HEADER_EXPIRES)
#define ALWAYS	(SIP_HEADER_LISTS & ~SIP_HEADER_SERVICE_ROUTE)

static __always_inline bool may_be_usual(const struct sip_fields *f,
					 enum sip_header_id id)
{
	return id & ((ONCE & ~f->seen) | ALWAYS);
}

/*
 * Skips the line that begins with @word at @p, and its folds.
 *
 * Return: where the next one begins; NULL where the text ends.
 */
static __always_inline const u8 *skip_header(const struct sip_fields *f,
					     const u8 *p, u64 word)
{
	u32 at = (u32)(p - f->text), end;

	at = scan_line_word(f->text, at, f->len, word, &end);
	while (at < f->len) {
		if (likely(f->text[at] != ' ' && f->text[at] != '\t'))
			return f->text + at;
		at = scan_line(f->text, at, f->len, &end);
	}
	return NULL;
}

/* A header whose name is in the table, or that is skipped. */
static __always_inline const u8 *read_other(struct sip_fields *f, const u8 *p,
					    const u8 *last, u64 word)
{
	enum sip_header_id id;
	u32 n = 0;

	id = sip_header_guess(f->text, (u32)(p - f->text), f->len, word, &n);
	/* Lines of one letter may be many: those are for a simpler loop. */
	if (!(id & ~f->idle) && n != 1)
		return skip_header(f, p, word);
	p += n;
	if (!may_be_usual(f, id) || p > last + 4 || *p != ':')
		return NULL;
	if (likely(*++p == ' '))
		p++;
	if (id & SIP_HEADER_LISTS)
		return read_list(f, id, p, last);
	switch (id) {
	case SIP_HEADER_VIA:
		return read_via(f, p, last);
	case SIP_HEADER_FROM:
	case SIP_HEADER_TO:
		return read_party(f, id, p, last);
	case SIP_HEADER_CALL_ID:
		return read_text(f, id, p, last, &f->msg->call_id);
	case SIP_HEADER_CSEQ:
		return read_cseq(f, p, last);
	case SIP_HEADER_CONTENT_LENGTH:
		return read_length(f, p, last);
	case SIP_HEADER_CONTENT_TYPE:
		return read_text(f, id, p, last, &f->content_type);
	default:
		return read_expires(f, p, last);
	}
}

/*
 * Reads the header at @p, or skips it; sixteen bytes are there. Those that
 * nearly every message has are known by their first letters.
 */
static __always_inline const u8 *read_header(struct sip_fields *f, const u8 *p,
					     const u8 *last)
{
	u64 word = scan_load(p), name = scan_fold(word);

	if ((u8)word <= ' ')
		return NULL;
	switch ((u32)name) {
	case SCAN_WORD('v', 'i', 'a', ':'):
		if (f->seen & SIP_HEADER_VIA || p[4] != ' ')
			break;
		return read_via(f, p + 5, last);
	case SCAN_WORD('f', 'r', 'o', 'm'):
		if (f->seen & SIP_HEADER_FROM || memcmp(p + 4, ": ", 2))
			break;
		return read_party(f, SIP_HEADER_FROM, p + 6, last);
	case SCAN_WORD('t', 'o', ':', ' '):
		if (f->seen & SIP_HEADER_TO)
			break;
		return read_party(f, SIP_HEADER_TO, p + 4, last);
	case SCAN_WORD('c', 'a', 'l', 'l'):
		if (f->seen & SIP_HEADER_CALL_ID || p[8] != ' ' ||
		    name != SCAN_WORD('c', 'a', 'l', 'l', '-', 'i', 'd', ':'))
			break;
		return read_text(f, SIP_HEADER_CALL_ID, p + 9, last,
				 &f->msg->call_id);
	case SCAN_WORD('c', 's', 'e', 'q'):
		if (f->seen & SIP_HEADER_CSEQ || memcmp(p + 4, ": ", 2))
			break;
		return read_cseq(f, p + 6, last);
	case SCAN_WORD('c', 'o', 'n', 't'):
		if (p[8] == ' ' &&
		    name == SCAN_WORD('c', 'o', 'n', 't', 'a', 'c', 't', ':'))
			return read_list(f, SIP_HEADER_CONTACT, p + 9, last);
		if (name != SCAN_WORD('c', 'o', 'n', 't', 'e', 'n', 't', '-'))
			break;
		name = scan_fold(scan_load(p + 8));
		if (name == SCAN_WORD('l', 'e', 'n', 'g', 't', 'h', ':', ' ') &&
		    !(f->seen & SIP_HEADER_CONTENT_LENGTH))
			return read_length(f, p + 16, last);
		if (SCAN_BEGINS(name, 6, 't', 'y', 'p', 'e', ':', ' ') &&
		    !(f->seen & SIP_HEADER_CONTENT_TYPE))
			return read_text(f, SIP_HEADER_CONTENT_TYPE, p + 14,
					 last, &f->content_type);
		break;
	}
	return read_other(f, p, last, word);
}

/**
 * sip_read_usual_list() - read what is left of a list of URIs
 * @f: the fields
 * @id: which header it is: one of those, or Service-Route
 * @at: start of a value
 *
 * Return: whether it was read; if not, others go on at @at, or at @f->rest
 * where that is behind it.
 */
bool sip_read_usual_list(struct sip_fields *f, enum sip_header_id id, u32 at)
{
	const u8 *p = f->text + at, *last = f->text + f->len - 8;

	return p <= last && *p > ' ' && read_list(f, id, p, last);
}

/**
 * sip_read_usual_headers() - read headers as long as they are written as usual
 * @f: the fields
 * @at: start of a line
 *
 * Return: start of the first header, or line, that is to be read by others; of
 * a list, from @f->rest on where that is behind it.
 */
u32 sip_read_usual_headers(struct sip_fields *f, u32 at)
{
	const u8 *text = f->text, *last = text + f->len - 8, *p = text + at;
	const u8 *next;

	for (; p <= last - 8; p = next) {
		next = read_header(f, p, last);
		if (!next)
			break;
	}
	return (u32)(p - text);
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
	p = read_uri(f, uri, last, ref, ' ');
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
