// SPDX-License-Identifier: GPL-2.0
/*
 * The verbs that change and show policies, and policies as files.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"

static void add_policy(const struct policy *policy)
{
	fake.policies[fake.n_policies] = *policy;
	fake.policies[fake.n_policies++].has |= 1U << SIPALG_POLICY_MODE;
}

static void add_some(void)
{
	add_policy(&(struct policy){
		.scope = { .has_zone = true, .zone = 7 }, .mode = SIPALG_MODE_ON,
	});
	add_policy(&(struct policy){
		.has = 1U << SIPALG_POLICY_IFINDEX,
		.scope = { .dev = "wan" }, .mode = SIPALG_MODE_OBSERVE, .ifindex = 3,
	});
	add_policy(&(struct policy){
		.scope = { .has_zone = true, .zone = 7, .dev = "ppp0" }, .mode = SIPALG_MODE_OFF,
	});
}

static void test_switch(void **state)
{
	(void)state;
	RUN("on", "dev", "wan");
	assert_ran(0, "", "");
	RUN("observe", "zone", "7");
	assert_ran(0, "", "");
	RUN("off", "zone", "7", "dev", "wan");
	assert_ran(0, "", "");
	RUN("on", "default");
	assert_ran(0, "", "");
	assert_string_equal(fake.log, "set dev wan on\nset zone 7 observe\n"
			    "set zone 7 dev wan off\nset default on\n");
}

static void test_switch_twice(void **state)
{
	(void)state;
	RUN("on", "dev", "wan");
	assert_ran(0, "", "");
	RUN("on", "dev", "wan");
	assert_ran(0, "", "");
}

static void test_off_all(void **state)
{
	(void)state;
	add_some();
	RUN("off");
	assert_ran(0, "", "");
	assert_false(fake.now);
	assert_string_equal(fake.log, "flush off\n");
}

static void test_flush(void **state)
{
	(void)state;
	RUN("policy", "flush");
	assert_ran(0, "", "");
	assert_string_equal(fake.log, "flush rule\n");
}

static void test_set(void **state)
{
	(void)state;
	RUN("policy", "set", "default", "rule");
	assert_ran(0, "", "");
	RUN("policy", "set", "dev", "wan", "observe");
	assert_ran(0, "", "");
	RUN("policy", "set", "zone", "1", "dev", "lan", "off");
	assert_ran(0, "", "");
	assert_string_equal(fake.log, "set default rule\nset dev wan observe\n"
			    "set zone 1 dev lan off\n");
}

/* What the NAT does, beside the mode. */
static void test_options(void **state)
{
	(void)state;
	RUN("on", "dev", "wan", "outside-ports", "20000-20255");
	assert_ran(0, "", "");
	RUN("policy", "set", "default", "off", "--now", "outside-address", "2001:db8::7",
	    "outside-ports", "1024-65535");
	assert_ran(0, "", "");
	assert_true(fake.now);
	assert_string_equal(fake.log, "set dev wan on outside-ports 20000-20255\n"
			    "set default off outside-ports 1024-65535 outside-address "
			    "2001:db8::7\n");
	RUN("policy", "save");
	assert_ran(0, "set default off outside-ports 1024-65535 outside-address 2001:db8::7\n"
		   "set dev wan on outside-ports 20000-20255\n", "");
	RUN("-j", "policy", "show");
	assert_contains(ran.out, "\"outside-ports\":[20000,20255]");
	assert_contains(ran.out, "\"outside-address\":\"2001:db8::7\"");
}

/* Who may ask for media of others. */
static void test_trusted(void **state)
{
	(void)state;
	RUN("on", "dev", "wan", "trusted", "192.168.1.10,2001:db8::10", "for", "192.168.1.0/24");
	assert_ran(0, "", "");
	RUN("policy", "save");
	assert_ran(0, "set default rule\n"
		   "set dev wan on trusted 192.168.1.10/32,2001:db8::10/128 for 192.168.1.0/24\n", "");
	RUN("-j", "policy", "show");
	assert_contains(ran.out, "\"trusted\":[\"192.168.1.10/32\",\"2001:db8::10/128\"],"
			"\"trusted-for\":[\"192.168.1.0/24\"]");
}

