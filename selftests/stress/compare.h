/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the module may make of a message: the reference that is outside of it.
 */
#ifndef SIPALG_STRESS_COMPARE_H
#define SIPALG_STRESS_COMPARE_H

#include "sip.h"

#define REASONS (SIP_REFUSED + 1)

/**
 * struct passage - a message that has passed the router
 * @sent: as it was sent
 * @sent_len: its length in bytes
 * @got: as it arrived
 * @got_len: its length in bytes
 * @inside: the phone's end of the flow
 * @outside: what the NAT makes of it
 * @outbound: the phone has sent it
 * @head: it ends with its headers; what else it has is of no concern
 */
struct passage {
	const u8 *sent;
	u32 sent_len;
	const u8 *got;
	u32 got_len;
	struct sip_endpoint inside;
	struct sip_endpoint outside;
	bool outbound;
	bool head;
};

/**
 * struct tally - what the module's counters should say
 * @changed: messages that were changed
 * @stayed: messages that stayed though the core would have changed them: a limit, or a
 *	binding that could not be had
 * @unchanged: messages with nothing to change
 * @parsed: by reason, what the core did not understand
 * @translated: by reason, what the core understood but could not translate
 * @not_sip: no SIP from the first bytes
 */
struct tally {
	unsigned long changed;
	unsigned long stayed;
	unsigned long unchanged;
	unsigned long parsed[REASONS];
	unsigned long translated[REASONS];
	unsigned long not_sip;
};

/**
 * compare() - is that a change that the module may make, and all that it must?
 * @passage: the message before and behind
 * @tally: is added to
 *
 * Return: NULL, or what is wrong.
 */
const char *compare(const struct passage *passage, struct tally *tally);

#endif /* SIPALG_STRESS_COMPARE_H */
