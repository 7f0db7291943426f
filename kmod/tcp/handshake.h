/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How a connection begins.
 */
#ifndef SIPALG_HANDSHAKE_H
#define SIPALG_HANDSHAKE_H

#include <net/netfilter/nf_conntrack.h>

struct sipalg_packet;
struct sipalg_segment;
struct sipalg_stream;

/*
 * Has a reset ended the connection? Behind one of the server, conntrack goes on
 * with the flow for the next connection from the same port.
 */
static inline bool sipalg_handshake_may_come(const struct nf_conn *ct)
{
	return READ_ONCE(ct->proto.tcp.state) == TCP_CONNTRACK_CLOSE;
}

bool sipalg_handshake_take(const struct sipalg_packet *packet,
			   struct sipalg_segment *segment);
struct sipalg_stream *sipalg_handshake_end(const struct sipalg_packet *packet,
					   const struct sipalg_segment *segment,
					   void *entry);

#endif /* SIPALG_HANDSHAKE_H */
