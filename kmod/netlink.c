// SPDX-License-Identifier: GPL-2.0
/*
 * All commands act in the namespace of the socket and are for its root, who may
 * be root of a user namespace.
 */

#include <linux/netdevice.h>
#include <net/genetlink.h>

#include "main.h"
#include "netlink.h"

static struct genl_family family;

static const struct nla_policy policy_attrs[SIPALG_POLICY_MAX + 1] = {
	[SIPALG_POLICY_MODE] = NLA_POLICY_MAX(NLA_U32, SIPALG_MODE_MAX),
	[SIPALG_POLICY_ZONE] = { .type = NLA_U16 },
	[SIPALG_POLICY_DEV] = { .type = NLA_NUL_STRING, .len = IFNAMSIZ - 1 },
	[SIPALG_POLICY_NOW] = { .type = NLA_FLAG },
};

static const struct nla_policy scope_attrs[SIPALG_POLICY_MAX + 1] = {
	[SIPALG_POLICY_MODE] = NLA_POLICY_MAX(NLA_U32, SIPALG_MODE_MAX),
	[SIPALG_POLICY_ZONE] = { .type = NLA_U16 },
	[SIPALG_POLICY_DEV] = { .type = NLA_NUL_STRING, .len = IFNAMSIZ - 1 },
};

static const struct nla_policy restore_attrs[SIPALG_POLICY_MAX + 1] = {
	[SIPALG_POLICY_NOW] = { .type = NLA_FLAG },
	[SIPALG_POLICY_SCOPE] = NLA_POLICY_NESTED(scope_attrs),
};

/* For commands that take no attributes: strict validation refuses whatever is unnamed. */
static const struct nla_policy no_attrs[] = {
	[1] = { .type = NLA_UNSPEC },
};

static int parse_scope(struct sipalg_scope *scope, struct nlattr *const *attrs,
		       struct netlink_ext_ack *extack)
{
	const struct nlattr *zone = attrs[SIPALG_POLICY_ZONE];
	const struct nlattr *dev = attrs[SIPALG_POLICY_DEV];

	*scope = (struct sipalg_scope) {
		.zone = zone ? nla_get_u16(zone) : -1,
	};
	if (!dev)
		return 0;
	nla_strscpy(scope->dev, dev, sizeof(scope->dev));
	if (!dev_valid_name(scope->dev)) {
		NL_SET_ERR_MSG_ATTR(extack, dev, "not a valid device name");
		return -EINVAL;
	}
	return 0;
}

/* Calls under way whose flows the policy now leaves alone. */
static bool is_abandoned(const struct sipalg_dialog *dialog)
{
	const struct sipalg_dialog_about *about = &dialog->about;

	switch (sipalg_policy_mode(dialog->sn, dialog->key.zone, about->in, about->out)) {
	case SIPALG_MODE_ON:
		return false;
	case SIPALG_MODE_RULE:
		return about->automatic;
	default:
		return true;
	}
}

/* Registrations are not under way: without the ALG they mean nothing. */
static bool is_abandoned_registration(const struct sipalg_dialog *dialog)
{
	return dialog->kind != SIPALG_CALL_DIALOG && is_abandoned(dialog);
}

static void policy_changed(struct sipalg_net *sn, const struct genl_info *info)
{
	sipalg_dialogs_end(sn, info->attrs[SIPALG_POLICY_NOW] ? is_abandoned :
								is_abandoned_registration);
	sipalg_hooks_review(sn);
}

static int require_hooks(struct sipalg_net *sn, enum sipalg_mode mode, struct genl_info *info)
{
	int err = 0;

	if (mode == SIPALG_MODE_ON || mode == SIPALG_MODE_OBSERVE)
		err = sipalg_hooks_require(sn);
	if (err)
		NL_SET_ERR_MSG(info->extack, "the netfilter hooks cannot be registered");
	return err;
}

static int policy_set(struct sk_buff *skb, struct genl_info *info)
{
	struct sipalg_net *sn = sipalg_pernet(genl_info_net(info));
	struct sipalg_scope scope;
	enum sipalg_mode mode;
	int err;

	if (!info->attrs[SIPALG_POLICY_MODE]) {
		NL_SET_ERR_MSG(info->extack, "the mode is missing");
		return -EINVAL;
	}
	mode = nla_get_u32(info->attrs[SIPALG_POLICY_MODE]);
	err = parse_scope(&scope, info->attrs, info->extack);
	if (err)
		return err;
	err = require_hooks(sn, mode, info);
	if (!err)
		err = sipalg_policy_set(sn, &scope, mode, info->extack);
	policy_changed(sn, info);
	return err;
}

