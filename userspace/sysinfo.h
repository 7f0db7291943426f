/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Facts about the system, in the current network namespace.
 */
#ifndef SYSINFO_H
#define SYSINFO_H

#include <jansson.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "address.h"

/**
 * struct outside - the way to the Internet
 * @dev: device of the default route; empty if there is none
 * @address: its first IPv4 address; none if its length is 0
 * @needs_nat: this address is public, and another device has a private one
 */
struct outside {
	char dev[IFNAMSIZ];
	struct address address;
	bool needs_nat;
};

bool sysinfo_has_module(const char *name);
bool sysinfo_is_built_in(const char *name);
bool sysinfo_module_version(const char *name, char *version, size_t size);
bool sysinfo_kernel_without(const char *name, char *kernel, size_t size);
bool sysinfo_is_own(const struct address *address);
bool sysinfo_number(const char *path, uint64_t *number);
json_t *sysinfo_ruleset(void);
void sysinfo_outside(struct outside *outside);

#endif /* SYSINFO_H */
