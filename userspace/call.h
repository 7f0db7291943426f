/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Prints a call or registration.
 */
#ifndef CALL_H
#define CALL_H

struct call;
struct print;

void call_print(struct print *out, const struct call *call);

#endif /* CALL_H */
