// SPDX-License-Identifier: GPL-2.0

#include <linux/netfilter_ipv4.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "firewall.h"
#include "firewall_match.h"

/* As many levels of jumps as the kernel allows. */
#define JUMPS_MAX 16
/* More base chains of a hook than anybody has. */
#define CHAINS_MAX 64

enum verdict {
	VERDICT_NONE,		/* go on with the next rule */
	VERDICT_RETURN,
	VERDICT_ACCEPT,
	VERDICT_DROP,
	VERDICT_TRANSLATE,
	VERDICT_UNTRACK,
};

/**
 * struct walk - a packet on its way through base chains
 * @list: all objects of the ruleset
 * @packet: the packet
 * @wanted: the verdict that is asked for
 * @rule: the rule that gave the latest verdict
 * @jumps: number of jumps that lead to the current chain
 */
struct walk {
	const json_t *list;
	const struct firewall_packet *packet;
	enum verdict wanted;
	const json_t *rule;
	unsigned int jumps;
};

static const char *get_string(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key)) ?: "";
}

static bool is_same(const json_t *a, const json_t *b, const char *key)
{
	return json_equal(json_object_get(a, key), json_object_get(b, key));
}

static const json_t *find_chain(const json_t *list, const json_t *rule,
				const char *name)
{
	json_t *item;
	size_t i;

	json_array_foreach(list, i, item) {
		const json_t *chain = json_object_get(item, "chain");

		if (chain && is_same(chain, rule, "family") &&
		    is_same(chain, rule, "table") &&
		    !strcmp(get_string(chain, "name"), name))
			return chain;
	}
	return NULL;
}

static enum verdict walk_chain(struct walk *walk, const json_t *chain);

/* iptables names a target that is no chain, as LOG, in the same way. */
static enum verdict walk_jump(struct walk *walk, const json_t *rule,
			      const json_t *jump)
{
	const json_t *chain = find_chain(walk->list, rule,
					 get_string(jump, "target"));
	enum verdict verdict;

	if (!chain || walk->jumps == JUMPS_MAX)
		return VERDICT_NONE;
	walk->jumps++;
	verdict = walk_chain(walk, chain);
	walk->jumps--;
	return verdict == VERDICT_RETURN ? VERDICT_NONE : verdict;
}

/* @expression: an object with one key, as {"accept": null}. */
static enum verdict expression_verdict(struct walk *walk, const json_t *rule,
				       const json_t *expression)
{
	static const struct {
		const char *key;
		enum verdict verdict;
	} verdicts[] = {
		{ "accept", VERDICT_ACCEPT },
		{ "drop", VERDICT_DROP },
		{ "reject", VERDICT_DROP },
		{ "return", VERDICT_RETURN },
		{ "masquerade", VERDICT_TRANSLATE },
		{ "snat", VERDICT_TRANSLATE },
		{ "notrack", VERDICT_UNTRACK },
		/* A program decides, which is not known. */
		{ "queue", VERDICT_ACCEPT },
	};
	const json_t *target = json_object_get(expression, "jump");
	enum verdict verdict;

	for (size_t i = 0; i < sizeof(verdicts) / sizeof(*verdicts); i++)
		if (json_object_get(expression, verdicts[i].key))
			return verdicts[i].verdict;
	if (target)
		return walk_jump(walk, rule, target);
	target = json_object_get(expression, "goto");
	if (!target)
		return VERDICT_NONE;
	verdict = walk_jump(walk, rule, target);
	return verdict == VERDICT_NONE ? VERDICT_RETURN : verdict;
}

/*
 * The verdict of a rule whose matches are not all certain. Where a packet may
 * be accepted or may come to a rule for NAT, that is the better treatment.
 */
