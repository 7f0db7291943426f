/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The text of probes, and the protocol between the two machines. The far end
 * answers 200 with a body that no ALG understands: the address and port that
 * it saw, padded to PROBE_SENDER_LEN, the message as it arrived in hex digits,
 * and PROBE_CALLS if it calls the phone at its Contact.
 */
#ifndef ALG_PROBE_TEXT_H
#define ALG_PROBE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#define PROBE_AUDIO_PORT	40200
#define PROBE_TEXT_MAX		2048
#define PROBE_REPLY_MAX		(2 * PROBE_TEXT_MAX + 1024)
#define PROBE_SENDER_LEN	52
#define PROBE_MARK		"sipalg-through"
#define PROBE_AUDIO		"sipalg-audio"
#define PROBE_CALLS		" call"

/* The headers that a response repeats: RFC 3261, 8.2.6.2. */
#define PROBE_REPEATED 5
extern const char *const probe_repeated[PROBE_REPEATED];

size_t line_len(const char *text);
const char *line_next(const char *text);
bool line_is_same(const char *a, const char *b);
bool line_is_in(const char *text, const char *line);
bool line_has_same_name(const char *a, const char *b);
bool line_may_change(const char *line);
const char *header_find(const char *text, const char *name);

#endif /* ALG_PROBE_TEXT_H */
