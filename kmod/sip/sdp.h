/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The session description (RFC 8866).
 */
#ifndef SIPALG_SIP_SDP_H
#define SIPALG_SIP_SDP_H

#include "address.h"
#include "verdict.h"

#define SDP_MEDIA_MAX		16	/* m= lines */
/* ports of one m= line: count times RTP and RTCP */
#define SDP_PORTS_MAX		8

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
};

/**
 * struct sdp_media - one media description
 * @connection: its own c= line; empty text where it has none or has several
 *	(then @layered)
 * @rtcp_address: address of its a=rtcp line
 * @port_text: digits of the port in the m= line
 * @rtcp_text: digits of the port in the a=rtcp line, empty if there is no such
 *	line
 * @kind: span of the media name, as "audio"
 * @formats: span of the format list of the m= line
 * @port: value of @port_text
 * @rtcp_port: value of @rtcp_text
 * @count: how many ports "port/count" asks for, 1 if not written
 * @proto: enum sdp_proto
 * @mux: a=rtcp-mux is there
 * @layered: several c= lines
 */
struct sdp_media {
	struct sdp_address connection;
	struct sdp_address rtcp_address;
	struct sip_span port_text;
	struct sip_span rtcp_text;
	struct sip_span kind;
	struct sip_span formats;
	u16 port;
	u16 rtcp_port;
	u16 count;
	u8 proto;
	bool mux;
	bool layered;
};

/**
 * struct sdp_session - the one session description of a message
 * @body: where it stands; empty where the message has none
 * @origin: address of the o= line
 * @connection: address of the session's c= line
 * @media: the media descriptions, in order
 * @n_media: how many
 * @ice: it has ICE attributes; such a description is never changed (RFC 8839,
 *	5.3)
 */
struct sdp_session {
	struct sip_span body;
	struct sdp_address origin;
	struct sdp_address connection;
	struct sdp_media media[SDP_MEDIA_MAX];
	u32 n_media;
	bool ice;
};

enum sip_verdict sdp_parse(struct sdp_session *sdp, const u8 *text, u32 at,
			   u32 end);
u32 sdp_codecs(const struct sdp_session *sdp, u32 media, const u8 *text,
	       u8 *out, u32 room);

#endif /* SIPALG_SIP_SDP_H */
