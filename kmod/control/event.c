// SPDX-License-Identifier: GPL-2.0
/*
 * An event that cannot be sent, for want of memory or because a listener is
 * slow, is an error on the listener's socket. So the listener knows that it
 * missed something, and the number of the next event tells how much.
 */

#include <linux/jiffies.h>

#include "control/encode.h"
#include "control/event.h"
#include "control/family.h"
#include "control/trace.h"
#include "state/notify.h"
#include "state/recent.h"

/* Messages that are told in a second. */
#define MESSAGES_MAX 1000

/* Context: RCU read side, also for what is sent because of the answer. */
static bool has_listeners(struct sipalg_net *sn, enum sipalg_group group)
{
	return genl_has_listeners(&sipalg_family, sn->net, group);
}

static void lose_event(struct sipalg_net *sn, enum sipalg_group group)
{
	struct sipalg_events *events = &sn->events;

	spin_lock_bh(&events->lock);
	events->seq[group]++;
	spin_unlock_bh(&events->lock);
	genl_set_err(&sipalg_family, sn->net, 0, group, -ENOBUFS);
}

/*
 * Return: 0 or -EMSGSIZE. @attr: of the number; a message also tells how many
 * were left out before it
 */
static int put_number(struct sk_buff *skb, struct sipalg_events *events,
		      enum sipalg_group group, int attr)
{
	u32 missed = events->missed[group];
	int err = nla_put_u32(skb, attr, events->seq[group] + 1);

	if (err || attr != SIPALG_MESSAGE_SEQ || !missed)
		return err;
	err = nla_put_u32(skb, SIPALG_MESSAGE_MISSED, missed);
	if (!err)
		events->missed[group] = 0;
	return err;
}

/*
 * Numbers an event that is otherwise complete, and sends it. Under the lock,
 * events leave in the order of their numbers. @attr: of the number
 */
static void send_event(struct sipalg_net *sn, struct sk_buff *skb,
		       enum sipalg_group group, int attr)
{
	struct sipalg_events *events = &sn->events;

	spin_lock_bh(&events->lock);
	if (put_number(skb, events, group, attr)) {
		spin_unlock_bh(&events->lock);
		nlmsg_free(skb);
		lose_event(sn, group);
		return;
	}
	events->seq[group]++;
	nlmsg_end(skb, nlmsg_hdr(skb));
	genlmsg_multicast_netns(&sipalg_family, sn->net, skb, 0, group,
				GFP_ATOMIC);
	spin_unlock_bh(&events->lock);
}

static struct sk_buff *begin_event(size_t size, enum sipalg_cmd what)
{
	struct sk_buff *skb = genlmsg_new(size + nla_total_size(sizeof(u32)),
					  GFP_ATOMIC);

	if (!skb)
		return NULL;
	if (genlmsg_put(skb, 0, 0, &sipalg_family, 0, what))
		return skb;
	nlmsg_free(skb);
	return NULL;
}

/* Sends an event whose attributes have been put, unless they did not fit. */
static void finish_event(struct sipalg_net *sn, struct sk_buff *skb, int attr,
			 int err)
{
	if (err) {
		nlmsg_free(skb);
		lose_event(sn, SIPALG_GROUP_NR_EVENTS);
		return;
	}
	send_event(sn, skb, SIPALG_GROUP_NR_EVENTS, attr);
}

static struct sk_buff *begin_object(struct sipalg_net *sn, enum sipalg_cmd what)
{
	struct sk_buff *skb;

	if (!has_listeners(sn, SIPALG_GROUP_NR_EVENTS))
		return NULL;
	skb = begin_event(SIPALG_OBJECT_SIZE, what);
	if (!skb)
		lose_event(sn, SIPALG_GROUP_NR_EVENTS);
	return skb;
}

static void notify_call(const struct sipalg_dialog *dialog,
			enum sipalg_cmd what)
{
	struct sipalg_net *sn = dialog->sn;
	struct sk_buff *skb;

	if (what != SIPALG_CMD_CALL_CHANGED)
		trace_sipalg_dialog(sn->net, dialog,
				    what == SIPALG_CMD_CALL_NEW);
	skb = begin_object(sn, what);
	if (skb)
		finish_event(sn, skb, SIPALG_CALL_SEQ,
			     sipalg_encode_dialog(skb, dialog));
}

