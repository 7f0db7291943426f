// SPDX-License-Identifier: GPL-2.0

#include <stdio.h>
#include <string.h>

#include "call_brief.h"
#include "objects.h"
#include "print.h"

#define MINUTE	60
#define HOUR	(60 * MINUTE)
#define DAY	(24 * HOUR)

/* Widths of the columns but for the last; an IPv6 address may be wider. */
enum {
	WIDTH_ID = -8,
	WIDTH_WHAT = -12,
	WIDTH_STATE = -10,
	WIDTH_HOST = -15,
	WIDTH_TIME = 6,
	WIDTH_WHO = -24,
};

static void column_print(struct print *out, int width, const char *text)
{
	print_width(out, width);
	print_word(out, text);
}

static void head_print(struct print *out, bool who)
{
	print_color(out, PRINT_BOLD);
	column_print(out, WIDTH_ID, "ID");
	column_print(out, WIDTH_WHAT, "WHAT");
	column_print(out, WIDTH_STATE, "STATE");
	column_print(out, WIDTH_HOST, "INSIDE");
	column_print(out, WIDTH_HOST, "PEER");
	column_print(out, WIDTH_TIME, "SINCE");
	column_print(out, WIDTH_TIME, "ENDS");
	if (who)
		column_print(out, WIDTH_WHO, "WHO");
	print_word(out, "MEDIA");
	print_newline(out);
}

/**
 * call_time_text() - a time as people say it
 * @seconds: the time
 * @text: room for it
 *
 * Return: "7s", "3m12s", "2h05m" or "4d03h".
 */
const char *call_time_text(uint32_t seconds, char text[CALL_TIME_LEN])
{
	if (seconds < MINUTE)
		snprintf(text, CALL_TIME_LEN, "%us", seconds);
	else if (seconds < HOUR)
		snprintf(text, CALL_TIME_LEN, "%um%02us", seconds / MINUTE,
			 seconds % MINUTE);
	else if (seconds < DAY)
		snprintf(text, CALL_TIME_LEN, "%uh%02um", seconds / HOUR,
			 seconds % HOUR / MINUTE);
	else
		snprintf(text, CALL_TIME_LEN, "%ud%02uh", seconds / DAY,
			 seconds % DAY / HOUR);
	return text;
}

static void time_print(struct print *out, bool known, uint32_t seconds)
{
	char text[CALL_TIME_LEN];

	column_print(out, WIDTH_TIME,
		     known ? call_time_text(seconds, text) : "-");
}

static const char *call_what(const struct call *call)
{
	switch (call->kind) {
	case SIPALG_CALL_DIALOG:
		return "call";
	case SIPALG_CALL_REGISTRATION:
		return "registration";
	case SIPALG_CALL_TRANSACTION:
		return "request";
	default:
		return "?";
	}
}

static void state_print(struct print *out, const struct call *call)
{
	bool is_call = call->kind == SIPALG_CALL_DIALOG;
	const char *text = "?";

	switch (call->state) {
	case SIPALG_CALL_EARLY:
		text = is_call ? "ringing" : "asked";
		print_color(out, PRINT_YELLOW);
		break;
	case SIPALG_CALL_CONFIRMED:
		text = is_call ? "up" : "granted";
		print_color(out, PRINT_GREEN);
		break;
	case SIPALG_CALL_ENDING:
		text = "ending";
		break;
	}
	column_print(out, WIDTH_STATE, text);
}

/* Only one side has ever sent. */
static const char *stream_mute(const struct binding *stream)
{
	if (stream->heard == 1U << SIPALG_SIDE_INSIDE)
		return "(nothing from outside)";
	if (stream->heard == 1U << SIPALG_SIDE_OUTSIDE)
		return "(nothing from inside)";
	return NULL;
}

/* "alice > bob" */
static void who_print(struct print *out, const struct call *call)
{
	char text[2 * SIPALG_NAME_LEN + 4];
	const char *to = call->kind == SIPALG_CALL_REGISTRATION ?
				 call->contact : call->to;

	snprintf(text, sizeof(text), "%s > %s", *call->from ? call->from : "-",
		 *to ? to : "-");
	column_print(out, WIDTH_WHO, text);
}

static bool have_names(const struct calls *calls)
{
	for (size_t i = 0; i < calls->count; i++)
		if (*calls->list[i].from || *calls->list[i].to)
			return true;
	return false;
}

/* RTCP has no name of its own and is no medium. */
static void media_print(struct print *out, const struct binding *streams,
			size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *mute = stream_mute(&streams[i]);

		if (!HAS(&streams[i], SIPALG_BINDING_STREAM))
			continue;
		print_word(out, streams[i].stream);
		if (!mute)
			continue;
		print_color(out, PRINT_RED);
		print_word(out, mute);
	}
}

static void call_print_brief(struct print *out, const struct call *call,
			     const struct binding *streams, bool who)
{
	char id[24], address[INET6_ADDRSTRLEN];

	snprintf(id, sizeof(id), "%llu", (unsigned long long)call->id);
	column_print(out, WIDTH_ID, id);
	column_print(out, WIDTH_WHAT, call_what(call));
	state_print(out, call);
	column_print(out, WIDTH_HOST, address_text(&call->inside, address));
	column_print(out, WIDTH_HOST, address_text(&call->peer, address));
	time_print(out, HAS(call, SIPALG_CALL_AGE), call->age);
	time_print(out, HAS(call, SIPALG_CALL_EXPIRES), call->expires);
	if (who)
		who_print(out, call);
	media_print(out, streams, call->streams);
	print_newline(out);
}

/**
 * calls_print_brief() - print calls as a table
 * @out: the output, which is text
 * @calls: the calls, or a page of them
 * @table: what is printed already: all zeros in the beginning
 *
 * The head comes again where the first call with users does.
 */
void calls_print_brief(struct print *out, const struct calls *calls,
		       struct brief_table *table)
{
	const struct binding *streams = calls->streams;
	bool who = table->who || have_names(calls);

	if (!table->begun || who != table->who)
		head_print(out, who);
	*table = (struct brief_table){ .begun = true, .who = who };
	for (size_t i = 0; i < calls->count; i++) {
		call_print_brief(out, &calls->list[i], streams, who);
		streams += calls->list[i].streams;
	}
}
