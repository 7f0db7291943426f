// SPDX-License-Identifier: GPL-2.0
/*
 * The verb check.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "harness.h"
#include "lab/alg_probe.h"

#define TABLE "{\"nftables\":[{\"metainfo\":{}},{\"table\":{\"family\":\"inet\",\"name\":\"f\"}},"
#define CHAIN(policy) "{\"chain\":{\"family\":\"inet\",\"table\":\"f\",\"name\":\"forward\"," \
	"\"hook\":\"forward\",\"policy\":\"" policy "\"}}"
#define RULE_IN(table, chain, expr) ",{\"rule\":{\"family\":\"inet\",\"table\":\"" table "\"," \
	"\"chain\":\"" chain "\",\"expr\":[" expr "]}}"
#define RULE(expr) RULE_IN("f", "forward", expr)
#define STATE(right) "{\"match\":{\"op\":\"in\",\"left\":{\"ct\":{\"key\":\"state\"}}," \
	"\"right\":" right "}}"
#define ACCEPT "{\"accept\":null}"
#define MASQUERADE RULE_IN("nat", "post", "{\"masquerade\":null}")
#define END "]}"

static const char good_rules[] = TABLE CHAIN("drop")
	RULE(STATE("[\"established\",\"related\"]") "," ACCEPT) MASQUERADE END;

static int setup(void **state)
{
	int err = harness_setup(state);

	fake.ruleset = good_rules;
	fake.outside = "203.0.113.99";
	fake.tracked = 10;
	settings_fill(&fake.settings);
	fake.policies[1] = (struct policy){
		.has = 1U << SIPALG_POLICY_MODE | 1U << SIPALG_POLICY_IFINDEX,
		.scope.dev = "wan", .mode = SIPALG_MODE_ON, .ifindex = 2,
	};
	fake.n_policies = 2;
	return err;
}

static void test_good(void **state)
{
	(void)state;
	fake.flows[fake.n_flows++] = (struct flow){ .original.dst.port = 5060, .helper = "sip" };
	fake.flows[fake.n_flows++] = (struct flow){ .reply.src.port = 5060 };
	fake.flows[fake.n_flows++] = (struct flow){ .helper = "ftp" };
	RUN("check");
	assert_ran(0, "good    the module nf_sipalg is loaded\n"
		   "good    1 scope is on or observed\n"
		   "good    0 calls of at most 131072\n"
		   "good    0 registrations of at most 131072\n"
		   "good    0 bindings of at most 1048576\n"
		   "good    0 bytes of memory of at most 268435456\n"
		   "good    10 flows are tracked of at most 1000\n"
		   "good    2 flows to port 5060, 1 of them with helper sip\n"
		   "good    a rule changes source addresses\n"
		   "good    no firewall rule keeps media out\n"
		   "good    the outside address is 203.0.113.99 of wan\n"
		   "note    whether there is another ALG on the path is not known\n"
		   "        -> sipalg exercise --answer on a host outside; here: sipalg check peer "
		   "ADDRESS\n", "");
}

static void test_json(void **state)
{
	(void)state;
	fake.ruleset = NULL;
	fake.tracked = 0;
	fake.flow_error = -1;
	fake.outside = "10.1.2.3";
	RUN("-j", "check");
	assert_json("[{\"name\":\"module\",\"level\":\"good\","
		    "\"text\":\"the module nf_sipalg is loaded\"},"
		    "{\"name\":\"policy\",\"level\":\"good\",\"text\":\"1 scope is on or observed\"},"
		    "{\"name\":\"calls\",\"level\":\"good\","
		    "\"text\":\"0 calls of at most 131072\"},"
		    "{\"name\":\"registrations\",\"level\":\"good\","
		    "\"text\":\"0 registrations of at most 131072\"},"
		    "{\"name\":\"bindings\",\"level\":\"good\","
		    "\"text\":\"0 bindings of at most 1048576\"},"
		    "{\"name\":\"memory\",\"level\":\"good\","
		    "\"text\":\"0 bytes of memory of at most 268435456\"},"
		    "{\"name\":\"flows\",\"level\":\"note\",\"text\":\"the connection tracking table "
		    "cannot be read: Operation not permitted\","
		    "\"advice\":\"be root of this network namespace\"},"
		    "{\"name\":\"firewall\",\"level\":\"note\",\"text\":\"the firewall's rules are not "
		    "known: there is no nft, or it may not\","
		    "\"advice\":\"see that it accepts ct state established,related\"},"
		    "{\"name\":\"outside\",\"level\":\"note\","
		    "\"text\":\"the outside address, 10.1.2.3 of wan, is a private one\","
		    "\"advice\":\"there is another NAT beyond: that one needs an ALG too, or none of "
		    "both if the provider's server copes with NAT\"},"
		    "{\"name\":\"path\",\"level\":\"note\","
		    "\"text\":\"whether there is another ALG on the path is not known\","
		    "\"advice\":\"sipalg exercise --answer on a host outside; here: "
		    "sipalg check peer ADDRESS\"}]");
}

static void finds(int status, const char *text)
{
	RUN("check");
	assert_contains(ran.out, text);
	assert_string_equal(ran.err, "");
	assert_int_equal(ran.status, status);
}

static void test_module(void **state)
{
	(void)state;
	fake.open_error = -2;
	finds(1, "problem the module nf_sipalg is not loaded\n        -> modprobe nf_sipalg\n");
	fake.modules[0] = "nf_nat_sip";
	finds(1, "problem the kernel's own SIP helper is loaded and keeps this one out\n"
	      "        -> rmmod nf_nat_sip nf_conntrack_sip;");
	fake.open_error = -1;
	RUN("check");
	assert_ran(1, "", "sipalg: netlink: Operation not permitted\n");
}

static void test_policies(void **state)
{
	(void)state;
	fake.policies[1].has = 1U << SIPALG_POLICY_MODE;
	finds(0, "note    dev wan is set, but there is no such device now\n        -> ");
	fake.n_policies = 1;
	finds(0, "note    no scope is on: only flows of a firewall rule");
	fake.policies[0].mode = SIPALG_MODE_OFF;
	finds(0, "note    all is off\n        -> sipalg observe dev IFNAME, then on\n");
	fake.refuse = "Operation not permitted";
	finds(1, "problem the module refuses to tell: Operation not permitted\n");
}

static void test_limits(void **state)
{
	(void)state;
	fake.stats.value[SIPALG_STATS_CALLS_NOW] = 200000;
	fake.stats.value[SIPALG_STATS_REGISTRATIONS_NOW] = 100000;
	finds(0, "good    100000 calls of at most 131072\n"
	      "good    100000 registrations of at most 131072\n");
	fake.stats.value[SIPALG_STATS_REGISTRATIONS_NOW] = 0;
	finds(1, "problem 200000 calls of at most 131072\n        -> find who makes");
	fake.stats.value[SIPALG_STATS_REGISTRATIONS_NOW] = 200000;
	finds(1, "problem 200000 registrations of at most 131072\n        -> find who registers");
	fake.stats.value[SIPALG_STATS_CALLS_NOW] = 0;
	fake.stats.value[SIPALG_STATS_REGISTRATIONS_NOW] = 0;
	fake.stats.value[SIPALG_STATS_BINDINGS_NOW] = 1000000;
	finds(1, "problem 1000000 bindings of at most 1048576\n");
	fake.stats.value[SIPALG_STATS_BINDINGS_NOW] = 8;
	fake.settings.value[SIPALG_SETTING_LIMIT_BINDINGS] = 10;
	finds(1, "problem 8 bindings of at most 10\n");
	fake.stats.value[SIPALG_STATS_BINDINGS_NOW] = 7;
	fake.stats.value[SIPALG_STATS_BYTES_NOW] = 268435456;
	finds(1, "problem 268435456 bytes of memory of at most 268435456\n        -> allow more: ");
	fake.stats.value[SIPALG_STATS_BYTES_NOW] = 0;
	fake.tracked = 800;
	finds(1, "problem 800 flows are tracked of at most 1000\n"
	      "        -> sysctl net.netfilter.nf_conntrack_max\n");
	fake.tracked = 799;
	fake.stats.value[SIPALG_STATS_PASSED_BAD_SDP] = 3;
	fake.stats.value[SIPALG_STATS_CHANGED] = 3;
	finds(0, "note    3: session description not understood\n        -> look at it: ");
	assert_null(strstr(ran.out, "messages changed"));
}

static void test_other_helper(void **state)
{
	(void)state;
	fake.flows[fake.n_flows++] = (struct flow){ .original.dst.port = 5060, .helper = "ftp" };
	finds(1, "problem 1 of them with another helper, ftp\n");
}

static void add_offloaded(uint8_t proto, uint16_t target, uint16_t forwarded_to)
{
	fake.flows[fake.n_flows++] = (struct flow){
		.proto = proto, .original.dst.port = target, .reply.src.port = forwarded_to,
		.offloaded = true,
	};
}

static void test_offloaded(void **state)
{
	(void)state;
	add_offloaded(IPPROTO_UDP, 5060, 5060);
	add_offloaded(IPPROTO_UDP, 4000, 4000);
	finds(1, "problem 1 of them are in a flowtable since before they were looked at, "
		 "and pass by\n"
		 "        -> conntrack -D -p udp --dport 5060, so that they begin anew\n");
}

/* Of the ports that are set, also where a port forward leads to one. */
static void test_offloaded_ports(void **state)
{
	(void)state;
	fake.settings.ports[0] = 506;
	fake.settings.ports[1] = 5070;
	fake.settings.n_ports = 2;
	add_offloaded(IPPROTO_UDP, 5060, 5060);
	add_offloaded(IPPROTO_UDP, 5070, 5070);
	add_offloaded(IPPROTO_UDP, 506, 506);
	add_offloaded(IPPROTO_TCP, 5070, 5070);
	add_offloaded(IPPROTO_UDP, 5070, 4000);
	add_offloaded(IPPROTO_UDP, 4000, 5070);
	finds(1, "problem 5 of them are in a flowtable since before they were looked at, "
		 "and pass by\n"
		 "        -> conntrack -D -p udp --dport 5070, conntrack -D -p udp --dport 506, "
		 "conntrack -D -p tcp --dport 5070, conntrack -D -p udp --dport 4000, "
		 "so that they begin anew\n");
}

