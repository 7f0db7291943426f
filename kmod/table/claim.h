/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Outside endpoints that flows are about to have.
 */
#ifndef SIPALG_TABLE_CLAIM_H
#define SIPALG_TABLE_CLAIM_H

#include "table/binding.h"

bool sipalg_claim_take(const struct sipalg_net *sn,
		       const struct sipalg_endpoint *inside,
		       const struct sipalg_endpoint *outside);
bool sipalg_claim_is_others(const struct sipalg_net *sn,
			    const struct sipalg_endpoint *inside,
			    const struct sipalg_endpoint *outside);

int sipalg_claim_setup(void);

#endif /* SIPALG_TABLE_CLAIM_H */
