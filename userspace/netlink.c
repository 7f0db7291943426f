// SPDX-License-Identifier: GPL-2.0

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "channel.h"
#include "message.h"
#include "netlink.h"

/* On a busy router hardly any long list can be read without one change. */
#define DUMP_TRIES 5

/*
 * No scope takes more of a message: four headers, a zone, a device and a mode.
 */
#define SCOPE_ROOM (4 * MNL_ATTR_HDRLEN + 4 + IFNAMSIZ + 4)

struct netlink {
	struct channel channel;
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
	err = channel_open(&(*nl)->channel, SIPALG_GENL_NAME);
	if (err) {
		netlink_close(*nl);
		*nl = NULL;
	}
	return err;
}

void netlink_close(struct netlink *nl)
{
	if (nl)
		channel_close(&nl->channel);
	free(nl);
}

/**
 * netlink_words() - why the latest call failed
 * @nl: the way to the module
 *
 * Return: the kernel's own words, or its error number's text where it said
 * none.
 */
const char *netlink_words(const struct netlink *nl)
{
	return nl->channel.words;
}

static struct nlmsghdr *request(struct netlink *nl, uint8_t command)
{
	return channel_request(&nl->channel, command, SIPALG_GENL_VERSION);
}

static void put_scope(struct nlmsghdr *message, const struct scope *scope)
{
	if (scope->has_zone)
		mnl_attr_put_u16(message, SIPALG_POLICY_ZONE, scope->zone);
	if (*scope->dev)
		mnl_attr_put_strz(message, SIPALG_POLICY_DEV, scope->dev);
}

static void put_now(struct nlmsghdr *message, bool now)
{
	if (now)
		mnl_attr_put(message, SIPALG_POLICY_NOW, 0, NULL);
}

int netlink_policy_set(struct netlink *nl, const struct scope *scope,
		       uint32_t mode, bool now)
{
	struct nlmsghdr *message = request(nl, SIPALG_CMD_POLICY_SET);

	put_scope(message, scope);
	mnl_attr_put_u32(message, SIPALG_POLICY_MODE, mode);
	put_now(message, now);
	return channel_do(&nl->channel, NULL, NULL);
}

int netlink_policy_del(struct netlink *nl, const struct scope *scope, bool now)
{
	struct nlmsghdr *message = request(nl, SIPALG_CMD_POLICY_DEL);

	put_scope(message, scope);
	put_now(message, now);
	return channel_do(&nl->channel, NULL, NULL);
}

int netlink_policy_flush(struct netlink *nl, uint32_t mode, bool now)
{
	struct nlmsghdr *message = request(nl, SIPALG_CMD_POLICY_FLUSH);

	mnl_attr_put_u32(message, SIPALG_POLICY_MODE, mode);
	put_now(message, now);
	return channel_do(&nl->channel, NULL, NULL);
}

/*
 * What the kernel says if there are more than it takes, whichever of us counts
 * them.
 */
static int too_many(struct netlink *nl)
{
	snprintf(nl->channel.words, sizeof(nl->channel.words),
		 "too many scopes");
	return -ENOSPC;
}

int netlink_policy_restore(struct netlink *nl, const struct policy *list,
			   size_t count, bool now)
{
	struct nlmsghdr *message = request(nl, SIPALG_CMD_POLICY_RESTORE);

	put_now(message, now);
	for (size_t i = 0; i < count; i++) {
		struct nlattr *nest;

		if (message->nlmsg_len + SCOPE_ROOM > CHANNEL_REQUEST_SIZE)
			return too_many(nl);
		nest = mnl_attr_nest_start(message, SIPALG_POLICY_SCOPE);
		put_scope(message, &list[i].scope);
		mnl_attr_put_u32(message, SIPALG_POLICY_MODE, list[i].mode);
		mnl_attr_nest_end(message, nest);
	}
	return channel_do(&nl->channel, NULL, NULL);
}

