// SPDX-License-Identifier: GPL-2.0

#include <net/sock.h>

#include "control/encode.h"
#include "control/family.h"
#include "control/table_cmd.h"
#include "state/settings.h"
#include "table/dialog.h"

/* Filters: calls and bindings to show, calls to end. */
const struct nla_policy sipalg_call_attrs[SIPALG_CALL_MAX + 1] = {
	[SIPALG_CALL_ID] = {.type = NLA_U64},
	[SIPALG_CALL_LABEL] = {.type = NLA_NUL_STRING,
			       .len = SIPALG_LABEL_LEN - 1},
	[SIPALG_CALL_KIND] =
		NLA_POLICY_MAX(NLA_U32, __SIPALG_CALL_KIND_MAX - 1),
	[SIPALG_CALL_STATE] =
		NLA_POLICY_MAX(NLA_U32, __SIPALG_CALL_STATE_MAX - 1),
	[SIPALG_CALL_MUTE] = {.type = NLA_FLAG},
	[SIPALG_CALL_USER] = {.type = NLA_NUL_STRING,
			      .len = SIPALG_NAME_LEN - 1},
	[SIPALG_CALL_ZONE] = {.type = NLA_U16},
	[SIPALG_CALL_DEV] = {.type = NLA_U32},
	[SIPALG_CALL_ADDRESS] = {.type = NLA_BINARY,
				 .len = sizeof(struct in6_addr)},
};

const struct nla_policy sipalg_binding_attrs[SIPALG_BINDING_MAX + 1] = {
	[SIPALG_BINDING_ZONE] = {.type = NLA_U16},
	[SIPALG_BINDING_DEV] = {.type = NLA_U32},
	[SIPALG_BINDING_ADDRESS] = {.type = NLA_BINARY,
				    .len = sizeof(struct in6_addr)},
};

/**
 * struct filter - what to show
 * @id: attribute, NULL: any; so are the others
 * @call_id_prefix: start of a Call-ID as it is shown
 * @kind: enum sipalg_call_kind
 * @state: enum sipalg_call_state
 * @user: part of a name that the call has
 * @mute: one side of a stream is silent
 * @zone: conntrack zone
 * @dev: index of a device
 * @addr: an address, whose family is told by its length
 *
 * The attributes are of the request, which lives as long as this does.
 */
