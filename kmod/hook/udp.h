/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A message that is a whole datagram.
 */
#ifndef SIPALG_DATAGRAM_H
#define SIPALG_DATAGRAM_H

#include "session/message.h"

void sipalg_udp_packet(const struct sipalg_packet *packet,
		       unsigned int protoff);

#endif /* SIPALG_DATAGRAM_H */
