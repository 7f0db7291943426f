// SPDX-License-Identifier: GPL-2.0
/*
 * Nobody finds a flow before conntrack confirms it, at the end of its first
 * packet's way. Until then a second CPU would take its outside port for free.
 * So whoever chooses a port says so here first. A claim holds for a moment: a
 * flow that has been confirmed is known to table/seen, and one whose packet was
 * dropped needs no port.
 */

#include <linux/jiffies.h>
#include <linux/spinlock.h>

#include "table/claim.h"

#define BUCKETS	64
#define SLOTS	4

/**
 * struct claim - a flow is about to have an outside endpoint
 * @net: its namespace, for comparison alone; NULL for no claim
 * @inside: A:p
 * @outside: E:q
 * @since: low half of the jiffies at which it was made
 */
struct claim {
	const struct net *net;
	struct sipalg_endpoint inside;
	struct sipalg_endpoint outside;
	u32 since;
};

/**
 * struct bucket - claims of one hash
 * @lock: protects the other members
 * @next: slot of the oldest one
 * @slot: the claims
 */
struct bucket {
	spinlock_t lock;
	u8 next;
	struct claim slot[SLOTS];
};

static struct bucket buckets[BUCKETS];

static struct bucket *find_bucket(const struct sipalg_endpoint *outside)
{
	return &buckets[ntohs(outside->port) % BUCKETS];
}

/* Return: the claim to an outside endpoint that holds now, or NULL. */
static struct claim *find_claim(struct bucket *bucket, const struct net *net,
				const struct sipalg_endpoint *outside)
{
	struct claim *claim;

	lockdep_assert_held(&bucket->lock);
	for (claim = bucket->slot; claim < bucket->slot + SLOTS; claim++)
		if (claim->net == net &&
		    (u32)jiffies - claim->since < SIPALG_HELD_JIFFIES &&
		    !memcmp(&claim->outside, outside, sizeof(*outside)))
			return claim;
	return NULL;
}

static bool is_of(const struct claim *claim,
		  const struct sipalg_endpoint *inside)
{
	return claim->inside.port == inside->port &&
	       sipalg_endpoint_is_same_host(&claim->inside, inside);
}

/**
 * sipalg_claim_take() - a flow is to have an outside endpoint
 * @sn: the namespace
 * @inside: A:p
 * @outside: E:q
 *
 * Whoever makes a binding asks sipalg_claim_is_others() once the binding is in
 * its table; so the caller looks for a binding after this, and of two at a time
 * one at least finds the other.
 *
 * Context: softirq or process.
 * Return: false where another inside end has claimed it.
 */
bool sipalg_claim_take(const struct sipalg_net *sn,
		       const struct sipalg_endpoint *inside,
		       const struct sipalg_endpoint *outside)
{
	struct bucket *bucket = find_bucket(outside);
	struct claim *claim;
	bool is_own = true;

	spin_lock_bh(&bucket->lock);
	claim = find_claim(bucket, sn->net, outside);
	if (claim)
		is_own = is_of(claim, inside);
	else
		claim = &bucket->slot[bucket->next++ % SLOTS];
	if (is_own)
		*claim = (struct claim) {
			.net = sn->net,
			.inside = *inside,
			.outside = *outside,
			.since = (u32)jiffies,
		};
	spin_unlock_bh(&bucket->lock);
	return is_own;
}

/**
 * sipalg_claim_is_others() - is a flow of another inside end to have it?
 * @sn: the namespace
 * @inside: A:p
 * @outside: E:q
 *
 * Context: softirq or process.
 */
bool sipalg_claim_is_others(const struct sipalg_net *sn,
			    const struct sipalg_endpoint *inside,
			    const struct sipalg_endpoint *outside)
{
	struct bucket *bucket = find_bucket(outside);
	const struct claim *claim;
	bool is_others;

	spin_lock_bh(&bucket->lock);
	claim = find_claim(bucket, sn->net, outside);
	is_others = claim && !is_of(claim, inside);
	spin_unlock_bh(&bucket->lock);
	return is_others;
}

int sipalg_claim_setup(void)
{
	unsigned int i;

	for (i = 0; i < BUCKETS; i++)
		spin_lock_init(&buckets[i].lock);
	return 0;
}
