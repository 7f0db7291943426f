/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The words of a command, read from left to right. The same reader serves the
 * command line and the lines of a policy file, so it keeps what is wrong
 * instead of printing it.
 */
#ifndef WORDS_H
#define WORDS_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct words - words still to be read
 * @next: the next of them; ends with NULL
 * @error: what was wrong, once a function has returned -1
 */
struct words {
	char **next;
	char error[192];
};

const char *words_next(struct words *words);
bool words_take(struct words *words, const char *word);
int words_number(struct words *words, const char *what, uint64_t max,
		 uint64_t *value);
int words_end(struct words *words);
int words_fail(struct words *words, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif /* WORDS_H */
