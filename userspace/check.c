// SPDX-License-Identifier: GPL-2.0
/*
 * Is everything there that calls need? Each finding says what to do.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "counters.h"
#include "firewall.h"
#include "flow.h"
#include "lab/alg_probe.h"
#include "netlink.h"
#include "netns.h"
#include "print.h"
#include "report.h"
#include "settings.h"
#include "sysinfo.h"
#include "tool.h"
#include "verb.h"

/* Percent of a limit from which on it is near. */
#define NEAR 80

/* ms that a message to the peer, or its answer, may take. */
#define WAIT_MS 1000

enum level { LEVEL_GOOD, LEVEL_NOTE, LEVEL_PROBLEM };

/**
 * struct check - one run of the verb
 * @out: the output
 * @problems: how many were found
 * @ruleset: the firewall's rules; NULL if they are not known
 * @settings: those of the module; as they are initially if it does not tell
 * @peer: who answers at the other end of the path; NULL if nobody does
 */
struct check {
	struct print out;
	unsigned int problems;
	json_t *ruleset;
	struct settings settings;
	const char *peer;
};

/* @name is for scripts; @advice says what to do, NULL if there is nothing. */
__attribute__((format(printf, 5, 6))) static void
finding_add(struct check *check, enum level level, const char *name,
     const char *advice, const char *format, ...)
{
	static const char *const levels[] = { "good", "note", "problem" };
	static const enum print_color colors[] = {
		PRINT_GREEN, PRINT_YELLOW, PRINT_RED
	};
	struct print *out = &check->out;
	char text[256];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	check->problems += level == LEVEL_PROBLEM;

	print_item(out);
	print_string(out, PRINT_JSON, "name", name);
	print_width(out, -7);
	print_color(out, colors[level]);
	print_string(out, PRINT_ANY, "level", levels[level]);
	print_string(out, PRINT_ANY, "text", text);
	if (advice) {
		print_newline(out);
		print_width(out, -7);
		print_word(out, "");
		print_word(out, "->");
		print_string(out, PRINT_ANY, "advice", advice);
	}
	print_item_end(out);
}

static void check_module(struct check *check, bool loaded)
{
	bool stock = sysinfo_has_module("nf_conntrack_sip") ||
		     sysinfo_has_module("nf_nat_sip");

	if (loaded)
		finding_add(check, LEVEL_GOOD, "module", NULL,
		     "the module nf_sipalg is loaded");
	else
		finding_add(check, LEVEL_PROBLEM, "module",
		     stock ? "see below" : "modprobe nf_sipalg",
		     "the module nf_sipalg is not loaded");
	/* To modprobe these are names of ours, once that is installed. */
	if (stock)
		finding_add(
			check, LEVEL_PROBLEM, "stock",
			"rmmod nf_nat_sip nf_conntrack_sip; firewall rules with ct helper have "
			"to go first",
			"the kernel's own SIP helper is loaded and keeps this one out");
}

static int check_policies(struct check *check, struct netlink *nl)
{
	struct policy *list;
	char text[SCOPE_TEXT_LEN];
	unsigned int active = 0;
	bool by_rule = false;
	size_t count;

	if (netlink_policy_dump(nl, &list, &count))
		return -1;
	for (size_t i = 0; i < count; i++) {
		const struct scope *scope = &list[i].scope;

		by_rule |= list[i].mode == SIPALG_MODE_RULE;
		active += list[i].mode == SIPALG_MODE_ON ||
			  list[i].mode == SIPALG_MODE_OBSERVE;
		if (*scope->dev && !HAS(&list[i], SIPALG_POLICY_IFINDEX))
			finding_add(
				check, LEVEL_NOTE, "device",
				"nothing, if it comes later; else: sipalg policy del SCOPE",
				"%s is set, but there is no such device now",
				scope_text(scope, text));
	}
	free(list);
	if (active)
		finding_add(check, LEVEL_GOOD, "policy", NULL,
		     "%u scope%s on or observed", active,
		     active == 1 ? " is" : "s are");
	else if (by_rule)
		finding_add(
			check, LEVEL_NOTE, "policy",
			"sipalg observe dev IFNAME, then on",
			"no scope is on: only flows of a firewall rule for helper sip are looked at");
	else
		finding_add(check, LEVEL_NOTE, "policy",
		     "sipalg observe dev IFNAME, then on", "all is off");
	return 0;
}

static void check_near(struct check *check, const char *name,
		       const char *advice, const char *what, uint64_t now,
		       uint64_t max)
{
	if (now * 100 >= max * NEAR)
		finding_add(check, LEVEL_PROBLEM, name, advice,
		     "%llu %s of at most %llu", (unsigned long long)now, what,
		     (unsigned long long)max);
	else
		finding_add(check, LEVEL_GOOD, name, NULL,
			    "%llu %s of at most %llu", (unsigned long long)now,
			    what, (unsigned long long)max);
}

