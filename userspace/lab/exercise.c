// SPDX-License-Identifier: GPL-2.0
/*
 * Acts out calls in network namespaces, with the ALG off, with the ALG on, and
 * with the kernel's own ALG.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "args.h"
#include "lab/alg_probe.h"
#include "lab/netns_lab.h"
#include "lab/scenario.h"
#include "lab/stock.h"
#include "netlink.h"
#include "netns.h"
#include "print.h"
#include "report.h"
#include "tool.h"
#include "verb.h"

#define WAIT_MS 2000
#define WAIT_MAX_MS 60000
#define IDLE_MAX_SECS 3600
#define WHY_MAX 160

enum column { COLUMN_OFF, COLUMN_ON, COLUMN_STOCK, COLUMNS };

static const char *const column_names[COLUMNS] = { "off", "on", "stock" };

/**
 * struct exercise - one run of the verb
 * @wait: ms after which a datagram counts as lost
 * @stock: try the kernel's own ALG, too
 * @path: look for an ALG on this path, if it has a device
 * @answer: be the far end of such a path
 * @tried: by column
 * @why: by scenario and column: why it failed; empty if it passed
 */
struct exercise {
	unsigned int wait;
	bool stock;
	struct alg_path path;
	bool answer;
	bool tried[COLUMNS];
	char (*why)[COLUMNS][WHY_MAX];
};

/* Sets the lab's router to the ALG of a column. */
static int set_router(const struct netns_lab *lab, enum column column)
{
	const struct policy wan = {
		.scope.dev = "wan",
		.mode = SIPALG_MODE_ON,
	};
	struct netlink *nl;
	int err;

	if (column == COLUMN_STOCK)
		return netns_lab_assign_helper(lab);
	if (netns_lab_enter(lab, LAB_ROUTER))
		return -1;
	err = netlink_open(&nl);
	if (!err)
		err = column == COLUMN_ON ?
			      netlink_policy_set(nl, &wan, false) :
			      netlink_policy_flush(nl, SIPALG_MODE_OFF, false);
	if (err)
		error("the module nf_sipalg: %s",
		      nl ? netlink_reason(nl) : strerror(-err));
	netlink_close(nl);
	return netns_lab_leave(lab) || err ? -1 : 0;
}

static void progress_show(const char *column, const char *scenario)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r\033[K%s%s%s", column, *column ? ": " : "",
			scenario);
}

static int run_column(struct exercise *exercise, enum column column)
{
	struct netns_lab lab;
	int failed;

	if (netns_lab_open(&lab))
		return -1;
	failed = set_router(&lab, column);
	for (size_t i = 0; i < n_scenarios && !failed; i++) {
		progress_show(column_names[column], scenarios[i].name);
		failed = scenario_run(&scenarios[i], &lab, exercise->wait,
				      exercise->why[i][column], WHY_MAX);
	}
	progress_show("", "");
	netns_lab_close(&lab);
	exercise->tried[column] = !failed;
	return failed;
}

static int run_stock_column(void *exercise)
{
	return run_column(exercise, COLUMN_STOCK);
}

static int run_stock(struct exercise *exercise)
{
	exercise->tried[COLUMN_STOCK] = !stock_run(run_stock_column, exercise);
	return exercise->tried[COLUMN_STOCK] ? 0 : -1;
}

static void print_row(struct print *out, const struct exercise *exercise,
		      size_t i)
{
	print_width(out, -20);
	print_word(out, scenarios[i].name);
	for (int column = 0; column < COLUMNS; column++) {
		if (!exercise->tried[column])
			continue;
		print_width(out, -6);
		print_word(out, *exercise->why[i][column] ? "no" : "works");
	}
	print_newline(out);
}

static void print_table(struct print *out, const struct exercise *exercise)
{
	print_width(out, -20);
	print_word(out, "");
	for (int column = 0; column < COLUMNS; column++) {
		if (!exercise->tried[column])
			continue;
		print_width(out, -6);
		print_word(out, column_names[column]);
	}
	print_newline(out);
	for (size_t i = 0; i < n_scenarios; i++)
		print_row(out, exercise, i);
}

static void print_results(struct print *out, const struct exercise *exercise)
{
	if (out->to == PRINT_TEXT)
		print_table(out, exercise);
	for (int column = 0; column < COLUMNS; column++) {
		for (size_t i = 0; i < n_scenarios && exercise->tried[column];
		     i++) {
			const char *why = exercise->why[i][column];

			if (out->to == PRINT_TEXT && !*why)
				continue;
			print_item(out);
			print_width(out, -5);
			print_string(out, PRINT_ANY, "alg",
				     column_names[column]);
			print_width(out, -18);
			print_string(out, PRINT_ANY, "trial",
				     scenarios[i].name);
			print_bool(out, "passed", !*why);
			if (*why)
				print_string(out, PRINT_ANY, "why", why);
			print_item_end(out);
		}
	}
}

