// SPDX-License-Identifier: GPL-2.0
/*
 * Nothing is registered in a namespace, and the static key is off, until
 * somebody asks for it there.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/netfilter_ipv4.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_nat.h>

#include "hook/helper.h"
#include "hook/hooks.h"
#include "hook/nat.h"
#include "state/policy.h"
#include "table/seen.h"

/*
 * Each namespace has hooks of its own, which hand it to the function: looking
 * it up would cost each packet more.
 */
static void init_attach_ops(struct sipalg_net *sn)
{
	static const struct { u8 family, hook; } places[SIPALG_ATTACH_HOOKS] = {
		{ NFPROTO_IPV4, NF_INET_POST_ROUTING },
		{ NFPROTO_IPV4, NF_INET_LOCAL_IN },
		{ NFPROTO_IPV6, NF_INET_POST_ROUTING },
		{ NFPROTO_IPV6, NF_INET_LOCAL_IN },
	};
	unsigned int i;

	for (i = 0; i < SIPALG_ATTACH_HOOKS; i++)
		sn->hooks.attach[i] = (struct nf_hook_ops) {
			.hook = sipalg_helper_attach,
			.priv = sn,
			.pf = places[i].family,
			.hooknum = places[i].hook,
			.priority = NF_IP_PRI_CONNTRACK_HELPER - 1,
		};
}

/* The NAT core calls these for the first packet of a flow only. */
#define NAT_OPS(family, hook_, function, priority_)			\
	{								\
		.hook = function,					\
		.pf = family,						\
		.hooknum = hook_,					\
		.priority = (priority_) - 1,				\
	}

static const struct nf_hook_ops nat_ops[] = {
	NAT_OPS(NFPROTO_IPV4, NF_INET_PRE_ROUTING, sipalg_nat_dnat,
		NF_IP_PRI_NAT_DST),
	NAT_OPS(NFPROTO_IPV4, NF_INET_LOCAL_OUT, sipalg_nat_dnat,
		NF_IP_PRI_NAT_DST),
	NAT_OPS(NFPROTO_IPV4, NF_INET_POST_ROUTING, sipalg_nat_snat,
		NF_IP_PRI_NAT_SRC),
#if IS_ENABLED(CONFIG_IPV6)
	NAT_OPS(NFPROTO_IPV6, NF_INET_PRE_ROUTING, sipalg_nat_dnat,
		NF_IP_PRI_NAT_DST),
	NAT_OPS(NFPROTO_IPV6, NF_INET_LOCAL_OUT, sipalg_nat_dnat,
		NF_IP_PRI_NAT_DST),
	NAT_OPS(NFPROTO_IPV6, NF_INET_POST_ROUTING, sipalg_nat_snat,
		NF_IP_PRI_NAT_SRC),
#endif
};

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

static void unregister_nat(struct net *net, unsigned int n)
{
	while (n--)
		unregister_nat_op(net, &nat_ops[n]);
}

static int register_nat(struct net *net)
{
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(nat_ops); i++) {
		err = register_nat_op(net, &nat_ops[i]);
		if (err) {
			unregister_nat(net, i);
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
	err = register_nat(sn->net);
	if (err)
		goto err_conntrack;
	err = nf_register_net_hooks(sn->net, sn->hooks.attach,
				    SIPALG_ATTACH_HOOKS);
	if (err)
		goto err_nat;
	sn->hooks.active = true;
	return 0;

err_nat:
	unregister_nat(sn->net, ARRAY_SIZE(nat_ops));
err_conntrack:
	nf_ct_netns_put(sn->net, NFPROTO_INET);
	return err;
}

static void deactivate_hooks(struct sipalg_net *sn)
{
	lockdep_assert_held(&sn->hooks.lock);
	if (!sn->hooks.active)
		return;
	nf_unregister_net_hooks(sn->net, sn->hooks.attach, SIPALG_ATTACH_HOOKS);
	unregister_nat(sn->net, ARRAY_SIZE(nat_ops));
	nf_ct_netns_put(sn->net, NFPROTO_INET);
	sn->hooks.active = false;
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

/**
 * sipalg_hooks_settle() - have just the hooks that policy and calls need
 * @sn: the namespace
 *
 * Context: process.
 */
void sipalg_hooks_settle(struct sipalg_net *sn)
{
	u32 modes, automatic = BIT(SIPALG_MODE_ON) | BIT(SIPALG_MODE_OBSERVE);
	bool busy, off;

	mutex_lock(&sn->hooks.lock);
	if (sn->hooks.closing)
		goto out;
	busy = is_busy(sn);
	modes = sipalg_policy_modes(sn);
	off = modes == BIT(SIPALG_MODE_OFF);
	enable_helper(sn, !off || busy);
	if (modes & automatic || busy ||
	    (!off && READ_ONCE(sn->hooks.rule_seen))) {
		if (activate_hooks(sn))
			pr_warn_ratelimited("hooks cannot be registered\n");
	} else {
		deactivate_hooks(sn);
	}
out:
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
	init_attach_ops(sn);
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
	deactivate_hooks(sn);
	enable_helper(sn, false);
	mutex_unlock(&sn->hooks.lock);
}

void sipalg_hooks_net_exit(struct sipalg_net *sn)
{
	cancel_work_sync(&sn->hooks.work);
}
