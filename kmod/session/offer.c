// SPDX-License-Identifier: GPL-2.0

#include "session/offer.h"
#include "state/settings.h"
#include "table/invite.h"
#include "table/mapping.h"
#include "table/pinhole.h"

/**
 * sipalg_offer_is_current() - does a message belong to the current exchange?
 * @dialog: locked by the caller
 * @dmsg: the message
 *
 * The host that opened the exchange, and the number of its request, name it.
 *
 * Context: any.
 */
bool sipalg_offer_is_current(const struct sipalg_dialog *dialog,
			     const struct sipalg_dialog_msg *dmsg)
{
	return dmsg->msg->cseq == dialog->cseq &&
	       dmsg->from == dialog->offerer;
}

/* RFC 3264, RFC 3311, RFC 3262. */
static bool may_offer(const struct sip_msg *msg)
{
	if (msg->status)
		return false;
	switch (msg->method) {
	case SIP_INVITE:
		return true;
	case SIP_UPDATE:
	case SIP_PRACK:
		return msg->sdp.body.len;
	default:
		return false;
	}
}

/**
 * sipalg_offer_reaches() - has an inside host of the message any lease?
 * @dialog: locked by the caller
 * @dmsg: the message
 *
 * Context: any.
 */
bool sipalg_offer_reaches(const struct sipalg_dialog *dialog,
			  const struct sipalg_dialog_msg *dmsg)
{
	unsigned int i;

	for (i = 0; i < dialog->leases.n; i++)
		if (sipalg_lease_is_of(&dialog->leases.lease[i], dmsg))
			return true;
	return false;
}

/*
 * While a call rings, an INVITE from the outside to a host of the call, with
 * tags that are none of its, comes from a host that has merely learned the
 * Call-ID. A server that keeps the Call-ID when it calls another inside host is
 * none.
 */
static bool is_foreign(const struct sipalg_dialog *dialog,
		       const struct sipalg_dialog_msg *dmsg)
{
	return dmsg->msg->method == SIP_INVITE && !dmsg->msg->status &&
	       !dmsg->hosts[0] && dialog->state == SIPALG_CALL_EARLY &&
	       dialog->n_invites &&
	       !sipalg_invite_find(dialog, dmsg->from) &&
	       !sipalg_invite_find(dialog, dmsg->to) &&
	       sipalg_offer_reaches(dialog, dmsg);
}

/**
 * sipalg_offer_begin() - a message of the dialog is about to be translated
 * @dialog: locked by the caller
 * @dmsg: the message
 *
 * A request that may carry an offer opens a new exchange. Its retransmission
 * does not, nor does a request that a later one has overtaken.
 *
 * Context: softirq or process.
 */
void sipalg_offer_begin(struct sipalg_dialog *dialog,
			struct sipalg_dialog_msg *dmsg)
{
	struct sipalg_leases *leases = &dialog->leases;

	lockdep_assert_held(&dialog->lock);
	dmsg->is_foreign = is_foreign(dialog, dmsg);
	if (!may_offer(dmsg->msg) || dmsg->is_foreign ||
	    (leases->exchange && dmsg->from == dialog->offerer &&
	     dmsg->msg->cseq <= dialog->cseq))
		return;
	dmsg->new_offer = true;
	dialog->offerer = dmsg->from;
	dialog->cseq = dmsg->msg->cseq;
	dialog->answered = false;
	if (!++leases->exchange)
		leases->exchange = 1;
}

/* May the message hold the answer to an offer of an inside host? */
static bool may_answer(const struct sipalg_dialog *dialog,
		       const struct sipalg_dialog_msg *dmsg)
{
	const struct sip_msg *msg = dmsg->msg;

	return msg->sdp.n_media && dmsg->hosts[1] &&
	       sipalg_offer_is_current(dialog, dmsg) &&
	       (msg->status ? msg->status < 300 : msg->method == SIP_ACK);
}

/**
 * sipalg_offer_answer() - note which media an answer accepts or refuses
 * @dialog: locked by the caller
 * @dmsg: a message, with an answer or not
 *
 * An answer refuses media by port 0 (RFC 3264, 6). Where an INVITE has forked,
 * one answer may refuse them and another accept them.
 *
 * Context: softirq or process.
 */
void sipalg_offer_answer(struct sipalg_dialog *dialog,
			 const struct sipalg_dialog_msg *dmsg)
{
	const struct sdp_session *sdp = &dmsg->msg->sdp;
	struct sipalg_leases *leases = &dialog->leases;
	unsigned int i;

	lockdep_assert_held(&dialog->lock);
	if (!may_answer(dialog, dmsg))
		return;
	for (i = 0; i < leases->n; i++) {
		struct sipalg_lease *lease = &leases->lease[i];

		if (lease->exchange != leases->exchange || !lease->media ||
		    lease->media > sdp->n_media ||
		    !nf_inet_addr_cmp(&lease->binding->inside.addr,
				      dmsg->hosts[1]))
			continue;
		/* A section that cannot be read refuses nothing. */
		if (sdp->media[lease->media - 1].port ||
		    sdp->media[lease->media - 1].fault)
			lease->accepted = true;
		else
			lease->refused = true;
	}
}

