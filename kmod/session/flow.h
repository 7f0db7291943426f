/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A signalling flow, and a packet of it.
 */
#ifndef SIPALG_SESSION_FLOW_H
#define SIPALG_SESSION_FLOW_H

#include <linux/if_ether.h>
#include <linux/ipv6.h>
#include <net/ip.h>
#include <net/netfilter/nf_conntrack.h>

#include "state/net.h"

/**
 * enum sipalg_keeper - on whose account a flow must not time out
 * @SIPALG_KEEPER_CALL: calls
 * @SIPALG_KEEPER_GRANT: registrations and subscriptions
 */
enum sipalg_keeper {
	SIPALG_KEEPER_CALL,
	SIPALG_KEEPER_GRANT,

	__SIPALG_KEEPER_MAX,
};

/**
 * struct sipalg_flow - the helper extension of a flow
 * @stream: of TCP: NULL until the SYN has been seen; then an XArray value, the
 *	MSS that it announced; then a struct sipalg_stream; value 0 where the
 *	connection is of no concern
 * @until: low half of the jiffies up to which each keeper needs it; 0 for not
 *	at all
 * @policy: generation of the policy, and in the lower SIPALG_MODE_BITS the mode
 *	that it gives, rule already resolved; 0 for none yet
 * @in: device the first packet came in by, 0 if none
 * @out: device it left by, 0 if none
 * @port_omitted: bits by enum sip_field: the inside host writes the field
 *	without its port
 * @writes_public_addr: bit 0 for Via, 1 for fields with a URI: the inside host
 *	itself writes its outside address there
 * @automatic: policy gave the flow its helper, not a firewall rule
 *
 * Written without a lock: it holds hints that each packet may renew.
 */
struct sipalg_flow {
	void *stream;
	u32 until[__SIPALG_KEEPER_MAX];
	u32 policy;
	int in;
	int out;
	u16 port_omitted;
	u8 writes_public_addr;
	bool automatic;
};

/**
 * struct sipalg_packet - a packet of a flow that is looked at
 * @sn: the namespace
 * @skb: the packet, its data at the network header
 * @ct: its flow
 * @flow: the flow's helper extension, or NULL if it has none
 * @ctinfo: its direction
 * @mode: off, observe or on; in the first two, dialogs under way are finished
 */
struct sipalg_packet {
	struct sipalg_net *sn;
	struct sk_buff *skb;
	struct nf_conn *ct;
	struct sipalg_flow *flow;
	enum ip_conntrack_info ctinfo;
	enum sipalg_mode mode;
};

/**
 * sipalg_in_device() - the device that a packet came in by
 * @skb: the packet
 *
 * In a VRF that is the device itself, not the one that stands for the VRF.
 *
 * Context: any.
 * Return: its index, 0 if there is none.
 */
static inline int sipalg_in_device(const struct sk_buff *skb)
{
	int slave;

	slave = skb->protocol == htons(ETH_P_IPV6) ? inet6_sdif(skb) :
						     inet_sdif(skb);
	return slave ?: skb->skb_iif;
}

/* The name of the conntrack helper, which firewall rules use. */
#define SIPALG_HELPER_NAME "sip"

bool sipalg_packet_is_intact(const struct sipalg_packet *packet,
			     unsigned int protoff);
bool sipalg_has_helper(const struct nf_conn *ct);
void sipalg_flow_keep(struct sipalg_flow *flow, enum sipalg_keeper keeper,
		      unsigned long deadline, bool over);
void sipalg_flow_refresh(const struct sipalg_flow *flow, struct nf_conn *ct,
			 const struct sk_buff *skb);

#endif /* SIPALG_SESSION_FLOW_H */
