/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The outside port of a new flow that has no binding.
 */
#ifndef SIPALG_HOOK_SOURCE_H
#define SIPALG_HOOK_SOURCE_H

#include <linux/netfilter.h>

#include "table/binding.h"
#include "table/port.h"

/**
 * sipalg_source_matters() - may a new flow without binding need a port of ours?
 * @ct: the flow
 *
 * What goes to well-known services is none that tells a host its address (STUN,
 * RFC 8489), nor media.
 *
 * Context: any.
 * Return: whether sipalg_source_choose() is to be asked.
 */
static inline bool sipalg_source_matters(const struct nf_conn *ct)
{
	const struct nf_conntrack_tuple *tuple =
		&ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;

	return !ct->master && tuple->dst.protonum == IPPROTO_UDP &&
	       ntohs(tuple->dst.u.udp.port) >= SIPALG_PORT_USER_MIN &&
	       ntohs(tuple->src.u.udp.port) >= SIPALG_PORT_USER_MIN;
}

void sipalg_source_set_device(struct nf_conn *ct, const struct net_device *out);
bool sipalg_source_choose(struct sk_buff *skb, struct nf_conn *ct,
			  const struct nf_hook_state *state,
			  struct sipalg_endpoint *outside);

#endif /* SIPALG_HOOK_SOURCE_H */