static void test_options_wrong(void **state)
{
	static char *const ranges[] = {
		"20000", "20255-20000", "0-100", "20000-70000", "20000-", "-20000", "1024-1024",
		"20000-20255x", "+20000-20255", "20000 - 20255", "20000-020255", "",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ranges) / sizeof(*ranges); i++) {
		RUN("on", "dev", "wan", "outside-ports", ranges[i]);
		assert_int_equal(ran.status, 2);
		assert_contains(ran.err, "is no range of ports: LOW-HIGH, from 1024 to 65535");
	}
	RUN("on", "dev", "wan", "outside-ports");
	assert_refused(2, "sipalg: the ports are missing: LOW-HIGH");
	RUN("on", "dev", "wan", "outside-address");
	assert_refused(2, "sipalg: the address is missing");
	RUN("on", "dev", "wan", "outside-address", "wan.example");
	assert_refused(2, "sipalg: 'wan.example' is not an address");
	RUN("on", "dev", "wan", "outside-ports", "2000-3000", "outside-ports", "2000-3000");
	assert_refused(2, "sipalg: outside-ports is there twice");
	RUN("on", "dev", "wan", "trusted");
	assert_refused(2, "sipalg: trusted takes HOST[,HOST...] for NETWORK[,NETWORK...]");
	RUN("on", "dev", "wan", "trusted", "192.168.1.10");
	assert_refused(2, "sipalg: trusted takes HOST[,HOST...] for NETWORK[,NETWORK...]");
	RUN("on", "dev", "wan", "trusted", "192.168.1.10", "for");
	assert_refused(2, "sipalg: trusted takes HOST[,HOST...] for NETWORK[,NETWORK...]");
	RUN("on", "dev", "wan", "trusted", "pbx", "for", "192.168.1.0/24");
	assert_refused(2, "sipalg: 'pbx' is not a list of networks");
	RUN("on", "dev", "wan", "trusted", "192.168.1.10,", "for", "192.168.1.0/24");
	assert_refused(2, "sipalg: '192.168.1.10,' is not a list of networks");
	RUN("on", "dev", "wan", "trusted", "::1,::2,::3,::4,::5", "for", "::/1");
	assert_refused(2, "sipalg: '::1,::2,::3,::4,::5' are more than 4 networks");
	RUN("policy", "del", "dev", "wan", "outside-ports", "default");
	assert_refused(2, "sipalg: unexpected word 'outside-ports'");
	assert_string_equal(fake.log, "");
}

static void test_del(void **state)
{
	(void)state;
	RUN("policy", "del", "zone", "7");
	assert_ran(0, "", "");
	RUN("policy", "del", "dev", "gone");
	assert_ran(0, "", "");
	RUN("policy", "del", "default");
	assert_ran(0, "", "");
	assert_string_equal(fake.log, "del zone 7\ndel dev gone\ndel default\n");
}

static void assert_now(bool now)
{
	assert_ran(0, "", "");
	assert_int_equal(fake.now, now);
}

static void test_now(void **state)
{
	(void)state;
	RUN("on", "dev", "wan", "--now");
	assert_now(true);
	RUN("on", "dev", "wan");
	assert_now(false);
	RUN("on", "--now", "dev", "wan");
	assert_now(true);
	RUN("observe", "default");
	assert_now(false);
	RUN("observe", "default", "--now");
	assert_now(true);
	RUN("off", "zone", "7");
	assert_now(false);
	RUN("off", "zone", "7", "--now");
	assert_now(true);
	RUN("off");
	assert_now(false);
	RUN("off", "--now");
	assert_now(true);
	assert_contains(fake.log, "flush off\nflush off\n");
	RUN("policy", "set", "default", "on");
	assert_now(false);
	RUN("policy", "set", "default", "on", "--now");
	assert_now(true);
	RUN("policy", "del", "zone", "7");
	assert_now(false);
	RUN("policy", "del", "zone", "7", "--now");
	assert_now(true);
	RUN("policy", "flush");
	assert_now(false);
	RUN("policy", "flush", "--now");
	assert_now(true);
}

