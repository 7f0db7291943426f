// SPDX-License-Identifier: GPL-2.0
/*
 * No message ends a dialog here. A message that is to end it moves its
 * deadline, and the timer ends it.
 */

#include "session/call.h"
#include "session/offer.h"
#include "state/settings.h"
#include "table/invite.h"

/* Has an inside host a lease that neither sends nor receives the message? */
static bool has_others(const struct sipalg_dialog *dialog,
		       const struct sipalg_dialog_msg *dmsg)
{
	unsigned int i;

	for (i = 0; i < dialog->leases.n; i++)
		if (!sipalg_lease_is_of(&dialog->leases.lease[i], dmsg))
			return true;
	return false;
}

/* The same from either side. */
static u32 leg_of(const struct sipalg_dialog_msg *dmsg)
{
	return dmsg->from ^ dmsg->to;
}

/* Return: index of the leg, or the number of legs if it is none of them. */
static unsigned int find_leg(const struct sipalg_dialog *dialog, u32 leg)
{
	unsigned int i;

	for (i = 0; i < dialog->n_legs && dialog->legs[i] != leg; i++)
		;
	return i;
}

static bool has_leg(const struct sipalg_dialog *dialog,
		    const struct sipalg_dialog_msg *dmsg)
{
	return find_leg(dialog, leg_of(dmsg)) < dialog->n_legs;
}

static unsigned int count_legs(const struct sipalg_dialog *dialog)
{
	return dialog->n_legs - hweight8(dialog->legs_over);
}

/* A request that ends the call has been sent; it may still be refused. */
static void begin_end(struct sipalg_dialog *dialog)
{
	dialog->state = SIPALG_CALL_ENDING;
	sipalg_dialog_set_timeout(dialog,
				  sipalg_dialog_timeout(dialog, TRANSACTION));
}

/* Media that flows drains; no new flow is let in. */
static void end_call(struct sipalg_dialog *dialog)
{
	dialog->state = SIPALG_CALL_ENDING;
	sipalg_lease_set_open(&dialog->leases, false);
	sipalg_dialog_set_timeout(dialog,
				  sipalg_dialog_timeout(dialog, ENDING));
}

/* A session lasts as long as its timer says, if the ends agreed on one. */
static void confirm_call(struct sipalg_dialog *dialog)
{
	dialog->state = SIPALG_CALL_CONFIRMED;
	sipalg_lease_set_open(&dialog->leases, true);
	sipalg_dialog_set_timeout(dialog, dialog->session ?:
				  sipalg_dialog_timeout(dialog, CALL));
}

/* A 2xx without Session-Expires ends the session timer: RFC 4028, 7.2. */
static void set_session_timer(struct sipalg_dialog *dialog,
			      const struct sip_msg *msg)
{
	dialog->session = clamp(msg->session_expires, 0,
				SIPALG_EXPIRES_MAX_SECS);
	confirm_call(dialog);
}

static void renew_call(struct sipalg_dialog *dialog)
{
	if (dialog->state == SIPALG_CALL_CONFIRMED && !dialog->session)
		confirm_call(dialog);
}

/*
 * An INVITE outside a dialog: the first one, a new attempt, as after 401, or a
 * retransmission. A far end that is there answers it provisionally in time: RFC
 * 3261, 17.1.1.2, timer B.
 */
static void ring_call(struct sipalg_dialog *dialog, bool new_offer)
{
	if (new_offer) {
		dialog->n_legs = 0;
		dialog->legs_over = 0;
	}
	if (new_offer || dialog->state != SIPALG_CALL_EARLY)
		sipalg_dialog_set_timeout(dialog,
					  sipalg_dialog_timeout(dialog,
								TRANSACTION));
	dialog->state = SIPALG_CALL_EARLY;
	sipalg_lease_set_open(&dialog->leases, true);
}

/*
 * Has a host of the message a part in the call? A call whose leases were all
 * refused has its first inside host.
 */
static bool is_party(const struct sipalg_dialog *dialog,
		     const struct sipalg_dialog_msg *dmsg)
{
	return !dialog->leases.n || sipalg_offer_reaches(dialog, dmsg);
}

/*
 * Does a message belong to the latest INVITE with its From tag? In a call whose
 * INVITE was not seen, any message does.
 */
