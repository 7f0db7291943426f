// SPDX-License-Identifier: GPL-2.0
/*
 * Hosts, ports and the URIs that hold them: as much of RFC 3261, 25.1 as it
 * takes to find an address and to be sure that nothing else is taken for one.
 */
#include "parse.h"

#define IPV4_MAX	15	/* bytes of text */
#define GROUPS		8
#define EXTRA_AT_MAX	4	/* in a user part */

/*
 * Reads one octet of an IPv4 address; three bytes can be looked at. Returns
 * what is behind it, or NULL.
 */
static __always_inline const u8 *read_octet(const u8 *text, u8 *octet)
{
	u32 value = text[0] - '0', digit;

	if (value > 9)
		return NULL;
	*octet = (u8)value;
	digit = text[1] - '0';
	if (digit > 9)
		return text + 1;
	if (!value)
		return NULL;
	value = value * 10 + digit;
	*octet = (u8)value;
	digit = text[2] - '0';
	if (digit > 9)
		return text + 2;
	value = value * 10 + digit;
	*octet = (u8)value;
	return value <= 255 ? text + 3 : NULL;
}

/*
 * Reads an IPv4 address at the start of the text. Four decimal octets and
 * nothing else: some take "010" for eight and some take "1.2" for 1.0.0.2, so
 * who writes such a thing is better not interpreted.
 *
 * Return: where it ends, or 0.
 */
u32 sip_ipv4(const u8 *text, u32 at, u32 end, u8 *addr)
{
	const u8 *start = text + at, *p;
	u8 copy[16];	/* zero behind whatever there is */

	if (end - at < IPV4_MAX) {
		scan_store(copy, scan_word(text, at, end));
		scan_store(copy + 8,
			   end - at > 8 ? scan_word(text, at + 8, end) : 0);
		start = copy;
	}
	p = read_octet(start, addr);
	if (!p || *p != '.')
		return 0;
	p = read_octet(p + 1, addr + 1);
	if (!p || *p != '.')
		return 0;
	p = read_octet(p + 1, addr + 2);
	if (!p || *p != '.')
		return 0;
	p = read_octet(p + 1, addr + 3);
	return p ? at + (u32)(p - start) : 0;
}

/* The value of a hexadecimal digit; 16 or more if it is none. */
static u32 hex_digit(u8 c)
{
	u8 digit = c - '0';

	if (digit <= 9)
		return digit;
	digit = (c | 0x20) - 'a';
	return digit <= 5 ? digit + 10U : 16;
}

/**
 * sip_ipv6() - is all of this text an IPv6 address?
 * @text: the message
 * @at: start, behind the bracket if there is one
 * @end: end
 * @addr: filled in if it is
 *
 * RFC 4291, 2.2, without a zone: a zone means nothing to another host.
 */
bool sip_ipv6(const u8 *text, u32 at, u32 end, u8 *addr)
{
	u8 head[16];
	u32 n = 0;	/* groups in @head */
	/* how many of them stand in front of the "::" */
	u32 gap = GROUPS;

	if (at == end)
		return false;
	if (text[at] == ':') {
		at++;
		if (at == end || text[at] != ':')
			return false;
	}
	for (;;) {
		u32 start = at, value = 0, digit;

		/*
		 * The first of two colons is gone: it ended a group, or began
		 * the text.
		 */
		if (at < end && text[at] == ':') {
			if (gap < GROUPS)
				return false;
			gap = n;
			start = ++at;
			if (at == end)
				break;
		}
		while (at < end && at - start < 4) {
			digit = hex_digit(text[at]);
			if (digit > 15)
				break;
			value = value << 4 | digit;
			at++;
		}
		if (at == start || n == GROUPS)
			return false;
		if (at < end && text[at] == '.') {
			if (n > GROUPS - 2 ||
			    sip_ipv4(text, start, end, head + 2 * n) != end)
				return false;
			n += 2;
			break;
		}
		head[2 * n] = (u8)(value >> 8);
		head[2 * n + 1] = (u8)value;
		n++;
		if (at == end)
			break;
		if (text[at] != ':')
			return false;
		if (++at == end)
			return false;
	}
	if (gap == GROUPS) {
		if (n != GROUPS)
			return false;
		memcpy(addr, head, 16);
		return true;
	}
	/* "::" stands for at least one group. */
	if (n == GROUPS)
		return false;
	memset(addr, 0, 16);
	memcpy(addr, head, 2 * gap);
	memcpy(addr + 16 - 2 * (n - gap), head + 2 * gap, 2 * (n - gap));
	return true;
}