static int policy_del(struct sk_buff *skb, struct genl_info *info)
{
	struct sipalg_net *sn = sipalg_pernet(genl_info_net(info));
	struct sipalg_scope scope;
	int err;

	if (info->attrs[SIPALG_POLICY_MODE]) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[SIPALG_POLICY_MODE],
				    "a scope is deleted whatever its mode");
		return -EINVAL;
	}
	err = parse_scope(&scope, info->attrs, info->extack);
	if (err)
		return err;
	err = sipalg_policy_del(sn, &scope);
	policy_changed(sn, info);
	return err;
}

static int policy_flush(struct sk_buff *skb, struct genl_info *info)
{
	struct sipalg_net *sn = sipalg_pernet(genl_info_net(info));
	const struct nlattr *attr = info->attrs[SIPALG_POLICY_MODE];
	enum sipalg_mode mode = attr ? nla_get_u32(attr) : SIPALG_MODE_RULE;
	int err;

	if (info->attrs[SIPALG_POLICY_ZONE] || info->attrs[SIPALG_POLICY_DEV]) {
		NL_SET_ERR_MSG(info->extack, "flush is for all scopes");
		return -EINVAL;
	}
	err = require_hooks(sn, mode, info);
	if (!err)
		err = sipalg_policy_flush(sn, mode);
	policy_changed(sn, info);
	return err;
}

static int parse_draft(struct sipalg_net *sn, struct sipalg_draft *draft,
		       struct genl_info *info)
{
	struct nlattr *attrs[SIPALG_POLICY_MAX + 1];
	struct netlink_ext_ack *extack = info->extack;
	const struct nlattr *attr;
	struct sipalg_scope scope;
	enum sipalg_mode mode;
	int remaining, err;

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, remaining) {
		if (nla_type(attr) != SIPALG_POLICY_SCOPE)
			continue;
		err = nla_parse_nested(attrs, SIPALG_POLICY_MAX, attr, scope_attrs, extack);
		if (err)
			return err;
		if (!attrs[SIPALG_POLICY_MODE]) {
			NL_SET_ERR_MSG_ATTR(extack, attr, "the mode is missing");
			return -EINVAL;
		}
		mode = nla_get_u32(attrs[SIPALG_POLICY_MODE]);
		err = parse_scope(&scope, attrs, extack);
		if (!err)
			err = sipalg_draft_add(draft, &scope, mode, extack);
		if (!err)
			err = require_hooks(sn, mode, info);
		if (err)
			return err;
	}
	return 0;
}

static int policy_restore(struct sk_buff *skb, struct genl_info *info)
{
	struct sipalg_net *sn = sipalg_pernet(genl_info_net(info));
	struct sipalg_draft draft;
	int err;

	sipalg_draft_init(&draft);
	err = parse_draft(sn, &draft, info);
	if (!err)
		err = sipalg_policy_restore(sn, &draft);
	sipalg_draft_free(&draft);
	policy_changed(sn, info);
	return err;
}

static void *put_header(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd)
{
	void *header = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
				   &family, NLM_F_MULTI, cmd);

	if (header)
		genl_dump_check_consistent(cb, header);
	return header;
}

static int put_addr(struct sk_buff *skb, int attr, u8 l3, const union nf_inet_addr *addr)
{
	return nla_put(skb, attr, l3 == NFPROTO_IPV4 ? 4 : 16, addr);
}

static int put_rule(struct sk_buff *skb, struct netlink_callback *cb,
		    const struct sipalg_rule *rule)
{
	void *header = put_header(skb, cb, SIPALG_CMD_POLICY_GET);

	if (!header)
		return -EMSGSIZE;
	if (nla_put_u32(skb, SIPALG_POLICY_MODE, rule->mode) ||
	    (rule->scope.zone >= 0 &&
	     nla_put_u16(skb, SIPALG_POLICY_ZONE, rule->scope.zone)) ||
	    (rule->scope.dev[0] &&
	     nla_put_string(skb, SIPALG_POLICY_DEV, rule->scope.dev)) ||
	    (rule->ifindex &&
	     nla_put_u32(skb, SIPALG_POLICY_IFINDEX, rule->ifindex))) {
		genlmsg_cancel(skb, header);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, header);
	return 0;
}

