/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Networks, as "198.51.100.0/24".
 */
#ifndef NETWORKS_H
#define NETWORKS_H

#include <arpa/inet.h>
#include <stdbool.h>

#include "nf_sipalg.h"

struct networks;

/* Longest text of a network, with its zero. */
#define NETWORK_TEXT_LEN (INET6_ADDRSTRLEN + 4)
/* Longest text of some networks, with its zero. */
#define NETWORKS_TEXT_LEN (SIPALG_TRUSTED_MAX * NETWORK_TEXT_LEN)

bool network_parse(struct sipalg_network *network, const char *text);
const char *network_text(const struct sipalg_network *network,
			 char text[NETWORK_TEXT_LEN]);
const char *networks_text(const struct networks *networks,
			  char text[NETWORKS_TEXT_LEN]);

#endif /* NETWORKS_H */
