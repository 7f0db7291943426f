/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Calls acted out in the lab by a phone and a server, who use what the messages
 * that reach them say, and nothing else.
 */
#ifndef TRIAL_H
#define TRIAL_H

#include <stdbool.h>
#include <stddef.h>

struct lab;

struct line;

/**
 * struct trial - one thing to try
 * @name: for the table
 * @body: what the two do
 * @tcp: by TCP
 * @split: each message in two segments
 * @ipv6: by IPv6
 */
struct trial {
	const char *name;
	void (*body)(struct line *line);
	bool tcp;
	bool split;
	bool ipv6;
};

extern const struct trial trials[];
extern const size_t n_trials;

int trial_run(const struct trial *trial, const struct lab *lab, int wait,
	      char *why, size_t size);

#endif /* TRIAL_H */
