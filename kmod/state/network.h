/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Networks: addresses that begin alike.
 */
#ifndef SIPALG_STATE_NETWORK_H
#define SIPALG_STATE_NETWORK_H

#include "state/net.h"

bool sipalg_network_are_valid(const struct sipalg_network *network,
			      unsigned int n);
bool sipalg_network_any_has(const struct sipalg_network *network,
			    unsigned int n, u8 family,
			    const union nf_inet_addr *addr);

#endif /* SIPALG_STATE_NETWORK_H */
