/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Prints how a verb is used.
 */
#ifndef USAGE_H
#define USAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Longest text of a verb, with its zero. */
#define USAGE_LEN 160

struct verb;

void usage_grammar(FILE *to, bool scope, bool mode, bool nat, bool filter);
void usage_text(const struct verb *verb, char *text, size_t size);
void usage_verb(const struct verb *verb);

#endif /* USAGE_H */
