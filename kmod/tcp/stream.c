// SPDX-License-Identifier: GPL-2.0
/*
 * A connection is followed from its SYN on, or not at all.
 *
 * Conntrack sees each packet with the sequence numbers that its end gave it.
 * The offset between the two ends' spaces is kept in its own sequence
 * adjustment, which stays inactive until this module goes.
 */

#include <linux/module.h>
#include <net/netfilter/nf_conntrack_helper.h>
#include <net/netfilter/nf_conntrack_seqadj.h>
#include <net/tcp.h>

#include "state/policy.h"
#include "state/quota.h"
#include "tcp/stream.h"

/* Nobody finds or uses it any more, so its lock is not needed. */
static void stream_free(struct rcu_head *rcu)
{
	struct sipalg_stream *stream =
		container_of(rcu, struct sipalg_stream, rcu);
	struct sipalg_account *account = &stream->account;
	struct sipalg_net *sn = account->sn;
	unsigned int dir;

	for (dir = 0; dir < IP_CT_DIR_MAX; dir++)
		sipalg_direction_free(&stream->directions[dir], account);
	sipalg_quota_uncharge(sn, account->host, SIPALG_SHARE_STREAMS,
			      sizeof(*stream));
	nf_ct_put(stream->ct);
	if (stream->pinned)
		module_put(THIS_MODULE);
	kfree(stream);
	if (atomic_dec_and_test(&sn->streams.n))
		sipalg_net_review(sn);
}

/* Nobody finds it any more. */
static void stream_discard(struct sipalg_stream *stream)
{
	call_rcu(&stream->rcu, stream_free);
}

/**
 * sipalg_stream_leave() - look at a flow no more
 * @sn: its namespace
 * @flow: what its helper extension keeps
 *
 * Context: any, RCU read side; takes the lock of the list of streams.
 */
void sipalg_stream_leave(struct sipalg_net *sn, struct sipalg_flow *flow)
{
	struct sipalg_stream *stream;

	spin_lock_bh(&sn->streams.lock);
	stream = flow->stream;
	if (stream != SIPALG_STREAM_GONE)
		WRITE_ONCE(flow->stream, SIPALG_STREAM_LEFT);
	if (stream && !xa_is_value(stream))
		list_del(&stream->list);
	spin_unlock_bh(&sn->streams.lock);
	if (stream && !xa_is_value(stream))
		stream_discard(stream);
}

/**
 * sipalg_stream_destroy() - a flow ends
 * @ct: the flow, dying
 *
 * A message may end a flow while its own stream, or another one, is locked, so
 * this takes no stream's lock.
 *
 * Context: any, RCU read side; takes the lock of the list of streams.
 */
void sipalg_stream_destroy(struct nf_conn *ct)
{
	sipalg_stream_leave(sipalg_pernet(nf_ct_net(ct)), nfct_help_data(ct));
}

int sipalg_streams_net_init(struct sipalg_net *sn)
{
	spin_lock_init(&sn->streams.lock);
	INIT_LIST_HEAD(&sn->streams.list);
	return 0;
}

/* Offset conntrack applies, so that it sees one sequence space. */
static void offset_set(struct nf_conn *ct, enum ip_conntrack_dir dir,
		       s32 offset)
{
	struct nf_conn_seqadj *seqadj = nfct_seqadj(ct);

	if (!seqadj || seqadj->seq[dir].offset_after == offset)
		return;
	spin_lock_bh(&ct->lock);
	seqadj->seq[dir].offset_before = offset;
	seqadj->seq[dir].offset_after = offset;
	spin_unlock_bh(&ct->lock);
}

/**
 * sipalg_stream_tell_conntrack() - tell it a direction's offset
 * @stream: the stream, locked
 * @dir: the direction
 */
void sipalg_stream_tell_conntrack(const struct sipalg_stream *stream,
				  enum ip_conntrack_dir dir)
{
	lockdep_assert_held(&stream->lock);
	offset_set(stream->ct, dir,
		   sipalg_seqmap_offset(&stream->directions[dir].map));
}

/* From now on its packets are dropped, if they would have to be changed. */
static void stream_close(struct sipalg_stream *stream)
{
	unsigned int dir;

	spin_lock_bh(&stream->lock);
	stream->closed = true;
	for (dir = 0; dir < IP_CT_DIR_MAX; dir++)
		sipalg_stream_tell_conntrack(stream, dir);
	spin_unlock_bh(&stream->lock);
}

/*
 * From now on conntrack maps the sequence numbers. No packet is between it and
 * the stream.
 */
