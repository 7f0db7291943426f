// SPDX-License-Identifier: GPL-2.0

#include "table/agent.h"
#include "table/leg.h"

/*
 * The same from either side. Where one end has taken the tag of the other for
 * its own, not any two equal tags name the leg.
 */
static u32 leg_of(const struct sipalg_dialog_msg *dmsg)
{
	return dmsg->from ^ dmsg->to ?: dmsg->from;
}

/**
 * sipalg_leg_find() - find the leg of a message
 * @dialog: locked by the caller
 * @dmsg: the message
 *
 * Context: any.
 * Return: index of the leg, or the number of legs if it is none of them.
 */
unsigned int sipalg_leg_find(const struct sipalg_dialog *dialog,
			     const struct sipalg_dialog_msg *dmsg)
{
	u32 leg = leg_of(dmsg);
	unsigned int i;

	lockdep_assert_held(&dialog->lock);
	for (i = 0; i < dialog->n_legs && dialog->legs[i] != leg; i++)
		;
	return i;
}

/**
 * sipalg_leg_accept() - a 2xx begins a leg once it is acknowledged
 * @dialog: locked by the caller
 * @dmsg: the 2xx
 *
 * Context: any.
 */
void sipalg_leg_accept(struct sipalg_dialog *dialog,
		       const struct sipalg_dialog_msg *dmsg)
{
	lockdep_assert_held(&dialog->lock);
	dialog->accepted_leg = leg_of(dmsg);
}

/**
 * sipalg_leg_is_accepted() - is a message of the leg of the latest 2xx?
 * @dialog: locked by the caller
 * @dmsg: the message
 *
 * Context: any.
 * Return: true also for any message of a call whose INVITE was not seen.
 */
bool sipalg_leg_is_accepted(const struct sipalg_dialog *dialog,
			    const struct sipalg_dialog_msg *dmsg)
{
	lockdep_assert_held(&dialog->lock);
	return !dialog->n_invites || dialog->accepted_leg == leg_of(dmsg);
}

/**
 * sipalg_leg_add() - the dialog's host has confirmed a leg
 * @dialog: locked by the caller
 * @dmsg: a message of the leg, which is none of the known ones
 *
 * Context: any.
 * Return: false where there are too many to tell apart.
 */
bool sipalg_leg_add(struct sipalg_dialog *dialog,
		    const struct sipalg_dialog_msg *dmsg)
{
	lockdep_assert_held(&dialog->lock);
	if (dialog->n_legs == SIPALG_DIALOG_LEGS_MAX)
		return false;
	dialog->leg_agents[dialog->n_legs] =
		sipalg_agent_bit(dialog, sipalg_agent_find(dialog, dmsg));
	dialog->legs[dialog->n_legs++] = leg_of(dmsg);
	return true;
}
