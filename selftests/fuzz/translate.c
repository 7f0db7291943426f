// SPDX-License-Identifier: GPL-2.0
/*
 * A message crosses a NAT: the plan is one, what it makes of the message differs
 * in just what the table of DESIGN, section 4, wants, nothing is left to do then,
 * and on the way back everything is as it was.
 *
 * The control block chooses directions, addresses, ports and what the address
 * map answers.
 */
#include "candidates.h"
#include "fuzz.h"

struct control {
	u8 ways;	/* outbound, inbound, or both at once */
	u8 named[2];	/* of the sender, and of the receiver: the address that is replaced, */
	u8 shown[2];	/* and the one in its place */
	u8 answers;	/* what the map says when: see answer() */
	u8 ports[2];	/* bits in which the ports on both sides differ */
};

const size_t control_len = sizeof(struct control);

enum { OUTWARD, INWARD };

enum {
	REFUSE_AT = 15,		/* the question that is answered badly, from 0 */
	SOME_KEPT = 1 << 4,
	ONE_REFUSED = 1 << 5,
	ONE_OTHER_FAMILY = 1 << 6,
	UNWRITTEN = 1 << 7,	/* the inside host wrote no port */
};

/* A question that the translator asked. */
struct question {
	struct sip_endpoint from;
	struct sip_endpoint to;
	enum sip_map_verdict answer;
	enum sip_field field;
	u8 way;
	bool port_written;
};

struct world {
	struct sip_nat nat;
	const struct control *control;
	const struct world *there;	/* on the way back: what happened on the way there */
	struct question questions[SIP_ADDR_REFS_MAX];
	struct sdp_ports media[2 * SDP_MEDIA_MAX];
	enum sip_map_verdict media_answers[2 * SDP_MEDIA_MAX];
	u32 n_questions;
	u32 n_media;
	u32 n_first;		/* of @media: those of the first of two descriptions */
	u32 n_answers;
	bool all_changed;
};

/* --- the address map --------------------------------------------------------- */

/* Its own inverse, and 0 stays out of it. */
static u16 other_port(const struct world *w, u16 port)
{
	u16 bits = (u16)(w->control->ports[0] << 8 | w->control->ports[1]);

	return port == bits ? port : port ^ bits;
}

static enum sip_map_verdict answer(struct world *w, struct sip_endpoint *to)
{
	u8 answers = w->control->answers;
	u32 n = w->n_answers++;

	if (n == (answers & REFUSE_AT) && answers & (ONE_REFUSED | ONE_OTHER_FAMILY)) {
		w->all_changed = false;
		if (answers & ONE_REFUSED)
			return SIP_MAP_REFUSE;
		to->family ^= 4 ^ 6;
	} else if (answers & SOME_KEPT && n % 3 == (answers & REFUSE_AT) % 3) {
		w->all_changed = false;
		return SIP_MAP_KEEP;
	}
	return SIP_MAP_CHANGE;
}

static struct question *ask(struct world *w, u8 way, enum sip_field field,
			    const struct sip_endpoint *from)
{
	struct question *q;

	must(w->n_questions < SIP_ADDR_REFS_MAX);
	q = &w->questions[w->n_questions++];
	q->way = way;
	q->field = field;
	q->from = *from;
	return q;
}

static enum sip_map_verdict outward(struct sip_nat *nat, enum sip_field field,
				    const struct sip_endpoint *inside, bool port_written,
				    struct sip_endpoint *outside)
{
	struct world *w = (struct world *)nat;
	struct question *q = ask(w, OUTWARD, field, inside);

	must(sip_same_address(inside, &nat->source_inside));
	q->to = nat->source_outside;
	q->to.port = other_port(w, inside->port);
	q->port_written = port_written;
	q->answer = answer(w, &q->to);
	*outside = q->to;
	return q->answer;
}

/* On the way back the fields are asked for in the order of the way there. */
static bool was_port_written(const struct world *w, const struct question *q)
{
	u32 n = 0, i;

	for (i = 0; i < w->n_questions; i++)
		n += w->questions[i].field == q->field;
	for (i = 0; i < w->there->n_questions; i++) {
		if (w->there->questions[i].field == q->field && !--n)
			return w->there->questions[i].port_written;
	}
	must(!"asked for a field that was not there");
	return true;
}

