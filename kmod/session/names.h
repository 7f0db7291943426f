/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The names of people in messages, for those who look after their calls. None
 * is kept unless the setting log-names asks for it.
 */
#ifndef SIPALG_SESSION_NAMES_H
#define SIPALG_SESSION_NAMES_H

#include "table/dialog.h"

void sipalg_names_learn(struct sipalg_dialog *dialog, const struct sip_msg *msg,
			const u8 *text);

#endif /* SIPALG_SESSION_NAMES_H */
