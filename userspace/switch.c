// SPDX-License-Identifier: GPL-2.0
/*
 * The short forms: sipalg on | observe | off.
 */
#include "netlink.h"
#include "policy.h"
#include "tool.h"
#include "words.h"

static int switch_scope(struct tool *tool, struct words *words, uint32_t mode,
			bool now)
{
	struct scope scope;

	if (scope_parse(&scope, words))
		return tool_wrong_usage(tool, words);
	now = now || words_take(words, "--now");
	if (words_end(words))
		return tool_wrong_usage(tool, words);
	return policy_set(tool, &scope, mode, now);
}

int verb_on(struct tool *tool, struct words *words)
{
	bool now = words_take(words, "--now");

	return switch_scope(tool, words, SIPALG_MODE_ON, now);
}

int verb_observe(struct tool *tool, struct words *words)
{
	bool now = words_take(words, "--now");

	return switch_scope(tool, words, SIPALG_MODE_OBSERVE, now);
}

int verb_off(struct tool *tool, struct words *words)
{
	bool now = words_take(words, "--now");

	if (*words->next)
		return switch_scope(tool, words, SIPALG_MODE_OFF, now);
	return policy_flush(tool, SIPALG_MODE_OFF, now);
}
