/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Digest credentials (RFC 7616).
 */
#ifndef SIPALG_SIP_CREDENTIAL_H
#define SIPALG_SIP_CREDENTIAL_H

#include "field.h"

void sip_read_credentials(struct sip_fields *f, u32 at, u32 end);
bool sip_is_body_hashed(const u8 *text, u32 at, u32 end);
bool sip_is_response_hashed(const u8 *text, u32 at, u32 end);

#endif /* SIPALG_SIP_CREDENTIAL_H */