static void test_dev_missing(void **state)
{
	(void)state;
	RUN("on", "dev", "ppp0");
	assert_ran(0, "",
		   "sipalg: note: there is no device ppp0 now; the policy waits for it\n");
	RUN("policy", "set", "zone", "3", "dev", "ppp0", "off");
	assert_ran(0, "",
		   "sipalg: note: there is no device ppp0 now; the policy waits for it\n");
	RUN("policy", "del", "dev", "ppp0");
	assert_ran(0, "", "");
}

static void test_refused(void **state)
{
	(void)state;
	fake.refuse = "mode rule is for the default scope alone";
	RUN("policy", "set", "dev", "ppp0", "rule");
	assert_ran(1, "", "sipalg: mode rule is for the default scope alone\n");
	fake.refuse = "Operation not permitted";
	RUN("on", "default");
	assert_ran(1, "", "sipalg: Operation not permitted\n");
	RUN("off");
	assert_ran(1, "", "sipalg: Operation not permitted\n");
	RUN("policy", "del", "zone", "7");
	assert_ran(1, "", "sipalg: Operation not permitted\n");
	RUN("policy", "flush");
	assert_ran(1, "", "sipalg: Operation not permitted\n");
	RUN("policy", "show");
	assert_ran(1, "", "sipalg: Operation not permitted\n");
	RUN("-j", "policy", "show");
	assert_ran(1, "", "sipalg: Operation not permitted\n");
	RUN("policy", "save");
	assert_ran(1, "", "sipalg: Operation not permitted\n");
}

#define SHOWN							\
	"default mode rule\n"					\
	"zone 7 mode on\n"					\
	"dev wan mode observe\n"				\
	"zone 7 dev ppp0 mode off (no such device now)\n"

static void test_show(void **state)
{
	(void)state;
	add_some();
	RUN("policy", "show");
	assert_ran(0, SHOWN, "");
	RUN("policy");
	assert_ran(0, SHOWN, "");
}

static void test_show_json(void **state)
{
	(void)state;
	add_some();
	RUN("-j", "policy", "show");
	assert_json("[{\"default\":true,\"mode\":\"rule\"},"
		    "{\"zone\":7,\"mode\":\"on\"},"
		    "{\"dev\":\"wan\",\"ifindex\":3,\"mode\":\"observe\"},"
		    "{\"zone\":7,\"dev\":\"ppp0\",\"mode\":\"off\"}]");
}

static void test_show_nothing(void **state)
{
	(void)state;
	fake.n_policies = 0;
	RUN("policy", "show");
	assert_ran(0, "", "");
	RUN("-j", "policy", "show");
	assert_json("[]");
}

/* A newer module: a mode that has no name here, and one that is not told. */
static void test_show_unknown(void **state)
{
	(void)state;
	fake.policies[0].mode = 77;
	fake.policies[1] = (struct policy){ .scope = { .has_zone = true } };
	fake.n_policies = 2;
	RUN("policy", "show");
	assert_ran(0, "default mode 77\nzone 0\n", "");
	RUN("-j", "policy", "show");
	assert_json("[{\"default\":true,\"mode\":77},{\"zone\":0}]");
	RUN("policy", "save");
	assert_ran(1, "", "sipalg: default has a mode that this version does not know\n");
}

/* A user who may name devices must not reach the administrator's terminal by that. */
static void test_show_hostile_dev(void **state)
{
	(void)state;
	fake.policies[0].scope = (struct scope){ .dev = "a\033[2J\xff" };
	RUN("policy", "show");
	assert_ran(0, "dev a?[2J\xff mode rule (no such device now)\n", "");
	RUN("-j", "policy", "show");
	assert_json("[{\"dev\":\"a\\u001b[2J?\",\"mode\":\"rule\"}]");
}

