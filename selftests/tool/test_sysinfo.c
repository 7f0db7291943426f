// SPDX-License-Identifier: GPL-2.0
/*
 * What the tool asks the system for beside netlink: named network namespaces (in a
 * directory of the test's own), devices, and the connection tracking table, whose
 * library is replaced when this is linked.
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <libmnl/libmnl.h>
#include <libnetfilter_conntrack/libnetfilter_conntrack.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netinet/in.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "firewall.h"
#include "flow.h"
#include "iptables.h"
#include "lab/netns_lab.h"
#include "netns.h"
#include "networks.h"
#include "program.h"
#include "sysinfo.h"

static char *said;
static size_t said_len;
static FILE *stderr_before;

ssize_t __real_write(int fd, const void *bytes, size_t len);
ssize_t __wrap_write(int fd, const void *bytes, size_t len);

/* A program that is under way ends before it is given anything. */
ssize_t __wrap_write(int fd, const void *bytes, size_t len)
{
	siginfo_t info;

	waitid(P_ALL, 0, &info, WEXITED | WNOWAIT);
	return __real_write(fd, bytes, len);
}

static int setup(void **state)
{
	(void)state;
	stderr_before = stderr;
	stderr = open_memstream(&said, &said_len);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fclose(stderr);
	stderr = stderr_before;
	free(said);
	return 0;
}

static void assert_not_entered(const char *name, const char *text)
{
	rewind(stderr);
	assert_int_equal(netns_enter(name), -1);
	fflush(stderr);
	assert_memory_equal(said, text, strlen(text));
}

static void test_netns_none(void **state)
{
	static const char *const names[] = { "nowhere", "", ".", "..", "../netns", "a/b" };
	char text[128], long_name[600];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(text, sizeof(text), "sipalg: there is no network namespace '%s'\n",
			 names[i]);
		assert_not_entered(names[i], text);
	}
	memset(long_name, 'a', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	assert_not_entered(long_name, "sipalg: there is no network namespace 'aaa");
}

static void test_netns_stale(void **state)
{
	(void)state;
	close(open(NETNS_DIR "/stale", O_CREAT | O_WRONLY, 0600));
	assert_not_entered("stale", "sipalg: cannot enter the network namespace 'stale': ");
	unlink(NETNS_DIR "/stale");
}

static void test_netns_enter(void **state)
{
	(void)state;
	unlink(NETNS_DIR "/own");
	assert_int_equal(symlink("/proc/self/ns/net", NETNS_DIR "/own"), 0);
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET))
		skip();
	assert_int_equal(netns_enter("own"), 0);
	fflush(stderr);
	assert_string_equal(said, "");
}

static void test_dev(void **state)
{
	(void)state;
	assert_true(netns_has_dev("lo"));
	assert_false(netns_has_dev("nosuchdev0"));
}

static struct library {
	bool cannot_open, cannot_query;
	int (*callback)(enum nf_conntrack_msg_type type, struct nf_conntrack *ct, void *data);
	void *data;
	bool closed;
} library;

struct nfct_handle *__wrap_nfct_open(uint8_t subsystem, unsigned int groups);
int __wrap_nfct_close(struct nfct_handle *handle);
int __wrap_nfct_callback_register(struct nfct_handle *handle, enum nf_conntrack_msg_type type,
				  int (*callback)(enum nf_conntrack_msg_type type,
						  struct nf_conntrack *ct, void *data),
				  void *data);
int __wrap_nfct_query(struct nfct_handle *handle, enum nf_conntrack_query query, const void *data);

struct nfct_handle *__wrap_nfct_open(uint8_t subsystem, unsigned int groups)
{
	(void)subsystem;
	(void)groups;
	errno = EPROTONOSUPPORT;
	return library.cannot_open ? NULL : (struct nfct_handle *)&library;
}

int __wrap_nfct_close(struct nfct_handle *handle)
{
	(void)handle;
	library.closed = true;
	return 0;
}

int __wrap_nfct_callback_register(struct nfct_handle *handle, enum nf_conntrack_msg_type type,
				  int (*callback)(enum nf_conntrack_msg_type type,
						  struct nf_conntrack *ct, void *data),
				  void *data)
{
	(void)handle;
	assert_int_equal(type, NFCT_T_ALL);
	library.callback = callback;
	library.data = data;
	return 0;
}

static int give(struct nf_conntrack *ct)
{
	int verdict = library.callback(NFCT_T_UPDATE, ct, library.data);

	nfct_destroy(ct);
	return verdict;
}

