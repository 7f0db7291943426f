/* SPDX-License-Identifier: GPL-2.0 */
/*
 * IP addresses and numbers, between text and binary.
 */
#ifndef SIPALG_SIP_ADDRESS_H
#define SIPALG_SIP_ADDRESS_H

#include "scan.h"

/**
 * struct sip_endpoint - an address and a port
 * @addr: network byte order; IPv4 uses the first four bytes, the rest is zero
 * @port: host byte order; 0 where there is none
 * @family: IP version, 4 or 6; 0 for none
 */
struct sip_endpoint {
	u8 addr[16] __aligned(4);
	u16 port;
	u8 family;
};

#define SIP_ADDRESS_TEXT_MAX 45	/* bytes */

u32 sip_read_ipv4(const u8 *text, u32 at, u32 end, u8 *addr);
u32 sip_read_ipv6(const u8 *text, u32 at, u32 end, u8 *addr);
void sip_read_endpoint(struct sip_endpoint *ep, const u8 *text,
		       const struct sip_span *where, u32 port);
u32 sip_format_number(u32 value, u8 *out);
u32 sip_endpoint_format(const struct sip_endpoint *ep, u8 *out);

static __always_inline bool sip_same_address(const struct sip_endpoint *a,
					     const struct sip_endpoint *b)
{
	return a->family == b->family &&
	       scan_load(a->addr) == scan_load(b->addr) &&
	       scan_load(a->addr + 8) == scan_load(b->addr + 8);
}

#endif /* SIPALG_SIP_ADDRESS_H */