static enum verdict verdict_maybe(const struct walk *walk, enum verdict verdict,
				  bool port)
{
	switch (verdict) {
	case VERDICT_ACCEPT:
		return walk->wanted == VERDICT_TRANSLATE ? VERDICT_NONE :
							   verdict;
	case VERDICT_TRANSLATE:
		return verdict;
	case VERDICT_UNTRACK:
		return port ? verdict : VERDICT_NONE;
	default:
		return VERDICT_NONE;
	}
}

/* A key of the packet that is not known may be that of any element. */
static enum verdict walk_map(struct walk *walk, const json_t *rule,
			     const struct match_rule *match_rule,
			     const json_t *vmap, bool maybe)
{
	json_t *element;
	size_t i;

	json_array_foreach(firewall_map_elements(match_rule, vmap), i,
			   element) {
		enum matches matches = firewall_map_match(match_rule,
							  walk->packet, vmap,
							  element);
		enum verdict verdict;

		if (matches == MATCHES_NO)
			continue;
		verdict = expression_verdict(walk, rule,
					     json_array_get(element, 1));
		if (maybe || matches == MATCHES_MAYBE)
			verdict = verdict_maybe(walk, verdict, false);
		if (verdict != VERDICT_NONE)
			return verdict;
	}
	return VERDICT_NONE;
}

static enum matches expression_match(const struct walk *walk,
				     const struct match_rule *match_rule,
				     const json_t *expression)
{
	/* The first is a match of iptables that nft cannot show. */
	static const char *const uncertain[] = {
		"xt", "limit", "quota", "ct count", "meter",
	};
	const json_t *match = json_object_get(expression, "match");

	if (match)
		return firewall_match(match_rule, walk->packet, match);
	for (size_t i = 0; i < sizeof(uncertain) / sizeof(*uncertain); i++)
		if (json_object_get(expression, uncertain[i]))
			return MATCHES_MAYBE;
	return MATCHES_YES;
}

static enum verdict walk_rule(struct walk *walk, const json_t *rule)
{
	struct match_rule match_rule = {
		.list = walk->list,
		.family = json_object_get(rule, "family"),
		.table = json_object_get(rule, "table"),
	};
	bool maybe = false, port = false;
	json_t *expression;
	size_t i;

	json_array_foreach(json_object_get(rule, "expr"), i, expression) {
		const json_t *match = json_object_get(expression, "match");
		const json_t *vmap = json_object_get(expression, "vmap");
		enum matches matches = expression_match(walk, &match_rule,
							expression);
		enum verdict verdict;

		if (matches == MATCHES_NO)
			return VERDICT_NONE;
		maybe |= matches == MATCHES_MAYBE;
		port |= match && matches == MATCHES_YES &&
			firewall_match_is_port(match);
		verdict = vmap ? walk_map(walk, rule, &match_rule, vmap,
					  maybe) :
				 expression_verdict(walk, rule, expression);
		if (maybe)
			verdict = verdict_maybe(walk, verdict, port);
		if (verdict == VERDICT_NONE)
			continue;
		if (!walk->rule)
			walk->rule = rule;
		return verdict;
	}
	return VERDICT_NONE;
}

static bool is_rule_of(const json_t *rule, const json_t *chain)
{
	return rule && is_same(rule, chain, "family") &&
	       is_same(rule, chain, "table") &&
	       json_equal(json_object_get(rule, "chain"),
			  json_object_get(chain, "name"));
}

static enum verdict walk_chain(struct walk *walk, const json_t *chain)
{
	json_t *item;
	size_t i;

	json_array_foreach(walk->list, i, item) {
		const json_t *rule = json_object_get(item, "rule");
		enum verdict verdict;

		if (!is_rule_of(rule, chain))
			continue;
		walk->rule = NULL;
		verdict = walk_rule(walk, rule);
		if (verdict != VERDICT_NONE)
			return verdict;
	}
	return VERDICT_RETURN;
}

