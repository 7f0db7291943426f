// SPDX-License-Identifier: GPL-2.0
/*
 * Candidates of ICE (RFC 8839), as far as a NAT has a part in them.
 *
 * A media section has a default destination, c= and the port of m=, for far
 * ends without ICE. It must be among the candidates, else a far end with ICE
 * reports a mismatch and does without (RFC 8839, 5.3). So where the default is
 * translated, the candidates get its outside address, too: as a candidate more,
 * the server-reflexive one that a STUN server would have told. The host
 * candidate stays: two phones behind one NAT still find the direct path.
 *
 * The sender does not know of the candidate, and need not: in its check list
 * the base takes the place of a reflexive candidate (RFC 8445, 6.1.2.4).
 */
#include "ice.h"

#define TYPE_PREFERENCE	100U	/* server-reflexive: RFC 8445, 5.1.2.2 */
#define LOCAL_PREFERENCE 0x00ffff00U
#define TRIES		4	/* for a priority that no other candidate has */
/*
 * "a=candidate:n01234567 1 UDP 4294967295  65535 typ srflx raddr  rport 65535"
 */
#define CANDIDATE_MAX	(75 + 2 * SIP_ADDRESS_TEXT_MAX + 2)

/* Where RTCP goes by default; 0 for nowhere. */
static u16 rtcp_port_of(const struct sdp_media *media,
			const struct sip_endpoint *sender)
{
	if (media->proto != SDP_PROTO_RTP || media->mux_only ||
	    sdp_rtcp_is_elsewhere(media, sender))
		return 0;
	return media->rtcp_text.len ? media->rtcp_port :
				      (u16)(media->port + 1);
}

/**
 * sip_ice_may_help() - may the default of a section with candidates be changed?
 * @ice: filled in
 * @sdp: the session description
 * @media: index of the section, whose default is on the sender's own address
 * @text: the message
 * @sender: that address
 *
 * It may where it is one of the candidates, as that can be changed with it. It
 * may also where it is none of them, as then there is a mismatch already. It
 * must stay where that is not known, and where the section names the
 * candidates of the far end: ICE has found a path then, and the default says
 * which it is (RFC 8839, 4.4.1.2.2).
 */
bool sip_ice_may_help(struct sip_ice *ice, const struct sdp_session *sdp,
		      u32 media, const u8 *text,
		      const struct sip_endpoint *sender)
{
	const struct sdp_media *section = &sdp->media[media];
	const struct sdp_candidate *candidate, *end;
	u16 ports[SIP_ICE_COMPONENTS];
	u32 i;

	ice->sdp = sdp;
	ice->text = text;
	ice->media = section;
	for (i = 0; i < SIP_ICE_COMPONENTS; i++)
		ice->own[i] = NULL;
	if (section->concluded || (section->proto != SDP_PROTO_RTP &&
				   section->proto != SDP_PROTO_OTHER))
		return false;
	ports[0] = section->port;
	ports[1] = rtcp_port_of(section, sender);
	candidate = &sdp->candidates[section->first_candidate];
	end = candidate + section->n_candidates;
	for (; candidate < end; candidate++) {
		i = candidate->component - 1;
		if (i < SIP_ICE_COMPONENTS && candidate->ep.port &&
		    candidate->ep.port == ports[i] && !ice->own[i] &&
		    sip_same_address(&candidate->ep, sender))
			ice->own[i] = candidate;
	}
	return ice->own[0] || !section->odd_candidates;
}

/*
 * The reflexive candidate has the local preference of its base, or, if another
 * candidate has that priority, the next lower one.
 *
 * Return: 0 if the section has a candidate @outside already.
 */
static u32 choose_priority(const struct sip_ice *ice,
			   const struct sdp_candidate *base,
			   const struct sip_endpoint *outside)
{
	const struct sdp_candidate *candidate, *end;
	u32 priority = TYPE_PREFERENCE << 24 |
		       (base->priority & LOCAL_PREFERENCE) |
		       (256 - base->component);
	u32 taken = 0, below;

	candidate = &ice->sdp->candidates[ice->media->first_candidate];
	end = candidate + ice->media->n_candidates;
	for (; candidate < end; candidate++) {
		if (candidate->component == base->component &&
		    candidate->ep.port == outside->port &&
		    sip_same_address(&candidate->ep, outside))
			return 0;
		below = priority - candidate->priority;
		if (!(below & 0xff) && below >> 8 < TRIES)
			taken |= BIT(below >> 8);
	}
	for (below = 0; taken & BIT(below); below++)
		;
	return priority - (below << 8);
}

