// SPDX-License-Identifier: GPL-2.0
/*
 * Memory is allocated when the setting is made, on the account of who makes it:
 * no message from the network takes any.
 *
 * The room is a ring of records: a message behind its length. The oldest ones
 * give way. A record is in one piece; where it would reach beyond the end of
 * the room, the rest of that is skipped. Positions count bytes from the first
 * record on and never come back.
 */

#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/sched.h>

#include "state/recent.h"

/* In the place of a length: the next record is at the beginning of the room. */
#define SKIP	U32_MAX

static u32 *length_at(const struct sipalg_recent *recent, u64 position)
{
	struct sipalg_room *room = recent->room;

	return (u32 *)(room->data + (position & (room->size - 1)));
}

/* Return: bytes from a position to the end of the room. */
static u32 rest_at(const struct sipalg_recent *recent, u64 position)
{
	u32 size = recent->room->size;

	return size - (position & (size - 1));
}

static u32 record_size(u32 len)
{
	return sizeof(len) + ALIGN(len, sizeof(len));
}

/* Return: the position behind a record, or behind what is skipped. */
static u64 pass_record(const struct sipalg_recent *recent, u64 position)
{
	u32 len = *length_at(recent, position);

	return position + (len == SKIP ? rest_at(recent, position) :
					 record_size(len));
}

/* Lets the oldest records go until so many bytes are free. */
static void make_room(struct sipalg_recent *recent, u32 bytes)
{
	while (recent->end - recent->begin + bytes > recent->room->size)
		recent->begin = pass_record(recent, recent->begin);
}

/**
 * sipalg_recent_keep() - keep a message
 * @sn: the namespace
 * @message: the message, in whichever form
 * @len: its length in bytes
 *
 * Context: softirq or process.
 */
void sipalg_recent_keep(struct sipalg_net *sn, const void *message, u32 len)
{
	struct sipalg_recent *recent = &sn->recent;
	u32 bytes, rest;

	if (!sipalg_recent_has_room(sn) || len > SIPALG_RECENT_LEN_MAX)
		return;
	bytes = record_size(len);
	spin_lock_bh(&recent->lock);
	if (!recent->room || bytes > recent->room->size)
		goto out;
	rest = rest_at(recent, recent->end);
	if (rest < bytes) {
		make_room(recent, rest);
		*length_at(recent, recent->end) = SKIP;
		recent->end += rest;
	}
	make_room(recent, bytes);
	*length_at(recent, recent->end) = len;
	memcpy(length_at(recent, recent->end) + 1, message, len);
	recent->end += bytes;
out:
	spin_unlock_bh(&recent->lock);
}

/* Return: 1 if there may be more, 0 at the end, or what @take returned. */
static int read_record(struct sipalg_recent *recent, u64 *position,
		       sipalg_recent_cb *take, void *data)
{
	const u32 *record;
	int err = 0;

	/* Those before it have given way. */
	*position = max(*position, recent->begin);
	if (*position == recent->end)
		return 0;
	record = length_at(recent, *position);
	if (*record != SKIP)
		err = take(record + 1, *record, data);
	if (err)
		return err;
	*position = pass_record(recent, *position);
	return 1;
}

/**
 * sipalg_recent_read() - read the messages that are kept
 * @sn: the namespace
 * @position: 0 at first; advances behind each message that @take has taken
 * @take: takes each of them
 * @data: for @take
 *
 * Context: process; may sleep.
 * Return: 0 at the end, or what @take returned.
 */
int sipalg_recent_read(struct sipalg_net *sn, u64 *position,
		       sipalg_recent_cb *take, void *data)
{
	int more;

	do {
		spin_lock_bh(&sn->recent.lock);
		more = read_record(&sn->recent, position, take, data);
		spin_unlock_bh(&sn->recent.lock);
		cond_resched();
	} while (more > 0);
	return more;
}

/**
 * sipalg_recent_alloc() - allocate room for messages
 * @bytes: at most so many; not 0
 *
 * Context: process; may sleep.
 * Return: the room, for sipalg_recent_install() or kvfree(); NULL without
 * memory.
 */
struct sipalg_room *sipalg_recent_alloc(u32 bytes)
{
	u32 size = rounddown_pow_of_two(bytes);
	struct sipalg_room *room;

	room = kvmalloc(struct_size(room, data, size),
			GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (room)
		room->size = size;
	return room;
}

/**
 * sipalg_recent_install() - give the messages another room
 * @sn: the namespace
 * @room: from sipalg_recent_alloc(); NULL for none
 *
 * What has been kept is forgotten.
 *
 * Context: process.
 */
void sipalg_recent_install(struct sipalg_net *sn, struct sipalg_room *room)
{
	struct sipalg_recent *recent = &sn->recent;

	spin_lock_bh(&recent->lock);
	swap(recent->room, room);
	/* Whoever reads was somewhere before it. */
	if (recent->room)
		recent->end = round_up(recent->end + 1, recent->room->size);
	recent->begin = recent->end;
	spin_unlock_bh(&recent->lock);
	kvfree(room);
}

int sipalg_recent_net_init(struct sipalg_net *sn)
{
	spin_lock_init(&sn->recent.lock);
	return 0;
}

void sipalg_recent_net_exit(struct sipalg_net *sn)
{
	kvfree(sn->recent.room);
}
