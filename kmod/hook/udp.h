/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A message that is a whole UDP datagram.
 */
#ifndef SIPALG_HOOK_UDP_H
#define SIPALG_HOOK_UDP_H

#include "session/flow.h"

void sipalg_udp_packet(const struct sipalg_packet *packet,
		       unsigned int protoff);

#endif /* SIPALG_HOOK_UDP_H */
