// SPDX-License-Identifier: GPL-2.0

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "config.h"
#include "lab/stock.h"
#include "netlink.h"
#include "netns.h"
#include "program.h"
#include "report.h"
#include "sysinfo.h"

/*
 * How long the kernel may take to clear away the lab, whose rules use the stock
 * pair.
 */
#define CLEAR_MS 30000
#define RETRY_MS 100

static const char *const load_ours[] = { "modprobe", "nf_sipalg", NULL };
static const char *const find_ours[] = { "modprobe", "-n", "nf_sipalg", NULL };
static const char *const unload_ours[] = { "rmmod", "nf_sipalg", NULL };
/* Without a configuration, in which the names of the stock pair are ours. */
static const char *const load_stock[] = {"modprobe", "-C", "/dev/null",
					 "nf_nat_sip", NULL};
static const char *const find_stock[] = {
	"modprobe", "-n", "-C", "/dev/null", "nf_nat_sip", NULL
};
static const char *const unload_stock[] = {
	"modprobe", "-C",	  "/dev/null",	      "-r",
	"-q",	    "nf_nat_sip", "nf_conntrack_sip", NULL};

/**
 * stock_load_ours() - load this module unless it is loaded
 *
 * Return: 0, or -1 when it has been told why not.
 */
int stock_load_ours(void)
{
	return sysinfo_has_module("nf_sipalg") ? 0 : run_program("", load_ours);
}

static int take(struct config *config, const char *where)
{
	struct netlink *nl;
	int err = netlink_open(&nl);

	if (!err)
		err = config_take(nl, config);
	if (err)
		error("%s: %s", where,
		      nl ? netlink_reason(nl) : strerror(-err));
	netlink_close(nl);
	return err ? -1 : 0;
}

static int check_other(const char *path, void *data)
{
	struct config config;
	bool initial;

	(void)data;
	if (take(&config, path))
		return -1;
	initial = config_is_initial(&config);
	config_free(&config);
	if (initial)
		return 0;
	error(
		"--stock has to unload the module, but it has policies or settings in %s",
		path);
	return -1;
}

/* All that can be known to stand in the way, before anything is changed. */
static int check(const struct config *own)
{
	if (config_acts(own)) {
		error(
			"--stock has to unload the module, but it is switched on: "
			"sipalg off, first");
		return -1;
	}
	return netns_others(check_other, NULL) || run_program("", find_ours) ||
	       run_program("", find_stock) ? -1 : 0;
}

/*
 * Block the signals that end a program, unless the caller has said that they be
 * ignored: they wait until they are asked for, and what is called meanwhile is
 * not disturbed by them.
 */
static void block_ends(sigset_t *ends, sigset_t *before)
{
	static const int numbers[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };
	struct sigaction action;

	sigemptyset(ends);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		if (!sigaction(numbers[i], NULL, &action) &&
		    action.sa_handler != SIG_IGN)
			sigaddset(ends, numbers[i]);
	sigprocmask(SIG_BLOCK, ends, before);
}

/* Wait for the process or one of the signals; then the process ends, too. */
static int wait_for(pid_t pid, const sigset_t *signals)
{
	int status;

	for (;;) {
		int number = sigwaitinfo(signals, NULL);

		if (number > 0 && number != SIGCHLD) {
			kill(pid, SIGKILL);
			waitpid(pid, NULL, 0);
			return number;
		}
		if (waitpid(pid, &status, WNOHANG) == pid)
			break;
	}
	if (WIFSIGNALED(status))
		error("the calls were ended by: %s",
		      strsignal(WTERMSIG(status)));
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : -1;
}

/* Returns 0 or -1; or one of the signals, if it came before the end. */
static int run_child(int (*run)(void *data), void *data, const sigset_t *ends,
		     const sigset_t *before)
{
	pid_t parent = getpid(), pid;
	sigset_t signals = *ends, outer;
	int result = -1;

	sigaddset(&signals, SIGCHLD);
	sigprocmask(SIG_BLOCK, &signals, &outer);
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		sigprocmask(SIG_SETMASK, before, NULL);
		_exit(run(data) ? 1 : 0);
	}
	if (pid > 0)
		result = wait_for(pid, &signals);
	else
		error("fork: %m");
	sigprocmask(SIG_SETMASK, &outer, NULL);
	return result;
}

/*
 * A namespace that has just gone may still be there for a moment, with its
 * rules.
 */
static int clear_stock(void)
{
	for (int ms = 0; ms < CLEAR_MS; ms += RETRY_MS) {
		if (!sysinfo_has_module("nf_conntrack_sip") ||
		    !run_program("", unload_stock))
			return 0;
		usleep(RETRY_MS * 1000);
	}
	error("the kernel's own SIP helper cannot be unloaded again");
	return -1;
}

static int restore(const struct config *config)
{
	struct netlink *nl = NULL;
	int failed = stock_load_ours(), err;

	if (failed) {
		error("the module nf_sipalg is not loaded any more");
	} else {
		err = netlink_open(&nl);
		if (err)
			error("netlink: %s", strerror(-err));
		failed = err ||
			 config_restore(nl, config, "nf_sipalg", false);
		netlink_close(nl);
	}
	if (!failed || config_is_initial(config))
		return failed;
	error("what it was set to, for 'sipalg policy restore':");
	config_print(stderr, config);
	return failed;
}

/**
 * stock_run() - do something while the kernel's own ALG is in place of this one
 * @run: what to do, in a process of its own; returns 0, or -1 after having told
 *	why
 * @data: for @run
 *
 * Afterwards this module is loaded again, and what it was set to in this
 * network namespace is as before, however @run ends. If a signal ends it, this
 * process then ends by that, too.
 *
 * Return: 0, or -1 after having told why not.
 */
int stock_run(int (*run)(void *data), void *data)
{
	sigset_t ends, before;
	struct config own;
	int result;

	if (take(&own, "nf_sipalg"))
		return -1;
	if (check(&own)) {
		config_free(&own);
		return -1;
	}
	block_ends(&ends, &before);
	result = run_program("", unload_ours);
	if (!result) {
		result = run_program("", load_stock);
		if (!result)
			result = run_child(run, data, &ends, &before);
		if (clear_stock() && !result)
			result = -1;
		if (restore(&own) && !result)
			result = -1;
	}
	config_free(&own);
	if (result > 0)
		raise(result);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return result ? -1 : 0;
}