struct filter {
	const struct nlattr *id;
	const struct nlattr *call_id_prefix;
	const struct nlattr *kind;
	const struct nlattr *state;
	const struct nlattr *user;
	const struct nlattr *mute;
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

static int init_call_filter(struct filter *filter, struct nlattr *const attrs[],
			    struct netlink_ext_ack *extack)
{
	*filter = (struct filter) {
		.id = attrs[SIPALG_CALL_ID],
		.call_id_prefix = attrs[SIPALG_CALL_LABEL],
		.kind = attrs[SIPALG_CALL_KIND],
		.state = attrs[SIPALG_CALL_STATE],
		.user = attrs[SIPALG_CALL_USER],
		.mute = attrs[SIPALG_CALL_MUTE],
		.zone = attrs[SIPALG_CALL_ZONE],
		.dev = attrs[SIPALG_CALL_DEV],
		.addr = attrs[SIPALG_CALL_ADDRESS],
	};
	return check_addr(filter->addr, extack);
}

static int init_binding_filter(struct filter *filter,
			       struct nlattr *const attrs[],
			       struct netlink_ext_ack *extack)
{
	*filter = (struct filter) {
		.zone = attrs[SIPALG_BINDING_ZONE],
		.dev = attrs[SIPALG_BINDING_DEV],
		.addr = attrs[SIPALG_BINDING_ADDRESS],
	};
	return check_addr(filter->addr, extack);
}

static bool addr_equals(const struct nlattr *attr, u8 l3,
			const union nf_inet_addr *addr)
{
	unsigned int len = l3 == NFPROTO_IPV4 ? sizeof(addr->in) :
						sizeof(addr->in6);

	return nla_len(attr) == len && !memcmp(nla_data(attr), addr, len);
}

static bool binding_has_addr(const struct sipalg_binding *binding,
			     const struct nlattr *attr)
{
	return addr_equals(attr, binding->inside.family,
			   &binding->inside.addr) ||
	       addr_equals(attr, binding->inside.family,
			   sipalg_binding_outside_addr(binding));
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
	const struct sipalg_leases *leases = &dialog->leases;
	u8 family = dialog->key.family;
	const struct sipalg_lease *lease;

	if (addr_equals(attr, family, &dialog->key.host) ||
	    addr_equals(attr, family, &leases->peer))
		return true;
	sipalg_lease_for_each(lease, leases)
		if (binding_has_addr(lease->binding, attr))
			return true;
	return false;
}

static bool has_call_id_prefix(const struct sipalg_dialog *dialog,
			       const struct nlattr *attr)
{
	return !strncmp(dialog->call_id_prefix, nla_data(attr),
			strlen(nla_data(attr)));
}

static bool has_user(const struct sipalg_dialog *dialog,
		     const struct nlattr *attr)
{
	const struct sipalg_names *names = dialog->names;
	const char *user = nla_data(attr);

	return names &&
	       sipalg_setting(dialog->sn, LOG_NAMES) != SIPALG_LOG_NAMES_NONE &&
	       (strstr(names->from, user) || strstr(names->to, user) ||
		strstr(names->contact, user));
}

/* Has a call that is up a stream that only one side sends? */
static bool is_mute(const struct sipalg_dialog *dialog)
{
	const struct sipalg_leases *leases = &dialog->leases;
	struct sipalg_pinhole_counts counts;
	const struct sipalg_lease *lease;

	if (dialog->kind != SIPALG_CALL_DIALOG ||
	    dialog->state != SIPALG_CALL_CONFIRMED)
		return false;
	sipalg_lease_for_each(lease, leases) {
		if (lease->binding->kind != SIPALG_BINDING_RTP ||
		    lease->draining)
			continue;
		sipalg_pinhole_count(lease->binding, &counts);
		if (hweight8(counts.heard) == 1)
			return true;
	}
	return false;
}

/* Context: with the dialog's lock. */
static bool dialog_matches(struct sipalg_dialog *dialog, const void *data)
{
	const struct sipalg_dialog_origin *origin = &dialog->origin;
	const struct filter *filter = data;

	return (!filter->id || dialog->id == nla_get_u64(filter->id)) &&
	       (!filter->call_id_prefix ||
		has_call_id_prefix(dialog, filter->call_id_prefix)) &&
	       (!filter->kind || dialog->kind == nla_get_u32(filter->kind)) &&
	       (!filter->state ||
		dialog->state == nla_get_u32(filter->state)) &&
	       (!filter->zone ||
		dialog->key.zone == nla_get_u16(filter->zone)) &&
	       (!filter->dev || origin->in == (int)nla_get_u32(filter->dev) ||
		origin->out == (int)nla_get_u32(filter->dev)) &&
	       (!filter->addr || dialog_has_addr(dialog, filter->addr)) &&
	       (!filter->user || has_user(dialog, filter->user)) &&
	       (!filter->mute || is_mute(dialog));
}

int sipalg_table_cmd_call_del(struct sk_buff *skb, struct genl_info *info)
{
	struct sipalg_net *sn = sipalg_pernet(genl_info_net(info));
	struct sk_buff *reply;
	struct filter filter;
	unsigned int ended;
	void *header;
	int err;

	err = init_call_filter(&filter, info->attrs, info->extack);
	if (err)
		return err;
	reply = sipalg_family_reply(info, SIPALG_CMD_CALL_DEL, &header);
	if (!reply)
		return -ENOMEM;
	ended = sipalg_dialog_end_matching(sn, SIPALG_CALL_CAUSE_KILLED,
					   dialog_matches, &filter);
	return sipalg_family_send(reply, info, header,
				  nla_put_u32(reply, SIPALG_CALL_ENDED, ended));
}

static int dump_dialog(struct sk_buff *skb, struct netlink_callback *cb,
		       void *object, const struct filter *filter)
{
	struct sipalg_dialog *dialog = object;
	void *header;
	int err = 0;

	spin_lock_bh(&dialog->lock);
	if (!dialog->dead && dialog_matches(dialog, filter)) {
		header = sipalg_family_dump_begin(skb, cb, SIPALG_CMD_CALL_GET);
		err = header ? sipalg_family_dump_end(skb, header,
				sipalg_encode_dialog(skb, dialog)) : -EMSGSIZE;
	}
	spin_unlock_bh(&dialog->lock);
	return err;
}

static int dump_binding(struct sk_buff *skb, struct netlink_callback *cb,
			void *object, const struct filter *filter)
{
	struct sipalg_binding *binding = object;
	void *header;

	if (!binding_matches(binding, filter))
		return 0;
	header = sipalg_family_dump_begin(skb, cb, SIPALG_CMD_BINDING_GET);
	if (!header)
		return -EMSGSIZE;
	return sipalg_family_dump_end(skb, header,
				      sipalg_encode_binding(skb, binding));
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
	cb->min_dump_alloc = SIPALG_OBJECT_SIZE;
	cb->seq = 1;
	return 0;
}

int sipalg_table_cmd_call_start(struct netlink_callback *cb)
{
	struct sipalg_net *sn = sipalg_pernet(sock_net(cb->skb->sk));
	struct nlattr *attrs[SIPALG_CALL_MAX + 1];
	struct walk *walk =
		make_walk(cb, attrs, SIPALG_CALL_MAX, sipalg_call_attrs);

	if (IS_ERR(walk))
		return PTR_ERR(walk);
	return start_walk(cb, walk, &sn->dialogs.table,
			  init_call_filter(&walk->filter, attrs, cb->extack));
}

int sipalg_table_cmd_binding_start(struct netlink_callback *cb)
{
	struct sipalg_net *sn = sipalg_pernet(sock_net(cb->skb->sk));
	struct nlattr *attrs[SIPALG_BINDING_MAX + 1];
	struct walk *walk =
		make_walk(cb, attrs, SIPALG_BINDING_MAX, sipalg_binding_attrs);

	if (IS_ERR(walk))
		return PTR_ERR(walk);
	return start_walk(cb, walk, &sn->bindings.outside,
			  init_binding_filter(&walk->filter, attrs,
					      cb->extack));
}

int sipalg_table_cmd_done(struct netlink_callback *cb)
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

int sipalg_table_cmd_call_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	return walk_dump(skb, cb, dump_dialog);
}

int sipalg_table_cmd_binding_dump(struct sk_buff *skb,
				  struct netlink_callback *cb)
{
	return walk_dump(skb, cb, dump_binding);
}
