// SPDX-License-Identifier: GPL-2.0
/*
 * Bytes in order are followed message by message. A message whose end is not
 * there yet, as far as an ALG must see it, is taken into custody, and goes out
 * with the packet that completes it.
 */

#include <net/tcp.h>


#include "session/message.h"
#include "state/stats.h"
#include "tcp/direction.h"

/* no path is narrower: RFC 9293, 3.7.1 */
#define MSS_LEAST	536

/*
 * What came before its time. The sender has been told that it is there, and so
 * it stays until the receiver has it.
 */
struct chunk {
	struct list_head list;
	u32 seq;
	u32 len;
	bool fin;
	u8 text[];
};

static u32 chunk_size(const struct chunk *chunk)
{
	return sizeof(*chunk) + chunk->len;
}

/* What it takes of the room in the queue, whose length is so bounded, too. */
static u32 chunk_share(const struct chunk *chunk)
{
	return max_t(u32, chunk->len, SIPALG_STREAM_CHUNK);
}

static u32 chunk_end(const struct chunk *chunk)
{
	return chunk->seq + chunk->len + chunk->fin;
}

static void drop_chunk(struct sipalg_stream *stream, struct sipalg_way *way,
		       struct chunk *chunk)
{
	list_del(&chunk->list);
	way->queued -= chunk_share(chunk);
	sipalg_account_free(&stream->account, chunk, chunk_size(chunk));
}

static void drop_text(struct sipalg_stream *stream, struct sipalg_way *way)
{
	if (way->text)
		sipalg_account_free(&stream->account, way->text, way->text_size);
	way->text = NULL;
	way->text_size = 0;
	way->text_len = 0;
	way->released = 0;
	way->journal.custody = 0;
}

/* What it takes of the journal, whose length is so bounded, too. */
static u32 piece_share(const struct sipalg_piece *piece)
{
	return max_t(u32, piece->text_len, SIPALG_STREAM_PIECE);
}

static void drop_pieces(struct sipalg_stream *stream, struct sipalg_way *way,
			struct list_head *pieces)
{
	struct sipalg_piece *piece, *next;

	list_for_each_entry_safe(piece, next, pieces, list) {
		list_del(&piece->list);
		way->kept -= piece_share(piece);
		sipalg_account_free(&stream->account, piece, sizeof(*piece) + piece->text_len);
	}
}

/**
 * sipalg_way_init() - a direction that has carried nothing yet
 * @way: the direction; all of it is set
 * @seq: number of its first byte
 * @mss: what the receiver announced
 */
void sipalg_way_init(struct sipalg_way *way, u32 seq, u16 mss)
{
	memset(way, 0, sizeof(*way));
	sipalg_journal_init(&way->journal, seq);
	sip_frame_begin(&way->frame);
	INIT_LIST_HEAD(&way->queue);
	way->mss = max_t(u16, mss, MSS_LEAST);
	way->mss_max = way->mss;
}

/**
 * sipalg_way_free() - free all that a direction keeps
 * @stream: its stream, locked
 * @way: the direction
 */
void sipalg_way_free(struct sipalg_stream *stream, struct sipalg_way *way)
{
	struct chunk *chunk, *next;

	drop_pieces(stream, way, &way->journal.pieces);
	drop_text(stream, way);
	list_for_each_entry_safe(chunk, next, &way->queue, list)
		drop_chunk(stream, way, chunk);
}

/**
 * sipalg_way_is_settled() - does the receiver have all that was changed or in
 * custody?
 * @way: the direction
 */
bool sipalg_way_is_settled(const struct sipalg_way *way)
{
	return list_empty(&way->journal.pieces) && !way->journal.custody;
}

/**
 * sipalg_way_is_plain() - is there nothing to do for a packet but to map its
 * numbers?
 * @way: its direction
 * @segment: the packet
 */
bool sipalg_way_is_plain(const struct sipalg_way *way,
			 const struct sipalg_segment *segment)
{
	return way->state == SIPALG_WAY_PASSED && sipalg_way_is_settled(way) &&
	       list_empty(&way->queue) &&
	       (!way->touched || !before(segment->seq, way->journal.in_next));
}

