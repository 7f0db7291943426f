/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Findings about the firewall's rules.
 */
#ifndef CHECK_FIREWALL_H
#define CHECK_FIREWALL_H

struct findings;
struct outside;
struct settings;

void check_firewall(struct findings *findings, const struct outside *outside,
		    const struct settings *settings);

#endif /* CHECK_FIREWALL_H */