static enum sip_map_verdict inward(struct sip_nat *nat, enum sip_field field,
				   const struct sip_endpoint *outside,
				   struct sip_endpoint *inside, bool *port_written)
{
	struct world *w = (struct world *)nat;
	struct question *q = ask(w, INWARD, field, outside);

	must(sip_same_address(outside, &nat->target_outside));
	q->to = nat->target_inside;
	q->to.port = other_port(w, outside->port);
	if (w->there)
		*port_written = was_port_written(w, q);
	else if (w->control->answers & UNWRITTEN)
		*port_written = false;
	q->port_written = *port_written;
	q->answer = answer(w, &q->to);
	*inside = q->to;
	return q->answer;
}

static enum sip_map_verdict media(struct sip_nat *nat, struct sdp_ports *ports)
{
	struct world *w = (struct world *)nat;
	u32 last, room;

	must(w->n_media < ARRAY_SIZE(w->media));
	must(sip_same_address(&ports->inside, &nat->source_inside) && ports->inside.port);
	must(ports->n_ports && ports->n_ports <= SDP_PORTS_MAX);
	must(ports->stride == 1 || ports->stride == 2);
	last = (ports->n_ports - 1U) * ports->stride;
	room = U16_MAX - last;
	must(ports->inside.port <= room);

	ports->outside = nat->source_outside;
	ports->outside.port = other_port(w, ports->inside.port);
	if (ports->outside.port > room)
		ports->outside.port = (u16)room;
	ports->rtcp_outside = nat->source_outside;
	ports->rtcp_outside.port = other_port(w, ports->rtcp_inside.port);
	w->media[w->n_media] = *ports;
	/* Its address is that of the packet: no other family can be answered. */
	w->media_answers[w->n_media] = answer(w, &(struct sip_endpoint){ 0 });
	return w->media_answers[w->n_media++];
}

static const struct sip_nat_ops ops = {
	.outward = outward,
	.inward = inward,
	.media = media,
};

/* --- the endpoints ------------------------------------------------------------ */

static const struct sip_endpoint addresses4[] = {
	{ .family = 4, .addr = { 192, 168, 1, 10 } },
	{ .family = 4, .addr = { 203, 0, 113, 5 } },
	{ .family = 4, .addr = { 192, 168, 1, 11 } },
	{ .family = 4, .addr = { 1, 1, 1, 1 } },
	{ .family = 4, .addr = { 255, 255, 255, 254 } },
	{ .family = 4, .addr = { 0, 0, 0, 0 } },
	{ .family = 4, .addr = { 10, 99, 100, 9 } },
	{ .family = 4, .addr = { 198, 51, 100, 20 } },
};

static const struct sip_endpoint addresses6[ARRAY_SIZE(addresses4)] = {
	{ .family = 6, .addr = { 0x20, 1, 0xd, 0xb8, 0, 1, [15] = 0x10 } },
	{ .family = 6, .addr = { 0x20, 1, 0xd, 0xb8, 0, 2, [15] = 5 } },
	{ .family = 6, .addr = { [15] = 1 } },
	{ .family = 6, .addr = { 0 } },
	{ .family = 6, .addr = { [10] = 0xff, 0xff, 198, 51, 100, 200 } },
	{ .family = 6, .addr = { 0xfe, 0x80, [8] = 2, 0x11, 0x22, 0xff, 0xfe, 0x33, 0x44, 0x55 } },
	{ .family = 6, .addr = { 0x12, 0x34, 0, 0, 0x10, 0, 0, 1, 0, 0, 0, 0, 0xab, 0xcd, 0, 0 } },
	{ .family = 6, .addr = { 0xff, 0xee, 0xdd, 0xcc, 0xbb, 0xaa, 0x99, 0x88,
				 0xff, 0xee, 0xdd, 0xcc, 0xbb, 0xaa, 0x99, 0x88 } },
};

