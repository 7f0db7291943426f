/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SIP over TCP: a connection as two byte streams.
 */
#ifndef SIPALG_STREAM_H
#define SIPALG_STREAM_H

#include <linux/spinlock.h>
#include <linux/xarray.h>
#include <net/netfilter/nf_conntrack.h>

#include "session/message.h"
#include "state/quota.h"
#include "tcp/direction.h"

struct sipalg_net;

/* Values of sipalg_flow.stream besides a stream and a handshake: */
#define SIPALG_STREAM_LEFT xa_mk_value(0)	/* the flow is not looked at */
/* the module goes; conntrack is about to map the sequence numbers */
#define SIPALG_STREAM_GONE xa_mk_value(1)

/**
 * struct sipalg_stream - a connection
 * @lock: protects all below; taken outside a dialog's lock
 * @list: in sipalg_streams.list; in sipalg_host.spare while its flow is gone
 * @orphan: in sipalg_streams.orphans, while its flow is gone
 * @until: up to then a packet may adopt it, in jiffies
 * @rcu: frees it
 * @account: the host that opened it, in its namespace
 * @ct: its flow, referenced; written with sipalg_streams.lock, too
 * @directions: by enum ip_conntrack_dir of the data
 * @closed: the connection has ended, or is left to conntrack
 * @pinned: 1 while the module cannot go: bytes are held, or a changed message
 *	is not acknowledged; written by xchg()
 */
struct sipalg_stream {
	spinlock_t lock;
	struct list_head list;
	struct hlist_node orphan;
	unsigned long until;
	struct rcu_head rcu;
	struct sipalg_account account;
	struct nf_conn *ct;
	struct sipalg_direction directions[IP_CT_DIR_MAX];
	bool closed;
	int pinned;
};

/* Do the two sequence spaces of a direction differ? */
static inline bool sipalg_stream_is_edited(const struct sipalg_stream *stream)
{
	return stream->directions[IP_CT_DIR_ORIGINAL].map.edited ||
	       stream->directions[IP_CT_DIR_REPLY].map.edited;
}

/* May the helper let the flow's packets pass without a further look? */
static inline bool sipalg_stream_is_left(const struct sipalg_flow *flow)
{
	return READ_ONCE(flow->stream) == SIPALG_STREAM_LEFT;
}

int sipalg_streams_net_init(struct sipalg_net *sn);
void sipalg_streams_net_exit(struct sipalg_net *sn);
struct sipalg_stream *sipalg_stream_alloc(const struct sipalg_packet *packet);
bool sipalg_stream_publish(struct sipalg_stream *stream,
			   struct sipalg_flow *flow, const void *entry);
bool sipalg_stream_pin(struct sipalg_stream *stream);
void sipalg_stream_unpin(struct sipalg_stream *stream);
void sipalg_stream_cancel(struct sipalg_stream *stream);
void sipalg_stream_syn_again(struct sipalg_stream *stream, u32 seq);
void sipalg_stream_tell_window(const struct sipalg_stream *stream,
			       enum ip_conntrack_dir dir);
void sipalg_stream_tell_conntrack(const struct sipalg_stream *stream,
				  enum ip_conntrack_dir dir);
void sipalg_stream_leave(struct sipalg_net *sn, struct sipalg_flow *flow);
void sipalg_stream_destroy(struct nf_conn *ct);
void *sipalg_stream_adopt(struct sipalg_packet *packet);
void sipalg_stream_disown(const struct sipalg_packet *packet);

#endif /* SIPALG_STREAM_H */
