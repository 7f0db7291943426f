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
 * struct sip_ice - what ICE means for a media section
 * @sdp: the session description
 * @media: the section
 * @text: the message
 * @own: by component, the default candidate where it is on the sender's own
 *	address; NULL if it is not
 */
struct sip_ice {
	const struct sdp_session *sdp;
	const struct sdp_media *media;
	const u8 *text;
	const struct sdp_candidate *own[SIP_ICE_COMPONENTS];
};

bool sip_ice_may_help(struct sip_ice *ice, const struct sdp_session *sdp,
		      u32 media, const u8 *text,
		      const struct sip_endpoint *sender);
enum sip_verdict sip_ice_write(const struct sip_ice *ice,
			       struct sip_writer *writer,
			       const struct sip_endpoint *rtp, u16 rtcp_port);

#endif /* SIPALG_SIP_ICE_H */
