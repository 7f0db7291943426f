// SPDX-License-Identifier: GPL-2.0

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "grammar.h"
#include "match.h"

/* Usage of the names that stand for several words. { } groups alternatives. */
static const struct {
	const char *name, *usage, *of_calls;
} names[] = {
	{ "SCOPE", "{default | zone ID [dev IFNAME] | dev IFNAME [zone ID]}",
	  NULL },
	{ "MODE", "{off | observe | on | rule}", NULL },
	{ "NAT", "[outside-ports {LOW-HIGH | default}] "
	  "[outside-address {ADDRESS | default}] "
	  "[trusted {HOSTS for NETWORKS | default}]", NULL },
	{ "FILTER", "[zone ID] [dev IFNAME] [address ADDRESS]",
	  "[zone ID] [dev IFNAME] [address ADDRESS] [id NUMBER] [label TEXT] "
	  "[kind {call | registration | request}] "
	  "[state {early | confirmed | ending}] [user TEXT] [mute]" },
};

#define N_NAMES (sizeof(names) / sizeof(*names))

#define DELIMITERS " []{}|"

static const char *name_usage(const char *token, size_t len, bool of_calls)
{
	for (size_t i = 0; i < N_NAMES; i++) {
		if (strlen(names[i].name) != len ||
		    strncmp(names[i].name, token, len))
			continue;
		if (of_calls && names[i].of_calls)
			return names[i].of_calls;
		return names[i].usage;
	}
	return NULL;
}

static void names_expand(char *to, size_t size, const char *usage,
			 bool of_calls)
{
	size_t room = size;

	while (*usage && room > 1) {
		size_t len = strcspn(usage, DELIMITERS);
		const char *text = name_usage(usage, len, of_calls);
		int put;

		if (!len)
			len = 1;
		put = text ? snprintf(to, room, "%s", text) :
			     snprintf(to, room, "%.*s", (int)len, usage);
		if ((size_t)put >= room)
			break;
		to += put;
		room -= put;
		usage += len;
	}
}

static int state_new(struct grammar *grammar, int next, int other)
{
	struct grammar_state *state = &grammar->states[grammar->count];

	/* The last state leads nowhere: what is too long is not completed. */
	if (grammar->count == GRAMMAR_STATES)
		return GRAMMAR_STATES - 1;
	*state = (struct grammar_state){ .next = { next, other } };
	return grammar->count++;
}

static void skip_spaces(struct grammar *grammar)
{
	grammar->at += strspn(grammar->at, " ");
}

static int alternatives_read(struct grammar *grammar, int end);

/* A word, or a group in braces. Returns its first state; it leads to @end. */
static int item_read(struct grammar *grammar, int end)
{
	struct grammar_state *state;
	int first;

	if (*grammar->at == '{') {
		grammar->at++;
		first = alternatives_read(grammar, end);
		grammar->at += *grammar->at == '}';
		return first;
	}
	first = state_new(grammar, end, -1);
	state = &grammar->states[first];
	state->token = grammar->at;
	grammar->at += strcspn(grammar->at, DELIMITERS);
	return first;
}

/* Optional groups that follow each other may come in any order. */
static int options_read(struct grammar *grammar, int end)
{
	int loop = state_new(grammar, end, -1), last = loop;

	while (*grammar->at == '[') {
		int choice;

		grammar->at++;
		choice = state_new(grammar,
				   alternatives_read(grammar, loop), -1);
		grammar->at += *grammar->at == ']';
		grammar->states[last].next[1] = choice;
		last = choice;
		skip_spaces(grammar);
	}
	return loop;
}

/* Each item leads to the next one by a state that is known beforehand. */
static int sequence_read(struct grammar *grammar, int end)
{
	int first = state_new(grammar, -1, -1), from = first;

	for (;;) {
		int to, item;

		skip_spaces(grammar);
		if (!*grammar->at || strchr("]}|", *grammar->at))
			break;
		to = state_new(grammar, -1, -1);
		item = *grammar->at == '[' ? options_read(grammar, to) :
					     item_read(grammar, to);
		grammar->states[from].next[0] = item;
		from = to;
	}
	grammar->states[from].next[0] = end;
	return first;
}