/* Does the current exchange name media of the host that has this lease? */
static bool is_replaced(const struct sipalg_leases *leases,
			const struct sipalg_lease *old)
{
	unsigned int i;

	for (i = 0; i < leases->n; i++) {
		const struct sipalg_lease *lease = &leases->lease[i];

		if (sipalg_lease_is_media(lease) &&
		    lease->exchange == leases->exchange &&
		    nf_inet_addr_cmp(&lease->binding->inside.addr,
				     &old->binding->inside.addr))
			return true;
	}
	return false;
}

/**
 * sipalg_offer_accepted() - the current exchange has succeeded
 * @dialog: locked by the caller
 * @dmsg: the message that says so
 *
 * Ports that the new SDP no longer lists drain; ports that every answer refused
 * are released. A host that lists no port, as in a session on hold by
 * c=0.0.0.0, keeps what it has. The exchange has not succeeded with another
 * phone that the same INVITE reached.
 *
 * Context: softirq or process.
 */
void sipalg_offer_accepted(struct sipalg_dialog *dialog,
			   const struct sipalg_dialog_msg *dmsg)
{
	struct sipalg_leases *leases = &dialog->leases;
	unsigned int i;

	lockdep_assert_held(&dialog->lock);
	for (i = 0; i < leases->n; i++) {
		struct sipalg_lease *lease = &leases->lease[i];

		if (lease->exchange == leases->exchange) {
			if (sipalg_lease_is_of(lease, dmsg))
				lease->since = 0;
		} else if (sipalg_lease_is_media(lease) &&
			   is_replaced(leases, lease)) {
			sipalg_dialog_drain(dialog, lease);
		}
	}
	while (i--) {
		const struct sipalg_lease *lease = &leases->lease[i];

		if (lease->exchange == leases->exchange && lease->refused &&
		    !lease->accepted)
			sipalg_lease_release(dialog->sn, leases, i);
	}
}

/**
 * sipalg_offer_rejected() - the current exchange has failed
 * @dialog: locked by the caller
 *
 * Ports that it was the first to list are released.
 *
 * Context: softirq or process.
 */
void sipalg_offer_rejected(struct sipalg_dialog *dialog)
{
	struct sipalg_leases *leases = &dialog->leases;
	unsigned int i = leases->n;

	lockdep_assert_held(&dialog->lock);
	while (i--) {
		const struct sipalg_lease *lease = &leases->lease[i];

		if (sipalg_lease_is_media(lease) &&
		    lease->since == leases->exchange)
			sipalg_lease_release(dialog->sn, leases, i);
	}
}

static const struct sdp_address *address_of(const struct sdp_session *sdp,
					    u32 media)
{
	const struct sdp_address *own = &sdp->media[media].connection;

	return own->text.len ? own : &sdp->connection;
}

static const union nf_inet_addr *inet_addr_of(const struct sdp_address *address)
{
	return (const union nf_inet_addr *)address->ep.addr;
}

static bool is_literal(const struct sdp_address *address, u8 family)
{
	static const u8 none[sizeof(address->ep.addr)];

	return address->ep.family == (family == NFPROTO_IPV4 ? 4 : 6) &&
	       memcmp(address->ep.addr, none, sizeof(none));
}

static bool names_peers(const struct sdp_session *sdp, u32 i, u8 family)
{
	const struct sdp_media *media = &sdp->media[i];

	return !media->layered && is_literal(address_of(sdp, i), family) &&
	       (!media->rtcp_address.text.len ||
		is_literal(&media->rtcp_address, family));
}

/* Are the addresses in the SDP all that media can come from? */
static bool names_all_peers(const struct sdp_session *sdp, u8 family)
{
	u32 i;

	for (i = 0; i < sdp->n_media; i++)
		if (sdp->media[i].fault ||
		    (sdp->media[i].port && !names_peers(sdp, i, family)))
			return false;
	return sdp->n_media && !sdp->ice && !sdp->cut;
}

static bool is_strict(const struct sipalg_dialog *dialog)
{
	return sipalg_setting(dialog->sn, MEDIA_SOURCE) ==
	       SIPALG_MEDIA_SIGNALLED;
}

