// SPDX-License-Identifier: GPL-2.0
/*
 * A message is held until as much of it is there as an ALG must see, and leaves
 * with the segment that completes it.
 *
 * Bytes that cannot be taken for lack of memory are as good as lost: the sender
 * sends them again.
 */

#include <net/tcp.h>

#include "session/message.h"
#include "state/quota.h"
#include "tcp/framing.h"

/* bytes of the smallest buffer for text */
#define BUF_MIN		512UL

/**
 * struct output - a part of the stream that is ready to be forwarded
 * @text: the message; its end has just come
 * @pass: the segment
 * @old: bytes of it that were there before
 * @end: all its bytes, or those in front of the body
 * @goes_on: it is the head; the rest will be read, too
 * @sent: it has been forwarded
 */
struct output {
	struct sipalg_text text;
	struct sipalg_pass *pass;
	u32 old;
	u32 end;
	bool goes_on;
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
	if (plan && plan->delta < 0)
		direction->shrunk = max(direction->shrunk, (u32)-plan->delta);
	if (output->goes_on)
		direction->head_changed = plan;
	else
		sipalg_direction_drop_text(direction, output->pass->account);
	output->sent = true;
	return true;
}

static enum sipalg_stat output_change(struct sipalg_text *text,
				      const struct sip_plan *plan)
{
	struct output *output = container_of(text, struct output, text);
	const struct sipalg_direction *direction = output->pass->direction;

	if (direction->head_sent)
		return direction->head_changed ? SIPALG_STAT_CHANGED :
						 SIPALG_STAT_PASSED_REFUSED;
	/*
	 * Some of it may have passed: the scope was switched on in the middle
	 * of the message.
	 */
	if (output->pass->is_watched ||
	    sip_plan_span(plan).off < direction->released)
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
	output->text.there = output->end;
	output->text.head = head;
	output->text.comes_again = output->goes_on;
	output->text.growth_max = direction->head_sent ?
					  S32_MAX :
					  (s32)(out->max - out->len - len);
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

/*
 * Forwards what is held of a message that must not be held any longer, and @len
 * bytes behind it, at least one. The sender will not send held bytes again, so
 * they must leave again in front of the next one.
 */
static bool bytes_forward(struct sipalg_pass *pass, const u8 *text, u32 len)
{
	const struct sipalg_direction *direction = pass->direction;
	struct sipalg_seqmap *map = &pass->direction->map;
	u8 *to = pass->out.text + pass->out.len;
	struct sipalg_seq_edit *edit;
	u32 held = map->held;

	if (held + len > pass->out.max - pass->out.len) {
		pass->out.full = true;
		return false;
	}
	memcpy(to + held, text, len);
	if (held) {
		edit = sipalg_seq_edit_alloc(pass->account, held + 1, true);
		if (!edit)
			return false;
		memcpy(to, direction->buf + direction->released, held);
		edit->in_len = held + 1;
		edit->out_len = held + 1;
		memcpy(edit->text, to, held + 1);
		sipalg_seqmap_add(map, edit, 0);
	}
	pass->out.len += held + len;
	sipalg_seqmap_advance(map, len, held + len);
	return true;
}

/*
 * How many of @len bytes, behind what is held, stay behind while there is more
 * to come? Those that exceed the window: text has grown, or the window was told
 * larger than it is. The sender would send them again much later; so they leave
 * in front of what it sends next. That costs an edit, which no limit of memory
 * refuses, until the receiver acknowledges.
 */
static u32 excess_find(const struct sipalg_pass *pass, u32 len)
{
	const struct sipalg_direction *direction = pass->direction;
	const struct sipalg_seqmap *map = &direction->map;
	s32 left = (s32)(direction->window.end - map->out_next);
	u32 held = map->held, excess;

	if (!map->edited || (s32)(held + len) <= left ||
	    map->bytes > SIPALG_EXCESS_EDITS)
		return 0;
	excess = min(held + len - (u32)max(left, 0), len);
	return (excess == len ? held + len : excess) <= SIPALG_EXCESS_MAX ?
		       excess :
		       0;
}

/*
 * Is the message to be held? Not where no ALG could change it, and not beyond
 * the receiver's window: the sender would wait for that to open.
 */
static bool is_to_hold(const struct sipalg_pass *pass, u32 len)
{
	const struct sipalg_direction *direction = pass->direction;

	return pass->may_change && !pass->is_watched && !direction->is_loose &&
	       len <= direction->window.max;
}

/*
 * How many of @len bytes at the beginning of a message need not be held? No ALG
 * changes a method. What may still wait for the end of the handshake cannot be
 * asked for an acknowledgment, so it gets a byte.
 */
static u32 open_find(const struct sipalg_pass *pass, u32 len)
{
	const struct sipalg_direction *direction = pass->direction;

	if (sip_frame_is_open(&direction->frame))
		return len <= pass->out.max - pass->out.len ? len : 0;
	return !direction->is_known && !direction->text_len && !pass->out.len;
}

/*
 * Bytes that are appended already do not complete the message. They are held,
 * or forwarded, with what was held, where holding is of no use; then just those
 * are held that exceed the window.
 *
 * Return: how many have been dealt with: all or none.
 */
static u32 text_hold(struct sipalg_pass *pass, const u8 *text, u32 len)
{
	struct sipalg_direction *direction = pass->direction;
	bool holds = is_to_hold(pass, direction->text_len + len);
	u32 held = direction->map.held, behind = len;

	if (!holds)
		behind = excess_find(pass, len);
	else if (!held)
		behind -= open_find(pass, len);
	if (behind < len) {
		if (!bytes_forward(pass, text, len - behind))
			return 0;
		direction->released += held + len - behind;
	}
	sipalg_seqmap_hold(&direction->map, behind);
	direction->is_loose |= !holds;
	direction->text_len += len;
	return len;
}

static void verdict_count(struct sipalg_pass *pass, enum sip_verdict verdict)
{
	if (!pass->is_off)
		sipalg_message_pass(pass->packet,
				    sipalg_message_stat(verdict));
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

/* Return: how many bytes have passed behind what is followed. */
static u32 rest_pass(struct sipalg_pass *pass, const u8 *text, u32 len)
{
	len = min(len, pass->out.max - pass->out.len);
	return bytes_forward(pass, text, len) ? len : 0;
}

/**
 * sipalg_framing_skip() - bytes of a body that needs no change have passed
 * @pass: the segment that they go on with
 * @len: how many, of direction->body
 */
void sipalg_framing_skip(struct sipalg_pass *pass, u32 len)
{
	struct sipalg_direction *direction = pass->direction;

	direction->body -= len;
	if (direction->body)
		return;
	sipalg_direction_drop_text(direction, pass->account);
	direction->state = SIPALG_DIRECTION_MESSAGES;
}

/*
 * Bytes of a body that needs no change; what is kept of its text is held.
 *
 * Return: how many have been dealt with.
 */
static u32 body_pass(struct sipalg_pass *pass, const u8 *text, u32 len)
{
	struct sipalg_direction *direction = pass->direction;
	u32 room = pass->out.max - pass->out.len, behind = 0;

	len = min_t(u64, len, direction->body);
	len = min(len, room - min(room, direction->map.held));
	if (len < direction->body)
		behind = excess_find(pass, len);
	if (behind && !text_append(pass, text + len - behind, behind))
		behind = 0;
	if (behind < len) {
		if (!bytes_forward(pass, text, len - behind))
			return 0;
		if (behind) {
			memmove(direction->buf,
				direction->buf + direction->text_len, behind);
			direction->text_len = 0;
		} else {
			sipalg_direction_drop_text(direction, pass->account);
		}
	}
	sipalg_seqmap_hold(&direction->map, behind);
	direction->text_len += behind;
	sipalg_framing_skip(pass, len);
	return len;
}

/* Bytes of the body that are still to come, behind a head that is complete. */
static u64 body_left(const struct sipalg_direction *direction)
{
	const struct sip_frame *frame = &direction->frame;

	return frame->body + frame->length - direction->text_len;
}

/* What is left of a message passes unread, as a body; what is held stays. */
static void body_begin(struct sipalg_pass *pass, u64 len)
{
	struct sipalg_direction *direction = pass->direction;

	if (direction->map.held) {
		memmove(direction->buf, direction->buf + direction->released,
			direction->map.held);
		direction->text_len = direction->map.held;
		direction->released = 0;
		direction->is_loose = false;
		direction->head_sent = false;
		direction->head_changed = false;
	} else {
		sipalg_direction_drop_text(direction, pass->account);
	}
	sip_frame_begin(&direction->frame);
	direction->body = len;
	direction->state = SIPALG_DIRECTION_BODY;
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

	if (direction->head_sent) {
		sipalg_message_pass(pass->packet, SIPALG_STAT_PASSED_NO_MEMORY);
		body_begin(pass, body_left(direction));
		return body_pass(pass, text, len);
	}
	len = min(len, direction->buf_size - direction->text_len);
	memcpy(direction->buf + direction->text_len, text, len);
	output.end = output.old + len;
	if (!output_send(&output, NULL))
		return 0;
	sipalg_message_pass(pass->packet, SIPALG_STAT_PASSED_NO_MEMORY);
	direction->state = SIPALG_DIRECTION_PASSED;
	return len;
}

/*
 * Can the message be part of an offer/answer exchange (RFC 3264, RFC 6337)? The
 * method of a response is not looked for.
 */
static bool is_negotiating(const u8 *text)
{
	return !memcmp(text, "SIP/", 4) || !memcmp(text, "INVITE ", 7) ||
	       !memcmp(text, "ACK ", 4) || !memcmp(text, "PRACK ", 6) ||
	       !memcmp(text, "UPDATE ", 7);
}

/* May the body behind a complete head be a description that matters? */
static bool is_body_wanted(const struct output *output)
{
	return !output->pass->is_off &&
	       output->pass->direction->frame.may_have_sdp &&
	       is_negotiating(output->text.text);
}

/* Is such a body to be read? */
static bool is_body_read(const struct output *output)
{
	const struct sip_frame *frame = &output->pass->direction->frame;

	return is_body_wanted(output) &&
	       frame->body + frame->length <= SIPALG_STREAM_MESSAGE;
}

/*
 * Should the rest of the message be waited for? The body only where it is read.
 * One that may change is held, so it is no longer than what the receiver could
 * be sent at a time.
 */
static bool is_incomplete(const struct output *output,
			  enum sip_frame_event event)
{
	const struct sipalg_pass *pass = output->pass;
	const struct sipalg_direction *direction = pass->direction;
	const struct sip_frame *frame = &direction->frame;

	if (event != SIP_FRAME_HEAD)
		return event == SIP_FRAME_MORE;
	/*
	 * The head was there before, and the body was to be waited for, be it
	 * that it would not be now.
	 */
	if (output->old >= frame->body)
		return true;
	if (!pass->may_change || pass->is_watched)
		return is_body_read(output);
	return !pass->keeps_body && is_body_read(output) &&
	       frame->body + frame->length <= direction->window.max;
}

/* Return: how many of the bytes, in order, have been dealt with. */
static u32 message_wait(struct output *output, const u8 *text, u32 len)
{
	struct sipalg_pass *pass = output->pass;

	if (output->old || text_append(pass, text, len))
		return text_hold(pass, text, len);
	/* Nothing is held yet, and nothing will be. */
	sipalg_message_pass(pass->packet, SIPALG_STAT_PASSED_NO_MEMORY);
	pass->direction->state = SIPALG_DIRECTION_PASSED;
	return rest_pass(pass, text, len);
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
	return output->pass->is_off ? output_send(output, NULL) :
				      output_translate(output, false);
}

static bool message_bad(struct output *output)
{
	if (!output_send(output, NULL))
		return false;
	direction_leave(output->pass, output->pass->direction->frame.verdict);
	return true;
}

/* The body is not read; @why counts one that should be. */
static bool message_head(struct output *output, enum sipalg_stat why)
{
	struct sipalg_direction *direction = output->pass->direction;
	const struct sip_frame *frame = &direction->frame;
	bool is_missed = is_body_wanted(output);
	u64 length = frame->length;

	output->end = frame->body;
	if (output->pass->is_off ? !output_send(output, NULL) :
				   !output_translate(output, true))
		return false;
	if (is_missed)
		sipalg_message_pass(output->pass->packet, why);
	direction->has_spoken = true;
	body_begin(output->pass, length);
	return true;
}

/*
 * The head goes on, and the body will as it comes; both are kept until all is
 * there, to be read at once.
 */
static bool message_split(struct output *output)
{
	struct sipalg_direction *direction = output->pass->direction;
	const struct sip_frame *frame = &direction->frame;

	if (!output->old &&
	    !text_append(output->pass, output->text.text, frame->body))
		return message_head(output, SIPALG_STAT_PASSED_NO_MEMORY);
	output->end = frame->body;
	output->goes_on = true;
	if (!output_translate(output, true))
		return false;
	direction->text_len = frame->body;
	direction->released = frame->body;
	direction->is_loose = true;
	direction->head_sent = true;
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
		return is_body_read(output) && output->pass->keeps_body ?
			       message_split(output) :
			       message_head(output,
					    SIPALG_STAT_PASSED_TOO_LONG);
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
	enum sip_frame_event event;
	bool sent;

	if (output.old) {
		len = min(len, message_max(frame) - output.old);
		if (!text_append(pass, text, len))
			return message_abandon(pass, text, len);
		output.text.text = direction->buf;
	}
	output.end = output.old + len;
	event = sip_frame_next(frame, output.text.text, output.end);
	if (is_incomplete(&output, event)) {
		len = message_wait(&output, text, len);
		if (!len && !direction->head_sent)
			sip_frame_begin(frame);
		return len;
	}
	sent = message_handle(&output, event);
	if (!direction->head_sent)
		sip_frame_begin(frame);
	return sent ? output.end - output.old : 0;
}

/**
 * sipalg_framing_take() - bytes in order have come
 * @pass: the segment that they go on with
 * @text: the bytes
 * @len: how many; at least one
 *
 * Return: how many have been dealt with: fewer where the packet is full, or
 * there is no memory.
 */
u32 sipalg_framing_take(struct sipalg_pass *pass, const u8 *text, u32 len)
{
	u32 consumed = 0, n;

	do {
		if (pass->direction->state == SIPALG_DIRECTION_MESSAGES)
			n = message_follow(pass, text + consumed,
					   len - consumed);
		else if (pass->direction->state == SIPALG_DIRECTION_BODY)
			n = body_pass(pass, text + consumed, len - consumed);
		else
			n = rest_pass(pass, text + consumed, len - consumed);
		consumed += n;
	} while (n && consumed < len);
	return consumed;
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
	if (!sipalg_direction_is_loose(direction))
		verdict_count(pass, direction->frame.body ? SIP_BAD_LENGTH :
							    SIP_BAD_HEADER);
	return true;
}

/**
 * sipalg_framing_end() - the sender's FIN has come
 * @pass: the segment that it goes on with
 *
 * Return: false where the packet is full, or there is no memory.
 */
bool sipalg_framing_end(struct sipalg_pass *pass)
{
	struct sipalg_direction *direction = pass->direction;
	u32 held = direction->map.held;

	if (held && !held_send(pass))
		return false;
	sipalg_seqmap_advance(&direction->map, 1, held + 1);
	sipalg_direction_drop_text(direction, pass->account);
	direction->state = SIPALG_DIRECTION_PASSED;
	direction->finished = true;
	pass->out.fin = true;
	return true;
}