static int alternatives_read(struct grammar *grammar, int end)
{
	int first = state_new(grammar, -1, -1), last = first;

	for (;;) {
		grammar->states[last].next[0] = sequence_read(grammar, end);
		if (*grammar->at != '|')
			return first;
		grammar->at++;
		grammar->states[last].next[1] = state_new(grammar, -1, -1);
		last = grammar->states[last].next[1];
	}
}

/* Also activates the states that no word is needed to reach. */
static void state_activate(struct grammar *grammar, int state)
{
	if (state < 0 || grammar->active[state])
		return;
	grammar->active[state] = true;
	if (grammar->states[state].token)
		return;
	state_activate(grammar, grammar->states[state].next[0]);
	state_activate(grammar, grammar->states[state].next[1]);
}

static void tokens_end(struct grammar *grammar)
{
	for (char *at = grammar->text; *at; at++)
		if (strchr(DELIMITERS, *at))
			*at = '\0';
}

/**
 * grammar_begin() - read a verb's usage
 * @grammar: filled in
 * @usage: keywords, names in capitals, [optional] groups and | alternatives
 * @of_calls: a filter may name what only calls have
 */
void grammar_begin(struct grammar *grammar, const char *usage, bool of_calls)
{
	int end, first;

	*grammar = (struct grammar){ .at = grammar->text };
	names_expand(grammar->text, sizeof(grammar->text), usage, of_calls);
	end = state_new(grammar, -1, -1);
	first = alternatives_read(grammar, end);
	tokens_end(grammar);
	state_activate(grammar, first);
}

/* A name in capitals stands for any word. */
static bool is_name(const char *token)
{
	return isupper((unsigned char)*token);
}

static bool state_takes(const struct grammar *grammar, int i, const char *word)
{
	const char *token = grammar->states[i].token;

	return grammar->active[i] && token &&
	       (is_name(token) || !strcmp(token, word));
}

/**
 * grammar_takes() - may a word come next, as it is?
 * @grammar: the grammar
 * @word: the word
 */
bool grammar_takes(const struct grammar *grammar, const char *word)
{
	for (int i = 0; i < grammar->count; i++)
		if (state_takes(grammar, i, word))
			return true;
	return false;
}

/**
 * grammar_keyword() - find the keyword that a word abbreviates
 * @grammar: the grammar
 * @match: the search, for match_hint() if there is none
 * @word: the word, which does not come next as it is
 *
 * Return: a keyword that may come next, valid as long as @grammar; or NULL.
 */
const char *grammar_keyword(const struct grammar *grammar, struct match *match,
			    const char *word)
{
	match_begin(match, word);
	for (int i = 0; i < grammar->count; i++) {
		const char *token = grammar->states[i].token;

		if (grammar->active[i] && token && !is_name(token))
			match_try(match, token);
	}
	return match_end(match);
}

/**
 * grammar_word() - go on by a word
 * @grammar: the grammar
 * @word: the word
 */
void grammar_word(struct grammar *grammar, const char *word)
{
	const struct grammar before = *grammar;

	memset(grammar->active, 0, sizeof(grammar->active));
	for (int i = 0; i < grammar->count; i++)
		if (state_takes(&before, i, word))
			state_activate(grammar, grammar->states[i].next[0]);
}

/**
 * grammar_next() - tell which tokens may come next
 * @grammar: the grammar
 * @cb: takes them
 * @data: for @cb
 */
void grammar_next(const struct grammar *grammar, grammar_cb *cb, void *data)
{
	for (int i = 0; i < grammar->count; i++)
		if (grammar->active[i] && grammar->states[i].token)
			cb(grammar->states[i].token, data);
}
