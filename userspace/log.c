// SPDX-License-Identifier: GPL-2.0
/*
 * One line for each call that ends, and a warning for each that only one side
 * hears. A service runs it, so that the lines go to the journal.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "args.h"
#include "call.h"
#include "call_brief.h"
#include "filter.h"
#include "netlink.h"
#include "report.h"
#include "tool.h"
#include "verb.h"

/* ms between two looks at the calls that are up. */
#define LOOK_MS 5000

/* Seconds after which a call that only one side hears is warned about. */
#define MUTE_SECS 10

/* Priorities of syslog; the journal takes them off the line. */
#define WARNING "<4>"
#define NOTICE "<5>"

/**
 * struct log - one run of the verb
 * @events: tells of calls that end
 * @calls: lists those that are up
 * @warned: the calls that have been warned about, by their number
 * @n_warned: how many
 * @still: those of them that are still mute, and new ones
 * @n_still: how many
 * @overrun: events were lost, and how many is not known yet
 * @in_journal: standard output is the journal
 * @count: number of lines that are still to be written; 0 for any number
 * @done: all of them have been
 */
struct log {
	struct netlink *events;
	struct netlink *calls;
	uint64_t *warned;
	size_t n_warned;
	uint64_t *still;
	size_t n_still;
	bool overrun;
	bool in_journal;
	uint64_t count;
	bool done;
};

static void line_begin(const struct log *log, const char *priority)
{
	if (log->in_journal)
		fputs(priority, stdout);
}

static void line_end(struct log *log)
{
	putchar('\n');
	fflush(stdout);
	log->done = log->done || (log->count && !--log->count);
}

static void call_write(const struct call *call)
{
	char text[INET6_ADDRSTRLEN];

	printf("call %llu", (unsigned long long)call->id);
	if (*call->from || *call->to)
		printf(" from %s to %s", *call->from ? call->from : "-",
		       *call->to ? call->to : "-");
	printf(" (%s", address_text(&call->inside, text));
	printf(" -> %s)", address_text(&call->peer, text));
}

static const char *missing_side(const struct binding *stream)
{
	return stream->heard == 1U << SIPALG_SIDE_INSIDE ? "outside" : "inside";
}

static bool stream_is_mute(const struct binding *stream)
{
	return stream->kind != SIPALG_BINDING_RTCP &&
	       (stream->heard == 1U << SIPALG_SIDE_INSIDE ||
		stream->heard == 1U << SIPALG_SIDE_OUTSIDE);
}

static void stream_write(const struct binding *stream)
{
	printf("; %s %us to %us", *stream->stream ? stream->stream : "media",
	       stream->first, stream->last);
	if (HAS(stream, SIPALG_BINDING_OUT_PACKETS))
		printf(" out %llu packets %llu bytes in %llu packets %llu bytes",
		       (unsigned long long)stream->out_packets,
		       (unsigned long long)stream->out_bytes,
		       (unsigned long long)stream->in_packets,
		       (unsigned long long)stream->in_bytes);
	if (stream_is_mute(stream))
		printf(" nothing from %s", missing_side(stream));
}

static void cause_write(const struct call *call)
{
	const char *cause = call_cause(call->cause);
	char text[CALL_TIME_LEN];

	if (HAS(call, SIPALG_CALL_DURATION))
		printf(" up %s,", call_time_text(call->duration, text));
	else
		printf(" not answered,");
	printf(" %s", cause ? cause : "ended");
	if (HAS(call, SIPALG_CALL_STATUS))
		printf(" %u", call->status);
}

/* @lost: number of events that did not arrive; 0: not known */
static void overrun_write(struct log *log, uint32_t lost)
{
	log->overrun = false;
	line_begin(log, WARNING);
	if (lost)
		printf("%u", lost);
	else
		fputs("some", stdout);
	fputs(" events were lost, and calls that ended with them", stdout);
	line_end(log);
}

static int event_write(const struct event *event, void *data)
{
	const struct call *call = &event->call;
	struct log *log = data;

	if (event->lost && !log->done)
		overrun_write(log, event->lost);
	if (log->done || event->what != SIPALG_CMD_CALL_GONE ||
	    call->kind != SIPALG_CALL_DIALOG)
		return 0;
	line_begin(log, NOTICE);
	call_write(call);
	cause_write(call);
	for (size_t i = 0; i < call->streams; i++)
		stream_write(&event->streams[i]);
	line_end(log);
	return 0;
}

