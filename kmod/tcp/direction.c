// SPDX-License-Identifier: GPL-2.0
/*
 * Bytes in order are followed message by message. A message is held until as
 * much of it is there as an ALG must see, and leaves with the segment that
 * completes it.
 *
 * What cannot be taken for lack of memory is as good as lost: the sender sends
 * it again.
 */

#include <net/tcp.h>

#include "session/message.h"
#include "state/quota.h"
#include "state/stats.h"
#include "tcp/direction.h"

/* no path is narrower: RFC 9293, 3.7.1 */
#define MSS_MIN		536

/* bytes of the smallest buffer for text */
#define BUF_MIN		512UL

/**
 * sipalg_direction_init() - a direction that has carried nothing yet
 * @direction: the direction; all of it is set
 * @seq: sequence number of its first byte
 * @mss: what the receiver announced
 */
void sipalg_direction_init(struct sipalg_direction *direction, u32 seq, u16 mss)
{
	memset(direction, 0, sizeof(*direction));
	sipalg_seqmap_init(&direction->map, seq);
	sipalg_ooo_init(&direction->queue);
	sip_frame_begin(&direction->frame);
	direction->mss = max_t(u16, mss, MSS_MIN);
	direction->mss_max = direction->mss;
}

static void text_free(struct sipalg_direction *direction,
		      struct sipalg_account *account)
{
	if (direction->buf)
		sipalg_account_free(account, direction->buf,
				    direction->buf_size);
	direction->buf = NULL;
	direction->buf_size = 0;
	direction->text_len = 0;
	direction->released = 0;
}

/**
 * sipalg_direction_free() - free all that a direction keeps
 * @direction: the direction
 * @account: what that was charged to
 */
void sipalg_direction_free(struct sipalg_direction *direction,
			   struct sipalg_account *account)
{
	sipalg_seqmap_free(&direction->map, account);
	sipalg_ooo_free(&direction->queue, account);
	text_free(direction, account);
}

/**
 * sipalg_direction_is_plain() - is a segment to be renumbered, and no more?
 * @direction: its direction
 * @in: the segment
 */
bool sipalg_direction_is_plain(const struct sipalg_direction *direction,
			       const struct sipalg_input *in)
{
	const struct sipalg_seqmap *map = &direction->map;

	return direction->state == SIPALG_DIRECTION_PASSED &&
	       sipalg_seqmap_is_settled(map) &&
	       sipalg_ooo_is_empty(&direction->queue) &&
	       (!map->edited || !before(in->seq, map->in_next));
}

/**
 * sipalg_direction_pass() - renumber a plain segment
 * @pass: the segment
 */
void sipalg_direction_pass(struct sipalg_pass *pass)
{
	struct sipalg_seqmap *map = &pass->direction->map;
	const struct sipalg_input *in = &pass->in;
	u32 end = in->seq + in->len + in->fin;

	pass->out.seq = in->seq + map->out_next - map->in_next;
	if (after(end, map->in_next))
		sipalg_seqmap_advance(map, end - map->in_next,
				      end - map->in_next);
}

/**
 * sipalg_direction_ack() - the receiver has acknowledged
 * @direction: the direction of what it acknowledges
 * @account: what that was charged to
 * @ack: the acknowledgment, in the receiver's space
 */
void sipalg_direction_ack(struct sipalg_direction *direction,
			  struct sipalg_account *account, u32 ack)
{
	struct sipalg_seqmap *map = &direction->map;

	sipalg_seqmap_ack(map, account, ack);
	sipalg_ooo_ack(&direction->queue, account,
		       sipalg_seqmap_in(map, map->acked));
}

/* PAWS at the receiver compares with the latest segment in order (RFC 7323). */
static void clock_learn(struct sipalg_pass *pass)
{
	if (!pass->in.has_clock)
		return;
	pass->direction->clock = pass->in.clock;
	pass->direction->has_clock = true;
}

