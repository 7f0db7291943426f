// SPDX-License-Identifier: GPL-2.0
/*
 * Nothing is registered in a namespace, and the static key is off, until
 * somebody asks for it there.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/netfilter_ipv4.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_nat.h>

#include "hook/fib.h"
#include "hook/helper.h"
#include "hook/hooks.h"
#include "hook/nat.h"
#include "state/policy.h"
#include "table/seen.h"

/* Time until a second look finds flows whose first packet was under way. */
#define SCAN_SOON	max(HZ / 50, 1)
/* Time until a third one finds those whose first packet was held back. */
#define SCAN_AGAIN	(2 * HZ)
/* Time between looks whether those flows have ended that are older. */
#define SCAN_INTERVAL	(30 * HZ)

/*
 * Each namespace has hooks of its own, which hand it to the function: looking
 * it up would cost each packet more.
 */
static void init_watch_ops(struct sipalg_net *sn)
{
	static const struct { u8 family, hook; } places[SIPALG_WATCH_HOOKS] = {
		{ NFPROTO_IPV4, NF_INET_POST_ROUTING },
		{ NFPROTO_IPV4, NF_INET_LOCAL_IN },
		{ NFPROTO_IPV6, NF_INET_POST_ROUTING },
		{ NFPROTO_IPV6, NF_INET_LOCAL_IN },
	};
	unsigned int i;

	for (i = 0; i < SIPALG_WATCH_HOOKS; i++)
		sn->hooks.watch[i] = (struct nf_hook_ops) {
			.hook = sipalg_helper_watch,
			.priv = sn,
			.pf = places[i].family,
			.hooknum = places[i].hook,
			.priority = NF_IP_PRI_CONNTRACK_HELPER - 1,
		};
}

/*
 * The NAT core calls these for the first packet of a flow only. Ours come
 * first: a chain of the rules that translates the flow ends the core's round.
 */
static void init_nat_ops(struct sipalg_net *sn)
{
	static const struct {
		unsigned int (*function)(void *priv, struct sk_buff *skb,
					 const struct nf_hook_state *state);
		u8 hook;
	} places[] = {
		{ sipalg_nat_dnat, NF_INET_PRE_ROUTING },
		{ sipalg_nat_dnat, NF_INET_LOCAL_OUT },
		{ sipalg_helper_attach, NF_INET_POST_ROUTING },
		{ sipalg_helper_attach, NF_INET_LOCAL_IN },
	};
	unsigned int i, n = ARRAY_SIZE(places);

	for (i = 0; i < SIPALG_NAT_HOOKS; i++)
		sn->hooks.nat[i] = (struct nf_hook_ops) {
			.hook = places[i % n].function,
			.priv = sn,
			.pf = i < n ? NFPROTO_IPV4 : NFPROTO_IPV6,
			.hooknum = places[i % n].hook,
			.priority = NF_IP_PRI_FIRST,
		};
}

static int register_nat_op(struct net *net, const struct nf_hook_ops *ops)
{
	if (IS_ENABLED(CONFIG_IPV6) && ops->pf == NFPROTO_IPV6)
		return nf_nat_ipv6_register_fn(net, ops);
	return nf_nat_ipv4_register_fn(net, ops);
}

static void unregister_nat_op(struct net *net, const struct nf_hook_ops *ops)
{
	if (IS_ENABLED(CONFIG_IPV6) && ops->pf == NFPROTO_IPV6)
		nf_nat_ipv6_unregister_fn(net, ops);
	else
		nf_nat_ipv4_unregister_fn(net, ops);
}

static void unregister_nat(struct sipalg_net *sn, unsigned int n)
{
	while (n--)
		unregister_nat_op(sn->net, &sn->hooks.nat[n]);
}

static int register_nat(struct sipalg_net *sn)
{
	unsigned int i;
	int err;

	for (i = 0; i < SIPALG_NAT_HOOKS; i++) {
		err = register_nat_op(sn->net, &sn->hooks.nat[i]);
		if (err) {
			unregister_nat(sn, i);
			return err;
		}
	}
	return 0;
}

