// SPDX-License-Identifier: GPL-2.0
/*
 * The notifiers may not sleep nor take long; a work item goes through the
 * dialogs.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/inetdevice.h>
#include <net/addrconf.h>
#include <net/if_inet6.h>
#include <net/netfilter/nf_conntrack_core.h>
#include <net/route.h>

#include "hook/ifaddr.h"
#include "session/flow.h"
#include "table/dialog.h"

/* An address that the router has lost. */
struct gone {
	struct list_head list;
	union nf_inet_addr addr;
	u8 family;
};

/* The address may have come back, on this device or another. */
static bool is_back(struct net *net, const struct gone *gone)
{
	if (gone->family == NFPROTO_IPV4)
		return inet_addr_type(net, gone->addr.ip) == RTN_LOCAL;
#if IS_ENABLED(CONFIG_IPV6)
	return ipv6_chk_addr(net, &gone->addr.in6, NULL, 0);
#else
	return false;
#endif
}

/*
 * Kill signalling flows SNATed to the lost address: retransmissions would keep
 * them alive. Masquerading ends only flows that it mapped itself.
 */
static int uses_gone(struct nf_conn *ct, void *data)
{
	const struct gone *gone = data;
	bool is_signalling;

	rcu_read_lock();
	is_signalling = sipalg_has_helper(ct);
	rcu_read_unlock();
	return is_signalling && nf_ct_l3num(ct) == gone->family &&
	       ct->status & IPS_SRC_NAT &&
	       nf_inet_addr_cmp(&ct->tuplehash[IP_CT_DIR_REPLY].tuple.dst.u3,
				&gone->addr);
}

static void kill_flows(struct net *net, struct gone *gone)
{
	const struct nf_ct_iter_data iter = { .net = net, .data = gone };

	nf_ct_iterate_cleanup_net(uses_gone, &iter);
}

static void process_gone(struct work_struct *work)
{
	struct sipalg_net *sn =
		container_of(work, struct sipalg_net, ifaddr.work);
	struct gone *gone, *next;
	LIST_HEAD(list);

	spin_lock_bh(&sn->ifaddr.lock);
	list_splice_init(&sn->ifaddr.gone, &list);
	spin_unlock_bh(&sn->ifaddr.lock);
	list_for_each_entry_safe(gone, next, &list, list) {
		if (!is_back(sn->net, gone)) {
			kill_flows(sn->net, gone);
			sipalg_dialog_end_at(sn, &gone->addr, gone->family);
		}
		kfree(gone);
	}
}

static void add_gone(struct net *net, const void *addr, size_t len, u8 family)
{
	struct sipalg_net *sn = sipalg_pernet(net);
	struct gone *gone;

	if (!atomic_read(&sn->bindings.count))
		return;
	gone = kzalloc(sizeof(*gone), GFP_ATOMIC);
	if (!gone) {
		pr_warn_ratelimited("no memory to note a lost address\n");
		return;
	}
	memcpy(&gone->addr, addr, len);
	gone->family = family;
	spin_lock_bh(&sn->ifaddr.lock);
	list_add_tail(&gone->list, &sn->ifaddr.gone);
	spin_unlock_bh(&sn->ifaddr.lock);
	schedule_work(&sn->ifaddr.work);
}

static int follow_inet(struct notifier_block *nb, unsigned long event,
		       void *ptr)
{
	const struct in_ifaddr *ifa = ptr;

	if (event == NETDEV_DOWN)
		add_gone(dev_net(ifa->ifa_dev->dev), &ifa->ifa_local,
			 sizeof(ifa->ifa_local), NFPROTO_IPV4);
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

	if (event == NETDEV_DOWN)
		add_gone(dev_net(ifa->idev->dev), &ifa->addr, sizeof(ifa->addr),
			 NFPROTO_IPV6);
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
	spin_lock_init(&sn->ifaddr.lock);
	INIT_LIST_HEAD(&sn->ifaddr.gone);
	INIT_WORK(&sn->ifaddr.work, process_gone);
	return 0;
}

/* The namespace's devices, or the notifiers, are gone by now. */
void sipalg_ifaddr_net_exit(struct sipalg_net *sn)
{
	flush_work(&sn->ifaddr.work);
}
