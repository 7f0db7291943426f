// SPDX-License-Identifier: GPL-2.0
/*
 * An event that cannot be told, for want of memory or because a listener is
 * slow, is an error on the listener's socket: it then knows that something is
 * missing.
 */

#include <linux/jiffies.h>
#include <net/genetlink.h>
#include <net/netfilter/nf_conntrack_zones.h>

#include "control/event.h"
#include "main.h"
#include "control/netlink.h"

/* Room for all of a message but its text and edits. */
#define EVENT_SIZE 512

/* Room for the largest object: a call with SIPALG_DIALOG_HOLDS_MAX streams. */
#define OBJECT_SIZE 8192

/*
 * The family is registered: until then and afterwards its groups are not ours.
 */
static bool started __read_mostly;

/* Context: RCU read side, also for what is sent because of the answer. */
static bool is_heard(struct sipalg_net *sn, unsigned int group)
{
	return READ_ONCE(started) &&
	       genl_has_listeners(&sipalg_family, sn->net, group);
}

static void send(struct sipalg_net *sn, struct sk_buff *skb, unsigned int group)
{
	genlmsg_multicast_netns(&sipalg_family, sn->net, skb, 0, group,
				GFP_ATOMIC);
}

static void lose(struct sipalg_net *sn, unsigned int group)
{
	genl_set_err(&sipalg_family, sn->net, 0, group, -ENOBUFS);
}

/* Context: RCU read side. */
static void tell(struct sipalg_net *sn, enum sipalg_cmd what,
		 int (*put)(struct sk_buff *skb, void *object), void *object)
{
	struct sk_buff *skb = genlmsg_new(OBJECT_SIZE, GFP_ATOMIC);
	void *header;

	if (!skb)
		goto err;
	header = genlmsg_put(skb, 0, 0, &sipalg_family, 0, what);
	if (!header || put(skb, object))
		goto err;
	genlmsg_end(skb, header);
	send(sn, skb, SIPALG_GROUP_NR_EVENTS);
	return;
err:
	nlmsg_free(skb);
	lose(sn, SIPALG_GROUP_NR_EVENTS);
}

static int put_call(struct sk_buff *skb, void *object)
{
	return sipalg_put_dialog(skb, object);
}

static int put_binding(struct sk_buff *skb, void *object)
{
	return sipalg_put_binding(skb, object);
}

static int put_policy(struct sk_buff *skb, void *object)
{
	return sipalg_put_rule(skb, object);
}

/**
 * sipalg_event_call() - tell of a dialog
 * @dialog: the dialog, locked or dead
 * @what: SIPALG_CMD_CALL_NEW, _CHANGED or _GONE
 *
 * Context: any but hard interrupt.
 */
void sipalg_event_call(const struct sipalg_dialog *dialog, enum sipalg_cmd what)
{
	rcu_read_lock();
	if (is_heard(dialog->sn, SIPALG_GROUP_NR_EVENTS))
		tell(dialog->sn, what, put_call, (void *)dialog);
	rcu_read_unlock();
}

/**
 * sipalg_event_binding() - tell of a binding
 * @sn: the namespace
 * @binding: the binding
 * @what: SIPALG_CMD_BINDING_NEW or _GONE
 *
 * Context: any but hard interrupt; takes the binding's lock.
 */
void sipalg_event_binding(struct sipalg_net *sn, struct sipalg_binding *binding,
			  enum sipalg_cmd what)
{
	rcu_read_lock();
	if (is_heard(sn, SIPALG_GROUP_NR_EVENTS))
		tell(sn, what, put_binding, binding);
	rcu_read_unlock();
}

/**
 * sipalg_event_policy() - tell of a scope
 * @sn: the namespace
 * @rule: the scope and its mode
 * @what: SIPALG_CMD_POLICY_NEW, _GONE or _FLUSHED
 *
 * Context: process, with the policy's lock, so that events come in the order of
 * what they tell.
 */
