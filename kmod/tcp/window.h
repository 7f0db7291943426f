/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The window that a receiver offers, in both sequence spaces.
 */
#ifndef SIPALG_WINDOW_H
#define SIPALG_WINDOW_H

#include <linux/types.h>

/**
 * struct sipalg_window - what the receiver of a direction takes
 * @end: right edge that it has offered, in its own space
 * @advertised: right edge that the sender has been told, in the sender's space
 * @told: highest acknowledgment that the sender has been told, in the same
 * @max: the largest window that it has offered, in bytes
 * @scale: shift of the window field (RFC 7323)
 */
struct sipalg_window {
	u32 end;
	u32 advertised;
	u32 told;
	u32 max;
	u8 scale;
};

void sipalg_window_init(struct sipalg_window *window, u32 seq, u32 end,
			u8 scale);
void sipalg_window_offer(struct sipalg_window *window, u32 ack, u16 field);
u16 sipalg_window_tell(struct sipalg_window *window, u32 in_ack, u32 held,
		       u16 field, u32 mss);
bool sipalg_window_covers(const struct sipalg_window *window, u32 acked,
			  u32 seq, u32 end);
bool sipalg_window_knows(const struct sipalg_window *window, u32 acked,
			 u32 next, u32 ack);

#endif /* SIPALG_WINDOW_H */
