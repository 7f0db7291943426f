/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Is there an ALG between two machines, whoever made it, and what does it
 * break? One sends SIP messages, the other tells what it got, in a form that no
 * ALG understands.
 */
#ifndef ALG_PROBE_H
#define ALG_PROBE_H

#include <stdbool.h>

struct tool;

/**
 * struct alg_probe - what is between the two
 * @answered: messages that the peer got and answered
 * @nat: the peer sees another address
 * @alg: something was changed, and
 * @broken: so many things so that they do not work any more, or were lost
 */
struct alg_probe {
	unsigned int answered;
	bool nat;
	bool alg;
	unsigned int broken;
};

int alg_probe_run(struct tool *tool, const char *dev, const char *peer, int wait);
int alg_probe_check(const char *dev, const char *peer, int wait,
		    struct alg_probe *found);
int alg_probe_answer(struct tool *tool);

#endif /* ALG_PROBE_H */
