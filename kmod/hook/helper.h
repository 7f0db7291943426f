/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The conntrack helper "sip": which flows it has, and what becomes of a
 * datagram.
 */
#ifndef SIPALG_HELPER_H
#define SIPALG_HELPER_H

#include <linux/if_ether.h>
#include <linux/ipv6.h>
#include <linux/mutex.h>
#include <linux/netfilter.h>
#include <linux/workqueue.h>
#include <net/ip.h>

struct sipalg_net;

#define SIPALG_PORT 5060	/* RFC 3261, 19.1.2 */

#define SIPALG_ATTACH_HOOKS 4	/* where flows are given the helper */

/**
 * struct sipalg_hooks - a namespace's netfilter hooks
 * @lock: protects @active and @enabled
 * @work: registers and unregisters them as policy and calls require
 * @attach: those that each packet meets
 * @active: they are registered
 * @enabled: the namespace counts in the static key that lets the helper look at
 *	packets
 * @rule_seen: a flow that a firewall rule assigned has been seen
 * @closing: the namespace goes; no packet is looked at any more
 */
struct sipalg_hooks {
	struct mutex lock;
	struct work_struct work;
	struct nf_hook_ops attach[SIPALG_ATTACH_HOOKS];
	bool active;
	bool enabled;
	bool rule_seen;
	bool closing;
};

int __init sipalg_helper_init(void);
void sipalg_helper_exit(void);
void sipalg_hooks_init(struct sipalg_net *sn);
void sipalg_hooks_close(struct sipalg_net *sn);
int sipalg_hooks_require(struct sipalg_net *sn);
bool sipalg_has_helper(const struct nf_conn *ct);
void sipalg_hooks_settle(struct sipalg_net *sn);
void sipalg_hooks_review(struct sipalg_net *sn);

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

#endif /* SIPALG_HELPER_H */
