// SPDX-License-Identifier: GPL-2.0

#include "session/far.h"
#include "session/offer.h"
#include "table/agent.h"
#include "table/invite.h"
#include "table/leg.h"

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

/*
 * Is there a description that belongs to the offers and answers of the session?
 * The early session, until the final response, has its own (RFC 3959, 4).
 */
static bool has_session(const struct sip_msg *msg)
{
	return msg->sdp.body.len && !msg->sdp.early;
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
		       (!invite || (s32)(dmsg->msg->cseq - invite->cseq) >= 0);
	case SIP_UPDATE:
	case SIP_PRACK:
		return !dmsg->msg->status && has_session(dmsg->msg);
	default:
		return false;
	}
}

/*
 * Has the request an offer? Where the host answers, whom that named is known
 * from now on.
 */
static bool find_offer(struct sipalg_dialog *dialog,
		       const struct sipalg_dialog_msg *dmsg)
{
	return dmsg->msg->status ? sipalg_far_recall(dialog, dmsg) :
				   has_session(dmsg->msg);
}

/* 100 has no tag yet: RFC 3261, 8.2.6.2. */
static bool names_agent(const struct sipalg_dialog_msg *dmsg)
{
	return dmsg->msg->status != 100 || dmsg->msg->to_tag.len;
}

/*
 * The user agent of the exchange that a message may open. No message of the far
 * end makes one.
 */
static struct sipalg_agent *agent_of(struct sipalg_dialog *dialog,
				     const struct sipalg_dialog_msg *dmsg)
{
	if (!dmsg->outbound)
		return sipalg_agent_find(dialog, dmsg);
	return names_agent(dmsg) ? sipalg_agent_get(dialog, dmsg) : NULL;
}

/*
 * Is it the answer to the offer in a provisional response? The INVITE had none
 * (RFC 3262, 5).
 */
static bool is_late_answer(const struct sipalg_exchange *exchange,
			   const struct sipalg_dialog_msg *dmsg)
{
	return dmsg->msg->method == SIP_PRACK && exchange->open &&
	       exchange->late && exchange->from == dmsg->from;
}

/*
 * Return: number of the exchange that the final response to the INVITE of an
 * end will be about; 0 where none is under way.
 */
static u8 pending_number(struct sipalg_dialog *dialog,
			 const struct sipalg_exchange *exchange)
{
	const struct sipalg_invite *invite =
		sipalg_invite_find(dialog, exchange->from);

	if (!exchange->number || !invite || !sipalg_invite_is_under_way(invite))
		return 0;
	if (exchange->invite)
		return exchange->invite;
	return invite->cseq == exchange->cseq ? exchange->number : 0;
}

/*
 * A request that may carry an offer opens an exchange. Its retransmission does
 * not, nor does a request that a later one of the same end has overtaken.
 *
 * Return: whether there is a new one.
 */
static bool open_exchange(struct sipalg_dialog *dialog,
			  const struct sipalg_dialog_msg *dmsg)
{
	struct sipalg_agent *agent = agent_of(dialog, dmsg);
	struct sipalg_exchange *exchange;
	u32 cseq = dmsg->msg->cseq;

	if (!agent) {
		find_offer(dialog, dmsg);
		return false;
	}
	exchange = sipalg_agent_exchange(agent, dmsg);
	if (exchange->number && exchange->from == dmsg->from &&
	    (s32)(cseq - exchange->cseq) <= 0)
		return false;
	if (is_late_answer(exchange, dmsg)) {
		exchange->cseq = cseq;
		exchange->late = false;
		exchange->invite = exchange->number;
		return false;
	}
	if (!++dialog->leases.latest)
		dialog->leases.latest = 1;
	*exchange = (struct sipalg_exchange) {
		.from = dmsg->from,
		.cseq = cseq,
		.number = dialog->leases.latest,
		.invite = dmsg->msg->method == SIP_INVITE ?
				  0 : pending_number(dialog, exchange),
		.open = true,
		.late = !find_offer(dialog, dmsg),
	};
	return true;
}

/* Return: the exchange that a message belongs to, or NULL. */
static struct sipalg_exchange *
find_exchange(struct sipalg_dialog *dialog,
	      const struct sipalg_dialog_msg *dmsg)
{
	struct sipalg_agent *agent = sipalg_agent_find(dialog, dmsg);
	struct sipalg_exchange *exchange;

	if (!agent)
		return NULL;
	exchange = sipalg_agent_exchange(agent, dmsg);
	return exchange->number && exchange->cseq == dmsg->msg->cseq &&
	       exchange->from == dmsg->from ? exchange : NULL;
}

/*
 * Return: the latest exchange of the end whose INVITE a message belongs to, if
 * there have been offers since; or NULL.
 */