/* nft leads no packet through a table that sleeps. */
static bool is_dormant(const json_t *list, const json_t *chain)
{
	json_t *item, *flag;
	size_t i, j;

	json_array_foreach(list, i, item) {
		const json_t *table = json_object_get(item, "table");
		const json_t *flags = json_object_get(table, "flags");

		if (!flags || !is_same(table, chain, "family") ||
		    !json_equal(json_object_get(table, "name"),
				json_object_get(chain, "table")))
			continue;
		if (!strcmp(json_string_value(flags) ?: "", "dormant"))
			return true;
		json_array_foreach(flags, j, flag)
			if (!strcmp(json_string_value(flag) ?: "", "dormant"))
				return true;
	}
	return false;
}

/* Is it a chain of the device that the packet comes by? It may be of several. */
static bool is_of_device(const json_t *chain,
			 const struct firewall_packet *packet)
{
	const char *dev = packet->outward ? packet->inside : packet->outside;
	const json_t *devs = json_object_get(chain, "dev");
	json_t *one;
	size_t i;

	if (!devs || !dev)
		return false;
	json_array_foreach(devs, i, one)
		if (!strcmp(json_string_value(one) ?: "", dev))
			return true;
	return !strcmp(json_string_value(devs) ?: "", dev);
}

static bool is_on_way(const json_t *chain, const char *hook,
		      const struct firewall_packet *packet)
{
	const char *family = get_string(chain, "family");

	if (strcmp(get_string(chain, "hook"), hook))
		return false;
	if (!strcmp(hook, "ingress"))
		return is_of_device(chain, packet);
	return !strcmp(family, packet->ipv6 ? "ip6" : "ip") ||
	       !strcmp(family, "inet");
}

/* Base chains at a hook. @type: NULL for any. */
static size_t find_base_chains(const json_t *list, const char *hook,
			       const char *type,
			       const struct firewall_packet *packet,
			       const json_t **chains)
{
	size_t count = 0, i;
	json_t *item;

	json_array_foreach(list, i, item) {
		const json_t *chain = json_object_get(item, "chain");

		if (!chain || !is_on_way(chain, hook, packet) ||
		    is_dormant(list, chain) || count == CHAINS_MAX)
			continue;
		/* iptables does not say it. */
		if (type && json_object_get(chain, "type") &&
		    strcmp(get_string(chain, "type"), type))
			continue;
		chains[count++] = chain;
	}
	return count;
}

/*
 * Before conntrack has seen a packet, nft and iptables call it invalid; before
 * a binding has claimed it, it begins a flow.
 */
static const char *packet_state(const struct firewall_packet *packet,
				const char *hook, const json_t *chain)
{
	json_int_t priority = json_integer_value(json_object_get(chain,
								 "prio"));

	if (!strcmp(hook, "ingress"))
		return "invalid";
	if (strcmp(hook, "prerouting"))
		return packet->state;
	if (priority <= NF_IP_PRI_CONNTRACK)
		return "invalid";
	return priority < NF_IP_PRI_NAT_DST ? "new" : packet->state;
}

/*
 * Leads the packet through all base chains of a hook, or until the verdict that
 * is asked for. The order of the chains does not matter: none of them can
 * revoke that verdict.
 */
static bool walk_hook(const json_t *ruleset, const char *hook, const char *type,
		      const struct firewall_packet *packet,
		      enum verdict wanted, struct firewall_place *place)
{
	const json_t *chains[CHAINS_MAX];
	struct firewall_packet seen = *packet;
	struct walk walk = {
		.list = json_object_get(ruleset, "nftables"),
		.packet = &seen,
		.wanted = wanted,
	};
	size_t count = find_base_chains(walk.list, hook, type, packet, chains);
	bool is_before_nat = !strcmp(hook, "prerouting") ||
			     !strcmp(hook, "ingress");

