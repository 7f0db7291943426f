// SPDX-License-Identifier: GPL-2.0

#include "session/bind.h"
#include "session/far.h"
#include "state/stats.h"
#include "table/mapping.h"
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
		.probe = m->probe,
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
		peer = m->dialog->key.use == SIPALG_USE_CALL ?
			       sipalg_map_addr(&nat->source_outside) :
			       m->dmsg.sender;
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
		return sipalg_endpoint_is_same_host(&binding->inside, &host);
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
		.probe = m->probe,
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
		sipalg_far_admit_peers(m->dialog, &got, 1);
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

/* Return: the protocol that a URI names; 0 for none, or that of the flow. */
static u8 other_protocol(const struct sipalg_message *m,
			 const struct sip_addr_ref *ref)
{
	u8 proto = ref->transport == SIP_TRANSPORT_UDP ? IPPROTO_UDP :
		   ref->transport == SIP_TRANSPORT_TCP ? IPPROTO_TCP : 0;

	return proto == nf_ct_protonum(m->ct) ? 0 : proto;
}

/* Return: the port that is written for the sender's endpoint; 0 for none. */
static u16 written_port(const struct sipalg_message *m,
			const struct sip_endpoint *inside)
{
	const struct sip_nat *nat = &m->nat;
	const struct sipalg_binding *binding;

	if (inside->port == nat->source_inside.port)
		return nat->source_outside.port;
	binding = sipalg_map_find_binding(m, inside);
	return binding ? ntohs(binding->outside_port) : 0;
}

static void bind_other_protocol(struct sipalg_message *m,
				const struct sip_endpoint *inside, u8 proto)
{
	const union nf_inet_addr *peer = NULL;
	u16 port = written_port(m, inside);
	struct sipalg_port_request request = {};

	if (min(port, inside->port) < SIPALG_PORT_USER_MIN)
		return;
	sipalg_map_init_request(&request, m, inside, proto);
	request.spec.outside.port = htons(port);
	request.exact = true;
	sipalg_map_key(&request.far, m, &m->nat.target_inside, m->dir);
	if (sipalg_mapping_is_others(m->sn->net, &request.spec.inside,
				     &request.spec.outside, &request.far))
		return;
	if (m->msg->method != SIP_REGISTER)
		peer = sipalg_map_addr(&m->nat.target_inside);
	sipalg_map_take_signalling(m, &request, peer);
}

/**
 * sipalg_bind_transports() - have ports for other transports
 * @m: the message, translated, before the packet is changed
 *
 * A phone may register over UDP a Contact with transport=tcp. The far end sends
 * its requests by the transport that the URI names (RFC 3263, 4.1), to the port
 * that is written there. So that port is bound in both protocols. If somebody
 * else has it in the other protocol, the message goes on all the same.
 *
 * Context: softirq or process, RCU read side.
 */
void sipalg_bind_transports(struct sipalg_message *m)
{
	const struct sip_endpoint *source = &m->nat.source_inside;
	const struct sip_msg *msg = m->msg;
	u32 i;

	if (m->observe || !m->dialog || !m->dmsg.outbound)
		return;
	for (i = 0; i < msg->n_addr_refs; i++) {
		const struct sip_addr_ref *ref = &msg->addr_refs[i];
		u8 proto;

		if (ref->field == SIP_VIA ||
		    !sipalg_map_makes_binding(ref->field) ||
		    !sip_same_address(&ref->ep, source))
			continue;
		proto = other_protocol(m, ref);
		if (proto)
			bind_other_protocol(m, &ref->ep, proto);
	}
	m->refused = SIPALG_STAT_NONE;
}
