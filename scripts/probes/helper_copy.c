// SPDX-License-Identifier: GPL-2.0-only
// probe: nf_conntrack_helpers_register either
//
// From 7.2 on the kernel makes copies of helpers, and says where they are.

#include <net/netfilter/nf_conntrack_helper.h>

int sipalg_probe(struct nf_conntrack_helper *helpers,
		 struct nf_conntrack_helper **copies)
{
#ifdef PROBE_HAVE
	return nf_conntrack_helpers_register(helpers, 1, copies);
#else
	return nf_conntrack_helpers_register(helpers, 1);
#endif
}
