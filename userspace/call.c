// SPDX-License-Identifier: GPL-2.0

#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "binding.h"
#include "call.h"
#include "call_brief.h"
#include "fields.h"
#include "filter.h"
#include "netlink.h"
#include "print.h"
#include "report.h"
#include "tool.h"
#include "verb.h"

static const char *kind_name(uint64_t kind)
{
	static const char *const names[] = {
		[SIPALG_CALL_DIALOG] = "dialog",
		[SIPALG_CALL_REGISTRATION] = "registration",
		[SIPALG_CALL_TRANSACTION] = "transaction",
	};

	return kind < __SIPALG_CALL_KIND_MAX ? names[kind] : NULL;
}

static const char *state_name(uint64_t state)
{
	static const char *const names[] = {
		[SIPALG_CALL_EARLY] = "early",
		[SIPALG_CALL_CONFIRMED] = "confirmed",
		[SIPALG_CALL_ENDING] = "ending",
	};

	return state < __SIPALG_CALL_STATE_MAX ? names[state] : NULL;
}

/**
 * call_cause() - why a call is over
 * @cause: enum sipalg_call_cause
 *
 * Return: a word, or NULL if a newer module has the cause.
 */
const char *call_cause(uint64_t cause)
{
	static const char *const names[] = {
		[SIPALG_CALL_CAUSE_NONE] = "none",
		[SIPALG_CALL_CAUSE_BYE] = "bye",
		[SIPALG_CALL_CAUSE_CANCEL] = "cancel",
		[SIPALG_CALL_CAUSE_REFUSED] = "refused",
		[SIPALG_CALL_CAUSE_REDIRECTED] = "redirected",
		[SIPALG_CALL_CAUSE_WITHDRAWN] = "withdrawn",
		[SIPALG_CALL_CAUSE_EXPIRED] = "expired",
		[SIPALG_CALL_CAUSE_KILLED] = "killed",
		[SIPALG_CALL_CAUSE_ADDRESS_GONE] = "address-gone",
		[SIPALG_CALL_CAUSE_POLICY] = "policy",
	};

	return cause < __SIPALG_CALL_CAUSE_MAX ? names[cause] : NULL;
}

/* Static payload types need no a=rtpmap: RFC 3551, 6. */
static const char *codec_name(const char *format)
{
	static const struct {
		const char *format, *name;
	} names[] = {
		{ "0", "PCMU/8000" },
		{ "3", "GSM/8000" },
		{ "4", "G723/8000" },
		{ "8", "PCMA/8000" },
		{ "9", "G722/8000" },
		{ "13", "CN/8000" },
		{ "18", "G729/8000" },
		{ "26", "JPEG/90000" },
		{ "31", "H261/90000" },
		{ "34", "H263/90000" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(names[i].format, format))
			return names[i].name;
	return format;
}

static void print_codecs(struct print *out, const struct binding *stream)
{
	char text[sizeof(stream->codecs)], *codec, *rest = text;

	strcpy(text, stream->codecs);
	print_word(out, "codecs");
	print_array(out, "codecs");
	while ((codec = strsep(&rest, " ")))
		print_string(out, PRINT_ANY, NULL, codec_name(codec));
	print_array_end(out);
}

static void print_stream(struct print *out, const struct binding *stream)
{
	print_item(out);
	if (HAS(stream, SIPALG_BINDING_STREAM))
		print_string(out, PRINT_ANY, "media", stream->stream);
	binding_print(out, stream);
	if (HAS(stream, SIPALG_BINDING_CODECS))
		print_codecs(out, stream);
	print_item_end(out);
}

/**
 * call_print_streams() - print the streams of a call
 * @out: the output, within the item of the call
 * @streams: the streams
 * @count: how many
 */
void call_print_streams(struct print *out, const struct binding *streams,
			size_t count)
{
	print_list(out, "streams");
	for (size_t i = 0; i < count; i++)
		print_stream(out, &streams[i]);
	print_list_end(out);
}

#define CALL(attr_, member_, form_, to_, ...) {			\
	.attr = SIPALG_CALL_##attr_,				\
	SHOW_AT(call, member_),					\
	.form = form_,						\
	.to = to_,						\
	__VA_ARGS__						\
}