/*
 * Sets where the host is and what it is; returns where it ends with its
 * brackets.
 */
static __always_inline u32 read_host(const u8 *text, u32 at, u32 end,
				     struct sip_addr_ref *ref)
{
	u32 stop = 0;

	ref->host.off = at;
	if (at < end && text[at] == '[') {
		stop = scan_find(text, ++at, end, ']');
		if (stop == end)
			return 0;
		if (sip_ipv6(text, at, stop, ref->ep.addr))
			ref->ep.family = 6;
		ref->host = (struct sip_span){ at, stop - at };
		return stop + 1;
	}
	if (at < end && (u8)(text[at] - '0') <= 9)
		stop = sip_ipv4(text, at, end, ref->ep.addr);
	if (stop && (stop == end || !(sip_class[text[stop]] & SCAN_HOST)))
		ref->ep.family = 4;
	else
		stop = scan_class(text, at, end, SCAN_HOST);
	ref->host.len = stop - at;
	return stop > at ? stop : 0;
}

/**
 * sip_host_port() - read a host and the port that may follow it
 * @text: the message
 * @at: start of the host
 * @end: where to stop at the latest
 * @ref: filled in, but for @field, and @implied that it takes; @ep.family is 0
 *	where the host is no address
 *
 * Return: where the host and its port end, or 0 if they are malformed.
 */
u32 sip_host_port(const u8 *text, u32 at, u32 end, struct sip_addr_ref *ref)
{
	u32 stop, digits, value;

	memset(ref->ep.addr, 0, sizeof(ref->ep.addr));
	ref->ep.family = 0;
	ref->ep.port = ref->implied;
	stop = read_host(text, at, end, ref);
	if (!stop)
		return 0;
	ref->port = (struct sip_span){ stop, 0 };
	at = scan_blanks(text, stop, end);
	if (at == end || text[at] != ':')
		return stop;
	digits = scan_blanks(text, at + 1, end);
	at = scan_number(text, digits, end, &value);
	if (!value || value > U16_MAX)
		return 0;
	ref->port = (struct sip_span){ digits, at - digits };
	ref->ep.port = (u16)value;
	return at;
}

/* A URI of another scheme is only asked to begin with that scheme. */
static u32 skip_opaque(const u8 *text, u32 at, u32 end)
{
	u32 stop = scan_class(text, at, end, SCAN_TOKEN);

	if (stop == at || stop == end || text[stop] != ':')
		return 0;
	return scan_below(text, stop, end, ' ' + 1) == end ? end : 0;
}

static bool is_tls(const u8 *text, u32 at, u32 end)
{
	while (at < end && text[at] == ';') {
		u32 name = at + 1;

		at = scan_any(text, name, end, 0, ';', '?', '?');
		if (at - name == 13 &&
		    scan_fold(scan_load(text + name)) ==
			    SCAN_WORD('t', 'r', 'a', 'n', 's', 'p', 'o', 'r') &&
		    scan_fold(scan_load(text + at - 8)) ==
			    SCAN_WORD('p', 'o', 'r', 't', '=', 't', 'l', 's'))
			return true;
	}
	return false;
}

/**
 * sip_uri() - find host and port of a URI
 * @text: the message
 * @at: start of the URI, without the angle brackets
 * @end: its end
 * @ref: as from sip_host_port(), with the default port of the URI where none is
 *	written; @ep.family is 0 also where the scheme is none of SIP's
 *
 * Return: where host and port end, @end where the scheme is another one; 0 if
 * the URI is malformed.
 */
