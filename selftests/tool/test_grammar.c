// SPDX-License-Identifier: GPL-2.0
/*
 * Options, objects, scopes and modes: what is understood and what is wrong usage.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"

#define SCOPES "default, zone ID, dev IFNAME or zone ID dev IFNAME"
#define MODES "off, observe, on or rule"

static void test_no_words(void **state)
{
	(void)state;
	RUN();
	assert_refused(2, "usage: sipalg [OPTIONS] OBJECT COMMAND");
	RUN("-j");
	assert_refused(2, "usage: sipalg [OPTIONS] OBJECT COMMAND");
}

static void test_help(void **state)
{
	static char *const args[] = { "help", "--help", "-h" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		RUN(args[i]);
		assert_begins(ran.out, "usage: sipalg");
		assert_contains(ran.out, "policy set SCOPE MODE [NAT] [--now]");
		assert_string_equal(ran.err, "");
		assert_int_equal(ran.status, 0);
	}
}

static void test_object_help(void **state)
{
	static char *const objects[] = {
		"on", "observe", "off", "policy", "call", "binding", "stats",
	};

	(void)state;
	fake.open_error = -2;
	for (size_t i = 0; i < sizeof(objects) / sizeof(*objects); i++) {
		RUN(objects[i], "help");
		assert_begins(ran.out, "usage: sipalg [OPTIONS] ");
		assert_contains(ran.out, objects[i]);
		assert_string_equal(ran.err, "");
		assert_int_equal(ran.status, 0);
	}
}

static void test_version(void **state)
{
	(void)state;
	RUN("-V");
	assert_ran(0, "sipalg 0.1\n", "");
	RUN("--version");
	assert_ran(0, "sipalg 0.1\n", "");
}

static void test_unknown_object(void **state)
{
	(void)state;
	RUN("polcy");
	assert_refused(2, "sipalg: there is no object 'polcy': did you mean 'policy'?");
	RUN("setings");
	assert_refused(2, "sipalg: there is no object 'setings': did you mean 'settings'?");
	RUN("paint");
	assert_refused(2, "sipalg: there is no object 'paint'; see 'sipalg help'");
	RUN("");
	assert_refused(2, "sipalg: there is no object ''; see 'sipalg help'");
	RUN("policies-of-a-router-that-nobody-knows");
	assert_refused(2, "sipalg: there is no object 'policies-of-a-router-that-nobody-knows'; "
		       "see 'sipalg help'");
}

static void test_unknown_command(void **state)
{
	(void)state;
	RUN("policy", "shwo");
	assert_refused(2, "sipalg: policy has no command 'shwo': did you mean 'show'?");
	assert_contains(ran.err, "policy set SCOPE MODE [NAT] [--now]");
	RUN("call", "del");
	assert_refused(2, "sipalg: call has no command 'del'");
	RUN("binding", "flush");
	assert_refused(2, "sipalg: binding has no command 'flush'");
	RUN("stats", "explain");
	assert_refused(2, "sipalg: stats has no command 'explain'");
	RUN("policy", "--now");
	assert_refused(2, "sipalg: policy has no command '--now'");
}

/* As ip does: a beginning that only one name has; of several commands, show. */
static void test_abbreviations(void **state)
{
	(void)state;
	RUN("p", "s");
	assert_ran(0, "default mode rule\n", "");
	RUN("pol", "se", "dev", "wan", "on");
	assert_ran(0, "", "");
	assert_string_equal(fake.log, "set dev wan on\n");
	RUN("b", "sh");
	assert_ran(0, "", "");
	RUN("ob", "default");
	assert_ran(0, "", "");
	RUN("o", "default");
	assert_int_equal(ran.status, 2);
	assert_begins(ran.err, "sipalg: there is no object 'o': it could be on, observe, off\n");
	/* A whole name is that name, though another one begins with it. */
	RUN("set", "limit-calls", "7");
	assert_ran(0, "", "");
	RUN("on", "default");
	assert_ran(0, "", "");
}

