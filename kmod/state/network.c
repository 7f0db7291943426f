// SPDX-License-Identifier: GPL-2.0

#include "state/network.h"

static unsigned int addr_bits(const struct sipalg_network *network)
{
	return network->family == NFPROTO_IPV4 ? 32 : 128;
}

static bool is_valid(const struct sipalg_network *network)
{
	return (network->family == NFPROTO_IPV4 ||
		network->family == NFPROTO_IPV6) && network->bits &&
	       network->bits <= addr_bits(network);
}

static bool has_addr(const struct sipalg_network *network, u8 family,
		     const union nf_inet_addr *addr)
{
	unsigned int bytes = network->bits / 8, rest = network->bits % 8;
	const u8 *a = (const u8 *)addr;

	return network->family == family &&
	       !memcmp(a, network->addr, bytes) &&
	       (!rest || !((a[bytes] ^ network->addr[bytes]) >> (8 - rest)));
}

/**
 * sipalg_network_are_valid() - has each of some networks a family and bits?
 * @network: the networks
 * @n: how many
 *
 * Context: any.
 */
bool sipalg_network_are_valid(const struct sipalg_network *network,
			      unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (!is_valid(&network[i]))
			return false;
	return true;
}

/**
 * sipalg_network_any_has() - is an address in one of some networks?
 * @network: the networks, which are valid
 * @n: how many
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 * @addr: the address
 *
 * Context: any.
 */
bool sipalg_network_any_has(const struct sipalg_network *network,
			    unsigned int n, u8 family,
			    const union nf_inet_addr *addr)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (has_addr(&network[i], family, addr))
			return true;
	return false;
}
