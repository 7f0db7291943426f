/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One direction of a TCP connection: where its messages begin and end, and
 * which bytes are forwarded when.
 */
#ifndef SIPALG_DIRECTION_H
#define SIPALG_DIRECTION_H

#include "sip/frame.h"
#include "tcp/ooo.h"
#include "tcp/seqmap.h"
#include "tcp/window.h"

struct sipalg_account;
struct sipalg_packet;

/* bytes of a message that is held */
#define SIPALG_STREAM_MESSAGE	16384
/* and bytes that are held because they exceed the window */
#define SIPALG_EXCESS_MAX	512
/* while the edits of the direction count for so many at most */
#define SIPALG_EXCESS_EDITS	16384

enum sipalg_direction_state {
	SIPALG_DIRECTION_MESSAGES,	/* a message begins or goes on */
	SIPALG_DIRECTION_BODY,		/* a body that needs no change */
	/* not looked at any more; its sequence numbers are still mapped */
	SIPALG_DIRECTION_PASSED,
};

/**
 * struct sipalg_direction - one direction of a connection
 * @map: how its two sequence spaces map
 * @window: what its receiver takes
 * @queue: what came out of order and the receiver does not have
 * @frame: how far the current message has been parsed
 * @body: bytes left of a body that needs no change
 * @buf: text of the current message, where it is not complete
 * @buf_size: bytes that fit there
 * @text_len: bytes that are there
 * @released: how many of them have been forwarded; the others are held
 * @duplicate: the latest segment that came a second time and has not been
 *	reported by a D-SACK (RFC 2883), or empty
 * @clock: TSval of the last segment in order
 * @clock_secs: when that came
 * @flight_clock: no later than that of the first one that the receiver has not
 *	acknowledged
 * @segment: bytes of payload of the sender's longest segment
 * @shrunk: the most bytes that a message has become shorter by
 * @mss: what fits into a segment to the receiver, options included
 * @mss_max: what the receiver announced
 * @state: enum sipalg_direction_state
 * @has_clock: @clock is set
 * @is_known: its receiver has been heard of since the handshake
 * @has_spoken: there has been a message
 * @withholds: the receiver has not been sent what is in @queue
 * @is_loose: nothing more of the current message is held
 * @head_sent: its head has been translated; the rest goes on as it comes
 * @head_changed: so that changed it
 * @finished: @map counts a FIN
 */
struct sipalg_direction {
	struct sipalg_seqmap map;
	struct sipalg_window window;
	struct sipalg_ooo_queue queue;
	struct sip_frame frame;
	u64 body;
	u8 *buf;
	u32 buf_size;
	u32 text_len;
	u32 released;
	struct sipalg_sack duplicate;
	u32 clock;
	u32 clock_secs;
	u32 flight_clock;
	u32 segment;
	u32 shrunk;
	u16 mss;
	u16 mss_max;
	u8 state;
	bool has_clock;
	bool is_known;
	bool has_spoken;
	bool withholds;
	bool is_loose;
	bool head_sent;
	bool head_changed;
	bool finished;
};

/**
 * struct sipalg_input - what a segment brings, in its sender's space
 * @text: its payload; not needed where it is plain
 * @seq: its sequence number
 * @len: bytes of payload
 * @ack: its acknowledgment, in the space of who receives that
 * @window: its window field
 * @segment: bytes of payload of its largest segment on the wire
 * @mss: the same, options included
 * @clock: TSval
 * @echo: TSecr
 * @secs: when it came, in seconds
 * @has_ack: it has an acknowledgment
 * @has_clock: it has the option
 * @is_full: it is as long as a segment can be: it was segmented, or the sender
 *	had more to send (no PSH)
 * @rst: it is a reset
 * @fin: it carries a FIN
 */
struct sipalg_input {
	const u8 *text;
	u32 seq;
	u32 len;
	u32 ack;
	u32 segment;
	u32 mss;
	u32 clock;
	u32 echo;
	u32 secs;
	u16 window;
	bool has_ack;
	bool has_clock;
	bool is_full;
	bool rst;
	bool fin;
};

/**
 * struct sipalg_output - what the segment will carry, in the receiver's space
 * @text: its payload
 * @seq: its sequence number
 * @len: bytes of payload
 * @max: how many there may be
 * @ack: its acknowledgment, in the space of who receives that
 * @clock: TSval, where it has the option
 * @window: its window field
 * @fin: it will carry a FIN
 * @late: bytes in front of it are missing
 * @full: there were more
 * @is_empty: it carries nothing of the stream
 */
struct sipalg_output {
	u8 *text;
	u32 seq;
	u32 len;
	u32 max;
	u32 ack;
	u32 clock;
	u16 window;
	bool fin;
	bool late;
	bool full;
	bool is_empty;
};

/**
 * struct sipalg_pass - a segment on its way through its direction
 * @packet: its packet, for the session
 * @account: what memory is charged to
 * @direction: the segment's direction
 * @reverse: the opposite one
 * @in: the segment as it came
 * @out: the segment as it will go on
 * @may_change: a message may be changed, and so has to be held
 * @keeps_body: but only its head, in this direction
 * @is_off: messages are not looked at
 * @is_watched: its payload goes on as it came, whatever becomes of @out
 * @may_drop: it has to be dropped where its receiver would not accept it
 */
struct sipalg_pass {
	const struct sipalg_packet *packet;
	struct sipalg_account *account;
	struct sipalg_direction *direction;
	struct sipalg_direction *reverse;
	struct sipalg_input in;
	struct sipalg_output out;
	bool may_change;
	bool keeps_body;
	bool is_off;
	bool is_watched;
	bool may_drop;
};

/* Goes its message on as it comes, but for what exceeds the window? */
static inline bool
sipalg_direction_is_loose(const struct sipalg_direction *direction)
{
	return direction->is_loose || direction->state == SIPALG_DIRECTION_BODY;
}

void sipalg_direction_init(struct sipalg_direction *direction, u32 seq,
			   u16 mss);
void sipalg_direction_free(struct sipalg_direction *direction,
			   struct sipalg_account *account);
void sipalg_direction_drop_text(struct sipalg_direction *direction,
				struct sipalg_account *account);
void sipalg_direction_pass(struct sipalg_direction *direction,
			   struct sipalg_account *account, u32 end);
void sipalg_direction_ack(struct sipalg_direction *direction,
			  struct sipalg_account *account, u32 ack);

#endif /* SIPALG_DIRECTION_H */