static void put_counters(struct nlmsghdr *message, uint16_t type, uint64_t packets,
			 uint64_t bytes)
{
	struct nlattr *nest = mnl_attr_nest_start(message, type);

	mnl_attr_put_u64(message, CTA_COUNTERS_PACKETS, htobe64(packets));
	mnl_attr_put_u64(message, CTA_COUNTERS_BYTES, htobe64(bytes));
	mnl_attr_nest_end(message, nest);
}

/* The library takes counters from a message alone. */
static void set_counters(struct nf_conntrack *ct)
{
	_Alignas(struct nlmsghdr) char buffer[256];
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);

	message->nlmsg_type = NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_NEW;
	((struct nfgenmsg *)mnl_nlmsg_put_extra_header(message, sizeof(struct nfgenmsg)))
		->nfgen_family = AF_INET;
	put_counters(message, CTA_COUNTERS_ORIG, 10, 1000);
	put_counters(message, CTA_COUNTERS_REPLY, 20, 1ULL << 40);
	assert_int_equal(nfct_nlmsg_parse(message, ct), 0);
}

/* Two flows: an IPv4 one with all that there can be, and an IPv6 one with little. */
int __wrap_nfct_query(struct nfct_handle *handle, enum nf_conntrack_query query, const void *data)
{
	static const struct in6_addr phone = { .s6_addr = { 0x20, 1, 0xd, 0xb8, [15] = 2 } };
	struct nf_conntrack *ct;

	(void)handle;
	errno = EPERM;
	if (library.cannot_query)
		return -1;
	assert_int_equal(query, NFCT_Q_DUMP);
	assert_int_equal(*(const uint32_t *)data, AF_UNSPEC);

	ct = nfct_new();
	nfct_set_attr_u8(ct, ATTR_ORIG_L3PROTO, AF_INET);
	nfct_set_attr_u8(ct, ATTR_ORIG_L4PROTO, IPPROTO_UDP);
	nfct_set_attr_u32(ct, ATTR_ORIG_IPV4_SRC, htonl(0xc0a80102));
	nfct_set_attr_u32(ct, ATTR_ORIG_IPV4_DST, htonl(0xc6336409));
	nfct_set_attr_u16(ct, ATTR_ORIG_PORT_SRC, htons(4000));
	nfct_set_attr_u16(ct, ATTR_ORIG_PORT_DST, htons(20000));
	nfct_set_attr_u32(ct, ATTR_REPL_IPV4_SRC, htonl(0xc6336409));
	nfct_set_attr_u32(ct, ATTR_REPL_IPV4_DST, htonl(0xcb007101));
	nfct_set_attr_u16(ct, ATTR_REPL_PORT_SRC, htons(20000));
	nfct_set_attr_u16(ct, ATTR_REPL_PORT_DST, htons(4002));
	nfct_set_attr_u16(ct, ATTR_ZONE, 7);
	nfct_set_attr_u32(ct, ATTR_TIMEOUT, 120);
	nfct_set_attr_u32(ct, ATTR_STATUS, IPS_CONFIRMED | IPS_OFFLOAD);
	set_counters(ct);
	if (give(ct) != NFCT_CB_CONTINUE)
		return -1;

	ct = nfct_new();
	nfct_set_attr_u8(ct, ATTR_ORIG_L3PROTO, AF_INET6);
	nfct_set_attr_u8(ct, ATTR_ORIG_L4PROTO, IPPROTO_TCP);
	nfct_set_attr(ct, ATTR_ORIG_IPV6_SRC, &phone);
	nfct_set_attr_u16(ct, ATTR_ORIG_ZONE, 9);
	return give(ct) == NFCT_CB_CONTINUE ? 0 : -1;
}

static struct flow flows[2];
static size_t n_flows;

static int keep(const struct flow *flow, void *data)
{
	assert_ptr_equal(data, flows);
	flows[n_flows++] = *flow;
	return 0;
}

static int refuse(const struct flow *flow, void *data)
{
	(void)flow;
	(void)data;
	return -ENOMEM;
}

static void assert_endpoint(const struct endpoint *endpoint, const char *expected)
{
	char text[ENDPOINT_TEXT_LEN];

	assert_string_equal(endpoint_text(endpoint, text), expected);
}

