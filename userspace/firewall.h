/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Follows a packet through the firewall's rules, as sysinfo_ruleset() has them.
 *
 * The rules may match what is not known of the packet, as its address. The
 * packet then gets the better treatment: it is said to be dropped only if it is
 * dropped for certain.
 */
#ifndef FIREWALL_H
#define FIREWALL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firewall_packet.h"

/**
 * struct firewall_place - what decided about a packet
 * @chain: a chain, borrowed from the ruleset
 * @rule: a rule of the chain, or of one that it jumps to; NULL: the policy of
 *	@chain
 */
struct firewall_place {
	const json_t *chain, *rule;
};

/* "chain C of table T", and the handle of the rule. */
#define FIREWALL_PLACE_LEN 192

bool firewall_drops(const json_t *ruleset, const struct firewall_packet *packet,
		    struct firewall_place *place);
bool firewall_translates(const json_t *ruleset,
			 const struct firewall_packet *packet);
bool firewall_ports(const json_t *ruleset, const struct firewall_packet *packet,
		    uint16_t ports[2]);
bool firewall_untracks(const json_t *ruleset,
		       const struct firewall_packet *packet,
		       struct firewall_place *place);
const char *firewall_place_text(const struct firewall_place *place,
				char text[FIREWALL_PLACE_LEN]);

#endif /* FIREWALL_H */
