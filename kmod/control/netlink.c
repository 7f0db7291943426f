// SPDX-License-Identifier: GPL-2.0
/*
 * All commands act in the namespace of the socket and are for its root, who may
 * be root of a user namespace.
 */

#include "control/encode.h"
#include "control/event.h"
#include "control/family.h"
#include "control/message_cmd.h"
#include "control/netlink.h"
#include "control/policy_cmd.h"
#include "control/table_cmd.h"
#include "hook/hooks.h"
#include "state/quota.h"
#include "state/settings.h"
#include "state/stats.h"

static const struct nla_policy setting_attrs[SIPALG_SETTING_MAX + 1] = {
	[SIPALG_SETTING_SIP_PORTS] = { .type = NLA_BINARY },
#define X(id, name, initial, least, greatest, doc) \
	[SIPALG_SETTING_##id] = { .type = NLA_U32 },
	SIPALG_SETTINGS(X)
#undef X
	[SIPALG_SETTING_REGISTRATION_NETWORKS] = { .type = NLA_BINARY },
};

/*
 * For commands that take no attributes: strict validation refuses whatever is
 * unnamed.
 */
static const struct nla_policy no_attrs[] = {
	[1] = { .type = NLA_UNSPEC },
};

static int set_settings(struct sk_buff *skb, struct genl_info *info)
{
	struct sipalg_net *sn = sipalg_pernet(genl_info_net(info));
	int err = sipalg_settings_set(sn, info->attrs, info->extack);

	if (!err && info->attrs[SIPALG_SETTING_SIP_PORTS])
		sipalg_hooks_rescan(sn);
	return err;
}

static int get_settings(struct sk_buff *skb, struct genl_info *info)
{
	struct sipalg_net *sn = sipalg_pernet(genl_info_net(info));
	struct sk_buff *reply;
	void *header;

	reply = sipalg_family_reply(info, SIPALG_CMD_SETTING_GET, &header);
	if (!reply)
		return -ENOMEM;
	return sipalg_family_send(reply, info, header,
				  sipalg_encode_settings(reply, &sn->settings));
}

static int put_totals(struct sk_buff *skb, const struct sipalg_net *sn)
{
	const struct sipalg_quota *quota = &sn->quota;
	u32 registrations =
		atomic_read(&quota->total[SIPALG_SHARE_REGISTRATIONS]);

	if (nla_put_u32(skb, SIPALG_STATS_CALLS_NOW,
			atomic_read(&sn->dialogs.count)) ||
	    nla_put_u32(skb, SIPALG_STATS_BINDINGS_NOW,
			atomic_read(&sn->bindings.count)) ||
	    nla_put_u32(skb, SIPALG_STATS_HOSTS_NOW,
			atomic_read(&quota->hosts.nelems)) ||
	    nla_put_u64_64bit(skb, SIPALG_STATS_BYTES_NOW,
			      sipalg_quota_bytes(sn), SIPALG_STATS_PAD) ||
	    nla_put_u32(skb, SIPALG_STATS_REGISTRATIONS_NOW,
			registrations) ||
	    nla_put_u32(skb, SIPALG_STATS_CALLS_UP,
			atomic_read(&sn->dialogs.up)))
		return -EMSGSIZE;
	return 0;
}

static int put_stats(struct sk_buff *skb, const struct sipalg_net *sn)
{
	u64 sum[__SIPALG_STAT_MAX];
	int i;

	sipalg_stats_read(sn, sum);
	for (i = 0; i < __SIPALG_STAT_MAX; i++)
		if (nla_put_u64_64bit(skb, SIPALG_STATS_MESSAGES + i, sum[i],
				      SIPALG_STATS_PAD))
			return -EMSGSIZE;
	return put_totals(skb, sn);
}

static int get_stats(struct sk_buff *skb, struct genl_info *info)
{
	struct sipalg_net *sn = sipalg_pernet(genl_info_net(info));
	struct sk_buff *reply;
	void *header;

	reply = sipalg_family_reply(info, SIPALG_CMD_STATS_GET, &header);
	if (!reply)
		return -ENOMEM;
	return sipalg_family_send(reply, info, header, put_stats(reply, sn));
}

static const struct genl_ops ops[] = {
	{
		.cmd = SIPALG_CMD_POLICY_GET,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = no_attrs,
		.maxattr = ARRAY_SIZE(no_attrs) - 1,
		.dumpit = sipalg_policy_cmd_dump,
	}, {
		.cmd = SIPALG_CMD_POLICY_SET,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = sipalg_policy_attrs,
		.maxattr = SIPALG_POLICY_MAX,
		.doit = sipalg_policy_cmd_set,
	}, {
		.cmd = SIPALG_CMD_POLICY_DEL,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = sipalg_policy_del_attrs,
		.maxattr = SIPALG_POLICY_MAX,
		.doit = sipalg_policy_cmd_del,
	}, {
		.cmd = SIPALG_CMD_POLICY_FLUSH,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = sipalg_policy_del_attrs,
		.maxattr = SIPALG_POLICY_MAX,
		.doit = sipalg_policy_cmd_flush,
	}, {
		.cmd = SIPALG_CMD_POLICY_RESTORE,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = sipalg_restore_attrs,
		.maxattr = SIPALG_POLICY_MAX,
		.doit = sipalg_policy_cmd_restore,
	}, {
		.cmd = SIPALG_CMD_CALL_GET,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = sipalg_call_attrs,
		.maxattr = SIPALG_CALL_MAX,
		.start = sipalg_table_cmd_call_start,
		.dumpit = sipalg_table_cmd_call_dump,
		.done = sipalg_table_cmd_done,
	}, {
		.cmd = SIPALG_CMD_BINDING_GET,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = sipalg_binding_attrs,
		.maxattr = SIPALG_BINDING_MAX,
		.start = sipalg_table_cmd_binding_start,
		.dumpit = sipalg_table_cmd_binding_dump,
		.done = sipalg_table_cmd_done,
	}, {
		.cmd = SIPALG_CMD_STATS_GET,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = no_attrs,
		.maxattr = ARRAY_SIZE(no_attrs) - 1,
		.doit = get_stats,
	}, {
		.cmd = SIPALG_CMD_SETTING_GET,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = no_attrs,
		.maxattr = ARRAY_SIZE(no_attrs) - 1,
		.doit = get_settings,
	}, {
		.cmd = SIPALG_CMD_SETTING_SET,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = setting_attrs,
		.maxattr = SIPALG_SETTING_MAX,
		.doit = set_settings,
	}, {
		.cmd = SIPALG_CMD_CALL_DEL,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = sipalg_call_attrs,
		.maxattr = SIPALG_CALL_MAX,
		.doit = sipalg_table_cmd_call_del,
	}, {
		.cmd = SIPALG_CMD_MESSAGE_GET,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = sipalg_message_attrs,
		.maxattr = SIPALG_MESSAGE_MAX,
		.start = sipalg_message_cmd_start,
		.dumpit = sipalg_message_cmd_dump,
		.done = sipalg_message_cmd_done,
	},
};

int sipalg_netlink_setup(void)
{
	int err = sipalg_family_register(ops, ARRAY_SIZE(ops));

	if (!err)
		sipalg_event_start();
	return err;
}

void sipalg_netlink_teardown(void)
{
	sipalg_event_stop();
	sipalg_family_unregister();
}
