/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The usage of a verb as a grammar: which words may come next?
 */
#ifndef GRAMMAR_H
#define GRAMMAR_H

#include <stdbool.h>

struct match;

/* The longest usage has about 60 states. */
#define GRAMMAR_STATES 128

/**
 * struct grammar_state - a state of a nondeterministic automaton
 * @token: the word that leads to the next state; NULL: none is needed
 * @next: the next state, or two of them if there is no @token; -1: none
 */
struct grammar_state {
	const char *token;
	int next[2];
};

/**
 * struct grammar - usage of a verb, and the states it can be in
 * @text: the usage; in the end just the states' tokens, each with its zero
 * @at: how much of @text has been read
 * @states: the automaton
 * @count: number of states
 * @active: states that the words so far may have led to
 */
struct grammar {
	char text[1024];
	char *at;
	struct grammar_state states[GRAMMAR_STATES];
	int count;
	bool active[GRAMMAR_STATES];
};

/* Takes a token that may come next: a keyword, or a name in capitals. */
typedef void grammar_cb(const char *token, void *data);

void grammar_begin(struct grammar *grammar, const char *usage, bool of_calls);
bool grammar_takes(const struct grammar *grammar, const char *word);
const char *grammar_keyword(const struct grammar *grammar, struct match *match,
			    const char *word);
void grammar_word(struct grammar *grammar, const char *word);
void grammar_next(const struct grammar *grammar, grammar_cb *cb, void *data);

#endif /* GRAMMAR_H */