static void test_save(void **state)
{
	(void)state;
	add_some();
	RUN("policy", "save");
	assert_ran(0, "set default rule\nset zone 7 on\nset dev wan observe\n"
		   "set zone 7 dev ppp0 off\n", "");
	RUN("-j", "policy", "save");
	assert_refused(2, "sipalg: what 'policy restore' takes is no JSON: see 'policy show'");
}

static char *path;

static void write_file(const char *text, size_t len)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fwrite(text, 1, len, file);
	fclose(file);
}

static void restore(const char *text)
{
	write_file(text, strlen(text));
	RUN("policy", "restore", "-f", path);
}

static void test_restore(void **state)
{
	(void)state;
	add_some();
	restore("# for the office\n"
		"\n"
		"set default off\n"
		"  set\tdev wan on  \r\n"
		"   # and the guests\n"
		"set zone 9 observe\n"
		"set zone 9 dev lan on");
	assert_ran(0, "", "");
	assert_string_equal(fake.log,
			    "restore\n"
			    "set default off\n"
			    "set dev wan on\n"
			    "set zone 9 observe\n"
			    "set zone 9 dev lan on\n");
}

static void test_restore_now(void **state)
{
	(void)state;
	restore("set dev wan on");
	assert_int_equal(fake.now, false);
	RUN("policy", "restore", "-f", path, "--now");
	assert_int_equal(fake.now, true);
	RUN("policy", "restore", "-f", path);
	assert_int_equal(fake.now, false);
	RUN("policy", "restore", "--now", "-f", path);
	assert_int_equal(fake.now, true);
}

static void test_restore_empty(void **state)
{
	(void)state;
	add_some();
	restore("");
	assert_ran(0, "", "");
	RUN("policy", "show");
	assert_ran(0, "default mode rule\n", "");
}

static void test_restore_stdin(void **state)
{
	FILE *input;

	(void)state;
	write_file("set dev wan on\n", 15);
	input = stdin;
	stdin = fopen(path, "r");
	RUN("policy", "restore", "-f", "-");
	fclose(stdin);
	stdin = input;
	assert_ran(0, "", "");
	assert_string_equal(fake.log, "restore\nset dev wan on\n");
}

static void test_round_trip(void **state)
{
	char *saved;

	(void)state;
	add_some();
	RUN("policy", "save");
	saved = strdup(ran.out);
	RUN("policy", "flush");
	restore(saved);
	assert_ran(0, "",
		   "sipalg: note: there is no device ppp0 now; the policy waits for it\n");
	RUN("policy", "save");
	assert_ran(0, saved, "");
	free(saved);
}

/* In whatever order they were set. */
static void test_show_sorted(void **state)
{
	(void)state;
	RUN("on", "zone", "7", "dev", "wan");
	RUN("on", "dev", "wan");
	RUN("on", "zone", "10");
	RUN("on", "zone", "3", "dev", "wan");
	RUN("on", "dev", "lan");
	RUN("on", "zone", "9");
	RUN("on", "zone", "3", "dev", "lan");
	RUN("policy", "save");
	assert_ran(0, "set default rule\nset zone 9 on\nset zone 10 on\nset dev lan on\n"
		   "set dev wan on\nset zone 3 dev lan on\nset zone 3 dev wan on\n"
		   "set zone 7 dev wan on\n", "");
}

static char *read_file(const char *name)
{
	static char text[1024];
	FILE *file = fopen(name, "re");
	size_t len = fread(text, 1, sizeof(text) - 1, file);

	fclose(file);
	text[len] = '\0';
	return text;
}

