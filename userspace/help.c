// SPDX-License-Identifier: GPL-2.0

#include <string.h>

#include "args.h"
#include "help.h"
#include "report.h"
#include "settings.h"
#include "tool.h"
#include "usage.h"
#include "verbs.h"

/* The text about a verb follows on the next line if the verb is longer. */
#define VERB_WIDTH 32

static void verb_print(FILE *to, const struct verb *verb)
{
	char text[USAGE_LEN];

	usage_text(verb, text, sizeof(text));
	if (strlen(text) > VERB_WIDTH)
		fprintf(to, "  %s\n%*s   %s\n", text, VERB_WIDTH, "",
			verb->summary);
	else
		fprintf(to, "  %-*s %s\n", VERB_WIDTH, text, verb->summary);
}

static void setting_print(FILE *to, unsigned int setting)
{
	const struct setting *info = setting_info(setting);
	struct settings settings = {};
	char range[SETTING_TEXT_LEN], initial[SETTING_TEXT_LEN];

	settings_fill(&settings);
	fprintf(to, "  %-24s %s; default %s\n  %24s %s\n", info->name,
		setting_range(setting, range),
		setting_text(&settings, setting, initial), "", info->doc);
}

static void settings_print(FILE *to)
{
	fputs("\nNAME and VALUE:\n", to);
	for (unsigned int i = 1; i <= SIPALG_SETTING_VALUE_MAX; i++)
		setting_print(to, i);
}

/**
 * help_all() - print all objects and options
 * @to: printed to
 * @verbs: all verbs
 */
void help_all(FILE *to, const struct verb *verbs)
{
	fputs("usage: sipalg [OPTIONS] OBJECT COMMAND\n\n", to);
	for (const struct verb *verb = verbs; verb->object; verb++)
		verb_print(to, verb);
	putc('\n', to);
	usage_grammar(to, true, true, true, true);
	fputs("\n"
	      "  -j, --json          JSON output\n"
	      "  -n, --netns NETNS   act in that network namespace\n"
	      "      --color[=WHEN]  colours: always, never or auto, which is\n"
	      "                      on a terminal unless NO_COLOR is set\n"
	      "  -V, --version       print the version\n"
	      "  -h, --help          this text\n"
	      "\n"
	      "'sipalg help OBJECT' explains one object. An object or command\n"
	      "can be abbreviated: 'sipalg b s' is 'sipalg binding show'.\n",
	      to);
}

/**
 * help_object() - print the verbs of an object
 * @to: printed to
 * @first: first verb of the object
 */
void help_object(FILE *to, const struct verb *first)
{
	bool scope = false, mode = false, nat = false, filter = false;
	bool name = false;
	char text[USAGE_LEN];

	usage_text(first, text, sizeof(text));
	if (first->command)
		snprintf(text, sizeof(text), "%s COMMAND", first->object);
	fprintf(to, "usage: sipalg [OPTIONS] %s\n\n", text);
	for (const struct verb *verb = first; verb; verb = verbs_next(verb)) {
		verb_print(to, verb);
		scope = scope || strstr(verb->usage, "SCOPE");
		mode = mode || strstr(verb->usage, "MODE");
		nat = nat || strstr(verb->usage, "NAT");
		filter = filter || strstr(verb->usage, "FILTER");
		name = name || strstr(verb->usage, "NAME ");
	}
	if (scope || filter)
		putc('\n', to);
	usage_grammar(to, scope, mode, nat, filter);
	if (name)
		settings_print(to);
}

static void help_verb(const struct verb *verb)
{
	char text[USAGE_LEN];
	bool scope = strstr(verb->usage, "SCOPE");
	bool filter = strstr(verb->usage, "FILTER");

	usage_text(verb, text, sizeof(text));
	printf("usage: sipalg [OPTIONS] %s\n\n  %s\n", text, verb->summary);
	if (scope || filter)
		putchar('\n');
	usage_grammar(stdout, scope, strstr(verb->usage, "MODE"),
		      strstr(verb->usage, "NAT"), filter);
	if (strstr(verb->usage, "NAME "))
		settings_print(stdout);
}

static bool has_settings(const struct verb *first)
{
	for (; first; first = verbs_next(first))
		if (strstr(first->usage, "NAME "))
			return true;
	return false;
}

/* @word: a command of the object, or a setting. */
static int help_part(const struct verb *first, const char *word)
{
	char hint[USAGE_LEN] = "";
	struct match match = {};
	const struct verb *verb = NULL;
	unsigned int setting;

	if (first->command)
		verb = verbs_find_command(&match, first, word);
	if (verb) {
		help_verb(verb);
		return STATUS_DONE;
	}
	if (has_settings(first) && setting_find(&match, word, &setting)) {
		setting_print(stdout, setting);
		return STATUS_DONE;
	}
	error("there is no help about '%s'%s", word,
	      match_hint(&match, hint, sizeof(hint)));
	return STATUS_USAGE;
}

/**
 * help_about() - print help about an object, or about a part of it
 * @first: first verb of the object
 * @args: a command or setting, or nothing
 *
 * Return: exit status.
 */
int help_about(const struct verb *first, struct args *args)
{
	const char *word = args_next(args);

	if (args_end(args)) {
		error("%s", args->error);
		return STATUS_USAGE;
	}
	if (word)
		return help_part(first, word);
	help_object(stdout, first);
	return STATUS_DONE;
}

/**
 * help_words() - print help about what follows the word help
 * @verbs: all verbs
 * @args: an object and a part of it, an object, or nothing
 *
 * Return: exit status.
 */
int help_words(const struct verb *verbs, struct args *args)
{
	const char *word = args_next(args);
	const struct verb *first;
	char hint[USAGE_LEN];
	struct match match;

	if (!word) {
		help_all(stdout, verbs);
		return STATUS_DONE;
	}
	first = verbs_find_object(verbs, &match, word);
	if (first)
		return help_about(first, args);
	error("there is no object '%s'%s", word,
	      match_hint(&match, hint, sizeof(hint)));
	return STATUS_USAGE;
}
