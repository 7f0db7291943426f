/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The NAT, as the translator sees it: endpoints, and an address map that it
 * asks.
 */
#ifndef SIPALG_SIP_NAT_H
#define SIPALG_SIP_NAT_H

#include "msg.h"

/**
 * struct sdp_ports - the ports that one media description asks for
 * @inside: address and first port as the sender wrote them
 * @outside: answer: the address and first port to write instead
 * @rtcp_inside: where RTCP is received if not on the neighbouring port; family
 *	0 if none
 * @rtcp_outside: answer to that
 * @media: index of the media description
 * @n_ports: neighbouring ports that start at @inside: 2 for RTP with RTCP on
 *	the next port, 1 with a=rtcp, or for a protocol that uses a single one;
 *	times the port count
 * @stride: 2 where only every second port is used (RTP with a port count and
 *	a=rtcp), else 1
 * @rtp: the media is RTP
 * @tcp: the ports are TCP ports
 */
struct sdp_ports {
	struct sip_endpoint inside;
	struct sip_endpoint outside;
	struct sip_endpoint rtcp_inside;
	struct sip_endpoint rtcp_outside;
	u32 media;
	u8 n_ports;
	u8 stride;
	bool rtp;
	bool tcp;
};

enum sip_map_verdict {
	SIP_MAP_KEEP,		/* leave this field as it is */
	SIP_MAP_CHANGE,		/* the answer is filled in */
	/* cannot be done: the message must be passed unchanged */
	SIP_MAP_REFUSE,
};

struct sip_nat;

/**
 * struct sip_nat_ops - how the translator asks for addresses
 * @outward: an inside endpoint is named in @field of a message that its host
 *	sends; where may the outside reach it? @port_written says whether the
 *	text has an explicit port.
 * @inward: an outside endpoint is named in @field of a message to an inside
 *	host; which inside endpoint is it? Sets @port_written to false where the
 *	inside host itself wrote the field without a port, so that it gets back
 *	what it sent.
 * @media: the sender will receive media at @ports; where may the outside send
 *	it to?
 * @forbids: can the sender never have @ports, whatever it has now? Then their
 *	section stays as it is. NULL: it can have any.
 * @speaks_for: may the sender, which is inside, ask for media of @host, which
 *	is not the sender? NULL: of nobody.
 *
 * All but the last two are called in the order in which the fields stand in the
 * message, all from inside sip_translate(), in its context.
 */
struct sip_nat_ops {
	enum sip_map_verdict (*outward)(struct sip_nat *nat,
					enum sip_field field,
					const struct sip_endpoint *inside,
					bool port_written,
					struct sip_endpoint *outside);
	enum sip_map_verdict (*inward)(struct sip_nat *nat,
				       enum sip_field field,
				       const struct sip_endpoint *outside,
				       struct sip_endpoint *inside,
				       bool *port_written);
	enum sip_map_verdict (*media)(struct sip_nat *nat,
				      struct sdp_ports *ports);
	bool (*forbids)(struct sip_nat *nat, const struct sdp_ports *ports);
	bool (*speaks_for)(struct sip_nat *nat,
			   const struct sip_endpoint *host);
};

/**
 * struct sip_nat - what the NAT does to the packet that carries the message
 * @ops: the address map
 * @source_inside: the sender's endpoint before the NAT changed it; family 0 if
 *	it did not
 * @source_outside: the sender's endpoint behind the NAT
 * @target_outside: the receiver's endpoint before the NAT changed it; family 0
 *	if it did not
 * @target_inside: the receiver's endpoint behind the NAT
 * @keeps_ice: a session description with ICE attributes stays as it is
 * @keeps_uri: the Request-URI stays, as that of the INVITE did
 *
 * A message from the inside has a source pair, one to the inside a target pair;
 * a hairpinned one has both. A caller embeds this in its own context.
 */
struct sip_nat {
	const struct sip_nat_ops *ops;
	struct sip_endpoint source_inside;
	struct sip_endpoint source_outside;
	struct sip_endpoint target_outside;
	struct sip_endpoint target_inside;
	bool keeps_ice;
	bool keeps_uri;
};

#endif /* SIPALG_SIP_NAT_H */
