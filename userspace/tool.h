/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Common to all verbs: the options, the connection and the exit status.
 */
#ifndef TOOL_H
#define TOOL_H

#include <stdbool.h>

#include "version.h"

struct args;
struct netlink;
struct verb;

enum {
	STATUS_DONE = 0,
	STATUS_REFUSED = 1,	/* the kernel refused, or cannot be reached */
	STATUS_USAGE = 2,
};

/**
 * struct tool - one run of the tool
 * @json: output is JSON
 * @color: output is coloured
 * @netns: name of the network namespace to act in; NULL: the current one
 * @verb: the verb that runs
 * @nl: connection to the module, NULL until tool_connect()
 */
struct tool {
	bool json;
	bool color;
	const char *netns;
	const struct verb *verb;
	struct netlink *nl;
};

int tool_connect(struct tool *tool);
int tool_refused(const struct tool *tool);
int tool_wrong_usage(const struct tool *tool, const struct args *args);

#endif /* TOOL_H */
