// SPDX-License-Identifier: GPL-2.0

#include <stdio.h>
#include <stdlib.h>

#include "netlink.h"
#include "netns.h"
#include "networks.h"
#include "policy.h"
#include "print.h"
#include "report.h"
#include "tool.h"

/**
 * policy_note() - print a note if a policy's device does not exist
 * @scope: of the policy
 *
 * This is no error: the device of a dial-up line comes and goes.
 */
void policy_note(const struct scope *scope)
{
	if (*scope->dev && !netns_has_dev(scope->dev))
		info("there is no device %s now; the policy waits for it",
		     scope->dev);
}

static int policy_compare(const void *a, const void *b)
{
	const struct policy *x = a, *y = b;

	return scope_compare(&x->scope, &y->scope);
}

/**
 * policy_list() - read all policies
 * @nl: connection to the module
 * @list: set to them, sorted by scope; to be freed by the caller
 * @count: set to their number
 *
 * Return: 0; or a negative errno, with netlink_reason().
 */
int policy_list(struct netlink *nl, struct policy **list, size_t *count)
{
	int err = netlink_policy_dump(nl, list, count);

	if (!err && *count)
		qsort(*list, *count, sizeof(**list), policy_compare);
	return err;
}

/**
 * policy_set() - give a scope a mode and options
 * @tool: this run
 * @policy: the scope, its mode, and the options that change
 * @now: end the dialogs that it takes the ALG from
 *
 * Return: exit status.
 */
int policy_set(struct tool *tool, const struct policy *policy, bool now)
{
	int status = tool_connect(tool);

	if (status)
		return status;
	if (netlink_policy_set(tool->nl, policy, now))
		return tool_refused(tool);
	policy_note(&policy->scope);
	return STATUS_DONE;
}

/**
 * policy_flush() - remove all scopes
 * @tool: this run
 * @mode: what the default becomes
 * @now: end the dialogs that it takes the ALG from
 *
 * Return: exit status.
 */
int policy_flush(struct tool *tool, uint32_t mode, bool now)
{
	int status = tool_connect(tool);

	if (status)
		return status;
	if (netlink_policy_flush(tool->nl, mode, now))
		return tool_refused(tool);
	return STATUS_DONE;
}

static void print_networks(struct print *out, const char *key,
			   const struct networks *networks)
{
	char text[NETWORKS_TEXT_LEN];

	print_word(out, networks_text(networks, text));
	print_array(out, key);
	for (size_t i = 0; i < networks->n; i++)
		print_string(out, PRINT_JSON, NULL,
			     network_text(&networks->network[i], text));
	print_array_end(out);
}

static void print_options(struct print *out, const struct policy *policy)
{
	const struct options *options = &policy->options;
	char text[INET6_ADDRSTRLEN];

	if (HAS(policy, SIPALG_POLICY_OUTSIDE_PORTS)) {
		snprintf(text, sizeof(text), "%u-%u", options->ports[0],
			 options->ports[1]);
		print_word(out, "outside-ports");
		print_word(out, text);
		print_array(out, "outside-ports");
		print_number(out, PRINT_JSON, NULL, options->ports[0]);
		print_number(out, PRINT_JSON, NULL, options->ports[1]);
		print_array_end(out);
	}
	if (HAS(policy, SIPALG_POLICY_OUTSIDE_ADDRESS)) {
		print_word(out, "outside-address");
		print_string(out, PRINT_ANY, "outside-address",
			     address_text(&options->address, text));
	}
	if (HAS(policy, SIPALG_POLICY_TRUSTED)) {
		print_word(out, "trusted");
		print_networks(out, "trusted", &options->trusted);
		print_word(out, "for");
		print_networks(out, "trusted-for", &options->trusted_for);
	}
}

/**
 * policy_print() - print a scope, its mode and options
 * @out: the output, within an item
 * @policy: the policy
 */
void policy_print(struct print *out, const struct policy *policy)
{
	const struct scope *scope = &policy->scope;

	if (scope_is_default(scope)) {
		print_word(out, "default");
		print_bool(out, "default", true);
	}
	if (scope->has_zone) {
		print_word(out, "zone");
		print_number(out, PRINT_ANY, "zone", scope->zone);
	}
	if (*scope->dev) {
		print_word(out, "dev");
		print_string(out, PRINT_ANY, "dev", scope->dev);
		if (HAS(policy, SIPALG_POLICY_IFINDEX))
			print_number(out, PRINT_JSON, "ifindex",
				     policy->ifindex);
	}
	if (HAS(policy, SIPALG_POLICY_MODE)) {
		print_word(out, "mode");
		print_name(out, PRINT_ANY, "mode", mode_name(policy->mode),
			   policy->mode);
	}
	print_options(out, policy);
	if (*scope->dev && !HAS(policy, SIPALG_POLICY_IFINDEX))
		print_word(out, "(no such device now)");
}
