// SPDX-License-Identifier: GPL-2.0

#include <linux/jiffies.h>

#include "state/quota.h"
#include "state/stats.h"
#include "table/record.h"

/**
 * sipalg_record_ring() - the end of a dialog is not to come after all
 * @record: of the dialog, which the caller has locked
 *
 * Context: any.
 */
void sipalg_record_ring(struct sipalg_record *record)
{
	*record = (struct sipalg_record) {};
}

/**
 * sipalg_record_answer() - a call goes on, or begins to
 * @record: of the call, which the caller has locked
 *
 * Context: any.
 */
void sipalg_record_answer(struct sipalg_record *record)
{
	if (!record->answered)
		record->answered = (u32)jiffies ?: 1;
	record->cause = SIPALG_CALL_CAUSE_NONE;
	record->status = 0;
}

/**
 * sipalg_record_end() - a dialog ends, for the first cause that is given
 * @record: of the dialog, which the caller has locked
 * @cause: the cause
 * @status: status code of the response that ends it, 0 for none
 *
 * Context: any.
 */
void sipalg_record_end(struct sipalg_record *record,
		       enum sipalg_call_cause cause, u16 status)
{
	if (record->cause != SIPALG_CALL_CAUSE_NONE)
		return;
	record->cause = cause;
	record->status = status;
	record->ended = (u32)jiffies;
}

/**
 * sipalg_record_duration() - how long a call has been up
 * @record: of a call that was answered
 *
 * Context: any.
 * Return: seconds until now, or until its end began.
 */
u32 sipalg_record_duration(const struct sipalg_record *record)
{
	u32 until = record->cause == SIPALG_CALL_CAUSE_NONE ? (u32)jiffies :
							      record->ended;

	return (until - record->answered) / HZ;
}

/* Return: the stream; NULL where there is no room for one more. */
static struct sipalg_record_stream *find_stream(struct sipalg_traffic *traffic,
						u8 media, u8 kind)
{
	struct sipalg_record_stream *stream = traffic->stream;

	for (; stream < traffic->stream + traffic->n; stream++)
		if (stream->media == media && stream->kind == kind)
			return stream;
	if (traffic->n == SIPALG_RECORD_STREAMS_MAX)
		return NULL;
	traffic->n++;
	stream->media = media;
	stream->kind = kind;
	return stream;
}

static void add_counts(struct sipalg_pinhole_counts *sum,
		       const struct sipalg_pinhole_counts *counts)
{
	unsigned int i;

	if (!sum->heard || (s32)(counts->first - sum->first) < 0)
		sum->first = counts->first;
	if (!sum->heard || (s32)(counts->last - sum->last) > 0)
		sum->last = counts->last;
	sum->heard |= counts->heard;
	sum->counted |= counts->counted;
	for (i = 0; i < ARRAY_SIZE(sum->packets); i++) {
		sum->packets[i] += counts->packets[i];
		sum->bytes[i] += counts->bytes[i];
	}
}

/*
 * Streams that only one side ever sent. Music on hold and an announcement are
 * such, too.
 */
static void count_mute(struct sipalg_net *sn, u8 heard)
{
	if (heard == BIT(SIPALG_SIDE_INSIDE))
		sipalg_stats_inc(sn, SIPALG_STAT_MEDIA_INSIDE_ONLY);
	else if (heard == BIT(SIPALG_SIDE_OUTSIDE))
		sipalg_stats_inc(sn, SIPALG_STAT_MEDIA_OUTSIDE_ONLY);
}

/**
 * sipalg_traffic_add() - keep what a binding has carried for a dialog
 * @sn: the namespace
 * @traffic: that of the dialog, which the caller has locked or ends; made here
 *	for the first binding that has carried anything
 * @binding: a media binding that the dialog is about to release
 * @media: place among the media of the session, from 1; 0 for none
 *
 * RTCP is not told: it flows where a stream is silent, too. Without memory the
 * traffic is not told.
 *
 * Context: any but hard interrupt; takes the binding's lock.
 */
void sipalg_traffic_add(struct sipalg_net *sn, struct sipalg_traffic **traffic,
			struct sipalg_binding *binding, u8 media)
{
	struct sipalg_pinhole_counts counts;
	struct sipalg_record_stream *stream;

	if (binding->kind == SIPALG_BINDING_RTCP)
		return;
	sipalg_pinhole_count_all(binding, &counts);
	if (!counts.heard)
		return;
	count_mute(sn, counts.heard);
	if (!*traffic)
		*traffic = sipalg_quota_alloc(sn, sizeof(**traffic));
	if (!*traffic)
		return;
	stream = find_stream(*traffic, media, binding->kind);
	if (stream)
		add_counts(&stream->counts, &counts);
}

/**
 * sipalg_traffic_free() - the traffic of a dialog has been told
 * @sn: the namespace
 * @traffic: of the dialog, NULL for none
 *
 * Context: any but hard interrupt.
 */
void sipalg_traffic_free(struct sipalg_net *sn, struct sipalg_traffic *traffic)
{
	sipalg_quota_free(sn, traffic, sizeof(*traffic));
}
