// SPDX-License-Identifier: GPL-2.0

#include <string.h>

#include "netlink.h"
#include "print.h"
#include "tool.h"
#include "words.h"

/* As the header has them; what is in the tables now is no counter and comes last. */
static const struct counter {
	unsigned int attr;
	const char *name;
	const char *doc;
} counters[] = {
#define X(id, name, doc) { SIPALG_STATS_##id, name, doc },
	SIPALG_STATS(X)
#undef X
	{ SIPALG_STATS_CALLS_NOW, "calls_now", "calls and registrations there are now" },
	{ SIPALG_STATS_BINDINGS_NOW, "bindings_now", "bindings there are now" },
	{ SIPALG_STATS_HOSTS_NOW, "hosts_now", "inside hosts that have some of these" },
	{ SIPALG_STATS_BYTES_NOW, "bytes_now", "memory that they take" },
};

#define N_COUNTERS (sizeof(counters) / sizeof(*counters))

static void show(struct print *out, const struct stats *stats)
{
	print_item(out);
	for (size_t i = 0; i < N_COUNTERS; i++) {
		if (!stats->has[counters[i].attr])
			continue;
		print_word(out, counters[i].name);
		print_number(out, PRINT_ANY, counters[i].name, stats->value[counters[i].attr]);
		print_newline(out);
	}
	print_item_end(out);
}

static void explain(struct print *out, const struct stats *stats)
{
	size_t widest = 0;

	for (size_t i = 0; i < N_COUNTERS; i++)
		if (strlen(counters[i].name) > widest)
			widest = strlen(counters[i].name);
	for (size_t i = 0; i < N_COUNTERS; i++) {
		if (!stats->has[counters[i].attr])
			continue;
		print_item(out);
		print_width(out, -(int)widest);
		print_string(out, PRINT_ANY, "name", counters[i].name);
		print_width(out, 10);
		print_number(out, PRINT_ANY, "value", stats->value[counters[i].attr]);
		print_string(out, PRINT_ANY, "doc", counters[i].doc);
		print_item_end(out);
	}
}

int verb_stats_show(struct tool *tool, struct words *words)
{
	bool with_doc = words_take(words, "explain");
	struct stats stats;
	struct print out;
	int status;

	if (words_end(words))
		return tool_wrong_usage(tool, words);
	status = tool_connect(tool);
	if (status)
		return status;
	if (netlink_stats_get(tool->nl, &stats))
		return tool_refused(tool);
	print_begin(&out, tool->json, with_doc ? PRINT_LIST : PRINT_ITEM);
	(with_doc ? explain : show)(&out, &stats);
	return print_end(&out);
}
