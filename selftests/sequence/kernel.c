// SPDX-License-Identifier: GPL-2.0

#include "kernel.h"

unsigned long jiffies;
unsigned int kernel_locks, kernel_allocations, kernel_failures;
struct user_namespace init_user_ns;

static struct rcu_head *waiting;
static struct timer_list *timers;	/* the first to run comes first */
static u64 random_state;

/* --- memory ------------------------------------------------------------------ */

void *kernel_alloc(size_t size, bool must_succeed)
{
	void *ptr;

	if (!must_succeed && kernel_failures && !(get_random_u32() % kernel_failures))
		return NULL;
	ptr = calloc(1, size);
	must(ptr);
	kernel_allocations++;
	return ptr;
}

void *kernel_realloc(void *old, size_t size)
{
	if (kernel_failures && !(get_random_u32() % kernel_failures))
		return NULL;
	kernel_allocations += !old;
	old = realloc(old, size);
	must(old);
	return old;
}

void kfree(const void *ptr)
{
	if (!ptr)
		return;
	must(kernel_allocations--);
	free((void *)ptr);
}

/* --- RCU --------------------------------------------------------------------- */

void call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *head))
{
	head->func = func;
	head->next = waiting;
	waiting = head;
}

static void free_object(struct rcu_head *head)
{
	kfree(head->ptr);
}

void kernel_free_later(struct rcu_head *head, void *ptr)
{
	head->ptr = ptr;
	call_rcu(head, free_object);
}

void rcu_barrier(void)
{
	while (waiting) {
		struct rcu_head *head = waiting;

		waiting = head->next;
		head->func(head);
	}
}

/* --- time -------------------------------------------------------------------- */

void kernel_timer_delete(struct timer_list *timer)
{
	struct timer_list **place = &timers;

	if (!timer->pending)
		return;
	while (*place != timer)
		place = &(*place)->next;
	*place = timer->next;
	timer->pending = false;
}

void mod_timer(struct timer_list *timer, unsigned long expires)
{
	struct timer_list **place = &timers;

	kernel_timer_delete(timer);
	while (*place && !time_after((*place)->expires, expires))
		place = &(*place)->next;
	timer->expires = expires;
	timer->next = *place;
	timer->pending = true;
	*place = timer;
}

bool kernel_next_timer(unsigned long *expires)
{
	if (timers)
		*expires = timers->expires;
	return timers;
}

void kernel_advance(unsigned long until)
{
	while (timers && !time_after(timers->expires, until)) {
		struct timer_list *timer = timers;

		if (time_after(timer->expires, jiffies))
			jiffies = timer->expires;
		timers = timer->next;
		timer->pending = false;
		timer->function(timer);
		must(!kernel_locks);
	}
	if (time_after(until, jiffies))
		jiffies = until;
	rcu_barrier();
}

static void run_delayed(struct timer_list *timer)
{
	struct delayed_work *dwork = container_of(timer, struct delayed_work, timer);

	dwork->work.func(&dwork->work);
}

void kernel_delayed_work_init(struct delayed_work *dwork,
			      void (*func)(struct work_struct *work))
{
	dwork->work.func = func;
	timer_setup(&dwork->timer, run_delayed, 0);
}

void kernel_queue_delayed(struct delayed_work *dwork, unsigned long delay)
{
	if (!timer_pending(&dwork->timer))
		mod_timer(&dwork->timer, jiffies + delay);
}

/* --- chance ------------------------------------------------------------------ */

void kernel_seed(u64 seed)
{
	random_state = seed * 0x9e3779b97f4a7c15 + 1;
}

static u64 mix(u64 x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

u32 get_random_u32(void)
{
	random_state += 0x9e3779b97f4a7c15;
	return (u32)mix(random_state);
}

void get_random_bytes(void *buf, size_t len)
{
	u8 *byte = buf;

	while (len--)
		*byte++ = (u8)get_random_u32();
}

static u64 hash_bytes(const void *data, size_t len, u64 hash)
{
	const u8 *byte = data;

	for (; len >= sizeof(u64); len -= sizeof(u64), byte += sizeof(u64)) {
		u64 word;

		memcpy(&word, byte, sizeof(word));
		hash = (hash ^ word) * 0x9e3779b97f4a7c15;
		hash ^= hash >> 29;
	}
	while (len--)
		hash = (hash ^ *byte++) * 0x100000001b3;
	return mix(hash);
}

u64 siphash(const void *data, size_t len, const siphash_aligned_key_t *key)
{
	return hash_bytes(data, len, key->key[0] ^ key->key[1]);
}

u32 hsiphash(const void *data, size_t len, const hsiphash_key_t *key)
{
	return (u32)hash_bytes(data, len, key->key[0] ^ key->key[1]);
}

u32 jhash(const void *data, size_t len, u32 seed)
{
	return (u32)hash_bytes(data, len, seed);
}
