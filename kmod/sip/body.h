/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The session description of a message that crosses a NAT.
 */
#ifndef SIPALG_SIP_BODY_H
#define SIPALG_SIP_BODY_H

#include "nat.h"
#include "writer.h"

enum sip_verdict sip_translate_body(struct sip_writer *writer,
				    const struct sip_msg *msg, const u8 *text,
				    struct sip_nat *nat);

#endif /* SIPALG_SIP_BODY_H */
