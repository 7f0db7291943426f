// SPDX-License-Identifier: GPL-2.0

#include <linux/module.h>
#include <linux/netfilter.h>
#include <net/netfilter/nf_conntrack_helper.h>

#include "compat.h"
#include "session/flow.h"

/**
 * sipalg_has_helper() - is a flow one of signalling?
 * @ct: the flow
 *
 * Context: RCU read side.
 * Return: whether it has the helper of this module.
 */
bool sipalg_has_helper(const struct nf_conn *ct)
{
	const struct nf_conn_help *help = nfct_help(ct);
	const struct nf_conntrack_helper *helper =
		help ? rcu_dereference(help->helper) : NULL;

	/* In a kernel that has everything built in, all helpers are of NULL. */
	return helper && helper->me == THIS_MODULE &&
	       sipalg_ct_helper_is_live(helper) &&
	       !strcmp(helper->name, SIPALG_HELPER_NAME);
}

/**
 * sipalg_packet_is_intact() - is the checksum right?
 * @packet: the packet
 * @protoff: offset of its TCP or UDP header
 *
 * A new text gets a right checksum, and would make a damaged packet look sound.
 * Conntrack has looked at the checksum of what came in, unless
 * nf_conntrack_checksum tells it not to.
 *
 * Context: softirq or process, RCU read side.
 */
bool sipalg_packet_is_intact(const struct sipalg_packet *packet,
			     unsigned int protoff)
{
	const struct nf_conn *ct = packet->ct;

	return nf_ct_net(ct)->ct.sysctl_checksum ||
	       !nf_checksum(packet->skb, NF_INET_PRE_ROUTING, protoff,
			    nf_ct_protonum(ct), nf_ct_l3num(ct));
}

/**
 * sipalg_flow_keep() - a flow must not time out before a dialog does
 * @flow: the flow's helper extension; NULL where it has none
 * @keeper: kind of the dialog
 * @deadline: jiffies at which the dialog ends
 * @over: the dialog is over
 *
 * When one of several calls on a flow is over, the next message of another call
 * sets the deadline again.
 *
 * Context: any.
 */
void sipalg_flow_keep(struct sipalg_flow *flow, enum sipalg_keeper keeper,
		      unsigned long deadline, bool over)
{
	u32 *until;

	if (!flow)
		return;
	until = &flow->until[keeper];
	if (over)
		*until = 0;
	else if (!*until || (s32)((u32)deadline - *until) > 0)
		*until = (u32)deadline ?: 1;
}

/* Before a flow is confirmed, its timeout counts from when it will be. */
static s32 expires_in(const struct nf_conn *ct, u32 now)
{
	u32 timeout = READ_ONCE(ct->timeout);

	return (s32)(nf_ct_is_confirmed(ct) ? timeout - now : timeout);
}

/**
 * sipalg_flow_refresh() - let a flow last as long as its dialogs
 * @flow: its helper extension
 * @ct: the flow
 * @skb: a packet of it
 *
 * Context: softirq or process.
 */
void sipalg_flow_refresh(const struct sipalg_flow *flow, struct nf_conn *ct,
			 const struct sk_buff *skb)
{
	u32 now = nfct_time_stamp;
	s32 most = 0;
	unsigned int i;

	for (i = 0; i < __SIPALG_KEEPER_MAX; i++)
		if (flow->until[i])
			most = max(most, (s32)(flow->until[i] - now));
	if (most && most > expires_in(ct, now))
		sipalg_ct_refresh(ct, skb, most);
}
