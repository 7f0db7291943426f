/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The messages of a probe, and the passes in which they are sent.
 */
#ifndef ALG_PROBE_MESSAGE_H
#define ALG_PROBE_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "lab/sock.h"

#define PROBES 8

enum probe_pass {
	PASS_ANY_PORT,		/* over UDP */
	PASS_SIP_PORT,		/* over UDP, from port 5060 */
	PASS_TCP,
	PASS_SPLIT,		/* over TCP, each message in two segments */
	PASSES,
};

/**
 * struct probe - a message
 * @name: for the output
 * @method: its method
 * @headers: further headers; %1 is the own address as SIP writes it, %2 the own
 *	port, %3 the own address as SDP writes it
 * @body: its body, with the same
 * @passes: bit of each pass in which it is sent
 * @padding: number of bytes that are added to the body
 * @strict: an ALG may change nothing but the Via, because no other line has an
 *	address at which the phone can be reached
 * @audio: the body describes audio
 * @again: it is sent a second time, as if its answer had been lost
 */
struct probe {
	const char *name, *method, *headers, *body;
	unsigned int passes, padding;
	bool strict, audio, again;
};

extern const struct probe probes[PROBES];
extern const char *const pass_suffixes[PASSES];

bool pass_is_tcp(enum probe_pass pass);
int probe_write(char *text, size_t i, enum probe_pass pass,
		const union sock_addr *own, unsigned int idle);
bool probe_is_arrived(size_t i, enum probe_pass pass, const char *arrived);
bool probe_is_call(size_t i, enum probe_pass pass, const char *method,
		   const char *text);
bool probe_calls_phone(const char *text, const union sock_addr *own);

#endif /* ALG_PROBE_MESSAGE_H */
