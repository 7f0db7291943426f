/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A call: how its messages move its dialog (RFC 3261, 12 to 15), and what its
 * offers and answers open and close (RFC 3264).
 */
#ifndef SIPALG_CALL_H
#define SIPALG_CALL_H

#include "table/dialog.h"

void sipalg_call_begin(struct sipalg_dialog *dialog, struct sipalg_step *step);
bool sipalg_call_reaches(const struct sipalg_dialog *dialog,
			 const struct sipalg_step *step);
void sipalg_call_commit(struct sipalg_dialog *dialog,
			const struct sipalg_step *step);

#endif /* SIPALG_CALL_H */
