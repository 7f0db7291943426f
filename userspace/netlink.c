// SPDX-License-Identifier: GPL-2.0

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attrs.h"
#include "event.h"
#include "genl_socket.h"
#include "netlink.h"
#include "report.h"

/* On a busy router most long lists change while they are read. */
#define DUMP_TRIES 5
#define LIST_CHANGED \
	"the list kept changing: some may be missing or told twice"
/* Calls that are handed over at a time. */
#define CALLS_PAGE 512

/*
 * The most that a policy takes: six headers, a zone, a device, a mode, a range
 * of ports and an address.
 */
#define POLICY_ROOM (6 * MNL_ATTR_HDRLEN + 4 + IFNAMSIZ + 4 + 4 + 16)

struct netlink {
	struct genl_socket sock;
};

/**
 * netlink_open() - reach the module in the current network namespace
 * @nl: set; NULL after an error
 *
 * Return: 0, or a negative errno; -ENOENT if the module is not loaded.
 */
int netlink_open(struct netlink **nl)
{
	int err;

	*nl = calloc(1, sizeof(**nl));
	if (!*nl)
		return -ENOMEM;
	err = genl_socket_open(&(*nl)->sock, SIPALG_GENL_NAME);
	if (err) {
		netlink_close(*nl);
		*nl = NULL;
	}
	return err;
}

void netlink_close(struct netlink *nl)
{
	if (nl)
		genl_socket_close(&nl->sock);
	free(nl);
}

/**
 * netlink_reason() - why the latest call failed
 * @nl: connection to the module
 *
 * Return: the kernel's extended error text, or that of its error number.
 */
const char *netlink_reason(const struct netlink *nl)
{
	return nl->sock.reason;
}

static struct nlmsghdr *request_begin(struct netlink *nl, uint8_t command)
{
	return genl_socket_request(&nl->sock, command, SIPALG_GENL_VERSION);
}

static void put_scope(struct nlmsghdr *message, const struct scope *scope)
{
	if (scope->has_zone)
		mnl_attr_put_u16(message, SIPALG_POLICY_ZONE, scope->zone);
	if (*scope->dev)
		mnl_attr_put_strz(message, SIPALG_POLICY_DEV, scope->dev);
}

static void put_networks(struct nlmsghdr *message, unsigned int attr,
			 const struct networks *networks)
{
	mnl_attr_put(message, attr, networks->n * sizeof(*networks->network),
		     networks->network);
}

static void put_policy(struct nlmsghdr *message, const struct policy *policy)
{
	const struct options *options = &policy->options;

	put_scope(message, &policy->scope);
	mnl_attr_put_u32(message, SIPALG_POLICY_MODE, policy->mode);
	if (HAS(policy, SIPALG_POLICY_OUTSIDE_PORTS))
		mnl_attr_put(message, SIPALG_POLICY_OUTSIDE_PORTS,
			     *options->ports ? sizeof(options->ports) : 0,
			     options->ports);
	if (HAS(policy, SIPALG_POLICY_OUTSIDE_ADDRESS))
		mnl_attr_put(message, SIPALG_POLICY_OUTSIDE_ADDRESS,
			     options->address.len, options->address.bytes);
	if (HAS(policy, SIPALG_POLICY_TRUSTED)) {
		put_networks(message, SIPALG_POLICY_TRUSTED, &options->trusted);
		put_networks(message, SIPALG_POLICY_TRUSTED_FOR,
			     &options->trusted_for);
	}
}

static void put_now(struct nlmsghdr *message, bool now)
{
	if (now)
		mnl_attr_put(message, SIPALG_POLICY_NOW, 0, NULL);
}

int netlink_policy_set(struct netlink *nl, const struct policy *policy,
		       bool now)
{
	struct nlmsghdr *message = request_begin(nl, SIPALG_CMD_POLICY_SET);

	put_policy(message, policy);
	put_now(message, now);
	return genl_socket_do(&nl->sock, NULL, NULL);
}

int netlink_policy_del(struct netlink *nl, const struct scope *scope, bool now)
{
	struct nlmsghdr *message = request_begin(nl, SIPALG_CMD_POLICY_DEL);

	put_scope(message, scope);
	put_now(message, now);
	return genl_socket_do(&nl->sock, NULL, NULL);
}

