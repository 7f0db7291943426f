// SPDX-License-Identifier: GPL-2.0

#include "state/notify.h"

static const struct sipalg_notifier __rcu *registered __read_mostly;

/**
 * sipalg_notify_call() - tell of a dialog
 * @dialog: the dialog, locked or dead
 * @what: SIPALG_CMD_CALL_NEW, _CHANGED or _GONE
 *
 * Context: any but hard interrupt.
 */
void sipalg_notify_call(const struct sipalg_dialog *dialog,
			enum sipalg_cmd what)
{
	const struct sipalg_notifier *notifier;

	rcu_read_lock();
	notifier = rcu_dereference(registered);
	if (notifier)
		notifier->call(dialog, what);
	rcu_read_unlock();
}

/**
 * sipalg_notify_binding() - tell of a binding
 * @sn: the namespace
 * @binding: the binding, not locked
 * @what: SIPALG_CMD_BINDING_NEW or _GONE
 *
 * Context: any but hard interrupt.
 */
void sipalg_notify_binding(struct sipalg_net *sn,
			   struct sipalg_binding *binding, enum sipalg_cmd what)
{
	const struct sipalg_notifier *notifier;

	rcu_read_lock();
	notifier = rcu_dereference(registered);
	if (notifier)
		notifier->binding(sn, binding, what);
	rcu_read_unlock();
}

/**
 * sipalg_notify_policy() - tell of a scope
 * @sn: the namespace
 * @rule: the scope and its mode
 * @what: SIPALG_CMD_POLICY_NEW, _GONE or _FLUSHED
 *
 * Context: process, with the policy's lock.
 */
void sipalg_notify_policy(struct sipalg_net *sn, const struct sipalg_rule *rule,
			  enum sipalg_cmd what)
{
	const struct sipalg_notifier *notifier;

	rcu_read_lock();
	notifier = rcu_dereference(registered);
	if (notifier)
		notifier->policy(sn, rule, what);
	rcu_read_unlock();
}

/**
 * sipalg_notify_message() - tell of a message, while its text is there
 * @sn: the namespace
 * @report: what becomes of it
 *
 * Context: softirq or process, RCU read side.
 * Return: an argument for sipalg_notify_message_done() in the same RCU read
 * side; or NULL.
 */
struct sk_buff *sipalg_notify_message(struct sipalg_net *sn,
				      const struct sipalg_report *report)
{
	const struct sipalg_notifier *notifier = rcu_dereference(registered);

	return notifier ? notifier->message(sn, report) : NULL;
}

/**
 * sipalg_notify_message_done() - the message has gone as it was told
 * @sn: the namespace
 * @event: from sipalg_notify_message(); NULL for nothing
 *
 * Context: softirq or process, RCU read side.
 */
void sipalg_notify_message_done(struct sipalg_net *sn, struct sk_buff *event)
{
	const struct sipalg_notifier *notifier = rcu_dereference(registered);

	if (!event)
		return;
	if (notifier)
		notifier->message_done(sn, event);
	else
		kfree_skb(event);
}

/**
 * sipalg_notifier_register() - say who is told from now on
 * @notifier: the notifier; there is only one at a time
 *
 * Context: process.
 */
void sipalg_notifier_register(const struct sipalg_notifier *notifier)
{
	rcu_assign_pointer(registered, notifier);
}

/**
 * sipalg_notifier_unregister() - nobody is told any more
 *
 * Context: process; afterwards no call of the notifier is under way.
 */
void sipalg_notifier_unregister(void)
{
	RCU_INIT_POINTER(registered, NULL);
	synchronize_rcu();
}
