// SPDX-License-Identifier: GPL-2.0
/*
 * Is everything there that calls need? Each finding has its advice.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "args.h"
#include "check_firewall.h"
#include "check_flows.h"
#include "config.h"
#include "counters.h"
#include "finding.h"
#include "lab/alg_probe.h"
#include "netlink.h"
#include "netns.h"
#include "report.h"
#include "route.h"
#include "sysinfo.h"
#include "tool.h"
#include "verb.h"
#include "version.h"

/* Percent of a limit from which on it is near. */
#define NEAR 80

/* ms after which a message to the peer, or its answer, counts as lost. */
#define WAIT_MS 1000

/**
 * struct check - one run of the verb
 * @findings: the output
 * @config: of the module; initial settings if it is not loaded
 * @on: number of scopes that are on
 * @observed: number of scopes that are observed
 * @by_rule: the default scope has the mode rule
 * @outside: the way to the Internet
 * @peer: address of the far end of the path; NULL: there is none
 */
struct check {
	struct findings findings;
	struct config config;
	unsigned int on, observed;
	bool by_rule;
	struct outside outside;
	const char *peer;
};

static void check_stock(struct check *check)
{
	bool built_in = sysinfo_is_built_in("nf_conntrack_sip") ||
			sysinfo_is_built_in("nf_nat_sip");

	if (built_in)
		finding_add(&check->findings, &(struct finding){
				.level = LEVEL_PROBLEM,
				.name = "stock",
				.evidence = "/sys/module has it, /proc/modules "
					    "has not",
				.advice = "it cannot be unloaded: boot with "
					  "initcall_blacklist="
					  "nf_conntrack_sip_init,"
					  "nf_nat_sip_init, or another kernel",
			    }, "the kernel's own SIP helper is built in and "
			    "keeps this one out");
	else
		/* modprobe takes these names for aliases of this module. */
		finding_add(&check->findings, &(struct finding){
				.level = LEVEL_PROBLEM,
				.name = "stock",
				.advice = "rmmod nf_nat_sip nf_conntrack_sip; "
					  "firewall rules with ct helper have "
					  "to go first",
				.command = "rmmod nf_nat_sip nf_conntrack_sip",
			    }, "the kernel's own SIP helper is loaded and "
			    "keeps this one out");
}

static void check_version(struct check *check)
{
	char version[64];

	if (!sysinfo_module_version("nf_sipalg", version, sizeof(version)) ||
	    !strcmp(version, SIPALG_VERSION))
		return;
	finding_add(&check->findings, &(struct finding){
			.level = LEVEL_PROBLEM,
			.name = "version",
			.evidence = "/sys/module/nf_sipalg/version",
			.advice = "unload the module, and load the one that "
				  "belongs to this tool; calls that are up "
				  "lose their media; firewall rules that "
				  "name the helper have to go first",
			.command = "sipalg policy save -f /run/sipalg.conf && "
				   "rmmod nf_sipalg && modprobe nf_sipalg && "
				   "sipalg policy restore -f /run/sipalg.conf",
		    }, "the module that is loaded has version %s, this tool "
		    "has %s", version, SIPALG_VERSION);
}

/* A module that was made for the running kernel is missing in the next one. */
static void check_kernels(struct check *check)
{
	char kernel[64], command[96];

	if (!sysinfo_kernel_without("nf_sipalg", kernel, sizeof(kernel)))
		return;
	snprintf(command, sizeof(command), "dkms autoinstall -k %s", kernel);
	finding_add(&check->findings, &(struct finding){
			.level = LEVEL_NOTE,
			.name = "kernels",
			.evidence = "modules.dep of the installed kernels",
			.advice = "make it before that kernel is booted",
			.command = command,
		    }, "kernel %s has no module nf_sipalg, though another "
		    "kernel has", kernel);
}

static void check_module(struct check *check, bool loaded)
{
	bool stock = sysinfo_has_module("nf_conntrack_sip") ||
		     sysinfo_has_module("nf_nat_sip");

	if (loaded)
		finding_add(&check->findings,
			    &(struct finding){ .name = "module" },
			    "the module nf_sipalg is loaded");
	else
		finding_add(&check->findings, &(struct finding){
				.level = LEVEL_PROBLEM,
				.name = "module",
				.advice = stock ?
					"remove the kernel's own SIP helper, "
					"then: modprobe nf_sipalg" :
					"modprobe nf_sipalg",
				.command = stock ? NULL : "modprobe nf_sipalg",
			    }, "the module nf_sipalg is not loaded");
	if (loaded)
		check_version(check);
	check_kernels(check);
	if (stock)
		check_stock(check);
}

