// SPDX-License-Identifier: GPL-2.0
/*
 * All that is decided of a segment: whether it is one of its connection, what
 * it carries, and its numbers. Facts in, decisions out: this knows no packet.
 */

#include <net/tcp.h>

#include "tcp/framing.h"
#include "tcp/pass.h"

/*
 * Is the segment one of this connection? One that its receiver would not accept
 * must change nothing here.
 */
static bool segment_is_in_window(const struct sipalg_pass *pass)
{
	const struct sipalg_direction *direction = pass->direction;
	const struct sipalg_seqmap *map = &direction->map;
	const struct sipalg_input *in = &pass->in;

	return sipalg_window_covers(&direction->window,
				    sipalg_seqmap_in(map, map->acked), in->seq,
				    in->seq + in->len + in->fin);
}

/*
 * Its receiver does not read the acknowledgment of a segment that it has had
 * (RFC 9293, 3.10.7.4). Whoever forges one must not be spared to guess better.
 */
static bool segment_is_old(const struct sipalg_pass *pass)
{
	const struct sipalg_input *in = &pass->in;

	return before(in->seq + in->len + in->fin,
		      sipalg_seqmap_expected(&pass->direction->map));
}

/* A clock that counts milliseconds goes half round in 24 days. */
#define CLOCK_SECS_MAX (24 * 24 * 3600)

/*
 * Has its text come too late, by its clock (RFC 7323, 5.3)? Its receiver drops
 * it, so it must not take the place of what will come. One that is not dropped
 * here may get there first, so that is looked at. Linux takes what is one tick
 * old.
 */
static bool text_is_old(const struct sipalg_pass *pass)
{
	const struct sipalg_direction *direction = pass->direction;
	const struct sipalg_input *in = &pass->in;

	return pass->may_drop && (in->len || in->fin) && !in->rst &&
	       in->has_clock && direction->has_clock &&
	       before(in->clock + 1, direction->clock) &&
	       in->secs - direction->clock_secs < CLOCK_SECS_MAX;
}

static bool ack_is_accepted(const struct sipalg_pass *pass)
{
	const struct sipalg_direction *reverse = pass->reverse;
	const struct sipalg_input *in = &pass->in;

	return in->rst ||
	       (in->has_ack &&
		sipalg_window_knows(&reverse->window, reverse->map.acked,
				    reverse->map.out_next, in->ack));
}

/*
 * Is a direction's payload only looked at? So it is where nothing may change or
 * has changed. What has passed beyond a gap cannot change any more, and what
 * has been withheld there must still go out.
 */
static bool direction_is_watched(const struct sipalg_direction *direction,
				 bool may_change)
{
	if (direction->map.edited || direction->map.held)
		return false;
	return sipalg_ooo_is_empty(&direction->queue) ? !may_change :
							!direction->withholds;
}

/*
 * The receiver has bytes that have not been seen here: the packets of the
 * connection take more than one way.
 */
static void ack_catch_up(struct sipalg_pass *pass)
{
	struct sipalg_direction *reverse = pass->reverse;
	u32 ack = pass->in.ack;

	if (pass->in.has_ack && after(ack, reverse->map.out_next) &&
	    !after(ack, reverse->window.advertised) &&
	    direction_is_watched(reverse, pass->may_change))
		sipalg_direction_pass(reverse, pass->account, ack);
}

/*
 * The segment may go on as a keep-alive, which its receiver does read: so that
 * must not get a newer acknowledgment than it has had.
 */
static void ack_forget(struct sipalg_pass *pass)
{
	u32 acked = pass->reverse->map.acked;

	if (pass->may_drop && pass->in.has_ack && after(pass->in.ack, acked))
		pass->in.ack = acked;
}

/*
 * The receiver echoes the clock of the latest segment that it has acknowledged
 * (RFC 7323, 4.3). None on its way has an earlier one.
 */
static void flight_clock_learn(struct sipalg_pass *pass)
{
	struct sipalg_direction *reverse = pass->reverse;
	const struct sipalg_input *in = &pass->in;

	if (in->has_clock && reverse->has_clock &&
	    after(in->echo, reverse->flight_clock) &&
	    !after(in->echo, reverse->clock))
		reverse->flight_clock = in->echo;
}

/**
 * sipalg_pass_begin() - look at a segment's numbers
 * @pass: the segment; @pass->in is set, but for its text
 *
 * Return: false if it is none of the connection: it must be dropped where
 * @pass->may_drop is set now, or must pass as it came.
 */
