// SPDX-License-Identifier: GPL-2.0

#include "session/far.h"
#include "session/summary.h"
#include "state/settings.h"
#include "table/mapping.h"
#include "table/offered.h"
#include "table/peer.h"
#include "table/pinhole.h"

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
	       !msg->other.body.len;
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
		sipalg_peer_add(binding, inet_addr_of(address_of(sdp, i)));
		if (rtcp->text.len)
			sipalg_peer_add(binding, inet_addr_of(rtcp));
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

static struct sipalg_offer_name name_of(const struct sipalg_dialog_key *key,
					const struct sipalg_dialog_msg *dmsg)
{
	return (struct sipalg_offer_name) {
		.key = *key,
		.from = dmsg->from,
		.cseq = dmsg->msg->cseq,
	};
}

/* Not inline: of most INVITEs that a host sends, nothing is kept. */
static noinline void keep_invite(struct sipalg_net *sn,
				 const struct sipalg_dialog_key *key,
				 const struct sipalg_dialog_msg *dmsg,
				 bool is_offer, bool is_uri_signed)
{
	const struct sipalg_offer_name name = name_of(key, dmsg);
	struct sipalg_offered offered = {
		.branch = dmsg->branch,
		.is_offer = is_offer,
		.is_uri_signed = is_uri_signed,
	};

	if (is_offer)
		set_far_ends(&offered.far, dmsg->msg, key->family);
	sipalg_offered_keep(sn, &name, &offered);
}

/**
 * sipalg_far_note() - an inside host gets or sends an INVITE
 * @sn: the namespace
 * @key: key of its dialog, which need not be there
 * @dmsg: the INVITE
 * @is_uri_signed: it has digest credentials for its Request-URI
 *
 * The offer of one that the host gets is kept for its answer. It makes no
 * dialog.
 *
 * Context: softirq or process.
 */
void sipalg_far_note(struct sipalg_net *sn,
		     const struct sipalg_dialog_key *key,
		     const struct sipalg_dialog_msg *dmsg, bool is_uri_signed)
{
	bool is_offer = !dmsg->outbound && dmsg->msg->sdp.n_media;

	if (is_offer || unlikely(is_uri_signed))
		keep_invite(sn, key, dmsg, is_offer, is_uri_signed);
}

/**
 * sipalg_far_is_uri_signed() - did credentials hold the Request-URI of the
 * INVITE that a message is about?
 * @sn: the namespace
 * @key: key of its dialog, which need not be there
 * @dmsg: a CANCEL, or an ACK. If this is of the transaction of an INVITE, it
 *	has the Request-URI of that, but perhaps no credentials: RFC 3261, 9.1,
 *	17.1.1.3 and 22.1.
 *
 * Context: softirq or process.
 */
bool sipalg_far_is_uri_signed(struct sipalg_net *sn,
			      const struct sipalg_dialog_key *key,
			      const struct sipalg_dialog_msg *dmsg)
{
	const struct sipalg_offer_name name = name_of(key, dmsg);
	struct sipalg_offered offered;

	return sipalg_offered_find(sn, &name, &offered) &&
	       offered.is_uri_signed && offered.branch == dmsg->branch;
}

/**
 * sipalg_far_recall() - an inside host answers an INVITE
 * @dialog: locked by the caller; the host's
 * @dmsg: its response
 *
 * Whom the offer of the INVITE has named is known from now on, if there is
 * memory.
 *
 * Context: softirq or process.
 * Return: false where there was no offer, or it is not known any more.
 */
bool sipalg_far_recall(struct sipalg_dialog *dialog,
		       const struct sipalg_dialog_msg *dmsg)
{
	const struct sipalg_offer_name name = name_of(&dialog->key, dmsg);
	struct sipalg_call_summary *summary;
	struct sipalg_offered offered;

	lockdep_assert_held(&dialog->lock);
	if (!sipalg_offered_find(dialog->sn, &name, &offered) ||
	    !offered.is_offer)
		return false;
	summary = sipalg_summary_get(dialog);
	if (summary)
		summary->far = offered.far;
	return true;
}