/* The file is another one then: who reads the old one goes on reading it. */
static void test_save_file(void **state)
{
	static const char saved[] = "set default rule\nset dev wan on\n";
	char folder[] = "/tmp/sipalg-test-XXXXXX", name[64], text[64] = "";
	struct stat before, after;
	FILE *reader;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(name, sizeof(name), "%s/conf", folder);
	fake.policies[1] = (struct policy){
		.has = 1U << SIPALG_POLICY_MODE, .scope.dev = "wan", .mode = SIPALG_MODE_ON,
	};
	fake.n_policies = 2;
	settings_fill(&fake.settings);
	RUN("policy", "save", "-f", name);
	assert_ran(0, "", "");
	assert_string_equal(read_file(name), saved);
	assert_int_equal(stat(name, &before), 0);
	assert_int_equal(before.st_mode & 0777, 0644);

	chmod(name, 0640);
	reader = fopen(name, "re");
	fake.policies[1].mode = SIPALG_MODE_OFF;
	RUN("policy", "save", "-f", name);
	assert_ran(0, "", "");
	assert_string_equal(read_file(name), "set default rule\nset dev wan off\n");
	assert_int_equal(stat(name, &after), 0);
	assert_int_not_equal(before.st_ino, after.st_ino);
	assert_int_equal(after.st_mode & 0777, 0640);
	assert_int_equal(fread(text, 1, sizeof(text) - 1, reader), sizeof(saved) - 1);
	assert_string_equal(text, saved);
	fclose(reader);

	/* A file that cannot be written stays as it was, with nothing beside it. */
	fake.policies[1].mode = 99;
	RUN("policy", "save", "-f", name);
	assert_int_equal(ran.status, 1);
	assert_string_equal(read_file(name), "set default rule\nset dev wan off\n");
	unlink(name);
	assert_int_equal(rmdir(folder), 0);
	RUN("policy", "save", "-f", name);
	assert_int_equal(ran.status, 1);
	assert_contains(ran.err, "/conf: No such file or directory\n");
	RUN("policy", "save", "-f");
	assert_refused(2, "sipalg: the file is missing: -f FILE");
	fake.policies[1].mode = SIPALG_MODE_OFF;
	RUN("policy", "save", "-f", "-");
	assert_ran(0, "set default rule\nset dev wan off\n", "");
}

/* A link goes on leading to the file; what is no file is written to. */
static void test_save_place(void **state)
{
	char folder[] = "/tmp/sipalg-test-XXXXXX", name[64], link[64], text[64] = "";
	struct stat after;
	int reader;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(name, sizeof(name), "%s/conf", folder);
	snprintf(link, sizeof(link), "%s/link", folder);
	fclose(fopen(name, "we"));
	chown(name, 1, 2);
	chmod(name, 0640);
	assert_int_equal(symlink("conf", link), 0);
	RUN("policy", "save", "-f", link);
	assert_ran(0, "", "");
	assert_int_equal(lstat(link, &after), 0);
	assert_true(S_ISLNK(after.st_mode));
	assert_string_equal(read_file(name), "set default rule\n");
	assert_int_equal(stat(name, &after), 0);
	assert_int_equal(after.st_mode & 0777, 0640);
	if (!getuid()) {
		assert_int_equal(after.st_uid, 1);
		assert_int_equal(after.st_gid, 2);
	}
	unlink(link);
	unlink(name);

	assert_int_equal(mkfifo(name, 0600), 0);
	reader = open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	RUN("policy", "save", "-f", name);
	assert_ran(0, "", "");
	assert_int_equal(stat(name, &after), 0);
	assert_true(S_ISFIFO(after.st_mode));
	assert_true(read(reader, text, sizeof(text) - 1) > 0);
	assert_string_equal(text, "set default rule\n");
	close(reader);
	unlink(name);
	assert_int_equal(rmdir(folder), 0);
}

/* As on a full disk: the file cannot be written whole, and stays as it was. */
static void test_save_full(void **state)
{
	char folder[] = "/tmp/sipalg-test-XXXXXX", name[64];
	struct rlimit before, small;
	FILE *file;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(name, sizeof(name), "%s/conf", folder);
	file = fopen(name, "we");
	fputs("set zone 7 on\n", file);
	fclose(file);
	getrlimit(RLIMIT_FSIZE, &before);
	small = before;
	small.rlim_cur = 5;
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &small);
	RUN("policy", "save", "-f", name);
	setrlimit(RLIMIT_FSIZE, &before);
	signal(SIGXFSZ, SIG_DFL);
	assert_int_equal(ran.status, 1);
	assert_contains(ran.err, "/conf: File too large\n");
	assert_string_equal(read_file(name), "set zone 7 on\n");
	unlink(name);
	assert_int_equal(rmdir(folder), 0);
}