static bool is_of_invite(const struct sipalg_dialog *dialog,
			 const struct sipalg_dialog_msg *dmsg)
{
	const struct sipalg_invite *invite =
		sipalg_invite_find(dialog, dmsg->from);

	return invite ? invite->cseq == dmsg->msg->cseq : !dialog->n_invites;
}

static void commit_invite(struct sipalg_dialog *dialog,
			  const struct sipalg_dialog_msg *dmsg)
{
	if (dmsg->is_foreign)
		return;
	sipalg_invite_add(dialog, dmsg->from, dmsg->msg->cseq);
	if (has_leg(dialog, dmsg))
		renew_call(dialog);
	else if (dialog->state != SIPALG_CALL_CONFIRMED)
		ring_call(dialog, dmsg->new_offer);
}

static void commit_bye(struct sipalg_dialog *dialog,
		       const struct sipalg_dialog_msg *dmsg)
{
	if (has_leg(dialog, dmsg) && count_legs(dialog) == 1 &&
	    is_party(dialog, dmsg))
		begin_end(dialog);
}

/*
 * A CANCEL has the CSeq number and the From tag of its INVITE (RFC 3261, 9.1).
 * A CANCEL to one of several inside hosts ends the branch to that host alone.
 */
static void commit_cancel(struct sipalg_dialog *dialog,
			  const struct sipalg_dialog_msg *dmsg)
{
	if (dialog->state == SIPALG_CALL_EARLY &&
	    is_of_invite(dialog, dmsg) && is_party(dialog, dmsg) &&
	    (dmsg->hosts[0] || !has_others(dialog, dmsg)))
		begin_end(dialog);
}

/* An ACK may hold the answer to an offer in the 2xx. */
static void commit_ack(struct sipalg_dialog *dialog,
		       const struct sipalg_dialog_msg *dmsg)
{
	if (dialog->answered && sipalg_offer_is_current(dialog, dmsg))
		sipalg_offer_accepted(dialog, dmsg);
	renew_call(dialog);
}

static void commit_request(struct sipalg_dialog *dialog,
			   const struct sipalg_dialog_msg *dmsg)
{
	switch (dmsg->msg->method) {
	case SIP_INVITE:
		commit_invite(dialog, dmsg);
		break;
	case SIP_BYE:
		commit_bye(dialog, dmsg);
		break;
	case SIP_CANCEL:
		commit_cancel(dialog, dmsg);
		break;
	case SIP_ACK:
		commit_ack(dialog, dmsg);
		break;
	default:
		renew_call(dialog);
	}
}

/*
 * Each answer with a tag of its own confirms a leg. An answer of a leg that is
 * over, or of a call that ends, changes nothing.
 */
static bool confirm_leg(struct sipalg_dialog *dialog, u32 leg)
{
	unsigned int i = find_leg(dialog, leg);

	if (i < dialog->n_legs)
		return dialog->state != SIPALG_CALL_ENDING &&
		       !(dialog->legs_over & BIT(i));
	if (i < SIPALG_DIALOG_LEGS_MAX)
		dialog->legs[dialog->n_legs++] = leg;
	return true;
}

/*
 * The INVITE has failed, though perhaps only the branch of it that led to one
 * of several inside hosts: then that host alone leaves.
 */
static void fail_call(struct sipalg_dialog *dialog,
		      const struct sipalg_dialog_msg *dmsg)
{
	struct sipalg_leases *leases = &dialog->leases;
	unsigned int i = leases->n;

	if (!has_others(dialog, dmsg) || dialog->state == SIPALG_CALL_ENDING) {
		end_call(dialog);
		return;
	}
	while (i--)
		if (sipalg_lease_is_of(&leases->lease[i], dmsg))
			sipalg_lease_release(dialog->sn, leases, i);
}

/*
 * A 2xx begins a dialog also where the host has sent another INVITE since, as
 * to several contacts of a redirection (RFC 3261, 8.1.3.4 and 13.2.2.4).
 */
static bool may_accept(const struct sipalg_dialog *dialog,
		       const struct sipalg_dialog_msg *dmsg)
{
	const struct sipalg_invite *invite =
		sipalg_invite_find(dialog, dmsg->from);

	return invite ? (s32)(dmsg->msg->cseq - invite->cseq) <= 0 :
			!dialog->n_invites;
}

/*
 * A final response must come from a host that the INVITE reached: another host
 * may have learned the Call-ID. Where no INVITE was seen, a response that is
 * translated came by a flow that its receiver opened.
 */
