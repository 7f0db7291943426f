/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A datagram changes where it stands.
 */
#ifndef SIPALG_HOOK_SPLICE_H
#define SIPALG_HOOK_SPLICE_H

#include "session/flow.h"
#include "sip/sip.h"

bool sipalg_splice(const struct sipalg_packet *packet, unsigned int protoff,
		   const struct sip_plan *plan);

#endif /* SIPALG_HOOK_SPLICE_H */
