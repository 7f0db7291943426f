// SPDX-License-Identifier: GPL-2.0

#include <string.h>

#include "netlink.h"
#include "print.h"
#include "show.h"
#include "tool.h"
#include "words.h"

/*
 * As the header has them; what is in the tables now is no counter and comes
 * last.
 */
static const struct counter {
	unsigned int attr;
	const char *name;
	const char *doc;
} counters[] = {
#define X(id, name, doc) { SIPALG_STATS_##id, name, doc },
	SIPALG_STATS(X)
#undef X
		{SIPALG_STATS_CALLS_NOW, "calls_now",
		 "calls and registrations there are now"},
	{SIPALG_STATS_BINDINGS_NOW, "bindings_now", "bindings there are now"},
	{SIPALG_STATS_HOSTS_NOW, "hosts_now",
	 "inside hosts that have some of these"},
	{SIPALG_STATS_BYTES_NOW, "bytes_now", "memory that they take"},
	{SIPALG_STATS_REGISTRATIONS_NOW, "registrations_now",
	 "registrations among calls_now"},
};

#define LOOK "look at it: sipalg monitor --messages"

/* What to do where a counter has risen. */
static const char *const advice[__SIPALG_STAT_MAX] = {
	[SIPALG_STAT_PASSED_BAD_START] = LOOK,
	[SIPALG_STAT_PASSED_BAD_HEADER] = LOOK,
	[SIPALG_STAT_PASSED_BAD_VALUE] = LOOK,
	[SIPALG_STAT_PASSED_BAD_LENGTH] = LOOK,
	[SIPALG_STAT_PASSED_BAD_SDP] = LOOK,
	[SIPALG_STAT_PASSED_INCOMPLETE] = LOOK,
	[SIPALG_STAT_PASSED_TOO_MANY] = LOOK,
	[SIPALG_STAT_PASSED_TOO_LONG] = "offer fewer codecs on the phone",
	[SIPALG_STAT_PASSED_REFUSED] =
		"see the counters limit_*, no_port and low_port",
	[SIPALG_STAT_PASSED_LIMIT_CALLS] =
		"find who begins so many: sipalg call show",
	[SIPALG_STAT_PASSED_LIMIT_REGISTRATIONS] =
		"find who registers so many: sipalg call show",
	[SIPALG_STAT_PASSED_LIMIT_HOST_CALLS] =
		"find which host: sipalg call show, or allow more: "
		"sipalg set limit-host-calls N",
	[SIPALG_STAT_PASSED_LIMIT_HOST_REGISTRATIONS] =
		"find which host: sipalg call show, or "
		"allow more: sipalg set limit-host-registrations N",
	[SIPALG_STAT_PASSED_NO_MEMORY] = "give the machine more memory",
	[SIPALG_STAT_PASSED_GSO] =
		"ethtool -K DEV rx-gro-list off rx-udp-gro-forwarding off",
	[SIPALG_STAT_LIMIT_BINDINGS] =
		"find who holds so many: sipalg binding show",
	[SIPALG_STAT_LIMIT_HOST_BINDINGS] =
		"find which host: sipalg binding show, or allow more: "
		"sipalg set limit-host-bindings N",
	[SIPALG_STAT_LIMIT_CALL_BINDINGS] =
		"allow as many as there may be: "
		"sipalg set limit-call-bindings default",
	[SIPALG_STAT_LIMIT_BYTES] =
		"allow more memory: sipalg set limit-bytes N",
	[SIPALG_STAT_LOW_PORT] = "let the phone take ports from 1024 on",
	[SIPALG_STAT_NO_PORT] =
		"free ports of the outside address: sipalg binding show",
	[SIPALG_STAT_FLOWS_DENIED] =
		"strangers try ports of a registration, or more than four "
		"send media to one port: no harm unless a call is silent",
};

#define N_COUNTERS (sizeof(counters) / sizeof(*counters))

/**
 * counter_name() - name of a counter
 * @stat: enum sipalg_stat
 *
 * Return: its name, or NULL if a newer module has it.
 */
const char *counter_name(uint32_t stat)
{
	return stat < __SIPALG_STAT_MAX ? counters[stat].name : NULL;
}

/**
 * counter_doc() - what a counter counts
 * @stat: enum sipalg_stat
 *
 * Return: a text, or NULL if a newer module has it.
 */
const char *counter_doc(uint32_t stat)
{
	return stat < __SIPALG_STAT_MAX ? counters[stat].doc : NULL;
}

/**
 * counter_advice() - what to do where a counter has risen
 * @stat: enum sipalg_stat
 *
 * Return: a text, or NULL if there is nothing to do.
 */
const char *counter_advice(uint32_t stat)
{
	return stat < __SIPALG_STAT_MAX ? advice[stat] : NULL;
}

static void show(struct print *out, const struct stats *stats)
{
	print_item(out);
	for (size_t i = 0; i < N_COUNTERS; i++) {
		if (!stats->has[counters[i].attr])
			continue;
		print_word(out, counters[i].name);
		print_number(out, PRINT_ANY, counters[i].name,
			     stats->value[counters[i].attr]);
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
