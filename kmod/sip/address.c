// SPDX-License-Identifier: GPL-2.0
/*
 * IP addresses and numbers, between text and binary.
 */
#include "address.h"

#define IPV4_MAX	15	/* bytes of text */
#define GROUPS		8

/*
 * Reads four octets; IPV4_MAX bytes can be looked at, and one behind them.
 *
 * Return: the text behind them, NULL if there are none.
 */
static __always_inline const u8 *read_octets(const u8 *p, u8 *addr)
{
	u32 value, digit;
	u8 *end = addr + 4;

	for (;;) {
		value = *p++ - (u32)'0';
		if (value > 9)
			return NULL;
		digit = *p - (u32)'0';
		if (digit <= 9) {
			value = value * 10 + digit;
			digit = *++p - (u32)'0';
			if (digit <= 9) {
				value = value * 10 + digit;
				if (value > 255)
					return NULL;
				p++;
			}
		}
		*addr++ = (u8)value;
		if (addr == end)
			return p;
		if (*p++ != '.')
			return NULL;
	}
}

/* Near the end of the text, a copy is read that has zeros behind it. */
static noinline u32 read_last_ipv4(const u8 *text, u32 at, u32 end, u8 *addr)
{
	u8 copy[16];
	const u8 *p;

	scan_store(copy, scan_word(text, at, end));
	scan_store(copy + 8, end - at > 8 ? scan_word(text, at + 8, end) : 0);
	p = read_octets(copy, addr);
	return p ? at + (u32)(p - copy) : 0;
}

/**
 * sip_read_ipv4() - read an IPv4 address at the start of the text
 * @text: the message
 * @at: start
 * @end: where to stop at the latest
 * @addr: filled in, four bytes
 *
 * Takes four decimal octets and nothing else: parsers differ over "1.2", which
 * may be 1.0.0.2. Octets may have zeros in front (RFC 3261, 25.1; RFC 8866, 9).
 * A reader may take those for octal; what counts here is whether the sender
 * means its own address.
 *
 * Return: where the address ends, 0 if there is none.
 */
u32 sip_read_ipv4(const u8 *text, u32 at, u32 end, u8 *addr)
{
	const u8 *p;

	if (unlikely(end - at <= IPV4_MAX))
		return read_last_ipv4(text, at, end, addr);
	p = read_octets(text + at, addr);
	return p ? (u32)(p - text) : 0;
}

