/* SPDX-License-Identifier: GPL-2.0 */
/*
 * INVITEs under way, and which hosts may answer. All functions are called with
 * the lock of the dialog.
 */
#ifndef SIPALG_TABLE_INVITE_H
#define SIPALG_TABLE_INVITE_H

#include "table/dialog.h"

struct sipalg_invite *sipalg_invite_find(struct sipalg_dialog *dialog,
					 u32 from);
void sipalg_invite_add(struct sipalg_dialog *dialog,
		       const struct sipalg_dialog_msg *dmsg);
bool sipalg_invite_goes(const struct sipalg_invite *invite, bool outbound);
u8 sipalg_invite_transaction(const struct sipalg_invite *invite,
			     const struct sipalg_dialog_msg *dmsg);
bool sipalg_invite_is_under_way(const struct sipalg_invite *invite);
bool sipalg_invite_is_over(const struct sipalg_invite *invite);
bool sipalg_invite_has_other(struct sipalg_dialog *dialog, u32 from);
void sipalg_invite_ask(struct sipalg_dialog *dialog,
		       const union nf_inet_addr *addr);
bool sipalg_invite_has_asked(const struct sipalg_dialog *dialog,
			     const union nf_inet_addr *addr);

int sipalg_invite_setup(void);

#endif /* SIPALG_TABLE_INVITE_H */
