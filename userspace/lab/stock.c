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

/* The kernel may take as long to remove the lab's rules, which use the pair. */
#define CLEAR_MS 30000
#define RETRY_MS 100

static const char *const load_ours[] = { "modprobe", "nf_sipalg", NULL };
static const char *const find_ours[] = { "modprobe", "-n", "nf_sipalg", NULL };
static const char *const unload_ours[] = { "rmmod", "nf_sipalg", NULL };
/* The installed configuration makes the stock pair's names aliases of ours. */
static const char *const load_stock[] = {
	"modprobe", "-C", "/dev/null", "nf_nat_sip", NULL
};
static const char *const find_stock[] = {
	"modprobe", "-n", "-C", "/dev/null", "nf_nat_sip", NULL
};
static const char *const unload_stock[] = {
	"modprobe", "-C", "/dev/null", "-r", "-q",
	"nf_nat_sip", "nf_conntrack_sip", NULL
};

/**
 * stock_load_ours() - load this module unless it is loaded
 *
 * Return: 0, or -1 after an error message.
 */
int stock_load_ours(void)
{
	return sysinfo_has_module("nf_sipalg") ? 0 : run_program("", load_ours);
}

static int config_read(struct config *config, const char *where)
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
	if (config_read(&config, path))
		return -1;
	initial = config_is_initial(&config);
	config_free(&config);
	if (initial)
		return 0;
	error("--stock has to unload the module, "
	      "but it has policies or settings in %s", path);
	return -1;
}

/* Finds obstacles before anything is changed. */
static int check_before(const struct config *own)
{
	if (config_acts(own)) {
		error("--stock has to unload the module, "
		      "but it is switched on: sipalg off, first");
		return -1;
	}
	return netns_others(check_other, NULL) || run_program("", find_ours) ||
	       run_program("", find_stock) ? -1 : 0;
}

/*
 * Blocks the signals that end a program, unless the caller ignores them: the
 * configuration must be put back first.
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

/* Waits for the process to end. A signal ends the process. */
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

/* Return: 0; -1; or the number of a signal that came before the end. */
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

/* The kernel removes a namespace and its rules some time after its end. */
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

static int config_put_back(const struct config *config)
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
 * stock_run() - call a function while the kernel's own ALG replaces this one
 * @run: called in a process of its own; returns 0, or -1 after an error message
 * @data: for @run
 *
 * Afterwards this module is loaded again, and its policies and settings in this
 * network namespace are put back, however @run ends. A signal that ends @run
 * then ends this process, too.
 *
 * Return: 0, or -1 after an error message.
 */
int stock_run(int (*run)(void *data), void *data)
{
	sigset_t ends, before;
	struct config own;
	int result;

	if (config_read(&own, "nf_sipalg"))
		return -1;
	if (check_before(&own)) {
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
		if (config_put_back(&own) && !result)
			result = -1;
	}
	config_free(&own);
	if (result > 0)
		raise(result);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return result ? -1 : 0;
}
