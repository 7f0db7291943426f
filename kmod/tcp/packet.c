// SPDX-License-Identifier: GPL-2.0
/*
 * No packet is ever made or delayed: each goes on at once, with other sequence
 * numbers, with other text, or as a keep-alive (RFC 9293, 3.8.4) where the
 * receiver must not have its bytes yet. The answer to that keep-alive
 * acknowledges the held bytes to the sender, so that a sender which waits for
 * it (RFC 896) goes on.
 */

#include <linux/xarray.h>
#include <net/netfilter/nf_conntrack_helper.h>
#include <net/tcp.h>

#include "compat.h"
#include "state/policy.h"
#include "state/stats.h"
#include "tcp/handshake.h"
#include "tcp/icmp.h"
#include "tcp/packet.h"
#include "tcp/pass.h"
#include "tcp/segment.h"
#include "tcp/stream.h"

#define PACKET_MAX 65535	/* bytes, with the headers */

/* New payload of the packet that a CPU works on. */
struct payload_buffer {
	local_lock_t lock;
	u8 *text;
};

static DEFINE_PER_CPU(struct payload_buffer, buffers) = {
	.lock = INIT_LOCAL_LOCK(lock),
};

/**
 * struct transit - a packet on its way through its stream
 * @pass: its payload on its way through its direction
 * @packet: the packet
 * @segment: the same, read
 * @stream: the stream, locked
 * @dir: the packet's direction
 */
struct transit {
	struct sipalg_pass pass;
	const struct sipalg_packet *packet;
	struct sipalg_segment segment;
	struct sipalg_stream *stream;
	enum ip_conntrack_dir dir;
};

/* Return: false without memory. */
static bool sacks_map(struct transit *transit)
{
	const struct ip_ct_tcp *tcp = &transit->packet->ct->proto.tcp;
	struct sipalg_sack old[SIPALG_SACKS_MAX], new[SIPALG_SACKS_MAX];
	struct sipalg_segment *segment = &transit->segment;
	unsigned int n = sipalg_segment_sacks(segment, old), m;
	bool may_add = tcp->seen[0].flags & tcp->seen[1].flags &
		       IP_CT_TCP_FLAG_SACK_PERM;

	m = sipalg_pass_sacks(&transit->pass, old, n, new, may_add);
	if (m == n && !memcmp(old, new, n * sizeof(*new)))
		return true;
	if (!sipalg_segment_open_header(segment))
		return false;
	sipalg_segment_set_sacks(segment, new, m);
	return true;
}

/* Replaces what the packet carries. Return: false without memory. */
static bool payload_fill(struct transit *transit)
{
	const struct sipalg_output *out = &transit->pass.out;
	struct sipalg_segment *segment = &transit->segment;
	struct tcphdr *th = sipalg_segment_header(segment);
	u32 options = th->doff * 4 - sizeof(*th);

	if (out->len == segment->len && out->fin == th->fin && !out->is_empty &&
	    !memcmp(out->text, segment->skb->data + segment->text, out->len))
		return true;
	if (!sipalg_segment_fill(segment, out->text, out->len,
				 sipalg_pass_segment(&transit->pass, options)))
		return false;
	th = sipalg_segment_header(segment);
	th->fin = out->fin;
	th->psh = !out->is_empty;
	if (out->clock != transit->pass.in.clock)
		sipalg_segment_set_timestamp(segment, out->clock);
	return true;
}

static void input_read(struct sipalg_input *in,
		       const struct sipalg_segment *segment)
{
	const struct tcphdr *th = sipalg_segment_header(segment);
	u32 options = segment->text - segment->th - sizeof(struct tcphdr);
	const struct sk_buff *skb = segment->skb;
	bool is_gso = skb_is_gso(skb);

	in->seq = segment->seq;
	in->len = segment->len;
	in->ack = segment->ack;
	in->window = ntohs(th->window);
	in->segment = is_gso ? skb_shinfo(skb)->gso_size : segment->len;
	in->mss = options + in->segment;
	in->has_ack = th->ack;
	in->has_clock = sipalg_segment_timestamp(segment, &in->clock,
						 &in->echo);
	in->secs = (u32)ktime_get_seconds();
	in->is_full = is_gso || !th->psh;
	in->rst = th->rst;
	in->fin = th->fin;
}

/* Return: false if the packet must be dropped for lack of memory. */
static bool payload_take(struct transit *transit)
{
	struct sipalg_segment *segment = &transit->segment;
	struct sipalg_pass *pass = &transit->pass;
	bool filled;

	if (!sipalg_segment_open(segment)) {
		if (pass->is_watched)
			sipalg_pass_miss(pass);
		return pass->is_watched;
	}
	local_lock_nested_bh(&buffers.lock);
	pass->in.text = segment->skb->data + segment->text;
	pass->out.text = this_cpu_read(buffers.text);
	pass->out.max = PACKET_MAX - segment->text;
	sipalg_pass_take(pass);
	filled = pass->is_watched || payload_fill(transit);
	local_unlock_nested_bh(&buffers.lock);
	return filled;
}

