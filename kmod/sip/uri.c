// SPDX-License-Identifier: GPL-2.0
/*
 * Hosts, ports and the URIs that hold them: as much of RFC 3261, 25.1 as it
 * takes to find an address, and to be sure that nothing else is taken for one.
 */
#include "address.h"
#include "param.h"
#include "uri.h"

#define EXTRA_AT_MAX	4	/* in a user part */

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
		if (sip_read_ipv6(text, at, stop, ref->ep.addr) == stop)
			ref->ep.family = 6;
		ref->host = (struct sip_span){ at, stop - at };
		return stop + 1;
	}
	if (at < end && (u8)(text[at] - '0') <= 9)
		stop = sip_read_ipv4(text, at, end, ref->ep.addr);
	if (stop && (stop == end || !(sip_class[text[stop]] & SCAN_HOST)))
		ref->ep.family = 4;
	else
		stop = scan_class(text, at, end, SCAN_HOST);
	ref->host.len = stop - at;
	return stop > at ? stop : 0;
}

/**
 * sip_read_bare_address() - read an address that has no port
 * @text: the message
 * @where: the text; made to exclude the brackets that an IPv6 address may have
 * @ep: filled in, with port 0
 *
 * Return: false if it is no address.
 */
bool sip_read_bare_address(const u8 *text, struct sip_span *where,
			   struct sip_endpoint *ep)
{
	if (where->len > 2 && text[where->off] == '[' &&
	    text[where->off + where->len - 1] == ']') {
		where->off++;
		where->len -= 2;
	}
	sip_read_endpoint(ep, text, where, 0);
	return ep->family;
}

/**
 * sip_read_host_port() - read a host and the port that may follow it
 * @text: the message
 * @at: start of the host
 * @end: where to stop at the latest
 * @ref: filled in, but for @field, and @implied that it takes; @ep.family is 0
 *	where the host is no address
 *
 * Return: where the host and its port end, or 0 if they are malformed.
 */
u32 sip_read_host_port(const u8 *text, u32 at, u32 end,
		       struct sip_addr_ref *ref)
{
	u32 stop, digits, value;

	memset(ref->ep.addr, 0, sizeof(ref->ep.addr));
	ref->ep.family = 0;
	ref->ep.port = ref->implied;
	ref->overridden.len = 0;
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
	while (stop < end && text[stop] > ' ')
		stop++;
	return stop == end ? end : 0;
}

static noinline void read_maddr(const u8 *text, u32 at, u32 end,
				struct sip_addr_ref *ref)
{
	struct sip_span where = { at, end - at };
	struct sip_endpoint ep;

	if (!sip_read_bare_address(text, &where, &ep))
		return;
	if (sip_same_address(&ep, &ref->ep))
		ref->overridden = ref->host;
	ep.port = ref->ep.port;
	ref->ep = ep;
	ref->host = where;
}

/* Reads the transport, of three letters, at @at. */
static __always_inline void read_transport(const u8 *text, u32 at,
					   struct sip_addr_ref *ref)
{
	u64 word = scan_fold(scan_load(text + at - 5));

	if (word == SCAN_WORD('p', 'o', 'r', 't', '=', 'u', 'd', 'p')) {
		ref->transport = SIP_TRANSPORT_UDP;
	} else if (word == SCAN_WORD('p', 'o', 'r', 't', '=', 't', 'c', 'p')) {
		ref->transport = SIP_TRANSPORT_TCP;
	} else if (word == SCAN_WORD('p', 'o', 'r', 't', '=', 't', 'l', 's')) {
		ref->transport = SIP_TRANSPORT_TCP;
		ref->implied = SIPS_PORT;
		if (!ref->port.len)
			ref->ep.port = SIPS_PORT;
	}
}

/**
 * sip_read_uri_params() - read the parameters that say where requests go
 * @text: the message
 * @at: the first one's semicolon
 * @end: end of the URI
 * @ref: as sip_read_host_port() filled it in
 *
 * Of two maddr the first counts.
 */
void sip_read_uri_params(const u8 *text, u32 at, u32 end,
			 struct sip_addr_ref *ref)
{
	bool has_maddr = false;

	while (at < end && text[at] == ';') {
		u32 name = at + 1;
		u64 word = scan_word(text, name, end);
		u64 found = scan_may_match(word, 0, ';', '?', '?');

		if (!found)
			at = end - name > 8 ?
				     scan_any(text, name + 8, end, 0, ';', '?',
					      '?') :
				     end;
		else if (text[name + (sip_first_bit(found) >> 3)] < 0x80)
			at = name + (sip_first_bit(found) >> 3);
		else
			at = scan_any(text, name, end, 0, ';', '?', '?');
		word = scan_fold(word);
		if (at - name == 13 &&
		    word == SCAN_WORD('t', 'r', 'a', 'n', 's', 'p', 'o', 'r')) {
			read_transport(text, at - 3, ref);
		} else if (unlikely((u8)word == 'm') && !has_maddr &&
			   SCAN_BEGINS(word, 6, 'm', 'a', 'd', 'd', 'r', '=')) {
			has_maddr = true;
			read_maddr(text, name + 6, at, ref);
		}
	}
}

/**
 * sip_read_uri() - find host and port of a URI
 * @text: the message
 * @at: start of the URI, without the angle brackets
 * @end: its end
 * @ref: as from sip_read_host_port(), with the default port of the URI where
 *	none is written; @ep.family is 0 also where the scheme is none of SIP's
 *
 * Return: where the URI's host and port end, @end where the scheme is another
 * one; 0 if the URI is malformed.
 */
u32 sip_read_uri(const u8 *text, u32 at, u32 end, struct sip_addr_ref *ref)
{
	u64 word = scan_fold(scan_word(text, at, end));
	u32 stop, n;

	ref->ep.family = 0;
	ref->implied = SIP_PORT;
	ref->transport = SIP_TRANSPORT_UNNAMED;
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
	 * Some write an "@" of the user part as it is, or a blank. What follows
	 * the last "@" is the host, as everything before it could be user part.
	 */
	stop = scan_any(text, at, end, ' ', '@', '@', '@');
	if (stop < end) {
		if (text[stop] != '@')
			return 0;
		at = stop + 1;
	}
	stop = sip_read_host_port(text, at, end, ref);
	for (n = 0; stop && stop < end && text[stop] == '@' && n < EXTRA_AT_MAX;
	     n++)
		stop = sip_read_host_port(text, stop + 1, end, ref);
	if (!stop || stop == end)
		return stop;
	if (text[stop] != ';' && text[stop] != '?')
		return 0;
	if (end - stop >= SIP_URI_PARAMS_MIN)
		sip_read_uri_params(text, stop, end, ref);
	return stop;
}

/**
 * sip_read_name_addr() - read a name-addr or an addr-spec
 * @text: the message
 * @at: where it begins
 * @end: end of the header's value
 * @uri: set to the URI
 *
 * Return: what follows it and blanks: a semicolon, a comma or @end; 0 if it is
 * malformed.
 */
u32 sip_read_name_addr(const u8 *text, u32 at, u32 end, struct sip_span *uri)
{
	u32 stop;

	if (at < end && text[at] == '"') {
		stop = sip_skip_quoted(text, at + 1, end);
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
