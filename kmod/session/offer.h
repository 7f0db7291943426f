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
bool sipalg_offer_reaches(const struct sipalg_dialog *dialog,
			  const struct sipalg_dialog_msg *dmsg);
void sipalg_offer_begin(struct sipalg_dialog *dialog,
			struct sipalg_dialog_msg *dmsg);
void sipalg_offer_answer(struct sipalg_dialog *dialog,
			 const struct sipalg_dialog_msg *dmsg);
void sipalg_offer_accepted(struct sipalg_dialog *dialog,
			   const struct sipalg_dialog_msg *dmsg);
void sipalg_offer_rejected(struct sipalg_dialog *dialog);

void sipalg_offer_name_peers(struct sipalg_dialog *dialog,
			     const struct sip_msg *msg,
			     const union nf_inet_addr *receiver);
void sipalg_offer_admit_peers(const struct sipalg_dialog *dialog,
			      struct sipalg_binding *got[], unsigned int n);
void sipalg_offer_replace_mappings(const struct sipalg_dialog *dialog);
bool sipalg_offer_far_end(const struct sipalg_dialog *dialog,
			  unsigned int media, struct sipalg_endpoint *far);

/*
 * Is the binding one of an inside host that the message comes from or goes to?
 */
static inline bool sipalg_lease_is_of(const struct sipalg_lease *lease,
				      const struct sipalg_dialog_msg *dmsg)
{
	const union nf_inet_addr *addr = &lease->binding->inside.addr;

	return (dmsg->hosts[0] && nf_inet_addr_cmp(addr, dmsg->hosts[0])) ||
	       (dmsg->hosts[1] && nf_inet_addr_cmp(addr, dmsg->hosts[1]));
}

#endif /* SIPALG_SESSION_OFFER_H */
