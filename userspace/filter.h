/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A filter selects calls or bindings.
 */
#ifndef FILTER_H
#define FILTER_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "address.h"
#include "nf_sipalg.h"

struct args;

/**
 * struct filter - conditions that must all be met
 * @id: number of the call, if @has_id
 * @label: start of its Call-ID, if not empty
 * @zone: conntrack zone, if @has_zone
 * @dev: name of a device, if not empty
 * @ifindex: its index
 * @address: an address, if it has a length
 * @kind: enum sipalg_call_kind, if @has_kind
 * @state: enum sipalg_call_state, if @has_state
 * @user: part of the name of a person, if not empty
 * @mute: only one side of a stream sends
 * @has_id: there is an @id
 * @has_zone: there is a @zone
 * @has_kind: there is a @kind
 * @has_state: there is a @state
 */
struct filter {
	uint64_t id;
	char label[SIPALG_LABEL_LEN];
	uint16_t zone;
	char dev[IFNAMSIZ];
	uint32_t ifindex;
	struct address address;
	uint32_t kind;
	uint32_t state;
	char user[SIPALG_NAME_LEN];
	bool mute;
	bool has_id;
	bool has_zone;
	bool has_kind;
	bool has_state;
};

int filter_take(struct filter *filter, struct args *args, bool of_calls);
int filter_parse(struct filter *filter, struct args *args, bool of_calls);
int filter_parse_with(struct filter *filter, struct args *args, bool of_calls,
		      const char *word, bool *found);
bool filter_is_empty(const struct filter *filter);
int filter_resolve(struct filter *filter);

#endif /* FILTER_H */
