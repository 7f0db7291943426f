/* SPDX-License-Identifier: GPL-2.0 */
/*
 * INVITEs under way, and which hosts may answer them. All functions are called
 * with the lock of the dialog.
 */
#ifndef SIPALG_TABLE_INVITE_H
#define SIPALG_TABLE_INVITE_H

#include "table/dialog.h"

const struct sipalg_invite *
sipalg_invite_find(const struct sipalg_dialog *dialog, u32 from);
void sipalg_invite_add(struct sipalg_dialog *dialog, u32 from, u32 cseq);
void sipalg_invite_host(struct sipalg_dialog *dialog,
			const union nf_inet_addr *addr);
bool sipalg_invite_covers(const struct sipalg_dialog *dialog,
			  const union nf_inet_addr *addr);

int sipalg_invite_setup(void);

#endif /* SIPALG_TABLE_INVITE_H */
