// SPDX-License-Identifier: GPL-2.0

#include <stdlib.h>

#include "message.h"
#include "netlink.h"
#include "netns.h"
#include "policy.h"
#include "print.h"
#include "show.h"
#include "tool.h"
#include "words.h"

/**
 * policy_note() - tell of a policy that nothing can match yet
 * @scope: of the policy
 *
 * Such a policy is no mistake: the device of a line that is not up has none
 * either.
 */
void policy_note(const struct scope *scope)
{
	if (*scope->dev && !netns_has_dev(scope->dev))
		note("there is no device %s now; the policy waits for it",
		     scope->dev);
}

static int compare(const void *a, const void *b)
{
	const struct policy *x = a, *y = b;

	return scope_compare(&x->scope, &y->scope);
}

/**
 * policy_list() - read all policies
 * @nl: the way to the module
 * @list: set to them, to be freed by the caller; sorted, so that the same
 *	policies look the same however they came about
 * @count: set to how many
 *
 * Return: 0; or a negative errno, with netlink_words().
 */
int policy_list(struct netlink *nl, struct policy **list, size_t *count)
{
	int err = netlink_policy_dump(nl, list, count);

	if (!err && *count)
		qsort(*list, *count, sizeof(**list), compare);
	return err;
}

/**
 * policy_set() - give a scope a mode
 * @tool: this run
 * @scope: the scope
 * @mode: the mode
 * @now: end the dialogs that it takes the ALG from
 *
 * Return: exit status.
 */
int policy_set(struct tool *tool, const struct scope *scope, uint32_t mode,
	       bool now)
{
	int status = tool_connect(tool);

	if (status)
		return status;
	if (netlink_policy_set(tool->nl, scope, mode, now))
		return tool_refused(tool);
	policy_note(scope);
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
	return netlink_policy_flush(tool->nl, mode, now) ? tool_refused(tool) :
							   STATUS_DONE;
}

void show_policy(struct print *out, const struct policy *policy)
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
	if (*scope->dev && !HAS(policy, SIPALG_POLICY_IFINDEX))
		print_word(out, "(no such device now)");
}

int verb_policy_show(struct tool *tool, struct words *words)
{
	struct policy *list;
	struct print out;
	size_t count;
	int status;

	if (words_end(words))
		return tool_wrong_usage(tool, words);
	status = tool_connect(tool);
	if (status)
		return status;
	if (policy_list(tool->nl, &list, &count))
		return tool_refused(tool);
	print_begin(&out, tool->json, PRINT_LIST);
	for (size_t i = 0; i < count; i++) {
		print_item(&out);
		show_policy(&out, &list[i]);
		print_item_end(&out);
	}
	free(list);
	return print_end(&out);
}

int verb_policy_set(struct tool *tool, struct words *words)
{
	bool now = words_take(words, "--now");
	struct scope scope;
	uint32_t mode;

	if (scope_parse(&scope, words) || mode_parse(&mode, words))
		return tool_wrong_usage(tool, words);
	now = now || words_take(words, "--now");
	if (words_end(words))
		return tool_wrong_usage(tool, words);
	return policy_set(tool, &scope, mode, now);
}

int verb_policy_del(struct tool *tool, struct words *words)
{
	bool now = words_take(words, "--now");
	struct scope scope;
	int status;

	if (scope_parse(&scope, words))
		return tool_wrong_usage(tool, words);
	now = now || words_take(words, "--now");
	if (words_end(words))
		return tool_wrong_usage(tool, words);
	status = tool_connect(tool);
	if (status)
		return status;
	return netlink_policy_del(tool->nl, &scope, now) ? tool_refused(tool) :
							   STATUS_DONE;
}

int verb_policy_flush(struct tool *tool, struct words *words)
{
	bool now = words_take(words, "--now");

	if (words_end(words))
		return tool_wrong_usage(tool, words);
	return policy_flush(tool, SIPALG_MODE_RULE, now);
}
