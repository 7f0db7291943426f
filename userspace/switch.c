// SPDX-License-Identifier: GPL-2.0
/*
 * The short forms: sipalg on | observe | off.
 */
#include "args.h"
#include "netlink.h"
#include "options.h"
#include "policy.h"
#include "tool.h"
#include "verb.h"

static int switch_scope(struct tool *tool, struct args *args, uint32_t mode,
			bool now)
{
	struct policy policy = { .mode = mode };

	if (scope_parse(&policy.scope, args) ||
	    options_parse(&policy, args, &now) || args_end(args))
		return tool_wrong_usage(tool, args);
	return policy_set(tool, &policy, now);
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
