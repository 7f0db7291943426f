// SPDX-License-Identifier: GPL-2.0

#include "session/offer.h"
#include "state/settings.h"
#include "table/invite.h"
#include "table/leg.h"
#include "table/mapping.h"
#include "table/offered.h"
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

/*
 * Both tags are the dialog's, or one is the From tag of an INVITE that is under
 * way. In a call whose INVITE was not seen, any tags may be.
 */
static bool has_tags(struct sipalg_dialog *dialog,
		     const struct sipalg_dialog_msg *dmsg)
{
	return !dialog->n_invites || sipalg_invite_find(dialog, dmsg->from) ||
	       sipalg_invite_find(dialog, dmsg->to) ||
	       sipalg_leg_is_known(dialog, dmsg);
}

/* Another host may have learned the Call-ID. */
static bool is_from_far_end(struct sipalg_dialog *dialog,
			    const struct sipalg_dialog_msg *dmsg)
{
	return has_tags(dialog, dmsg) &&
	       (!dmsg->msg->status ||
		sipalg_invite_has_asked(dialog, dmsg->sender));
}

/*
 * An INVITE of the dialog's host or in one of its legs opens an exchange. Any
 * other one does so with the first response of the host.
 */
static bool may_begin_invite(const struct sipalg_dialog *dialog,
			     const struct sipalg_dialog_msg *dmsg)
{
	if (dmsg->outbound)
		return dmsg->msg->status < 300;
	return !dmsg->msg->status && sipalg_leg_is_known(dialog, dmsg);
}

/* RFC 3264, RFC 3311, RFC 3262. */
static bool may_offer(struct sipalg_dialog *dialog,
		      const struct sipalg_dialog_msg *dmsg)
{
	const struct sipalg_invite *invite;

	switch (dmsg->msg->method) {
	case SIP_INVITE:
		invite = sipalg_invite_find(dialog, dmsg->from);
		return may_begin_invite(dialog, dmsg) &&
		       (!invite || (s32)(dmsg->msg->cseq - invite->cseq) > 0);
	case SIP_UPDATE:
	case SIP_PRACK:
		return !dmsg->msg->status && dmsg->msg->sdp.body.len;
	default:
		return false;
	}
}

static struct sipalg_offer_name name_of(const struct sipalg_dialog_key *key,
					const struct sipalg_dialog_msg *dmsg)
{
	return (struct sipalg_offer_name) {
		.key = *key,
		.from = dmsg->from,
		.cseq = dmsg->msg->cseq,
	};
}

/**
 * sipalg_offer_begin() - a message of the dialog is about to be translated
 * @dialog: locked by the caller
 * @dmsg: the message; whether a party sends it, and whether it opens an
 *	exchange, are filled in
 *
 * A request that may carry an offer opens a new exchange. Its retransmission
 * does not, nor does a request that a later one has overtaken.
 *
 * Context: softirq or process.
 */
void sipalg_offer_begin(struct sipalg_dialog *dialog,
			struct sipalg_dialog_msg *dmsg)
{
	const struct sipalg_offer_name name = name_of(&dialog->key, dmsg);
	struct sipalg_leases *leases = &dialog->leases;

	lockdep_assert_held(&dialog->lock);
	dmsg->is_party = dmsg->outbound || is_from_far_end(dialog, dmsg);
	if (!dmsg->is_party || !may_offer(dialog, dmsg) ||
	    (leases->exchange && dmsg->from == dialog->offerer &&
	     (s32)(dmsg->msg->cseq - dialog->cseq) <= 0))
		return;
	dmsg->new_offer = true;
	dialog->offerer = dmsg->from;
	dialog->cseq = dmsg->msg->cseq;
	dialog->answered = false;
	if (!++leases->exchange)
		leases->exchange = 1;
	if (dmsg->msg->status)
		sipalg_offered_find(dialog->sn, &name, &dialog->summary.far);
}

