/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Judges what became of a message on its way, and prints the findings.
 */
#ifndef ALG_PROBE_JUDGE_H
#define ALG_PROBE_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "lab/alg_probe_message.h"
#include "lab/alg_probe_result.h"
#include "lab/alg_probe_text.h"
#include "print.h"

#define FAULTS_MAX 16

/* What a fault does to calls; the first of them has the verdict. */
enum fault_kind {
	FAULT_CALL,		/* a call to the phone does not come in */
	FAULT_AUDIO,
	FAULT_IDLE,		/* a call does not come in after some time */
	FAULT_MESSAGE,		/* a message is damaged */
	FAULT_KEEPALIVE,
	FAULT_LOST,
	FAULT_LARGE,		/* a message in fragments is lost */
	FAULT_KINDS,
};

/**
 * struct fault - a fault of a message
 * @text: a sentence
 * @rfc: the section of a standard that it breaks
 */
struct fault {
	char text[160];
	const char *rfc;
};

/**
 * struct findings - what was found, and where it is printed
 * @out: the output
 * @faults: faults of the message
 * @n_faults: number of them
 * @kinds: bit of each kind of fault of the run
 * @found: the result of the run
 */
struct findings {
	struct print out;
	struct fault faults[FAULTS_MAX];
	size_t n_faults;
	unsigned int kinds;
	struct alg_probe found;
};

/**
 * struct reply - an answer of the far end
 * @text: the answer itself
 * @host: address that the far end saw
 * @port: port that it saw
 * @arrived: the message as it arrived there
 * @len: its length
 * @plain: the same with its headers as they were sent, where that means the same
 * @calls: the far end calls the Contact
 * @full: it does all that PROBE_FULL says
 * @later: it will call later
 * @more: it does all that PROBE_MORE says
 */
struct reply {
	char text[PROBE_REPLY_MAX];
	char host[HOST_MAX];
	unsigned int port;
	char arrived[PROBE_TEXT_MAX];
	size_t len;
	char plain[PROBE_TEXT_MAX + HEADERS_GROW];
	bool calls, full, later, more;
};

void fault_add(struct findings *findings, enum fault_kind kind, const char *rfc,
	       const char *format, ...) __attribute__((format(printf, 4, 5)));
void faults_print(struct findings *findings);
bool reply_read(struct reply *reply);
void judge_call(struct findings *findings, const char *call,
		const union sock_addr *own, bool more);
void judge_hangup(struct findings *findings, const char *bye);
void judge_lost(struct findings *findings, const struct probe *probe,
		bool by_other);
bool judge_message(struct findings *findings, const struct probe *probe,
		   const char *sent, size_t len, const struct reply *reply,
		   const union sock_addr *own);
const char *verdict_text(const struct findings *findings);

#endif /* ALG_PROBE_JUDGE_H */