static void stream_hand_over(struct sipalg_stream *stream)
{
	struct sipalg_flow *flow = nfct_help_data(stream->ct);

	if (!sipalg_stream_is_edited(stream))
		WRITE_ONCE(flow->stream, SIPALG_STREAM_LEFT);
	else if (nfct_seqadj(stream->ct))
		set_bit(IPS_SEQ_ADJUST_BIT, &stream->ct->status);
}

/**
 * sipalg_streams_net_exit() - the namespace, or the module, goes
 * @sn: the namespace
 *
 * Connections whose numbers differ are left to conntrack; packets of theirs are
 * dropped until the helper is unregistered. When the module goes, nothing is
 * held: a stream that holds bytes pins the module.
 *
 * Context: process.
 */
void sipalg_streams_net_exit(struct sipalg_net *sn)
{
	struct sipalg_stream *stream, *next;
	LIST_HEAD(list);

	spin_lock_bh(&sn->streams.lock);
	list_for_each_entry(stream, &sn->streams.list, list) {
		struct sipalg_flow *flow = nfct_help_data(stream->ct);

		WRITE_ONCE(flow->stream, SIPALG_STREAM_GONE);
	}
	list_splice_init(&sn->streams.list, &list);
	spin_unlock_bh(&sn->streams.lock);
	list_for_each_entry(stream, &list, list)
		stream_close(stream);
	/*
	 * Linux before 6.2 would also adjust the numbers of a packet that has
	 * just been mapped here.
	 */
	if (!list_empty(&list))
		synchronize_rcu();
	list_for_each_entry_safe(stream, next, &list, list) {
		stream_hand_over(stream);
		stream_discard(stream);
	}
	/* Also for streams that have ended by themselves. */
	if (READ_ONCE(sn->streams.used))
		rcu_barrier();
}

static void numbers_set(struct sipalg_stream *stream,
			const struct sipalg_segment *synack, u16 mss)
{
	sipalg_direction_init(&stream->directions[IP_CT_DIR_ORIGINAL],
			      synack->ack, sipalg_segment_mss(synack));
	sipalg_direction_init(&stream->directions[IP_CT_DIR_REPLY],
			      synack->seq + 1, mss);
}

/*
 * The numbers that conntrack sees are not those that it would see without an
 * ALG.
 */
static void conntrack_be_liberal(struct nf_conn *ct)
{
	unsigned int dir;

	spin_lock_bh(&ct->lock);
	for (dir = 0; dir < IP_CT_DIR_MAX; dir++)
		ct->proto.tcp.seen[dir].flags |= IP_CT_TCP_FLAG_BE_LIBERAL;
	spin_unlock_bh(&ct->lock);
}

/* Return: a stream that nobody finds yet; NULL at a limit or without memory. */
static struct sipalg_stream *stream_alloc(const struct sipalg_packet *packet)
{
	struct sipalg_net *sn = packet->sn;
	struct nf_conn *ct = packet->ct;
	struct sipalg_host_key key = {
		.addr = ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple.src.u3,
		.zone = nf_ct_zone_id(nf_ct_zone(ct), IP_CT_DIR_ORIGINAL),
		.family = nf_ct_l3num(ct),
	};
	struct sipalg_stream *stream;
	struct sipalg_host *host;

	if (sipalg_quota_charge(sn, &key, SIPALG_SHARE_STREAMS, sizeof(*stream),
				&host))
		return NULL;
	stream = kzalloc(sizeof(*stream), GFP_ATOMIC);
	if (!stream) {
		sipalg_quota_uncharge(sn, host, SIPALG_SHARE_STREAMS,
				      sizeof(*stream));
		return NULL;
	}
	spin_lock_init(&stream->lock);
	stream->account = (struct sipalg_account){ .sn = sn, .host = host };
	stream->ct = ct;
	return stream;
}

/*
 * Has the flow's packets find the stream, unless it is not @entry any more that
 * they find, or the flow is dying: one that dies later will find the stream.
 */
static bool stream_publish(struct sipalg_stream *stream,
			   struct sipalg_flow *flow, const void *entry)
{
	struct sipalg_streams *streams = &stream->account.sn->streams;
	struct nf_conn *ct = stream->ct;
	bool published;

	WRITE_ONCE(streams->used, true);
	spin_lock_bh(&streams->lock);
	published = !nf_ct_is_dying(ct) && READ_ONCE(flow->stream) == entry;
	if (published) {
		nf_conntrack_get(&ct->ct_general);
		atomic_inc(&streams->n);
		list_add_tail(&stream->list, &streams->list);
		WRITE_ONCE(flow->stream, stream);
	}
	spin_unlock_bh(&streams->lock);
	return published;
}

