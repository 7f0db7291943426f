// SPDX-License-Identifier: GPL-2.0

#include <linux/inetdevice.h>
#include <net/addrconf.h>
#include <net/sock.h>

#include "control/encode.h"
#include "control/family.h"
#include "control/policy_cmd.h"
#include "hook/hooks.h"
#include "state/network.h"
#include "state/policy.h"
#include "state/ruleset.h"
#include "table/outside.h"
#include "table/port.h"
#include "table/suspend.h"

#define TRUSTED_LEN (SIPALG_TRUSTED_MAX * sizeof(struct sipalg_network))

#define OPTION_ATTRS							\
	[SIPALG_POLICY_OUTSIDE_PORTS] = {				\
		.type = NLA_BINARY, .len = 2 * sizeof(u16),		\
	},								\
	[SIPALG_POLICY_OUTSIDE_ADDRESS] = {				\
		.type = NLA_BINARY, .len = sizeof(struct in6_addr),	\
	},								\
	[SIPALG_POLICY_TRUSTED] = {					\
		.type = NLA_BINARY, .len = TRUSTED_LEN,			\
	},								\
	[SIPALG_POLICY_TRUSTED_FOR] = {					\
		.type = NLA_BINARY, .len = TRUSTED_LEN,			\
	}

const struct nla_policy sipalg_policy_attrs[SIPALG_POLICY_MAX + 1] = {
	[SIPALG_POLICY_MODE] = NLA_POLICY_MAX(NLA_U32, SIPALG_MODE_MAX),
	[SIPALG_POLICY_ZONE] = { .type = NLA_U16 },
	[SIPALG_POLICY_DEV] = { .type = NLA_NUL_STRING, .len = IFNAMSIZ - 1 },
	[SIPALG_POLICY_NOW] = { .type = NLA_FLAG },
	OPTION_ATTRS,
};

static const struct nla_policy scope_attrs[SIPALG_POLICY_MAX + 1] = {
	[SIPALG_POLICY_MODE] = NLA_POLICY_MAX(NLA_U32, SIPALG_MODE_MAX),
	[SIPALG_POLICY_ZONE] = { .type = NLA_U16 },
	[SIPALG_POLICY_DEV] = { .type = NLA_NUL_STRING, .len = IFNAMSIZ - 1 },
	OPTION_ATTRS,
};

/* A scope is deleted whatever its options. */
const struct nla_policy sipalg_policy_del_attrs[SIPALG_POLICY_MAX + 1] = {
	[SIPALG_POLICY_MODE] = NLA_POLICY_MAX(NLA_U32, SIPALG_MODE_MAX),
	[SIPALG_POLICY_ZONE] = { .type = NLA_U16 },
	[SIPALG_POLICY_DEV] = { .type = NLA_NUL_STRING, .len = IFNAMSIZ - 1 },
	[SIPALG_POLICY_NOW] = { .type = NLA_FLAG },
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

static int parse_ports(struct sipalg_options *options,
		       const struct nlattr *attr,
		       struct netlink_ext_ack *extack)
{
	u16 ports[2];

	if (!nla_len(attr))
		return 0;
	if (nla_len(attr) == sizeof(ports)) {
		nla_memcpy(ports, attr, sizeof(ports));
		if (ports[0] >= SIPALG_PORT_USER_MIN && ports[0] < ports[1]) {
			options->port_min = ports[0];
			options->port_max = ports[1];
			return 0;
		}
	}
	NL_SET_ERR_MSG_ATTR(extack, attr,
			    "outside-ports: LOW-HIGH, from 1024 to 65535");
	return -EINVAL;
}

static int parse_address(struct sipalg_options *options,
			 const struct nlattr *attr,
			 struct netlink_ext_ack *extack)
{
	union nf_inet_addr *addr = &options->addr;
	bool unicast = false;

	nla_memcpy(addr, attr, sizeof(*addr));
	switch (nla_len(attr)) {
	case 0:
		return 0;
	case sizeof(addr->ip):
		options->family = NFPROTO_IPV4;
		unicast = !ipv4_is_multicast(addr->ip) &&
			  !ipv4_is_zeronet(addr->ip) &&
			  !ipv4_is_loopback(addr->ip) &&
			  !ipv4_is_lbcast(addr->ip);
		break;
	case sizeof(addr->in6):
		options->family = NFPROTO_IPV6;
		unicast = ipv6_addr_type(&addr->in6) & IPV6_ADDR_UNICAST &&
			  !(ipv6_addr_type(&addr->in6) &
			    (IPV6_ADDR_LOOPBACK | IPV6_ADDR_LINKLOCAL));
		break;
	}
	if (unicast)
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, attr,
			    "outside-address is no address of a host");
	return -EINVAL;
}

/* Return: how many networks there are; -1 if they cannot be used. */
static int parse_networks(struct sipalg_network *network,
			  const struct nlattr *attr)
{
	unsigned int n = nla_len(attr) / sizeof(*network);

	if (nla_len(attr) % sizeof(*network))
		return -1;
	nla_memcpy(network, attr, nla_len(attr));
	return sipalg_network_are_valid(network, n) ? n : -1;
}

/* Both are there, or both are empty. */
static int parse_trust(struct sipalg_trust *trust, const struct nlattr *hosts,
		       const struct nlattr *named,
		       struct netlink_ext_ack *extack)
{
	int n_hosts, n_named;

