/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The findings of one pass over a message. All positions are offsets from the
 * start of the message, all ports are in host byte order, all addresses in
 * network byte order.
 */
#ifndef SIPALG_SIP_MSG_H
#define SIPALG_SIP_MSG_H

#include "sdp.h"
#include "uri.h"

/*
 * Limits. A message that is longer than SIP_MSG_MAX is not looked at. Beyond
 * one of the others nothing more of its kind is collected.
 */
/* bytes; also the largest UDP payload */
#define SIP_MSG_MAX		65535
/* addresses that an ALG might change */
#define SIP_ADDR_REFS_MAX	160
#define SIP_CONTACTS_MAX	64	/* values of Contact */
/* values of Contact, Path, Refer-To and the headers of routes, in all */
#define SIP_VALUES_MAX		512
/* of the topmost Via, parameters that hold an address or a port */
#define SIP_VIA_PARAMS_MAX	4
#define SIP_CREDENTIALS_MAX	4	/* digest credentials with uri= */
#define SIP_LENGTHS_MAX		4	/* copies of Content-Length */
/* body parts around session descriptions: two of these, four deep */
#define SIP_PARTS_MAX		8

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
	SIP_ROUTE,
	SIP_RECORD_ROUTE,
	SIP_PATH,
	SIP_SERVICE_ROUTE,	/* of a response */
	SIP_CONTACT,
	SIP_REFER_TO,
};

/**
 * enum sip_tier - parts of a message that are understood each by itself
 *
 * The framing, the topmost Via, and in a request the fields that name its
 * dialog must be readable, else the message is passed unchanged. A fault in one
 * of these tiers leaves the rest of the message as it is understood.
 *
 * @SIP_TIER_FIELDS: the header fields
 * @SIP_TIER_BODY: the session description
 * @SIP_TIERS: how many there are
 */
enum sip_tier {
	SIP_TIER_FIELDS,
	SIP_TIER_BODY,
	SIP_TIERS,
};

/**
 * struct sip_contact - one value of Contact, as a registration needs it
 * @ref: index into sip_msg.addr_refs, or -1 where the host is a name
 * @expires: seconds of its expires parameter; -1 where there is none
 */
struct sip_contact {
	s32 ref;
	s32 expires;
};

/**
 * struct sip_part - a body part that holds a session description
 * @digits: its own Content-Length
 * @content: what that counts
 */
struct sip_part {
	struct sip_span digits;
	struct sip_span content;
};

/**
 * struct sip_msg - what one pass over a message finds
 * @len: bytes that belong to the message: on a datagram those up to
 *	Content-Length, or all
 * @body: everything behind the empty line, up to @len
 * @call_id: value of Call-ID
 * @from_tag: tag parameter of From; may be empty
 * @to_tag: tag parameter of To; may be empty
 * @branch: branch parameter of the topmost Via; may be empty
 * @request_uri: the whole Request-URI; empty in a response
 * @lengths: digits of each copy of Content-Length, all with the same value
 * @credentials: text of the uri= parameters of Authorization and
 *	Proxy-Authorization; none where the Request-URI names no address
 * @addr_refs: addresses, in the order of the message (offsets ascend); one more
 *	entry is for the parser
 * @contacts: values of Contact, in order
 * @parts: body parts whose Content-Length is right, the inner ones first
 * @sdp: the session description
 * @other: where the body has two descriptions, the other one: of alternatives
 *	the first, which is for readers that do not understand @sdp (RFC 2046,
 *	5.1.4), else that of the early session; empty body where there is none
 * @unread: type of a body that may hold a description, and was not all there;
 *	empty where the body has been read
 * @sealed: start of the header value because of which a body that may hold a
 *	description stays as it is: signed, or encoded; 0 for none
 * @cseq: number of CSeq
 * @expires: value of Expires in seconds; -1 where it is absent or no number
 * @session_expires: value of Session-Expires in seconds; -1 likewise
 * @n_addr_refs: how many of @addr_refs are set
 * @n_contacts: how many of @contacts are set
 * @n_credentials: how many of @credentials are set
 * @n_lengths: how many of @lengths are set; 0 where the header is absent
 * @n_parts: how many of @parts are set, in a message with @sdp
 * @status: status code of a response, 0 in a request
 * @method: method of the request, or of CSeq in a response; SIP_METHOD_OTHER in
 *	a response whose dialog cannot be told
 * @star: Contact is "*"
 * @credentials_cut: there are more than @credentials has room for
 * @faults: of each tier, the first fault
 */
struct sip_msg {
	u32 len;
	struct sip_span body;
	struct sip_span call_id;
	struct sip_span from_tag;
	struct sip_span to_tag;
	struct sip_span branch;
	struct sip_span request_uri;
	struct sip_span lengths[SIP_LENGTHS_MAX];
	struct sip_span credentials[SIP_CREDENTIALS_MAX];
	struct sip_addr_ref addr_refs[SIP_ADDR_REFS_MAX + 1];
	struct sip_contact contacts[SIP_CONTACTS_MAX];
	struct sip_part parts[SIP_PARTS_MAX];
	struct sdp_session sdp;
	struct sdp_session other;
	struct sip_span unread;
	u32 sealed;
	u32 cseq;
	s32 expires;
	s32 session_expires;
	u32 n_addr_refs;
	u32 n_contacts;
	u32 n_credentials;
	u32 n_lengths;
	u32 n_parts;
	u16 status;
	enum sip_method method;
	bool star;
	bool credentials_cut;
	struct sip_fault faults[SIP_TIERS];
};

/* The address in the Request-URI; NULL where it has none, as in a response. */
static inline const struct sip_addr_ref *
sip_request_uri(const struct sip_msg *msg)
{
	return msg->n_addr_refs && msg->addr_refs[0].field == SIP_REQUEST_URI ?
		       &msg->addr_refs[0] : NULL;
}

#endif /* SIPALG_SIP_MSG_H */
