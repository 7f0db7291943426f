/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A segment on its way through its direction.
 */
#ifndef SIPALG_PASS_H
#define SIPALG_PASS_H

#include "tcp/direction.h"

#define SIPALG_SACKS_MAX 4	/* as many as fit into TCP's options */

bool sipalg_pass_begin(struct sipalg_pass *pass);
bool sipalg_pass_is_plain(const struct sipalg_pass *pass);
void sipalg_pass_renumber(struct sipalg_pass *pass);
void sipalg_pass_miss(struct sipalg_pass *pass);
void sipalg_pass_take(struct sipalg_pass *pass);
u32 sipalg_pass_segment(const struct sipalg_pass *pass, u32 options);
void sipalg_pass_end(struct sipalg_pass *pass);
unsigned int sipalg_pass_sacks(struct sipalg_pass *pass,
			       const struct sipalg_sack *old, unsigned int n,
			       struct sipalg_sack *new, bool may_add);

#endif /* SIPALG_PASS_H */
