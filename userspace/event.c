// SPDX-License-Identifier: GPL-2.0

#include <errno.h>
#include <linux/genetlink.h>
#include <stdlib.h>
#include <string.h>

#include "attrs.h"
#include "event.h"
#include "objects.h"

/* An object under construction, its members, and the number of the event. */
struct single {
	void *object;
	const struct attr_table *attrs;
	uint16_t seq_attr;
};

static int single_attr(const struct nlattr *attr, void *data)
{
	const struct single *single = data;

	attr_store(single->object, attr, single->attrs);
	return MNL_CB_OK;
}

/* Return: whether there is such an event. */
static bool single_find(struct single *single, struct event *event)
{
	switch (event->what) {
	case SIPALG_CMD_CALL_NEW:
	case SIPALG_CMD_CALL_CHANGED:
	case SIPALG_CMD_CALL_GONE:
		*single = (struct single){ &event->call, &call_attrs,
					   SIPALG_CALL_SEQ };
		return true;
	case SIPALG_CMD_BINDING_NEW:
	case SIPALG_CMD_BINDING_GONE:
		*single = (struct single){ &event->binding, &binding_attrs,
					   SIPALG_BINDING_SEQ };
		return true;
	case SIPALG_CMD_POLICY_NEW:
	case SIPALG_CMD_POLICY_GONE:
	case SIPALG_CMD_POLICY_FLUSHED:
		*single = (struct single){ &event->policy, &policy_attrs,
					   SIPALG_POLICY_SEQ };
		return true;
	case SIPALG_CMD_MESSAGE:
	case SIPALG_CMD_MESSAGE_GET:
		*single = (struct single){ &event->message, &message_attrs,
					   SIPALG_MESSAGE_SEQ };
		return true;
	default:
		return false;
	}
}

static void seq_parse(struct event *event, const struct nlmsghdr *message,
		      uint16_t type)
{
	const struct nlattr *attr;
	uint64_t number;

	mnl_attr_for_each(attr, message, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(attr) != type ||
		    !attr_number(attr, &number))
			continue;
		event->has_seq = true;
		event->seq = number;
	}
}

static int streams_parse(struct event *event, const struct nlmsghdr *message)
{
	struct call *call = &event->call;
	const struct nlattr *attr;

	mnl_attr_for_each(attr, message, sizeof(struct genlmsghdr)) {
		struct single single = { .attrs = &binding_attrs };
		struct binding *streams;

		if (mnl_attr_get_type(attr) != SIPALG_CALL_STREAM)
			continue;
		streams = reallocarray(event->streams, call->streams + 1,
				       sizeof(*streams));
		if (!streams)
			return -ENOMEM;
		event->streams = streams;
		single.object = &streams[call->streams++];
		memset(single.object, 0, sizeof(*streams));
		mnl_attr_parse_nested(attr, single_attr, &single);
	}
	return 0;
}

static void edit_parse(struct edit *edit, const struct nlattr *nest)
{
	const struct nlattr *attr;
	uint64_t number;

	*edit = (struct edit){};
	mnl_attr_for_each_nested(attr, nest) {
		switch (mnl_attr_get_type(attr)) {
		case SIPALG_EDIT_OFFSET:
			if (attr_number(attr, &number))
				edit->offset = number;
			break;
		case SIPALG_EDIT_LENGTH:
			if (attr_number(attr, &number))
				edit->length = number;
			break;
		case SIPALG_EDIT_TEXT:
			edit->text = mnl_attr_get_payload(attr);
			edit->text_len = mnl_attr_get_payload_len(attr);
			break;
		}
	}
}

static int text_parse(struct sip_message *sip, const struct nlmsghdr *message)
{
	const struct nlattr *attr;
	size_t room = 0;

	mnl_attr_for_each(attr, message, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(attr) == SIPALG_MESSAGE_TEXT) {
			sip->has |= 1U << SIPALG_MESSAGE_TEXT;
			sip->text = mnl_attr_get_payload(attr);
			sip->len = mnl_attr_get_payload_len(attr);
		} else if (mnl_attr_get_type(attr) == SIPALG_MESSAGE_EDIT) {
			if (sip->n_edits == room) {
				struct edit *edits;

				room = room ? room * 2 : 32;
				edits = reallocarray(sip->edits, room,
						     sizeof(*edits));
				if (!edits)
					return -ENOMEM;
				sip->edits = edits;
			}
			edit_parse(&sip->edits[sip->n_edits++], attr);
		}
	}
	if (!diff_valid(sip->len, sip->edits, sip->n_edits))
		return -EBADMSG;
	return 0;
}

/**
 * event_parse() - read a notification of the module
 * @message: the notification
 * @cb: takes the event; one that is not known here is passed over
 * @data: for @cb
 *
 * Return: what @cb returned, or a negative errno.
 */
int event_parse(const struct nlmsghdr *message, event_cb *cb, void *data)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(message);
	struct event event = {};
	struct single single;
	int err = 0;

	if (mnl_nlmsg_get_payload_len(message) < sizeof(*genl))
		return -EBADMSG;
	event.what = genl->cmd;
	if (!single_find(&single, &event))
		return 0;
	mnl_attr_parse(message, sizeof(*genl), single_attr, &single);
	seq_parse(&event, message, single.seq_attr);
	event.policy.scope.has_zone = HAS(&event.policy, SIPALG_POLICY_ZONE);
	if (single.object == &event.message)
		err = text_parse(&event.message, message);
	else if (event.call.has)
		err = streams_parse(&event, message);
	if (!err)
		err = cb(&event, data);
	free(event.message.edits);
	free(event.streams);
	return err;
}
