// SPDX-License-Identifier: GPL-2.0
/*
 * A connection is followed from its SYN on, or not at all. No packet is ever
 * made or held: each goes on at once, with other numbers, other text, or as a
 * keep-alive (RFC 9293, 3.8.4) where the receiver must not have its bytes yet.
 * Its answer to that acknowledges to the sender what is in custody, so that a
 * sender who waits for that (RFC 896) goes on.
 *
 * Conntrack sees each packet with the numbers that its end gave it. What lies
 * between the two spaces is told to it through its own sequence adjustment,
 * which stays inactive until this module goes.
 */

#include <linux/module.h>
#include <linux/xarray.h>
#include <net/netfilter/nf_conntrack_helper.h>
#include <net/netfilter/nf_conntrack_seqadj.h>
#include <net/tcp.h>


#include "state/policy.h"
#include "tcp/direction.h"
#include "tcp/icmp.h"
#include "tcp/stream.h"

#define PACKET_MAX 65535	/* bytes, with the headers */

/* What a packet will carry; one packet a CPU at a time, with softirqs off. */
static DEFINE_PER_CPU(u8 *, rooms);

/* Nobody has it any more, so that its lock is not needed. */
static void free_stream(struct rcu_head *rcu)
{
	struct sipalg_stream *stream =
		container_of(rcu, struct sipalg_stream, rcu);
	struct sipalg_net *sn = stream->account.sn;
	unsigned int dir;

	for (dir = 0; dir < IP_CT_DIR_MAX; dir++)
		sipalg_way_free(stream, &stream->ways[dir]);
	sipalg_quota_uncharge(sn, stream->account.host, SIPALG_SHARE_STREAMS,
			      sizeof(*stream));
	nf_ct_put(stream->ct);
	if (stream->pinned)
		module_put(THIS_MODULE);
	kfree(stream);
	if (atomic_dec_and_test(&sn->streams.n))
		sipalg_net_review(sn);
}

/* Nobody finds it any more. */
static void discard(struct sipalg_stream *stream)
{
	call_rcu(&stream->rcu, free_stream);
}

/* The flow is of no concern any more. */
static void leave(struct sipalg_net *sn, struct sipalg_flow *flow)
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
		discard(stream);
}

/**
 * sipalg_stream_destroy() - a flow ends
 * @ct: the flow, dying
 *
 * A message may end a flow while its own stream, or another one, is locked.
 *
 * Context: any, RCU read side; takes the lock of the list of streams alone.
 */
void sipalg_stream_destroy(struct nf_conn *ct)
{
	leave(sipalg_pernet(nf_ct_net(ct)), nfct_help_data(ct));
}

int sipalg_streams_net_init(struct sipalg_net *sn)
{
	spin_lock_init(&sn->streams.lock);
	INIT_LIST_HEAD(&sn->streams.list);
	return 0;
}

/*
 * What conntrack adds to a direction's numbers, to see both ends' as those of
 * one connection.
 */
static void set_shift(struct nf_conn *ct, enum ip_conntrack_dir dir, s32 shift)
{
	struct nf_conn_seqadj *seqadj = nfct_seqadj(ct);

	if (!seqadj || seqadj->seq[dir].offset_after == shift)
		return;
	spin_lock_bh(&ct->lock);
	seqadj->seq[dir].offset_before = shift;
	seqadj->seq[dir].offset_after = shift;
	spin_unlock_bh(&ct->lock);
}

static void tell_conntrack(struct sipalg_stream *stream,
			   enum ip_conntrack_dir dir)
{
	const struct sipalg_journal *journal = &stream->ways[dir].journal;

	set_shift(
		stream->ct, dir,
		(s32)(journal->out_next - journal->in_next + journal->custody));
}

/*
 * From now on its packets are lost, if there is anything that has to be done
 * for them.
 */
static void close_stream(struct sipalg_stream *stream)
{
	unsigned int dir;

	spin_lock_bh(&stream->lock);
	stream->closed = true;
	for (dir = 0; dir < IP_CT_DIR_MAX; dir++)
		tell_conntrack(stream, dir);
	spin_unlock_bh(&stream->lock);
}

/*
 * Conntrack does from now on what there is to do; no packet is between it and
 * the stream.
 */
