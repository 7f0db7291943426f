/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Calls between a phone and a server in the lab. Both know only what the
 * messages that reach them say.
 */
#ifndef SCENARIO_H
#define SCENARIO_H

#include <stdbool.h>
#include <stddef.h>

struct line;
struct netns_lab;

/**
 * struct scenario - one or more calls
 * @name: for the table of results
 * @body: acts it out
 * @tcp: SIP over TCP
 * @split: each message of the phone in two segments
 * @ipv6: over IPv6
 */
struct scenario {
	const char *name;
	void (*body)(struct line *line);
	bool tcp;
	bool split;
	bool ipv6;
};

extern const struct scenario scenarios[];
extern const size_t n_scenarios;

int scenario_run(const struct scenario *scenario, const struct netns_lab *lab,
		 int wait, char *why, size_t size);

#endif /* SCENARIO_H */
