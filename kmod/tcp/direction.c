// SPDX-License-Identifier: GPL-2.0

#include <net/tcp.h>

#include "state/quota.h"
#include "tcp/direction.h"

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
	direction->mss = max_t(u16, mss, TCP_MIN_MSS);
	direction->mss_max = direction->mss;
}

/**
 * sipalg_direction_drop_text() - the current message has left, or never will
 * @direction: the direction
 * @account: what its text was charged to
 */
void sipalg_direction_drop_text(struct sipalg_direction *direction,
				struct sipalg_account *account)
{
	if (direction->buf)
		sipalg_account_free(account, direction->buf,
				    direction->buf_size);
	direction->buf = NULL;
	direction->buf_size = 0;
	direction->text_len = 0;
	direction->released = 0;
	direction->is_loose = false;
	direction->head_sent = false;
	direction->head_changed = false;
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
	sipalg_direction_drop_text(direction, account);
}

/**
 * sipalg_direction_pass() - look at nothing more of a direction
 * @direction: the direction; nothing of it has changed or is held
 * @account: what its text was charged to
 * @end: up to here the receiver may have been sent bytes
 */
void sipalg_direction_pass(struct sipalg_direction *direction,
			   struct sipalg_account *account, u32 end)
{
	struct sipalg_seqmap *map = &direction->map;
	const struct sipalg_ooo_segment *segment;

	list_for_each_entry(segment, &direction->queue.segments, list)
		if (after(sipalg_ooo_segment_end(segment), end))
			end = sipalg_ooo_segment_end(segment);
	if (after(end, map->in_next))
		sipalg_seqmap_advance(map, end - map->in_next,
				      end - map->in_next);
	sipalg_ooo_free(&direction->queue, account);
	sipalg_direction_drop_text(direction, account);
	direction->state = SIPALG_DIRECTION_PASSED;
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
