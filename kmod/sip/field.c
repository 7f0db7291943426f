// SPDX-License-Identifier: GPL-2.0
/*
 * The values of the header fields that an ALG needs (RFC 3261, 20).
 *
 * Of each just so much is read as finds the addresses, and tells a value that
 * another parser might understand differently.
 */
#include "field.h"
#include "param.h"
#include "start.h"

#define PARTS_MAX	128	/* values and parameters that are looked at */

static struct sip_addr_ref *new_ref(struct sip_fields *f, enum sip_field field)
{
	struct sip_addr_ref *ref;

	if (f->msg->n_addr_refs == SIP_ADDR_REFS_MAX)
		return NULL;
	ref = &f->msg->addr_refs[f->msg->n_addr_refs];
	ref->field = field;
	return ref;
}

/* Keeps the reference that was filled in, unless it holds a name. */
static s32 keep_ref(struct sip_fields *f)
{
	if (!f->msg->addr_refs[f->msg->n_addr_refs].ep.family)
		return -1;
	return (s32)f->msg->n_addr_refs++;
}

/**
 * sip_read_request_uri() - read the URI of a request line
 * @f: the fields
 * @at: start of the URI
 * @end: its end
 */
enum sip_verdict sip_read_request_uri(struct sip_fields *f, u32 at, u32 end)
{
	f->msg->request_uri = (struct sip_span){ at, end - at };
	at = sip_read_uri(f->text, at, end, new_ref(f, SIP_REQUEST_URI));
	/* Headers have no place in a Request-URI: RFC 3261, 19.1.1. */
	if (!at || scan_any(f->text, at, end, ' ' + 1, '?', '?', '?') < end)
		return SIP_BAD_START;
	keep_ref(f);
	return SIP_OK;
}

static __always_inline enum sip_verdict
read_param(struct sip_fields *f, u32 *at, u32 end, u32 *name, u64 *word)
{
	if (++f->parts > PARTS_MAX)
		return SIP_TOO_MANY;
	*at = sip_read_param(f->text, *at, end, name, word);
	return *at ? SIP_OK : SIP_BAD_VALUE;
}

/* maddr= and received= of Via: an address without a port, brackets or not. */
static enum sip_verdict read_via_address(struct sip_fields *f,
					 enum sip_field field,
					 struct sip_span value)
{
	struct sip_addr_ref *ref = new_ref(f, field);
	const u8 *text = f->text;
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
	if (sip_read_ipv4(text, value.off, end, ref->ep.addr) == end &&
	    value.len)
		ref->ep.family = 4;
	else if (sip_read_ipv6(text, value.off, end, ref->ep.addr))
		ref->ep.family = 6;
	ref->ep.port = 0;
	ref->host = value;
	ref->port = (struct sip_span){ end, 0 };
	keep_ref(f);
	return SIP_OK;
}

static enum sip_verdict read_rport(struct sip_fields *f, struct sip_span value)
{
	struct sip_addr_ref *ref = new_ref(f, SIP_VIA_RPORT);
	u32 port;

	if (!value.len)
		return SIP_OK;
	if (!ref)
		return SIP_TOO_MANY;
	if (scan_number(f->text, value.off, value.off + value.len, &port) !=
	    value.off + value.len || port > U16_MAX)
		return SIP_BAD_VALUE;
	ref->host = (struct sip_span){ value.off, 0 };
	ref->port = value;
	memset(&ref->ep, 0, sizeof(ref->ep));
	ref->ep.port = (u16)port;
	f->msg->n_addr_refs++;
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

static enum sip_verdict read_via_param(struct sip_fields *f, u32 name, u32 end,
				       u64 word)
{
	const u8 *text = f->text;

	if (sip_param_is(text, name, end, word,
			 SCAN_WORD('r', 'p', 'o', 'r', 't'), 5))
		return read_rport(f, sip_param_value(text, name + 5, end));
	if (sip_param_is(text, name, end, word,
			 SCAN_WORD('m', 'a', 'd', 'd', 'r'), 5))
		return read_via_address(f, SIP_VIA_MADDR,
					 sip_param_value(text, name + 5, end));
	if (sip_param_is(text, name, end, word,
			 SCAN_WORD('r', 'e', 'c', 'e', 'i', 'v', 'e', 'd'), 8))
		return read_via_address(f, SIP_VIA_RECEIVED,
					 sip_param_value(text, name + 8, end));
	return SIP_OK;
}

/**
 * sip_read_via() - read the topmost value of Via
 * @f: the fields
 * @at: start of the first Via's value
 * @end: its end
 *
 * The values below it are of other hosts, and never change.
 */
enum sip_verdict sip_read_via(struct sip_fields *f, u32 at, u32 end)
{
	struct sip_addr_ref *ref = new_ref(f, SIP_VIA);
	const u8 *text = f->text;
	enum sip_verdict verdict;
	u32 stop, name;
	u64 word;

