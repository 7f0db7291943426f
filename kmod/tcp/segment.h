/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A TCP packet: its sequence numbers and options, and how its payload is
 * replaced.
 */
#ifndef SIPALG_SEGMENT_H
#define SIPALG_SEGMENT_H

#include <linux/skbuff.h>
#include <linux/tcp.h>

#include "tcp/pass.h"

/**
 * struct sipalg_segment - a TCP packet
 * @skb: the packet, its data at the network header
 * @th: offset of its TCP header
 * @text: offset of its payload
 * @len: bytes of payload; a packet that is to be segmented, or was put together
 *	from segments, has that of all of them
 * @seq: its sequence number
 * @ack: its acknowledgment, where it has one
 */
struct sipalg_segment {
	struct sk_buff *skb;
	u32 th;
	u32 text;
	u32 len;
	u32 seq;
	u32 ack;
};

static inline struct tcphdr *
sipalg_segment_header(const struct sipalg_segment *segment)
{
	return (struct tcphdr *)(segment->skb->data + segment->th);
}

bool sipalg_segment_read(struct sipalg_segment *segment, struct sk_buff *skb,
			 unsigned int protoff);
bool sipalg_segment_open(struct sipalg_segment *segment);
bool sipalg_segment_open_header(struct sipalg_segment *segment);
bool sipalg_segment_clear_urgent(struct sipalg_segment *segment);
bool sipalg_segment_renumber(struct sipalg_segment *segment, u32 seq, u32 ack,
			     u16 window);
bool sipalg_segment_fill(struct sipalg_segment *segment, const u8 *text,
			 u32 len, u32 mss);
bool sipalg_segment_trim(struct sipalg_segment *segment);
bool sipalg_segment_has(const struct sipalg_segment *segment, u8 kind);
bool sipalg_segment_erase(struct sipalg_segment *segment, u8 kind);
u16 sipalg_segment_mss(const struct sipalg_segment *segment);
bool sipalg_segment_scale(const struct sipalg_segment *segment, u8 *scale);
bool sipalg_segment_timestamp(const struct sipalg_segment *segment, u32 *value,
			      u32 *echo);
void sipalg_segment_set_timestamp(struct sipalg_segment *segment, u32 value);
unsigned int sipalg_segment_sacks(const struct sipalg_segment *segment,
				  struct sipalg_sack sacks[SIPALG_SACKS_MAX]);
void sipalg_segment_set_sacks(struct sipalg_segment *segment,
			      const struct sipalg_sack *sacks, unsigned int n);

#endif /* SIPALG_SEGMENT_H */
