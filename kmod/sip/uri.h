/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hosts, ports and the URIs that hold them.
 */
#ifndef SIPALG_SIP_URI_H
#define SIPALG_SIP_URI_H

#include "address.h"

#define SIP_PORT	5060
#define SIPS_PORT	5061

/* Length of ";maddr=::": in less no parameter says where requests go. */
#define SIP_URI_PARAMS_MIN	9

enum sip_transport {
	SIP_TRANSPORT_UNNAMED,	/* or neither of the others */
	SIP_TRANSPORT_UDP,
	SIP_TRANSPORT_TCP,	/* TLS, too */
};

/**
 * struct sip_addr_ref - a place in the message that names an IP address or a
 * port
 * @host: the address's text, without the brackets of an IPv6 reference; empty
 *	for SIP_VIA_RPORT. Of a URI whose maddr parameter is an address it is
 *	that one, as requests go there, and stands behind @port.
 * @overridden: the same address in the place of the URI's host, which maddr
 *	overrides; empty if there is none
 * @port: the port's digits; where no port is written, empty, and @port.off is
 *	the place where ":port" would be put
 * @ep: the value; where no port is written, with that of @implied
 * @implied: the port that is meant where none is written: the default of the
 *	URI scheme or the Via transport (5060; 5061 for sips and TLS)
 * @field: which field this is, enum sip_field
 * @transport: what the transport parameter of a URI names, enum sip_transport
 *
 * A host name has no reference: it never changes.
 */
struct sip_addr_ref {
	struct sip_span host;
	struct sip_span overridden;
	struct sip_span port;
	struct sip_endpoint ep;
	u16 implied;
	u8 field;
	u8 transport;
};

bool sip_read_bare_address(const u8 *text, struct sip_span *where,
			   struct sip_endpoint *ep);
u32 sip_read_host_port(const u8 *text, u32 at, u32 end,
		       struct sip_addr_ref *ref);
void sip_read_uri_params(const u8 *text, u32 at, u32 end,
			 struct sip_addr_ref *ref);
u32 sip_read_uri(const u8 *text, u32 at, u32 end, struct sip_addr_ref *ref);
u32 sip_read_name_addr(const u8 *text, u32 at, u32 end, struct sip_span *uri);

#endif /* SIPALG_SIP_URI_H */
