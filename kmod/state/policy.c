// SPDX-License-Identifier: GPL-2.0
/*
 * The rules are kept as they were set, by the name of the device. ruleset.c has
 * them as the packet path reads them.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/netdevice.h>

#include "state/notify.h"
#include "state/policy.h"
#include "state/ruleset.h"

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
	return sipalg_ruleset_alloc(policy->n_rules + more);
}

/* Compiles the rules into @new and makes the packet path see it. */
static void publish_rules(struct sipalg_policy *policy,
			  struct sipalg_ruleset *new)
{
	struct sipalg_net *sn =
		container_of(policy, struct sipalg_net, policy);
	const struct sipalg_rule *rule;
	struct sipalg_ruleset *old;
	u32 generation;

	lockdep_assert_held(&policy->lock);
	list_for_each_entry(rule, &policy->rules, list) {
		if (rule->scope.dev[0] && !rule->ifindex)
			continue;
		sipalg_ruleset_add(new, rule->scope.zone, rule->ifindex,
				   rule->mode, &rule->options);
	}
	sipalg_ruleset_finish(new, policy->fallback, &policy->options);

	WRITE_ONCE(sn->hooks.finishing, true);
	old = rcu_replace_pointer(policy->ruleset, new,
				  lockdep_is_held(&policy->lock));
	generation = (policy->generation + 1) & (U32_MAX >> SIPALG_MODE_BITS);
	/*
	 * Pairs with the acquire of whoever remembers a mode by its generation.
	 */
	smp_store_release(&policy->generation, generation ?: 1);
	sipalg_ruleset_free(old);
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

/* The default scope, as if it were a rule. */
static struct sipalg_rule default_rule(const struct sipalg_policy *policy)
{
	return (struct sipalg_rule) {
		.scope.zone = -1,
		.mode = policy->fallback,
		.options = policy->options,
	};
}

static void notify_default(struct sipalg_net *sn, enum sipalg_cmd what)
{
	const struct sipalg_rule rule = default_rule(&sn->policy);

	sipalg_notify_policy(sn, &rule, what);
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
	rule = kzalloc(sizeof(*rule), GFP_KERNEL_ACCOUNT);
	if (!rule)
		return ERR_PTR(-ENOMEM);
	rule->scope = *scope;
	list_add_tail(&rule->list, &policy->rules);
	policy->n_rules++;
	return rule;
}

static void change_options(struct sipalg_options *options,
			   const struct sipalg_change *change)
{
	if (change->ports) {
		options->port_min = change->options.port_min;
		options->port_max = change->options.port_max;
	}
	if (change->addr) {
		options->family = change->options.family;
		options->addr = change->options.addr;
	}
	if (change->trust)
		options->trust = change->options.trust;
}

static int change_scope(struct sipalg_net *sn, const struct sipalg_scope *scope,
			const struct sipalg_change *change,
			struct netlink_ext_ack *extack)
{
	struct sipalg_policy *policy = &sn->policy;
	struct sipalg_rule *rule;

	if (is_default(scope)) {
		policy->fallback = change->mode;
		change_options(&policy->options, change);
		return 0;
	}
	rule = get_rule(policy, scope, extack);
	if (IS_ERR(rule))
		return PTR_ERR(rule);
	rule->ifindex = find_ifindex(sn->net, scope->dev);
	rule->mode = change->mode;
	change_options(&rule->options, change);
	return 0;
}

static void notify_changed(struct sipalg_net *sn,
			   const struct sipalg_scope *scope)
{
	const struct sipalg_rule *rule = find_rule(&sn->policy.rules, scope);

	if (rule)
		sipalg_notify_policy(sn, rule, SIPALG_CMD_POLICY_NEW);
	else
		notify_default(sn, SIPALG_CMD_POLICY_NEW);
}

/**
 * sipalg_policy_set() - set the mode of a scope, and options
 * @sn: the namespace
 * @scope: the scope
 * @change: its mode; options that are not given stay as they are
 * @extack: says what is wrong
 *
 * Context: process; takes the policy's lock.
 * Return: 0, also where the scope has this mode already, or a negative errno
 * with nothing changed.
 */
int sipalg_policy_set(struct sipalg_net *sn, const struct sipalg_scope *scope,
		      const struct sipalg_change *change,
		      struct netlink_ext_ack *extack)
{
	struct sipalg_policy *policy = &sn->policy;
	struct sipalg_ruleset *ruleset;
	int err;

