// SPDX-License-Identifier: GPL-2.0

#include <string.h>

#include "args.h"
#include "counters.h"
#include "netlink.h"
#include "print.h"
#include "tool.h"
#include "verb.h"

static void stats_print(struct print *out, const struct stats *stats)
{
	print_item(out);
	for (size_t i = 0; i < n_counters; i++) {
		if (!stats->has[counters[i].attr])
			continue;
		print_word(out, counters[i].name);
		print_number(out, PRINT_ANY, counters[i].name,
			     stats->value[counters[i].attr]);
		print_newline(out);
	}
	print_item_end(out);
}

static void stats_explain(struct print *out, const struct stats *stats)
{
	size_t widest = 0;

	for (size_t i = 0; i < n_counters; i++)
		if (strlen(counters[i].name) > widest)
			widest = strlen(counters[i].name);
	for (size_t i = 0; i < n_counters; i++) {
		if (!stats->has[counters[i].attr])
			continue;
		print_item(out);
		print_width(out, -(int)widest);
		print_string(out, PRINT_ANY, "name", counters[i].name);
		print_width(out, 10);
		print_number(out, PRINT_ANY, "value",
			     stats->value[counters[i].attr]);
		print_string(out, PRINT_ANY, "doc", counters[i].doc);
		if (counter_advice(i) && stats->value[counters[i].attr]) {
			print_newline(out);
			print_width(out, widest + 11);
			print_word(out, "->");
			print_string(out, PRINT_ANY, "advice",
				     counter_advice(i));
		}
		print_item_end(out);
	}
}

int verb_stats_show(struct tool *tool, struct args *args)
{
	bool with_doc = args_take(args, "explain");
	struct stats stats;
	struct print out;
	int status;

	if (args_end(args))
		return tool_wrong_usage(tool, args);
	status = tool_connect(tool);
	if (status)
		return status;
	if (netlink_stats_get(tool->nl, &stats))
		return tool_refused(tool);
	print_begin(&out, tool, with_doc ? PRINT_LIST : PRINT_ITEM);
	(with_doc ? stats_explain : stats_print)(&out, &stats);
	return print_end(&out);
}
