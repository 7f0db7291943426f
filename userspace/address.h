/* SPDX-License-Identifier: GPL-2.0 */
/*
 * IPv4 and IPv6 addresses, alone and with a port.
 */
#ifndef ADDRESS_H
#define ADDRESS_H

#include <arpa/inet.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Port of a URI or Via that names none: RFC 3261, 19.1.2. */
#define SIP_PORT 5060

/* "[", an IPv6 address with its zero, "]:", a port. */
#define ENDPOINT_TEXT_LEN (INET6_ADDRSTRLEN + 8)

/**
 * struct address - an IP address
 * @len: 4 or 16; 0 where there is none
 * @bytes: in network order; zeros follow an IPv4 address, so that memcmp()
 *	compares two addresses
 */
struct address {
	uint8_t len;
	uint8_t bytes[16];
};

/**
 * struct endpoint - an address and a port
 * @address: the address
 * @port: in host order
 */
struct endpoint {
	struct address address;
	uint16_t port;
};

bool address_set(struct address *address, const void *bytes, size_t len);
bool address_parse(struct address *address, const char *text);
const char *address_text(const struct address *address,
			 char text[INET6_ADDRSTRLEN]);
bool address_is_private(const struct address *address);
int address_compare(const struct address *a, const struct address *b);
const char *endpoint_text(const struct endpoint *endpoint,
			  char text[ENDPOINT_TEXT_LEN]);
int endpoint_compare(const struct endpoint *a, const struct endpoint *b);
const char *family_name(uint64_t family);
const char *proto_name(uint64_t proto);

#endif /* ADDRESS_H */
