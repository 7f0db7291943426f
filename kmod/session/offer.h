/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Offers and answers (RFC 3264): which media bindings they open and close, and
 * which far ends they name.
 */
#ifndef SIPALG_SESSION_OFFER_H
#define SIPALG_SESSION_OFFER_H

#include "table/dialog.h"

bool sipalg_offer_is_current(const struct sipalg_dialog *dialog,
			     const struct sipalg_dialog_msg *dmsg);
void sipalg_offer_begin(struct sipalg_dialog *dialog,
			struct sipalg_dialog_msg *dmsg);
void sipalg_offer_answer(struct sipalg_dialog *dialog,
			 const struct sipalg_dialog_msg *dmsg);
void sipalg_offer_keep_streams(struct sipalg_dialog *dialog,
			       const struct sdp_session *sdp);
void sipalg_offer_accepted(struct sipalg_dialog *dialog);
void sipalg_offer_rejected(struct sipalg_dialog *dialog);

void sipalg_offer_note(struct sipalg_net *sn,
		       const struct sipalg_dialog_key *key,
		       const struct sipalg_dialog_msg *dmsg);
void sipalg_offer_name_peers(struct sipalg_dialog *dialog,
			     const struct sip_msg *msg);
void sipalg_offer_admit_peers(const struct sipalg_dialog *dialog,
			      struct sipalg_binding *got[], unsigned int n);
void sipalg_offer_replace_mappings(const struct sipalg_dialog *dialog);
bool sipalg_offer_far_end(const struct sipalg_dialog *dialog,
			  unsigned int media, struct sipalg_endpoint *far);

#endif /* SIPALG_SESSION_OFFER_H */
