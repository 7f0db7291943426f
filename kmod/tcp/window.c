// SPDX-License-Identifier: GPL-2.0
/*
 * Which segments an end accepts (RFC 9293, 3.10.7.4), and which acknowledgments
 * (RFC 5961, 5.2). Whoever cannot see the connection has to guess both.
 */

#include <linux/minmax.h>
#include <net/tcp.h>

#include "tcp/window.h"

/* A segment or an acknowledgment may be this old, as for conntrack. */
#define AGE_MIN 66000

/**
 * sipalg_window_init() - the window at the end of the handshake
 * @window: all of it is set
 * @seq: sequence number of the direction's first byte
 * @end: right edge, in both spaces
 * @scale: shift of the window field
 */
void sipalg_window_init(struct sipalg_window *window, u32 seq, u32 end,
			u8 scale)
{
	*window = (struct sipalg_window){
		.end = end,
		.advertised = end,
		.told = seq,
		.max = end - seq,
		.scale = scale,
	};
}

/**
 * sipalg_window_offer() - the receiver offers a window
 * @window: the window
 * @ack: its acknowledgment, in its own space
 * @field: its window field
 */
void sipalg_window_offer(struct sipalg_window *window, u32 ack, u16 field)
{
	u32 bytes = (u32)field << window->scale;

	window->max = max(window->max, bytes);
	if (after(ack + bytes, window->end))
		window->end = ack + bytes;
}

/**
 * sipalg_window_tell() - what the sender is told of a window
 * @window: the window
 * @in_ack: the acknowledgment that goes with it, in the sender's space
 * @held: bytes that wait for the rest of a message, and are acknowledged with
 *	it
 * @field: the receiver's window field, or a larger one
 * @mss: of the direction
 *
 * Held bytes will take some of the window. But they never close it, since the
 * sender could not send the rest of the message.
 *
 * Return: the window field.
 */
u16 sipalg_window_tell(struct sipalg_window *window, u32 in_ack, u32 held,
		       u16 field, u32 mss)
{
	u32 bytes = (u32)field << window->scale;

	if (after(in_ack, window->told))
		window->told = in_ack;
	if (held) {
		bytes = bytes > held ? bytes - held : min(bytes, mss);
		field = (bytes >> window->scale) ?: !!field;
		bytes = (u32)field << window->scale;
	}
	if (after(in_ack + bytes, window->advertised))
		window->advertised = in_ack + bytes;
	return field;
}

static u32 age_max(const struct sipalg_window *window)
{
	return max_t(u32, window->max, AGE_MIN);
}

/**
 * sipalg_window_covers() - would the receiver accept a segment?
 * @window: the window
 * @acked: its latest acknowledgment, in the sender's space
 * @seq: sequence number of the segment
 * @end: sequence number behind it
 *
 * So it would one byte beyond the window, which probes that.
 */
bool sipalg_window_covers(const struct sipalg_window *window, u32 acked,
			  u32 seq, u32 end)
{
	return !before(seq, acked - age_max(window)) &&
	       !after(end, window->advertised + 1);
}

/**
 * sipalg_window_knows() - can an acknowledgment be one of this receiver?
 * @window: the window
 * @acked: its latest acknowledgment
 * @next: next sequence number to be sent to it
 * @ack: the acknowledgment; all of these in its own space
 */
bool sipalg_window_knows(const struct sipalg_window *window, u32 acked,
			 u32 next, u32 ack)
{
	return !before(ack, acked - age_max(window)) && !after(ack, next);
}
