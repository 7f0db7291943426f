// SPDX-License-Identifier: GPL-2.0
/*
 * A table of fixed size, in which a newer INVITE takes the place of an older
 * one. Without its offer, an answer opens the same ports; only whom the offer
 * named is not known then.
 */

#include <linux/siphash.h>
#include <linux/slab.h>

#include "table/offered.h"

/* INVITEs that wait for an answer at a time. */
#define SLOTS 64

/**
 * struct sipalg_offer_slot - place for an INVITE
 * @lock: protects the other members
 * @name: keyed hash of its name; 0 where there is none
 * @offered: what is kept of it
 */
struct sipalg_offer_slot {
	spinlock_t lock;
	u64 name;
	struct sipalg_offered offered;
};

static siphash_aligned_key_t name_key __read_mostly;

/* The slots come with the first INVITE, of whatever CPU. */
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
 * sipalg_offered_keep() - keep something of an INVITE
 * @sn: the namespace
 * @name: names the INVITE
 * @offered: what is to be kept
 *
 * Context: softirq or process.
 */
void sipalg_offered_keep(struct sipalg_net *sn,
			 const struct sipalg_offer_name *name,
			 const struct sipalg_offered *offered)
{
	struct sipalg_offer_slot *slot = get_slots(sn);
	u64 hash = hash_name(name);

	if (!slot)
		return;
	slot += hash % SLOTS;
	spin_lock_bh(&slot->lock);
	slot->name = hash;
	slot->offered = *offered;
	spin_unlock_bh(&slot->lock);
}

/**
 * sipalg_offered_find() - look for the INVITE that a message belongs to
 * @sn: the namespace
 * @name: names the INVITE
 * @offered: set to what was kept
 *
 * Context: softirq or process.
 * Return: false, with @offered as it was, where it is not known.
 */
bool sipalg_offered_find(struct sipalg_net *sn,
			 const struct sipalg_offer_name *name,
			 struct sipalg_offered *offered)
{
	struct sipalg_offer_slot *slot = find_slots(sn);
	bool found;
	u64 hash;

	if (!slot)
		return false;
	hash = hash_name(name);
	slot += hash % SLOTS;
	spin_lock_bh(&slot->lock);
	found = slot->name == hash;
	if (found)
		*offered = slot->offered;
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
