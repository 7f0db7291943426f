// SPDX-License-Identifier: GPL-2.0
/*
 * Conntrack sees each packet with the sequence numbers that its end gave it.
 * The offset between the two ends' spaces is kept in its own sequence
 * adjustment, which stays inactive until this module goes.
 */

#include <linux/jhash.h>
#include <linux/module.h>
#include <net/netfilter/nf_conntrack_helper.h>
#include <net/netfilter/nf_conntrack_l4proto.h>
#include <net/netfilter/nf_conntrack_seqadj.h>
#include <net/netfilter/nf_conntrack_timeout.h>
#include <net/tcp.h>

#include "compat.h"
#include "state/policy.h"
#include "state/quota.h"
#include "tcp/stream.h"

/*
 * So long at least may a connection be adopted whose flow is gone: one that is
 * silent may count on a NAT for that long (RFC 5382, REQ-5),
 */
#define ORPHAN_SECS_MIN		7440
/* and so often those are looked for that have become too old. */
#define ORPHANS_PERIOD_SECS	60

/**
 * sipalg_stream_pin() - have the module stay while it is needed
 * @stream: the stream; bytes are held, or changed and not acknowledged
 *
 * Only this module can send those again.
 *
 * Context: any.
 * Return: false where the module is going.
 */
bool sipalg_stream_pin(struct sipalg_stream *stream)
{
	if (READ_ONCE(stream->pinned))
		return true;
	if (!try_module_get(THIS_MODULE))
		return false;
	/* The stream's flow may end at the same time, and unpin it. */
	if (xchg(&stream->pinned, 1))
		module_put(THIS_MODULE);
	return true;
}

/**
 * sipalg_stream_unpin() - let the module go
 * @stream: the stream
 *
 * Context: any.
 */
void sipalg_stream_unpin(struct sipalg_stream *stream)
{
	if (READ_ONCE(stream->pinned) && xchg(&stream->pinned, 0))
		module_put(THIS_MODULE);
}

/* Does a host outside open it, to one that is published? */
static bool is_inbound(const struct nf_conn *ct)
{
	return (ct->status & IPS_NAT_MASK) == IPS_DST_NAT;
}

/*
 * Anybody outside can open connections, from many addresses: all of them
 * together leave some for the inside hosts.
 *
 * Return: false at a limit.
 */
static bool account_open(struct sipalg_account *account,
			 const struct sipalg_host_key *key,
			 const struct nf_conn *ct)
{
	const struct sipalg_host_key all = {
		.zone = key->zone,
		.family = key->family,
	};

	if (is_inbound(ct) &&
	    sipalg_quota_charge(account->sn, &all, SIPALG_SHARE_INBOUND, 0,
				&account->inbound))
		return false;
	if (!sipalg_quota_charge(account->sn, key, SIPALG_SHARE_STREAMS,
				 sizeof(struct sipalg_stream), &account->host))
		return true;
	if (account->inbound)
		sipalg_quota_uncharge(account->sn, account->inbound,
				      SIPALG_SHARE_INBOUND, 0);
	return false;
}

/* What is buffered still counts. */
static void account_leave(const struct sipalg_account *account)
{
	sipalg_quota_leave(account->sn, account->host, SIPALG_SHARE_STREAMS,
			   sizeof(struct sipalg_stream));
	if (account->inbound)
		sipalg_quota_leave(account->sn, account->inbound,
				   SIPALG_SHARE_INBOUND, 0);
}

static void account_put(const struct sipalg_account *account)
{
	sipalg_quota_put(account->sn, account->host);
	if (account->inbound)
		sipalg_quota_put(account->sn, account->inbound);
}

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
	account_put(account);
	nf_ct_put(stream->ct);
	sipalg_stream_unpin(stream);
	kfree(stream);
	if (atomic_dec_and_test(&sn->streams.n))
		sipalg_net_review(sn);
}