static void put_filter(struct nlmsghdr *message, const struct filter *filter,
		       bool of_calls)
{
	if (filter->has_id)
		mnl_attr_put_u64(message, SIPALG_CALL_ID, filter->id);
	if (*filter->label)
		mnl_attr_put_strz(message, SIPALG_CALL_LABEL, filter->label);
	if (filter->has_zone)
		mnl_attr_put_u16(message,
				 of_calls ? SIPALG_CALL_ZONE :
					    SIPALG_BINDING_ZONE,
				 filter->zone);
	if (filter->ifindex)
		mnl_attr_put_u32(message,
				 of_calls ? SIPALG_CALL_DEV :
					    SIPALG_BINDING_DEV,
				 filter->ifindex);
	if (filter->address.len)
		mnl_attr_put(message,
			     of_calls ? SIPALG_CALL_ADDRESS :
					SIPALG_BINDING_ADDRESS,
			     filter->address.len, filter->address.bytes);
}

int netlink_settings_set(struct netlink *nl, const struct settings *settings)
{
	struct nlmsghdr *message = request(nl, SIPALG_CMD_SETTING_SET);

	for (unsigned int i = 1; i <= SIPALG_SETTING_MAX; i++)
		if (settings->has[i] && i != SIPALG_SETTING_SIP_PORTS)
			mnl_attr_put_u32(message, i, settings->value[i]);
	if (settings->has[SIPALG_SETTING_SIP_PORTS])
		mnl_attr_put(message, SIPALG_SETTING_SIP_PORTS,
			     settings->n_ports * sizeof(settings->ports[0]),
			     settings->ports);
	return channel_do(&nl->channel, NULL, NULL);
}

/*
 * Where an attribute goes in the structure that a list consists of. FIELD_LIST:
 * it becomes one more item of another list, and is counted here.
 */
struct field {
	enum {
		FIELD_NONE,
		FIELD_NUMBER,
		FIELD_TEXT,
		FIELD_ADDRESS,
		FIELD_LIST
	} type;
	size_t offset, size;
};

#define FIELD(type_, object, member) {				\
	.type = type_,						\
	.offset = offsetof(struct object, member),		\
	.size = sizeof(((struct object *)NULL)->member),	\
}

static const struct field policy_fields[] = {
	[SIPALG_POLICY_MODE] = FIELD(FIELD_NUMBER, policy, mode),
	[SIPALG_POLICY_ZONE] = FIELD(FIELD_NUMBER, policy, scope.zone),
	[SIPALG_POLICY_DEV] = FIELD(FIELD_TEXT, policy, scope.dev),
	[SIPALG_POLICY_IFINDEX] = FIELD(FIELD_NUMBER, policy, ifindex),
};

static const struct field call_fields[] = {
	[SIPALG_CALL_ID] = FIELD(FIELD_NUMBER, call, id),
	[SIPALG_CALL_LABEL] = FIELD(FIELD_TEXT, call, label),
	[SIPALG_CALL_KIND] = FIELD(FIELD_NUMBER, call, kind),
	[SIPALG_CALL_STATE] = FIELD(FIELD_NUMBER, call, state),
	[SIPALG_CALL_ZONE] = FIELD(FIELD_NUMBER, call, zone),
	[SIPALG_CALL_FAMILY] = FIELD(FIELD_NUMBER, call, family),
	[SIPALG_CALL_INSIDE] = FIELD(FIELD_ADDRESS, call, inside),
	[SIPALG_CALL_PEER] = FIELD(FIELD_ADDRESS, call, peer),
	[SIPALG_CALL_AGE] = FIELD(FIELD_NUMBER, call, age),
	[SIPALG_CALL_EXPIRES] = FIELD(FIELD_NUMBER, call, expires),
	[SIPALG_CALL_BINDINGS] = FIELD(FIELD_NUMBER, call, bindings),
	[SIPALG_CALL_IN] = FIELD(FIELD_NUMBER, call, in),
	[SIPALG_CALL_OUT] = FIELD(FIELD_NUMBER, call, out),
	[SIPALG_CALL_CALLER_TAG] = FIELD(FIELD_TEXT, call, caller),
	[SIPALG_CALL_CALLEE_TAG] = FIELD(FIELD_TEXT, call, callee),
	[SIPALG_CALL_STREAM] = FIELD(FIELD_LIST, call, streams),
};

