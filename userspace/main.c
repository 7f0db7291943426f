// SPDX-License-Identifier: GPL-2.0

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "args.h"
#include "netlink.h"
#include "report.h"
#include "tool.h"
#include "usage.h"
#include "verb.h"

static const struct verb verbs[] = {
	{ "on", NULL, verb_on, "SCOPE [--now]",
	  "act on the SIP flows of a scope" },
	{ "observe", NULL, verb_observe, "SCOPE [--now]",
	  "only look at them, count and report" },
	{ "off", NULL, verb_off, "[SCOPE] [--now]",
	  "leave them alone; without a scope: all of them" },
	{ "policy", "show", verb_policy_show, "", "the mode of each scope" },
	{ "policy", "set", verb_policy_set, "SCOPE MODE [--now]",
	  "give a scope a mode" },
	{ "policy", "del", verb_policy_del, "SCOPE [--now]",
	  "let a scope follow the less specific ones" },
	{ "policy", "flush", verb_policy_flush, "[--now]",
	  "back to the initial state: rule for all" },
	{ "policy", "save", verb_policy_save, "", "print what restore takes" },
	{ "policy", "restore", verb_policy_restore, "-f FILE [--now]",
	  "make the policies those of a file, - for standard input" },
	{ "settings", "show", verb_settings_show, "",
	  "the settings there are" },
	{ "settings", "set", verb_settings_set, "NAME VALUE | NAME default",
	  "change a setting: limits, ports, timeouts" },
	{ "set", NULL, verb_settings_set, "NAME VALUE | NAME default",
	  "the same as settings set" },
	{ "show", "settings", verb_settings_show, "",
	  "the same as settings show" },
	{ "call", "show", verb_call_show, "[FILTER]",
	  "the calls and registrations there are" },
	{ "call", "kill", verb_call_kill, "FILTER | all",
	  "end calls and registrations, with their media" },
	{ "binding", "show", verb_binding_show, "[flows] [FILTER]",
	  "inside addresses and what the outside sees of them" },
	{ "stats", "show", verb_stats_show, "[explain]",
	  "what has been done, and why something was not" },
	{ "monitor", NULL, verb_monitor,
	  "[--messages] [--color] [FILTER] [count N]",
	  "what happens, as it happens" },
	{ "exercise", NULL, verb_exercise,
	  "[--stock | --through DEV --peer ADDRESS | --answer] [--wait MS]",
	  "try calls in a lab, or look for an ALG on the way" },
	{ "check", NULL, verb_check, "[peer ADDRESS]",
	  "is everything there that calls need?" },
};

#define N_VERBS (sizeof(verbs) / sizeof(*verbs))

/* The text about a verb follows on the next line if the verb is longer. */
#define VERB_WIDTH 32

static void print_verb(FILE *to, const struct verb *verb)
{
	char text[96];

	usage_text(verb, text, sizeof(text));
	if (strlen(text) > VERB_WIDTH)
		fprintf(to, "  %s\n%*s   %s\n", text, VERB_WIDTH, "",
			verb->about);
	else
		fprintf(to, "  %-*s %s\n", VERB_WIDTH, text, verb->about);
}

static void print_usage(FILE *to)
{
	fputs("usage: sipalg [-j] [-n NETNS] OBJECT COMMAND\n\n", to);
	for (size_t i = 0; i < N_VERBS; i++)
		print_verb(to, &verbs[i]);
	putc('\n', to);
	usage_grammar(to, true, true, true);
	fputs("\n"
	      "  -j, --json          JSON output\n"
	      "  -n, --netns NETNS   act in that network namespace\n"
	      "  -V, --version       tell the version\n"
	      "  -h, --help          this text\n", to);
}

/* The first verb of an object, or NULL. */
static const struct verb *find_object(const char *object)
{
	for (size_t i = 0; i < N_VERBS; i++)
		if (!strcmp(verbs[i].object, object))
			return &verbs[i];
	return NULL;
}

static const struct verb *find_command(const struct verb *first,
				       const char *command)
{
	for (const struct verb *verb = first; verb < verbs + N_VERBS; verb++)
		if (!strcmp(verb->object, first->object) &&
		    !strcmp(verb->command, command))
			return verb;
	return NULL;
}

static void print_object(FILE *to, const struct verb *first)
{
	bool scope = false, mode = false, filter = false;
	char text[96];

	usage_text(first, text, sizeof(text));
	if (first->command)
		snprintf(text, sizeof(text), "%s COMMAND", first->object);
	fprintf(to, "usage: sipalg [-j] [-n NETNS] %s\n\n", text);
	for (const struct verb *verb = first; verb < verbs + N_VERBS; verb++) {
		if (strcmp(verb->object, first->object))
			continue;
		print_verb(to, verb);
		scope = scope || strstr(verb->usage, "SCOPE");
		mode = mode || strstr(verb->usage, "MODE");
		filter = filter || strstr(verb->usage, "FILTER");
	}
	if (scope || filter)
		putc('\n', to);
	usage_grammar(to, scope, mode, filter);
}

static int verb_run(struct tool *tool, struct args *args)
{
	const char *object = args_next(args);
	const struct verb *first;

	if (!object) {
		print_usage(stderr);
		return STATUS_USAGE;
	}
	if (!strcmp(object, "help")) {
		print_usage(stdout);
		return STATUS_DONE;
	}
	first = find_object(object);
	if (!first) {
		error("there is no object '%s'; see 'sipalg help'", object);
		return STATUS_USAGE;
	}
	if (args_take(args, "help")) {
		print_object(stdout, first);
		return STATUS_DONE;
	}
	tool->verb = first;
	if (first->command && *args->next) {
		const char *command = args_next(args);

		tool->verb = find_command(first, command);
		if (!tool->verb) {
			error("%s has no command '%s'", object, command);
			print_object(stderr, first);
			return STATUS_USAGE;
		}
	}
	return tool->verb->run(tool, args);
}

/* The disk may be full, or the reader of a pipe gone. */
static int output_finish(int status)
{
	if (!fflush(stdout) && !ferror(stdout))
		return status;
	error("the output cannot be written: %m");
	return status ? status : STATUS_REFUSED;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "netns", required_argument, NULL, 'n' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{},
	};
	struct tool tool = {};
	struct args args;
	int option, status;

	opterr = 0;
	for (;;) {
		option = getopt_long(argc, argv, "+:jn:Vh", options, NULL);
		if (option < 0)
			break;
		switch (option) {
		case 'j':
			tool.json = true;
			break;
		case 'n':
			tool.netns = optarg;
			break;
		case 'V':
			puts("sipalg " SIPALG_TOOL_VERSION);
			return output_finish(STATUS_DONE);
		case 'h':
			print_usage(stdout);
			return output_finish(STATUS_DONE);
		case ':':
			error("the name of the network namespace is missing: "
			      "-n NETNS");
			return STATUS_USAGE;
		default:
			if (optopt)
				error("there is no option '-%c'; "
				      "see 'sipalg help'", optopt);
			else
				error("there is no option '%s'; "
				      "see 'sipalg help'", argv[optind - 1]);
			return STATUS_USAGE;
		}
	}
	args.next = argv + optind;
	status = verb_run(&tool, &args);
	netlink_close(tool.nl);
	return output_finish(status);
}
