// SPDX-License-Identifier: GPL-2.0
/*
 * All commands act in the namespace of the socket and are for its root, who may
 * be root of a user namespace.
 */

#include <linux/netdevice.h>
#include <net/genetlink.h>

#include "main.h"
#include "control/netlink.h"

/*
 * For the longest message of a dump: a call with SIPALG_DIALOG_HOLDS_MAX
 * streams.
 */
#define DUMP_ROOM 8192

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

static const struct nla_policy setting_attrs[SIPALG_SETTING_MAX + 1] = {
	[SIPALG_SETTING_SIP_PORTS] = { .type = NLA_BINARY },
#define X(id, name, initial, least, greatest, doc) \
	[SIPALG_SETTING_##id] = { .type = NLA_U32 },
	SIPALG_SETTINGS(X)
#undef X
};

/* What calls and bindings to show, or calls to end, are found by. */
static const struct nla_policy call_attrs[SIPALG_CALL_MAX + 1] = {
	[SIPALG_CALL_ID] = {.type = NLA_U64},
	[SIPALG_CALL_LABEL] = {.type = NLA_NUL_STRING,
			       .len = SIPALG_LABEL_LEN - 1},
	[SIPALG_CALL_KIND] =
		NLA_POLICY_MAX(NLA_U32, __SIPALG_CALL_KIND_MAX - 1),
	[SIPALG_CALL_ZONE] = {.type = NLA_U16},
	[SIPALG_CALL_DEV] = {.type = NLA_U32},
	[SIPALG_CALL_ADDRESS] = {.type = NLA_BINARY,
				 .len = sizeof(struct in6_addr)},
};

static const struct nla_policy binding_attrs[SIPALG_BINDING_MAX + 1] = {
	[SIPALG_BINDING_ZONE] = {.type = NLA_U16},
	[SIPALG_BINDING_DEV] = {.type = NLA_U32},
	[SIPALG_BINDING_ADDRESS] = {.type = NLA_BINARY,
				    .len = sizeof(struct in6_addr)},
};

/*
 * For commands that take no attributes: strict validation refuses whatever is
 * unnamed.
 */
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
static bool is_abandoned(struct sipalg_dialog *dialog, const void *unused)
{
	const struct sipalg_dialog_about *about = &dialog->about;

	switch (sipalg_policy_mode(dialog->sn, dialog->key.zone, about->in,
				   about->out)) {
	case SIPALG_MODE_ON:
		return false;
	case SIPALG_MODE_RULE:
		return about->automatic;
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
		sipalg_dialogs_end(sn,
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
	return end_change(sn, info, err);
}

static int policy_del(struct sk_buff *skb, struct genl_info *info)
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
	return end_change(sn, info, err);
}

static int setting_set(struct sk_buff *skb, struct genl_info *info)
{
	return sipalg_settings_set(sipalg_pernet(genl_info_net(info)),
				   info->attrs, info->extack);
}

static int put_settings(struct sk_buff *skb,
			const struct sipalg_settings *settings)
{
	u16 ports[SIPALG_SIP_PORTS_MAX];
	unsigned int i, n;

	for (n = 0; n < SIPALG_SIP_PORTS_MAX; n++) {
		ports[n] = ntohs(READ_ONCE(settings->ports[n]));
		if (!ports[n])
			break;
	}
	if (nla_put(skb, SIPALG_SETTING_SIP_PORTS, n * sizeof(ports[0]), ports))
		return -EMSGSIZE;
	for (i = SIPALG_SETTING_SIP_PORTS + 1; i < __SIPALG_SETTING_MAX; i++)
		if (nla_put_u32(skb, i, READ_ONCE(settings->value[i])))
			return -EMSGSIZE;
	return 0;
}

static int setting_get(struct sk_buff *skb, struct genl_info *info)
{
	struct sipalg_net *sn = sipalg_pernet(genl_info_net(info));
	struct sk_buff *reply;
	void *header;

	reply = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!reply)
		return -ENOMEM;
	header = genlmsg_put_reply(reply, info, &sipalg_family, 0,
				   SIPALG_CMD_SETTING_GET);
	if (!header || put_settings(reply, &sn->settings)) {
		nlmsg_free(reply);
		return -EMSGSIZE;
	}
	genlmsg_end(reply, header);
	return genlmsg_reply(reply, info);
}

/**
 * struct filter - what to show
 * @id: attribute, NULL: any; so are the others
 * @label: start of a Call-ID as it is shown
 * @kind: enum sipalg_call_kind
 * @zone: conntrack zone
 * @dev: index of a device
 * @addr: an address, whose family is told by its length
 *
 * The attributes are of the request, which lives as long as this does.
 */
struct filter {
	const struct nlattr *id;
	const struct nlattr *label;
	const struct nlattr *kind;
	const struct nlattr *zone;
	const struct nlattr *dev;
	const struct nlattr *addr;
};

static int check_addr(const struct nlattr *addr, struct netlink_ext_ack *extack)
{
	if (!addr || nla_len(addr) == sizeof(struct in_addr) ||
	    nla_len(addr) == sizeof(struct in6_addr))
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, addr, "an address has 4 or 16 bytes");
	return -EINVAL;
}

