// SPDX-License-Identifier: GPL-2.0
/*
 * Two ends of a TCP connection, a network that loses, repeats and reorders, and
 * between them the very code of kmod/tcp that decides what each segment
 * becomes.
 *
 * Both ends send SIP. Each message has places that a translation replaces by
 * longer or shorter text. After a random schedule of segments, windows, losses
 * and forgeries the network turns calm, and then each byte must have arrived,
 * once and in order: the message as the translation has it where that took
 * place, else as it was sent. In between no end may be told that a byte has
 * arrived that it has not sent, no byte may come with two values, and
 * conntrack, as strict as it is by default, must find nothing wrong with what
 * the ends send.
 */
#define _GNU_SOURCE
#include <err.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "session/message.h"
#include "state/quota.h"
#include "tcp/pass.h"

#define MESSAGES	8		/* at most, a direction */
#define STREAM_MAX	(MESSAGES * 6000)
#define PACKETS_MAX	64
#define SEGMENT_MAX	65535
#define FORGED		0xff		/* a byte that nobody else sends */
#define AFAR		(1 << 20)	/* further than any window here */

/**
 * struct packet - on its way from an end to the router, or behind it
 * @seq: its numbers, as those who see it count
 */
struct packet {
	u32 seq, ack, len;
	u16 window;
	bool fin, rst, is_forged, is_full;
	unsigned int n_sacks;
	struct sipalg_sack sacks[SIPALG_SACKS_MAX];
	u8 text[];
};

struct queue {
	struct packet *packets[PACKETS_MAX];
	unsigned int n;
};

/**
 * struct end - one end
 * @iss: sequence number of its first byte; all others here are relative to
 *	that, or to its peer's
 * @sent: its stream, @len bytes and a FIN
 * @acked: up to here the peer has it, as it was told
 * @next: what it sends next
 * @right: the window that it was told of
 * @sacked: what it was told by SACK
 * @got: what has come from the peer
 * @has: which bytes of that
 * @got_next: the first that has not
 * @got_max: behind the last that has
 * @offered: right edge of the window that it has offered
 * @read: up to here its program has read
 * @got_fin: where the peer's stream ends, once that has come
 * @buffer: its receive buffer
 * @mss: what it sends at most
 * @peer_mss: what the other one takes
 * @scale: of its window field
 */
struct end {
	u32 iss;
	u8 sent[STREAM_MAX];
	u32 len, acked, next, right;
	bool sacked[STREAM_MAX + 1];
	u8 got[2 * STREAM_MAX];
	bool has[2 * STREAM_MAX + 1];
	u32 got_next, got_max, read, offered, got_fin;
	u32 buffer, mss;
	u8 scale;
	unsigned int n_messages;
	u32 starts[MESSAGES], ends[MESSAGES];
	enum { UNCHANGED, HEAD, WHOLE } changed[MESSAGES];
};

/* What conntrack keeps of a direction. */
struct tracked {
	u32 end, maxend, maxwin;
	s32 offset;
};

static struct end ends[2];
static struct sipalg_direction directions[2];
static struct tracked tracked[2];
static struct queue to_router[2], to_end[2];
static u64 state;
static bool is_strict_receiver, is_short_of_memory, trusts_sack;
/* Is a message ever changed, and is it now? */
static bool translates, may_change;
/* Do the bodies of a direction stay, and does the code know that now? */
static bool is_inward[2], knows_inward;
/* Is nothing looked at, now that nothing is changed? */
static bool is_off;
static u32 loss;
static u64 n_segments, n_changed, n_again, n_held, n_forged;
static u64 seed;

static u64 random_next(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static u32 random_below(u32 n)
{
	return (u32)((random_next() >> 16) % n);
}

static __attribute__((noreturn, format(printf, 1, 2))) void
fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	printf("seed %llu: ", (unsigned long long)seed);
	vprintf(format, args);
	printf("\n");
	va_end(args);
	fflush(stdout);
	abort();
}

/*
 * --- what the code under test takes from the module ------------------------
 */

