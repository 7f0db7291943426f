/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the native benchmark knows of a parser: one file each, so that their
 * headers never meet.
 */
#ifndef SIPALG_BENCH_NATIVE_H
#define SIPALG_BENCH_NATIVE_H

#include <stdbool.h>
#include <stddef.h>

#define MESSAGE_MAX 65535

struct message {
	const char *name;
	const char *text;	/* a zero behind it */
	size_t len;
	const char *inside;	/* the phone's address */
	bool inbound;		/* is the phone its receiver? */
};

enum taken {
	TAKEN,
	TAKEN_WITHOUT_SDP,	/* the message, but not its session description */
	NOT_TAKEN,
};

/**
 * struct parser - one of those that are compared
 * @name: as the tables say it
 * @init: once, before anything else
 * @parse: takes the message apart, and its session description if it has one; frees
 *	what that took
 */
struct parser {
	const char *name;
	void (*init)(void);
	enum taken (*parse)(const struct message *message);
};

extern const struct parser parser_ours, parser_whole, parser_sofia, parser_sofia_message,
	parser_osip, parser_re;

/* Why ours refused the message that it parsed last, or "ok". */
const char *ours_verdict(void);

/* shapes.c: the message @shape at about @len bytes, its length; 0 if there is no such shape. */
size_t shape_make(size_t shape, size_t len, char *text, const char **name);

#endif /* SIPALG_BENCH_NATIVE_H */
