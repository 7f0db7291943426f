// SPDX-License-Identifier: GPL-2.0

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "check_firewall.h"
#include "config.h"
#include "finding.h"
#include "firewall.h"
#include "networks.h"
#include "objects.h"
#include "sysinfo.h"

#define COMMAND_LEN 256
#define BEHIND_LEN (IFNAMSIZ + 8)

/* Only the rules of iptables have chains of these names. */
static bool is_iptables(const json_t *chain)
{
	const char *name = json_string_value(json_object_get(chain, "name"));

	return name && !strcmp(name, "FORWARD");
}

static bool is_forward(const json_t *chain)
{
	const char *hook = json_string_value(json_object_get(chain, "hook"));

	return hook && !strcmp(hook, "forward");
}

/*
 * The command that lets related packets pass the chain; NULL at other hooks,
 * where media may not be known as related yet.
 */
static const char *accept_command(const struct firewall_place *place, bool ipv6,
				  char text[COMMAND_LEN])
{
	const char *family = "?", *table = "?", *name = "?";

	if (!is_forward(place->chain))
		return NULL;
	json_unpack((json_t *)place->chain, "{s:s, s:s, s:s}", "family",
		    &family, "table", &table, "name", &name);
	if (is_iptables(place->chain))
		snprintf(text, COMMAND_LEN, "%s -I FORWARD -m conntrack "
			 "--ctstate RELATED,ESTABLISHED -j ACCEPT",
			 ipv6 ? "ip6tables" : "iptables");
	else
		snprintf(text, COMMAND_LEN, "nft insert rule %s %.60s %.60s "
			 "ct state established,related accept",
			 family, table, name);
	return text;
}

/*
 * Rules may accept or drop some ports alone: these are where phones listen for
 * media unless they are set otherwise.
 */
static const uint16_t media_ports[] = {
	1024, 4000, 5004, 7078, 8000, 10000, 11780, 16384, 20000, 30000, 40000,
	49152, 65534,
};

/* Ways between inside and outside: one if the networks inside are not known. */
static size_t way_count(const struct outside *outside)
{
	return outside->n_inside ?: 1;
}

/* The ends of way number @way. */
static struct firewall_packet way_packet(const struct outside *outside,
					 size_t way, bool ipv6)
{
	const struct inside *inside = &outside->inside[way];
	struct firewall_packet packet = {
		.ipv6 = ipv6,
		.outside = ipv6 && *outside->dev6 ? outside->dev6 :
						    outside->dev,
	};

	if (way >= outside->n_inside)
		return packet;
	packet.inside = inside->dev;
	if (ipv6)
		return packet;
	packet.network = &inside->network;
	if (*inside->out)
		packet.outside = inside->out;
	return packet;
}

static struct firewall_packet signalling(const struct outside *outside,
					 size_t way, bool ipv6,
					 unsigned int proto, unsigned int port)
{
	struct firewall_packet packet = way_packet(outside, way, ipv6);

	packet.outward = true;
	packet.proto = proto;
	packet.dport = port;
	packet.state = "new";
	return packet;
}

static struct firewall_packet media(const struct outside *outside, size_t way,
				    bool ipv6)
{
	struct firewall_packet packet = way_packet(outside, way, ipv6);

	packet.proto = IPPROTO_UDP;
	packet.state = "related";
	packet.helper = "sip";
	return packet;
}

/*
 * The device of an inside network as a part of a sentence, if there are others.
 */
static const char *behind(const struct outside *outside,
			  const struct firewall_packet *packet,
			  char text[BEHIND_LEN])
{
	*text = '\0';
	if (outside->n_inside > 1)
		snprintf(text, BEHIND_LEN, " of %s", packet->inside);
	return text;
}