static void mss_learn(struct sipalg_pass *pass, bool again)
{
	struct sipalg_direction *direction = pass->direction;
	u32 mss = pass->in.mss;

	/* A segment that is sent again may have been too long for the path. */
	if (again)
		direction->mss = clamp_t(u32, mss, MSS_MIN, direction->mss);
	else if (mss > direction->mss)
		direction->mss = min_t(u32, mss, direction->mss_max);
}

/**
 * struct output - a part of the stream that is ready to be forwarded
 * @text: the message; its end has just come
 * @pass: the segment
 * @old: bytes of it that were there before
 * @end: all its bytes, or those in front of the body
 * @sent: it has been forwarded
 */
struct output {
	struct sipalg_text text;
	struct sipalg_pass *pass;
	u32 old;
	u32 end;
	bool sent;
};

/* Writes what the receiver gets of the message. */
static void output_write(const struct output *output,
			 const struct sip_plan *plan, struct sip_span span,
			 u8 *to)
{
	u32 first = output->pass->direction->released;
	const u8 *text = output->text.text;
	u32 behind = span.off + span.len;

	memcpy(to, text + first, span.off - first);
	to += span.off - first;
	if (plan)
		to += sip_plan_render(plan, text, to);
	memcpy(to, text + behind, output->end - behind);
}

/*
 * Forwards the message, changed if there is a plan. One edit covers what was
 * held and at least a byte more: the sender will not send held bytes again, so
 * they must leave again in front of what it does send.
 */
static bool output_send(struct output *output, const struct sip_plan *plan)
{
	struct sip_span span = plan ? sip_plan_span(plan) :
				      (struct sip_span){output->end, 0};
	struct sipalg_direction *direction = output->pass->direction;
	u32 first = direction->released, old = output->old, end = output->end;
	u32 delta = plan ? (u32)plan->delta : 0, len = end - first + delta;
	struct sipalg_output *out = &output->pass->out;
	u32 from = span.off, to = span.off + span.len;
	struct sipalg_seq_edit *edit = NULL;
	bool is_held = old > first;

	if (len > out->max - out->len) {
		out->full = true;
		return false;
	}
	if (is_held) {
		from = first;
		to = max(plan ? to : 0, old + 1);
	} else {
		to = max(to, from + 1);
	}
	if (plan || is_held) {
		edit = sipalg_seq_edit_alloc(output->pass->account,
					     to - from + delta, is_held);
		if (!edit)
			return false;
	}
	output_write(output, plan, span, out->text + out->len);
	if (edit) {
		edit->in_len = to - from;
		edit->out_len = edit->text_len;
		memcpy(edit->text, out->text + out->len + from - first,
		       edit->text_len);
		sipalg_seqmap_add(&direction->map, edit, from - first);
	}
	out->len += len;
	sipalg_seqmap_advance(&direction->map, end - old, len);
	text_free(direction, output->pass->account);
	output->sent = true;
	return true;
}

static enum sipalg_stat output_change(struct sipalg_text *text,
				      const struct sip_plan *plan)
{
	struct output *output = container_of(text, struct output, text);

	/* The scope was switched on in the middle of the message. */
	if (sip_plan_span(plan).off < output->pass->direction->released)
		return SIPALG_STAT_PASSED_REFUSED;
	return output_send(output, plan) ? SIPALG_STAT_CHANGED :
					   SIPALG_STAT_PASSED_NO_MEMORY;
}

/* Return: false where it does not fit, and nothing has been done. */
static bool output_translate(struct output *output, bool head)
{
	struct sipalg_direction *direction = output->pass->direction;
	u32 len = output->end - direction->released;
	struct sipalg_output *out = &output->pass->out;

	if ((out->len && out->len + len + SIP_EDIT_TEXT_MAX > out->max) ||
	    (direction->map.bytes &&
	     direction->map.bytes + len > SIPALG_SEQMAP_MAX)) {
		out->full = true;
		return false;
	}
	output->text.len = output->end;
	output->text.head = head;
	output->text.growth_max = (s32)(out->max - out->len - len);
	output->text.change = output_change;
	direction->has_spoken = true;
	sipalg_message_translate(output->pass->packet, &output->text);
	return output->sent || output_send(output, NULL);
}

