/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shared by the unit tests of the core: text against a guard page, and a NAT
 * whose map is plain arithmetic.
 */
#ifndef SIPALG_UNIT_HARNESS_H
#define SIPALG_UNIT_HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "oracle.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* A message, or a part of one. */
struct text {
	const u8 *data;
	u32 len;
};

/* Puts text right in front of a page that cannot be read. Valid until the next call. */
struct text guard(const void *data, size_t len);

/* Reads a whole file; the caller frees it. Fails the test if there is none. */
struct text read_text(const char *path);

/* A message whose lines end in "\n" in the source and in CRLF here; in guard(). */
struct text message(const char *lines);

struct sip_endpoint endpoint(const char *addr, u16 port);

/*
 * The phone is 192.168.1.10 or 2001:db8:1::10, and the NAT shows 203.0.113.5 or
 * 2001:db8:2::5 for it. Port 5060 becomes 1024 and any other port p becomes
 * p + 10000; both ways. Another phone, 192.168.1.11, is seen at 203.0.113.5:2048.
 */
struct world {
	struct sip_nat nat;
	enum sip_map_verdict media_answer[SDP_MEDIA_MAX];
	struct sdp_ports asked[SDP_MEDIA_MAX];
	u32 n_asked;
	u32 n_outward;
	u32 n_inward;
	u16 forbidden;		/* a port that media never gets; 0 for none */
	struct sip_endpoint beside;	/* the sender may speak for this host; family 0: for none */
	bool refuse_outward;
	bool port_unwritten[SIP_REFER_TO + 1];	/* per field: the phone left it out */
};

void world_outbound(struct world *w, u8 family);
void world_inbound(struct world *w, u8 family);
void world_hairpin(struct world *w);

enum sip_verdict parse(struct sip_msg *msg, struct text text);

/* Parses: SIP_OK, or why the message, or the first part of it, cannot be read. */
enum sip_verdict find_fault(struct sip_msg *msg, struct text text);

enum sip_verdict translate(struct sip_plan *plan, struct sip_msg *msg, struct text text,
			   struct world *w);

/* The message as the plan makes it. The caller frees it. */
struct text apply(const struct sip_plan *plan, struct text text);

/* Parses, translates and applies; fails the test if it cannot. */
struct text translated(const char *lines, struct world *w);

/* A header, or a body, as the phone writes it and as the server gets it. */
struct sent {
	const char *source;
	const char *in;
	const char *out;
};

/* An INVITE with it; @type is the line in front of a body, "" for a header. */
void assert_sent(const struct sent *sent, const char *type);
void assert_all_sent(const struct sent *sent, size_t n, const char *type);

void assert_text(struct text got, const char *lines);
void assert_span(struct text text, struct sip_span span, const char *want);

/* A message as the core reads it, as text for people; the caller frees it. */
char *describe(struct text text);

extern const char *const verdict_names[];

#endif /* SIPALG_UNIT_HARNESS_H */