static void hand_over(struct sipalg_stream *stream)
{
	struct sipalg_flow *flow = nfct_help_data(stream->ct);

	if (!sipalg_stream_is_touched(stream))
		WRITE_ONCE(flow->stream, SIPALG_STREAM_LEFT);
	else if (nfct_seqadj(stream->ct))
		set_bit(IPS_SEQ_ADJUST_BIT, &stream->ct->status);
}

/**
 * sipalg_streams_net_exit() - the namespace, or the module, goes
 * @sn: the namespace
 *
 * Connections whose numbers differ are left to conntrack, and lose what packets
 * come until their helper is unregistered. When the module goes nothing is in
 * custody.
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
		close_stream(stream);
	/*
	 * Linux before 6.2 would shift the numbers of a packet that has just
	 * been here, too.
	 */
	if (!list_empty(&list))
		synchronize_rcu();
	list_for_each_entry_safe(stream, next, &list, list) {
		hand_over(stream);
		discard(stream);
	}
	/* Also for those that have ended by themselves. */
	if (READ_ONCE(sn->streams.used))
		rcu_barrier();
}

static void set_numbers(struct sipalg_stream *stream,
			const struct sipalg_segment *synack, u16 mss)
{
	sipalg_way_init(&stream->ways[IP_CT_DIR_ORIGINAL], synack->ack,
			sipalg_segment_mss(synack));
	sipalg_way_init(&stream->ways[IP_CT_DIR_REPLY], synack->seq + 1, mss);
}

/*
 * The numbers that conntrack sees are not those that it would see without an
 * ALG.
 */
static void be_liberal(struct nf_conn *ct)
{
	unsigned int dir;

	spin_lock_bh(&ct->lock);
	for (dir = 0; dir < IP_CT_DIR_MAX; dir++)
		ct->proto.tcp.seen[dir].flags |= IP_CT_TCP_FLAG_BE_LIBERAL;
	spin_unlock_bh(&ct->lock);
}

static struct sipalg_stream *
make_stream(const struct sipalg_packet *packet,
	    const struct sipalg_segment *synack, u16 mss)
{
	struct nf_conn *ct = packet->ct;
	struct sipalg_host_key key = {
		.addr = ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple.src.u3,
		.zone = nf_ct_zone_id(nf_ct_zone(ct), IP_CT_DIR_ORIGINAL),
		.family = nf_ct_l3num(ct),
	};
	struct sipalg_stream *stream;
	struct sipalg_host *host;

	/* SYNPROXY, for one, adjusts the numbers already. */
	if (!module_is_live(THIS_MODULE) ||
	    test_bit(IPS_SEQ_ADJUST_BIT, &ct->status))
		return NULL;
	if (sipalg_quota_charge(packet->sn, &key, SIPALG_SHARE_STREAMS,
				sizeof(*stream), &host))
		return NULL;
	stream = kzalloc(sizeof(*stream), GFP_ATOMIC);
	if (!stream) {
		sipalg_quota_uncharge(packet->sn, host, SIPALG_SHARE_STREAMS,
				      sizeof(*stream));
		return NULL;
	}
	spin_lock_init(&stream->lock);
	stream->account.sn = packet->sn;
	stream->account.host = host;
	stream->ct = ct;
	set_numbers(stream, synack, mss);
	return stream;
}

/*
 * A flow that dies now has not found the stream, and one that dies later will.
 *
 * Return: false where another packet has been faster.
 */
static bool publish_stream(const struct sipalg_packet *packet,
			   struct sipalg_stream *stream, void *entry)
{
	struct sipalg_streams *streams = &packet->sn->streams;
	bool published;

	WRITE_ONCE(streams->used, true);
	spin_lock_bh(&streams->lock);
	published = !nf_ct_is_dying(stream->ct) &&
		    READ_ONCE(packet->flow->stream) == entry;
	if (published) {
		nf_conntrack_get(&stream->ct->ct_general);
		atomic_inc(&streams->n);
		list_add_tail(&stream->list, &streams->list);
		WRITE_ONCE(packet->flow->stream, stream);
	}
	spin_unlock_bh(&streams->lock);
	return published;
}

