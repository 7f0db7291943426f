/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The values of the header fields that an ALG needs (RFC 3261, 20).
 */
#ifndef SIPALG_SIP_FIELD_H
#define SIPALG_SIP_FIELD_H

#include "msg.h"

/**
 * struct sip_fields - the fields of one message, as far as they are read
 * @msg: what is found goes there
 * @text: the message
 * @method: of a request, the first eight bytes of its method
 * @method_len: length of the method; 0 in a response
 * @n_odd: values behind which the next one was looked for
 */
struct sip_fields {
	struct sip_msg *msg;
	const u8 *text;
	u64 method;
	u32 method_len;
	u32 n_odd;
};

enum sip_verdict sip_read_request_uri(struct sip_fields *f, u32 at, u32 end);
enum sip_verdict sip_read_via(struct sip_fields *f, u32 at, u32 end);
enum sip_verdict sip_read_cseq(struct sip_fields *f, u32 at, u32 end);
void sip_read_party(struct sip_fields *f, u32 at, u32 end,
		    struct sip_span *tag);
void sip_read_value(struct sip_fields *f, enum sip_field field, u32 at,
		    u32 end);
void sip_read_values(struct sip_fields *f, enum sip_field field, u32 at,
		     u32 end);
void sip_read_contact(struct sip_fields *f, u32 at, u32 end);
void sip_read_credentials(struct sip_fields *f, u32 at, u32 end);
s32 sip_read_seconds(const u8 *text, u32 at, u32 end);
s32 sip_read_session_expires(const u8 *text, u32 at, u32 end);

#endif /* SIPALG_SIP_FIELD_H */
