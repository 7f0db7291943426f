/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The module as seen from the tool: plain structures and calls. All netlink is
 * behind this wall, so that the tests can put another module there.
 *
 * Every function returns 0 or a negative errno; then netlink_words() has the
 * reason for people. Lists are to be freed by the caller. What a message does
 * not have is not an error: the `has` bit of that attribute is not set.
 */
#ifndef NETLINK_H
#define NETLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "address.h"
#include "diff.h"
#include "filter.h"
#include "nf_sipalg.h"
#include "scope.h"
#include "settings.h"

struct netlink;

#define HAS(object, attr) ((object)->has >> (attr) & 1)

struct policy {
	uint32_t has;
	struct scope scope;
	uint32_t mode;
	uint32_t ifindex;
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
	size_t streams;		/* how many it has in the list of them */
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

/**
 * struct stats - the counters and what is in the tables
 * @has: which of @value the module has told
 * @value: by attribute number
 */
struct stats {
	bool has[SIPALG_STATS_MAX + 1];
	uint64_t value[SIPALG_STATS_MAX + 1];
};

/*
 * A SIP message on its way; text and edits are gone when the next event comes.
 */
struct passage {
	uint32_t has;
	uint32_t result;
	uint8_t proto;
	uint8_t family;
	uint16_t zone;
	struct endpoint source;
	struct endpoint target;
	uint32_t in;
	uint32_t out;
	uint64_t call;
	uint32_t missed;
	const char *text;
	size_t len;
	struct edit *edits;
	size_t n_edits;
};

/**
 * struct event - what has happened
 * @what: which of the enum sipalg_cmd that are events; it tells which of the
 *	others is set
 */
struct event {
	uint8_t what;
	struct policy policy;
	struct call call;
	struct binding binding;
	struct passage message;
};

/* Takes one event; returns 0 or a negative errno. */
typedef int event_each(const struct event *event, void *data);

int netlink_open(struct netlink **nl);
void netlink_close(struct netlink *nl);
const char *netlink_words(const struct netlink *nl);

int netlink_policy_set(struct netlink *nl, const struct scope *scope,
		       uint32_t mode, bool now);
int netlink_policy_del(struct netlink *nl, const struct scope *scope, bool now);
int netlink_policy_flush(struct netlink *nl, uint32_t mode, bool now);
int netlink_policy_restore(struct netlink *nl, const struct policy *list,
			   size_t count, bool now);
int netlink_policy_dump(struct netlink *nl, struct policy **list,
			size_t *count);
int netlink_settings_get(struct netlink *nl, struct settings *settings);
int netlink_settings_set(struct netlink *nl, const struct settings *settings);
int netlink_call_dump(struct netlink *nl, const struct filter *filter,
		      struct calls *calls);
int netlink_call_del(struct netlink *nl, const struct filter *filter,
		     uint32_t *ended);
int netlink_binding_dump(struct netlink *nl, const struct filter *filter,
			 struct binding **list, size_t *count);
int netlink_listen(struct netlink *nl, bool messages);
int netlink_receive(struct netlink *nl, event_each *each, void *data);
int netlink_stats_get(struct netlink *nl, struct stats *stats);

#endif /* NETLINK_H */
