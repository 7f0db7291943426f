/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Asks the kernel for the way of a packet, with all its routing rules, and for
 * routes.
 */
#ifndef ROUTE_H
#define ROUTE_H

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>

void route_forward(const struct in_addr *from, const struct in_addr *to,
		   unsigned int in, char out[IFNAMSIZ]);
bool route_leads_by(unsigned int dev);

#endif /* ROUTE_H */
