// SPDX-License-Identifier: GPL-2.0

#include <stdlib.h>
#include <string.h>

#include "filter.h"
#include "message.h"
#include "netlink.h"
#include "print.h"
#include "show.h"
#include "tool.h"
#include "words.h"

static const char *kind_name(uint32_t kind)
{
	static const char *const names[] = {
		[SIPALG_CALL_DIALOG] = "dialog",
		[SIPALG_CALL_REGISTRATION] = "registration",
		[SIPALG_CALL_TRANSACTION] = "transaction",
	};

	return kind < __SIPALG_CALL_KIND_MAX ? names[kind] : NULL;
}

static const char *state_name(uint32_t state)
{
	static const char *const names[] = {
		[SIPALG_CALL_EARLY] = "early",
		[SIPALG_CALL_CONFIRMED] = "confirmed",
		[SIPALG_CALL_ENDING] = "ending",
	};

	return state < __SIPALG_CALL_STATE_MAX ? names[state] : NULL;
}

/* Formats that need no a=rtpmap (RFC 3551, 6); others stand for themselves. */
static const char *codec_name(const char *format)
{
	static const struct {
		const char *format, *name;
	} names[] = {
		{"0", "PCMU/8000"},   {"3", "GSM/8000"},
		{"4", "G723/8000"},   {"8", "PCMA/8000"},
		{"9", "G722/8000"},   {"13", "CN/8000"},
		{"18", "G729/8000"},  {"26", "JPEG/90000"},
		{"31", "H261/90000"}, {"34", "H263/90000"},
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
	show_binding(out, stream);
	if (HAS(stream, SIPALG_BINDING_CODECS))
		print_codecs(out, stream);
	print_item_end(out);
}

static void print_streams(struct print *out, const struct binding *streams,
			  size_t count)
{
	print_list(out, "streams");
	for (size_t i = 0; i < count; i++)
		print_stream(out, &streams[i]);
	print_list_end(out);
}

void show_call(struct print *out, const struct call *call)
{
	if (HAS(call, SIPALG_CALL_ID))
		print_number(out, PRINT_ANY, "id", call->id);
	if (HAS(call, SIPALG_CALL_KIND))
		print_name(out, PRINT_ANY, "kind", kind_name(call->kind),
			   call->kind);
	if (HAS(call, SIPALG_CALL_STATE))
		print_name(out, PRINT_ANY, "state", state_name(call->state),
			   call->state);
	if (HAS(call, SIPALG_CALL_FAMILY))
		print_name(out, PRINT_JSON, "family", family_name(call->family),
			   call->family);
	if (HAS(call, SIPALG_CALL_INSIDE))
		print_address(out, "inside", &call->inside);
	if (HAS(call, SIPALG_CALL_PEER)) {
		print_word(out, "->");
		print_address(out, "peer", &call->peer);
	}
	if (HAS(call, SIPALG_CALL_ZONE)) {
		print_word(out, "zone");
		print_number(out, PRINT_ANY, "zone", call->zone);
	}
	if (HAS(call, SIPALG_CALL_IN))
		print_number(out, PRINT_JSON, "ifindex_in", call->in);
	if (HAS(call, SIPALG_CALL_OUT))
		print_number(out, PRINT_JSON, "ifindex_out", call->out);
	if (HAS(call, SIPALG_CALL_CALLER_TAG)) {
		print_word(out, "caller");
		print_string(out, PRINT_ANY, "caller", call->caller);
	}
	if (HAS(call, SIPALG_CALL_CALLEE_TAG)) {
		print_word(out, "callee");
		print_string(out, PRINT_ANY, "callee", call->callee);
	}
	if (HAS(call, SIPALG_CALL_BINDINGS)) {
		print_word(out, "bindings");
		print_number(out, PRINT_ANY, "bindings", call->bindings);
	}
	if (HAS(call, SIPALG_CALL_AGE)) {
		print_word(out, "age");
		print_seconds(out, "age", call->age);
	}
	if (HAS(call, SIPALG_CALL_EXPIRES)) {
		print_word(out, "expires");
		print_seconds(out, "expires", call->expires);
	}
	if (HAS(call, SIPALG_CALL_LABEL)) {
		print_word(out, "label");
		print_string(out, PRINT_ANY, "label", call->label);
	}
}

int verb_call_show(struct tool *tool, struct words *words)
{
	const struct binding *streams;
	struct filter filter;
	struct calls calls;
	struct print out;
	int status;

	if (filter_parse(&filter, words, true))
		return tool_wrong_usage(tool, words);
	status = tool_connect(tool);
	if (status)
		return status;
	if (filter_resolve(&filter))
		return STATUS_REFUSED;
	if (netlink_call_dump(tool->nl, &filter, &calls))
		return tool_refused(tool);
	print_begin(&out, tool->json, PRINT_LIST);
	streams = calls.streams;
	for (size_t i = 0; i < calls.count; i++) {
		print_item(&out);
		show_call(&out, &calls.list[i]);
		print_streams(&out, streams, calls.list[i].streams);
		print_item_end(&out);
		streams += calls.list[i].streams;
	}
	free(calls.list);
	free(calls.streams);
	return print_end(&out);
}

static int print_ended(const struct tool *tool, uint32_t ended)
{
	struct print out;

	print_begin(&out, tool->json, PRINT_ITEM);
	print_item(&out);
	print_word(&out, "ended");
	print_number(&out, PRINT_ANY, "ended", ended);
	print_item_end(&out);
	return print_end(&out);
}

int verb_call_kill(struct tool *tool, struct words *words)
{
	bool all = words_take(words, "all");
	struct filter filter;
	uint32_t ended;
	int status;

	if (filter_parse(&filter, words, true))
		return tool_wrong_usage(tool, words);
	if (all != filter_is_empty(&filter)) {
		words_fail(words, all ? "'all' takes no filter" :
					"which calls is missing");
		return tool_wrong_usage(tool, words);
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
	complain("no such call");
	return STATUS_REFUSED;
}
