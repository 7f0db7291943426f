// SPDX-License-Identifier: GPL-2.0

#include <linux/minmax.h>
#include <linux/string.h>
#include <net/tcp.h>

#include "tcp/seqmap.h"

/**
 * sipalg_journal_init() - a direction that has carried nothing yet
 * @journal: the journal
 * @seq: number of its first byte, in both spaces
 */
void sipalg_journal_init(struct sipalg_journal *journal, u32 seq)
{
	INIT_LIST_HEAD(&journal->pieces);
	journal->in_next = seq;
	journal->out_next = seq;
	journal->acked = seq;
	journal->shift = 0;
	journal->custody = 0;
}

static u32 shift_behind(const struct sipalg_piece *piece)
{
	return piece->out + piece->out_len - piece->in - piece->in_len;
}

/*
 * The last position whose bytes lie all in front of @out, which is not yet
 * acknowledged.
 */
static u32 find_in(const struct sipalg_journal *journal, u32 out)
{
	const struct sipalg_piece *piece;
	u32 shift = journal->shift;

	list_for_each_entry(piece, &journal->pieces, list) {
		u32 at = out - piece->out;

		if (before(out, piece->out))
			return out - shift;
		if (at < piece->out_len)
			return piece->in +
			       min(piece->lead + at, piece->in_len - 1);
		shift = shift_behind(piece);
	}
	return before(out, journal->out_next) ?
		       out - shift :
		       journal->in_next + (out - journal->out_next);
}

/**
 * sipalg_journal_in() - what may the sender take for received?
 * @journal: the journal
 * @out: up to here the receiver has got everything
 *
 * Return: the same in the sender's space; never more than the receiver can
 * have, or that is in custody.
 */
u32 sipalg_journal_in(const struct sipalg_journal *journal, u32 out)
{
	/* What was before is past: the distance need not be exact. */
	if (before(out, journal->acked))
		return find_in(journal, journal->acked) -
		       (journal->acked - out);
	return find_in(journal, out);
}

/**
 * sipalg_journal_in_from() - the same for the left edge of what was received
 * @journal: the journal
 * @out: from here on the receiver has got it
 *
 * Return: the first position in the sender's space of which this is true.
 */
u32 sipalg_journal_in_from(const struct sipalg_journal *journal, u32 out)
{
	const struct sipalg_piece *piece;
	u32 shift = journal->shift;

	if (!after(out, journal->acked))
		return sipalg_journal_in(journal, out);
	list_for_each_entry(piece, &journal->pieces, list) {
		u32 at = out - piece->out;

		if (!after(out, piece->out))
			break;
		if (at <= piece->out_len)
			return piece->in + min(piece->lead + at, piece->in_len);
		shift = shift_behind(piece);
	}
	return out - shift;
}

/**
 * sipalg_journal_out() - where does a position of the sender go?
 * @journal: the journal
 * @in: the position
 *
 * Return: the same in the receiver's space.
 */
u32 sipalg_journal_out(const struct sipalg_journal *journal, u32 in)
{
	u32 shift = journal->shift, acked = find_in(journal, journal->acked);
	const struct sipalg_piece *piece;

	if (before(in, acked))
		return journal->acked - (acked - in);
	if (after(in, journal->in_next - journal->custody))
		return journal->out_next + (after(in, journal->in_next) ?
						    in - journal->in_next :
						    0);
	list_for_each_entry(piece, &journal->pieces, list) {
		u32 at = in - piece->in;

		if (before(in, piece->in))
			break;
		if (at < piece->in_len)
			return piece->out +
			       (at <= piece->lead ?
					0 :
					min(at - piece->lead, piece->out_len));
		shift = shift_behind(piece);
	}
	return in + shift;
}

/**
 * sipalg_journal_copy() - write out once more what has been sent
 * @journal: the journal
 * @out: from here; not yet acknowledged
 * @end: to here, a FIN not included
 * @text: what the sender sent again
 * @in: the sender's number of its first byte
 * @to: room for the bytes
 *
 * The text must reach as far as sipalg_journal_out() of its two ends says.
 *
 * Return: how many bytes were written.
 */
u32 sipalg_journal_copy(const struct sipalg_journal *journal, u32 out, u32 end,
			const u8 *text, u32 in, u8 *to)
{
	const struct sipalg_piece *piece;
	u32 shift = journal->shift, start = out, n;

	list_for_each_entry(piece, &journal->pieces, list) {
		if (!before(out, end))
			break;
		if (before(out, piece->out)) {
			n = min(end - out, piece->out - out);
			memcpy(to, text + (out - shift - in), n);
			to += n;
			out += n;
		}
		if (before(out, end) &&
		    before(out, piece->out + piece->text_len)) {
			n = min(end - out, piece->out + piece->text_len - out);
			memcpy(to, piece->text + (out - piece->out), n);
			to += n;
			out += n;
		}
		shift = shift_behind(piece);
	}
	if (before(out, end)) {
		memcpy(to, text + (out - shift - in), end - out);
		out = end;
	}
	return out - start;
}

/**
 * sipalg_journal_ack() - the receiver has acknowledged
 * @journal: the journal
 * @out: up to here; ignored where it was before, or was never sent
 * @done: the pieces that are needed no more are moved here
 */
void sipalg_journal_ack(struct sipalg_journal *journal, u32 out,
			struct list_head *done)
{
	struct sipalg_piece *piece, *next;

	if (!after(out, journal->acked) || after(out, journal->out_next))
		return;
	journal->acked = out;
	list_for_each_entry_safe(piece, next, &journal->pieces, list) {
		if (before(out, piece->out + piece->out_len))
			break;
		journal->shift = shift_behind(piece);
		list_move_tail(&piece->list, done);
	}
}