static int activate_hooks(struct sipalg_net *sn)
{
	int err;

	lockdep_assert_held(&sn->hooks.lock);
	if (sn->hooks.active)
		return 0;
	err = sipalg_seen_prepare(sn);
	if (err)
		return err;
	err = nf_ct_netns_get(sn->net, NFPROTO_INET);
	if (err)
		return err;
	err = register_nat(sn);
	if (err) {
		nf_ct_netns_put(sn->net, NFPROTO_INET);
		return err;
	}
	sipalg_fib_start(sn);
	sn->hooks.active = true;
	return 0;
}

static void deactivate_hooks(struct sipalg_net *sn)
{
	lockdep_assert_held(&sn->hooks.lock);
	if (!sn->hooks.active)
		return;
	unregister_nat(sn, SIPALG_NAT_HOOKS);
	nf_ct_netns_put(sn->net, NFPROTO_INET);
	sn->hooks.active = false;
}

static int watch_packets(struct sipalg_net *sn, bool on)
{
	int err = 0;

	lockdep_assert_held(&sn->hooks.lock);
	if (sn->hooks.watching == on)
		return 0;
	if (on)
		err = nf_register_net_hooks(sn->net, sn->hooks.watch,
					    SIPALG_WATCH_HOOKS);
	else
		nf_unregister_net_hooks(sn->net, sn->hooks.watch,
					SIPALG_WATCH_HOOKS);
	if (!err)
		sn->hooks.watching = on;
	return err;
}

static void enable_helper(struct sipalg_net *sn, bool on)
{
	lockdep_assert_held(&sn->hooks.lock);
	if (sn->hooks.enabled == on)
		return;
	sn->hooks.enabled = on;
	if (on)
		static_branch_inc(&sipalg_helper_enabled);
	else
		static_branch_dec(&sipalg_helper_enabled);
}

/* Calls under way are finished, whatever the policy says now. */
static bool is_busy(const struct sipalg_net *sn)
{
	return atomic_read(&sn->dialogs.calls) || atomic_read(&sn->streams.n);
}

/*
 * Flows that are older than their mode have no helper. And conntrack calls no
 * helper for an ICMP error in the reply direction.
 *
 * Where a hook goes, the kernel drops all packets of the namespace that
 * programs hold back (NFQUEUE). So the hooks stay as long as the module serves:
 * without anything to look for they cost a packet next to nothing.
 */
static int settle_watch(struct sipalg_net *sn)
{
	bool look = sn->hooks.older || atomic_read(&sn->streams.n);
	int err = 0;

	lockdep_assert_held(&sn->hooks.lock);
	if (look)
		err = watch_packets(sn, true);
	WRITE_ONCE(sn->hooks.looking, look);
	return err;
}

static void settle_hooks(struct sipalg_net *sn)
{
	u32 modes, automatic = BIT(SIPALG_MODE_ON) | BIT(SIPALG_MODE_OBSERVE);
	bool busy, off;

	lockdep_assert_held(&sn->hooks.lock);
	busy = is_busy(sn);
	modes = sipalg_policy_modes(sn);
	off = modes == BIT(SIPALG_MODE_OFF);
	enable_helper(sn, !off || busy);
	if (!atomic_read(&sn->dialogs.calls))
		WRITE_ONCE(sn->hooks.finishing, false);
	if (modes & automatic || busy ||
	    (!off && READ_ONCE(sn->hooks.rule_seen))) {
		if (activate_hooks(sn) || settle_watch(sn))
			pr_warn_ratelimited("hooks cannot be registered\n");
	} else {
		watch_packets(sn, false);
		deactivate_hooks(sn);
	}
}

/**
 * sipalg_hooks_settle() - have just the hooks that policy and calls need
 * @sn: the namespace
 *
 * Context: process.
 */