/* May phones on this way call? Else nobody expects media there. */
static bool may_call(const json_t *ruleset, const struct outside *outside,
		     size_t way, bool ipv6, const struct settings *settings)
{
	struct firewall_place place;

	for (size_t i = 0; i < settings->n_ports; i++) {
		struct firewall_packet packet =
			signalling(outside, way, ipv6, IPPROTO_UDP,
				   settings->ports[i]);

		if (!firewall_drops(ruleset, &packet, &place))
			return true;
	}
	return false;
}

/*
 * Finds a media port of which a rule does what @does asks. Returns whether there
 * is one; then @packet has it, and @place is where the rule stands.
 */
static bool find_media_port(const json_t *ruleset,
			    bool (*does)(const json_t *ruleset,
					 const struct firewall_packet *packet,
					 struct firewall_place *place),
			    struct firewall_packet *packet,
			    struct firewall_place *place)
{
	for (size_t i = 0; i < sizeof(media_ports) / sizeof(*media_ports);
	     i++) {
		packet->dport = media_ports[i];
		if (does(ruleset, packet, place))
			return true;
	}
	return false;
}

static void check_media_ports(struct findings *findings, const json_t *ruleset,
			      const struct outside *outside, size_t way,
			      bool ipv6)
{
	struct firewall_packet packet = media(outside, way, ipv6);
	char where[FIREWALL_PLACE_LEN], command[COMMAND_LEN];
	struct firewall_place place;
	char text[BEHIND_LEN];

	if (!find_media_port(ruleset, firewall_drops, &packet, &place))
		return;
	finding_add(findings, &(struct finding){
			.level = LEVEL_NOTE,
			.name = "media",
			.advice = "accept related packets to any port, "
				  "or see that phones use no such port",
			.command = accept_command(&place, ipv6, command),
		    }, "%s drops media%s to some ports, as %u",
		    firewall_place_text(&place, where),
		    behind(outside, &packet, text), packet.dport);
}

/* Return: whether media of the family gets in on this way. */
static bool check_media(struct findings *findings, const json_t *ruleset,
			const struct outside *outside, size_t way, bool ipv6)
{
	const struct firewall_packet packet = media(outside, way, ipv6);
	char where[FIREWALL_PLACE_LEN], command[COMMAND_LEN], evidence[128];
	struct firewall_place place;
	char text[BEHIND_LEN];

	if (!firewall_drops(ruleset, &packet, &place)) {
		check_media_ports(findings, ruleset, outside, way, ipv6);
		return true;
	}
	snprintf(evidence, sizeof(evidence), "the way of a packet through the "
		 "rules: %s, udp, ct state related, from %s",
		 ipv6 ? "IPv6" : "IPv4",
		 *packet.outside ? packet.outside : "?");
	firewall_place_text(&place, where);
	finding_add(findings, &(struct finding){
			.level = LEVEL_PROBLEM,
			.name = "related",
			.evidence = evidence,
			.advice = !is_forward(place.chain) ?
				"remove the rule, or have it spare UDP to the "
				"ports of media" : place.rule ?
				"accept related packets before this rule" :
				"add to it: ct state established,related accept",
			.command = accept_command(&place, ipv6, command),
		    }, place.rule ? "%s drops media%s" :
		    "%s drops media%s: nothing there accepts what is related",
		    where, behind(outside, &packet, text));
	return false;
}

static bool forwards_ipv6(void)
{
	uint64_t forwards = 0;

	sysinfo_number("net/ipv6/conf/all/forwarding", &forwards);
	return forwards;
}

/*
 * A network from which nobody may call has no media to lose, unless that is so
 * of all. One finding for each family will do.
 */
static bool check_media_of(struct findings *findings, const json_t *ruleset,
			   const struct outside *outside, bool ipv6,
			   const struct settings *settings)
{
	bool some_call = false;

	for (size_t i = 0; i < way_count(outside); i++) {
		if (!may_call(ruleset, outside, i, ipv6, settings))
			continue;
		some_call = true;
		if (!check_media(findings, ruleset, outside, i, ipv6))
			return false;
	}
	return some_call || check_media(findings, ruleset, outside, 0, ipv6);
}

