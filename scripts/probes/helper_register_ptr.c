// SPDX-License-Identifier: GPL-2.0-only
// probe: nf_conntrack_helper_register either
//
// From 7.2 on helpers are copied to the heap when they register, and the
// caller is given a pointer to the copy.

#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_helper.h>

int sipalg_probe(struct nf_conntrack_helper *helper)
{
#ifdef PROBE_HAVE
	struct nf_conntrack_helper *registered;

	return nf_conntrack_helper_register(helper, &registered);
#else
	return nf_conntrack_helper_register(helper);
#endif
}
