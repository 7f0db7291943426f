// SPDX-License-Identifier: GPL-2.0
/*
 * Prints events as they happen: one on a line, and on request each SIP message
 * with its changes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "args.h"
#include "binding.h"
#include "call.h"
#include "capture.h"
#include "counters.h"
#include "filter.h"
#include "netlink.h"
#include "netns.h"
#include "policy.h"
#include "print.h"
#include "report.h"
#include "sip_message.h"
#include "tool.h"
#include "verb.h"

/* ms after which it is said that events were lost, though not how many. */
#define OVERRUN_MS 1000

#define RED	"\033[31m"
#define GREEN	"\033[32m"
#define PLAIN	"\033[0m"

/**
 * struct monitor - one run of the verb
 * @out: the output
 * @filter: selects the events that are shown. The device is compared by name,
 *	because it may appear later.
 * @messages: show each SIP message
 * @capture: write its packets to this file instead of showing anything; NULL
 *	for no file
 * @color: use colours
 * @count: number of events that are still to be shown; 0 for any number
 * @overrun: events were lost, and how many is not known yet
 * @done: all events have been shown
 */
struct monitor {
	struct print out;
	struct filter filter;
	bool messages;
	struct capture *capture;
	bool color;
	uint64_t count;
	bool overrun;
	bool done;
};

static const char *const names[] = {
	[SIPALG_CMD_CALL_NEW] = "call-new",
	[SIPALG_CMD_CALL_CHANGED] = "call-changed",
	[SIPALG_CMD_CALL_GONE] = "call-gone",
	[SIPALG_CMD_BINDING_NEW] = "binding-new",
	[SIPALG_CMD_BINDING_GONE] = "binding-gone",
	[SIPALG_CMD_POLICY_NEW] = "policy-new",
	[SIPALG_CMD_POLICY_GONE] = "policy-gone",
	[SIPALG_CMD_POLICY_FLUSHED] = "policy-flushed",
};

/* Properties of an event that a filter compares. */
struct subject {
	int zone;
	uint32_t devs[2];
	const char *dev;
	const struct address *addresses[2];
	uint64_t call;
	const char *label;
};

static struct subject subject_of(const struct event *event)
{
	struct subject subject = { .zone = -1, .label = "" };

	switch (event->what) {
	case SIPALG_CMD_MESSAGE:
		subject.zone = event->message.zone;
		subject.devs[0] = event->message.in;
		subject.devs[1] = event->message.out;
		subject.addresses[0] = &event->message.source.address;
		subject.addresses[1] = &event->message.target.address;
		subject.call = event->message.call;
		break;
	case SIPALG_CMD_BINDING_NEW:
	case SIPALG_CMD_BINDING_GONE:
		subject.zone = event->binding.zone;
		subject.devs[1] = event->binding.dev;
		subject.addresses[0] = &event->binding.inside.address;
		subject.addresses[1] = &event->binding.outside.address;
		break;
	case SIPALG_CMD_CALL_NEW:
	case SIPALG_CMD_CALL_CHANGED:
	case SIPALG_CMD_CALL_GONE:
		subject.zone = event->call.zone;
		subject.devs[0] = event->call.in;
		subject.devs[1] = event->call.out;
		subject.addresses[0] = &event->call.inside;
		subject.addresses[1] = &event->call.peer;
		subject.call = event->call.id;
		subject.label = event->call.label;
		break;
	default:
		if (event->policy.scope.has_zone)
			subject.zone = event->policy.scope.zone;
		subject.dev = event->policy.scope.dev;
	}
	return subject;
}

static bool has_dev(const struct subject *subject, const char *dev)
{
	char name[IFNAMSIZ];

	if (subject->dev)
		return !strcmp(subject->dev, dev);
	for (size_t i = 0; i < 2; i++)
		if (netns_dev_name(subject->devs[i], name) &&
		    !strcmp(name, dev))
			return true;
	return false;
}

static bool has_address(const struct subject *subject,
			const struct address *address)
{
	for (size_t i = 0; i < 2; i++)
		if (subject->addresses[i] &&
		    !address_compare(subject->addresses[i], address))
			return true;
	return false;
}

/* Conditions that only the events of a call can meet. */
static bool call_passes(const struct filter *filter, const struct call *call)
{
	if (!filter->has_kind && !filter->has_state && !*filter->user)
		return true;
	return call->has &&
	       (!filter->has_kind || call->kind == filter->kind) &&
	       (!filter->has_state || call->state == filter->state) &&
	       (strstr(call->from, filter->user) ||
		strstr(call->to, filter->user) ||
		strstr(call->contact, filter->user));
}

static bool filter_passes(const struct filter *filter,
			  const struct event *event)
{
	struct subject subject = subject_of(event);

	return (!filter->has_zone || subject.zone == filter->zone) &&
	       (!*filter->dev || has_dev(&subject, filter->dev)) &&
	       (!filter->address.len ||
		has_address(&subject, &filter->address)) &&
	       (!filter->has_id || subject.call == filter->id) &&
	       !strncmp(subject.label, filter->label, strlen(filter->label)) &&
	       call_passes(filter, &event->call);
}

