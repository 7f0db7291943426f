// SPDX-License-Identifier: GPL-2.0

#include <linux/if_ether.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "firewall_match.h"
#include "firewall_packet.h"
#include "networks.h"

/* A property of the packet, as far as it is known. */
struct value {
	enum {
		VALUE_UNKNOWN,
		VALUE_ABSENT,	/* the packet has no such property */
		VALUE_TEXT,
		VALUE_STATE,	/* a text; the NAT may have changed the flow */
		VALUE_NUMBER,	/* and perhaps a text for it */
		VALUE_NOT_TEXT,	/* any other text than that */
		VALUE_NETWORK,	/* any address of it */
	} kind;
	const char *text;
	unsigned int number;
	const struct sipalg_network *network;
};

static const struct value unknown = { .kind = VALUE_UNKNOWN };
static const struct value absent = { .kind = VALUE_ABSENT };

static const char *get_string(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key)) ?: "";
}

static struct value number_value(const char *text, unsigned int number)
{
	return (struct value){
		.kind = VALUE_NUMBER, .text = text, .number = number,
	};
}

static struct value proto_value(const struct firewall_packet *packet)
{
	return number_value(packet->proto == IPPROTO_TCP ? "tcp" : "udp",
			    packet->proto);
}

/* The outside device, or an inside one, whose name may not be known. */
static struct value dev_value(const struct firewall_packet *packet,
			      bool outside)
{
	const char *dev = outside ? packet->outside : packet->inside;

	if (dev && *dev)
		return (struct value){ .kind = VALUE_TEXT, .text = dev };
	if (outside || !*packet->outside)
		return unknown;
	return (struct value){
		.kind = VALUE_NOT_TEXT, .text = packet->outside,
	};
}

static struct value meta_value(const struct firewall_packet *packet,
			       const char *key)
{
	if (!strcmp(key, "iifname") || !strcmp(key, "iif"))
		return dev_value(packet, !packet->outward);
	if (!strcmp(key, "oifname") || !strcmp(key, "oif"))
		return dev_value(packet, packet->outward);
	if (!strcmp(key, "l4proto"))
		return proto_value(packet);
	if (!strcmp(key, "nfproto") && packet->ipv6)
		return number_value("ipv6", AF_INET6);
	if (!strcmp(key, "nfproto"))
		return number_value("ipv4", AF_INET);
	if (!strcmp(key, "protocol") && packet->ipv6)
		return number_value("ip6", ETH_P_IPV6);
	if (!strcmp(key, "protocol"))
		return number_value("ip", ETH_P_IP);
	return unknown;
}

static struct value port_value(unsigned int port)
{
	if (!port)
		return unknown;
	return number_value(NULL, port);
}

static struct value payload_value(const struct firewall_packet *packet,
				  const json_t *payload)
{
	static const char *const others[] = {
		"icmp", "icmpv6", "igmp", "sctp", "dccp", "udplite",
		"ah", "esp", "comp", "gre", "arp",
	};
	const char *protocol = get_string(payload, "protocol");
	const char *field = get_string(payload, "field");

	if (!strcmp(protocol, packet->ipv6 ? "ip" : "ip6"))
		return absent;
	if (!strcmp(field, "protocol") || !strcmp(field, "nexthdr"))
		return proto_value(packet);
	if (!strcmp(field, packet->outward ? "saddr" : "daddr") &&
	    packet->network)
		return (struct value){ .kind = VALUE_NETWORK,
				       .network = packet->network };
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (!strcmp(protocol, others[i]))
			return absent;
	if (!strcmp(protocol, "udp") && packet->proto != IPPROTO_UDP)
		return absent;
	if (!strcmp(protocol, "tcp") && packet->proto != IPPROTO_TCP)
		return absent;
	if (!strcmp(field, "sport"))
		return port_value(packet->sport);
	if (!strcmp(field, "dport"))
		return port_value(packet->dport);
	return unknown;
}

static struct value packet_value(const struct firewall_packet *packet,
				 const json_t *left)
{
	const json_t *payload = json_object_get(left, "payload");
	const json_t *meta = json_object_get(left, "meta");
	const json_t *ct = json_object_get(left, "ct");

	if (meta)
		return meta_value(packet, get_string(meta, "key"));
	if (payload)
		return payload_value(packet, payload);
	if (ct && !strcmp(get_string(ct, "key"), "state"))
		return (struct value){ .kind = VALUE_STATE,
				       .text = packet->state };
	if (ct && !strcmp(get_string(ct, "key"), "helper"))
		return packet->helper ? (struct value){ .kind = VALUE_TEXT,
							.text = packet->helper }
				      : absent;
	return unknown;
}