static int check_stats(struct check *check, struct netlink *nl)
{
	const uint32_t *limits = check->settings.value;
	uint64_t registrations;
	struct stats stats;

	if (netlink_settings_get(nl, &check->settings) ||
	    netlink_stats_get(nl, &stats))
		return -1;
	registrations = stats.value[SIPALG_STATS_REGISTRATIONS_NOW];
	check_near(check, "calls", "find who makes them: sipalg call show",
		   "calls", stats.value[SIPALG_STATS_CALLS_NOW] - registrations,
		   limits[SIPALG_SETTING_LIMIT_CALLS]);
	check_near(check, "registrations",
		   "find who registers: sipalg call show", "registrations",
		   registrations, limits[SIPALG_SETTING_LIMIT_REGISTRATIONS]);
	check_near(check, "bindings",
		   "find whose they are: sipalg binding show", "bindings",
		   stats.value[SIPALG_STATS_BINDINGS_NOW],
		   limits[SIPALG_SETTING_LIMIT_BINDINGS]);
	check_near(check, "memory", "allow more: sipalg set limit-bytes N",
		   "bytes of memory", stats.value[SIPALG_STATS_BYTES_NOW],
		   limits[SIPALG_SETTING_LIMIT_BYTES]);
	for (uint32_t stat = 0; stat < __SIPALG_STAT_MAX; stat++) {
		uint64_t value = stats.value[SIPALG_STATS_MESSAGES + stat];

		if (value && counter_advice(stat))
			finding_add(check, LEVEL_NOTE, counter_name(stat),
			     counter_advice(stat), "%llu: %s",
			     (unsigned long long)value, counter_doc(stat));
	}
	return 0;
}

static void check_conntrack(struct check *check)
{
	uint64_t now, max;

	if (sysinfo_number("net/netfilter/nf_conntrack_count", &now) &&
	    sysinfo_number("net/netfilter/nf_conntrack_max", &max))
		check_near(check, "conntrack",
			   "sysctl net.netfilter.nf_conntrack_max",
			   "flows are tracked", now, max);
}

#define ANEW "so that they begin anew"

/**
 * struct flows - flows to the SIP ports
 * @settings: with these ports
 * @all: how many there are
 * @ours: of them with helper sip
 * @others: with another one
 * @offloaded: in a flowtable
 * @helper: one of the others
 * @forget: commands that make conntrack forget those in a flowtable
 */
struct flows {
	const struct settings *settings;
	unsigned int all, ours, others, offloaded;
	char helper[FLOW_HELPER_LEN];
	char forget[256];
};

static bool is_sip_port(const struct settings *settings, uint16_t port)
{
	for (size_t i = 0; i < settings->n_ports; i++)
		if (settings->ports[i] == port)
			return true;
	return false;
}

/* A command for each protocol and port, as many as there is room for. */
static void add_forget(struct flows *flows, const struct flow *flow)
{
	size_t len = strlen(flows->forget);
	char command[64];

	snprintf(command, sizeof(command), "conntrack -D -p %s --dport %u, ",
		 flow->proto == IPPROTO_TCP ? "tcp" : "udp",
		 flow->original.dst.port);
	if (!strstr(flows->forget, command) &&
	    len + strlen(command) + sizeof(ANEW) <= sizeof(flows->forget))
		strcpy(flows->forget + len, command);
}

static int count_flow(const struct flow *flow, void *data)
{
	struct flows *flows = data;

	if (!is_sip_port(flows->settings, flow->original.dst.port) &&
	    !is_sip_port(flows->settings, flow->reply.src.port))
		return 0;
	flows->all++;
	if (flow->offloaded) {
		flows->offloaded++;
		add_forget(flows, flow);
	}
	if (!strcmp(flow->helper, "sip")) {
		flows->ours++;
	} else if (*flow->helper) {
		flows->others++;
		strcpy(flows->helper, flow->helper);
	}
	return 0;
}

static void check_flows(struct check *check)
{
	struct flows flows = { .settings = &check->settings };
	char ports[SETTING_TEXT_LEN];
	int err = flow_dump(count_flow, &flows);

	if (err) {
		finding_add(check, LEVEL_NOTE, "flows",
		     "be root of this network namespace",
		     "the connection tracking table cannot be read: %s",
		     strerror(-err));
		return;
	}
	finding_add(check, LEVEL_GOOD, "flows", NULL,
	     "%u flows to port %s, %u of them with helper sip", flows.all,
	     setting_text(&check->settings, SIPALG_SETTING_SIP_PORTS, ports),
	     flows.ours);
	if (flows.others)
		finding_add(check, LEVEL_PROBLEM, "helper",
		     "remove the firewall rule that assigns it",
		     "%u of them with another helper, %s", flows.others,
		     flows.helper);
	if (flows.offloaded)
		finding_add(
			check, LEVEL_PROBLEM, "flowtable",
			strcat(flows.forget, ANEW),
			"%u of them are in a flowtable since before they were looked at, and pass by",
			flows.offloaded);
}

