// SPDX-License-Identifier: GPL-2.0

#include <linux/slab.h>
#include <net/sock.h>

#include "control/family.h"
#include "control/message_cmd.h"
#include "state/recent.h"

/* Room for the headers around a message. */
#define HEADERS_MAX	4096

const struct nla_policy sipalg_message_attrs[SIPALG_MESSAGE_MAX + 1] = {
	[SIPALG_MESSAGE_CALL] = { .type = NLA_U64 },
};

/**
 * struct walk - a dump under way
 * @position: of the next message
 * @call: only messages of this dialog; 0 for all
 * @skb: the dump's buffer
 * @cb: the dump
 */
struct walk {
	u64 position;
	u64 call;
	struct sk_buff *skb;
	struct netlink_callback *cb;
};

int sipalg_message_cmd_start(struct netlink_callback *cb)
{
	struct nlattr *attrs[SIPALG_MESSAGE_MAX + 1];
	struct walk *walk;
	int err;

	err = nlmsg_parse(cb->nlh, GENL_HDRLEN, attrs, SIPALG_MESSAGE_MAX,
			  sipalg_message_attrs, cb->extack);
	if (err)
		return err;
	walk = kzalloc(sizeof(*walk), GFP_KERNEL);
	if (!walk)
		return -ENOMEM;
	if (attrs[SIPALG_MESSAGE_CALL])
		walk->call = nla_get_u64(attrs[SIPALG_MESSAGE_CALL]);
	cb->args[0] = (long)walk;
	cb->min_dump_alloc = SIPALG_RECENT_LEN_MAX + HEADERS_MAX;
	return 0;
}

int sipalg_message_cmd_done(struct netlink_callback *cb)
{
	kfree((struct walk *)cb->args[0]);
	return 0;
}

/* The message consists of attributes. */
static int put_message(const void *message, u32 len, void *data)
{
	struct walk *walk = data;
	const struct nlattr *call = nla_find(message, len, SIPALG_MESSAGE_CALL);
	void *header;
	int err = 0;

	if (walk->call && (!call || nla_get_u64(call) != walk->call))
		return 0;
	header = sipalg_family_dump_begin(walk->skb, walk->cb,
					  SIPALG_CMD_MESSAGE_GET);
	if (!header)
		return -EMSGSIZE;
	if (skb_tailroom(walk->skb) < len)
		err = -EMSGSIZE;
	else
		skb_put_data(walk->skb, message, len);
	return sipalg_family_dump_end(walk->skb, header, err);
}

int sipalg_message_cmd_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct walk *walk = (struct walk *)cb->args[0];
	int err;

	walk->skb = skb;
	walk->cb = cb;
	err = sipalg_recent_read(sipalg_pernet(sock_net(cb->skb->sk)),
				 &walk->position, put_message, walk);
	return err && !skb->len ? err : skb->len;
}
