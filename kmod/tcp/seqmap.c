// SPDX-License-Identifier: GPL-2.0

#include <linux/minmax.h>
#include <linux/string.h>
#include <net/tcp.h>

#include "state/quota.h"
#include "tcp/seqmap.h"

/**
 * sipalg_seqmap_init() - a direction that has carried nothing yet
 * @map: the map; all of it is set
 * @seq: sequence number of the first byte, in both spaces
 */
void sipalg_seqmap_init(struct sipalg_seqmap *map, u32 seq)
{
	*map = (struct sipalg_seqmap){
		.in_next = seq,
		.out_next = seq,
		.acked = seq,
	};
	INIT_LIST_HEAD(&map->edits);
}

/* Bytes charged to the map; the minimum also bounds the number of edits. */
static u32 edit_share(const struct sipalg_seq_edit *edit)
{
	return max_t(u32, edit->text_len, SIPALG_SEQ_EDIT_MIN);
}

static void edit_free(struct sipalg_seqmap *map, struct sipalg_account *account,
		      struct sipalg_seq_edit *edit)
{
	list_del(&edit->list);
	map->bytes -= edit_share(edit);
	sipalg_account_free(account, edit, sizeof(*edit) + edit->text_len);
}

/**
 * sipalg_seqmap_free() - free all edits
 * @map: the map
 * @account: what they were charged to
 */
void sipalg_seqmap_free(struct sipalg_seqmap *map,
			struct sipalg_account *account)
{
	struct sipalg_seq_edit *edit, *next;

	list_for_each_entry_safe(edit, next, &map->edits, list)
		edit_free(map, account, edit);
}

/**
 * sipalg_seqmap_hold() - bytes in order have come, and are held
 * @map: the map
 * @len: how many
 */
void sipalg_seqmap_hold(struct sipalg_seqmap *map, u32 len)
{
	map->in_next += len;
	map->held += len;
}

/**
 * sipalg_seqmap_advance() - bytes in order have come, and bytes are forwarded
 * @map: the map
 * @in_len: how many have come, a FIN included
 * @out_len: how many are forwarded; all that was held is among them
 */
void sipalg_seqmap_advance(struct sipalg_seqmap *map, u32 in_len, u32 out_len)
{
	map->in_next += in_len;
	map->out_next += out_len;
	map->held = 0;
}

/**
 * sipalg_seq_edit_alloc() - a stretch to remember until it is acknowledged
 * @account: what to charge
 * @text_len: bytes that the receiver gets of it, without a FIN
 * @must_succeed: no limit may refuse it
 *
 * Return: the edit, of which the caller sets in_len, out_len and text; NULL
 * without memory.
 */
struct sipalg_seq_edit *sipalg_seq_edit_alloc(struct sipalg_account *account,
					      u32 text_len, bool must_succeed)
{
	struct sipalg_seq_edit *edit;

	edit = sipalg_account_alloc(account, sizeof(*edit) + text_len,
				    must_succeed);
	if (edit)
		edit->text_len = text_len;
	return edit;
}

/**
 * sipalg_seqmap_add() - remember an edit of what is forwarded next
 * @map: the map; sipalg_seqmap_advance() must follow
 * @edit: the edit
 * @skip: bytes between what was forwarded last and the edit; 0 where bytes are
 *	held
 */
void sipalg_seqmap_add(struct sipalg_seqmap *map, struct sipalg_seq_edit *edit,
		       u32 skip)
{
	edit->in = map->in_next - map->held + skip;
	edit->lead = map->held;
	edit->out = map->out_next + skip;
	list_add_tail(&edit->list, &map->edits);
	map->bytes += edit_share(edit);
	map->edited = true;
}

static u32 shift_behind(const struct sipalg_seq_edit *edit)
{
	return edit->out + edit->out_len - edit->in - edit->in_len;
}

/**
 * sipalg_seqmap_ack() - the receiver has acknowledged
 * @map: the map
 * @account: what its edits were charged to
 * @out: the acknowledgment; ignored if old, or beyond what was sent
 */