static void test_settings(void **state)
{
	char *saved;

	(void)state;
	RUN("set", "limit-calls", "100");
	RUN("set", "sip-ports", "5080,5090");
	RUN("policy", "save");
	assert_ran(0, "set default rule\nsetting sip-ports 5080,5090\n"
		   "setting limit-calls 100\n", "");
	saved = strdup(ran.out);
	/* A setting that the file does not name goes back to its initial value. */
	restore("setting limit-bytes 7\n");
	assert_ran(0, "", "");
	RUN("policy", "save");
	assert_ran(0, "set default rule\nsetting limit-bytes 7\n", "");
	*fake.log = '\0';
	restore(saved);
	assert_ran(0, "", "");
	assert_string_equal(fake.log, "setting sip-ports 5080,5090\nsetting limit-calls 100\n"
			    "restore\nset default rule\n");
	RUN("policy", "save");
	assert_ran(0, saved, "");
	free(saved);
}

/* An older module lacks a setting: it is not asked for unless the file names it. */
static void test_settings_unknown(void **state)
{
	(void)state;
	RUN("set", "limit-calls", "100");
	restore("setting limit-bytes 7\n");
	assert_ran(0, "", "");
	assert_false(setting_is_initial(&fake.settings, SIPALG_SETTING_LIMIT_BYTES));
	assert_true(fake.settings.has[SIPALG_SETTING_LIMIT_CALLS]);
	assert_true(setting_is_initial(&fake.settings, SIPALG_SETTING_LIMIT_CALLS));
	assert_false(fake.settings.has[SIPALG_SETTING_LIMIT_HOST_CALLS]);
	assert_false(fake.settings.has[SIPALG_SETTING_SIP_PORTS]);
}

static void assert_file_wrong(const char *text, const char *where)
{
	char error[256];

	restore(text);
	snprintf(error, sizeof(error), "sipalg: %s:%s\n", path, where);
	assert_string_equal(ran.err, error);
	assert_int_equal(ran.status, 2);
	assert_int_equal(fake.changes, 0);
}

static void test_restore_wrong(void **state)
{
	(void)state;
	assert_file_wrong("dev wan on\n", "1: 'dev' is neither 'set' nor 'setting'");
	assert_file_wrong("set default on\nset\n", "2: the scope is missing: default, zone ID, "
			  "dev IFNAME or zone ID dev IFNAME");
	assert_file_wrong("set default on\n\nset zone 70000 on\n",
			  "3: '70000' is not the ID of a zone: 0 to 65535");
	assert_file_wrong("set dev wan\n", "1: the mode is missing: off, observe, on or rule");
	assert_file_wrong("set dev wan on # office\n", "1: unexpected word '#'");
	assert_file_wrong("set dev wan on --now\n", "1: unexpected word '--now'");
	assert_file_wrong("set dev wan rule\n", "1: rule is a mode for the default scope alone");
	assert_file_wrong("set default on\nset default off\n",
			  "2: the scope is in line 1 already");
	assert_file_wrong("set zone 7 dev wan on\nset dev wan zone 7 on\n",
			  "2: the scope is in line 1 already");
	assert_file_wrong("setting\n", "1: the name of the setting is missing");
	assert_file_wrong("setting limit-calls x\n", "1: 'x' is not a value: 0 to 4294967295");
	assert_file_wrong("setting limit-calls 1 2\n", "1: unexpected word '2'");
	assert_file_wrong("set default on\nsetting limit-calls 1\nsetting limit-calls 1\n",
			  "3: limit-calls is set already");
	assert_file_wrong("set default on a b c d e f g h i j k l m n o p q r s t\n",
			  "1: unexpected word 'a'");
}

