/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One direction of a TCP connection in two sequence spaces: the sender's ("in")
 * and the receiver's ("out").
 *
 * The spaces run in parallel except at edits. An edit is a stretch of text that
 * was changed or held, and that the receiver has not acknowledged yet. Inside
 * an edit, bytes map one to one as long as both sides have some; its last byte
 * maps to all that is left of the longer side. Held bytes map to nothing of
 * their own, because they left in front of the bytes that follow them. So
 * whatever part of an edit is sent again or acknowledged, no byte of the new
 * text is left out, and none counts as received that was not.
 */
#ifndef SIPALG_SEQMAP_H
#define SIPALG_SEQMAP_H

#include <linux/list.h>
#include <linux/types.h>

struct sipalg_account;

/* Bytes of changed text that a direction may keep, */
#define SIPALG_SEQMAP_MAX	262144
/* and what an edit counts for at least, which bounds their number. */
#define SIPALG_SEQ_EDIT_MIN	256

/**
 * struct sipalg_sack - a block of a selective acknowledgment (RFC 2018)
 * @start: its left edge
 * @end: its right edge
 */
struct sipalg_sack {
	u32 start;
	u32 end;
};

/**
 * struct sipalg_seq_edit - a stretch whose two sides differ
 * @list: in sipalg_seqmap.edits, in order of sequence
 * @in: sequence number of its first byte, in the sender's space
 * @in_len: bytes there; more than @lead
 * @lead: how many of them were held
 * @out: sequence number of its first byte, in the receiver's space
 * @out_len: bytes there
 * @text_len: bytes of @text: @out_len, or one less where the last is a FIN
 * @text: what the receiver gets
 */
struct sipalg_seq_edit {
	struct list_head list;
	u32 in;
	u32 in_len;
	u32 lead;
	u32 out;
	u32 out_len;
	u32 text_len;
	u8 text[];
};

/**
 * struct sipalg_seqmap - how the two sequence spaces of a direction map
 * @edits: struct sipalg_seq_edit, those not yet acknowledged
 * @bytes: what they count for, of SIPALG_SEQMAP_MAX
 * @in_next: next sequence number expected from the sender
 * @out_next: next sequence number to send to the receiver
 * @acked: the receiver's latest acknowledgment
 * @shift: out minus in, in front of the first edit
 * @held: bytes in front of @in_next that have not been forwarded
 * @edited: there has been an edit
 *
 * Only seqmap.c writes these.
 */
struct sipalg_seqmap {
	struct list_head edits;
	u32 bytes;
	u32 in_next;
	u32 out_next;
	u32 acked;
	u32 shift;
	u32 held;
	bool edited;
};

/**
 * struct sipalg_seqmap_cursor - a place in a map that only moves forward
 * @edit: the first edit that is not wholly in front of it, or the end of the
 *	list
 * @shift: out minus in, in front of that edit
 *
 * Whoever looks for many places, one behind the other, so passes each edit
 * once.
 */
struct sipalg_seqmap_cursor {
	const struct sipalg_seq_edit *edit;
	u32 shift;
};

/* Has the receiver all that was changed or held? */
static inline bool sipalg_seqmap_is_settled(const struct sipalg_seqmap *map)
{
	return list_empty(&map->edits) && !map->held;
}

/*
 * The one offset that conntrack can be told: with it, an acknowledgment of all
 * that was forwarded becomes one of all but the held bytes.
 */
static inline s32 sipalg_seqmap_offset(const struct sipalg_seqmap *map)
{
	return (s32)(map->out_next - map->in_next + map->held);
}

void sipalg_seqmap_init(struct sipalg_seqmap *map, u32 seq);
void sipalg_seqmap_free(struct sipalg_seqmap *map,
			struct sipalg_account *account);
void sipalg_seqmap_hold(struct sipalg_seqmap *map, u32 len);
void sipalg_seqmap_advance(struct sipalg_seqmap *map, u32 in_len, u32 out_len);
struct sipalg_seq_edit *sipalg_seq_edit_alloc(struct sipalg_account *account,
					      u32 text_len, bool must_succeed);
void sipalg_seqmap_add(struct sipalg_seqmap *map, struct sipalg_seq_edit *edit,
		       u32 skip);
void sipalg_seqmap_ack(struct sipalg_seqmap *map,
		       struct sipalg_account *account, u32 out);
u32 sipalg_seqmap_expected(const struct sipalg_seqmap *map);
u32 sipalg_seqmap_out(const struct sipalg_seqmap *map, u32 in);
u32 sipalg_seqmap_out_reset(const struct sipalg_seqmap *map, u32 in, u32 told);
u32 sipalg_seqmap_in(const struct sipalg_seqmap *map, u32 out);
u32 sipalg_seqmap_in_from(const struct sipalg_seqmap *map, u32 out);
struct sipalg_seqmap_cursor
sipalg_seqmap_start(const struct sipalg_seqmap *map);
u32 sipalg_seqmap_out_from(const struct sipalg_seqmap *map,
			   struct sipalg_seqmap_cursor cursor, u32 in);
u32 sipalg_seqmap_copy(const struct sipalg_seqmap *map,
		       struct sipalg_seqmap_cursor *cursor, u32 out, u32 end,
		       const u8 *text, u32 in, u8 *to);

#endif /* SIPALG_SEQMAP_H */
