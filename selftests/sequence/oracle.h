/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Conditions that hold whatever comes. A condition that does not hold ends the program.
 */
#ifndef SIPALG_SEQUENCE_ORACLE_H
#define SIPALG_SEQUENCE_ORACLE_H

#include "message.h"

/* The tables agree with each other, and with what is charged. */
void oracle_check(void);

/*
 * What belongs to a party changes by its own messages alone, and by those of a far end
 * that it has to do with. Called before and after each message.
 */
void oracle_before(const struct message *message);
void oracle_after(const struct message *message);

/* Everything else may change everything. */
void oracle_forget(void);

/* Nothing is left. */
void oracle_empty(void);

/* A new world. */
void oracle_begin(void);

#endif /* SIPALG_SEQUENCE_ORACLE_H */
