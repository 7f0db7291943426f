/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What kmod/state, kmod/table and kmod/session take from the kernel, for one thread
 * in userspace. The build makes each <linux/...> and <net/...> header that they name
 * include this. A rule of the kernel that is broken ends the program: a lock that is
 * taken twice, a reference beyond the last, memory that is left over.
 */
#ifndef SIPALG_SEQUENCE_KERNEL_H
#define SIPALG_SEQUENCE_KERNEL_H

#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "types.h"

typedef int64_t s64;
typedef int16_t s16;
typedef int8_t s8;
typedef u16 __be16;
typedef u32 __be32;

#define __rcu
#define __force
#define __percpu
#define __read_mostly
#define MODULE

#define U8_MAX			UINT8_MAX
#define U64_MAX			UINT64_MAX
#define SZ_1M			0x100000
#define SZ_256M			0x10000000
#define BIT_ULL(n)		(1ULL << (n))
#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))
#define IS_ENABLED(option)	0
#define BUILD_BUG_ON(cond)	static_assert(!(cond), #cond)
#define READ_ONCE(x)		(x)
#define WRITE_ONCE(x, value)	((x) = (value))
#define data_race(expr)		(expr)
#define barrier()		__asm__ volatile("" ::: "memory")
#define __stringify_1(x)	#x
#define __stringify(x)		__stringify_1(x)
#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))
#define struct_size(p, member, n) (sizeof(*(p)) + sizeof((p)->member[0]) * (n))

#define ALIGN(x, size)		(((x) + (size) - 1) / (size) * (size))
#define round_up(x, size)	ALIGN(x, size)
#define swap(a, b) ({ __typeof__(a) old_ = (a); (a) = (b); (b) = old_; })

#define min(a, b)		((a) < (b) ? (a) : (b))
#define max(a, b)		((a) > (b) ? (a) : (b))
#define min3(a, b, c)		min(min(a, b), c)
#define min_t(type, a, b)	min((type)(a), (type)(b))
#define max_t(type, a, b)	max((type)(a), (type)(b))
#define clamp(x, low, high)	min(max(x, low), high)
#define hweight8(x)		((unsigned int)__builtin_popcount((u8)(x)))
#define DIV_ROUND_UP(n, d)	(((n) + (d) - 1) / (d))

#define must(cond) ((cond) ? (void)0 : kernel_fail(__FILE__, __LINE__, #cond))
#define WARN_ON_ONCE(cond)	({ bool bad_ = (cond); must(!bad_); bad_; })

/* Tells of the step that is under way, and ends the program. */
_Noreturn void kernel_fail(const char *file, int line, const char *cond);

#define ERR_PTR(error)		((void *)(long)(error))
#define PTR_ERR(ptr)		((long)(ptr))
#define IS_ERR(ptr)		((unsigned long)(ptr) >= (unsigned long)-4095)

static inline u32 rounddown_pow_of_two(u32 x)
{
	return (u32)BIT(31 - __builtin_clz(x));
}

static inline void be16_add_cpu(__be16 *var, u16 value)
{
	*var = htons((u16)(ntohs(*var) + value));
}

static inline u32 reciprocal_scale(u32 value, u32 range)
{
	return (u32)((u64)value * range >> 32);
}

static inline bool test_bit(unsigned int bit, const unsigned long *word)
{
	return *word >> bit & 1;
}

#define sort(base, n, size, compare, swap) qsort(base, n, size, compare)

/* --- numbers of references and things ---------------------------------------- */

typedef struct { int counter; } atomic_t;
typedef struct { s64 counter; } atomic64_t;
typedef struct { int refs; } refcount_t;

#define atomic_read(v)			((v)->counter)
#define atomic_set(v, n)		((void)((v)->counter = (n)))
#define atomic_inc(v)			((void)++(v)->counter)
#define atomic_dec(v)			must(--(v)->counter >= 0)
#define atomic_add(value, v)		must(((v)->counter += (value)) >= 0)
#define atomic_sub(value, v)		must(((v)->counter -= (value)) >= 0)
#define atomic_add_return(value, v)	((v)->counter += (value))
#define atomic_inc_return(v)		(++(v)->counter)
#define atomic64_read(v)		((v)->counter)
#define atomic64_add(value, v)		must(((v)->counter += (value)) >= 0)
#define atomic64_inc_return(v)		((u64)++(v)->counter)
#define refcount_set(v, value)		((void)((v)->refs = (value)))
#define refcount_read(v)		((v)->refs)
#define refcount_inc(v)			must(refcount_inc_not_zero(v))

