// SPDX-License-Identifier: GPL-2.0

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "args.h"
#include "counters.h"
#include "netlink.h"
#include "print.h"
#include "report.h"
#include "settings.h"
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

/* The formats of metrics: https://openmetrics.io, and the older one. */
enum metrics { METRICS_NONE, METRICS_OPEN, METRICS_PROMETHEUS };

/*
 * A sample and the lines about it. The name of a counter ends in "_total":
 * OpenMetrics says that of the sample alone, the older format in all lines.
 */
static void metric_print(enum metrics format, const char *name,
			 const char *type, const char *doc, uint64_t value)
{
	const char *total = strcmp(type, "counter") ? "" : "_total";
	const char *family = format == METRICS_OPEN ? "" : total;

	printf("# TYPE sipalg_%s%s %s\n# HELP sipalg_%s%s %s\n", name, family,
	       type, name, family, doc);
	printf("sipalg_%s%s %" PRIu64 "\n", name, total, value);
}

static void metrics_print(enum metrics format, const struct stats *stats,
			  const struct settings *settings)
{
	char name[64], doc[64];

	for (size_t i = 0; i < n_counters; i++) {
		unsigned int attr = counters[i].attr;

		if (!stats->has[attr])
			continue;
		metric_print(format, counters[i].name,
			     i < __SIPALG_STAT_MAX ? "counter" : "gauge",
			     counters[i].doc, stats->value[attr]);
	}
	for (unsigned int i = 1; i <= SIPALG_SETTING_VALUE_MAX; i++) {
		if (!settings->has[i] ||
		    strncmp(setting_name(i), "limit-", strlen("limit-")))
			continue;
		/* There are counters of how often a limit was reached, too. */
		snprintf(name, sizeof(name), "setting_%s", setting_name(i));
		for (char *c = name; *c; c++)
			if (*c == '-')
				*c = '_';
		snprintf(doc, sizeof(doc), "the setting %s", setting_name(i));
		metric_print(format, name, "gauge", doc, settings->value[i]);
	}
	if (format == METRICS_OPEN)
		puts("# EOF");
}

/* Return: STATUS_REFUSED after an error message. */
static int metrics_show(struct tool *tool, enum metrics format)
{
	struct settings settings;
	struct stats stats;
	int status = tool_connect(tool);

	if (status)
		return status;
	if (netlink_stats_get(tool->nl, &stats) ||
	    netlink_settings_get(tool->nl, &settings))
		return tool_refused(tool);
	metrics_print(format, &stats, &settings);
	return STATUS_DONE;
}

/*
 * Return: what `-j stats show` had written to a file, "-" for standard input;
 * or NULL after an error message.
 */
static json_t *counts_load(const char *path)
{
	bool standard = !strcmp(path, "-");
	FILE *file = standard ? stdin : fopen(path, "re");
	json_error_t why;
	json_t *counts;

	if (!file) {
		error("%s: %s", path, strerror(errno));
		return NULL;
	}
	counts = json_loadf(file, JSON_REJECT_DUPLICATES, &why);
	if (!standard)
		fclose(file);
	if (counts && json_is_object(counts))
		return counts;
	error("%s: not what 'sipalg -j stats show' writes%s%s", path,
	      counts ? "" : ": ", counts ? "" : why.text);
	json_decref(counts);
	return NULL;
}

/* Sizes of tables stay: a difference of those says nothing. */
static void counts_subtract(struct stats *stats, json_t *counts)
{
	for (size_t i = 0; i < __SIPALG_STAT_MAX; i++) {
		json_int_t before = json_integer_value(
			json_object_get(counts, counters[i].name));
		uint64_t *value = &stats->value[counters[i].attr];

		/* It is less where the module has been loaded anew since. */
		if (before > 0 && (uint64_t)before <= *value)
			*value -= before;
	}
}

static int since_parse(const char **path, struct args *args)
{
	return args_take(args, "since") ? args_file(args, path) : 0;
}

static enum metrics metrics_parse(struct args *args)
{
	if (args_take(args, "openmetrics"))
		return METRICS_OPEN;
	return args_take(args, "prometheus") ? METRICS_PROMETHEUS :
					       METRICS_NONE;
}

int verb_stats_show(struct tool *tool, struct args *args)
{
	bool with_doc = args_take(args, "explain");
	enum metrics metrics = with_doc ? METRICS_NONE : metrics_parse(args);
	const char *since = NULL;
	struct stats stats;
	struct print out;
	json_t *counts = NULL;
	int status;

	if (metrics && tool->json)
		args_fail(args, "metrics are no JSON: see 'stats show'");
	if ((metrics && tool->json) ||
	    (!metrics && since_parse(&since, args)) || args_end(args))
		return tool_wrong_usage(tool, args);
	if (metrics)
		return metrics_show(tool, metrics);
	status = tool_connect(tool);
	if (status)
		return status;
	if (since) {
		counts = counts_load(since);
		if (!counts)
			return STATUS_REFUSED;
	}
	if (netlink_stats_get(tool->nl, &stats)) {
		json_decref(counts);
		return tool_refused(tool);
	}
	if (counts)
		counts_subtract(&stats, counts);
	json_decref(counts);
	print_begin(&out, tool, with_doc ? PRINT_LIST : PRINT_ITEM);
	(with_doc ? stats_explain : stats_print)(&out, &stats);
	return print_end(&out);
}
