/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An outside address or a scope that goes for a moment suspends dialogs:
 * nothing is translated for them and no port is open, but all is kept for
 * timeout-suspend.
 */
#ifndef SIPALG_TABLE_SUSPEND_H
#define SIPALG_TABLE_SUSPEND_H

#include "table/dialog.h"

void sipalg_suspend_dialog(struct sipalg_dialog *dialog);
void sipalg_suspend_resume(struct sipalg_dialog *dialog);
unsigned int sipalg_suspend_addresses(struct sipalg_net *sn);
unsigned long sipalg_suspend_deadline(const struct sipalg_dialog *dialog);

#endif /* SIPALG_TABLE_SUSPEND_H */