/* Undoes stream_alloc(). */
static void stream_cancel(struct sipalg_stream *stream)
{
	sipalg_quota_uncharge(stream->account.sn, stream->account.host,
			      SIPALG_SHARE_STREAMS, sizeof(*stream));
	kfree(stream);
}

/* @entry, of a SYN, is in the flow unless another packet has been faster. */
static void stream_begin(const struct sipalg_packet *packet,
			 const struct sipalg_segment *synack, void *entry)
{
	struct sipalg_flow *flow = packet->flow;
	struct sipalg_stream *stream = NULL;

	/* SYNPROXY uses the adjustment of sequence numbers itself. */
	if (module_is_live(THIS_MODULE) &&
	    !test_bit(IPS_SEQ_ADJUST_BIT, &packet->ct->status))
		stream = stream_alloc(packet);
	if (stream) {
		numbers_set(stream, synack, xa_to_value(entry));
		conntrack_be_liberal(packet->ct);
		if (stream_publish(stream, flow, entry))
			return;
		stream_cancel(stream);
	}
	cmpxchg(&flow->stream, entry, SIPALG_STREAM_LEFT);
}

/* An end that gave up has come back, with other sequence numbers. */
static void stream_begin_again(struct sipalg_stream *stream,
			       const struct sipalg_segment *synack)
{
	struct sipalg_direction *directions = stream->directions;
	unsigned int dir;

	spin_lock_bh(&stream->lock);
	if (!stream->closed &&
	    stream->ct->proto.tcp.state == TCP_CONNTRACK_SYN_RECV) {
		for (dir = 0; dir < IP_CT_DIR_MAX; dir++)
			sipalg_direction_free(&directions[dir],
					      &stream->account);
		numbers_set(stream, synack,
			    directions[IP_CT_DIR_REPLY].mss_max);
		/* Conntrack began again, too. */
		conntrack_be_liberal(stream->ct);
	}
	spin_unlock_bh(&stream->lock);
}

/*
 * The SYN leaves its MSS for the SYN-ACK, which tells all sequence numbers.
 * Data in the SYN (RFC 7413) would pass unseen, so such a connection is left
 * alone. MPTCP numbers its bytes a second time, so they could not change:
 * without its option the ends speak TCP (RFC 8684, 3.7).
 *
 * Return: false if the packet must be dropped for lack of memory: it will come
 * again.
 */
static bool syn_take(const struct sipalg_packet *packet,
		     struct sipalg_segment *segment)
{
	void *entry = READ_ONCE(packet->flow->stream);
	struct nf_conn *ct = packet->ct;
	struct sipalg_flow *flow;
	unsigned int dir;

	if (nf_ct_is_confirmed(ct)) {
		if (!entry || entry == SIPALG_STREAM_LEFT)
			return true;
		/* It may begin another connection, whose offsets are 0. */
		for (dir = 0; dir < IP_CT_DIR_MAX && !xa_is_value(entry); dir++)
			offset_set(ct, dir, 0);
		return sipalg_segment_erase(segment, TCPOPT_MPTCP);
	}
	if (segment->len || packet->mode == SIPALG_MODE_OFF ||
	    (packet->mode != SIPALG_MODE_ON &&
	     sipalg_segment_has(segment, TCPOPT_MPTCP)))
		return true;
	if (!nfct_seqadj(ct))
		nfct_seqadj_ext_add(ct);
	/* The extensions may have moved. */
	flow = nfct_help_data(ct);
	flow->stream = xa_mk_value(sipalg_segment_mss(segment));
	return sipalg_segment_erase(segment, TCPOPT_MPTCP);
}

static void synack_take(const struct sipalg_packet *packet,
			const struct sipalg_segment *segment)
{
	void *entry = READ_ONCE(packet->flow->stream);

	if (!entry || entry == SIPALG_STREAM_LEFT)
		return;
	if (xa_is_value(entry))
		stream_begin(packet, segment, entry);
	else
		stream_begin_again(entry, segment);
}

/**
 * sipalg_stream_shake_hands() - a SYN or a SYN-ACK
 * @packet: the packet
 * @segment: the same, read
 *
 * Context: softirq or process, RCU read side; takes the stream's lock.
 * Return: false if the packet must be dropped.
 */
bool sipalg_stream_shake_hands(const struct sipalg_packet *packet,
			       struct sipalg_segment *segment)
{
	enum ip_conntrack_dir dir = CTINFO2DIR(packet->ctinfo);

	if (!sipalg_segment_header(segment)->ack)
		return dir != IP_CT_DIR_ORIGINAL || syn_take(packet, segment);
	if (dir == IP_CT_DIR_REPLY)
		synack_take(packet, segment);
	return true;
}
