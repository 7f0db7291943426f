// SPDX-License-Identifier: GPL-2.0
/*
 * What both ends say, what becomes of it, and what the code under test takes
 * from the module.
 */
#define _GNU_SOURCE
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session/message.h"
#include "sim.h"
#include "state/quota.h"

void *sipalg_account_alloc(struct sipalg_account *account, u32 size,
			   bool must_succeed)
{
	(void)account;
	if (options.is_short_of_memory &&
	    !random_below(must_succeed ? 100 : 20))
		return NULL;
	return malloc(size);
}

void sipalg_account_free(struct sipalg_account *account, void *buf, u32 size)
{
	(void)account;
	(void)size;
	free(buf);
}

enum sipalg_stat sipalg_message_stat(enum sip_verdict verdict)
{
	(void)verdict;
	return SIPALG_STAT_PASSED_NOT_SIP;
}

void sipalg_message_pass(const struct sipalg_packet *packet,
			 enum sipalg_stat why)
{
	(void)packet;
	(void)why;
}

/* What is translated is what was sent, whatever of it has gone on already. */
static void text_check(const struct end *sender, const struct sipalg_text *text,
		       u32 id)
{
	u32 len = sender->ends[id] - sender->starts[id];

	if (text->comes_again && !text->head)
		fail("message %u is whole and comes again", id);
	if (text->head ? text->len >= len : text->len != len)
		fail("message %u has %u bytes of %u", id, text->len, len);
	if (memcmp(text->text, sender->sent + sender->starts[id], text->len))
		fail("message %u is not read as it was sent", id);
}

static u32 replacement(u32 id, u32 place, u8 *to)
{
	u32 len = (id * 7 + place * 13) % 40;

	memset(to, 'A' + (int)((id + place) % 26), len);
	return len;
}

/* Places look like "<...>"; a translation replaces what is between. */
static u32 plan_make(struct sip_plan *plan, const u8 *text, u32 len, u32 id)
{
	u32 at = 0, place = 0;

	memset(plan, 0, sizeof(*plan));
	while (at < len) {
		const u8 *start = memchr(text + at, '<', len - at), *end;
		struct sip_edit *edit = &plan->edits[plan->n_edits];

		if (!start)
			break;
		end = memchr(start, '>', (size_t)(text + len - start));
		if (!end)
			break;
		edit->off = (u32)(start + 1 - text);
		edit->len = (u32)(end - start - 1);
		edit->text = plan->text_len;
		edit->text_len = replacement(id, place++,
					     plan->text + plan->text_len);
		plan->text_len += edit->text_len;
		plan->delta += (s32)(edit->text_len - edit->len);
		plan->n_edits++;
		at = (u32)(end - text);
	}
	return plan->n_edits;
}

bool sipalg_message_translate(const struct sipalg_packet *packet,
			      struct sipalg_text *text)
{
	struct end *sender = &ends[translated];
	static struct sip_plan plan;
	const u8 *at, *body;
	u32 id, len = text->len;

	(void)packet;
	at = memmem(text->text, text->len, "I: ", 3);
	if (!at)
		fail("a message without its number is translated");
	id = (u32)atoi((const char *)at + 3);
	if (id >= sender->n_messages)
		fail("message %u of %u is translated", id, sender->n_messages);
	text_check(sender, text, id);
	body = memmem(text->text, text->len, "\r\n\r\n", 4);
	if (options.is_inward[translated])
		len = (u32)(body + 4 - text->text);
	counts.again += text->comes_again;
	if (!plan_make(&plan, text->text, len, id) ||
	    plan.delta > text->growth_max)
		return true;
	if (text->change(text, &plan) == SIPALG_STAT_CHANGED) {
		sender->changed[id] =
			options.is_inward[translated] || text->head ? HEAD :
								      WHOLE;
		counts.changed++;
	}
	return true;
}

static u8 *put(u8 *at, const char *text)
{
	return (u8 *)memcpy(at, text, strlen(text)) + strlen(text);
}

static u8 *put_filler(u8 *at, u32 len)
{
	return (u8 *)memset(at, 'f', len) + len;
}

static u8 *put_number(u8 *at, const char *name, u32 number)
{
	return at + sprintf((char *)at, "%s: %u\r\n", name, number);
}

/**
 * message_add() - one more message to send
 * @end: the end
 * @kind: INVITE, a response, MESSAGE or NOTIFY
 * @filler: bytes of a header that stays
 * @half: bytes of the body, in front of its place and behind it; 0 for no body
 */
void message_add(struct end *end, u32 kind, u32 filler, u32 half)
{
	static const char *const starts[] = {
		"INVITE sip:<host> SIP/2.0\r\n", "SIP/2.0 200 OK\r\n",
		"MESSAGE sip:<host> SIP/2.0\r\n", "NOTIFY sip:<h> SIP/2.0\r\n"};
	u8 *at = end->sent + end->len;

	end->starts[end->n_messages] = end->len;
	at = put_number(put(at, starts[kind]), "I", end->n_messages);
	if (filler)
		at = put(put_filler(put(at, "X: "), filler), "\r\n");
	at = put(at, "Via: <192.168.1.2>\r\n");
	if (half)
		at = put(at, kind != 2 ? "Content-Type: application/sdp\r\n" :
					 "Content-Type: text/plain\r\n");
	at = put_number(at, "Content-Length", half ? 2 * half + 4 : 0);
	at = put(at, "\r\n");
	if (half)
		at = put_filler(put(put_filler(at, half), "<ip>"), half);
	end->len = (u32)(at - end->sent);
	end->ends[end->n_messages++] = end->len;
}

static void text_add(struct end *end, const char *text)
{
	end->len = (u32)(put(end->sent + end->len, text) - end->sent);
}

void stream_make(struct end *end)
{
	unsigned int n = 1 + random_below(MESSAGES);

	while (end->n_messages < n) {
		u32 kind = random_below(4), filler = 0, half = 0;

		if (random_below(2))
			filler = 1 + random_below(random_below(3) ? 60 : 900);
		if (random_below(3))
			half = random_below(random_below(4) ? 200 : 2000);
		message_add(end, kind, filler, half);
		if (!random_below(4))
			text_add(end, "\r\n\r\n");
	}
	if (!random_below(8))
		text_add(end, "\026 no SIP from here on");
}

/* What must have arrived of a stream. Return: its length. */
u32 stream_expect(const struct end *end, u8 *to)
{
	static struct sip_plan plan;
	u32 at = 0, n = 0;
	unsigned int i;

	for (i = 0; i < end->n_messages; i++) {
		const u8 *text = end->sent + end->starts[i];
		u32 len = end->ends[i] - end->starts[i];
		const u8 *body = memmem(text, len, "\r\n\r\n", 4);

		memcpy(to + n, end->sent + at, end->starts[i] - at);
		n += end->starts[i] - at;
		at = end->starts[i];
		if (!end->changed[i])
			continue;
		if (end->changed[i] == HEAD)
			len = (u32)(body + 4 - text);
		plan_make(&plan, text, len, i);
		for (u32 e = 0; e < plan.n_edits; e++) {
			u32 off = end->starts[i] + plan.edits[e].off;

			memcpy(to + n, end->sent + at, off - at);
			n += off - at;
			memcpy(to + n, plan.text + plan.edits[e].text,
			       plan.edits[e].text_len);
			n += plan.edits[e].text_len;
			at = off + plan.edits[e].len;
		}
	}
	memcpy(to + n, end->sent + at, end->len - at);
	return n + end->len - at;
}