static void check_device(struct check *check, const struct policy *policy)
{
	char text[SCOPE_TEXT_LEN];

	if (!*policy->scope.dev || HAS(policy, SIPALG_POLICY_IFINDEX))
		return;
	finding_add(&check->findings, &(struct finding){
			.level = LEVEL_NOTE,
			.name = "device",
			.advice = "nothing, if it comes later; "
				  "else: sipalg policy del SCOPE",
		    }, "%s is set, but there is no such device now",
		    scope_text(&policy->scope, text));
}

/* Does the module act on flows of some phones, as far as devices are known? */
static bool is_on_way(const struct check *check)
{
	const struct outside *outside = &check->outside;
	bool is_on = false;

	if (!*outside->dev || !outside->n_inside)
		return !*outside->dev ||
		       config_is_on(&check->config, "", outside->dev);
	for (size_t i = 0; i < outside->n_inside; i++) {
		const struct inside *inside = &outside->inside[i];

		is_on |= config_is_on(&check->config, inside->dev,
				      *inside->out ? inside->out :
						     outside->dev);
	}
	return is_on;
}

/*
 * Calls may leave by a device that comes later, and by one that leads to the
 * provider and not to the Internet.
 */
static bool is_elsewhere(const struct check *check)
{
	for (size_t i = 0; i < check->config.count; i++) {
		const struct policy *policy = &check->config.list[i];

		if (policy->mode == SIPALG_MODE_ON && *policy->scope.dev &&
		    (!HAS(policy, SIPALG_POLICY_IFINDEX) ||
		     route_leads_by(policy->ifindex)))
			return true;
	}
	return false;
}

static void check_way(struct check *check)
{
	const char *out = check->outside.inside[0].out;
	const char *dev = *out ? out : check->outside.dev;
	bool elsewhere = is_elsewhere(check);
	char command[64];

	snprintf(command, sizeof(command), "sipalg on dev %s", dev);
	finding_add(&check->findings, &(struct finding){
			.level = elsewhere ? LEVEL_NOTE : LEVEL_PROBLEM,
			.name = "policy",
			.evidence = "the route from inside, and the modes of "
				    "its devices",
			.advice = elsewhere ?
				"nothing, if calls take another way; "
				"else switch on theirs" :
				"switch on the way that calls take",
			.command = command,
		    }, "a scope is on, but not for what leaves by %s", dev);
}

/* @observed: a scope that is observed, or NULL. */
static void check_modes(struct check *check, const struct scope *observed)
{
	unsigned int active = check->on + check->observed;
	char text[SCOPE_TEXT_LEN], command[64];

	if (check->on && !is_on_way(check)) {
		check_way(check);
		return;
	}
	if (check->on) {
		finding_add(&check->findings,
			    &(struct finding){ .name = "policy" },
			    "%u scope%s on or observed", active,
			    active == 1 ? " is" : "s are");
		return;
	}
	if (observed) {
		snprintf(command, sizeof(command), "sipalg on %s",
			 scope_text(observed, text));
		finding_add(&check->findings, &(struct finding){
				.level = LEVEL_PROBLEM,
				.name = "policy",
				.advice = "switch on, if it would change the "
					  "right things: sipalg monitor "
					  "--messages",
				.command = command,
			    }, "no scope is on, only observed: no message "
			    "is changed");
		return;
	}
	finding_add(&check->findings, &(struct finding){
			.level = LEVEL_NOTE,
			.name = "policy",
			.advice = "sipalg observe dev IFNAME, then on",
		    }, check->by_rule ?
		    "no scope is on: only flows of a firewall rule for helper "
		    "sip are looked at" : "all is off");
}

static int check_policies(struct check *check, struct netlink *nl)
{
	const struct scope *observed = NULL;

	if (config_take(nl, &check->config))
		return -1;
	for (size_t i = 0; i < check->config.count; i++) {
		const struct policy *policy = &check->config.list[i];

		check->by_rule |= policy->mode == SIPALG_MODE_RULE;
		check->on += policy->mode == SIPALG_MODE_ON;
		if (policy->mode == SIPALG_MODE_OBSERVE) {
			check->observed++;
			observed = &policy->scope;
		}
		check_device(check, policy);
	}
	check_modes(check, observed);
	return 0;
}

