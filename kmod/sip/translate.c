// SPDX-License-Identifier: GPL-2.0
/*
 * The table of docs/DESIGN.md, section 4, as code: which fields of a message
 * change when it crosses the NAT. The caller's address map says which address
 * stands for which.
 *
 * Each field is translated by itself. These parts belong together, as one of
 * them alone would do harm: they change together, or not at all.
 *
 * - Via, and all the rest of a request: where Via cannot be read, the response
 *   would be lost.
 *
 * - Port, a=rtcp, c= and candidates of a media section: an address without its
 *   port leads media to another phone's port on the router, and a default that
 *   is no candidate ends ICE.
 *
 * - c= of the session, and all sections without their own: a section that must
 *   stay as it is, since it cannot be read or can never have its port, keeps
 *   this line, and with it the others.
 *
 * - The last media that could change, and the fields of its sender: signalling
 *   that works for a call whose stream is lost sets up a mute call. The part of
 *   a response that is for the receiver does not depend on it.
 *
 * - The body, and every Content-Length, those of the parts around it too: a
 *   reader cuts the body by the wrong one.
 *
 * - Two session descriptions of one body.
 *
 * - Request-URI, and the uri= of digest credentials: the server compares them
 *   (RFC 7616, 3.4.6).
 */

#include "body.h"
#include "translate.h"
#include "writer.h"

struct translation {
	struct sip_writer writer;
	const struct sip_msg *msg;
	const u8 *text;
	struct sip_nat *nat;
	bool via_changed;
};

/* Takes away a written port with its colon and the blanks around that. */
static enum sip_verdict remove_port(struct translation *t,
				    const struct sip_addr_ref *ref)
{
	u32 off = ref->port.off, end = off + ref->port.len;

	while (t->text[off - 1] != ':')
		off--;
	off--;
	while (scan_is_blank(t->text[off - 1]))
		off--;
	if (!sip_plan_add(t->writer.plan, (struct sip_span){off, end - off}, 0,
			  0))
		return SIP_TOO_MANY;
	return SIP_OK;
}

/* Without @port_written a written port that equals the implied one goes. */
static enum sip_verdict write_port(struct translation *t,
				   const struct sip_addr_ref *ref, u16 port,
				   bool port_written)
{
	if (ref->port.len && !port_written && port == ref->implied)
		return remove_port(t, ref);
	if (port == ref->ep.port)
		return SIP_OK;
	return sip_write_number(&t->writer, ref->port, port, !ref->port.len);
}

/* The host of a URI, if it is the same address, comes before the port. */
static noinline enum sip_verdict write_maddr(struct translation *t,
					     const struct sip_addr_ref *ref,
					     const struct sip_endpoint *to,
					     bool port_written)
{
	enum sip_verdict verdict = SIP_OK;

	if (ref->overridden.len)
		verdict = sip_write_address(&t->writer, ref->overridden,
					    &ref->ep, to);
	if (!verdict)
		verdict = write_port(t, ref, to->port, port_written);
	if (!verdict)
		verdict = sip_write_address(&t->writer, ref->host, &ref->ep,
					    to);
	return verdict;
}

/* Writes @to where a reference stands. */
static enum sip_verdict write_ref(struct translation *t,
				  const struct sip_addr_ref *ref,
				  const struct sip_endpoint *to,
				  bool port_written)
{
	enum sip_verdict verdict;

	if (to->family != ref->ep.family)
		return SIP_REFUSED;
	if (unlikely(ref->port.off < ref->host.off))
		return write_maddr(t, ref, to, port_written);
	verdict = sip_write_address(&t->writer, ref->host, &ref->ep, to);
	return verdict ? verdict : write_port(t, ref, to->port, port_written);
}

static enum sip_verdict map_outward(struct translation *t,
				    const struct sip_addr_ref *ref)
{
	struct sip_nat *nat = t->nat;
	struct sip_endpoint to;

	switch (nat->ops->outward(nat, ref->field, &ref->ep, ref->port.len,
				  &to)) {
	case SIP_MAP_KEEP:
		return SIP_OK;
	case SIP_MAP_CHANGE:
		return write_ref(t, ref, &to, true);
	default:
		return SIP_REFUSED;
	}
}

static enum sip_verdict map_inward(struct translation *t,
				   const struct sip_addr_ref *ref)
{
	bool port_written = ref->port.len;
	struct sip_nat *nat = t->nat;
	struct sip_endpoint to;

	switch (nat->ops->inward(nat, ref->field, &ref->ep, &to,
				 &port_written)) {
	case SIP_MAP_KEEP:
		return SIP_OK;
	case SIP_MAP_CHANGE:
		if (ref->field == SIP_VIA)
			t->via_changed = true;
		return write_ref(t, ref, &to, port_written);
	default:
		return SIP_REFUSED;
	}
}

/**
 * sip_is_uri_signed() - must the Request-URI go on agreeing with credentials?
 * @msg: as sip_parse() filled it in
 * @text: the same text
 *
 * Return: whether digest credentials were made for the Request-URI.
 */
