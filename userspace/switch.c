// SPDX-License-Identifier: GPL-2.0
/*
 * The short forms: sipalg on | observe | off.
 */
#include "args.h"
#include "netlink.h"
#include "policy.h"
#include "tool.h"
#include "verb.h"

static int switch_scope(struct tool *tool, struct args *args, uint32_t mode,
			bool now)
{
	struct scope scope;

	if (scope_parse(&scope, args))
		return tool_wrong_usage(tool, args);
	now = now || args_take(args, "--now");
	if (args_end(args))
		return tool_wrong_usage(tool, args);
	return policy_set(tool, &scope, mode, now);
}

int verb_on(struct tool *tool, struct args *args)
{
	bool now = args_take(args, "--now");

	return switch_scope(tool, args, SIPALG_MODE_ON, now);
}

int verb_observe(struct tool *tool, struct args *args)
{
	bool now = args_take(args, "--now");

	return switch_scope(tool, args, SIPALG_MODE_OBSERVE, now);
}

int verb_off(struct tool *tool, struct args *args)
{
	bool now = args_take(args, "--now");

	if (*args->next)
		return switch_scope(tool, args, SIPALG_MODE_OFF, now);
	return policy_flush(tool, SIPALG_MODE_OFF, now);
}
