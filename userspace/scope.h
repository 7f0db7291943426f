/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A scope selects the flows of a policy. A mode is what to do with them.
 */
#ifndef SCOPE_H
#define SCOPE_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

struct args;

/* Longest text of a scope, with its zero: "zone 65535 dev " and a name. */
#define SCOPE_TEXT_LEN 32

/**
 * struct scope - the default if it has neither a zone nor a device
 * @has_zone: it is for one conntrack zone
 * @zone: that zone
 * @dev: it is for one device: its name; else empty
 */
struct scope {
	bool has_zone;
	uint16_t zone;
	char dev[IFNAMSIZ];
};

int scope_parse(struct scope *scope, struct args *args);
const char *scope_text(const struct scope *scope, char text[SCOPE_TEXT_LEN]);
int scope_compare(const struct scope *a, const struct scope *b);
bool scope_is_default(const struct scope *scope);

int mode_parse(uint32_t *mode, struct args *args);
const char *mode_name(uint32_t mode);

#endif /* SCOPE_H */