static void check_related(struct findings *findings, const json_t *ruleset,
			  const struct outside *outside,
			  const struct settings *settings)
{
	bool good = check_media_of(findings, ruleset, outside, false, settings);

	if (forwards_ipv6())
		good &= check_media_of(findings, ruleset, outside, true,
				       settings);
	if (good)
		finding_add(findings, &(struct finding){ .name = "related" },
			    "no firewall rule keeps media out");
}

/* Some phones use TCP, not all; and not each network has phones. */
static void check_signalling(struct findings *findings, const json_t *ruleset,
			     const struct outside *outside, bool ipv6,
			     unsigned int proto, unsigned int port)
{
	bool tcp = proto == IPPROTO_TCP;
	char where[FIREWALL_PLACE_LEN], text[BEHIND_LEN];
	struct firewall_packet packet, dropped = {};
	struct firewall_place place, at;
	size_t drops = 0;

	for (size_t i = 0; i < way_count(outside); i++) {
		packet = signalling(outside, i, ipv6, proto, port);
		if (!firewall_drops(ruleset, &packet, &at))
			continue;
		drops++;
		place = at;
		dropped = packet;
	}
	if (!drops)
		return;
	finding_add(findings, &(struct finding){
			.level = tcp || drops < way_count(outside) ?
				 LEVEL_NOTE : LEVEL_PROBLEM,
			.name = tcp ? "signalling-tcp" : "signalling",
			.evidence = "the way of a first packet from inside "
				    "through the rules",
			.advice = drops < way_count(outside) ?
				  "accept it there, if phones are there" :
				  "accept it there",
		    }, "%s drops calls%s to port %u by %s%s",
		    firewall_place_text(&place, where),
		    drops < way_count(outside) ?
		    behind(outside, &dropped, text) : "", port,
		    tcp ? "TCP" : "UDP", ipv6 ? " and IPv6" : "");
}

/* @packet: one from inside to a SIP port */
static bool is_untracked(const json_t *ruleset,
			 const struct firewall_packet *packet,
			 struct firewall_place *place)
{
	struct firewall_packet in = *packet;

	in.outward = false;
	in.sport = packet->dport;
	in.dport = 0;
	return firewall_untracks(ruleset, packet, place) ||
	       firewall_untracks(ruleset, &in, place);
}

static void check_notrack(struct findings *findings, const json_t *ruleset,
			  const struct outside *outside, bool ipv6,
			  unsigned int proto, unsigned int port)
{
	char where[FIREWALL_PLACE_LEN], text[BEHIND_LEN];
	struct firewall_packet packet;
	struct firewall_place place;
	bool found = false;

	for (size_t i = 0; i < way_count(outside) && !found; i++) {
		packet = signalling(outside, i, ipv6, proto, port);
		found = is_untracked(ruleset, &packet, &place);
	}
	if (!found)
		return;
	finding_add(findings, &(struct finding){
			.level = LEVEL_PROBLEM,
			.name = "notrack",
			.evidence = "a rule with notrack that matches SIP",
			.advice = "remove the rule: the module sees no flow "
				  "that is not tracked",
		    }, "%s keeps %s port %u%s from connection tracking",
		    firewall_place_text(&place, where),
		    proto == IPPROTO_TCP ? "TCP" : "UDP", port,
		    behind(outside, &packet, text));
}

static void check_media_notrack(struct findings *findings,
				const json_t *ruleset,
				const struct outside *outside)
{
	struct firewall_packet packet = media(outside, 0, false);
	char where[FIREWALL_PLACE_LEN];
	struct firewall_place place;

	if (!find_media_port(ruleset, firewall_untracks, &packet, &place))
		return;
	finding_add(findings, &(struct finding){
			.level = LEVEL_NOTE,
			.name = "media-notrack",
			.evidence = "a rule with notrack that matches "
				    "a range of ports",
			.advice = "remove the rule, or see that "
				  "no phone uses such a port",
		    }, "%s keeps media to some ports, as %u, from "
		    "connection tracking, and so from the NAT",
		    firewall_place_text(&place, where), packet.dport);
}

