/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Offers and answers (RFC 3264): which media bindings they open and close.
 */
#ifndef SIPALG_SESSION_OFFER_H
#define SIPALG_SESSION_OFFER_H

#include "table/dialog.h"

void sipalg_offer_begin(struct sipalg_dialog *dialog,
			struct sipalg_dialog_msg *dmsg);
void sipalg_offer_answer(struct sipalg_dialog *dialog,
			 const struct sipalg_dialog_msg *dmsg);
void sipalg_offer_keep_streams(struct sipalg_dialog *dialog,
			       const struct sdp_session *sdp);
void sipalg_offer_accepted(struct sipalg_dialog *dialog,
			   const struct sipalg_dialog_msg *dmsg);
void sipalg_offer_acknowledged(struct sipalg_dialog *dialog,
			       const struct sipalg_dialog_msg *dmsg);
void sipalg_offer_rejected(struct sipalg_dialog *dialog,
			   const struct sipalg_dialog_msg *dmsg);
void sipalg_offer_over(struct sipalg_dialog *dialog,
		       const struct sipalg_dialog_msg *dmsg);

#endif /* SIPALG_SESSION_OFFER_H */
