// SPDX-License-Identifier: GPL-2.0
/*
 * The session description of a message that crosses a NAT to the outside: which
 * media sections change, and which lines must change together.
 */
#include "body.h"
#include "ice.h"
#include "repeat.h"

/*
 * Of a TCP stream that its sender opens (RFC 4145, 4.1), and of a section whose
 * candidates are still to come (RFC 8840, 4.1).
 */
#define DISCARD_PORT	9

struct body {
	struct sip_writer *writer;
	const struct sip_msg *msg;
	const struct sdp_session *sdp;
	const u8 *text;
	struct sip_nat *nat;
	/* of the section in hand, if it has candidates */
	struct sip_ice ice;
	bool media_changed;	/* one section at least */
};

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
	ports->rtp = media->proto == SDP_PROTO_RTP;
	ports->tcp = media->proto == SDP_PROTO_TCP;
	if (ports->rtp && !media->mux_only) {
		bool elsewhere = sdp_rtcp_is_elsewhere(media, inside);

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
static enum sip_verdict write_rtcp(struct body *b,
				   const struct sdp_media *media,
				   const struct sdp_ports *ports)
{
	enum sip_verdict verdict = SIP_OK;
	u32 port;

	if (media->proto != SDP_PROTO_RTP || !media->rtcp_text.len ||
	    !media->rtcp_port ||
	    (media->mux_only && media->rtcp_port != media->port) ||
	    sdp_rtcp_is_elsewhere(media, &ports->inside))
		return SIP_OK;
	if (ports->rtcp_inside.family)
		port = ports->rtcp_outside.port;
	else
		port = ports->outside.port + (media->rtcp_port - media->port);
	if (port != media->rtcp_port)
		verdict = sip_write_number(b->writer, media->rtcp_text, port,
					   false);
	if (!verdict && media->rtcp_address.text.len)
		verdict = sip_write_address(b->writer, media->rtcp_address.text,
					    &media->rtcp_address.ep,
					    &b->nat->source_outside);
	return verdict;
}

/* Candidates follow the port, and that of RTCP. */
static enum sip_verdict write_candidates(struct body *b,
					 const struct sdp_media *media,
					 const struct sdp_ports *ports)
{
	u16 port = ports->outside.port + 1;

	if (ports->rtcp_inside.family)
		port = ports->rtcp_outside.port;
	else if (media->rtcp_text.len)
		port += media->rtcp_port - (media->port + 1);
	return sip_ice_write(&b->ice, b->writer, &ports->outside, port);
}

static enum sip_verdict translate_media(struct body *b, u32 index,
					struct sdp_ports *ports, bool *changed)
{
	const struct sdp_media *media = &b->sdp->media[index];
	struct sip_nat *nat = b->nat;
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
		verdict = sip_write_number(b->writer, media->port_text,
					   ports->outside.port, false);
	if (!verdict)
		verdict = write_rtcp(b, media, ports);
	if (!verdict && unlikely(media->has_candidates))
		verdict = write_candidates(b, media, ports);
	return verdict;
}

static bool has_own_connection(const struct sdp_media *media)
{
	return media->connection.text.len;
}

static const struct sip_endpoint *address_of(const struct sdp_session *sdp,
					     const struct sdp_media *media)
{
	return has_own_connection(media) ? &media->connection.ep :
					   &sdp->connection.ep;
}

/* Is it the sender's own address, or that of a host for which it may speak? */
static bool is_senders(const struct body *b, const struct sip_endpoint *ep)
{
	struct sip_nat *nat = b->nat;

	return sip_same_address(ep, &nat->source_inside) ||
	       (unlikely(ep->family == nat->source_inside.family) &&
		nat->ops->speaks_for && nat->ops->speaks_for(nat, ep));
}

/* Is the section at an address of the sender's? */
static bool names_sender(const struct body *b,
			 const struct sdp_media *media)
{
	return is_senders(b, address_of(b->sdp, media));
}

/* Does the section name a port there? */
static bool is_at_sender(const struct body *b,
			 const struct sdp_media *media)
{
	return media->port && !media->layered && names_sender(b, media);
}

/*
 * Of a port that nobody is to send to: it says so, the sender opens the
 * connection itself (RFC 4145, 4.1), or the protocol has ports that a NAT does
 * not know.
 */
static bool asks_for_nothing(const struct sdp_media *media)
{
	return media->port == DISCARD_PORT ||
	       media->proto == SDP_PROTO_FOREIGN ||
	       (media->proto == SDP_PROTO_TCP && media->connects);
}

/* Nobody sends to a section that asks for nothing: its port stays. */
static void name_ports(const struct body *b, const struct sdp_media *media,
		       struct sdp_ports *ports)
{
	ports->inside = *address_of(b->sdp, media);
	ports->outside = b->nat->source_outside;
	ports->inside.port = media->port;
	ports->outside.port = media->port;
}

static enum sip_verdict write_repeats(struct body *b, u32 index,
				      const struct sdp_ports *ports)
{
	return sip_write_repeats(b->writer, b->sdp, b->msg->status, index,
				 b->text, &ports->inside, &ports->outside);
}

/* Must the section stay, as its candidates could not change with it? */
static bool keeps_candidates(struct body *b, u32 index)
{
	const struct sdp_session *sdp = b->sdp;

	return unlikely(sdp->media[index].has_candidates) &&
	       !sip_ice_may_help(&b->ice, sdp, index, b->text,
				 address_of(sdp, &sdp->media[index]));
}

/* Why the section must stay as it is; SIP_OK if it need not. */
static enum sip_verdict check_media(const struct body *b,
				    const struct sdp_media *media,
				    struct sdp_ports *ports)
{
	struct sip_nat *nat = b->nat;
	enum sip_verdict verdict;

	if (unlikely(media->fault))
		return media->fault;
	verdict = ask_for_ports(media, address_of(b->sdp, media), ports);
	if (!verdict && nat->ops->forbids && nat->ops->forbids(nat, ports))
		return SIP_REFUSED;
	return verdict;
}

/*
 * Must the c= line of the session stay, as a section that must relies on it? No
 * port of a section is asked for before that is known.
 */
static bool session_must_stay(struct body *b)
{
	const struct sdp_session *sdp = b->sdp;
	struct sdp_ports ports;
	bool stays = false;
	u32 i;

	for (i = 0; i < sdp->n_media; i++) {
		const struct sdp_media *media = &sdp->media[i];
		enum sip_verdict verdict;

		if (!is_at_sender(b, media))
			continue;
		if (keeps_candidates(b, i)) {
			stays |= !has_own_connection(media);
			continue;
		}
		if (asks_for_nothing(media))
			continue;
		verdict = check_media(b, media, &ports);
		if (likely(!verdict))
			continue;
		sip_note_fault(&b->writer->plan->fault, verdict,
			       media->kind.off);
		stays |= !has_own_connection(media);
	}
	return stays;
}

/* Of lines above all media, of which at least one section changes. */
static enum sip_verdict write_session(struct body *b, bool connection)
{
	const struct sip_endpoint *address = &b->sdp->connection.ep;
	const struct sip_endpoint *outside = &b->nat->source_outside;
	const struct sdp_session *sdp = b->sdp;
	enum sip_verdict verdict = SIP_OK;

	if (connection)
		verdict = sip_write_address(b->writer, sdp->connection.text,
					    address, outside);
	if (verdict || likely(!sdp->repeats))
		return verdict;
	if (!is_senders(b, address))
		address = &b->nat->source_inside;
	return sip_write_session_repeats(b->writer, sdp, b->text, address,
					 outside, connection);
}

static enum sip_verdict translate_all_media(struct body *b)
{
	const struct sdp_session *sdp = b->sdp;
	bool shared_changes = false, shared_stays = false, changed;
	bool relied_on = false, own_changes = false;
	bool session_stays = sdp->cut ||
			     (sdp->n_media > 1 && session_must_stay(b));
	enum sip_verdict verdict;
	struct sdp_ports ports;
	u32 i;

	for (i = 0; i < sdp->n_media; i++) {
		const struct sdp_media *media = &sdp->media[i];
		bool own = has_own_connection(media);

		relied_on |= !own && (media->port || media->fault);
		if (!is_at_sender(b, media) || (!own && session_stays) ||
		    keeps_candidates(b, i))
			continue;
		changed = true;
		verdict = SIP_OK;
		if (asks_for_nothing(media)) {
			name_ports(b, media, &ports);
		} else {
			verdict = check_media(b, media, &ports);
			if (unlikely(verdict)) {
				sip_note_fault(&b->writer->plan->fault, verdict,
					       media->kind.off);
				continue;
			}
			verdict = translate_media(b, i, &ports, &changed);
		}
		if (!verdict && changed && own)
			verdict = sip_write_address(b->writer,
						    media->connection.text,
						    &media->connection.ep,
						    &b->nat->source_outside);
		if (!verdict && changed && unlikely(media->repeats))
			verdict = write_repeats(b, i, &ports);
		if (verdict)
			return verdict;
		b->media_changed = true;
		if (own) {
			own_changes |= changed;
		} else {
			shared_changes |= changed;
			shared_stays |= !changed;
		}
	}
	if (!shared_changes && !own_changes)
		return SIP_OK;
	/* One line cannot name two addresses. */
	if (shared_changes && shared_stays)
		return SIP_REFUSED;
	/* A line that no section relies on is for readers of the first c=. */
	return write_session(b, shared_changes ||
				(!relied_on && !session_stays &&
				 is_senders(b, &sdp->connection.ep)));
}

/*
 * Why media of the sender stay as they are, if no others change; SIP_OK if
 * there are none, or where the message is a response to another inside host.
 */
static enum sip_verdict check_left(const struct body *b)
{
	const struct sdp_session *sdp = b->sdp;
	u32 i;

	if (b->media_changed || b->nat->target_outside.family)
		return SIP_OK;
	if (!sdp->body.len ||
	    (sdp->cut && is_senders(b, &sdp->connection.ep)))
		return b->msg->faults[SIP_TIER_BODY].verdict;
	for (i = 0; i < sdp->n_media; i++)
		if (sdp->media[i].fault && !sdp->media[i].port &&
		    names_sender(b, &sdp->media[i]))
			return sdp->media[i].fault;
	return b->writer->plan->fault.verdict;
}

static enum sip_verdict translate_description(struct body *b)
{
	const struct sdp_session *sdp = b->sdp;
	const struct sip_nat *nat = b->nat;
	enum sip_verdict verdict = SIP_OK;

	if (sdp->ice && nat->keeps_ice)
		return SIP_OK;
	b->media_changed = false;
	if (is_senders(b, &sdp->origin.ep))
		verdict = sip_write_address(b->writer, sdp->origin.text,
					    &sdp->origin.ep,
					    &nat->source_outside);
	if (!verdict)
		verdict = translate_all_media(b);
	if (!verdict && !b->media_changed)
		verdict = check_left(b);
	return verdict;
}

/* How much longer a piece of the message becomes. */
static s32 growth_of(const struct sip_plan *plan, struct sip_span piece)
{
	s32 growth = 0;
	u32 i;

	for (i = 0; i < plan->n_edits; i++) {
		const struct sip_edit *edit = &plan->edits[i];

		if (edit->off - piece.off < piece.len)
			growth += sip_edit_growth(edit);
	}
	return growth;
}

/*
 * A reader cuts a body part by its own Content-Length, if it has one. What is
 * changed in a part belongs to those around it, too.
 */
static enum sip_verdict write_part_lengths(const struct body *b)
{
	struct sip_writer *writer = b->writer;
	enum sip_verdict verdict = SIP_OK;
	u32 i;

	for (i = 0; i < b->msg->n_parts && !verdict; i++) {
		const struct sip_part *part = &b->msg->parts[i];
		s32 growth = growth_of(writer->plan, part->content);

		if (growth)
			verdict = sip_write_number(writer, part->digits,
						   part->content.len +
						   (u32)growth, false);
	}
	return verdict;
}

/*
 * The reader takes one of two, or both: both change, or none. Each answers for
 * the media that it leaves as they are.
 */
static enum sip_verdict translate_both(struct body *b)
{
	const struct sip_msg *msg = b->msg;
	bool swapped = msg->other.body.off > msg->sdp.body.off;
	struct sip_plan *plan = b->writer->plan;
	enum sip_verdict verdict;
	struct sip_fault first;

	b->sdp = swapped ? &msg->sdp : &msg->other;
	verdict = translate_description(b);
	if (verdict)
		return verdict;
	first = plan->fault;
	plan->fault = (struct sip_fault){};
	b->sdp = swapped ? &msg->other : &msg->sdp;
	verdict = translate_description(b);
	if (first.verdict)
		plan->fault = first;
	return verdict;
}

/* Methods whose body is an offer or an answer (RFC 6337, 2.2). */
static bool may_negotiate(enum sip_method method)
{
	return method == SIP_INVITE || method == SIP_ACK ||
	       method == SIP_PRACK || method == SIP_UPDATE;
}

/* Not inline: most messages have no description that changes. */
static noinline enum sip_verdict
translate_session(struct sip_writer *writer, const struct sip_msg *msg,
		  const u8 *text, struct sip_nat *nat)
{
	struct sip_plan *plan = writer->plan;
	enum sip_verdict verdict = SIP_OK;
	s32 before = plan->delta;
	struct body b = {
		.writer = writer,
		.msg = msg,
		.sdp = &msg->sdp,
		.text = text,
		.nat = nat,
	};
	u32 i;

	if (!msg->sdp.body.len) {
		verdict = check_left(&b);
		if (unlikely(msg->sealed))
			sip_note_fault(&plan->fault, SIP_REFUSED, msg->sealed);
		return verdict;
	}
	if (likely(!msg->other.body.len))
		verdict = translate_description(&b);
	else
		verdict = translate_both(&b);
	if (!verdict && unlikely(msg->n_parts))
		verdict = write_part_lengths(&b);
	if (verdict || plan->delta == before)
		return verdict;
	before = (s32)msg->body.len + plan->delta - before;
	for (i = 0; i < msg->n_lengths && !verdict; i++)
		verdict = sip_write_number(writer, msg->lengths[i],
					   (u32)before, false);
	return verdict;
}

/**
 * sip_translate_body() - plan what must change in the session description
 * @writer: writes into the plan
 * @msg: as sip_parse() filled it in
 * @text: the same text
 * @nat: the endpoints and the address map
 *
 * Return: SIP_OK, or why the message must be passed unchanged.
 */
enum sip_verdict sip_translate_body(struct sip_writer *writer,
				    const struct sip_msg *msg, const u8 *text,
				    struct sip_nat *nat)
{
	/*
	 * A response of an inside host that cannot be told has no Via to save.
	 */
	if (msg->status && msg->method == SIP_METHOD_OTHER && msg->body.len &&
	    nat->source_inside.family && !nat->target_outside.family &&
	    msg->faults[SIP_TIER_FIELDS].verdict)
		return msg->faults[SIP_TIER_FIELDS].verdict;
	if (!nat->source_inside.family || !may_negotiate(msg->method))
		return SIP_OK;
	return translate_session(writer, msg, text, nat);
}
