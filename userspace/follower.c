// SPDX-License-Identifier: GPL-2.0

#include <errno.h>
#include <stdlib.h>

#include "follower.h"
#include "netlink.h"

struct search {
	const struct binding **sorted;
	const struct binding *bindings;
	size_t n_bindings;
	struct follower *found;
	size_t count, room;
};

static int compare_bindings(const struct binding *a, const struct binding *b)
{
	int order;

	if (a->proto != b->proto)
		return a->proto < b->proto ? -1 : 1;
	if (a->zone != b->zone)
		return a->zone < b->zone ? -1 : 1;
	order = endpoint_compare(&a->inside, &b->inside);
	return order ? order : endpoint_compare(&a->outside, &b->outside);
}

static int compare_sorted(const void *a, const void *b)
{
	return compare_bindings(*(const struct binding *const *)a,
				*(const struct binding *const *)b);
}

static int compare_followers(const void *a, const void *b)
{
	const struct follower *x = a, *y = b;

	if (x->binding != y->binding)
		return x->binding < y->binding ? -1 : 1;
	return 0;
}

static int follow(struct search *search, const struct flow *flow,
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
			compare_sorted);
	if (!match)
		return 0;
	if (search->count == search->room) {
		size_t room = search->room ? search->room * 2 : 64;
		struct follower *found =
			reallocarray(search->found, room, sizeof(*found));

		if (!found)
			return -ENOMEM;
		search->found = found;
		search->room = room;
	}
	search->found[search->count++] = (struct follower){
		.binding = *match - search->bindings,
		.from_inside = from_inside,
		.flow = *flow,
	};
	return 0;
}

/*
 * Between two inside hosts it follows the caller's binding and the called
 * one's.
 */
static int follow_both(const struct flow *flow, void *data)
{
	int err = follow(data, flow, true);

	return err ? err : follow(data, flow, false);
}

/**
 * follower_find() - find the flows that follow bindings
 * @bindings: the bindings
 * @n_bindings: how many
 * @followers: set to the flows, in the order of the bindings; to be freed by
 *	the caller
 * @count: set to how many
 *
 * Return: 0, or a negative errno.
 */
int follower_find(const struct binding *bindings, size_t n_bindings,
		  struct follower **followers, size_t *count)
{
	struct search search = {.bindings = bindings, .n_bindings = n_bindings};
	int err;

	*followers = NULL;
	*count = 0;
	if (!n_bindings)
		return 0;
	search.sorted = calloc(n_bindings, sizeof(*search.sorted));
	if (!search.sorted)
		return -ENOMEM;
	for (size_t i = 0; i < n_bindings; i++)
		search.sorted[i] = &bindings[i];
	qsort(search.sorted, n_bindings, sizeof(*search.sorted),
	      compare_sorted);
	err = flow_dump(follow_both, &search);
	free(search.sorted);
	if (err) {
		free(search.found);
		return err;
	}
	if (search.count)
		qsort(search.found, search.count, sizeof(*search.found),
		      compare_followers);
	*followers = search.found;
	*count = search.count;
	return 0;
}