/*
 * Appends to the text of the message; one byte more will fit. The caller counts
 * them. Return: false without memory.
 */
static bool text_append(struct sipalg_pass *pass, const u8 *text, u32 len)
{
	struct sipalg_direction *direction = pass->direction;
	u32 size = direction->buf_size;
	u8 *buf;

	if (direction->text_len + len >= size) {
		size = max(roundup_pow_of_two(direction->text_len + len + 1),
			   BUF_MIN);
		buf = sipalg_account_alloc(pass->account, size, false);
		if (!buf)
			return false;
		if (direction->buf) {
			memcpy(buf, direction->buf, direction->text_len);
			sipalg_account_free(pass->account, direction->buf,
					    direction->buf_size);
		}
		direction->buf = buf;
		direction->buf_size = size;
	}
	memcpy(direction->buf + direction->text_len, text, len);
	return true;
}

/* Can nothing become of the message but that it is counted? */
static bool is_observed(const struct sipalg_packet *packet)
{
	return packet->mode != SIPALG_MODE_ON &&
	       !atomic_read(&packet->sn->dialogs.calls);
}

/* Bytes that are forwarded as they are; the caller sees that they fit. */
static void bytes_forward(struct sipalg_pass *pass, const u8 *text, u32 len)
{
	memcpy(pass->out.text + pass->out.len, text, len);
	pass->out.len += len;
	sipalg_seqmap_advance(&pass->direction->map, len, len);
}

/*
 * Bytes that are appended already do not complete the message. They are held,
 * unless no ALG could want to change them.
 */
static void text_hold(struct sipalg_pass *pass, const u8 *text, u32 len)
{
	struct sipalg_direction *direction = pass->direction;

	if (!direction->map.held && len <= pass->out.max - pass->out.len &&
	    (sip_frame_is_open(&direction->frame) ||
	     is_observed(pass->packet))) {
		bytes_forward(pass, text, len);
		direction->released += len;
	} else {
		sipalg_seqmap_hold(&direction->map, len);
	}
	direction->text_len += len;
}

static void verdict_count(struct sipalg_pass *pass, enum sip_verdict verdict)
{
	sipalg_message_pass(pass->packet, sipalg_message_stat(verdict));
}

/*
 * A connection whose first byte is not SIP carries another protocol, and so do
 * the answers.
 */
static void direction_leave(struct sipalg_pass *pass, enum sip_verdict verdict)
{
	bool spoken = pass->direction->has_spoken || pass->reverse->has_spoken;

	pass->direction->state = SIPALG_DIRECTION_PASSED;
	verdict_count(pass, verdict);
	if (!spoken && !pass->reverse->text_len)
		pass->reverse->state = SIPALG_DIRECTION_PASSED;
}

/* Return: how many bytes of a body, or behind what is followed, have passed. */
static u32 body_pass(struct sipalg_pass *pass, const u8 *text, u32 len)
{
	struct sipalg_direction *direction = pass->direction;

	len = min(len, pass->out.max - pass->out.len);
	if (direction->state == SIPALG_DIRECTION_BODY) {
		len = min_t(u64, len, direction->body);
		direction->body -= len;
		if (!direction->body)
			direction->state = SIPALG_DIRECTION_MESSAGES;
	}
	bytes_forward(pass, text, len);
	return len;
}

/*
 * There is no memory for more of a message. What is held of it leaves as it
 * came, with as much more as fits into the buffer, and the direction is not
 * followed any further.
 */
static u32 message_abandon(struct sipalg_pass *pass, const u8 *text, u32 len)
{
	struct sipalg_direction *direction = pass->direction;
	struct output output = {
		.pass = pass,
		.old = direction->text_len,
		.text.text = direction->buf,
	};

	len = min(len, direction->buf_size - direction->text_len);
	memcpy(direction->buf + direction->text_len, text, len);
	output.end = output.old + len;
	if (!output_send(&output, NULL))
		return 0;
	sipalg_stats_inc(pass->packet->sn, SIPALG_STAT_PASSED_NO_MEMORY);
	direction->state = SIPALG_DIRECTION_PASSED;
	return len;
}

