/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The session description (RFC 8866).
 */
#ifndef SIPALG_SIP_SDP_H
#define SIPALG_SIP_SDP_H

#include "candidate.h"
#include "verdict.h"

#define SDP_MEDIA_MAX		64	/* m= lines */
/* ports of one m= line: count times RTP and RTCP */
#define SDP_PORTS_MAX		8
#define SDP_CANDIDATES_MAX	128	/* of all media */
#define SDP_COPIES_MAX		7	/* of one c= line */

/**
 * struct sdp_address - the address of an o=, c= or a=rtcp line
 * @text: where it stands, without a TTL or count behind a slash; empty if there
 *	is none
 * @ep: its value, port 0; family 0 if it is a name
 */
struct sdp_address {
	struct sip_span text;
	struct sip_endpoint ep;
};

enum sdp_proto {
	SDP_PROTO_OTHER,	/* datagrams on one port, as udptl */
	SDP_PROTO_RTP,		/* RTP/AVP and its kin: RTP and RTCP */
	SDP_PROTO_TCP,		/* TCP/MSRP, TCP/BFCP, ... */
	SDP_PROTO_FOREIGN,	/* SCTP and DCCP: neither UDP nor TCP ports */
};

/**
 * struct sdp_media - one media description
 * @connection: its own c= line; empty text where it has none or has several
 *	that differ (then @layered)
 * @rtcp_address: address of its a=rtcp line
 * @port_text: digits of the port in the m= line
 * @rtcp_text: digits of the port in the a=rtcp line, empty if there is no such
 *	line
 * @kind: span of the media name, as "audio"
 * @formats: span of the format list of the m= line
 * @first_candidate: index of its first candidate among those of the session
 * @n_candidates: how many it has there
 * @repeats: start of the first line that may repeat its address or port: see
 *	repeat.c; 0 if there is none
 * @port: value of @port_text
 * @rtcp_port: value of @rtcp_text
 * @count: how many ports "port/count" asks for, 1 if not written
 * @proto: enum sdp_proto
 * @fault: enum sip_verdict, why the section stays as it is; SIP_OK if it need
 *	not
 * @copies: number of further c= lines that say the same as the first
 * @mux: a=rtcp-mux is there
 * @mux_only: a=rtcp-mux-only is there: RTCP has no port of its own (RFC 8858)
 * @connects: a=setup:active or holdconn: the sender listens on no TCP port
 * @layered: several c= lines that differ, or more copies than are counted
 * @has_candidates: a=candidate is there
 * @odd_candidates: one of these cannot be read, or found no room
 * @concluded: a=remote-candidates is there: ICE has found a path
 */
struct sdp_media {
	struct sdp_address connection;
	struct sdp_address rtcp_address;
	struct sip_span port_text;
	struct sip_span rtcp_text;
	struct sip_span kind;
	struct sip_span formats;
	u32 first_candidate;
	u32 n_candidates;
	u32 repeats;
	u16 port;
	u16 rtcp_port;
	u16 count;
	u8 proto;
	u8 fault;
	u8 copies;
	bool mux;
	bool mux_only;
	bool connects;
	bool layered;
	bool has_candidates;
	bool odd_candidates;
	bool concluded;
};

/* Does a=rtcp of a section on an address name another one? */
static __always_inline bool
sdp_rtcp_is_elsewhere(const struct sdp_media *media,
		      const struct sip_endpoint *address)
{
	return media->rtcp_address.text.len &&
	       !sip_same_address(&media->rtcp_address.ep, address);
}

/**
 * struct sdp_session - a session description
 * @body: where it stands; empty where the message has none
 * @origin: address of the o= line
 * @connection: address of the session's c= line
 * @media: the media descriptions, in order
 * @n_media: how many
 * @candidates: candidates for UDP, in order
 * @n_candidates: how many
 * @repeats: start of the first line above all media descriptions that may
 *	repeat its address; 0 if there is none
 * @copies: number of further c= lines there that say the same as the first
 * @connects: a=setup above all media descriptions, as that of one
 * @cut: there are more media descriptions than @media may keep, or another
 *	session
 * @cr: its lines end in a bare CR
 * @ice: it has ICE attributes
 * @lite: a=ice-lite: the sender answers connectivity checks, and makes none
 * @early: it is of the early session (RFC 3959), which ends when the call is
 *	answered
 */
struct sdp_session {
	struct sip_span body;
	struct sdp_address origin;
	struct sdp_address connection;
	struct sdp_media media[SDP_MEDIA_MAX];
	u32 n_media;
	struct sdp_candidate candidates[SDP_CANDIDATES_MAX];
	u32 n_candidates;
	u32 repeats;
	u8 copies;
	bool connects;
	bool cut;
	bool cr;
	bool ice;
	bool lite;
	bool early;
};

/* There is no description: nothing else of it is looked at. */
static __always_inline void sdp_clear(struct sdp_session *sdp)
{
	sdp->body = (struct sip_span){ 0, 0 };
	sdp->n_media = 0;
	sdp->ice = false;
}

/**
 * struct sdp_walk - goes from line to line of a media section
 * @text: the message
 * @at: start of the next line
 * @end: end of the section at the latest
 * @cr: lines end in a bare CR
 * @in_media: a section has begun, so that another v= ends the description
 */
struct sdp_walk {
	const u8 *text;
	u32 at;
	u32 end;
	bool cr;
	bool in_media;
};

/* in the place of a section: the lines above all of them */
#define SDP_WALK_SESSION	U32_MAX

void sdp_walk_begin(struct sdp_walk *walk, const struct sdp_session *sdp,
		    u32 media, const u8 *text, u32 at);
bool sdp_walk_next(struct sdp_walk *walk, u32 *start, u32 *end);

bool sdp_read_address(struct sdp_address *address, struct sdp_line *line);
void sdp_parse(struct sdp_session *sdp, const u8 *text, u32 at, u32 end,
	       struct sip_fault *fault);
u32 sdp_codecs(const struct sdp_session *sdp, u32 media, const u8 *text,
	       u8 *out, u32 room);

#endif /* SIPALG_SIP_SDP_H */
