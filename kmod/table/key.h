/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Keys of dialogs, and the tags of their messages.
 */
#ifndef SIPALG_TABLE_KEY_H
#define SIPALG_TABLE_KEY_H

#include "table/dialog.h"

void sipalg_key_call_id(struct sipalg_dialog_key *key, const u8 *call_id,
			u32 len, enum sip_method method);
void sipalg_key_tags(struct sipalg_dialog_msg *dmsg, const u8 *text);

int sipalg_key_setup(void);

#endif /* SIPALG_TABLE_KEY_H */
