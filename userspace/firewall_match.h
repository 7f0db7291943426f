/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Does a packet match an expression of a rule of nft?
 */
#ifndef FIREWALL_MATCH_H
#define FIREWALL_MATCH_H

#include <jansson.h>
#include <stdbool.h>

struct firewall_packet;

/* Least certain in the middle, so that a negation is 2 minus it. */
enum matches { MATCHES_NO, MATCHES_MAYBE, MATCHES_YES };

/**
 * struct match_rule - the rule that an expression belongs to
 * @list: all objects of the ruleset
 * @family: family of the table
 * @table: name of the table, for its sets
 */
struct match_rule {
	const json_t *list, *family, *table;
};

enum matches firewall_match(const struct match_rule *rule,
			    const struct firewall_packet *packet,
			    const json_t *match);
const json_t *firewall_map_elements(const struct match_rule *rule,
				    const json_t *vmap);
enum matches firewall_map_match(const struct match_rule *rule,
				const struct firewall_packet *packet,
				const json_t *vmap, const json_t *element);
bool firewall_match_is_port(const json_t *match);

#endif /* FIREWALL_MATCH_H */