static int call_filter(struct filter *filter, struct nlattr *const attrs[],
		       struct netlink_ext_ack *extack)
{
	*filter = (struct filter) {
		.id = attrs[SIPALG_CALL_ID],
		.label = attrs[SIPALG_CALL_LABEL],
		.kind = attrs[SIPALG_CALL_KIND],
		.zone = attrs[SIPALG_CALL_ZONE],
		.dev = attrs[SIPALG_CALL_DEV],
		.addr = attrs[SIPALG_CALL_ADDRESS],
	};
	return check_addr(filter->addr, extack);
}

static int binding_filter(struct filter *filter, struct nlattr *const attrs[],
			  struct netlink_ext_ack *extack)
{
	*filter = (struct filter) {
		.zone = attrs[SIPALG_BINDING_ZONE],
		.dev = attrs[SIPALG_BINDING_DEV],
		.addr = attrs[SIPALG_BINDING_ADDRESS],
	};
	return check_addr(filter->addr, extack);
}

static bool is_addr(const struct nlattr *attr, u8 l3,
		    const union nf_inet_addr *addr)
{
	unsigned int len = l3 == NFPROTO_IPV4 ? sizeof(addr->in) :
						sizeof(addr->in6);

	return nla_len(attr) == len && !memcmp(nla_data(attr), addr, len);
}

static bool binding_has_addr(const struct sipalg_binding *binding,
			     const struct nlattr *attr)
{
	return is_addr(attr, binding->inside.family, &binding->inside.addr) ||
	       is_addr(attr, binding->outside.family, &binding->outside.addr);
}

static bool binding_matches(const struct sipalg_binding *binding,
			    const struct filter *filter)
{
	return (!filter->zone ||
		binding->inside.zone == nla_get_u16(filter->zone)) &&
	       (!filter->dev ||
		binding->ifindex == (int)nla_get_u32(filter->dev)) &&
	       (!filter->addr || binding_has_addr(binding, filter->addr));
}

static bool dialog_has_addr(const struct sipalg_dialog *dialog,
			    const struct nlattr *attr)
{
	const struct sipalg_dialog_about *about = &dialog->about;
	unsigned int i;

	if (is_addr(attr, about->family, &about->inside) ||
	    is_addr(attr, about->family, &about->peer))
		return true;
	for (i = 0; i < dialog->n_holds; i++)
		if (binding_has_addr(dialog->holds[i].binding, attr))
			return true;
	return false;
}

static bool label_begins(const struct sipalg_dialog *dialog,
			 const struct nlattr *attr)
{
	return !strncmp(dialog->label, nla_data(attr), strlen(nla_data(attr)));
}

/* Context: with the dialog's lock. */
static bool dialog_matches(struct sipalg_dialog *dialog, const void *data)
{
	const struct sipalg_dialog_about *about = &dialog->about;
	const struct filter *filter = data;

	return (!filter->id || dialog->id == nla_get_u64(filter->id)) &&
	       (!filter->label || label_begins(dialog, filter->label)) &&
	       (!filter->kind || dialog->kind == nla_get_u32(filter->kind)) &&
	       (!filter->zone ||
		dialog->key.zone == nla_get_u16(filter->zone)) &&
	       (!filter->dev || about->in == (int)nla_get_u32(filter->dev) ||
		about->out == (int)nla_get_u32(filter->dev)) &&
	       (!filter->addr || dialog_has_addr(dialog, filter->addr));
}