bool sipalg_pass_begin(struct sipalg_pass *pass)
{
	const struct sipalg_input *in = &pass->in;

	pass->is_watched = direction_is_watched(pass->direction,
						pass->may_change);
	pass->may_drop = !pass->is_watched ||
			 !direction_is_watched(pass->reverse, pass->may_change);
	if (!segment_is_in_window(pass) || text_is_old(pass))
		return false;
	ack_catch_up(pass);
	if (!ack_is_accepted(pass))
		return false;
	pass->reverse->is_known |= !in->rst;
	if (segment_is_old(pass)) {
		ack_forget(pass);
	} else if (in->has_ack && !in->rst) {
		flight_clock_learn(pass);
		sipalg_direction_ack(pass->reverse, pass->account, in->ack);
		sipalg_window_offer(&pass->reverse->window, in->ack,
				    in->window);
	}
	return true;
}

/* Is it all of a body that needs no change? Nobody reads that. */
static bool segment_is_body(const struct sipalg_pass *pass)
{
	const struct sipalg_direction *direction = pass->direction;
	const struct sipalg_seqmap *map = &direction->map;
	const struct sipalg_input *in = &pass->in;

	return direction->state == SIPALG_DIRECTION_BODY && !in->fin &&
	       in->seq == map->in_next && in->len <= direction->body &&
	       !map->held && sipalg_ooo_is_empty(&direction->queue) &&
	       !after(map->out_next + in->len, direction->window.end);
}

/**
 * sipalg_pass_is_plain() - is a segment to be renumbered, and no more?
 * @pass: the segment
 */
bool sipalg_pass_is_plain(const struct sipalg_pass *pass)
{
	const struct sipalg_direction *direction = pass->direction;
	const struct sipalg_seqmap *map = &direction->map;
	const struct sipalg_input *in = &pass->in;

	if (in->rst || (!in->len && !in->fin) || segment_is_body(pass))
		return true;
	return direction->state == SIPALG_DIRECTION_PASSED &&
	       sipalg_seqmap_is_settled(map) &&
	       sipalg_ooo_is_empty(&direction->queue) &&
	       (!map->edited || !before(in->seq, map->in_next));
}

/*
 * PAWS at the receiver compares with the latest segment in order (RFC 7323), be
 * it empty.
 */
static void clock_learn(struct sipalg_pass *pass)
{
	if (!pass->in.has_clock)
		return;
	pass->direction->clock = pass->in.clock;
	pass->direction->clock_secs = pass->in.secs;
	pass->direction->has_clock = true;
}

/* Bytes; all hosts take so much (RFC 9293, 3.7.1). */
#define MSS_DEFAULT 536

/*
 * Any segment shows that so much fits. Only a full one that is sent again shows
 * that no more does: it may have been too long for the path. So may one that
 * went out longer than it came.
 */
static void mss_learn(struct sipalg_pass *pass, bool again)
{
	struct sipalg_direction *direction = pass->direction;
	u32 mss = pass->in.mss;

	if (mss > direction->mss)
		direction->mss = min_t(u32, mss, direction->mss_max);
	else if (again && pass->in.is_full)
		direction->mss = max_t(u32, mss, TCP_MIN_MSS);
	else if (again && pass->out.len > pass->in.len)
		direction->mss = min_t(u32, direction->mss,
				       max_t(u32, mss, MSS_DEFAULT));
}

/* A segment in order, with bytes, has come. */
static void segment_learn(struct sipalg_pass *pass)
{
	clock_learn(pass);
	mss_learn(pass, false);
	pass->direction->segment = max(pass->direction->segment,
				       pass->in.segment);
}

static bool is_in_flight(const struct sipalg_seqmap *map)
{
	return map->acked != map->out_next;
}

/**
 * sipalg_pass_renumber() - a plain segment passes
 * @pass: the segment; the sequence number of @pass->out is set
 */
void sipalg_pass_renumber(struct sipalg_pass *pass)
{
	struct sipalg_seqmap *map = &pass->direction->map;
	const struct sipalg_input *in = &pass->in;
	u32 end = in->seq + in->len + in->fin;
	u32 told = pass->direction->window.told;

	if (in->rst) {
		pass->out.seq = sipalg_seqmap_out_reset(map, in->seq, told);
		return;
	}
	if (end == in->seq) {
		pass->out.seq = sipalg_seqmap_out(map, in->seq);
		/* Otherwise there may be a gap in what passed unread. */
		if (in->seq == map->in_next && !is_in_flight(map))
			clock_learn(pass);
		return;
	}
	pass->out.seq = in->seq + map->out_next - map->in_next;
	if (!is_in_flight(map))
		pass->direction->flight_clock = in->clock;
	if (!after(end, map->in_next))
		return;
	if (pass->direction->state == SIPALG_DIRECTION_BODY) {
		segment_learn(pass);
		sipalg_framing_skip(pass, in->len);
	}
	sipalg_seqmap_advance(map, end - map->in_next, end - map->in_next);
	pass->direction->finished |= in->fin;
}

