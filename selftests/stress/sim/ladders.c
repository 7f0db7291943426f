// SPDX-License-Identifier: GPL-2.0
/*
 * Schedules of which each step is written down. End 0 is the phone, end 1 the
 * server.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim.h"

enum { PHONE, SERVER };
enum { INVITE, RESPONSE, MESSAGE, NOTIFY };

/*
 * The phone has a message to send, with a body of some bytes; the ends take so
 * many bytes at a time.
 */
static void meet_small(u32 kind, u32 half, u32 buffer, u8 scale)
{
	unsigned int e;

	random_seed(0);
	options = (struct options){
		.is_perfect = true,
		.trusts_sack = true,
		.translates = true,
		.may_change = true,
		.out_max = OUT_MAX,
	};
	for (e = 0; e < 2; e++) {
		end_clear(&ends[e]);
		ends[e].iss = 0U - 100;
		ends[e].buffer = buffer;
		ends[e].mss = 1460;
		ends[e].scale = scale;
	}
	message_add(&ends[PHONE], kind, 0, half);
	message_add(&ends[SERVER], RESPONSE, 0, 0);
	begin();
}

static void meet(u32 kind, u32 half)
{
	meet_small(kind, half, 65535, 2);
}

static void say(unsigned int e, u32 len)
{
	now++;
	end_send(e, ends[e].next, len, false);
	ends[e].next += len;
}

/* The packet of that place in the queue goes through the router, */
static void pass(unsigned int from, u32 place)
{
	route(from, queue_take(&to_router[from], place));
}

/* and that one reaches the end. */
static void arrive(unsigned int to, u32 place)
{
	end_take(to, queue_take(&to_end[to], place));
}

static void lose(struct queue *queue)
{
	options.is_perfect = false;
	while (queue->n)
		free(queue_take(queue, 0));
}

static void swapped_first(void)
{
	meet(INVITE, 100);
	arrive(SERVER, 0);
	say(PHONE, 60);
	say(PHONE, 60);
	pass(PHONE, 1);
	arrive(SERVER, 0);
	pass(PHONE, 0);
	arrive(SERVER, 0);
}

/* A keep-alive for held bytes overtakes the message in front of them. */
static void probe_overtakes(void)
{
	meet(MESSAGE, 0);
	message_add(&ends[PHONE], MESSAGE, 0, 0);
	say(PHONE, ends[PHONE].ends[0]);
	say(PHONE, 30);
	pass(PHONE, 0);
	pass(PHONE, 0);
	while (to_end[SERVER].n)
		arrive(SERVER, to_end[SERVER].n - 1);
}

/* The same, where the server has acknowledged some, but not all of that. */
static void probe_behind_ack(void)
{
	u64 paws = counts.paws;
	unsigned int i;

	meet(MESSAGE, 0);
	for (i = 1; i < 4; i++)
		message_add(&ends[PHONE], MESSAGE, 0, 0);
	for (i = 0; i < 3; i++) {
		say(PHONE, ends[PHONE].ends[i] - ends[PHONE].next);
		pass(PHONE, 0);
	}
	/* Behind a bare acknowledgment. */
	for (i = 0; i < 3; i++)
		arrive(SERVER, 0);
	while (to_router[SERVER].n)
		pass(SERVER, 0);
	say(PHONE, 30);
	pass(PHONE, 0);
	arrive(SERVER, to_end[SERVER].n - 1);
	if (counts.paws != paws)
		fail("a keep-alive is too old");
}

static void forged_ack(void)
{
	struct packet *packet = packet_alloc(10);

	meet(INVITE, 100);
	options.may_change = false;
	memset(packet->text, FORGED, packet->len);
	packet->seq = ends[SERVER].iss + AFAR;
	packet->ack = ends[PHONE].iss + 1000;
	packet->is_forged = true;
	route(SERVER, packet);
	lose(&to_end[PHONE]);
	say(PHONE, 50);
	pass(PHONE, 0);
	if (directions[PHONE].state == SIPALG_DIRECTION_PASSED)
		fail("the phone's direction is not followed");
}

static void short_again(void)
{
	u32 i, sent;

	meet(INVITE, 0);
	for (i = 1; i < MESSAGES_MAX; i++)
		message_add(&ends[PHONE], NOTIFY, 0, 0);
	for (i = 0; i < MESSAGES_MAX; i++)
		say(PHONE, ends[PHONE].ends[i] - ends[PHONE].next);
	sent = to_router[PHONE].n;
	for (i = sent; i; i--)
		pass(PHONE, i - 1);
	end_send_again(PHONE, 0);
	pass(PHONE, 0);
}

