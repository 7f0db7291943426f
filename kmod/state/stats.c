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
	unsigned int start;
	int cpu, i;
	u64 count;

	memset(sum, 0, sizeof(u64) * __SIPALG_STAT_MAX);
	for_each_possible_cpu(cpu) {
		const struct sipalg_stats *stats = per_cpu_ptr(sn->stats, cpu);

		for (i = 0; i < __SIPALG_STAT_MAX; i++) {
			do {
				start = u64_stats_fetch_begin(&stats->syncp);
				count = u64_stats_read(&stats->count[i]);
			} while (u64_stats_fetch_retry(&stats->syncp, start));
			sum[i] += count;
		}
	}
}

int sipalg_stats_net_init(struct sipalg_net *sn)
{
	int cpu;

	sn->stats = alloc_percpu(struct sipalg_stats);
	if (!sn->stats)
		return -ENOMEM;
	for_each_possible_cpu(cpu)
		u64_stats_init(&per_cpu_ptr(sn->stats, cpu)->syncp);
	return 0;
}

void sipalg_stats_net_exit(struct sipalg_net *sn)
{
	free_percpu(sn->stats);
}
