// SPDX-License-Identifier: GPL-2.0

#include <stdlib.h>

#include "netlink.h"
#include "print.h"
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

static void print_call(struct print *out, const struct call *call)
{
	print_item(out);
	if (HAS(call, SIPALG_CALL_ID))
		print_number(out, PRINT_ANY, "id", call->id);
	if (HAS(call, SIPALG_CALL_KIND))
		print_name(out, PRINT_ANY, "kind", kind_name(call->kind), call->kind);
	if (HAS(call, SIPALG_CALL_STATE))
		print_name(out, PRINT_ANY, "state", state_name(call->state), call->state);
	if (HAS(call, SIPALG_CALL_FAMILY))
		print_name(out, PRINT_JSON, "family", family_name(call->family), call->family);
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
	print_item_end(out);
}

int verb_call_show(struct tool *tool, struct words *words)
{
	struct call *list;
	struct print out;
	size_t count;
	int status;

	if (words_end(words))
		return tool_wrong_usage(tool, words);
	status = tool_connect(tool);
	if (status)
		return status;
	if (netlink_call_dump(tool->nl, &list, &count))
		return tool_refused(tool);
	print_begin(&out, tool->json, PRINT_LIST);
	for (size_t i = 0; i < count; i++)
		print_call(&out, &list[i]);
	free(list);
	return print_end(&out);
}