static struct sipalg_exchange *
find_overtaken(struct sipalg_dialog *dialog,
	       const struct sipalg_dialog_msg *dmsg)
{
	const struct sipalg_invite *invite;
	struct sipalg_exchange *exchange;
	struct sipalg_agent *agent;

	if (dmsg->msg->method != SIP_INVITE)
		return NULL;
	agent = sipalg_agent_find(dialog, dmsg);
	if (!agent)
		return NULL;
	exchange = sipalg_agent_exchange(agent, dmsg);
	if (!exchange->invite || exchange->from != dmsg->from)
		return NULL;
	invite = sipalg_invite_find(dialog, dmsg->from);
	return invite && invite->cseq == dmsg->msg->cseq ? exchange : NULL;
}

/* Return: number of the exchange that a message belongs to, 0 for none. */
static u8 number_of(struct sipalg_dialog *dialog,
		    const struct sipalg_dialog_msg *dmsg)
{
	const struct sipalg_exchange *exchange = find_overtaken(dialog, dmsg);

	if (exchange)
		return exchange->invite;
	exchange = find_exchange(dialog, dmsg);
	return exchange ? exchange->number : 0;
}

/* An INVITE that is new, of whichever user agent of its sender or receiver. */
static bool is_new_invite(struct sipalg_dialog *dialog,
			  const struct sipalg_dialog_msg *dmsg)
{
	const struct sipalg_invite *invite =
		sipalg_invite_find(dialog, dmsg->from);

	return !invite || invite->cseq != dmsg->msg->cseq;
}

/**
 * sipalg_offer_begin() - a message of the dialog is about to be translated
 * @dialog: locked by the caller
 * @dmsg: the message; whether a party sends it, and whether it opens an
 *	exchange, are filled in
 *
 * An exchange belongs to a user agent of the host and to the end that opens it:
 * both ends may offer at once (RFC 3261, 14.1), and another call of the same
 * Call-ID has offers of its own.
 *
 * Context: softirq or process.
 */
void sipalg_offer_begin(struct sipalg_dialog *dialog,
			struct sipalg_dialog_msg *dmsg)
{
	struct sipalg_leases *leases = &dialog->leases;

	lockdep_assert_held(&dialog->lock);
	dmsg->is_party = dmsg->outbound || is_from_far_end(dialog, dmsg);
	if (dmsg->is_party && may_offer(dialog, dmsg)) {
		dmsg->new_offer = open_exchange(dialog, dmsg);
		if (dmsg->msg->method == SIP_INVITE)
			dmsg->new_offer = is_new_invite(dialog, dmsg);
	}
	leases->exchange = number_of(dialog, dmsg);
	leases->agent = sipalg_agent_bit(dialog,
					 sipalg_agent_find(dialog, dmsg));
}

/* May the message hold the answer to an offer of an inside host? */
static bool may_answer(const struct sipalg_dialog_msg *dmsg)
{
	const struct sip_msg *msg = dmsg->msg;

	if (!msg->sdp.n_media || msg->sdp.early || dmsg->outbound)
		return false;
	return msg->status ? msg->status < 300 :
	       msg->method == SIP_ACK || msg->method == SIP_PRACK;
}

/* The early session is no alternative, but one more. */
static bool has_alternative(const struct sip_msg *msg)
{
	return msg->other.body.len && !msg->other.early;
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
	struct sipalg_lease *lease;

	lockdep_assert_held(&dialog->lock);
	/* What an INVITE's answer says is older than an exchange within it. */
	if (!leases->exchange || !may_answer(dmsg) ||
	    find_overtaken(dialog, dmsg))
		return;
	sipalg_lease_for_each(lease, leases) {
		if (lease->exchange != leases->exchange || !lease->media ||
		    lease->media > sdp->n_media)
			continue;
		/*
		 * A section that cannot be read refuses nothing, nor does one
		 * for which there is an alternative.
		 */
		if (sdp->media[lease->media - 1].port ||
		    sdp->media[lease->media - 1].fault ||
		    has_alternative(dmsg->msg))
			lease->accepted = true;
		else
			lease->refused = true;
	}
}

/* Does the exchange of the message at hand name media of the host? */
static bool has_new_media(const struct sipalg_leases *leases)
{
	struct sipalg_lease *lease;

	sipalg_lease_for_each(lease, leases) {
		if (sipalg_lease_is_media(lease) &&
		    lease->exchange == leases->exchange)
			return true;
	}
	return false;
}

/* The user agent no longer needs a lease. Another one may. */
static void drop_lease(struct sipalg_dialog *dialog, struct sipalg_lease *lease)
{
	u8 agent = dialog->leases.agent;

	if (lease->agents == agent)
		sipalg_dialog_drain(dialog, lease);
	else
		lease->agents &= ~agent;
}

/*
 * The exchange of the message at hand has succeeded. Another one, or 0, may
 * still be under way.
 */
