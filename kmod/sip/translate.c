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
 * - Port, a=rtcp and c= of a media section: an address without its port leads
 *   media to another phone's port on the router.
 *
 * - c= of the session, and all sections without their own: a section that must
 *   stay as it is keeps this line, and with it the others.
 *
 * - The last media that could change, and the fields of its sender: signalling
 *   that works for a call whose stream is lost sets up a mute call. The part of
 *   a response that is for the receiver does not depend on it.
 *
 * - The body, and every Content-Length: a reader cuts the body by the wrong
 *   one.
 *
 * - Request-URI, and the uri= of digest credentials: the server compares them
 *   (RFC 7616, 3.4.6).
 */

#include "translate.h"

/* of a TCP stream that its sender opens: RFC 4145, 4.1 */
#define DISCARD_PORT	9
#define NUMBER_MAX	5	/* digits: ports, and the lengths of messages */

struct translation {
	struct sip_plan *plan;
	const struct sip_msg *msg;
	const u8 *text;
	struct sip_nat *nat;
	/* the address that was written last ... */
	struct sip_endpoint written;
	/* ... and where its text is, as it is likely the next */
	u32 written_at;
	u32 written_len;
	/* likewise the port: digits, with a colon in front */
	u32 number;
	u32 number_at;
	u32 number_len;
	bool via_changed;
	bool media_changed;	/* one section at least */
};

static u8 *new_text(struct translation *t, u32 len)
{
	if (SIP_EDIT_TEXT_MAX - t->plan->text_len < len)
		return NULL;
	return t->plan->text + t->plan->text_len;
}

static enum sip_verdict write_address(struct translation *t,
				      struct sip_span where,
				      const struct sip_endpoint *from,
				      const struct sip_endpoint *to)
{
	u8 *out;

	if (sip_same_address(from, to))
		return SIP_OK;
	if (!t->written_len || !sip_same_address(&t->written, to)) {
		out = new_text(t, SIP_ADDRESS_TEXT_MAX);
		if (!out)
			return SIP_TOO_MANY;
		t->written = *to;
		t->written_at = t->plan->text_len;
		t->written_len = sip_endpoint_format(to, out);
		t->plan->text_len += t->written_len;
	}
	if (!sip_plan_add(t->plan, where, t->written_at, t->written_len))
		return SIP_TOO_MANY;
	return SIP_OK;
}

/* Writes a number, behind a colon if it is a port where none was. */
static enum sip_verdict write_number(struct translation *t,
				     struct sip_span where, u32 value,
				     bool colon)
{
	u32 skip = !colon;
	u8 *out;

	if (!t->number_len || t->number != value) {
		out = new_text(t, NUMBER_MAX + 1);
		if (!out)
			return SIP_TOO_MANY;
		*out = ':';
		t->number = value;
		t->number_at = t->plan->text_len;
		t->number_len = 1 + sip_format_number(value, out + 1);
		t->plan->text_len += t->number_len;
	}
	if (!sip_plan_add(t->plan, where, t->number_at + skip,
			  t->number_len - skip))
		return SIP_TOO_MANY;
	return SIP_OK;
}

/* Takes away a written port with its colon and the blanks around that. */
static enum sip_verdict remove_port(struct translation *t,
				    const struct sip_addr_ref *ref)
{
	u32 off = ref->host.off + ref->host.len;
	u32 end = ref->port.off + ref->port.len;

	if (t->text[off] == ']')
		off++;
	if (!sip_plan_add(t->plan, (struct sip_span){ off, end - off }, 0, 0))
		return SIP_TOO_MANY;
	return SIP_OK;
}

/*
 * Writes @to where a reference stands. Without @port_written a written port
 * that equals the implied one goes.
 */