static int call_del(struct sk_buff *skb, struct genl_info *info)
{
	struct sipalg_net *sn = sipalg_pernet(genl_info_net(info));
	struct sk_buff *reply;
	struct filter filter;
	unsigned int ended;
	void *header;
	int err;

	err = call_filter(&filter, info->attrs, info->extack);
	if (err)
		return err;
	reply = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!reply)
		return -ENOMEM;
	ended = sipalg_dialogs_end(sn, dialog_matches, &filter);
	header = genlmsg_put_reply(reply, info, &sipalg_family, 0,
				   SIPALG_CMD_CALL_DEL);
	if (!header || nla_put_u32(reply, SIPALG_CALL_ENDED, ended)) {
		nlmsg_free(reply);
		return -EMSGSIZE;
	}
	genlmsg_end(reply, header);
	return genlmsg_reply(reply, info);
}

static void *put_header(struct sk_buff *skb, struct netlink_callback *cb,
			u8 cmd)
{
	void *header = genlmsg_put(skb, NETLINK_CB(cb->skb).portid,
				   cb->nlh->nlmsg_seq, &sipalg_family,
				   NLM_F_MULTI, cmd);

	if (header)
		genl_dump_check_consistent(cb, header);
	return header;
}

static int put_addr(struct sk_buff *skb, int attr, u8 l3,
		    const union nf_inet_addr *addr)
{
	return nla_put(skb, attr, l3 == NFPROTO_IPV4 ? 4 : 16, addr);
}

/**
 * sipalg_put_rule() - describe a scope and its mode
 * @skb: a message of the family under construction
 * @rule: the scope
 *
 * Context: any.
 * Return: 0 or -EMSGSIZE.
 */
int sipalg_put_rule(struct sk_buff *skb, const struct sipalg_rule *rule)
{
	if (nla_put_u32(skb, SIPALG_POLICY_MODE, rule->mode) ||
	    (rule->scope.zone >= 0 &&
	     nla_put_u16(skb, SIPALG_POLICY_ZONE, rule->scope.zone)) ||
	    (rule->scope.dev[0] &&
	     nla_put_string(skb, SIPALG_POLICY_DEV, rule->scope.dev)) ||
	    (rule->ifindex &&
	     nla_put_u32(skb, SIPALG_POLICY_IFINDEX, rule->ifindex)))
		return -EMSGSIZE;
	return 0;
}

/* Completes a dump's message, unless it did not fit. */
static int put_end(struct sk_buff *skb, void *header, int err)
{
	if (err)
		genlmsg_cancel(skb, header);
	else
		genlmsg_end(skb, header);
	return err;
}

static int dump_rule(struct sk_buff *skb, struct netlink_callback *cb,
		     const struct sipalg_rule *rule)
{
	void *header = put_header(skb, cb, SIPALG_CMD_POLICY_GET);

	return header ? put_end(skb, header, sipalg_put_rule(skb, rule)) :
			-EMSGSIZE;
}

static int policy_dump(struct sk_buff *skb, struct netlink_callback *cb)
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

static u32 seconds_until(unsigned long when)
{
	unsigned long now = jiffies;

	return time_after(when, now) ? (when - now) / HZ : 0;
}

/**
 * sipalg_put_binding() - describe a binding
 * @skb: a message of the family under construction
 * @binding: the binding
 *
 * Context: any, RCU read side; takes the binding's lock.
 * Return: 0 or -EMSGSIZE.
 */
int sipalg_put_binding(struct sk_buff *skb, struct sipalg_binding *binding)
{
	const struct sipalg_end *inside = &binding->inside,
				*outside = &binding->outside;
	struct sipalg_binding_counts counts;

	sipalg_binding_count(binding, &counts);
	if (nla_put_u32(skb, SIPALG_BINDING_KIND, binding->kind) ||
	    nla_put_u8(skb, SIPALG_BINDING_PROTO, inside->proto) ||
	    nla_put_u8(skb, SIPALG_BINDING_FAMILY, inside->family) ||
	    nla_put_u16(skb, SIPALG_BINDING_ZONE, inside->zone) ||
	    put_addr(skb, SIPALG_BINDING_INSIDE, inside->family,
		     &inside->addr) ||
	    nla_put_u16(skb, SIPALG_BINDING_INSIDE_PORT, ntohs(inside->port)) ||
	    put_addr(skb, SIPALG_BINDING_OUTSIDE, inside->family,
		     &outside->addr) ||
	    nla_put_u16(skb, SIPALG_BINDING_OUTSIDE_PORT,
			ntohs(outside->port)) ||
	    nla_put_u32(skb, SIPALG_BINDING_USERS,
			refcount_read(&binding->users)) ||
	    nla_put_u32(skb, SIPALG_BINDING_FLOWS, counts.flows) ||
	    (binding->ifindex &&
	     nla_put_u32(skb, SIPALG_BINDING_DEV, binding->ifindex)))
		return -EMSGSIZE;
	if (counts.counted &&
	    (nla_put_u64_64bit(skb, SIPALG_BINDING_OUT_PACKETS,
			       counts.packets[0], SIPALG_BINDING_PAD) ||
	     nla_put_u64_64bit(skb, SIPALG_BINDING_OUT_BYTES, counts.bytes[0],
			       SIPALG_BINDING_PAD) ||
	     nla_put_u64_64bit(skb, SIPALG_BINDING_IN_PACKETS,
			       counts.packets[1], SIPALG_BINDING_PAD) ||
	     nla_put_u64_64bit(skb, SIPALG_BINDING_IN_BYTES, counts.bytes[1],
			       SIPALG_BINDING_PAD)))
		return -EMSGSIZE;
	return 0;
}