static void test_abbreviated_keywords(void **state)
{
	(void)state;
	RUN("call", "kill", "ki", "reg", "st", "e", "a", "192.168.1.2");
	assert_refused(2, "sipalg: 'e' is no state: it could be early, ending");
	/* What scripts say is a keyword, too, though no help names it. */
	RUN("call", "show", "b", "state", "up");
	assert_begins(ran.out, "ID       WHAT ");
	assert_int_equal(fake.filter.state, SIPALG_CALL_CONFIRMED);
	RUN("off", "d", "wan");
	assert_refused(2, "sipalg: 'd' is not a scope: "
		       "default, zone ID, dev IFNAME or zone ID dev IFNAME");
	RUN("call", "show", "breif");
	assert_refused(2, "sipalg: unexpected word 'breif': did you mean 'brief'?");
	RUN("monitor", "--mesages");
	assert_refused(2, "sipalg: unexpected word '--mesages': did you mean '--messages'?");
	RUN("policy", "save", "-");
	assert_refused(2, "sipalg: unexpected word '-'");
	RUN("call", "kill", "ki", "reg", "ad", "192.168.1.2");
	assert_ran(1, "", "sipalg: no such call\n");
	assert_true(fake.filter.has_kind && fake.filter.kind == SIPALG_CALL_REGISTRATION);
	assert_int_equal(fake.filter.address.len, 4);
	RUN("policy", "set", "z", "7", "d", "wan", "obs", "outside-p", "20000-20255", "--n");
	assert_ran(0, "", "");
	assert_string_equal(fake.log,
			    "kill\nset zone 7 dev wan observe outside-ports 20000-20255\n");
	assert_true(fake.now);
	/* Names are taken as they are. */
	RUN("on", "dev", "de");
	assert_ran(0, "", "sipalg: note: there is no device de now; the policy waits for it\n");
}

/* A setting's name is written to files: it has to be whole. */
static void test_abbreviated_setting(void **state)
{
	(void)state;
	RUN("set", "timeout-tr", "7");
	assert_refused(2, "sipalg: there is no setting 'timeout-tr'; see 'sipalg help settings'");
	RUN("set", "timeout-cal", "7");
	assert_refused(2, "sipalg: there is no setting 'timeout-cal': did you mean 'timeout-call'?");
}

static void helps(const char *text)
{
	assert_contains(ran.out, text);
	assert_string_equal(ran.err, "");
	assert_int_equal(ran.status, 0);
	assert_int_equal(fake.changes, 0);
}

static void test_help_about(void **state)
{
	(void)state;
	fake.open_error = -2;
	RUN("help", "policy");
	helps("policy flush [--now]");
	assert_null(strstr(ran.out, "call kill"));
	RUN("policy", "--help");
	helps("policy flush [--now]");
	RUN("policy", "flush", "-h");
	helps("usage: sipalg [OPTIONS] policy flush [--now]\n");
	assert_null(strstr(ran.out, "policy show"));
	RUN("help", "c", "k");
	assert_int_equal(ran.status, 2);
	RUN("help", "ca", "k");
	helps("call kill FILTER | all\n");
	RUN("-h", "check");
	helps("check [peer ADDRESS]");
	RUN("set", "help");
	helps("timeout-call             1 to 604800; default 7200\n");
	helps("media-source             any | signalled; default any\n");
	helps("ice                      pass | help; default help\n");
	helps("sip-ports                1 to 8 ports; default 5060\n");
	RUN("settings", "help", "limit-b");
	assert_int_equal(ran.status, 2);
	RUN("help", "settings", "limit-bytes");
	helps("limit-bytes              0 to 4294967295; default 268435456\n");
	assert_null(strstr(ran.out, "limit-calls"));
	RUN("help", "policy", "shew");
	assert_refused(2, "sipalg: there is no help about 'shew': did you mean 'show'?");
	RUN("help", "polcy");
	assert_refused(2, "sipalg: there is no object 'polcy': did you mean 'policy'?");
	RUN("help", "policy", "show", "all");
	assert_refused(2, "sipalg: unexpected word 'all'");
}

