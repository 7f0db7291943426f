/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The reference outside the module: which translations of a message are
 * correct.
 */
#ifndef SIPALG_STRESS_COMPARE_H
#define SIPALG_STRESS_COMPARE_H

#include "sip.h"

#define REASONS (SIP_REFUSED + 1)

/**
 * struct transit - a message that has passed the router
 * @sent: as it was sent
 * @sent_len: its length in bytes
 * @got: as it arrived
 * @got_len: its length in bytes
 * @inside: the phone's end of the flow
 * @outside: what the NAT makes of it
 * @outbound: the phone has sent it
 * @head: compare the headers alone
 */
struct transit {
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
 * @stayed: messages that stayed unchanged because of a limit, or for want of a
 *	binding
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
 * compare() - is the message that arrived a correct translation?
 * @transit: the message before and after the router
 * @tally: is added to
 *
 * Return: NULL, or the fault in words.
 */
const char *compare(const struct transit *transit, struct tally *tally);

#endif /* SIPALG_STRESS_COMPARE_H */
