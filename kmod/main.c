// SPDX-License-Identifier: GPL-2.0

#include <linux/module.h>
#include <net/netfilter/nf_conntrack_helper.h>

#include "main.h"
#include "session/message.h"
#include "control/netlink.h"

unsigned int sipalg_net_id __read_mostly;

/**
 * sipalg_net_bytes() - memory that a namespace's tables take
 * @sn: the namespace
 *
 * Context: any.
 * Return: bytes; those of what is in the tables, not of the tables themselves.
 */
u64 sipalg_net_bytes(const struct sipalg_net *sn)
{
	return (u64)atomic_read(&sn->dialogs.count) *
		       sizeof(struct sipalg_dialog) +
	       (u64)atomic_read(&sn->bindings.count) *
		       sizeof(struct sipalg_binding) +
	       (u64)atomic_read(&sn->hosts.table.nelems) *
		       sizeof(struct sipalg_host) +
	       (u64)atomic_read(&sn->streams.n) * sizeof(struct sipalg_stream) +
	       atomic_read(&sn->streams.bytes);
}

/**
 * sipalg_net_is_full() - is the limit of memory reached?
 * @sn: the namespace
 *
 * If so, that is counted.
 *
 * Context: any.
 */
bool sipalg_net_is_full(struct sipalg_net *sn)
{
	if (sipalg_net_bytes(sn) <= sipalg_setting(sn, LIMIT_BYTES))
		return false;
	sipalg_stats_refuse(sn, SIPALG_STAT_LIMIT_BYTES);
	return true;
}

static int __net_init net_init(struct net *net)
{
	struct sipalg_net *sn = sipalg_pernet(net);
	int err;

	sn->net = net;
	sipalg_settings_init(sn);
	sipalg_addresses_init(sn);
	sipalg_events_init(sn);
	err = sipalg_stats_init(sn);
	if (err)
		return err;
	err = sipalg_hosts_init(sn);
	if (err)
		goto err_stats;
	err = sipalg_bindings_init(sn);
	if (err)
		goto err_hosts;
	err = sipalg_dialogs_init(sn);
	if (err)
		goto err_bindings;
	err = sipalg_policy_init(sn);
	if (err)
		goto err_dialogs;
	sipalg_streams_init(sn);
	sipalg_hooks_init(sn);
	return 0;

err_dialogs:
	sipalg_dialogs_exit(sn);
err_bindings:
	sipalg_bindings_exit(sn);
err_hosts:
	sipalg_hosts_exit(sn);
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

	sipalg_streams_exit(sn);
	cancel_work_sync(&sn->hooks.work);
	sipalg_addresses_exit(sn);
	sipalg_dialogs_exit(sn);
	sipalg_bindings_exit(sn);
	sipalg_hosts_exit(sn);
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
	err = sipalg_stream_init();
	if (err)
		goto err_message;
	err = sipalg_host_init();
	if (err)
		goto err_stream;
	err = sipalg_binding_init();
	if (err)
		goto err_host;
	err = sipalg_dialog_init();
	if (err)
		goto err_binding;
	err = register_pernet_subsys(&net_ops);
	if (err)
		goto err_dialog;
	err = sipalg_policy_watch();
	if (err)
		goto err_net;
	err = sipalg_address_watch();
	if (err)
		goto err_policy;
	err = sipalg_netlink_init();
	if (err)
		goto err_address;
	err = sipalg_helper_init();
	if (err)
		goto err_netlink;
	return 0;

err_netlink:
	sipalg_netlink_exit();
err_address:
	sipalg_address_unwatch();
err_policy:
	sipalg_policy_unwatch();
err_net:
	unregister_pernet_subsys(&net_ops);
err_dialog:
	sipalg_dialog_exit();
err_binding:
	sipalg_binding_exit();
err_host:
	sipalg_host_exit();
err_stream:
	sipalg_stream_exit();
err_message:
	sipalg_message_exit();
	return err;
}

static void close_streams(void)
{
	struct net *net;

	down_read(&net_rwsem);
	for_each_net(net)
		sipalg_streams_exit(sipalg_pernet(net));
	up_read(&net_rwsem);
}

static void __exit sipalg_exit(void)
{
	close_streams();
	sipalg_helper_exit();
	sipalg_netlink_exit();
	sipalg_address_unwatch();
	sipalg_policy_unwatch();
	unregister_pernet_subsys(&net_ops);
	sipalg_dialog_exit();
	sipalg_binding_exit();
	sipalg_host_exit();
	sipalg_stream_exit();
	sipalg_message_exit();
}

module_init(sipalg_init);
module_exit(sipalg_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("SIP application layer gateway for netfilter");
MODULE_ALIAS_NFCT_HELPER("sip");
MODULE_ALIAS_NF_NAT_HELPER("sip");
