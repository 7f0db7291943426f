// SPDX-License-Identifier: GPL-2.0
/*
 * The verb check.
 */
#include <jansson.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "harness.h"
#include "lab/alg_probe.h"
#include "version.h"

#define TABLE "{\"nftables\":[{\"metainfo\":{}},{\"table\":{\"family\":\"inet\",\"name\":\"f\"}},"
#define CHAIN_ALONE(policy) "{\"chain\":{\"family\":\"inet\",\"table\":\"f\",\"name\":\"forward\"," \
	"\"hook\":\"forward\",\"policy\":\"" policy "\"}}"
#define RULE_IN(table, chain, expr) ",{\"rule\":{\"family\":\"inet\",\"table\":\"" table "\"," \
	"\"chain\":\"" chain "\",\"expr\":[" expr "]}}"
#define RULE(expr) RULE_IN("f", "forward", expr)
#define STATE(right) "{\"match\":{\"op\":\"in\",\"left\":{\"ct\":{\"key\":\"state\"}}," \
	"\"right\":" right "}}"
#define ACCEPT "{\"accept\":null}"
#define NAT_CHAIN ",{\"chain\":{\"family\":\"inet\",\"table\":\"nat\",\"name\":\"post\"," \
	"\"type\":\"nat\",\"hook\":\"postrouting\",\"policy\":\"accept\"}}"
#define MATCH(left, right) "{\"match\":{\"op\":\"==\",\"left\":" left ",\"right\":" right "}},"
#define META(key) "{\"meta\":{\"key\":\"" key "\"}}"
#define PAYLOAD(protocol, field) "{\"payload\":{\"protocol\":\"" protocol "\"," \
	"\"field\":\"" field "\"}}"
#define DROP "{\"drop\":null}"
#define JUMP(chain) "{\"jump\":{\"target\":\"" chain "\"}}"
#define OTHER_CHAIN(table, name) ",{\"chain\":{\"family\":\"inet\",\"table\":\"" table "\"," \
	"\"name\":\"" name "\"}}"
#define MASQUERADE NAT_CHAIN RULE_IN("nat", "post", "{\"masquerade\":null}")
#define END "]}"

/* Phones may call out. */
#define CHAIN(policy) CHAIN_ALONE(policy) RULE(MATCH(META("oifname"), "\"wan\"") ACCEPT)

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
	finds(1, "problem 200000 calls of at most 131072\n        -> find who makes them\n"
	      "        # sipalg call show brief kind call\n");
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
	      "        -> allow more: without room no new call gets through\n"
	      "        # sysctl -w net.netfilter.nf_conntrack_max=2000\n");
	fake.tracked = 799;
	fake.stats.value[SIPALG_STATS_PASSED_BAD_SDP] = 3;
	fake.stats.value[SIPALG_STATS_CHANGED] = 3;
	finds(0, "note    3: session description not understood\n        -> look at it: ");
	assert_null(strstr(ran.out, "messages changed"));
}

/* What the module has counted. */
static void test_counted(void **state)
{
	(void)state;
	fake.stats.value[STATS_CALLS_MUTE] = 2;
	fake.stats.value[SIPALG_STATS_FRAGMENTED] = 5;
	finds(0, "note    2 calls have a stream that one side alone sends\n"
	      "        by packets of each side, since the call began\n");
	assert_contains(ran.out, "        # sipalg call show brief mute\n");
	assert_contains(ran.out, "note    5: messages in datagrams that leave in fragments: longer "
			"than the MTU\n        -> fragments are lost");
}

static void test_kernels(void **state)
{
	(void)state;
	fake.kernel_without = "6.12.1-amd64";
	finds(0, "note    kernel 6.12.1-amd64 has no module nf_sipalg, though another kernel has\n"
	      "        by modules.dep of the installed kernels\n"
	      "        -> make it before that kernel is booted\n"
	      "        # dkms autoinstall -k 6.12.1-amd64\n");
}

static struct endpoint address_of(const char *text, uint16_t port)
{
	struct endpoint endpoint = { .port = port };

	assert_true(address_parse(&endpoint.address, text));
	return endpoint;
}

static void add_helped(const char *source, const char *target, const char *seen)
{
	fake.flows[fake.n_flows++] = (struct flow){
		.proto = IPPROTO_UDP, .helper = "sip",
		.original = { address_of(source, 5060), address_of(target, 5060) },
		.reply = { address_of(target, 5060), address_of(seen, 5060) },
	};
}

static void test_unchanged(void **state)
{
	(void)state;
	add_helped("192.168.1.2", "203.0.113.10", "203.0.113.99");
	add_helped("192.168.1.2", "192.168.2.1", "192.168.1.2");
	add_helped("198.51.100.7", "203.0.113.10", "198.51.100.7");
	RUN("check");
	assert_null(strstr(ran.out, "leave with a private"));
	add_helped("192.168.1.3", "203.0.113.10", "192.168.1.3");
	finds(1, "problem 1 of them leave with a private address: there was no rule for NAT when "
	      "they began\n        by their source addresses in the connection tracking table\n"
	      "        -> conntrack -D -p udp --dport 5060, so that they begin anew\n");
	fake.outside = "10.1.2.3";
	RUN("check");
	assert_null(strstr(ran.out, "leave with a private"));
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
		 "conntrack -D -p udp --dport 4000, so that they begin anew; "
		 "restart the phones that use TCP, or have them connect anew\n");
}

