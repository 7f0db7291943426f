// SPDX-License-Identifier: GPL-2.0

#include "session/bind.h"
#include "session/offer.h"
#include "table/seen.h"

/**
 * sipalg_bind_flow() - lease to the dialog the mapping of its own flow
 * @m: the message, with its dialog
 *
 * So the peer finds the way back when conntrack has forgotten the flow. There
 * is none for a flow from or to a port of a well-known service.
 *
 * Context: softirq or process, RCU read side.
 */
void sipalg_bind_flow(struct sipalg_message *m)
{
	const struct sip_nat *nat = &m->nat;
	struct sipalg_port_request request = {
		.spec.master = m->ct,
		.exact = true,
	};
	struct sipalg_binding_spec *spec = &request.spec;
	const union nf_inet_addr *peer;

	if (m->dmsg.outbound) {
		sipalg_map_key(&spec->inside, m, &nat->source_inside, m->dir);
		sipalg_map_key(&spec->outside, m, &nat->source_outside,
			       !m->dir);
		peer = sipalg_map_addr(&nat->target_inside);
	} else {
		sipalg_map_key(&spec->inside, m, &nat->target_inside, !m->dir);
		sipalg_map_key(&spec->outside, m, &nat->target_outside, m->dir);
		peer = sipalg_map_addr(&nat->source_outside);
	}
	spec->ifindex = sipalg_map_outside_device(m);
	if (!sipalg_map_is_well_known(m, ntohs(spec->inside.port)) &&
	    !sipalg_map_is_well_known(m, ntohs(spec->outside.port)))
		sipalg_map_take_signalling(m, &request, peer);
}

static bool is_shown(const struct sipalg_message *m,
		     const struct sip_endpoint *ep)
{
	return sip_same_address(ep, &m->nat.source_outside);
}

/* Finds the inside end of a mapping that the sender of the message has. */
static bool find_written(const struct sipalg_message *m,
			 struct sipalg_binding_spec *spec)
{
	const struct sipalg_binding *binding =
		sipalg_binding_by_outside(m->sn, &spec->outside);
	struct sipalg_endpoint host;

	sipalg_map_key(&host, m, &m->nat.source_inside, m->dir);
	if (binding) {
		spec->inside = binding->inside;
		return binding->inside.zone == host.zone &&
		       nf_inet_addr_cmp(&binding->inside.addr, &host.addr);
	}
	/* An inside end has one binding at an outside address. */
	return sipalg_seen_find_inside(m->sn, &host, &spec->outside,
				       &spec->inside) &&
	       !sipalg_binding_by_inside(m->sn, &spec->inside,
					 &spec->outside.addr);
}

static void bind_port(struct sipalg_message *m, unsigned int media, u8 kind,
		      u16 port)
{
	struct sip_endpoint outside = m->nat.source_outside;
	struct sipalg_port_request request = {
		.spec = {
			.master = m->ct,
			.ifindex = m->skb->dev->ifindex,
			.kind = kind,
		},
		.media = media + 1,
		.exact = true,
	};
	struct sipalg_binding_spec *spec = &request.spec;
	struct sipalg_binding *got;

	outside.port = port;
	sipalg_map_key(&spec->outside, m, &outside, !m->dir);
	spec->outside.proto = IPPROTO_UDP;
	if (sipalg_map_is_well_known(m, port) || !find_written(m, spec) ||
	    sipalg_map_is_well_known(m, ntohs(spec->inside.port)))
		return;
	if (sipalg_map_take(m, &request, 1, &got))
		sipalg_offer_admit_peers(m->dialog, &got, 1);
}

/* RTCP has the next port where nothing else is said (RFC 3550, 11). */
static void bind_media(struct sipalg_message *m, unsigned int i)
{
	const struct sdp_session *sdp = &m->msg->sdp;
	const struct sdp_media *media = &sdp->media[i];
	bool rtp = media->proto == SDP_PROTO_RTP;
	u16 rtcp = media->rtcp_port ?: media->port + 1;

	bind_port(m, i, rtp ? SIPALG_BINDING_RTP : SIPALG_BINDING_MEDIA,
		  media->port);
	if (rtp && rtcp && !media->mux_only &&
	    (!media->rtcp_address.text.len ||
	     is_shown(m, &media->rtcp_address.ep)))
		bind_port(m, i, SIPALG_BINDING_RTCP, rtcp);
}

/**
 * sipalg_bind_written() - lease the mappings that an inside host writes itself
 * @m: the message, which goes out as planned; with its dialog
 *
 * A phone that has learnt its outside endpoint E:q by STUN (RFC 8489) writes
 * that into its SDP. Nobody changes it, but the NAT keeps it for the STUN
 * server alone: a binding has it lead the far end to the phone, and reserves
 * it. So the host must have a flow that is mapped so.
 *
 * Context: softirq or process, RCU read side.
 */
void sipalg_bind_written(struct sipalg_message *m)
{
	const struct sdp_session *sdp = &m->msg->sdp;
	const struct sdp_address *address;
	unsigned int i;

	if (!m->dmsg.outbound || m->mode != SIPALG_MODE_ON ||
	    !m->nat.source_inside.family ||
	    sip_same_address(&m->nat.source_inside, &m->nat.source_outside))
		return;
	for (i = 0; i < sdp->n_media; i++) {
		address = &sdp->media[i].connection;
		if (!address->text.len)
			address = &sdp->connection;
		if (sdp->media[i].port && !sdp->media[i].fault &&
		    sdp->media[i].proto <= SDP_PROTO_RTP &&
		    is_shown(m, &address->ep))
			bind_media(m, i);
	}
}