/*
 * Return: false if the packet must be dropped: it is none of the connection, or
 * there is no memory and it will come again.
 */
static bool packet_take(struct transit *transit)
{
	struct sipalg_segment *segment = &transit->segment;
	struct sipalg_pass *pass = &transit->pass;
	struct sipalg_direction *direction = pass->direction;

	input_read(&pass->in, segment);
	if (!sipalg_pass_begin(pass))
		return !pass->may_drop;
	if (!pass->is_watched && !sipalg_segment_clear_urgent(segment))
		return false;
	if (direction->state != SIPALG_DIRECTION_PASSED &&
	    (pass->in.len || pass->in.fin) &&
	    !sipalg_stream_pin(transit->stream))
		direction->state = SIPALG_DIRECTION_PASSED;
	if (sipalg_pass_is_plain(pass))
		sipalg_pass_renumber(pass);
	else if (!payload_take(transit))
		return false;
	sipalg_stream_tell_conntrack(transit->stream, transit->dir);
	sipalg_pass_end(pass);
	if (pass->in.has_ack && !pass->in.rst) {
		sipalg_stream_tell_window(transit->stream, !transit->dir);
		if (!sacks_map(transit))
			return false;
	}
	return sipalg_segment_renumber(segment, pass->out.seq, pass->out.ack,
				       pass->out.window);
}

/*
 * Lets the module go where nothing is held or unacknowledged. Return: true if
 * nothing was changed, and nothing will be.
 */
static bool stream_settle(struct sipalg_stream *stream)
{
	const struct sipalg_direction *directions = stream->directions;
	unsigned int dir, passed = 0;

	for (dir = 0; dir < IP_CT_DIR_MAX; dir++) {
		if (!sipalg_seqmap_is_settled(&directions[dir].map))
			return false;
		passed += directions[dir].state == SIPALG_DIRECTION_PASSED &&
			  sipalg_ooo_is_empty(&directions[dir].queue);
	}
	sipalg_stream_unpin(stream);
	return passed == IP_CT_DIR_MAX && !sipalg_stream_is_edited(stream);
}

/*
 * Does a description stay as it is? So it does where its sender's address does,
 * as on the way to the inside.
 */
static bool description_stays(const struct sipalg_packet *packet,
			      enum ip_conntrack_dir dir)
{
	unsigned long source_nat =
		dir == IP_CT_DIR_ORIGINAL ? IPS_SRC_NAT : IPS_DST_NAT;

	return packet->mode == SIPALG_MODE_ON &&
	       !(packet->ct->status & source_nat);
}

static void transit_set(struct transit *transit, struct sipalg_stream *stream)
{
	const struct sipalg_packet *packet = transit->packet;
	bool is_on = packet->mode == SIPALG_MODE_ON ||
		     atomic_read(&packet->sn->dialogs.calls);
	enum ip_conntrack_dir dir = CTINFO2DIR(packet->ctinfo);

	transit->stream = stream;
	transit->dir = dir;
	transit->pass.packet = packet;
	transit->pass.account = &stream->account;
	transit->pass.direction = &stream->directions[dir];
	transit->pass.reverse = &stream->directions[!dir];
	transit->pass.may_change = is_on && packet->ct->status & IPS_NAT_MASK;
	transit->pass.keeps_body = description_stays(packet, dir);
	transit->pass.is_off = !is_on && packet->mode == SIPALG_MODE_OFF;
}

/*
 * The checksum of a SYN that loses an option, or data, is made anew. A damaged
 * one must not look sound.
 */
static unsigned int syn_take(const struct sipalg_packet *packet,
			     struct sipalg_segment *segment,
			     unsigned int protoff)
{
	if (packet->mode == SIPALG_MODE_ON &&
	    !sipalg_packet_is_intact(packet, protoff))
		return NF_DROP;
	return sipalg_handshake_take(packet, segment) ? NF_ACCEPT : NF_DROP;
}

/**
 * sipalg_tcp_packet() - the way of a TCP packet
 * @packet: the packet; its flow may move
 * @protoff: offset of its TCP header
 *
 * Context: softirq or process, RCU read side; takes the stream's lock, and
 * within it a dialog's.
 * Return: a netfilter verdict.
 */