static bool is_from_invited(const struct sipalg_dialog *dialog,
			    const struct sipalg_dialog_msg *dmsg)
{
	bool translated = !dmsg->hosts[0] || !dmsg->hosts[1];

	return (translated && !dialog->n_invites) ||
	       sipalg_invite_covers(dialog, dmsg->sender);
}

static void commit_invite_accepted(struct sipalg_dialog *dialog,
				   const struct sipalg_dialog_msg *dmsg)
{
	if (!confirm_leg(dialog, leg_of(dmsg)))
		return;
	set_session_timer(dialog, dmsg->msg);
	if (!sipalg_offer_is_current(dialog, dmsg))
		return;
	dialog->answered = true;
	sipalg_offer_accepted(dialog, dmsg);
}

static void commit_invite_refused(struct sipalg_dialog *dialog,
				  const struct sipalg_dialog_msg *dmsg)
{
	if (dialog->state != SIPALG_CALL_CONFIRMED)
		fail_call(dialog, dmsg);
	else if (sipalg_offer_is_current(dialog, dmsg))
		sipalg_offer_rejected(dialog);
}

static void commit_invite_response(struct sipalg_dialog *dialog,
				   const struct sipalg_dialog_msg *dmsg)
{
	unsigned int secs = sipalg_dialog_timeout(dialog, EARLY);
	u16 status = dmsg->msg->status;

	if (status < 200) {
		if (dialog->state == SIPALG_CALL_EARLY &&
		    is_of_invite(dialog, dmsg))
			sipalg_dialog_set_timeout(dialog, secs);
	} else if (!is_from_invited(dialog, dmsg)) {
		return;
	} else if (status < 300) {
		if (may_accept(dialog, dmsg))
			commit_invite_accepted(dialog, dmsg);
	} else if (is_of_invite(dialog, dmsg)) {
		commit_invite_refused(dialog, dmsg);
	}
}

static void commit_bye_response(struct sipalg_dialog *dialog,
				const struct sipalg_dialog_msg *dmsg)
{
	unsigned int i = find_leg(dialog, leg_of(dmsg));
	u16 status = dmsg->msg->status;

	if (status < 200 || i == dialog->n_legs ||
	    !is_party(dialog, dmsg))
		return;
	if (status == 401 || status == 407) {
		if (!(dialog->legs_over & BIT(i)))
			confirm_call(dialog);
		return;
	}
	dialog->legs_over |= BIT(i);
	if (!count_legs(dialog))
		end_call(dialog);
}

/* Of UPDATE and PRACK, which may hold an offer (RFC 3311; RFC 3262, 5). */
static void commit_offer_response(struct sipalg_dialog *dialog,
				  const struct sipalg_dialog_msg *dmsg)
{
	const struct sip_msg *msg = dmsg->msg;

	if (msg->status < 200)
		return;
	if (msg->status < 300 && msg->method == SIP_UPDATE &&
	    dialog->state == SIPALG_CALL_CONFIRMED)
		set_session_timer(dialog, msg);
	if (!sipalg_offer_is_current(dialog, dmsg))
		return;
	if (msg->status < 300)
		sipalg_offer_accepted(dialog, dmsg);
	else
		sipalg_offer_rejected(dialog);
}

static void commit_response(struct sipalg_dialog *dialog,
			    const struct sipalg_dialog_msg *dmsg)
{
	switch (dmsg->msg->method) {
	case SIP_INVITE:
		commit_invite_response(dialog, dmsg);
		break;
	case SIP_BYE:
		commit_bye_response(dialog, dmsg);
		break;
	case SIP_UPDATE:
	case SIP_PRACK:
		commit_offer_response(dialog, dmsg);
		break;
	default:
		break;
	}
}

/**
 * sipalg_call_commit() - a message of a call goes out as planned
 * @dialog: locked by the caller; an INVITE dialog
 * @dmsg: the message
 *
 * The state follows RFC 3261, 12 to 15.
 *
 * Context: softirq or process.
 */
void sipalg_call_commit(struct sipalg_dialog *dialog,
			const struct sipalg_dialog_msg *dmsg)
{
	lockdep_assert_held(&dialog->lock);
	sipalg_offer_answer(dialog, dmsg);
	if (dmsg->msg->status)
		commit_response(dialog, dmsg);
	else
		commit_request(dialog, dmsg);
}