bool sip_is_uri_signed(const struct sip_msg *msg, const u8 *text)
{
	u32 i;

	if (msg->credentials_cut)
		return true;
	for (i = 0; i < msg->n_credentials; i++) {
		if (msg->credentials[i].len == msg->request_uri.len &&
		    !memcmp(text + msg->credentials[i].off,
			    text + msg->request_uri.off, msg->request_uri.len))
			return true;
	}
	return false;
}

static bool keeps_uri(const struct translation *t)
{
	return t->nat->keeps_uri || sip_is_uri_signed(t->msg, t->text);
}

/* A reference that names the inside address of the sender. */
static enum sip_verdict translate_outbound(struct translation *t,
					   const struct sip_addr_ref *ref)
{
	bool request = !t->msg->status;

	switch (ref->field) {
	case SIP_REQUEST_URI:
		return keeps_uri(t) ? SIP_OK : map_outward(t, ref);
	case SIP_VIA:
	case SIP_ROUTE:
	case SIP_REFER_TO:
		/* In a response, Via is the other side's, whatever it names. */
		return request ? map_outward(t, ref) : SIP_OK;
	case SIP_VIA_MADDR:
		return request ? sip_write_address(&t->writer, ref->host,
						   &ref->ep,
						   &t->nat->source_outside) :
				 SIP_OK;
	case SIP_CONTACT:
	case SIP_RECORD_ROUTE:
	case SIP_PATH:
	case SIP_SERVICE_ROUTE:
		return map_outward(t, ref);
	default:
		return SIP_OK;
	}
}

/* A reference that names the outside address of the receiver. */
static enum sip_verdict translate_inbound(struct translation *t,
					  const struct sip_addr_ref *ref)
{
	bool request = !t->msg->status;

	switch (ref->field) {
	case SIP_VIA:
		return request ? SIP_OK : map_inward(t, ref);
	case SIP_VIA_MADDR:
	case SIP_VIA_RECEIVED:
		return t->via_changed ?
			       sip_write_address(&t->writer, ref->host,
						 &ref->ep,
						 &t->nat->target_inside) :
			       SIP_OK;
	case SIP_REQUEST_URI:
		return keeps_uri(t) ? SIP_OK : map_inward(t, ref);
	case SIP_ROUTE:
		return request ? map_inward(t, ref) : SIP_OK;
	case SIP_CONTACT:
	case SIP_RECORD_ROUTE:
	case SIP_PATH:
		return map_inward(t, ref);
	default:
		return SIP_OK;
	}
}

static enum sip_verdict translate_rport(struct translation *t,
					const struct sip_addr_ref *ref)
{
	const struct sip_nat *nat = t->nat;

	if (!t->via_changed || ref->ep.port != nat->target_outside.port ||
	    ref->ep.port == nat->target_inside.port)
		return SIP_OK;
	return sip_write_number(&t->writer, ref->port, nat->target_inside.port,
				false);
}

static enum sip_verdict translate_refs(struct translation *t)
{
	const struct sip_nat *nat = t->nat;
	enum sip_verdict verdict = SIP_OK;
	u32 i;

	for (i = 0; i < t->msg->n_addr_refs && !verdict; i++) {
		const struct sip_addr_ref *ref = &t->msg->addr_refs[i];

		if (ref->field == SIP_VIA_RPORT)
			verdict = translate_rport(t, ref);
		else if (sip_same_address(&ref->ep, &nat->source_inside))
			verdict = translate_outbound(t, ref);
		else if (sip_same_address(&ref->ep, &nat->target_outside))
			verdict = translate_inbound(t, ref);
	}
	return verdict;
}

/**
 * sip_translate() - plan what must change in a message that crosses the NAT
 * @plan: filled in; has no edits where nothing need change, or unless SIP_OK is
 *	returned
 * @msg: as sip_parse() filled it in
 * @text: the same text
 * @nat: the endpoints and the address map
 *
 * The rules are the table of docs/DESIGN.md, section 4.
 *
 * Return: SIP_OK, or why the message must be passed unchanged.
 */
enum sip_verdict sip_translate(struct sip_plan *plan, const struct sip_msg *msg,
			       const u8 *text, struct sip_nat *nat)
{
	struct translation t = {
		.writer = { .plan = plan },
		.msg = msg,
		.text = text,
		.nat = nat,
	};
	enum sip_verdict verdict;

	plan->n_edits = 0;
	plan->text_len = 0;
	plan->delta = 0;
	plan->fault = (struct sip_fault){ .verdict = SIP_OK };
	verdict = translate_refs(&t);
	if (!verdict)
		verdict = sip_translate_body(&t.writer, msg, text, nat);
	if (!verdict && (s32)msg->len + plan->delta > SIP_MSG_MAX)
		verdict = SIP_TOO_LONG;
	if (verdict) {
		plan->n_edits = 0;
		plan->delta = 0;
		return verdict;
	}
#ifdef SIP_DEBUG
	sip_plan_check(plan, msg->len);
#endif
	return SIP_OK;
}
