// SPDX-License-Identifier: GPL-2.0
/* A network that loses, repeats, reorders and merges; and conntrack. */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "sim.h"

struct packet *packet_alloc(u32 len)
{
	struct packet *packet = malloc(sizeof(*packet) + len);

	if (!packet)
		err(2, "no memory");
	*packet = (struct packet){ .len = len };
	return packet;
}

void queue_put(struct queue *queue, struct packet *packet)
{
	bool is_full = queue->n >= PACKETS_MAX;

	if (options.is_perfect) {
		is_full = queue->n == QUEUE_MAX;
		if (is_full)
			fail("a network that is perfect is full");
	}
	if (is_full || random_below(100) < options.loss)
		free(packet);
	else
		queue->packets[queue->n++] = packet;
}

struct packet *queue_take(struct queue *queue, u32 i)
{
	struct packet *packet = queue->packets[i];

	queue->n--;
	memmove(queue->packets + i, queue->packets + i + 1,
		(queue->n - i) * sizeof(*queue->packets));
	return packet;
}

/* Mostly the oldest; now and then another one, or one that stays as well. */
struct packet *queue_get(struct queue *queue)
{
	bool is_before = queue >= to_router && queue < to_router + 2;
	bool mixes = options.loss || (options.is_perfect &&
				      is_before != options.reorders);
	u32 i = mixes && !random_below(4) ? random_below(queue->n) : 0;
	struct packet *packet = queue->packets[i], *again;

	if (options.loss && !random_below(12)) {
		again = packet_alloc(packet->len);
		memcpy(again, packet, sizeof(*packet) + packet->len);
		return again;
	}
	return queue_take(queue, i);
}

static bool merges(const struct packet *packet, const struct packet *next)
{
	return packet->len && next->len && !packet->fin &&
	       next->seq == packet->seq + packet->len &&
	       next->ack == packet->ack && next->window == packet->window &&
	       next->clock == packet->clock && next->echo == packet->echo && !next->n_sacks &&
	       !packet->n_sacks && packet->len + next->len <= OUT_MAX;
}

/* GRO puts the packets that follow behind one. */
struct packet *merge(struct packet *packet, struct queue *queue)
{
	struct packet *next, *both;

	while (queue->n && merges(packet, queue->packets[0])) {
		next = queue_take(queue, 0);
		both = packet_alloc(packet->len + next->len);
		memcpy(both, packet, sizeof(*packet) + packet->len);
		memcpy(both->text + packet->len, next->text, next->len);
		both->len = packet->len + next->len;
		both->fin = next->fin;
		both->is_full = true;
		free(packet);
		free(next);
		packet = both;
		counts.merged++;
	}
	return packet;
}

/*
 * What conntrack of Linux 6.12 asks of a packet (nf_conntrack_proto_tcp.c),
 * before the router's other code sees it. Return: false for what has been on
 * its way for so long that it would not do without an ALG, either.
 */
bool track(unsigned int dir, const struct packet *packet)
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

void tell_conntrack(unsigned int dir)
{
	tracked[dir].offset = sipalg_seqmap_offset(&directions[dir].map);
	if (after(directions[dir].window.advertised, tracked[dir].maxend))
		tracked[dir].maxend = directions[dir].window.advertised;
}
