/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counters, per namespace and CPU.
 */
#ifndef SIPALG_STATS_H
#define SIPALG_STATS_H

#include <linux/percpu.h>

#include "nf_sipalg.h"

struct sipalg_net;

struct sipalg_stats {
	u64 count[__SIPALG_STAT_MAX];
};

int sipalg_stats_init(struct sipalg_net *sn);
void sipalg_stats_exit(struct sipalg_net *sn);
void sipalg_stats_read(const struct sipalg_net *sn, u64 sum[__SIPALG_STAT_MAX]);

/* Counts one; sn is a struct sipalg_net. Context: any. */
#define sipalg_stats_inc(sn, stat) this_cpu_inc((sn)->stats->count[stat])

#endif /* SIPALG_STATS_H */