static void test_color(void **state)
{
	(void)state;
	fake.tracked = 10;
	settings_fill(&fake.settings);
	RUN("--color=never", "check");
	assert_null(strstr(ran.out, "\033["));
	RUN("check");
	assert_null(strstr(ran.out, "\033["));
	RUN("--color", "check");
	assert_contains(ran.out, "\033[32mgood   \033[m the module nf_sipalg is loaded\n");
	RUN("--color=always", "-j", "check");
	assert_null(strstr(ran.out, "\033["));
	RUN("--color=sometimes", "check");
	assert_refused(2, "sipalg: colours are always, never or auto, not 'sometimes'");
}

/* The tool's offers to shells; test_completion.sh has more. */
static void offers(const char *expected)
{
	assert_string_equal(ran.out, expected);
	assert_string_equal(ran.err, "");
	assert_int_equal(ran.status, 0);
}

static void test_complete(void **state)
{
	(void)state;
	mkdir(NETNS_DIR, 0700);
	close(open(NETNS_DIR "/router", O_CREAT | O_WRONLY, 0600));
	RUN("complete", "-j", "-n", "r");
	offers("router\tnetwork namespace\n");
	RUN("complete", "--netns", "router", "polic");
	offers("policy\t\n");
	RUN("complete", "call", "ki");
	offers("kill\tend calls and registrations, with their media\n");
	RUN("complete", "set", "limit-by");
	offers("limit-bytes\tmemory of calls, registrations, bindings and TCP streams\n");
	RUN("complete", "policy", "restore", "-f", "x");
	offers(":file\n");
	RUN("complete", "binding", "show", "dev", "wan", "l");
	offers("");
	RUN("complete");
	assert_int_equal(ran.status, 2);
	unlink(NETNS_DIR "/router");
}

static void test_unknown_option(void **state)
{
	(void)state;
	RUN("-x", "stats");
	assert_refused(2, "sipalg: there is no option '-x'; see 'sipalg help'");
	RUN("-jx", "stats");
	assert_refused(2, "sipalg: there is no option '-x'; see 'sipalg help'");
	RUN("--now", "off");
	assert_refused(2, "sipalg: there is no option '--now'; see 'sipalg help'");
	RUN("-n");
	assert_refused(2, "sipalg: the name of the network namespace is missing: -n NETNS");
	RUN("--netns");
	assert_refused(2, "sipalg: the name of the network namespace is missing: -n NETNS");
}

static void test_option_after_object(void **state)
{
	(void)state;
	RUN("stats", "show", "-j");
	assert_refused(2, "sipalg: unexpected word '-j'");
	assert_contains(ran.err, "usage: sipalg [OPTIONS] stats show");
}

static void test_too_many_words(void **state)
{
	(void)state;
	RUN("policy", "show", "default");
	assert_refused(2, "sipalg: unexpected word 'default'");
	RUN("policy", "flush", "off");
	assert_refused(2, "sipalg: unexpected word 'off'");
	RUN("call", "show", "1");
	assert_refused(2, "sipalg: unexpected word '1'");
	RUN("binding", "show", "flwos");
	assert_refused(2, "sipalg: unexpected word 'flwos': did you mean 'flows'?");
	RUN("stats", "show", "all");
	assert_refused(2, "sipalg: unexpected word 'all'");
	RUN("policy", "save", "x");
	assert_refused(2, "sipalg: unexpected word 'x'");
	RUN("policy", "restore", "-f", "x", "y");
	assert_refused(2, "sipalg: unexpected word 'y'");
	RUN("off", "--now", "--now");
	assert_refused(2, "sipalg: '--now' is not a scope: " SCOPES);
	RUN("on", "default", "--now", "--now");
	assert_refused(2, "sipalg: unexpected word '--now'");
	RUN("policy", "set", "default", "on", "off");
	assert_refused(2, "sipalg: unexpected word 'off'");
	RUN("policy", "del", "default", "on");
	assert_refused(2, "sipalg: unexpected word 'on'");
}

