// SPDX-License-Identifier: GPL-2.0

#include <linux/udp.h>
#include <net/netfilter/nf_nat_helper.h>

#include "hook/mangle.h"

/**
 * sipalg_mangle_datagram() - change a UDP packet as planned, by one splice
 * @skb: linear packet, its data at the network header
 * @ct: its flow
 * @ctinfo: its direction
 * @protoff: offset of the UDP header
 * @plan: at least one edit
 * @buffer: scratch space of SIP_MSG_MAX bytes
 *
 * Every pointer into the packet is void afterwards.
 *
 * Context: softirq or process.
 * Return: false, with the packet as it was, where there is no memory or no
 * room.
 */
bool sipalg_mangle_datagram(struct sk_buff *skb, struct nf_conn *ct,
			    enum ip_conntrack_info ctinfo, unsigned int protoff,
			    const struct sip_plan *plan, u8 *buffer)
{
	const u8 *text = skb->data + protoff + sizeof(struct udphdr);
	struct sip_span span = sip_plan_span(plan);
	u32 len = sip_plan_render(plan, text, buffer);

	if (!nf_nat_mangle_udp_packet(skb, ct, ctinfo, protoff, span.off,
				      span.len, buffer, len))
		return false;
	/*
	 * It has passed the router's check of the path's MTU, at which the
	 * sender could have been told; it must not be lost for being longer
	 * now.
	 */
	if (plan->delta > 0)
		skb->ignore_df = 1;
	return true;
}
