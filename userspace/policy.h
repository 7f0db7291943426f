/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Functions for all verbs that concern policies.
 */
#ifndef POLICY_H
#define POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct netlink;
struct policy;
struct print;
struct scope;
struct tool;

int policy_list(struct netlink *nl, struct policy **list, size_t *count);
int policy_set(struct tool *tool, const struct policy *policy, bool now);
int policy_flush(struct tool *tool, uint32_t mode, bool now);
void policy_note(const struct scope *scope);
void policy_print(struct print *out, const struct policy *policy);

#endif /* POLICY_H */
