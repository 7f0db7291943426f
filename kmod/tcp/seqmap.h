/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One direction of a TCP connection, in two sequence spaces: the sender's
 * ("in") and the one that the receiver is shown ("out").
 *
 * They run in parallel but for pieces: stretches of text that went out changed,
 * or were in custody, and that the receiver has not acknowledged yet. A piece
 * maps its bytes one by one for as long as there are some on both sides; its
 * last byte stands for what is left. What was in custody stands for nothing: it
 * goes out with what follows. So whatever part of a stretch is sent again, and
 * whatever part is acknowledged, no byte of the new text is left out or taken
 * for received that was not.
 */
#ifndef SIPALG_JOURNAL_H
#define SIPALG_JOURNAL_H

#include <linux/list.h>
#include <linux/types.h>

/**
 * struct sipalg_piece - a stretch whose two sides differ
 * @list: in sipalg_journal.pieces, in order of sequence
 * @in: the sender's number of its first byte
 * @in_len: bytes there; more than @lead
 * @lead: how many of them were in custody
 * @out: the receiver's number of its first byte
 * @out_len: bytes there
 * @text_len: bytes of @text: @out_len, or one less where the last is a FIN
 * @text: what the receiver gets
 */
struct sipalg_piece {
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
 * struct sipalg_journal - how the two sequence spaces of a direction map
 * @pieces: struct sipalg_piece, what the receiver has not acknowledged
 * @in_next: what the sender sends next
 * @out_next: what the receiver is sent next
 * @acked: up to here the receiver has acknowledged
 * @shift: out minus in, in front of the first piece
 * @custody: bytes in front of @in_next that have not gone out
 */
struct sipalg_journal {
	struct list_head pieces;
	u32 in_next;
	u32 out_next;
	u32 acked;
	u32 shift;
	u32 custody;
};

void sipalg_journal_init(struct sipalg_journal *journal, u32 seq);
u32 sipalg_journal_out(const struct sipalg_journal *journal, u32 in);
u32 sipalg_journal_in(const struct sipalg_journal *journal, u32 out);
u32 sipalg_journal_in_from(const struct sipalg_journal *journal, u32 out);
u32 sipalg_journal_copy(const struct sipalg_journal *journal, u32 out, u32 end,
			const u8 *text, u32 in, u8 *to);
void sipalg_journal_ack(struct sipalg_journal *journal, u32 out,
			struct list_head *done);

#endif /* SIPALG_JOURNAL_H */
