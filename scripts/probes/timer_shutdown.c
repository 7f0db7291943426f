// SPDX-License-Identifier: GPL-2.0-only
// probe: timer_shutdown_sync prefer
//
// New in 6.2, and backported to some stable series; without it a timer has to
// be kept from being armed again by other means.

#include <linux/timer.h>

void sipalg_probe(struct timer_list *timer)
{
#ifdef PROBE_HAVE
	timer_shutdown_sync(timer);
#endif
}
