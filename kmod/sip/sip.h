/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the core offers: a SIP message is parsed once into offsets, translated
 * into a plan of edits, and the plan is rendered once.
 *
 * The core keeps no state, takes no lock and allocates nothing: every structure
 * here belongs to the caller, who may use it in any context. All positions are
 * offsets from the start of the message, all ports are in host byte order, all
 * addresses are in network byte order.
 */
#ifndef SIPALG_CORE_SIP_H
#define SIPALG_CORE_SIP_H

#include "types.h"

/* Limits. A message that exceeds one is not understood, and so not touched. */
/* bytes; also the largest UDP payload */
#define SIP_MSG_MAX		65535
#define SIP_HEADERS_MAX		256	/* header lines */
/* addresses that an ALG might change */
#define SIP_ADDR_REFS_MAX		64
#define SIP_CONTACTS_MAX	16	/* values of Contact */
#define SIP_CREDENTIALS_MAX	4	/* digest credentials with uri= */
#define SDP_MEDIA_MAX		16	/* m= lines */
/* ports of one m= line: count times RTP and RTCP */
#define SDP_PORTS_MAX		8
#define SIP_EDITS_MAX		160
#define SIP_EDIT_TEXT_MAX	4096	/* bytes of new text in one plan */

struct sip_span {
	u32 off;
	u32 len;
};

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

/**
 * enum sip_verdict - why a message is passed unchanged
 *
 * SIP_OK is the absence of such a reason. The names of the counters in
 * uapi/nf_sipalg.h follow these one by one.
 *
 * @SIP_OK: understood
 * @SIP_NOT_SIP: the first bytes are no SIP start line: keep-alive, STUN, noise
 * @SIP_BAD_START: a start line that begins well and goes on badly
 * @SIP_BAD_HEADER: a header section that begins with a blank, or has no end
 * @SIP_BAD_VALUE: a header an ALG needs has a value that cannot be parsed
 * @SIP_BAD_LENGTH: Content-Length is no number, contradicts itself, or exceeds
 *	what is there
 * @SIP_BAD_SDP: the session description cannot be parsed, or there are several
 * @SIP_INCOMPLETE: Call-ID, CSeq, Via, From or To is missing
 * @SIP_TOO_MANY: more headers, addresses or media than the limits above
 * @SIP_TOO_LONG: longer than SIP_MSG_MAX before or after the change
 * @SIP_REFUSED: the address map could not give what the message needs
 */
enum sip_verdict {
	SIP_OK,
	SIP_NOT_SIP,
	SIP_BAD_START,
	SIP_BAD_HEADER,
	SIP_BAD_VALUE,
	SIP_BAD_LENGTH,
	SIP_BAD_SDP,
	SIP_INCOMPLETE,
	SIP_TOO_MANY,
	SIP_TOO_LONG,
	SIP_REFUSED,
};

enum sip_method {
	SIP_METHOD_OTHER,
	SIP_ACK,
	SIP_BYE,
	SIP_CANCEL,
	SIP_INFO,
	SIP_INVITE,
	SIP_MESSAGE,
	SIP_NOTIFY,
	SIP_OPTIONS,
	SIP_PRACK,
	SIP_PUBLISH,
	SIP_REFER,
	SIP_REGISTER,
	SIP_SUBSCRIBE,
	SIP_UPDATE,
};

enum sip_field {
	SIP_REQUEST_URI,
	SIP_VIA,		/* topmost value: sent-by */
	SIP_VIA_MADDR,
	SIP_VIA_RECEIVED,
	SIP_VIA_RPORT,		/* a port alone */
	SIP_ROUTE,		/* topmost value */
	SIP_RECORD_ROUTE,
	SIP_PATH,
	SIP_CONTACT,
	SIP_REFER_TO,
};

/**
 * struct sip_addr_ref - a place in the message that names an IP address or a
 * port
 * @host: the address's text, without the brackets of an IPv6 reference; empty
 *	for SIP_VIA_RPORT
 * @port: the port's digits; where no port is written, empty, and @port.off is
 *	the place where ":port" would be put
 * @ep: the value; where no port is written, with that of @implied
 * @implied: the port that is meant where none is written: the default of the
 *	URI scheme or the Via transport (5060; 5061 for sips and TLS)
 * @field: which field this is, enum sip_field
 *
 * Host names have no site: they are never changed.
 */
struct sip_addr_ref {
	struct sip_span host;
	struct sip_span port;
	struct sip_endpoint ep;
	u16 implied;
	u8 field;
};

/**
 * struct sip_contact - one value of Contact, as a registration needs it
 * @ref: index into sip_msg.sites, or -1 where the host is a name
 * @expires: seconds of its expires parameter; -1 where there is none
 */
struct sip_contact {
	s32 ref;
	s32 expires;
};

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
 * @count: number of ports asked for by "port/count", 1 if not written
 * @proto: what runs on the port
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

/**
 * struct sip_msg - what one pass over a message finds
 * @len: bytes that belong to the message: on a datagram those up to
 *	Content-Length, or all
 * @body: everything behind the empty line, up to @len
 * @call_id: value of Call-ID
 * @from_tag: tag parameter of From; may be empty
 * @to_tag: tag parameter of To; may be empty
 * @request_uri: the whole Request-URI; empty in a response
 * @content_length: digits of the value; empty where the header is absent
 * @length_repeated: Content-Length is there more than once, with the same value
 * @credentials: text of the uri= parameters of Authorization and
 *	Proxy-Authorization
 * @addr_refs: addresses, in the order of the message (offsets ascend)
 * @contacts: values of Contact, in order
 * @sdp: the session description
 * @cseq: number of CSeq
 * @expires: value of Expires in seconds; -1 where it is absent or no number
 * @session_expires: value of Session-Expires in seconds; -1 likewise
 * @n_addr_refs: how many of @addr_refs are set
 * @n_contacts: how many of @contacts are set
 * @n_credentials: how many of @credentials are set
 * @status: status code of a response, 0 in a request
 * @method: method of the request, or of CSeq in a response
 * @star: Contact is "*"
 */
