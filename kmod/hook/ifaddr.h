/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Outside addresses come and go (PPPoE, DHCP): what is bound to one goes with
 * it.
 */
#ifndef SIPALG_ADDRESS_H
#define SIPALG_ADDRESS_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

struct sipalg_net;

/**
 * struct sipalg_addresses - the router's addresses that have gone
 * @lock: protects @gone
 * @gone: those whose bindings are still to be ended
 * @work: does that
 */
struct sipalg_addresses {
	spinlock_t lock;
	struct list_head gone;
	struct work_struct work;
};

int __init sipalg_address_watch(void);
void sipalg_address_unwatch(void);
void sipalg_addresses_init(struct sipalg_net *sn);
void sipalg_addresses_exit(struct sipalg_net *sn);

#endif /* SIPALG_ADDRESS_H */
