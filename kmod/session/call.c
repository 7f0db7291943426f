// SPDX-License-Identifier: GPL-2.0
/*
 * No message ends a dialog here: one that does moves its deadline, and the
 * timer does the rest.
 */

#include "session/call.h"
#include "main.h"

/* Who opened an exchange, and the number of the request, name it. */
static bool is_current(const struct sipalg_dialog *dialog,
		       const struct sipalg_step *step)
{
	return step->msg->cseq == dialog->cseq && step->from == dialog->offerer;
}

static bool is_of(const struct sipalg_hold *hold,
		  const struct sipalg_step *step)
{
	const union nf_inet_addr *addr = &hold->binding->inside.addr;

	return (step->hosts[0] && nf_inet_addr_cmp(addr, step->hosts[0])) ||
	       (step->hosts[1] && nf_inet_addr_cmp(addr, step->hosts[1]));
}

/**
 * sipalg_call_reaches() - does it hold anything of an inside host of the
 * message?
 * @dialog: locked by the caller
 * @step: the message
 */
bool sipalg_call_reaches(const struct sipalg_dialog *dialog,
			 const struct sipalg_step *step)
{
	unsigned int i;

	for (i = 0; i < dialog->n_holds; i++)
		if (is_of(&dialog->holds[i], step))
			return true;
	return false;
}

/**
 * sipalg_call_begin() - a message of the dialog is about to be translated
 * @dialog: locked by the caller
 * @step: the message
 *
 * A request that may carry an offer (RFC 3264, RFC 3311, RFC 3262) opens a new
 * exchange; its retransmission does not, nor one that was overtaken.
 */
void sipalg_call_begin(struct sipalg_dialog *dialog, struct sipalg_step *step)
{
	const struct sip_msg *msg = step->msg;

	lockdep_assert_held(&dialog->lock);
	if (msg->status || (msg->method != SIP_INVITE && !msg->sdp.body.len) ||
	    (msg->method != SIP_INVITE && msg->method != SIP_UPDATE &&
	     msg->method != SIP_PRACK))
		return;
	if (dialog->round && step->from == dialog->offerer &&
	    msg->cseq <= dialog->cseq)
		return;
	step->opens = true;
	dialog->offerer = step->from;
	dialog->cseq = msg->cseq;
	dialog->answered = false;
	if (!++dialog->round)
		dialog->round = 1;
}

/* Return: whether the exchange names media of the host that this is of. */
static bool is_replaced(const struct sipalg_dialog *dialog,
			const struct sipalg_hold *old)
{
	unsigned int i;

	for (i = 0; i < dialog->n_holds; i++) {
		const struct sipalg_hold *hold = &dialog->holds[i];

		if (sipalg_hold_is_media(hold) &&
		    hold->round == dialog->round &&
		    nf_inet_addr_cmp(&hold->binding->inside.addr,
				     &old->binding->inside.addr))
			return true;
	}
	return false;
}

/*
 * The exchange has succeeded: what an inside host named in earlier ones and no
 * longer names in this one is of no use any more, nor is what all answers
 * refused. A host that named nothing, as in a session on hold by c=0.0.0.0,
 * keeps what it has. It has not succeeded with another phone that the same
 * INVITE reached.
 */
static void settle(struct sipalg_dialog *dialog, const struct sipalg_step *step)
{
	unsigned int i;

	for (i = 0; i < dialog->n_holds; i++) {
		struct sipalg_hold *hold = &dialog->holds[i];

		if (hold->round == dialog->round) {
			if (is_of(hold, step))
				hold->since = 0;
		} else if (sipalg_hold_is_media(hold) &&
			   is_replaced(dialog, hold)) {
			sipalg_dialog_linger(dialog, hold);
		}
	}
	while (i--)
		if (dialog->holds[i].round == dialog->round &&
		    dialog->holds[i].refused && !dialog->holds[i].taken)
			sipalg_dialog_let_go(dialog, i);
}

/*
 * An answer refuses media by port 0 (RFC 3264, 6). Where an INVITE has forked
 * there may be several, and one that takes it.
 */
static void note_answer(struct sipalg_dialog *dialog,
			const struct sipalg_step *step)
{
	const struct sdp_session *sdp = &step->msg->sdp;
	unsigned int i;

	for (i = 0; i < dialog->n_holds; i++) {
		struct sipalg_hold *hold = &dialog->holds[i];

		if (hold->round != dialog->round || !hold->media ||
		    hold->media > sdp->n_media ||
		    !nf_inet_addr_cmp(&hold->binding->inside.addr,
				      step->hosts[1]))
			continue;
		if (sdp->media[hold->media - 1].port)
			hold->taken = true;
		else
			hold->refused = true;
	}
}

