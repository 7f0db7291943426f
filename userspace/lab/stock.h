/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Replaces this ALG by the kernel's own for a while.
 */
#ifndef STOCK_H
#define STOCK_H

int stock_load_ours(void);
int stock_run(int (*run)(void *data), void *data);

#endif /* STOCK_H */