/* Mostly an address that the message names; a phone's where it names none. */
static struct sip_endpoint named_address(const struct sip_msg *msg, u8 choice)
{
	const struct sdp_session *sdp = &msg->sdp;
	struct sip_endpoint ep = { 0 };
	u32 n = choice & 31;

	if (choice < 64 && msg->n_addr_refs) {
		ep = msg->addr_refs[n % msg->n_addr_refs].ep;
	} else if (choice < 128 && sdp->body.len) {
		ep = sdp->connection.text.len ? sdp->connection.ep : sdp->origin.ep;
		if (sdp->n_media && sdp->media[n % sdp->n_media].connection.text.len)
			ep = sdp->media[n % sdp->n_media].connection.ep;
	} else {
		ep = choice & 1 ? addresses6[n / 2 % 8] : addresses4[n / 2 % 8];
	}
	return ep.family ? ep : addresses4[0];
}

static void choose_side(const struct world *w, const struct sip_msg *msg, u32 side,
			struct sip_endpoint *named, struct sip_endpoint *shown)
{
	u8 choice = w->control->shown[side];
	u32 i;

	*named = named_address(msg, w->control->named[side]);
	*shown = (named->family == 6 ? addresses6 : addresses4)[choice % 8];
	if (sip_same_address(named, shown))
		*shown = (named->family == 6 ? addresses6 : addresses4)[(choice + 1) % 8];
	/* The port that a server sees is what it puts into rport. */
	named->port = 5060;
	for (i = 0; i < msg->n_addr_refs; i++) {
		if (msg->addr_refs[i].field == SIP_VIA_RPORT && choice < 128)
			named->port = msg->addr_refs[i].ep.port;
	}
	shown->port = other_port(w, named->port);
}

static void world_init(struct world *w, const struct control *control, const struct sip_msg *msg)
{
	memset(&w->nat, 0, sizeof(w->nat));
	w->nat.ops = &ops;
	w->control = control;
	w->there = NULL;
	w->n_questions = 0;
	w->n_media = 0;
	w->n_first = 0;
	w->n_answers = 0;
	w->all_changed = true;
	w->nat.keeps_ice = control->ways & 0x80;
	if (control->ways % 5 < 3)
		choose_side(w, msg, 0, &w->nat.source_inside, &w->nat.source_outside);
	if (control->ways % 5 > 1)
		choose_side(w, msg, 1, &w->nat.target_outside, &w->nat.target_inside);
}

/* --- what the table says -------------------------------------------------------- */

enum {
	OUT_REQUEST = 1 << 0,
	OUT_RESPONSE = 1 << 1,
	IN_REQUEST = 1 << 2,
	IN_RESPONSE = 1 << 3,
	ALWAYS = 15,
};

static const u8 table[] = {
	[SIP_REQUEST_URI] = OUT_REQUEST | IN_REQUEST,
	[SIP_VIA] = OUT_REQUEST | IN_RESPONSE,
	[SIP_VIA_MADDR] = OUT_REQUEST | IN_RESPONSE,
	[SIP_VIA_RECEIVED] = IN_RESPONSE,
	[SIP_VIA_RPORT] = IN_RESPONSE,
	[SIP_ROUTE] = OUT_REQUEST | IN_REQUEST,
	[SIP_RECORD_ROUTE] = ALWAYS,
	[SIP_PATH] = ALWAYS,
	[SIP_SERVICE_ROUTE] = OUT_RESPONSE,
	[SIP_CONTACT] = ALWAYS,
	[SIP_REFER_TO] = OUT_REQUEST,
};

static bool same_endpoint(const struct sip_endpoint *a, const struct sip_endpoint *b)
{
	return sip_same_address(a, b) && a->port == b->port;
}

static void set_address(struct sip_endpoint *ep, const struct sip_endpoint *to)
{
	ep->family = to->family;
	memcpy(ep->addr, to->addr, sizeof(ep->addr));
}

/* Is the Request-URI repeated in digest credentials? */
static bool matches_digest_uri(const struct sip_msg *msg, const u8 *text)
{
	const struct sip_span *uri = &msg->request_uri, *c = msg->credentials;
	u32 i;

	/* Those that found no room may have repeated it. */
	if (msg->credentials_cut)
		return true;
	for (i = 0; i < msg->n_credentials; i++) {
		if (c[i].len == uri->len && !memcmp(text + c[i].off, text + uri->off, uri->len))
			return true;
	}
	return false;
}