struct sip_msg {
	u32 len;
	struct sip_span body;
	struct sip_span call_id;
	struct sip_span from_tag;
	struct sip_span to_tag;
	struct sip_span request_uri;
	struct sip_span content_length;
	struct sip_span credentials[SIP_CREDENTIALS_MAX];
	struct sip_addr_ref addr_refs[SIP_ADDR_REFS_MAX];
	struct sip_contact contacts[SIP_CONTACTS_MAX];
	struct sdp_session sdp;
	u32 cseq;
	s32 expires;
	s32 session_expires;
	u32 n_addr_refs;
	u32 n_contacts;
	u32 n_credentials;
	u16 status;
	enum sip_method method;
	bool star;
	bool length_repeated;
};

/**
 * sip_is_start() - do these bytes begin like a SIP message?
 * @text: start of the datagram
 * @len: its length in bytes
 *
 * A cheap look at the first bytes, so that keep-alives (RFC 5626, 4.4), STUN
 * and anything else cost next to nothing.
 *
 * Return: true where sip_parse() is worth calling.
 */
bool sip_is_start(const u8 *text, u32 len);

/**
 * sip_parse() - parse the message in one datagram
 * @msg: filled in; its contents are undefined unless SIP_OK is returned
 * @text: the datagram's payload; nothing is read at or past @text + @len
 * @len: its length in bytes
 *
 * Return: SIP_OK, or why the message must be passed unchanged.
 */
enum sip_verdict sip_parse(struct sip_msg *msg, const u8 *text, u32 len);

/**
 * sip_parse_head() - parse start line and headers of a message whose body is
 * elsewhere
 * @msg: as for sip_parse(); its body is empty
 * @text: the text, up to the empty line at least
 * @len: its length in bytes
 *
 * Return: as sip_parse().
 */
enum sip_verdict sip_parse_head(struct sip_msg *msg, const u8 *text, u32 len);

/**
 * sdp_codecs() - what a media description is about, in few words
 * @sdp: as sip_parse() filled it in
 * @media: index of the media description
 * @text: the message
 * @out: filled in: the media name and, each behind a blank, the formats of the
 *	m= line under the names that a=rtpmap (RFC 8866, 6.6) gives them; others
 *	as they are. What is no printing character becomes '?'.
 * @room: bytes that may be written; the first format that does not fit ends the
 *	list
 *
 * Return: bytes written; no terminating zero is.
 */
u32 sdp_codecs(const struct sdp_session *sdp, u32 media, const u8 *text,
	       u8 *out, u32 room);

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
 *
 * All are called in the order in which the fields stand in the message, from
 * inside sip_translate(), in its context.
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
};

/**
 * struct sip_edit - one replacement
 * @off: where in the message
 * @len: how many bytes go; 0 for an insertion
 * @text: offset of the new text in sip_plan.text
 * @text_len: its length in bytes
 */
struct sip_edit {
	u32 off;
	u32 len;
	u32 text;
	u32 text_len;
};

/**
 * struct sip_plan - the edits that translate one message
 * @edits: sorted by offset, disjoint, inside the message, none a no-op
 * @n_edits: how many
 * @text_len: bytes used of @text
 * @delta: growth of the message in bytes, may be negative
 * @text: the new texts
 */
struct sip_plan {
	struct sip_edit edits[SIP_EDITS_MAX];
	u32 n_edits;
	u32 text_len;
	s32 delta;
	u8 text[SIP_EDIT_TEXT_MAX];
};

/**
 * sip_translate() - plan what must change in a message that crosses the NAT
 * @plan: filled in; has no edits where nothing need change, or unless SIP_OK is
 *	returned
 * @msg: as sip_parse() filled it in
 * @text: the same text
 * @nat: the endpoints and the address map
 *
 * The rules are the table of DESIGN, section 4.
 *
 * Return: SIP_OK, or why the message must be passed unchanged.
 */
enum sip_verdict sip_translate(struct sip_plan *plan, const struct sip_msg *msg,
			       const u8 *text, struct sip_nat *nat);

/**
 * sip_plan_span() - the part of the message that a plan changes
 * @plan: a plan with at least one edit
 *
 * Return: from the first byte of the first edit to the last of the last.
 */
struct sip_span sip_plan_span(const struct sip_plan *plan);

/**
 * sip_plan_render() - write the new text of sip_plan_span()
 * @plan: a plan with at least one edit
 * @text: the message
 * @out: room for the span's length plus @plan->delta bytes; must not overlap
 *	@text
 *
 * Return: bytes written, which is exactly that.
 */
u32 sip_plan_render(const struct sip_plan *plan, const u8 *text, u8 *out);

/**
 * sip_endpoint_format() - write an address as text
 * @ep: the endpoint; its port is not written
 * @out: room for SIP_ADDRESS_TEXT_MAX bytes; no terminating zero is written
 *
 * IPv6 as in RFC 5952, without brackets.
 *
 * Return: bytes written.
 */
#define SIP_ADDRESS_TEXT_MAX 45
u32 sip_endpoint_format(const struct sip_endpoint *ep, u8 *out);

#endif /* SIPALG_CORE_SIP_H */