/* May the message hold the answer to what an inside host has offered? */
static bool may_answer(const struct sipalg_dialog *dialog,
		       const struct sipalg_step *step)
{
	const struct sip_msg *msg = step->msg;

	return msg->sdp.n_media && step->hosts[1] && is_current(dialog, step) &&
	       (msg->status ? msg->status < 300 : msg->method == SIP_ACK);
}

/* The exchange was refused: what it was the first to name is of no use. */
static void forget(struct sipalg_dialog *dialog)
{
	unsigned int i = dialog->n_holds;

	while (i--) {
		const struct sipalg_hold *hold = &dialog->holds[i];

		if (sipalg_hold_is_media(hold) && hold->since == dialog->round)
			sipalg_dialog_let_go(dialog, i);
	}
}

/* The same from either side. */
static u32 leg_of(const struct sipalg_step *step)
{
	return step->from ^ step->to;
}

/* Return: index of the leg, or the number of legs if it is none of them. */
static unsigned int find_leg(const struct sipalg_dialog *dialog, u32 leg)
{
	unsigned int i;

	for (i = 0; i < dialog->n_legs && dialog->legs[i] != leg; i++)
		;
	return i;
}

static unsigned int legs_left(const struct sipalg_dialog *dialog)
{
	return dialog->n_legs - hweight8(dialog->ended);
}

static void begin_end(struct sipalg_dialog *dialog, unsigned int secs)
{
	dialog->state = SIPALG_CALL_ENDING;
	sipalg_dialog_live_for(dialog, secs);
}

/*
 * There is a session: for as long as the timer says that was agreed on, if any.
 */
static void confirm(struct sipalg_dialog *dialog)
{
	dialog->state = SIPALG_CALL_CONFIRMED;
	if (dialog->session)
		sipalg_dialog_live_for(dialog, dialog->session);
	else
		sipalg_dialog_live_for(dialog,
				       sipalg_dialog_timeout(dialog, CALL));
}

/* A 2xx without Session-Expires ends the session timer: RFC 4028, 7.2. */
static void set_session(struct sipalg_dialog *dialog, const struct sip_msg *msg)
{
	dialog->session =
		clamp(msg->session_expires, 0, SIPALG_EXPIRES_MAX_SECS);
	confirm(dialog);
}

static void renew(struct sipalg_dialog *dialog)
{
	if (dialog->state == SIPALG_CALL_CONFIRMED && !dialog->session)
		confirm(dialog);
}

/*
 * The first time, or once more, as after 401 or to another host; or a
 * straggler. Whoever is there answers it provisionally in time: RFC 3261,
 * 17.1.1.2, timer B.
 */
static void invite(struct sipalg_dialog *dialog, bool opens)
{
	if (opens) {
		dialog->n_legs = 0;
		dialog->ended = 0;
	}
	if (opens || dialog->state != SIPALG_CALL_EARLY)
		sipalg_dialog_live_for(
			dialog, sipalg_dialog_timeout(dialog, TRANSACTION));
	dialog->state = SIPALG_CALL_EARLY;
}

/*
 * Does an inside host hold anything that the message neither comes from nor
 * goes to?
 */
static bool has_others(const struct sipalg_dialog *dialog,
		       const struct sipalg_step *step)
{
	unsigned int i;

	for (i = 0; i < dialog->n_holds; i++)
		if (!is_of(&dialog->holds[i], step))
			return true;
	return false;
}

static void commit_request(struct sipalg_dialog *dialog,
			   const struct sipalg_step *step)
{
	switch (step->msg->method) {
	case SIP_INVITE:
		if (find_leg(dialog, leg_of(step)) < dialog->n_legs)
			renew(dialog);
		else if (dialog->state != SIPALG_CALL_CONFIRMED)
			invite(dialog, step->opens);
		break;
	case SIP_BYE:
		if (find_leg(dialog, leg_of(step)) < dialog->n_legs &&
		    legs_left(dialog) == 1)
			begin_end(dialog,
				  sipalg_dialog_timeout(dialog, TRANSACTION));
		break;
	case SIP_CANCEL:
		/* To one of several inside hosts, it is that one's alone. */
		if (dialog->state == SIPALG_CALL_EARLY &&
		    (step->hosts[0] || !has_others(dialog, step)))
			begin_end(dialog,
				  sipalg_dialog_timeout(dialog, TRANSACTION));
		break;
	case SIP_ACK:
		/* It may hold the answer to an offer in the 2xx. */
		if (dialog->answered && is_current(dialog, step))
			settle(dialog, step);
		renew(dialog);
		break;
	default:
		renew(dialog);
	}
}

/*
 * Each answer with a tag of its own confirms a leg; one that ends, or has, goes
 * on so.
 */
static bool confirm_leg(struct sipalg_dialog *dialog, u32 leg)
{
	unsigned int i = find_leg(dialog, leg);

	if (i < dialog->n_legs)
		return dialog->state != SIPALG_CALL_ENDING &&
		       !(dialog->ended & BIT(i));
	if (i < SIPALG_DIALOG_LEGS_MAX)
		dialog->legs[dialog->n_legs++] = leg;
	return true;
}