/* May the message hold the answer to an offer of an inside host? */
static bool may_answer(const struct sipalg_dialog *dialog,
		       const struct sipalg_dialog_msg *dmsg)
{
	const struct sip_msg *msg = dmsg->msg;

	return msg->sdp.n_media && !dmsg->outbound &&
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
		    lease->media > sdp->n_media)
			continue;
		/*
		 * A section that cannot be read refuses nothing, nor does one
		 * for which there is an alternative.
		 */
		if (sdp->media[lease->media - 1].port ||
		    sdp->media[lease->media - 1].fault ||
		    dmsg->msg->fallback.body.len)
			lease->accepted = true;
		else
			lease->refused = true;
	}
}

/* Does the current exchange name media of the host? */
static bool has_new_media(const struct sipalg_leases *leases)
{
	unsigned int i;

	for (i = 0; i < leases->n; i++)
		if (sipalg_lease_is_media(&leases->lease[i]) &&
		    leases->lease[i].exchange == leases->exchange)
			return true;
	return false;
}

/**
 * sipalg_offer_accepted() - the current exchange has succeeded
 * @dialog: locked by the caller
 *
 * Ports that the new SDP no longer lists drain; ports that every answer refused
 * are released. A host that lists no port, as in a session on hold by
 * c=0.0.0.0, keeps what it has.
 *
 * Context: softirq or process.
 */
void sipalg_offer_accepted(struct sipalg_dialog *dialog)
{
	struct sipalg_leases *leases = &dialog->leases;
	bool is_replaced = has_new_media(leases);
	unsigned int i;

	lockdep_assert_held(&dialog->lock);
	for (i = 0; i < leases->n; i++) {
		struct sipalg_lease *lease = &leases->lease[i];

		if (lease->exchange == leases->exchange)
			lease->since = 0;
		else if (sipalg_lease_is_media(lease) && is_replaced)
			sipalg_dialog_drain(dialog, lease);
	}
	while (i--) {
		const struct sipalg_lease *lease = &leases->lease[i];

		if (lease->exchange == leases->exchange && lease->refused &&
		    !lease->accepted)
			sipalg_lease_release(dialog->sn, leases, i);
	}
}

/* Does a lease of the current exchange serve a section? */
static bool serves(const struct sipalg_lease *lease,
		   const struct sdp_session *sdp, u32 media)
{
	if (lease->media)
		return lease->media == media + 1;
	return ntohs(lease->binding->inside.port) == sdp->media[media].port;
}

static bool is_served(const struct sipalg_leases *leases,
		      const struct sdp_session *sdp, u32 media)
{
	unsigned int i;

	for (i = 0; i < leases->n; i++)
		if (leases->lease[i].exchange == leases->exchange &&
		    serves(&leases->lease[i], sdp, media))
			return true;
	return false;
}

/**
 * sipalg_offer_keep_streams() - streams go on where they were
 * @dialog: locked by the caller; its host sends the message
 * @sdp: its session description, which has been translated
 *
 * A section need not name a port of the host: it may name the address that ICE
 * has found (RFC 8839, 4.4.1.2.2), or none while the stream is on hold. It has
 * the place of the stream that it goes on with (RFC 3264, 8), whose ports stay.
 *
 * Context: softirq or process.
 */
