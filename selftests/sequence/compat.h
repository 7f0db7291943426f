/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Stands for kmod/compat.h, which asks what a kernel has.
 */
#ifndef SIPALG_COMPAT_H
#define SIPALG_COMPAT_H

#include "kernel.h"

#define timer_delete(timer)			kernel_timer_delete(timer)
#define sipalg_ct_refresh(ct, skb, time)	nf_ct_refresh(ct, time)
#define sipalg_ct_helper_is_live(helper)	(helper)
#define sipalg_tcp4_listener(net, addr, port, ifindex) \
	kernel_listener(net, addr, port)

#endif /* SIPALG_COMPAT_H */