/* Puts into @want what the references have to be, by the table and the answers. */
static void expect_refs(const struct world *w, struct sip_msg *want, const u8 *text)
{
	const struct sip_nat *nat = &w->nat;
	bool via = false;
	u32 n = 0, i;

	for (i = 0; i < want->n_addr_refs; i++) {
		struct sip_addr_ref *ref = &want->addr_refs[i];
		struct sip_endpoint *ep = &ref->ep;
		const struct question *q;
		u8 when = 0, way = INWARD;

		if (ref->field == SIP_VIA_RPORT) {
			if (via && ep->port == nat->target_outside.port)
				ep->port = nat->target_inside.port;
			continue;
		}
		if (sip_same_address(ep, &nat->source_inside)) {
			when = want->status ? OUT_RESPONSE : OUT_REQUEST;
			way = OUTWARD;
		} else if (sip_same_address(ep, &nat->target_outside)) {
			when = want->status ? IN_RESPONSE : IN_REQUEST;
		}
		if (!(table[ref->field] & when))
			continue;
		if (ref->field == SIP_VIA_MADDR || ref->field == SIP_VIA_RECEIVED) {
			if (way == OUTWARD)
				set_address(ep, &nat->source_outside);
			else if (via)
				set_address(ep, &nat->target_inside);
			continue;
		}
		if (ref->field == SIP_REQUEST_URI && matches_digest_uri(want, text))
			continue;

		must(n < w->n_questions);
		q = &w->questions[n++];
		must(q->field == ref->field && q->way == way && same_endpoint(&q->from, ep));
		if (q->answer == SIP_MAP_KEEP)
			continue;
		must(q->answer == SIP_MAP_CHANGE);
		via |= way == INWARD && ref->field == SIP_VIA;
		*ep = q->to;
	}
	must(n == w->n_questions);
}

/* Is it on the sender's own address? */
static bool is_own(const struct world *w, const struct sdp_session *sdp,
		   const struct sdp_media *media)
{
	return media->port && !media->layered &&
	       sip_same_address(media->connection.text.len ? &media->connection.ep :
							     &sdp->connection.ep,
				&w->nat.source_inside);
}

/* Port 9, or any port of a side that opens the connection: RFC 4145, 4.1. */
static bool is_silent(const struct sdp_media *media)
{
	return media->port == 9 || media->proto == SDP_PROTO_FOREIGN ||
	       (media->proto == SDP_PROTO_TCP && media->connects);
}

/* How far its ports reach, as its lines say. */
static bool is_beyond(const struct world *w, const struct sdp_media *media)
{
	u32 n = media->count, stride = 1;

	if (media->proto == SDP_PROTO_RTP && !media->mux_only) {
		bool elsewhere = media->rtcp_address.text.len &&
				 !sip_same_address(&media->rtcp_address.ep, &w->nat.source_inside);
		bool next = !elsewhere && media->rtcp_port == media->port + 1;

		if (!media->rtcp_text.len || next)
			n *= 2;
		else if (n > 1)
			stride = 2;
	}
	return n > SDP_PORTS_MAX || media->port + (n - 1) * stride > U16_MAX;
}

/* Are its candidates such that its default must stay? */
static bool keeps_candidates(const struct world *w, const struct sdp_session *sdp, u32 i,
			     const u8 *text)
{
	const struct sdp_media *media = &sdp->media[i];
	struct candidates c = read_candidates(sdp, i, text, &w->nat.source_inside);

	return c.any && (c.concluded || media->proto == SDP_PROTO_TCP ||
			 media->proto == SDP_PROTO_FOREIGN || (c.odd && !c.own[0]));
}

/* Must the section stay as it is? */
static bool must_stay(const struct world *w, const struct sdp_session *sdp, u32 i, const u8 *text)
{
	const struct sdp_media *media = &sdp->media[i];

	return keeps_candidates(w, sdp, i, text) ||
	       (!is_silent(media) && (media->fault || is_beyond(w, media)));
}

