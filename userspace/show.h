/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an object of the module is shown as, in an item that is under way.
 */
#ifndef SHOW_H
#define SHOW_H

#include <stdint.h>

struct binding;
struct call;
struct policy;
struct print;

void show_policy(struct print *out, const struct policy *policy);
void show_call(struct print *out, const struct call *call);
void show_binding(struct print *out, const struct binding *binding);

const char *counter_name(uint32_t stat);
const char *counter_doc(uint32_t stat);
const char *counter_advice(uint32_t stat);

#endif /* SHOW_H */