/* @entry, of a SYN, is in the flow unless another packet has been faster. */
static void begin(const struct sipalg_packet *packet,
		  const struct sipalg_segment *synack, void *entry)
{
	struct sipalg_stream *stream;

	stream = make_stream(packet, synack, xa_to_value(entry));
	if (stream) {
		be_liberal(packet->ct);
		if (publish_stream(packet, stream, entry))
			return;
		sipalg_quota_uncharge(packet->sn, stream->account.host,
				      SIPALG_SHARE_STREAMS, sizeof(*stream));
		kfree(stream);
	}
	cmpxchg(&packet->flow->stream, entry, SIPALG_STREAM_LEFT);
}

/* An end that gave up has come back, with other numbers. */
static void begin_again(struct sipalg_stream *stream,
			const struct sipalg_segment *synack)
{
	unsigned int dir;

	spin_lock_bh(&stream->lock);
	if (!stream->closed &&
	    stream->ct->proto.tcp.state == TCP_CONNTRACK_SYN_RECV) {
		for (dir = 0; dir < IP_CT_DIR_MAX; dir++)
			sipalg_way_free(stream, &stream->ways[dir]);
		set_numbers(stream, synack,
			    stream->ways[IP_CT_DIR_REPLY].mss_max);
		/* Conntrack began again, too. */
		be_liberal(stream->ct);
	}
	spin_unlock_bh(&stream->lock);
}

/*
 * The SYN leaves word for the SYN-ACK, which tells all numbers. A SYN that
 * carries data (RFC 7413) would have them go unseen. Bytes that have numbers of
 * their own (MPTCP) cannot become others: without its option the ends speak TCP
 * (RFC 8684, 3.7).
 *
 * Return: false if the packet must be dropped, for lack of memory: it will come
 * again.
 */
static bool take_syn(const struct sipalg_packet *packet,
		     struct sipalg_segment *segment)
{
	void *entry = READ_ONCE(packet->flow->stream);
	struct nf_conn *ct = packet->ct;
	struct sipalg_flow *flow;
	unsigned int dir;