static void test_flows(void **state)
{
	(void)state;
	library = (struct library){};
	n_flows = 0;
	assert_int_equal(flow_dump(keep, flows), 0);
	assert_true(library.closed);
	assert_int_equal(n_flows, 2);
	assert_int_equal(flows[0].proto, IPPROTO_UDP);
	assert_int_equal(flows[0].zone, 7);
	assert_endpoint(&flows[0].original.src, "192.168.1.2:4000");
	assert_endpoint(&flows[0].original.dst, "198.51.100.9:20000");
	assert_endpoint(&flows[0].reply.src, "198.51.100.9:20000");
	assert_endpoint(&flows[0].reply.dst, "203.0.113.1:4002");
	assert_true(flows[0].counted);
	assert_int_equal(flows[0].packets.original, 10);
	assert_int_equal(flows[0].packets.reply, 20);
	assert_int_equal(flows[0].bytes.original, 1000);
	assert_true(flows[0].bytes.reply == 1ULL << 40);
	assert_int_equal(flows[0].expires, 120);
	assert_true(flows[0].offloaded);

	assert_int_equal(flows[1].proto, IPPROTO_TCP);
	assert_int_equal(flows[1].zone, 9);
	assert_endpoint(&flows[1].original.src, "[2001:db8::2]:0");
	assert_endpoint(&flows[1].reply.dst, "-:0");
	assert_false(flows[1].offloaded);
	assert_false(flows[1].counted);
}

static void test_flows_fail(void **state)
{
	(void)state;
	library = (struct library){ .cannot_open = true };
	assert_int_equal(flow_dump(keep, flows), -EPROTONOSUPPORT);
	library = (struct library){ .cannot_query = true };
	assert_int_equal(flow_dump(keep, flows), -EPERM);
	assert_true(library.closed);
	library = (struct library){};
	assert_int_equal(flow_dump(refuse, NULL), -ENOMEM);
	assert_true(library.closed);
}

/* Table of the chain that drops media from wan; empty if none does. */
static const char *dropping_table(const json_t *ruleset)
{
	const struct firewall_packet in = {
		.outside = "wan", .proto = IPPROTO_UDP, .state = "related", .helper = "sip",
	};
	struct firewall_place place;

	if (!firewall_drops(ruleset, &in, &place))
		return "";
	return json_string_value(json_object_get(place.chain, "table"));
}

/* What matters of a firewall of nft's and of these lines of iptables-save. */
static void assert_rules(const char *nft, const char *lines, const char *prefix, int tables,
			 const char *keeps_out, bool nat)
{
	json_t *ruleset = json_loads(nft, 0, NULL);
	FILE *file = fmemopen((void *)lines, strlen(lines), "r");
	struct sipalg_network phones;
	const struct firewall_packet out = {
		.outside = "wan", .outward = true, .proto = IPPROTO_UDP, .state = "new",
		.network = &phones,
	};

	assert_true(network_parse(&phones, "192.168.1.0/24"));

	assert_int_equal(iptables_add(ruleset, file, "ip", prefix), tables);
	fclose(file);
	assert_string_equal(dropping_table(ruleset), keeps_out);
	assert_int_equal(firewall_translates(ruleset, &out), nat);
	json_decref(ruleset);
}

#define NFT(list) "{\"nftables\":[" list "]}"
/* As nft shows what iptables-nft has made. */
#define NFT_FORWARD "{\"chain\":{\"family\":\"ip\",\"table\":\"filter\",\"name\":\"FORWARD\"," \
	"\"hook\":\"forward\",\"policy\":\"drop\"}},{\"rule\":{\"family\":\"ip\"," \
	"\"table\":\"filter\",\"chain\":\"FORWARD\",\"expr\":[{\"xt\":null}]}}"
#define DROPS "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:mine - [0:0]\n"
#define RELATED "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n"

