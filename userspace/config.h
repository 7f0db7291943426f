/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The configuration of a network namespace: its policies and settings.
 */
#ifndef CONFIG_H
#define CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "settings.h"

struct netlink;
struct policy;

/**
 * struct config - policies and settings
 * @list: the policies
 * @count: how many
 * @settings: the settings
 */
struct config {
	struct policy *list;
	size_t count;
	struct settings settings;
};

int config_take(struct netlink *nl, struct config *config);
void config_free(struct config *config);
int config_restore(struct netlink *nl, const struct config *config,
		   const char *name, bool now);
int config_print(FILE *file, const struct config *config);
bool config_is_initial(const struct config *config);
bool config_acts(const struct config *config);
bool config_is_on(const struct config *config, const char *in, const char *out);

#endif /* CONFIG_H */