/* Conntrack would pick the connection up in the middle: that helps nobody. */
static void test_offloaded_tcp(void **state)
{
	(void)state;
	add_offloaded(IPPROTO_TCP, 5060, 5060);
	finds(1, "and pass by\n"
	      "        -> restart the phones that use TCP, or have them connect anew\n");
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

int __wrap_alg_probe_check(const struct alg_path *path, int wait, struct alg_probe *found);

int __wrap_alg_probe_check(const struct alg_path *path, int wait, struct alg_probe *found)
{
	assert_string_equal(path->dev, "wan");
	assert_string_equal(path->peer, "2001:db8::1");
	assert_int_equal(path->port, 5060);
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
	finds_rules(0, TABLE CHAIN("drop") OTHER_CHAIN("f", "in") RULE(JUMP("in"))
		    RULE_IN("f", "in", STATE("\"related\"") "," ACCEPT) END, lets_in);
	finds_rules(1, TABLE CHAIN("drop") OTHER_CHAIN("f", "in")
		    RULE_IN("f", "in", STATE("\"related\"") "," ACCEPT) END, keeps_out);
	finds_rules(0, TABLE CHAIN("drop") RULE("{\"vmap\":{\"key\":{\"ct\":{\"key\":\"state\"}},"
		    "\"data\":{\"set\":[[\"related\"," ACCEPT "]]}}}") END, lets_in);
	finds_rules(0, TABLE CHAIN("accept") RULE(STATE("\"new\"") ",{\"drop\":null}") END,
		    lets_in);
	finds_rules(0, "{\"nftables\":[{\"chain\":3},{\"rule\":{}},7]}", lets_in);
}

static const char by_rule[] = "problem chain forward of table f drops media\n"
	"        by the way of a packet through the rules: IPv4, udp, ct state related, from wan\n"
	"        -> accept related packets before this rule\n"
	"        # nft insert rule inet f forward ct state established,related accept\n";

#define RELATED_ACCEPT RULE(STATE("[\"established\",\"related\"]") "," ACCEPT)

static void test_order(void **state)
{
	(void)state;
	/* Before the rule that accepts, or behind it. */
	finds_rules(1, TABLE CHAIN("drop") RULE(STATE("\"related\"") "," DROP) RELATED_ACCEPT
		    MASQUERADE END, by_rule);
	finds_rules(0, TABLE CHAIN("drop") RELATED_ACCEPT RULE(STATE("\"related\"") "," DROP)
		    MASQUERADE END, lets_in);
	/* In a chain that is jumped to. */
	finds_rules(1, TABLE CHAIN("accept") OTHER_CHAIN("f", "no") RULE(JUMP("no"))
		    RULE_IN("f", "no", DROP) RELATED_ACCEPT MASQUERADE END,
		    "problem chain no of table f drops media\n");
	finds_rules(0, TABLE CHAIN("accept") OTHER_CHAIN("f", "no")
		    RULE(MATCH(META("iifname"), "\"lan\"") JUMP("no"))
		    RULE_IN("f", "no", DROP) MASQUERADE END, lets_in);
	finds_rules(0, TABLE CHAIN("accept") OTHER_CHAIN("f", "no") RULE(JUMP("no"))
		    RULE_IN("f", "no", "{\"return\":null}") RULE_IN("f", "no", DROP)
		    MASQUERADE END, lets_in);
	/* It says which rule. */
	finds_rules(1, TABLE CHAIN("accept") ",{\"rule\":{\"family\":\"inet\",\"table\":\"f\","
		    "\"chain\":\"forward\",\"handle\":17,\"expr\":[" DROP "]}}" MASQUERADE END,
		    "problem chain forward of table f, rule with handle 17 drops media\n");
}

static void test_protocol(void **state)
{
	(void)state;
	finds_rules(1, TABLE CHAIN("drop") RULE(MATCH(META("l4proto"), "\"tcp\"")
		    STATE("\"related\"") "," ACCEPT) MASQUERADE END, keeps_out);
	finds_rules(0, TABLE CHAIN("drop") RULE(MATCH(META("l4proto"), "{\"set\":[6,17]}")
		    STATE("\"related\"") "," ACCEPT) MASQUERADE END, lets_in);
	finds_rules(1, TABLE CHAIN("drop") RULE(MATCH(PAYLOAD("tcp", "dport"),
		    "{\"range\":[1,65535]}") ACCEPT) MASQUERADE END, keeps_out);
	/* Any port may be that of the media. */
	finds_rules(0, TABLE CHAIN("drop") RULE(MATCH(PAYLOAD("udp", "dport"),
		    "{\"range\":[10000,20000]}") ACCEPT) MASQUERADE END, lets_in);
	finds_rules(1, TABLE CHAIN("drop") RULE(MATCH(PAYLOAD("ip6", "saddr"), "\"::1\"") ACCEPT)
		    MASQUERADE END, keeps_out);
	finds_rules(1, TABLE CHAIN("drop") RULE(MATCH(PAYLOAD("icmp", "type"), "8") ACCEPT)
		    MASQUERADE END, keeps_out);
	finds_rules(0, TABLE CHAIN("drop") RULE(MATCH(PAYLOAD("ip", "saddr"), "\"198.51.100.1\"")
		    ACCEPT) MASQUERADE END, lets_in);
}

static void test_second_table(void **state)
{
	static const char second[] = ",{\"chain\":{\"family\":\"inet\",\"table\":\"g\","
		"\"name\":\"late\",\"hook\":\"forward\",\"prio\":10,\"policy\":\"accept\"}}";
	char rules[2048];

	(void)state;
	snprintf(rules, sizeof(rules), "%s%s%s%s%s", TABLE CHAIN("drop") RELATED_ACCEPT, second,
		 RULE_IN("g", "late", MATCH(META("iifname"), "\"wan\"") DROP), MASQUERADE, END);
	finds_rules(1, rules, "problem chain late of table g drops media\n");
	snprintf(rules, sizeof(rules), "%s%s%s%s%s", TABLE CHAIN("drop") RELATED_ACCEPT, second,
		 RULE_IN("g", "late", MATCH(META("iifname"), "\"lan\"") DROP), MASQUERADE, END);
	finds_rules(0, rules, lets_in);
	snprintf(rules, sizeof(rules), "%s%s%s%s%s", TABLE CHAIN("drop") RELATED_ACCEPT, second,
		 RULE_IN("g", "late", MATCH(META("oifname"), "\"w*\"") DROP), MASQUERADE, END);
	/* Calls out do not pass, but that is another problem. */
	finds_rules(1, rules, lets_in);
	snprintf(rules, sizeof(rules), "%s%s%s%s%s", TABLE CHAIN("drop") RELATED_ACCEPT, second,
		 RULE_IN("g", "late", MATCH(META("iifname"), "\"w*\"") DROP), MASQUERADE, END);
	finds_rules(1, rules, "problem chain late of table g drops media\n");
}

/* Names of devices in a set, and a map of them. */
static void test_sets(void **state)
{
	static const char set[] = ",{\"set\":{\"family\":\"inet\",\"table\":\"f\","
		"\"name\":\"bad\",\"type\":\"ifname\",\"elem\":[\"ppp0\",\"wan\"]}}";
	static const char map[] = ",{\"map\":{\"family\":\"inet\",\"table\":\"f\","
		"\"name\":\"by\",\"type\":\"ifname\",\"map\":\"verdict\","
		"\"elem\":[[\"lan\"," ACCEPT "],[\"wan\"," DROP "]]}}";
	char rules[2048];

	(void)state;
	snprintf(rules, sizeof(rules), "%s%s%s%s%s", TABLE CHAIN("accept"), set,
		 RULE(MATCH(META("iifname"), "\"@bad\"") DROP), MASQUERADE, END);
	finds_rules(1, rules, "problem chain forward of table f drops media\n");
	snprintf(rules, sizeof(rules), "%s%s%s%s%s", TABLE CHAIN("accept"), set,
		 RULE(MATCH(META("iifname"), "\"@good\"") DROP), MASQUERADE, END);
	finds_rules(0, rules, lets_in);
	snprintf(rules, sizeof(rules), "%s%s%s%s%s", TABLE CHAIN("accept"), map,
		 RULE("{\"vmap\":{\"key\":" META("iifname") ",\"data\":\"@by\"}}"), MASQUERADE,
		 END);
	finds_rules(1, rules, "problem chain forward of table f drops media\n");
}

static void test_ipv6(void **state)
{
	static const char rules[] = TABLE "{\"chain\":{\"family\":\"ip6\",\"table\":\"six\","
		"\"name\":\"forward\",\"hook\":\"forward\",\"policy\":\"drop\"}}"
		MASQUERADE END;

	(void)state;
	finds_rules(0, rules, lets_in);
	fake.ipv6 = true;
	finds_rules(1, rules, "problem chain forward of table six drops media");
	assert_contains(ran.out, "IPv6, udp, ct state related, from wan\n");
}

static void test_nat(void **state)
{
	(void)state;
	finds_rules(1, TABLE CHAIN("accept") NAT_CHAIN RULE_IN("nat", "post",
		    MATCH(META("l4proto"), "\"tcp\"") "{\"masquerade\":null}") END,
		    "problem the rules change source addresses of TCP alone\n");
	finds_rules(0, TABLE CHAIN("accept") NAT_CHAIN RULE_IN("nat", "post",
		    MATCH(META("oifname"), "\"wan\"") "{\"masquerade\":null}") END,
		    "good    a rule changes source addresses\n");
	fake.needs_nat = true;
	finds_rules(1, TABLE CHAIN("accept") NAT_CHAIN RULE_IN("nat", "post",
		    MATCH(META("oifname"), "\"lan\"") "{\"masquerade\":null}") END,
		    "problem no rule changes source addresses of SIP and media\n"
		    "        by inside addresses are private, the outside address is not\n");
}

static void test_signalling(void **state)
{
	(void)state;
	finds_rules(1, TABLE CHAIN_ALONE("drop") RELATED_ACCEPT RULE(MATCH(PAYLOAD("tcp", "dport"), "5060")
		    ACCEPT) MASQUERADE END,
		    "problem chain forward of table f drops calls to port 5060 by UDP\n");
	finds_rules(0, TABLE CHAIN_ALONE("drop") RELATED_ACCEPT RULE(MATCH(PAYLOAD("th", "dport"), "5060")
		    ACCEPT) MASQUERADE END, lets_in);
}

static void test_notrack(void **state)
{
	static const char raw[] = ",{\"chain\":{\"family\":\"inet\",\"table\":\"raw\","
		"\"name\":\"pre\",\"hook\":\"prerouting\",\"prio\":-300}}";
	char rules[2048];

	(void)state;
	snprintf(rules, sizeof(rules), "%s%s%s%s%s", TABLE CHAIN("accept"), raw,
		 RULE_IN("raw", "pre", MATCH(PAYLOAD("udp", "dport"), "5060")
			 "{\"notrack\":null}"), MASQUERADE, END);
	finds_rules(1, rules, "problem chain pre of table raw keeps UDP port 5060 from "
		    "connection tracking\n");
	snprintf(rules, sizeof(rules), "%s%s%s%s%s", TABLE CHAIN("accept"), raw,
		 RULE_IN("raw", "pre", MATCH(PAYLOAD("udp", "sport"), "5060")
			 "{\"notrack\":null}"), MASQUERADE, END);
	finds_rules(1, rules, "keeps UDP port 5060 from connection tracking\n");
	snprintf(rules, sizeof(rules), "%s%s%s%s%s", TABLE CHAIN("accept"), raw,
		 RULE_IN("raw", "pre", MATCH(PAYLOAD("udp", "dport"), "53")
			 "{\"notrack\":null}")
		 RULE_IN("raw", "pre", MATCH(PAYLOAD("ip", "saddr"), "\"10.0.0.1\"")
			 "{\"notrack\":null}"), MASQUERADE, END);
	finds_rules(0, rules, lets_in);
}

/* Before the hook forward, media begins a flow: it is not related yet. */
static void test_prerouting(void **state)
{
#define PREROUTING(priority) ",{\"chain\":{\"family\":\"ip\",\"table\":\"early\"," \
	"\"name\":\"pre\",\"hook\":\"prerouting\",\"prio\":" priority "}}"
#define EARLY_RULE(expr) ",{\"rule\":{\"family\":\"ip\",\"table\":\"early\"," \
	"\"chain\":\"pre\",\"expr\":[" expr "]}}"
	static const char early[] = "problem chain pre of table early drops media\n";

	(void)state;
	finds_rules(1, TABLE CHAIN("accept") PREROUTING("-150") EARLY_RULE(MATCH(META("iifname"),
		    "\"wan\"") STATE("\"new\"") "," DROP) MASQUERADE END, early);
	assert_null(strstr(ran.out, "# nft insert"));
	finds_rules(0, TABLE CHAIN("accept") PREROUTING("-300") EARLY_RULE(STATE("\"new\"") "," DROP)
		    MASQUERADE END, lets_in);
	finds_rules(0, TABLE CHAIN("accept") PREROUTING("-50") EARLY_RULE(MATCH(META("iifname"),
		    "\"wan\"") STATE("\"new\"") "," DROP) MASQUERADE END, lets_in);
	finds_rules(1, TABLE CHAIN("accept") PREROUTING("-300") EARLY_RULE(STATE("\"invalid\"") ","
		    DROP) MASQUERADE END, early);
}

/* Only the helper's own media is related by it. */
static void test_helper_of_media(void **state)
{
#define HELPER(name) MATCH("{\"ct\":{\"key\":\"helper\"}}", "\"" name "\"")

	(void)state;
	finds_rules(1, TABLE CHAIN("drop") RULE(HELPER("ftp") STATE("\"related\"") "," ACCEPT)
		    MASQUERADE END, keeps_out);
	finds_rules(0, TABLE CHAIN("drop") RULE(HELPER("sip") STATE("\"related\"") "," ACCEPT)
		    MASQUERADE END, lets_in);
}

/* A rule that acts now and then, or has a program decide, does not drop for certain. */
static void test_uncertain(void **state)
{
	(void)state;
	finds_rules(0, TABLE CHAIN("accept") RULE("{\"limit\":{\"rate\":10,\"inv\":true}}," DROP)
		    MASQUERADE END, lets_in);
	finds_rules(0, TABLE CHAIN("accept") RULE("{\"ct count\":{\"val\":3,\"inv\":true}}," DROP)
		    MASQUERADE END, lets_in);
	finds_rules(0, TABLE CHAIN("drop") RULE("{\"queue\":{\"num\":1}}") MASQUERADE END, lets_in);
}

static void test_dormant(void **state)
{
#define SLEEPING(flags) "{\"nftables\":[{\"table\":{\"family\":\"inet\",\"name\":\"f\"," \
	"\"flags\":" flags "}}," CHAIN_ALONE("drop") MASQUERADE END

	(void)state;
	finds_rules(0, SLEEPING("\"dormant\""), lets_in);
	finds_rules(0, SLEEPING("[\"owner\",\"dormant\"]"), lets_in);
	finds_rules(1, SLEEPING("\"owner\""), keeps_out);
}

static void test_media_ports(void **state)
{
	(void)state;
	finds_rules(0, TABLE CHAIN("drop") RULE(MATCH(PAYLOAD("udp", "dport"),
		    "{\"range\":[10000,20000]}") ACCEPT) MASQUERADE END,
		    "note    chain forward of table f drops media to some ports, as 1024\n");
	finds_rules(0, TABLE CHAIN("accept") RULE(MATCH(PAYLOAD("udp", "dport"),
		    "{\"range\":[16000,17000]}") DROP) MASQUERADE END, "media to some ports, as 16384\n");
	fake.ruleset = good_rules;
	RUN("check");
	assert_null(strstr(ran.out, "some ports"));
}

#define SADDR(right) MATCH(PAYLOAD("ip", "saddr"), right)
#define PREFIX(address, len) "{\"prefix\":{\"addr\":\"" address "\",\"len\":" len "}}"
#define NAT_OF(right) TABLE CHAIN("accept") NAT_CHAIN \
	RULE_IN("nat", "post", SADDR(right) "{\"masquerade\":null}") END

/* Of some networks alone. */
static void test_nat_networks(void **state)
{
	static const char none[] =
		"problem no rule changes source addresses of SIP and media\n";
	static const char has[] = "good    a rule changes source addresses\n";

	(void)state;
	fake.needs_nat = true;
	fake.inside[0] = "192.168.1.0/24";
	finds_rules(1, NAT_OF(PREFIX("10.0.0.0", "8")), none);
	finds_rules(0, NAT_OF(PREFIX("192.168.0.0", "16")), has);
	finds_rules(0, NAT_OF(PREFIX("192.168.1.0", "24")), has);
	/* Of some of its hosts: who knows. */
	finds_rules(0, NAT_OF(PREFIX("192.168.1.128", "25")), has);
	finds_rules(0, NAT_OF("\"192.168.1.2\""), has);
	finds_rules(1, NAT_OF("\"192.168.2.2\""), none);
	finds_rules(0, NAT_OF("{\"set\":[\"10.0.0.1\"," PREFIX("192.168.1.0", "24") "]}"), has);
	finds_rules(0, NAT_OF("{\"range\":[\"192.168.0.0\",\"192.168.1.7\"]}"), has);
	finds_rules(1, NAT_OF("{\"range\":[\"192.168.2.0\",\"192.168.2.7\"]}"), none);
	assert_null(strstr(ran.out, "behind lan"));
	fake.inside[1] = "10.1.0.0/16";
	finds_rules(0, NAT_OF(PREFIX("10.0.0.0", "8")),
		    "note    no rule changes source addresses of 192.168.1.0/24, behind lan0\n");
	assert_contains(ran.out, has);
}

#define DEV(key, dev) MATCH(META(key), "\"" dev "\"")
/* As the rules of containers: what their bridge gets is accepted, nothing else is. */
#define ONE_OF_TWO(calls) TABLE CHAIN_ALONE("drop") \
	RULE(DEV("oifname", "lan1") STATE("[\"established\",\"related\"]") "," ACCEPT) \
	RULE(DEV("iifname", "lan1") ACCEPT) calls MASQUERADE END

/* Rules say what they do by the device or network inside. */
static void test_inside(void **state)
{
	(void)state;
	fake.inside[0] = "192.168.1.0/24";
	fake.inside[1] = "172.17.0.0/16";
	finds_rules(1, ONE_OF_TWO(RULE(DEV("iifname", "lan0") ACCEPT)),
		    "problem chain forward of table f drops media of lan0: nothing there accepts "
		    "what is related\n");
	/* Where nobody may call, no media is missing. */
	finds_rules(0, ONE_OF_TWO(""),
		    "note    chain forward of table f drops calls of lan0 to port 5060 by UDP\n");
	assert_contains(ran.out, "good    no firewall rule keeps media out\n");
	finds_rules(1, TABLE CHAIN_ALONE("accept") RULE(MATCH(PAYLOAD("ip", "daddr"),
		    PREFIX("192.168.1.0", "24")) DROP) MASQUERADE END,
		    "problem chain forward of table f drops media of lan0\n");
	finds_rules(1, TABLE CHAIN("accept") PREROUTING("-300") EARLY_RULE(
		    DEV("iifname", "lan1") "{\"notrack\":null}") MASQUERADE END,
		    "problem chain pre of table early keeps UDP port 5060 of lan1 from connection");
	finds_rules(1, TABLE CHAIN("accept") PREROUTING("-300") EARLY_RULE(MATCH(
		    PAYLOAD("ip", "saddr"), PREFIX("192.168.0.0", "16")) "{\"notrack\":null}")
		    MASQUERADE END,
		    "problem chain pre of table early keeps UDP port 5060 of lan0 from connection");
	finds_rules(0, TABLE CHAIN("accept") PREROUTING("-300") EARLY_RULE(
		    DEV("iifname", "lan7") "{\"notrack\":null}") MASQUERADE END,
		    "good    no firewall rule keeps media out\n");
}

#define INGRESS(devs) ",{\"chain\":{\"family\":\"netdev\",\"table\":\"early\",\"name\":\"in\"," \
	"\"type\":\"filter\",\"hook\":\"ingress\",\"prio\":0,\"policy\":\"accept\",\"dev\":" devs "}}"
#define INGRESS_DROP(devs) TABLE CHAIN("accept") MASQUERADE INGRESS(devs) \
	",{\"rule\":{\"family\":\"netdev\",\"table\":\"early\",\"chain\":\"in\",\"expr\":[" \
	MATCH(PAYLOAD("udp", "dport"), "{\"range\":[1024,65535]}") DROP "]}}" END

/* A chain at the device itself, before the connection tracking. */
static void test_ingress(void **state)
{
	(void)state;
	finds_rules(1, TABLE CHAIN("accept") MASQUERADE INGRESS("\"wan\"")
		    ",{\"rule\":{\"family\":\"netdev\",\"table\":\"early\",\"chain\":\"in\",\"expr\":["
		    MATCH(META("l4proto"), "\"udp\"") DROP "]}}" END,
		    "problem chain in of table early drops media\n");
	finds_rules(0, INGRESS_DROP("[\"ppp0\",\"wan\"]"),
		    "note    chain in of table early drops media to some ports, as 1024\n");
	finds_rules(0, INGRESS_DROP("\"ppp0\""), "good    no firewall rule keeps media out\n");
}

/* The default route of IPv6 may lead out by a device of its own. */
static void test_ipv6_device(void **state)
{
	(void)state;
	fake.ipv6 = true;
	finds_rules(0, TABLE CHAIN_ALONE("drop") RELATED_ACCEPT RULE(DEV("oifname", "wan") ACCEPT)
		    MASQUERADE END, "good    no firewall rule keeps media out\n");
	fake.outside6 = "tun6";
	finds_rules(1, TABLE CHAIN_ALONE("drop") RELATED_ACCEPT RULE(DEV("oifname", "wan") ACCEPT)
		    MASQUERADE END,
		    "problem chain forward of table f drops calls to port 5060 by UDP and IPv6\n");
}

/* The device that a rule names by its number has gone. */
static void test_stale_device(void **state)
{
	(void)state;
	finds_rules(0, TABLE CHAIN("accept") NAT_CHAIN RULE_IN("nat", "post",
		    MATCH(META("oif"), "17") "{\"masquerade\":null}") END,
		    "note    no rule changes source addresses: ");
}

/* Rules for routing lead phones out by another device than the default route. */
static void test_other_way(void **state)
{
	static const char rules[] = TABLE CHAIN_ALONE("accept") NAT_CHAIN RULE_IN("nat", "post",
		DEV("oifname", "wan") "{\"masquerade\":null}") END;

	(void)state;
	fake.inside[0] = "192.168.1.0/24";
	finds_rules(0, rules, "good    a rule changes source addresses\n");
	fake.inside_out = "wan2";
	fake.needs_nat = true;
	finds_rules(1, rules, "problem no rule changes source addresses of SIP and media\n");
	assert_contains(ran.out, "problem a scope is on, but not for what leaves by wan2\n");
	assert_contains(ran.out, "        # sipalg on dev wan2\n");
}

static struct policy *add_policy(const char *dev, unsigned int mode, int ifindex)
{
	struct policy *policy = &fake.policies[fake.n_policies++];

	*policy = (struct policy){
		.has = 1U << SIPALG_POLICY_MODE | (ifindex ? 1U << SIPALG_POLICY_IFINDEX : 0),
		.mode = mode, .ifindex = ifindex,
	};
	strcpy(policy->scope.dev, dev);
	return policy;
}

/* A scope is on, but it is not that of the calls. */
static void test_other_scope(void **state)
{
	static const char off[] = "problem a scope is on, but not for what leaves by wan\n"
		"        by the route from inside, and the modes of its devices\n"
		"        -> switch on the way that calls take\n"
		"        # sipalg on dev wan\n";
	struct policy *policy;

	(void)state;
	fake.n_policies = 1;
	policy = add_policy("dmz", SIPALG_MODE_ON, 7);
	finds(1, off);
	policy->has &= ~(1U << SIPALG_POLICY_IFINDEX);
	finds(0, "note    a scope is on, but not for what leaves by wan\n");
	/* A line of the provider's, for calls alone. */
	policy->has |= 1U << SIPALG_POLICY_IFINDEX;
	fake.leads = 7;
	finds(0, "note    a scope is on, but not for what leaves by wan\n");
	assert_contains(ran.out, "        -> nothing, if calls take another way; ");
	fake.leads = 0;
	/* Another name of wan. */
	policy->ifindex = 2;
	finds(0, "good    1 scope is on or observed\n");
	/* The more particular scope counts, and of two devices the more careful mode. */
	fake.n_policies = 1;
	fake.policies[0].mode = SIPALG_MODE_ON;
	finds(0, "good    1 scope is on or observed\n");
	policy = add_policy("wan", SIPALG_MODE_OFF, 2);
	finds(1, off);
	fake.inside[0] = "192.168.1.0/24";
	policy->mode = SIPALG_MODE_ON;
	policy = add_policy("lan0", SIPALG_MODE_OBSERVE, 3);
	finds(1, off);
	fake.inside[1] = "172.17.0.0/16";
	finds(0, "scopes are on or observed\n");
	/* Rules may put calls into the zone. */
	fake.n_policies = 1;
	fake.policies[0].mode = SIPALG_MODE_OFF;
	policy = add_policy("", SIPALG_MODE_ON, 0);
	policy->scope.has_zone = true;
	policy->scope.zone = 7;
	finds(0, "good    1 scope is on or observed\n");
}

/* Rules that spare some flows, before the one that translates. */
static void test_nat_spared(void **state)
{
#define SPARED(match) TABLE CHAIN("accept") NAT_CHAIN RULE_IN("nat", "post", match ACCEPT) \
	RULE_IN("nat", "post", "{\"masquerade\":null}") END

	(void)state;
	finds_rules(0, SPARED(MATCH(PAYLOAD("ip", "daddr"), PREFIX("10.0.0.0", "8"))),
		    "good    a rule changes source addresses\n");
	finds_rules(0, SPARED(MATCH(PAYLOAD("udp", "dport"), "53")),
		    "good    a rule changes source addresses\n");
	finds_rules(1, SPARED(MATCH(PAYLOAD("udp", "dport"), "5060")),
		    "problem the rules change source addresses of TCP alone\n");
}

static void test_notrack_media(void **state)
{
	(void)state;
	finds_rules(0, TABLE CHAIN("accept") PREROUTING("-300") EARLY_RULE(MATCH(
		    PAYLOAD("udp", "dport"), "{\"range\":[10000,20000]}") "{\"notrack\":null}")
		    MASQUERADE END, "note    chain pre of table early keeps media to some ports, as "
		    "10000, from connection tracking");
	finds_rules(1, TABLE CHAIN("accept") PREROUTING("-300") EARLY_RULE(MATCH(
		    PAYLOAD("tcp", "dport"), "5060") "{\"notrack\":null}") MASQUERADE END,
		    "problem chain pre of table early keeps TCP port 5060 from connection tracking");
}

static void test_signalling_others(void **state)
{
	(void)state;
	finds_rules(0, TABLE CHAIN_ALONE("drop") RELATED_ACCEPT RULE(MATCH(PAYLOAD("udp", "dport"),
		    "5060") ACCEPT) MASQUERADE END,
		    "note    chain forward of table f drops calls to port 5060 by TCP\n");
	fake.ipv6 = true;
	finds_rules(1, TABLE CHAIN_ALONE("drop") RELATED_ACCEPT RULE(MATCH(META("nfproto"), "\"ipv4\"")
		    ACCEPT) MASQUERADE END,
		    "problem chain forward of table f drops calls to port 5060 by UDP and IPv6\n");
}

static void test_device_forwarding(void **state)
{
	(void)state;
	fake.inside[0] = "192.168.1.0/24";
	fake.keeps = "lan0";
	finds(1, "problem IPv4 packets that come by lan0 are not forwarded\n"
	      "        by /proc/sys/net/ipv4/conf/lan0/forwarding is 0\n"
	      "        -> switch it on\n"
	      "        # sysctl -w net/ipv4/conf/lan0/forwarding=1\n");
	fake.keeps = "wan";
	finds(1, "problem IPv4 packets that come by wan are not forwarded\n");
}

static void test_forwarding(void **state)
{
	(void)state;
	fake.no_forwarding = true;
	finds(1, "problem this machine does not forward IPv4 packets\n"
	      "        by /proc/sys/net/ipv4/ip_forward is 0\n"
	      "        -> switch it on\n"
	      "        # sysctl -w net.ipv4.ip_forward=1\n");
}

static void test_observed(void **state)
{
	(void)state;
	fake.policies[1].mode = SIPALG_MODE_OBSERVE;
	finds(1, "problem no scope is on, only observed: no message is changed\n");
	assert_contains(ran.out, "        # sipalg on dev wan\n");
	/* What is on for all is not on for that device. */
	fake.policies[0].mode = SIPALG_MODE_ON;
	finds(1, "problem a scope is on, but not for what leaves by wan\n");
}

static void add_flow(const char *source, uint16_t port, const char *helper)
{
	struct flow *flow = &fake.flows[fake.n_flows++];

	*flow = (struct flow){ .proto = IPPROTO_UDP, .original.dst.port = port };
	address_parse(&flow->original.src.address, source);
	strcpy(flow->helper, helper);
}

static void test_no_helper(void **state)
{
	(void)state;
	add_flow("192.168.1.2", 5060, "");
	finds(1, "problem 1 flows to port 5060, 0 of them with helper sip\n"
	      "        by the connection tracking table\n"
	      "        -> conntrack -D -p udp --dport 5060, so that they begin anew\n");
	fake.policies[1].mode = SIPALG_MODE_OFF;
	finds(1, "        -> switch on their scope, or add a firewall rule that assigns the helper\n"
	      "        # sipalg on default\n");
	fake.policies[0].mode = SIPALG_MODE_OFF;
	finds(0, "good    1 flows to port 5060, 0 of them with helper sip\n");
	/* One of this machine's own. */
	fake.policies[1].mode = SIPALG_MODE_ON;
	fake.n_flows = 0;
	add_flow("203.0.113.99", 5060, "");
	finds(0, "good    0 flows to port 5060, 0 of them with helper sip\n");
}

static void test_other_ports(void **state)
{
	(void)state;
	add_flow("192.168.1.2", 5061, "");
	add_flow("192.168.1.2", 5080, "");
	finds(0, "note    1 flows to port 5061, which is SIP over TLS\n");
	assert_contains(ran.out, "note    1 flows to port 5080, which is not a SIP port\n");
	/* A firewall rule may assign the helper there. */
	strcpy(fake.flows[fake.n_flows - 1].helper, "sip");
	RUN("check");
	assert_contains(ran.out, "good    1 flows to port 5060, 1 of them with helper sip\n");
	assert_null(strstr(ran.out, "which is not a SIP port"));
	*fake.flows[fake.n_flows - 1].helper = '\0';
	fake.settings.ports[0] = 5080;
	add_flow("192.168.1.2", 5080, "sip");
	RUN("check");
	assert_null(strstr(ran.out, "which is not a SIP port"));
}

static void test_built_in(void **state)
{
	(void)state;
	fake.open_error = -2;
	fake.modules[0] = "nf_conntrack_sip";
	fake.built_in = true;
	finds(1, "problem the kernel's own SIP helper is built in and keeps this one out\n");
	assert_null(strstr(ran.out, "rmmod"));
}

static void test_version(void **state)
{
	(void)state;
	fake.version = SIPALG_VERSION;
	finds(0, "good    the module nf_sipalg is loaded\ngood    1 scope");
	fake.version = "0.0.1";
	finds(1, "problem the module that is loaded has version 0.0.1, this tool has " SIPALG_VERSION
	      "\n        by /sys/module/nf_sipalg/version\n        -> unload the module, ");
	/* It is not asked for where there is no module of ours. */
	fake.open_error = -2;
	RUN("check");
	assert_null(strstr(ran.out, "version"));
}

/* Each text stands for itself, and a command can be run as it is. */
static void test_json_commands(void **state)
{
	json_t *list, *item;
	size_t i;

	(void)state;
	fake.open_error = -2;
	fake.modules[0] = "nf_nat_sip";
	RUN("-j", "check");
	assert_null(strstr(ran.out, "see below"));
	list = json_loads(ran.out, JSON_REJECT_DUPLICATES, NULL);
	json_array_foreach(list, i, item)
		if (!strcmp(json_string_value(json_object_get(item, "name")), "stock"))
			assert_string_equal(json_string_value(json_object_get(item, "command")),
					    "rmmod nf_nat_sip nf_conntrack_sip");
	json_decref(list);
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
		CHECK(test_offloaded_ports), CHECK(test_offloaded_tcp),
		CHECK(test_offloaded_many),
		CHECK(test_ports), CHECK(test_path), CHECK(test_firewall), CHECK(test_outside),
		CHECK(test_inside), CHECK(test_ingress), CHECK(test_ipv6_device), CHECK(test_stale_device), CHECK(test_other_way),
		CHECK(test_other_scope),
		CHECK(test_order), CHECK(test_protocol), CHECK(test_second_table), CHECK(test_sets),
		CHECK(test_ipv6), CHECK(test_nat), CHECK(test_signalling), CHECK(test_notrack),
		CHECK(test_forwarding), CHECK(test_observed), CHECK(test_no_helper),
		CHECK(test_other_ports), CHECK(test_built_in), CHECK(test_counted), CHECK(test_kernels),
		CHECK(test_unchanged), CHECK(test_version),
		CHECK(test_prerouting), CHECK(test_helper_of_media), CHECK(test_uncertain),
		CHECK(test_dormant), CHECK(test_media_ports), CHECK(test_nat_networks),
		CHECK(test_nat_spared), CHECK(test_notrack_media), CHECK(test_signalling_others),
		CHECK(test_device_forwarding), CHECK(test_json_commands), CHECK(test_wrong),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("check", tests, NULL, NULL);
}