static const struct show_field call_fields[] = {
	CALL(ID, id, SHOW_NUMBER, PRINT_ANY, .key = "id"),
	CALL(KIND, kind, SHOW_NAME, PRINT_ANY, .key = "kind",
	     .name = kind_name),
	CALL(STATE, state, SHOW_NAME, PRINT_ANY, .key = "state",
	     .name = state_name),
	CALL(FAMILY, family, SHOW_NAME, PRINT_JSON, .key = "family",
	     .name = family_name),
	CALL(INSIDE, inside, SHOW_ADDRESS, PRINT_ANY, .key = "inside"),
	CALL(PEER, peer, SHOW_ADDRESS, PRINT_ANY, .key = "peer", .word = "->"),
	CALL(ZONE, zone, SHOW_NUMBER, PRINT_ANY, .key = "zone", .word = "zone"),
	CALL(IN, in, SHOW_NUMBER, PRINT_JSON, .key = "ifindex_in"),
	CALL(OUT, out, SHOW_NUMBER, PRINT_JSON, .key = "ifindex_out"),
	CALL(CALLER_TAG, caller, SHOW_TEXT, PRINT_ANY, .key = "caller",
	     .word = "caller"),
	CALL(CALLEE_TAG, callee, SHOW_TEXT, PRINT_ANY, .key = "callee",
	     .word = "callee"),
	CALL(BINDINGS, bindings, SHOW_NUMBER, PRINT_ANY, .key = "bindings",
	     .word = "bindings"),
	CALL(AGE, age, SHOW_SECONDS, PRINT_ANY, .key = "age", .word = "age"),
	CALL(EXPIRES, expires, SHOW_SECONDS, PRINT_ANY, .key = "expires",
	     .word = "expires"),
	CALL(DURATION, duration, SHOW_SECONDS, PRINT_ANY, .key = "duration",
	     .word = "duration"),
	CALL(CAUSE, cause, SHOW_NAME, PRINT_ANY, .key = "cause",
	     .word = "cause", .name = call_cause),
	CALL(STATUS, status, SHOW_NUMBER, PRINT_ANY, .key = "status"),
	CALL(FROM, from, SHOW_TEXT, PRINT_ANY, .key = "from", .word = "from"),
	CALL(TO, to, SHOW_TEXT, PRINT_ANY, .key = "to", .word = "to"),
	CALL(CONTACT, contact, SHOW_TEXT, PRINT_ANY, .key = "contact",
	     .word = "contact"),
	CALL(LABEL, label, SHOW_TEXT, PRINT_ANY, .key = "label",
	     .word = "label"),
};

/**
 * call_print() - print the members of a call or registration
 * @out: the output, within an item
 * @call: the call
 */
void call_print(struct print *out, const struct call *call)
{
	show_fields(out, call, call_fields,
		    sizeof(call_fields) / sizeof(*call_fields));
}

static void page_print(struct print *out, const struct calls *calls)
{
	const struct binding *streams = calls->streams;

	for (size_t i = 0; i < calls->count; i++) {
		print_item(out);
		call_print(out, &calls->list[i]);
		call_print_streams(out, streams, calls->list[i].streams);
		print_item_end(out);
		streams += calls->list[i].streams;
	}
}

/**
 * struct call_show - the output of call show
 * @tool: the tool
 * @brief: as a table, unless it is JSON
 * @begun: @out is
 * @out: the output
 * @table: the table
 */
struct call_show {
	const struct tool *tool;
	bool brief, begun;
	struct print out;
	struct brief_table table;
};

/* Nothing is printed before it is known that the module answers. */
static int calls_print(const struct calls *calls, void *data)
{
	struct call_show *show = data;

	if (!show->begun)
		print_begin(&show->out, show->tool, PRINT_LIST);
	show->begun = true;
	if (show->brief && show->out.to == PRINT_TEXT)
		calls_print_brief(&show->out, calls, &show->table);
	else
		page_print(&show->out, calls);
	return 0;
}

int verb_call_show(struct tool *tool, struct args *args)
{
	struct call_show show = { .tool = tool };
	struct filter filter;
	int status;

	if (filter_parse_with(&filter, args, true, "brief", &show.brief))
		return tool_wrong_usage(tool, args);
	status = tool_connect(tool);
	if (status)
		return status;
	if (filter_resolve(&filter))
		return STATUS_REFUSED;
	if (netlink_call_dump(tool->nl, &filter, calls_print, &show))
		return tool_refused(tool);
	if (!show.begun)
		calls_print(&(struct calls){}, &show);
	return print_end(&show.out);
}

static int print_ended(const struct tool *tool, uint32_t ended)
{
	struct print out;

	print_begin(&out, tool, PRINT_ITEM);
	print_item(&out);
	print_word(&out, "ended");
	print_number(&out, PRINT_ANY, "ended", ended);
	print_item_end(&out);
	return print_end(&out);
}

int verb_call_kill(struct tool *tool, struct args *args)
{
	bool all = args_take(args, "all");
	struct filter filter;
	uint32_t ended;
	int status;

	if (filter_parse(&filter, args, true))
		return tool_wrong_usage(tool, args);
	if (all != filter_is_empty(&filter)) {
		args_fail(args, all ? "'all' takes no filter" :
				      "name the calls by a filter, or say all");
		return tool_wrong_usage(tool, args);
	}
	status = tool_connect(tool);
	if (status)
		return status;
	if (filter_resolve(&filter))
		return STATUS_REFUSED;
	if (netlink_call_del(tool->nl, &filter, &ended))
		return tool_refused(tool);
	if (ended || all)
		return print_ended(tool, ended);
	error("no such call");
	return STATUS_REFUSED;
}