/* More than there is room for: what is told is whole. */
static void test_offloaded_many(void **state)
{
	(void)state;
	for (uint16_t port = 10000; port < 10000 + FAKE_MAX; port++)
		add_offloaded(IPPROTO_UDP, port, 5060);
	finds(1, "conntrack -D -p udp --dport 10005, so that they begin anew\n");
}

static void test_ports(void **state)
{
	(void)state;
	fake.flows[fake.n_flows++] = (struct flow){ .original.dst.port = 5060, .helper = "ftp" };
	fake.flows[fake.n_flows++] = (struct flow){ .reply.src.port = 5070, .helper = "sip" };
	fake.settings.ports[0] = 5070;
	fake.settings.ports[1] = 5080;
	fake.settings.n_ports = 2;
	finds(0, "good    1 flows to port 5070,5080, 1 of them with helper sip\n");
}

static struct {
	int err;
	struct alg_probe found;
} way;

int __wrap_alg_probe_check(const char *dev, const char *peer, int wait, struct alg_probe *found);

int __wrap_alg_probe_check(const char *dev, const char *peer, int wait, struct alg_probe *found)
{
	assert_string_equal(dev, "wan");
	assert_string_equal(peer, "2001:db8::1");
	assert_true(wait > 0);
	*found = way.found;
	return way.err;
}

