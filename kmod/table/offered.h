/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Offers from the outside that no inside host has answered yet. An offer makes
 * no dialog, so that a stranger cannot use up any host's share. A few of the
 * latest ones are kept, for the answer to find.
 */
#ifndef SIPALG_TABLE_OFFERED_H
#define SIPALG_TABLE_OFFERED_H

#include "table/dialog.h"

/**
 * struct sipalg_offer_name - names an offer
 * @key: key of the dialog that the answer will make, or that there is already
 * @from: keyed hash of the INVITE's From tag
 * @cseq: its CSeq number
 */
struct sipalg_offer_name {
	struct sipalg_dialog_key key;
	u32 from;
	u32 cseq;
};

void sipalg_offered_keep(struct sipalg_net *sn,
			 const struct sipalg_offer_name *name,
			 const struct sipalg_far_ends *far);
bool sipalg_offered_find(struct sipalg_net *sn,
			 const struct sipalg_offer_name *name,
			 struct sipalg_far_ends *far);

void sipalg_offered_net_exit(struct sipalg_net *sn);
int sipalg_offered_setup(void);

#endif /* SIPALG_TABLE_OFFERED_H */