	if (!hosts || !named || !nla_len(hosts) != !nla_len(named)) {
		NL_SET_ERR_MSG(extack, "trusted: HOSTS for NETWORKS");
		return -EINVAL;
	}
	n_hosts = parse_networks(trust->hosts, hosts);
	n_named = parse_networks(trust->named, named);
	if (n_hosts < 0 || n_named < 0) {
		NL_SET_ERR_MSG_ATTR(extack, n_hosts < 0 ? hosts : named,
				    "trusted: up to "
				    __stringify(SIPALG_TRUSTED_MAX)
				    " networks of 1 to 32 or 128 bits");
		return -EINVAL;
	}
	trust->n_hosts = n_hosts;
	trust->n_named = n_named;
	return 0;
}

static int parse_change(struct sipalg_change *change,
			struct nlattr *const *attrs,
			struct netlink_ext_ack *extack)
{
	const struct nlattr *ports = attrs[SIPALG_POLICY_OUTSIDE_PORTS];
	const struct nlattr *addr = attrs[SIPALG_POLICY_OUTSIDE_ADDRESS];
	const struct nlattr *hosts = attrs[SIPALG_POLICY_TRUSTED];
	const struct nlattr *named = attrs[SIPALG_POLICY_TRUSTED_FOR];
	int err = 0;

	if (!attrs[SIPALG_POLICY_MODE]) {
		NL_SET_ERR_MSG(extack, "the mode is missing");
		return -EINVAL;
	}
	*change = (struct sipalg_change) {
		.mode = nla_get_u32(attrs[SIPALG_POLICY_MODE]),
		.ports = ports,
		.addr = addr,
		.trust = hosts || named,
	};
	if (ports)
		err = parse_ports(&change->options, ports, extack);
	if (!err && addr)
		err = parse_address(&change->options, addr, extack);
	if (!err && change->trust)
		err = parse_trust(&change->options.trust, hosts, named, extack);
	return err;
}

/*
 * An outside device that was made anew, as by PPPoE, has another index than the
 * dialog knows.
 */
static int current_device(const struct sipalg_dialog *dialog, int ifindex)
{
	const struct sipalg_leases *leases = &dialog->leases;
	const struct sipalg_lease *lease;

	if (!ifindex || dev_get_by_index_rcu(dialog->sn->net, ifindex))
		return ifindex;
	sipalg_lease_for_each(lease, leases) {
		const struct sipalg_outside *address = lease->binding->address;

		if (address && READ_ONCE(address->ifindex))
			return READ_ONCE(address->ifindex);
	}
	return ifindex;
}

/* Does the policy leave the dialog's flows alone now? */
static bool is_abandoned(const struct sipalg_dialog *dialog)
{
	const struct sipalg_dialog_origin *origin = &dialog->origin;

	switch (sipalg_ruleset_mode(dialog->sn, dialog->key.zone,
				    current_device(dialog, origin->in),
				    current_device(dialog, origin->out))) {
	case SIPALG_MODE_ON:
		return false;
	case SIPALG_MODE_RULE:
		return dialog->automatic;
	default:
		return true;
	}
}

static bool end_abandoned(struct sipalg_dialog *dialog, const void *unused)
{
	return is_abandoned(dialog);
}

/* Calls are finished; all else waits for a scope that covers it. */
static bool suspend_abandoned(struct sipalg_dialog *dialog, const void *unused)
{
	if (dialog->kind == SIPALG_CALL_DIALOG)
		return false;
	if (is_abandoned(dialog))
		sipalg_suspend_dialog(dialog);
	else
		sipalg_suspend_resume(dialog);
	return false;
}

/*
 * The policy has changed, or was not to be (@err): then hooks may have been
 * required in vain.
 */
static int end_change(struct sipalg_net *sn, const struct genl_info *info,
		      int err)
{
	if (!err) {
		sipalg_dialog_end_matching(sn, SIPALG_CALL_CAUSE_POLICY,
					   info->attrs[SIPALG_POLICY_NOW] ?
						   end_abandoned :
						   suspend_abandoned,
					   NULL);
		sipalg_hooks_rescan(sn);
	} else {
		sipalg_hooks_settle(sn);
	}
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
	struct sipalg_change change;
	struct sipalg_scope scope;
	int err;

	err = parse_change(&change, info->attrs, info->extack);
	if (!err)
		err = parse_scope(&scope, info->attrs, info->extack);
	if (err)
		return err;
	err = require_hooks(sn, change.mode, info);
	if (!err)
		err = sipalg_policy_set(sn, &scope, &change, info->extack);
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
	struct sipalg_change change;
	struct sipalg_scope scope;
	int remaining, err;

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, remaining) {
		if (nla_type(attr) != SIPALG_POLICY_SCOPE)
			continue;
		err = nla_parse_nested(attrs, SIPALG_POLICY_MAX, attr,
				       scope_attrs, extack);
		if (!err)
			err = parse_change(&change, attrs, extack);
		if (!err)
			err = parse_scope(&scope, attrs, extack);
		if (!err)
			err = sipalg_draft_add(draft, &scope, &change, extack);
		if (!err)
			err = require_hooks(sn, change.mode, info);
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
