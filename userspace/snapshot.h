/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All that a network namespace's ALG is set to: its policies and settings.
 */
#ifndef SNAPSHOT_H
#define SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "settings.h"

struct netlink;
struct policy;

/**
 * struct snapshot - policies and settings
 * @list: the policies
 * @count: how many
 * @settings: the settings
 */
struct snapshot {
	struct policy *list;
	size_t count;
	struct settings settings;
};

int snapshot_take(struct netlink *nl, struct snapshot *snapshot);
void snapshot_free(struct snapshot *snapshot);
int snapshot_restore(struct netlink *nl, const struct snapshot *snapshot,
		     const char *name, bool now);
int snapshot_print(FILE *file, const struct snapshot *snapshot);
bool snapshot_is_initial(const struct snapshot *snapshot);
bool snapshot_acts(const struct snapshot *snapshot);

#endif /* SNAPSHOT_H */
