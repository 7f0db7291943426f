// SPDX-License-Identifier: GPL-2.0
/*
 * A sorted array of the rules whose devices exist. The most specific scope
 * wins; of two devices' scopes the more careful mode, which is the smaller
 * number.
 */

#include <linux/mm.h>
#include <linux/sort.h>

#include "state/ruleset.h"

/*
 * One compiled rule: zone plus one above the device's index; 0 stands for any.
 */
struct entry {
	u64 key;
	u8 mode;
	struct sipalg_options options;
};

struct sipalg_ruleset {
	struct rcu_head rcu;
	unsigned int n;
	u8 fallback;
	bool zones;
	bool devices;
	bool says_more;		/* a scope has options */
	struct sipalg_options options;
	struct entry entries[];
};

static u64 make_key(s32 zone, int ifindex)
{
	return (u64)(zone + 1) << 32 | (u32)ifindex;
}

/* A device may be there by several names: the more careful mode comes first. */
static int compare_entries(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->mode - y->mode;
}

/* Return: index of the first entry that has the key, or a greater one. */
static unsigned int find_entry(const struct sipalg_ruleset *ruleset, u64 key)
{
	unsigned int low = 0, high = ruleset->n;

	while (low < high) {
		unsigned int middle = (low + high) / 2;

		if (ruleset->entries[middle].key < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/*
 * Return: the first mode set for just that, or __SIPALG_MODE_MAX, which is more
 * than any.
 */
static u8 lookup_key(const struct sipalg_ruleset *ruleset, s32 zone,
		     int ifindex)
{
	u64 key = make_key(zone, ifindex);
	unsigned int i = find_entry(ruleset, key);

	if (i < ruleset->n && ruleset->entries[i].key == key)
		return ruleset->entries[i].mode;
	return __SIPALG_MODE_MAX;
}

static u8 lookup_devices(const struct sipalg_ruleset *ruleset, s32 zone, int in,
			 int out)
{
	u8 mode = __SIPALG_MODE_MAX;

	if (in)
		mode = lookup_key(ruleset, zone, in);
	if (out)
		mode = min(mode, lookup_key(ruleset, zone, out));
	return mode;
}

/**
 * sipalg_ruleset_mode() - the mode of a flow
 * @sn: the namespace
 * @zone: its conntrack zone
 * @in: index of the device its first packet entered by, 0 if none
 * @out: index of the device it left by, 0 if none
 *
 * Context: RCU read side.
 */
enum sipalg_mode sipalg_ruleset_mode(const struct sipalg_net *sn, u16 zone,
				     int in, int out)
{
	const struct sipalg_ruleset *ruleset =
		rcu_dereference(sn->policy.ruleset);
	u8 mode = __SIPALG_MODE_MAX;

	if (ruleset->devices && ruleset->zones)
		mode = lookup_devices(ruleset, zone, in, out);
	if (mode == __SIPALG_MODE_MAX && ruleset->devices)
		mode = lookup_devices(ruleset, -1, in, out);
	if (mode == __SIPALG_MODE_MAX && ruleset->zones)
		mode = lookup_key(ruleset, zone, 0);
	return mode == __SIPALG_MODE_MAX ? ruleset->fallback : mode;
}

/* Adds what no scope before has said. */
static void inherit_options(struct sipalg_options *to,
			    const struct sipalg_options *from)
{
	if (!to->port_max) {
		to->port_min = from->port_min;
		to->port_max = from->port_max;
	}
	if (!to->family) {
		to->family = from->family;
		to->addr = from->addr;
	}
	if (!to->trust.n_hosts)
		to->trust = from->trust;
}

static void inherit_key(struct sipalg_options *options,
			const struct sipalg_ruleset *ruleset, s32 zone,
			int ifindex)
{
	u64 key = make_key(zone, ifindex);
	unsigned int i;

	for (i = find_entry(ruleset, key);
	     i < ruleset->n && ruleset->entries[i].key == key; i++)
		inherit_options(options, &ruleset->entries[i].options);
}

/**
 * sipalg_ruleset_says_more() - has any scope more than a mode?
 * @sn: the namespace
 *
 * Context: RCU read side.
 */
bool sipalg_ruleset_says_more(const struct sipalg_net *sn)
{
	return rcu_dereference(sn->policy.ruleset)->says_more;
}

/**
 * sipalg_ruleset_options() - what the scopes of an outside device say
 * @sn: the namespace
 * @zone: conntrack zone of the flow
 * @ifindex: index of the device, 0 if unknown
 * @options: filled in. Each option is that of the most specific scope that has
 *	it.
 *
 * Context: RCU read side.
 */
void sipalg_ruleset_options(const struct sipalg_net *sn, u16 zone, int ifindex,
			    struct sipalg_options *options)
{
	const struct sipalg_ruleset *ruleset =
		rcu_dereference(sn->policy.ruleset);

	memset(options, 0, sizeof(*options));
	if (!ruleset->says_more)
		return;
	if (ifindex) {
		inherit_key(options, ruleset, zone, ifindex);
		inherit_key(options, ruleset, -1, ifindex);
	}
	inherit_key(options, ruleset, zone, 0);
	inherit_options(options, &ruleset->options);
}

static bool says_anything(const struct sipalg_options *options)
{
	return options->port_max || options->family || options->trust.n_hosts;
}

/* Return: an empty ruleset with room for @n rules, or NULL. */
struct sipalg_ruleset *sipalg_ruleset_alloc(unsigned int n)
{
	struct sipalg_ruleset *ruleset;

	return kvzalloc(struct_size(ruleset, entries, n), GFP_KERNEL_ACCOUNT);
}

/* Frees a ruleset that no packet sees any more; NULL for none. */
void sipalg_ruleset_free(struct sipalg_ruleset *ruleset)
{
	if (ruleset)
		kvfree_rcu(ruleset, rcu);
}

/**
 * sipalg_ruleset_add() - compile a rule
 * @ruleset: not published yet, with room for it
 * @zone: its conntrack zone, or -1 for any
 * @ifindex: index of its device, 0 for any
 * @mode: its mode
 * @options: what it says beside that
 *
 * Context: process.
 */
void sipalg_ruleset_add(struct sipalg_ruleset *ruleset, s32 zone, int ifindex,
			enum sipalg_mode mode,
			const struct sipalg_options *options)
{
	struct entry *entry = &ruleset->entries[ruleset->n++];

	entry->key = make_key(zone, ifindex);
	entry->mode = mode;
	entry->options = *options;
	ruleset->zones |= zone >= 0;
	ruleset->devices |= ifindex > 0;
	ruleset->says_more |= says_anything(options);
}

/**
 * sipalg_ruleset_finish() - make a ruleset ready to be published
 * @ruleset: has all rules
 * @fallback: mode of the default scope
 * @options: of the default scope
 *
 * Context: process.
 */
void sipalg_ruleset_finish(struct sipalg_ruleset *ruleset,
			   enum sipalg_mode fallback,
			   const struct sipalg_options *options)
{
	ruleset->fallback = fallback;
	ruleset->options = *options;
	ruleset->says_more |= says_anything(options);
	sort(ruleset->entries, ruleset->n, sizeof(ruleset->entries[0]),
	     compare_entries, NULL);
}
