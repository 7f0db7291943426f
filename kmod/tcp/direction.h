/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One direction of a connection: what its bytes are, and which of them go out
 * when.
 */
#ifndef SIPALG_WAY_H
#define SIPALG_WAY_H

#include "session/message.h"
#include "tcp/stream.h"

/**
 * struct sipalg_pass - a packet's way through its stream
 * @packet: the packet
 * @segment: the same, read
 * @stream: the stream, locked
 * @way: the direction of the packet
 * @other: the opposite one
 * @seq: its number in the receiver's space
 * @out: what it will carry
 * @len: bytes there
 * @room: how many there may be
 * @fin: it will carry a FIN
 * @late: bytes in front of it are missing
 * @full: it takes no more
 */
struct sipalg_pass {
	const struct sipalg_packet *packet;
	struct sipalg_segment segment;
	struct sipalg_stream *stream;
	struct sipalg_way *way;
	struct sipalg_way *other;
	u32 seq;
	u8 *out;
	u32 len;
	u32 room;
	bool fin;
	bool late;
	bool full;
};

void sipalg_way_init(struct sipalg_way *way, u32 seq, u16 mss);
void sipalg_way_free(struct sipalg_stream *stream, struct sipalg_way *way);
bool sipalg_way_is_settled(const struct sipalg_way *way);
bool sipalg_way_is_plain(const struct sipalg_way *way,
			 const struct sipalg_segment *segment);
void sipalg_way_take(struct sipalg_pass *pass);
void sipalg_way_acked(struct sipalg_stream *stream, struct sipalg_way *way,
		      u32 ack);
unsigned int sipalg_way_queued(const struct sipalg_way *way,
			       struct sipalg_sack *sacks, unsigned int max);

#endif /* SIPALG_WAY_H */
