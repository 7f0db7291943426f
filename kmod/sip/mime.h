/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where in a body the session descriptions stand (RFC 2045, 2046).
 */
#ifndef SIPALG_SIP_MIME_H
#define SIPALG_SIP_MIME_H

#include "msg.h"

bool sip_is_plain_encoding(const u8 *text, u32 at, u32 end);
bool sip_may_have_sdp(const u8 *text, u32 at, u32 end);
bool sip_is_early(const u8 *text, u32 at, u32 end);
void sip_find_sdp(struct sip_msg *msg, const u8 *text, struct sip_span type,
		  bool is_early);

#endif /* SIPALG_SIP_MIME_H */
