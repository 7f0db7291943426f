// SPDX-License-Identifier: GPL-2.0
/*
 * A table of fixed size, in which a newer offer takes the place of an older
 * one. Without its offer, an answer opens the same ports; only whom the offer
 * named is not known then.
 */

#include <linux/siphash.h>
#include <linux/slab.h>

#include "table/offered.h"

/* Offers that wait for an answer at a time. */
#define SLOTS 64

/**
 * struct sipalg_offer_slot - place for an offer
 * @lock: protects the other members
 * @name: keyed hash of its name; 0 where there is none
 * @far: where it wants media
 */
struct sipalg_offer_slot {
	spinlock_t lock;
	u64 name;
	struct sipalg_far_ends far;
};

static siphash_aligned_key_t name_key __read_mostly;

/* The slots come with the first offer, of whatever CPU. */
static struct sipalg_offer_slot *find_slots(struct sipalg_net *sn)
{
	/* Pairs with cmpxchg() in get_slots(). */
	return smp_load_acquire(&sn->offered);
}

/* Return: the slots of the namespace, or NULL without memory. */
static struct sipalg_offer_slot *get_slots(struct sipalg_net *sn)
{
	struct sipalg_offer_slot *slots = find_slots(sn), *other;
	unsigned int i;

	if (slots)
		return slots;
	slots = kcalloc(SLOTS, sizeof(*slots), GFP_ATOMIC | __GFP_NOWARN);
	if (!slots)
		return NULL;
	for (i = 0; i < SLOTS; i++)
		spin_lock_init(&slots[i].lock);
	other = cmpxchg(&sn->offered, NULL, slots);
	if (!other)
		return slots;
	kfree(slots);
	return other;
}

static u64 hash_name(const struct sipalg_offer_name *name)
{
	BUILD_BUG_ON(sizeof(*name) != sizeof(name->key) + 2 * sizeof(u32));
	return siphash(name, sizeof(*name), &name_key) ?: 1;
}

/**
 * sipalg_offered_keep() - an inside host gets an INVITE with an offer
 * @sn: the namespace
 * @name: names the offer
 * @far: where it wants media
 *
 * Context: softirq or process.
 */
void sipalg_offered_keep(struct sipalg_net *sn,
			 const struct sipalg_offer_name *name,
			 const struct sipalg_far_ends *far)
{
	struct sipalg_offer_slot *slot = get_slots(sn);
	u64 hash = hash_name(name);

	if (!slot)
		return;
	slot += hash % SLOTS;
	spin_lock_bh(&slot->lock);
	slot->name = hash;
	slot->far = *far;
	spin_unlock_bh(&slot->lock);
}

/**
 * sipalg_offered_find() - look for the offer that an inside host answers
 * @sn: the namespace
 * @name: names the offer
 * @far: set to where it wants media
 *
 * Context: softirq or process.
 * Return: false, with @far as it was, where it is not known.
 */
bool sipalg_offered_find(struct sipalg_net *sn,
			 const struct sipalg_offer_name *name,
			 struct sipalg_far_ends *far)
{
	struct sipalg_offer_slot *slot = find_slots(sn);
	u64 hash = hash_name(name);
	bool found;

	if (!slot)
		return false;
	slot += hash % SLOTS;
	spin_lock_bh(&slot->lock);
	found = slot->name == hash;
	if (found)
		*far = slot->far;
	spin_unlock_bh(&slot->lock);
	return found;
}

/* No packet reaches the hooks any more. */
void sipalg_offered_net_exit(struct sipalg_net *sn)
{
	kfree(sn->offered);
}

int sipalg_offered_setup(void)
{
	get_random_bytes(&name_key, sizeof(name_key));
	return 0;
}