static const struct field binding_fields[] = {
	[SIPALG_BINDING_KIND] = FIELD(FIELD_NUMBER, binding, kind),
	[SIPALG_BINDING_PROTO] = FIELD(FIELD_NUMBER, binding, proto),
	[SIPALG_BINDING_FAMILY] = FIELD(FIELD_NUMBER, binding, family),
	[SIPALG_BINDING_ZONE] = FIELD(FIELD_NUMBER, binding, zone),
	[SIPALG_BINDING_INSIDE] = FIELD(FIELD_ADDRESS, binding, inside.address),
	[SIPALG_BINDING_INSIDE_PORT] =
		FIELD(FIELD_NUMBER, binding, inside.port),
	[SIPALG_BINDING_OUTSIDE] =
		FIELD(FIELD_ADDRESS, binding, outside.address),
	[SIPALG_BINDING_OUTSIDE_PORT] =
		FIELD(FIELD_NUMBER, binding, outside.port),
	[SIPALG_BINDING_USERS] = FIELD(FIELD_NUMBER, binding, users),
	[SIPALG_BINDING_FLOWS] = FIELD(FIELD_NUMBER, binding, flows),
	[SIPALG_BINDING_DEV] = FIELD(FIELD_NUMBER, binding, dev),
	[SIPALG_BINDING_OUT_PACKETS] =
		FIELD(FIELD_NUMBER, binding, out_packets),
	[SIPALG_BINDING_OUT_BYTES] = FIELD(FIELD_NUMBER, binding, out_bytes),
	[SIPALG_BINDING_IN_PACKETS] = FIELD(FIELD_NUMBER, binding, in_packets),
	[SIPALG_BINDING_IN_BYTES] = FIELD(FIELD_NUMBER, binding, in_bytes),
	[SIPALG_BINDING_STREAM] = FIELD(FIELD_TEXT, binding, stream),
	[SIPALG_BINDING_CODECS] = FIELD(FIELD_TEXT, binding, codecs),
};

static const struct field message_fields[] = {
	[SIPALG_MESSAGE_RESULT] = FIELD(FIELD_NUMBER, passage, result),
	[SIPALG_MESSAGE_PROTO] = FIELD(FIELD_NUMBER, passage, proto),
	[SIPALG_MESSAGE_FAMILY] = FIELD(FIELD_NUMBER, passage, family),
	[SIPALG_MESSAGE_ZONE] = FIELD(FIELD_NUMBER, passage, zone),
	[SIPALG_MESSAGE_SOURCE] = FIELD(FIELD_ADDRESS, passage, source.address),
	[SIPALG_MESSAGE_SOURCE_PORT] =
		FIELD(FIELD_NUMBER, passage, source.port),
	[SIPALG_MESSAGE_TARGET] = FIELD(FIELD_ADDRESS, passage, target.address),
	[SIPALG_MESSAGE_TARGET_PORT] =
		FIELD(FIELD_NUMBER, passage, target.port),
	[SIPALG_MESSAGE_IN] = FIELD(FIELD_NUMBER, passage, in),
	[SIPALG_MESSAGE_OUT] = FIELD(FIELD_NUMBER, passage, out),
	[SIPALG_MESSAGE_CALL] = FIELD(FIELD_NUMBER, passage, call),
	[SIPALG_MESSAGE_MISSED] = FIELD(FIELD_NUMBER, passage, missed),
};

/*
 * An attribute of an unexpected length is taken as not being there, one of an
 * unknown number is passed over: a newer module may talk to us.
 */

