// SPDX-License-Identifier: GPL-2.0
/*
 * The lists of the module.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "attrs.h"
#include "netlink.h"
#include "netlink_request.h"
#include "report.h"

/* On a busy router most long lists change while they are read. */
#define DUMP_TRIES 5
#define LIST_CHANGED \
	"the list kept changing: some may be missing or told twice"
/* Calls that are handed over at a time. */
#define CALLS_PAGE 512

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
		struct nlmsghdr *message = netlink_request(nl, command);

		list->count = 0;
		if (filter)
			netlink_put_filter(message, filter, false);
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

	netlink_put_filter(netlink_request(nl, SIPALG_CMD_CALL_GET), filter,
			   true);
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

int netlink_binding_dump(struct netlink *nl, const struct filter *filter,
			 struct binding **items, size_t *count)
{
	struct list list = { .size = sizeof(**items), .attrs = &binding_attrs };
	int err = list_dump(nl, SIPALG_CMD_BINDING_GET, filter, &list);

	*items = (struct binding *)list.items;
	*count = list.count;
	return err;
}