/* The address of the session stays where a section that relies on it must. */
static bool session_stays(const struct world *w, const struct sdp_session *sdp, const u8 *text)
{
	bool stays = sdp->cut;
	u32 i;

	for (i = 0; i < sdp->n_media; i++)
		stays |= is_own(w, sdp, &sdp->media[i]) && !sdp->media[i].connection.text.len &&
			 must_stay(w, sdp, i, text);
	return stays;
}

static void expect_rtcp(const struct world *w, struct sdp_media *media,
			const struct sdp_ports *ports)
{
	if (media->proto != SDP_PROTO_RTP || !media->rtcp_port ||
	    (media->mux_only && media->rtcp_port != ports->inside.port))
		return;
	if (media->rtcp_address.text.len) {
		if (!sip_same_address(&media->rtcp_address.ep, &w->nat.source_inside))
			return;
		set_address(&media->rtcp_address.ep, &w->nat.source_outside);
	}
	if (ports->rtcp_inside.family) {
		must(ports->rtcp_inside.port == media->rtcp_port);
		media->rtcp_port = ports->rtcp_outside.port;
	} else {
		/* It is on a port that was given to RTP, or on the neighbour. */
		must(media->rtcp_port - ports->inside.port < ports->n_ports * ports->stride);
		media->rtcp_port += ports->outside.port - ports->inside.port;
	}
}

static bool has_offer(const struct sip_msg *msg)
{
	return msg->sdp.body.len &&
	       (msg->method == SIP_INVITE || msg->method == SIP_ACK ||
		msg->method == SIP_PRACK || msg->method == SIP_UPDATE);
}

/* The same for a session description, whose first question is the one after @n others. */
static u32 expect_description(const struct world *w, struct sdp_session *sdp, const u8 *text,
			      u32 n)
{
	const struct sip_endpoint *inside = &w->nat.source_inside;
	bool changes = false, stays = false, session = session_stays(w, sdp, text);
	bool own_changes = false, relied_on = false;
	static struct sdp_session was;
	u32 i;

	was = *sdp;
	if (sdp->ice && w->nat.keeps_ice)
		return n;
	for (i = 0; i < sdp->n_media; i++) {
		struct sdp_media *media = &sdp->media[i];
		bool own = media->connection.text.len, changed = true;
		const struct sdp_ports *ports;

		if (!is_own(w, sdp, media) || must_stay(w, &was, i, text) || (!own && session))
			continue;
		if (!is_silent(media)) {
			must(n < w->n_media);
			ports = &w->media[n];
			changed = w->media_answers[n++] == SIP_MAP_CHANGE;
			must(ports->media == i && ports->inside.port == media->port);
			must(ports->tcp == (media->proto == SDP_PROTO_TCP));
			if (changed) {
				expect_rtcp(w, media, ports);
				media->port = ports->outside.port;
			}
		}
		if (changed && own)
			set_address(&media->connection.ep, &w->nat.source_outside);
		changes |= !own && changed;
		stays |= !own && !changed;
		own_changes |= own && changed;
	}
	must(!(changes && stays));
	for (i = 0; i < sdp->n_media; i++)
		relied_on |= !was.media[i].connection.text.len &&
			     (was.media[i].port || was.media[i].fault);
	/* Nor does the address stay at the top, where it would be of no use. */
	if (changes || (own_changes && !relied_on && !session &&
			sip_same_address(&was.connection.ep, inside)))
		set_address(&sdp->connection.ep, &w->nat.source_outside);
	if (sdp->origin.text.len && sip_same_address(&sdp->origin.ep, inside))
		set_address(&sdp->origin.ep, &w->nat.source_outside);
	return n;
}

/* Of two, the first or the second in the body. */
static const struct sdp_session *description(const struct sip_msg *msg, bool first)
{
	bool swapped = msg->other.body.off > msg->sdp.body.off;

	return msg->other.body.len && first != swapped ? &msg->other : &msg->sdp;
}