static bool get_number(const struct nlattr *attr, uint64_t *value)
{
	switch (mnl_attr_get_payload_len(attr)) {
	case sizeof(uint8_t):
		*value = mnl_attr_get_u8(attr);
		return true;
	case sizeof(uint16_t):
		*value = mnl_attr_get_u16(attr);
		return true;
	case sizeof(uint32_t):
		*value = mnl_attr_get_u32(attr);
		return true;
	case sizeof(uint64_t):
		*value = mnl_attr_get_u64(attr);
		return true;
	default:
		return false;
	}
}

static bool get_field(const struct nlattr *attr, const struct field *field,
		      char *member)
{
	const void *payload = mnl_attr_get_payload(attr);
	size_t len = mnl_attr_get_payload_len(attr);
	uint64_t number;

	switch (field->type) {
	case FIELD_NUMBER:
		if (len > field->size || !get_number(attr, &number))
			return false;
		switch (field->size) {
		case sizeof(uint8_t):
			*(uint8_t *)member = number;
			break;
		case sizeof(uint16_t):
			*(uint16_t *)member = number;
			break;
		case sizeof(uint32_t):
			*(uint32_t *)member = number;
			break;
		default:
			*(uint64_t *)member = number;
		}
		return true;
	case FIELD_TEXT:
		len = strnlen(payload, len);
		if (len >= field->size)
			return false;
		memcpy(member, payload, len);
		member[len] = '\0';
		return true;
	case FIELD_ADDRESS:
		return address_set((struct address *)member, payload, len);
	default:
		return false;
	}
}

static int stats_attr(const struct nlattr *attr, void *data)
{
	unsigned int type = mnl_attr_get_type(attr);
	struct stats *stats = data;

	if (type <= SIPALG_STATS_MAX)
		stats->has[type] = get_number(attr, &stats->value[type]);
	return MNL_CB_OK;
}

static int stats_each(const struct nlmsghdr *message, void *data)
{
	if (mnl_nlmsg_get_payload_len(message) < sizeof(struct genlmsghdr))
		return -EBADMSG;
	mnl_attr_parse(message, sizeof(struct genlmsghdr), stats_attr, data);
	return 0;
}

int netlink_stats_get(struct netlink *nl, struct stats *stats)
{
	*stats = (struct stats){};
	request(nl, SIPALG_CMD_STATS_GET);
	return channel_do(&nl->channel, stats_each, stats);
}

/* Ports have to be as many as there is room for, or they are not there. */
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
	} else if (type && type <= SIPALG_SETTING_MAX &&
		   len == sizeof(uint32_t) && get_number(attr, &number)) {
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
	request(nl, SIPALG_CMD_SETTING_GET);
	return channel_do(&nl->channel, settings_each, settings);
}

static int ended_attr(const struct nlattr *attr, void *data)
{
	uint64_t number;

	if (mnl_attr_get_type(attr) == SIPALG_CALL_ENDED &&
	    get_number(attr, &number))
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
	put_filter(request(nl, SIPALG_CMD_CALL_DEL), filter, true);
	return channel_do(&nl->channel, ended_each, ended);
}

/* A list under construction, and the structure at its end. */
struct list {
	char *items;
	size_t count, room, size;
	const struct field *fields;
	size_t n_fields;
	struct list *inner;	/* where a FIELD_LIST goes */
};

#define LIST(item, fields_) {					\
	.size = sizeof(item),					\
	.fields = fields_,					\
	.n_fields = sizeof(fields_) / sizeof(*(fields_)),	\
}

/* Every structure of a list begins with its `has`. */
static_assert(!offsetof(struct policy, has) && !offsetof(struct call, has) &&
	      !offsetof(struct binding, has) && !offsetof(struct passage, has),
	      "has comes first");
static_assert(SIPALG_POLICY_MAX < 32 && SIPALG_CALL_MAX < 32 &&
		      SIPALG_BINDING_MAX < 32 && SIPALG_MESSAGE_MAX < 32,
	      "has is wide enough");