	if (!ref)
		return SIP_TOO_MANY;
	at = find_transport(text, at, end);
	if (!at)
		return SIP_BAD_VALUE;
	word = scan_fold(scan_word(text, at, end));
	ref->implied = SCAN_BEGINS(word, 3, 't', 'l', 's') ? SIPS_PORT :
							     SIP_PORT;
	if (SCAN_BEGINS(word, 4, 'u', 'd', 'p', ' '))
		stop = at + 3;
	else
		stop = scan_class(text, at, end, SCAN_TOKEN);
	if (stop == at || stop == end || !scan_is_blank(text[stop]))
		return SIP_BAD_VALUE;
	at = sip_read_host_port(text, scan_blanks(text, stop, end), end, ref);
	if (!at)
		return SIP_BAD_VALUE;
	keep_ref(f);

	at = scan_blanks(text, at, end);
	while (at < end && text[at] == ';') {
		verdict = read_param(f, &at, end, &name, &word);
		if (!verdict && ((u8)word == 'r' || (u8)word == 'm'))
			verdict = read_via_param(f, name, at, word);
		if (verdict)
			return verdict;
	}
	/* RFC 2543 allows a comment behind it all. */
	return at == end || text[at] == ',' || text[at] == '(' ? SIP_OK :
								 SIP_BAD_VALUE;
}

/**
 * sip_read_party() - read From or To
 * @f: the fields
 * @at: start of the value
 * @end: its end
 * @tag: set to the value of the tag parameter, which may be empty
 */
enum sip_verdict sip_read_party(struct sip_fields *f, u32 at, u32 end,
				struct sip_span *tag)
{
	const u8 *text = f->text;
	enum sip_verdict verdict;
	struct sip_span uri;
	u32 name;
	u64 word;

	*tag = (struct sip_span){ 0, 0 };
	at = sip_read_name_addr(text, at, end, &uri);
	if (!at)
		return SIP_BAD_VALUE;
	while (at < end && text[at] == ';') {
		verdict = read_param(f, &at, end, &name, &word);
		if (verdict)
			return verdict;
		if (sip_param_is(text, name, at, word, SCAN_WORD('t', 'a', 'g'),
				 3))
			*tag = sip_param_value(text, name + 3, at);
	}
	return at == end ? SIP_OK : SIP_BAD_VALUE;
}

/**
 * sip_read_seconds() - read a number of seconds
 * @text: the message
 * @at: start of the number
 * @end: its end
 *
 * Return: the seconds, S32_MAX if they are more; -1 if it is no number.
 */
s32 sip_read_seconds(const u8 *text, u32 at, u32 end)
{
	u32 seconds;

	if (at == end || scan_number(text, at, end, &seconds) != end)
		return -1;
	return seconds > S32_MAX ? S32_MAX : (s32)seconds;
}

/**
 * sip_read_session_expires() - read Session-Expires
 * @text: the message
 * @at: start of the value
 * @end: its end
 *
 * RFC 4028, 4: parameters may follow the seconds.
 *
 * Return: as sip_read_seconds().
 */
s32 sip_read_session_expires(const u8 *text, u32 at, u32 end)
{
	end = scan_find(text, at, end, ';');
	return sip_read_seconds(text, at, scan_trim(text, at, end));
}

static enum sip_verdict add_contact(struct sip_fields *f, s32 ref)
{
	struct sip_contact *contact;