/* Is a lease for the user agent at hand, or for nobody that is known? */
static bool concerns(const struct sipalg_leases *leases,
		     const struct sipalg_lease *lease)
{
	return !lease->agents || lease->agents & leases->agent;
}

/**
 * sipalg_far_name_peers() - an SDP tells an inside host where to send media
 * @dialog: locked by the caller; the host's
 * @msg: the message with the SDP
 *
 * The host's media bindings translate towards the addresses in the SDP from now
 * on. With media-source signalled, only these may send to them.
 *
 * Context: softirq or process.
 */
void sipalg_far_name_peers(struct sipalg_dialog *dialog,
			   const struct sip_msg *msg)
{
	struct sipalg_call_summary *summary = sipalg_summary_get(dialog);
	struct sipalg_leases *leases = &dialog->leases;
	struct sipalg_lease *lease;

	lockdep_assert_held(&dialog->lock);
	if (summary)
		set_far_ends(&summary->far, msg, dialog->key.family);
	if (!names_all_peers(msg, dialog->key.family))
		return;
	sipalg_lease_for_each(lease, leases) {
		if (!sipalg_lease_is_media(lease) || !concerns(leases, lease))
			continue;
		add_peers(lease->binding, &msg->sdp);
		if (is_strict(dialog))
			sipalg_pinhole_flows_enforce_peers(lease->binding);
	}
}

/* Return: where the far end wants media, as far as it has said; or NULL. */
static const struct sipalg_far_ends *
known_far_ends(const struct sipalg_dialog *dialog)
{
	return dialog->summary ? &dialog->summary->far : NULL;
}

/**
 * sipalg_far_admit_peers() - peers that are named already may use new
 * bindings
 * @dialog: locked by the caller
 * @got: its media bindings
 * @n: number of bindings
 *
 * Context: softirq or process.
 */
void sipalg_far_admit_peers(const struct sipalg_dialog *dialog,
			    struct sipalg_binding *got[], unsigned int n)
{
	const struct sipalg_far_ends *far = known_far_ends(dialog);
	unsigned int i;

	lockdep_assert_held(&dialog->lock);
	if (!far || !far->all_named)
		return;
	while (n--)
		for (i = 0; i < SIPALG_FAR_ENDS_MAX; i++)
			if (far->port[i])
				sipalg_peer_add(got[n], &far->addr[i]);
}

/**
 * sipalg_far_find() - where an inside host will send a stream
 * @dialog: locked by the caller
 * @media: index of the stream in the session
 * @far: address, port and family are filled in; the rest stays
 *
 * Context: any.
 * Return: whether it is known.
 */
bool sipalg_far_find(const struct sipalg_dialog *dialog,
		     unsigned int media, struct sipalg_endpoint *far)
{
	const struct sipalg_far_ends *known = known_far_ends(dialog);

	lockdep_assert_held(&dialog->lock);
	if (!known || media >= SIPALG_FAR_ENDS_MAX || !known->port[media])
		return false;
	far->addr = known->addr[media];
	far->port = known->port[media];
	far->family = dialog->key.family;
	return true;
}

/**
 * sipalg_far_replace_mappings() - have streams leave as the SDP promises
 * @dialog: locked by the caller
 *
 * A phone may have sent to the far end before it was promised a port: early
 * media, or an older call between the same ports. RTCP goes to the port after
 * that of RTP (RFC 3550, 11).
 *
 * Context: softirq or process, RCU read side.
 */
void sipalg_far_replace_mappings(const struct sipalg_dialog *dialog)
{
	const struct sipalg_leases *leases = &dialog->leases;
	struct sipalg_endpoint far;
	struct sipalg_lease *lease;

	lockdep_assert_held(&dialog->lock);
	if (!known_far_ends(dialog))
		return;
	sipalg_lease_for_each(lease, leases) {
		if (!lease->media || lease->draining ||
		    !concerns(leases, lease) ||
		    !sipalg_far_find(dialog, lease->media - 1, &far))
			continue;
		if (lease->binding->kind == SIPALG_BINDING_RTCP)
			be16_add_cpu(&far.port, 1);
		sipalg_mapping_replace(dialog->sn, lease->binding, &far);
	}
}
