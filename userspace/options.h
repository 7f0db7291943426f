/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a scope says of the NAT that its flows meet, beside its mode.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>

#include "networks.h"

struct args;
struct policy;

/* Longest text of all options, with its zero. */
#define OPTIONS_TEXT_LEN (112 + 2 * NETWORKS_TEXT_LEN)

int options_parse(struct policy *policy, struct args *args, bool *now);
const char *options_text(const struct policy *policy,
			 char text[OPTIONS_TEXT_LEN]);

#endif /* OPTIONS_H */