static void check_firewall(struct check *check)
{
	const json_t *chain;

	if (!check->ruleset) {
		finding_add(
			check, LEVEL_NOTE, "firewall",
			"see that it accepts ct state established,related",
			"the firewall's rules are not known: there is no nft, or it may not");
		return;
	}
	if (firewall_has_nat(check->ruleset))
		finding_add(check, LEVEL_GOOD, "nat", NULL,
		     "a rule changes source addresses");
	else
		finding_add(
			check, LEVEL_NOTE, "nat",
			"none is needed, if hosts have outside addresses",
			"no rule changes source addresses: SIP works without an ALG then");
	chain = firewall_without_related(check->ruleset);
	if (chain)
		finding_add(
			check, LEVEL_PROBLEM, "related",
			"add to it: ct state established,related accept",
			"chain %s of table %s drops media: nothing there accepts what is related",
			json_string_value(json_object_get(chain, "name")) ?:
									    "?",
			json_string_value(json_object_get(chain, "table")) ?:
									     "?");
	else
		finding_add(check, LEVEL_GOOD, "related", NULL,
		     "no firewall rule keeps media out");
}

/* RFC 1918, RFC 6598 (a provider's NAT), RFC 3927. */
static bool is_private(const struct address *address)
{
	const uint8_t *bytes = address->bytes;

	return bytes[0] == 10 || (bytes[0] == 172 && bytes[1] >> 4 == 1) ||
	       (bytes[0] == 192 && bytes[1] == 168) ||
	       (bytes[0] == 100 && bytes[1] >> 6 == 1) ||
	       (bytes[0] == 169 && bytes[1] == 254);
}

static void check_path(struct check *check, const char *dev)
{
	struct alg_probe found;

	if (!check->peer || !*dev) {
		finding_add(
			check, LEVEL_NOTE, "path",
			"sipalg exercise --answer on a host outside; here: sipalg check peer ADDRESS",
			"whether there is another ALG on the path is not known");
		return;
	}
	if (alg_probe_check(dev, check->peer, WAIT_MS, &found) ||
	    !found.answered)
		finding_add(check, LEVEL_PROBLEM, "path",
		     "sipalg exercise --answer has to run there",
		     "%s does not answer", check->peer);
	else if (found.broken)
		finding_add(
			check, LEVEL_PROBLEM, "path",
			"see what it breaks: sipalg exercise --through DEV --peer ADDRESS; switch it off",
			"another ALG, between %s and %s, breaks messages", dev,
			check->peer);
	else if (found.alg)
		finding_add(check, LEVEL_NOTE, "path",
			    "one of the two is enough",
			    "another ALG, between %s and %s, changes messages",
			    dev, check->peer);
	else
		finding_add(check, LEVEL_GOOD, "path", NULL,
		     "no other ALG between %s and %s%s", dev, check->peer,
		     found.nat ? ", though another NAT" : "");
}

static void check_outside(struct check *check, const struct outside *outside)
{
	char text[INET6_ADDRSTRLEN];

	if (!outside->address.len)
		finding_add(check, LEVEL_NOTE, "outside",
		     "nothing, if the outside is IPv6 alone",
		     "no IPv4 default route with an address");
	else if (is_private(&outside->address))
		finding_add(
			check, LEVEL_NOTE, "outside",
			"there is another NAT beyond: that one needs an ALG too, or none of both if "
			"the provider's server copes with NAT",
			"the outside address, %s of %s, is a private one",
			address_text(&outside->address, text), outside->dev);
	else
		finding_add(check, LEVEL_GOOD, "outside", NULL,
		     "the outside address is %s of %s",
		     address_text(&outside->address, text), outside->dev);
}

static int check_parse(struct check *check, struct args *args)
{
	struct address address;

	if (!args_take(args, "peer"))
		return args_end(args);
	check->peer = args_next(args);
	if (!check->peer)
		return args_fail(args, "the address of the peer is missing");
	if (!address_parse(&address, check->peer))
		return args_fail(args, "'%s' is not an IP address",
				 check->peer);
	return args_end(args);
}

int verb_check(struct tool *tool, struct args *args)
{
	struct check check = {};
	struct outside outside;
	int err, status;

	if (check_parse(&check, args))
		return tool_wrong_usage(tool, args);
	if (tool->netns && netns_enter(tool->netns))
		return STATUS_REFUSED;
	err = netlink_open(&tool->nl);
	if (err && err != -ENOENT) {
		error("netlink: %s", strerror(-err));
		return STATUS_REFUSED;
	}
	print_begin(&check.out, tool, PRINT_LIST);
	check.ruleset = sysinfo_ruleset();
	check_module(&check, !err);
	if (tool->nl &&
	    (check_policies(&check, tool->nl) || check_stats(&check, tool->nl)))
		finding_add(&check, LEVEL_PROBLEM, "refused",
			    "be root of this network namespace",
			    "the module refuses to tell: %s",
			    netlink_reason(tool->nl));
	settings_fill(&check.settings);
	check_conntrack(&check);
	check_flows(&check);
	check_firewall(&check);
	sysinfo_outside(&outside);
	check_outside(&check, &outside);
	check_path(&check, outside.dev);
	json_decref(check.ruleset);
	status = print_end(&check.out);
	return check.problems ? STATUS_REFUSED : status;
}
