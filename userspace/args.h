/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The words of a command, read from left to right. They come from the command
 * line or from a line of a policy file. An error message is kept rather than
 * printed, because that of a file begins with the number of the line.
 */
#ifndef ARGS_H
#define ARGS_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct args - words still to be read
 * @next: the next of them; ends with NULL
 * @error: set when a function returns -1
 * @odd: the word that no keyword begins with; NULL: there is none
 * @hint: the keywords that may have been meant by it
 */
struct args {
	char **next;
	char error[384];
	char **odd;
	char hint[160];
};

const char *args_next(struct args *args);
bool args_take(struct args *args, const char *word);
int args_file(struct args *args, const char **path);
int args_number(struct args *args, const char *what, uint64_t max,
		uint64_t *value);
int args_end(struct args *args);
const char *args_hint(const struct args *args);
int args_fail(struct args *args, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif /* ARGS_H */
