// SPDX-License-Identifier: GPL-2.0

#include <linux/module.h>
#include <net/netfilter/nf_conntrack_helper.h>

#include "control/event.h"
#include "control/netlink.h"
#include "hook/fib.h"
#include "hook/helper.h"
#include "hook/hooks.h"
#include "hook/ifaddr.h"
#include "session/message.h"
#include "state/budget.h"
#include "state/policy.h"
#include "state/quota.h"
#include "state/recent.h"
#include "state/settings.h"
#include "state/stats.h"
#include "table/claim.h"
#include "table/dialog.h"
#include "table/invite.h"
#include "table/key.h"
#include "table/offered.h"
#include "table/outside.h"
#include "table/port.h"
#include "table/reap.h"
#include "table/seen.h"
#include "tcp/packet.h"
#include "tcp/stream.h"
#include "version.h"

/*
 * Parts of a namespace, set up in this order and torn down in the reverse one.
 */
static const struct {
	int (*init)(struct sipalg_net *sn);
	void (*exit)(struct sipalg_net *sn);
} net_parts[] = {
	{ sipalg_budget_net_init, sipalg_budget_net_exit },
	{ sipalg_settings_net_init, sipalg_settings_net_exit },
	{ sipalg_event_net_init },
	{ sipalg_recent_net_init, sipalg_recent_net_exit },
	{ sipalg_stats_net_init, sipalg_stats_net_exit },
	{ sipalg_policy_net_init, sipalg_policy_net_exit },
	{ sipalg_quota_net_init, sipalg_quota_net_exit },
	{ sipalg_outside_net_init, sipalg_outside_net_exit },
	{ sipalg_binding_net_init, sipalg_binding_net_exit },
	{ sipalg_reap_net_init, sipalg_reap_net_exit },
	{ NULL, sipalg_offered_net_exit },
	{ NULL, sipalg_seen_net_exit },
	{ sipalg_dialog_net_init, sipalg_dialog_net_exit },
	{ sipalg_ifaddr_net_init, sipalg_ifaddr_net_exit },
	{ sipalg_fib_net_init, sipalg_fib_net_exit },
	{ sipalg_hooks_net_init, sipalg_hooks_net_exit },
	{ sipalg_streams_net_init, sipalg_streams_net_exit },
};

static void exit_net_parts(struct sipalg_net *sn, unsigned int n)
{
	while (n--)
		if (net_parts[n].exit)
			net_parts[n].exit(sn);
}

static int __net_init net_init(struct net *net)
{
	struct sipalg_net *sn = sipalg_pernet(net);
	unsigned int i;
	int err;

	sn->net = net;
	for (i = 0; i < ARRAY_SIZE(net_parts); i++) {
		err = net_parts[i].init ? net_parts[i].init(sn) : 0;
		if (err) {
			exit_net_parts(sn, i);
			return err;
		}
	}
	return 0;
}

/* A grace period lies between this and net_exit(). */
static void __net_exit net_pre_exit(struct net *net)
{
	sipalg_hooks_net_close(sipalg_pernet(net));
}

static void __net_exit net_exit(struct net *net)
{
	exit_net_parts(sipalg_pernet(net), ARRAY_SIZE(net_parts));
}

static struct pernet_operations net_ops = {
	.init = net_init,
	.pre_exit = net_pre_exit,
	.exit = net_exit,
	.id = &sipalg_net_id,
	.size = sizeof(struct sipalg_net),
};

static int setup_net(void)
{
	return register_pernet_subsys(&net_ops);
}

static void teardown_net(void)
{
	unregister_pernet_subsys(&net_ops);
}

/* Connections are given back to conntrack before their helper goes. */
static void close_streams(void)
{
	struct net *net;

	down_read(&net_rwsem);
	for_each_net(net)
		sipalg_streams_net_exit(sipalg_pernet(net));
	up_read(&net_rwsem);
}

/*
 * Parts of the module, set up in this order and torn down in the reverse one.
 */
static const struct {
	int (*setup)(void);
	void (*teardown)(void);
} parts[] = {
	{ sipalg_message_setup, sipalg_message_teardown },
	{ sipalg_tcp_setup, sipalg_tcp_teardown },
	{ sipalg_quota_setup, sipalg_quota_teardown },
	{ sipalg_claim_setup },
	{ sipalg_port_setup },
	{ sipalg_binding_setup, sipalg_binding_teardown },
	{ sipalg_dialog_setup, sipalg_dialog_teardown },
	{ sipalg_key_setup },
	{ sipalg_invite_setup },
	{ sipalg_offered_setup },
	{ setup_net, teardown_net },
	{ sipalg_policy_setup, sipalg_policy_teardown },
	{ sipalg_ifaddr_setup, sipalg_ifaddr_teardown },
	{ sipalg_netlink_setup, sipalg_netlink_teardown },
	{ sipalg_helper_setup, sipalg_helper_teardown },
	{ NULL, close_streams },
};

static void teardown_parts(unsigned int n)
{
	while (n--)
		if (parts[n].teardown)
			parts[n].teardown();
}

static int __init sipalg_init(void)
{
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		err = parts[i].setup ? parts[i].setup() : 0;
		if (err) {
			teardown_parts(i);
			return err;
		}
	}
	return 0;
}

static void __exit sipalg_exit(void)
{
	teardown_parts(ARRAY_SIZE(parts));
}

module_init(sipalg_init);
module_exit(sipalg_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("SIP application layer gateway for netfilter");
MODULE_VERSION(SIPALG_VERSION);
MODULE_ALIAS_NFCT_HELPER("sip");
MODULE_ALIAS_NF_NAT_HELPER("sip");
