/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The newest spelling of what kernels spell differently. What a kernel has is
 * found out by compiling (scripts/probe), since version numbers do not tell:
 * stable series backport changes of API. Only this file reads the answers.
 */
#ifndef SIPALG_COMPAT_H
#define SIPALG_COMPAT_H

#include <linux/timer.h>
#include <net/netfilter/nf_conntrack.h>

#include "compat_gen.h"

#if !SIPALG_HAVE_TIMER_DELETE
#define timer_delete(timer) del_timer(timer)
#endif

#if !SIPALG_HAVE_TIMER_CONTAINER_OF
#define timer_container_of(var, callback_timer, timer_fieldname) \
	from_timer(var, callback_timer, timer_fieldname)
#endif

static inline void sipalg_ct_refresh(struct nf_conn *ct, const struct sk_buff *skb,
				     u32 extra_jiffies)
{
#if SIPALG_HAVE_NF_CT_REFRESH_SKB
	nf_ct_refresh(ct, skb, extra_jiffies);
#else
	nf_ct_refresh(ct, extra_jiffies);
#endif
}

#endif /* SIPALG_COMPAT_H */
