/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Completion of command lines, for all shells.
 */
#ifndef COMPLETE_H
#define COMPLETE_H

struct args;

int complete_words(struct args *args);

#endif /* COMPLETE_H */
