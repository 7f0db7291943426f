/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One SIP message on its way through the NAT.
 */
#ifndef SIPALG_SESSION_MESSAGE_H
#define SIPALG_SESSION_MESSAGE_H

#include "session/flow.h"
#include "sip/sip.h"

/**
 * struct sipalg_text - a message, wherever it is
 * @text: its text
 * @len: its length in bytes
 * @there: bytes of it that are at @text; the rest ends the packet
 * @growth_max: bytes by which it may grow
 * @head: only start line and headers are there; nothing else of it needs a
 *	change
 * @comes_again: the message will be there once more, whole and as it came: now
 *	it is changed and nothing else, and from outside
 * @join: only where @there is less than @len: puts all of it at @text. Returns
 *	false if there is no memory.
 * @change: change it as planned; called at most once, and before anything is
 *	committed. Returns SIPALG_STAT_CHANGED, or the counter of what is in the
 *	way.
 */
struct sipalg_text {
	const u8 *text;
	u32 len;
	u32 there;
	s32 growth_max;
	bool head;
	bool comes_again;
	bool (*join)(struct sipalg_text *text);
	enum sipalg_stat (*change)(struct sipalg_text *text,
				   const struct sip_plan *plan);
};

enum sipalg_stat sipalg_message_stat(enum sip_verdict verdict);
void sipalg_message_pass(const struct sipalg_packet *packet,
			 enum sipalg_stat why);
bool sipalg_message_translate(const struct sipalg_packet *packet,
			      struct sipalg_text *text);

int sipalg_message_setup(void);
void sipalg_message_teardown(void);

#endif /* SIPALG_SESSION_MESSAGE_H */