void *sipalg_account_alloc(struct sipalg_account *account, u32 size,
			   bool must_succeed)
{
	(void)account;
	if (!must_succeed && is_short_of_memory && !random_below(20))
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

/* Which direction's message the code is at; and the text that replaces. */
static unsigned int translated;

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

void sipalg_message_translate(const struct sipalg_packet *packet,
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
	if (is_inward[translated])
		len = (u32)(body + 4 - text->text);
	n_again += text->comes_again;
	if (!plan_make(&plan, text->text, len, id) ||
	    plan.delta > text->growth_max)
		return;
	if (text->change(text, &plan) == SIPALG_STAT_CHANGED) {
		sender->changed[id] = is_inward[translated] || text->head ?
					      HEAD : WHOLE;
		n_changed++;
	}
}

/*
 * --- streams ---------------------------------------------------------------
 */

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

static u8 *put_message(u8 *at, u32 id)
{
	static const char *const starts[] = {
		"INVITE sip:<host> SIP/2.0\r\n", "SIP/2.0 200 OK\r\n",
		"MESSAGE sip:<host> SIP/2.0\r\n", "NOTIFY sip:<h> SIP/2.0\r\n"};
	u32 kind = random_below(4), half = 0;

	at = put_number(put(at, starts[kind]), "I", id);
	if (random_below(2)) {
		at = put(at, "X: ");
		at = put_filler(at, random_below(random_below(3) ? 60 : 900));
		at = put(at, "\r\n");
	}
	at = put(at, "Via: <192.168.1.2>\r\n");
	if (random_below(3)) {
		half = random_below(random_below(4) ? 200 : 2000);
		at = put(at, kind != 2 ? "Content-Type: application/sdp\r\n" :
					 "Content-Type: text/plain\r\n");
	}
	at = put_number(at, "Content-Length", half ? 2 * half + 4 : 0);
	at = put(at, "\r\n");
	return half ? put_filler(put(put_filler(at, half), "<ip>"), half) : at;
}

static void stream_make(struct end *end)
{
	u8 *at = end->sent;
	unsigned int i;

	end->n_messages = 1 + random_below(MESSAGES);
	for (i = 0; i < end->n_messages; i++) {
		end->starts[i] = (u32)(at - end->sent);
		at = put_message(at, i);
		end->ends[i] = (u32)(at - end->sent);
		if (!random_below(4))
			at = put(at, "\r\n\r\n");
	}
	if (!random_below(8))
		at = put(at, "\026 no SIP from here on");
	end->len = (u32)(at - end->sent);
}

/* What must have arrived of a stream. Return: its length. */
static u32 stream_expect(const struct end *end, u8 *to)
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

/*
 * --- conntrack -------------------------------------------------------------
 */

/*
 * What conntrack of Linux 6.12 asks of a packet (nf_conntrack_proto_tcp.c),
 * before the router's other code sees it. Return: false for what has been on
 * its way for so long that it would not do without an ALG, either.
 */
static bool track(unsigned int dir, const struct packet *packet)
{
	struct tracked *sender = &tracked[dir], *receiver = &tracked[!dir];
	u32 end = packet->seq + packet->len + packet->fin;
	u32 ack = packet->ack - (u32)receiver->offset, sack = ack, win, i;

	for (i = 0; i < packet->n_sacks; i++)
		if (after(packet->sacks[i].end - (u32)receiver->offset, sack))
			sack = packet->sacks[i].end - (u32)receiver->offset;
	if (after(packet->seq, sender->maxend))
		fail("conntrack: seq %u beyond the window",
		     packet->seq - sender->maxend);
	if (!after(end, sender->end - receiver->maxwin - 1))
		return false;
	if (after(sack, receiver->end))
		fail("conntrack: ack %u beyond what was sent",
		     sack - receiver->end);
	if (!after(ack, receiver->end - max(sender->maxwin, 66000U) - 1)) {
		if (packet->ack - ends[!dir].iss == ends[dir].got_next)
			fail("conntrack: ack too old");
		return false;
	}
	win = (u32)packet->window << ends[dir].scale;
	sender->maxwin = max(sender->maxwin, win + (sack - ack));
	if (after(end, sender->end))
		sender->end = end;
	if (after(end, sender->maxend))
		receiver->maxwin += end - sender->maxend;
	if (after(sack + win, receiver->maxend - 1))
		receiver->maxend = sack + win + !win;
	return true;
}

static void tell_conntrack(unsigned int dir)
{
	tracked[dir].offset = sipalg_seqmap_offset(&directions[dir].map);
	if (after(directions[dir].window.advertised, tracked[dir].maxend))
		tracked[dir].maxend = directions[dir].window.advertised;
}

/*
 * --- network ---------------------------------------------------------------
 */

static struct packet *packet_alloc(u32 len)
{
	struct packet *packet = calloc(1, sizeof(*packet) + len);

	if (!packet)
		err(2, "no memory");
	packet->len = len;
	return packet;
}

static void queue_put(struct queue *queue, struct packet *packet)
{
	if (queue->n == PACKETS_MAX || random_below(100) < loss) {
		free(packet);
		return;
	}
	queue->packets[queue->n++] = packet;
}

/* Mostly the oldest; now and then another one, or one that stays as well. */
static struct packet *queue_get(struct queue *queue)
{
	u32 i = loss && !random_below(4) ? random_below(queue->n) : 0;
	struct packet *packet = queue->packets[i], *again;

	if (loss && !random_below(12)) {
		again = packet_alloc(packet->len);
		memcpy(again, packet, sizeof(*packet) + packet->len);
		return again;
	}
	queue->n--;
	memmove(queue->packets + i, queue->packets + i + 1,
		(queue->n - i) * sizeof(*queue->packets));
	return packet;
}

/*
 * --- router: what packet.c does --------------------------------------------
 */

static void forward(unsigned int dir, const struct packet *from,
		    const struct sipalg_pass *pass, const u8 *text, u32 len,
		    bool fin)
{
	u32 mss = directions[dir].mss, at = 0, n;
	struct packet *to;

	/* As many segments as the device makes of it. */
	do {
		n = min(len - at, mss);
		to = packet_alloc(n);
		memcpy(to->text, text + at, n);
		to->seq = pass->out.seq + at;
		to->ack = pass->out.ack;
		to->window = pass->out.window;
		to->rst = from->rst;
		to->is_forged = from->is_forged;
		to->n_sacks = sipalg_pass_sacks((struct sipalg_pass *)pass,
						from->sacks, from->n_sacks,
						to->sacks, trusts_sack);
		at += n;
		to->fin = fin && at == len;
		queue_put(&to_end[!dir], to);
	} while (at < len);
}

static void forward_unchanged(unsigned int dir, struct packet *packet)
{
	queue_put(&to_end[!dir], packet);
}

static void route(unsigned int dir, struct packet *packet)
{
	static u8 out[SEGMENT_MAX];
	u32 held = directions[dir].map.held;
	bool is_accepted;
	struct sipalg_pass pass = {
		.direction = &directions[dir],
		.reverse = &directions[!dir],
		.in = {
			.text = packet->text,
			.seq = packet->seq,
			.len = packet->len,
			.ack = packet->ack,
			.window = packet->window,
			.mss = packet->len,
			.has_ack = true,
			.is_full = packet->is_full,
			.rst = packet->rst,
			.fin = packet->fin,
		},
		.out = { .text = out, .max = SEGMENT_MAX },
		.may_change = may_change,
		.keeps_body = is_inward[dir] && knows_inward,
		.is_off = is_off && !may_change,
	};

	translated = dir;
	n_segments++;
	if (!packet->is_forged && !track(dir, packet))
		goto out;
	is_accepted = sipalg_pass_begin(&pass);
	if (!translates && pass.may_drop)
		fail("a segment may be dropped where nothing changes");
	if (pass.is_watched && held)
		fail("a segment is just watched while bytes are held");
	if (!is_accepted && !packet->is_forged)
		fail("a segment of the connection is not accepted: %d beyond what passed, %d beyond the window, %d too far ahead, may drop %d",
		     (s32)(packet->ack - directions[!dir].map.out_next),
		     (s32)(packet->ack - directions[!dir].window.advertised),
		     (s32)(packet->seq + packet->len -
			   directions[dir].window.advertised),
		     pass.may_drop);
	if (!is_accepted && !pass.may_drop) {
		forward_unchanged(dir, packet);
		return;
	}
	if (!is_accepted)
		goto out;
	if (packet->is_forged && !packet->rst)
		fail("a forged segment is accepted");
	if (sipalg_pass_is_plain(&pass)) {
		sipalg_pass_renumber(&pass);
		sipalg_pass_end(&pass);
		tell_conntrack(!dir);
		forward(dir, packet, &pass, packet->text, packet->len,
			packet->fin);
		goto out;
	}
	sipalg_pass_take(&pass);
	tell_conntrack(dir);
	sipalg_pass_end(&pass);
	tell_conntrack(!dir);
	n_held += directions[dir].map.held > 0;
	if (pass.keeps_body && directions[dir].frame.body && !held &&
	    directions[dir].map.held)
		fail("a body is held that stays as it is");
	if (pass.is_watched)
		forward(dir, packet, &pass, packet->text, packet->len,
			packet->fin);
	else
		forward(dir, packet, &pass, out, pass.out.len, pass.out.fin);
out:
	free(packet);
}

/*
 * --- ends ------------------------------------------------------------------
 */

static u32 room(const struct end *end)
{
	u32 unread = end->got_next - end->read;

	return unread < end->buffer ? end->buffer - unread : 0;
}

static u16 window_field(struct end *end)
{
	u32 edge = end->got_next + room(end), field;

	/* It must not shrink (RFC 9293, 3.8.6). */
	if (after(end->offered, edge))
		edge = end->offered;
	field = min((edge - end->got_next) >> end->scale, 0xffffU);
	edge = end->got_next + (field << end->scale);
	if (after(edge, end->offered))
		end->offered = edge;
	return (u16)field;
}

static void end_send(unsigned int e, u32 at, u32 len, bool fin)
{
	struct end *end = &ends[e], *peer = &ends[!e];
	struct packet *packet = packet_alloc(len);
	u32 i;

	memcpy(packet->text, end->sent + at, len);
	packet->seq = end->iss + at;
	packet->fin = fin;
	packet->ack = peer->iss + end->got_next +
		      (end->got_fin && end->got_next == end->got_fin - 1);
	packet->window = window_field(end);
	packet->is_full = len == end->mss;
	for (i = end->got_next; trusts_sack && packet->n_sacks < 3 &&
				i < end->got_max;) {
		struct sipalg_sack *sack = &packet->sacks[packet->n_sacks];

		if (!end->has[i]) {
			i++;
			continue;
		}
		sack->start = peer->iss + i;
		while (i < end->got_max && end->has[i])
			i++;
		sack->end = peer->iss + i;
		packet->n_sacks++;
	}
	queue_put(&to_router[e], packet);
}

/* Some senders write the head of a message and its body one by one. */
static u32 len_of_head(const struct end *end, u32 len)
{
	const u8 *from = end->sent + end->next;
	const u8 *head = memmem(from, len, "\r\n\r\n", 4);

	return head ? (u32)(head + 4 - from) : len;
}

static void end_send_next(unsigned int e)
{
	struct end *end = &ends[e];
	u32 len = min(end->len - min(end->next, end->len), end->mss);
	bool fin;

	if (after(end->next, end->len))
		return;
	len = min(len, end->right - end->next);
	if (random_below(2) && len)
		len = random_below(4) ? 1 + random_below(len) :
					len_of_head(end, len);
	/* The FIN takes a byte of the window as well. */
	fin = end->next + len == end->len && end->next + len != end->right;
	if (!len && !fin)
		return;
	end_send(e, end->next, len, fin);
	end->next += len + fin;
}

/* Sends again from somewhere on, but nothing that the peer has said to have. */
static void end_send_again(unsigned int e, u32 at)
{
	struct end *end = &ends[e];
	u32 len = 0, most;

	while (at < end->next && at < end->len && end->sacked[at])
		at++;
	most = min(end->mss, min(end->next, end->len) - min(at, end->len));
	if (loss && most && random_below(2))
		most = 1 + random_below(most);
	while (len < most && !end->sacked[at + len])
		len++;
	if (at > end->len || at >= end->next)
		return;
	end_send(e, at, len,
		 at + len == end->len && end->next == end->len + 1);
}

static void end_take_ack(unsigned int e, const struct packet *packet)
{
	struct end *end = &ends[e];
	u32 ack = packet->ack - end->iss, i, at;
	u32 right = ack + ((u32)packet->window << ends[!e].scale);

	if ((s32)(ack - end->next) > 0)
		fail("end %u: %u acknowledged of %u sent", e, ack, end->next);
	if ((s32)(ack - end->acked) > 0)
		end->acked = ack;
	if ((s32)(right - end->right) > 0)
		end->right = right;
	for (i = 0; i < packet->n_sacks; i++)
		for (at = packet->sacks[i].start - end->iss;
		     (s32)(packet->sacks[i].end - end->iss - at) > 0; at++) {
			/* A sender ignores a block from before its window. */
			if ((s32)at < 0)
				continue;
			if (at >= end->next)
				fail("end %u: SACK of what was not sent", e);
			end->sacked[at] = true;
		}
}

static void end_take(unsigned int e, struct packet *packet)
{
	struct end *end = &ends[e];
	u32 at = packet->seq - ends[!e].iss, i;
	bool is_new = packet->len || packet->fin;

	/* It would not accept these, either. */
	if (packet->rst || packet->is_forged)
		goto out;
	end_take_ack(e, packet);
	if ((s32)at < 0 && is_new) {
		if (packet->len > 1)
			fail("end %u: %u bytes in front of the first", e,
			     packet->len);
		goto answer;
	}
	if (is_strict_receiver &&
	    (s32)(at + packet->len - end->offered) > 0)
		goto answer;
	for (i = 0; i < packet->len; i++, at++) {
		if (packet->text[i] == FORGED)
			fail("end %u: a forged byte at %u", e, at);
		/* A keep-alive may stand for the FIN. */
		if (end->got_fin && at >= end->got_fin - 1)
			break;
		if ((s32)(at - end->got_next) < 0 || end->has[at]) {
			if (packet->len > 1 && end->got[at] != packet->text[i])
				fail("end %u: byte %u differs", e, at);
			continue;
		}
		if ((s32)(at - end->offered) >= 0)
			break;
		end->got[at] = packet->text[i];
		end->has[at] = true;
		end->got_max = max(end->got_max, at + 1);
	}
	if (packet->fin && i == packet->len && !end->got_fin)
		end->got_fin = at + 1;
	while (end->has[end->got_next])
		end->got_next++;
answer:
	/* A keep-alive may be empty. */
	if (is_new || (s32)(at - end->got_next) < 0)
		end_send(e, end->next, 0, false);
out:
	free(packet);
}

static void end_read(unsigned int e)
{
	struct end *end = &ends[e];
	u32 unread = end->got_next - end->read;

	if (!unread)
		return;
	end->read += loss ? 1 + random_below(unread) : unread;
	end_send(e, end->next, 0, false);
}

/*
 * --- forgeries -------------------------------------------------------------
 */

static void forge(unsigned int dir)
{
	u32 len = random_below(200), wrong, i;
	struct packet *packet = packet_alloc(len);

	memset(packet->text, FORGED, len);
	packet->seq = ends[dir].iss + ends[dir].next + random_below(2000);
	packet->ack = ends[!dir].iss + ends[dir].got_next;
	wrong = AFAR + random_below(0U - 2 * AFAR);
	if (random_below(2))
		packet->seq += wrong;
	else
		packet->ack += wrong;
	packet->window = (u16)random_below(65536);
	packet->fin = !random_below(4);
	packet->rst = !packet->fin && !random_below(8);
	packet->n_sacks = random_below(SIPALG_SACKS_MAX + 1);
	for (i = 0; i < packet->n_sacks; i++) {
		packet->sacks[i].start = (u32)random_next();
		packet->sacks[i].end = packet->sacks[i].start +
				       random_below(3000);
	}
	packet->is_forged = true;
	n_forged++;
	route(dir, packet);
}

/*
 * --- schedules -------------------------------------------------------------
 */

static u32 random_mss(void)
{
	static const u32 sizes[] = { 88, 536, 1460, 65495 };

	return random_below(2) ? sizes[random_below(4)] :
				 88 + random_below(65495 - 88 + 1);
}

/* A stream that is long does not get through a tiny one in time. */
static u32 random_buffer(void)
{
	switch (random_below(6)) {
	case 0:
		return 100 + random_below(900);
	case 1:
		return 1000 + random_below(7000);
	case 2:
		return 1000 + random_below(65535 - 1000 + 1);
	default:
		return 65535;
	}
}

static void begin(void)
{
	unsigned int e;

	for (e = 0; e < 2; e++) {
		struct end *end = &ends[e];

		memset(end, 0, sizeof(*end));
		end->iss = random_below(4) ? (u32)random_next() :
					     0U - random_below(3000);
		end->scale = (u8)random_below(3);
		end->buffer = random_buffer();
		end->mss = random_mss();
		end->offered = min(end->buffer, 0xffffU);
		stream_make(end);
	}
	for (e = 0; e < 2; e++) {
		struct end *end = &ends[e], *peer = &ends[!e];

		end->right = peer->offered;
		end->mss = min(end->mss, peer->mss);
		sipalg_direction_init(&directions[e], end->iss, (u16)peer->mss);
		sipalg_window_init(&directions[e].window, end->iss,
				   end->iss + end->right, peer->scale);
		tracked[e] = (struct tracked){
			.end = end->iss,
			.maxend = end->iss + end->right,
			.maxwin = end->offered,
		};
	}
	is_strict_receiver = random_below(2);
	is_short_of_memory = !random_below(4);
	trusts_sack = random_below(2);
	translates = random_below(5);
	may_change = translates && random_below(4);
	is_inward[0] = random_below(2);
	is_inward[1] = random_below(2);
	knows_inward = random_below(4);
	is_off = random_below(2);
	loss = random_below(25);
}

static void step(void)
{
	unsigned int e = random_below(2);
	struct end *end = &ends[e];

	switch (random_below(8)) {
	case 0:
	case 1:
		end_send_next(e);
		break;
	case 2:
		if (end->next > end->acked)
			end_send_again(e, end->acked +
						  random_below(end->next -
							       end->acked));
		break;
	case 3:
	case 4:
		if (to_router[e].n)
			route(e, queue_get(&to_router[e]));
		break;
	case 5:
	case 6:
		if (to_end[e].n)
			end_take(e, queue_get(&to_end[e]));
		break;
	default:
		if (random_below(4))
			end_read(e);
		else
			forge(e);
		if (translates && !random_below(40))
			may_change = !may_change;
		if (!random_below(40))
			knows_inward = !knows_inward;
	}
}

static void drain(void)
{
	unsigned int e, any;

	do {
		any = 0;
		for (e = 0; e < 2; e++) {
			for (; to_router[e].n; any++)
				route(e, queue_get(&to_router[e]));
			for (; to_end[e].n; any++)
				end_take(e, queue_get(&to_end[e]));
			end_read(e);
		}
	} while (any);
}

static bool is_done(void)
{
	unsigned int e;

	for (e = 0; e < 2; e++)
		if (ends[e].acked != ends[e].len + 1)
			return false;
	return true;
}

/* From now on nothing is lost, and the ends do what a timeout has them do. */
static void calm(void)
{
	unsigned int round, e;
	u32 next;

	loss = 0;
	is_short_of_memory = false;
	for (round = 0; !is_done(); round++) {
		if (round > 2000)
			fail("stuck: %u of %u and %u of %u bytes acknowledged",
			     ends[0].acked, ends[0].len, ends[1].acked,
			     ends[1].len);
		for (e = 0; e < 2; e++) {
			drain();
			do {
				next = ends[e].next;
				end_send_next(e);
			} while (ends[e].next != next &&
				 to_router[e].n < PACKETS_MAX / 2);
			drain();
			/* A timeout forgets all SACKs (RFC 2018, 8). */
			memset(ends[e].sacked, 0, sizeof(ends[e].sacked));
			if (ends[e].acked < ends[e].next)
				end_send_again(e, ends[e].acked);
			/* A window may have to be asked for. */
			if (ends[e].next && ends[e].next < ends[e].len)
				end_send(e, ends[e].next - 1, 0, false);
			drain();
		}
	}
}

static void compare(void)
{
	static u8 due[2 * STREAM_MAX];
	unsigned int e;
	u32 len, at;

	for (e = 0; e < 2; e++) {
		const struct end *receiver = &ends[!e];

		len = stream_expect(&ends[e], due);
		if (receiver->got_next != len || receiver->got_fin != len + 1)
			fail("%u of %u bytes of end %u arrived, its FIN at %u",
			     receiver->got_next, len, e, receiver->got_fin);
		for (at = 0; at < len; at++)
			if (receiver->got[at] != due[at])
				fail("byte %u of end %u is wrong", at, e);
		sipalg_direction_free(&directions[e], NULL);
	}
}

static void schedule(void)
{
	u32 n = 50 + random_below(600), i;

	begin();
	for (i = 0; i < n; i++)
		step();
	calm();
	compare();
	for (i = 0; i < 2; i++) {
		while (to_router[i].n)
			free(queue_get(&to_router[i]));
		while (to_end[i].n)
			free(queue_get(&to_end[i]));
	}
}

int main(int argc, char **argv)
{
	u64 first = argc > 1 ? strtoull(argv[1], NULL, 0) : 1;
	u64 count = argc > 2 ? strtoull(argv[2], NULL, 0) : 1000000;
	time_t limit = argc > 3 ? time(NULL) + atoi(argv[3]) : 0;

	for (seed = first; seed < first + count; seed++) {
		state = (seed + 1) * 0x9e3779b97f4a7c15;
		random_next();
		schedule();
		if (limit && time(NULL) >= limit)
			break;
	}
	printf("schedules %llu, segments %llu, changed %llu, heads %llu, held %llu, forged %llu\n",
	       (unsigned long long)(seed - first),
	       (unsigned long long)n_segments, (unsigned long long)n_changed,
	       (unsigned long long)n_again, (unsigned long long)n_held,
	       (unsigned long long)n_forged);
	return 0;
}
