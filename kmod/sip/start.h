/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The start line (RFC 3261, 7.1 and 7.2).
 */
#ifndef SIPALG_SIP_START_H
#define SIPALG_SIP_START_H

#include "msg.h"

bool sip_is_start(const u8 *text, u32 len);

enum sip_method sip_method_of(u64 word, const u8 *name, u32 len);
u32 sip_find_method(const u8 *text, u32 len, u64 *word,
		    enum sip_method *method);
enum sip_verdict sip_read_status_line(struct sip_msg *msg, const u8 *text,
				      u32 end);
bool sip_is_nearly_sip(const u8 *text, u32 at, u32 end);

/* Do the first bytes say that this is a response, in whatever version? */
static __always_inline bool sip_is_response(const u8 *text)
{
	return (scan_fold(scan_load(text)) & SCAN_MASK(4)) ==
	       SCAN_WORD('s', 'i', 'p', '/');
}

/* May a start line begin with this byte? */
static __always_inline bool sip_may_start(u8 c)
{
	return sip_class[c] & SCAN_TOKEN;
}

#endif /* SIPALG_SIP_START_H */