u32 sip_uri(const u8 *text, u32 at, u32 end, struct sip_addr_ref *ref)
{
	u64 word = scan_fold(scan_word(text, at, end));
	u32 stop, n;

	ref->ep.family = 0;
	ref->implied = SIP_PORT;
	if ((word & SCAN_MASK(4)) == SCAN_WORD('s', 'i', 'p', ':')) {
		at += 4;
	} else if ((word & SCAN_MASK(5)) ==
		   SCAN_WORD('s', 'i', 'p', 's', ':')) {
		at += 5;
		ref->implied = SIPS_PORT;
	} else {
		return skip_opaque(text, at, end);
	}

	/*
	 * Some write an "@" of the user part as it is. What follows the last
	 * one is the host, as everything before it could be user part.
	 */
	stop = scan_any(text, at, end, ' ' + 1, '@', '@', '@');
	if (stop < end) {
		if (text[stop] != '@')
			return 0;
		at = stop + 1;
	}
	stop = sip_host_port(text, at, end, ref);
	for (n = 0; stop && stop < end && text[stop] == '@' && n < EXTRA_AT_MAX;
	     n++)
		stop = sip_host_port(text, stop + 1, end, ref);
	if (!stop || stop == end)
		return stop;
	if (text[stop] != ';' && text[stop] != '?')
		return 0;
	if (ref->ep.family && is_tls(text, stop, end)) {
		ref->implied = SIPS_PORT;
		if (!ref->port.len)
			ref->ep.port = SIPS_PORT;
	}
	return stop;
}

/**
 * sip_address() - read a name-addr or an addr-spec
 * @text: the message
 * @at: where it begins
 * @end: end of the header's value
 * @uri: set to the URI
 *
 * Return: what follows it and blanks: a semicolon, a comma or @end; 0 if it is
 * malformed.
 */
u32 sip_address(const u8 *text, u32 at, u32 end, struct sip_span *uri)
{
	u32 stop;

	if (at < end && text[at] == '"') {
		stop = sip_quoted(text, at + 1, end);
		at = scan_blanks(text, stop, end);
		if (!stop || at == end || text[at] != '<')
			return 0;
	}
	stop = at;
	if (at == end || text[at] != '<')
		stop = scan_any(text, at, end, 0, '<', ';', ',');
	if (stop == end || text[stop] != '<') {
		*uri = (struct sip_span){ at, scan_trim(text, at, stop) - at };
		/*
		 * RFC 3261, 20: a URI with a question mark stands in angle
		 * brackets.
		 */
		return uri->len && scan_find(text, at, stop, '?') == stop ?
			       stop :
			       0;
	}
	at = stop + 1;
	stop = scan_find(text, at, end, '>');
	if (stop == end || stop == at || text[at] <= ' ' ||
	    text[stop - 1] <= ' ')
		return 0;
	*uri = (struct sip_span){ at, stop - at };
	at = scan_blanks(text, stop + 1, end);
	return at == end || text[at] == ';' || text[at] == ',' ? at : 0;
}

/* Skips a quoted string; @at is behind the opening quote. */
u32 sip_quoted(const u8 *text, u32 at, u32 end)
{
	for (;;) {
		at = scan_any(text, at, end, 0, '"', '\\', '\\');
		if (at == end)
			return 0;
		if (text[at] == '"')
			return at + 1;
		at += 2;
		if (at >= end)
			return 0;
	}
}

/* Skips a comment and those within; @at is behind the opening parenthesis. */
static u32 skip_comment(const u8 *text, u32 at, u32 end)
{
	u32 depth = 1;

	while (at < end) {
		u8 c = text[at++];

		if (c == '\\')
			at++;
		else if (c == '(')
			depth++;
		else if (c == ')' && !--depth)
			return at;
	}
	return 0;
}

/**
 * sip_param_end() - find the end of a parameter that holds more than a token
 * @text: the message
 * @at: where to go on
 * @end: end of the header's value
 *
 * Return: the semicolon or comma behind it, or @end; 0 if it is malformed.
 */
u32 sip_param_end(const u8 *text, u32 at, u32 end)
{
	for (;;) {
		at = scan_unless(text, at, end, SCAN_BREAK);
		if (at == end || text[at] == ';' || text[at] == ',')
			return at;
		if (text[at] == '"')
			at = sip_quoted(text, at + 1, end);
		else
			at = skip_comment(text, at + 1, end);
		if (!at)
			return 0;
	}
}

/**
 * sip_param_value() - value of a parameter
 * @text: the message
 * @at: end of its name
 * @end: end of the parameter
 *
 * Return: the value without blanks around it; empty if there is none.
 */
struct sip_span sip_param_value(const u8 *text, u32 at, u32 end)
{
	at = scan_blanks(text, at, end);
	if (at == end || text[at] != '=')
		return (struct sip_span){ at, 0 };
	at = scan_blanks(text, at + 1, end);
	return (struct sip_span){ at, scan_trim(text, at, end) - at };
}
