// SPDX-License-Identifier: GPL-2.0

#include <linux/netdevice.h>
#include <net/sock.h>

#include "control/encode.h"
#include "control/family.h"
#include "control/policy_cmd.h"
#include "hook/hooks.h"
#include "state/policy.h"
#include "table/dialog.h"

const struct nla_policy sipalg_policy_attrs[SIPALG_POLICY_MAX + 1] = {
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

const struct nla_policy sipalg_restore_attrs[SIPALG_POLICY_MAX + 1] = {
	[SIPALG_POLICY_NOW] = { .type = NLA_FLAG },
	[SIPALG_POLICY_SCOPE] = NLA_POLICY_NESTED(scope_attrs),
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
static bool is_abandoned(struct sipalg_dialog *dialog, const void *unused)
{
	const struct sipalg_dialog_origin *origin = &dialog->origin;

	switch (sipalg_policy_mode(dialog->sn, dialog->key.zone, origin->in,
				   origin->out)) {
	case SIPALG_MODE_ON:
		return false;
	case SIPALG_MODE_RULE:
		return origin->automatic;
	default:
		return true;
	}
}

/* Registrations are not under way: without the ALG they mean nothing. */
static bool is_abandoned_registration(struct sipalg_dialog *dialog,
				      const void *unused)
{
	return dialog->kind != SIPALG_CALL_DIALOG &&
	       is_abandoned(dialog, unused);
}

/*
 * The policy has changed, or was not to be (@err): then hooks may have been
 * required in vain.
 */
static int end_change(struct sipalg_net *sn, const struct genl_info *info,
		      int err)
{
	if (!err)
		sipalg_dialog_end_matching(sn,
					   info->attrs[SIPALG_POLICY_NOW] ?
						   is_abandoned :
						   is_abandoned_registration,
					   NULL);
	sipalg_hooks_settle(sn);
	return err;
}

static int require_hooks(struct sipalg_net *sn, enum sipalg_mode mode,
			 struct genl_info *info)
{
	int err = 0;

	if (mode == SIPALG_MODE_ON || mode == SIPALG_MODE_OBSERVE)
		err = sipalg_hooks_require(sn);
	if (err)
		NL_SET_ERR_MSG(info->extack,
			       "the netfilter hooks cannot be registered");
	return err;
}

int sipalg_policy_cmd_set(struct sk_buff *skb, struct genl_info *info)
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
	return end_change(sn, info, err);
}

int sipalg_policy_cmd_del(struct sk_buff *skb, struct genl_info *info)
{
	struct sipalg_net *sn = sipalg_pernet(genl_info_net(info));
	struct sipalg_scope scope;
	int err;

	if (info->attrs[SIPALG_POLICY_MODE]) {
		NL_SET_ERR_MSG_ATTR(info->extack,
				    info->attrs[SIPALG_POLICY_MODE],
				    "a scope is deleted whatever its mode");
		return -EINVAL;
	}
	err = parse_scope(&scope, info->attrs, info->extack);
	if (err)
		return err;
	err = sipalg_policy_del(sn, &scope);
	return end_change(sn, info, err);
}

int sipalg_policy_cmd_flush(struct sk_buff *skb, struct genl_info *info)
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
	return end_change(sn, info, err);
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
		err = nla_parse_nested(attrs, SIPALG_POLICY_MAX, attr,
				       scope_attrs, extack);
		if (err)
			return err;
		if (!attrs[SIPALG_POLICY_MODE]) {
			NL_SET_ERR_MSG_ATTR(extack, attr,
					    "the mode is missing");
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

int sipalg_policy_cmd_restore(struct sk_buff *skb, struct genl_info *info)
{
	struct sipalg_net *sn = sipalg_pernet(genl_info_net(info));
	struct sipalg_draft draft;
	int err;

	sipalg_draft_init(&draft);
	err = parse_draft(sn, &draft, info);
	if (!err)
		err = sipalg_policy_restore(sn, &draft);
	sipalg_draft_free(&draft);
	return end_change(sn, info, err);
}

static int dump_rule(struct sk_buff *skb, struct netlink_callback *cb,
		     const struct sipalg_rule *rule)
{
	void *header = sipalg_family_dump_begin(skb, cb, SIPALG_CMD_POLICY_GET);

	return header ? sipalg_family_dump_end(skb, header,
					       sipalg_encode_rule(skb, rule)) :
			-EMSGSIZE;
}

int sipalg_policy_cmd_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct sipalg_net *sn = sipalg_pernet(sock_net(skb->sk));
	struct sipalg_rule rule;

	cb->seq = READ_ONCE(sn->policy.generation);
	while (!sipalg_policy_get(sn, cb->args[0], &rule)) {
		if (dump_rule(skb, cb, &rule))
			break;
		cb->args[0]++;
	}
	return skb->len;
}