void sipalg_seqmap_ack(struct sipalg_seqmap *map,
		       struct sipalg_account *account, u32 out)
{
	struct sipalg_seq_edit *edit, *next;

	if (!after(out, map->acked) || after(out, map->out_next))
		return;
	map->acked = out;
	list_for_each_entry_safe(edit, next, &map->edits, list) {
		if (before(out, edit->out + edit->out_len))
			break;
		map->shift = shift_behind(edit);
		edit_free(map, account, edit);
	}
}

/* The last position in front of which all bytes went out in front of @out. */
static u32 find_in(const struct sipalg_seqmap *map, u32 out)
{
	const struct sipalg_seq_edit *edit;
	u32 shift = map->shift;

	list_for_each_entry(edit, &map->edits, list) {
		u32 at = out - edit->out;

		if (before(out, edit->out))
			return out - shift;
		if (at < edit->out_len)
			return edit->in +
			       min(edit->lead + at, edit->in_len - 1);
		shift = shift_behind(edit);
	}
	return before(out, map->out_next) ?
		       out - shift :
		       map->in_next + (out - map->out_next);
}

/**
 * sipalg_seqmap_in() - map an acknowledgment to the sender's space
 * @map: the map
 * @out: the receiver has all bytes in front of this
 *
 * Return: the same in the sender's space: no more than the receiver can have,
 * and what is held.
 */
u32 sipalg_seqmap_in(const struct sipalg_seqmap *map, u32 out)
{
	/* Edits behind it are forgotten; only its age still matters. */
	if (before(out, map->acked))
		return find_in(map, map->acked) - (map->acked - out);
	return find_in(map, out);
}

/**
 * sipalg_seqmap_in_from() - map the left edge of a SACK block
 * @map: the map
 * @out: the receiver has the bytes from here on
 *
 * Return: the first position in the sender's space of which this is true.
 */
u32 sipalg_seqmap_in_from(const struct sipalg_seqmap *map, u32 out)
{
	const struct sipalg_seq_edit *edit;
	u32 shift = map->shift;

	if (!after(out, map->acked))
		return sipalg_seqmap_in(map, out);
	list_for_each_entry(edit, &map->edits, list) {
		u32 at = out - edit->out;

		if (!after(out, edit->out))
			break;
		if (at <= edit->out_len)
			return edit->in + min(edit->lead + at, edit->in_len);
		shift = shift_behind(edit);
	}
	return out - shift;
}

/**
 * sipalg_seqmap_start() - a cursor in front of all edits
 * @map: the map
 */
struct sipalg_seqmap_cursor
sipalg_seqmap_start(const struct sipalg_seqmap *map)
{
	return (struct sipalg_seqmap_cursor){
		.edit = list_first_entry(&map->edits, struct sipalg_seq_edit,
					 list),
		.shift = map->shift,
	};
}

static bool cursor_is_at_end(const struct sipalg_seqmap *map,
			     const struct sipalg_seqmap_cursor *cursor)
{
	return list_entry_is_head(cursor->edit, &map->edits, list);
}

static void cursor_advance(struct sipalg_seqmap_cursor *cursor)
{
	cursor->shift = shift_behind(cursor->edit);
	cursor->edit = list_next_entry(cursor->edit, list);
}

/**
 * sipalg_seqmap_out_from() - map a sequence number to the receiver's space
 * @map: the map
 * @cursor: a place that is not behind it
 * @in: the sender's sequence number
 *
 * Return: the same in the receiver's space. It is in front of @cursor, where
 * @in is in an edit that is.
 */
u32 sipalg_seqmap_out_from(const struct sipalg_seqmap *map,
			   struct sipalg_seqmap_cursor cursor, u32 in)
{
	u32 acked = find_in(map, map->acked);