static inline bool atomic_dec_and_test(atomic_t *v)
{
	atomic_dec(v);
	return !v->counter;
}

static inline bool refcount_inc_not_zero(refcount_t *v)
{
	must(v->refs >= 0);
	return v->refs && ++v->refs;
}

static inline bool refcount_dec_and_test(refcount_t *v)
{
	must(v->refs > 0);
	return !--v->refs;
}

#define cmpxchg(ptr, old, new) ({			\
	__typeof__(*(ptr)) old_ = *(ptr);		\
	if (old_ == (old))				\
		*(ptr) = (new);				\
	old_;						\
})
#define smp_load_acquire(ptr)		(*(ptr))
#define smp_store_release(ptr, value)	((void)(*(ptr) = (value)))

/* --- locks ------------------------------------------------------------------- */

typedef struct { bool held; } spinlock_t;
typedef struct { bool held; } local_lock_t;
struct mutex { bool held; };

/* Locks that are held now; none between two steps. */
extern unsigned int kernel_locks;

#define INIT_LOCAL_LOCK(name)		{ false }
#define spin_lock_init(lock)		((void)((lock)->held = false))
#define mutex_init(lock)		spin_lock_init(lock)
#define spin_lock_bh(lock) ({ must(!(lock)->held); (lock)->held = true; kernel_locks++; })
#define spin_unlock_bh(lock) ({ must((lock)->held); (lock)->held = false; kernel_locks--; })
#define spin_lock_nested(lock, depth)	spin_lock_bh(lock)
#define spin_unlock(lock)		spin_unlock_bh(lock)
#define mutex_lock(lock)		spin_lock_bh(lock)
#define mutex_unlock(lock)		spin_unlock_bh(lock)
#define local_lock_nested_bh(lock)	spin_lock_bh(lock)
#define local_unlock_nested_bh(lock)	spin_unlock_bh(lock)
#define lockdep_assert_held(lock)	must((lock)->held)
#define lockdep_is_held(lock)		((lock)->held)
#define local_bh_disable()		((void)0)
#define local_bh_enable()		((void)0)
#define need_resched()			false
#define cond_resched()			((void)0)

/* --- one processor ----------------------------------------------------------- */

#define DEFINE_PER_CPU(type, name)	__typeof__(type) name
#define this_cpu_read(var)		(var)
#define per_cpu(var, cpu)		(*((void)(cpu), &(var)))
#define per_cpu_ptr(ptr, cpu)		((void)(cpu), (ptr))
#define get_cpu_ptr(ptr)		(ptr)
#define put_cpu_ptr(ptr)		((void)0)
#define for_each_possible_cpu(cpu)	for ((cpu) = 0; (cpu) < 1; (cpu)++)
#define cpu_to_node(cpu)		(cpu)
#define alloc_percpu(type)		((type *)kernel_alloc(sizeof(type), true))
#define free_percpu(ptr)		kfree(ptr)

typedef struct { u64 v; } u64_stats_t;
struct u64_stats_sync { int unused; };

#define u64_stats_init(sync)			((void)(sync))
#define u64_stats_add(count, n)			((void)((count)->v += (n)))
#define u64_stats_read(count)			((count)->v)
#define u64_stats_update_begin_irqsave(sync)	((void)(sync), 0UL)
#define u64_stats_update_end_irqrestore(sync, flags) ((void)(flags))
#define u64_stats_fetch_begin(sync)		((void)(sync), 0U)
#define u64_stats_fetch_retry(sync, start)	((void)(start), false)

/* --- memory ------------------------------------------------------------------ */

#define GFP_KERNEL		0
#define GFP_KERNEL_ACCOUNT	0
#define GFP_ATOMIC		1
#define __GFP_ACCOUNT		0
#define __GFP_NOWARN		0
#define SLAB_ACCOUNT		0

