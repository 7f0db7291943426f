/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel refuses to tell of routes that change, once or for ever.
 */
#ifndef SIPALG_SEQUENCE_ROUTES_H
#define SIPALG_SEQUENCE_ROUTES_H

/* Prints two TAP lines behind @n others. Returns whether all is as it should be. */
bool routes_run(unsigned int n);

#endif /* SIPALG_SEQUENCE_ROUTES_H */
