// SPDX-License-Identifier: GPL-2.0
/*
 * A connection is followed from its handshake on, or not at all.
 */

#include <linux/xarray.h>
#include <net/netfilter/nf_conntrack_helper.h>
#include <net/netfilter/nf_conntrack_seqadj.h>
#include <net/tcp.h>

#include "compat.h"
#include "tcp/handshake.h"
#include "tcp/segment.h"
#include "tcp/stream.h"

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
 * Takes the clock of the other end, which the segment echoes: the server's is
 * that of the SYN-ACK. So none of the first segments from there is too old, in
 * whatever order they come here.
 */
static void clock_set(struct sipalg_direction *reverse,
		      const struct sipalg_segment *segment)
{
	u32 value;

	reverse->has_clock =
		sipalg_segment_timestamp(segment, &value, &reverse->clock);
	reverse->clock_secs = (u32)ktime_get_seconds();
}

/*
 * Does the segment end the handshake? An end that acknowledges a SYN has seen
 * it. The server's first bytes tell no less than the client's acknowledgment,
 * which they may have overtaken; where both ends have begun at once there is
 * none (RFC 9293, 3.5).
 */
static bool is_end(const struct sipalg_packet *packet,
		   const struct sipalg_segment *segment, const void *entry)
{
	enum ip_conntrack_dir dir = CTINFO2DIR(packet->ctinfo);
	const struct tcphdr *th = sipalg_segment_header(segment);
	const struct nf_conn *ct = packet->ct;

	return handshake_synack_mss(entry) && nfct_seqadj(ct) && th->ack &&
	       !th->rst && segment->ack == first_seq(ct, !dir) &&
	       (dir == IP_CT_DIR_ORIGINAL ||
		(segment->len && segment->seq == first_seq(ct, dir)));
}

/*
 * Are these bytes of the server behind the first ones, before the handshake has
 * ended? The first ones have not been seen, so the connection cannot be
 * followed any more. Anybody can send others.
 */
static bool is_missed(const struct nf_conn *ct,
		      const struct sipalg_segment *segment, const void *entry)
{
	return segment->len && nfct_seqadj(ct) && handshake_synack_mss(entry) &&
	       segment->seq - first_seq(ct, IP_CT_DIR_REPLY) <= U16_MAX &&
	       segment->ack - first_seq(ct, IP_CT_DIR_ORIGINAL) <= U16_MAX;
}

/**
 * sipalg_handshake_end() - follow a connection from the end of its handshake on
 * @packet: a packet behind the SYN-ACK
 * @segment: the same, read
 * @entry: the flow's stream, or what stands in its place
 *
 * Before that nothing is kept but what fits into the flow: anybody can send a
 * SYN.
 *
 * Context: softirq or process, RCU read side.
 * Return: the stream; NULL if there is none.
 */
struct sipalg_stream *sipalg_handshake_end(const struct sipalg_packet *packet,
					   const struct sipalg_segment *segment,
					   void *entry)
{
	enum ip_conntrack_dir dir = CTINFO2DIR(packet->ctinfo);
	struct sipalg_flow *flow = packet->flow;
	struct sipalg_stream *stream = NULL;

	if (!entry || entry == SIPALG_STREAM_LEFT)
		return NULL;
	if (!xa_is_value(entry))
		return entry;
	if (!is_end(packet, segment, entry)) {
		if (dir == IP_CT_DIR_REPLY &&
		    is_missed(packet->ct, segment, entry))
			cmpxchg(&flow->stream, entry, SIPALG_STREAM_LEFT);
		return NULL;
	}
	/* SYNPROXY uses the adjustment of sequence numbers itself. */
	if (sipalg_module_is_live() &&
	    !test_bit(IPS_SEQ_ADJUST_BIT, &packet->ct->status))
		stream = sipalg_stream_alloc(packet);
	if (!stream) {
		/* Once bytes have passed unseen, a later try is of no use. */
		if (segment->len)
			cmpxchg(&flow->stream, entry, SIPALG_STREAM_LEFT);
		return NULL;
	}
	numbers_set(stream, entry);
	clock_set(&stream->directions[!dir], segment);
	if (sipalg_stream_publish(stream, flow, entry))
		return stream;
	sipalg_stream_cancel(stream);
	/* Another packet may have been faster. */
	entry = READ_ONCE(flow->stream);
	return xa_is_value(entry) ? NULL : entry;
}