/* Takes what waited for the gap to close. */
static void queue_take(struct sipalg_pass *pass)
{
	struct sipalg_direction *direction = pass->direction;
	const struct sipalg_seqmap *map = &direction->map;
	const struct sipalg_ooo_segment *segment;

	list_for_each_entry(segment, &direction->queue.segments, list) {
		u32 skip = map->in_next - segment->seq, n = 0;

		if (before(map->in_next, segment->seq) || pass->out.fin)
			break;
		if (pass->is_watched)
			pass->out.len = 0;
		if (skip < segment->len)
			n = sipalg_framing_take(pass, segment->text + skip,
						segment->len - skip);
		if (skip < segment->len && n < segment->len - skip)
			break;
		if (segment->fin &&
		    map->in_next == segment->seq + segment->len &&
		    !sipalg_framing_end(pass))
			break;
	}
}

/*
 * The answer to the keep-alive will report it: the sender's RTT and loss
 * measures need that (RFC 2883).
 */
static void duplicate_note(struct sipalg_pass *pass)
{
	pass->direction->duplicate = (struct sipalg_sack){
		pass->in.seq, pass->in.seq + pass->in.len};
}

/*
 * Keeps a segment out of order. One that is further ahead than the queue is
 * long would only keep out what is needed first.
 */
static void queue_add(struct sipalg_pass *pass)
{
	struct sipalg_direction *direction = pass->direction;
	const struct sipalg_input *in = &pass->in;

	if (in->seq + in->len - direction->map.in_next > SIPALG_OOO_MAX)
		return;
	if (sipalg_ooo_has(&direction->queue, in->seq, in->len, in->fin))
		duplicate_note(pass);
	else
		sipalg_ooo_add(&direction->queue, pass->account, in->seq,
			       in->text, in->len, in->fin);
}

/*
 * Forwards once more what has been forwarded, from @cursor up to the sender's
 * @end.
 */
static void repeat_copy(struct sipalg_pass *pass,
			struct sipalg_seqmap_cursor *cursor, u32 end,
			const u8 *text, u32 seq)
{
	const struct sipalg_seqmap *map = &pass->direction->map;
	struct sipalg_output *out = &pass->out;
	u32 from = out->seq + out->len;
	u32 to = sipalg_seqmap_out_from(map, *cursor, end);

	if (!after(to, from))
		return;
	if (to - from > out->max - out->len) {
		to = from + out->max - out->len;
		out->full = true;
	} else if (pass->direction->finished && to == map->out_next) {
		out->fin = true;
		to--;
	}
	out->len += sipalg_seqmap_copy(map, cursor, from, to, text, seq,
				       out->text + out->len);
}

/*
 * The sender sends again: what the receiver may lack of it is forwarded once
 * more, as it was. So is what follows and came out of order: the sender takes
 * it for received, and will not send it.
 *
 * Return: false where it does not fit.
 */
static bool repeat_take(struct sipalg_pass *pass, u32 end)
{
	const struct sipalg_direction *direction = pass->direction;
	const struct sipalg_seqmap *map = &direction->map;
	struct sipalg_seqmap_cursor cursor = sipalg_seqmap_start(map);
	const struct sipalg_ooo_segment *segment;
	const struct sipalg_input *in = &pass->in;

	pass->out.seq = sipalg_seqmap_out(map, in->seq);
	if (before(pass->out.seq, map->acked))
		pass->out.seq = map->acked;
	repeat_copy(pass, &cursor, end, in->text, in->seq);
	list_for_each_entry(segment, &direction->queue.segments, list) {
		u32 segment_end = sipalg_ooo_segment_end(segment);

		if (!pass->out.len || pass->out.full ||
		    after(segment->seq, end) ||
		    after(segment_end, map->in_next))
			break;
		if (after(segment_end, end)) {
			end = segment_end;
			repeat_copy(pass, &cursor, end, segment->text,
				    segment->seq);
		}
	}
	return !pass->out.full;
}

static void segment_late(struct sipalg_pass *pass)
{
	pass->out.late = true;
	pass->direction->withholds = !pass->is_watched;
	queue_add(pass);
}

static void segment_again(struct sipalg_pass *pass, u32 end)
{
	u32 in_next = pass->direction->map.in_next;

	repeat_take(pass, after(end, in_next) ? in_next : end);
	if (pass->out.len)
		mss_learn(pass, true);
	else
		duplicate_note(pass);
}

