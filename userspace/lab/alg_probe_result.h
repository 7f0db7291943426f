/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ALG_PROBE_RESULT_H
#define ALG_PROBE_RESULT_H

#include <stdbool.h>

/**
 * struct alg_probe - result of a run
 * @answered: messages that the peer got and answered
 * @nat: the peer sees another address
 * @alg: a message was changed
 * @lost: number of messages that were not answered
 * @broken: number of faults, with these
 */
struct alg_probe {
	unsigned int answered;
	bool nat;
	bool alg;
	unsigned int lost, broken;
};

#endif /* ALG_PROBE_RESULT_H */