static void set_field(char *item, const struct nlattr *attr,
		      const struct field *fields, size_t n_fields)
{
	unsigned int type = mnl_attr_get_type(attr);

	if (type < n_fields &&
	    get_field(attr, &fields[type], item + fields[type].offset))
		*(uint32_t *)item |= 1U << type;
}

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

	if (type < list->n_fields && list->fields[type].type == FIELD_LIST)
		return list_inner(attr, list->inner,
				  (size_t *)(item + list->fields[type].offset));
	set_field(item, attr, list->fields, list->n_fields);
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

static int dump(struct netlink *nl, uint8_t command,
		const struct filter *filter, struct list *list)
{
	bool torn = true;
	int err;

	for (int i = 0; torn && i < DUMP_TRIES; i++) {
		struct nlmsghdr *message = request(nl, command);

		list->count = 0;
		if (list->inner)
			list->inner->count = 0;
		if (filter)
			put_filter(message, filter,
				   command == SIPALG_CMD_CALL_GET);
		err = channel_dump(&nl->channel, list_each, list, &torn);
		if (err) {
			list_free(list);
			if (list->inner)
				list_free(list->inner);
			return err;
		}
	}
	if (torn)
		note("the list kept changing: some may be missing or told twice");
	return 0;
}

int netlink_policy_dump(struct netlink *nl, struct policy **items,
			size_t *count)
{
	struct list list = LIST(**items, policy_fields);
	int err = dump(nl, SIPALG_CMD_POLICY_GET, NULL, &list);

	*items = (struct policy *)list.items;
	*count = list.count;
	for (size_t i = 0; i < *count; i++)
		(*items)[i].scope.has_zone =
			HAS(&(*items)[i], SIPALG_POLICY_ZONE);
	return err;
}

int netlink_call_dump(struct netlink *nl, const struct filter *filter,
		      struct calls *calls)
{
	struct list streams = LIST(*calls->streams, binding_fields);
	struct list list = LIST(*calls->list, call_fields);
	int err;

	list.inner = &streams;
	err = dump(nl, SIPALG_CMD_CALL_GET, filter, &list);
	calls->list = (struct call *)list.items;
	calls->count = list.count;
	calls->streams = (struct binding *)streams.items;
	return err;
}

int netlink_binding_dump(struct netlink *nl, const struct filter *filter,
			 struct binding **items, size_t *count)
{
	struct list list = LIST(**items, binding_fields);
	int err = dump(nl, SIPALG_CMD_BINDING_GET, filter, &list);

	*items = (struct binding *)list.items;
	*count = list.count;
	return err;
}

/* An object of a known kind under construction, as events have one each. */
struct single {
	char *item;
	const struct field *fields;
	size_t n_fields;
};

#define SINGLE(item_, fields_) {				\
	.item = (char *)(item_),				\
	.fields = fields_,					\
	.n_fields = sizeof(fields_) / sizeof(*(fields_)),	\
}

static int single_attr(const struct nlattr *attr, void *data)
{
	const struct single *single = data;

	set_field(single->item, attr, single->fields, single->n_fields);
	return MNL_CB_OK;
}

static void get_edit(struct edit *edit, const struct nlattr *nest)
{
	const struct nlattr *attr;
	uint64_t number;

	*edit = (struct edit){};
	mnl_attr_for_each_nested(attr, nest) {
		switch (mnl_attr_get_type(attr)) {
		case SIPALG_EDIT_OFFSET:
			if (get_number(attr, &number))
				edit->offset = number;
			break;
		case SIPALG_EDIT_LENGTH:
			if (get_number(attr, &number))
				edit->length = number;
			break;
		case SIPALG_EDIT_TEXT:
			edit->text = mnl_attr_get_payload(attr);
			edit->text_len = mnl_attr_get_payload_len(attr);
			break;
		}
	}
}

