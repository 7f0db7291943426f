// SPDX-License-Identifier: GPL-2.0
/*
 * What it costs to take a message apart: kmod/sip against the SIP parsers that
 * Debian has. scripts/bench-native runs this and makes tables of it. Each line of
 * the output has a measurement:
 *
 *	native time	MESSAGE|BYTES|PARSER|BEST|MEDIAN	nanoseconds of CPU time
 *	native valid	MESSAGE|PARSER|TAKEN		RFC 4475, 3.1.1
 *	native count	MESSAGE|BYTES|PARSER		one callgrind dump each, in this
 *	native shapes	SHAPE|BYTES|PARSER|VERDICT	order: of RUNS runs, and of one
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <valgrind/callgrind.h>

#include "native.h"

#define RUNS	8	/* of a message in one count: other parsers allocate memory */
#define ROUNDS	301	/* measurements of which best and median are taken */
#define BATCH	500000	/* nanoseconds that one measurement takes, about */

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

static const struct parser *const parsers[] = {
	&parser_ours, &parser_whole, &parser_sofia, &parser_sofia_message, &parser_osip, &parser_re,
};

static struct message messages[] = {
	{ .name = "invite.sip", .inside = "192.168.1.10" },
	{ .name = "register.sip", .inside = "192.168.1.10" },
	{ .name = "ok-sdp.sip", .inside = "192.168.1.10", .inbound = true },
	{ .name = "invite-4k.sip", .inside = "192.168.1.10" },
	{ .name = "rfc4475/wsinv.dat", .inside = "192.0.2.2" },	/* the last */
};

static size_t n_messages = ARRAY_SIZE(messages);

static const char *const valid[] = {
	"wsinv", "intmeth", "esc01", "escnull", "esc02", "lwsdisp", "longreq", "dblreq",
	"semiuri", "transports", "mpart01", "unreason", "noreason",
};

static void read_message(struct message *message)
{
	bool is_ours = strncmp(message->name, "rfc", 3);
	const char *dir = is_ours ? CORPUS : getenv("SIPALG_CORPUS");
	char path[4096], *text = calloc(1, MESSAGE_MAX + 1);
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir ? dir : "", message->name);
	file = fopen(path, "rb");
	if (!file) {
		perror(path);
		exit(1);
	}
	message->len = fread(text, 1, MESSAGE_MAX, file);
	message->text = text;
	fclose(file);
}

/* --- time ------------------------------------------------------------------- */

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static double time_of(const struct parser *parser, const struct message *message, unsigned int n)
{
	double start = now();
	unsigned int i;

	for (i = 0; i < n; i++)
		parser->parse(message);
	return (now() - start) / n;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The parsers take turns, so that whatever else the machine does slows all of them. */
static void measure_time(void)
{
	static double times[ARRAY_SIZE(messages)][ARRAY_SIZE(parsers)][ROUNDS];
	unsigned int n[ARRAY_SIZE(messages)][ARRAY_SIZE(parsers)];
	size_t m, p, round;

	for (m = 0; m < n_messages; m++)
		for (p = 0; p < ARRAY_SIZE(parsers); p++)
			n[m][p] = (unsigned int)(BATCH / time_of(parsers[p], &messages[m], 100)) + 1;
	for (round = 0; round < ROUNDS; round++)
		for (m = 0; m < n_messages; m++)
			for (p = 0; p < ARRAY_SIZE(parsers); p++)
				times[m][p][round] = time_of(parsers[p], &messages[m], n[m][p]);
	for (m = 0; m < n_messages; m++) {
		for (p = 0; p < ARRAY_SIZE(parsers); p++) {
			qsort(times[m][p], ROUNDS, sizeof(double), compare);
			printf("%s|%zu|%s|%.0f|%.0f\n", messages[m].name, messages[m].len,
			       parsers[p]->name, times[m][p][0], times[m][p][ROUNDS / 2]);
		}
	}
}

/* --- instructions ------------------------------------------------------------- */

static void count(const struct parser *parser, const struct message *message,
		  unsigned int runs)
{
	unsigned int i;

	/* What is done only once, as binding symbols, does not count. */
	parser->parse(message);
	CALLGRIND_START_INSTRUMENTATION;
	CALLGRIND_ZERO_STATS;
	for (i = 0; i < runs; i++)
		parser->parse(message);
	CALLGRIND_DUMP_STATS;
	CALLGRIND_STOP_INSTRUMENTATION;
}

static void count_messages(void)
{
	size_t m, p;

	for (m = 0; m < n_messages; m++) {
		for (p = 0; p < ARRAY_SIZE(parsers); p++) {
			printf("%s|%zu|%s\n", messages[m].name, messages[m].len, parsers[p]->name);
			count(parsers[p], &messages[m], RUNS);
		}
	}
}

static void count_shapes(void)
{
	static const size_t lengths[] = { 400, 1500, 6000, 24000, 65535 };
	static char text[MESSAGE_MAX + 1];
	struct message message = { .inside = "192.168.1.10", .text = text };
	size_t shape, i, p;

	for (shape = 0; shape_make(shape, lengths[0], text, &message.name); shape++) {
		for (i = 0; i < ARRAY_SIZE(lengths); i++) {
			message.len = shape_make(shape, lengths[i], text, &message.name);
			for (p = 0; p < 2; p++) {
				parsers[p]->parse(&message);
				printf("%s|%zu|%s|%s\n", message.name, message.len,
				       parsers[p]->name, ours_verdict());
				count(parsers[p], &message, 1);
			}
		}
	}
}

/* --- what they take ------------------------------------------------------------ */

static void try_valid(void)
{
	static const char *const takes[] = {
		[TAKEN] = "yes",
		[TAKEN_WITHOUT_SDP] = "not the SDP",
		[NOT_TAKEN] = "no",
	};
	struct message message;
	char name[64];
	size_t i, p;

	for (i = 0; i < ARRAY_SIZE(valid) && getenv("SIPALG_CORPUS"); i++) {
		snprintf(name, sizeof(name), "rfc4475/%s.dat", valid[i]);
		message = (struct message){ .name = name, .inside = "192.0.2.2" };
		read_message(&message);
		for (p = 0; p < ARRAY_SIZE(parsers); p++)
			printf("%s|%s|%s\n", valid[i], parsers[p]->name,
			       takes[parsers[p]->parse(&message)]);
		free((void *)message.text);
	}
}

int main(int argc, char **argv)
{
	const char *mode = argc == 2 ? argv[1] : "";
	size_t i;

	for (i = 0; i < ARRAY_SIZE(parsers); i++)
		if (parsers[i]->init)
			parsers[i]->init();
	if (!getenv("SIPALG_CORPUS"))
		n_messages--;
	for (i = 0; i < n_messages; i++)
		read_message(&messages[i]);

	if (!strcmp(mode, "time"))
		measure_time();
	else if (!strcmp(mode, "count"))
		count_messages();
	else if (!strcmp(mode, "shapes"))
		count_shapes();
	else if (!strcmp(mode, "valid"))
		try_valid();
	else
		return 2;
	return 0;
}