void sipalg_event_policy(struct sipalg_net *sn, const struct sipalg_rule *rule,
			 enum sipalg_cmd what)
{
	rcu_read_lock();
	if (is_heard(sn, SIPALG_GROUP_NR_EVENTS))
		tell(sn, what, put_policy, (void *)rule);
	rcu_read_unlock();
}

/*
 * Return: may one more message be told in this second? @missed: how many before
 * it were not.
 */
static bool admit(struct sipalg_events *events, u32 *missed)
{
	bool admitted;

	spin_lock_bh(&events->lock);
	if (time_after(jiffies, events->second + HZ)) {
		events->second = jiffies;
		events->told = 0;
	}
	admitted = events->told < SIPALG_EVENT_MESSAGES_MAX;
	if (admitted) {
		events->told++;
		*missed = events->missed;
		events->missed = 0;
	} else {
		events->missed++;
	}
	spin_unlock_bh(&events->lock);
	return admitted;
}

static int put_edits(struct sk_buff *skb, const struct sip_plan *plan)
{
	u32 i;

	for (i = 0; i < plan->n_edits; i++) {
		const struct sip_edit *edit = &plan->edits[i];
		struct nlattr *nest = nla_nest_start(skb, SIPALG_MESSAGE_EDIT);

		if (!nest || nla_put_u32(skb, SIPALG_EDIT_OFFSET, edit->off) ||
		    nla_put_u32(skb, SIPALG_EDIT_LENGTH, edit->len) ||
		    nla_put(skb, SIPALG_EDIT_TEXT, edit->text_len,
			    plan->text + edit->text))
			return -EMSGSIZE;
		nla_nest_end(skb, nest);
	}
	return 0;
}

static int put_addr(struct sk_buff *skb, int attr, const struct nf_conn *ct,
		    const union nf_inet_addr *addr)
{
	return nla_put(skb, attr, nf_ct_l3num(ct) == NFPROTO_IPV4 ? 4 : 16,
		       addr);
}

static int put_message(struct sk_buff *skb,
		       const struct sipalg_event_message *message,
		       bool with_text, u32 missed)
{
	const struct nf_conntrack_tuple *tuple =
		&message->ct->tuplehash[message->dir].tuple;
	const struct nf_conn *ct = message->ct;
	int in = sipalg_in_device(message->skb);
	int out = message->skb->dev ? message->skb->dev->ifindex : 0;

	if (nla_put_u32(skb, SIPALG_MESSAGE_RESULT, message->result) ||
	    nla_put_u8(skb, SIPALG_MESSAGE_PROTO, nf_ct_protonum(ct)) ||
	    nla_put_u8(skb, SIPALG_MESSAGE_FAMILY, nf_ct_l3num(ct)) ||
	    nla_put_u16(skb, SIPALG_MESSAGE_ZONE, nf_ct_zone(ct)->id) ||
	    put_addr(skb, SIPALG_MESSAGE_SOURCE, ct, &tuple->src.u3) ||
	    nla_put_u16(skb, SIPALG_MESSAGE_SOURCE_PORT,
			ntohs(tuple->src.u.all)) ||
	    put_addr(skb, SIPALG_MESSAGE_TARGET, ct, &tuple->dst.u3) ||
	    nla_put_u16(skb, SIPALG_MESSAGE_TARGET_PORT,
			ntohs(tuple->dst.u.all)) ||
	    (in && nla_put_u32(skb, SIPALG_MESSAGE_IN, in)) ||
	    (out && nla_put_u32(skb, SIPALG_MESSAGE_OUT, out)) ||
	    (message->call &&
	     nla_put_u64_64bit(skb, SIPALG_MESSAGE_CALL, message->call,
			       SIPALG_MESSAGE_PAD)) ||
	    (missed && nla_put_u32(skb, SIPALG_MESSAGE_MISSED, missed)))
		return -EMSGSIZE;
	if (!with_text)
		return 0;
	if (nla_put(skb, SIPALG_MESSAGE_TEXT, message->text ? message->len : 0,
		    message->text))
		return -EMSGSIZE;
	return message->plan ? put_edits(skb, message->plan) : 0;
}

