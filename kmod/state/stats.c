// SPDX-License-Identifier: GPL-2.0

#include "state/stats.h"

/**
 * sipalg_stats_read() - add up the counters of all CPUs
 * @sn: the namespace
 * @sum: filled in
 *
 * Context: any.
 */
void sipalg_stats_read(const struct sipalg_net *sn, u64 sum[__SIPALG_STAT_MAX])
{
	int cpu, i;

	memset(sum, 0, sizeof(u64) * __SIPALG_STAT_MAX);
	for_each_possible_cpu(cpu) {
		const struct sipalg_stats *stats = per_cpu_ptr(sn->stats, cpu);

		for (i = 0; i < __SIPALG_STAT_MAX; i++)
			sum[i] += READ_ONCE(stats->count[i]);
	}
}

int sipalg_stats_net_init(struct sipalg_net *sn)
{
	sn->stats = alloc_percpu(struct sipalg_stats);
	return sn->stats ? 0 : -ENOMEM;
}

void sipalg_stats_net_exit(struct sipalg_net *sn)
{
	free_percpu(sn->stats);
}