/* The ways of first packets from inside, by each protocol to each SIP port. */
static void check_ways(struct findings *findings, const json_t *ruleset,
		       const struct outside *outside,
		       const struct settings *settings)
{
	static const unsigned int protos[] = { IPPROTO_UDP, IPPROTO_TCP };
	int families = forwards_ipv6() ? 2 : 1;

	for (size_t i = 0; i < 2 * settings->n_ports; i++) {
		unsigned int proto = protos[i % 2];
		unsigned int port = settings->ports[i / 2];

		for (int family = 0; family < families; family++) {
			check_signalling(findings, ruleset, outside, family,
					 proto, port);
			check_notrack(findings, ruleset, outside, family, proto,
				      port);
		}
	}
	check_media_notrack(findings, ruleset, outside);
}

/* Are the source addresses of a network's SIP and media changed? */
static bool is_translated(const json_t *ruleset, const struct outside *outside,
			  const struct settings *settings, unsigned int proto,
			  size_t way)
{
	struct firewall_packet packet = signalling(outside, way, false, proto,
						   0);
	bool translated;

	translated = firewall_translates(ruleset, &packet);
	for (size_t i = 0; i < settings->n_ports && translated; i++) {
		packet.dport = settings->ports[i];
		translated = firewall_translates(ruleset, &packet);
	}
	return translated;
}

/**
 * struct nat - what the rules do to source addresses
 * @udp: those of UDP are changed, of one inside network at least
 * @tcp: those of TCP
 * @omitted: an inside network whose addresses are not changed; NULL: none
 */
struct nat {
	bool udp, tcp;
	const struct inside *omitted;
};

static struct nat find_nat(const json_t *ruleset, const struct outside *outside,
			   const struct settings *settings)
{
	struct nat nat = {};

	for (size_t i = 0; i < way_count(outside); i++) {
		bool udp = is_translated(ruleset, outside, settings,
					 IPPROTO_UDP, i);
		bool tcp = is_translated(ruleset, outside, settings,
					 IPPROTO_TCP, i);

		nat.udp |= udp;
		nat.tcp |= tcp;
		if (!udp && !tcp && outside->n_inside)
			nat.omitted = &outside->inside[i];
	}
	return nat;
}

static void check_nat(struct findings *findings, const json_t *ruleset,
		      const struct outside *outside,
		      const struct settings *settings)
{
	struct nat nat = find_nat(ruleset, outside, settings);
	char command[COMMAND_LEN], network[NETWORK_TEXT_LEN];

	snprintf(command, sizeof(command), "nft 'add table ip nat; "
		 "add chain ip nat postrouting { type nat hook postrouting "
		 "priority srcnat; }; add rule ip nat postrouting oifname %s "
		 "masquerade'", way_packet(outside, 0, false).outside);
	if (nat.udp && nat.tcp)
		finding_add(findings, &(struct finding){ .name = "nat" },
			    "a rule changes source addresses");
	else if (nat.udp || nat.tcp)
		finding_add(findings, &(struct finding){
				.level = LEVEL_PROBLEM,
				.name = "nat",
				.advice = "let the rule match any protocol",
				.command = command,
			    }, "the rules change source addresses of %s alone",
			    nat.udp ? "UDP" : "TCP");
	else if (outside->needs_nat)
		finding_add(findings, &(struct finding){
				.level = LEVEL_PROBLEM,
				.name = "nat",
				.evidence = "inside addresses are private, the "
					    "outside address is not",
				.advice = "add a rule that does",
				.command = command,
			    }, "no rule changes source addresses of SIP and "
			    "media");
	else
		finding_add(findings, &(struct finding){
				.level = LEVEL_NOTE,
				.name = "nat",
				.advice = "none is needed, if hosts have "
					  "outside addresses",
			    }, "no rule changes source addresses: "
			    "SIP works without an ALG then");
	if ((nat.udp || nat.tcp) && nat.omitted)
		finding_add(findings, &(struct finding){
				.level = LEVEL_NOTE,
				.name = "network",
				.advice = "add a rule that does, if phones "
					  "are there",
			    }, "no rule changes source addresses of %s, "
			    "behind %s",
			    network_text(&nat.omitted->network, network),
			    nat.omitted->dev);
}

