/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How a connection begins.
 */
#ifndef SIPALG_HANDSHAKE_H
#define SIPALG_HANDSHAKE_H

#include <linux/types.h>

struct sipalg_packet;
struct sipalg_segment;
struct sipalg_stream;

bool sipalg_handshake_take(const struct sipalg_packet *packet,
			   struct sipalg_segment *segment);
struct sipalg_stream *sipalg_handshake_end(const struct sipalg_packet *packet,
					   const struct sipalg_segment *segment,
					   void *entry);

#endif /* SIPALG_HANDSHAKE_H */
