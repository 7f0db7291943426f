// SPDX-License-Identifier: GPL-2.0-only
// probe: __inet_lookup_listener either
//
// Until 6.17 the table of sockets had to be handed over.

#include <net/inet_hashtables.h>

struct sock *sipalg_probe(struct net *net, __be32 addr, u16 port)
{
#ifdef PROBE_HAVE
	return __inet_lookup_listener(net, net->ipv4.tcp_death_row.hashinfo, NULL, 0, 0, 0,
				      addr, port, 0, 0);
#else
	return __inet_lookup_listener(net, NULL, 0, 0, 0, addr, port, 0, 0);
#endif
}