static void test_exercise_wrong(void **state)
{
	(void)state;
	RUN("exercise", "all");
	assert_refused(2, "sipalg: unexpected word 'all'");
	RUN("exercise", "--wait");
	assert_refused(2, "sipalg: the time to wait is missing: ms, 1 to 60000");
	RUN("exercise", "--wait", "0");
	assert_refused(2, "sipalg: '0' is not a time to wait: ms, 1 to 60000");
	RUN("exercise", "--wait", "2s");
	assert_refused(2, "sipalg: '2s' is not a time to wait: ms, 1 to 60000");
	RUN("exercise", "--port", "65536");
	assert_refused(2, "sipalg: '65536' is not a port: 0 to 65535");
	RUN("exercise", "--from-port");
	assert_refused(2, "sipalg: a port is missing: 0 to 65535");
	RUN("exercise", "--through");
	assert_refused(2, "sipalg: the name of the device is missing");
	RUN("exercise", "--through", "wan");
	assert_refused(2, "sipalg: --through DEV and --peer ADDRESS belong together");
	RUN("exercise", "--peer", "192.0.2.1");
	assert_refused(2, "sipalg: --through DEV and --peer ADDRESS belong together");
	RUN("exercise", "--through", "wan", "--peer");
	assert_refused(2, "sipalg: the address of the peer is missing");
	RUN("exercise", "--through", "wan", "--peer", "example.com");
	assert_refused(2, "sipalg: 'example.com' is not an IPv4 or IPv6 address");
	RUN("exercise", "--udp", "--tcp");
	assert_refused(2, "sipalg: one of --udp and --tcp, not both");
	RUN("exercise", "--tcp", "--idle", "5");
	assert_refused(2, "sipalg: --idle needs UDP");
	RUN("exercise", "--idle", "3601");
	assert_refused(2, "sipalg: '3601' is not a time to be silent: seconds, 1 to 3600");
	RUN("exercise", "--idle", "0");
	assert_refused(2, "sipalg: '0' is not a time to be silent: seconds, 1 to 3600");
	RUN("exercise", "--answer", "--stock");
	assert_refused(2, "sipalg: one of --stock, --through and --answer, not more");
	RUN("-n", "nowhere", "exercise");
	assert_refused(1, "sipalg: there is no network namespace 'nowhere'");
}

static void test_scope_missing(void **state)
{
	(void)state;
	RUN("on");
	assert_refused(2, "sipalg: the scope is missing: " SCOPES);
	assert_contains(ran.err, "usage: sipalg [OPTIONS] on SCOPE [NAT] [--now]\n");
	RUN("observe", "--now");
	assert_refused(2, "sipalg: the scope is missing: " SCOPES);
	RUN("policy", "set");
	assert_refused(2, "sipalg: the scope is missing: " SCOPES);
	RUN("policy", "del");
	assert_refused(2, "sipalg: the scope is missing: " SCOPES);
}

static void test_scope_wrong(void **state)
{
	(void)state;
	RUN("on", "wan");
	assert_refused(2, "sipalg: 'wan' is not a scope: " SCOPES);
	RUN("policy", "set", "on");
	assert_refused(2, "sipalg: 'on' is not a scope: " SCOPES);
	RUN("on", "default", "zone", "7");
	assert_refused(2, "sipalg: unexpected word 'zone'");
	RUN("on", "zone", "7", "default");
	assert_refused(2, "sipalg: unexpected word 'default'");
	RUN("on", "zone", "7", "zone", "8");
	assert_refused(2, "sipalg: a second zone: '8'");
	RUN("on", "dev", "wan", "dev", "lan");
	assert_refused(2, "sipalg: a second device: 'lan'");
}

static void test_zone_wrong(void **state)
{
	static char *const wrong[] = {
		"7x", "-1", "+1", "70000", "65536", "4294967296", "18446744073709551617", "",
		" 7", "7 ", "0x7", "seven", "1.0",
	};
	char error[128];

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		RUN("on", "zone", wrong[i]);
		snprintf(error, sizeof(error),
			 "sipalg: '%s' is not the ID of a zone: 0 to 65535\n", wrong[i]);
		assert_begins(ran.err, error);
		assert_int_equal(ran.status, 2);
		assert_int_equal(fake.changes, 0);
	}
	RUN("on", "zone");
	assert_refused(2, "sipalg: the ID of a zone is missing: 0 to 65535");
}

static void test_zone_right(void **state)
{
	(void)state;
	RUN("on", "zone", "0");
	assert_ran(0, "", "");
	RUN("on", "zone", "65535");
	assert_ran(0, "", "");
	assert_string_equal(fake.log, "set zone 0 on\nset zone 65535 on\n");
}

