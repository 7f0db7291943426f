// SPDX-License-Identifier: GPL-2.0
/*
 * The messages of a call, as far as the module has kept them.
 */
#include <inttypes.h>
#include <string.h>

#include "args.h"
#include "capture.h"
#include "counters.h"
#include "netlink.h"
#include "print.h"
#include "report.h"
#include "settings.h"
#include "sip_message.h"
#include "tool.h"
#include "verb.h"

/* Widths of columns. Most endpoints fit, not those of IPv6. */
#define WIDTH_TIME	9
#define WIDTH_END	20
#define WIDTH_ARROW	3

#define START_LINE_LEN	256

#define NSEC_PER_USEC	1000
#define USEC_PER_MSEC	1000
#define MSEC_PER_SEC	1000

/**
 * struct ladder - one run of the verb
 * @out: the output
 * @capture: file for the packets; NULL for none
 * @count: number of messages so far
 * @first: time of the first in microseconds
 * @latest: time of the latest
 */
struct ladder {
	struct print out;
	struct capture *capture;
	size_t count;
	uint64_t first;
	uint64_t latest;
};

static void print_column(struct print *out, int width, const char *text)
{
	print_width(out, width);
	print_word(out, text);
}

static void print_head(struct print *out)
{
	print_color(out, PRINT_BOLD);
	print_column(out, WIDTH_TIME, "SECONDS");
	print_column(out, WIDTH_TIME, "STEP");
	print_column(out, -WIDTH_END, "INSIDE");
	print_column(out, WIDTH_ARROW, "");
	print_column(out, -WIDTH_END, "ROUTER");
	print_column(out, WIDTH_ARROW, "");
	print_column(out, -WIDTH_END, "OUTSIDE");
	print_word(out, "MESSAGE");
	print_newline(out);
}

static void print_time(struct print *out, const char *key, const char *sign,
		       uint64_t us)
{
	uint64_t ms = us / USEC_PER_MSEC;
	char text[32];

	snprintf(text, sizeof(text), "%s%" PRIu64 ".%03u", sign,
		 ms / MSEC_PER_SEC, (unsigned int)(ms % MSEC_PER_SEC));
	print_column(out, WIDTH_TIME, text);
	print_number(out, PRINT_JSON, key, us);
}

/* The end inside, the router's, and the end outside. */
static void print_ends(struct print *out, const struct sip_message *message,
		       bool inward)
{
	const struct endpoint *ends[] = {
		&message->source, &message->source_after,
		&message->target_after,
	};
	char text[ENDPOINT_TEXT_LEN];

	if (inward) {
		ends[0] = &message->target_after;
		ends[1] = &message->target;
		ends[2] = &message->source;
	}
	for (size_t i = 0; i < 3; i++) {
		if (i)
			print_column(out, WIDTH_ARROW, inward ? "<--" : "-->");
		print_column(out, -WIDTH_END, endpoint_text(ends[i], text));
	}
}

static void print_ends_json(struct print *out,
			    const struct sip_message *message, bool inward)
{
	print_string(out, PRINT_JSON, "direction", inward ? "in" : "out");
	print_name(out, PRINT_JSON, "proto", proto_name(message->proto),
		   message->proto);
	print_endpoint(out, "source", &message->source);
	print_endpoint(out, "target", &message->target);
	print_endpoint(out, "source_after", &message->source_after);
	print_endpoint(out, "target_after", &message->target_after);
}

/* A line for the message, and one for what became of it. */
static void print_rung(struct ladder *ladder, const struct sip_message *message,
		       uint64_t now)
{
	bool changed = message->result == SIPALG_STAT_CHANGED;
	const char *doc = counter_doc(message->result);
	bool inward = message_is_inward(message);
	struct print *out = &ladder->out;
	char line[START_LINE_LEN];

	message_start_line(message, line, sizeof(line));
	print_item(out);
	print_time(out, "elapsed_us", "", now - ladder->first);
	print_time(out, "step_us", "+", now - ladder->latest);
	if (out->to == PRINT_JSON)
		print_ends_json(out, message, inward);
	else
		print_ends(out, message, inward);
	print_string(out, PRINT_ANY, "start_line", line);
	print_newline(out);
	print_name(out, PRINT_JSON, "result", counter_name(message->result),
		   message->result);
	if (doc)
		print_string(out, PRINT_JSON, "doc", doc);
	print_column(out, 2 * WIDTH_TIME + 1, "");
	print_word(out, changed ? "changed:" : doc ?: "");
	print_array(out, "changed");
	if (changed)
		message_changes_print(message, out);
	print_array_end(out);
	message_skipped_print(message, out, "not understood:");
	print_item_end(out);
}

static int show_message(const struct event *event, void *data)
{
	const struct sip_message *message = &event->message;
	uint64_t now = message->time / NSEC_PER_USEC;
	struct ladder *ladder = data;

	if (!ladder->count++) {
		ladder->first = now;
		ladder->latest = now;
		if (!ladder->capture)
			print_head(&ladder->out);
	}
	if (!ladder->capture)
		print_rung(ladder, message, now);
	else
		capture_message(ladder->capture, message);
	ladder->latest = now;
	return 0;
}

static int trace_parse(uint64_t *call, const char **file, struct args *args)
{
	if (!args_take(args, "id"))
		return args_fail(args, "the number of the call is missing: "
				 "id NUMBER");
	if (args_number(args, "the number of a call", UINT64_MAX, call))
		return -1;
	if (args_take(args, "--pcapng") && args_file(args, file))
		return -1;
	return args_end(args);
}

/* Return: why there is no message of the call, after an error message. */
static int tell_nothing(struct tool *tool, uint64_t call)
{
	struct settings settings;

	if (netlink_settings_get(tool->nl, &settings))
		return tool_refused(tool);
	error(settings.value[SIPALG_SETTING_TRACE_BYTES] ?
	      "no message of call %" PRIu64 " is kept" :
	      "no message of call %" PRIu64 " is kept: before the next one, "
	      "sipalg set trace-bytes 1048576", call);
	return STATUS_REFUSED;
}

static int trace_show(struct tool *tool, struct ladder *ladder, uint64_t call)
{
	if (netlink_message_dump(tool->nl, call, show_message, ladder))
		return tool_refused(tool);
	return ladder->count ? STATUS_DONE : tell_nothing(tool, call);
}

int verb_call_trace(struct tool *tool, struct args *args)
{
	const char *file = NULL;
	struct ladder ladder = {};
	uint64_t call = 0;
	int status;

	if (trace_parse(&call, &file, args))
		return tool_wrong_usage(tool, args);
	status = tool_connect(tool);
	if (status)
		return status;
	if (file) {
		ladder.capture = capture_open(file);
		if (!ladder.capture)
			return STATUS_REFUSED;
		status = trace_show(tool, &ladder, call);
		return capture_close(ladder.capture) ? status : STATUS_REFUSED;
	}
	print_begin(&ladder.out, tool, PRINT_LIST);
	status = trace_show(tool, &ladder, call);
	return print_end(&ladder.out) ?: status;
}
