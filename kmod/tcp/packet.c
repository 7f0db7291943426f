// SPDX-License-Identifier: GPL-2.0
/*
 * No packet is ever made or delayed: each goes on at once, with other sequence
 * numbers, with other text, or as a keep-alive (RFC 9293, 3.8.4) where the
 * receiver must not have its bytes yet. The answer to that keep-alive
 * acknowledges the held bytes to the sender, so that a sender which waits for
 * it (RFC 896) goes on.
 */

#include <linux/module.h>
#include <linux/xarray.h>
#include <net/netfilter/nf_conntrack_helper.h>
#include <net/tcp.h>

#include "state/policy.h"
#include "tcp/icmp.h"
#include "tcp/packet.h"
#include "tcp/stream.h"

#define PACKET_MAX 65535	/* bytes, with the headers */

/* New payload of the packet that a CPU works on, with softirqs off. */
static DEFINE_PER_CPU(u8 *, buffers);

/**
 * struct transit - a packet on its way through its stream
 * @pass: its payload on its way through its direction
 * @packet: the packet
 * @segment: the same, read
 * @stream: the stream, locked
 */
struct transit {
	struct sipalg_pass pass;
	const struct sipalg_packet *packet;
	struct sipalg_segment segment;
	struct sipalg_stream *stream;
};

/*
 * Held bytes will take some of the window. It never closes for them: the sender
 * could not send the rest of the message.
 */
static u16 window_map(const struct transit *transit, u16 window)
{
	const struct sipalg_direction *reverse = transit->pass.reverse;
	const struct nf_conn *ct = transit->packet->ct;
	u8 scale = ct->proto.tcp.seen[CTINFO2DIR(transit->packet->ctinfo)]
			   .td_scale;
	u32 held = reverse->map.held, bytes = (u32)window << scale;

	if (bytes > held)
		bytes -= held;
	else
		bytes = min_t(u32, bytes, reverse->mss);
	return (bytes >> scale) ?: !!window;
}

/*
 * A block in front of the acknowledgment reports a duplicate (RFC 2883). One of
 * a single byte reports a keep-alive; what that stood for is reported instead.
 */
static bool sack_map(struct sipalg_direction *direction, u32 ack,
		     const struct sipalg_sack *from, struct sipalg_sack *to)
{
	const struct sipalg_seqmap *map = &direction->map;

	if (after(from->end, ack)) {
		to->start = sipalg_seqmap_in_from(map, from->start);
		to->end = sipalg_seqmap_in(map, from->end);
	} else if (from->end - from->start > 1) {
		to->start = sipalg_seqmap_in(map, from->start);
		to->end = sipalg_seqmap_in(map, from->end);
	} else {
		*to = direction->duplicate;
		direction->duplicate = (struct sipalg_sack){};
	}
	return after(to->end, to->start);
}

/* Return: false without memory. */
static bool sacks_map(struct transit *transit)
{
	struct sipalg_direction *reverse = transit->pass.reverse;
	const struct ip_ct_tcp *tcp = &transit->packet->ct->proto.tcp;
	struct sipalg_sack old[SIPALG_SACKS_MAX], new[SIPALG_SACKS_MAX];
	struct sipalg_segment *segment = &transit->segment;
	unsigned int n = sipalg_segment_sacks(segment, old), m = 0, i;

	for (i = 0; i < n; i++)
		m += sack_map(reverse, segment->ack, &old[i], &new[m]);
	if (tcp->seen[0].flags & tcp->seen[1].flags & IP_CT_TCP_FLAG_SACK_PERM)
		m += sipalg_ooo_sacks(&reverse->queue, reverse->map.in_next,
				      new + m, SIPALG_SACKS_MAX - m);
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
	const struct sipalg_direction *direction = transit->pass.direction;
	struct sipalg_segment *segment = &transit->segment;
	struct tcphdr *th = sipalg_segment_header(segment);
	struct sipalg_output *out = &transit->pass.out;
	u32 mss = direction->mss - (th->doff * 4 - sizeof(*th));
	bool empty = !out->len && !out->fin;

	if (out->len == segment->len && out->fin == th->fin && !empty &&
	    !memcmp(out->text, segment->skb->data + segment->text, out->len))
		return true;
	if (empty) {
		/* A byte that the receiver has, and so ignores. */
		out->text[0] = 0;
		out->len = 1;
		out->seq = direction->map.acked - 1;
	}
	if (!sipalg_segment_fill(segment, out->text, out->len, mss))
		return false;
	th = sipalg_segment_header(segment);
	th->fin = out->fin;
	th->psh = !empty;
	th->urg = 0;
	/* A segment out of order must not set TS.Recent (RFC 7323, 4.3). */
	if (out->late && direction->has_clock)
		sipalg_segment_set_timestamp(segment, direction->clock);
	return true;
}

/*
 * While bytes are held, or changed and not acknowledged, only this module can
 * send them again. Return: false where the module is going.
 */
static bool module_pin(struct sipalg_stream *stream)
{
	if (!stream->pinned)
		stream->pinned = try_module_get(THIS_MODULE);
	return stream->pinned;
}

static void module_unpin(struct sipalg_stream *stream)
{
	if (stream->pinned)
		module_put(THIS_MODULE);
	stream->pinned = false;
}

