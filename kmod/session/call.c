// SPDX-License-Identifier: GPL-2.0
/*
 * No message ends a dialog here. A message that is to end it moves its
 * deadline, and the timer ends it.
 */

#include "session/call.h"
#include "session/offer.h"
#include "state/settings.h"
#include "table/agent.h"
#include "table/invite.h"
#include "table/leg.h"

/* Whoever repeats a message that ends a call does not put its end off. */
static void set_ending(struct sipalg_dialog *dialog, unsigned int secs)
{
	if (time_before(jiffies + secs * HZ, dialog->deadline))
		sipalg_dialog_set_timeout(dialog, secs);
	dialog->state = SIPALG_CALL_ENDING;
}

/* A request that ends the call has been sent; it may still be refused. */
static void begin_end(struct sipalg_dialog *dialog,
		      enum sipalg_call_cause cause)
{
	sipalg_record_end(&dialog->record, cause, 0);
	set_ending(dialog, sipalg_dialog_timeout(dialog, TRANSACTION));
}

/* Media that flows drains; no new flow is let in. */
static void end_call(struct sipalg_dialog *dialog, enum sipalg_call_cause cause,
		     u16 status)
{
	sipalg_record_end(&dialog->record, cause, status);
	sipalg_lease_set_open(&dialog->leases, false);
	set_ending(dialog, sipalg_dialog_timeout(dialog, ENDING));
}

static void set_confirmed(struct sipalg_dialog *dialog)
{
	dialog->state = SIPALG_CALL_CONFIRMED;
	sipalg_record_answer(&dialog->record);
	sipalg_lease_set_open(&dialog->leases, true);
}

/* The host has signalled; it may be silent from now on for some time. */
static void confirm_call(struct sipalg_dialog *dialog)
{
	unsigned long until = jiffies +
			      sipalg_dialog_timeout(dialog, CALL) * HZ;

	set_confirmed(dialog);
	sipalg_dialog_set_deadline(dialog,
				   sipalg_dialog_in_session(dialog, until));
}

/*
 * A 2xx without Session-Expires ends the session timer: RFC 4028, 7.2. Of two
 * calls with one Call-ID, neither ends by the timer of the other.
 */
static void set_session_timer(struct sipalg_dialog *dialog,
			      const struct sipalg_dialog_msg *dmsg)
{
	u32 secs = clamp(dmsg->msg->session_expires, 0,
			 SIPALG_EXPIRES_MAX_SECS);
	u32 end = secs ? ((u32)jiffies + secs * HZ) ?: 1 : 0;

	if (!end || !sipalg_agent_has_other(dialog, dmsg))
		dialog->session_end = end;
	else if (dialog->session_end && (s32)(end - dialog->session_end) > 0)
		dialog->session_end = end;
	confirm_call(dialog);
}

/* A far end that goes on sending keeps no call whose host is silent. */
static void renew_call(struct sipalg_dialog *dialog,
		       const struct sipalg_dialog_msg *dmsg)
{
	if (dmsg->outbound && dialog->state == SIPALG_CALL_CONFIRMED)
		confirm_call(dialog);
}

/*
 * An INVITE outside a dialog: the first one, a new attempt, as after 401, or a
 * retransmission. A far end that is there answers it provisionally in time: RFC
 * 3261, 17.1.1.2, timer B. One that rings already may take longer.
 */
static void ring_call(struct sipalg_dialog *dialog,
		      const struct sipalg_dialog_msg *dmsg)
{
	bool is_alone = !sipalg_invite_has_other(dialog, dmsg->from);

	if (dmsg->new_offer) {
		dialog->n_legs = 0;
		dialog->legs_ending = 0;
		dialog->legs_over = 0;
	}
	if (dialog->state != SIPALG_CALL_EARLY ||
	    (dmsg->new_offer && is_alone)) {
		dialog->ringing = (u32)jiffies;
		sipalg_dialog_set_timeout(dialog,
					  sipalg_dialog_timeout(dialog,
								TRANSACTION));
	}
	dialog->state = SIPALG_CALL_EARLY;
	dialog->session_end = 0;
	sipalg_record_ring(&dialog->record);
	sipalg_lease_set_open(&dialog->leases, true);
}