/* And for those of the message: of two, neither is left behind. */
static void expect_sdp(struct world *w, struct sip_msg *want, const u8 *text)
{
	u32 n = 0;

	if (w->nat.source_inside.family && has_offer(want)) {
		if (want->other.body.len)
			n = expect_description(w, (struct sdp_session *)description(want, true), text, 0);
		w->n_first = n;
		n = expect_description(w, (struct sdp_session *)description(want, false), text, n);
	}
	must(n == w->n_media);
}

/*
 * The default of a section is among its candidates as it was before, and what was
 * put in says from where it comes.
 */
static void candidates_must_agree(const struct world *w, const struct sip_msg *msg, const u8 *text,
				  const struct sip_msg *sent, const u8 *sent_text)
{
	struct candidates before, after;
	u32 i, k;

	for (i = 0; i < w->n_media; i++) {
		u32 media = w->media[i].media;
		bool first = i < w->n_first;
		const struct sdp_session *was = description(msg, first);
		const struct sdp_session *is = description(sent, first);

		if (w->media_answers[i] != SIP_MAP_CHANGE)
			continue;
		before = read_candidates(was, media, text, &w->nat.source_inside);
		after = read_candidates(is, media, sent_text, &w->nat.source_outside);
		for (k = 0; k < 2; k++)
			must(!before.own[k] || after.own[k]);
		if (count_lines(was, media, text, "a=altc:", &w->media[i].inside))
			must(count_lines(is, media, sent_text, "a=altc:",
					 &w->media[i].outside));
	}
}

/* Is the edit one of the lines that go in front of candidates? */
static void insertions_must_hold(const struct world *w, const struct sip_msg *msg,
				 const struct sip_plan *plan)
{
	u32 i, k;

	for (i = 0; i < plan->n_edits; i++) {
		const struct sip_edit *edit = &plan->edits[i];
		const u8 *line = plan->text + edit->text;
		const struct sip_endpoint *inside = NULL, *outside = NULL;
		bool first = msg->other.body.len &&
			     edit->off < description(msg, false)->body.off;
		const struct sdp_session *sdp = description(msg, first);
		struct sip_endpoint in, out;

		/* The port of an MSRP URI may be one, too. */
		if (edit->len || !sdp->body.len || edit->off < sdp->body.off || *line == ':')
			continue;
		/* The last section that begins in front of it. */
		for (k = first ? 0 : w->n_first; k < (first ? w->n_first : w->n_media); k++) {
			const struct sdp_ports *ports = &w->media[k];

			if (sdp->media[ports->media].kind.off > edit->off)
				break;
			in = ports->inside;
			out = ports->outside;
			if (edit->text_len > 22 && line[22] == '2') {
				u16 rtcp = default_rtcp(&sdp->media[ports->media], &in);

				out.port += rtcp - in.port;
				if (ports->rtcp_inside.family)
					out.port = ports->rtcp_outside.port;
				in.port = rtcp;
			}
			inside = &in;
			outside = &out;
		}
		must(inside && !sdp->lite);
		candidate_must_be(line, edit->text_len, inside, outside);
	}
}

/* --- and on ---------------------------------------------------------------------- */

#define ROOM (64 << 10)

/* Puts the start line of a response in place of that of the request. Returns its length. */
static u32 make_response(const struct sip_msg *request, const u8 *text, u32 len, u8 *out)
{
	static const u8 status_line[] = "SIP/2.0 200 ";
	u32 skip = request->request_uri.off + request->request_uri.len + 1;
	u32 n = sizeof(status_line) - 1;

	/* The version of the request stays: it is as good a reason phrase as any. */
	memcpy(out, status_line, n);
	memcpy(out + n, text + skip, len - skip);
	return n + len - skip;
}

static bool names(const struct sip_msg *msg, const struct sip_endpoint *ep)
{
	u32 i;

	for (i = 0; i < msg->n_addr_refs; i++) {
		if (sip_same_address(&msg->addr_refs[i].ep, ep))
			return true;
	}
	return false;
}

/* From the address to the end of the port, if there is one; or the other way round. */
static struct sip_span ref_span(const struct sip_addr_ref *ref)
{
	u32 end = ref->host.off + ref->host.len;

	if (!ref->port.len)
		return ref->host;
	if (ref->port.off < ref->host.off)
		return (struct sip_span){ ref->port.off, end - ref->port.off };
	return (struct sip_span){ ref->host.off,
				  ref->port.off + ref->port.len - ref->host.off };
}

