// SPDX-License-Identifier: GPL-2.0-only
// probe: (timer_delete_sync|del_timer_sync) prefer
//
// del_timer_sync() got its new name in 6.2; both were there until 6.15.

#include <linux/timer.h>

void sipalg_probe(struct timer_list *timer)
{
#ifdef PROBE_HAVE
	timer_delete_sync(timer);
#else
	del_timer_sync(timer);
#endif
}
