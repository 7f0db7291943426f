/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What every verb shares: the options, the words still to be read, and the
 * three ways to end.
 */
#ifndef TOOL_H
#define TOOL_H

#include <stdbool.h>

#define SIPALG_TOOL_VERSION "0.1"

struct netlink;
struct tool;
struct words;

enum {
	STATUS_DONE = 0,
	STATUS_REFUSED = 1,	/* the kernel refused, or cannot be reached */
	STATUS_USAGE = 2,
};

/**
 * struct verb - one thing the tool can do
 * @object: first word
 * @command: second word, NULL where the first is all; the first of an object's
 *	verbs is what the bare object does
 * @run: does it and returns the exit status
 * @usage: the words that follow
 * @about: what it does, for the help
 */
struct verb {
	const char *object;
	const char *command;
	int (*run)(struct tool *tool, struct words *words);
	const char *usage;
	const char *about;
};

/**
 * struct tool - one run of the tool
 * @json: output is JSON
 * @netns: name of the network namespace to act in, NULL for the own one
 * @verb: what is being done
 * @nl: the way to the module, NULL until tool_connect()
 */
struct tool {
	bool json;
	const char *netns;
	const struct verb *verb;
	struct netlink *nl;
};

int tool_connect(struct tool *tool);
int tool_refused(const struct tool *tool);
int tool_wrong_usage(const struct tool *tool, const struct words *words);

void usage_verb(const struct verb *verb);

int verb_on(struct tool *tool, struct words *words);
int verb_observe(struct tool *tool, struct words *words);
int verb_off(struct tool *tool, struct words *words);
int verb_policy_show(struct tool *tool, struct words *words);
int verb_policy_set(struct tool *tool, struct words *words);
int verb_policy_del(struct tool *tool, struct words *words);
int verb_policy_flush(struct tool *tool, struct words *words);
int verb_policy_save(struct tool *tool, struct words *words);
int verb_policy_restore(struct tool *tool, struct words *words);
int verb_set(struct tool *tool, struct words *words);
int verb_show_settings(struct tool *tool, struct words *words);
int verb_call_show(struct tool *tool, struct words *words);
int verb_call_kill(struct tool *tool, struct words *words);
int verb_binding_show(struct tool *tool, struct words *words);
int verb_stats_show(struct tool *tool, struct words *words);
int verb_exercise(struct tool *tool, struct words *words);
int verb_check(struct tool *tool, struct words *words);
int verb_monitor(struct tool *tool, struct words *words);

#endif /* TOOL_H */
