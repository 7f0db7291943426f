// SPDX-License-Identifier: GPL-2.0

#include <errno.h>
#include <string.h>

#include "args.h"
#include "netlink.h"
#include "netns.h"
#include "report.h"
#include "tool.h"
#include "usage.h"

/**
 * tool_connect() - enter the network namespace asked for and reach the module
 * in it
 * @tool: this run
 *
 * Call it after all words have been read: wrong usage must change nothing.
 *
 * Return: STATUS_DONE, or STATUS_REFUSED after an error message.
 */
int tool_connect(struct tool *tool)
{
	int err;

	if (tool->netns && netns_enter(tool->netns))
		return STATUS_REFUSED;
	err = netlink_open(&tool->nl);
	if (!err)
		return STATUS_DONE;
	if (err == -ENOENT)
		error("the module nf_sipalg is not loaded");
	else
		error("netlink: %s", strerror(-err));
	return STATUS_REFUSED;
}

/**
 * tool_refused() - end because the kernel refused
 * @tool: this run
 *
 * Return: STATUS_REFUSED, after the kernel's error message.
 */
int tool_refused(const struct tool *tool)
{
	error("%s", netlink_reason(tool->nl));
	return STATUS_REFUSED;
}

/**
 * tool_wrong_usage() - end because of a wrong command line
 * @tool: this run
 * @args: with the error
 *
 * Return: STATUS_USAGE, after an error message and the usage.
 */
int tool_wrong_usage(const struct tool *tool, const struct args *args)
{
	error("%s", args->error);
	usage_verb(tool->verb);
	return STATUS_USAGE;
}
