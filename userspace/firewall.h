/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reads the firewall's rules, in the form of sysinfo_ruleset().
 */
#ifndef FIREWALL_H
#define FIREWALL_H

#include <jansson.h>
#include <stdbool.h>

bool firewall_has_nat(const json_t *ruleset);
const json_t *firewall_without_related(const json_t *ruleset);

#endif /* FIREWALL_H */
