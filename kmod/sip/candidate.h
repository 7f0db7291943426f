/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Candidates of ICE (RFC 8839, 5.1).
 */
#ifndef SIPALG_SIP_CANDIDATE_H
#define SIPALG_SIP_CANDIDATE_H

#include "address.h"
#include "line.h"

/**
 * struct sdp_candidate - a candidate for UDP
 * @line: start of its line
 * @component: 1 for RTP, 2 for RTCP
 * @priority: as written
 * @address: text of its address
 * @port: digits of its port
 * @ep: address and port; family 0 if the address is a name
 */
struct sdp_candidate {
	u32 line;
	u32 component;
	u32 priority;
	struct sip_span address;
	struct sip_span port;
	struct sip_endpoint ep;
};

enum sdp_candidate_kind {
	SDP_CANDIDATE_UDP,
	SDP_CANDIDATE_OTHER,	/* for another transport */
	SDP_CANDIDATE_ODD,	/* cannot be read */
};

enum sdp_candidate_kind sdp_read_candidate(struct sdp_candidate *candidate,
					   struct sdp_line *line);

#endif /* SIPALG_SIP_CANDIDATE_H */
