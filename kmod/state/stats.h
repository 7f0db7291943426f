/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counters, per namespace and CPU.
 */
#ifndef SIPALG_STATE_STATS_H
#define SIPALG_STATE_STATS_H

#include <linux/percpu.h>
#include <linux/u64_stats_sync.h>

#include "state/net.h"

/**
 * struct sipalg_stats - counters of one CPU
 * @count: by enum sipalg_stat
 * @syncp: for readers on 32 bits
 */
struct sipalg_stats {
	u64_stats_t count[__SIPALG_STAT_MAX];
	struct u64_stats_sync syncp;
};

/*
 * A function that may refuse returns the counter of the reason, which it has
 * counted. No refusal is counted as a message, so that this value is free.
 */
#define SIPALG_STAT_NONE SIPALG_STAT_MESSAGES

/* Counts @n. Context: any. */
static inline void sipalg_stats_add(struct sipalg_net *sn,
				    enum sipalg_stat stat, unsigned int n)
{
	struct sipalg_stats *stats = get_cpu_ptr(sn->stats);
	unsigned long flags = u64_stats_update_begin_irqsave(&stats->syncp);

	u64_stats_add(&stats->count[stat], n);
	u64_stats_update_end_irqrestore(&stats->syncp, flags);
	put_cpu_ptr(sn->stats);
}

/* Counts one. Context: any. */
static inline void sipalg_stats_inc(struct sipalg_net *sn,
				    enum sipalg_stat stat)
{
	sipalg_stats_add(sn, stat, 1);
}

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
