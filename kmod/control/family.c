// SPDX-License-Identifier: GPL-2.0

#include "control/family.h"
#include "state/net.h"

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
	.mcgrps = groups,
	.n_mcgrps = ARRAY_SIZE(groups),
	.resv_start_op = SIPALG_CMD_UNSPEC + 1,
};

/**
 * sipalg_family_dump_begin() - begin a message of a dump
 * @skb: the dump's buffer
 * @cb: the dump
 * @cmd: enum sipalg_cmd
 *
 * Context: any.
 * Return: an argument for sipalg_family_dump_end(); NULL where it does not fit.
 */
void *sipalg_family_dump_begin(struct sk_buff *skb, struct netlink_callback *cb,
			       u8 cmd)
{
	void *header = genlmsg_put(skb, NETLINK_CB(cb->skb).portid,
				   cb->nlh->nlmsg_seq, &sipalg_family,
				   NLM_F_MULTI, cmd);

	if (header)
		genl_dump_check_consistent(cb, header);
	return header;
}

/**
 * sipalg_family_dump_end() - complete a message of a dump, or take it back
 * @skb: the dump's buffer
 * @header: from sipalg_family_dump_begin()
 * @err: 0 if its attributes fit
 *
 * Context: any.
 * Return: @err.
 */
int sipalg_family_dump_end(struct sk_buff *skb, void *header, int err)
{
	if (err)
		genlmsg_cancel(skb, header);
	else
		genlmsg_end(skb, header);
	return err;
}

/**
 * sipalg_family_reply() - begin the reply to a request
 * @info: the request
 * @cmd: enum sipalg_cmd
 * @header: set to an argument for genlmsg_end()
 *
 * Context: process; may sleep.
 * Return: the reply, or NULL without memory.
 */
struct sk_buff *sipalg_family_reply(struct genl_info *info, u8 cmd,
				    void **header)
{
	struct sk_buff *reply = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);

	if (!reply)
		return NULL;
	*header = genlmsg_put_reply(reply, info, &sipalg_family, 0, cmd);
	if (*header)
		return reply;
	nlmsg_free(reply);
	return NULL;
}

/**
 * sipalg_family_send() - send a reply, unless its attributes did not fit
 * @reply: from sipalg_family_reply()
 * @info: the request
 * @header: from the same
 * @err: 0 if its attributes fit
 *
 * Context: process.
 * Return: @err, or what became of sending.
 */
int sipalg_family_send(struct sk_buff *reply, struct genl_info *info,
		       void *header, int err)
{
	if (err) {
		nlmsg_free(reply);
		return err;
	}
	genlmsg_end(reply, header);
	return genlmsg_reply(reply, info);
}

/**
 * sipalg_family_register() - offer the family to user space
 * @ops: its commands, which stay
 * @n: number of @ops
 *
 * Context: process.
 * Return: 0 or a negative errno.
 */
int sipalg_family_register(const struct genl_ops *ops, unsigned int n)
{
	sipalg_family.ops = ops;
	sipalg_family.n_ops = n;
	return genl_register_family(&sipalg_family);
}

void sipalg_family_unregister(void)
{
	genl_unregister_family(&sipalg_family);
}