/*
 * A provisional response: the call may ring for as long again, but not for
 * ever. RFC 3261, 16.6, timer C leaves it to the far end how often it says so.
 */
static void go_on_ringing(struct sipalg_dialog *dialog)
{
	u32 secs = sipalg_dialog_timeout(dialog, EARLY);
	u32 most = secs * SIPALG_RINGING_MAX;
	u32 gone = ((u32)jiffies - dialog->ringing) / HZ;

	if (gone < most)
		sipalg_dialog_set_timeout(dialog, min(secs, most - gone));
}

/*
 * Does a message belong to a transaction of the latest INVITE with its From
 * tag? In a call whose INVITE was not seen, any message does.
 */
static bool is_of_invite(struct sipalg_dialog *dialog,
			 const struct sipalg_dialog_msg *dmsg)
{
	const struct sipalg_invite *invite =
		sipalg_invite_find(dialog, dmsg->from);

	return invite ? sipalg_invite_transaction(invite, dmsg) :
			!dialog->n_invites;
}

/*
 * An INVITE that the dialog's host sends, that belongs to one of its legs, or
 * that the host has just begun to answer.
 */
static void begin_invite(struct sipalg_dialog *dialog,
			 const struct sipalg_dialog_msg *dmsg)
{
	sipalg_invite_add(dialog, dmsg);
	if (sipalg_leg_is_known(dialog, dmsg))
		renew_call(dialog, dmsg);
	else if (dialog->state != SIPALG_CALL_CONFIRMED)
		ring_call(dialog, dmsg);
}

/* Another INVITE from the outside counts once the host answers it. */
static void commit_invite(struct sipalg_dialog *dialog,
			  const struct sipalg_dialog_msg *dmsg)
{
	if (dmsg->outbound || sipalg_leg_is_known(dialog, dmsg))
		begin_invite(dialog, dmsg);
}

/* A call whose ACK was not seen has no legs, and just one end. */
static void commit_bye(struct sipalg_dialog *dialog,
		       const struct sipalg_dialog_msg *dmsg)
{
	unsigned int i = sipalg_leg_find(dialog, dmsg);

	if (i < dialog->n_legs) {
		dialog->legs_ending |= BIT(i);
		if (!(dialog->legs_over & BIT(i)) &&
		    sipalg_leg_all_end(dialog))
			begin_end(dialog, SIPALG_CALL_CAUSE_BYE);
	} else if (!dialog->n_legs && dialog->state == SIPALG_CALL_CONFIRMED &&
		   sipalg_leg_is_accepted(dialog, dmsg)) {
		begin_end(dialog, SIPALG_CALL_CAUSE_BYE);
	}
}

/* A proxy that has forked may cancel one transaction and go on with others. */
static void commit_cancel(struct sipalg_dialog *dialog,
			  const struct sipalg_dialog_msg *dmsg)
{
	struct sipalg_invite *invite = sipalg_invite_find(dialog, dmsg->from);

	if (dialog->state != SIPALG_CALL_EARLY || !is_of_invite(dialog, dmsg))
		return;
	if (invite)
		invite->cancelled |= sipalg_invite_transaction(invite, dmsg);
	if ((!invite || sipalg_invite_is_over(invite)) &&
	    !sipalg_invite_has_other(dialog, dmsg->from))
		begin_end(dialog, SIPALG_CALL_CAUSE_CANCEL);
}

/*
 * The host whose INVITE was accepted sends an ACK. That of a refusal is none.
 */
static bool is_ack_of_ok(struct sipalg_dialog *dialog,
			 const struct sipalg_dialog_msg *dmsg)
{
	const struct sipalg_invite *invite =
		sipalg_invite_find(dialog, dmsg->from);

	return invite && invite->accepted &&
	       sipalg_invite_goes(invite, dmsg->outbound) &&
	       (s32)(dmsg->msg->cseq - invite->cseq) <= 0 &&
	       !(invite->refused & sipalg_invite_transaction(invite, dmsg));
}

/* An ACK makes a leg, and may hold the answer to an offer in the 2xx. */
static void commit_ack(struct sipalg_dialog *dialog,
		       const struct sipalg_dialog_msg *dmsg)
{
	if (!sipalg_leg_is_known(dialog, dmsg) &&
	    is_ack_of_ok(dialog, dmsg) && sipalg_leg_add(dialog, dmsg) &&
	    dialog->state != SIPALG_CALL_CONFIRMED)
		confirm_call(dialog);
	sipalg_offer_acknowledged(dialog, dmsg);
	renew_call(dialog, dmsg);
}