/* The first and the last address of a network. */
static void network_ends(const struct sipalg_network *network,
			 uint8_t ends[2][16])
{
	for (size_t i = 0; i < 16; i++) {
		unsigned int bits = network->bits < 8 * i ? 0 :
				    network->bits - 8 * i;
		uint8_t mask = bits >= 8 ? 0xff : 0xff00 >> bits;

		ends[0][i] = network->addr[i] & mask;
		ends[1][i] = network->addr[i] | (uint8_t)~mask;
	}
}

/* Is any address of a network one of those from the first to the last? */
static enum matches network_matches(const struct sipalg_network *network,
				    const struct sipalg_network *first,
				    const struct sipalg_network *last)
{
	size_t len = network->family == AF_INET ? 4 : 16;
	uint8_t own[2][16], low[2][16], high[2][16];

	if (network->family != first->family ||
	    network->family != last->family)
		return MATCHES_NO;
	network_ends(network, own);
	network_ends(first, low);
	network_ends(last, high);
	if (memcmp(own[1], low[0], len) < 0 || memcmp(own[0], high[1], len) > 0)
		return MATCHES_NO;
	return memcmp(own[0], low[0], len) >= 0 &&
	       memcmp(own[1], high[1], len) <= 0 ? MATCHES_YES : MATCHES_MAYBE;
}

/* nft and iptables write a beginning of names with a star. */
static bool is_name(const char *name, const char *pattern)
{
	size_t len = strlen(pattern);

	if (len && pattern[len - 1] == '*')
		return !strncmp(name, pattern, len - 1);
	return !strcmp(name, pattern);
}

static enum matches string_matches(const struct value *value,
				   const char *string)
{
	struct sipalg_network network;
	char *end;
	unsigned long number = strtoul(string, &end, 10);
	bool is_number = end != string && !*end;

	switch (value->kind) {
	case VALUE_STATE:
		/* iptables has these beside the states. */
		if (!strcmp(string, "snat") || !strcmp(string, "dnat"))
			return MATCHES_MAYBE;
		return strcmp(value->text, string) ? MATCHES_NO : MATCHES_YES;
	case VALUE_TEXT:
		return is_name(value->text, string) ? MATCHES_YES : MATCHES_NO;
	case VALUE_NUMBER:
		if (is_number)
			return value->number == number ? MATCHES_YES :
							 MATCHES_NO;
		if (!value->text)
			return MATCHES_MAYBE;
		return strcmp(value->text, string) ? MATCHES_NO : MATCHES_YES;
	case VALUE_NOT_TEXT:
		return strcmp(value->text, string) ? MATCHES_MAYBE : MATCHES_NO;
	case VALUE_NETWORK:
		if (!network_parse(&network, string))
			return MATCHES_MAYBE;
		return network_matches(value->network, &network, &network);
	default:
		return MATCHES_MAYBE;
	}
}

static enum matches value_matches(const struct match_rule *rule,
				  const struct value *value,
				  const json_t *right);

static enum matches any_matches(const struct match_rule *rule,
				const struct value *value, const json_t *list)
{
	enum matches best = MATCHES_NO;
	json_t *item;
	size_t i;

	json_array_foreach(list, i, item) {
		enum matches one = value_matches(rule, value, item);

		if (one > best)
			best = one;
	}
	return best;
}

static enum matches range_matches(const struct value *value,
				  const json_t *range)
{
	const json_t *from = json_array_get(range, 0);
	const json_t *to = json_array_get(range, 1);
	struct sipalg_network first, last;

	if (value->kind == VALUE_NETWORK && json_is_string(from) &&
	    json_is_string(to) &&
	    network_parse(&first, json_string_value(from)) &&
	    network_parse(&last, json_string_value(to)))
		return network_matches(value->network, &first, &last);
	if (value->kind != VALUE_NUMBER || !json_is_integer(from) ||
	    !json_is_integer(to))
		return MATCHES_MAYBE;
	return value->number >= json_integer_value(from) &&
	       value->number <= json_integer_value(to) ? MATCHES_YES :
							 MATCHES_NO;
}

static enum matches prefix_matches(const struct value *value,
				   const json_t *prefix)
{
	int bits = json_integer_value(json_object_get(prefix, "len"));
	struct sipalg_network network;

	if (value->kind != VALUE_NETWORK ||
	    !network_parse(&network, get_string(prefix, "addr")) ||
	    bits < 0 || bits > network.bits)
		return MATCHES_MAYBE;
	network.bits = bits;
	return network_matches(value->network, &network, &network);
}

