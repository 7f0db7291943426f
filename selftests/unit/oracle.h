/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Conditions that hold for any message, for the unit tests and the fuzzers
 * alike. Checked without the core's own means: addresses by the C library, numbers
 * digit by digit, edits one by one. A condition that does not hold ends the program.
 */
#ifndef SIPALG_UNIT_ORACLE_H
#define SIPALG_UNIT_ORACLE_H

#include "address.h"
#include "sip.h"

#define must(cond) ((cond) ? (void)0 : must_fail(__FILE__, __LINE__, #cond))

_Noreturn void must_fail(const char *file, int line, const char *cond);

/* sip_parse() returned SIP_OK: is everything where and what it is said to be? */
void message_must_hold(const struct sip_msg *msg, const u8 *text, u32 len);

/* Does a plan keep what it promises, and is it rendered as it says? */
void plan_must_hold(const struct sip_plan *plan, const u8 *text, u32 len);

/* The whole message as the plan makes it; @out has room for @len + @plan->delta. */
u32 plan_splice(const struct sip_plan *plan, const u8 *text, u32 len, u8 *out);

/*
 * @got was parsed from what @plan made of the text of @want: is everything else
 * as it was, and at its new place? The values in @want are those that @got is to
 * have. Without a plan, both are parsed from the same text.
 */
void messages_must_match(const struct sip_msg *want, const struct sip_plan *plan,
			 const struct sip_msg *got);

#endif /* SIPALG_UNIT_ORACLE_H */
