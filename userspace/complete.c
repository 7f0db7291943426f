// SPDX-License-Identifier: GPL-2.0
/*
 * The shells call `sipalg complete WORD...` with the words of a command line.
 * The last word is the one to complete. Each output line is a candidate, a tab
 * and its meaning. The line ":file" stands for the names of files.
 */
#include <dirent.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "args.h"
#include "complete.h"
#include "grammar.h"
#include "netns.h"
#include "settings.h"
#include "tool.h"
#include "verbs.h"

/**
 * struct completion - a completion under way
 * @verbs: all verbs
 * @typed: words of the verb, before the last one; keywords are written out
 * @last: the word to complete
 */
struct completion {
	const struct verb *verbs;
	char **typed;
	const char *last;
};

static const struct {
	const char *name, *summary;
} options[] = {
	{ "-j", "JSON output" },
	{ "--json", "JSON output" },
	{ "-n", "act in that network namespace" },
	{ "--netns", "act in that network namespace" },
	{ "--color", "use colours" },
	{ "-V", "print the version" },
	{ "--version", "print the version" },
	{ "-h", "print help" },
	{ "--help", "print help" },
};

static void offer(const struct completion *completion, const char *word,
		  const char *summary)
{
	if (!strncmp(word, completion->last, strlen(completion->last)))
		printf("%s\t%s\n", word, summary);
}

static void offer_options(const struct completion *completion)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
		offer(completion, options[i].name, options[i].summary);
}

static void offer_netns(const struct completion *completion)
{
	DIR *names = opendir(NETNS_DIR);
	const struct dirent *entry;

	while (names && (entry = readdir(names)))
		if (*entry->d_name != '.')
			offer(completion, entry->d_name, "network namespace");
	if (names)
		closedir(names);
}

static void offer_devices(const struct completion *completion)
{
	struct if_nameindex *list = if_nameindex();

	for (size_t i = 0; list && list[i].if_index; i++)
		offer(completion, list[i].if_name, "network device");
	if (list)
		if_freenameindex(list);
}

static void offer_settings(const struct completion *completion)
{
	for (unsigned int i = 1; i <= SIPALG_SETTING_VALUE_MAX; i++)
		offer(completion, setting_name(i), setting_info(i)->doc);
}

/* The values of the setting that @name is. */
static void offer_values(const struct completion *completion, const char *name)
{
	const char *const *typed;
	unsigned int setting;
	struct match match;

	if (!setting_find(&match, name, &setting))
		return;
	typed = setting_names(setting);
	for (size_t i = 0; typed && typed[i]; i++)
		offer(completion, typed[i], "value");
}

static bool has_word(const struct completion *completion, const char *word)
{
	for (char **next = completion->typed; *next; next++)
		if (!strcmp(*next, word))
			return true;
	return false;
}

static void offer_token(const char *token, void *data)
{
	const struct completion *completion = data;
	char **end = completion->typed;

	while (*end)
		end++;
	if (!strcmp(token, "IFNAME") || !strcmp(token, "DEV"))
		offer_devices(completion);
	else if (!strcmp(token, "NAME"))
		offer_settings(completion);
	else if (!strcmp(token, "VALUE"))
		offer_values(completion, end[-1]);
	else if (!strcmp(token, "FILE"))
		puts(":file");
	else if (!strcmp(token, "rule") && !has_word(completion, "default"))
		return;		/* a mode of the default scope alone */
	else if (strcspn(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") &&
		 !has_word(completion, token))
		offer(completion, token, "");
}

static void offer_words(const struct completion *completion,
			const struct verb *verb)
{
	struct args args = { .next = completion->typed };
	struct grammar grammar;

	verbs_expand(verb, &args);
	grammar_begin(&grammar, verb->usage, strcmp(verb->object, "binding"));
	for (char **word = completion->typed; *word; word++)
		grammar_word(&grammar, *word);
	grammar_next(&grammar, offer_token, (void *)completion);
}

static void offer_objects(const struct completion *completion)
{
	const struct verb *verb = completion->verbs;

	for (; verb; verb = verbs_next_object(verb))
		offer(completion, verb->object,
		      verb->command ? "" : verb->summary);
}

static void offer_commands(const struct completion *completion,
			   const struct verb *first)
{
	for (; first && first->command; first = verbs_next(first))
		offer(completion, first->command, first->summary);
}

/* @args: an object, a command and more words; ends with NULL. */
static void complete_verb(struct completion *completion, struct args *args)
{
	const char *word = args_next(args);
	const struct verb *first, *verb;
	struct match match;
	bool help;

	if (!word) {
		offer_objects(completion);
		offer(completion, "help", "print help");
		return;
	}
	help = !strcmp(word, "help");
	if (help)
		word = args_next(args);
	if (!word) {
		offer_objects(completion);
		return;
	}
	first = verb = verbs_find_object(completion->verbs, &match, word);
	if (!verb)
		return;
	if (!*args->next) {
		offer_commands(completion, first);
		if (!help)
			offer(completion, "help", "print help");
	}
	if (help)
		return;
	if (first->command) {
		word = args_next(args);
		verb = word ? verbs_find_command(&match, first, word) : NULL;
	}
	completion->typed = args->next;
	if (verb)
		offer_words(completion, verb);
}

/* Return: whether the option before takes the last word as its value. */
static bool skip_options(struct args *args)
{
	while (*args->next && **args->next == '-') {
		const char *word = args_next(args);
		bool long_form = word[1] == '-';

		if (long_form ? strcmp(word, "--netns") :
				word[strlen(word) - 1] != 'n')
			continue;
		if (!args_next(args))
			return true;
	}
	return false;
}

/**
 * complete_words() - print what the last word of a command line may be
 * @verbs: all verbs
 * @args: the command line without the name of the tool
 *
 * Return: exit status.
 */
int complete_words(const struct verb *verbs, struct args *args)
{
	char **end = args->next;
	struct completion completion = { .verbs = verbs };

	while (*end)
		end++;
	if (end == args->next)
		return STATUS_USAGE;
	completion.last = *--end;
	*end = NULL;
	if (skip_options(args))
		offer_netns(&completion);
	else if (!*args->next && *completion.last == '-')
		offer_options(&completion);
	else
		complete_verb(&completion, args);
	return STATUS_DONE;
}
