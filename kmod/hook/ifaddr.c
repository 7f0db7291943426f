// SPDX-License-Identifier: GPL-2.0
/*
 * The notifiers may not sleep nor take long: they mark an address, if any
 * binding has it. One work item goes through dialogs and flows for all
 * addresses that have been lost meanwhile.
 */

#include <linux/inetdevice.h>
#include <net/addrconf.h>
#include <net/if_inet6.h>
#include <net/netfilter/nf_conntrack_core.h>

#include "hook/ifaddr.h"
#include "session/flow.h"
#include "table/outside.h"
#include "table/suspend.h"

/* Addresses that are lost within this time share one walk. */
#define COALESCE_JIFFIES	(HZ / 10)
/* Bindings that a message is about to use may stay for a moment. */
#define RETRY_JIFFIES		HZ

/*
 * Signalling flows SNATed to a lost address end: retransmissions would keep
 * them alive. Masquerading ends only flows that it mapped itself.
 */
static int is_at_lost_address(struct nf_conn *ct, void *data)
{
	const struct sipalg_outside_key key = {
		.addr = ct->tuplehash[IP_CT_DIR_REPLY].tuple.dst.u3,
		.family = nf_ct_l3num(ct),
	};
	bool ends;

	if (!(ct->status & IPS_SRC_NAT))
		return false;
	rcu_read_lock();
	ends = sipalg_has_helper(ct) &&
	       sipalg_outside_has_lost(sipalg_pernet(nf_ct_net(ct)), &key);
	rcu_read_unlock();
	return ends;
}

static void kill_signalling(struct net *net)
{
	const struct nf_ct_iter_data iter = { .net = net };

	nf_ct_iterate_cleanup_net(is_at_lost_address, &iter);
}

/* Comes again when the next bindings have waited for too long. */
static void schedule_end(struct sipalg_net *sn)
{
	unsigned long end, least = jiffies + RETRY_JIFFIES;

	if (!sipalg_outside_next_end(sn, &end))
		return;
	if (time_before(end, least))
		end = least;
	queue_delayed_work(system_unbound_wq, &sn->ifaddr.work, end - jiffies);
}

static void process_lost(struct work_struct *work)
{
	struct sipalg_net *sn =
		container_of(work, struct sipalg_net, ifaddr.work.work);

	clear_bit(0, &sn->ifaddr.fresh);
	/*
	 * An address that is marked from here on has the work come again. Pairs
	 * with test_and_set_bit() in lose_address(), after the mark.
	 */
	smp_mb__after_atomic();
	if (sipalg_suspend_addresses(sn))
		kill_signalling(sn->net);
	if (!READ_ONCE(sn->hooks.closing))
		schedule_end(sn);
}

/* The end of the namespace ends all anyway. */
static void lose_address(struct net *net, const struct sipalg_outside_key *key)
{
	struct sipalg_net *sn = sipalg_pernet(net);

	if (READ_ONCE(sn->hooks.closing) || !sipalg_outside_lose(sn, key) ||
	    test_and_set_bit(0, &sn->ifaddr.fresh))
		return;
	mod_delayed_work(system_unbound_wq, &sn->ifaddr.work,
			 COALESCE_JIFFIES);
}

static void find_address(struct net_device *dev,
			 const struct sipalg_outside_key *key)
{
	sipalg_outside_return(sipalg_pernet(dev_net(dev)), key,
			      dev->flags & IFF_LOOPBACK ? 0 : dev->ifindex);
}

static int follow_inet(struct notifier_block *nb, unsigned long event,
		       void *ptr)
{
	const struct in_ifaddr *ifa = ptr;
	struct net_device *dev = ifa->ifa_dev->dev;
	struct net *net = dev_net(dev);
	const struct sipalg_outside_key key = {
		.addr.ip = ifa->ifa_local,
		.family = NFPROTO_IPV4,
	};
	bool elsewhere;

	if (event == NETDEV_UP)
		find_address(dev, &key);
	if (event != NETDEV_DOWN)
		return NOTIFY_DONE;
	rcu_read_lock();
	elsewhere = __ip_dev_find(net, ifa->ifa_local, false);
	rcu_read_unlock();
	if (!elsewhere)
		lose_address(net, &key);
	return NOTIFY_DONE;
}

static struct notifier_block inet_notifier = {
	.notifier_call = follow_inet,
};

#if IS_ENABLED(CONFIG_IPV6)
static int follow_inet6(struct notifier_block *nb, unsigned long event,
			void *ptr)
{
	const struct inet6_ifaddr *ifa = ptr;
	struct net_device *dev = ifa->idev->dev;
	struct net *net = dev_net(dev);
	const struct sipalg_outside_key key = {
		.addr.in6 = ifa->addr,
		.family = NFPROTO_IPV6,
	};

	if (event == NETDEV_UP)
		find_address(dev, &key);
	if (event == NETDEV_DOWN && !ipv6_chk_addr(net, &ifa->addr, NULL, 0))
		lose_address(net, &key);
	return NOTIFY_DONE;
}

static struct notifier_block inet6_notifier = {
	.notifier_call = follow_inet6,
};
#endif

int sipalg_ifaddr_setup(void)
{
	int err = register_inetaddr_notifier(&inet_notifier);

#if IS_ENABLED(CONFIG_IPV6)
	if (err)
		return err;
	err = register_inet6addr_notifier(&inet6_notifier);
	if (err)
		unregister_inetaddr_notifier(&inet_notifier);
#endif
	return err;
}

void sipalg_ifaddr_teardown(void)
{
#if IS_ENABLED(CONFIG_IPV6)
	unregister_inet6addr_notifier(&inet6_notifier);
#endif
	unregister_inetaddr_notifier(&inet_notifier);
}

int sipalg_ifaddr_net_init(struct sipalg_net *sn)
{
	INIT_DELAYED_WORK(&sn->ifaddr.work, process_lost);
	return 0;
}

/* The namespace's devices, or the notifiers, are gone by now. */
void sipalg_ifaddr_net_exit(struct sipalg_net *sn)
{
	cancel_delayed_work_sync(&sn->ifaddr.work);
}
