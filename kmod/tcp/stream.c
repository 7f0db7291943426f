// SPDX-License-Identifier: GPL-2.0
/*
 * A connection is followed from its handshake on, or not at all.
 *
 * Conntrack sees each packet with the sequence numbers that its end gave it.
 * The offset between the two ends' spaces is kept in its own sequence
 * adjustment, which stays inactive until this module goes.
 */

#include <linux/module.h>
#include <net/netfilter/nf_conntrack_helper.h>
#include <net/netfilter/nf_conntrack_seqadj.h>
#include <net/tcp.h>

#include "compat.h"
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

/**
 * sipalg_stream_tell_window() - tell conntrack a direction's window
 * @stream: the stream, locked
 * @dir: the direction
 *
 * Conntrack works out the same, but for text that has changed its length or is
 * held.
 */
void sipalg_stream_tell_window(const struct sipalg_stream *stream,
			       enum ip_conntrack_dir dir)
{
	struct ip_ct_tcp_state *seen = &stream->ct->proto.tcp.seen[dir];
	u32 advertised = stream->directions[dir].window.advertised;

	lockdep_assert_held(&stream->lock);
	if (!after(advertised, READ_ONCE(seen->td_maxend)))
		return;
	spin_lock_bh(&stream->ct->lock);
	if (after(advertised, seen->td_maxend))
		seen->td_maxend = advertised;
	spin_unlock_bh(&stream->ct->lock);
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

/*
 * Half of the MSS of either end, which a handshake announced, as an XArray
 * value. The MSS of the SYN-ACK is 0 until that has come.
 */
static void *handshake_entry(u16 syn_mss, u16 synack_mss)
{
	return xa_mk_value((unsigned long)max_t(u16, syn_mss, TCP_MIN_MSS) /
				   2 << 15 |
			   synack_mss / 2);
}

static u16 handshake_syn_mss(const void *entry)
{
	return xa_to_value(entry) >> 15 << 1;
}

static u16 handshake_synack_mss(const void *entry)
{
	return (xa_to_value(entry) & 0x7fff) << 1;
}

static void direction_set(struct sipalg_stream *stream,
			  enum ip_conntrack_dir dir, u32 seq, u16 mss)
{
	const struct ip_ct_tcp_state *receiver =
		&stream->ct->proto.tcp.seen[!dir];
	struct sipalg_direction *direction = &stream->directions[dir];