/*
 * The INVITE has failed, though perhaps just that branch of it which led to one
 * of several inside hosts: then that one alone leaves.
 */
static void fail(struct sipalg_dialog *dialog, const struct sipalg_step *step)
{
	unsigned int i = dialog->n_holds;

	if (!has_others(dialog, step) || dialog->state == SIPALG_CALL_ENDING) {
		begin_end(dialog, sipalg_dialog_timeout(dialog, ENDING));
		return;
	}
	while (i--)
		if (is_of(&dialog->holds[i], step))
			sipalg_dialog_let_go(dialog, i);
}

/*
 * Where nothing is translated, anybody may have sent the answer. Else it came
 * by a flow that its other end had opened.
 */
static bool is_unasked(const struct sipalg_dialog *dialog,
		       const struct sipalg_step *step)
{
	return step->hosts[0] && step->hosts[1] &&
	       !sipalg_dialog_is_asked(dialog, step->hosts[0]);
}

static void commit_invite_response(struct sipalg_dialog *dialog,
				   const struct sipalg_step *step)
{
	if (step->msg->status < 200) {
		if (dialog->state == SIPALG_CALL_EARLY)
			sipalg_dialog_live_for(
				dialog, sipalg_dialog_timeout(dialog, EARLY));
	} else if (is_unasked(dialog, step)) {
		return;
	} else if (step->msg->status < 300) {
		if (!confirm_leg(dialog, leg_of(step)))
			return;
		set_session(dialog, step->msg);
		if (is_current(dialog, step)) {
			dialog->answered = true;
			settle(dialog, step);
		}
	} else if (dialog->state != SIPALG_CALL_CONFIRMED) {
		fail(dialog, step);
	} else if (is_current(dialog, step)) {
		forget(dialog);
	}
}

static void commit_bye_response(struct sipalg_dialog *dialog,
				const struct sipalg_step *step)
{
	unsigned int i = find_leg(dialog, leg_of(step));
	u16 status = step->msg->status;

	if (status < 200 || i == dialog->n_legs)
		return;
	if (status == 401 || status == 407) {
		if (!(dialog->ended & BIT(i)))
			confirm(dialog);
		return;
	}
	dialog->ended |= BIT(i);
	if (!legs_left(dialog))
		begin_end(dialog, sipalg_dialog_timeout(dialog, ENDING));
}

/* Of UPDATE and PRACK, which may hold an offer (RFC 3311; RFC 3262, 5). */
static void commit_offer_response(struct sipalg_dialog *dialog,
				  const struct sipalg_step *step)
{
	const struct sip_msg *msg = step->msg;

	if (msg->status < 200)
		return;
	if (msg->status < 300 && msg->method == SIP_UPDATE &&
	    dialog->state == SIPALG_CALL_CONFIRMED)
		set_session(dialog, msg);
	if (!is_current(dialog, step))
		return;
	if (msg->status < 300)
		settle(dialog, step);
	else
		forget(dialog);
}

static void commit_call(struct sipalg_dialog *dialog,
			const struct sipalg_step *step)
{
	if (may_answer(dialog, step))
		note_answer(dialog, step);
	if (!step->msg->status) {
		commit_request(dialog, step);
		return;
	}
	switch (step->msg->method) {
	case SIP_INVITE:
		commit_invite_response(dialog, step);
		break;
	case SIP_BYE:
		commit_bye_response(dialog, step);
		break;
	case SIP_UPDATE:
	case SIP_PRACK:
		commit_offer_response(dialog, step);
		break;
	default:
		break;
	}
}

/**
 * sipalg_call_commit() - a message of the dialog goes out as planned
 * @dialog: locked by the caller
 * @step: the message
 *
 * What it held freshly is kept, and the state follows RFC 3261, 12 to 15.
 */
void sipalg_call_commit(struct sipalg_dialog *dialog,
			const struct sipalg_step *step)
{
	unsigned int i;

	lockdep_assert_held(&dialog->lock);
	for (i = 0; i < dialog->n_holds; i++)
		dialog->holds[i].fresh = false;
	if (step->opens)
		sipalg_dialog_become_call(dialog);
	if (dialog->kind == SIPALG_CALL_DIALOG) {
		commit_call(dialog, step);
	} else if (!step->msg->status &&
		   dialog->state != SIPALG_CALL_CONFIRMED) {
		/*
		 * It may just have ended, as when a phone registers anew at
		 * once.
		 */
		dialog->state = SIPALG_CALL_EARLY;
		sipalg_dialog_live_for(
			dialog, sipalg_dialog_timeout(dialog, TRANSACTION));
	} else if (!step->msg->status && step->hosts[0]) {
		sipalg_dialog_await(dialog);
	}
}