/* An UPDATE refreshes the session once it has got a 2xx: RFC 4028, 7.4. */
static void note_update(struct sipalg_dialog *dialog,
			const struct sipalg_dialog_msg *dmsg)
{
	if (!dmsg->outbound)
		return;
	dialog->update = dmsg->msg->cseq;
	dialog->updating = true;
	renew_call(dialog, dmsg);
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
	case SIP_UPDATE:
		note_update(dialog, dmsg);
		break;
	default:
		renew_call(dialog, dmsg);
	}
}

/*
 * A 2xx of the dialog's host makes a leg. That of a far end does so once the
 * host has acknowledged it; until then it confirms a call that has no leg yet.
 * The 2xx of a leg that is over, or of a call that ends, changes nothing.
 */
static bool accept_leg(struct sipalg_dialog *dialog,
		       const struct sipalg_dialog_msg *dmsg)
{
	struct sipalg_invite *invite = sipalg_invite_find(dialog, dmsg->from);
	unsigned int i = sipalg_leg_find(dialog, dmsg);

	if (invite)
		invite->accepted = true;
	if (i < dialog->n_legs)
		return dialog->state != SIPALG_CALL_ENDING &&
		       !(dialog->legs_over & BIT(i));
	if (dmsg->outbound) {
		if (!dialog->unproven)
			sipalg_leg_add(dialog, dmsg);
		return !dialog->unproven;
	}
	sipalg_leg_accept(dialog, dmsg);
	return dialog->state != SIPALG_CALL_ENDING || !dialog->n_legs;
}

/* The INVITE has failed; one with another From tag may still be under way. */
static void fail_call(struct sipalg_dialog *dialog,
		      const struct sipalg_dialog_msg *dmsg)
{
	u16 status = dmsg->msg->status;

	if (dialog->state == SIPALG_CALL_ENDING ||
	    !sipalg_invite_has_other(dialog, dmsg->from))
		end_call(dialog, status < 400 ? SIPALG_CALL_CAUSE_REDIRECTED :
						SIPALG_CALL_CAUSE_REFUSED,
			 status);
}

/*
 * A 2xx begins a dialog also where the host has sent another INVITE since, as
 * to several contacts of a redirection (RFC 3261, 8.1.3.4 and 13.2.2.4). In a
 * dialog that is there, that is a repetition, which changes nothing. Nor does a
 * 2xx behind the refusal: 17.1.1.2.
 */
static bool may_accept(struct sipalg_dialog *dialog,
		       const struct sipalg_dialog_msg *dmsg)
{
	const struct sipalg_invite *invite =
		sipalg_invite_find(dialog, dmsg->from);
	s32 later;
	u8 of;

	if (!invite)
		return !dialog->n_invites;
	later = dmsg->msg->cseq - invite->cseq;
	of = sipalg_invite_transaction(invite, dmsg);
	if (of || later > 0)
		return of & ~invite->refused;
	return sipalg_invite_goes(invite, !dmsg->outbound) &&
	       (later ? !sipalg_leg_is_known(dialog, dmsg) :
			invite->n_branches > SIPALG_INVITE_BRANCHES_MAX);
}

/*
 * A 2xx of the far end counts once, however often the far end repeats it. Where
 * the INVITE was not seen, it counts unless the call is up.
 */
static bool is_first_accepted(struct sipalg_dialog *dialog,
			      const struct sipalg_dialog_msg *dmsg)
{
	const struct sipalg_invite *invite =
		sipalg_invite_find(dialog, dmsg->from);

	if (dmsg->outbound)
		return true;
	return invite ? !invite->accepted :
			dialog->state != SIPALG_CALL_CONFIRMED;
}

static void commit_invite_accepted(struct sipalg_dialog *dialog,
				   const struct sipalg_dialog_msg *dmsg)
{
	bool is_first = is_first_accepted(dialog, dmsg);

	if (!accept_leg(dialog, dmsg))
		return;
	if (is_first)
		set_session_timer(dialog, dmsg);
	sipalg_offer_accepted(dialog, dmsg);
}