	if (f->msg->n_contacts == SIP_CONTACTS_MAX)
		return SIP_TOO_MANY;
	contact = &f->msg->contacts[f->msg->n_contacts++];
	contact->ref = ref;
	contact->expires = -1;
	return SIP_OK;
}

/*
 * One value of a header whose values are name-addr or addr-spec, with its
 * parameters.
 */
static enum sip_verdict read_value(struct sip_fields *f, enum sip_field field,
				   u32 *at, u32 end)
{
	struct sip_addr_ref *ref = new_ref(f, field);
	struct sip_span uri, value;
	const u8 *text = f->text;
	enum sip_verdict verdict;
	s32 index;
	u64 word;
	u32 name;

	if (!ref || ++f->parts > PARTS_MAX)
		return SIP_TOO_MANY;
	*at = sip_read_name_addr(text, *at, end, &uri);
	if (!*at || !sip_read_uri(text, uri.off, uri.off + uri.len, ref))
		return SIP_BAD_VALUE;
	index = keep_ref(f);
	if (field == SIP_CONTACT) {
		verdict = add_contact(f, index);
		if (verdict)
			return verdict;
	}
	while (*at < end && text[*at] == ';') {
		verdict = read_param(f, at, end, &name, &word);
		if (verdict)
			return verdict;
		if (field != SIP_CONTACT ||
		    !sip_param_is(text, name, *at, word,
				  SCAN_WORD('e', 'x', 'p', 'i', 'r', 'e', 's'),
				  7))
			continue;
		value = sip_param_value(text, name + 7, *at);
		f->msg->contacts[f->msg->n_contacts - 1].expires =
			sip_read_seconds(text, value.off,
					 value.off + value.len);
	}
	return SIP_OK;
}

/**
 * sip_read_value() - read the first value of a header of URIs
 * @f: the fields
 * @field: which header it is
 * @at: start of the value
 * @end: end of the header
 */
enum sip_verdict sip_read_value(struct sip_fields *f, enum sip_field field,
				u32 at, u32 end)
{
	return read_value(f, field, &at, end);
}

/**
 * sip_read_values() - read all values of a header of URIs
 * @f: the fields
 * @field: which header it is
 * @at: start of the first value
 * @end: end of the header
 */
enum sip_verdict sip_read_values(struct sip_fields *f, enum sip_field field,
				 u32 at, u32 end)
{
	enum sip_verdict verdict;

	for (;;) {
		verdict = read_value(f, field, &at, end);
		if (verdict || at == end)
			return verdict;
		at = scan_blanks(f->text, at + 1, end);
	}
}

/**
 * sip_read_contact() - read Contact
 * @f: the fields
 * @at: start of the value
 * @end: its end
 */
enum sip_verdict sip_read_contact(struct sip_fields *f, u32 at, u32 end)
{
	if (end - at == 1 && f->text[at] == '*') {
		f->msg->star = true;
		return SIP_OK;
	}
	return sip_read_values(f, SIP_CONTACT, at, end);
}

/**
 * sip_read_cseq() - read CSeq
 * @f: the fields; those of a response get their method here
 * @at: start of the value
 * @end: its end
 *
 * In a request the method must be that of the request line (RFC 3261, 8.1.1.5).
 */
enum sip_verdict sip_read_cseq(struct sip_fields *f, u32 at, u32 end)
{
	const u8 *text = f->text;
	u32 stop, n;
	u64 word;

	stop = scan_number(text, at, end, &f->msg->cseq);
	if (stop == at || f->msg->cseq == U32_MAX)
		return SIP_BAD_VALUE;
	at = scan_blanks(text, stop, end);
	if (stop == at)
		return SIP_BAD_VALUE;
	n = end - at;
	word = scan_word(text, at, end);
	if (f->method_len)
		return word == f->method && n == f->method_len &&
				       (n <= 8 || !memcmp(text + at, text, n)) ?
			       SIP_OK :
			       SIP_BAD_VALUE;
	f->msg->method = sip_method_of(word, text + at, n);
	if (f->msg->method == SIP_METHOD_OTHER &&
	    scan_class(text, at, end, SCAN_TOKEN) != end)
		return SIP_BAD_VALUE;
	return SIP_OK;
}

/**
 * sip_read_credentials() - find uri= in digest credentials
 * @f: the fields
 * @at: start of the value of Authorization or Proxy-Authorization
 * @end: its end
 *
 * Odd credentials are for the server to refuse: nothing in them ever changes.
 */
enum sip_verdict sip_read_credentials(struct sip_fields *f, u32 at, u32 end)
{
	const u8 *text = f->text;
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
		if (++f->parts > PARTS_MAX)
			return SIP_TOO_MANY;
		for (stop = at;;) {
			stop = scan_any(text, stop, end, 0, ',', '"', '"');
			if (stop == end || text[stop] == ',')
				break;
			stop = sip_skip_quoted(text, stop + 1, end);
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
			if (f->msg->n_credentials == SIP_CREDENTIALS_MAX)
				return SIP_TOO_MANY;
			f->msg->credentials[f->msg->n_credentials++] = value;
			return SIP_OK;
		}
		at = stop;
	}
	return SIP_OK;
}
