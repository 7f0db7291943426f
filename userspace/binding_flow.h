/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The flows of each binding.
 */
#ifndef BINDING_FLOW_H
#define BINDING_FLOW_H

#include <stdbool.h>
#include <stddef.h>

#include "flow.h"

struct binding;

/**
 * struct binding_flow - a flow that follows a binding
 * @binding: index of the binding
 * @from_inside: the inside host sent first
 * @flow: the flow
 */
struct binding_flow {
	size_t binding;
	bool from_inside;
	struct flow flow;
};

int binding_flow_find(const struct binding *bindings, size_t n_bindings,
		      struct binding_flow **flows, size_t *count);

#endif /* BINDING_FLOW_H */