/* Begins the item of an event. Text has local time, JSON has UTC. */
static void event_begin(struct print *out, const char *name)
{
	struct timespec now;
	char text[40], *end;
	struct tm tm;

	clock_gettime(CLOCK_REALTIME, &now);
	print_item(out);
	if (out->to == PRINT_JSON)
		end = text + strftime(text, sizeof(text), "%FT%T",
				      gmtime_r(&now.tv_sec, &tm));
	else
		end = text + strftime(text, sizeof(text), "%T",
				      localtime_r(&now.tv_sec, &tm));
	snprintf(end, text + sizeof(text) - end, ".%03u%s",
		 (unsigned int)(now.tv_nsec / 1000000),
		 out->to == PRINT_JSON ? "Z" : "");
	print_string(out, PRINT_ANY, "time", text);
	print_string(out, PRINT_ANY, "event", name);
}

static void print_dev(struct print *out, const char *key, uint32_t ifindex)
{
	char name[IFNAMSIZ];

	if (!ifindex)
		return;
	print_word(out, key);
	print_name(out, PRINT_ANY, key, netns_dev_name(ifindex, name), ifindex);
}

static void print_line(char sign, const char *line, size_t len, void *data)
{
	const struct monitor *monitor = data;
	FILE *file = monitor->out.file;
	bool color = monitor->color && sign != ' ';

	fprintf(file, "%s%c ", color ? sign == '-' ? RED : GREEN : "", sign);
	/* Strangers send these bytes: keep control characters back. */
	for (; len; len--, line++)
		putc((unsigned char)*line < ' ' || *line == 0x7f ? '?' : *line,
		     file);
	fputs(color ? PLAIN "\n" : "\n", file);
}

/* A JSON string ends at a zero here. */
static void print_text(struct print *out, const char *key, const char *text,
		       size_t len)
{
	char *copy = malloc(len + 1);

	if (!copy) {
		out->failed = true;
		return;
	}
	for (size_t i = 0; i < len; i++)
		copy[i] = text[i] ? text[i] : '?';
	copy[len] = '\0';
	print_string(out, PRINT_JSON, key, copy);
	free(copy);
}

static void print_change(struct monitor *monitor,
			 const struct sip_message *message)
{
	struct print *out = &monitor->out;
	size_t len;
	char *after;

	if (out->to == PRINT_TEXT) {
		print_newline(out);
		if (diff_lines(message->text, message->len, message->edits,
			       message->n_edits, print_line, monitor))
			out->failed = true;
		return;
	}
	print_text(out, "before", message->text, message->len);
	after = diff_apply(message->text, message->len, message->edits,
			   message->n_edits, &len);
	if (!after) {
		out->failed = true;
		return;
	}
	print_text(out, "after", after, len);
	free(after);
	print_list(out, "edits");
	for (size_t i = 0; i < message->n_edits; i++) {
		const struct edit *edit = &message->edits[i];

		print_item(out);
		print_number(out, PRINT_JSON, "offset", edit->offset);
		print_number(out, PRINT_JSON, "length", edit->length);
		print_text(out, "text", edit->text, edit->text_len);
		print_item_end(out);
	}
	print_list_end(out);
}

static void print_message(struct monitor *monitor,
			  const struct sip_message *message)
{
	bool with_text = HAS(message, SIPALG_MESSAGE_TEXT);
	const char *doc = counter_doc(message->result);
	struct print *out = &monitor->out;

	event_begin(out, with_text ? "message" : "refused");
	print_name(out, PRINT_ANY, "proto", proto_name(message->proto),
		   message->proto);
	print_endpoint(out, "source", &message->source);
	print_word(out, "->");
	print_endpoint(out, "target", &message->target);
	if (out->to == PRINT_JSON &&
	    HAS(message, SIPALG_MESSAGE_TARGET_PORT_AFTER)) {
		print_endpoint(out, "source_after", &message->source_after);
		print_endpoint(out, "target_after", &message->target_after);
	}
	print_word(out, "zone");
	print_number(out, PRINT_ANY, "zone", message->zone);
	print_dev(out, "in", message->in);
	print_dev(out, "out", message->out);
	if (HAS(message, SIPALG_MESSAGE_CALL)) {
		print_word(out, "call");
		print_number(out, PRINT_ANY, "call", message->call);
	}
	if (HAS(message, SIPALG_MESSAGE_MISSED)) {
		print_word(out, "missed");
		print_number(out, PRINT_ANY, "missed", message->missed);
	}
	print_name(out, PRINT_ANY, "result", counter_name(message->result),
		   message->result);
	if (doc) {
		print_word(out, "-");
		print_string(out, PRINT_ANY, "doc", doc);
	}
	message_skipped_print(message, out, "- not understood:");
	if (with_text)
		print_change(monitor, message);
	print_item_end(out);
}

