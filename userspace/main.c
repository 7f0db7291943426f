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
#include "verbs.h"

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
		help_all(stderr);
		return STATUS_USAGE;
	}
	if (is_help(object))
		return help_words(args);
	if (!strcmp(object, "complete"))
		return complete_words(args);
	first = verbs_find_object(&match, object);
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
			return output_finish(help_words(&args));
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