/* Is it written as the translator writes? */
static bool is_usual(const struct sip_addr_ref *ref, const u8 *text)
{
	u8 usual[SIP_ADDRESS_TEXT_MAX];

	return ref->host.len == sip_endpoint_format(&ref->ep, usual) &&
	       !memcmp(usual, text + ref->host.off, ref->host.len) &&
	       (!ref->port.len || text[ref->port.off] != '0');
}

static void must_be_home(const struct sip_addr_ref *ref, const u8 *text,
			 const struct sip_addr_ref *home, const u8 *home_text, bool outbound)
{
	struct sip_span was = ref_span(ref), is = ref_span(home);

	must(same_endpoint(&ref->ep, &home->ep));
	/* An outside host cannot tell whether a port was written; an inside one must not. */
	if (!outbound)
		return;
	must(!ref->port.len == !home->port.len);
	if (is_usual(ref, text))
		must(was.len == is.len &&
		     !memcmp(text + was.off, home_text + is.off, was.len));
}

/*
 * An inside host's response with a description that cannot be changed stays whole.
 * What answers a request that cannot be told may carry a description.
 */
static bool may_stay_whole(const struct sip_msg *msg)
{
	return msg->faults[SIP_TIER_BODY].verdict ||
	       (msg->method == SIP_METHOD_OTHER && msg->body.len &&
		msg->faults[SIP_TIER_FIELDS].verdict);
}

/* A request says nothing by this field. */
static u32 n_service_routes(const struct sip_msg *response)
{
	u32 n = 0, i;

	for (i = 0; i < response->n_addr_refs; i++)
		n += response->addr_refs[i].field == SIP_SERVICE_ROUTE;
	return n;
}

/*
 * A response repeats what its request says of the way it took and, here, of the
 * sender. When it is back, these are what they were.
 */
static void try_round_trip(const struct world *w, const struct sip_msg *msg, const u8 *text,
			   const struct sip_msg *sent, const u8 *sent_text, u32 sent_len)
{
	bool outbound = w->nat.source_inside.family, via = false;
	struct control control = *w->control;
	static u8 response[ROOM], home_text[ROOM];
	static struct sip_msg back, home;
	static struct sip_plan plan;
	static struct world back_world;
	const struct sip_addr_ref *sent_ref = sent->addr_refs, *ref = msg->addr_refs, *home_ref;
	const u8 *placed;
	u32 len, i;

	if (msg->status || !w->all_changed || (outbound && w->nat.target_outside.family) ||
	    names(msg, outbound ? &w->nat.source_outside : &w->nat.target_inside) ||
	    (!outbound && has_offer(msg)))
		return;

	control.answers = 0;
	world_init(&back_world, &control, msg);
	back_world.there = w;
	back_world.nat = (struct sip_nat){
		.ops = &ops,
		.source_inside = w->nat.target_inside,
		.source_outside = w->nat.target_outside,
		.target_outside = w->nat.source_outside,
		.target_inside = w->nat.source_inside,
	};
	len = make_response(sent, sent_text, sent_len, response);
	placed = place(response, len);
	must(sip_parse(&back, placed, len) == SIP_OK);
	if (!outbound && may_stay_whole(&back)) {
		unplace(placed);
		return;
	}
	must(sip_translate(&plan, &back, placed, &back_world.nat) == SIP_OK);
	plan_must_hold(&plan, placed, back.len);
	len = plan_splice(&plan, placed, len, home_text);
	unplace(placed);
	must(sip_parse(&home, home_text, len) == SIP_OK);

	i = msg->n_addr_refs && ref->field == SIP_REQUEST_URI;
	must(home.n_addr_refs + i == msg->n_addr_refs + n_service_routes(&home));
	for (home_ref = home.addr_refs; i < msg->n_addr_refs; i++, home_ref++) {
		const struct sip_addr_ref *was = &ref[i];

		while (home_ref->field == SIP_SERVICE_ROUTE)
			home_ref++;
		must(home_ref->field == was->field);
		switch (was->field) {
		case SIP_VIA:
			via = sip_same_address(&was->ep, &w->nat.source_inside);
			must_be_home(was, text, home_ref, home_text, outbound);
			break;
		case SIP_CONTACT:
		case SIP_RECORD_ROUTE:
		case SIP_PATH:
			must_be_home(was, text, home_ref, home_text, outbound);
			break;
		case SIP_VIA_MADDR:
			/* Comes back with the sent-by that it belongs to. */
			if (via)
				must_be_home(was, text, home_ref, home_text, outbound);
			break;
		case SIP_ROUTE:
		case SIP_REFER_TO:
			must(same_endpoint(&sent_ref[i].ep, &home_ref->ep));
			break;
		default:
			break;
		}
	}
}

