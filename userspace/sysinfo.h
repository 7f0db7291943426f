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
#include "nf_sipalg.h"

/* More private networks than these are not looked at. */
#define INSIDE_MAX 32

/**
 * struct outside - the way to the Internet
 * @dev: device of the IPv4 default route; empty if there is none
 * @dev6: device of the IPv6 default route; empty if there is none
 * @address: first IPv4 address of @dev; none if its length is 0
 * @inside: private IPv4 networks of other devices, and how they leave
 * @n_inside: number of them
 * @needs_nat: the outside address is public, and there are such networks
 */
struct outside {
	char dev[IFNAMSIZ], dev6[IFNAMSIZ];
	struct address address;
	struct inside {
		char dev[IFNAMSIZ];
		struct sipalg_network network;
		/* The device by which packets leave from there. */
		char out[IFNAMSIZ];
	} inside[INSIDE_MAX];
	size_t n_inside;
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