/*
 * Have both ends forgotten the connection, and begin again with other sequence
 * numbers? Conntrack has noted where the client's SYN ends. In this state it
 * lets any SYN-ACK pass, and the first one may come again.
 */
static bool is_begun_again(const struct nf_conn *ct,
			   const struct sipalg_segment *synack)
{
	const struct ip_ct_tcp *tcp = &ct->proto.tcp;

	return tcp->state == TCP_CONNTRACK_SYN_RECV && nfct_seqadj(ct) &&
	       tcp->seen[IP_CT_DIR_ORIGINAL].td_end == synack->ack &&
	       synack->seq + 1 != first_seq(ct, IP_CT_DIR_REPLY);
}

static void stream_begin_again(struct sipalg_stream *stream,
			       const struct sipalg_segment *synack)
{
	struct sipalg_direction *directions = stream->directions;
	unsigned int dir;

	spin_lock_bh(&stream->lock);
	if (!stream->closed && is_begun_again(stream->ct, synack)) {
		u16 mss = directions[IP_CT_DIR_REPLY].mss_max;

		first_seq_set(stream->ct, IP_CT_DIR_REPLY, synack->seq + 1);
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

/*
 * Conntrack believes the answer to a SYN in the middle of a connection only if
 * that acknowledges all of the SYN, which conntrack has seen with its data.
 */
static void conntrack_trim(struct nf_conn *ct, u32 seq, u32 len)
{
	struct ip_ct_tcp *tcp = &ct->proto.tcp;

	spin_lock_bh(&ct->lock);
	if (tcp->last_end == seq + 1 + len)
		tcp->last_end = seq + 1;
	spin_unlock_bh(&ct->lock);
}

/* May the next connection of a flow that was left be followed? */
static bool may_begin_again(const struct sipalg_packet *packet)
{
	return packet->mode == SIPALG_MODE_ON && nfct_seqadj(packet->ct) &&
	       sipalg_handshake_may_come(packet->ct);
}

/* A SYN has come again with other numbers, or that of the next connection. */
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
		if (!entry || (entry == SIPALG_STREAM_LEFT &&
			       !may_begin_again(packet)))
			return true;
		if (!xa_is_value(entry))
			sipalg_stream_syn_again(entry, segment->seq);
		else if (!handshake_synack_mss(entry))
			syn_note(packet, segment, entry);
		if (packet->mode != SIPALG_MODE_ON)
			return true;
		conntrack_trim(ct, segment->seq, segment->len);
		return syn_strip(segment);
	}
	sipalg_stream_disown(packet);
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

/*
 * Does it answer the SYN? Where the client has begun anew in between, conntrack
 * has found that this fits, unless it lets everything pass.
 */
static bool synack_fits(const struct nf_conn *ct,
			const struct sipalg_segment *segment)
{
	const struct ip_ct_tcp_state *seen =
		&ct->proto.tcp.seen[IP_CT_DIR_REPLY];

	return segment->ack == first_seq(ct, IP_CT_DIR_ORIGINAL) ||
	       (seen->flags & IP_CT_TCP_FLAG_MAXACK_SET &&
		seen->td_maxack == segment->ack &&
		seen->td_end == segment->seq + 1);
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
	if (!nfct_seqadj(ct) || !synack_fits(ct, segment))
		return;
	synack_note(ct, segment);
	first_seq_set(ct, IP_CT_DIR_ORIGINAL, segment->ack);
	first_seq_set(ct, IP_CT_DIR_REPLY, segment->seq + 1);
	cmpxchg(&packet->flow->stream, entry,
		handshake_entry(handshake_syn_mss(entry), mss));
}

/**
 * sipalg_handshake_take() - a SYN or a SYN-ACK
 * @packet: the packet
 * @segment: the same, read
 *
 * Context: softirq or process, RCU read side; takes the stream's lock.
 * Return: false if the packet must be dropped.
 */
bool sipalg_handshake_take(const struct sipalg_packet *packet,
			   struct sipalg_segment *segment)
{
	enum ip_conntrack_dir dir = CTINFO2DIR(packet->ctinfo);

	if (!sipalg_segment_header(segment)->ack)
		return dir != IP_CT_DIR_ORIGINAL || syn_take(packet, segment);
	if (dir == IP_CT_DIR_REPLY)
		synack_take(packet, segment);
	return true;
}
