/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SIP over TCP: a connection as two byte streams.
 */
#ifndef SIPALG_STREAM_H
#define SIPALG_STREAM_H

#include <linux/xarray.h>
#include <net/netfilter/nf_conntrack.h>

#include "sip/frame.h"
#include "session/flow.h"
#include "state/quota.h"
#include "tcp/segment.h"
#include "tcp/seqmap.h"

/* bytes of a message that is held back */
#define SIPALG_STREAM_MESSAGE	16384
/* bytes out of order, a direction */
#define SIPALG_STREAM_QUEUE	262144
/* that a packet of them counts for at least */
#define SIPALG_STREAM_CHUNK	256
/* bytes of changed text, a direction */
#define SIPALG_STREAM_JOURNAL	262144
/* that a stretch of it counts for at least */
#define SIPALG_STREAM_PIECE	256

enum sipalg_way_state {
	SIPALG_WAY_MESSAGES,	/* a message begins or goes on */
	SIPALG_WAY_BODY,	/* a body that is of no concern */
	/* no more looked at; the numbers are still mapped */
	SIPALG_WAY_PASSED,
};

/**
 * struct sipalg_way - one direction of a connection
 * @journal: where its bytes go
 * @frame: how far the message under way has been followed
 * @body: bytes that are left of a body that is of no concern
 * @text: what there is of the message under way, where it is not complete
 * @text_size: room there
 * @text_len: bytes there
 * @released: how many of them have gone out; the others are in custody
 * @queue: struct chunk, what came out of order and the receiver has not, by
 *	sequence
 * @queued: what that takes of SIPALG_STREAM_QUEUE
 * @kept: what the journal's pieces take of SIPALG_STREAM_JOURNAL
 * @duplicate: what came a second time, last, and has not been reported; or
 *	empty
 * @clock: TSval of the last packet in order
 * @mss: what fits into a segment to the receiver, options included
 * @mss_max: what the receiver announced
 * @state: enum sipalg_way_state
 * @clocked: @clock is set
 * @touched: there has been a piece
 * @spoken: there has been a message
 * @finished: @journal counts a FIN
 */
struct sipalg_way {
	struct sipalg_journal journal;
	struct sip_frame frame;
	u64 body;
	u8 *text;
	u32 text_size;
	u32 text_len;
	u32 released;
	struct list_head queue;
	u32 queued;
	u32 kept;
	struct sipalg_sack duplicate;
	u32 clock;
	u16 mss;
	u16 mss_max;
	u8 state;
	bool clocked;
	bool touched;
	bool spoken;
	bool finished;
};

/* In place of a stream, beside an MSS: */
#define SIPALG_STREAM_LEFT xa_mk_value(0)	/* the flow is of no concern */
/* it will be conntrack's in a moment */
#define SIPALG_STREAM_GONE xa_mk_value(1 << 16)

/**
 * struct sipalg_stream - a connection
 * @lock: protects all below; taken outside a dialog's lock
 * @list: in sipalg_streams.list
 * @rcu: frees it
 * @account: the namespace, and the inside host that opened it
 * @ct: its flow, held
 * @ways: by enum ip_conntrack_dir of the data
 * @closed: it has ended, or is conntrack's business now
 * @pinned: the module cannot go, for something is in custody or a changed
 *	message on its way
 */
struct sipalg_stream {
	spinlock_t lock;
	struct list_head list;
	struct rcu_head rcu;
	struct sipalg_account account;
	struct nf_conn *ct;
	struct sipalg_way ways[IP_CT_DIR_MAX];
	bool closed;
	bool pinned;
};

/* Is there anything that went out otherwise than it came? */
static inline bool sipalg_stream_is_touched(const struct sipalg_stream *stream)
{
	return stream->ways[IP_CT_DIR_ORIGINAL].touched ||
	       stream->ways[IP_CT_DIR_REPLY].touched;
}

/* May the helper let the flow's packets go without a further look? */
static inline bool sipalg_stream_is_left(const struct sipalg_flow *flow)
{
	return READ_ONCE(flow->stream) == SIPALG_STREAM_LEFT;
}

unsigned int sipalg_tcp_packet(const struct sipalg_packet *packet,
			       unsigned int protoff);
void sipalg_stream_error(struct sk_buff *skb, const struct nf_conn *ct,
			 enum ip_conntrack_info ctinfo);
void sipalg_stream_destroy(struct nf_conn *ct);

int sipalg_streams_net_init(struct sipalg_net *sn);
void sipalg_streams_net_exit(struct sipalg_net *sn);
int sipalg_stream_setup(void);
void sipalg_stream_teardown(void);

#endif /* SIPALG_STREAM_H */
