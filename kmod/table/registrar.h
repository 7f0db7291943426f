/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Registrars of a registration, and notifiers of a subscription: what the host
 * has asked each of them for, and what it has granted.
 */
#ifndef SIPALG_TABLE_REGISTRAR_H
#define SIPALG_TABLE_REGISTRAR_H

#include "table/dialog.h"

unsigned int sipalg_registrar_add(struct sipalg_dialog *dialog,
				  const union nf_inet_addr *addr);
void sipalg_registrar_ask(struct sipalg_dialog *dialog,
			  const union nf_inet_addr *addr, u32 cseq);
struct sipalg_registrar *
sipalg_registrar_answer(struct sipalg_dialog *dialog,
			const struct sipalg_dialog_msg *dmsg);
bool sipalg_registrar_is_alone(struct sipalg_dialog *dialog,
			       const struct sipalg_registrar *registrar);

#endif /* SIPALG_TABLE_REGISTRAR_H */