static void probe_while_held(void)
{
	meet(INVITE, 100);
	say(PHONE, 70);
	pass(PHONE, 0);
	while (to_end[SERVER].n)
		arrive(SERVER, 0);
	while (to_router[SERVER].n)
		pass(SERVER, 0);
	while (to_end[PHONE].n)
		arrive(PHONE, 0);
	if (ends[PHONE].acked != 70)
		fail("%u of 70 bytes acknowledged", ends[PHONE].acked);
	end_probe(PHONE);
	pass(PHONE, 0);
}

/* The server has some of a message that grew, and acknowledges just that. */
static void reset_behind_growth(void)
{
	u32 len;

	meet(INVITE, 700);
	len = ends[PHONE].len;
	say(PHONE, 1400);
	say(PHONE, len - 1400);
	pass(PHONE, 0);
	/* The path turns out to be narrow: it takes three segments. */
	directions[PHONE].mss = 600;
	pass(PHONE, 0);
	while (to_end[SERVER].n > 2)
		arrive(SERVER, 0);
	lose(&to_end[SERVER]);
	options.is_perfect = true;
	while (to_router[SERVER].n)
		pass(SERVER, 0);
	while (to_end[PHONE].n)
		arrive(PHONE, 0);
	end_reset(PHONE);
	options.is_perfect = false;
}

/* The server has acknowledged nothing yet, and the phone knows of nothing more. */
static void reset_while_held(void)
{
	meet(INVITE, 100);
	while (to_end[SERVER].n)
		arrive(SERVER, 0);
	while (to_end[PHONE].n)
		arrive(PHONE, 0);
	say(PHONE, 95);
	pass(PHONE, 0);
	lose(&to_end[SERVER]);
	options.is_perfect = true;
	end_reset(PHONE);
	options.is_perfect = false;
}

static void close_while_held(void)
{
	meet(INVITE, 100);
	say(PHONE, 200);
	pass(PHONE, 0);
	end_send(SERVER, 0, ends[SERVER].len, true);
	ends[SERVER].next = ends[SERVER].len + 1;
	while (to_router[SERVER].n)
		pass(SERVER, 0);
}

static void off_while_held(void)
{
	meet(INVITE, 100);
	say(PHONE, 200);
	pass(PHONE, 0);
	options.may_change = false;
	say(PHONE, 10);
	pass(PHONE, 0);
	options.may_change = true;
	if (directions[PHONE].map.held)
		fail("bytes are held that cannot change");
}

/* The window is full while bytes are held, and one byte asks for more of it. */
static void window_probe(void)
{
	meet(INVITE, 2000);
	ends[SERVER].buffer = 1000;
	options.is_perfect = false;
	options.is_shrinking = true;
	say(PHONE, 900);
	pass(PHONE, 0);
	while (to_end[SERVER].n)
		arrive(SERVER, 0);
	while (to_router[SERVER].n)
		pass(SERVER, 0);
	say(PHONE, 100);
	say(PHONE, 1);
	pass(PHONE, 0);
	pass(PHONE, 0);
}

/* What is sent again is cut elsewhere, and overlaps what is new. */
static void cut_elsewhere(void)
{
	meet(INVITE, 300);
	say(PHONE, 40);
	say(PHONE, 400);
	say(PHONE, 100);
	pass(PHONE, 2);
	pass(PHONE, 0);
	lose(&to_router[PHONE]);
	end_send(PHONE, 20, 300, false);
	end_send(PHONE, 10, 500, false);
	end_send(PHONE, 439, 1, false);
	while (to_router[PHONE].n)
		pass(PHONE, 0);
}

/* Full segments, one at a time; no byte has to be sent twice or asked for. */
static void say_full(void)
{
	struct end *phone = &ends[PHONE];
	u32 len = min(phone->mss, phone->len - phone->next);

	if (phone->right - phone->next < len)
		fail("%u bytes must wait for a window of %u", len,
		     phone->right - phone->next);
	say(PHONE, len);
	pass(PHONE, 0);
	while (to_end[SERVER].n)
		arrive(SERVER, 0);
	end_read(SERVER);
	while (to_router[SERVER].n)
		pass(SERVER, 0);
	while (to_end[PHONE].n)
		arrive(PHONE, 0);
	if (phone->acked != phone->next)
		fail("%u of %u bytes are acknowledged", phone->acked,
		     phone->next);
}

