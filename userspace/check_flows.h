/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Findings about the flows to SIP ports.
 */
#ifndef CHECK_FLOWS_H
#define CHECK_FLOWS_H

#include <stdbool.h>

struct findings;
struct outside;
struct settings;

void check_flows(struct findings *findings, const struct outside *outside,
		 const struct settings *settings,
		 bool acts, bool by_rule);

#endif /* CHECK_FLOWS_H */