struct kmem_cache {
	size_t size;
};

/* Allocations that are not given back. */
extern unsigned int kernel_allocations;
/* One of so many allocations in a packet's way fails; 0: none. */
extern unsigned int kernel_failures;

void *kernel_alloc(size_t size, bool must_succeed);
void *kernel_realloc(void *old, size_t size);
void kfree(const void *ptr);

#define kmalloc(size, gfp)		kernel_alloc(size, !(gfp))
#define kzalloc(size, gfp)		kernel_alloc(size, !(gfp))
#define kcalloc(n, size, gfp)		kernel_alloc((n) * (size), !(gfp))
#define krealloc(ptr, size, gfp)	kernel_realloc(ptr, size)
#define kvcalloc(n, size, gfp)		kcalloc(n, size, gfp)
#define kvmalloc(size, gfp)		kernel_alloc(size, !(gfp))
#define kvmalloc_node(size, gfp, node)	kernel_alloc(size, !(gfp))
#define kvzalloc(size, gfp)		kernel_alloc(size, !(gfp))
#define kvfree(ptr)			kfree(ptr)
#define KMEM_CACHE(name, flags)		kernel_cache(sizeof(struct name))
#define kmem_cache_zalloc(cache, gfp)	kernel_alloc((cache)->size, !(gfp))
#define kmem_cache_free(cache, ptr)	((void)(cache), kfree(ptr))
#define kmem_cache_destroy(cache)	kfree(cache)

static inline struct kmem_cache *kernel_cache(size_t size)
{
	struct kmem_cache *cache = kernel_alloc(sizeof(*cache), true);

	cache->size = size;
	return cache;
}

/* --- RCU: a step is a read side, and a grace period follows it --------------- */

struct rcu_head {
	struct rcu_head *next;
	void (*func)(struct rcu_head *head);
	void *ptr;
};

void call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *head));
void kernel_free_later(struct rcu_head *head, void *ptr);
void rcu_barrier(void);

#define kfree_rcu(obj, member)		kernel_free_later(&(obj)->member, obj)
#define kvfree_rcu(obj, member)		kfree_rcu(obj, member)
#define rcu_read_lock()			((void)0)
#define rcu_read_unlock()		((void)0)
#define synchronize_rcu()		rcu_barrier()
#define rcu_dereference(ptr)		(ptr)
#define rcu_assign_pointer(ptr, value)	((void)((ptr) = (value)))
#define RCU_INIT_POINTER(ptr, value)	((void)((ptr) = (value)))
#define rcu_replace_pointer(ptr, value, cond) ({	\
	__typeof__(ptr) old_ = (ptr);			\
	(ptr) = (value);				\
	old_;						\
})

/* --- time -------------------------------------------------------------------- */

#define HZ 250

struct timer_list {
	struct timer_list *next;
	unsigned long expires;
	void (*function)(struct timer_list *timer);
	bool pending;
};

struct work_struct {
	void (*func)(struct work_struct *work);
};

struct notifier_block {
	int (*notifier_call)(struct notifier_block *nb, unsigned long event, void *data);
};

#define NOTIFY_DONE		0
#define pr_warn(...)		((void)0)

struct delayed_work {
	struct work_struct work;
	struct timer_list timer;
};

extern unsigned long jiffies;

#define time_after(a, b)	((long)((b) - (a)) < 0)
#define time_before(a, b)	time_after(b, a)
#define time_after_eq(a, b)	((long)((a) - (b)) >= 0)
#define timer_container_of(var, timer, member) \
	container_of(timer, __typeof__(*var), member)
#define timer_setup(timer, func, flags) \
	(*(timer) = (struct timer_list) { .function = (func) })
#define timer_pending(timer)	((timer)->pending)

void mod_timer(struct timer_list *timer, unsigned long expires);
void kernel_timer_delete(struct timer_list *timer);
/* Return: false where no timer is pending; else when the first one is due. */
bool kernel_next_timer(unsigned long *expires);
/* Lets time go by; timers run at their time. */
void kernel_advance(unsigned long until);

