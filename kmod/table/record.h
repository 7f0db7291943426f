/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is kept of a dialog to tell people how it went: why it ended, how long
 * it lasted, and what its streams carried.
 */
#ifndef SIPALG_TABLE_RECORD_H
#define SIPALG_TABLE_RECORD_H

#include "table/pinhole.h"

/* Streams whose traffic is kept; what further ones carry is not told. */
#define SIPALG_RECORD_STREAMS_MAX	4

/**
 * struct sipalg_record - how a dialog goes
 * @answered: low half of the jiffies at which it was answered; 0 for not yet
 * @ended: low half of the jiffies at which its end began
 * @status: status code of the response that ended it, 0 for none
 * @cause: enum sipalg_call_cause
 *
 * The lock of the dialog protects it.
 */
struct sipalg_record {
	u32 answered;
	u32 ended;
	u16 status;
	u8 cause;
};

/**
 * struct sipalg_record_stream - what a stream has carried
 * @counts: the traffic of its bindings
 * @media: place among the media of the session, from 1; 0 for none
 * @kind: enum sipalg_binding_kind
 */
struct sipalg_record_stream {
	struct sipalg_pinhole_counts counts;
	u8 media;
	u8 kind;
};

/**
 * struct sipalg_traffic - what the streams have carried whose bindings are gone
 * @n: number of streams
 * @stream: the streams
 */
struct sipalg_traffic {
	u8 n;
	struct sipalg_record_stream stream[SIPALG_RECORD_STREAMS_MAX];
};

/**
 * struct sipalg_names - whom a dialog names, odd characters as '?'
 * @from: who From names
 * @to: who To names
 * @contact: of a registration: who Contact names
 */
struct sipalg_names {
	char from[SIPALG_NAME_LEN];
	char to[SIPALG_NAME_LEN];
	char contact[SIPALG_NAME_LEN];
};

void sipalg_record_ring(struct sipalg_record *record);
void sipalg_record_answer(struct sipalg_record *record);
void sipalg_record_end(struct sipalg_record *record,
		       enum sipalg_call_cause cause, u16 status);
u32 sipalg_record_duration(const struct sipalg_record *record);

void sipalg_traffic_add(struct sipalg_net *sn, struct sipalg_traffic **traffic,
			struct sipalg_binding *binding, u8 media);
void sipalg_traffic_free(struct sipalg_net *sn, struct sipalg_traffic *traffic);

#endif /* SIPALG_TABLE_RECORD_H */
