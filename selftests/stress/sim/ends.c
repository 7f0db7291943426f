// SPDX-License-Identifier: GPL-2.0
/* The two ends. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "sim.h"

/* Of the texts only as much is cleared as the last schedule used. */
void end_clear(struct end *end)
{
	memset(end->has, 0, end->got_max);
	memset(end->sacked, 0, end->next);
	memset(end, 0, offsetof(struct end, sent));
}

u32 next_due(const struct end *end)
{
	return end->got_next +
	       (end->got_fin && end->got_next == end->got_fin - 1);
}

static u32 room(const struct end *end)
{
	u32 unread = end->got_next - end->read;

	return unread < end->buffer ? end->buffer - unread : 0;
}

static u16 window_field(struct end *end)
{
	u32 edge = end->got_next + room(end), field;

	/* It must not shrink (RFC 9293, 3.8.6). */
	if (!options.is_shrinking && after(end->offered, edge))
		edge = end->offered;
	field = min((edge - end->got_next) >> end->scale, 0xffffU);
	edge = end->got_next + (field << end->scale);
	if (after(edge, end->offered))
		end->offered = edge;
	return (u16)field;
}

/* Return: the first byte from @at on that is there, or is not; at most @max. */
static u32 find_byte(const struct end *end, bool is_there, u32 at, u32 max)
{
	const bool *found = memchr(end->has + at, is_there, max - at);

	return found ? (u32)(found - end->has) : max;
}

/* What the end has beyond a gap. */
static void sacks_add(struct packet *packet, const struct end *end, u32 iss)
{
	u32 at = end->got_next, max = end->got_max;

	while (packet->n_sacks < 3 && at < max) {
		struct sipalg_sack *sack = &packet->sacks[packet->n_sacks];

		at = find_byte(end, true, at, max);
		if (at == max)
			break;
		sack->start = iss + at;
		at = find_byte(end, false, at, max);
		sack->end = iss + at;
		packet->n_sacks++;
	}
}

static struct packet *end_packet(unsigned int e, u32 at, u32 len, bool fin)
{
	struct end *end = &ends[e], *peer = &ends[!e];
	struct packet *packet = packet_alloc(len);
	memcpy(packet->text, end->sent + at, len);
	packet->seq = end->iss + at;
	packet->fin = fin;
	packet->ack = peer->iss + next_due(end);
	packet->window = window_field(end);
	packet->is_full = len == end->mss;
	packet->mss = len;
	packet->clock = now;
	packet->echo = end->clock;
	end->last_ack = packet->ack;
	end->pending = false;
	if (options.trusts_sack)
		sacks_add(packet, end, peer->iss);
	return packet;
}

void end_send(unsigned int e, u32 at, u32 len, bool fin)
{
	queue_put(&to_router[e], end_packet(e, at, len, fin));
}

/* Some senders write the head of a message and its body one by one. */
static u32 len_of_head(const struct end *end, u32 len)
{
	const u8 *from = end->sent + end->next;
	const u8 *head = memmem(from, len, "\r\n\r\n", 4);

	return head ? (u32)(head + 4 - from) : len;
}

