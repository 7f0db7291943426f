/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Candidates of ICE (RFC 8839), as far as a NAT has a part in them.
 */
#ifndef SIPALG_SIP_ICE_H
#define SIPALG_SIP_ICE_H

#include "nat.h"
#include "writer.h"

#define SIP_ICE_COMPONENTS 2	/* RTP and RTCP */

/**
 * struct sip_ice_candidate - a candidate for UDP
 * @line: start of its line
 * @address: text of its address
 * @port: digits of its port
 * @ep: address and port; family 0 if the address is a name
 * @component: 1 for RTP, 2 for RTCP
 * @priority: as written
 */
struct sip_ice_candidate {
	u32 line;
	struct sip_span address;
	struct sip_span port;
	struct sip_endpoint ep;
	u32 component;
	u32 priority;
};

/**
 * struct sip_ice - what ICE means for a media section
 * @sdp: the session description
 * @text: the message
 * @media: index of the section
 * @own: by component, the default candidate where it is on the sender's own
 *	address; line 0 if it is not
 * @odd: a candidate could not be read
 */
struct sip_ice {
	const struct sdp_session *sdp;
	const u8 *text;
	u32 media;
	struct sip_ice_candidate own[SIP_ICE_COMPONENTS];
	bool odd;
};

bool sip_ice_may_help(struct sip_ice *ice, const struct sdp_session *sdp,
		      u32 media, const u8 *text,
		      const struct sip_endpoint *sender);
enum sip_verdict sip_ice_write(const struct sip_ice *ice,
			       struct sip_writer *writer,
			       const struct sip_endpoint *rtp, u16 rtcp_port);

#endif /* SIPALG_SIP_ICE_H */
