// SPDX-License-Identifier: GPL-2.0

#include <string.h>

#include "firewall.h"

/* Finds an object with a key, as {"masquerade": null}, anywhere in a value. */
static const json_t *find_key(const json_t *value, const char *key)
{
	const json_t *found;
	const char *name;
	json_t *item;
	size_t i;

	if (json_is_array(value)) {
		json_array_foreach(value, i, item) {
			found = find_key(item, key);
			if (found)
				return found;
		}
	}
	if (json_is_object(value)) {
		if (json_object_get(value, key))
			return value;
		json_object_foreach((json_t *)value, name, item) {
			found = find_key(item, key);
			if (found)
				return found;
		}
	}
	return NULL;
}

static bool has_string(const json_t *value, const char *string)
{
	const char *name;
	json_t *item;
	size_t i;

	if (json_is_string(value))
		return !strcmp(json_string_value(value), string);
	json_array_foreach(value, i, item)
		if (has_string(item, string))
			return true;
	if (json_is_object(value))
		json_object_foreach((json_t *)value, name, item)
			if (has_string(item, string))
				return true;
	return false;
}

static bool is_string(const json_t *object, const char *key, const char *string)
{
	const char *value = json_string_value(json_object_get(object, key));

	return value && !strcmp(value, string);
}

static bool is_same(const json_t *a, const json_t *b, const char *key)
{
	return json_equal(json_object_get(a, key), json_object_get(b, key));
}

/**
 * firewall_has_nat() - do the rules change source addresses?
 * @ruleset: the rules
 */
bool firewall_has_nat(const json_t *ruleset)
{
	const json_t *list = json_object_get(ruleset, "nftables"), *expressions;
	json_t *item;
	size_t i;

	json_array_foreach(list, i, item) {
		expressions =
			json_object_get(json_object_get(item, "rule"), "expr");
		if (find_key(expressions, "masquerade") ||
		    find_key(expressions, "snat") ||
		    has_string(expressions, "MASQUERADE") ||
		    has_string(expressions, "SNAT"))
			return true;
	}
	return false;
}

/* Does a rule accept what is related, by itself or by a verdict map? */
static bool accepts_related(const json_t *rule)
{
	const json_t *expressions = json_object_get(rule, "expr");

	return has_string(expressions, "related") &&
	       find_key(expressions, "accept");
}

static bool is_rule_of(const json_t *rule, const json_t *chain)
{
	return rule && chain && is_same(rule, chain, "family") &&
	       is_same(rule, chain, "table") &&
	       json_equal(json_object_get(rule, "chain"),
			  json_object_get(chain, "name"));
}

/* Is the rule in another base chain? No rule can jump to a base chain. */
static bool is_elsewhere(const json_t *list, const json_t *rule,
			 const json_t *chain)
{
	const json_t *other;
	json_t *item;
	size_t i;

	json_array_foreach(list, i, item) {
		other = json_object_get(item, "chain");
		if (other != chain && is_rule_of(rule, other) &&
		    json_object_get(other, "hook"))
			return true;
	}
	return false;
}

/* The rule may be in the chain or in one of its table that it jumps to. */
static bool table_accepts_related(const json_t *list, const json_t *chain)
{
	const json_t *rule;
	json_t *item;
	size_t i;

	json_array_foreach(list, i, item) {
		rule = json_object_get(item, "rule");
		if (rule && is_same(rule, chain, "family") &&
		    is_same(rule, chain, "table") && accepts_related(rule) &&
		    !is_elsewhere(list, rule, chain))
			return true;
	}
	return false;
}

/* By its policy, or by a last rule that drops all. */
static bool chain_drops(const json_t *list, const json_t *chain)
{
	const json_t *rule, *last = NULL, *expressions;
	json_t *item;
	size_t i;

	if (is_string(chain, "policy", "drop"))
		return true;
	json_array_foreach(list, i, item) {
		rule = json_object_get(item, "rule");
		if (is_rule_of(rule, chain))
			last = rule;
	}
	expressions = json_object_get(last, "expr");
	return expressions && !find_key(expressions, "match") &&
	       (find_key(expressions, "drop") ||
		find_key(expressions, "reject"));
}

/**
 * firewall_without_related() - does a chain of forwarded packets keep related
 * ones out?
 * @ruleset: the rules
 *
 * This sees that no rule accepts related packets. It does not see whether such
 * a rule is reached.
 *
 * Return: such a chain, borrowed; or NULL.
 */
const json_t *firewall_without_related(const json_t *ruleset)
{
	const json_t *list = json_object_get(ruleset, "nftables"), *chain;
	json_t *item;
	size_t i;

	json_array_foreach(list, i, item) {
		chain = json_object_get(item, "chain");
		if (chain && is_string(chain, "hook", "forward") &&
		    chain_drops(list, chain) &&
		    !table_accepts_related(list, chain))
			return chain;
	}
	return NULL;
}
