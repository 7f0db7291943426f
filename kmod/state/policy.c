// SPDX-License-Identifier: GPL-2.0
/*
 * The rules are kept as they were set, by the name of the device, and compiled
 * into a sorted array of the devices that exist. The most specific scope wins;
 * of two devices' scopes the more careful mode, which is the smaller number.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/netdevice.h>
#include <linux/sort.h>

#include "state/notify.h"
#include "state/policy.h"

/*
 * One compiled rule: zone plus one above the device's index; 0 stands for any.
 */
struct entry {
	u64 key;
	u8 mode;
};

struct sipalg_ruleset {
	struct rcu_head rcu;
	unsigned int n;
	u8 fallback;
	bool zones;
	bool devices;
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

/*
 * Return: the first mode set for just that, or __SIPALG_MODE_MAX, which is more
 * than any.
 */
static u8 lookup_key(const struct sipalg_ruleset *ruleset, s32 zone,
		     int ifindex)
{
	unsigned int low = 0, high = ruleset->n;
	u64 key = make_key(zone, ifindex);

	while (low < high) {
		unsigned int middle = (low + high) / 2;

		if (ruleset->entries[middle].key < key)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < ruleset->n && ruleset->entries[low].key == key)
		return ruleset->entries[low].mode;
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
 * sipalg_policy_mode() - the mode of a flow
 * @sn: the namespace
 * @zone: its conntrack zone
 * @in: index of the device its first packet entered by, 0 if none
 * @out: index of the device it left by, 0 if none
 *
 * Context: RCU read side.
 */
enum sipalg_mode sipalg_policy_mode(const struct sipalg_net *sn, u16 zone,
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

/**
 * sipalg_policy_modes() - the modes that any scope of a namespace has
 * @sn: the namespace
 *
 * Context: process; takes the policy's lock.
 * Return: bits by enum sipalg_mode.
 */
u32 sipalg_policy_modes(struct sipalg_net *sn)
{
	struct sipalg_policy *policy = &sn->policy;
	const struct sipalg_rule *rule;
	u32 modes;

	mutex_lock(&policy->lock);
	modes = BIT(policy->fallback);
	list_for_each_entry(rule, &policy->rules, list)
		modes |= BIT(rule->mode);
	mutex_unlock(&policy->lock);
	return modes;
}

/* Return: room for all rules and @more, so that publish_rules() cannot fail. */
static struct sipalg_ruleset *alloc_ruleset(const struct sipalg_policy *policy,
					    unsigned int more)
{
	struct sipalg_ruleset *ruleset;

	return kvzalloc(struct_size(ruleset, entries, policy->n_rules + more),
			GFP_KERNEL);
}

/* Compiles the rules into @new and makes the packet path see it. */
static void publish_rules(struct sipalg_policy *policy,
			  struct sipalg_ruleset *new)
{
	struct sipalg_ruleset *old;
	const struct sipalg_rule *rule;
	u32 generation;

	lockdep_assert_held(&policy->lock);
	new->fallback = policy->fallback;
	list_for_each_entry(rule, &policy->rules, list) {
		if (rule->scope.dev[0] && !rule->ifindex)
			continue;
		new->entries[new->n].key =
			make_key(rule->scope.zone, rule->ifindex);
		new->entries[new->n++].mode = rule->mode;
		new->zones |= rule->scope.zone >= 0;
		new->devices |= rule->ifindex > 0;
	}
	sort(new->entries, new->n, sizeof(new->entries[0]), compare_entries,
	     NULL);

	old = rcu_replace_pointer(policy->ruleset, new,
				  lockdep_is_held(&policy->lock));
	generation = (policy->generation + 1) & (U32_MAX >> SIPALG_MODE_BITS);
	/*
	 * Pairs with the acquire of whoever remembers a mode by its generation.
	 */
	smp_store_release(&policy->generation, generation ?: 1);
	if (old)
		kvfree_rcu(old, rcu);
}

static struct sipalg_rule *find_rule(struct list_head *rules,
				     const struct sipalg_scope *scope)
{
	struct sipalg_rule *rule;

	list_for_each_entry(rule, rules, list)
		if (rule->scope.zone == scope->zone &&
		    !strcmp(rule->scope.dev, scope->dev))
			return rule;
	return NULL;
}

static bool is_default(const struct sipalg_scope *scope)
{
	return scope->zone < 0 && !scope->dev[0];
}

static int find_ifindex(struct net *net, const char *name)
{
	const struct net_device *dev;
	int ifindex = 0;

	if (!name[0])
		return 0;
	rcu_read_lock();
	dev = dev_get_by_name_rcu(net, name);
	if (dev)
		ifindex = dev->ifindex;
	rcu_read_unlock();
	return ifindex;
}

static int check_mode(const struct sipalg_scope *scope, enum sipalg_mode mode,
		      struct netlink_ext_ack *extack)
{
	if (mode != SIPALG_MODE_RULE || is_default(scope))
		return 0;
	NL_SET_ERR_MSG(extack, "mode rule is for the default scope alone");
	return -EINVAL;
}

static void notify_scope(struct sipalg_net *sn,
			 const struct sipalg_scope *scope,
			 enum sipalg_mode mode, enum sipalg_cmd what)
{
	const struct sipalg_rule rule = {
		.scope = *scope,
		.ifindex = find_ifindex(sn->net, scope->dev),
		.mode = mode,
	};

	sipalg_notify_policy(sn, &rule, what);
}

static void notify_flushed(struct sipalg_net *sn)
{
	const struct sipalg_scope all = { .zone = -1 };

	notify_scope(sn, &all, sn->policy.fallback, SIPALG_CMD_POLICY_FLUSHED);
}

/* Return: the rule of a scope, a new one if need be; or an error pointer. */
static struct sipalg_rule *get_rule(struct sipalg_policy *policy,
				    const struct sipalg_scope *scope,
				    struct netlink_ext_ack *extack)
{
	struct sipalg_rule *rule = find_rule(&policy->rules, scope);

	lockdep_assert_held(&policy->lock);
	if (rule)
		return rule;
	if (policy->n_rules == SIPALG_SCOPES_MAX) {
		NL_SET_ERR_MSG(extack, "too many scopes");
		return ERR_PTR(-ENOSPC);
	}
	rule = kzalloc(sizeof(*rule), GFP_KERNEL);
	if (!rule)
		return ERR_PTR(-ENOMEM);
	rule->scope = *scope;
	list_add_tail(&rule->list, &policy->rules);
	policy->n_rules++;
	return rule;
}

static int set_mode(struct sipalg_net *sn, const struct sipalg_scope *scope,
		    enum sipalg_mode mode, struct netlink_ext_ack *extack)
{
	struct sipalg_policy *policy = &sn->policy;
	struct sipalg_rule *rule;

	if (is_default(scope)) {
		policy->fallback = mode;
		return 0;
	}
	rule = get_rule(policy, scope, extack);
	if (IS_ERR(rule))
		return PTR_ERR(rule);
	rule->ifindex = find_ifindex(sn->net, scope->dev);
	rule->mode = mode;
	return 0;
}

/**
 * sipalg_policy_set() - set the mode of a scope
 * @sn: the namespace
 * @scope: the scope
 * @mode: its mode
 * @extack: says what is wrong
 *
 * Context: process; takes the policy's lock.
 * Return: 0, also where the scope has this mode already, or a negative errno
 * with nothing changed.
 */
int sipalg_policy_set(struct sipalg_net *sn, const struct sipalg_scope *scope,
		      enum sipalg_mode mode, struct netlink_ext_ack *extack)
{
	struct sipalg_policy *policy = &sn->policy;
	struct sipalg_ruleset *ruleset;
	int err;

	err = check_mode(scope, mode, extack);
	if (err)
		return err;

	mutex_lock(&policy->lock);
	ruleset = alloc_ruleset(policy, 1);
	err = ruleset ? set_mode(sn, scope, mode, extack) : -ENOMEM;
	if (err) {
		kvfree(ruleset);
	} else {
		publish_rules(policy, ruleset);
		notify_scope(sn, scope, mode, SIPALG_CMD_POLICY_NEW);
	}
	mutex_unlock(&policy->lock);
	return err;
}

static void forget_rule(struct sipalg_policy *policy, struct sipalg_rule *rule)
{
	list_del(&rule->list);
	policy->n_rules--;
	kfree(rule);
}

/**
 * sipalg_policy_del() - forget a scope
 * @sn: the namespace
 * @scope: the scope; the default one goes back to its initial mode
 *
 * Context: process; takes the policy's lock.
 * Return: 0, also where the scope is not set, or -ENOMEM with nothing changed.
 */
int sipalg_policy_del(struct sipalg_net *sn, const struct sipalg_scope *scope)
{
	struct sipalg_policy *policy = &sn->policy;
	struct sipalg_ruleset *ruleset;
	enum sipalg_mode mode = SIPALG_MODE_RULE;
	struct sipalg_rule *rule;
	int err = 0;

	mutex_lock(&policy->lock);
	rule = find_rule(&policy->rules, scope);
	if (!rule && !is_default(scope))
		goto out;
	ruleset = alloc_ruleset(policy, 0);
	if (!ruleset) {
		err = -ENOMEM;
		goto out;
	}
	if (rule) {
		mode = rule->mode;
		forget_rule(policy, rule);
	} else {
		policy->fallback = mode;
	}
	publish_rules(policy, ruleset);
	notify_scope(sn, scope, mode,
		     is_default(scope) ? SIPALG_CMD_POLICY_NEW :
					 SIPALG_CMD_POLICY_GONE);
out:
	mutex_unlock(&policy->lock);
	return err;
}

/**
 * sipalg_policy_flush() - forget all scopes
 * @sn: the namespace
 * @mode: what the default scope's mode becomes
 *
 * Context: process; takes the policy's lock.
 * Return: 0, or -ENOMEM with nothing changed.
 */
int sipalg_policy_flush(struct sipalg_net *sn, enum sipalg_mode mode)
{
	struct sipalg_policy *policy = &sn->policy;
	struct sipalg_ruleset *ruleset;
	struct sipalg_rule *rule, *next;
	int err = -ENOMEM;

	mutex_lock(&policy->lock);
	ruleset = alloc_ruleset(policy, 0);
	if (ruleset) {
		list_for_each_entry_safe(rule, next, &policy->rules, list)
			forget_rule(policy, rule);
		policy->fallback = mode;
		publish_rules(policy, ruleset);
		notify_flushed(sn);
		err = 0;
	}
	mutex_unlock(&policy->lock);
	return err;
}

void sipalg_draft_init(struct sipalg_draft *draft)
{
	INIT_LIST_HEAD(&draft->rules);
	draft->n_rules = 0;
	draft->fallback = SIPALG_MODE_RULE;
}

void sipalg_draft_free(struct sipalg_draft *draft)
{
	struct sipalg_rule *rule, *next;

	list_for_each_entry_safe(rule, next, &draft->rules, list)
		kfree(rule);
}

/**
 * sipalg_draft_add() - add a scope to what will replace all others
 * @draft: the scopes so far
 * @scope: the scope, not there yet
 * @mode: its mode
 * @extack: says what is wrong
 *
 * Context: process.
 * Return: 0 or a negative errno.
 */
int sipalg_draft_add(struct sipalg_draft *draft,
		     const struct sipalg_scope *scope, enum sipalg_mode mode,
		     struct netlink_ext_ack *extack)
{
	struct sipalg_rule *rule;
	int err;

	err = check_mode(scope, mode, extack);
	if (err)
		return err;
	if (is_default(scope)) {
		draft->fallback = mode;
		return 0;
	}
	if (draft->n_rules == SIPALG_SCOPES_MAX) {
		NL_SET_ERR_MSG(extack, "too many scopes");
		return -ENOSPC;
	}
	if (find_rule(&draft->rules, scope)) {
		NL_SET_ERR_MSG(extack, "a scope is there twice");
		return -EEXIST;
	}
	rule = kzalloc(sizeof(*rule), GFP_KERNEL);
	if (!rule)
		return -ENOMEM;
	rule->scope = *scope;
	rule->mode = mode;
	list_add_tail(&rule->list, &draft->rules);
	draft->n_rules++;
	return 0;
}

/**
 * sipalg_policy_restore() - replace all scopes
 * @sn: the namespace
 * @draft: what they become; holds the old ones afterwards
 *
 * No packet sees some of the new scopes without the others.
 *
 * Context: process; takes the policy's lock.
 * Return: 0, or -ENOMEM with nothing changed.
 */
int sipalg_policy_restore(struct sipalg_net *sn, struct sipalg_draft *draft)
{
	struct sipalg_policy *policy = &sn->policy;
	struct sipalg_ruleset *ruleset;
	struct sipalg_rule *rule;
	LIST_HEAD(old);
	int err = -ENOMEM;

	mutex_lock(&policy->lock);
	ruleset = kvzalloc(struct_size(ruleset, entries, draft->n_rules),
			   GFP_KERNEL);
	if (ruleset) {
		list_for_each_entry(rule, &draft->rules, list)
			rule->ifindex = find_ifindex(sn->net, rule->scope.dev);
		list_splice_init(&policy->rules, &old);
		list_splice_init(&draft->rules, &policy->rules);
		list_splice(&old, &draft->rules);
		swap(draft->n_rules, policy->n_rules);
		policy->fallback = draft->fallback;
		publish_rules(policy, ruleset);
		notify_flushed(sn);
		list_for_each_entry(rule, &policy->rules, list)
			sipalg_notify_policy(sn, rule, SIPALG_CMD_POLICY_NEW);
		err = 0;
	}
	mutex_unlock(&policy->lock);
	return err;
}

/**
 * sipalg_policy_get() - read the rules one by one
 * @sn: the namespace
 * @i: which one; 0 is the default scope
 * @rule: filled in
 *
 * Context: process; takes the policy's lock.
 * Return: 0, or -ENOENT behind the last one.
 */
int sipalg_policy_get(struct sipalg_net *sn, unsigned int i,
		      struct sipalg_rule *rule)
{
	struct sipalg_policy *policy = &sn->policy;
	const struct sipalg_rule *pos;
	int err = -ENOENT;

	mutex_lock(&policy->lock);
	if (!i) {
		*rule = (struct sipalg_rule) {
			.scope.zone = -1,
			.mode = policy->fallback,
		};
		err = 0;
	} else {
		list_for_each_entry(pos, &policy->rules, list) {
			if (--i)
				continue;
			*rule = *pos;
			err = 0;
			break;
		}
	}
	mutex_unlock(&policy->lock);
	return err;
}

/*
 * A device came, went or changed its name: the scopes that name it follow. Of
 * an altname a change tells where the device is up, and else going up does.
 */
static int follow_device(struct notifier_block *nb, unsigned long event,
			 void *ptr)
{
	const struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct sipalg_net *sn = sipalg_pernet(dev_net(dev));
	struct sipalg_policy *policy = &sn->policy;
	struct sipalg_ruleset *ruleset;
	struct sipalg_rule *rule;
	bool changed = false;

	if (event != NETDEV_REGISTER && event != NETDEV_UNREGISTER &&
	    event != NETDEV_CHANGENAME && event != NETDEV_CHANGE &&
	    event != NETDEV_UP)
		return NOTIFY_DONE;

	mutex_lock(&policy->lock);
	list_for_each_entry(rule, &policy->rules, list) {
		int ifindex = find_ifindex(sn->net, rule->scope.dev);

		/* One that goes may be there by its altname. */
		if (event == NETDEV_UNREGISTER && ifindex == dev->ifindex)
			ifindex = 0;
		if (ifindex == rule->ifindex)
			continue;
		changed = true;
		rule->ifindex = ifindex;
		sipalg_notify_policy(sn, rule, SIPALG_CMD_POLICY_NEW);
	}
	if (changed) {
		ruleset = alloc_ruleset(policy, 0);
		if (ruleset)
			publish_rules(policy, ruleset);
		else
			pr_warn_ratelimited("no memory to note device %s\n",
					    dev->name);
	}
	mutex_unlock(&policy->lock);
	return NOTIFY_DONE;
}

static struct notifier_block device_notifier = {
	.notifier_call = follow_device,
};

int sipalg_policy_setup(void)
{
	return register_netdevice_notifier(&device_notifier);
}

void sipalg_policy_teardown(void)
{
	unregister_netdevice_notifier(&device_notifier);
}

int sipalg_policy_net_init(struct sipalg_net *sn)
{
	struct sipalg_policy *policy = &sn->policy;
	struct sipalg_ruleset *ruleset;

	mutex_init(&policy->lock);
	INIT_LIST_HEAD(&policy->rules);
	policy->fallback = SIPALG_MODE_RULE;
	ruleset = alloc_ruleset(policy, 0);
	if (!ruleset)
		return -ENOMEM;
	mutex_lock(&policy->lock);
	publish_rules(policy, ruleset);
	mutex_unlock(&policy->lock);
	return 0;
}

void sipalg_policy_net_exit(struct sipalg_net *sn)
{
	struct sipalg_policy *policy = &sn->policy;
	struct sipalg_rule *rule, *next;

	list_for_each_entry_safe(rule, next, &policy->rules, list)
		forget_rule(policy, rule);
	kvfree(rcu_replace_pointer(policy->ruleset, NULL, true));
}