/* Should the rest of the message be waited for? */
static bool is_incomplete(const struct sip_frame *frame,
			  enum sip_frame_event event)
{
	return event == SIP_FRAME_MORE ||
	       (event == SIP_FRAME_HEAD && frame->may_have_sdp &&
		frame->body + frame->length <= SIPALG_STREAM_MESSAGE);
}

/* Return: how many of the bytes, in order, have been dealt with: all. */
static u32 message_wait(struct output *output, const u8 *text, u32 len)
{
	struct sipalg_pass *pass = output->pass;

	if (output->old || text_append(pass, text, len)) {
		text_hold(pass, text, len);
		return len;
	}
	/* Nothing is held yet, and nothing will be. */
	sipalg_message_pass(pass->packet, SIPALG_STAT_PASSED_NO_MEMORY);
	pass->direction->state = SIPALG_DIRECTION_PASSED;
	return body_pass(pass, text, len);
}

static bool message_off(struct output *output)
{
	if (!output_send(output, NULL))
		return false;
	output->pass->direction->state = SIPALG_DIRECTION_PASSED;
	return true;
}

static bool message_blank(struct output *output)
{
	output->end = output->pass->direction->frame.blank;
	return output_send(output, NULL);
}

static bool message_done(struct output *output)
{
	const struct sip_frame *frame = &output->pass->direction->frame;

	output->end = frame->body + (u32)frame->length;
	return output_translate(output, false);
}

static bool message_bad(struct output *output)
{
	if (!output_send(output, NULL))
		return false;
	direction_leave(output->pass, output->pass->direction->frame.verdict);
	return true;
}

/* The body is not waited for. */
static bool message_head(struct output *output)
{
	struct sipalg_direction *direction = output->pass->direction;
	bool sent;

	output->end = direction->frame.body;
	if (direction->frame.may_have_sdp) {
		verdict_count(output->pass, SIP_TOO_LONG);
		sent = output_send(output, NULL);
	} else {
		sent = output_translate(output, true);
	}
	if (!sent)
		return false;
	direction->has_spoken = true;
	direction->body = direction->frame.length;
	direction->state = SIPALG_DIRECTION_BODY;
	return true;
}

static bool message_handle(struct output *output, enum sip_frame_event event)
{
	switch (event) {
	case SIP_FRAME_BLANK:
		return message_blank(output);
	case SIP_FRAME_DONE:
		return message_done(output);
	case SIP_FRAME_BAD:
		return message_bad(output);
	default:
		return message_head(output);
	}
}

/* The most that the current message can have. */
static u32 message_max(const struct sip_frame *frame)
{
	return frame->body ? frame->body + (u32)frame->length :
			     SIP_FRAME_HEAD_MAX;
}

/* Return: how many of these bytes, in order, have been dealt with. */
static u32 message_follow(struct sipalg_pass *pass, const u8 *text, u32 len)
{
	struct sipalg_direction *direction = pass->direction;
	struct sip_frame *frame = &direction->frame;
	struct output output = {
		.pass = pass,
		.old = direction->text_len,
		.text.text = text,
	};
	bool sent;

	if (output.old) {
		len = min(len, message_max(frame) - output.old);
		if (!text_append(pass, text, len))
			return message_abandon(pass, text, len);
		output.text.text = direction->buf;
	}
	output.end = output.old + len;
	if (pass->packet->mode == SIPALG_MODE_OFF &&
	    is_observed(pass->packet)) {
		sent = message_off(&output);
	} else {
		enum sip_frame_event event =
			sip_frame_next(frame, output.text.text, output.end);

		if (is_incomplete(frame, event))
			return message_wait(&output, text, len);
		sent = message_handle(&output, event);
	}
	sip_frame_begin(frame);
	return sent ? output.end - output.old : 0;
}