static void test_iptables(void **state)
{
	(void)state;
	assert_rules(NFT(""), "", "", 0, "", false);
	assert_rules(NFT(""), "# nothing\nCOMMIT\n:odd\n-A\n", "", 0, "", false);
	assert_rules(NFT(""), DROPS "COMMIT\n", "", 1, "filter", false);
	assert_rules(NFT(""), DROPS "-A FORWARD -i wan " RELATED "COMMIT\n", "", 1, "", false);
	assert_rules(NFT(""), DROPS "-A FORWARD -m state --state RELATED -j ACCEPT\n", "", 1, "",
		     false);
	assert_rules(NFT(""), DROPS "-A FORWARD -j mine\n-A mine " RELATED, "", 1, "", false);
	/* Not accepted, not this state, not this hook, or all others than this state. */
	assert_rules(NFT(""), DROPS "-A FORWARD -m conntrack --ctstate RELATED -j DROP\n", "", 1,
		     "filter", false);
	assert_rules(NFT(""), DROPS "-A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT\n",
		     "", 1, "filter", false);
	assert_rules(NFT(""), DROPS "-A INPUT " RELATED, "", 1, "filter", false);
	assert_rules(NFT(""), DROPS "-A FORWARD -m conntrack ! --ctstate RELATED -j ACCEPT\n", "",
		     1, "filter", false);
	assert_rules(NFT(""), DROPS "-A FORWARD -m conntrack --ctstate\n", "", 1, "filter", false);
	/* A last rule for everything. */
	assert_rules(NFT(""), "*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -j REJECT\n", "", 1,
		     "filter", false);
	assert_rules(NFT(""), "*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -i lan -j DROP\n", "",
		     1, "", false);
	assert_rules(NFT(""), "*nat\n:POSTROUTING ACCEPT [0:0]\n-A POSTROUTING -o wan -j MASQUERADE\n", "", 1, "", true);
	assert_rules(NFT(""), "*nat\n:POSTROUTING ACCEPT [0:0]\n-A POSTROUTING -j SNAT --to-source 203.0.113.1\n", "", 1, "",
		     true);
	assert_rules(NFT(""), "*nat\n-A PREROUTING -j DNAT --to 192.168.1.2\n", "", 1, "", false);
	/* In order, by protocol and port, inverted, and with comments. */
	assert_rules(NFT(""), DROPS "-A FORWARD -m conntrack --ctstate RELATED -j DROP\n"
		     "-A FORWARD " RELATED, "", 1, "filter", false);
	assert_rules(NFT(""), DROPS "-A FORWARD -p tcp " RELATED, "", 1, "filter", false);
	assert_rules(NFT(""), DROPS "-A FORWARD ! -p tcp " RELATED, "", 1, "", false);
	assert_rules(NFT(""), DROPS "-A FORWARD -p udp -m udp --dport 10000:20000 -j ACCEPT\n", "",
		     1, "", false);
	assert_rules(NFT(""), DROPS "-A FORWARD ! -i w+ " RELATED, "", 1, "filter", false);
	assert_rules(NFT(""), "*filter\n:FORWARD ACCEPT [0:0]\n"
		     "-A FORWARD -m comment --comment \"all the rest\" -j DROP\n", "", 1, "filter",
		     false);
	assert_rules(NFT(""), DROPS "-A FORWARD -s 198.51.100.0/24 -j LOG\n"
		     "-A FORWARD -s 198.51.100.0/24 -j ACCEPT\n", "", 1, "", false);
	assert_rules(NFT(""), "*nat\n:POSTROUTING ACCEPT [0:0]\n"
		     "-A POSTROUTING -p tcp -j MASQUERADE\n", "", 1, "", false);
	/* By the network that sends, and the flow's helper. */
	assert_rules(NFT(""), "*nat\n:POSTROUTING ACCEPT [0:0]\n"
		     "-A POSTROUTING -s 10.0.0.0/8 -o wan -j MASQUERADE\n", "", 1, "", false);
	assert_rules(NFT(""), "*nat\n:POSTROUTING ACCEPT [0:0]\n"
		     "-A POSTROUTING ! -s 10.0.0.0/8 -o wan -j MASQUERADE\n", "", 1, "", true);
	assert_rules(NFT(""), "*nat\n:POSTROUTING ACCEPT [0:0]\n"
		     "-A POSTROUTING -m policy --dir out --pol ipsec -j ACCEPT\n"
		     "-A POSTROUTING -o wan -j MASQUERADE\n", "", 1, "", true);
	assert_rules(NFT(""), DROPS "-A FORWARD -m helper --helper ftp " RELATED, "", 1, "filter",
		     false);
	assert_rules(NFT(""), DROPS "-A FORWARD -m helper --helper sip " RELATED, "", 1, "", false);
	/* That is what iptables calls media after its address was changed. */
	assert_rules(NFT(""), DROPS "-A FORWARD -m conntrack --ctstate DNAT -j ACCEPT\n", "", 1, "",
		     false);
	assert_rules(NFT(""), DROPS "-A FORWARD -m conntrack --ctstate NEW -j ACCEPT\n", "", 1,
		     "filter", false);
	/* Before the NAT, media is new. */
	assert_rules(NFT(""), "*mangle\n:PREROUTING ACCEPT [0:0]\n"
		     "-A PREROUTING -i wan -m conntrack --ctstate NEW -j DROP\n", "legacy ", 1,
		     "legacy mangle", false);
	assert_rules(NFT(""), "*raw\n:PREROUTING ACCEPT [0:0]\n"
		     "-A PREROUTING -i wan -m conntrack --ctstate NEW -j DROP\n", "", 1, "", false);
	assert_rules(NFT(""), DROPS "-A FORWARD -j NFQUEUE --queue-num 0\n", "", 1, "", false);
	/* What nft does not know of a table is known from iptables; another kind is another. */
	assert_rules(NFT(NFT_FORWARD), "", "", 0, "filter", false);
	assert_rules(NFT(NFT_FORWARD), DROPS "-A FORWARD " RELATED, "", 1, "", false);
	assert_rules(NFT(NFT_FORWARD), DROPS "-A FORWARD " RELATED, "legacy ", 1, "filter", false);
}

