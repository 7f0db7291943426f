/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Finds an ALG of any make between two machines, and the faults it has. One
 * machine sends SIP messages. The other returns them as it got them, in a form
 * that no ALG understands.
 */
#ifndef ALG_PROBE_H
#define ALG_PROBE_H

#include <stdbool.h>

#include "lab/alg_probe_result.h"

struct tool;

/**
 * struct alg_path - the path between the two machines
 * @dev: device of this machine
 * @peer: address of the far end
 * @port: port on which the far end answers
 * @from_port: source port over UDP; 0: first any, then SIP_PORT
 * @only_udp: do not try TCP
 * @only_tcp: do not try UDP
 * @idle: seconds in which nothing is sent before the far end calls; 0: do not
 *	try that
 */
struct alg_path {
	const char *dev, *peer;
	unsigned int port, from_port;
	bool only_udp, only_tcp;
	unsigned int idle;
};

int alg_probe_run(struct tool *tool, const struct alg_path *path, int wait);
int alg_probe_check(const struct alg_path *path, int wait,
		    struct alg_probe *found);
int alg_probe_answer(struct tool *tool, unsigned int port);

#endif /* ALG_PROBE_H */