static int policy_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct sipalg_net *sn = sipalg_pernet(sock_net(skb->sk));
	struct sipalg_rule rule;

	cb->seq = READ_ONCE(sn->policy.generation);
	while (!sipalg_policy_get(sn, cb->args[0], &rule)) {
		if (put_rule(skb, cb, &rule))
			break;
		cb->args[0]++;
	}
	return skb->len;
}

static u32 seconds_until(unsigned long when)
{
	unsigned long now = jiffies;

	return time_after(when, now) ? (when - now) / HZ : 0;
}

static int put_dialog(struct sk_buff *skb, struct netlink_callback *cb, void *object)
{
	struct sipalg_dialog *dialog = object;
	const struct sipalg_dialog_about *about = &dialog->about;
	void *header = put_header(skb, cb, SIPALG_CMD_CALL_GET);
	unsigned long deadline;
	u8 state, n_holds;

	if (!header)
		return -EMSGSIZE;
	spin_lock_bh(&dialog->lock);
	state = dialog->state;
	n_holds = dialog->n_holds;
	deadline = dialog->deadline;
	spin_unlock_bh(&dialog->lock);

	if (nla_put_u64_64bit(skb, SIPALG_CALL_ID, dialog->id, SIPALG_CALL_PAD) ||
	    nla_put_string(skb, SIPALG_CALL_LABEL, dialog->label) ||
	    nla_put_u32(skb, SIPALG_CALL_KIND, dialog->kind) ||
	    nla_put_u32(skb, SIPALG_CALL_STATE, state) ||
	    nla_put_u16(skb, SIPALG_CALL_ZONE, dialog->key.zone) ||
	    nla_put_u8(skb, SIPALG_CALL_FAMILY, about->family) ||
	    put_addr(skb, SIPALG_CALL_INSIDE, about->family, &about->inside) ||
	    put_addr(skb, SIPALG_CALL_PEER, about->family, &about->peer) ||
	    nla_put_u32(skb, SIPALG_CALL_AGE, (jiffies - dialog->begun) / HZ) ||
	    nla_put_u32(skb, SIPALG_CALL_EXPIRES, seconds_until(deadline)) ||
	    nla_put_u32(skb, SIPALG_CALL_BINDINGS, n_holds)) {
		genlmsg_cancel(skb, header);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, header);
	return 0;
}

static int put_binding(struct sk_buff *skb, struct netlink_callback *cb, void *object)
{
	struct sipalg_binding *binding = object;
	const struct sipalg_end *inside = &binding->inside, *outside = &binding->outside;
	void *header = put_header(skb, cb, SIPALG_CMD_BINDING_GET);

	if (!header)
		return -EMSGSIZE;
	if (nla_put_u32(skb, SIPALG_BINDING_KIND, binding->kind) ||
	    nla_put_u8(skb, SIPALG_BINDING_PROTO, inside->proto) ||
	    nla_put_u8(skb, SIPALG_BINDING_FAMILY, inside->family) ||
	    nla_put_u16(skb, SIPALG_BINDING_ZONE, inside->zone) ||
	    put_addr(skb, SIPALG_BINDING_INSIDE, inside->family, &inside->addr) ||
	    nla_put_u16(skb, SIPALG_BINDING_INSIDE_PORT, ntohs(inside->port)) ||
	    put_addr(skb, SIPALG_BINDING_OUTSIDE, inside->family, &outside->addr) ||
	    nla_put_u16(skb, SIPALG_BINDING_OUTSIDE_PORT, ntohs(outside->port)) ||
	    nla_put_u32(skb, SIPALG_BINDING_USERS, refcount_read(&binding->users)) ||
	    nla_put_u32(skb, SIPALG_BINDING_FLOWS, sipalg_binding_flows(binding))) {
		genlmsg_cancel(skb, header);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, header);
	return 0;
}

static int table_start(struct netlink_callback *cb, struct rhashtable *table)
{
	struct rhashtable_iter *iter = kmalloc(sizeof(*iter), GFP_KERNEL);

	if (!iter)
		return -ENOMEM;
	rhashtable_walk_enter(table, iter);
	cb->args[0] = (long)iter;
	cb->seq = 1;
	return 0;
}

static int call_start(struct netlink_callback *cb)
{
	return table_start(cb, &sipalg_pernet(sock_net(cb->skb->sk))->dialogs.table);
}

static int binding_start(struct netlink_callback *cb)
{
	return table_start(cb, &sipalg_pernet(sock_net(cb->skb->sk))->bindings.outside);
}

static int table_done(struct netlink_callback *cb)
{
	struct rhashtable_iter *iter = (struct rhashtable_iter *)cb->args[0];

	rhashtable_walk_exit(iter);
	kfree(iter);
	return 0;
}