/**
 * sipalg_way_acked() - the receiver has acknowledged
 * @stream: its stream, locked
 * @way: the direction of what it acknowledges
 * @ack: up to where
 */
void sipalg_way_acked(struct sipalg_stream *stream, struct sipalg_way *way,
		      u32 ack)
{
	struct sipalg_journal *journal = &way->journal;
	struct chunk *chunk, *next;
	LIST_HEAD(done);
	u32 acked;

	sipalg_journal_ack(journal, ack, &done);
	drop_pieces(stream, way, &done);
	acked = sipalg_journal_in(journal, journal->acked);
	list_for_each_entry_safe(chunk, next, &way->queue, list) {
		if (after(chunk_end(chunk), acked))
			break;
		drop_chunk(stream, way, chunk);
	}
}

/**
 * sipalg_way_queued() - what is there beyond a gap, for a selective
 * acknowledgment
 * @way: the direction
 * @sacks: filled in
 * @max: how many blocks there is room for
 *
 * Return: how many there are.
 */
unsigned int sipalg_way_queued(const struct sipalg_way *way,
			       struct sipalg_sack *sacks, unsigned int max)
{
	const struct chunk *chunk;
	unsigned int n = 0;

	list_for_each_entry(chunk, &way->queue, list) {
		u32 end = chunk->seq + chunk->len;

		if (!chunk->len || !after(chunk->seq, way->journal.in_next))
			continue;
		if (n && !after(chunk->seq, sacks[n - 1].end)) {
			if (after(end, sacks[n - 1].end))
				sacks[n - 1].end = end;
			continue;
		}
		if (n == max)
			break;
		sacks[n++] = (struct sipalg_sack){ chunk->seq, end };
	}
	return n;
}

/* Makes what the sender sent at @seq the way's latest packet in order. */
static void note_clock(struct sipalg_pass *pass)
{
	struct sipalg_way *way = pass->way;

	if (sipalg_segment_timestamp(&pass->segment, &way->clock))
		way->clocked = true;
}

static void note_mss(struct sipalg_pass *pass, bool again)
{
	const struct sipalg_segment *segment = &pass->segment;
	u32 options = segment->text - segment->th - sizeof(struct tcphdr);
	struct sipalg_way *way = pass->way;
	u32 mss;

	mss = options + (skb_is_gso(segment->skb) ?
				 skb_shinfo(segment->skb)->gso_size :
				 segment->len);
	/* What is sent again may have been too long for the path. */
	if (again)
		way->mss = clamp_t(u32, mss, MSS_LEAST, way->mss);
	else if (mss > way->mss)
		way->mss = min_t(u32, mss, way->mss_max);
}

/* A stretch that must be remembered until the receiver has it. */
static struct sipalg_piece *make_piece(struct sipalg_pass *pass, u32 text_len,
				       bool owed)
{
	struct sipalg_piece *piece;

	piece = sipalg_account_alloc(&pass->stream->account, sizeof(*piece) + text_len, owed);
	if (!piece)
		return NULL;
	piece->text_len = text_len;
	return piece;
}

static void add_piece(struct sipalg_way *way, struct sipalg_piece *piece)
{
	list_add_tail(&piece->list, &way->journal.pieces);
	way->kept += piece_share(piece);
	way->touched = true;
}

/**
 * struct passage - a part of the stream that is ready to go out
 * @text: the message; its end has just come
 * @pass: the packet
 * @old: bytes of it that were there before; of them, way->released have gone
 *	out
 * @end: all its bytes, or those up to the body
 * @gone: it has gone out
 */
struct passage {
	struct sipalg_text text;
	struct sipalg_pass *pass;
	u32 old;
	u32 end;
	bool gone;
};

/*
 * Lets it go, changed as planned if there is a plan. What was in custody is
 * kept together with what follows: the sender will not send it again.
 */