void sipalg_hooks_settle(struct sipalg_net *sn)
{
	mutex_lock(&sn->hooks.lock);
	if (!sn->hooks.closing)
		settle_hooks(sn);
	mutex_unlock(&sn->hooks.lock);
}

/* Ends flows that are older than their mode, and comes back for the others. */
static void scan_flows(struct sipalg_net *sn)
{
	unsigned long delay = SCAN_SOON;

	lockdep_assert_held(&sn->hooks.lock);
	if (atomic_dec_if_positive(&sn->hooks.scans) < SIPALG_SCANS - 1)
		delay = SCAN_AGAIN;
	/* Where they are off again, calls are still finished by them. */
	sn->hooks.older = sipalg_helper_end_unhelped(sn) ||
			  (sn->hooks.older &&
			   atomic_read(&sn->dialogs.calls));
	if (sn->hooks.older && !atomic_cmpxchg(&sn->hooks.scans, 0, 1))
		delay = SCAN_INTERVAL;
	/* A later look may be planned already. */
	cancel_delayed_work(&sn->hooks.scan);
	if (atomic_read(&sn->hooks.scans))
		schedule_delayed_work(&sn->hooks.scan, delay);
	settle_hooks(sn);
}

static void scan_hooks(struct work_struct *work)
{
	struct sipalg_net *sn = container_of(to_delayed_work(work),
					     struct sipalg_net, hooks.scan);

	mutex_lock(&sn->hooks.lock);
	if (!sn->hooks.closing)
		scan_flows(sn);
	mutex_unlock(&sn->hooks.lock);
}

/**
 * sipalg_hooks_rescan() - the policy has changed: deal with older flows
 * @sn: the namespace
 *
 * Context: process.
 */
void sipalg_hooks_rescan(struct sipalg_net *sn)
{
	mutex_lock(&sn->hooks.lock);
	if (!sn->hooks.closing) {
		atomic_set(&sn->hooks.scans, SIPALG_SCANS);
		/* A call may have begun since by the rules before. */
		WRITE_ONCE(sn->hooks.finishing, true);
		scan_flows(sn);
	}
	mutex_unlock(&sn->hooks.lock);
}

static void review_hooks(struct work_struct *work)
{
	sipalg_hooks_settle(container_of(work, struct sipalg_net, hooks.work));
}

/**
 * sipalg_hooks_require() - have the hooks before a policy that needs them
 * @sn: the namespace
 *
 * Context: process.
 * Return: 0 or a negative errno.
 */
int sipalg_hooks_require(struct sipalg_net *sn)
{
	int err;

	mutex_lock(&sn->hooks.lock);
	err = activate_hooks(sn);
	if (!err)
		enable_helper(sn, true);
	mutex_unlock(&sn->hooks.lock);
	return err;
}

int sipalg_hooks_net_init(struct sipalg_net *sn)
{
	mutex_init(&sn->hooks.lock);
	INIT_WORK(&sn->hooks.work, review_hooks);
	INIT_DELAYED_WORK(&sn->hooks.scan, scan_hooks);
	init_watch_ops(sn);
	init_nat_ops(sn);
	mutex_lock(&sn->hooks.lock);
	enable_helper(sn, true);
	mutex_unlock(&sn->hooks.lock);
	return 0;
}

/*
 * After a grace period, which the caller sees to, no packet is looked at any
 * more. The work is done, or will find that the namespace is closing.
 */
void sipalg_hooks_net_close(struct sipalg_net *sn)
{
	mutex_lock(&sn->hooks.lock);
	WRITE_ONCE(sn->hooks.closing, true);
	watch_packets(sn, false);
	deactivate_hooks(sn);
	enable_helper(sn, false);
	mutex_unlock(&sn->hooks.lock);
}

void sipalg_hooks_net_exit(struct sipalg_net *sn)
{
	cancel_work_sync(&sn->hooks.work);
	cancel_delayed_work_sync(&sn->hooks.scan);
}