static enum sip_verdict write_ref(struct translation *t,
				  const struct sip_addr_ref *ref,
				  const struct sip_endpoint *to,
				  bool port_written)
{
	enum sip_verdict verdict;

	if (to->family != ref->ep.family)
		return SIP_REFUSED;
	verdict = write_address(t, ref->host, &ref->ep, to);
	if (verdict)
		return verdict;
	if (ref->port.len && !port_written && to->port == ref->implied)
		return remove_port(t, ref);
	if (to->port == ref->ep.port)
		return SIP_OK;
	return write_number(t, ref->port, to->port, !ref->port.len);
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

/*
 * Digest credentials go on agreeing with the Request-URI that they were made
 * for.
 */
static bool matches_digest_uri(const struct translation *t)
{
	const struct sip_msg *msg = t->msg;
	u32 i;

	if (msg->credentials_cut)
		return true;
	for (i = 0; i < msg->n_credentials; i++) {
		if (msg->credentials[i].len == msg->request_uri.len &&
		    !memcmp(t->text + msg->credentials[i].off,
			    t->text + msg->request_uri.off,
			    msg->request_uri.len))
			return true;
	}
	return false;
}

/* A reference that names the inside address of the sender. */
static enum sip_verdict translate_outbound(struct translation *t,
					   const struct sip_addr_ref *ref)
{
	bool request = !t->msg->status;

	switch (ref->field) {
	case SIP_VIA:
	case SIP_REQUEST_URI:
	case SIP_ROUTE:
	case SIP_REFER_TO:
		/* In a response, Via is the other side's, whatever it names. */
		return request ? map_outward(t, ref) : SIP_OK;
	case SIP_VIA_MADDR:
		return request ? write_address(t, ref->host, &ref->ep,
					       &t->nat->source_outside) :
				 SIP_OK;
	case SIP_CONTACT:
	case SIP_RECORD_ROUTE:
	case SIP_PATH:
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
		return t->via_changed ? write_address(t, ref->host, &ref->ep,
						      &t->nat->target_inside) :
					SIP_OK;
	case SIP_REQUEST_URI:
		return matches_digest_uri(t) ? SIP_OK : map_inward(t, ref);
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
	return write_number(t, ref->port, nat->target_inside.port, false);
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

/*
 * Says which ports a media description asks for. RTP has RTCP on the next port
 * unless a=rtcp names another: then that is asked for apart from the others,
 * if it is on the sender's own address.
 *
 * Return: SIP_OK, or why the section must stay as it is.
 */
static enum sip_verdict ask_for_ports(const struct sdp_media *media,
				      const struct sip_endpoint *inside,
				      struct sdp_ports *ports)
{
	bool pairs = false;
	u32 n = media->count;

	*ports = (struct sdp_ports){ .inside = *inside, .stride = 1 };
	ports->inside.port = media->port;
	ports->tcp = media->proto == SDP_PROTO_TCP;
	if (media->proto == SDP_PROTO_RTP && !media->mux_only) {
		bool elsewhere =
			media->rtcp_address.text.len &&
			!sip_same_address(&media->rtcp_address.ep, inside);

		pairs = !media->rtcp_text.len ||
			(!elsewhere && media->rtcp_port == media->port + 1);
		if (pairs)
			n *= 2;
		else if (n > 1)
			ports->stride = 2;
		if (!pairs && !elsewhere && media->rtcp_port &&
		    media->rtcp_port != media->port) {
			ports->rtcp_inside = *inside;
			ports->rtcp_inside.port = media->rtcp_port;
		}
	}
	if (n > SDP_PORTS_MAX)
		return SIP_TOO_MANY;
	if (media->port + (n - 1) * ports->stride > U16_MAX)
		return SIP_BAD_SDP;
	ports->n_ports = (u8)n;
	return SIP_OK;
}

/*
 * a=rtcp follows the port that RTCP was given, and the address if it is
 * written.
 */
static enum sip_verdict write_rtcp(struct translation *t,
				   const struct sdp_media *media,
				   const struct sdp_ports *ports)
{
	enum sip_verdict verdict = SIP_OK;
	u32 port;

	if (media->proto != SDP_PROTO_RTP || !media->rtcp_text.len ||
	    !media->rtcp_port ||
	    (media->mux_only && media->rtcp_port != media->port) ||
	    (media->rtcp_address.text.len &&
	     !sip_same_address(&media->rtcp_address.ep, &ports->inside)))
		return SIP_OK;
	if (ports->rtcp_inside.family)
		port = ports->rtcp_outside.port;
	else
		port = ports->outside.port + (media->rtcp_port - media->port);
	if (port != media->rtcp_port)
		verdict = write_number(t, media->rtcp_text, port, false);
	if (!verdict && media->rtcp_address.text.len)
		verdict = write_address(t, media->rtcp_address.text,
					&media->rtcp_address.ep,
					&t->nat->source_outside);
	return verdict;
}

static enum sip_verdict translate_media(struct translation *t, u32 index,
					struct sdp_ports *ports, bool *changed)
{
	const struct sdp_media *media = &t->msg->sdp.media[index];
	struct sip_nat *nat = t->nat;
	enum sip_verdict verdict = SIP_OK;

	*changed = true;
	ports->media = index;
	switch (nat->ops->media(nat, ports)) {
	case SIP_MAP_KEEP:
		*changed = false;
		return SIP_OK;
	case SIP_MAP_CHANGE:
		break;
	default:
		return SIP_REFUSED;
	}
	SIP_ASSERT(sip_same_address(&ports->outside, &nat->source_outside));
	SIP_ASSERT(!ports->rtcp_inside.family ||
		   sip_same_address(&ports->rtcp_outside,
				    &nat->source_outside));

	if (ports->outside.port != media->port)
		verdict = write_number(t, media->port_text, ports->outside.port,
				       false);
	if (!verdict)
		verdict = write_rtcp(t, media, ports);
	return verdict;
}

static bool has_own_connection(const struct sdp_media *media)
{
	return media->connection.text.len;
}

/* Is the section at the sender's own address? */
static bool names_sender(const struct translation *t,
			 const struct sdp_media *media)
{
	const struct sdp_address *connection = has_own_connection(media) ?
		&media->connection : &t->msg->sdp.connection;

	return sip_same_address(&connection->ep, &t->nat->source_inside);
}

/* Does the section name a port there? */
static bool is_at_sender(const struct translation *t,
			 const struct sdp_media *media)
{
	return media->port && !media->layered && names_sender(t, media);
}

/*
 * Of a port that nobody is to send to: the sender opens the connection itself
 * (RFC 4145, 4.1), or the protocol has ports that a NAT does not know.
 */
static bool asks_for_nothing(const struct sdp_media *media)
{
	return media->proto == SDP_PROTO_FOREIGN ||
	       (media->proto == SDP_PROTO_TCP &&
		(media->connects || media->port == DISCARD_PORT));
}

/* Why the section must stay as it is; SIP_OK if it need not. */
static enum sip_verdict check_media(const struct translation *t,
				    const struct sdp_media *media,
				    struct sdp_ports *ports)
{
	if (unlikely(media->fault))
		return media->fault;
	return ask_for_ports(media, &t->nat->source_inside, ports);
}

/*
 * Must the c= line of the session stay, as a section that must relies on it? No
 * port of a section is asked for before that is known.
 */
static bool session_must_stay(struct translation *t)
{
	const struct sdp_session *sdp = &t->msg->sdp;
	struct sdp_ports ports;
	bool stays = false;
	u32 i;

	for (i = 0; i < sdp->n_media; i++) {
		const struct sdp_media *media = &sdp->media[i];
		enum sip_verdict verdict;

		if (!is_at_sender(t, media) || asks_for_nothing(media))
			continue;
		verdict = check_media(t, media, &ports);
		if (likely(!verdict))
			continue;
		sip_note_fault(&t->plan->fault, verdict, media->kind.off);
		stays |= !has_own_connection(media);
	}
	return stays;
}

static enum sip_verdict write_session_address(struct translation *t)
{
	const struct sdp_session *sdp = &t->msg->sdp;
	enum sip_verdict verdict;

	verdict = write_address(t, sdp->connection.text, &sdp->connection.ep,
				&t->nat->source_outside);
	if (!verdict && sdp->connection_copy.len)
		verdict = write_address(t, sdp->connection_copy,
					&sdp->connection.ep,
					&t->nat->source_outside);
	return verdict;
}

static enum sip_verdict translate_all_media(struct translation *t)
{
	const struct sdp_session *sdp = &t->msg->sdp;
	bool shared_changes = false, shared_stays = false, changed;
	bool session_stays = sdp->cut ||
			     (sdp->n_media > 1 && session_must_stay(t));
	enum sip_verdict verdict;
	struct sdp_ports ports;
	u32 i;

	for (i = 0; i < sdp->n_media; i++) {
		const struct sdp_media *media = &sdp->media[i];
		bool own = has_own_connection(media);

		if (!is_at_sender(t, media) || (!own && session_stays))
			continue;
		changed = true;
		verdict = SIP_OK;
		if (!asks_for_nothing(media)) {
			verdict = check_media(t, media, &ports);
			if (unlikely(verdict)) {
				sip_note_fault(&t->plan->fault, verdict,
					       media->kind.off);
				continue;
			}
			verdict = translate_media(t, i, &ports, &changed);
		}
		if (!verdict && changed && own)
			verdict = write_address(t, media->connection.text,
						&media->connection.ep,
						&t->nat->source_outside);
		if (verdict)
			return verdict;
		t->media_changed = true;
		if (!own) {
			shared_changes |= changed;
			shared_stays |= !changed;
		}
	}
	if (!shared_changes)
		return SIP_OK;
	/* One line cannot name two addresses. */
	if (shared_stays)
		return SIP_REFUSED;
	return write_session_address(t);
}

/*
 * Why media of the sender stay as they are, if no others change; SIP_OK if
 * there are none, or where the message is a response to another inside host.
 */
static enum sip_verdict check_left(const struct translation *t)
{
	const struct sdp_session *sdp = &t->msg->sdp;
	u32 i;

	if (t->media_changed || t->nat->target_outside.family)
		return SIP_OK;
	if (!sdp->body.len ||
	    (sdp->cut && sip_same_address(&sdp->connection.ep,
					  &t->nat->source_inside)))
		return t->msg->faults[SIP_TIER_BODY].verdict;
	for (i = 0; i < sdp->n_media; i++)
		if (sdp->media[i].fault && !sdp->media[i].port &&
		    names_sender(t, &sdp->media[i]))
			return sdp->media[i].fault;
	return t->plan->fault.verdict;
}

/* Methods whose body is an offer or an answer (RFC 6337, 2.2). */
static bool may_negotiate(enum sip_method method)
{
	return method == SIP_INVITE || method == SIP_ACK ||
	       method == SIP_PRACK || method == SIP_UPDATE;
}

static enum sip_verdict translate_body(struct translation *t)
{
	const struct sdp_session *sdp = &t->msg->sdp;
	const struct sip_msg *msg = t->msg;
	struct sip_nat *nat = t->nat;
	s32 before = t->plan->delta;
	enum sip_verdict verdict = SIP_OK;
	u32 i;

	/*
	 * A response of an inside host that cannot be told has no Via to save.
	 */
	if (msg->status && msg->method == SIP_METHOD_OTHER && msg->body.len &&
	    nat->source_inside.family && !nat->target_outside.family &&
	    msg->faults[SIP_TIER_FIELDS].verdict)
		return msg->faults[SIP_TIER_FIELDS].verdict;
	if (!nat->source_inside.family || sdp->ice ||
	    !may_negotiate(msg->method))
		return SIP_OK;
	if (!sdp->body.len)
		return check_left(t);
	if (sip_same_address(&sdp->origin.ep, &nat->source_inside))
		verdict = write_address(t, sdp->origin.text, &sdp->origin.ep,
					&nat->source_outside);
	if (!verdict)
		verdict = translate_all_media(t);
	if (!verdict && !t->media_changed)
		verdict = check_left(t);
	if (verdict || t->plan->delta == before)
		return verdict;
	before = (s32)msg->body.len + t->plan->delta - before;
	for (i = 0; i < msg->n_lengths && !verdict; i++)
		verdict = write_number(t, msg->lengths[i], (u32)before, false);
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
		.plan = plan,
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
		verdict = translate_body(&t);
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