	err = check_mode(scope, change->mode, extack);
	if (err)
		return err;

	mutex_lock(&policy->lock);
	ruleset = alloc_ruleset(policy, 1);
	err = ruleset ? change_scope(sn, scope, change, extack) : -ENOMEM;
	if (err) {
		sipalg_ruleset_free(ruleset);
	} else {
		publish_rules(policy, ruleset);
		notify_changed(sn, scope);
	}
	mutex_unlock(&policy->lock);
	return err;
}

static void unlink_rule(struct sipalg_policy *policy, struct sipalg_rule *rule)
{
	list_del(&rule->list);
	policy->n_rules--;
}

static void forget_rule(struct sipalg_policy *policy, struct sipalg_rule *rule)
{
	unlink_rule(policy, rule);
	kfree(rule);
}

static void reset_default(struct sipalg_policy *policy, enum sipalg_mode mode)
{
	policy->fallback = mode;
	memset(&policy->options, 0, sizeof(policy->options));
}

/**
 * sipalg_policy_del() - forget a scope
 * @sn: the namespace
 * @scope: the scope; the default one becomes as it was initially
 *
 * Context: process; takes the policy's lock.
 * Return: 0, also where the scope is not set, or -ENOMEM with nothing changed.
 */
int sipalg_policy_del(struct sipalg_net *sn, const struct sipalg_scope *scope)
{
	struct sipalg_policy *policy = &sn->policy;
	struct sipalg_ruleset *ruleset;
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
	if (rule)
		unlink_rule(policy, rule);
	else
		reset_default(policy, SIPALG_MODE_RULE);
	publish_rules(policy, ruleset);
	if (rule)
		sipalg_notify_policy(sn, rule, SIPALG_CMD_POLICY_GONE);
	else
		notify_default(sn, SIPALG_CMD_POLICY_NEW);
	kfree(rule);
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
		reset_default(policy, mode);
		publish_rules(policy, ruleset);
		notify_default(sn, SIPALG_CMD_POLICY_FLUSHED);
		err = 0;
	}
	mutex_unlock(&policy->lock);
	return err;
}

void sipalg_draft_init(struct sipalg_draft *draft)
{
	*draft = (struct sipalg_draft) { .fallback = SIPALG_MODE_RULE };
	INIT_LIST_HEAD(&draft->rules);
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
 * @change: its mode and options
 * @extack: says what is wrong
 *
 * Context: process.
 * Return: 0 or a negative errno.
 */
int sipalg_draft_add(struct sipalg_draft *draft,
		     const struct sipalg_scope *scope,
		     const struct sipalg_change *change,
		     struct netlink_ext_ack *extack)
{
	struct sipalg_rule *rule;
	int err;

	err = check_mode(scope, change->mode, extack);
	if (err)
		return err;
	if (is_default(scope)) {
		draft->fallback = change->mode;
		draft->options = change->options;
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
	rule = kzalloc(sizeof(*rule), GFP_KERNEL_ACCOUNT);
	if (!rule)
		return -ENOMEM;
	rule->scope = *scope;
	rule->mode = change->mode;
	rule->options = change->options;
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
	ruleset = sipalg_ruleset_alloc(draft->n_rules);
	if (ruleset) {
		list_for_each_entry(rule, &draft->rules, list)
			rule->ifindex = find_ifindex(sn->net, rule->scope.dev);
		list_splice_init(&policy->rules, &old);
		list_splice_init(&draft->rules, &policy->rules);
		list_splice(&old, &draft->rules);
		swap(draft->n_rules, policy->n_rules);
		policy->fallback = draft->fallback;
		policy->options = draft->options;
		publish_rules(policy, ruleset);
		notify_default(sn, SIPALG_CMD_POLICY_FLUSHED);
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
		*rule = default_rule(policy);
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
	if (changed)
		sipalg_net_rescan(sn);
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
	sipalg_ruleset_free(rcu_replace_pointer(policy->ruleset, NULL, true));
}
