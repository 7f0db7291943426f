// SPDX-License-Identifier: GPL-2.0
/*
 * The values of the header fields that an ALG needs (RFC 3261, 20).
 *
 * A value that cannot be read is noted and skipped: it never takes the
 * translation of another one.
 */
#include "field.h"
#include "header.h"
#include "param.h"
#include "start.h"

/* Values of one message that are looked for behind one that cannot be read. */
#define ODD_MAX		16

/* Apart from the readers: hardly any message has a fault. */
static noinline void note_fault(struct sip_fields *f, enum sip_verdict verdict,
				u32 off)
{
	sip_note_fault(&f->msg->faults[SIP_TIER_FIELDS], verdict, off);
}

/**
 * sip_refuse_ref() - note that there are too many references
 * @f: the fields
 *
 * Return: -1, in the place of an index.
 */
s32 sip_refuse_ref(struct sip_fields *f)
{
	const struct sip_msg *msg = f->msg;

	note_fault(f, SIP_TOO_MANY, msg->addr_refs[msg->n_addr_refs].host.off);
	return -1;
}

/**
 * sip_refuse_contact() - note that there are too many contacts
 * @f: the fields
 * @off: where one stands that finds no room
 *
 * No other value is read behind it.
 */
void sip_refuse_contact(struct sip_fields *f, u32 off)
{
	note_fault(f, SIP_TOO_MANY, off);
	f->n_values = SIP_VALUES_MAX;
}

/**
 * sip_read_request_uri() - read the URI of a request line
 * @f: the fields
 * @at: start of the URI
 * @end: its end
 *
 * Return: SIP_OK, or why the message must be passed unchanged.
 */
enum sip_verdict sip_read_request_uri(struct sip_fields *f, u32 at, u32 end)
{
	u32 stop = scan_any(f->text, at, end, ' ' + 1, '@', '@', '@');

	f->msg->request_uri = (struct sip_span){ at, end - at };
	/* A blank in the user part would end it for many a reader. */
	if (stop < end && f->text[stop] != '@')
		return SIP_BAD_START;
	at = sip_read_uri(f->text, at, end, sip_new_ref(f, SIP_REQUEST_URI));
	/* Headers have no place in a Request-URI: RFC 3261, 19.1.1. */
	if (!at || scan_any(f->text, at, end, ' ' + 1, '?', '?', '?') < end)
		return SIP_BAD_START;
	sip_keep_ref(f, SIP_ADDR_REFS_MAX);
	return SIP_OK;
}

/* As sip_read_param(). */
static __always_inline u32 read_param(struct sip_fields *f, u32 at, u32 end,
				      u32 *name, u64 *word)
{
	u32 stop = sip_read_param(f->text, at, end, name, word);

	if (unlikely(!stop || (stop == *name && stop < end)))
		note_fault(f, SIP_BAD_VALUE, at);
	return stop;
}

/* maddr= and received= of Via: an address without a port, brackets or not. */
static void read_via_address(struct sip_fields *f, enum sip_field field,
			     struct sip_span value)
{
	struct sip_addr_ref *ref = sip_new_ref(f, field);

	if (unlikely(f->msg->n_addr_refs >= f->via_max)) {
		note_fault(f, SIP_TOO_MANY, value.off);
		return;
	}
	sip_read_bare_address(f->text, &value, &ref->ep);
	ref->host = value;
	ref->port = (struct sip_span){ value.off + value.len, 0 };
	sip_keep_ref(f, SIP_ADDR_REFS_MAX);
}

