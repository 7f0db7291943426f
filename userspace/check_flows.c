// SPDX-License-Identifier: GPL-2.0

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "check_flows.h"
#include "finding.h"
#include "flow.h"
#include "settings.h"
#include "sysinfo.h"

/* Of SIP over TLS: RFC 3261, 19.1.2. */
#define SIPS_PORT 5061
/* Many providers use it beside 5060. */
#define OTHER_PORT 5080

#define COMMANDS_LEN 256
#define ANEW "so that they begin anew"

/**
 * struct flows - flows to the SIP ports
 * @settings: with these ports
 * @all: number of flows that are forwarded
 * @ours: number of them with helper sip
 * @others: number of them with another helper
 * @offloaded: number of them in a flowtable
 * @tls: number of flows to SIPS_PORT
 * @elsewhere: number of flows to OTHER_PORT, if that is no SIP port
 * @unchanged: number of @ours that leave with a private address
 * @is_public: the outside address is no private one
 * @helper: name of one of the other helpers
 * @deletions: commands that remove those in a flowtable from conntrack
 * @renewals: commands that remove @unchanged from conntrack
 * @forget_all: commands that remove all of them
 */
struct flows {
	const struct settings *settings;
	unsigned int all, ours, others, offloaded, tls, elsewhere, unchanged;
	bool is_public;
	char helper[FLOW_HELPER_LEN];
	char deletions[COMMANDS_LEN];
	char renewals[COMMANDS_LEN];
	char forget_all[COMMANDS_LEN];
};

static bool is_sip_port(const struct settings *settings, uint16_t port)
{
	for (size_t i = 0; i < settings->n_ports; i++)
		if (settings->ports[i] == port)
			return true;
	return false;
}

/* A command for each protocol and port, as many as there is room for. */
static void add_deletion(char *commands, const struct flow *flow)
{
	size_t len = strlen(commands);
	char command[64];

	snprintf(command, sizeof(command), "conntrack -D -p %s --dport %u, ",
		 flow->proto == IPPROTO_TCP ? "tcp" : "udp",
		 flow->original.dst.port);
	if (!strstr(commands, command) &&
	    len + strlen(command) + sizeof(ANEW) <= COMMANDS_LEN)
		strcpy(commands + len, command);
}

/* Does it leave for a public address with the private one that it came with? */
static bool is_unchanged(const struct flow *flow)
{
	const struct address *source = &flow->original.src.address;

	return source->len == 4 && address_is_private(source) &&
	       !address_compare(source, &flow->reply.dst.address) &&
	       !address_is_private(&flow->reply.src.address);
}

static int flow_count(const struct flow *flow, void *data)
{
	struct flows *flows = data;

	if (!is_sip_port(flows->settings, flow->original.dst.port) &&
	    !is_sip_port(flows->settings, flow->reply.src.port)) {
		flows->tls += flow->original.dst.port == SIPS_PORT;
		flows->elsewhere += flow->original.dst.port == OTHER_PORT;
		return 0;
	}
	/* Those of this machine itself need no ALG. */
	if (sysinfo_is_own(&flow->original.src.address))
		return 0;
	flows->all++;
	add_deletion(flows->forget_all, flow);
	if (flow->offloaded) {
		flows->offloaded++;
		add_deletion(flows->deletions, flow);
	}
	if (!strcmp(flow->helper, "sip")) {
		flows->ours++;
		if (flows->is_public && is_unchanged(flow)) {
			flows->unchanged++;
			add_deletion(flows->renewals, flow);
		}
	} else if (*flow->helper) {
		flows->others++;
		strcpy(flows->helper, flow->helper);
	}
	return 0;
}

static void check_helper(struct findings *findings, struct flows *flows,
			 bool acts, bool by_rule)
{
	struct finding finding = { .name = "flows" };
	char ports[SETTING_TEXT_LEN];

	if (flows->all && !flows->ours && !flows->others &&
	    (acts || by_rule)) {
		finding.level = LEVEL_PROBLEM;
		finding.evidence = "the connection tracking table";
		finding.advice = acts ? strcat(flows->forget_all, ANEW) :
			"switch on their scope, or add a firewall rule that "
			"assigns the helper";
		finding.command = acts ? NULL : "sipalg on default";
	}
	finding_add(findings, &finding,
		    "%u flows to port %s, %u of them with helper sip",
		    flows->all,
		    setting_text(flows->settings, SIPALG_SETTING_SIP_PORTS,
				 ports),
		    flows->ours);
	if (flows->unchanged)
		finding_add(findings, &(struct finding){
				.level = LEVEL_PROBLEM,
				.name = "unchanged",
				.evidence = "their source addresses in the "
					    "connection tracking table",
				.advice = strcat(flows->renewals, ANEW),
			    }, "%u of them leave with a private address: "
			    "there was no rule for NAT when they began",
			    flows->unchanged);
	if (flows->others)
		finding_add(findings, &(struct finding){
				.level = LEVEL_PROBLEM,
				.name = "helper",
				.advice = "remove the firewall rule that "
					  "assigns it",
			    }, "%u of them with another helper, %s",
			    flows->others, flows->helper);
}

static void check_ports(struct findings *findings, const struct flows *flows)
{
	if (flows->tls)
		finding_add(findings, &(struct finding){
				.level = LEVEL_NOTE,
				.name = "tls",
				.advice = "nothing: no ALG can read TLS, and "
					  "the server has to cope with NAT",
			    }, "%u flows to port %d, which is SIP over TLS",
			    flows->tls, SIPS_PORT);
	if (flows->elsewhere)
		finding_add(findings, &(struct finding){
				.level = LEVEL_NOTE,
				.name = "ports",
				.advice = "if that is SIP: add the port",
				.command = "sipalg settings set sip-ports "
					   "5060,5080",
			    }, "%u flows to port %d, which is not a SIP port",
			    flows->elsewhere, OTHER_PORT);
}

/**
 * check_flows() - do the flows to the SIP ports have the helper?
 * @findings: all findings of the run
 * @outside: the way to the Internet
 * @settings: with the SIP ports
 * @acts: a scope is on or observed
 * @by_rule: the default scope has the mode rule
 */
void check_flows(struct findings *findings, const struct outside *outside,
		 const struct settings *settings, bool acts, bool by_rule)
{
	struct flows flows = {
		.settings = settings,
		.is_public = outside->address.len &&
			     !address_is_private(&outside->address),
	};
	int err = flow_dump(flow_count, &flows);

	if (err) {
		finding_add(findings,
			    &(struct finding){
				    .level = LEVEL_NOTE,
				    .name = "flows",
				    .advice =
					    "be root of this network namespace",
			    },
			    "the connection tracking table cannot be read: %s",
			    strerror(-err));
		return;
	}
	check_helper(findings, &flows, acts, by_rule);
	if (flows.offloaded)
		finding_add(findings, &(struct finding){
				.level = LEVEL_PROBLEM,
				.name = "flowtable",
				.advice = strcat(flows.deletions, ANEW),
			    }, "%u of them are in a flowtable since before "
			    "they were looked at, and pass by",
			    flows.offloaded);
	check_ports(findings, &flows);
}
