/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The latest messages, which are kept where the setting trace-bytes asks for
 * that.
 */
#ifndef SIPALG_STATE_RECENT_H
#define SIPALG_STATE_RECENT_H

#include "state/net.h"

/* Greater messages are not kept. */
#define SIPALG_RECENT_LEN_MAX	69632

/**
 * struct sipalg_room - where they are kept
 * @size: of @data in bytes, a power of two
 * @data: the records
 */
struct sipalg_room {
	u32 size;
	u8 data[];
};

/*
 * Takes a message and its length in bytes. Context: softirqs off, with a lock.
 * Returns 0, or a negative errno if the message is to be read again.
 */
typedef int sipalg_recent_cb(const void *message, u32 len, void *data);

/* Is there room for messages? Context: any. */
static inline bool sipalg_recent_has_room(const struct sipalg_net *sn)
{
	return READ_ONCE(sn->recent.room);
}

struct sipalg_room *sipalg_recent_alloc(u32 bytes);
void sipalg_recent_install(struct sipalg_net *sn, struct sipalg_room *room);
void sipalg_recent_keep(struct sipalg_net *sn, const void *message, u32 len);
int sipalg_recent_read(struct sipalg_net *sn, u64 *position,
		       sipalg_recent_cb *take, void *data);

int sipalg_recent_net_init(struct sipalg_net *sn);
void sipalg_recent_net_exit(struct sipalg_net *sn);

#endif /* SIPALG_STATE_RECENT_H */
