// SPDX-License-Identifier: GPL-2.0

#include <stdbool.h>
#include <string.h>

#include "verbs.h"

const struct verb verbs[] = {
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
	{ "policy", "save", verb_policy_save, "",
	  "print what restore takes" },
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

const size_t n_verbs = sizeof(verbs) / sizeof(*verbs);

static bool is_first(const struct verb *verb)
{
	return verb == verbs || strcmp(verb[-1].object, verb->object);
}

/**
 * verbs_find_object() - find an object by its name or an abbreviation
 * @match: the search, for match_hint() if there is no such object
 * @word: the word
 *
 * Return: the first verb of the object, or NULL.
 */
const struct verb *verbs_find_object(struct match *match, const char *word)
{
	const char *name;

	match_begin(match, word);
	for (size_t i = 0; i < n_verbs; i++)
		if (is_first(&verbs[i]))
			match_try(match, verbs[i].object);
	name = match_end(match);
	for (size_t i = 0; name && i < n_verbs; i++)
		if (verbs[i].object == name)
			return &verbs[i];
	return NULL;
}

/**
 * verbs_find_command() - find a command by its name or an abbreviation
 * @match: the search, for match_hint() if there is no such command
 * @first: first verb of the object
 * @word: the word; show wins if it is one of several that the word abbreviates
 *
 * Return: the verb, or NULL.
 */
const struct verb *verbs_find_command(struct match *match,
				      const struct verb *first,
				      const char *word)
{
	bool shows = *word && !strncmp("show", word, strlen(word));
	const struct verb *verb;
	const char *name;

	match_begin(match, word);
	for (verb = first; verb; verb = verbs_next(verb))
		match_try(match, verb->command);
	name = match_end(match);
	if (!name && shows)
		name = "show";
	for (verb = first; name && verb; verb = verbs_next(verb))
		if (!strcmp(verb->command, name))
			return verb;
	return NULL;
}

/**
 * verbs_next() - the next verb of the same object
 * @verb: the verb
 *
 * Return: the verb, or NULL.
 */
const struct verb *verbs_next(const struct verb *verb)
{
	if (verb + 1 == verbs + n_verbs || is_first(verb + 1))
		return NULL;
	return verb + 1;
}
