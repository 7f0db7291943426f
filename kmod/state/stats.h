/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counters, per namespace and CPU.
 */
#ifndef SIPALG_STATS_H
#define SIPALG_STATS_H

#include <linux/percpu.h>

#include "nf_sipalg.h"

struct sipalg_net;

/**
 * struct sipalg_stats - what a CPU has counted
 * @count: so often
 * @why: the latest that a message was refused for
 */
struct sipalg_stats {
	u64 count[__SIPALG_STAT_MAX];
	enum sipalg_stat why;
};

int sipalg_stats_init(struct sipalg_net *sn);
void sipalg_stats_exit(struct sipalg_net *sn);
void sipalg_stats_read(const struct sipalg_net *sn, u64 sum[__SIPALG_STAT_MAX]);

/* Counts one; sn is a struct sipalg_net. Context: any. */
#define sipalg_stats_inc(sn, stat) this_cpu_inc((sn)->stats->count[stat])

/*
 * Counts why the message that this CPU works on is refused, and remembers it.
 */
#define sipalg_stats_refuse(sn, stat) do {				\
		struct sipalg_stats __percpu *refuse_stats = (sn)->stats;	\
		enum sipalg_stat refuse_why = (stat);			\
									\
		this_cpu_inc(refuse_stats->count[refuse_why]);		\
		this_cpu_write(refuse_stats->why, refuse_why);		\
	} while (0)

#endif /* SIPALG_STATS_H */
