/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Help about the tool, an object, a verb or a setting.
 */
#ifndef HELP_H
#define HELP_H

#include <stdio.h>

struct args;
struct verb;

void help_all(FILE *to, const struct verb *verbs);
void help_object(FILE *to, const struct verb *first);
int help_about(const struct verb *first, struct args *args);
int help_words(const struct verb *verbs, struct args *args);

#endif /* HELP_H */