/* While a call goes on, its streams are in call show. */
static void print_call(struct print *out, const struct event *event)
{
	call_print(out, &event->call);
	if (event->what == SIPALG_CMD_CALL_GONE)
		call_print_streams(out, event->streams, event->call.streams);
}

static int capture_event(struct monitor *monitor, const struct event *event)
{
	if (event->what != SIPALG_CMD_MESSAGE ||
	    !HAS(&event->message, SIPALG_MESSAGE_TEXT))
		return 0;
	monitor->done = monitor->count && !--monitor->count;
	if (!capture_message(monitor->capture, &event->message))
		monitor->done = true;
	return 0;
}

/* @lost: number of events that did not reach this socket; 0: not known */
static void show_overrun(struct monitor *monitor, uint32_t lost)
{
	const char *text = lost > 1 ? "events were lost" :
			   lost ? "event was lost" : "some events were lost";
	struct print *out = &monitor->out;

	monitor->overrun = false;
	if (monitor->capture && lost) {
		info("%u %s", lost, text);
		return;
	}
	if (monitor->capture) {
		info("%s", text);
		return;
	}
	event_begin(out, "overrun");
	if (lost)
		print_number(out, PRINT_ANY, "lost", lost);
	print_word(out, text);
	print_item_end(out);
}

static int show_event(const struct event *event, void *data)
{
	struct monitor *monitor = data;
	struct print *out = &monitor->out;

	if (event->lost)
		show_overrun(monitor, event->lost);
	if (!filter_passes(&monitor->filter, event))
		return 0;
	if (monitor->capture)
		return capture_event(monitor, event);
	if (event->what == SIPALG_CMD_MESSAGE) {
		/* The message itself is shown already. */
		if (monitor->messages &&
		    !HAS(&event->message, SIPALG_MESSAGE_TEXT))
			return 0;
		print_message(monitor, &event->message);
	} else {
		event_begin(out, names[event->what]);
		if (HAS(&event->call, SIPALG_CALL_ID))
			print_call(out, event);
		else if (event->binding.has)
			binding_print(out, &event->binding);
		else
			policy_print(out, &event->policy);
		print_item_end(out);
	}
	monitor->done = monitor->count && !--monitor->count;
	return 0;
}

static int count_parse(uint64_t *count, struct args *args)
{
	const char *word = args_next(args);
	char *end;

	if (!word)
		return args_fail(args, "a number of events is missing");
	errno = 0;
	*count = strtoull(word, &end, 10);
	if (*word < '0' || *word > '9' || *end || errno || !*count)
		return args_fail(args, "'%s' is not a number of events",
				 word);
	return 0;
}

static int monitor_parse(struct monitor *monitor, const char **capture,
			 struct args *args)
{
	int err = 0;

	while (!err && *args->next) {
		if (args_take(args, "--messages"))
			monitor->messages = true;
		else if (args_take(args, "--color"))
			monitor->color = true;
		else if (args_take(args, "count"))
			err = count_parse(&monitor->count, args);
		else if (args_take(args, "--pcapng"))
			err = args_file(args, capture);
		else
			err = filter_take(&monitor->filter, args, true);
	}
	if (!err && monitor->filter.mute)
		err = args_fail(args, "no event says 'mute': see call show");
	return err;
}

/*
 * Takes what comes next. The next event of a group tells how many of its events
 * were lost; that there is none is said after OVERRUN_MS.
 */
static int monitor_step(struct monitor *monitor, struct netlink *nl)
{
	int err = monitor->overrun ? netlink_wait(nl, OVERRUN_MS) : 1;

	if (!err) {
		show_overrun(monitor, 0);
		return 0;
	}
	if (err > 0)
		err = netlink_receive(nl, show_event, monitor);
	if (err != -ENOBUFS)
		return err;
	monitor->overrun = true;
	return 0;
}

/* Return: 0, or a negative errno with netlink_reason(). */
static int monitor_run(struct monitor *monitor, struct netlink *nl)
{
	int err = 0;

	while (!err && !monitor->done && !monitor->out.failed &&
	       !ferror(monitor->out.file))
		err = monitor_step(monitor, nl);
	if (monitor->overrun)
		show_overrun(monitor, 0);
	return err;
}

int verb_monitor(struct tool *tool, struct args *args)
{
	struct monitor monitor = {};
	const char *capture = NULL;
	int status, err;

	if (monitor_parse(&monitor, &capture, args))
		return tool_wrong_usage(tool, args);
	status = tool_connect(tool);
	if (status)
		return status;
	if (netlink_listen(tool->nl, monitor.messages || capture))
		return tool_refused(tool);
	monitor.color = monitor.color || tool->color;
	print_begin(&monitor.out, tool, PRINT_LINES);
	if (capture) {
		monitor.capture = capture_open(capture);
		if (!monitor.capture)
			return STATUS_REFUSED;
	}
	err = monitor_run(&monitor, tool->nl);
	if (monitor.capture && !capture_close(monitor.capture))
		return STATUS_REFUSED;
	return err ? tool_refused(tool) : print_end(&monitor.out);
}
