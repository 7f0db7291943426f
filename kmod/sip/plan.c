// SPDX-License-Identifier: GPL-2.0
/*
 * The plan: edits in the order of the message, and the new text they make.
 */
#include "parse.h"

/*
 * Writes a number of up to five digits, as ports and lengths are; returns its
 * length.
 */
u32 sip_format_number(u32 value, u8 *out)
{
	u32 len = 1 + (value > 9) + (value > 99) + (value > 999) +
		  (value > 9999),
	    i = len;

	do {
		out[--i] = (u8)('0' + value % 10);
		value /= 10;
	} while (i);
	return len;
}

static u32 format_ipv4(const u8 *addr, u8 *out)
{
	u8 *at = out;
	u32 i;

	for (i = 0; i < 4; i++) {
		u8 octet = addr[i];

		if (i)
			*at++ = '.';
		if (octet > 99)
			*at++ = '0' + octet / 100;
		if (octet > 9)
			*at++ = '0' + octet / 10 % 10;
		*at++ = '0' + octet % 10;
	}
	return (u32)(at - out);
}

static u32 format_group(u32 value, u8 *out)
{
	u32 len = 0, shift;

	for (shift = 16; shift;) {
		shift -= 4;
		if (len || !shift || value >> shift)
			out[len++] = "0123456789abcdef"[value >> shift & 15];
	}
	return len;
}

/* Finds the longest run of zero groups, the first of several; at least two. */
static u32 find_gap(const u32 *groups, u32 n, u32 *gap)
{
	u32 best = 1, run = 0, i;

	*gap = n;
	for (i = 0; i < n; i++) {
		run = groups[i] ? 0 : run + 1;
		if (run > best) {
			best = run;
			*gap = i + 1 - run;
		}
	}
	return *gap < n ? best : 0;
}

static u32 format_ipv6(const u8 *addr, u8 *out)
{
	u32 groups[8], n = 8, gap, skip, len = 0, i;

	for (i = 0; i < 8; i++)
		groups[i] = (u32)addr[2 * i] << 8 | addr[2 * i + 1];
	/* RFC 5952, 5: an IPv4-mapped address is written as one. */
	if (!groups[0] && !groups[1] && !groups[2] && !groups[3] &&
	    !groups[4] && groups[5] == 0xffff)
		n = 6;
	skip = find_gap(groups, n, &gap);
	for (i = 0; i < n; i++) {
		if (skip && i == gap) {
			out[len++] = ':';
			i += skip - 1;
			if (i == n - 1)
				out[len++] = ':';
			continue;
		}
		if (i)
			out[len++] = ':';
		len += format_group(groups[i], out + len);
	}
	if (n == 6) {
		out[len++] = ':';
		len += format_ipv4(addr + 12, out + len);
	}
	return len;
}

u32 sip_endpoint_format(const struct sip_endpoint *ep, u8 *out)
{
	return ep->family == 6 ? format_ipv6(ep->addr, out) :
				 format_ipv4(ep->addr, out);
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
	struct sip_edit *edit;
	u32 i = plan->n_edits;

	if (i == SIP_EDITS_MAX)
		return false;
	for (; i && unlikely(plan->edits[i - 1].off > where.off); i--)
		plan->edits[i] = plan->edits[i - 1];
	edit = &plan->edits[i];
	edit->off = where.off;
	edit->len = where.len;
	edit->text = text;
	edit->text_len = text_len;
	plan->n_edits++;
	plan->delta += (s32)text_len - (s32)where.len;
	return true;
}

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
static u8 *copy(u8 *out, const u8 *from, u32 len)
{
	u8 *end = out + len;

	if (len >= 8) {
		const u8 *last = from + len - 8;

		for (; from < last; out += 8, from += 8)
			memcpy(out, from, 8);
		memcpy(end - 8, last, 8);
		return end;
	}
	while (out < end)
		*out++ = *from++;
	return end;
}

u32 sip_plan_render(const struct sip_plan *plan, const u8 *text, u8 *out)
{
	u32 at = plan->edits[0].off, i;
	u8 *end = out;

	for (i = 0; i < plan->n_edits; i++) {
		const struct sip_edit *edit = &plan->edits[i];

		end = copy(end, text + at, edit->off - at);
		end = copy(end, plan->text + edit->text, edit->text_len);
		at = edit->off + edit->len;
	}
	return (u32)(end - out);
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
		delta += (s32)edit->text_len - (s32)edit->len;
	}
	SIP_ASSERT(delta == plan->delta);
}
#endif
