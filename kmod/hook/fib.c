// SPDX-License-Identifier: GPL-2.0
/*
 * A route that changes may lead what a phone sends to another uplink. Then the
 * flows that the far end has begun are looked at soon (table/reap). Without
 * this they are looked at every two seconds.
 */

#include <net/fib_notifier.h>

#include "hook/fib.h"
#include "table/reap.h"

/* Before it is in force, a change is told of; often it is one of several. */
#define SETTLE_JIFFIES	max(HZ / 50, 1)
/* Where routes change all the time, a look at all bindings costs too much. */
#define PAUSE_JIFFIES	(HZ / 2)

static void look_at_flows(struct work_struct *work)
{
	struct sipalg_net *sn =
		container_of(work, struct sipalg_net, fib.work.work);

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

	if (!atomic_read(&sn->bindings.count))
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
 * Where routes change all the time, the kernel may refuse.
 *
 * Context: process; takes the RTNL.
 */
void sipalg_fib_start(struct sipalg_net *sn)
{
	lockdep_assert_held(&sn->hooks.lock);
	if (!sn->fib.started)
		sn->fib.started = !register_fib_notifier(sn->net,
							 &sn->fib.notifier,
							 NULL, NULL);
}

int sipalg_fib_net_init(struct sipalg_net *sn)
{
	sn->fib.notifier.notifier_call = follow_fib;
	INIT_DELAYED_WORK(&sn->fib.work, look_at_flows);
	return 0;
}

void sipalg_fib_net_exit(struct sipalg_net *sn)
{
	if (sn->fib.started)
		unregister_fib_notifier(sn->net, &sn->fib.notifier);
	cancel_delayed_work_sync(&sn->fib.work);
}