static void test_dev_wrong(void **state)
{
	static char *const wrong[] = {
		"", ".", "..", "a/b", "a b", "a\tb", "a\n", "a:1", "abcdefghijklmnop",
	};
	char error[128];

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		RUN("on", "dev", wrong[i]);
		snprintf(error, sizeof(error),
			 "sipalg: '%s' cannot be the name of a device\n", wrong[i]);
		assert_begins(ran.err, error);
		assert_int_equal(ran.status, 2);
		assert_int_equal(fake.changes, 0);
	}
	RUN("on", "dev");
	assert_refused(2, "sipalg: the name of the device is missing");
}

/* A device may be called anything, also what means something elsewhere. */
static void test_dev_odd(void **state)
{
	(void)state;
	fake.devices[0] = "zone";
	fake.devices[1] = "--now";
	RUN("on", "dev", "zone");
	assert_ran(0, "", "");
	RUN("on", "dev", "--now");
	assert_ran(0, "", "");
	assert_false(fake.now);
	RUN("on", "dev", "zone", "zone", "3", "--now");
	assert_ran(0, "", "");
	assert_true(fake.now);
	RUN("on", "dev", "abcdefghijklmno");
	assert_int_equal(ran.status, 0);
	assert_string_equal(fake.log, "set dev zone on\nset dev --now on\n"
			    "set zone 3 dev zone on\nset dev abcdefghijklmno on\n");
}

static void test_scope_order(void **state)
{
	(void)state;
	RUN("on", "zone", "7", "dev", "wan");
	assert_ran(0, "", "");
	RUN("off", "dev", "wan", "zone", "7");
	assert_ran(0, "", "");
	assert_string_equal(fake.log, "set zone 7 dev wan on\nset zone 7 dev wan off\n");
}

static void test_mode_wrong(void **state)
{
	(void)state;
	RUN("policy", "set", "default");
	assert_refused(2, "sipalg: the mode is missing: " MODES);
	RUN("policy", "set", "dev", "on");
	assert_refused(2, "sipalg: the mode is missing: " MODES);
	RUN("policy", "set", "default", "On");
	assert_refused(2, "sipalg: 'On' is not a mode: " MODES);
	RUN("policy", "set", "zone", "7", "");
	assert_refused(2, "sipalg: '' is not a mode: " MODES);
	RUN("policy", "set", "zone", "7", "4");
	assert_refused(2, "sipalg: '4' is not a mode: " MODES);
}

static void test_netns(void **state)
{
	(void)state;
	RUN("-n", "router", "off");
	assert_ran(0, "", "");
	assert_true(fake.entered);
	RUN("--netns=router", "off");
	assert_ran(0, "", "");
	RUN("--netns", "router", "-j", "policy");
	assert_json("[{\"default\":true,\"mode\":\"off\"}]");
	RUN("-jn", "router", "policy");
	assert_json("[{\"default\":true,\"mode\":\"off\"}]");
	RUN("-jnrouter", "policy");
	assert_json("[{\"default\":true,\"mode\":\"off\"}]");
}

static void test_netns_missing(void **state)
{
	(void)state;
	RUN("-n", "nowhere", "off");
	assert_refused(1, "sipalg: there is no network namespace 'nowhere'");
}

/* A wrong word is told first, wherever it is. */
static void test_netns_after_usage(void **state)
{
	(void)state;
	RUN("-n", "nowhere", "on");
	assert_refused(2, "sipalg: the scope is missing: " SCOPES);
	assert_false(fake.entered);
}

/* All that ask the module for something, but for save and restore, which have no JSON. */
static char *const requests[][6] = {
	{ "on", "dev", "wan" }, { "observe", "zone", "7" }, { "off" }, { "off", "--now" },
	{ "off", "dev", "wan" }, { "policy", "show" }, { "policy", "set", "dev", "wan", "on" },
	{ "policy", "del", "dev", "wan" }, { "policy", "flush" },
	{ "set", "limit-calls", "7" }, { "set", "sip-ports", "default" }, { "show", "settings" },
	{ "settings", "set", "limit-calls", "7" }, { "settings", "set", "sip-ports", "default" },
	{ "settings", "show" }, { "settings" },
	{ "call", "show" }, { "call", "kill", "all" }, { "call", "kill", "id", "7" },
	{ "binding", "show" }, { "binding", "show", "flows" }, { "stats", "show" },
	{ "stats", "show", "explain" }, { "monitor" }, { "monitor", "--messages" },
};

