// SPDX-License-Identifier: GPL-2.0

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "check_firewall.h"
#include "config.h"
#include "finding.h"
#include "firewall.h"
#include "objects.h"
#include "sysinfo.h"

#define COMMAND_LEN 256

/* Only the rules of iptables have chains of these names. */
static bool is_iptables(const json_t *chain)
{
	const char *name = json_string_value(json_object_get(chain, "name"));

	return name && !strcmp(name, "FORWARD");
}

/* The command that lets related packets pass the chain. */
static const char *accept_command(const struct firewall_place *place, bool ipv6,
				  char text[COMMAND_LEN])
{
	const char *family = "?", *table = "?", *name = "?";

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

/* Return: whether media of the family gets in. */
static bool check_media(struct findings *findings, const json_t *ruleset,
			const struct outside *outside, bool ipv6)
{
	const struct firewall_packet media = {
		.ipv6 = ipv6,
		.outside = outside->dev,
		.proto = IPPROTO_UDP,
		.state = "related",
	};
	char where[FIREWALL_PLACE_LEN], command[COMMAND_LEN], evidence[128];
	struct firewall_place place;

	if (!firewall_drops(ruleset, &media, &place))
		return true;
	snprintf(evidence, sizeof(evidence), "the way of a packet through the "
		 "rules: %s, udp, ct state related, from %s",
		 ipv6 ? "IPv6" : "IPv4", *outside->dev ? outside->dev : "?");
	firewall_place_text(&place, where);
	finding_add(findings, &(struct finding){
			.level = LEVEL_PROBLEM,
			.name = "related",
			.evidence = evidence,
			.advice = place.rule ?
				"accept related packets before this rule" :
				"add to it: ct state established,related accept",
			.command = accept_command(&place, ipv6, command),
		    }, place.rule ? "%s drops media" :
		    "%s drops media: nothing there accepts what is related",
		    where);
	return false;
}

static void check_related(struct findings *findings, const json_t *ruleset,
			  const struct outside *outside)
{
	uint64_t forwards_ipv6 = 0;
	bool good = check_media(findings, ruleset, outside, false);

	sysinfo_number("net/ipv6/conf/all/forwarding", &forwards_ipv6);
	if (forwards_ipv6)
		good &= check_media(findings, ruleset, outside, true);
	if (good)
		finding_add(findings, &(struct finding){ .name = "related" },
			    "no firewall rule keeps media out");
}

static struct firewall_packet signalling(const struct outside *outside,
					 unsigned int proto, unsigned int port)
{
	return (struct firewall_packet){
		.outside = outside->dev,
		.outward = true,
		.proto = proto,
		.dport = port,
		.state = "new",
	};
}

static void check_signalling(struct findings *findings, const json_t *ruleset,
			     const struct outside *outside,
			     const struct settings *settings)
{
	for (size_t i = 0; i < settings->n_ports; i++) {
		struct firewall_packet packet =
			signalling(outside, IPPROTO_UDP, settings->ports[i]);
		char where[FIREWALL_PLACE_LEN];
		struct firewall_place place;

		if (!firewall_drops(ruleset, &packet, &place))
			continue;
		finding_add(findings, &(struct finding){
				.level = LEVEL_PROBLEM,
				.name = "signalling",
				.evidence = "the way of a first packet from "
					    "inside through the rules",
				.advice = "accept it there",
			    }, "%s drops calls to port %u by UDP",
			    firewall_place_text(&place, where),
			    settings->ports[i]);
	}
}

static void check_notrack(struct findings *findings, const json_t *ruleset,
			  const struct outside *outside,
			  const struct settings *settings)
{
	for (size_t i = 0; i < settings->n_ports; i++) {
		struct firewall_packet out =
			signalling(outside, IPPROTO_UDP, settings->ports[i]);
		struct firewall_packet in = {
			.outside = outside->dev,
			.proto = IPPROTO_UDP,
			.sport = settings->ports[i],
			.state = "new",
		};
		char where[FIREWALL_PLACE_LEN];
		struct firewall_place place;

		if (!firewall_untracks(ruleset, &out, &place) &&
		    !firewall_untracks(ruleset, &in, &place))
			continue;
		finding_add(findings, &(struct finding){
				.level = LEVEL_PROBLEM,
				.name = "notrack",
				.evidence = "a rule with notrack that matches "
					    "SIP",
				.advice = "remove the rule: the module sees "
					  "no flow that is not tracked",
			    }, "%s keeps port %u from connection tracking",
			    firewall_place_text(&place, where),
			    settings->ports[i]);
	}
}

static void check_nat(struct findings *findings, const json_t *ruleset,
		      const struct outside *outside)
{
	struct firewall_packet udp = signalling(outside, IPPROTO_UDP, 0);
	struct firewall_packet tcp = signalling(outside, IPPROTO_TCP, 0);
	bool has_udp = firewall_translates(ruleset, &udp);
	bool has_tcp = firewall_translates(ruleset, &tcp);
	char command[COMMAND_LEN];

	snprintf(command, sizeof(command), "nft 'add table ip nat; "
		 "add chain ip nat postrouting { type nat hook postrouting "
		 "priority srcnat; }; add rule ip nat postrouting oifname %s "
		 "masquerade'", outside->dev);
	if (has_udp && has_tcp)
		finding_add(findings, &(struct finding){ .name = "nat" },
			    "a rule changes source addresses");
	else if (has_udp || has_tcp)
		finding_add(findings, &(struct finding){
				.level = LEVEL_PROBLEM,
				.name = "nat",
				.advice = "let the rule match any protocol",
				.command = command,
			    }, "the rules change source addresses of %s alone",
			    has_udp ? "UDP" : "TCP");
	else if (outside->needs_nat)
		finding_add(findings, &(struct finding){
				.level = LEVEL_PROBLEM,
				.name = "nat",
				.evidence = "inside addresses are private, the "
					    "outside address is not",
				.advice = "add a rule that does",
				.command = command,
			    }, "no rule changes source addresses");
	else
		finding_add(findings, &(struct finding){
				.level = LEVEL_NOTE,
				.name = "nat",
				.advice = "none is needed, if hosts have "
					  "outside addresses",
			    }, "no rule changes source addresses: "
			    "SIP works without an ALG then");
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
	struct firewall_packet packet = signalling(outside, IPPROTO_UDP, 0);
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
	check_nat(findings, ruleset, outside);
	check_ports(findings, ruleset, outside, config);
	check_related(findings, ruleset, outside);
	check_signalling(findings, ruleset, outside, settings);
	check_notrack(findings, ruleset, outside, settings);
	json_decref(ruleset);
}