/* What @message takes in a netlink message at most. */
static size_t size_of(const struct sipalg_event_message *message,
		      bool with_text)
{
	size_t size = EVENT_SIZE;

	if (!with_text || !message->text)
		return size;
	size += nla_total_size(message->len);
	if (message->plan)
		size += message->plan->text_len + message->plan->n_edits *
			(nla_total_size(0) + 2 * nla_total_size(sizeof(u32)) +
			 nla_total_size(0) + NLA_ALIGNTO);
	return size;
}

static struct sk_buff *make_message(struct sipalg_net *sn, unsigned int group,
				    const struct sipalg_event_message *message,
				    bool with_text)
{
	struct sk_buff *skb;
	void *header;
	u32 missed;

	if (!admit(&sn->events, &missed))
		return NULL;
	skb = genlmsg_new(size_of(message, with_text), GFP_ATOMIC);
	if (!skb)
		goto err;
	header = genlmsg_put(skb, 0, 0, &sipalg_family, 0, SIPALG_CMD_MESSAGE);
	if (!header || put_message(skb, message, with_text, missed))
		goto err;
	genlmsg_end(skb, header);
	return skb;
err:
	nlmsg_free(skb);
	lose(sn, group);
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

/**
 * sipalg_event_wants_message() - does anybody listen for a message like this?
 * @sn: the namespace
 * @result: what it is counted as
 *
 * Context: RCU read side.
 */
bool sipalg_event_wants_message(struct sipalg_net *sn, enum sipalg_stat result)
{
	return is_heard(sn, SIPALG_GROUP_NR_MESSAGES) ||
	       (is_refusal(result) && is_heard(sn, SIPALG_GROUP_NR_EVENTS));
}

/**
 * sipalg_event_message() - prepare to tell of a message, while its text is
 * there
 * @sn: the namespace
 * @message: the message
 *
 * That a message was refused is told at once, without its text, to whoever
 * listens for events alone.
 *
 * Context: softirq or process, RCU read side.
 * Return: what sipalg_event_tell() takes; NULL if nobody listens, or too many
 * came.
 */
struct sk_buff *sipalg_event_message(struct sipalg_net *sn,
				     const struct sipalg_event_message *message)
{
	struct sk_buff *skb;

	if (is_refusal(message->result) &&
	    is_heard(sn, SIPALG_GROUP_NR_EVENTS)) {
		skb = make_message(sn, SIPALG_GROUP_NR_EVENTS, message, false);
		if (skb)
			send(sn, skb, SIPALG_GROUP_NR_EVENTS);
	}
	if (!is_heard(sn, SIPALG_GROUP_NR_MESSAGES))
		return NULL;
	return make_message(sn, SIPALG_GROUP_NR_MESSAGES, message, true);
}

/**
 * sipalg_event_tell() - tell what was prepared: it has come to pass
 * @sn: the namespace
 * @event: from sipalg_event_message() in the same RCU read side; NULL for
 *	nothing
 *
 * Context: softirq or process, RCU read side.
 */
void sipalg_event_tell(struct sipalg_net *sn, struct sk_buff *event)
{
	if (event)
		send(sn, event, SIPALG_GROUP_NR_MESSAGES);
}

void sipalg_events_init(struct sipalg_net *sn)
{
	spin_lock_init(&sn->events.lock);
	sn->events.second = jiffies;
}

/* The family is registered. */
void sipalg_event_start(void)
{
	WRITE_ONCE(started, true);
}

/* Context: process; afterwards nobody uses the family any more. */
void sipalg_event_stop(void)
{
	WRITE_ONCE(started, false);
	synchronize_rcu();
}
