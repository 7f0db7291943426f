/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one pass over a message.
 */
#ifndef SIPALG_SIP_PARSE_H
#define SIPALG_SIP_PARSE_H

#include "msg.h"

enum sip_verdict sip_parse(struct sip_msg *msg, const u8 *text, u32 len);

enum sip_verdict sip_parse_part(struct sip_msg *msg, const u8 *text, u32 there,
				u32 len);
void sip_parse_rest(struct sip_msg *msg, const u8 *text);

enum sip_verdict sip_parse_head(struct sip_msg *msg, const u8 *text, u32 len);

#endif /* SIPALG_SIP_PARSE_H */
