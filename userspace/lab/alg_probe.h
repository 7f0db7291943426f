/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Finds an ALG of any make between two machines, and the faults it has. One
 * machine sends SIP messages. The other returns them as it got them, in a form
 * that no ALG understands.
 */
#ifndef ALG_PROBE_H
#define ALG_PROBE_H

#include <stdbool.h>

struct tool;

/**
 * struct alg_probe - result of a run
 * @answered: messages that the peer got and answered
 * @nat: the peer sees another address
 * @alg: a message was changed
 * @broken: number of faults
 */
struct alg_probe {
	unsigned int answered;
	bool nat;
	bool alg;
	unsigned int broken;
};

int alg_probe_run(struct tool *tool, const char *dev, const char *peer,
		  int wait);
int alg_probe_check(const char *dev, const char *peer, int wait,
		    struct alg_probe *found);
int alg_probe_answer(struct tool *tool);

#endif /* ALG_PROBE_H */