static int get_text(struct passage *passage, const struct nlmsghdr *message)
{
	const struct nlattr *attr;
	size_t room = 0;

	mnl_attr_for_each(attr, message, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(attr) == SIPALG_MESSAGE_TEXT) {
			passage->has |= 1U << SIPALG_MESSAGE_TEXT;
			passage->text = mnl_attr_get_payload(attr);
			passage->len = mnl_attr_get_payload_len(attr);
		} else if (mnl_attr_get_type(attr) == SIPALG_MESSAGE_EDIT) {
			if (passage->n_edits == room) {
				struct edit *edits;

				room = room ? room * 2 : 32;
				edits = reallocarray(passage->edits, room,
						     sizeof(*edits));
				if (!edits)
					return -ENOMEM;
				passage->edits = edits;
			}
			get_edit(&passage->edits[passage->n_edits++], attr);
		}
	}
	return diff_valid(passage->len, passage->edits, passage->n_edits) ?
		       0 :
		       -EBADMSG;
}

struct listener {
	event_each *each;
	void *data;
};

static int event_each_message(const struct nlmsghdr *message, void *data)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(message);
	const struct listener *listener = data;
	struct event event = {};
	struct single call = SINGLE(&event.call, call_fields);
	struct single binding = SINGLE(&event.binding, binding_fields);
	struct single policy = SINGLE(&event.policy, policy_fields);
	struct single passage = SINGLE(&event.message, message_fields);
	struct single *single;
	int err;

	if (mnl_nlmsg_get_payload_len(message) < sizeof(*genl))
		return -EBADMSG;
	event.what = genl->cmd;
	switch (event.what) {
	case SIPALG_CMD_CALL_NEW:
	case SIPALG_CMD_CALL_CHANGED:
	case SIPALG_CMD_CALL_GONE:
		single = &call;
		break;
	case SIPALG_CMD_BINDING_NEW:
	case SIPALG_CMD_BINDING_GONE:
		single = &binding;
		break;
	case SIPALG_CMD_POLICY_NEW:
	case SIPALG_CMD_POLICY_GONE:
	case SIPALG_CMD_POLICY_FLUSHED:
		single = &policy;
		break;
	case SIPALG_CMD_MESSAGE:
		single = &passage;
		break;
	default:
		return 0;
	}
	mnl_attr_parse(message, sizeof(*genl), single_attr, single);
	event.policy.scope.has_zone = HAS(&event.policy, SIPALG_POLICY_ZONE);
	err = single == &passage ? get_text(&event.message, message) : 0;
	if (!err)
		err = listener->each(&event, listener->data);
	free(event.message.edits);
	return err;
}

/**
 * netlink_listen() - be told what happens
 * @nl: the way to the module, which then is for netlink_receive() alone
 * @messages: of each SIP message, too
 *
 * Return: 0, or a negative errno.
 */
int netlink_listen(struct netlink *nl, bool messages)
{
	/* First, so that the module cannot go unseen between two of them. */
	int err = channel_join(&nl->channel, "nlctrl", "notify");

	if (!err)
		err = channel_join(&nl->channel, SIPALG_GENL_NAME,
				   SIPALG_GROUP_EVENTS);
	if (!err && messages)
		err = channel_join(&nl->channel, SIPALG_GENL_NAME,
				   SIPALG_GROUP_MESSAGES);
	return err;
}

/**
 * netlink_receive() - wait for the next event
 * @nl: after netlink_listen()
 * @each: takes it
 * @data: for @each
 *
 * Return: 0; -ENOBUFS if events were lost; -ENOENT if the module is not loaded
 * any more; or what @each returned; or another negative errno.
 */
int netlink_receive(struct netlink *nl, event_each *each, void *data)
{
	struct listener listener = { .each = each, .data = data };
	int err = channel_receive(&nl->channel, event_each_message, &listener);

	if (err == -ENOENT)
		snprintf(nl->channel.words, sizeof(nl->channel.words),
			 "the module nf_sipalg is not loaded");
	return err;
}
