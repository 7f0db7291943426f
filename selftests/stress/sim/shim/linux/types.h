/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What kmod/tcp takes from the kernel, for programs. The other files of this
 * folder have the names of the kernel's, and include this one.
 */
#ifndef SIPALG_SHIM_H
#define SIPALG_SHIM_H

#include "sip/types.h"

#define TCP_MIN_MSS 88U

#ifndef static_assert
#define static_assert _Static_assert
#endif

#define container_of(pointer, type, member) \
	((type *)((char *)(pointer) - offsetof(type, member)))

#define min(a, b) ((a) < (b) ? (a) : (b))
#define max(a, b) ((a) > (b) ? (a) : (b))
#define min_t(type, a, b) min((type)(a), (type)(b))
#define max_t(type, a, b) max((type)(a), (type)(b))

static inline bool before(u32 a, u32 b)
{
	return (s32)(a - b) < 0;
}

static inline bool after(u32 a, u32 b)
{
	return before(b, a);
}

static inline unsigned long roundup_pow_of_two(unsigned long n)
{
	unsigned long power = 1;

	while (power < n)
		power <<= 1;
	return power;
}

/* Entries that the code has looked at. */
extern unsigned long list_steps;

struct list_head {
	struct list_head *next, *prev;
};

#define LIST_HEAD(name) struct list_head name = { &(name), &(name) }
#define list_entry(pointer, type, member) container_of(pointer, type, member)
#define list_first_entry(head, type, member) \
	list_entry((head)->next, type, member)
#define list_next_entry(at, member) \
	(list_steps++, list_entry((at)->member.next, __typeof__(*(at)), member))
#define list_entry_is_head(at, head, member) (&(at)->member == (head))
#define list_for_each_entry(at, head, member)				\
	for (at = list_entry((head)->next, __typeof__(*at), member);	\
	     &at->member != (head) && ++list_steps;			\
	     at = list_entry(at->member.next, __typeof__(*at), member))
#define list_for_each_entry_safe(at, after_, head, member)		\
	for (at = list_entry((head)->next, __typeof__(*at), member),	\
	     after_ = list_entry(at->member.next, __typeof__(*at), member); \
	     &at->member != (head);					\
	     at = after_,						\
	     after_ = list_entry(at->member.next, __typeof__(*at), member))

static inline void INIT_LIST_HEAD(struct list_head *list)
{
	list->next = list;
	list->prev = list;
}

static inline bool list_empty(const struct list_head *list)
{
	return list->next == list;
}

static inline void list_add(struct list_head *new, struct list_head *at)
{
	new->next = at->next;
	new->prev = at;
	at->next->prev = new;
	at->next = new;
}

static inline void list_add_tail(struct list_head *new, struct list_head *list)
{
	list_add(new, list->prev);
}

static inline void list_del(struct list_head *entry)
{
	entry->prev->next = entry->next;
	entry->next->prev = entry->prev;
}

#endif /* SIPALG_SHIM_H */
