// SPDX-License-Identifier: GPL-2.0

#include <errno.h>
#include <stdlib.h>

#include "binding_flow.h"
#include "netlink.h"

struct search {
	const struct binding **sorted;
	const struct binding *bindings;
	size_t n_bindings;
	struct binding_flow *found;
	size_t count, room;
};

static int binding_compare(const struct binding *a, const struct binding *b)
{
	int order;

	if (a->proto != b->proto)
		return a->proto < b->proto ? -1 : 1;
	if (a->zone != b->zone)
		return a->zone < b->zone ? -1 : 1;
	order = endpoint_compare(&a->inside, &b->inside);
	return order ? order : endpoint_compare(&a->outside, &b->outside);
}

static int binding_compare_sorted(const void *a, const void *b)
{
	return binding_compare(*(const struct binding *const *)a,
				*(const struct binding *const *)b);
}

static int flow_compare(const void *a, const void *b)
{
	const struct binding_flow *x = a, *y = b;

	if (x->binding != y->binding)
		return x->binding < y->binding ? -1 : 1;
	return 0;
}

/* Adds a flow if one of its ends has a binding. */
static int flow_add(struct search *search, const struct flow *flow,
		    bool from_inside)
{
	const struct binding wanted = {
		.proto = flow->proto,
		.zone = flow->zone,
		.inside = from_inside ? flow->original.src : flow->reply.src,
		.outside = from_inside ? flow->reply.dst : flow->original.dst,
	}, *key = &wanted;
	const struct binding **match;

	match = bsearch(&key, search->sorted, search->n_bindings, sizeof(key),
			binding_compare_sorted);
	if (!match)
		return 0;
	if (search->count == search->room) {
		size_t room = search->room ? search->room * 2 : 64;
		struct binding_flow *found =
			reallocarray(search->found, room, sizeof(*found));

		if (!found)
			return -ENOMEM;
		search->found = found;
		search->room = room;
	}
	search->found[search->count++] = (struct binding_flow){
		.binding = *match - search->bindings,
		.from_inside = from_inside,
		.flow = *flow,
	};
	return 0;
}

/* A flow between two inside hosts follows the bindings of both. */
static int flow_match(const struct flow *flow, void *data)
{
	int err = flow_add(data, flow, true);

	return err ? err : flow_add(data, flow, false);
}

/**
 * binding_flow_find() - find the flows that follow bindings
 * @bindings: the bindings
 * @n_bindings: how many
 * @flows: set to the flows, in the order of the bindings; to be freed by
 *	the caller
 * @count: set to how many
 *
 * Return: 0, or a negative errno.
 */
int binding_flow_find(const struct binding *bindings, size_t n_bindings,
		      struct binding_flow **flows, size_t *count)
{
	struct search search = {
		.bindings = bindings,
		.n_bindings = n_bindings,
	};
	int err;

	*flows = NULL;
	*count = 0;
	if (!n_bindings)
		return 0;
	search.sorted = calloc(n_bindings, sizeof(*search.sorted));
	if (!search.sorted)
		return -ENOMEM;
	for (size_t i = 0; i < n_bindings; i++)
		search.sorted[i] = &bindings[i];
	qsort(search.sorted, n_bindings, sizeof(*search.sorted),
	      binding_compare_sorted);
	err = flow_dump(flow_match, &search);
	free(search.sorted);
	if (err) {
		free(search.found);
		return err;
	}
	if (search.count)
		qsort(search.found, search.count, sizeof(*search.found),
		      flow_compare);
	*flows = search.found;
	*count = search.count;
	return 0;
}
