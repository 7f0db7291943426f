/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A call in a few words, for people: tags and codecs.
 */
#ifndef SIPALG_SESSION_SUMMARY_H
#define SIPALG_SESSION_SUMMARY_H

#include "table/dialog.h"

struct sipalg_call_summary *sipalg_summary_get(struct sipalg_dialog *dialog);
void sipalg_summary_update(struct sipalg_dialog *dialog,
			   const struct sip_msg *msg, const u8 *text);
const char *sipalg_summary_codecs(const struct sipalg_call_summary *summary,
				  unsigned int media);

#endif /* SIPALG_SESSION_SUMMARY_H */