/* The values of hexadecimal digits, and one more; 0 for others. */
static const u8 hex_digits[256] = {
	['0'] = 1, ['1'] = 2, ['2'] = 3, ['3'] = 4, ['4'] = 5,
	['5'] = 6, ['6'] = 7, ['7'] = 8, ['8'] = 9, ['9'] = 10,
	['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
	['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
};

/* Reads a group: returns its value, and moves @p behind it. */
static __always_inline u32 read_group(const u8 **p, const u8 *stop)
{
	const u8 *at = *p;
	u32 value = 0, digit;

	if (stop - at > 4)
		stop = at + 4;
	for (; at < stop; at++) {
		digit = hex_digits[*at];
		if (!digit)
			break;
		value = value << 4 | (digit - 1);
	}
	*p = at;
	return value;
}

/* The address of @n groups, @gap of them in front of the "::". */
static bool fill_gap(const u8 *head, u32 n, u32 gap, u8 *addr)
{
	if (gap > n) {
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

/**
 * sip_read_ipv6() - read an IPv6 address at the start of the text
 * @text: the message
 * @at: start, behind the bracket if there is one
 * @end: where to stop at the latest
 * @addr: filled in, sixteen bytes
 *
 * RFC 4291, 2.2, without a zone: a zone means nothing to another host.
 *
 * Return: where the address ends, 0 if there is none.
 */
u32 sip_read_ipv6(const u8 *text, u32 at, u32 end, u8 *addr)
{
	const u8 *p = text + at, *stop = text + end, *start;
	u32 n = 0, gap = GROUPS + 1, value;
	u8 head[16];

	/* The first of two colons ends a group, or begins the text. */
	if (p < stop && *p == ':' && (++p == stop || *p != ':'))
		return 0;
	for (;;) {
		start = p;
		if (p < stop && *p == ':') {
			/* A second one, or one that stands for nothing. */
			if (gap <= GROUPS || n == GROUPS)
				return 0;
			gap = n;
			start = ++p;
		}
		value = read_group(&p, stop);
		if (p == start) {
			if (gap == n)
				break;
			return 0;
		}
		if (n == GROUPS)
			return 0;
		if (unlikely(p < stop && *p == '.')) {
			if (n > GROUPS - 2)
				return 0;
			at = sip_read_ipv4(text, (u32)(start - text), end,
					   head + 2 * n);
			if (!at)
				return 0;
			p = text + at;
			n += 2;
			break;
		}
		head[2 * n] = (u8)(value >> 8);
		head[2 * n + 1] = (u8)value;
		n++;
		if (p == stop || *p != ':')
			break;
		p++;
	}
	return fill_gap(head, n, gap, addr) ? (u32)(p - text) : 0;
}

/**
 * sip_read_endpoint() - read an address of either family, with a port
 * @ep: filled in; of family 0 if the text is a name
 * @text: the message
 * @where: all of the address
 * @port: the port
 */
void sip_read_endpoint(struct sip_endpoint *ep, const u8 *text,
		       const struct sip_span *where, u32 port)
{
	u32 end = where->off + where->len;

	memset(ep, 0, sizeof(*ep));
	ep->port = (u16)port;
	if (where->len &&
	    sip_read_ipv4(text, where->off, end, ep->addr) == end)
		ep->family = 4;
	else if (sip_read_ipv6(text, where->off, end, ep->addr) == end)
		ep->family = 6;
}

/**
 * sip_format_number() - write a number as text
 * @value: the number; ports and lengths have up to five digits
 * @out: room for its digits, ten bytes at most
 *
 * Return: bytes written.
 */
u32 sip_format_number(u32 value, u8 *out)
{
	u32 len = 1 + (value > 9) + (value > 99) + (value > 999) +
		  (value > 9999),
	    rest, i;

	if (unlikely(value > 99999))
		for (rest = value / 100000; rest; rest /= 10)
			len++;
	i = len;
	do {
		out[--i] = (u8)('0' + value % 10);
		value /= 10;
	} while (i);
	return len;
}

static __always_inline u8 *format_octet(u32 octet, u8 *out)
{
	u32 tens, hundreds;

	if (octet > 9) {
		tens = octet / 10;
		octet -= 10 * tens;
		if (tens > 9) {
			hundreds = tens > 19 ? 2 : 1;
			*out++ = (u8)('0' + hundreds);
			tens -= 10 * hundreds;
		}
		*out++ = (u8)('0' + tens);
	}
	*out++ = (u8)('0' + octet);
	return out;
}

static u32 format_ipv4(const u8 *addr, u8 *out)
{
	u8 *at = format_octet(addr[0], out);
	u32 i;

	for (i = 1; i < 4; i++) {
		*at++ = '.';
		at = format_octet(addr[i], at);
	}
	return (u32)(at - out);
}

static u32 format_group(u32 value, u8 *out)
{
	u32 len = 0, shift;

	for (shift = 16; shift;) {
		shift -= 4;
		if (len || !shift || value >> shift)
			out[len++] = "0123456789abcdef"[value >> shift & 15];
	}
	return len;
}

/* Finds the longest run of zero groups, the first of several; at least two. */
static u32 find_gap(const u32 *groups, u32 n, u32 *gap)
{
	u32 best = 1, run = 0, i;

	*gap = n;
	for (i = 0; i < n; i++) {
		run = groups[i] ? 0 : run + 1;
		if (run > best) {
			best = run;
			*gap = i + 1 - run;
		}
	}
	return *gap < n ? best : 0;
}

/* Not inline: IPv4 does not need its room on the stack. */
static noinline u32 format_ipv6(const u8 *addr, u8 *out)
{
	u32 groups[8], n = 8, gap, skip, len = 0, i;

	for (i = 0; i < 8; i++)
		groups[i] = (u32)addr[2 * i] << 8 | addr[2 * i + 1];
	/* RFC 5952, 5: an IPv4-mapped address is written as one. */
	if (!groups[0] && !groups[1] && !groups[2] && !groups[3] &&
	    !groups[4] && groups[5] == 0xffff)
		n = 6;
	skip = find_gap(groups, n, &gap);
	for (i = 0; i < n; i++) {
		if (skip && i == gap) {
			out[len++] = ':';
			i += skip - 1;
			if (i == n - 1)
				out[len++] = ':';
			continue;
		}
		if (i)
			out[len++] = ':';
		len += format_group(groups[i], out + len);
	}
	if (n == 6) {
		out[len++] = ':';
		len += format_ipv4(addr + 12, out + len);
	}
	return len;
}

/**
 * sip_endpoint_format() - write an address as text
 * @ep: the endpoint; its port is not written
 * @out: room for SIP_ADDRESS_TEXT_MAX bytes; no terminating zero is written
 *
 * IPv6 as in RFC 5952, without brackets.
 *
 * Return: bytes written.
 */
u32 sip_endpoint_format(const struct sip_endpoint *ep, u8 *out)
{
	return ep->family == 6 ? format_ipv6(ep->addr, out) :
				 format_ipv4(ep->addr, out);
}