#define N_REQUESTS (sizeof(requests) / sizeof(*requests))

static void run_request(size_t i, bool json)
{
	char *const *args = requests[i];

	if (json)
		RUN("-j", args[0], args[1], args[2], args[3], args[4], args[5]);
	else
		RUN(args[0], args[1], args[2], args[3], args[4], args[5]);
}

static void test_not_loaded(void **state)
{
	(void)state;
	fake.open_error = -2;
	for (size_t i = 0; i < N_REQUESTS; i++) {
		run_request(i, false);
		assert_ran(1, "", "sipalg: the module nf_sipalg is not loaded\n");
		run_request(i, true);
		assert_ran(1, "", "sipalg: the module nf_sipalg is not loaded\n");
	}
}

static void test_save_fails(void **state)
{
	(void)state;
	fake.refuse = "Operation not permitted";
	RUN("policy", "save");
	assert_ran(1, "", "sipalg: Operation not permitted\n");
	fake.open_error = -2;
	RUN("policy", "save");
	assert_ran(1, "", "sipalg: the module nf_sipalg is not loaded\n");
}

static void test_all_refused(void **state)
{
	(void)state;
	fake.refuse = "Operation not permitted";
	for (size_t i = 0; i < N_REQUESTS; i++) {
		run_request(i, false);
		assert_ran(1, "", "sipalg: Operation not permitted\n");
		run_request(i, true);
		/* Of an object a line none has come yet. */
		assert_string_equal(ran.out, "");
		assert_string_equal(ran.err, "sipalg: Operation not permitted\n");
		assert_int_equal(ran.status, 1);
	}
}

static void test_word_too_many(void **state)
{
	static char *const verbs[][4] = {
		{ "on", "zone", "7", "now" }, { "off", "zone", "7", "now" },
		{ "policy", "show", "now" }, { "policy", "flush", "now" },
		{ "show", "settings", "now" }, { "settings", "show", "now" },
		{ "call", "kill", "now" }, { "call", "show", "now" }, { "binding", "show", "now" },
		{ "stats", "show", "now" }, { "monitor", "now" }, { "exercise", "now" },
		{ "check", "now" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++) {
		char *const *args = verbs[i];

		RUN(args[0], args[1], args[2], args[3]);
		assert_begins(ran.err, "sipalg: unexpected word 'now'");
		assert_int_equal(ran.status, 2);
		RUN("-j", args[0], args[1], args[2], args[3]);
		assert_begins(ran.err, "sipalg: unexpected word 'now'");
		assert_int_equal(ran.status, 2);
	}
}

static void test_no_netlink(void **state)
{
	(void)state;
	fake.open_error = -13;
	RUN("stats");
	assert_ran(1, "", "sipalg: netlink: Permission denied\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_no_words), TEST(test_help), TEST(test_object_help), TEST(test_version),
		TEST(test_unknown_object), TEST(test_unknown_command), TEST(test_abbreviations),
		TEST(test_abbreviated_keywords),
		TEST(test_abbreviated_setting), TEST(test_help_about), TEST(test_color),
		TEST(test_complete), TEST(test_unknown_option),
		TEST(test_option_after_object), TEST(test_too_many_words), TEST(test_exercise_wrong),
		TEST(test_scope_missing), TEST(test_scope_wrong), TEST(test_zone_wrong),
		TEST(test_zone_right), TEST(test_dev_wrong), TEST(test_dev_odd),
		TEST(test_scope_order), TEST(test_mode_wrong), TEST(test_netns),
		TEST(test_netns_missing), TEST(test_netns_after_usage), TEST(test_not_loaded),
		TEST(test_all_refused), TEST(test_save_fails), TEST(test_word_too_many),
		TEST(test_no_netlink),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("grammar", tests, NULL, NULL);
}