/* Of the scopes that the outside device has, the one that decides about @attr. */
static const struct policy *find_policy(const struct config *config,
					const char *dev, unsigned int attr)
{
	const struct policy *found = NULL;

	for (size_t i = 0; i < config->count; i++) {
		const struct policy *policy = &config->list[i];

		if (HAS(policy, attr) && (!*policy->scope.dev ||
					  !strcmp(policy->scope.dev, dev)))
			found = policy;
	}
	return found;
}

static const char *ports_command(const struct config *config, const char *dev,
				 const uint16_t ports[2],
				 char text[COMMAND_LEN])
{
	const struct policy *policy = find_policy(config, dev,
						  SIPALG_POLICY_MODE);
	char scope[SCOPE_TEXT_LEN];

	if (policy && *policy->scope.dev && mode_name(policy->mode))
		snprintf(text, COMMAND_LEN,
			 "sipalg policy set %s %s outside-ports %u-%u",
			 scope_text(&policy->scope, scope),
			 mode_name(policy->mode), ports[0], ports[1]);
	else
		snprintf(text, COMMAND_LEN,
			 "sipalg on dev %s outside-ports %u-%u", dev, ports[0],
			 ports[1]);
	return text;
}

/* Media ports must be those that the NAT may use. */
static void check_ports(struct findings *findings, const json_t *ruleset,
			const struct outside *outside,
			const struct config *config)
{
	struct firewall_packet packet = signalling(outside, 0, false,
						   IPPROTO_UDP, 0);
	const struct policy *policy = find_policy(config, outside->dev,
						  SIPALG_POLICY_OUTSIDE_PORTS);
	char command[COMMAND_LEN];
	uint16_t ports[2];

	if (!*outside->dev || !firewall_ports(ruleset, &packet, ports))
		return;
	if (policy && policy->options.ports[0] >= ports[0] &&
	    policy->options.ports[1] <= ports[1]) {
		finding_add(findings, &(struct finding){ .name = "ports" },
			    "media stays in the range of ports of the rules");
		return;
	}
	finding_add(findings, &(struct finding){
			.level = LEVEL_PROBLEM,
			.name = "ports",
			.evidence = "the range of ports in the rule that "
				    "changes source addresses",
			.advice = "promise ports of that range alone",
			.command = ports_command(config, outside->dev, ports,
						 command),
		    }, "the NAT uses ports %u to %u, media any port", ports[0],
		    ports[1]);
}

/**
 * check_firewall() - do the rules let calls through?
 * @findings: all findings of the run
 * @outside: the way to the Internet
 * @config: policies, and settings with the SIP ports
 */
void check_firewall(struct findings *findings, const struct outside *outside,
		    const struct config *config)
{
	const struct settings *settings = &config->settings;
	json_t *ruleset = sysinfo_ruleset();

	if (!ruleset) {
		finding_add(findings, &(struct finding){
				.level = LEVEL_NOTE,
				.name = "firewall",
				.advice = "see that it accepts "
					  "ct state established,related",
			    }, "the firewall's rules are not known: "
			    "there is no nft, or it may not");
		return;
	}
	check_nat(findings, ruleset, outside, settings);
	check_ports(findings, ruleset, outside, config);
	check_related(findings, ruleset, outside, settings);
	check_ways(findings, ruleset, outside, settings);
	json_decref(ruleset);
}