static int exercise_run(struct tool *tool, struct exercise *exercise)
{
	size_t size = n_scenarios * sizeof(*exercise->why);
	int status = STATUS_DONE, failed;
	struct print out;

	/* Shared with the process that tries the kernel's own ALG. */
	exercise->why = mmap(NULL, size, PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (exercise->why == MAP_FAILED) {
		error("not enough memory");
		return STATUS_REFUSED;
	}
	failed = stock_load_ours() ||
		 (exercise->stock && run_stock(exercise)) ||
		 run_column(exercise, COLUMN_OFF) ||
		 run_column(exercise, COLUMN_ON);
	if (!failed) {
		print_begin(&out, tool, PRINT_LIST);
		print_results(&out, exercise);
		status = print_end(&out);
		for (size_t i = 0; i < n_scenarios; i++)
			if (*exercise->why[i][COLUMN_ON])
				status = STATUS_REFUSED;
	}
	munmap(exercise->why, size);
	return failed ? STATUS_REFUSED : status;
}

static int parse_time(unsigned int *time, struct args *args, const char *what,
		      const char *unit, unsigned int max)
{
	const char *word = args_next(args);
	char *end;
	long value;

	if (!word)
		return args_fail(args, "the time to %s is missing: "
				       "%s, 1 to %u", what, unit, max);
	value = strtol(word, &end, 10);
	if (*end || end == word || value < 1 || value > max)
		return args_fail(args,
				 "'%s' is not a time to %s: %s, 1 to %u",
				 word, what, unit, max);
	*time = value;
	return 0;
}

static int parse_peer(const char **peer, struct args *args)
{
	struct address address;

	*peer = args_next(args);
	if (!*peer)
		return args_fail(args, "the address of the peer is missing");
	if (!address_parse(&address, *peer))
		return args_fail(args, "'%s' is not an IPv4 or IPv6 address",
				 *peer);
	return 0;
}

static int parse_port(unsigned int *port, struct args *args)
{
	uint64_t number;

	if (args_number(args, "a port", UINT16_MAX, &number))
		return -1;
	*port = number;
	return 0;
}

static int parse_dev(const char **dev, struct args *args)
{
	*dev = args_next(args);
	return *dev ? 0 :
		      args_fail(args, "the name of the device is missing");
}

/* Without options: the lab. */
static int exercise_parse(struct exercise *exercise, struct args *args)
{
	int err = 0;

	while (!err && *args->next) {
		if (args_take(args, "--stock"))
			exercise->stock = true;
		else if (args_take(args, "--wait"))
			err = parse_time(&exercise->wait, args, "wait", "ms",
					 WAIT_MAX_MS);
		else if (args_take(args, "--through"))
			err = parse_dev(&exercise->path.dev, args);
		else if (args_take(args, "--peer"))
			err = parse_peer(&exercise->path.peer, args);
		else if (args_take(args, "--port"))
			err = parse_port(&exercise->path.port, args);
		else if (args_take(args, "--from-port"))
			err = parse_port(&exercise->path.from_port, args);
		else if (args_take(args, "--udp"))
			exercise->path.only_udp = true;
		else if (args_take(args, "--tcp"))
			exercise->path.only_tcp = true;
		else if (args_take(args, "--idle"))
			err = parse_time(&exercise->path.idle, args,
					 "be silent", "seconds", IDLE_MAX_SECS);
		else if (args_take(args, "--answer"))
			exercise->answer = true;
		else
			err = args_end(args);
	}
	if (err)
		return err;
	if (!exercise->path.dev != !exercise->path.peer)
		return args_fail(args, "--through DEV and --peer ADDRESS "
				       "belong together");
	if (exercise->path.only_udp && exercise->path.only_tcp)
		return args_fail(args, "one of --udp and --tcp, not both");
	if (exercise->path.only_tcp && exercise->path.idle)
		return args_fail(args, "--idle needs UDP");
	if (exercise->stock + exercise->answer + !!exercise->path.dev > 1)
		return args_fail(args,
				 "one of --stock, --through and --answer, "
				 "not more");
	return 0;
}

int verb_exercise(struct tool *tool, struct args *args)
{
	struct exercise exercise = {
		.wait = WAIT_MS,
		.path.port = SIP_PORT,
	};

	if (exercise_parse(&exercise, args))
		return tool_wrong_usage(tool, args);
	if (tool->netns && netns_enter(tool->netns))
		return STATUS_REFUSED;
	if (exercise.answer)
		return alg_probe_answer(tool, exercise.path.port);
	if (exercise.path.dev)
		return alg_probe_run(tool, &exercise.path, exercise.wait);
	return exercise_run(tool, &exercise);
}
