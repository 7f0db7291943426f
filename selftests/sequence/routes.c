// SPDX-License-Identifier: GPL-2.0

#include <stdio.h>

#include "kernel.h"
#include "hook/fib.h"
#include "routes.h"
#include "world.h"

static unsigned int refusals, asked;
static struct notifier_block *listener;

int register_fib_notifier(struct net *net, struct notifier_block *nb,
			  void (*cb)(struct notifier_block *nb), struct netlink_ext_ack *extack)
{
	must(!listener);
	asked++;
	if (refusals) {
		refusals--;
		return -EBUSY;
	}
	listener = nb;
	return 0;
}

int unregister_fib_notifier(struct net *net, struct notifier_block *nb)
{
	must(listener == nb);
	listener = NULL;
	return 0;
}

/* Switches a namespace on whose routes change @times times while they are listed. */
static void open_refused(unsigned int times)
{
	refusals = times;
	asked = 0;
	jiffies = 1000 * HZ;
	world_open();
	must(!sipalg_fib_net_init(&world));
	mutex_lock(&world.hooks.lock);
	sipalg_fib_start(&world);
	world.hooks.active = true;
	mutex_unlock(&world.hooks.lock);
}

static void close_refused(void)
{
	sipalg_fib_net_exit(&world);
	must(!listener);
	world_close();
}

static bool is_asked_again(void)
{
	bool ok;

	open_refused(3);
	ok = asked == 1;
	world_advance(14 * HZ);
	ok = ok && asked == 1;
	world_advance(2 * HZ);
	ok = ok && asked == 2;
	world_advance((30 + 60) * HZ);
	ok = ok && asked == 4 && listener;
	world_advance(10000 * HZ);
	ok = ok && asked == 4;
	close_refused();
	return ok;
}

static bool gives_up(void)
{
	bool ok;

	open_refused(100);
	world_advance(3600 * HZ);
	ok = asked == 8;
	world_advance(10000 * HZ);
	ok = ok && asked == 9 && !listener;
	close_refused();
	return ok;
}

static bool print_result(unsigned int n, bool ok, const char *title)
{
	printf("%s %u - %s\n", ok ? "ok" : "not ok", n, title);
	return ok;
}

bool routes_run(unsigned int n)
{
	bool ok = print_result(n + 1, is_asked_again(),
			       "the kernel will not tell of routes: it is asked again");

	return print_result(n + 2, gives_up(), "nor later: it is asked no more") && ok;
}