int netlink_policy_flush(struct netlink *nl, uint32_t mode, bool now)
{
	struct nlmsghdr *message = request_begin(nl, SIPALG_CMD_POLICY_FLUSH);

	mnl_attr_put_u32(message, SIPALG_POLICY_MODE, mode);
	put_now(message, now);
	return genl_socket_do(&nl->sock, NULL, NULL);
}

/* The same words as the kernel's. */
static int too_many(struct netlink *nl)
{
	snprintf(nl->sock.reason, sizeof(nl->sock.reason),
		 "too many scopes");
	return -ENOSPC;
}

int netlink_policy_restore(struct netlink *nl, const struct policy *list,
			   size_t count, bool now)
{
	struct nlmsghdr *message = request_begin(nl, SIPALG_CMD_POLICY_RESTORE);

	put_now(message, now);
	for (size_t i = 0; i < count; i++) {
		struct nlattr *nest;

		if (message->nlmsg_len + POLICY_ROOM > GENL_REQUEST_SIZE)
			return too_many(nl);
		nest = mnl_attr_nest_start(message, SIPALG_POLICY_SCOPE);
		put_policy(message, &list[i]);
		mnl_attr_nest_end(message, nest);
	}
	return genl_socket_do(&nl->sock, NULL, NULL);
}

static void put_filter(struct nlmsghdr *message, const struct filter *filter,
		       bool of_calls)
{
	uint16_t zone = of_calls ? SIPALG_CALL_ZONE : SIPALG_BINDING_ZONE;
	uint16_t dev = of_calls ? SIPALG_CALL_DEV : SIPALG_BINDING_DEV;
	uint16_t address = of_calls ? SIPALG_CALL_ADDRESS :
				      SIPALG_BINDING_ADDRESS;

	if (filter->has_id)
		mnl_attr_put_u64(message, SIPALG_CALL_ID, filter->id);
	if (*filter->label)
		mnl_attr_put_strz(message, SIPALG_CALL_LABEL, filter->label);
	if (filter->has_kind)
		mnl_attr_put_u32(message, SIPALG_CALL_KIND, filter->kind);
	if (filter->has_state)
		mnl_attr_put_u32(message, SIPALG_CALL_STATE, filter->state);
	if (*filter->user)
		mnl_attr_put_strz(message, SIPALG_CALL_USER, filter->user);
	if (filter->mute)
		mnl_attr_put(message, SIPALG_CALL_MUTE, 0, NULL);
	if (filter->has_zone)
		mnl_attr_put_u16(message, zone, filter->zone);
	if (filter->ifindex)
		mnl_attr_put_u32(message, dev, filter->ifindex);
	if (filter->address.len)
		mnl_attr_put(message, address, filter->address.len,
			     filter->address.bytes);
}

int netlink_settings_set(struct netlink *nl, const struct settings *settings)
{
	struct nlmsghdr *message = request_begin(nl, SIPALG_CMD_SETTING_SET);

	for (unsigned int i = 1; i <= SIPALG_SETTING_VALUE_MAX; i++)
		if (settings->has[i] && i != SIPALG_SETTING_SIP_PORTS)
			mnl_attr_put_u32(message, i, settings->value[i]);
	if (settings->has[SIPALG_SETTING_SIP_PORTS])
		mnl_attr_put(message, SIPALG_SETTING_SIP_PORTS,
			     settings->n_ports * sizeof(settings->ports[0]),
			     settings->ports);
	if (settings->has_networks)
		mnl_attr_put(message, SIPALG_SETTING_REGISTRATION_NETWORKS,
			     settings->n_networks *
			     sizeof(settings->networks[0]),
			     settings->networks);
	return genl_socket_do(&nl->sock, NULL, NULL);
}

static int stats_attr(const struct nlattr *attr, void *data)
{
	unsigned int type = mnl_attr_get_type(attr);
	struct stats *stats = data;

	if (type <= SIPALG_STATS_MAX)
		stats->has[type] = attr_number(attr, &stats->value[type]);
	return MNL_CB_OK;
}

static int stats_each(const struct nlmsghdr *message, void *data)
{
	if (mnl_nlmsg_get_payload_len(message) < sizeof(struct genlmsghdr))
		return -EBADMSG;
	mnl_attr_parse(message, sizeof(struct genlmsghdr), stats_attr, data);
	return 0;
}