	/* What answers an acknowledgment has just its number (RFC 5961, 3). */
	if (!after(in, acked))
		return map->acked - (acked - in);
	if (after(in, map->in_next - map->held))
		return map->out_next +
		       (after(in, map->in_next) ? in - map->in_next : 0);
	for (; !cursor_is_at_end(map, &cursor); cursor_advance(&cursor)) {
		const struct sipalg_seq_edit *edit = cursor.edit;
		u32 at = in - edit->in;

		if (before(in, edit->in))
			break;
		if (at < edit->in_len)
			return edit->out +
			       (at <= edit->lead ?
					0 :
					min(at - edit->lead, edit->out_len));
	}
	return in + cursor.shift;
}

/**
 * sipalg_seqmap_out() - map a sequence number to the receiver's space
 * @map: the map
 * @in: the sender's sequence number
 *
 * Return: the same in the receiver's space.
 */
u32 sipalg_seqmap_out(const struct sipalg_seqmap *map, u32 in)
{
	return sipalg_seqmap_out_from(map, sipalg_seqmap_start(map), in);
}

/* Return: bytes held in front of what the receiver has not acknowledged. */
static u32 held_at_acked(const struct sipalg_seqmap *map)
{
	struct sipalg_seqmap_cursor cursor = sipalg_seqmap_start(map);

	if (map->acked == map->out_next)
		return map->held;
	return !cursor_is_at_end(map, &cursor) &&
	       cursor.edit->out == map->acked ? cursor.edit->lead : 0;
}

/**
 * sipalg_seqmap_expected() - what does the receiver expect, at least?
 * @map: the map
 *
 * Return: its next sequence number, in the sender's space.
 */
u32 sipalg_seqmap_expected(const struct sipalg_seqmap *map)
{
	return find_in(map, map->acked) - held_at_acked(map);
}

/**
 * sipalg_seqmap_out_reset() - map the sequence number of a reset
 * @map: the map
 * @in: the sender's sequence number
 * @told: highest acknowledgment that the sender has been told
 *
 * A reset that answers an acknowledgment must have its number (RFC 5961, 3). Of
 * bytes that were held behind that, the sender may have been told or not. No
 * other number will do, as an attacker would have to guess less.
 *
 * Return: the same in the receiver's space.
 */
u32 sipalg_seqmap_out_reset(const struct sipalg_seqmap *map, u32 in, u32 told)
{
	u32 acked = sipalg_seqmap_expected(map);

	if (in == acked || (in == told && in - acked <= held_at_acked(map)))
		return map->acked;
	/* All bytes that were held have one number at the receiver. */
	if (before(in, map->in_next))
		return in + map->shift;
	return sipalg_seqmap_out(map, in);
}

/**
 * sipalg_seqmap_copy() - write once more what was forwarded
 * @map: the map
 * @cursor: a place that is not behind @out; moves to @end
 * @out: from here; not yet acknowledged
 * @end: to here, a FIN not included
 * @text: what the sender sent again
 * @in: sequence number of its first byte
 * @to: where the bytes go
 *
 * The text must reach as far as sipalg_seqmap_out() of its two ends says.
 *
 * Return: how many bytes were written.
 */
u32 sipalg_seqmap_copy(const struct sipalg_seqmap *map,
		       struct sipalg_seqmap_cursor *cursor, u32 out, u32 end,
		       const u8 *text, u32 in, u8 *to)
{
	u32 start = out, n;

	while (before(out, end) && !cursor_is_at_end(map, cursor)) {
		const struct sipalg_seq_edit *edit = cursor->edit;

		if (before(out, edit->out)) {
			n = min(end - out, edit->out - out);
			memcpy(to, text + (out - cursor->shift - in), n);
			to += n;
			out += n;
		}
		if (before(out, end) &&
		    before(out, edit->out + edit->text_len)) {
			n = min(end - out, edit->out + edit->text_len - out);
			memcpy(to, edit->text + (out - edit->out), n);
			to += n;
			out += n;
		}
		if (before(out, edit->out + edit->out_len))
			break;
		cursor_advance(cursor);
	}
	if (before(out, end)) {
		memcpy(to, text + (out - cursor->shift - in), end - out);
		out = end;
	}
	return out - start;
}