/* "audio PCMU/8000 iLBC/8000" */
static int put_codecs(struct sk_buff *skb, const struct sipalg_dialog *dialog,
		      u8 media)
{
	char text[SIPALG_TEXT_LEN], *codecs;

	if (!media)
		return 0;
	strscpy(text, sipalg_details_codecs(&dialog->details, media - 1),
		sizeof(text));
	codecs = strchr(text, ' ');
	if (codecs)
		*codecs++ = '\0';
	if ((*text && nla_put_string(skb, SIPALG_BINDING_STREAM, text)) ||
	    (codecs && nla_put_string(skb, SIPALG_BINDING_CODECS, codecs)))
		return -EMSGSIZE;
	return 0;
}

static int put_streams(struct sk_buff *skb, const struct sipalg_dialog *dialog)
{
	struct sipalg_binding *binding;
	struct nlattr *nest;
	unsigned int i;

	for (i = 0; i < dialog->n_holds; i++) {
		binding = dialog->holds[i].binding;
		if (binding->kind == SIPALG_BINDING_SIGNALLING)
			continue;
		nest = nla_nest_start(skb, SIPALG_CALL_STREAM);
		if (!nest || sipalg_put_binding(skb, binding) ||
		    put_codecs(skb, dialog, READ_ONCE(binding->media)))
			return -EMSGSIZE;
		nla_nest_end(skb, nest);
	}
	return 0;
}

/* Tags are bytes from the network. */
static int put_tag(struct sk_buff *skb, int attr, const char *tag)
{
	char text[SIPALG_TAG_LEN];
	unsigned int i;

	if (!*tag)
		return 0;
	strscpy(text, tag, sizeof(text));
	for (i = 0; text[i]; i++)
		if (text[i] <= ' ' || text[i] >= 0x7f)
			text[i] = '?';
	return nla_put_string(skb, attr, text);
}

/**
 * sipalg_put_dialog() - describe a dialog
 * @skb: a message of the family under construction
 * @dialog: the dialog, locked or dead
 *
 * Context: any, RCU read side; takes the locks of its bindings.
 * Return: 0 or -EMSGSIZE.
 */
int sipalg_put_dialog(struct sk_buff *skb, const struct sipalg_dialog *dialog)
{
	const struct sipalg_dialog_about *about = &dialog->about;

	if (nla_put_u64_64bit(skb, SIPALG_CALL_ID, dialog->id,
			      SIPALG_CALL_PAD) ||
	    nla_put_string(skb, SIPALG_CALL_LABEL, dialog->label) ||
	    nla_put_u32(skb, SIPALG_CALL_KIND, dialog->kind) ||
	    nla_put_u32(skb, SIPALG_CALL_STATE, dialog->state) ||
	    nla_put_u16(skb, SIPALG_CALL_ZONE, dialog->key.zone) ||
	    nla_put_u8(skb, SIPALG_CALL_FAMILY, about->family) ||
	    put_addr(skb, SIPALG_CALL_INSIDE, about->family, &about->inside) ||
	    put_addr(skb, SIPALG_CALL_PEER, about->family, &about->peer) ||
	    nla_put_u32(skb, SIPALG_CALL_AGE, (jiffies - dialog->begun) / HZ) ||
	    nla_put_u32(skb, SIPALG_CALL_EXPIRES,
			seconds_until(dialog->deadline)) ||
	    nla_put_u32(skb, SIPALG_CALL_BINDINGS, dialog->n_holds) ||
	    (about->in && nla_put_u32(skb, SIPALG_CALL_IN, about->in)) ||
	    (about->out && nla_put_u32(skb, SIPALG_CALL_OUT, about->out)) ||
	    put_tag(skb, SIPALG_CALL_CALLER_TAG, dialog->details.caller) ||
	    put_tag(skb, SIPALG_CALL_CALLEE_TAG, dialog->details.callee))
		return -EMSGSIZE;
	return put_streams(skb, dialog);
}

