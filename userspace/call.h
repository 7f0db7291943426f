/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Prints a call or registration.
 */
#ifndef CALL_H
#define CALL_H

struct binding;
struct call;
struct print;

const char *call_cause(uint64_t cause);
void call_print_streams(struct print *out, const struct binding *streams,
			size_t count);
void call_print(struct print *out, const struct call *call);

#endif /* CALL_H */
