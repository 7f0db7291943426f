/* SPDX-License-Identifier: GPL-2.0 */
/*
 * First packets of media that a rule behind the NAT drops, or holds back.
 */
#ifndef SIPALG_SEQUENCE_NEWCOMERS_H
#define SIPALG_SEQUENCE_NEWCOMERS_H

#define NEWCOMERS_CASES	10

/* Prints NEWCOMERS_CASES TAP lines behind @n others. Returns whether all is as it should be. */
bool newcomers_run(unsigned int n);

#endif /* SIPALG_SEQUENCE_NEWCOMERS_H */