static int put_dialog(struct sk_buff *skb, struct netlink_callback *cb,
		      void *object, const struct filter *filter)
{
	struct sipalg_dialog *dialog = object;
	void *header;
	int err = 0;

	spin_lock_bh(&dialog->lock);
	if (!dialog->dead && dialog_matches(dialog, filter)) {
		header = put_header(skb, cb, SIPALG_CMD_CALL_GET);
		err = header ? sipalg_put_dialog(skb, dialog) : -EMSGSIZE;
		if (!err)
			genlmsg_end(skb, header);
		else if (header)
			genlmsg_cancel(skb, header);
	}
	spin_unlock_bh(&dialog->lock);
	return err;
}

static int put_binding(struct sk_buff *skb, struct netlink_callback *cb,
		       void *object, const struct filter *filter)
{
	struct sipalg_binding *binding = object;
	void *header;

	if (!binding_matches(binding, filter))
		return 0;
	header = put_header(skb, cb, SIPALG_CMD_BINDING_GET);
	if (!header)
		return -EMSGSIZE;
	if (sipalg_put_binding(skb, binding)) {
		genlmsg_cancel(skb, header);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, header);
	return 0;
}

/* A dump under way. */
struct walk {
	struct rhashtable_iter iter;
	struct filter filter;
};

static struct walk *make_walk(struct netlink_callback *cb,
			      struct nlattr *attrs[], unsigned int max,
			      const struct nla_policy *policy)
{
	struct walk *walk;
	int err;

	err = nlmsg_parse(cb->nlh, GENL_HDRLEN, attrs, max, policy, cb->extack);
	if (err)
		return ERR_PTR(err);
	walk = kmalloc(sizeof(*walk), GFP_KERNEL);
	return walk ?: ERR_PTR(-ENOMEM);
}

static int start_walk(struct netlink_callback *cb, struct walk *walk,
		      struct rhashtable *table, int err)
{
	if (err) {
		kfree(walk);
		return err;
	}
	rhashtable_walk_enter(table, &walk->iter);
	cb->args[0] = (long)walk;
	cb->min_dump_alloc = DUMP_ROOM;
	cb->seq = 1;
	return 0;
}

static int call_start(struct netlink_callback *cb)
{
	struct sipalg_net *sn = sipalg_pernet(sock_net(cb->skb->sk));
	struct nlattr *attrs[SIPALG_CALL_MAX + 1];
	struct walk *walk = make_walk(cb, attrs, SIPALG_CALL_MAX, call_attrs);

	if (IS_ERR(walk))
		return PTR_ERR(walk);
	return start_walk(cb, walk, &sn->dialogs.table,
			  call_filter(&walk->filter, attrs, cb->extack));
}

static int binding_start(struct netlink_callback *cb)
{
	struct sipalg_net *sn = sipalg_pernet(sock_net(cb->skb->sk));
	struct nlattr *attrs[SIPALG_BINDING_MAX + 1];
	struct walk *walk =
		make_walk(cb, attrs, SIPALG_BINDING_MAX, binding_attrs);

	if (IS_ERR(walk))
		return PTR_ERR(walk);
	return start_walk(cb, walk, &sn->bindings.outside,
			  binding_filter(&walk->filter, attrs, cb->extack));
}

static int walk_done(struct netlink_callback *cb)
{
	struct walk *walk = (struct walk *)cb->args[0];

	rhashtable_walk_exit(&walk->iter);
	kfree(walk);
	return 0;
}

