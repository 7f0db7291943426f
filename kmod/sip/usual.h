/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The usual way of writing, read fast.
 */
#ifndef SIPALG_SIP_USUAL_H
#define SIPALG_SIP_USUAL_H

#include "field.h"
#include "header.h"

/* Those that are read here, the first of a message or each of them. */
#define SIP_USUAL_ONCE							\
	(SIP_HEADER_CALL_ID | SIP_HEADER_CSEQ | SIP_HEADER_FROM |	\
	 SIP_HEADER_TO | SIP_HEADER_VIA | SIP_HEADER_CONTENT_LENGTH |	\
	 SIP_HEADER_CONTENT_TYPE | SIP_HEADER_EXPIRES)
#define SIP_USUAL_ALWAYS						\
	(SIP_HEADER_CONTACT | SIP_HEADER_ROUTE |			\
	 SIP_HEADER_RECORD_ROUTE | SIP_HEADER_PATH | SIP_HEADER_REFER_TO)

static __always_inline bool sip_may_be_usual(const struct sip_fields *f,
					     enum sip_header_id id)
{
	return id & ((SIP_USUAL_ONCE & ~f->seen) | SIP_USUAL_ALWAYS);
}

u32 sip_read_usual_request(struct sip_fields *f);
u32 sip_read_usual(struct sip_fields *f, enum sip_header_id id, u32 at);

#endif /* SIPALG_SIP_USUAL_H */
