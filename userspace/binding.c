// SPDX-License-Identifier: GPL-2.0

#include <stdlib.h>
#include <string.h>

#include "filter.h"
#include "follower.h"
#include "message.h"
#include "netlink.h"
#include "print.h"
#include "show.h"
#include "tool.h"
#include "words.h"

static const char *kind_name(uint32_t kind)
{
	static const char *const names[] = {
		[SIPALG_BINDING_SIGNALLING] = "signalling",
		[SIPALG_BINDING_RTP] = "rtp",
		[SIPALG_BINDING_RTCP] = "rtcp",
		[SIPALG_BINDING_MEDIA] = "media",
	};

	return kind < __SIPALG_BINDING_KIND_MAX ? names[kind] : NULL;
}

static void print_way(struct print *out, const char *key, uint64_t packets,
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

/**
 * show_binding() - the words, or values, of a binding
 * @out: the output; an item has been begun and is left open
 * @binding: the binding
 */
void show_binding(struct print *out, const struct binding *binding)
{
	if (HAS(binding, SIPALG_BINDING_PROTO))
		print_name(out, PRINT_ANY, "proto", proto_name(binding->proto),
			   binding->proto);
	if (HAS(binding, SIPALG_BINDING_KIND))
		print_name(out, PRINT_ANY, "kind", kind_name(binding->kind),
			   binding->kind);
	if (HAS(binding, SIPALG_BINDING_FAMILY))
		print_name(out, PRINT_JSON, "family",
			   family_name(binding->family), binding->family);
	if (HAS(binding, SIPALG_BINDING_INSIDE))
		print_endpoint(out, "inside", &binding->inside);
	if (HAS(binding, SIPALG_BINDING_OUTSIDE)) {
		print_word(out, "->");
		print_endpoint(out, "outside", &binding->outside);
	}
	if (HAS(binding, SIPALG_BINDING_ZONE)) {
		print_word(out, "zone");
		print_number(out, PRINT_ANY, "zone", binding->zone);
	}
	if (HAS(binding, SIPALG_BINDING_DEV))
		print_number(out, PRINT_JSON, "ifindex", binding->dev);
	if (HAS(binding, SIPALG_BINDING_USERS)) {
		print_word(out, "users");
		print_number(out, PRINT_ANY, "users", binding->users);
	}
	if (HAS(binding, SIPALG_BINDING_FLOWS)) {
		print_word(out, "flows");
		print_number(out, PRINT_ANY, "flows", binding->flows);
	}
	if (HAS(binding, SIPALG_BINDING_OUT_PACKETS) &&
	    HAS(binding, SIPALG_BINDING_OUT_BYTES))
		print_way(out, "out", binding->out_packets, binding->out_bytes);
	if (HAS(binding, SIPALG_BINDING_IN_PACKETS) &&
	    HAS(binding, SIPALG_BINDING_IN_BYTES))
		print_way(out, "in", binding->in_packets, binding->in_bytes);
}

static void print_follower(struct print *out, const struct follower *follower)
{
	const struct flow *flow = &follower->flow;
	bool out_first = follower->from_inside;

	print_item(out);
	print_word(out, "peer");
	print_endpoint(out, "peer",
		       out_first ? &flow->original.dst : &flow->reply.dst);
	print_word(out, "first");
	print_string(out, PRINT_ANY, "first", out_first ? "inside" : "outside");
	if (flow->counted) {
		print_way(out, "out",
			  out_first ? flow->packets.original :
				      flow->packets.reply,
			  out_first ? flow->bytes.original : flow->bytes.reply);
		print_way(out, "in",
			  out_first ? flow->packets.reply :
				      flow->packets.original,
			  out_first ? flow->bytes.reply : flow->bytes.original);
	}
	print_word(out, "expires");
	print_seconds(out, "expires", flow->expires);
	print_item_end(out);
}

static void print_followers(struct print *out, size_t binding,
			    const struct follower **next,
			    const struct follower *end)
{
	print_list(out, "conntrack");
	for (; *next < end && (*next)->binding == binding; ++*next)
		print_follower(out, *next);
	print_list_end(out);
}

int verb_binding_show(struct tool *tool, struct words *words)
{
	bool with_flows = words_take(words, "flows");
	const struct follower *next, *end;
	struct filter filter;
	struct follower *followers = NULL;
	size_t count, n_followers = 0;
	struct binding *list;
	struct print out;
	int status, err;

	if (filter_parse(&filter, words, false))
		return tool_wrong_usage(tool, words);
	status = tool_connect(tool);
	if (status)
		return status;
	if (filter_resolve(&filter))
		return STATUS_REFUSED;
	if (netlink_binding_dump(tool->nl, &filter, &list, &count))
		return tool_refused(tool);
	err = with_flows ?
		      follower_find(list, count, &followers, &n_followers) :
		      0;
	if (err) {
		complain("the connection tracking table cannot be read: %s",
			 strerror(-err));
		free(list);
		return STATUS_REFUSED;
	}
	next = followers;
	end = followers + n_followers;
	print_begin(&out, tool->json, PRINT_LIST);
	for (size_t i = 0; i < count; i++) {
		print_item(&out);
		show_binding(&out, &list[i]);
		if (with_flows)
			print_followers(&out, i, &next, end);
		print_item_end(&out);
	}
	free(followers);
	free(list);
	return print_end(&out);
}
