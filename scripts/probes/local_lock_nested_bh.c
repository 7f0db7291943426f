// SPDX-License-Identifier: GPL-2.0-only
// probe: local_lock_nested_bh prefer
//
// Until 6.10 softirqs that are off were a lock, on PREEMPT_RT, too.

// local_lock.h does not include this, which PREEMPT_RT and arm64 need.
#include <linux/spinlock.h>
#include <linux/local_lock.h>
#include <linux/percpu.h>

static DEFINE_PER_CPU(local_lock_t, lock) = INIT_LOCAL_LOCK(lock);

void sipalg_probe(void)
{
#ifdef PROBE_HAVE
	local_lock_nested_bh(&lock);
#else
	local_lock(&lock);
#endif
}