static void warning_write(struct log *log, const struct call *call,
			  const struct binding *stream)
{
	char inside[INET6_ADDRSTRLEN];

	line_begin(log, WARNING);
	call_write(call);
	printf(" after %us: nothing from %s; ", call->duration,
	       missing_side(stream));
	if (stream->heard == 1U << SIPALG_SIDE_INSIDE)
		printf("does a firewall rule drop it, or does the far end send "
		       "elsewhere? sipalg check");
	else
		printf("is the phone muted, or does it send from another port? "
		       "sipalg binding show flows address %s",
		       address_text(&call->inside, inside));
	line_end(log);
}

static bool was_warned(const struct log *log, uint64_t id)
{
	for (size_t i = 0; i < log->n_warned; i++)
		if (log->warned[i] == id)
			return true;
	return false;
}

static const struct binding *find_mute(const struct binding *streams,
				       size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (stream_is_mute(&streams[i]))
			return &streams[i];
	return NULL;
}

/* Warns of the calls that have become mute. */
static int calls_judge(const struct calls *calls, void *data)
{
	const struct binding *streams = calls->streams, *mute;
	struct log *log = data;
	uint64_t *still = reallocarray(log->still, log->n_still + calls->count,
				       sizeof(*still));

	if (!still)
		return -ENOMEM;
	log->still = still;
	for (size_t i = 0; i < calls->count && !log->done; i++) {
		const struct call *call = &calls->list[i];

		mute = find_mute(streams, call->streams);
		streams += call->streams;
		if (!mute || call->duration < MUTE_SECS)
			continue;
		if (!was_warned(log, call->id))
			warning_write(log, call, mute);
		still[log->n_still++] = call->id;
	}
	return 0;
}

/* Return: 0; or a negative errno, with its reason in log->calls. */
static int calls_look(struct log *log)
{
	const struct filter filter = { .mute = true };
	int err;

	log->still = NULL;
	log->n_still = 0;
	err = netlink_call_dump(log->calls, &filter, calls_judge, log);
	/* Those that are not mute any more are forgotten. */
	free(log->warned);
	log->warned = log->still;
	log->n_warned = log->n_still;
	return err;
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static int events_take(struct log *log)
{
	int err = netlink_receive(log->events, event_write, log);

	if (err != -ENOBUFS)
		return err;
	log->overrun = true;
	return 0;
}

static int log_run(struct tool *tool, struct log *log)
{
	int64_t next = now_ms(), left;
	int ready;

	while (!log->done && !ferror(stdout)) {
		left = next - now_ms();
		if (left <= 0) {
			/* No event has come that tells how many. */
			if (log->overrun)
				overrun_write(log, 0);
			if (calls_look(log)) {
				error("%s", netlink_reason(log->calls));
				return STATUS_REFUSED;
			}
			next = now_ms() + LOOK_MS;
			continue;
		}
		ready = netlink_wait(log->events, left);
		if (ready < 0 || (ready && events_take(log)))
			return tool_refused(tool);
	}
	return ferror(stdout) ? STATUS_REFUSED : STATUS_DONE;
}

int verb_log(struct tool *tool, struct args *args)
{
	struct log log = { .in_journal = getenv("JOURNAL_STREAM") };
	int status;

	if (args_take(args, "count") &&
	    args_number(args, "a number of lines", UINT64_MAX, &log.count))
		return tool_wrong_usage(tool, args);
	if (tool->json)
		args_fail(args, "the log is no JSON: see 'monitor'");
	if (tool->json || args_end(args))
		return tool_wrong_usage(tool, args);
	status = tool_connect(tool);
	if (status)
		return status;
	log.events = tool->nl;
	if (netlink_listen(log.events, false))
		return tool_refused(tool);
	if (netlink_open(&log.calls)) {
		error("the module nf_sipalg is not loaded");
		return STATUS_REFUSED;
	}
	status = log_run(tool, &log);
	netlink_close(log.calls);
	free(log.warned);
	return status;
}