/* Some of the segment is new, the first @skip bytes are not. */
static void segment_next(struct sipalg_pass *pass, u32 skip)
{
	const struct sipalg_seqmap *map = &pass->direction->map;
	const struct sipalg_input *in = &pass->in;
	u32 n = in->len - skip;

	segment_learn(pass);
	pass->out.seq = map->out_next;
	if (skip && !repeat_take(pass, map->in_next))
		return;
	if (n && sipalg_framing_take(pass, in->text + skip, n) < n)
		return;
	if (!in->fin || sipalg_framing_end(pass))
		queue_take(pass);
}

static void segment_take(struct sipalg_pass *pass)
{
	const struct sipalg_direction *direction = pass->direction;
	const struct sipalg_seqmap *map = &direction->map;
	const struct sipalg_input *in = &pass->in;
	u32 end = in->seq + in->len + in->fin;

	if (after(in->seq, map->in_next)) {
		segment_late(pass);
	} else if (direction->finished || !after(end, map->in_next)) {
		segment_again(pass, end);
	} else {
		segment_next(pass, map->in_next - in->seq);
		return;
	}
	/* The packet that closed a gap may have had no space for all of it. */
	if (!pass->out.len && !pass->out.fin) {
		pass->out.seq = map->out_next;
		queue_take(pass);
	}
}

/*
 * Text that has grown may exceed the window. The receiver may drop all of such
 * a segment, so the excess stays behind: the sender, who does not know it
 * acknowledged, sends again.
 */
static void output_trim(struct sipalg_output *out, u32 window_end)
{
	s32 left = (s32)(window_end - out->seq);

	if ((s32)out->len <= left)
		return;
	out->len = max(left, 0);
	out->fin = false;
}

/**
 * sipalg_pass_miss() - a segment that is watched passes unseen, or part of it
 * @pass: the segment
 *
 * Nothing of its direction has changed, and nothing will.
 */
void sipalg_pass_miss(struct sipalg_pass *pass)
{
	const struct sipalg_input *in = &pass->in;

	pass->out.seq = in->seq;
	sipalg_direction_pass(pass->direction, pass->account,
			      in->seq + in->len + in->fin);
}

/* Has all of a segment been looked at, or is it kept to be? */
static bool segment_is_seen(const struct sipalg_pass *pass)
{
	const struct sipalg_direction *direction = pass->direction;
	const struct sipalg_input *in = &pass->in;

	return !after(in->seq + in->len + in->fin, direction->map.in_next) ||
	       sipalg_ooo_has(&direction->queue, in->seq, in->len, in->fin);
}

/*
 * A segment out of order must not set TS.Recent (RFC 7323, 4.3). Nor may a
 * keep-alive that overtakes what is on its way: the receiver would call that
 * too old.
 */
static void clock_choose(struct sipalg_pass *pass, bool in_flight)
{
	struct sipalg_direction *direction = pass->direction;
	struct sipalg_output *out = &pass->out;

	out->clock = out->late && direction->has_clock ? direction->clock :
							 pass->in.clock;
	if (!in_flight)
		direction->flight_clock = out->clock;
	else if (out->is_empty)
		out->clock = direction->flight_clock;
}

/**
 * sipalg_pass_take() - decide what a segment will carry
 * @pass: the segment, not a plain one; text and max of @pass->out are set, the
 *	rest of that is filled in; if it is watched, only its number
 *
 * Where the receiver must not have any of it, as bytes are held or out of
 * order, or has all of it already, that is a keep-alive: a byte that the
 * receiver has, and so ignores, but for an acknowledgment. One that may still
 * wait for the end of the handshake gets that instead: it may know of the
 * connection only what this has, and then resets a keep-alive (RFC 4987, 3.6).
 */
void sipalg_pass_take(struct sipalg_pass *pass)
{
	struct sipalg_output *out = &pass->out;
	bool in_flight = is_in_flight(&pass->direction->map);
	u32 acked = pass->direction->map.acked;

	segment_take(pass);
	if (pass->is_watched) {
		if (!segment_is_seen(pass))
			sipalg_pass_miss(pass);
		out->seq = pass->in.seq;
		if (!in_flight)
			pass->direction->flight_clock = pass->in.clock;
		return;
	}
	output_trim(out, pass->direction->window.end);
	out->is_empty = !out->len && !out->fin;
	clock_choose(pass, in_flight);
	if (!out->is_empty)
		return;
	out->seq = acked;
	if (!pass->direction->is_known)
		return;
	out->seq--;
	out->text[0] = 0;
	out->len = 1;
}

