/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Two ends of a TCP connection, a network that loses, repeats, reorders and
 * merges, and between them the very code of kmod/tcp that decides what each
 * segment becomes.
 */
#ifndef SIM_H
#define SIM_H

#include "tcp/pass.h"

#define MESSAGES	8		/* at most, a direction, by chance */
#define MESSAGES_MAX	300
#define STREAM_MAX	(MESSAGES * 6000)
#define PACKETS_MAX	64		/* that a queue takes by itself */
#define QUEUE_MAX	4096
#define SEGMENT_MAX	65535
#define OUT_MAX		(SEGMENT_MAX - 40)
#define FORGED		0xff		/* a byte that nobody else sends */
#define AFAR		(1 << 20)	/* further than any window here */

/**
 * struct packet - on its way from an end to the router, or behind it
 * @seq: its numbers, as those who see it count
 * @mss: bytes of its segments
 * @clock: TSval
 * @echo: TSecr
 * @is_probe: a keep-alive without a byte
 * @is_answer: a reset that answers the latest acknowledgment
 */
struct packet {
	u32 seq, ack, len, mss, clock, echo;
	u16 window;
	bool fin, rst, is_forged, is_full, is_probe, is_answer;
	unsigned int n_sacks;
	struct sipalg_sack sacks[SIPALG_SACKS_MAX];
	u8 text[];
};

struct queue {
	struct packet *packets[QUEUE_MAX];
	unsigned int n;
};

/**
 * struct end - one end
 * @iss: sequence number of its first byte; all others here are relative to
 *	that, or to its peer's
 * @sent: its stream, @len bytes and a FIN
 * @acked: up to here the peer has it, as it was told
 * @heard: the same, where it ignores no acknowledgment as too old (RFC 7323)
 * @next: what it sends next
 * @right: the window that it was told of
 * @sacked: what it was told by SACK
 * @got: what has come from the peer
 * @has: which bytes of that
 * @got_next: the first that has not
 * @got_max: behind the last that has
 * @offered: right edge of the window that it has offered
 * @read: up to here its program has read
 * @got_fin: where the peer's stream ends, once that has come
 * @buffer: its receive buffer
 * @mss: what it sends at most
 * @clock: TS.Recent (RFC 7323)
 * @last_ack: the last that it has sent, in the peer's numbers
 * @pending: it delays an acknowledgment
 * @scale: of its window field
 */
struct end {
	u32 iss, len, acked, heard, next, right;
	u32 got_next, got_max, read, offered, got_fin;
	u32 buffer, mss;
	u32 clock, last_ack;
	bool pending;
	u8 scale;
	unsigned int n_messages;
	u32 starts[MESSAGES_MAX], ends[MESSAGES_MAX];
	enum { UNCHANGED, HEAD, WHOLE } changed[MESSAGES_MAX];
	u8 sent[STREAM_MAX], got[2 * STREAM_MAX];
	bool sacked[STREAM_MAX + 1], has[2 * STREAM_MAX + 1];
};

/* What conntrack keeps of a direction. */
struct tracked {
	u32 end, maxend, maxwin;
	s32 offset;
};

/**
 * struct options - what kind of world it is
 * @loss: packets of a hundred that are lost
 * @out_max: bytes that fit into a packet
 * @is_perfect: nothing is lost, forged or short, and the windows are wide; what
 *	goes to the router may be reordered,
 * @reorders: or what goes on from there
 * @is_strict_receiver: a receiver drops all of a segment that exceeds the
 *	window
 * @is_shrinking: receivers take back what they have offered
 * @is_lazy: acknowledgments may be delayed
 * @is_short_of_memory: of the router's
 * @trusts_sack: the ends know SACK
 * @translates: messages are changed at all,
 * @may_change: and now
 * @is_inward: bodies of this direction stay,
 * @knows_inward: and the code knows that now
 * @is_off: nothing is looked at while nothing is changed
 */
struct options {
	u32 loss, out_max;
	bool is_perfect, reorders, is_strict_receiver, is_shrinking, is_lazy;
	bool is_short_of_memory, trusts_sack;
	bool translates, may_change;
	bool is_inward[2], knows_inward;
	bool is_off;
};

struct counts {
	u64 schedules, segments, changed, again, held, forged, merged, paws;
};

extern struct end ends[2];
extern struct sipalg_direction directions[2];
extern struct tracked tracked[2];
extern struct queue to_router[2], to_end[2];
extern struct options options;
extern struct counts counts;
extern u32 now;
/* The direction whose message the code is at. */
extern unsigned int translated;

/* main.c */
void random_seed(u64 seed);
u64 random_next(void);
u32 random_below(u32 n);
__attribute__((noreturn, format(printf, 1, 2))) void fail(const char *format,
							   ...);

/* text.c */
void message_add(struct end *end, u32 kind, u32 filler, u32 half);
void stream_make(struct end *end);
u32 stream_expect(const struct end *end, u8 *to);

/* network.c */
struct packet *packet_alloc(u32 len);
void queue_put(struct queue *queue, struct packet *packet);
struct packet *queue_get(struct queue *queue);
struct packet *queue_take(struct queue *queue, u32 i);
struct packet *merge(struct packet *packet, struct queue *queue);
bool track(unsigned int dir, const struct packet *packet);
void tell_conntrack(unsigned int dir);

/* router.c */
void route(unsigned int dir, struct packet *packet);

/* ends.c */
void end_clear(struct end *end);
u32 next_due(const struct end *end);
void end_send(unsigned int e, u32 at, u32 len, bool fin);
void end_send_next(unsigned int e);
void end_send_again(unsigned int e, u32 at);
void end_take(unsigned int e, struct packet *packet);
void end_read(unsigned int e);
void end_probe(unsigned int e);
void end_greet(unsigned int e);
void end_reset(unsigned int e);

/* schedules.c */
void begin(void);
void finish(void);
void schedule(void);

/* ladders.c */
void ladders_climb(void);

#endif /* SIM_H */
