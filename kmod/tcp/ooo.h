/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Segments that came out of order, until the receiver has them. The sender is
 * told by SACK that they are here, and will not send them again.
 */
#ifndef SIPALG_OOO_H
#define SIPALG_OOO_H

#include <linux/list.h>
#include <linux/types.h>

#include "tcp/seqmap.h"

/* Bytes out of order that a direction may keep, */
#define SIPALG_OOO_MAX		262144
/* and what a segment counts for at least, which bounds their number. */
#define SIPALG_OOO_SEGMENT_MIN	256

/**
 * struct sipalg_ooo_segment - a segment that came out of order
 * @list: in sipalg_ooo_queue.segments
 * @seq: sequence number of its first byte, in the sender's space
 * @len: bytes of @text
 * @fin: it carries a FIN
 * @text: its payload
 */
struct sipalg_ooo_segment {
	struct list_head list;
	u32 seq;
	u32 len;
	bool fin;
	u8 text[];
};

/**
 * struct sipalg_ooo_queue - those of a direction
 * @segments: struct sipalg_ooo_segment, by sequence number
 * @bytes: what they count for, of SIPALG_OOO_MAX
 */
struct sipalg_ooo_queue {
	struct list_head segments;
	u32 bytes;
};

/* Sequence number behind a segment, its FIN included. */
static inline u32
sipalg_ooo_segment_end(const struct sipalg_ooo_segment *segment)
{
	return segment->seq + segment->len + segment->fin;
}

static inline bool sipalg_ooo_is_empty(const struct sipalg_ooo_queue *queue)
{
	return list_empty(&queue->segments);
}

void sipalg_ooo_init(struct sipalg_ooo_queue *queue);
void sipalg_ooo_free(struct sipalg_ooo_queue *queue,
		     struct sipalg_account *account);
bool sipalg_ooo_has(const struct sipalg_ooo_queue *queue, u32 seq, u32 len,
		    bool fin);
void sipalg_ooo_add(struct sipalg_ooo_queue *queue,
		    struct sipalg_account *account, u32 seq, const u8 *text,
		    u32 len, bool fin);
void sipalg_ooo_ack(struct sipalg_ooo_queue *queue,
		    struct sipalg_account *account, u32 in);
unsigned int sipalg_ooo_sacks(const struct sipalg_ooo_queue *queue, u32 next,
			      struct sipalg_sack *sacks, unsigned int max);

#endif /* SIPALG_OOO_H */
