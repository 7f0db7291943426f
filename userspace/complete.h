/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Completion of command lines, for all shells.
 */
#ifndef COMPLETE_H
#define COMPLETE_H

struct args;
struct verb;

int complete_words(const struct verb *verbs, struct args *args);

#endif /* COMPLETE_H */
