// SPDX-License-Identifier: GPL-2.0

#include <linux/module.h>
#include <net/netfilter/nf_conntrack_helper.h>

#include "main.h"
#include "message.h"
#include "netlink.h"

unsigned int sipalg_net_id __read_mostly;

static int __net_init net_init(struct net *net)
{
	struct sipalg_net *sn = sipalg_pernet(net);
	int err;

	sn->net = net;
	err = sipalg_stats_init(sn);
	if (err)
		return err;
	err = sipalg_bindings_init(sn);
	if (err)
		goto err_stats;
	err = sipalg_dialogs_init(sn);
	if (err)
		goto err_bindings;
	err = sipalg_policy_init(sn);
	if (err)
		goto err_dialogs;
	sipalg_hooks_init(sn);
	return 0;

err_dialogs:
	sipalg_dialogs_exit(sn);
err_bindings:
	sipalg_bindings_exit(sn);
err_stats:
	sipalg_stats_exit(sn);
	return err;
}

/* A grace period lies between this and net_exit(). */
static void __net_exit net_pre_exit(struct net *net)
{
	sipalg_hooks_close(sipalg_pernet(net));
}

static void __net_exit net_exit(struct net *net)
{
	struct sipalg_net *sn = sipalg_pernet(net);

	cancel_work_sync(&sn->hooks.work);
	sipalg_dialogs_exit(sn);
	sipalg_bindings_exit(sn);
	sipalg_policy_exit(sn);
	sipalg_stats_exit(sn);
}

static struct pernet_operations net_ops = {
	.init = net_init,
	.pre_exit = net_pre_exit,
	.exit = net_exit,
	.id = &sipalg_net_id,
	.size = sizeof(struct sipalg_net),
};

static int __init sipalg_init(void)
{
	int err;

	err = sipalg_message_init();
	if (err)
		return err;
	err = sipalg_binding_init();
	if (err)
		goto err_message;
	err = sipalg_dialog_init();
	if (err)
		goto err_binding;
	err = register_pernet_subsys(&net_ops);
	if (err)
		goto err_dialog;
	err = sipalg_policy_watch();
	if (err)
		goto err_net;
	err = sipalg_netlink_init();
	if (err)
		goto err_policy;
	err = sipalg_helper_init();
	if (err)
		goto err_netlink;
	return 0;

err_netlink:
	sipalg_netlink_exit();
err_policy:
	sipalg_policy_unwatch();
err_net:
	unregister_pernet_subsys(&net_ops);
err_dialog:
	sipalg_dialog_exit();
err_binding:
	sipalg_binding_exit();
err_message:
	sipalg_message_exit();
	return err;
}

static void __exit sipalg_exit(void)
{
	sipalg_helper_exit();
	sipalg_netlink_exit();
	sipalg_policy_unwatch();
	unregister_pernet_subsys(&net_ops);
	sipalg_dialog_exit();
	sipalg_binding_exit();
	sipalg_message_exit();
}

module_init(sipalg_init);
module_exit(sipalg_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("SIP application layer gateway for netfilter");
MODULE_ALIAS_NFCT_HELPER("sip");
MODULE_ALIAS_NF_NAT_HELPER("sip");
