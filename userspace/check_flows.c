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

#define COMMANDS_LEN 320
#define ANEW "so that they begin anew"
/*
 * Conntrack would pick a TCP connection up in the middle, where the module does
 * not join it, and perhaps with another outside port.
 */
#define RECONNECT "restart the phones that use TCP, or have them connect anew"

/**
 * struct remedy - how to have flows begin anew
 * @commands: they remove the UDP flows from conntrack, each with a comma behind
 * @tcp: there are TCP connections, too
 */
struct remedy {
	char commands[COMMANDS_LEN];
	bool tcp;
};

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
 * @for_all: how to have all of them begin anew
 * @for_offloaded: how to have those in a flowtable begin anew
 * @for_unchanged: how to have @unchanged begin anew
 */
struct flows {
	const struct settings *settings;
	unsigned int all, ours, others, offloaded, tls, elsewhere, unchanged;
	bool is_public;
	char helper[FLOW_HELPER_LEN];
	struct remedy for_all, for_offloaded, for_unchanged;
};

static bool is_sip_port(const struct settings *settings, uint16_t port)
{
	for (size_t i = 0; i < settings->n_ports; i++)
		if (settings->ports[i] == port)
			return true;
	return false;
}

/* A command for each port, as many as there is room for. */
static void remedy_add(struct remedy *remedy, const struct flow *flow)
{
	size_t len = strlen(remedy->commands);
	char command[64];

	if (flow->proto == IPPROTO_TCP) {
		remedy->tcp = true;
		return;
	}
	snprintf(command, sizeof(command), "conntrack -D -p udp --dport %u, ",
		 flow->original.dst.port);
	if (!strstr(remedy->commands, command) &&
	    len + strlen(command) + sizeof(ANEW "; " RECONNECT) <= COMMANDS_LEN)
		strcpy(remedy->commands + len, command);
}

/* To be called once for a remedy. */
static const char *remedy_text(struct remedy *remedy)
{
	if (!*remedy->commands)
		return RECONNECT;
	return strcat(remedy->commands,
		      remedy->tcp ? ANEW "; " RECONNECT : ANEW);
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

	/* A rule may assign the helper to flows to any port. */
	if (strcmp(flow->helper, "sip") &&
	    !is_sip_port(flows->settings, flow->original.dst.port) &&
	    !is_sip_port(flows->settings, flow->reply.src.port)) {
		flows->tls += flow->original.dst.port == SIPS_PORT;
		flows->elsewhere += flow->original.dst.port == OTHER_PORT;
		return 0;
	}
	/* Those of this machine itself need no ALG. */
	if (sysinfo_is_own(&flow->original.src.address))
		return 0;
	flows->all++;
	remedy_add(&flows->for_all, flow);
	if (flow->offloaded) {
		flows->offloaded++;
		remedy_add(&flows->for_offloaded, flow);
	}
	if (!strcmp(flow->helper, "sip")) {
		flows->ours++;
		if (flows->is_public && is_unchanged(flow)) {
			flows->unchanged++;
			remedy_add(&flows->for_unchanged, flow);
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
		finding.advice = acts ? remedy_text(&flows->for_all) :
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
				.advice = remedy_text(&flows->for_unchanged),
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
				.advice = remedy_text(&flows.for_offloaded),
			    }, "%u of them are in a flowtable since before "
			    "they were looked at, and pass by",
			    flows.offloaded);
	check_ports(findings, &flows);
}
