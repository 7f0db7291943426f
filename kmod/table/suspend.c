// SPDX-License-Identifier: GPL-2.0
/*
 * A scope that goes suspends the dialog, whose own timer ends it. An address
 * that goes suspends bindings: a dialog may have others at another address. The
 * bindings follow the state of their address without being touched, so that an
 * address that comes and goes costs nothing; a walk through all dialogs ends
 * what has waited for too long.
 */

#include "state/settings.h"
#include "state/stats.h"
#include "table/outside.h"
#include "table/pinhole.h"
#include "table/suspend.h"

/**
 * sipalg_suspend_dialog() - no scope that is on covers a dialog any more
 * @dialog: locked by the caller; no call, which is finished properly
 *
 * Context: any but hard interrupt; takes the bindings' locks.
 */
void sipalg_suspend_dialog(struct sipalg_dialog *dialog)
{
	lockdep_assert_held(&dialog->lock);
	if (dialog->suspended)
		return;
	dialog->suspended =
		(u32)jiffies + sipalg_dialog_timeout(dialog, SUSPEND) * HZ ?: 1;
	sipalg_lease_suspend(&dialog->leases);
	sipalg_dialog_expire_leases(dialog);
}

/**
 * sipalg_suspend_resume() - a scope that is on covers a dialog
 * @dialog: locked by the caller; suspended or not
 *
 * Context: any.
 */
void sipalg_suspend_resume(struct sipalg_dialog *dialog)
{
	lockdep_assert_held(&dialog->lock);
	if (!dialog->suspended)
		return;
	dialog->suspended = 0;
	sipalg_lease_resume(&dialog->leases);
}

/*
 * Ends the flows of bindings at an address that is lost, and the bindings if it
 * is lost for too long: a registration may have been renewed from another
 * address meanwhile.
 *
 * Return: whether the dialog has lost all it had.
 */
static bool follow_addresses(struct sipalg_dialog *dialog, const void *data)
{
	struct sipalg_leases *leases = &dialog->leases;
	unsigned int *suspended = *(unsigned int *const *)data;
	unsigned int i = leases->n, n = i;

	while (i--) {
		struct sipalg_binding *binding =
			sipalg_lease_at(leases, i)->binding;

		if (!sipalg_outside_is_lost(binding->address))
			continue;
		++*suspended;
		sipalg_pinhole_kill_flows(binding);
		if (!sipalg_outside_is_over(binding->address))
			continue;
		sipalg_stats_inc(dialog->sn, SIPALG_STAT_ADDRESS_GONE);
		sipalg_lease_release(dialog->sn, leases, i);
	}
	return n && !leases->n;
}

/**
 * sipalg_suspend_addresses() - outside addresses are lost, or are so for long
 * @sn: the namespace
 *
 * One walk sees to all addresses.
 *
 * Context: process.
 * Return: number of leases whose binding is at an address that is lost.
 */
unsigned int sipalg_suspend_addresses(struct sipalg_net *sn)
{
	unsigned int suspended = 0, *data = &suspended;

	sipalg_dialog_end_matching(sn, SIPALG_CALL_CAUSE_ADDRESS_GONE,
				   follow_addresses, &data);
	return suspended;
}

/* When the last of its bindings ends with its address; 0 if one does not. */
static unsigned long loss_of(const struct sipalg_leases *leases)
{
	const struct sipalg_lease *lease;
	unsigned long last = 0;

	sipalg_lease_for_each(lease, leases) {
		const struct sipalg_outside *address = lease->binding->address;
		unsigned long until = address ? READ_ONCE(address->until) : 0;

		if (!until)
			return 0;
		if (!last || time_after(until, last))
			last = until;
	}
	return last;
}

/**
 * sipalg_suspend_deadline() - when does a dialog end by itself?
 * @dialog: locked or dead
 *
 * Context: RCU read side.
 * Return: jiffies.
 */
unsigned long sipalg_suspend_deadline(const struct sipalg_dialog *dialog)
{
	unsigned long deadline = sipalg_dialog_deadline(dialog);
	unsigned long loss = loss_of(&dialog->leases);

	return loss && time_before(loss, deadline) ? loss : deadline;
}
