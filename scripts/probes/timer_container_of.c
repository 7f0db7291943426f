// SPDX-License-Identifier: GPL-2.0-only
// probe: (timer_container_of|from_timer) prefer
//
// from_timer() got its new name in 6.16.

#include <linux/timer.h>

struct sipalg_probe {
	struct timer_list timer;
};

struct sipalg_probe *sipalg_probe(struct timer_list *t)
{
#ifdef PROBE_HAVE
	struct sipalg_probe *p = timer_container_of(p, t, timer);
#else
	struct sipalg_probe *p = from_timer(p, t, timer);
#endif

	return p;
}
