// SPDX-License-Identifier: GPL-2.0

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "args.h"
#include "complete.h"
#include "help.h"
#include "netlink.h"
#include "report.h"
#include "tool.h"
#include "usage.h"
#include "verb.h"
#include "verbs.h"

static const struct verb verbs[] = {
	{ "on", NULL, verb_on, "SCOPE [NAT] [--now]",
	  "act on the SIP flows of a scope" },
	{ "observe", NULL, verb_observe, "SCOPE [NAT] [--now]",
	  "only look at them, count and report" },
	{ "off", NULL, verb_off, "[SCOPE [NAT]] [--now]",
	  "leave them alone; without a scope: all of them" },
	{ "policy", "show", verb_policy_show, "", "the mode of each scope" },
	{ "policy", "set", verb_policy_set, "SCOPE MODE [NAT] [--now]",
	  "give a scope a mode" },
	{ "policy", "del", verb_policy_del, "SCOPE [--now]",
	  "let a scope follow the less specific ones" },
	{ "policy", "flush", verb_policy_flush, "[--now]",
	  "back to the initial state: rule for all" },
	{ "policy", "save", verb_policy_save, "[-f FILE]",
	  "print what restore takes, or write it to a file" },
	{ "policy", "restore", verb_policy_restore, "-f FILE [--now]",
	  "make the policies those of a file, - for standard input" },
	{ "settings", "show", verb_settings_show, "",
	  "the settings there are" },
	{ "settings", "set", verb_settings_set, "NAME {VALUE | default}",
	  "change a setting: limits, ports, timeouts" },
	{ "set", NULL, verb_settings_set, "NAME {VALUE | default}",
	  "the same as settings set" },
	{ "show", "settings", verb_settings_show, "",
	  "the same as settings show" },
	{ "call", "show", verb_call_show, "[brief] [FILTER]",
	  "the calls and registrations there are" },
	{ "call", "trace", verb_call_trace, "id NUMBER [--pcapng FILE]",
	  "the messages of a call, with what was changed" },
	{ "call", "kill", verb_call_kill, "FILTER | all",
	  "end calls and registrations, with their media" },
	{ "binding", "show", verb_binding_show, "[flows] [FILTER]",
	  "inside addresses and what the outside sees of them" },
	{ "stats", "show", verb_stats_show,
	  "[openmetrics | prometheus | [explain] [since FILE]]",
	  "what has been done, and why something was not" },
	{ "log", NULL, verb_log, "[count N]",
	  "a line for each call that ends, a warning for a silent one" },
	{ "monitor", NULL, verb_monitor,
	  "[--messages] [--color] [--pcapng FILE] [FILTER] [count N]",
	  "what happens, as it happens" },
	{ "exercise", NULL, verb_exercise,
	  "[--stock | --through DEV --peer ADDRESS [--from-port PORT] "
	  "[--udp | --tcp] [--idle SECONDS] | --answer] [--port PORT] "
	  "[--wait MS]",
	  "try calls in a lab, or look for an ALG on the way" },
	{ "check", NULL, verb_check, "[peer ADDRESS]",
	  "is everything there that calls need?" },
	{}
};

static bool is_help(const char *word)
{
	return word && (!strcmp(word, "help") || !strcmp(word, "--help") ||
			!strcmp(word, "-h"));
}

/* The verb of an object and a command; a bare object runs its first verb. */
static const struct verb *find_verb(const struct verb *first, struct args *args)
{
	const char *word = args_next(args);
	const struct verb *verb;
	char hint[USAGE_LEN];
	struct match match;

	if (!word)
		return first;
	verb = verbs_find_command(&match, first, word);
	if (verb)
		return verb;
	error("%s has no command '%s'%s", first->object, word,
	      match_hint(&match, hint, sizeof(hint)));
	help_object(stderr, first);
	return NULL;
}

static int verb_run(struct tool *tool, struct args *args)
{
	const char *object = args_next(args);
	const struct verb *first;
	char hint[USAGE_LEN];
	struct match match;

	if (!object) {
		help_all(stderr, verbs);
		return STATUS_USAGE;
	}
	if (is_help(object))
		return help_words(verbs, args);
	if (!strcmp(object, "complete"))
		return complete_words(verbs, args);
	first = verbs_find_object(verbs, &match, object);
	if (!first) {
		match_hint(&match, hint, sizeof(hint));
		error("there is no object '%s'%s", object,
		      *hint ? hint : "; see 'sipalg help'");
		return STATUS_USAGE;
	}
	tool->verb = first;
	if (is_help(*args->next)) {
		args_next(args);
		return help_about(first, args);
	}
	if (first->command)
		tool->verb = find_verb(first, args);
	if (!tool->verb)
		return STATUS_USAGE;
	if (is_help(*args->next))
		return help_about(first, &(struct args){
			.next = (char *[]){ (char *)tool->verb->command, NULL },
		});
	verbs_expand(tool->verb, args);
	return tool->verb->run(tool, args);
}

/* Colours are for people: https://no-color.org */
static bool use_color(const char *when)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	if (when && strcmp(when, "auto"))
		return !strcmp(when, "always");
	return isatty(STDOUT_FILENO) && (!no_color || !*no_color) &&
	       (!term || strcmp(term, "dumb"));
}

static bool is_when(const char *when)
{
	return !strcmp(when, "always") || !strcmp(when, "never") ||
	       !strcmp(when, "auto");
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
		{ "color", optional_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{},
	};
	const char *when = NULL;
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
		case 'c':
			when = optarg ? optarg : "always";
			if (is_when(when))
				break;
			error("colours are always, never or auto, not '%s'",
			      when);
			return STATUS_USAGE;
		case 'V':
			puts("sipalg " SIPALG_VERSION);
			return output_finish(STATUS_DONE);
		case 'h':
			args.next = argv + optind;
			return output_finish(help_words(verbs, &args));
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
	tool.color = !tool.json && use_color(when);
	args.next = argv + optind;
	status = verb_run(&tool, &args);
	netlink_close(tool.nl);
	return output_finish(status);
}
