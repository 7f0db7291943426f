// SPDX-License-Identifier: GPL-2.0

#include <stdlib.h>

#include "args.h"
#include "netlink.h"
#include "options.h"
#include "policy.h"
#include "print.h"
#include "scope.h"
#include "tool.h"
#include "verb.h"

int verb_policy_show(struct tool *tool, struct args *args)
{
	struct policy *list;
	struct print out;
	size_t count;
	int status;

	if (args_end(args))
		return tool_wrong_usage(tool, args);
	status = tool_connect(tool);
	if (status)
		return status;
	if (policy_list(tool->nl, &list, &count))
		return tool_refused(tool);
	print_begin(&out, tool, PRINT_LIST);
	for (size_t i = 0; i < count; i++) {
		print_item(&out);
		policy_print(&out, &list[i]);
		print_item_end(&out);
	}
	free(list);
	return print_end(&out);
}

int verb_policy_set(struct tool *tool, struct args *args)
{
	bool now = args_take(args, "--now");
	struct policy policy = {};

	if (scope_parse(&policy.scope, args) ||
	    mode_parse(&policy.mode, args) ||
	    options_parse(&policy, args, &now) || args_end(args))
		return tool_wrong_usage(tool, args);
	return policy_set(tool, &policy, now);
}

int verb_policy_del(struct tool *tool, struct args *args)
{
	bool now = args_take(args, "--now");
	struct scope scope;
	int status;

	if (scope_parse(&scope, args))
		return tool_wrong_usage(tool, args);
	now = now || args_take(args, "--now");
	if (args_end(args))
		return tool_wrong_usage(tool, args);
	status = tool_connect(tool);
	if (status)
		return status;
	if (netlink_policy_del(tool->nl, &scope, now))
		return tool_refused(tool);
	return STATUS_DONE;
}

int verb_policy_flush(struct tool *tool, struct args *args)
{
	bool now = args_take(args, "--now");

	if (args_end(args))
		return tool_wrong_usage(tool, args);
	return policy_flush(tool, SIPALG_MODE_RULE, now);
}
