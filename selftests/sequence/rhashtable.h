/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's hash tables of objects, with chains and a fixed number of buckets.
 */
#ifndef SIPALG_SEQUENCE_RHASHTABLE_H
#define SIPALG_SEQUENCE_RHASHTABLE_H

#define RHASHTABLE_BUCKETS 256

struct rhash_head {
	struct rhash_head *next;
};

struct rhlist_head {
	struct rhash_head rhead;
	struct rhlist_head *next;
};

struct rhashtable_compare_arg {
	const void *key;
};

/* Where an object holds its key; or functions, where it does not. */
struct rhashtable_params {
	size_t head_offset;
	size_t key_offset;
	size_t key_len;
	u32 (*hashfn)(const void *data, u32 len, u32 seed);
	u32 (*obj_hashfn)(const void *data, u32 len, u32 seed);
	int (*obj_cmpfn)(struct rhashtable_compare_arg *arg, const void *data);
	bool automatic_shrinking;
};

struct rhashtable {
	struct rhash_head *bucket[RHASHTABLE_BUCKETS];
	struct rhashtable_params params;
	atomic_t nelems;
};

struct rhltable {
	struct rhashtable ht;
};

/* Objects that are in the table when the walk starts. */
struct rhashtable_iter {
	struct rhashtable *table;
	void **object;
	unsigned int n, at;
};

int rhashtable_init(struct rhashtable *table, const struct rhashtable_params *params);
void rhashtable_destroy(struct rhashtable *table);
void *rhashtable_find(struct rhashtable *table, const void *key);
void *rhashtable_add(struct rhashtable *table, struct rhash_head *node);
void *rhashtable_add_key(struct rhashtable *table, const void *key, struct rhash_head *node);
int rhashtable_remove(struct rhashtable *table, struct rhash_head *node);
int rhltable_add(struct rhltable *table, struct rhlist_head *node);
void rhltable_del(struct rhltable *table, struct rhlist_head *node);
struct rhlist_head *rhltable_find(struct rhltable *table, const void *key);

void rhashtable_walk_enter(struct rhashtable *table, struct rhashtable_iter *iter);
void rhashtable_walk_start(struct rhashtable_iter *iter);
void *rhashtable_walk_next(struct rhashtable_iter *iter);
void rhashtable_walk_stop(struct rhashtable_iter *iter);

#define rhashtable_walk_peek(iter)	NULL
#define rhashtable_walk_exit(iter)	((void)(iter))
#define rhashtable_lookup(table, key, params) rhashtable_find(table, key)
#define rhashtable_lookup_get_insert_fast(table, node, params) rhashtable_add(table, node)
#define rhashtable_lookup_insert_key(table, key, node, params) \
	(rhashtable_add_key(table, key, node) ? -EEXIST : 0)
#define rhashtable_remove_fast(table, node, params) rhashtable_remove(table, node)
#define rhashtable_replace_fast(table, old, new, params) \
	(rhashtable_remove(table, old) ?: (rhashtable_add(table, new), 0))
#define rhltable_init(table, params)	rhashtable_init(&(table)->ht, params)
#define rhltable_destroy(table)		rhashtable_destroy(&(table)->ht)
#define rhltable_insert(table, node, params) rhltable_add(table, node)
#define rhltable_remove(table, node, params) rhltable_del(table, node)
#define rhltable_lookup(table, key, params) rhltable_find(table, key)
#define rhl_for_each_entry_rcu(tpos, pos, list, member)			\
	for ((pos) = (list);						\
	     (pos) && ((tpos) = container_of(pos, __typeof__(*(tpos)), member)); \
	     (pos) = (pos)->next)

#endif /* SIPALG_SEQUENCE_RHASHTABLE_H */