static void check_near(struct check *check, const char *name,
		       const char *advice, const char *command,
		       const char *what, uint64_t now, uint64_t max)
{
	bool near = now * 100 >= max * NEAR;

	finding_add(&check->findings, &(struct finding){
			.level = near ? LEVEL_PROBLEM : LEVEL_GOOD,
			.name = name,
			.advice = near ? advice : NULL,
			.command = near ? command : NULL,
		    }, "%llu %s of at most %llu", (unsigned long long)now, what,
		    (unsigned long long)max);
}

static void check_mute(struct check *check, uint64_t mute)
{
	if (mute)
		finding_add(&check->findings, &(struct finding){
				.level = LEVEL_NOTE,
				.name = "mute",
				.evidence = "packets of each side, since the "
					    "call began",
				.advice = "nothing, if it is music on hold or "
					  "an announcement: else "
					  "docs/SILENT-CALLS.md",
				.command = "sipalg call show brief mute",
			    }, "%llu calls have a stream that one side alone "
			    "sends", (unsigned long long)mute);
}

static int check_stats(struct check *check, struct netlink *nl)
{
	const uint32_t *limits = check->config.settings.value;
	uint64_t registrations;
	struct stats stats;

	if (netlink_stats_get(nl, &stats))
		return -1;
	registrations = stats.value[SIPALG_STATS_REGISTRATIONS_NOW];
	check_near(check, "calls", "find who makes them",
		   "sipalg call show brief kind call", "calls",
		   stats.value[SIPALG_STATS_CALLS_NOW] - registrations,
		   limits[SIPALG_SETTING_LIMIT_CALLS]);
	check_near(check, "registrations", "find who registers",
		   "sipalg call show brief kind registration", "registrations",
		   registrations, limits[SIPALG_SETTING_LIMIT_REGISTRATIONS]);
	check_near(check, "bindings", "find whose they are",
		   "sipalg binding show", "bindings",
		   stats.value[SIPALG_STATS_BINDINGS_NOW],
		   limits[SIPALG_SETTING_LIMIT_BINDINGS]);
	check_near(check, "memory", "allow more: sipalg set limit-bytes N",
		   NULL, "bytes of memory", stats.value[SIPALG_STATS_BYTES_NOW],
		   limits[SIPALG_SETTING_LIMIT_BYTES]);
	check_mute(check, stats.value[STATS_CALLS_MUTE]);
	for (uint32_t stat = 0; stat < __SIPALG_STAT_MAX; stat++) {
		uint64_t value = stats.value[SIPALG_STATS_MESSAGES + stat];

		if (value && counter_advice(stat))
			finding_add(&check->findings, &(struct finding){
					.level = LEVEL_NOTE,
					.name = counter_name(stat),
					.advice = counter_advice(stat),
				    }, "%llu: %s", (unsigned long long)value,
				    counter_doc(stat));
	}
	return 0;
}

static void check_conntrack(struct check *check)
{
	char command[64];
	uint64_t now, max;

	if (!sysinfo_number("net/netfilter/nf_conntrack_count", &now) ||
	    !sysinfo_number("net/netfilter/nf_conntrack_max", &max))
		return;
	snprintf(command, sizeof(command),
		 "sysctl -w net.netfilter.nf_conntrack_max=%llu", 2ULL * max);
	check_near(check, "conntrack",
		   "allow more: without room no new call gets through",
		   command, "flows are tracked", now, max);
}

/* A device may be an exception to what is set for all. */
static void check_device_forwards(struct check *check, const char *dev)
{
	char path[64], evidence[96], command[96];
	uint64_t forwards;

	snprintf(path, sizeof(path), "net/ipv4/conf/%s/forwarding", dev);
	if (!*dev || !sysinfo_number(path, &forwards) || forwards)
		return;
	snprintf(evidence, sizeof(evidence), "/proc/sys/%s is 0", path);
	snprintf(command, sizeof(command), "sysctl -w %s=1", path);
	finding_add(&check->findings, &(struct finding){
			.level = LEVEL_PROBLEM,
			.name = "forwarding",
			.evidence = evidence,
			.advice = "switch it on",
			.command = command,
		    }, "IPv4 packets that come by %s are not forwarded", dev);
}

