/* SPDX-License-Identifier: GPL-2.0 */
#include "linux/types.h"

struct sipalg_account;

void *sipalg_account_alloc(struct sipalg_account *account, u32 size,
			   bool must_succeed);
void sipalg_account_free(struct sipalg_account *account, void *buf, u32 size);