/* A list that is too long counts as missing. */
static int settings_attr(const struct nlattr *attr, void *data)
{
	unsigned int type = mnl_attr_get_type(attr),
		     len = mnl_attr_get_payload_len(attr);
	struct settings *settings = data;
	uint64_t number;

	if (type == SIPALG_SETTING_SIP_PORTS) {
		if (len % sizeof(settings->ports[0]) ||
		    len > sizeof(settings->ports))
			return MNL_CB_OK;
		memcpy(settings->ports, mnl_attr_get_payload(attr), len);
		settings->n_ports = len / sizeof(settings->ports[0]);
		settings->has[type] = true;
	} else if (type == SIPALG_SETTING_REGISTRATION_NETWORKS) {
		if (len % sizeof(settings->networks[0]) ||
		    len > sizeof(settings->networks))
			return MNL_CB_OK;
		memcpy(settings->networks, mnl_attr_get_payload(attr), len);
		settings->n_networks = len / sizeof(settings->networks[0]);
		settings->has_networks = true;
	} else if (type && type <= SIPALG_SETTING_VALUE_MAX &&
		   len == sizeof(uint32_t) && attr_number(attr, &number)) {
		settings->value[type] = number;
		settings->has[type] = true;
	}
	return MNL_CB_OK;
}

static int settings_each(const struct nlmsghdr *message, void *data)
{
	if (mnl_nlmsg_get_payload_len(message) < sizeof(struct genlmsghdr))
		return -EBADMSG;
	mnl_attr_parse(message, sizeof(struct genlmsghdr), settings_attr, data);
	return 0;
}

int netlink_settings_get(struct netlink *nl, struct settings *settings)
{
	*settings = (struct settings){};
	request_begin(nl, SIPALG_CMD_SETTING_GET);
	return genl_socket_do(&nl->sock, settings_each, settings);
}

static int ended_attr(const struct nlattr *attr, void *data)
{
	uint64_t number;

	if (mnl_attr_get_type(attr) == SIPALG_CALL_ENDED &&
	    attr_number(attr, &number))
		*(uint32_t *)data = number;
	return MNL_CB_OK;
}

static int ended_each(const struct nlmsghdr *message, void *data)
{
	if (mnl_nlmsg_get_payload_len(message) < sizeof(struct genlmsghdr))
		return -EBADMSG;
	mnl_attr_parse(message, sizeof(struct genlmsghdr), ended_attr, data);
	return 0;
}

int netlink_call_del(struct netlink *nl, const struct filter *filter,
		     uint32_t *ended)
{
	*ended = 0;
	put_filter(request_begin(nl, SIPALG_CMD_CALL_DEL), filter, true);
	return genl_socket_do(&nl->sock, ended_each, ended);
}

/* A list under construction. Attributes go to its last item. */
struct list {
	char *items;
	size_t count, room, size;
	const struct attr_table *attrs;
	struct list *inner;	/* where a FIELD_LIST goes */
};

/* Return: whether there is one more item at the end, all zeros. */
static bool list_extend(struct list *list)
{
	if (list->count == list->room) {
		size_t room = list->room ? list->room * 2 : 64;
		char *items = reallocarray(list->items, room, list->size);

		if (!items)
			return false;
		list->items = items;
		list->room = room;
	}
	memset(list->items + list->count++ * list->size, 0, list->size);
	return true;
}

static int list_attr(const struct nlattr *attr, void *data);

static int list_inner(const struct nlattr *attr, struct list *inner,
		      size_t *count)
{
	if (!list_extend(inner))
		return MNL_CB_ERROR;
	++*count;
	return mnl_attr_parse_nested(attr, list_attr, inner);
}

static int list_attr(const struct nlattr *attr, void *data)
{
	struct list *list = data;
	unsigned int type = mnl_attr_get_type(attr);
	char *item = list->items + (list->count - 1) * list->size;

	if (type < list->attrs->count &&
	    list->attrs->fields[type].type == FIELD_LIST)
		return list_inner(attr, list->inner, (size_t *)
				  (item + list->attrs->fields[type].offset));
	attr_store(item, attr, list->attrs);
	return MNL_CB_OK;
}

static int list_each(const struct nlmsghdr *message, void *data)
{
	struct list *list = data;

	if (mnl_nlmsg_get_payload_len(message) < sizeof(struct genlmsghdr))
		return -EBADMSG;
	if (!list_extend(list) ||
	    mnl_attr_parse(message, sizeof(struct genlmsghdr), list_attr,
			   list) < 0)
		return -ENOMEM;
	return 0;
}

