/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Is there an ALG between two machines, whoever made it, and what does it
 * break? One sends SIP messages, the other tells what it got, in a form that no
 * ALG understands.
 */
#ifndef THROUGH_H
#define THROUGH_H

#include <stdbool.h>

struct tool;

/**
 * struct through - what is between the two
 * @answered: messages that the peer got and answered
 * @nat: the peer sees another address
 * @alg: something was changed, and
 * @broken: so many things so that they do not work any more, or were lost
 */
struct through {
	unsigned int answered;
	bool nat;
	bool alg;
	unsigned int broken;
};

int through_ask(struct tool *tool, const char *dev, const char *peer, int wait);
int through_look(const char *dev, const char *peer, int wait,
		 struct through *found);
int through_answer(struct tool *tool);

#endif /* THROUGH_H */