static void test_restore_binary(void **state)
{
	char error[256];

	(void)state;
	write_file("set default on\n\0set dev wan on\n", 31);
	RUN("policy", "restore", "-f", path);
	snprintf(error, sizeof(error), "sipalg: %s:2: not a text\n", path);
	assert_ran(2, "", error);
	assert_int_equal(fake.changes, 0);
}

static void test_restore_no_file(void **state)
{
	(void)state;
	RUN("policy", "restore");
	assert_refused(2, "sipalg: the file is missing: -f FILE");
	RUN("policy", "restore", "-f");
	assert_refused(2, "sipalg: the file is missing: -f FILE");
	RUN("policy", "restore", "--now");
	assert_refused(2, "sipalg: the file is missing: -f FILE");
	RUN("policy", "restore", "sipalg.conf");
	assert_refused(2, "sipalg: the file is missing: -f FILE");
	RUN("policy", "restore", "-f", "/nonexistent/file");
	assert_refused(1, "sipalg: /nonexistent/file: No such file or directory");
	RUN("policy", "restore", "-f", "/");
	assert_refused(1, "sipalg: /: Is a directory");
}

static void test_restore_refused(void **state)
{
	char error[256];

	(void)state;
	fake.refuse = "too many scopes";
	restore("set zone 1 on\nset zone 2 on\nset dev nosuch on\n");
	snprintf(error, sizeof(error), "sipalg: %s: too many scopes\n", path);
	assert_ran(1, "", error);
	assert_int_equal(fake.changes, 0);
}

/* The kernel has taken the settings, but not the policies: they go back. */
static void test_restore_half(void **state)
{
	(void)state;
	RUN("set", "limit-calls", "100");
	fake.refuse = "too many scopes";
	fake.refuse_after = fake.changes;
	fake.takes_settings = true;
	restore("setting limit-calls 7\nset zone 1 on\n");
	assert_int_equal(ran.status, 1);
	assert_int_equal(fake.settings.value[SIPALG_SETTING_LIMIT_CALLS], 100);
}

static void test_restore_setting_refused(void **state)
{
	char error[256];

	(void)state;
	fake.refuse = "limit-calls goes from 0 to 4194304";
	restore("set dev wan on\nsetting limit-calls 4194305\n");
	snprintf(error, sizeof(error), "sipalg: %s: limit-calls goes from 0 to 4194304\n", path);
	assert_ran(1, "", error);
	assert_int_equal(fake.changes, 0);
}

static void test_restore_not_loaded(void **state)
{
	(void)state;
	fake.open_error = -2;
	restore("set default on\n");
	assert_ran(1, "", "sipalg: the module nf_sipalg is not loaded\n");
	restore("set default om\n");
	assert_int_equal(ran.status, 2);
}

static int make_path(void **state)
{
	static char template[] = "/tmp/sipalg-test-XXXXXX";
	int fd = mkstemp(template);

	(void)state;
	path = template;
	close(fd);
	return fd < 0;
}

static int remove_path(void **state)
{
	(void)state;
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_switch), TEST(test_switch_twice), TEST(test_off_all), TEST(test_flush),
		TEST(test_set), TEST(test_options), TEST(test_trusted), TEST(test_options_wrong),
		TEST(test_del),
		TEST(test_now), TEST(test_dev_missing),
		TEST(test_refused), TEST(test_show), TEST(test_show_json),
		TEST(test_show_nothing), TEST(test_show_unknown), TEST(test_show_hostile_dev),
		TEST(test_show_sorted),
		TEST(test_save), TEST(test_restore), TEST(test_restore_now),
		TEST(test_restore_empty), TEST(test_restore_stdin), TEST(test_round_trip),
		TEST(test_restore_wrong), TEST(test_restore_binary), TEST(test_restore_no_file),
		TEST(test_restore_refused), TEST(test_restore_half),
		TEST(test_restore_setting_refused),
		TEST(test_save_file), TEST(test_save_place), TEST(test_save_full),
		TEST(test_settings), TEST(test_settings_unknown),
		TEST(test_restore_not_loaded),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("policy", tests, make_path, remove_path);
}