/* Elements of a set or map of the rule's table. NULL: there are none. */
static const json_t *find_elements(const struct match_rule *rule,
				   const char *kind, const char *name)
{
	json_t *item;
	size_t i;

	json_array_foreach(rule->list, i, item) {
		const json_t *set = json_object_get(item, kind);

		if (set && !strcmp(get_string(set, "name"), name) &&
		    json_equal(json_object_get(set, "table"), rule->table) &&
		    json_equal(json_object_get(set, "family"), rule->family))
			return json_object_get(set, "elem");
	}
	return NULL;
}

static enum matches value_matches(const struct match_rule *rule,
				  const struct value *value,
				  const json_t *right)
{
	const json_t *part;

	if (json_is_array(right))
		return any_matches(rule, value, right);
	if (json_is_string(right)) {
		const char *text = json_string_value(right);

		if (*text == '@')
			return any_matches(rule, value,
					   find_elements(rule, "set",
							 text + 1));
		return string_matches(value, text);
	}
	if (json_is_integer(right)) {
		/* nft names a device unless it has gone. */
		if (value->kind == VALUE_TEXT || value->kind == VALUE_NOT_TEXT)
			return MATCHES_NO;
		if (value->kind != VALUE_NUMBER)
			return MATCHES_MAYBE;
		return value->number == json_integer_value(right) ?
			       MATCHES_YES : MATCHES_NO;
	}
	part = json_object_get(right, "set");
	if (part)
		return any_matches(rule, value, part);
	part = json_object_get(right, "range");
	if (part)
		return range_matches(value, part);
	part = json_object_get(right, "prefix");
	if (part)
		return prefix_matches(value, part);
	part = json_object_get(right, "elem");
	if (part)
		return value_matches(rule, value, json_object_get(part, "val"));
	return MATCHES_MAYBE;
}

/**
 * firewall_match() - does a packet match?
 * @rule: the rule that has the match
 * @packet: the packet
 * @match: value of the expression "match"
 *
 * Return: MATCHES_MAYBE if that cannot be known.
 */
enum matches firewall_match(const struct match_rule *rule,
			    const struct firewall_packet *packet,
			    const json_t *match)
{
	struct value value = packet_value(packet,
					  json_object_get(match, "left"));
	const char *op = get_string(match, "op");
	enum matches matches;

	if (value.kind == VALUE_ABSENT)
		return MATCHES_NO;
	if (value.kind == VALUE_UNKNOWN)
		return MATCHES_MAYBE;
	matches = value_matches(rule, &value, json_object_get(match, "right"));
	if (!strcmp(op, "==") || !strcmp(op, "in"))
		return matches;
	return strcmp(op, "!=") ? MATCHES_MAYBE : MATCHES_YES - matches;
}

/**
 * firewall_map_elements() - elements of a verdict map
 * @rule: the rule that has the map
 * @vmap: value of the expression "vmap"
 *
 * Return: an array of pairs, a key and a verdict; or NULL.
 */
const json_t *firewall_map_elements(const struct match_rule *rule,
				    const json_t *vmap)
{
	const json_t *data = json_object_get(vmap, "data");
	const char *name = json_string_value(data);

	if (!name)
		return json_object_get(data, "set");
	return find_elements(rule, "map", name + (*name == '@'));
}

/**
 * firewall_map_match() - is a packet mapped to an element of a verdict map?
 * @rule: the rule that has the map
 * @packet: the packet
 * @vmap: value of the expression "vmap"
 * @element: an element
 *
 * Return: MATCHES_MAYBE if that cannot be known.
 */
enum matches firewall_map_match(const struct match_rule *rule,
				const struct firewall_packet *packet,
				const json_t *vmap, const json_t *element)
{
	struct value value = packet_value(packet, json_object_get(vmap, "key"));

	if (value.kind == VALUE_ABSENT)
		return MATCHES_NO;
	if (value.kind == VALUE_UNKNOWN)
		return MATCHES_MAYBE;
	return value_matches(rule, &value, json_array_get(element, 0));
}

/**
 * firewall_match_is_port() - is it a match of ports?
 * @match: value of the expression "match"
 */
bool firewall_match_is_port(const json_t *match)
{
	const json_t *left = json_object_get(match, "left");
	const char *field = get_string(json_object_get(left, "payload"),
				       "field");

	return !strcmp(field, "sport") || !strcmp(field, "dport");
}
