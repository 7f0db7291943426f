// SPDX-License-Identifier: GPL-2.0

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "address.h"
#include "decimal.h"

/**
 * address_set() - take over an address as the kernel gives it
 * @address: filled in; without an address if the length is of no family
 * @bytes: in network order
 * @len: how many
 *
 * Return: whether there is an address now.
 */
bool address_set(struct address *address, const void *bytes, size_t len)
{
	*address = (struct address){};
	if (len != sizeof(struct in_addr) && len != sizeof(struct in6_addr))
		return false;
	address->len = len;
	memcpy(address->bytes, bytes, len);
	return true;
}

/**
 * address_parse() - read an address
 * @address: filled in
 * @text: as inet_pton() takes it
 *
 * Return: whether it is one.
 */
bool address_parse(struct address *address, const char *text)
{
	uint8_t bytes[16];

	if (inet_pton(AF_INET, text, bytes) == 1)
		return address_set(address, bytes, 4);
	return inet_pton(AF_INET6, text, bytes) == 1 &&
	       address_set(address, bytes, 16);
}

/* Return: where the zero is. */
static char *ipv4_put(char *to, const uint8_t bytes[4])
{
	for (size_t i = 0; i < 4; i++) {
		if (i)
			*to++ = '.';
		to = decimal_put(to, bytes[i]);
	}
	return to;
}

/**
 * address_text() - an address as people write it
 * @address: the address
 * @text: filled in
 *
 * Return: @text.
 */
const char *address_text(const struct address *address,
			 char text[INET6_ADDRSTRLEN])
{
	if (!address->len)
		return strcpy(text, "-");
	if (address->len == sizeof(struct in6_addr))
		return inet_ntop(AF_INET6, address->bytes, text,
				 INET6_ADDRSTRLEN);
	ipv4_put(text, address->bytes);
	return text;
}

/**
 * address_is_private() - cannot packets of the Internet reach the address?
 * @address: an IPv4 address
 *
 * Return: whether it is of RFC 1918, RFC 3927 or RFC 6598 (a provider's NAT).
 */
bool address_is_private(const struct address *address)
{
	const uint8_t *bytes = address->bytes;

	return bytes[0] == 10 || (bytes[0] == 172 && bytes[1] >> 4 == 1) ||
	       (bytes[0] == 192 && bytes[1] == 168) ||
	       (bytes[0] == 100 && bytes[1] >> 6 == 1) ||
	       (bytes[0] == 169 && bytes[1] == 254);
}

int address_compare(const struct address *a, const struct address *b)
{
	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

/**
 * endpoint_text() - an address with its port, an IPv6 one in brackets
 * @endpoint: the endpoint
 * @text: filled in
 *
 * Return: @text.
 */
const char *endpoint_text(const struct endpoint *endpoint,
			  char text[ENDPOINT_TEXT_LEN])
{
	bool brackets = endpoint->address.len == sizeof(struct in6_addr);
	char *end = text;

	if (brackets)
		*end++ = '[';
	end += strlen(address_text(&endpoint->address, end));
	if (brackets)
		*end++ = ']';
	*end++ = ':';
	decimal_put(end, endpoint->port);
	return text;
}

int endpoint_compare(const struct endpoint *a, const struct endpoint *b)
{
	int order = address_compare(&a->address, &b->address);

	return order ? order : (int)a->port - (int)b->port;
}

/**
 * family_name() - name of an address family
 * @family: its number
 *
 * Return: its name, or NULL for one that SIP cannot have here.
 */
const char *family_name(uint64_t family)
{
	switch (family) {
	case AF_INET:
		return "inet";
	case AF_INET6:
		return "inet6";
	default:
		return NULL;
	}
}

/**
 * proto_name() - name of a transport protocol
 * @proto: its number
 *
 * Return: its name, or NULL for one that SIP cannot have here.
 */
const char *proto_name(uint64_t proto)
{
	switch (proto) {
	case IPPROTO_UDP:
		return "udp";
	case IPPROTO_TCP:
		return "tcp";
	default:
		return NULL;
	}
}