static void add_peers(struct sipalg_binding *binding,
		      const struct sdp_session *sdp)
{
	u32 i;

	for (i = 0; i < sdp->n_media; i++) {
		const struct sdp_address *rtcp = &sdp->media[i].rtcp_address;

		if (!sdp->media[i].port)
			continue;
		sipalg_pinhole_peer_add(binding,
					inet_addr_of(address_of(sdp, i)));
		if (rtcp->text.len)
			sipalg_pinhole_peer_add(binding, inet_addr_of(rtcp));
	}
	sipalg_pinhole_flows_enforce_peers(binding);
}

static void set_far_ends(struct sipalg_dialog *dialog,
			 const struct sdp_session *sdp)
{
	struct sipalg_call_summary *summary = &dialog->summary;
	u8 family = dialog->origin.family;
	unsigned int i;

	for (i = 0; i < SIPALG_FAR_ENDS_MAX; i++) {
		summary->far_port[i] = 0;
		if (i >= sdp->n_media ||
		    !is_literal(address_of(sdp, i), family))
			continue;
		summary->far[i] = *inet_addr_of(address_of(sdp, i));
		summary->far_port[i] = htons(sdp->media[i].port);
	}
	summary->all_named = sdp->n_media <= SIPALG_FAR_ENDS_MAX &&
			     names_all_peers(sdp, family);
}

/**
 * sipalg_offer_name_peers() - an SDP tells an inside host where to send media
 * @dialog: locked by the caller
 * @msg: the message with the SDP
 * @receiver: the inside host
 *
 * With media-source signalled, the addresses in the SDP may send to the host's
 * media bindings from now on.
 *
 * Context: softirq or process.
 */
void sipalg_offer_name_peers(struct sipalg_dialog *dialog,
			     const struct sip_msg *msg,
			     const union nf_inet_addr *receiver)
{
	struct sipalg_leases *leases = &dialog->leases;
	unsigned int i;

	lockdep_assert_held(&dialog->lock);
	set_far_ends(dialog, &msg->sdp);
	if (!is_strict(dialog) ||
	    !names_all_peers(&msg->sdp, dialog->origin.family))
		return;
	for (i = 0; i < leases->n; i++) {
		const struct sipalg_lease *lease = &leases->lease[i];

		if (sipalg_lease_is_media(lease) &&
		    nf_inet_addr_cmp(&lease->binding->inside.addr, receiver))
			add_peers(lease->binding, &msg->sdp);
	}
}

/**
 * sipalg_offer_admit_peers() - peers that are named already may use new
 * bindings
 * @dialog: locked by the caller
 * @got: its media bindings
 * @n: number of bindings
 *
 * Context: softirq or process.
 */
void sipalg_offer_admit_peers(const struct sipalg_dialog *dialog,
			      struct sipalg_binding *got[], unsigned int n)
{
	const struct sipalg_call_summary *summary = &dialog->summary;
	unsigned int i;

	lockdep_assert_held(&dialog->lock);
	if (!summary->all_named || !is_strict(dialog))
		return;
	while (n--)
		for (i = 0; i < SIPALG_FAR_ENDS_MAX; i++)
			if (summary->far_port[i])
				sipalg_pinhole_peer_add(got[n],
							&summary->far[i]);
}

/**
 * sipalg_offer_far_end() - where an inside host will send a stream
 * @dialog: locked by the caller
 * @media: index of the stream in the session
 * @far: address, port and family are filled in; the rest stays
 *
 * Context: any.
 * Return: whether it is known.
 */
bool sipalg_offer_far_end(const struct sipalg_dialog *dialog,
			  unsigned int media, struct sipalg_endpoint *far)
{
	const struct sipalg_call_summary *summary = &dialog->summary;

	lockdep_assert_held(&dialog->lock);
	if (media >= SIPALG_FAR_ENDS_MAX || !summary->far_port[media])
		return false;
	far->addr = summary->far[media];
	far->port = summary->far_port[media];
	far->family = dialog->origin.family;
	return true;
}

/**
 * sipalg_offer_replace_mappings() - have streams leave as the SDP promises
 * @dialog: locked by the caller
 *
 * A phone may have sent to the far end before it was promised a port: early
 * media, or an older call between the same ports. RTCP goes to the port after
 * that of RTP (RFC 3550, 11).
 *
 * Context: softirq or process, RCU read side.
 */
void sipalg_offer_replace_mappings(const struct sipalg_dialog *dialog)
{
	const struct sipalg_leases *leases = &dialog->leases;
	struct sipalg_endpoint far;
	unsigned int i;

	lockdep_assert_held(&dialog->lock);
	for (i = 0; i < leases->n; i++) {
		const struct sipalg_lease *lease = &leases->lease[i];

		if (!lease->media || lease->draining ||
		    !sipalg_offer_far_end(dialog, lease->media - 1, &far))
			continue;
		if (lease->binding->kind == SIPALG_BINDING_RTCP)
			be16_add_cpu(&far.port, 1);
		sipalg_mapping_replace(dialog->sn, lease->binding, &far);
	}
}
