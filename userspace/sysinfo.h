/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the system around the module is like, in the namespace we are in.
 */
#ifndef SYSINFO_H
#define SYSINFO_H

#include <jansson.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "address.h"

/**
 * struct outside - where the default route leads
 * @dev: device; empty if there is no such route
 * @address: its first IPv4 address; none if its length is 0
 */
struct outside {
	char dev[IFNAMSIZ];
	struct address address;
};

bool sysinfo_has_module(const char *name);
bool sysinfo_number(const char *path, uint64_t *number);
json_t *sysinfo_ruleset(void);
void sysinfo_outside(struct outside *outside);

#endif /* SYSINFO_H */
