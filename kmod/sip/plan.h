/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The plan: what must change in a message, as a list of edits. It is made once,
 * and rendered or carried out once.
 */
#ifndef SIPALG_SIP_PLAN_H
#define SIPALG_SIP_PLAN_H

#include "scan.h"
#include "verdict.h"

/*
 * Enough for a message that is full of addresses, or for media sections that
 * each repeat theirs in as many lines as change: see msg.h, sdp.h and repeat.c.
 * A message that is both may need more, and stays as it is.
 */
#define SIP_EDITS_MAX		2048
#define SIP_EDIT_TEXT_MAX	32768	/* bytes of new text in one plan */

/**
 * struct sip_edit - one replacement
 * @off: where in the message
 * @len: how many bytes go; 0 for an insertion
 * @text: offset of the new text in sip_plan.text
 * @text_len: its length in bytes
 */
struct sip_edit {
	u32 off;
	u32 len;
	u32 text;
	u32 text_len;
};

/**
 * struct sip_plan - the edits that translate one message
 * @edits: sorted by offset, disjoint, inside the message, none a no-op
 * @n_edits: how many
 * @text_len: bytes used of @text
 * @delta: growth of the message in bytes, may be negative
 * @fault: the first media section that stays as it is
 * @text: the new texts
 */
struct sip_plan {
	struct sip_edit edits[SIP_EDITS_MAX];
	u32 n_edits;
	u32 text_len;
	s32 delta;
	struct sip_fault fault;
	u8 text[SIP_EDIT_TEXT_MAX];
};

/* Return: bytes by which an edit makes the message longer, may be negative. */
static inline s32 sip_edit_growth(const struct sip_edit *edit)
{
	return (s32)edit->text_len - (s32)edit->len;
}

bool sip_plan_add(struct sip_plan *plan, struct sip_span where, u32 text,
		  u32 text_len);
struct sip_span sip_plan_span(const struct sip_plan *plan);
u32 sip_plan_render(const struct sip_plan *plan, const u8 *text, u8 *out);
void sip_plan_apply(const struct sip_plan *plan, u8 *text, u32 len);
#ifdef SIP_DEBUG
void sip_plan_check(const struct sip_plan *plan, u32 len);
#endif

#endif /* SIPALG_SIP_PLAN_H */
