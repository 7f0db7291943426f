/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Is there an ALG between two machines, whoever made it, and what does it break? One
 * sends SIP messages, the other tells what it got, in a form that no ALG understands.
 */
#ifndef THROUGH_H
#define THROUGH_H

#include <stdbool.h>

struct tool;

int through_ask(struct tool *tool, const char *dev, const char *peer, int wait);
int through_answer(struct tool *tool);

#endif /* THROUGH_H */
