// SPDX-License-Identifier: GPL-2.0
/*
 * What the module tells of by itself, and the messages that it has kept.
 */
#include <errno.h>
#include <stdio.h>

#include "event.h"
#include "netlink.h"
#include "netlink_request.h"

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
	struct netlink *nl;
	event_cb *cb;
	void *data;
};

/* Of which group is it? Refusals are told to both, with their text to one. */
static bool is_of_messages(const struct event *event)
{
	return event->what == SIPALG_CMD_MESSAGE &&
	       HAS(&event->message, SIPALG_MESSAGE_TEXT);
}

/*
 * Before its first event a listener has missed nothing. Messages that the module
 * left out have numbers, too, and are told of.
 */
static uint32_t count_lost(struct netlink *nl, const struct event *event)
{
	typeof(*nl->groups) *group = &nl->groups[is_of_messages(event)];
	uint32_t gap = group->has_seq ? event->seq - group->seq - 1 : 0;
	uint32_t missed = 0;

	group->has_seq = true;
	group->seq = event->seq;
	if (is_of_messages(event) &&
	    HAS(&event->message, SIPALG_MESSAGE_MISSED))
		missed = event->message.missed;
	return gap > missed ? gap - missed : 0;
}

static int event_take(const struct event *told, void *data)
{
	const struct listener *listener = data;
	struct event event = *told;

	if (event.has_seq)
		event.lost = count_lost(listener->nl, &event);
	return listener->cb(&event, listener->data);
}

static int event_receive(const struct nlmsghdr *message, void *data)
{
	return event_parse(message, event_take, data);
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
	struct nlmsghdr *message = netlink_request(nl, SIPALG_CMD_MESSAGE_GET);
	struct listener listener = { .nl = nl, .cb = cb, .data = data };
	bool dump_interrupted;

	if (call)
		mnl_attr_put_u64(message, SIPALG_MESSAGE_CALL, call);
	return genl_socket_dump(&nl->sock, event_receive, &listener,
				&dump_interrupted);
}

/**
 * netlink_receive() - wait for the next event
 * @nl: after netlink_listen()
 * @cb: takes it
 * @data: for @cb
 *
 * Return: 0; -ENOBUFS if events were lost, whose number the next one of their
 * group has; -ENOENT if the module is not loaded any more; or what @cb returned;
 * or another negative errno.
 */
int netlink_receive(struct netlink *nl, event_cb *cb, void *data)
{
	struct listener listener = { .nl = nl, .cb = cb, .data = data };
	int err = genl_socket_receive(&nl->sock, event_receive, &listener);

	if (err == -ENOENT)
		snprintf(nl->sock.reason, sizeof(nl->sock.reason),
			 "the module nf_sipalg is not loaded");
	return err;
}
