/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Findings of `sipalg check`.
 */
#ifndef FINDING_H
#define FINDING_H

#include "print.h"

enum level { LEVEL_GOOD, LEVEL_NOTE, LEVEL_PROBLEM };

/**
 * struct finding - one finding, without its text
 * @level: whether it is a problem
 * @name: for scripts: it never changes
 * @evidence: how it is known; NULL if the text says it
 * @advice: what to do; NULL if there is nothing to do
 * @command: a command line that does it; NULL if there is no single one
 */
struct finding {
	enum level level;
	const char *name;
	const char *evidence;
	const char *advice;
	const char *command;
};

/**
 * struct findings - all findings of a run
 * @out: the output
 * @problems: number of problems
 */
struct findings {
	struct print out;
	unsigned int problems;
};

void finding_add(struct findings *findings, const struct finding *finding,
		 const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif /* FINDING_H */
