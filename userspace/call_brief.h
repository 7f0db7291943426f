/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Calls as a table for people: a line each.
 */
#ifndef CALL_BRIEF_H
#define CALL_BRIEF_H

#include <stdint.h>

struct calls;
struct print;

/* Room for a time in words. */
#define CALL_TIME_LEN 24

const char *call_time_text(uint32_t seconds, char text[CALL_TIME_LEN]);
void calls_print_brief(struct print *out, const struct calls *calls);

#endif /* CALL_BRIEF_H */
