/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The usual way of writing, read fast.
 */
#ifndef SIPALG_SIP_USUAL_H
#define SIPALG_SIP_USUAL_H

#include "field.h"
#include "header.h"

u32 sip_read_usual_request(struct sip_fields *f);
u32 sip_read_usual_headers(struct sip_fields *f, u32 at);
bool sip_read_usual_list(struct sip_fields *f, enum sip_header_id id, u32 at);

#endif /* SIPALG_SIP_USUAL_H */
