// SPDX-License-Identifier: GPL-2.0

#include <stdbool.h>
#include <string.h>

#include "args.h"
#include "grammar.h"
#include "verbs.h"

/**
 * verbs_next_object() - the first verb of the next object
 * @verb: a verb
 *
 * Return: the verb, or NULL.
 */
const struct verb *verbs_next_object(const struct verb *verb)
{
	const char *object = verb->object;

	while (verb->object && !strcmp(verb->object, object))
		verb++;
	return verb->object ? verb : NULL;
}

/**
 * verbs_find_object() - find an object by its name or an abbreviation
 * @verbs: all verbs
 * @match: the search, for match_hint() if there is no such object
 * @word: the word
 *
 * Return: the first verb of the object, or NULL.
 */
const struct verb *verbs_find_object(const struct verb *verbs,
				     struct match *match, const char *word)
{
	const struct verb *verb;
	const char *name;

	match_begin(match, word);
	for (verb = verbs; verb; verb = verbs_next_object(verb))
		match_try(match, verb->object);
	name = match_end(match);
	for (verb = verbs; name && verb; verb = verbs_next_object(verb))
		if (!strcmp(verb->object, name))
			return verb;
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
	const char *object = verb[1].object;

	return object && !strcmp(object, verb->object) ? verb + 1 : NULL;
}

/* A word of dashes alone begins each option. */
static bool is_abbreviation(const char *word)
{
	return word[strspn(word, "-")];
}

/**
 * verbs_expand() - write out the keywords that are abbreviated
 * @verb: the verb
 * @args: its words; keywords replace them, and are valid until the next call
 */
void verbs_expand(const struct verb *verb, struct args *args)
{
	static struct grammar grammar;
	struct match match;

	grammar_begin(&grammar, verb->usage, strcmp(verb->object, "binding"));
	for (char **word = args->next; *word; word++) {
		const char *keyword = *word;

		if (!grammar_takes(&grammar, *word)) {
			if (!is_abbreviation(*word))
				return;
			keyword = grammar_keyword(&grammar, &match, *word);
		}
		if (!keyword) {
			/* The verb itself may know the word. */
			args->odd = word;
			match_hint(&match, args->hint, sizeof(args->hint));
			return;
		}
		*word = (char *)keyword;
		grammar_word(&grammar, keyword);
	}
}