static bool let_go(struct passage *passage, const struct sip_plan *plan)
{
	struct sip_span span = plan ? sip_plan_span(plan) :
				      (struct sip_span){passage->end, 0};
	struct sipalg_pass *pass = passage->pass;
	struct sipalg_way *way = pass->way;
	struct sipalg_journal *journal = &way->journal;
	u32 first = way->released, end = passage->end;
	u32 from = span.off, to = span.off + span.len;
	u32 delta = plan ? (u32)plan->delta : 0;
	struct sipalg_piece *piece = NULL;
	const u8 *text = passage->text.text;
	u8 *out = pass->out + pass->len;
	u8 *at = out;

	if (end - first + delta > pass->room - pass->len) {
		pass->full = true;
		return false;
	}
	if (passage->old > first) {
		from = first;
		to = max(plan ? to : 0, passage->old + 1);
	} else {
		to = max(to, from + 1);
	}
	if (plan || passage->old > first) {
		piece = make_piece(pass, to - from + delta,
				   passage->old > first);
		if (!piece)
			return false;
	}

	memcpy(at, text + first, span.off - first);
	at += span.off - first;
	if (plan)
		at += sip_plan_render(plan, text, at);
	memcpy(at, text + span.off + span.len, end - span.off - span.len);

	if (piece) {
		piece->in = journal->in_next - passage->old + from;
		piece->in_len = to - from;
		piece->lead = passage->old - first;
		piece->out = journal->out_next + from - first;
		piece->out_len = piece->text_len;
		memcpy(piece->text, out + from - first, piece->text_len);
		add_piece(way, piece);
	}
	pass->len += end - first + delta;
	journal->in_next += end - passage->old;
	journal->out_next += end - first + delta;
	drop_text(pass->stream, way);
	passage->gone = true;
	return true;
}

static enum sipalg_stat change(struct sipalg_text *text,
			       const struct sip_plan *plan)
{
	struct passage *passage = container_of(text, struct passage, text);

	/* Switched on in the middle of it. */
	if (sip_plan_span(plan).off < passage->pass->way->released)
		return SIPALG_STAT_PASSED_REFUSED;
	return let_go(passage, plan) ? SIPALG_STAT_CHANGED :
				       SIPALG_STAT_PASSED_NO_MEMORY;
}

/* Return: false where there is no room, and nothing has been done. */
static bool translate(struct passage *passage, bool head)
{
	struct sipalg_pass *pass = passage->pass;
	u32 len = passage->end - pass->way->released;

	if ((pass->len && pass->len + len + SIP_EDIT_TEXT_MAX > pass->room) ||
	    (pass->way->kept &&
	     pass->way->kept + len > SIPALG_STREAM_JOURNAL)) {
		pass->full = true;
		return false;
	}
	passage->text.len = passage->end;
	passage->text.head = head;
	passage->text.growth_max = (s32)(pass->room - pass->len - len);
	passage->text.change = change;
	pass->way->spoken = true;
	sipalg_message_translate(pass->packet, &passage->text);
	return passage->gone || let_go(passage, NULL);
}

/* Leaves room for one byte more. Return: false where there is no memory. */
static bool append(struct sipalg_pass *pass, const u8 *text, u32 len)
{
	struct sipalg_way *way = pass->way;
	u32 size = way->text_size;
	u8 *room;

	if (way->text_len + len >= size) {
		size = max(roundup_pow_of_two(way->text_len + len + 1), 512UL);
		room = sipalg_account_alloc(&pass->stream->account, size, false);
		if (!room)
			return false;
		memcpy(room, way->text, way->text_len);
		if (way->text)
			sipalg_account_free(&pass->stream->account, way->text, way->text_size);
		way->text = room;
		way->text_size = size;
	}
	memcpy(way->text + way->text_len, text, len);
	return true;
}

/* Is there anything that a held message would be changed for? */
static bool is_observed(const struct sipalg_packet *packet)
{
	return packet->mode != SIPALG_MODE_ON &&
	       !atomic_read(&packet->sn->dialogs.calls);
}

/* @len bytes of the packet, appended already, are no message yet. */
static void hold(struct sipalg_pass *pass, const u8 *text, u32 len)
{
	struct sipalg_way *way = pass->way;
	struct sipalg_journal *journal = &way->journal;

	journal->in_next += len;
	if (!journal->custody && len <= pass->room - pass->len &&
	    (sip_frame_is_open(&way->frame) || is_observed(pass->packet))) {
		memcpy(pass->out + pass->len, text, len);
		pass->len += len;
		journal->out_next += len;
		way->released += len;
	}
	way->text_len += len;
	journal->custody = way->text_len - way->released;
}