static int walk_dump(struct sk_buff *skb, struct netlink_callback *cb,
		     int (*put)(struct sk_buff *, struct netlink_callback *,
				void *, const struct filter *))
{
	struct walk *walk = (struct walk *)cb->args[0];
	void *object;
	int err = 0;

	/* The table grew or shrank: the walk begins anew. */
	if (rhashtable_walk_start_check(&walk->iter))
		cb->seq++;
	object = rhashtable_walk_peek(&walk->iter);
	while (object) {
		if (IS_ERR(object)) {
			err = PTR_ERR(object) == -EAGAIN ? 0 : PTR_ERR(object);
			if (err)
				break;
			cb->seq++;
		} else if (put(skb, cb, object, &walk->filter)) {
			err = skb->len ? 0 : -EMSGSIZE;
			break;
		}
		object = rhashtable_walk_next(&walk->iter);
	}
	rhashtable_walk_stop(&walk->iter);
	return err ?: skb->len;
}

static int call_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	return walk_dump(skb, cb, put_dialog);
}

static int binding_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	return walk_dump(skb, cb, put_binding);
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
	header = genlmsg_put_reply(reply, info, &sipalg_family, 0,
				   SIPALG_CMD_STATS_GET);
	if (!header)
		goto err;
	sipalg_stats_read(sn, sum);
	for (i = 0; i < __SIPALG_STAT_MAX; i++)
		if (nla_put_u64_64bit(reply, SIPALG_STATS_MESSAGES + i, sum[i],
				      SIPALG_STATS_PAD))
			goto err;
	if (nla_put_u32(reply, SIPALG_STATS_CALLS_NOW,
			atomic_read(&sn->dialogs.count)) ||
	    nla_put_u32(reply, SIPALG_STATS_BINDINGS_NOW,
			atomic_read(&sn->bindings.count)) ||
	    nla_put_u32(reply, SIPALG_STATS_HOSTS_NOW,
			atomic_read(&sn->hosts.table.nelems)) ||
	    nla_put_u64_64bit(reply, SIPALG_STATS_BYTES_NOW,
			      sipalg_net_bytes(sn), SIPALG_STATS_PAD) ||
	    nla_put_u32(reply, SIPALG_STATS_REGISTRATIONS_NOW,
			atomic_read(&sn->dialogs.registrations)))
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
		.policy = call_attrs,
		.maxattr = SIPALG_CALL_MAX,
		.start = call_start,
		.dumpit = call_dump,
		.done = walk_done,
	}, {
		.cmd = SIPALG_CMD_BINDING_GET,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = binding_attrs,
		.maxattr = SIPALG_BINDING_MAX,
		.start = binding_start,
		.dumpit = binding_dump,
		.done = walk_done,
	}, {
		.cmd = SIPALG_CMD_STATS_GET,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = no_attrs,
		.maxattr = ARRAY_SIZE(no_attrs) - 1,
		.doit = stats_get,
	}, {
		.cmd = SIPALG_CMD_SETTING_GET,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = no_attrs,
		.maxattr = ARRAY_SIZE(no_attrs) - 1,
		.doit = setting_get,
	}, {
		.cmd = SIPALG_CMD_SETTING_SET,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = setting_attrs,
		.maxattr = SIPALG_SETTING_MAX,
		.doit = setting_set,
	}, {
		.cmd = SIPALG_CMD_CALL_DEL,
		.flags = GENL_UNS_ADMIN_PERM,
		.policy = call_attrs,
		.maxattr = SIPALG_CALL_MAX,
		.doit = call_del,
	},
};

static const struct genl_multicast_group groups[] = {
	[SIPALG_GROUP_NR_EVENTS] = {
		.name = SIPALG_GROUP_EVENTS,
		.flags = GENL_MCAST_CAP_NET_ADMIN,
	},
	[SIPALG_GROUP_NR_MESSAGES] = {
		.name = SIPALG_GROUP_MESSAGES,
		.flags = GENL_MCAST_CAP_NET_ADMIN,
	},
};

struct genl_family sipalg_family __ro_after_init = {
	.name = SIPALG_GENL_NAME,
	.version = SIPALG_GENL_VERSION,
	.netnsok = true,
	.parallel_ops = true,
	.module = THIS_MODULE,
	.ops = ops,
	.n_ops = ARRAY_SIZE(ops),
	.mcgrps = groups,
	.n_mcgrps = ARRAY_SIZE(groups),
	.resv_start_op = SIPALG_CMD_UNSPEC + 1,
};

int __init sipalg_netlink_init(void)
{
	int err = genl_register_family(&sipalg_family);

	if (!err)
		sipalg_event_start();
	return err;
}

void sipalg_netlink_exit(void)
{
	sipalg_event_stop();
	genl_unregister_family(&sipalg_family);
}
