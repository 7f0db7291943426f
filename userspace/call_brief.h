/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Calls as a table for people: a line each.
 */
#ifndef CALL_BRIEF_H
#define CALL_BRIEF_H

#include <stdbool.h>
#include <stdint.h>

struct calls;
struct print;

/* Room for a time in words. */
#define CALL_TIME_LEN 24

const char *call_time_text(uint32_t seconds, char text[CALL_TIME_LEN]);
/**
 * struct brief_table - a table of calls, of which a page has been printed
 * @begun: it has a head
 * @who: with a column of users
 */
struct brief_table {
	bool begun, who;
};

void calls_print_brief(struct print *out, const struct calls *calls,
		       struct brief_table *table);

#endif /* CALL_BRIEF_H */
