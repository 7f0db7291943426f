/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counters, per namespace and CPU.
 */
#ifndef SIPALG_STATE_STATS_H
#define SIPALG_STATE_STATS_H

#include <linux/percpu.h>

#include "state/net.h"

/**
 * struct sipalg_stats - counters of one CPU
 * @count: by enum sipalg_stat
 */
struct sipalg_stats {
	u64 count[__SIPALG_STAT_MAX];
};

/*
 * A function that may refuse returns the counter of the reason, which it has
 * counted. No refusal is counted as a message, so that this value is free.
 */
#define SIPALG_STAT_NONE SIPALG_STAT_MESSAGES

/* Counts one; sn is a struct sipalg_net. Context: any. */
#define sipalg_stats_inc(sn, stat) this_cpu_inc((sn)->stats->count[stat])

/* Counts a refusal. Context: any. Return: @stat. */
static inline enum sipalg_stat sipalg_stats_refuse(struct sipalg_net *sn,
						   enum sipalg_stat stat)
{
	sipalg_stats_inc(sn, stat);
	return stat;
}

void sipalg_stats_read(const struct sipalg_net *sn, u64 sum[__SIPALG_STAT_MAX]);

int sipalg_stats_net_init(struct sipalg_net *sn);
void sipalg_stats_net_exit(struct sipalg_net *sn);

#endif /* SIPALG_STATE_STATS_H */
