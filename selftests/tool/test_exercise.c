// SPDX-License-Identifier: GPL-2.0
/*
 * sipalg exercise --stock: what it does to the modules, and that all is as before then. The
 * lab is not there, and nothing is tried in it.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness.h"
#include "lab/netns_lab.h"
#include "lab/scenario.h"
#include "program.h"

#define FIND								\
	"modprobe -n nf_sipalg\n"					\
	"modprobe -n -C /dev/null nf_nat_sip\n"
#define UNLOAD "rmmod nf_sipalg\n"
#define LOAD_STOCK "modprobe -C /dev/null nf_nat_sip\n"
#define CLEAR "modprobe -C /dev/null -r -q nf_nat_sip nf_conntrack_sip\n"
#define LOAD "modprobe nf_sipalg\n"
#define RESTORE								\
	"setting limit-calls 7\n"					\
	"restore\n"							\
	"set default off\n"						\
	"set dev lan off\n"

/* What the child that has the stock pair does, and the program that fails. */
static enum { PASS, WAIT, DIE } child;
static const char *failing;
static pid_t own;
static struct fake home;
static volatile sig_atomic_t caught;

int __wrap_run_program(const char *input, const char *const *argv);
int __wrap_netns_lab_open(struct netns_lab *lab);
void __wrap_netns_lab_close(struct netns_lab *lab);
int __wrap_netns_lab_enter(const struct netns_lab *lab, enum lab_host host);
int __wrap_netns_lab_leave(const struct netns_lab *lab);
int __wrap_netns_lab_assign_helper(const struct netns_lab *lab);
int __wrap_scenario_run(const struct scenario *scenario, const struct netns_lab *lab, int wait, char *why,
		     size_t size);

/* As loading the module leaves it. */
static void initial(void)
{
	fake.settings = (struct settings){};
	settings_fill(&fake.settings);
	fake.n_policies = 1;
	fake.policies[0] = (struct policy){
		.has = 1U << SIPALG_POLICY_MODE, .mode = SIPALG_MODE_RULE,
	};
}

int __wrap_run_program(const char *input, const char *const *argv)
{
	char line[128] = "";

	(void)input;
	for (; *argv; argv++) {
		strcat(line, *argv);
		strcat(line, argv[1] ? " " : "\n");
	}
	strcat(fake.log, line);
	if (failing && !strcmp(line, failing))
		return -1;
	if (!strcmp(line, UNLOAD) || !strcmp(line, CLEAR))
		fake.modules[0] = NULL;
	if (!strcmp(line, LOAD_STOCK))
		fake.modules[0] = "nf_conntrack_sip";
	if (!strcmp(line, LOAD)) {
		fake.modules[0] = "nf_sipalg";
		initial();
	}
	return 0;
}

int __wrap_netns_lab_open(struct netns_lab *lab)
{
	(void)lab;
	return 0;
}

void __wrap_netns_lab_close(struct netns_lab *lab)
{
	(void)lab;
}

/* What is set there is not set here. */
int __wrap_netns_lab_enter(const struct netns_lab *lab, enum lab_host host)
{
	(void)lab;
	(void)host;
	home = fake;
	return 0;
}

int __wrap_netns_lab_leave(const struct netns_lab *lab)
{
	(void)lab;
	fake = home;
	return 0;
}

int __wrap_netns_lab_assign_helper(const struct netns_lab *lab)
{
	(void)lab;
	return 0;
}

int __wrap_scenario_run(const struct scenario *scenario, const struct netns_lab *lab, int wait, char *why,
		     size_t size)
{
	(void)lab;
	(void)wait;
	if (getpid() == own)
		return 0;
	if (child == DIE)
		raise(SIGKILL);
	if (child == WAIT) {
		kill(getppid(), SIGTERM);
		for (;;)
			pause();
	}
	snprintf(why, size, "%s does not", scenario->name);
	return 0;
}

static int setup(void **state)
{
	harness_setup(state);
	child = PASS;
	failing = NULL;
	caught = 0;
	own = getpid();
	initial();
	fake.modules[0] = "nf_sipalg";
	fake.policies[0].mode = SIPALG_MODE_OFF;
	fake.policies[1] = (struct policy){
		.has = 1U << SIPALG_POLICY_MODE, .scope = { .dev = "lan" },
		.mode = SIPALG_MODE_OFF,
	};
	fake.n_policies = 2;
	fake.settings.value[SIPALG_SETTING_LIMIT_CALLS] = 7;
	return 0;
}

static void assert_as_before(void)
{
	assert_string_equal(fake.modules[0], "nf_sipalg");
	RUN("policy", "save");
	assert_ran(0, "set default off\nset dev lan off\nsetting limit-calls 7\n", "");
}