static void finds_way(int status, int err, struct alg_probe found, const char *text)
{
	way.err = err;
	way.found = found;
	RUN("check", "peer", "2001:db8::1");
	assert_contains(ran.out, text);
	assert_int_equal(ran.status, status);
}

static void test_path(void **state)
{
	(void)state;
	finds_way(1, 0, (struct alg_probe){}, "problem 2001:db8::1 does not answer\n        -> ");
	finds_way(1, -1, (struct alg_probe){ .answered = 1 },
		  "problem 2001:db8::1 does not answer\n");
	finds_way(0, 0, (struct alg_probe){ .answered = 6 },
		  "good    no other ALG between wan and 2001:db8::1\n");
	finds_way(0, 0, (struct alg_probe){ .answered = 6, .nat = true },
		  "good    no other ALG between wan and 2001:db8::1, though another NAT\n");
	finds_way(0, 0, (struct alg_probe){ .answered = 6, .alg = true },
		  "note    another ALG, between wan and 2001:db8::1, changes messages\n");
	finds_way(1, 0, (struct alg_probe){ .answered = 5, .broken = 1 },
		  "problem another ALG, between wan and 2001:db8::1, breaks messages\n");
}

static void finds_rules(int status, const char *ruleset, const char *text)
{
	fake.ruleset = ruleset;
	finds(status, text);
}

