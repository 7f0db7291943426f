// SPDX-License-Identifier: GPL-2.0

#include <linux/minmax.h>
#include <linux/string.h>
#include <net/tcp.h>

#include "state/quota.h"
#include "tcp/ooo.h"

/**
 * sipalg_ooo_init() - nothing is out of order yet
 * @queue: the queue; all of it is set
 */
void sipalg_ooo_init(struct sipalg_ooo_queue *queue)
{
	INIT_LIST_HEAD(&queue->segments);
	queue->bytes = 0;
}

/* Bytes charged to the queue; the minimum also bounds its length. */
static u32 segment_share(const struct sipalg_ooo_segment *segment)
{
	return max_t(u32, segment->len, SIPALG_OOO_SEGMENT_MIN);
}

static void segment_free(struct sipalg_ooo_queue *queue,
			 struct sipalg_account *account,
			 struct sipalg_ooo_segment *segment)
{
	list_del(&segment->list);
	queue->bytes -= segment_share(segment);
	sipalg_account_free(account, segment, sizeof(*segment) + segment->len);
}

/**
 * sipalg_ooo_free() - free all segments
 * @queue: the queue
 * @account: what they were charged to
 */
void sipalg_ooo_free(struct sipalg_ooo_queue *queue,
		     struct sipalg_account *account)
{
	struct sipalg_ooo_segment *segment, *next;

	list_for_each_entry_safe(segment, next, &queue->segments, list)
		segment_free(queue, account, segment);
}

/**
 * sipalg_ooo_has() - does one segment of the queue contain all of another one?
 * @queue: the queue
 * @seq: sequence number of the other one's first byte
 * @len: its length
 * @fin: it carries a FIN
 */
bool sipalg_ooo_has(const struct sipalg_ooo_queue *queue, u32 seq, u32 len,
		    bool fin)
{
	const struct sipalg_ooo_segment *segment;

	list_for_each_entry(segment, &queue->segments, list) {
		if (after(segment->seq, seq))
			return false;
		if (!after(seq + len, segment->seq + segment->len) &&
		    fin <= segment->fin)
			return true;
	}
	return false;
}

/* Return: the last segment that does not begin behind @seq, or the head. */
static struct list_head *find_place(struct sipalg_ooo_queue *queue, u32 seq)
{
	struct list_head *place = &queue->segments;
	struct sipalg_ooo_segment *segment;

	list_for_each_entry(segment, &queue->segments, list) {
		if (after(segment->seq, seq))
			break;
		place = &segment->list;
	}
	return place;
}

/**
 * sipalg_ooo_add() - keep a segment
 * @queue: the queue
 * @account: what to charge
 * @seq: sequence number of its first byte
 * @text: its payload
 * @len: bytes of that
 * @fin: it carries a FIN
 *
 * Where the queue is full, or there is no memory, it is as good as lost.
 */
void sipalg_ooo_add(struct sipalg_ooo_queue *queue,
		    struct sipalg_account *account, u32 seq, const u8 *text,
		    u32 len, bool fin)
{
	struct sipalg_ooo_segment *segment;

	if (queue->bytes >= SIPALG_OOO_MAX)
		return;
	segment = sipalg_account_alloc(account, sizeof(*segment) + len, false);
	if (!segment)
		return;
	segment->seq = seq;
	segment->len = len;
	segment->fin = fin;
	memcpy(segment->text, text, len);
	list_add(&segment->list, find_place(queue, seq));
	queue->bytes += segment_share(segment);
}

/**
 * sipalg_ooo_ack() - the receiver has acknowledged
 * @queue: the queue
 * @account: what its segments were charged to
 * @in: the acknowledgment, in the sender's space
 */
void sipalg_ooo_ack(struct sipalg_ooo_queue *queue,
		    struct sipalg_account *account, u32 in)
{
	struct sipalg_ooo_segment *segment, *next;

	list_for_each_entry_safe(segment, next, &queue->segments, list) {
		if (after(sipalg_ooo_segment_end(segment), in))
			break;
		segment_free(queue, account, segment);
	}
}

/**
 * sipalg_ooo_sacks() - the SACK blocks of what is beyond a gap
 * @queue: the queue
 * @next: next sequence number expected from the sender
 * @sacks: filled in
 * @max: how many blocks fit
 *
 * Return: how many there are.
 */
unsigned int sipalg_ooo_sacks(const struct sipalg_ooo_queue *queue, u32 next,
			      struct sipalg_sack *sacks, unsigned int max)
{
	const struct sipalg_ooo_segment *segment;
	unsigned int n = 0;

	list_for_each_entry(segment, &queue->segments, list) {
		u32 end = segment->seq + segment->len;

		if (!segment->len || !after(segment->seq, next))
			continue;
		if (n && !after(segment->seq, sacks[n - 1].end)) {
			if (after(end, sacks[n - 1].end))
				sacks[n - 1].end = end;
			continue;
		}
		if (n == max)
			break;
		sacks[n++] = (struct sipalg_sack){ segment->seq, end };
	}
	return n;
}
