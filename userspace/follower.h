/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which flows follow which binding.
 */
#ifndef FOLLOWER_H
#define FOLLOWER_H

#include <stdbool.h>
#include <stddef.h>

#include "flow.h"

struct binding;

/**
 * struct follower - a flow that follows a binding
 * @binding: index of the binding
 * @from_inside: the inside host sent first
 * @flow: the flow
 */
struct follower {
	size_t binding;
	bool from_inside;
	struct flow flow;
};

int follower_find(const struct binding *bindings, size_t n_bindings,
		  struct follower **followers, size_t *count);

#endif /* FOLLOWER_H */
