// SPDX-License-Identifier: GPL-2.0-only
// probe: nf_ct_refresh either
//
// Until 6.12 nf_ct_refresh() took the packet as well, and did nothing with it.

#include <net/netfilter/nf_conntrack.h>

void sipalg_probe(struct nf_conn *ct, struct sk_buff *skb)
{
#ifdef PROBE_HAVE
	nf_ct_refresh(ct, skb, HZ);
#else
	nf_ct_refresh(ct, HZ);
#endif
}
