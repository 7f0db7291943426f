/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From a plan to a changed packet.
 */
#ifndef SIPALG_MANGLE_H
#define SIPALG_MANGLE_H

#include <linux/skbuff.h>
#include <net/netfilter/nf_conntrack.h>

#include "sip/sip.h"

bool sipalg_mangle_datagram(struct sk_buff *skb, struct nf_conn *ct,
			    enum ip_conntrack_info ctinfo, unsigned int protoff,
			    const struct sip_plan *plan, u8 *buffer);

#endif /* SIPALG_MANGLE_H */
