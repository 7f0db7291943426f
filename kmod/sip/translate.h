/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Changes to a message that crosses a NAT.
 */
#ifndef SIPALG_SIP_TRANSLATE_H
#define SIPALG_SIP_TRANSLATE_H

#include "nat.h"
#include "plan.h"

bool sip_is_uri_signed(const struct sip_msg *msg, const u8 *text);
enum sip_verdict sip_translate(struct sip_plan *plan, const struct sip_msg *msg,
			       const u8 *text, struct sip_nat *nat);

#endif /* SIPALG_SIP_TRANSLATE_H */