/* Inlined, it would cost the other parameters more than itself. */
static noinline void read_rport(struct sip_fields *f, struct sip_span value)
{
	struct sip_addr_ref *ref = sip_new_ref(f, SIP_VIA_RPORT);
	u32 port;

	if (!value.len)
		return;
	if (unlikely(f->msg->n_addr_refs >= f->via_max) ||
	    scan_number(f->text, value.off, value.off + value.len, &port) !=
	    value.off + value.len || port > U16_MAX) {
		note_fault(f, SIP_BAD_VALUE, value.off);
		return;
	}
	ref->host = (struct sip_span){ value.off, 0 };
	ref->port = value;
	memset(&ref->ep, 0, sizeof(ref->ep));
	ref->ep.port = (u16)port;
	f->msg->n_addr_refs++;
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
		return scan_blanks(text, at + 8, end);
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

/* @at: end of its name */
static __always_inline struct sip_span read_branch(const u8 *text, u32 at,
						   u32 end)
{
	/* Nearly everybody writes it like this. */
	if (likely(end - at > 1 && text[at] == '=' &&
		   !scan_is_blank(text[at + 1]) &&
		   !scan_is_blank(text[end - 1])))
		return (struct sip_span){ at + 1, end - at - 1 };
	return sip_param_value(text, at, end);
}

/**
 * sip_read_known_param() - read a parameter of the topmost Via
 * @f: the fields
 * @name: start of its name
 * @end: end of the parameter
 * @word: its first bytes in lower case
 */
void sip_read_known_param(struct sip_fields *f, u32 name, u32 end, u64 word)
{
	const u8 *text = f->text;

	if (sip_param_is(text, name, end, word,
			 SCAN_WORD('b', 'r', 'a', 'n', 'c', 'h'), 6))
		f->msg->branch = read_branch(text, name + 6, end);
	else if (sip_param_is(text, name, end, word,
			      SCAN_WORD('r', 'p', 'o', 'r', 't'), 5))
		read_rport(f, sip_param_value(text, name + 5, end));
	else if (sip_param_is(text, name, end, word,
			      SCAN_WORD('m', 'a', 'd', 'd', 'r'), 5))
		read_via_address(f, SIP_VIA_MADDR,
				 sip_param_value(text, name + 5, end));
	else if (sip_param_is(text, name, end, word,
			      SCAN_WORD('r', 'e', 'c', 'e', 'i', 'v', 'e', 'd'),
			      8))
		read_via_address(f, SIP_VIA_RECEIVED,
				 sip_param_value(text, name + 8, end));
}

/**
 * sip_read_via() - read the topmost value of Via
 * @f: the fields
 * @at: start of the first Via's value
 * @end: its end
 *
 * The values below it are of other hosts, and never change.
 *
 * Return: SIP_OK, or SIP_BAD_VALUE where its sent-by cannot be read.
 */
enum sip_verdict sip_read_via(struct sip_fields *f, u32 at, u32 end)
{
	struct sip_addr_ref *ref = sip_new_via(f);
	const u8 *text = f->text;
	u32 stop, name;
	u64 word;

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
	/* A port is put there: it must not run into what follows. */
	if (at < end && text[at] != ';' && !scan_is_blank(text[at]) &&
	    text[at] != ',' && text[at] != '(')
		return SIP_BAD_VALUE;
	sip_keep_ref(f, SIP_ADDR_REFS_MAX - SIP_VIA_REFS + 1);

	at = scan_blanks(text, at, end);
	while (at < end && text[at] == ';') {
		at = read_param(f, at, end, &name, &word);
		if (!at)
			return SIP_OK;
		sip_read_via_param(f, name, at, word);
	}
	/* RFC 2543 allows a comment behind it all. */
	if (at < end && text[at] != ',' && text[at] != '(')
		note_fault(f, SIP_BAD_VALUE, at);
	return SIP_OK;
}

/*
 * Reads leniently a name-addr or addr-spec that is malformed: the first pair of
 * angle brackets holds the URI, whatever stands around it.
 *
 * Return: as read_name_addr().
 */
static noinline u32 read_odd_name_addr(struct sip_fields *f, u32 at, u32 end,
				       struct sip_span *uri)
{
	const u8 *text = f->text;
	u32 stop;

	note_fault(f, SIP_BAD_VALUE, at);
	at = scan_find(text, at, end, '<');
	if (at == end)
		return 0;
	stop = scan_find(text, ++at, end, '>');
	if (stop == end)
		return 0;
	uri->off = scan_blanks(text, at, stop);
	uri->len = scan_trim(text, uri->off, stop) - uri->off;
	return scan_unless(text, stop + 1, end, SCAN_BREAK);
}

/*
 * Reads a name-addr or addr-spec. A comma in front of it is part of a display
 * name if the header has one value @alone.
 *
 * Return: where its parameters, the next value or @end follows; 0 where it
 * holds no URI.
 */
static __always_inline u32 read_name_addr(struct sip_fields *f, u32 at, u32 end,
					  struct sip_span *uri, bool alone)
{
	u32 stop = sip_read_name_addr(f->text, at, end, uri);

	if (likely(stop &&
		   (!alone || stop == end || f->text[stop] == ';')))
		return stop;
	return read_odd_name_addr(f, at, end, uri);
}

/**
 * sip_read_party() - read From or To
 * @f: the fields
 * @at: start of the value
 * @end: its end
 * @tag: set to the value of the tag parameter, which may be empty
 */
void sip_read_party(struct sip_fields *f, u32 at, u32 end,
		    struct sip_span *tag)
{
	const u8 *text = f->text;
	struct sip_span uri;
	u32 name;
	u64 word;

	at = read_name_addr(f, at, end, &uri, true);
	if (!at)
		return;
	while (at < end && text[at] == ';') {
		at = read_param(f, at, end, &name, &word);
		if (!at)
			return;
		if (sip_param_is(text, name, at, word, SCAN_WORD('t', 'a', 'g'),
				 3))
			*tag = sip_param_value(text, name + 3, at);
	}
	if (at < end)
		note_fault(f, SIP_BAD_VALUE, at);
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

/*
 * Reads a value of a header whose values are name-addr or addr-spec, with its
 * parameters. Sets @next to its end, a comma or @end.
 *
 * Return: false where that is unknown; then @next is behind all that was read.
 */
static bool read_value(struct sip_fields *f, enum sip_field field, u32 at,
		       u32 end, u32 *next)
{
	struct sip_addr_ref *ref = sip_new_ref(f, field);
	struct sip_contact *contact = NULL;
	struct sip_span uri, value;
	const u8 *text = f->text;
	s32 index = -1;
	u64 word;
	u32 name;

	*next = at;
	at = read_name_addr(f, at, end, &uri, field == SIP_REFER_TO);
	if (!at)
		return false;
	if (likely(sip_read_uri(text, uri.off, uri.off + uri.len, ref)))
		index = sip_keep_ref(f, SIP_ADDR_REFS_MAX - SIP_VIA_REFS);
	else
		note_fault(f, SIP_BAD_VALUE, uri.off);
	if (field == SIP_CONTACT)
		contact = sip_add_contact(f, index, uri.off);
	while (at < end && text[at] == ';') {
		*next = at;
		at = read_param(f, at, end, &name, &word);
		if (!at)
			return false;
		if (!contact || (u8)word != 'e' ||
		    !sip_param_is(text, name, at, word,
				  SCAN_WORD('e', 'x', 'p', 'i', 'r', 'e', 's'),
				  7))
			continue;
		value = sip_param_value(text, name + 7, at);
		contact->expires = sip_read_seconds(text, value.off,
						    value.off + value.len);
	}
	*next = at;
	if (likely(at == end || text[at] == ','))
		return true;
	note_fault(f, SIP_BAD_VALUE, at);
	return false;
}

/*
 * Counts a value that begins at @at. Behind too many, all of these headers are
 * skipped.
 */
static bool may_read_value(struct sip_fields *f, u32 at)
{
	if (likely(!sip_is_list_full(f))) {
		f->n_values++;
		return true;
	}
	note_fault(f, SIP_TOO_MANY, at);
	f->idle |= SIP_HEADER_LISTS;
	return false;
}

/**
 * sip_read_value() - read the one value of a header of a URI
 * @f: the fields
 * @field: which header it is
 * @at: start of the value
 * @end: its end
 */
void sip_read_value(struct sip_fields *f, enum sip_field field, u32 at, u32 end)
{
	u32 next;

	if (may_read_value(f, at))
		read_value(f, field, at, end, &next);
}

/* Goes to the last of several commas, with blanks between them. */
static u32 skip_commas(const u8 *text, u32 at, u32 end)
{
	u32 next = at;

	while (next < end && text[next] == ',') {
		at = next;
		next = scan_blanks(text, at + 1, end);
	}
	return at;
}

/**
 * sip_read_list_value() - read a value of a header of several URIs
 * @f: the fields
 * @field: which header it is
 * @at: start of the value
 * @end: end of the header
 *
 * Behind a value that cannot be read, or is empty, the next one is looked for.
 *
 * Return: start of the next value, 0 if there is none.
 */
u32 sip_read_list_value(struct sip_fields *f, enum sip_field field, u32 at,
			u32 end)
{
	const u8 *text = f->text;
	u32 stop;

	if (!may_read_value(f, at))
		return 0;
	if (unlikely(at == end || text[at] == ',')) {
		note_fault(f, SIP_BAD_VALUE, at);
		stop = skip_commas(text, at, end);
	} else if (unlikely(!read_value(f, field, at, end, &stop))) {
		if (++f->n_odd > ODD_MAX)
			return 0;
		stop = scan_find(text, stop, end, ',');
	}
	return stop == end ? 0 : scan_blanks(text, stop + 1, end);
}

/* scan_number() returns U32_MAX for every number from that on. */
static bool is_largest_number(const u8 *text, u32 at, u32 end)
{
	while (end - at > 10 && text[at] == '0')
		at++;
	return end - at == 10 && !memcmp(text + at, "4294967295", 10);
}

/**
 * sip_read_cseq() - read CSeq
 * @f: the fields; those of a response get their method here
 * @at: start of the value
 * @end: its end
 *
 * In a request the method must be that of the request line (RFC 3261, 8.1.1.5).
 *
 * Return: SIP_OK, or SIP_BAD_VALUE.
 */
enum sip_verdict sip_read_cseq(struct sip_fields *f, u32 at, u32 end)
{
	const u8 *text = f->text;
	u32 stop, n;
	u64 word;

	stop = scan_number(text, at, end, &f->msg->cseq);
	if (stop == at || (f->msg->cseq == U32_MAX &&
			   !is_largest_number(text, at, stop)))
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
