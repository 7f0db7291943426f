// SPDX-License-Identifier: GPL-2.0-only
// probe: (nfproto|l4proto|tuple) either
//
// Until 7.2 a helper had a tuple, and served one family.

#include <net/netfilter/nf_conntrack_helper.h>

int sipalg_probe(const struct nf_conntrack_helper *helper)
{
#ifdef PROBE_HAVE
	return helper->nfproto + helper->l4proto;
#else
	return helper->tuple.src.l3num + helper->tuple.dst.protonum;
#endif
}