static void list_free(struct list *list)
{
	free(list->items);
	list->items = NULL;
	list->count = 0;
}

static int list_dump(struct netlink *nl, uint8_t command,
		     const struct filter *filter, struct list *list)
{
	bool dump_interrupted = true;
	int err;

	for (int i = 0; dump_interrupted && i < DUMP_TRIES; i++) {
		struct nlmsghdr *message = request_begin(nl, command);

		list->count = 0;
		if (filter)
			put_filter(message, filter, false);
		err = genl_socket_dump(&nl->sock, list_each, list,
				       &dump_interrupted);
		if (err) {
			list_free(list);
			return err;
		}
	}
	if (dump_interrupted)
		info(LIST_CHANGED);
	return 0;
}

int netlink_policy_dump(struct netlink *nl, struct policy **items,
			size_t *count)
{
	struct list list = { .size = sizeof(**items), .attrs = &policy_attrs };
	int err = list_dump(nl, SIPALG_CMD_POLICY_GET, NULL, &list);

	*items = (struct policy *)list.items;
	*count = list.count;
	for (size_t i = 0; i < *count; i++)
		(*items)[i].scope.has_zone =
			HAS(&(*items)[i], SIPALG_POLICY_ZONE);
	return err;
}

/* A walk through the calls, a page at a time. */
struct call_walk {
	struct list calls, streams;
	struct list told;	/* numbers of the calls that @cb has got */
	size_t n_before;	/* so many of them by earlier tries: sorted */
	calls_cb *cb;
	void *data;
};

static int id_compare(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return left < right ? -1 : left > right;
}

static int page_end(struct call_walk *walk)
{
	struct calls calls = {
		.list = (struct call *)walk->calls.items,
		.count = walk->calls.count,
		.streams = (struct binding *)walk->streams.items,
	};

	walk->calls.count = 0;
	walk->streams.count = 0;
	return calls.count ? walk->cb(&calls, walk->data) : 0;
}

static int call_each(const struct nlmsghdr *message, void *data)
{
	struct call_walk *walk = data;
	int err = list_each(message, &walk->calls);
	struct call *call;

	if (err)
		return err;
	call = (struct call *)walk->calls.items + walk->calls.count - 1;
	if (walk->n_before &&
	    bsearch(&call->id, walk->told.items, walk->n_before,
		    sizeof(call->id), id_compare)) {
		walk->streams.count -= call->streams;
		walk->calls.count--;
		return 0;
	}
	if (!list_extend(&walk->told))
		return -ENOMEM;
	((uint64_t *)walk->told.items)[walk->told.count - 1] = call->id;
	return walk->calls.count == CALLS_PAGE ? page_end(walk) : 0;
}

static int walk_try(struct netlink *nl, const struct filter *filter,
		    struct call_walk *walk, bool *dump_interrupted)
{
	int err;

	put_filter(request_begin(nl, SIPALG_CMD_CALL_GET), filter, true);
	err = genl_socket_dump(&nl->sock, call_each, walk, dump_interrupted);
	if (err)
		return err;
	err = page_end(walk);
	if (err)
		return genl_socket_fail(&nl->sock, err);
	walk->n_before = walk->told.count;
	if (*dump_interrupted && walk->n_before)
		qsort(walk->told.items, walk->n_before, walk->told.size,
		      id_compare);
	return 0;
}

/**
 * netlink_call_dump() - read the calls
 * @nl: connection to the module
 * @filter: the module sends just those that pass it
 * @cb: takes them, some at a time, as there may be very many
 * @data: for @cb
 *
 * A list that changes while it is read is read again. @cb does not get again
 * what an earlier try had.
 *
 * Return: 0, what @cb returned, or another negative errno.
 */
int netlink_call_dump(struct netlink *nl, const struct filter *filter,
		      calls_cb *cb, void *data)
{
	struct call_walk walk = {
		.calls = {
			.size = sizeof(struct call),
			.attrs = &call_attrs,
			.inner = &walk.streams,
		},
		.streams = {
			.size = sizeof(struct binding),
			.attrs = &binding_attrs,
		},
		.told = { .size = sizeof(uint64_t) },
		.cb = cb,
		.data = data,
	};
	bool dump_interrupted = true;
	int err = 0;

	for (int i = 0; !err && dump_interrupted && i < DUMP_TRIES; i++)
		err = walk_try(nl, filter, &walk, &dump_interrupted);
	list_free(&walk.calls);
	list_free(&walk.streams);
	list_free(&walk.told);
	if (!err && dump_interrupted)
		info(LIST_CHANGED);
	return err;
}