	if (nf_ct_is_confirmed(ct)) {
		if (!entry || entry == SIPALG_STREAM_LEFT)
			return true;
		/*
		 * It may be another connection, of which conntrack must not
		 * think so.
		 */
		for (dir = 0; dir < IP_CT_DIR_MAX && !xa_is_value(entry); dir++)
			set_shift(ct, dir, 0);
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

static void take_synack(const struct sipalg_packet *packet,
			const struct sipalg_segment *segment)
{
	void *entry = READ_ONCE(packet->flow->stream);

	if (!entry || entry == SIPALG_STREAM_LEFT)
		return;
	if (xa_is_value(entry))
		begin(packet, segment, entry);
	else
		begin_again(entry, segment);
}

static bool shake_hands(const struct sipalg_packet *packet,
			struct sipalg_segment *segment)
{
	enum ip_conntrack_dir dir = CTINFO2DIR(packet->ctinfo);

	if (!sipalg_segment_header(segment)->ack)
		return dir != IP_CT_DIR_ORIGINAL || take_syn(packet, segment);
	if (dir == IP_CT_DIR_REPLY)
		take_synack(packet, segment);
	return true;
}

/*
 * Bytes that have not gone out will take some of the window, but never shut it.
 */
static u16 map_window(const struct sipalg_pass *pass, u16 window)
{
	const struct nf_conn *ct = pass->packet->ct;
	u8 scale =
		ct->proto.tcp.seen[CTINFO2DIR(pass->packet->ctinfo)].td_scale;
	u32 custody = pass->other->journal.custody,
	    bytes = (u32)window << scale;

	if (bytes > custody)
		bytes -= custody;
	else
		bytes = min_t(u32, bytes, pass->other->mss);
	return (bytes >> scale) ?: !!window;
}

/*
 * A block in front of the acknowledgment reports a duplicate (RFC 2883). Where
 * it has one byte, that was a keep-alive, and what that stood for is reported
 * in its place.
 */
static bool map_sacks(struct sipalg_pass *pass)
{
	const struct sipalg_journal *journal = &pass->other->journal;
	const struct ip_ct_tcp *tcp = &pass->packet->ct->proto.tcp;
	struct sipalg_sack old[SIPALG_SACKS_MAX], new[SIPALG_SACKS_MAX];
	unsigned int n = sipalg_segment_sacks(&pass->segment, old), m = 0, i;

	for (i = 0; i < n; i++) {
		if (after(old[i].end, pass->segment.ack)) {
			new[m].start =
				sipalg_journal_in_from(journal, old[i].start);
			new[m].end = sipalg_journal_in(journal, old[i].end);
		} else if (old[i].end - old[i].start > 1) {
			new[m].start = sipalg_journal_in(journal, old[i].start);
			new[m].end = sipalg_journal_in(journal, old[i].end);
		} else {
			new[m] = pass->other->duplicate;
			memset(&pass->other->duplicate, 0, sizeof(*new));
		}
		m += after(new[m].end, new[m].start);
	}
	if (tcp->seen[0].flags & tcp->seen[1].flags & IP_CT_TCP_FLAG_SACK_PERM)
		m += sipalg_way_queued(pass->other, new + m,
				       SIPALG_SACKS_MAX - m);
	if (m == n && !memcmp(old, new, n * sizeof(*new)))
		return true;
	if (!sipalg_segment_open_header(&pass->segment))
		return false;
	sipalg_segment_set_sacks(&pass->segment, new, m);
	return true;
}

/*
 * What the packet carries is exchanged. Return: false where there is no memory.
 */
static bool fill(struct sipalg_pass *pass)
{
	struct sipalg_segment *segment = &pass->segment;
	struct tcphdr *th = sipalg_segment_header(segment);
	u32 mss = pass->way->mss - (th->doff * 4 - sizeof(*th));
	bool empty = !pass->len && !pass->fin;

	if (pass->len == segment->len && pass->fin == th->fin && !empty &&
	    !memcmp(pass->out, segment->skb->data + segment->text, pass->len))
		return true;
	if (empty) {
		/* A byte that the receiver has got; it is not looked at. */
		pass->out[0] = 0;
		pass->len = 1;
		pass->seq = pass->way->journal.acked - 1;
	}
	if (!sipalg_segment_fill(segment, pass->out, pass->len, mss))
		return false;
	th = sipalg_segment_header(segment);
	th->fin = pass->fin;
	th->psh = !empty;
	th->urg = 0;
	/*
	 * A packet out of order must not set the receiver's clock (RFC 7323,
	 * 4.3).
	 */
	if (pass->late && pass->way->clocked)
		sipalg_segment_set_timestamp(segment, pass->way->clock);
	return true;
}

/*
 * While something is in custody or changed and on its way, only this module can
 * bring it to its end. Return: false where the module is going.
 */
static bool pin(struct sipalg_stream *stream)
{
	if (!stream->pinned)
		stream->pinned = try_module_get(THIS_MODULE);
	return stream->pinned;
}

static bool take(struct sipalg_pass *pass)
{
	const struct sipalg_segment *segment = &pass->segment;
	const struct tcphdr *th = sipalg_segment_header(segment);
	struct sipalg_journal *journal = &pass->way->journal;
	u32 end = segment->seq + segment->len + th->fin;

	if (th->rst || end == segment->seq) {
		pass->seq = sipalg_journal_out(journal, segment->seq);
		return true;
	}
	if (pass->way->state != SIPALG_WAY_PASSED && !pin(pass->stream))
		pass->way->state = SIPALG_WAY_PASSED;
	if (sipalg_way_is_plain(pass->way, segment)) {
		pass->seq = segment->seq + journal->out_next - journal->in_next;
		if (after(end, journal->in_next)) {
			journal->out_next += end - journal->in_next;
			journal->in_next = end;
		}
		return true;
	}
	pass->out = this_cpu_read(rooms);
	pass->room = PACKET_MAX - segment->text;
	if (!sipalg_segment_open(&pass->segment))
		return false;
	sipalg_way_take(pass);
	tell_conntrack(pass->stream, CTINFO2DIR(pass->packet->ctinfo));
	return fill(pass);
}

/*
 * Return: false if the packet must be dropped, for lack of memory: it will come
 * again.
 */
static bool process(struct sipalg_pass *pass)
{
	struct sipalg_segment *segment = &pass->segment;
	bool acks = sipalg_segment_header(segment)->ack;
	u16 window = ntohs(sipalg_segment_header(segment)->window);
	u32 ack = segment->ack;

	if (acks)
		sipalg_way_acked(pass->stream, pass->other, ack);
	if (!take(pass))
		return false;
	if (acks) {
		if (!map_sacks(pass))
			return false;
		if (pass->other->journal.custody)
			window = map_window(pass, window);
		ack = sipalg_journal_in(&pass->other->journal, ack);
	}
	return sipalg_segment_renumber(segment, pass->seq, ack, window);
}

/* Return: true where there never was, and never will be, anything to do. */
static bool settle(struct sipalg_stream *stream)
{
	const struct sipalg_way *ways = stream->ways;
	unsigned int dir, passed = 0;

	for (dir = 0; dir < IP_CT_DIR_MAX; dir++) {
		if (!sipalg_way_is_settled(&ways[dir]))
			return false;
		passed += ways[dir].state == SIPALG_WAY_PASSED &&
			  list_empty(&ways[dir].queue);
	}
	if (stream->pinned)
		module_put(THIS_MODULE);
	stream->pinned = false;
	return passed == IP_CT_DIR_MAX && !sipalg_stream_is_touched(stream);
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
	struct sipalg_pass pass = { .packet = packet };
	struct sipalg_stream *stream;
	bool is_left = false, passes;

	if (READ_ONCE(packet->flow->stream) == SIPALG_STREAM_GONE)
		return NF_DROP;
	/* What stays on this machine comes here twice. */
	if (nf_is_loopback_packet(packet->skb) ||
	    !sipalg_segment_read(&pass.segment, packet->skb, protoff))
		return NF_ACCEPT;
	if (sipalg_segment_header(&pass.segment)->syn)
		return shake_hands(packet, &pass.segment) ? NF_ACCEPT : NF_DROP;
	stream = READ_ONCE(packet->flow->stream);
	if (!stream || xa_is_value(stream)) {
		leave(packet->sn, packet->flow);
		return NF_ACCEPT;
	}

	spin_lock_bh(&stream->lock);
	if (stream->closed) {
		passes = !sipalg_stream_is_touched(stream);
	} else {
		pass.stream = stream;
		pass.way = &stream->ways[dir];
		pass.other = &stream->ways[!dir];
		passes = process(&pass);
		is_left = settle(stream);
	}
	spin_unlock_bh(&stream->lock);
	if (is_left)
		leave(packet->sn, packet->flow);
	return passes ? NF_ACCEPT : NF_DROP;
}

/* What has never gone out is no quote, and stays as it is. */
static void map_quote(const struct sipalg_way *way,
		      const struct sipalg_way *other,
		      struct sipalg_quote *quote)
{
	u32 ack = quote->ack;

	if (after(quote->seq, way->journal.out_next))
		return;
	if (!after(ack, other->journal.in_next))
		ack = sipalg_journal_out(&other->journal, ack);
	sipalg_quote_renumber(
		quote, sipalg_journal_in(&way->journal, quote->seq), ack);
}

/**
 * sipalg_stream_error() - an ICMP error about a packet of a connection
 * @skb: the error, its data at the network header; addresses and ports in it
 *	are those that the sender of the packet knows
 * @ct: the flow, with this module's helper
 * @ctinfo: the error's direction, opposite to that of the packet
 *
 * It quotes the packet as that went on from here; the sender knows it by other
 * numbers, and would not believe the error (RFC 5927, 4.1).
 *
 * Context: softirq or process, RCU read side; takes the stream's lock.
 */
void sipalg_stream_error(struct sk_buff *skb, const struct nf_conn *ct,
			 enum ip_conntrack_info ctinfo)
{
	const struct sipalg_flow *flow = nfct_help_data(ct);
	struct sipalg_stream *stream = READ_ONCE(flow->stream);
	enum ip_conntrack_dir dir = CTINFO2DIR(ctinfo);
	struct sipalg_quote quote;

	if (!stream || xa_is_value(stream) || !sipalg_quote_read(&quote, skb))
		return;
	spin_lock_bh(&stream->lock);
	if (!stream->closed)
		map_quote(&stream->ways[!dir], &stream->ways[dir], &quote);
	spin_unlock_bh(&stream->lock);
}

void sipalg_stream_teardown(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		kvfree(per_cpu(rooms, cpu));
}

int sipalg_stream_setup(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		u8 *room =
			kvmalloc_node(PACKET_MAX, GFP_KERNEL, cpu_to_node(cpu));

		if (!room) {
			sipalg_stream_teardown();
			return -ENOMEM;
		}
		per_cpu(rooms, cpu) = room;
	}
	return 0;
}