static void count(struct sipalg_pass *pass, enum sip_verdict verdict)
{
	sipalg_message_pass(pass->packet, sipalg_message_stat(verdict));
}

/*
 * What is not SIP from its first byte on is of no concern, and neither are the
 * answers.
 */
static void leave(struct sipalg_pass *pass, enum sip_verdict verdict)
{
	bool spoken = pass->way->spoken || pass->other->spoken;

	pass->way->state = SIPALG_WAY_PASSED;
	count(pass, verdict);
	if (!spoken && !pass->other->text_len)
		pass->other->state = SIPALG_WAY_PASSED;
}

/* Bytes that pass as they are. */
static u32 pass_on(struct sipalg_pass *pass, const u8 *text, u32 len)
{
	struct sipalg_way *way = pass->way;

	len = min(len, pass->room - pass->len);
	if (way->state == SIPALG_WAY_BODY) {
		len = min_t(u64, len, way->body);
		way->body -= len;
		if (!way->body)
			way->state = SIPALG_WAY_MESSAGES;
	}
	memcpy(pass->out + pass->len, text, len);
	pass->len += len;
	way->journal.in_next += len;
	way->journal.out_next += len;
	return len;
}

/*
 * There is no memory for more of a message: what there is of it goes out as it
 * came, with as much more as there is room for, and the stream is not followed
 * any further.
 */
static u32 give_up(struct sipalg_pass *pass, const u8 *text, u32 len)
{
	struct sipalg_way *way = pass->way;
	struct passage passage = {
		.pass = pass, .old = way->text_len, .text.text = way->text};

	len = min(len, way->text_size - way->text_len);
	memcpy(way->text + way->text_len, text, len);
	passage.end = passage.old + len;
	if (!let_go(&passage, NULL))
		return 0;
	sipalg_stats_inc(pass->packet->sn, SIPALG_STAT_PASSED_NO_MEMORY);
	way->state = SIPALG_WAY_PASSED;
	return len;
}

/* Shall the rest of this message be waited for? */
static bool is_to_wait(const struct sipalg_way *way, enum sip_frame_event step)
{
	return step == SIP_FRAME_MORE ||
	       (step == SIP_FRAME_HEAD && way->frame.may_have_sdp &&
		way->frame.body + way->frame.length <= SIPALG_STREAM_MESSAGE);
}

/* Return: how many of these bytes, in order, have been dealt with. */
static u32 follow(struct sipalg_pass *pass, const u8 *text, u32 len)
{
	struct sipalg_way *way = pass->way;
	struct passage passage = { .pass = pass, .old = way->text_len };
	u32 old = passage.old, n = len;
	enum sip_frame_event step;
	bool done;

	if (old) {
		u32 whole = way->frame.body ?
				    way->frame.body + (u32)way->frame.length :
				    SIP_FRAME_HEAD_MAX;

		n = min(n, whole - old);
		if (!append(pass, text, n))
			return give_up(pass, text, n);
	}
	passage.text.text = old ? way->text : text;
	passage.end = old + n;
	if (pass->packet->mode == SIPALG_MODE_OFF &&
	    is_observed(pass->packet)) {
		done = let_go(&passage, NULL);
		if (done)
			way->state = SIPALG_WAY_PASSED;
		goto out;
	}
	step = sip_frame_next(&way->frame, passage.text.text, passage.end);
	if (is_to_wait(way, step)) {
		if (old || append(pass, text, n)) {
			hold(pass, text, n);
			return n;
		}
		/* Nothing is in custody yet, and nothing will be. */
		sipalg_message_pass(pass->packet, SIPALG_STAT_PASSED_NO_MEMORY);
		way->state = SIPALG_WAY_PASSED;
		return pass_on(pass, text, n);
	}
	switch (step) {
	case SIP_FRAME_BLANK:
		passage.end = way->frame.blank;
		done = let_go(&passage, NULL);
		break;
	case SIP_FRAME_DONE:
		passage.end = way->frame.body + (u32)way->frame.length;
		done = translate(&passage, false);
		break;
	case SIP_FRAME_BAD:
		done = let_go(&passage, NULL);
		if (done)
			leave(pass, way->frame.verdict);
		break;
	default:
		passage.end = way->frame.body;
		if (way->frame.may_have_sdp) {
			count(pass, SIP_TOO_LONG);
			done = let_go(&passage, NULL);
		} else {
			done = translate(&passage, true);
		}
		if (done) {
			way->spoken = true;
			way->body = way->frame.length;
			way->state = SIPALG_WAY_BODY;
		}
	}
out:
	sip_frame_begin(&way->frame);
	return done ? passage.end - old : 0;
}