static void grown_in_one_segment(void)
{
	meet_small(MESSAGE, 0, 1460, 0);
	options.is_strict_receiver = true;
	message_add(&ends[PHONE], MESSAGE, 0, 4000);
	while (ends[PHONE].next < ends[PHONE].len)
		say_full();
}

/* The server rounds its window to what it takes for a whole segment. */
static void shrunk_in_one_segment(void)
{
	meet_small(MESSAGE, 4000, 1460, 0);
	options.is_strict_receiver = true;
	ends[SERVER].buffer -= 2;
	while (ends[PHONE].next < ends[PHONE].len)
		say_full();
}

/* The server acknowledges nothing, and offers a window that is larger each time. */
static void window_creeps(void)
{
	const struct sipalg_direction *direction = &directions[PHONE];
	struct end *phone = &ends[PHONE], *server = &ends[SERVER];
	struct packet *packet;

	meet_small(MESSAGE, 0, 1000, 0);
	message_add(phone, MESSAGE, 0, 20000);
	lose(&to_end[SERVER]);
	say(PHONE, server->buffer);
	pass(PHONE, 0);
	while (server->buffer < 30000) {
		server->buffer += 100;
		server->offered = server->buffer;
		packet = packet_alloc(0);
		packet->seq = server->iss;
		packet->ack = phone->iss;
		packet->window = (u16)server->buffer;
		packet->clock = now;
		route(SERVER, packet);
		while (to_end[PHONE].n)
			arrive(PHONE, 0);
		/* What was beyond the window comes again. */
		phone->next = direction->map.in_next - phone->iss;
		say(PHONE, 100);
		pass(PHONE, 0);
		if (direction->map.bytes > SIPALG_EXCESS_EDITS + 2 * SIPALG_EXCESS_MAX)
			fail("edits of %u bytes", direction->map.bytes);
	}
	if (direction->map.bytes < SIPALG_EXCESS_EDITS)
		fail("just %u bytes of edits", direction->map.bytes);
	lose(&to_end[SERVER]);
}

/* What the server says is no SIP, so what the phone says is not looked at. */
static void gap_unread(void)
{
	meet(MESSAGE, 0);
	ends[SERVER].sent[0] = '\026';
	say(SERVER, 20);
	pass(SERVER, 0);
	say(PHONE, 20);
	say(PHONE, 20);
	pass(PHONE, 1);
	now++;
	end_greet(PHONE);
	pass(PHONE, 0);
}

static const struct {
	const char *title;
	void (*climb)(void);
} ladders[] = {
	{ "the first two segments change places: none is too old for PAWS",
	  swapped_first },
	{ "a keep-alive overtakes what is in front: that is not too old for PAWS",
	  probe_overtakes },
	{ "a keep-alive behind an acknowledgment of some of that is not, either",
	  probe_behind_ack },
	{ "an acknowledgment ahead of what was sent, in a segment far off",
	  forged_ack },
	{ "300 messages at once, sent again: each is looked at once",
	  short_again },
	{ "a keep-alive of the sender while bytes are held is answered",
	  probe_while_held },
	{ "a reset that answers a part of a message that grew fits",
	  reset_behind_growth },
	{ "a reset while bytes are held answers what was acknowledged before",
	  reset_while_held },
	{ "the server closes while bytes of the phone are held",
	  close_while_held },
	{ "switched off while bytes are held: they go on", off_while_held },
	{ "a byte beyond the window while bytes are held", window_probe },
	{ "sent again in other segments, across held bytes", cut_elsewhere },
	{ "text that grew, and a window of one segment: nobody waits",
	  grown_in_one_segment },
	{ "text that shrank, and a window that is as much short: nobody waits",
	  shrunk_in_one_segment },
	{ "a window that grows and acknowledges nothing takes no more memory",
	  window_creeps },
	{ "two segments that are not looked at change places: none is too old",
	  gap_unread },
};

void ladders_climb(void)
{
	unsigned int i;

	for (i = 0; i < sizeof(ladders) / sizeof(*ladders); i++) {
		printf("ladder %u: %s\n", i + 1, ladders[i].title);
		ladders[i].climb();
		finish();
	}
}
