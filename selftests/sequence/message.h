/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SIP messages by chance: three inside hosts and three servers share a few Call-IDs,
 * tags and branches. Many a message follows from one before it, so that calls get
 * somewhere; many a one is the same in another's name.
 */
#ifndef SIPALG_SEQUENCE_MESSAGE_H
#define SIPALG_SEQUENCE_MESSAGE_H

#include "kernel.h"

#define HOSTS		3
#define PARTIES		6	/* the servers come behind the hosts */
#define CALL_IDS	4
#define TAGS		7	/* 0: none */
#define STREAMS_MAX	2
#define CONTACTS_MAX	2
#define MESSAGE_MAX	2048	/* bytes of its text */

struct message {
	u8 from, to;		/* parties */
	u8 method;		/* enum sip_method */
	u16 status;		/* 0: a request */
	u8 call_id, branch, from_tag, to_tag;
	u32 cseq;
	u8 media_of;		/* the party whose address the SDP names */
	u8 n_streams;
	u16 port[STREAMS_MAX];
	bool rtcp, tcp;
	u8 contact_of;		/* likewise of the contacts */
	u8 n_contacts;
	u16 contact_port[CONTACTS_MAX];
	s32 contact_expires, expires, session_expires;	/* below 0: not named */
};

static inline bool is_inside(u8 party)
{
	return party < HOSTS;
}

/* The last server is reached without NAT. */
static inline bool is_routed(u8 party)
{
	return party == PARTIES - 1;
}

/* Address and port that a party has by itself, and that @seen_by knows. */
const char *party_address(u8 party);
u16 party_port(u8 party, u8 seen_by);
const char *party_seen(u8 party, u8 seen_by);

/* A message, in view of those that message_next() has made before. */
void message_next(struct message *message);
void message_forget(void);

u32 message_write(const struct message *message, char text[MESSAGE_MAX]);
void message_describe(const struct message *message, char *line, size_t size);

/* The text of the Call-ID. */
const char *message_call_id(u8 call_id);

#endif /* SIPALG_SEQUENCE_MESSAGE_H */
