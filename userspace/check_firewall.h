/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Findings about the firewall's rules.
 */
#ifndef CHECK_FIREWALL_H
#define CHECK_FIREWALL_H

struct config;
struct findings;
struct outside;

void check_firewall(struct findings *findings, const struct outside *outside,
		    const struct config *config);

#endif /* CHECK_FIREWALL_H */