static void conclude_exchange(struct sipalg_dialog *dialog, u8 under_way)
{
	struct sipalg_leases *leases = &dialog->leases;
	bool is_replaced = has_new_media(leases);
	unsigned int i = leases->n;
	struct sipalg_lease *lease;

	sipalg_lease_for_each(lease, leases) {
		if (under_way && lease->exchange == under_way) {
			lease->proposed &= !lease->repeated;
			continue;
		}
		if (lease->exchange == leases->exchange)
			lease->proposed = false;
		else if (sipalg_lease_is_media(lease) && is_replaced &&
			 lease->agents == leases->agent)
			sipalg_dialog_drain(dialog, lease);
	}
	while (i--) {
		const struct sipalg_lease *lease = sipalg_lease_at(leases, i);

		if (lease->exchange == leases->exchange && lease->refused &&
		    !lease->accepted)
			sipalg_lease_release(dialog->sn, leases, i);
	}
}

/* A later exchange of the user agent has come to its end. */
static void overtake(struct sipalg_exchange *other,
		     const struct sipalg_exchange *exchange)
{
	if ((s8)(other->number - exchange->number) < 0)
		other->open = false;
}

/* Is an INVITE of an end under way that is older than an exchange? */
static bool is_within(struct sipalg_dialog *dialog,
		      const struct sipalg_exchange *end, u8 number)
{
	u8 pending = pending_number(dialog, end);

	return pending && (s8)(pending - number) <= 0;
}

/*
 * An offer has been accepted while an INVITE is under way. What the INVITE's
 * final response is about is that from now on. In a call that is up, the ports
 * from before stay until then, as a refusal undoes all: RFC 6141, 3.3 and 3.4.
 */
static bool awaits_invite(struct sipalg_dialog *dialog,
			  struct sipalg_agent *agent, u8 number)
{
	bool own = is_within(dialog, &agent->own, number);
	bool far = is_within(dialog, &agent->far, number);

	if (own)
		agent->own.invite = number;
	if (far)
		agent->far.invite = number;
	return (own || far) && sipalg_agent_is_up(dialog, agent);
}

static void close_exchange(struct sipalg_dialog *dialog,
			   const struct sipalg_dialog_msg *dmsg,
			   struct sipalg_exchange *exchange)
{
	struct sipalg_agent *agent = sipalg_agent_find(dialog, dmsg);

	exchange->open = false;
	exchange->awaits_ack = false;
	overtake(exchange == &agent->own ? &agent->far : &agent->own, exchange);
	if (dmsg->msg->method == SIP_INVITE || dmsg->msg->method == SIP_ACK ||
	    !awaits_invite(dialog, agent, exchange->number))
		conclude_exchange(dialog, 0);
}

/* Return: number of an exchange that goes on behind the INVITE, or 0. */
static u8 close_invite(struct sipalg_exchange *exchange)
{
	u8 number = exchange->invite;

	exchange->invite = 0;
	if (exchange->number == number)
		exchange->open = false;
	return exchange->open ? exchange->number : 0;
}

/**
 * sipalg_offer_accepted() - a request has got a 2xx
 * @dialog: locked by the caller
 * @dmsg: the response, which may belong to an exchange
 *
 * Then ports drain that the user agent has named before and the new SDP no
 * longer lists; ports that every answer refused are released. A host that lists
 * no port, as in a session on hold by c=0.0.0.0, keeps what it has. Where the
 * response holds the offer, all that waits for the answer: RFC 3264, 8.3.1.
 *
 * Context: softirq or process.
 */
void sipalg_offer_accepted(struct sipalg_dialog *dialog,
			   const struct sipalg_dialog_msg *dmsg)
{
	struct sipalg_exchange *exchange = find_overtaken(dialog, dmsg);

	lockdep_assert_held(&dialog->lock);
	if (exchange) {
		conclude_exchange(dialog, close_invite(exchange));
		return;
	}
	exchange = find_exchange(dialog, dmsg);
	if (!exchange || !exchange->open)
		return;
	if (exchange->late)
		exchange->awaits_ack = true;
	else
		close_exchange(dialog, dmsg, exchange);
}

/**
 * sipalg_offer_acknowledged() - a 2xx to INVITE has got its ACK
 * @dialog: locked by the caller
 * @dmsg: the ACK, which may hold the answer to an offer in the 2xx
 *
 * Context: softirq or process.
 */
void sipalg_offer_acknowledged(struct sipalg_dialog *dialog,
			       const struct sipalg_dialog_msg *dmsg)
{
	struct sipalg_exchange *exchange = find_exchange(dialog, dmsg);

	lockdep_assert_held(&dialog->lock);
	if (exchange && exchange->open && exchange->awaits_ack)
		close_exchange(dialog, dmsg, exchange);
}

