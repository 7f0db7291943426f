// SPDX-License-Identifier: GPL-2.0
/* Schedules by chance. */
#include <stdlib.h>
#include <string.h>

#include "sim.h"

/* Somebody guesses: a number is wrong, and maybe only that. */
static void forge(unsigned int dir)
{
	u32 len = random_below(200), wrong, i;
	struct packet *packet = packet_alloc(len);

	memset(packet->text, FORGED, len);
	packet->seq = ends[dir].iss + ends[dir].next + random_below(2000);
	packet->ack = ends[!dir].iss + ends[dir].got_next;
	wrong = AFAR + random_below(0U - 2 * AFAR);
	if (random_below(2)) {
		packet->seq += wrong;
		packet->ack += random_below(3000);
	} else {
		packet->ack += wrong;
	}
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
	counts.forged++;
	route(dir, packet);
}

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

static void ends_make(void)
{
	unsigned int e;

	for (e = 0; e < 2; e++) {
		struct end *end = &ends[e];

		end_clear(end);
		end->iss = random_below(4) ? (u32)random_next() :
					     0U - random_below(3000);
		end->scale = (u8)random_below(3);
		end->buffer = options.is_perfect ? 65535 : random_buffer();
		end->mss = random_mss();
		stream_make(end);
	}
}

static void options_make(void)
{
	options = (struct options){
		.is_perfect = !random_below(4),
		.is_strict_receiver = random_below(2),
		.is_lazy = random_below(2),
		.trusts_sack = random_below(2),
		.translates = random_below(5),
		.is_inward = { random_below(2), random_below(2) },
		.knows_inward = random_below(4),
		.is_off = random_below(2),
		.out_max = OUT_MAX,
	};
	options.may_change = options.translates && random_below(4);
	if (options.is_perfect) {
		options.reorders = random_below(2);
		return;
	}
	options.loss = random_below(25);
	options.is_short_of_memory = !random_below(4);
	options.is_shrinking = !random_below(4);
	if (!random_below(4))
		options.out_max = 8000 + random_below(8000);
}

/**
 * begin() - the handshake is over
 *
 * Of the ends iss, mss, buffer, scale and what they send are set.
 */
void begin(void)
{
	unsigned int e;

	for (e = 0; e < 2; e++)
		ends[e].offered = min(ends[e].buffer, 0xffffU);
	for (e = 0; e < 2; e++) {
		struct end *end = &ends[e], *peer = &ends[!e];

		end->right = peer->offered;
		end->mss = min(end->mss, peer->mss);
		end->last_ack = peer->iss;
		end->clock = now;
		sipalg_direction_init(&directions[e], end->iss, (u16)peer->mss);
		sipalg_window_init(&directions[e].window, end->iss,
				   end->iss + end->right, peer->scale);
		tracked[e] = (struct tracked){
			.end = end->iss,
			.maxend = end->iss + end->right,
			.maxwin = end->offered,
		};
	}
	for (e = 0; e < 2; e++)
		end_greet(e);
}

static void step(void)
{
	unsigned int e = random_below(2);
	struct end *end = &ends[e];

	now += random_below(2);
	switch (random_below(8)) {
	case 0:
	case 1:
		end_send_next(e);
		break;
	case 2:
		if (options.is_perfect || to_router[e].n >= PACKETS_MAX)
			break;
		if (!random_below(4))
			end_probe(e);
		else if (end->next > end->acked)
			end_send_again(e, end->acked +
						  random_below(end->next -
							       end->acked));
		break;
	case 3:
	case 4:
		if (to_router[e].n) {
			struct packet *packet = queue_get(&to_router[e]);

			if (random_below(2))
				packet = merge(packet, &to_router[e]);
			route(e, packet);
		}
		break;
	case 5:
	case 6:
		if (to_end[e].n)
			end_take(e, queue_get(&to_end[e]));
		break;
	default:
		if (options.is_shrinking && !random_below(20))
			end->buffer = end->buffer / 2 + 100;
		if (!random_below(8))
			end_reset(e);
		if (options.is_perfect || random_below(4))
			end_read(e);
		else
			forge(e);
		if (options.translates && !random_below(40))
			options.may_change = !options.may_change;
		if (!random_below(40))
			options.knows_inward = !options.knows_inward;
	}
}

static void drain(void)
{
	unsigned int e;

	do {
		for (e = 0; e < 2; e++) {
			now++;
			while (to_router[e].n)
				route(e, queue_get(&to_router[e]));
			while (to_end[e].n)
				end_take(e, queue_get(&to_end[e]));
			end_read(e);
			if (ends[e].pending)
				end_send(e, ends[e].next, 0, false);
		}
	} while (to_router[0].n || to_router[1].n || to_end[0].n ||
		 to_end[1].n);
	for (e = 0; options.is_perfect && e < 2; e++)
		if (ends[e].acked != ends[e].next)
			fail("stalled: %u of %u acknowledged", ends[e].acked,
			     ends[e].next);
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

	options.loss = 0;
	options.is_short_of_memory = false;
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
			memset(ends[e].sacked, 0, ends[e].next);
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
	u32 len;

	for (e = 0; e < 2; e++) {
		const struct end *receiver = &ends[!e];

		len = stream_expect(&ends[e], due);
		if (receiver->got_next != len || receiver->got_fin != len + 1)
			fail("%u of %u bytes of end %u arrived, its FIN at %u",
			     receiver->got_next, len, e, receiver->got_fin);
		if (memcmp(receiver->got, due, len))
			fail("a byte of end %u is wrong", e);
		sipalg_direction_free(&directions[e], NULL);
	}
}

/* Whatever has happened, all arrives now. */
void finish(void)
{
	unsigned int e;

	calm();
	compare();
	for (e = 0; e < 2; e++) {
		while (to_router[e].n)
			free(queue_get(&to_router[e]));
		while (to_end[e].n)
			free(queue_get(&to_end[e]));
	}
}

void schedule(void)
{
	u32 n = 50 + random_below(600), i;

	options_make();
	ends_make();
	begin();
	for (i = 0; i < n; i++)
		step();
	finish();
	counts.schedules++;
}