static void notify_binding(struct sipalg_net *sn,
			   struct sipalg_binding *binding, enum sipalg_cmd what)
{
	struct sk_buff *skb;

	trace_sipalg_binding(sn->net, binding,
			     what == SIPALG_CMD_BINDING_NEW);
	skb = begin_object(sn, what);
	if (skb)
		finish_event(sn, skb, SIPALG_BINDING_SEQ,
			     sipalg_encode_binding(skb, binding));
}

static void notify_policy(struct sipalg_net *sn, const struct sipalg_rule *rule,
			  enum sipalg_cmd what)
{
	struct sk_buff *skb;

	skb = begin_object(sn, what);
	if (skb)
		finish_event(sn, skb, SIPALG_POLICY_SEQ,
			     sipalg_encode_rule(skb, rule));
}

/*
 * Return: may one more message be told in this second? One that is left out has
 * a number where the group is for messages alone, as the event that tells of it
 * may be lost, too.
 */
static bool admit_message(struct sipalg_events *events, enum sipalg_group group)
{
	bool admitted;

	spin_lock_bh(&events->lock);
	if (time_after(jiffies, events->second + HZ)) {
		events->second = jiffies;
		events->sent = 0;
	}
	admitted = events->sent < MESSAGES_MAX;
	if (admitted) {
		events->sent++;
	} else {
		events->missed[group]++;
		if (group == SIPALG_GROUP_NR_MESSAGES)
			events->seq[group]++;
	}
	spin_unlock_bh(&events->lock);
	return admitted;
}

static struct sk_buff *make_message(struct sipalg_net *sn,
				    enum sipalg_group group,
				    const struct sipalg_report *report,
				    bool with_text)
{
	size_t size = sipalg_encode_report_size(report, with_text);
	struct sk_buff *skb;

	if (!admit_message(&sn->events, group))
		return NULL;
	skb = begin_event(size, SIPALG_CMD_MESSAGE);
	if (!skb)
		goto err;
	if (sipalg_encode_report(skb, report, with_text))
		goto err_free;
	return skb;

err_free:
	nlmsg_free(skb);
err:
	lose_event(sn, group);
	return NULL;
}

static bool is_refusal(enum sipalg_stat result)
{
	switch (result) {
	case SIPALG_STAT_CHANGED:
	case SIPALG_STAT_UNCHANGED:
	case SIPALG_STAT_OBSERVED:
		return false;
	default:
		return true;
	}
}

/*
 * A listener for events alone is told of refused messages, at once and without
 * their text.
 */
static struct sk_buff *notify_message(struct sipalg_net *sn,
				      const struct sipalg_report *report)
{
	struct sk_buff *skb;

	trace_sipalg_message(report);
	if (is_refusal(report->result) &&
	    has_listeners(sn, SIPALG_GROUP_NR_EVENTS)) {
		skb = make_message(sn, SIPALG_GROUP_NR_EVENTS, report, false);
		if (skb)
			send_event(sn, skb, SIPALG_GROUP_NR_EVENTS,
				   SIPALG_MESSAGE_SEQ);
	}
	if (!has_listeners(sn, SIPALG_GROUP_NR_MESSAGES) &&
	    !sipalg_recent_has_room(sn))
		return NULL;
	return make_message(sn, SIPALG_GROUP_NR_MESSAGES, report, true);
}

static void notify_message_done(struct sipalg_net *sn, struct sk_buff *event)
{
	u32 headers = NLMSG_HDRLEN + GENL_HDRLEN;

	sipalg_recent_keep(sn, event->data + headers, event->len - headers);
	send_event(sn, event, SIPALG_GROUP_NR_MESSAGES, SIPALG_MESSAGE_SEQ);
}

static const struct sipalg_notifier notifier = {
	.call = notify_call,
	.binding = notify_binding,
	.policy = notify_policy,
	.message = notify_message,
	.message_done = notify_message_done,
};

int sipalg_event_net_init(struct sipalg_net *sn)
{
	spin_lock_init(&sn->events.lock);
	sn->events.second = jiffies;
	return 0;
}

/* The family is registered. */
void sipalg_event_start(void)
{
	sipalg_notifier_register(&notifier);
}

/* Context: process; afterwards nobody uses the family any more. */
void sipalg_event_stop(void)
{
	sipalg_notifier_unregister();
}
