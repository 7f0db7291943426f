/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Calls of one phone, message by message, and what has become of the call behind each.
 */
#ifndef SIPALG_SEQUENCE_LADDERS_H
#define SIPALG_SEQUENCE_LADDERS_H

/* Prints a TAP line for each ladder. Returns an exit status. */
int ladders_run(void);

#endif /* SIPALG_SEQUENCE_LADDERS_H */
