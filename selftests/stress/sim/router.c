// SPDX-License-Identifier: GPL-2.0
/* The router: what packet.c does. */
#include <stdlib.h>
#include <string.h>

#include "sim.h"
#include "state/quota.h"

#define STEPS_MIN	100
#define STEPS_EACH	10

static void number_check(unsigned int dir, const struct packet *packet, u32 seq)
{
	u32 due = next_due(&ends[!dir]);

	if (packet->is_probe && !before(seq, due))
		fail("a keep-alive has number %u, %u is due", seq, due);
	due = ends[!dir].last_ack - ends[dir].iss;
	if (packet->is_answer && seq != due)
		fail("a reset has number %u, %u is due", seq, due);
}

static void forward(unsigned int dir, const struct packet *from,
		    const struct sipalg_pass *pass, const u8 *text, u32 len,
		    bool fin, u32 clock)
{
	u32 mss = sipalg_pass_segment(pass, 0), at = 0, n;
	struct packet *to;

	number_check(dir, from, pass->out.seq - ends[dir].iss);
	/* As many segments as the device makes of it. */
	do {
		n = min(len - at, mss);
		to = packet_alloc(n);
		memcpy(to->text, text + at, n);
		to->seq = pass->out.seq + at;
		to->ack = pass->out.ack;
		to->window = pass->out.window;
		to->rst = from->rst;
		to->clock = clock;
		to->is_forged = from->is_forged;
		to->n_sacks = sipalg_pass_sacks((struct sipalg_pass *)pass,
						from->sacks, from->n_sacks,
						to->sacks, options.trusts_sack);
		at += n;
		to->fin = fin && at == len;
		queue_put(&to_end[!dir], to);
	} while (at < len);
}

static void forward_unchanged(unsigned int dir, struct packet *packet)
{
	queue_put(&to_end[!dir], packet);
}

/* So many entries may the code look at for a packet. */
static unsigned long steps_max(void)
{
	unsigned long old = list_steps, n;
	const struct sipalg_ooo_segment *segment;
	const struct sipalg_seq_edit *edit;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		list_for_each_entry(edit, &directions[i].map.edits, list)
			;
		list_for_each_entry(segment, &directions[i].queue.segments,
				    list)
			;
	}
	n = list_steps - old;
	list_steps = old;
	return STEPS_MIN + n * STEPS_EACH;
}

void route(unsigned int dir, struct packet *packet)
{
	static struct sipalg_direction old[2];
	static u8 out[SEGMENT_MAX];
	unsigned long steps = list_steps + steps_max();
	u32 held = directions[dir].map.held;
	bool is_accepted, is_old;
	struct sipalg_pass pass = {
		.direction = &directions[dir],
		.reverse = &directions[!dir],
		.in = {
			.text = packet->text,
			.seq = packet->seq,
			.len = packet->len,
			.ack = packet->ack,
			.window = packet->window,
			.segment = packet->mss,
			.mss = packet->mss,
			.clock = packet->clock,
			.echo = packet->echo,
			.has_clock = true,
			.has_ack = true,
			.is_full = packet->is_full,
			.rst = packet->rst,
			.fin = packet->fin,
		},
		.out = { .text = out, .max = options.out_max },
		.may_change = options.may_change,
		.keeps_body = options.is_inward[dir] && options.knows_inward,
		.is_off = options.is_off && !options.may_change,
	};

	translated = dir;
	counts.segments++;
	if (!packet->is_forged && !track(dir, packet))
		goto out;
	memcpy(old, directions, sizeof(old));
	is_accepted = sipalg_pass_begin(&pass);
	if (!is_accepted && memcmp(old, directions, sizeof(old)))
		fail("a segment that is not accepted changes something");
	if (!options.translates && pass.may_drop)
		fail("a segment may be dropped where nothing changes");
	if (pass.is_watched && held)
		fail("a segment is just watched while bytes are held");
	is_old = pass.may_drop && old[dir].has_clock &&
		 before(packet->clock + 1, old[dir].clock);
	if (!is_accepted && !packet->is_forged && !is_old)
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
			packet->fin, packet->clock);
		goto out;
	}
	sipalg_pass_take(&pass);
	tell_conntrack(dir);
	sipalg_pass_end(&pass);
	tell_conntrack(!dir);
	if (list_steps > steps + steps_max())
		fail("%lu entries too many are looked at",
		     list_steps - steps - steps_max());
	counts.held += directions[dir].map.held > 0;
	if (pass.keeps_body && directions[dir].frame.body && !held &&
	    directions[dir].map.held > SIPALG_EXCESS_MAX)
		fail("a body is held that stays as it is");
	if (pass.is_watched)
		forward(dir, packet, &pass, packet->text, packet->len,
			packet->fin, packet->clock);
	else
		forward(dir, packet, &pass, out, pass.out.len, pass.out.fin,
			pass.out.clock);
out:
	free(packet);
}