/* Does a lease of the exchange at hand serve a section? */
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
	struct sipalg_lease *lease;

	sipalg_lease_for_each(lease, leases) {
		if (lease->exchange == leases->exchange &&
		    serves(lease, sdp, media))
			return true;
	}
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
	/* Without new media nothing drains. */
	if (!leases->exchange || !has_new_media(leases))
		return;
	for (i = 0; i < sdp->n_media; i++)
		if ((sdp->media[i].port || sdp->media[i].fault) &&
		    !is_served(leases, sdp, i))
			kept |= BIT_ULL(i);
	for (i = 0; kept && i < leases->n; i++) {
		struct sipalg_lease *lease = sipalg_lease_at(leases, i);

		if (!sipalg_lease_is_media(lease) || lease->draining ||
		    lease->agents != leases->agent ||
		    lease->exchange == leases->exchange ||
		    (lease->media && !(kept & BIT_ULL(lease->media - 1))))
			continue;
		lease->exchange = leases->exchange;
		lease->accepted = false;
		lease->refused = false;
	}
}

/* Has an exchange named a port that no earlier one has agreed on? */
static bool is_new(const struct sipalg_leases *leases,
		   const struct sipalg_lease *lease)
{
	return sipalg_lease_is_media(lease) && lease->proposed &&
	       lease->agents == leases->agent;
}

/*
 * An INVITE is refused, and with it what has been agreed on within it. Who has
 * begun to use that makes another offer: RFC 6141, 3.4.
 */
static void roll_back(struct sipalg_dialog *dialog, u8 under_way)
{
	struct sipalg_leases *leases = &dialog->leases;
	struct sipalg_lease *lease;

	sipalg_lease_for_each(lease, leases) {
		if (!is_new(leases, lease))
			continue;
		if (under_way && lease->exchange == under_way)
			lease->repeated = false;
		else
			sipalg_dialog_drain(dialog, lease);
	}
}

/* Return: number of the exchange that an INVITE under way is about, or 0. */
static u8 find_pending(struct sipalg_dialog *dialog,
		       const struct sipalg_dialog_msg *dmsg)
{
	const struct sipalg_agent *agent = sipalg_agent_find(dialog, dmsg);

	if (dmsg->msg->method == SIP_INVITE)
		return 0;
	return pending_number(dialog, &agent->own) ?:
	       pending_number(dialog, &agent->far);
}

/**
 * sipalg_offer_rejected() - a request has got a final response that is no 2xx
 * @dialog: locked by the caller
 * @dmsg: the response, which may belong to an exchange
 *
 * Ports that the exchange was the first to list are released: RFC 3261, 14.1.
 * Those that it has in common with an INVITE under way are left to that.
 *
 * Context: softirq or process.
 */
void sipalg_offer_rejected(struct sipalg_dialog *dialog,
			   const struct sipalg_dialog_msg *dmsg)
{
	struct sipalg_exchange *exchange = find_overtaken(dialog, dmsg);
	struct sipalg_leases *leases = &dialog->leases;
	unsigned int i = leases->n;
	u8 pending;

	lockdep_assert_held(&dialog->lock);
	if (exchange) {
		roll_back(dialog, close_invite(exchange));
		return;
	}
	exchange = find_exchange(dialog, dmsg);
	if (!exchange || !exchange->open)
		return;
	pending = find_pending(dialog, dmsg);
	while (i--) {
		struct sipalg_lease *lease = sipalg_lease_at(leases, i);

		if (!is_new(leases, lease) ||
		    lease->exchange != exchange->number)
			continue;
		if (pending && lease->repeated) {
			lease->exchange = pending;
			lease->repeated = false;
		} else {
			sipalg_lease_release(dialog->sn, leases, i);
		}
	}
	/* Another branch of an INVITE may accept it yet. */
	if (dmsg->msg->method != SIP_INVITE)
		exchange->open = false;
}

/**
 * sipalg_offer_over() - a leg is over
 * @dialog: locked by the caller
 * @dmsg: the response to its BYE
 *
 * Media goes with the last leg of its user agent, whatever other calls there
 * are with the Call-ID.
 *
 * Context: softirq or process.
 */
void sipalg_offer_over(struct sipalg_dialog *dialog,
		       const struct sipalg_dialog_msg *dmsg)
{
	struct sipalg_agent *agent = sipalg_agent_find(dialog, dmsg);
	struct sipalg_leases *leases = &dialog->leases;
	unsigned int i;

	lockdep_assert_held(&dialog->lock);
	if (!agent || sipalg_agent_is_up(dialog, agent))
		return;
	for (i = 0; i < leases->n; i++)
		if (sipalg_lease_is_media(sipalg_lease_at(leases, i)))
			drop_lease(dialog, sipalg_lease_at(leases, i));
	*agent = (struct sipalg_agent) { };
}
