/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Far ends: where an SDP tells an inside host to send media, which is also whom
 * the host's media bindings are for.
 */
#ifndef SIPALG_SESSION_FAR_H
#define SIPALG_SESSION_FAR_H

#include "table/dialog.h"

bool sipalg_far_is_uri_signed(struct sipalg_net *sn,
			      const struct sipalg_dialog_key *key,
			      const struct sipalg_dialog_msg *dmsg);
void sipalg_far_note(struct sipalg_net *sn,
		     const struct sipalg_dialog_key *key,
		     const struct sipalg_dialog_msg *dmsg, bool is_uri_signed);
bool sipalg_far_recall(struct sipalg_dialog *dialog,
		       const struct sipalg_dialog_msg *dmsg);
void sipalg_far_name_peers(struct sipalg_dialog *dialog,
			   const struct sip_msg *msg);
void sipalg_far_admit_peers(const struct sipalg_dialog *dialog,
			    struct sipalg_binding *got[], unsigned int n);
void sipalg_far_replace_mappings(const struct sipalg_dialog *dialog);
bool sipalg_far_find(const struct sipalg_dialog *dialog,
		     unsigned int media, struct sipalg_endpoint *far);

#endif /* SIPALG_SESSION_FAR_H */
