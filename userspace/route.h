/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Asks the kernel for the way of a packet, with all its routing rules.
 */
#ifndef ROUTE_H
#define ROUTE_H

#include <net/if.h>
#include <netinet/in.h>

void route_forward(const struct in_addr *from, const struct in_addr *to,
		   unsigned int in, char out[IFNAMSIZ]);

#endif /* ROUTE_H */