/**
 * sipalg_pass_segment() - how long may the segments be that leave?
 * @pass: the segment
 * @options: bytes of its options
 *
 * A receiver may reckon its window by the longest segment that it got, and by
 * the memory that this one took: Linux does so anew with each that is longer.
 * So where the sender has cut what it had, text that grows makes no longer
 * segments, but one more.
 *
 * Return: bytes of payload.
 */
u32 sipalg_pass_segment(const struct sipalg_pass *pass, u32 options)
{
	const struct sipalg_direction *direction = pass->direction;
	u32 max = direction->mss - options;

	if (!pass->in.is_full)
		return max;
	return min(max, max_t(u32, direction->segment, MSS_DEFAULT));
}

/*
 * Where text has shrunk, a receiver may reckon its window by segments that are
 * a few bytes short. Its sender would wait for one that takes a whole segment,
 * and so is told that. What exceeds the true window is held while messages are
 * followed.
 */
static u16 window_round(const struct sipalg_direction *direction, u16 field)
{
	const struct sipalg_window *window = &direction->window;
	u32 bytes = (u32)field << window->scale;
	u32 lack = direction->segment - bytes, more;

	if (direction->state == SIPALG_DIRECTION_PASSED || !bytes ||
	    bytes >= direction->segment || lack > direction->shrunk)
		return field;
	more = (lack + (1U << window->scale) - 1) >> window->scale;
	if (direction->map.held + (more << window->scale) > SIPALG_EXCESS_MAX)
		return field;
	return field + more;
}

/**
 * sipalg_pass_end() - map a segment's acknowledgment and window
 * @pass: the segment; ack and window of @pass->out are set
 */
void sipalg_pass_end(struct sipalg_pass *pass)
{
	struct sipalg_direction *reverse = pass->reverse;
	const struct sipalg_seqmap *map = &reverse->map;
	const struct sipalg_input *in = &pass->in;
	struct sipalg_output *out = &pass->out;
	u32 waits = sipalg_direction_is_loose(reverse) ? 0 : map->held;
	u16 window = waits ? in->window : window_round(reverse, in->window);

	out->ack = in->ack;
	out->window = in->window;
	if (!in->has_ack)
		return;
	out->ack = sipalg_seqmap_in(map, in->ack);
	if (!in->rst)
		out->window = sipalg_window_tell(&reverse->window, out->ack,
						 waits, window, reverse->mss);
}

/*
 * A block in front of the acknowledgment reports a duplicate (RFC 2883). One of
 * a single byte reports a keep-alive; what that stood for is reported instead.
 */
static bool sack_map(struct sipalg_direction *direction, u32 ack,
		     const struct sipalg_sack *from, struct sipalg_sack *to)
{
	const struct sipalg_seqmap *map = &direction->map;
	u32 start = from->start;

	if (after(from->end, ack)) {
		/*
		 * A later acknowledgment has overtaken the block, or part of
		 * it.
		 */
		if (!after(from->end, map->acked))
			return false;
		if (before(start, map->acked))
			start = map->acked;
		to->start = sipalg_seqmap_in_from(map, start);
		to->end = sipalg_seqmap_in(map, from->end);
	} else if (from->end - from->start > 1) {
		to->start = sipalg_seqmap_in(map, from->start);
		to->end = sipalg_seqmap_in(map, from->end);
	} else {
		*to = direction->duplicate;
		direction->duplicate = (struct sipalg_sack){};
	}
	return after(to->end, to->start);
}

/**
 * sipalg_pass_sacks() - map a segment's selective acknowledgment
 * @pass: the segment
 * @old: its blocks
 * @n: how many
 * @new: filled in; may have SIPALG_SACKS_MAX blocks
 * @may_add: both ends know the option
 *
 * Segments out of order that are here are reported with what the receiver has.
 * Those that have passed may be lost yet: only the receiver reports them.
 *
 * Return: how many blocks there are now.
 */
unsigned int sipalg_pass_sacks(struct sipalg_pass *pass,
			       const struct sipalg_sack *old, unsigned int n,
			       struct sipalg_sack *new, bool may_add)
{
	struct sipalg_direction *reverse = pass->reverse;
	unsigned int m = 0, i;

	if (direction_is_watched(reverse, pass->may_change)) {
		memcpy(new, old, n * sizeof(*new));
		return n;
	}
	for (i = 0; i < n; i++)
		if (!after(old[i].end, reverse->map.out_next))
			m += sack_map(reverse, pass->in.ack, &old[i], &new[m]);
	if (may_add)
		m += sipalg_ooo_sacks(&reverse->queue, reverse->map.in_next,
				      new + m, SIPALG_SACKS_MAX - m);
	return m;
}
