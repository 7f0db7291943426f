/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The verbs: what the tool can do.
 */
#ifndef VERB_H
#define VERB_H

struct args;
struct tool;

/**
 * struct verb - a command of an object
 * @object: first word
 * @command: second word; NULL: there is none. The object alone runs its first
 *	verb.
 * @run: does it and returns the exit status
 * @usage: the words that follow
 * @summary: what it does, for the help
 */
struct verb {
	const char *object;
	const char *command;
	int (*run)(struct tool *tool, struct args *args);
	const char *usage;
	const char *summary;
};

int verb_on(struct tool *tool, struct args *args);
int verb_observe(struct tool *tool, struct args *args);
int verb_off(struct tool *tool, struct args *args);
int verb_policy_show(struct tool *tool, struct args *args);
int verb_policy_set(struct tool *tool, struct args *args);
int verb_policy_del(struct tool *tool, struct args *args);
int verb_policy_flush(struct tool *tool, struct args *args);
int verb_policy_save(struct tool *tool, struct args *args);
int verb_policy_restore(struct tool *tool, struct args *args);
int verb_settings_set(struct tool *tool, struct args *args);
int verb_settings_show(struct tool *tool, struct args *args);
int verb_call_show(struct tool *tool, struct args *args);
int verb_call_trace(struct tool *tool, struct args *args);
int verb_call_kill(struct tool *tool, struct args *args);
int verb_binding_show(struct tool *tool, struct args *args);
int verb_stats_show(struct tool *tool, struct args *args);
int verb_exercise(struct tool *tool, struct args *args);
int verb_check(struct tool *tool, struct args *args);
int verb_log(struct tool *tool, struct args *args);
int verb_monitor(struct tool *tool, struct args *args);

#endif /* VERB_H */