static u32 feed(struct sipalg_pass *pass, const u8 *text, u32 len)
{
	u32 taken = 0, n;

	do {
		if (pass->way->state == SIPALG_WAY_MESSAGES)
			n = follow(pass, text + taken, len - taken);
		else
			n = pass_on(pass, text + taken, len - taken);
		taken += n;
	} while (n && taken < len);
	return taken;
}

/* The sender has no more to say: what is in custody goes out with that. */
static bool take_fin(struct sipalg_pass *pass)
{
	struct sipalg_way *way = pass->way;
	struct sipalg_journal *journal = &way->journal;

	if (journal->custody) {
		struct sipalg_piece *piece;

		if (journal->custody > pass->room - pass->len)
			return false;
		piece = make_piece(pass, journal->custody, true);
		if (!piece)
			return false;
		memcpy(piece->text, way->text + way->released,
		       journal->custody);
		memcpy(pass->out + pass->len, piece->text, journal->custody);
		pass->len += journal->custody;
		piece->in = journal->in_next - journal->custody;
		piece->in_len = journal->custody + 1;
		piece->lead = journal->custody;
		piece->out = journal->out_next;
		piece->out_len = journal->custody + 1;
		add_piece(way, piece);
		journal->out_next += journal->custody;
		count(pass, way->frame.body ? SIP_BAD_LENGTH : SIP_BAD_HEADER);
	}
	drop_text(pass->stream, way);
	way->state = SIPALG_WAY_PASSED;
	way->finished = true;
	journal->in_next++;
	journal->out_next++;
	pass->fin = true;
	return true;
}

/* What waited for the gap to close. */
static void take_queue(struct sipalg_pass *pass)
{
	struct sipalg_way *way = pass->way;
	struct chunk *chunk;

	list_for_each_entry(chunk, &way->queue, list) {
		u32 skip = way->journal.in_next - chunk->seq, n = 0;

		if (before(way->journal.in_next, chunk->seq) || pass->fin)
			break;
		if (skip < chunk->len)
			n = feed(pass, chunk->text + skip, chunk->len - skip);
		if (skip < chunk->len && n < chunk->len - skip)
			break;
		if (chunk->fin &&
		    way->journal.in_next == chunk->seq + chunk->len &&
		    !take_fin(pass))
			break;
	}
}

/*
 * The keep-alive's answer will report it, as the sender's measures need (RFC
 * 2883).
 */
static void note_duplicate(struct sipalg_pass *pass)
{
	const struct sipalg_segment *segment = &pass->segment;

	pass->way->duplicate =
		(struct sipalg_sack){segment->seq, segment->seq + segment->len};
}

/*
 * Keeps a packet that came before its time. What is further ahead than the
 * queue is long would only keep out what is needed first.
 */
