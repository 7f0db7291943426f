/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Calls as a table for people: a line each.
 */
#ifndef CALL_BRIEF_H
#define CALL_BRIEF_H

struct calls;
struct print;

void calls_print_brief(struct print *out, const struct calls *calls);

#endif /* CALL_BRIEF_H */
