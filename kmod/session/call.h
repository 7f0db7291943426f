/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How the messages of a call move its dialog (RFC 3261, 12 to 15).
 */
#ifndef SIPALG_SESSION_CALL_H
#define SIPALG_SESSION_CALL_H

#include "table/dialog.h"

void sipalg_call_commit(struct sipalg_dialog *dialog,
			const struct sipalg_dialog_msg *dmsg);

#endif /* SIPALG_SESSION_CALL_H */
