// SPDX-License-Identifier: GPL-2.0
/*
 * The plan: edits in the order of the message, and the new text that they make.
 */
#include "plan.h"

/* Moves the edits behind @off, and returns the place in front of them. */
static noinline struct sip_edit *make_place(struct sip_plan *plan, u32 off)
{
	struct sip_edit *edit = &plan->edits[plan->n_edits];

	for (; edit > plan->edits && edit[-1].off > off; edit--)
		*edit = edit[-1];
	return edit;
}

/**
 * sip_plan_add() - add an edit in its place
 * @plan: the plan
 * @where: what goes
 * @text: offset of the new text, in @plan->text already
 * @text_len: its length
 *
 * Edits come nearly in the order of the message: only Content-Length is known
 * last and stands before the body, and some write a=rtcp in front of c=.
 *
 * Return: false if there is no room.
 */
bool sip_plan_add(struct sip_plan *plan, struct sip_span where, u32 text,
		  u32 text_len)
{
	struct sip_edit *edit = &plan->edits[plan->n_edits];

	if (plan->n_edits == SIP_EDITS_MAX)
		return false;
	if (plan->n_edits && unlikely(edit[-1].off > where.off))
		edit = make_place(plan, where.off);
	edit->off = where.off;
	edit->len = where.len;
	edit->text = text;
	edit->text_len = text_len;
	plan->n_edits++;
	plan->delta += sip_edit_growth(edit);
	return true;
}

/**
 * sip_plan_span() - the part of the message that a plan changes
 * @plan: a plan with at least one edit
 *
 * Return: from the first byte of the first edit to the last of the last.
 */
struct sip_span sip_plan_span(const struct sip_plan *plan)
{
	const struct sip_edit *last = &plan->edits[plan->n_edits - 1];
	u32 off = plan->edits[0].off;

	return (struct sip_span){ off, last->off + last->len - off };
}

/*
 * Copies a piece between two edits. They are short, and the general memcpy()
 * of many processors takes longer to set out than to copy them. The last word
 * may overlap the one before.
 */
static u8 *copy_piece(u8 *out, const u8 *from, u32 len)
{
	u8 *end = out + len;

	if (len >= 8) {
		const u8 *last = from + len - 8;

		for (; from < last; out += 8, from += 8)
			memcpy(out, from, 8);
		memcpy(end - 8, last, 8);
	} else if (len >= 4) {
		memcpy(out, from, 4);
		memcpy(end - 4, from + len - 4, 4);
	} else if (len) {
		*out = *from;
		out[len / 2] = from[len / 2];
		end[-1] = from[len - 1];
	}
	return end;
}

/**
 * sip_plan_render() - write the new text of sip_plan_span()
 * @plan: a plan with at least one edit
 * @text: the message
 * @out: room for the span's length plus @plan->delta bytes; must not overlap
 *	@text
 *
 * Return: bytes written, which is exactly that.
 */
u32 sip_plan_render(const struct sip_plan *plan, const u8 *text, u8 *out)
{
	u32 at = plan->edits[0].off, i;
	u8 *end = out;

	for (i = 0; i < plan->n_edits; i++) {
		const struct sip_edit *edit = &plan->edits[i];

		end = copy_piece(end, text + at, edit->off - at);
		end = copy_piece(end, plan->text + edit->text, edit->text_len);
		at = edit->off + edit->len;
	}
	return (u32)(end - out);
}

static __always_inline void move_word(u8 *to, const u8 *from)
{
	scan_store(to, scan_load(from));
}

/*
 * Moves text by some bytes towards the front, word by word. Not inline: there
 * the loop would lack registers.
 */
static noinline void move_to_front(u8 *to, const u8 *from, u32 len)
{
	u32 i = 0;

	if (len >= 8) {
		u32 last = len - 8, whole = last & ~31U;
		u64 tail = scan_load(from + last);

		for (; i < whole; i += 32) {
			move_word(to + i, from + i);
			move_word(to + i + 8, from + i + 8);
			move_word(to + i + 16, from + i + 16);
			move_word(to + i + 24, from + i + 24);
		}
		for (; i < last; i += 8)
			move_word(to + i, from + i);
		scan_store(to + last, tail);
		return;
	}
	for (; i < len; i++)
		to[i] = from[i];
}

/* The same towards the end. */
static noinline void move_to_end(u8 *to, const u8 *from, u32 len)
{
	if (len >= 8) {
		u64 head = scan_load(from);

		for (; len >= 32; len -= 32) {
			move_word(to + len - 8, from + len - 8);
			move_word(to + len - 16, from + len - 16);
			move_word(to + len - 24, from + len - 24);
			move_word(to + len - 32, from + len - 32);
		}
		for (; len > 8; len -= 8)
			move_word(to + len - 8, from + len - 8);
		if (len)
			scan_store(to, head);
		return;
	}
	while (len--)
		to[len] = from[len];
}

/**
 * sip_plan_apply() - carry out a plan where the message stands
 * @plan: the plan
 * @text: the message; there is room for @plan->delta bytes behind it
 * @len: its length in bytes
 *
 * The pieces between the edits find their places first. Those that go towards
 * the front do so from the front on, and the others from the end on, so that
 * none is written over before it has moved.
 */
void sip_plan_apply(const struct sip_plan *plan, u8 *text, u32 len)
{
	const struct sip_edit *edits = plan->edits, *edit;
	const struct sip_edit *stop = edits + plan->n_edits;
	bool grows = false;
	u32 at, end;
	s32 shift;

	for (edit = edits, shift = 0; edit < stop; edit++) {
		shift += sip_edit_growth(edit);
		at = edit->off + edit->len;
		end = edit + 1 < stop ? edit[1].off : len;
		if (shift < 0)
			move_to_front(text + at + shift, text + at, end - at);
		grows |= shift > 0;
	}
	for (end = len; grows && edit-- > edits; end = edit->off) {
		at = edit->off + edit->len;
		if (shift > 0)
			move_to_end(text + at + shift, text + at, end - at);
		shift -= sip_edit_growth(edit);
	}
	for (edit = edits, shift = 0; edit < stop; edit++) {
		copy_piece(text + edit->off + shift, plan->text + edit->text,
			   edit->text_len);
		shift += sip_edit_growth(edit);
	}
}

#ifdef SIP_DEBUG
/**
 * sip_plan_check() - does a plan keep what it promises?
 * @plan: the plan
 * @len: length of the message
 */
void sip_plan_check(const struct sip_plan *plan, u32 len)
{
	s32 delta = 0;
	u32 at = 0, i;

	SIP_ASSERT(plan->n_edits <= SIP_EDITS_MAX);
	SIP_ASSERT(plan->text_len <= SIP_EDIT_TEXT_MAX);
	for (i = 0; i < plan->n_edits; i++) {
		const struct sip_edit *edit = &plan->edits[i];

		/* Two insertions in one place would have no order. */
		SIP_ASSERT(edit->off >= at);
		SIP_ASSERT(edit->len || !i ||
			   edit->off > plan->edits[i - 1].off);
		SIP_ASSERT(edit->len || edit->text_len);
		SIP_ASSERT(edit->len <= len && edit->off <= len - edit->len);
		SIP_ASSERT(edit->text <= plan->text_len);
		SIP_ASSERT(edit->text_len <= plan->text_len - edit->text);
		at = edit->off + edit->len;
		delta += sip_edit_growth(edit);
	}
	SIP_ASSERT(delta == plan->delta);
}
#endif
