/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The text of probes, and the protocol between the two machines. The far end
 * answers 200 with a body that no ALG understands: the address and port that
 * it saw, padded to PROBE_SENDER_LEN, the message as it arrived in hex digits,
 * and words about what else the far end does. Over TCP each of the two sends
 * whole messages, one after the other.
 */
#ifndef ALG_PROBE_TEXT_H
#define ALG_PROBE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#define PROBE_AUDIO_PORT	40200
#define PROBE_TEXT_MAX		4096
#define PROBE_REPLY_MAX		(2 * PROBE_TEXT_MAX + 1024)
/* So much longer may headers get when their names are written out. */
#define HEADERS_GROW		512
#define PROBE_SENDER_LEN	52
#define PROBE_MARK		"sipalg-through"
#define PROBE_AUDIO		"sipalg-audio"
/* Before the address and port that the audio came from. */
#define PROBE_ECHO		"sipalg-echo "
/* Begins the Call-ID of a call to the phone, before the number in the CSeq. */
#define PROBE_CALL		PROBE_MARK "-call-"
/* A header; seconds follow, in which the phone will send nothing. */
#define PROBE_IDLE		"Subject: " PROBE_MARK " idle "

/* The far end calls the Contact at once. */
/* Of a call of the far end, which name nobody's address. */
#define PROBE_CALL_LINES					\
	"From: <sip:b@example.com>;tag=b",			\
	"To: <sip:a@example.com>",				\
	"Contact: <sip:b@b.example.com>"

#define PROBE_CALLS		" call"
/*
 * The far end sets received and rport in its answers, listens on TCP, returns
 * audio, and answers STUN.
 */
#define PROBE_FULL		" full"
/* The far end calls after those seconds. */
#define PROBE_LATER		" later"
/*
 * It repeats the Contact of a REGISTER, its calls have a route, and it hangs
 * up.
 */
#define PROBE_MORE		" more"
/* The route of a call: RFC 3261, 16.6. */
#define PROBE_ROUTE_1		"Record-Route: <sip:p1.example.com;lr>"
#define PROBE_ROUTE_2		"Record-Route: <sip:p2.example.com;lr>"

#define STUN_LEN_MAX		44
#define STUN_HEADER_LEN		20

/* The headers that a response repeats: RFC 3261, 8.2.6.2. */
#define PROBE_REPEATED 5
extern const char *const probe_repeated[PROBE_REPEATED];

size_t line_len(const char *text);
const char *line_next(const char *text);
bool line_is_same(const char *a, const char *b);
bool line_is_in(const char *text, const char *line);
bool line_has_same_name(const char *a, const char *b);
bool line_may_change(const char *line);
bool line_is_moved(const char *sent, const char *arrived, const char *host);
const char *line_rfc(const char *line);
const char *header_find(const char *text, const char *name);
const char *header_value(const char *text, const char *name);
void headers_align(char *to, size_t size, const char *text, const char *like);
bool line_is_hop(const char *sent, const char *arrived);

#endif /* ALG_PROBE_TEXT_H */
