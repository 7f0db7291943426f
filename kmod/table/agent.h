/* SPDX-License-Identifier: GPL-2.0 */
/*
 * User agents of the inside host that take part in a call, each by the tag that
 * it has given itself, with their offers (RFC 3264). There are several where a
 * B2BUA keeps the Call-ID, or a call rings at two lines of a host. All
 * functions are called with the lock of the dialog.
 */
#ifndef SIPALG_TABLE_AGENT_H
#define SIPALG_TABLE_AGENT_H

#include "table/dialog.h"

struct sipalg_agent *sipalg_agent_find(struct sipalg_dialog *dialog,
				       const struct sipalg_dialog_msg *dmsg);
struct sipalg_agent *sipalg_agent_get(struct sipalg_dialog *dialog,
				      const struct sipalg_dialog_msg *dmsg);
struct sipalg_exchange *
sipalg_agent_exchange(struct sipalg_agent *agent,
		      const struct sipalg_dialog_msg *dmsg);
u8 sipalg_agent_bit(struct sipalg_dialog *dialog,
		    const struct sipalg_agent *agent);
bool sipalg_agent_is_up(struct sipalg_dialog *dialog,
			const struct sipalg_agent *agent);
bool sipalg_agent_has_other(struct sipalg_dialog *dialog,
			    const struct sipalg_dialog_msg *dmsg);

#endif /* SIPALG_TABLE_AGENT_H */