static void check_forwarding(struct check *check, const struct outside *outside)
{
	uint64_t forwards;

	if (!sysinfo_number("net/ipv4/ip_forward", &forwards))
		return;
	if (forwards) {
		check_device_forwards(check, outside->dev);
		for (size_t i = 0; i < outside->n_inside; i++)
			check_device_forwards(check, outside->inside[i].dev);
		return;
	}
	finding_add(&check->findings, &(struct finding){
			.level = LEVEL_PROBLEM,
			.name = "forwarding",
			.evidence = "/proc/sys/net/ipv4/ip_forward is 0",
			.advice = "switch it on",
			.command = "sysctl -w net.ipv4.ip_forward=1",
		    }, "this machine does not forward IPv4 packets");
}

static void check_path(struct check *check, const char *dev)
{
	const struct alg_path path = {
		.dev = dev,
		.peer = check->peer,
		.port = SIP_PORT,
	};
	struct finding finding = { .name = "path" };
	struct alg_probe found;

	if (!check->peer || !*dev) {
		finding.level = LEVEL_NOTE;
		finding.advice = "sipalg exercise --answer on a host outside; "
				 "here: sipalg check peer ADDRESS";
		finding_add(&check->findings, &finding, "whether there is "
			    "another ALG on the path is not known");
		return;
	}
	if (alg_probe_check(&path, WAIT_MS, &found) ||
	    !found.answered) {
		finding.level = LEVEL_PROBLEM;
		finding.advice = "sipalg exercise --answer has to run there";
		finding_add(&check->findings, &finding, "%s does not answer",
			    check->peer);
	} else if (found.broken) {
		finding.level = LEVEL_PROBLEM;
		finding.advice = "see what it breaks: sipalg exercise "
				 "--through DEV --peer ADDRESS; switch it off";
		finding_add(&check->findings, &finding, "another ALG, between "
			    "%s and %s, breaks messages", dev, check->peer);
	} else if (found.alg) {
		finding.level = LEVEL_NOTE;
		finding.advice = "one of the two is enough";
		finding_add(&check->findings, &finding, "another ALG, between "
			    "%s and %s, changes messages", dev, check->peer);
	} else {
		finding_add(&check->findings, &finding,
			    "no other ALG between %s and %s%s", dev,
			    check->peer,
			    found.nat ? ", though another NAT" : "");
	}
}

static void check_outside(struct check *check, const struct outside *outside)
{
	struct finding finding = { .name = "outside" };
	char text[INET6_ADDRSTRLEN];

	address_text(&outside->address, text);
	if (!outside->address.len) {
		finding.level = LEVEL_NOTE;
		finding.advice = "nothing, if the outside is IPv6 alone";
		finding_add(&check->findings, &finding,
			    "no IPv4 default route with an address");
	} else if (address_is_private(&outside->address)) {
		finding.level = LEVEL_NOTE;
		finding.advice = "there is another NAT beyond: that one needs "
				 "an ALG too, or none of both if the "
				 "provider's server copes with NAT";
		finding_add(&check->findings, &finding, "the outside address, "
			    "%s of %s, is a private one", text, outside->dev);
	} else {
		finding_add(&check->findings, &finding,
			    "the outside address is %s of %s", text,
			    outside->dev);
	}
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
	const struct outside *outside = &check.outside;
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
	print_begin(&check.findings.out, tool, PRINT_LIST);
	check_module(&check, !err);
	sysinfo_outside(&check.outside);
	if (tool->nl &&
	    (check_policies(&check, tool->nl) || check_stats(&check, tool->nl)))
		finding_add(&check.findings, &(struct finding){
				.level = LEVEL_PROBLEM,
				.name = "refused",
				.advice = "be root of this network namespace",
			    }, "the module refuses to tell: %s",
			    netlink_reason(tool->nl));
	settings_fill(&check.config.settings);
	check_conntrack(&check);
	check_forwarding(&check, outside);
	check_flows(&check.findings, outside, &check.config.settings,
		    check.on + check.observed, check.by_rule);
	check_firewall(&check.findings, outside, &check.config);
	check_outside(&check, outside);
	check_path(&check, outside->dev);
	config_free(&check.config);
	status = print_end(&check.findings.out);
	return check.findings.problems ? STATUS_REFUSED : status;
}