	sipalg_direction_init(direction, seq, mss);
	sipalg_window_init(&direction->window, seq,
			   seq + (receiver->td_maxwin ?: U16_MAX),
			   receiver->td_scale);
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

/*
 * A direction's first sequence number is kept where conntrack keeps the point
 * up to which an offset of its own applies. While its offsets are the same on
 * both sides of that point, it may be anywhere.
 */
static u32 first_seq(const struct nf_conn *ct, enum ip_conntrack_dir dir)
{
	return READ_ONCE(nfct_seqadj(ct)->seq[dir].correction_pos);
}

static void first_seq_set(struct nf_conn *ct, enum ip_conntrack_dir dir,
			  u32 seq)
{
	WRITE_ONCE(nfct_seqadj(ct)->seq[dir].correction_pos, seq);
}

/* Takes the numbers of a handshake. */
static void numbers_set(struct sipalg_stream *stream, const void *entry)
{
	struct nf_conn *ct = stream->ct;

	spin_lock_bh(&ct->lock);
	direction_set(stream, IP_CT_DIR_ORIGINAL,
		      first_seq(ct, IP_CT_DIR_ORIGINAL),
		      handshake_synack_mss(entry));
	direction_set(stream, IP_CT_DIR_REPLY, first_seq(ct, IP_CT_DIR_REPLY),
		      handshake_syn_mss(entry));
	spin_unlock_bh(&ct->lock);
}

/*
 * Are these the first bytes of the server, which has overtaken the client's
 * acknowledgment? They have not been seen, so the connection cannot be followed
 * any more. Anybody can send others.
 */
static bool is_missed(const struct nf_conn *ct,
		      const struct sipalg_segment *segment, const void *entry)
{
	return segment->len && nfct_seqadj(ct) && handshake_synack_mss(entry) &&
	       segment->seq - first_seq(ct, IP_CT_DIR_REPLY) <= U16_MAX &&
	       segment->ack - first_seq(ct, IP_CT_DIR_ORIGINAL) <= U16_MAX;
}

/**
 * sipalg_stream_begin() - follow a connection from the end of its handshake on
 * @packet: a packet behind the SYN-ACK
 * @segment: the same, read
 * @entry: the flow's stream, or what stands in its place
 *
 * Before that nothing is kept but what fits into the flow: anybody can send a
 * SYN. Only an end that has seen the SYN-ACK can acknowledge it.
 *
 * Context: softirq or process, RCU read side.
 * Return: the stream; NULL if there is none.
 */
struct sipalg_stream *sipalg_stream_begin(const struct sipalg_packet *packet,
					  const struct sipalg_segment *segment,
					  void *entry)
{
	struct sipalg_flow *flow = packet->flow;
	struct sipalg_stream *stream = NULL;

	if (!entry || entry == SIPALG_STREAM_LEFT)
		return NULL;
	if (!xa_is_value(entry))
		return entry;
	if (CTINFO2DIR(packet->ctinfo) == IP_CT_DIR_REPLY) {
		if (is_missed(packet->ct, segment, entry))
			cmpxchg(&flow->stream, entry, SIPALG_STREAM_LEFT);
		return NULL;
	}
	if (!handshake_synack_mss(entry) || !nfct_seqadj(packet->ct) ||
	    !sipalg_segment_header(segment)->ack ||
	    sipalg_segment_header(segment)->rst ||
	    segment->ack != first_seq(packet->ct, IP_CT_DIR_REPLY))
		return NULL;
	/* SYNPROXY uses the adjustment of sequence numbers itself. */
	if (sipalg_module_is_live() &&
	    !test_bit(IPS_SEQ_ADJUST_BIT, &packet->ct->status))
		stream = stream_alloc(packet);
	if (!stream) {
		/* Once bytes have passed unseen, a later try is of no use. */
		if (segment->len)
			cmpxchg(&flow->stream, entry, SIPALG_STREAM_LEFT);
		return NULL;
	}
	numbers_set(stream, entry);
	if (stream_publish(stream, flow, entry))
		return stream;
	stream_cancel(stream);
	/* Another packet may have been faster. */
	entry = READ_ONCE(flow->stream);
	return xa_is_value(entry) ? NULL : entry;
}

/*
 * Both ends have forgotten the connection, and begin again with other sequence
 * numbers. Conntrack has found that their handshake fits together.
 */
static void stream_begin_again(struct sipalg_stream *stream,
			       const struct sipalg_segment *synack)
{
	struct sipalg_direction *directions = stream->directions;
	unsigned int dir;

	spin_lock_bh(&stream->lock);
	if (!stream->closed &&
	    stream->ct->proto.tcp.state == TCP_CONNTRACK_SYN_RECV) {
		u16 mss = directions[IP_CT_DIR_REPLY].mss_max;

		for (dir = 0; dir < IP_CT_DIR_MAX; dir++)
			sipalg_direction_free(&directions[dir],
					      &stream->account);
		direction_set(stream, IP_CT_DIR_ORIGINAL, synack->ack,
			      sipalg_segment_mss(synack));
		direction_set(stream, IP_CT_DIR_REPLY, synack->seq + 1, mss);
		for (dir = 0; dir < IP_CT_DIR_MAX; dir++)
			sipalg_stream_tell_conntrack(stream, dir);
	}
	spin_unlock_bh(&stream->lock);
}

/*
 * Conntrack compares the SYN-ACK that may answer this SYN with what both ends
 * have sent before, so its offsets should be 0. Anybody can send a SYN, and a
 * positive one does no harm here: only the negative ones go.
 */
static void syn_again(const struct sipalg_stream *stream)
{
	const struct nf_conn_seqadj *seqadj = nfct_seqadj(stream->ct);
	unsigned int dir;

	for (dir = 0; seqadj && dir < IP_CT_DIR_MAX; dir++)
		if (seqadj->seq[dir].offset_after < 0)
			offset_set(stream->ct, dir, 0);
}

/*
 * Takes from a SYN what would keep its connection from being followed: MPTCP
 * numbers its bytes a second time, so they could not change, and data in the
 * SYN (RFC 7413) would pass in front of the handshake. Without the options the
 * ends speak TCP (RFC 8684, 3.7), and send the data again.
 */
static bool syn_strip(struct sipalg_segment *segment)
{
	return sipalg_segment_erase(segment, TCPOPT_MPTCP) &&
	       sipalg_segment_erase(segment, TCPOPT_FASTOPEN) &&
	       (!segment->len || sipalg_segment_trim(segment));
}

/* A SYN has come again, perhaps with other numbers. */
static void syn_note(const struct sipalg_packet *packet,
		     const struct sipalg_segment *segment, void *entry)
{
	void *again = handshake_entry(sipalg_segment_mss(segment), 0);

	if (cmpxchg(&packet->flow->stream, entry, again) == entry)
		first_seq_set(packet->ct, IP_CT_DIR_ORIGINAL, segment->seq + 1);
}

/*
 * The SYN leaves its MSS and its number for the packets that follow.
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

	if (nf_ct_is_confirmed(ct)) {
		if (!entry || entry == SIPALG_STREAM_LEFT)
			return true;
		if (!xa_is_value(entry))
			syn_again(entry);
		else if (!handshake_synack_mss(entry))
			syn_note(packet, segment, entry);
		return packet->mode != SIPALG_MODE_ON || syn_strip(segment);
	}
	if (packet->mode == SIPALG_MODE_OFF ||
	    (packet->mode != SIPALG_MODE_ON &&
	     (segment->len || sipalg_segment_has(segment, TCPOPT_MPTCP))))
		return true;
	if (!nfct_seqadj(ct) && !nfct_seqadj_ext_add(ct))
		return true;
	/* The extensions may have moved. */
	flow = nfct_help_data(ct);
	flow->stream = handshake_entry(sipalg_segment_mss(segment), 0);
	first_seq_set(ct, IP_CT_DIR_ORIGINAL, segment->seq + 1);
	return packet->mode != SIPALG_MODE_ON || syn_strip(segment);
}

/*
 * Conntrack of OpenWrt, told not to look at windows, has not read the SYN-ACK.
 * Its options are noted where conntrack would have noted them.
 */
static void synack_note(struct nf_conn *ct,
			const struct sipalg_segment *segment)
{
	struct ip_ct_tcp_state *client =
		&ct->proto.tcp.seen[IP_CT_DIR_ORIGINAL];
	struct ip_ct_tcp_state *server = &ct->proto.tcp.seen[IP_CT_DIR_REPLY];
	u8 scale;

	spin_lock_bh(&ct->lock);
	if (!server->td_maxwin) {
		if (!sipalg_segment_scale(segment, &scale))
			client->td_scale = 0;
		else if (client->flags & IP_CT_TCP_FLAG_WINDOW_SCALE)
			server->td_scale = scale;
		if (sipalg_segment_has(segment, TCPOPT_SACK_PERM))
			server->flags |= IP_CT_TCP_FLAG_SACK_PERM;
	}
	spin_unlock_bh(&ct->lock);
}

static void synack_take(const struct sipalg_packet *packet,
			const struct sipalg_segment *segment)
{
	void *entry = READ_ONCE(packet->flow->stream);
	u16 mss = max_t(u16, sipalg_segment_mss(segment), TCP_MIN_MSS);
	struct nf_conn *ct = packet->ct;

	if (!entry || entry == SIPALG_STREAM_LEFT)
		return;
	if (!xa_is_value(entry)) {
		stream_begin_again(entry, segment);
		return;
	}
	if (!nfct_seqadj(ct) ||
	    segment->ack != first_seq(ct, IP_CT_DIR_ORIGINAL))
		return;
	synack_note(ct, segment);
	first_seq_set(ct, IP_CT_DIR_REPLY, segment->seq + 1);
	cmpxchg(&packet->flow->stream, entry,
		handshake_entry(handshake_syn_mss(entry), mss));
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