static void test_done(void **state)
{
	(void)state;
	RUN("-j", "exercise", "--stock");
	assert_string_equal(ran.err, "");
	assert_contains(ran.out, "\"why\":\"call out does not\"");
	assert_int_equal(ran.status, 0);
	assert_string_equal(fake.log, FIND UNLOAD LOAD_STOCK CLEAR LOAD RESTORE);
	assert_as_before();
}

static void catch(int number)
{
	(void)number;
	caught++;
}

/* The signal comes when all is as before. */
static void test_signal(void **state)
{
	struct sigaction before, action = { .sa_handler = catch };

	(void)state;
	child = WAIT;
	sigaction(SIGTERM, &action, &before);
	RUN("exercise", "--stock");
	sigaction(SIGTERM, &before, NULL);
	assert_ran(1, "", "");
	assert_int_equal(caught, 1);
	assert_string_equal(fake.log, FIND UNLOAD LOAD_STOCK CLEAR LOAD RESTORE);
	assert_as_before();
}

static void test_failed(void **state)
{
	(void)state;
	child = DIE;
	RUN("exercise", "--stock");
	assert_ran(1, "", "sipalg: the calls were ended by: Killed\n");
	assert_string_equal(fake.log, FIND UNLOAD LOAD_STOCK CLEAR LOAD RESTORE);
	assert_as_before();
}

static void test_stock_fails(void **state)
{
	(void)state;
	failing = LOAD_STOCK;
	RUN("exercise", "--stock");
	assert_ran(1, "", "");
	assert_string_equal(fake.log, FIND UNLOAD LOAD_STOCK LOAD RESTORE);
	assert_as_before();
}

static void test_cannot(void **state)
{
	static const struct { const char *failing, *log; } tries[] = {
		{ "modprobe -n nf_sipalg\n", "modprobe -n nf_sipalg\n" },
		{ "modprobe -n -C /dev/null nf_nat_sip\n", FIND },
		{ UNLOAD, FIND UNLOAD },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(tries) / sizeof(*tries); i++) {
		*fake.log = '\0';
		failing = tries[i].failing;
		RUN("exercise", "--stock");
		assert_ran(1, "", "");
		assert_string_equal(fake.log, tries[i].log);
		assert_as_before();
	}
}

static void test_not_again(void **state)
{
	(void)state;
	failing = LOAD;
	RUN("exercise", "--stock");
	assert_ran(1, "", "sipalg: the module nf_sipalg is not loaded any more\n"
		   "sipalg: what it was set to, for 'sipalg policy restore':\n"
		   "set default off\nset dev lan off\nsetting limit-calls 7\n");
}

static void other_is_off(void)
{
	initial();
	fake.policies[0].mode = SIPALG_MODE_OFF;
}

static void other_has_scope(void)
{
	initial();
	fake.policies[1] = (struct policy){ .scope = { .dev = "wan" }, .mode = SIPALG_MODE_ON };
	fake.n_policies = 2;
}

static void other_has_setting(void)
{
	initial();
	fake.settings.value[SIPALG_SETTING_LIMIT_CALLS] = 8;
}

static void other_refuses(void)
{
	fake.refuse = "no";
}

static void test_others(void **state)
{
	static void (*const others[])(void) = { other_is_off, other_has_scope, other_has_setting };

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		fake.other = others[i];
		RUN("exercise", "--stock");
		assert_ran(1, "", "sipalg: --stock has to unload the module, but it has policies or "
			   "settings in " NETNS_DIR "/other\n");
	}
	fake.other = other_refuses;
	RUN("exercise", "--stock");
	assert_ran(1, "", "sipalg: " NETNS_DIR "/other: no\n");
	assert_string_equal(fake.log, "");
	assert_as_before();
	fake.other = initial;
	RUN("exercise", "--stock");
	assert_int_equal(ran.status, 0);
}

static void test_switched_on(void **state)
{
	(void)state;
	fake.policies[1].mode = SIPALG_MODE_OBSERVE;
	RUN("exercise", "--stock");
	assert_ran(1, "", "sipalg: --stock has to unload the module, but it is switched on: "
		   "sipalg off, first\n");
	assert_string_equal(fake.log, "");
}

#define EXERCISE(function) \
	cmocka_unit_test_setup_teardown(function, setup, harness_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EXERCISE(test_done), EXERCISE(test_signal), EXERCISE(test_failed),
		EXERCISE(test_stock_fails), EXERCISE(test_cannot), EXERCISE(test_not_again),
		EXERCISE(test_others), EXERCISE(test_switched_on),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("exercise", tests, NULL, NULL);
}
