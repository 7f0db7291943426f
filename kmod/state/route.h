/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where the routes lead.
 */
#ifndef SIPALG_STATE_ROUTE_H
#define SIPALG_STATE_ROUTE_H

#include <linux/netfilter.h>
#include <net/net_namespace.h>
#include <net/netfilter/nf_conntrack.h>

int sipalg_route_to_source(const struct nf_conn *ct, enum ip_conntrack_dir dir);
int sipalg_route_masquerade(const struct nf_conn *ct);
u32 sipalg_route_generation(const struct net *net);
bool sipalg_route_is_to_host(const struct nf_conn *ct,
			     const union nf_inet_addr *beside,
			     const union nf_inet_addr *addr, int in, int but);

#endif /* SIPALG_STATE_ROUTE_H */