static void commit_invite_refused(struct sipalg_dialog *dialog,
				  const struct sipalg_dialog_msg *dmsg)
{
	struct sipalg_invite *invite = sipalg_invite_find(dialog, dmsg->from);

	if (invite) {
		invite->refused |= sipalg_invite_transaction(invite, dmsg);
		if (!sipalg_invite_is_over(invite)) {
			/* One of several user agents that it rings at. */
			if (dmsg->outbound)
				sipalg_offer_rejected(dialog, dmsg);
			return;
		}
	}
	if (dialog->state != SIPALG_CALL_CONFIRMED)
		fail_call(dialog, dmsg);
	if (dialog->state != SIPALG_CALL_ENDING)
		sipalg_offer_rejected(dialog, dmsg);
}

static void commit_invite_response(struct sipalg_dialog *dialog,
				   const struct sipalg_dialog_msg *dmsg)
{
	u16 status = dmsg->msg->status;

	if (dmsg->new_offer)
		begin_invite(dialog, dmsg);
	else if (dmsg->outbound && status < 300)
		sipalg_invite_add(dialog, dmsg);
	if (status < 200) {
		if (dialog->state == SIPALG_CALL_EARLY && !dialog->unproven &&
		    is_of_invite(dialog, dmsg))
			go_on_ringing(dialog);
	} else if (status < 300) {
		if (may_accept(dialog, dmsg))
			commit_invite_accepted(dialog, dmsg);
	} else if (is_of_invite(dialog, dmsg)) {
		commit_invite_refused(dialog, dmsg);
	}
}

/*
 * The BYE was refused, and is to come again with credentials. The far end alone
 * could go on like that for ever: its response leaves the deadline.
 */
static void resume_call(struct sipalg_dialog *dialog,
			const struct sipalg_dialog_msg *dmsg)
{
	if (dmsg->outbound)
		confirm_call(dialog);
	else
		set_confirmed(dialog);
}

/* A response to a BYE that nobody has sent changes nothing. */
static void commit_bye_response(struct sipalg_dialog *dialog,
				const struct sipalg_dialog_msg *dmsg)
{
	unsigned int i = sipalg_leg_find(dialog, dmsg);
	u16 status = dmsg->msg->status;
	bool again = status == 401 || status == 407;

	if (status < 200)
		return;
	if (!dialog->n_legs) {
		if (dialog->state == SIPALG_CALL_ENDING && !again &&
		    sipalg_leg_is_accepted(dialog, dmsg))
			end_call(dialog, SIPALG_CALL_CAUSE_BYE, 0);
		return;
	}
	if (i == dialog->n_legs || !(dialog->legs_ending & BIT(i)))
		return;
	dialog->legs_ending &= ~BIT(i);
	if (again) {
		if (!(dialog->legs_over & BIT(i)))
			resume_call(dialog, dmsg);
		return;
	}
	dialog->legs_over |= BIT(i);
	sipalg_offer_over(dialog, dmsg);
	if (sipalg_leg_all_end(dialog))
		end_call(dialog, SIPALG_CALL_CAUSE_BYE, 0);
}

/* A 2xx of the host does, or the first one to an UPDATE that it has sent. */
static bool refreshes_session(struct sipalg_dialog *dialog,
			      const struct sipalg_dialog_msg *dmsg)
{
	if (dialog->state != SIPALG_CALL_CONFIRMED ||
	    dmsg->msg->method != SIP_UPDATE)
		return false;
	if (dmsg->outbound)
		return true;
	if (!dialog->updating || dialog->update != dmsg->msg->cseq)
		return false;
	dialog->updating = false;
	return true;
}

/* Of UPDATE and PRACK, which may hold an offer (RFC 3311; RFC 3262, 5). */
static void commit_offer_response(struct sipalg_dialog *dialog,
				  const struct sipalg_dialog_msg *dmsg)
{
	const struct sip_msg *msg = dmsg->msg;

	if (msg->status < 200)
		return;
	if (msg->status < 300 && refreshes_session(dialog, dmsg))
		set_session_timer(dialog, dmsg);
	if (msg->status < 300)
		sipalg_offer_accepted(dialog, dmsg);
	else
		sipalg_offer_rejected(dialog, dmsg);
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
 * @dmsg: the message, which a party sends
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
