/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Legs: what RFC 3261, 12, calls a dialog. A call whose INVITE has forked has
 * several, each named by both tags. All functions are called with the lock of
 * the dialog.
 */
#ifndef SIPALG_TABLE_LEG_H
#define SIPALG_TABLE_LEG_H

#include "table/dialog.h"

unsigned int sipalg_leg_find(const struct sipalg_dialog *dialog,
			     const struct sipalg_dialog_msg *dmsg);
void sipalg_leg_accept(struct sipalg_dialog *dialog,
		       const struct sipalg_dialog_msg *dmsg);
bool sipalg_leg_is_accepted(const struct sipalg_dialog *dialog,
			    const struct sipalg_dialog_msg *dmsg);
bool sipalg_leg_add(struct sipalg_dialog *dialog,
		    const struct sipalg_dialog_msg *dmsg);

/**
 * sipalg_leg_is_known() - does a message belong to a leg?
 * @dialog: locked by the caller
 * @dmsg: the message
 *
 * Context: any.
 */
static inline bool sipalg_leg_is_known(const struct sipalg_dialog *dialog,
				       const struct sipalg_dialog_msg *dmsg)
{
	return sipalg_leg_find(dialog, dmsg) < dialog->n_legs;
}

/**
 * sipalg_leg_all_end() - has each leg had its BYE?
 * @dialog: locked by the caller
 *
 * A leg is over when its BYE is sent, answered or not: RFC 3261, 15.1.1.
 *
 * Context: any.
 */
static inline bool sipalg_leg_all_end(const struct sipalg_dialog *dialog)
{
	return hweight8(dialog->legs_ending | dialog->legs_over) ==
	       dialog->n_legs;
}

#endif /* SIPALG_TABLE_LEG_H */