/* A translated message names nothing that is to be translated. */
static void try_again(struct world *w, const struct sip_msg *sent, const u8 *sent_text)
{
	static struct sip_plan plan;
	u32 n_questions = w->n_questions, n_media = w->n_media;

	if (!w->all_changed || (w->nat.source_inside.family && w->nat.target_outside.family))
		return;
	must(sip_translate(&plan, sent, sent_text, &w->nat) == SIP_OK);
	must(!plan.n_edits && w->n_questions == n_questions && w->n_media == n_media);
}

static void verdict_must_hold(enum sip_verdict verdict, const struct world *w,
			      const struct sip_plan *plan, const struct sip_msg *msg)
{
	must(!plan->n_edits && !plan->delta);
	/* The request cannot be told: see may_stay_whole(). */
	if (msg->status && msg->method == SIP_METHOD_OTHER && msg->body.len &&
	    verdict == msg->faults[SIP_TIER_FIELDS].verdict) {
		must(w->nat.source_inside.family && !w->nat.target_outside.family && !w->n_media);
		return;
	}
	switch (verdict) {
	case SIP_REFUSED:
		must(!w->all_changed);
		break;
	case SIP_BAD_SDP:
	case SIP_BAD_VALUE:
	case SIP_TOO_MANY:
		/*
		 * All media that it names stay as they are; a plan has room for all. Of
		 * two alternatives the first one may have been asked for.
		 */
		must(msg->faults[SIP_TIER_BODY].verdict || plan->fault.verdict);
		must(w->nat.source_inside.family && !w->nat.target_outside.family);
		must(!w->n_media || msg->other.body.len);
		break;
	default:
		must(!"a plan has room for every message");
	}
}

static void try_translation(const struct control *control, const struct sip_msg *msg,
			    const u8 *text, u32 len)
{
	static struct sip_msg want, got;
	static struct sip_plan plan;
	static struct world w;
	enum sip_verdict verdict;
	static u8 out[ROOM];
	const u8 *sent;

	world_init(&w, control, msg);
	verdict = sip_translate(&plan, msg, text, &w.nat);
	if (verdict) {
		verdict_must_hold(verdict, &w, &plan, msg);
		return;
	}
	plan_must_hold(&plan, text, msg->len);
	want = *msg;
	expect_refs(&w, &want, text);
	expect_sdp(&w, &want, text);

	len = plan_splice(&plan, text, len, out);
	sent = place(out, len);
	must(sip_parse(&got, sent, len) == SIP_OK);
	messages_must_match(&want, &plan, &got);
	insertions_must_hold(&w, msg, &plan);
	candidates_must_agree(&w, msg, text, &got, sent);
	if (plan.n_edits) {
		message_must_hold(&got, sent, len);
		try_round_trip(&w, msg, text, &got, sent, len);
		/* Media that had to stay still have to. */
		if (!plan.fault.verdict && !msg->faults[SIP_TIER_BODY].verdict)
			try_again(&w, &got, sent);
	}
	unplace(sent);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct sip_msg msg;
	struct control control;
	const u8 *text;
	u32 len;

	if (size < sizeof(control) || size > ROOM / 2)
		return 0;
	memcpy(&control, data, sizeof(control));
	len = (u32)(size - sizeof(control));
	text = place(data + sizeof(control), len);
	if (!sip_parse(&msg, text, len))
		try_translation(&control, &msg, text, len);
	unplace(text);
	return 0;
}