	for (size_t i = 0; i < count; i++) {
		enum verdict verdict;

		seen.state = packet_state(packet, hook, chains[i]);
		/* Before the NAT, packets from outside go to its address. */
		seen.network = packet->outward || !is_before_nat ?
			       packet->network : NULL;
		verdict = walk_chain(&walk, chains[i]);
		if (verdict == VERDICT_RETURN || verdict == VERDICT_NONE) {
			walk.rule = NULL;
			verdict = VERDICT_ACCEPT;
			if (!strcmp(get_string(chains[i], "policy"), "drop"))
				verdict = VERDICT_DROP;
		}
		if (verdict != wanted)
			continue;
		*place = (struct firewall_place){ chains[i], walk.rule };
		return true;
	}
	return false;
}

/**
 * firewall_drops() - is a forwarded packet dropped for certain?
 * @ruleset: the rules
 * @packet: the packet
 * @place: set to what drops it
 */
bool firewall_drops(const json_t *ruleset, const struct firewall_packet *packet,
		    struct firewall_place *place)
{
	static const char *const hooks[] = {
		"ingress", "prerouting", "forward", "postrouting",
	};

	for (size_t i = 0; i < sizeof(hooks) / sizeof(*hooks); i++)
		if (walk_hook(ruleset, hooks[i], NULL, packet, VERDICT_DROP,
			      place))
			return true;
	return false;
}

/**
 * firewall_translates() - may the source address of a packet be changed?
 * @ruleset: the rules
 * @packet: the first packet of a flow
 */
bool firewall_translates(const json_t *ruleset,
			 const struct firewall_packet *packet)
{
	struct firewall_place place;

	return walk_hook(ruleset, "postrouting", "nat", packet,
			 VERDICT_TRANSLATE, &place);
}

/* The range of ports in {"masquerade": {"port": {"range": [LOW, HIGH]}}}. */
static bool read_ports(const json_t *expression, uint16_t ports[2])
{
	const json_t *nat = json_object_get(expression, "masquerade");
	int low, high;

	if (!nat)
		nat = json_object_get(expression, "snat");
	if (json_unpack((json_t *)nat, "{s:{s:[ii]}}", "port", "range", &low,
			&high))
		return false;
	ports[0] = low;
	ports[1] = high;
	return true;
}

/**
 * firewall_ports() - the source ports that the NAT may give a packet
 * @ruleset: the rules
 * @packet: the first packet of a flow
 * @ports: set to the lowest and the highest one
 *
 * Return: false where the rules name none, or do not translate.
 */
bool firewall_ports(const json_t *ruleset, const struct firewall_packet *packet,
		    uint16_t ports[2])
{
	struct firewall_place place;
	json_t *expression;
	size_t i;

	if (!walk_hook(ruleset, "postrouting", "nat", packet,
		       VERDICT_TRANSLATE, &place))
		return false;
	json_array_foreach(json_object_get(place.rule, "expr"), i, expression)
		if (read_ports(expression, ports))
			return true;
	return false;
}

/**
 * firewall_untracks() - is a packet kept from connection tracking?
 * @ruleset: the rules
 * @packet: the packet
 * @place: set to the rule
 */
bool firewall_untracks(const json_t *ruleset,
		       const struct firewall_packet *packet,
		       struct firewall_place *place)
{
	return walk_hook(ruleset, "prerouting", NULL, packet, VERDICT_UNTRACK,
			 place);
}

/**
 * firewall_place_text() - name a place in the rules
 * @place: the place
 * @text: filled in
 *
 * Return: @text.
 */
const char *firewall_place_text(const struct firewall_place *place,
				char text[FIREWALL_PLACE_LEN])
{
	const json_t *where = place->rule ? place->rule : place->chain;
	const json_t *handle = json_object_get(place->rule, "handle");
	int len;

	len = snprintf(text, FIREWALL_PLACE_LEN, "chain %.60s of table %.60s",
		       get_string(where, place->rule ? "chain" : "name"),
		       get_string(where, "table"));
	if (handle)
		snprintf(text + len, FIREWALL_PLACE_LEN - len,
			 ", rule with handle %d",
			 (int)json_integer_value(handle));
	return text;
}