void sipalg_offer_keep_streams(struct sipalg_dialog *dialog,
			       const struct sdp_session *sdp)
{
	struct sipalg_leases *leases = &dialog->leases;
	u64 kept = 0;
	unsigned int i;

	lockdep_assert_held(&dialog->lock);
	BUILD_BUG_ON(SDP_MEDIA_MAX > 64);
	/* Then nothing drains. */
	if (!has_new_media(leases))
		return;
	for (i = 0; i < sdp->n_media; i++)
		if ((sdp->media[i].port || sdp->media[i].fault) &&
		    !is_served(leases, sdp, i))
			kept |= BIT_ULL(i);
	for (i = 0; kept && i < leases->n; i++) {
		struct sipalg_lease *lease = &leases->lease[i];

		if (!sipalg_lease_is_media(lease) || lease->draining ||
		    lease->exchange == leases->exchange ||
		    (lease->media && !(kept & BIT_ULL(lease->media - 1))))
			continue;
		lease->exchange = leases->exchange;
		lease->accepted = false;
		lease->refused = false;
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
static bool names_all_peers(const struct sip_msg *msg, u8 family)
{
	const struct sdp_session *sdp = &msg->sdp;
	u32 i;

	for (i = 0; i < sdp->n_media; i++)
		if (sdp->media[i].fault ||
		    (sdp->media[i].port && !names_peers(sdp, i, family)))
			return false;
	return sdp->n_media && !sdp->ice && !sdp->cut &&
	       !msg->fallback.body.len;
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
}

static void set_far_ends(struct sipalg_far_ends *far, const struct sip_msg *msg,
			 u8 family)
{
	const struct sdp_session *sdp = &msg->sdp;
	unsigned int i;

	for (i = 0; i < SIPALG_FAR_ENDS_MAX; i++) {
		far->port[i] = 0;
		if (i >= sdp->n_media ||
		    !is_literal(address_of(sdp, i), family))
			continue;
		far->addr[i] = *inet_addr_of(address_of(sdp, i));
		far->port[i] = htons(sdp->media[i].port);
	}
	far->all_named = sdp->n_media <= SIPALG_FAR_ENDS_MAX &&
			 names_all_peers(msg, family);
}

/**
 * sipalg_offer_note() - an inside host gets an INVITE
 * @sn: the namespace
 * @key: key of its dialog, which need not be there
 * @dmsg: the INVITE
 *
 * Its offer is kept for the answer of the host. It makes no dialog.
 *
 * Context: softirq or process.
 */
void sipalg_offer_note(struct sipalg_net *sn,
		       const struct sipalg_dialog_key *key,
		       const struct sipalg_dialog_msg *dmsg)
{
	const struct sipalg_offer_name name = name_of(key, dmsg);
	struct sipalg_far_ends far = { };

	if (!dmsg->msg->sdp.n_media)
		return;
	set_far_ends(&far, dmsg->msg, key->family);
	sipalg_offered_keep(sn, &name, &far);
}

/**
 * sipalg_offer_name_peers() - an SDP tells an inside host where to send media
 * @dialog: locked by the caller; the host's
 * @msg: the message with the SDP
 *
 * The host's media bindings translate towards the addresses in the SDP from now
 * on. With media-source signalled, only these may send to them.
 *
 * Context: softirq or process.
 */
void sipalg_offer_name_peers(struct sipalg_dialog *dialog,
			     const struct sip_msg *msg)
{
	struct sipalg_leases *leases = &dialog->leases;
	unsigned int i;

	lockdep_assert_held(&dialog->lock);
	set_far_ends(&dialog->summary.far, msg, dialog->key.family);
	if (!names_all_peers(msg, dialog->key.family))
		return;
	for (i = 0; i < leases->n; i++) {
		struct sipalg_binding *binding = leases->lease[i].binding;

		if (!sipalg_lease_is_media(&leases->lease[i]))
			continue;
		add_peers(binding, &msg->sdp);
		if (is_strict(dialog))
			sipalg_pinhole_flows_enforce_peers(binding);
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
	const struct sipalg_far_ends *far = &dialog->summary.far;
	unsigned int i;

	lockdep_assert_held(&dialog->lock);
	if (!far->all_named)
		return;
	while (n--)
		for (i = 0; i < SIPALG_FAR_ENDS_MAX; i++)
			if (far->port[i])
				sipalg_pinhole_peer_add(got[n], &far->addr[i]);
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
	const struct sipalg_far_ends *known = &dialog->summary.far;

	lockdep_assert_held(&dialog->lock);
	if (media >= SIPALG_FAR_ENDS_MAX || !known->port[media])
		return false;
	far->addr = known->addr[media];
	far->port = known->port[media];
	far->family = dialog->key.family;
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
