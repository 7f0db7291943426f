// SPDX-License-Identifier: GPL-2.0

#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "binding.h"
#include "binding_flow.h"
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
		[SIPALG_BINDING_SIGNALLING] = "signalling",
		[SIPALG_BINDING_RTP] = "rtp",
		[SIPALG_BINDING_RTCP] = "rtcp",
		[SIPALG_BINDING_MEDIA] = "media",
	};

	return kind < __SIPALG_BINDING_KIND_MAX ? names[kind] : NULL;
}

static void print_traffic(struct print *out, const char *key, uint64_t packets,
			  uint64_t bytes)
{
	print_word(out, key);
	print_group(out, key);
	print_word(out, "packets");
	print_number(out, PRINT_ANY, "packets", packets);
	print_word(out, "bytes");
	print_number(out, PRINT_ANY, "bytes", bytes);
	print_group_end(out);
}

static void print_out(struct print *out, const void *object)
{
	const struct binding *binding = object;

	if (HAS(binding, SIPALG_BINDING_OUT_BYTES))
		print_traffic(out, "out", binding->out_packets,
			      binding->out_bytes);
}

static void print_in(struct print *out, const void *object)
{
	const struct binding *binding = object;

	if (HAS(binding, SIPALG_BINDING_IN_BYTES))
		print_traffic(out, "in", binding->in_packets,
			      binding->in_bytes);
}

static void print_heard(struct print *out, const void *object)
{
	static const char *const sides[] = {
		[SIPALG_SIDE_INSIDE] = "inside",
		[SIPALG_SIDE_OUTSIDE] = "outside",
	};
	const struct binding *binding = object;

	print_array(out, "heard");
	for (size_t i = 0; i < sizeof(sides) / sizeof(*sides); i++)
		if (binding->heard >> i & 1)
			print_string(out, PRINT_JSON, NULL, sides[i]);
	print_array_end(out);
}

#define BINDING(attr_, member_, form_, to_, ...) {		\
	.attr = SIPALG_BINDING_##attr_,				\
	SHOW_AT(binding, member_),				\
	.form = form_,						\
	.to = to_,						\
	__VA_ARGS__						\
}

static const struct show_field binding_fields[] = {
	BINDING(PROTO, proto, SHOW_NAME, PRINT_ANY, .key = "proto",
		.name = proto_name),
	BINDING(KIND, kind, SHOW_NAME, PRINT_ANY, .key = "kind",
		.name = kind_name),
	BINDING(FAMILY, family, SHOW_NAME, PRINT_JSON, .key = "family",
		.name = family_name),
	BINDING(INSIDE, inside, SHOW_ENDPOINT, PRINT_ANY, .key = "inside"),
	BINDING(OUTSIDE, outside, SHOW_ENDPOINT, PRINT_ANY, .key = "outside",
		.word = "->"),
	BINDING(ZONE, zone, SHOW_NUMBER, PRINT_ANY, .key = "zone",
		.word = "zone"),
	BINDING(DEV, dev, SHOW_NUMBER, PRINT_JSON, .key = "ifindex"),
	BINDING(USERS, users, SHOW_NUMBER, PRINT_ANY, .key = "users",
		.word = "users"),
	BINDING(FLOWS, flows, SHOW_NUMBER, PRINT_ANY, .key = "flows",
		.word = "flows"),
	BINDING(OUT_PACKETS, out_packets, SHOW_BY_FUNCTION, PRINT_ANY,
		.print = print_out),
	BINDING(IN_PACKETS, in_packets, SHOW_BY_FUNCTION, PRINT_ANY,
		.print = print_in),
	BINDING(HEARD, heard, SHOW_BY_FUNCTION, PRINT_JSON,
		.print = print_heard),
	BINDING(FIRST, first, SHOW_NUMBER, PRINT_JSON, .key = "first"),
	BINDING(LAST, last, SHOW_NUMBER, PRINT_JSON, .key = "last"),
};

/**
 * binding_print() - print the members of a binding
 * @out: the output, within an item
 * @binding: the binding
 */
void binding_print(struct print *out, const struct binding *binding)
{
	show_fields(out, binding, binding_fields,
		    sizeof(binding_fields) / sizeof(*binding_fields));
}

static void flow_print(struct print *out, const struct binding_flow *follows)
{
	const struct flow *flow = &follows->flow;
	bool out_first = follows->from_inside;

	print_item(out);
	print_word(out, "peer");
	print_endpoint(out, "peer",
		       out_first ? &flow->original.dst : &flow->reply.dst);
	print_word(out, "first");
	print_string(out, PRINT_ANY, "first", out_first ? "inside" : "outside");
	if (flow->counted && out_first) {
		print_traffic(out, "out", flow->packets.original,
			      flow->bytes.original);
		print_traffic(out, "in", flow->packets.reply,
			      flow->bytes.reply);
	} else if (flow->counted) {
		print_traffic(out, "out", flow->packets.reply,
			      flow->bytes.reply);
		print_traffic(out, "in", flow->packets.original,
			      flow->bytes.original);
	}
	print_word(out, "expires");
	print_seconds(out, "expires", flow->expires);
	print_item_end(out);
}

/* The flows of one binding; @next goes on to those of the next one. */
static void flows_print(struct print *out, size_t binding,
			const struct binding_flow **next,
			const struct binding_flow *end)
{
	print_list(out, "conntrack");
	for (; *next < end && (*next)->binding == binding; ++*next)
		flow_print(out, *next);
	print_list_end(out);
}

int verb_binding_show(struct tool *tool, struct args *args)
{
	bool with_flows = false;
	const struct binding_flow *next, *end;
	struct filter filter;
	struct binding_flow *flows = NULL;
	size_t count, n_flows = 0;
	struct binding *list;
	struct print out;
	int status, err = 0;

	if (filter_parse_with(&filter, args, false, "flows", &with_flows))
		return tool_wrong_usage(tool, args);
	status = tool_connect(tool);
	if (status)
		return status;
	if (filter_resolve(&filter))
		return STATUS_REFUSED;
	if (netlink_binding_dump(tool->nl, &filter, &list, &count))
		return tool_refused(tool);
	if (with_flows)
		err = binding_flow_find(list, count, &flows, &n_flows);
	if (err) {
		error("the connection tracking table cannot be read: %s",
		      strerror(-err));
		free(list);
		return STATUS_REFUSED;
	}
	next = flows;
	end = flows + n_flows;
	print_begin(&out, tool, PRINT_LIST);
	for (size_t i = 0; i < count; i++) {
		print_item(&out);
		binding_print(&out, &list[i]);
		if (with_flows)
			flows_print(&out, i, &next, end);
		print_item_end(&out);
	}
	free(flows);
	free(list);
	return print_end(&out);
}