static void make_program(const char *name, const char *text)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), NETNS_DIR "/%s", name);
	file = fopen(path, "we");
	fprintf(file, "#!/bin/sh\n%s\n", text);
	fclose(file);
	chmod(path, 0755);
}

static void test_ruleset(void **state)
{
	static const char *const saves[] = {
		"iptables-nft-save", "ip6tables-nft-save", "iptables-legacy-save",
		"ip6tables-legacy-save",
	};
	const char *before = getenv("PATH");
	char *path = strdup(before);
	json_t *ruleset;

	(void)state;
	setenv("PATH", NETNS_DIR, 1);
	make_program("nft", "exit 1");
	for (size_t i = 0; i < 4; i++)
		make_program(saves[i], "exit 1");
	assert_null(sysinfo_ruleset());
	make_program("iptables-legacy-save", "echo '*filter'; echo ':FORWARD DROP [0:0]'");
	ruleset = sysinfo_ruleset();
	assert_string_equal(dropping_table(ruleset), "legacy filter");
	json_decref(ruleset);
	make_program("nft", "echo '{\"nftables\":[]}'");
	make_program("iptables-legacy-save", "exit 1");
	ruleset = sysinfo_ruleset();
	assert_non_null(ruleset);
	assert_string_equal(dropping_table(ruleset), "");
	json_decref(ruleset);
	setenv("PATH", path, 1);
	free(path);
}

static void test_numbers(void **state)
{
	uint64_t number = 7;
	char version[64];

	(void)state;
	assert_true(sysinfo_number("kernel/pid_max", &number));
	assert_true(number > 7);
	assert_false(sysinfo_number("kernel/no_such", &number));
	assert_false(sysinfo_number("kernel/ostype", &number));
	assert_false(sysinfo_has_module("no_such_module"));
	assert_false(sysinfo_module_version("no_such_module", version, sizeof(version)));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

/* The program itself says that it is missing; what it was to read kills nobody. */
static void test_run_missing(void **state)
{
	static const char *const argv[] = { "/nonexistent/program", NULL };

	(void)state;
	assert_int_equal(run_program("add", argv), -1);
	assert_int_equal(run_program("", argv), -1);
	fflush(stderr);
	assert_int_equal(said_len, 0);
}

static void write_dep(const char *kernel, const char *text)
{
	char path[PATH_MAX];
	FILE *file;

	snprintf(path, sizeof(path), MODULES_DIR "/%s", kernel);
	mkdir(MODULES_DIR, 0700);
	mkdir(path, 0700);
	strcat(path, "/modules.dep");
	file = fopen(path, "we");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

/* One kernel lacks a module; nothing is said where all do, or none. */
static void test_kernels(void **state)
{
	char kernel[16] = "";

	(void)state;
	write_dep("6.1", "kernel/a.ko: kernel/b.ko\nkernel/my_nf_sipalg.ko:\n");
	write_dep("6.12", "");
	mkdir(MODULES_DIR "/6.13", 0700);
	assert_false(sysinfo_kernel_without("nf_sipalg", kernel, sizeof(kernel)));
	write_dep("6.1", "kernel/a.ko: kernel/b.ko\nupdates/dkms/nf_sipalg.ko.xz: kernel/a.ko\n");
	assert_true(sysinfo_kernel_without("nf_sipalg", kernel, sizeof(kernel)));
	assert_string_equal(kernel, "6.12");
	write_dep("6.12", "updates/nf_sipalg.ko:\n");
	assert_false(sysinfo_kernel_without("nf_sipalg", kernel, sizeof(kernel)));
}

int main(void)
{
	/* Entering another namespace comes last: there is no way back. */
	const struct CMUnitTest tests[] = {
		TEST(test_netns_none), TEST(test_netns_stale), TEST(test_dev), TEST(test_flows),
		TEST(test_flows_fail), TEST(test_iptables), TEST(test_ruleset), TEST(test_numbers),
		TEST(test_run_missing), TEST(test_kernels), TEST(test_netns_enter),
	};

	mkdir(NETNS_DIR, 0700);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("system", tests, NULL, NULL);
}
