/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Adds the rules of iptables to the ruleset of nft.
 */
#ifndef IPTABLES_H
#define IPTABLES_H

#include <jansson.h>
#include <stdio.h>

int iptables_add(json_t *ruleset, FILE *file, const char *family,
		 const char *prefix);

#endif /* IPTABLES_H */
