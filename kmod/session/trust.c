// SPDX-License-Identifier: GPL-2.0

#include "session/trust.h"
#include "state/network.h"
#include "state/route.h"

/**
 * sipalg_trust_allows() - may an inside host name another one in its SDP?
 * @ct: the signalling flow of the host that names
 * @trust: what the scopes of the outside device say
 * @host: the host that names; its address is the source of its packets
 * @named: the host that is named, in the same zone
 * @in: index of the inside device
 * @out: index of the outside device
 *
 * Without this, one host could have ports lead to any other. The networks that
 * an administrator writes may be wide: they never stand for the router itself,
 * nor for hosts outside.
 *
 * Context: softirq or process, RCU read side.
 */
bool sipalg_trust_allows(const struct nf_conn *ct,
			 const struct sipalg_trust *trust,
			 const struct sipalg_endpoint *host,
			 const struct sipalg_endpoint *named, int in, int out)
{
	return sipalg_network_any_has(trust->hosts, trust->n_hosts,
				      host->family, &host->addr) &&
	       sipalg_network_any_has(trust->named, trust->n_named,
				      named->family, &named->addr) &&
	       sipalg_route_is_to_host(ct, &host->addr, &named->addr, in, out);
}