static void input_read(struct sipalg_input *in,
		       const struct sipalg_segment *segment)
{
	const struct sk_buff *skb = segment->skb;
	u32 options = segment->text - segment->th - sizeof(struct tcphdr);

	in->seq = segment->seq;
	in->len = segment->len;
	in->fin = sipalg_segment_header(segment)->fin;
	in->mss = options + (skb_is_gso(skb) ? skb_shinfo(skb)->gso_size :
					       segment->len);
	in->has_clock = sipalg_segment_timestamp(segment, &in->clock);
}

/* Return: false if the packet must be dropped for lack of memory. */
static bool payload_take(struct transit *transit)
{
	struct sipalg_segment *segment = &transit->segment;
	struct sipalg_pass *pass = &transit->pass;
	struct sipalg_direction *direction = pass->direction;

	input_read(&pass->in, segment);
	if (sipalg_segment_header(segment)->rst ||
	    (!pass->in.len && !pass->in.fin)) {
		pass->out.seq =
			sipalg_seqmap_out(&direction->map, segment->seq);
		return true;
	}
	if (direction->state != SIPALG_DIRECTION_PASSED &&
	    !module_pin(transit->stream))
		direction->state = SIPALG_DIRECTION_PASSED;
	if (sipalg_direction_is_plain(direction, &pass->in)) {
		sipalg_direction_pass(pass);
		return true;
	}
	if (!sipalg_segment_open(segment))
		return false;
	pass->in.text = segment->skb->data + segment->text;
	pass->out.text = this_cpu_read(buffers);
	pass->out.max = PACKET_MAX - segment->text;
	sipalg_direction_take(pass);
	sipalg_stream_tell_conntrack(transit->stream,
				     CTINFO2DIR(transit->packet->ctinfo));
	return payload_fill(transit);
}

/*
 * Return: false if the packet must be dropped for lack of memory: it will come
 * again.
 */
static bool packet_take(struct transit *transit)
{
	struct sipalg_direction *reverse = transit->pass.reverse;
	struct sipalg_segment *segment = &transit->segment;
	bool has_ack = sipalg_segment_header(segment)->ack;
	u16 window = ntohs(sipalg_segment_header(segment)->window);
	u32 ack = segment->ack;

	if (has_ack)
		sipalg_direction_ack(reverse, transit->pass.account, ack);
	if (!payload_take(transit))
		return false;
	if (has_ack) {
		if (!sacks_map(transit))
			return false;
		if (reverse->map.held)
			window = window_map(transit, window);
		ack = sipalg_seqmap_in(&reverse->map, ack);
	}
	return sipalg_segment_renumber(segment, transit->pass.out.seq, ack,
				       window);
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
	module_unpin(stream);
	return passed == IP_CT_DIR_MAX && !sipalg_stream_is_edited(stream);
}

/**
 * sipalg_tcp_packet() - the way of a TCP packet
 * @packet: the packet
 * @protoff: offset of its TCP header
 *
 * Context: softirq or process, RCU read side; takes the stream's lock, and
 * within it a dialog's.
 * Return: a netfilter verdict.
 */
unsigned int sipalg_tcp_packet(const struct sipalg_packet *packet,
			       unsigned int protoff)
{
	enum ip_conntrack_dir dir = CTINFO2DIR(packet->ctinfo);
	struct transit transit = { .packet = packet };
	struct sipalg_stream *stream;
	bool is_left = false, passes;

	if (READ_ONCE(packet->flow->stream) == SIPALG_STREAM_GONE)
		return NF_DROP;
	/* A packet that stays on this machine comes here twice. */
	if (nf_is_loopback_packet(packet->skb) ||
	    !sipalg_segment_read(&transit.segment, packet->skb, protoff))
		return NF_ACCEPT;
	if (sipalg_segment_header(&transit.segment)->syn)
		return sipalg_stream_shake_hands(packet, &transit.segment) ?
			       NF_ACCEPT :
			       NF_DROP;
	stream = READ_ONCE(packet->flow->stream);
	if (!stream || xa_is_value(stream)) {
		sipalg_stream_leave(packet->sn, packet->flow);
		return NF_ACCEPT;
	}

	spin_lock_bh(&stream->lock);
	if (stream->closed) {
		passes = !sipalg_stream_is_edited(stream);
	} else {
		transit.stream = stream;
		transit.pass.packet = packet;
		transit.pass.account = &stream->account;
		transit.pass.direction = &stream->directions[dir];
		transit.pass.reverse = &stream->directions[!dir];
		passes = packet_take(&transit);
		is_left = stream_settle(stream);
	}
	spin_unlock_bh(&stream->lock);
	if (is_left)
		sipalg_stream_leave(packet->sn, packet->flow);
	return passes ? NF_ACCEPT : NF_DROP;
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
	if (!stream->closed)
		error_map(&stream->directions[!dir].map,
			  &stream->directions[dir].map, &error);
	spin_unlock_bh(&stream->lock);
}

void sipalg_tcp_teardown(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		kvfree(per_cpu(buffers, cpu));
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
		per_cpu(buffers, cpu) = buffer;
	}
	return 0;
}
