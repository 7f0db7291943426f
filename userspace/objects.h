/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Objects of the module, as plain structures.
 */
#ifndef OBJECTS_H
#define OBJECTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "address.h"
#include "diff.h"
#include "nf_sipalg.h"
#include "scope.h"

/* Each object begins with its has: a bit for each attribute that is there. */
#define HAS(object, attr) ((object)->has >> (attr) & 1)

/**
 * struct networks - some networks
 * @network: the networks
 * @n: how many
 */
struct networks {
	struct sipalg_network network[SIPALG_TRUSTED_MAX];
	size_t n;
};

/**
 * struct options - what a policy says beside its mode
 * @ports: lowest and highest outside port to promise; 0 for the NAT's own
 * @address: outside address that messages name; empty for the NAT's own
 * @trusted: inside hosts that may name others in their SDP
 * @trusted_for: the hosts that they may name
 */
struct options {
	uint16_t ports[2];
	struct address address;
	struct networks trusted;
	struct networks trusted_for;
};

struct policy {
	uint32_t has;
	struct scope scope;
	uint32_t mode;
	uint32_t ifindex;
	struct options options;
};

struct call {
	uint32_t has;
	uint64_t id;
	char label[SIPALG_LABEL_LEN];
	uint32_t kind;
	uint32_t state;
	uint16_t zone;
	uint8_t family;
	struct address inside;
	struct address peer;
	uint32_t age;
	uint32_t expires;
	uint32_t bindings;
	uint32_t in;
	uint32_t out;
	char caller[SIPALG_LABEL_LEN];
	char callee[SIPALG_LABEL_LEN];
	uint32_t cause;
	uint32_t status;
	uint32_t duration;
	char from[SIPALG_NAME_LEN];
	char to[SIPALG_NAME_LEN];
	char contact[SIPALG_NAME_LEN];
	size_t streams;		/* number of its items in calls.streams */
};

struct binding {
	uint32_t has;
	uint32_t kind;
	uint8_t proto;
	uint8_t family;
	uint16_t zone;
	struct endpoint inside;
	struct endpoint outside;
	uint32_t users;
	uint32_t flows;
	uint32_t dev;
	uint64_t out_packets;
	uint64_t out_bytes;
	uint64_t in_packets;
	uint64_t in_bytes;
	char stream[SIPALG_TEXT_LEN];
	char codecs[SIPALG_TEXT_LEN];
	uint8_t heard;
	uint32_t first;
	uint32_t last;
};

/**
 * struct calls - calls, and the streams of all of them
 * @list: the calls
 * @count: how many
 * @streams: those of the first call, of the second, and so on
 */
struct calls {
	struct call *list;
	size_t count;
	struct binding *streams;
};

/* Not told by the module: it is asked for these calls. */
#define STATS_CALLS_MUTE (SIPALG_STATS_MAX + 1)

/**
 * struct stats - the counters and what is in the tables
 * @has: which of @value are known
 * @value: by attribute number
 */
struct stats {
	bool has[STATS_CALLS_MUTE + 1];
	uint64_t value[STATS_CALLS_MUTE + 1];
};

/* A SIP message; its text and edits are valid until the next event. */
struct sip_message {
	uint32_t has;
	uint32_t result;
	uint8_t proto;
	uint8_t family;
	uint16_t zone;
	struct endpoint source;
	struct endpoint target;
	struct endpoint source_after;
	struct endpoint target_after;
	uint32_t in;
	uint32_t out;
	uint64_t call;
	uint32_t missed;
	uint64_t time;		/* nanoseconds since 1970 */
	uint32_t skipped_field;	/* offset in the text */
	uint32_t skipped_media;
	const char *text;
	size_t len;
	struct edit *edits;
	size_t n_edits;
};

/**
 * struct event - what has happened
 * @what: enum sipalg_cmd; it decides which of the members is set
 * @has_seq: @seq is there
 * @seq: its number in its group
 * @lost: number of events of the group before it that did not arrive
 * @streams: those of the call; valid until the next event
 */
struct event {
	uint8_t what;
	bool has_seq;
	uint32_t seq;
	uint32_t lost;
	struct policy policy;
	struct call call;
	struct binding *streams;
	struct binding binding;
	struct sip_message message;
};

/* Takes one event; returns 0 or a negative errno. */
typedef int event_cb(const struct event *event, void *data);
/* The same for some calls. */
typedef int calls_cb(const struct calls *calls, void *data);

#endif /* OBJECTS_H */
