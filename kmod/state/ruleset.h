/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The rules of a namespace as the packet path reads them.
 */
#ifndef SIPALG_STATE_RULESET_H
#define SIPALG_STATE_RULESET_H

#include "state/net.h"

struct sipalg_ruleset *sipalg_ruleset_alloc(unsigned int n);
void sipalg_ruleset_free(struct sipalg_ruleset *ruleset);
void sipalg_ruleset_add(struct sipalg_ruleset *ruleset, s32 zone, int ifindex,
			enum sipalg_mode mode,
			const struct sipalg_options *options);
void sipalg_ruleset_finish(struct sipalg_ruleset *ruleset,
			   enum sipalg_mode fallback,
			   const struct sipalg_options *options);

enum sipalg_mode sipalg_ruleset_mode(const struct sipalg_net *sn, u16 zone,
				     int in, int out);
bool sipalg_ruleset_says_more(const struct sipalg_net *sn);
void sipalg_ruleset_options(const struct sipalg_net *sn, u16 zone, int ifindex,
			    struct sipalg_options *options);

#endif /* SIPALG_STATE_RULESET_H */
