/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Lines that repeat the address of a media section.
 */
#ifndef SIPALG_SIP_REPEAT_H
#define SIPALG_SIP_REPEAT_H

#include "nat.h"
#include "writer.h"

enum sip_verdict sip_write_repeats(struct sip_writer *writer,
				   const struct sdp_session *sdp,
				   bool is_response, u32 media, const u8 *text,
				   const struct sip_endpoint *inside,
				   const struct sip_endpoint *outside);

enum sip_verdict sip_write_session_repeats(struct sip_writer *writer,
					   const struct sdp_session *sdp,
					   const u8 *text,
					   const struct sip_endpoint *inside,
					   const struct sip_endpoint *outside,
					   bool connection);

#endif /* SIPALG_SIP_REPEAT_H */
