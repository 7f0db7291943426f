/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Why a message, or a part of it, is passed unchanged.
 */
#ifndef SIPALG_SIP_VERDICT_H
#define SIPALG_SIP_VERDICT_H

#include "types.h"

/**
 * enum sip_verdict - why a message is passed unchanged
 *
 * SIP_OK is the absence of such a reason. The names of the counters in
 * uapi/nf_sipalg.h follow these one by one.
 *
 * @SIP_OK: understood
 * @SIP_NOT_SIP: the first bytes are no SIP start line: keep-alive, STUN, noise
 * @SIP_BAD_START: a start line that begins well and goes on badly
 * @SIP_BAD_HEADER: a header section that begins with a blank, or has no end
 * @SIP_BAD_VALUE: a header an ALG needs has a value that cannot be parsed
 * @SIP_BAD_LENGTH: Content-Length is no number, contradicts itself, or exceeds
 *	what is there
 * @SIP_BAD_SDP: the session description cannot be parsed, or there are several
 * @SIP_INCOMPLETE: Call-ID, CSeq, Via, From or To is missing
 * @SIP_TOO_MANY: more headers, addresses or media than the limits above
 * @SIP_TOO_LONG: longer than SIP_MSG_MAX before or after the change
 * @SIP_REFUSED: the address map could not give what the message needs
 */
enum sip_verdict {
	SIP_OK,
	SIP_NOT_SIP,
	SIP_BAD_START,
	SIP_BAD_HEADER,
	SIP_BAD_VALUE,
	SIP_BAD_LENGTH,
	SIP_BAD_SDP,
	SIP_INCOMPLETE,
	SIP_TOO_MANY,
	SIP_TOO_LONG,
	SIP_REFUSED,
};

/**
 * struct sip_fault - the first part of a tier that could not be read
 * @verdict: enum sip_verdict; SIP_OK where all could
 * @off: where in the message
 */
struct sip_fault {
	u8 verdict;
	u32 off;
};

static inline void sip_note_fault(struct sip_fault *fault,
				  enum sip_verdict verdict, u32 off)
{
	if (fault->verdict)
		return;
	fault->verdict = (u8)verdict;
	fault->off = off;
}

#endif /* SIPALG_SIP_VERDICT_H */
