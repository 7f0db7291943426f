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

/* No scope takes more of a message: four headers, a zone, a device and a mode. */
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
 * Return: the kernel's own words, or its error number's text where it said none.
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

int netlink_policy_set(struct netlink *nl, const struct scope *scope, uint32_t mode, bool now)
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

/* What the kernel says if there are more than it takes, whichever of us counts them. */
static int too_many(struct netlink *nl)
{
	snprintf(nl->channel.words, sizeof(nl->channel.words), "too many scopes");
	return -ENOSPC;
}

int netlink_policy_restore(struct netlink *nl, const struct policy *list, size_t count)
{
	struct nlmsghdr *message = request(nl, SIPALG_CMD_POLICY_RESTORE);

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

/* Where an attribute goes in the structure that a list consists of. */
struct field {
	enum { FIELD_NONE, FIELD_NUMBER, FIELD_TEXT, FIELD_ADDRESS } type;
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
};

static const struct field binding_fields[] = {
	[SIPALG_BINDING_KIND] = FIELD(FIELD_NUMBER, binding, kind),
	[SIPALG_BINDING_PROTO] = FIELD(FIELD_NUMBER, binding, proto),
	[SIPALG_BINDING_FAMILY] = FIELD(FIELD_NUMBER, binding, family),
	[SIPALG_BINDING_ZONE] = FIELD(FIELD_NUMBER, binding, zone),
	[SIPALG_BINDING_INSIDE] = FIELD(FIELD_ADDRESS, binding, inside.address),
	[SIPALG_BINDING_INSIDE_PORT] = FIELD(FIELD_NUMBER, binding, inside.port),
	[SIPALG_BINDING_OUTSIDE] = FIELD(FIELD_ADDRESS, binding, outside.address),
	[SIPALG_BINDING_OUTSIDE_PORT] = FIELD(FIELD_NUMBER, binding, outside.port),
	[SIPALG_BINDING_USERS] = FIELD(FIELD_NUMBER, binding, users),
	[SIPALG_BINDING_FLOWS] = FIELD(FIELD_NUMBER, binding, flows),
};

/*
 * An attribute of an unexpected length is taken as not being there, one of an unknown
 * number is passed over: a newer module may talk to us.
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

static bool get_field(const struct nlattr *attr, const struct field *field, char *member)
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

/* A list under construction, and the structure at its end. */
struct list {
	char *items;
	size_t count, room, size;
	const struct field *fields;
	size_t n_fields;
};

#define LIST(item, fields_) {					\
	.size = sizeof(item),					\
	.fields = fields_,					\
	.n_fields = sizeof(fields_) / sizeof(*(fields_)),	\
}

/* Every structure of a list begins with its `has`. */
static_assert(!offsetof(struct policy, has) && !offsetof(struct call, has) &&
	      !offsetof(struct binding, has), "has comes first");
static_assert(SIPALG_POLICY_MAX < 32 && SIPALG_CALL_MAX < 32 && SIPALG_BINDING_MAX < 32,
	      "has is wide enough");

static int list_attr(const struct nlattr *attr, void *data)
{
	unsigned int type = mnl_attr_get_type(attr);
	struct list *list = data;
	char *item = list->items + (list->count - 1) * list->size;
	const struct field *field;

	if (type >= list->n_fields)
		return MNL_CB_OK;
	field = &list->fields[type];
	if (get_field(attr, field, item + field->offset))
		*(uint32_t *)item |= 1U << type;
	return MNL_CB_OK;
}

static int list_each(const struct nlmsghdr *message, void *data)
{
	struct list *list = data;

	if (mnl_nlmsg_get_payload_len(message) < sizeof(struct genlmsghdr))
		return -EBADMSG;
	if (list->count == list->room) {
		size_t room = list->room ? list->room * 2 : 64;
		char *items = reallocarray(list->items, room, list->size);

		if (!items)
			return -ENOMEM;
		list->items = items;
		list->room = room;
	}
	memset(list->items + list->count++ * list->size, 0, list->size);
	mnl_attr_parse(message, sizeof(struct genlmsghdr), list_attr, list);
	return 0;
}

static int dump(struct netlink *nl, uint8_t command, struct list *list)
{
	bool torn = true;
	int err;

	for (int i = 0; torn && i < DUMP_TRIES; i++) {
		list->count = 0;
		request(nl, command);
		err = channel_dump(&nl->channel, list_each, list, &torn);
		if (err) {
			free(list->items);
			list->items = NULL;
			list->count = 0;
			return err;
		}
	}
	if (torn)
		note("the list kept changing: some may be missing or told twice");
	return 0;
}

int netlink_policy_dump(struct netlink *nl, struct policy **items, size_t *count)
{
	struct list list = LIST(**items, policy_fields);
	int err = dump(nl, SIPALG_CMD_POLICY_GET, &list);

	*items = (struct policy *)list.items;
	*count = list.count;
	for (size_t i = 0; i < *count; i++)
		(*items)[i].scope.has_zone = HAS(&(*items)[i], SIPALG_POLICY_ZONE);
	return err;
}

int netlink_call_dump(struct netlink *nl, struct call **items, size_t *count)
{
	struct list list = LIST(**items, call_fields);
	int err = dump(nl, SIPALG_CMD_CALL_GET, &list);

	*items = (struct call *)list.items;
	*count = list.count;
	return err;
}

int netlink_binding_dump(struct netlink *nl, struct binding **items, size_t *count)
{
	struct list list = LIST(**items, binding_fields);
	int err = dump(nl, SIPALG_CMD_BINDING_GET, &list);

	*items = (struct binding *)list.items;
	*count = list.count;
	return err;
}