/* Nobody finds it any more: another one may take its place. */
static void stream_discard(struct sipalg_stream *stream)
{
	account_leave(&stream->account);
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

static struct hlist_head *orphan_bucket(struct sipalg_net *sn,
					const struct nf_conn *ct)
{
	const struct nf_conntrack_tuple *tuple =
		nf_ct_tuple(ct, IP_CT_DIR_ORIGINAL);
	u32 hash = jhash(&tuple->src.u3, sizeof(tuple->src.u3),
			 (__force u16)tuple->src.u.tcp.port);

	return &sn->streams.orphans[hash_min(hash,
					     HASH_BITS(sn->streams.orphans))];
}

static bool is_same_opener(const struct nf_conn *a, const struct nf_conn *b)
{
	return nf_ct_tuple_equal(nf_ct_tuple(a, IP_CT_DIR_ORIGINAL),
				 nf_ct_tuple(b, IP_CT_DIR_ORIGINAL)) &&
	       nf_ct_zone_equal(a, nf_ct_zone(b), IP_CT_DIR_ORIGINAL);
}

/*
 * Can the connection of the flow go on? A flow that ends for lack of packets
 * behind its FINs, or behind a reset, is not missed.
 */
static bool flow_is_missed(const struct sipalg_net *sn,
			   const struct nf_conn *ct)
{
	return ct->proto.tcp.state >= TCP_CONNTRACK_ESTABLISHED &&
	       ct->proto.tcp.state < TCP_CONNTRACK_TIME_WAIT &&
	       !READ_ONCE(sn->hooks.closing) && sipalg_module_is_live();
}

/*
 * For how many jiffies may the connection be silent, and go on? Conntrack would
 * not have known it any longer.
 */
static unsigned long orphan_life(const struct nf_conn *ct)
{
	const unsigned int *timeouts = nf_ct_timeout_lookup(ct);

	if (!timeouts)
		timeouts = nf_tcp_pernet(nf_ct_net(ct))->timeouts;
	return clamp_t(unsigned long, timeouts[ct->proto.tcp.state],
		       ORPHAN_SECS_MIN * HZ, MAX_JIFFY_OFFSET);
}

/*
 * The stream's flow is gone; the list is locked. Where its host comes to a
 * limit, the first to go are those whose connection goes on without: its ends
 * count alike, and nothing is held.
 */
static void orphan_begin(struct sipalg_stream *stream)
{
	struct list_head *spare = &stream->account.host->spare;

	if (sipalg_stream_is_edited(stream) ||
	    stream->directions[IP_CT_DIR_ORIGINAL].map.held ||
	    stream->directions[IP_CT_DIR_REPLY].map.held)
		list_move_tail(&stream->list, spare);
	else
		list_move(&stream->list, spare);
	stream->until = jiffies + orphan_life(stream->ct);
	sipalg_stream_unpin(stream);
	hlist_add_head_rcu(&stream->orphan,
			   orphan_bucket(stream->account.sn, stream->ct));
}

/**
 * sipalg_stream_destroy() - a flow ends
 * @ct: the flow, dying
 *
 * Its connection may go on, and only this module knows how its numbers differ:
 * so a stream is kept for a while. A packet that is on its way is dropped.
 *
 * The module may go in the meantime, even if bytes are held: perhaps no packet
 * ever comes. The connection is lost then.
 *
 * A message may end a flow while its own stream, or another one, is locked, so
 * this takes no stream's lock.
 *
 * Context: any, RCU read side; takes the lock of the list of streams.
 */
void sipalg_stream_destroy(struct nf_conn *ct)
{
	struct sipalg_net *sn = sipalg_pernet(nf_ct_net(ct));
	struct sipalg_flow *flow = nfct_help_data(ct);
	struct sipalg_streams *streams = &sn->streams;
	struct sipalg_stream *stream;
	bool is_orphan;

	spin_lock_bh(&streams->lock);
	stream = flow->stream;
	is_orphan = stream && !xa_is_value(stream) && flow_is_missed(sn, ct);
	if (is_orphan) {
		WRITE_ONCE(flow->stream, SIPALG_STREAM_GONE);
		orphan_begin(stream);
		schedule_delayed_work(&streams->work, ORPHANS_PERIOD_SECS * HZ);
	}
	spin_unlock_bh(&streams->lock);
	if (!is_orphan)
		sipalg_stream_leave(sn, flow);
}

static struct sipalg_stream *orphan_find(struct sipalg_net *sn,
					 const struct nf_conn *ct)
{
	struct sipalg_stream *stream;

	hlist_for_each_entry_rcu(stream, orphan_bucket(sn, ct), orphan,
				 lockdep_is_held(&sn->streams.lock))
		if (is_same_opener(READ_ONCE(stream->ct), ct))
			return stream;
	return NULL;
}

/*
 * What the helper keeps of a flow. Linux 6.1 reads no extension of a flow that
 * was dropped on its way, once any helper has been unregistered.
 */
static struct sipalg_flow *find_flow(const struct nf_conn *ct)
{
	return nfct_help(ct) ? nfct_help_data(ct) : NULL;
}

static void hints_copy(struct sipalg_flow *flow, const struct sipalg_flow *from)
{
	memcpy(flow->until, from->until, sizeof(flow->until));
	flow->port_omitted = from->port_omitted;
	flow->writes_public_addr = from->writes_public_addr;
}

/* Can a flow be the one that a stream lacks? The list is locked. */
static bool orphan_fits(const struct sipalg_stream *stream,
			const struct nf_conn *ct)
{
	return !hlist_unhashed(&stream->orphan) &&
	       is_same_opener(stream->ct, ct) &&
	       nf_ct_tuple_equal(nf_ct_tuple(stream->ct, IP_CT_DIR_REPLY),
				 nf_ct_tuple(ct, IP_CT_DIR_REPLY));
}

/*
 * No stream was found that lacks the flow: it is left, unless another CPU has
 * just given it one. Where it is about to, the packet has to come again.
 */
static void *flow_settle(struct sipalg_packet *packet)
{
	struct sipalg_streams *streams = &packet->sn->streams;
	const struct sipalg_stream *stream;
	void *entry;

	spin_lock_bh(&streams->lock);
	entry = packet->flow->stream;
	if (!entry) {
		stream = orphan_find(packet->sn, packet->ct);
		entry = stream && orphan_fits(stream, packet->ct) ?
			SIPALG_STREAM_GONE : SIPALG_STREAM_LEFT;
		if (entry == SIPALG_STREAM_LEFT)
			WRITE_ONCE(packet->flow->stream, entry);
	}
	spin_unlock_bh(&streams->lock);
	return entry;
}

/**
 * sipalg_stream_adopt() - go on with a connection that conntrack had forgotten
 * @packet: a packet of a flow without a stream, not a SYN; its flow may move
 *
 * The packets of several CPUs may each have a flow of their own, of which
 * conntrack confirms one. So each of them finds the stream, and it stays to be
 * found until a packet of the flow that was confirmed comes.
 *
 * Context: softirq or process, RCU read side; takes the stream's lock, and the
 * one of the list of streams.
 * Return: the stream. SIPALG_STREAM_LEFT if it is not known, or its outside end
 * has changed: then the flow is left. SIPALG_STREAM_GONE where the packet has
 * to be dropped.
 */
void *sipalg_stream_adopt(struct sipalg_packet *packet)
{
	struct sipalg_streams *streams = &packet->sn->streams;
	struct nf_conn *ct = packet->ct, *old = NULL;
	const struct sipalg_flow *hints;
	struct sipalg_stream *stream;
	unsigned int dir;
	bool is_found;

	stream = orphan_find(packet->sn, ct);
	if (!stream)
		return flow_settle(packet);
	if (!nf_ct_is_confirmed(ct) && !nfct_seqadj(ct))
		nfct_seqadj_ext_add(ct);
	/* The extensions may have moved. */
	packet->flow = nfct_help_data(ct);
	spin_lock_bh(&stream->lock);
	spin_lock(&streams->lock);
	is_found = packet->flow->stream == stream || orphan_fits(stream, ct);
	if (is_found && stream->ct != ct) {
		old = stream->ct;
		hints = find_flow(old);
		if (hints)
			hints_copy(packet->flow, hints);
		nf_conntrack_get(&ct->ct_general);
		WRITE_ONCE(stream->ct, ct);
	}
	if (is_found && nf_ct_is_confirmed(ct) && !nf_ct_is_dying(ct) &&
	    !packet->flow->stream) {
		hlist_del_init_rcu(&stream->orphan);
		list_move_tail(&stream->list, &streams->list);
		WRITE_ONCE(packet->flow->stream, stream);
		sipalg_stream_pin(stream);
	}
	spin_unlock(&streams->lock);
	for (dir = 0; old && dir < IP_CT_DIR_MAX; dir++)
		sipalg_stream_tell_conntrack(stream, dir);
	spin_unlock_bh(&stream->lock);
	if (old)
		nf_ct_put(old);
	return is_found ? stream : flow_settle(packet);
}

/* Its flow is gone, and nobody adopts it any more; the list is locked. */
static void orphan_end(struct sipalg_stream *stream)
{
	hlist_del_init_rcu(&stream->orphan);
	list_del(&stream->list);
	stream_discard(stream);
}

/**
 * sipalg_stream_disown() - a connection begins
 * @packet: its first SYN
 *
 * One that conntrack had forgotten between the same ends is over.
 *
 * Context: softirq or process, RCU read side; takes the lock of the list of
 * streams.
 */
void sipalg_stream_disown(const struct sipalg_packet *packet)
{
	struct sipalg_streams *streams = &packet->sn->streams;
	struct sipalg_stream *stream;

	if (!orphan_find(packet->sn, packet->ct))
		return;
	spin_lock_bh(&streams->lock);
	stream = orphan_find(packet->sn, packet->ct);
	if (stream)
		orphan_end(stream);
	spin_unlock_bh(&streams->lock);
}

static void orphans_age(struct work_struct *work)
{
	struct sipalg_streams *streams = container_of(to_delayed_work(work),
						      struct sipalg_streams,
						      work);
	struct sipalg_stream *stream;
	struct hlist_node *next;
	bool any = false;
	unsigned int i;

	spin_lock_bh(&streams->lock);
	hash_for_each_safe(streams->orphans, i, next, stream, orphan) {
		/* A packet that was on its way may have pinned it again. */
		sipalg_stream_unpin(stream);
		if (time_before(jiffies, stream->until))
			any = true;
		else
			orphan_end(stream);
	}
	if (any)
		schedule_delayed_work(&streams->work, ORPHANS_PERIOD_SECS * HZ);
	spin_unlock_bh(&streams->lock);
}

int sipalg_streams_net_init(struct sipalg_net *sn)
{
	spin_lock_init(&sn->streams.lock);
	INIT_LIST_HEAD(&sn->streams.list);
	hash_init(sn->streams.orphans);
	INIT_DELAYED_WORK(&sn->streams.work, orphans_age);
	return 0;
}

/* Offsets conntrack applies up to a number and behind it. */
static void offsets_set(struct nf_conn *ct, enum ip_conntrack_dir dir,
			s32 before, u32 position, s32 behind)
{
	struct nf_conn_seqadj *seqadj = nfct_seqadj(ct);

	if (!seqadj)
		return;
	spin_lock_bh(&ct->lock);
	seqadj->seq[dir].correction_pos = position;
	seqadj->seq[dir].offset_before = before;
	seqadj->seq[dir].offset_after = behind;
	spin_unlock_bh(&ct->lock);
}

/* Offset conntrack applies, so that it sees one sequence space. */
static void offset_set(struct nf_conn *ct, enum ip_conntrack_dir dir,
		       s32 offset)
{
	const struct nf_conn_seqadj *seqadj = nfct_seqadj(ct);

	if (seqadj && (seqadj->seq[dir].offset_before != offset ||
		       seqadj->seq[dir].offset_after != offset))
		offsets_set(ct, dir, offset, seqadj->seq[dir].correction_pos,
			    offset);
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
	struct sipalg_flow *flow = find_flow(stream->ct);

	if (!flow)
		return;
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
	struct hlist_node *tmp;
	unsigned int i;
	LIST_HEAD(list);

	spin_lock_bh(&sn->streams.lock);
	hash_for_each_safe(sn->streams.orphans, i, tmp, stream, orphan) {
		hlist_del_init_rcu(&stream->orphan);
		list_move(&stream->list, &sn->streams.list);
	}
	list_for_each_entry(stream, &sn->streams.list, list) {
		struct sipalg_flow *flow = find_flow(stream->ct);

		if (flow)
			WRITE_ONCE(flow->stream, SIPALG_STREAM_GONE);
	}
	list_splice_init(&sn->streams.list, &list);
	spin_unlock_bh(&sn->streams.lock);
	cancel_delayed_work_sync(&sn->streams.work);
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
 * Where a limit would keep a host from another connection, one of those goes
 * that conntrack has forgotten.
 */
static void orphan_yield(struct sipalg_net *sn,
			 const struct sipalg_host_key *key)
{
	struct sipalg_stream *stream;
	struct sipalg_host *host;

	host = sipalg_quota_full(sn, key, SIPALG_SHARE_STREAMS,
				 sizeof(*stream));
	if (!host)
		return;
	spin_lock_bh(&sn->streams.lock);
	stream = list_first_entry_or_null(&host->spare, struct sipalg_stream,
					  list);
	if (stream)
		orphan_end(stream);
	spin_unlock_bh(&sn->streams.lock);
}

/**
 * sipalg_stream_alloc() - make a stream that nobody finds yet
 * @packet: a packet of its flow
 *
 * Context: softirq or process, RCU read side.
 * Return: the stream, whose directions are not set; NULL at a limit or without
 * memory.
 */
struct sipalg_stream *sipalg_stream_alloc(const struct sipalg_packet *packet)
{
	struct sipalg_net *sn = packet->sn;
	struct nf_conn *ct = packet->ct;
	struct sipalg_host_key key = {
		.addr = ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple.src.u3,
		.zone = nf_ct_zone_id(nf_ct_zone(ct), IP_CT_DIR_ORIGINAL),
		.family = nf_ct_l3num(ct),
	};
	struct sipalg_account account = { .sn = sn };
	struct sipalg_stream *stream;

	orphan_yield(sn, &key);
	if (!account_open(&account, &key, ct))
		return NULL;
	stream = kzalloc(sizeof(*stream), GFP_ATOMIC);
	if (!stream) {
		account_leave(&account);
		account_put(&account);
		return NULL;
	}
	spin_lock_init(&stream->lock);
	stream->account = account;
	stream->ct = ct;
	return stream;
}

/**
 * sipalg_stream_publish() - have a flow's packets find the stream
 * @stream: the stream
 * @flow: what the flow's helper extension keeps
 * @entry: what they find now
 *
 * Context: any, RCU read side; takes the lock of the list of streams.
 * Return: false where they find something else, or the flow is dying: one that
 * dies later will find the stream.
 */
bool sipalg_stream_publish(struct sipalg_stream *stream,
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
		if (atomic_inc_return(&streams->n) == 1)
			sipalg_net_review(stream->account.sn);
		list_add_tail(&stream->list, &streams->list);
		WRITE_ONCE(flow->stream, stream);
	}
	spin_unlock_bh(&streams->lock);
	return published;
}

/**
 * sipalg_stream_cancel() - undo sipalg_stream_alloc()
 * @stream: the stream
 */
void sipalg_stream_cancel(struct sipalg_stream *stream)
{
	account_leave(&stream->account);
	account_put(&stream->account);
	kfree(stream);
}

/**
 * sipalg_stream_syn_again() - a SYN has come in the middle of a connection
 * @stream: the stream
 * @seq: its sequence number
 *
 * Conntrack compares the SYN-ACK that may answer this SYN with that, so the
 * offset of its number should be 0. Anybody can send a SYN, so the numbers of
 * the connection keep theirs.
 *
 * Context: softirq or process; takes the stream's lock.
 */
void sipalg_stream_syn_again(struct sipalg_stream *stream, u32 seq)
{
	const struct sipalg_seqmap *map =
		&stream->directions[IP_CT_DIR_ORIGINAL].map;
	bool is_ahead;
	s32 offset;

	spin_lock_bh(&stream->lock);
	offset = sipalg_seqmap_offset(map);
	is_ahead = after(seq, map->acked);
	if (!stream->closed)
		offsets_set(stream->ct, IP_CT_DIR_ORIGINAL,
			    is_ahead ? offset : 0, seq - is_ahead,
			    is_ahead ? 0 : offset);
	spin_unlock_bh(&stream->lock);
}
