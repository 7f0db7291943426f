/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Prints a binding.
 */
#ifndef BINDING_H
#define BINDING_H

struct binding;
struct print;

void binding_print(struct print *out, const struct binding *binding);

#endif /* BINDING_H */