static void queue(struct sipalg_pass *pass, bool fin)
{
	const struct sipalg_segment *segment = &pass->segment;
	struct list_head *place = &pass->way->queue;
	struct sipalg_way *way = pass->way;
	struct chunk *chunk, *new;

	if (segment->seq + segment->len - way->journal.in_next >
		    SIPALG_STREAM_QUEUE ||
	    way->queued >= SIPALG_STREAM_QUEUE)
		return;
	list_for_each_entry(chunk, &way->queue, list) {
		if (after(chunk->seq, segment->seq))
			break;
		if (!after(segment->seq + segment->len,
			   chunk->seq + chunk->len) &&
		    fin <= chunk->fin) {
			note_duplicate(pass);
			return;
		}
		place = &chunk->list;
	}
	new = sipalg_account_alloc(&pass->stream->account, sizeof(*new) + segment->len, false);
	if (!new)
		return;
	new->seq = segment->seq;
	new->len = segment->len;
	new->fin = fin;
	memcpy(new->text, segment->skb->data + segment->text, segment->len);
	list_add(&new->list, place);
	way->queued += chunk_share(new);
}

/* Goes on with what has been sent, up to the sender's @end. */
static void copy(struct sipalg_pass *pass, u32 end, const u8 *text, u32 seq)
{
	const struct sipalg_journal *journal = &pass->way->journal;
	u32 out = pass->seq + pass->len,
	    out_end = sipalg_journal_out(journal, end);

	if (!after(out_end, out))
		return;
	if (out_end - out > pass->room - pass->len) {
		out_end = out + pass->room - pass->len;
		pass->full = true;
	} else if (pass->way->finished && out_end == journal->out_next) {
		pass->fin = true;
		out_end--;
	}
	pass->len += sipalg_journal_copy(journal, out, out_end, text, seq,
					 pass->out + pass->len);
}

/*
 * Sent again: what the receiver may lack of it goes out once more, as it was.
 * So does what follows and came before it: the sender takes that for received,
 * and will not send it.
 * Return: false where it does not fit.
 */
static bool repeat(struct sipalg_pass *pass, u32 end)
{
	const struct sipalg_segment *segment = &pass->segment;
	const struct sipalg_way *way = pass->way;
	const struct sipalg_journal *journal = &way->journal;
	const struct chunk *chunk;

	pass->seq = sipalg_journal_out(journal, segment->seq);
	if (before(pass->seq, journal->acked))
		pass->seq = journal->acked;
	copy(pass, end, segment->skb->data + segment->text, segment->seq);
	list_for_each_entry(chunk, &way->queue, list) {
		if (!pass->len || pass->full || after(chunk->seq, end) ||
		    after(chunk_end(chunk), journal->in_next))
			break;
		if (after(chunk_end(chunk), end)) {
			end = chunk_end(chunk);
			copy(pass, end, chunk->text, chunk->seq);
		}
	}
	return !pass->full;
}

/**
 * sipalg_way_take() - what becomes of a packet's payload
 * @pass: the packet, open
 *
 * Sets what the packet will carry instead. Nothing at all says that the
 * receiver cannot use any of it yet: bytes in custody or out of order, or that
 * it has already.
 *
 * What is not taken, for lack of memory, is as good as lost: the sender will
 * send it again.
 */
void sipalg_way_take(struct sipalg_pass *pass)
{
	const struct sipalg_segment *segment = &pass->segment;
	bool fin = sipalg_segment_header(segment)->fin;
	struct sipalg_way *way = pass->way;
	struct sipalg_journal *journal = &way->journal;
	u32 end = segment->seq + segment->len, skip, n;

	skip = journal->in_next - segment->seq;
	if (after(segment->seq, journal->in_next)) {
		pass->late = true;
		queue(pass, fin);
	} else if (way->finished || !after(end + fin, journal->in_next)) {
		repeat(pass, after(end + fin, journal->in_next) ?
				     journal->in_next :
				     end + fin);
		if (pass->len)
			note_mss(pass, true);
		else
			note_duplicate(pass);
	} else {
		note_clock(pass);
		note_mss(pass, false);
		pass->seq = journal->out_next;
		if (skip && !repeat(pass, journal->in_next))
			return;
		n = segment->len - skip;
		if (n && feed(pass, segment->skb->data + segment->text + skip,
			      n) < n)
			return;
		if (fin ? take_fin(pass) : true)
			take_queue(pass);
		return;
	}
	/*
	 * There may be some that had no room in the packet which closed the
	 * gap.
	 */
	if (!pass->len && !pass->fin) {
		pass->seq = journal->out_next;
		take_queue(pass);
	}
}