/* Return: how many of these bytes, in order, have been dealt with. */
static u32 text_take(struct sipalg_pass *pass, const u8 *text, u32 len)
{
	u32 taken = 0, n;

	do {
		if (pass->direction->state == SIPALG_DIRECTION_MESSAGES)
			n = message_follow(pass, text + taken, len - taken);
		else
			n = body_pass(pass, text + taken, len - taken);
		taken += n;
	} while (n && taken < len);
	return taken;
}

/* The sender is done: what is held leaves with its FIN. */
static bool held_send(struct sipalg_pass *pass)
{
	struct sipalg_direction *direction = pass->direction;
	u32 held = direction->map.held;
	struct sipalg_seq_edit *edit;

	if (held > pass->out.max - pass->out.len)
		return false;
	edit = sipalg_seq_edit_alloc(pass->account, held, true);
	if (!edit)
		return false;
	edit->in_len = held + 1;
	edit->out_len = held + 1;
	memcpy(edit->text, direction->buf + direction->released, held);
	memcpy(pass->out.text + pass->out.len, edit->text, held);
	pass->out.len += held;
	sipalg_seqmap_add(&direction->map, edit, 0);
	verdict_count(pass, direction->frame.body ? SIP_BAD_LENGTH :
						    SIP_BAD_HEADER);
	return true;
}

static bool fin_take(struct sipalg_pass *pass)
{
	struct sipalg_direction *direction = pass->direction;
	u32 held = direction->map.held;

	if (held && !held_send(pass))
		return false;
	sipalg_seqmap_advance(&direction->map, 1, held + 1);
	text_free(direction, pass->account);
	direction->state = SIPALG_DIRECTION_PASSED;
	direction->finished = true;
	pass->out.fin = true;
	return true;
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
		if (skip < segment->len)
			n = text_take(pass, segment->text + skip,
				      segment->len - skip);
		if (skip < segment->len && n < segment->len - skip)
			break;
		if (segment->fin &&
		    map->in_next == segment->seq + segment->len &&
		    !fin_take(pass))
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

/* Forwards once more what has been forwarded, up to the sender's @end. */
static void repeat_copy(struct sipalg_pass *pass, u32 end, const u8 *text,
			u32 seq)
{
	const struct sipalg_seqmap *map = &pass->direction->map;
	struct sipalg_output *out = &pass->out;
	u32 from = out->seq + out->len, to = sipalg_seqmap_out(map, end);

	if (!after(to, from))
		return;
	if (to - from > out->max - out->len) {
		to = from + out->max - out->len;
		out->full = true;
	} else if (pass->direction->finished && to == map->out_next) {
		out->fin = true;
		to--;
	}
	out->len += sipalg_seqmap_copy(map, from, to, text, seq,
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
	const struct sipalg_ooo_segment *segment;
	const struct sipalg_input *in = &pass->in;

	pass->out.seq = sipalg_seqmap_out(map, in->seq);
	if (before(pass->out.seq, map->acked))
		pass->out.seq = map->acked;
	repeat_copy(pass, end, in->text, in->seq);
	list_for_each_entry(segment, &direction->queue.segments, list) {
		u32 segment_end = sipalg_ooo_segment_end(segment);

		if (!pass->out.len || pass->out.full ||
		    after(segment->seq, end) ||
		    after(segment_end, map->in_next))
			break;
		if (after(segment_end, end)) {
			end = segment_end;
			repeat_copy(pass, end, segment->text, segment->seq);
		}
	}
	return !pass->out.full;
}

static void segment_late(struct sipalg_pass *pass)
{
	pass->out.late = true;
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

	clock_learn(pass);
	mss_learn(pass, false);
	pass->out.seq = map->out_next;
	if (skip && !repeat_take(pass, map->in_next))
		return;
	if (n && text_take(pass, in->text + skip, n) < n)
		return;
	if (!in->fin || fin_take(pass))
		queue_take(pass);
}

/**
 * sipalg_direction_take() - decide what becomes of a segment's payload
 * @pass: the segment; @pass->out is set, but for its text and max
 *
 * An output of no bytes and no FIN says that the receiver must not have any of
 * it yet, as bytes are held or out of order, or has all of it already.
 */
void sipalg_direction_take(struct sipalg_pass *pass)
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
