// SPDX-License-Identifier: GPL-2.0-only
// probe: (timer_delete|del_timer) prefer
//
// del_timer() got its new name in 6.2; both were there until 6.15.

#include <linux/timer.h>

void sipalg_probe(struct timer_list *timer)
{
#ifdef PROBE_HAVE
	timer_delete(timer);
#else
	del_timer(timer);
#endif
}