static int page_count(const struct calls *calls, void *data)
{
	*(uint64_t *)data += calls->count;
	return 0;
}

/* Return: 0, or a negative errno. */
static int mute_count(struct netlink *nl, struct stats *stats)
{
	const struct filter filter = { .mute = true };

	stats->has[STATS_CALLS_MUTE] = true;
	return netlink_call_dump(nl, &filter, page_count,
				 &stats->value[STATS_CALLS_MUTE]);
}

int netlink_stats_get(struct netlink *nl, struct stats *stats)
{
	int err;

	*stats = (struct stats){};
	request_begin(nl, SIPALG_CMD_STATS_GET);
	err = genl_socket_do(&nl->sock, stats_each, stats);
	if (err || !stats->has[SIPALG_STATS_CALLS_UP])
		return err;
	if (stats->value[SIPALG_STATS_CALLS_UP])
		return mute_count(nl, stats);
	stats->has[STATS_CALLS_MUTE] = true;
	return 0;
}

int netlink_binding_dump(struct netlink *nl, const struct filter *filter,
			 struct binding **items, size_t *count)
{
	struct list list = { .size = sizeof(**items), .attrs = &binding_attrs };
	int err = list_dump(nl, SIPALG_CMD_BINDING_GET, filter, &list);

	*items = (struct binding *)list.items;
	*count = list.count;
	return err;
}

/**
 * netlink_listen() - ask for events
 * @nl: connection to the module; after this for netlink_receive() alone
 * @messages: ask for each SIP message, too
 *
 * Return: 0, or a negative errno.
 */
int netlink_listen(struct netlink *nl, bool messages)
{
	/* First: otherwise the module could go unseen in between. */
	int err = genl_socket_join(&nl->sock, "nlctrl", "notify");

	if (!err)
		err = genl_socket_join(&nl->sock, SIPALG_GENL_NAME,
				       SIPALG_GROUP_EVENTS);
	if (!err && messages)
		err = genl_socket_join(&nl->sock, SIPALG_GENL_NAME,
				       SIPALG_GROUP_MESSAGES);
	return err;
}

/**
 * netlink_wait() - wait until there is something to receive
 * @nl: after netlink_listen()
 * @ms: for so many milliseconds at most
 *
 * Return: 1 if there is, 0 if the time is up, or a negative errno.
 */
int netlink_wait(struct netlink *nl, int ms)
{
	return genl_socket_wait(&nl->sock, ms);
}

struct listener {
	event_cb *cb;
	void *data;
};

static int receive_event(const struct nlmsghdr *message, void *data)
{
	const struct listener *listener = data;

	return event_parse(message, listener->cb, listener->data);
}

/**
 * netlink_message_dump() - read the latest messages of a call
 * @nl: connection to the module
 * @call: its number, 0 for all calls
 * @cb: takes each message, the oldest first
 * @data: for @cb
 *
 * Return: 0, what @cb returned, or another negative errno.
 */
int netlink_message_dump(struct netlink *nl, uint64_t call, event_cb *cb,
			 void *data)
{
	struct nlmsghdr *message = request_begin(nl, SIPALG_CMD_MESSAGE_GET);
	struct listener listener = { .cb = cb, .data = data };
	bool dump_interrupted;

	if (call)
		mnl_attr_put_u64(message, SIPALG_MESSAGE_CALL, call);
	return genl_socket_dump(&nl->sock, receive_event, &listener,
				&dump_interrupted);
}

/**
 * netlink_receive() - wait for the next event
 * @nl: after netlink_listen()
 * @cb: takes it
 * @data: for @cb
 *
 * Return: 0; -ENOBUFS if events were lost; -ENOENT if the module is not loaded
 * any more; or what @cb returned; or another negative errno.
 */
int netlink_receive(struct netlink *nl, event_cb *cb, void *data)
{
	struct listener listener = { .cb = cb, .data = data };
	int err = genl_socket_receive(&nl->sock, receive_event, &listener);

	if (err == -ENOENT)
		snprintf(nl->sock.reason, sizeof(nl->sock.reason),
			 "the module nf_sipalg is not loaded");
	return err;
}
