// SPDX-License-Identifier: GPL-2.0

#include "kernel.h"

int rhashtable_init(struct rhashtable *table, const struct rhashtable_params *params)
{
	memset(table, 0, sizeof(*table));
	table->params = *params;
	return 0;
}

void rhashtable_destroy(struct rhashtable *table)
{
	must(!atomic_read(&table->nelems));
}

static void *object_of(const struct rhashtable *table, struct rhash_head *node)
{
	return (char *)node - table->params.head_offset;
}

static const void *key_of(const struct rhashtable *table, struct rhash_head *node)
{
	return (char *)object_of(table, node) + table->params.key_offset;
}

static u32 hash_key(const struct rhashtable *table, const void *key)
{
	u32 len = (u32)table->params.key_len;

	return table->params.hashfn ? table->params.hashfn(key, len, 0) : jhash(key, len, 0);
}

static u32 hash_node(const struct rhashtable *table, struct rhash_head *node)
{
	return table->params.obj_hashfn ? table->params.obj_hashfn(object_of(table, node), 0, 0) :
					  hash_key(table, key_of(table, node));
}

static bool has_key(const struct rhashtable *table, struct rhash_head *node, const void *key)
{
	struct rhashtable_compare_arg arg = { .key = key };

	return !(table->params.obj_cmpfn ?
		 table->params.obj_cmpfn(&arg, object_of(table, node)) :
		 memcmp(key_of(table, node), key, table->params.key_len));
}

/* Return: the place that points to the node with the key; or to NULL, the end. */
static struct rhash_head **find_place(struct rhashtable *table, const void *key)
{
	struct rhash_head **place = &table->bucket[hash_key(table, key) % RHASHTABLE_BUCKETS];

	while (*place && !has_key(table, *place, key))
		place = &(*place)->next;
	return place;
}

void *rhashtable_find(struct rhashtable *table, const void *key)
{
	struct rhash_head *node = *find_place(table, key);

	return node ? object_of(table, node) : NULL;
}

/* Return: the object that has the key; NULL where the new one is in the table now. */
void *rhashtable_add_key(struct rhashtable *table, const void *key, struct rhash_head *node)
{
	struct rhash_head **place = find_place(table, key);

	if (*place)
		return object_of(table, *place);
	node->next = NULL;
	*place = node;
	atomic_inc(&table->nelems);
	return NULL;
}

void *rhashtable_add(struct rhashtable *table, struct rhash_head *node)
{
	return rhashtable_add_key(table, key_of(table, node), node);
}

int rhashtable_remove(struct rhashtable *table, struct rhash_head *node)
{
	struct rhash_head **place = &table->bucket[hash_node(table, node) % RHASHTABLE_BUCKETS];

	while (*place && *place != node)
		place = &(*place)->next;
	if (!*place)
		return -ENOENT;
	*place = node->next;
	atomic_dec(&table->nelems);
	return 0;
}

/* Objects with one key: the first is in the table, and leads to the others. */
struct rhlist_head *rhltable_find(struct rhltable *table, const void *key)
{
	struct rhash_head *node = *find_place(&table->ht, key);

	return node ? container_of(node, struct rhlist_head, rhead) : NULL;
}

int rhltable_add(struct rhltable *table, struct rhlist_head *node)
{
	struct rhlist_head *first = rhltable_find(table, key_of(&table->ht, &node->rhead));

	node->next = NULL;
	if (!first) {
		rhashtable_add(&table->ht, &node->rhead);
		return 0;
	}
	node->next = first->next;
	first->next = node;
	atomic_inc(&table->ht.nelems);
	return 0;
}

void rhltable_del(struct rhltable *table, struct rhlist_head *node)
{
	const void *key = key_of(&table->ht, &node->rhead);
	struct rhash_head **place = find_place(&table->ht, key);
	struct rhlist_head *pos = container_of(*place, struct rhlist_head, rhead);

	must(*place);
	atomic_dec(&table->ht.nelems);
	if (pos != node) {
		while (pos->next != node)
			must(pos = pos->next);
		pos->next = node->next;
	} else if (node->next) {
		node->next->rhead.next = node->rhead.next;
		*place = &node->next->rhead;
	} else {
		*place = node->rhead.next;
	}
}

void rhashtable_walk_enter(struct rhashtable *table, struct rhashtable_iter *iter)
{
	*iter = (struct rhashtable_iter) { .table = table };
}

void rhashtable_walk_start(struct rhashtable_iter *iter)
{
	struct rhashtable *table = iter->table;
	struct rhash_head *node;
	unsigned int i;

	iter->object = malloc(sizeof(void *) * ((size_t)atomic_read(&table->nelems) + 1));
	must(iter->object);
	for (i = 0; i < RHASHTABLE_BUCKETS; i++)
		for (node = table->bucket[i]; node; node = node->next)
			iter->object[iter->n++] = object_of(table, node);
}

void *rhashtable_walk_next(struct rhashtable_iter *iter)
{
	return iter->at < iter->n ? iter->object[iter->at++] : NULL;
}

void rhashtable_walk_stop(struct rhashtable_iter *iter)
{
	free(iter->object);
}