void end_send_next(unsigned int e)
{
	struct end *end = &ends[e];
	u32 len = min(end->len - min(end->next, end->len), end->mss);
	bool fin;

	if (after(end->next, end->len) || to_router[e].n >= PACKETS_MAX)
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
void end_send_again(unsigned int e, u32 at)
{
	struct end *end = &ends[e];
	u32 len = 0, most;

	while (at < end->next && at < end->len && end->sacked[at])
		at++;
	most = min(end->mss, min(end->next, end->len) - min(at, end->len));
	if (options.loss && most && random_below(2))
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
	u32 ack = packet->ack - end->iss, i;
	u32 right = ack + ((u32)packet->window << ends[!e].scale);

	if ((s32)(ack - end->next) > 0)
		fail("end %u: %u acknowledged of %u sent", e, ack, end->next);
	if ((s32)(ack - end->acked) > 0)
		end->acked = ack;
	if ((s32)(right - end->right) > 0)
		end->right = right;
	for (i = 0; i < packet->n_sacks; i++) {
		s32 at = (s32)(packet->sacks[i].start - end->iss);
		s32 to = (s32)(packet->sacks[i].end - end->iss);

		/* A sender ignores a block from before its window. */
		at = max(at, 0);
		if (at >= to)
			continue;
		if ((u32)to > end->next)
			fail("end %u: SACK of what was not sent", e);
		memset(end->sacked + at, true, (u32)(to - at));
	}
}

/*
 * What is there already must be the same; what exceeds @edge is not taken. A
 * keep-alive may stand for the FIN. Return: how many bytes there were before
 * the first that is not taken.
 */
static u32 bytes_take(unsigned int e, const struct packet *packet, u32 at,
		      u32 edge)
{
	struct end *end = &ends[e];
	u32 max = at + packet->len, start = at, next;

	if (memchr(packet->text, FORGED, packet->len))
		fail("end %u: a forged byte behind %u", e, at);
	if (end->got_fin)
		max = min(max, end->got_fin - 1);
	while (at < max) {
		const u8 *text = packet->text + (at - start);
		bool is_there = end->has[at];

		next = find_byte(end, !is_there, at, max);
		if (is_there && packet->len > 1 &&
		    memcmp(end->got + at, text, next - at))
			fail("end %u: a byte behind %u differs", e, at);
		if (!is_there) {
			next = min(next, max(edge, at));
			memcpy(end->got + at, text, next - at);
			memset(end->has + at, true, next - at);
			end->got_max = max(end->got_max, next);
			if (next == at)
				break;
		}
		at = next;
	}
	return at - start;
}

void end_take(unsigned int e, struct packet *packet)
{
	struct end *end = &ends[e];
	u32 at = packet->seq - ends[!e].iss, len;
	bool is_new = packet->len || packet->fin;
	/* a keep-alive, maybe */
	bool is_old = before(at, next_due(end));
	u32 edge = min(end->offered, end->got_next + room(end));

	/* It would not accept these, either. */
	if (packet->rst || packet->is_forged)
		goto out;
	if ((s32)(packet->ack - end->iss - end->heard) > 0)
		end->heard = packet->ack - end->iss;
	if (before(packet->clock, end->clock)) {
		if (options.is_perfect && packet->len > 1 && !end->has[at])
			fail("end %u: byte %u is too old", e, at);
		counts.paws++;
		goto answer;
	}
	if (!after(packet->seq, end->last_ack))
		end->clock = packet->clock;
	end_take_ack(e, packet);
	if ((s32)at < 0 && is_new) {
		if (packet->len > 1)
			fail("end %u: %u bytes in front of the first", e,
			     packet->len);
		goto answer;
	}
	if (options.is_strict_receiver &&
	    (s32)(at + packet->len - end->offered) > 0)
		goto answer;
	len = bytes_take(e, packet, at, edge);
	at += len;
	if (packet->fin && len == packet->len && !end->got_fin)
		end->got_fin = at + 1;
	if (end->got_next < end->got_max)
		end->got_next = find_byte(end, false, end->got_next,
					  end->got_max);
answer:
	if (is_new && options.is_lazy && !is_old && at == end->got_next &&
	    random_below(2))
		end->pending = true;
	else if (is_new || is_old)
		end_send(e, end->next, 0, false);
out:
	free(packet);
}

void end_read(unsigned int e)
{
	struct end *end = &ends[e];
	u32 unread = end->got_next - end->read;

	if (!unread)
		return;
	end->read += options.loss ? 1 + random_below(unread) : unread;
	end_send(e, end->next, 0, false);
}

/* A keep-alive without a byte (RFC 9293, 3.8.4). */
void end_probe(unsigned int e)
{
	struct packet *packet = end_packet(e, ends[e].acked - 1, 0, false);

	packet->is_probe = true;
	queue_put(&to_router[e], packet);
}

/* An acknowledgment without a byte that reaches the router at once. */
void end_greet(unsigned int e)
{
	route(e, end_packet(e, ends[e].next, 0, false));
}

/*
 * What its peer acknowledges is unknown to the end (RFC 9293, 3.5.2). The peer
 * takes no notice here.
 */
void end_reset(unsigned int e)
{
	struct end *end = &ends[e];
	struct packet *packet = packet_alloc(0);

	packet->seq = end->iss + end->heard;
	packet->ack = ends[!e].iss + next_due(end);
	packet->clock = now;
	packet->rst = true;
	packet->is_answer = options.is_perfect && !to_end[0].n &&
			    !to_end[1].n && !to_router[!e].n;
	route(e, packet);
}