static int table_dump(struct sk_buff *skb, struct netlink_callback *cb,
		      int (*put)(struct sk_buff *, struct netlink_callback *, void *))
{
	struct rhashtable_iter *iter = (struct rhashtable_iter *)cb->args[0];
	void *object;
	int err = 0;

	rhashtable_walk_start(iter);
	object = rhashtable_walk_peek(iter);
	while (object) {
		/* The table grew or shrank: the walk begins anew. */
		if (IS_ERR(object)) {
			err = PTR_ERR(object) == -EAGAIN ? 0 : PTR_ERR(object);
			if (err)
				break;
			cb->seq++;
		} else if (put(skb, cb, object)) {
			break;
		}
		object = rhashtable_walk_next(iter);
	}
	rhashtable_walk_stop(iter);
	return err ?: skb->len;
}

static int call_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	return table_dump(skb, cb, put_dialog);
}

static int binding_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	return table_dump(skb, cb, put_binding);
}

static int stats_get(struct sk_buff *skb, struct genl_info *info)
{
	struct sipalg_net *sn = sipalg_pernet(genl_info_net(info));
	u64 sum[__SIPALG_STAT_MAX];
	struct sk_buff *reply;
	void *header;
	int i;

	reply = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!reply)
		return -ENOMEM;
	header = genlmsg_put_reply(reply, info, &family, 0, SIPALG_CMD_STATS_GET);
	if (!header)
		goto err;
	sipalg_stats_read(sn, sum);
	for (i = 0; i < __SIPALG_STAT_MAX; i++)
		if (nla_put_u64_64bit(reply, SIPALG_STATS_MESSAGES + i, sum[i],
				      SIPALG_STATS_PAD))
			goto err;
	if (nla_put_u32(reply, SIPALG_STATS_CALLS_NOW, atomic_read(&sn->dialogs.count)) ||
	    nla_put_u32(reply, SIPALG_STATS_BINDINGS_NOW, atomic_read(&sn->bindings.count)))
		goto err;
	genlmsg_end(reply, header);
	return genlmsg_reply(reply, info);
err:
	nlmsg_free(reply);
	return -EMSGSIZE;
}

static const struct genl_ops ops[] = {
	{
		.cmd = SIPALG_CMD_POLICY_GET,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = no_attrs,
		.maxattr = ARRAY_SIZE(no_attrs) - 1,
		.dumpit = policy_dump,
	}, {
		.cmd = SIPALG_CMD_POLICY_SET,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = policy_attrs,
		.maxattr = SIPALG_POLICY_MAX,
		.doit = policy_set,
	}, {
		.cmd = SIPALG_CMD_POLICY_DEL,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = policy_attrs,
		.maxattr = SIPALG_POLICY_MAX,
		.doit = policy_del,
	}, {
		.cmd = SIPALG_CMD_POLICY_FLUSH,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = policy_attrs,
		.maxattr = SIPALG_POLICY_MAX,
		.doit = policy_flush,
	}, {
		.cmd = SIPALG_CMD_POLICY_RESTORE,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = restore_attrs,
		.maxattr = SIPALG_POLICY_MAX,
		.doit = policy_restore,
	}, {
		.cmd = SIPALG_CMD_CALL_GET,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = no_attrs,
		.maxattr = ARRAY_SIZE(no_attrs) - 1,
		.start = call_start,
		.dumpit = call_dump,
		.done = table_done,
	}, {
		.cmd = SIPALG_CMD_BINDING_GET,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = no_attrs,
		.maxattr = ARRAY_SIZE(no_attrs) - 1,
		.start = binding_start,
		.dumpit = binding_dump,
		.done = table_done,
	}, {
		.cmd = SIPALG_CMD_STATS_GET,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = no_attrs,
		.maxattr = ARRAY_SIZE(no_attrs) - 1,
		.doit = stats_get,
	},
};

static struct genl_family family __ro_after_init = {
	.name = SIPALG_GENL_NAME,
	.version = SIPALG_GENL_VERSION,
	.netnsok = true,
	.parallel_ops = true,
	.module = THIS_MODULE,
	.ops = ops,
	.n_ops = ARRAY_SIZE(ops),
	.resv_start_op = SIPALG_CMD_UNSPEC + 1,
};

int __init sipalg_netlink_init(void)
{
	return genl_register_family(&family);
}

void sipalg_netlink_exit(void)
{
	genl_unregister_family(&family);
}
