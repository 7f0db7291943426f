// SPDX-License-Identifier: GPL-2.0
/*
 * A route that changes may lead what a phone sends to another uplink. Then the
 * flows that the far end has begun are looked at soon (table/reap). Without
 * this they are looked at every two seconds.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <net/fib_notifier.h>

#include "hook/fib.h"
#include "table/reap.h"

/* Before it is in force, a change is told of; often it is one of several. */
#define SETTLE_JIFFIES	max(HZ / 50, 1)
/* Where routes change all the time, a look at all bindings costs too much. */
#define PAUSE_JIFFIES	(HZ / 2)
/* Seconds until the kernel is asked again that has refused; then twice that. */
#define RETRY_SECS	15
/* More than an hour in all. */
#define RETRIES_MAX	8

/* The kernel refuses where routes change while it lists them. */
static void start_notifier(struct sipalg_net *sn)
{
	lockdep_assert_held(&sn->hooks.lock);
	if (!register_fib_notifier(sn->net, &sn->fib.notifier, NULL, NULL)) {
		WRITE_ONCE(sn->fib.started, true);
	} else if (sn->fib.retries < RETRIES_MAX) {
		mod_delayed_work(system_power_efficient_wq, &sn->fib.work,
				 (RETRY_SECS * HZ) << sn->fib.retries++);
	} else {
		pr_warn("routes change too often to be told of: flows follow them later\n");
	}
}

static void retry_start(struct sipalg_net *sn)
{
	mutex_lock(&sn->hooks.lock);
	if (sn->hooks.active && !sn->fib.started)
		start_notifier(sn);
	mutex_unlock(&sn->hooks.lock);
}

static void look_at_flows(struct work_struct *work)
{
	struct sipalg_net *sn =
		container_of(work, struct sipalg_net, fib.work.work);

	if (!READ_ONCE(sn->fib.started)) {
		retry_start(sn);
		return;
	}
	WRITE_ONCE(sn->fib.last, jiffies);
	if (atomic_read(&sn->bindings.count))
		sipalg_reap_hasten(sn);
	/* The latest change of several may not be in force yet. */
	if (time_before(jiffies, READ_ONCE(sn->fib.told) + SETTLE_JIFFIES))
		queue_delayed_work(system_power_efficient_wq, &sn->fib.work,
				   PAUSE_JIFFIES);
}

static int follow_fib(struct notifier_block *nb, unsigned long event, void *ptr)
{
	struct sipalg_net *sn =
		container_of(nb, struct sipalg_net, fib.notifier);
	unsigned long due = READ_ONCE(sn->fib.last) + PAUSE_JIFFIES;
	unsigned long soon = jiffies + SETTLE_JIFFIES;

	if (!READ_ONCE(sn->fib.started) || !atomic_read(&sn->bindings.count))
		return NOTIFY_DONE;
	WRITE_ONCE(sn->fib.told, jiffies);
	if (time_before(due, soon) || time_after(due, soon + PAUSE_JIFFIES))
		due = soon;
	queue_delayed_work(system_power_efficient_wq, &sn->fib.work,
			   due - jiffies);
	return NOTIFY_DONE;
}

/**
 * sipalg_fib_start() - be told when a route changes
 * @sn: the namespace, with the lock of its hooks
 *
 * This lasts until the namespace ends, as the end of it takes a grace period.
 * Where the kernel refuses, it is asked again for about an hour.
 *
 * Context: process; takes the RTNL.
 */
void sipalg_fib_start(struct sipalg_net *sn)
{
	lockdep_assert_held(&sn->hooks.lock);
	if (sn->fib.started)
		return;
	sn->fib.retries = 0;
	start_notifier(sn);
}

int sipalg_fib_net_init(struct sipalg_net *sn)
{
	sn->fib.notifier.notifier_call = follow_fib;
	INIT_DELAYED_WORK(&sn->fib.work, look_at_flows);
	return 0;
}

void sipalg_fib_net_exit(struct sipalg_net *sn)
{
	/* It might start the notifier, which might queue it. */
	cancel_delayed_work_sync(&sn->fib.work);
	if (sn->fib.started)
		unregister_fib_notifier(sn->net, &sn->fib.notifier);
	cancel_delayed_work_sync(&sn->fib.work);
}