#define schedule_work(work)	((void)(work))
#define INIT_DELAYED_WORK(dwork, func) kernel_delayed_work_init(dwork, func)
#define to_delayed_work(w)	container_of(w, struct delayed_work, work)
#define queue_delayed_work(queue, dwork, delay) kernel_queue_delayed(dwork, delay)
#define cancel_delayed_work_sync(dwork) kernel_timer_delete(&(dwork)->timer)
#define cancel_delayed_work(dwork) kernel_timer_delete(&(dwork)->timer)
#define mod_delayed_work(queue, dwork, delay) kernel_queue_delayed(dwork, delay)
#define schedule_delayed_work(dwork, delay) kernel_queue_delayed(dwork, delay)

void kernel_delayed_work_init(struct delayed_work *dwork,
			      void (*func)(struct work_struct *work));
/* As the kernel's: work that waits already keeps its time. */
void kernel_queue_delayed(struct delayed_work *dwork, unsigned long delay);
#define schedule_timeout_uninterruptible(time) kernel_advance(jiffies + (time))

/* --- chance, which the seed decides ------------------------------------------ */

typedef struct { u64 key[2]; } siphash_aligned_key_t;
typedef struct { u64 key[2]; } hsiphash_key_t;

u64 siphash(const void *data, size_t len, const siphash_aligned_key_t *key);
u32 hsiphash(const void *data, size_t len, const hsiphash_key_t *key);
#define hsiphash_words(key, ...)					\
	hsiphash((const u32[]){ __VA_ARGS__ }, sizeof((const u32[]){ __VA_ARGS__ }), key)
#define hsiphash_2u32(a, b, key)	hsiphash_words(key, a, b)
#define hsiphash_3u32(a, b, c, key)	hsiphash_words(key, a, b, c)
u32 jhash(const void *data, size_t len, u32 seed);
void get_random_bytes(void *buf, size_t len);
u32 get_random_u32(void);
void kernel_seed(u64 seed);

#define jhash2(words, n, seed)	jhash(words, (n) * sizeof(u32), seed)
#define hash_32(value, bits)	((u32)(value) * 0x61C88647U >> (32 - (bits)))

/* --- lists -------------------------------------------------------------------- */

struct list_head { struct list_head *next, *prev; };

#define list_for_each_entry(pos, head, member)						\
	for (pos = container_of((head)->next, typeof(*pos), member);			\
	     &pos->member != (head);							\
	     pos = container_of(pos->member.next, typeof(*pos), member))

static inline void INIT_LIST_HEAD(struct list_head *head)
{
	head->next = head->prev = head;
}

static inline bool list_empty(const struct list_head *head)
{
	return head->next == head;
}

static inline void list_add_tail(struct list_head *entry, struct list_head *head)
{
	entry->next = head;
	entry->prev = head->prev;
	head->prev->next = entry;
	head->prev = entry;
}

static inline void list_del(struct list_head *entry)
{
	entry->next->prev = entry->prev;
	entry->prev->next = entry->next;
}

#define list_first_entry(head, type, member)	container_of((head)->next, type, member)
#define list_first_entry_or_null(head, type, member)				\
	(list_empty(head) ? NULL : list_first_entry(head, type, member))

/* --- what is only named ------------------------------------------------------ */

struct hlist_head { void *first; };
struct nf_hook_ops { int unused; };
struct nlattr { u16 len; };
struct netlink_ext_ack { const char *_msg; };
struct user_namespace { int unused; };
struct net;

int register_fib_notifier(struct net *net, struct notifier_block *nb,
			  void (*cb)(struct notifier_block *nb), struct netlink_ext_ack *extack);
int unregister_fib_notifier(struct net *net, struct notifier_block *nb);

#define DECLARE_HASHTABLE(name, bits) struct hlist_head name[1 << (bits)]
#define NL_SET_BAD_ATTR(extack, attr)	((void)(attr))
#define nla_len(attr)			((int)(attr)->len)
#define nla_data(attr)			((void *)((attr) + 1))
#define nla_get_u32(attr)		(*(u32 *)nla_data(attr))
#define nla_memcpy(to, attr, len)	memcpy(to, nla_data(attr), len)

extern struct user_namespace init_user_ns;

#include "rhashtable.h"
#include "conntrack.h"

#endif /* SIPALG_SEQUENCE_KERNEL_H */