unsigned int sipalg_tcp_packet(struct sipalg_packet *packet,
			       unsigned int protoff)
{
	struct transit transit = { .packet = packet };
	struct sipalg_stream *stream;
	bool is_left = false, passes;
	void *entry;

	/* It is read once: the module may begin to go at any time. */
	entry = READ_ONCE(packet->flow->stream);
	if (entry == SIPALG_STREAM_GONE)
		return NF_DROP;
	/* A packet that stays on this machine comes here twice. */
	if (nf_is_loopback_packet(packet->skb) ||
	    !sipalg_segment_read(&transit.segment, packet->skb, protoff))
		return NF_ACCEPT;
	if (sipalg_segment_header(&transit.segment)->syn)
		return syn_take(packet, &transit.segment, protoff);
	if (!entry) {
		entry = sipalg_stream_adopt(packet);
		if (entry == SIPALG_STREAM_GONE)
			return NF_DROP;
		/* Conntrack has picked it up in the middle. */
		if (entry == SIPALG_STREAM_LEFT &&
		    !nf_ct_is_confirmed(packet->ct) &&
		    packet->mode != SIPALG_MODE_OFF)
			sipalg_stats_inc(packet->sn, SIPALG_STAT_NO_HELPER);
		if (xa_is_value(entry))
			return NF_ACCEPT;
	}
	/* Its receiver ignores it, unless its text is replaced. */
	if (!sipalg_packet_is_intact(packet, protoff))
		return packet->mode == SIPALG_MODE_ON ? NF_DROP : NF_ACCEPT;
	stream = sipalg_handshake_end(packet, &transit.segment, entry);
	if (!stream)
		return NF_ACCEPT;

	spin_lock_bh(&stream->lock);
	if (stream->closed) {
		passes = !sipalg_stream_is_edited(stream);
	} else {
		transit_set(&transit, stream);
		passes = packet_take(&transit);
		is_left = stream_settle(stream);
	}
	spin_unlock_bh(&stream->lock);
	/* A flow that conntrack has not confirmed is not the stream's yet. */
	if (is_left && READ_ONCE(packet->flow->stream) == stream)
		sipalg_stream_leave(packet->sn, packet->flow);
	return passes ? NF_ACCEPT : NF_DROP;
}

/*
 * A path that is narrower beyond the router takes less than the sender's
 * segments where these have grown, or go out with bytes that were held. The
 * error must be about bytes on their way (RFC 5927, 4.1).
 */
static void path_learn(struct sipalg_direction *direction,
		       const struct sipalg_icmp *error)
{
	const struct sipalg_seqmap *map = &direction->map;

	if (!error->mss || before(error->seq, map->acked) ||
	    !before(error->seq, map->out_next))
		return;
	direction->mss = clamp_t(u32, error->mss, TCP_MIN_MSS, direction->mss);
}

/* An error about a number that was never sent is a forgery, and stays. */
static void error_map(const struct sipalg_seqmap *map,
		      const struct sipalg_seqmap *reverse,
		      struct sipalg_icmp *error)
{
	u32 ack = error->ack;

	if (after(error->seq, map->out_next))
		return;
	if (!after(ack, reverse->in_next))
		ack = sipalg_seqmap_out(reverse, ack);
	sipalg_icmp_renumber(error, sipalg_seqmap_in(map, error->seq), ack);
}

/**
 * sipalg_tcp_error() - an ICMP error about a packet of a connection
 * @skb: the error, its data at the network header; its inner addresses and
 *	ports are already those that the sender of the packet knows
 * @ct: the flow, with this module's helper
 * @ctinfo: the error's direction, opposite to that of the packet
 *
 * Its inner header has the sequence numbers with which the packet left here.
 * The sender knows others, and would not believe the error (RFC 5927, 4.1).
 *
 * Context: softirq or process, RCU read side; takes the stream's lock.
 */
void sipalg_tcp_error(struct sk_buff *skb, const struct nf_conn *ct,
		      enum ip_conntrack_info ctinfo)
{
	const struct sipalg_flow *flow = nfct_help_data(ct);
	struct sipalg_stream *stream = READ_ONCE(flow->stream);
	enum ip_conntrack_dir dir = CTINFO2DIR(ctinfo);
	struct sipalg_icmp error;

	if (!stream || xa_is_value(stream) || !sipalg_icmp_read(&error, skb))
		return;
	spin_lock_bh(&stream->lock);
	if (!stream->closed) {
		path_learn(&stream->directions[!dir], &error);
		error_map(&stream->directions[!dir].map,
			  &stream->directions[dir].map, &error);
	}
	spin_unlock_bh(&stream->lock);
}

void sipalg_tcp_teardown(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		kvfree(per_cpu(buffers, cpu).text);
}

int sipalg_tcp_setup(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		u8 *buffer =
			kvmalloc_node(PACKET_MAX, GFP_KERNEL, cpu_to_node(cpu));

		if (!buffer) {
			sipalg_tcp_teardown();
			return -ENOMEM;
		}
		per_cpu(buffers, cpu).text = buffer;
	}
	return 0;
}