#define put_text(out, text) put_bytes(out, text, sizeof(text) - 1)

static u8 *put_bytes(u8 *out, const char *text, u32 len)
{
	memcpy(out, text, len);
	return out + len;
}

/*
 * All candidates that a NAT adds for a sender have type, base address and
 * "server" in common, and with them the foundation (RFC 8445, 5.1.1.3). One NAT
 * behind another has a foundation of its own.
 */
static u8 *put_foundation(u8 *out, const struct sip_endpoint *outside)
{
	u32 i, shift = 32, sum = 0;

	for (i = 0; i < 16; i += 4)
		sum ^= (u32)outside->addr[i] << 24 |
		       (u32)outside->addr[i + 1] << 16 |
		       (u32)outside->addr[i + 2] << 8 | outside->addr[i + 3];
	*out++ = 'n';
	while (shift) {
		shift -= 4;
		*out++ = "0123456789abcdef"[sum >> shift & 15];
	}
	return out;
}

/* Adds a line in front of that of its base, with the line end that is usual. */
static enum sip_verdict add_reflexive(const struct sip_ice *ice,
				      const struct sdp_candidate *base,
				      struct sip_writer *writer,
				      const struct sip_endpoint *outside)
{
	struct sip_span where = { .off = base->line };
	struct sip_plan *plan = writer->plan;
	const u8 *text = ice->text;
	u32 priority, begin = plan->text_len;
	u8 *out, *end;

	priority = choose_priority(ice, base, outside);
	if (!priority)
		return SIP_OK;
	out = sip_writer_room(writer, CANDIDATE_MAX);
	if (!out)
		return SIP_TOO_MANY;
	end = put_text(out, "a=candidate:");
	end = put_foundation(end, outside);
	*end++ = ' ';
	end += sip_format_number(base->component, end);
	end = put_text(end, " UDP ");
	end += sip_format_number(priority, end);
	*end++ = ' ';
	end += sip_endpoint_format(outside, end);
	*end++ = ' ';
	end += sip_format_number(outside->port, end);
	end = put_text(end, " typ srflx raddr ");
	end += sip_endpoint_format(&base->ep, end);
	end = put_text(end, " rport ");
	end += sip_format_number(base->ep.port, end);
	if (ice->sdp->cr || (text[base->line - 1] == '\n' &&
			     text[base->line - 2] == '\r'))
		*end++ = '\r';
	if (!ice->sdp->cr)
		*end++ = '\n';
	plan->text_len += (u32)(end - out);
	return sip_plan_add(plan, where, begin, plan->text_len - begin) ?
		       SIP_OK :
		       SIP_TOO_MANY;
}

/*
 * An agent without checks of its own has one candidate a component, of type
 * host, on an address that all can reach (RFC 8445, 5.2): this one.
 */
static enum sip_verdict replace_host(const struct sdp_candidate *base,
				     struct sip_writer *writer,
				     const struct sip_endpoint *outside)
{
	return sip_write_endpoint(writer, base->address, base->port, &base->ep,
				  outside);
}

/**
 * sip_ice_write() - make candidates of what the default has become
 * @ice: as sip_ice_may_help() filled it in
 * @writer: writes into the plan
 * @rtp: outside address and port of the section
 * @rtcp_port: outside port for RTCP
 *
 * Return: SIP_OK, or SIP_TOO_MANY if the plan is full.
 */
enum sip_verdict sip_ice_write(const struct sip_ice *ice,
			       struct sip_writer *writer,
			       const struct sip_endpoint *rtp, u16 rtcp_port)
{
	struct sip_endpoint outside = *rtp;
	enum sip_verdict verdict = SIP_OK;
	u32 i;

	for (i = 0; i < SIP_ICE_COMPONENTS && !verdict; i++) {
		const struct sdp_candidate *base = ice->own[i];

		if (i)
			outside.port = rtcp_port;
		if (!base)
			continue;
		/* Without NAT there is nothing to add. */
		if (sip_same_address(&base->ep, &outside) &&
		    base->ep.port == outside.port)
			continue;
		verdict = ice->sdp->lite ?
				  replace_host(base, writer, &outside) :
				  add_reflexive(ice, base, writer, &outside);
	}
	return verdict;
}
