/* SPDX-License-Identifier: GPL-2.0 */
/*
 * INVITEs that have no final answer yet. One from the outside makes no dialog,
 * so that a stranger cannot use up any host's share. A few of the latest ones
 * are kept: for the answer to find the offer, and for a CANCEL.
 */
#ifndef SIPALG_TABLE_OFFERED_H
#define SIPALG_TABLE_OFFERED_H

#include "table/dialog.h"

/**
 * struct sipalg_offer_name - names an INVITE
 * @key: key of the dialog that the answer will make, or that there is already
 * @from: keyed hash of the INVITE's From tag
 * @cseq: its CSeq number
 */
struct sipalg_offer_name {
	struct sipalg_dialog_key key;
	u32 from;
	u32 cseq;
};

/**
 * struct sipalg_offered - what is kept of an INVITE
 * @far: where its offer wants media
 * @branch: keyed hash of the branch of its topmost Via
 * @is_offer: there is an offer, from the outside
 * @is_uri_signed: it has digest credentials for its Request-URI
 */
struct sipalg_offered {
	struct sipalg_far_ends far;
	u32 branch;
	bool is_offer;
	bool is_uri_signed;
};

void sipalg_offered_keep(struct sipalg_net *sn,
			 const struct sipalg_offer_name *name,
			 const struct sipalg_offered *offered);
bool sipalg_offered_find(struct sipalg_net *sn,
			 const struct sipalg_offer_name *name,
			 struct sipalg_offered *offered);

void sipalg_offered_net_exit(struct sipalg_net *sn);
int sipalg_offered_setup(void);

#endif /* SIPALG_TABLE_OFFERED_H */