static const char keeps_out[] = "problem chain forward of table f drops media";
static const char lets_in[] = "good    no firewall rule keeps media out\n";

static void test_firewall(void **state)
{
	(void)state;
	finds_rules(0, TABLE CHAIN("accept") END, lets_in);
	finds_rules(0, TABLE CHAIN("accept") END, "note    no rule changes source addresses");
	finds_rules(1, TABLE CHAIN("drop") END, keeps_out);
	/* Of another table, of another state, or not accepted. */
	finds_rules(1, TABLE CHAIN("drop") RULE_IN("g", "c", STATE("\"related\"") "," ACCEPT) END,
		    keeps_out);
	finds_rules(1, TABLE CHAIN("drop") RULE(STATE("\"established\"") "," ACCEPT) END,
		    keeps_out);
	finds_rules(1, TABLE CHAIN("drop") RULE(STATE("\"related\"") ",{\"drop\":null}") END,
		    keeps_out);
	finds_rules(1, TABLE CHAIN("accept") RULE("{\"reject\":null}") END, keeps_out);
	/* In a chain that belongs to another hook. */
	finds_rules(1, TABLE CHAIN("drop") ",{\"chain\":{\"family\":\"inet\",\"table\":\"f\","
		    "\"name\":\"input\",\"hook\":\"input\",\"policy\":\"drop\"}}"
		    RULE_IN("f", "input", STATE("\"related\"") "," ACCEPT) END, keeps_out);
	/* By a chain that is jumped to, or by a map. */
	finds_rules(0, TABLE CHAIN("drop") RULE_IN("f", "in", STATE("\"related\"") "," ACCEPT) END,
		    lets_in);
	finds_rules(0, TABLE CHAIN("drop") RULE("{\"vmap\":{\"key\":{\"ct\":{\"key\":\"state\"}},"
		    "\"data\":{\"set\":[[\"related\"," ACCEPT "]]}}}") END, lets_in);
	finds_rules(0, TABLE CHAIN("accept") RULE(STATE("\"new\"") ",{\"drop\":null}") END,
		    lets_in);
	finds_rules(0, "{\"nftables\":[{\"chain\":3},{\"rule\":{}},7]}", lets_in);
}

static void test_outside(void **state)
{
	static const char *const private[] = {
		"10.0.0.1", "172.16.0.1", "172.31.255.1", "192.168.0.1", "100.64.0.1",
		"100.127.0.1", "169.254.0.1",
	}, *const public[] = {
		"11.0.0.1", "172.15.0.1", "172.32.0.1", "192.169.0.1", "100.63.0.1", "100.128.0.1",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(private) / sizeof(*private); i++) {
		fake.outside = private[i];
		finds(0, "is a private one\n        -> there is another NAT beyond");
	}
	for (size_t i = 0; i < sizeof(public) / sizeof(*public); i++) {
		fake.outside = public[i];
		finds(0, "good    the outside address is ");
	}
	fake.outside = NULL;
	finds(0, "note    no IPv4 default route with an address\n");
}

static void test_wrong(void **state)
{
	(void)state;
	RUN("check", "all");
	assert_refused(2, "sipalg: unexpected word 'all'");
	RUN("check", "peer");
	assert_refused(2, "sipalg: the address of the peer is missing");
	RUN("check", "peer", "example.com");
	assert_refused(2, "sipalg: 'example.com' is not an IP address");
	RUN("check", "peer", "203.0.113.1", "now");
	assert_refused(2, "sipalg: unexpected word 'now'");
	RUN("-n", "nowhere", "check");
	assert_refused(1, "sipalg: there is no network namespace 'nowhere'");
}

#define CHECK(function) \
	cmocka_unit_test_setup_teardown(function, setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CHECK(test_good), CHECK(test_json), CHECK(test_module), CHECK(test_policies),
		CHECK(test_limits), CHECK(test_other_helper), CHECK(test_offloaded),
		CHECK(test_offloaded_ports), CHECK(test_offloaded_many),
		CHECK(test_ports), CHECK(test_path), CHECK(test_firewall), CHECK(test_outside),
		CHECK(test_wrong),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("check", tests, NULL, NULL);
}
