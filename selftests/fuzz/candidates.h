/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The candidates of a media section (RFC 8839), read by plain means.
 */
#ifndef SIPALG_FUZZ_CANDIDATES_H
#define SIPALG_FUZZ_CANDIDATES_H

#include "fuzz.h"

/* RTP, RTCP */
struct candidates {
	bool any;
	bool odd;		/* one could not be read */
	bool concluded;		/* a=remote-candidates */
	bool own[2];		/* the default is one of them, by component */
};

/* Where RTCP of a section at @sender is expected; 0 for nowhere. */
u16 default_rtcp(const struct sdp_media *media, const struct sip_endpoint *sender);

/* Those of a section that is at @sender. */
struct candidates read_candidates(const struct sdp_session *sdp, u32 media, const u8 *text,
				  const struct sip_endpoint *sender);

/* Lines of the section that begin with @name and then name @ep, as address and port. */
u32 count_lines(const struct sdp_session *sdp, u32 media, const u8 *text, const char *name,
		const struct sip_endpoint *ep);

/* A line that was put in is a reflexive candidate of @inside, seen as @outside. */
void candidate_must_be(const u8 *line, u32 len, const struct sip_endpoint *inside,
		       const struct sip_endpoint *outside);

#endif /* SIPALG_FUZZ_CANDIDATES_H */
