// SPDX-License-Identifier: GPL-2.0-only
// probe: NF_HOOK_OP_NAT prefer
//
// Until 7.2 the NAT core's own hooks were of no type.

#include <linux/netfilter.h>

bool sipalg_probe(const struct nf_hook_ops *ops)
{
#ifdef PROBE_HAVE
	return ops->hook_ops_type == NF_HOOK_OP_NAT;
#else
	return ops->hook_ops_type == NF_HOOK_OP_UNDEFINED;
#endif
}
