/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the core share among themselves.
 */
#ifndef SIPALG_CORE_PARSE_H
#define SIPALG_CORE_PARSE_H

#include "scan.h"
#include "sip.h"

#define SIP_PORT	5060
#define SIPS_PORT	5061

enum sip_header_id {
	SIP_HEADER_OTHER,
	SIP_HEADER_CALL_ID,
	SIP_HEADER_CSEQ,
	SIP_HEADER_FROM,
	SIP_HEADER_TO,
	SIP_HEADER_VIA,
	SIP_HEADER_CONTACT,
	SIP_HEADER_ROUTE,
	SIP_HEADER_RECORD_ROUTE,
	SIP_HEADER_PATH,
	SIP_HEADER_REFER_TO,
	SIP_HEADER_EXPIRES,
	SIP_HEADER_SESSION_EXPIRES,
	SIP_HEADER_AUTHORIZATION,
	SIP_HEADER_CONTENT_LENGTH,
	SIP_HEADER_CONTENT_TYPE,
	SIP_HEADER_ENCODING,
	SIP_HEADER_IDENTITY_INFO,
};

/**
 * struct sip_header - one header, with its continuation lines
 * @id: which one
 * @value: start of its value, behind the colon; of SIP_HEADER_OTHER, of the
 *	line
 * @end: end of its value, in front of the line end; there may be blanks on both
 *	sides
 * @next: start of the next line
 */
struct sip_header {
	enum sip_header_id id;
	u32 value;
	u32 end;
	u32 next;
};

enum sip_step {
	SIP_STEP_HEADER,	/* there is one */
	SIP_STEP_END,		/* the empty line; only @next is set */
	SIP_STEP_MORE,		/* the text ends before the header does */
	SIP_STEP_BAD,		/* a line that is none */
};

/* parse.c */
enum sip_step sip_header_next(const u8 *text, u32 at, u32 len,
			      struct sip_header *header);

/* uri.c */
u32 sip_ipv4(const u8 *text, u32 at, u32 end, u8 *addr);
bool sip_ipv6(const u8 *text, u32 at, u32 end, u8 *addr);
u32 sip_host_port(const u8 *text, u32 at, u32 end, struct sip_addr_ref *ref);
u32 sip_uri(const u8 *text, u32 at, u32 end, struct sip_addr_ref *ref);
u32 sip_address(const u8 *text, u32 at, u32 end, struct sip_span *uri);
u32 sip_quoted(const u8 *text, u32 at, u32 end);
u32 sip_param_end(const u8 *text, u32 at, u32 end);
struct sip_span sip_param_value(const u8 *text, u32 at, u32 end);

/* mime.c */
bool sip_is_plain_encoding(const u8 *text, u32 at, u32 end);
bool sip_may_describe(const u8 *text, u32 at, u32 end);
enum sip_verdict sip_mime(struct sip_msg *msg, const u8 *text,
			  struct sip_span type);

/* sdp.c */
enum sip_verdict sdp_parse(struct sdp_session *sdp, const u8 *text, u32 at,
			   u32 end);

/* plan.c */
bool sip_plan_add(struct sip_plan *plan, struct sip_span where, u32 text,
		  u32 text_len);
u32 sip_format_number(u32 value, u8 *out);
#ifdef SIP_DEBUG
void sip_plan_check(const struct sip_plan *plan, u32 len);
#endif

/**
 * sip_param() - read one parameter of a header
 * @text: the message
 * @at: its semicolon
 * @end: end of the header's value
 * @name: set to the start of its name
 * @word: set to its first bytes in lower case: what is shorter than a word has
 *	zeros behind
 *
 * A lone semicolon at the end of everything is let through: it is written, and
 * can be misunderstood by nobody.
 *
 * Return: where it ends: at the next semicolon or comma, or @end; 0 if it is
 * malformed.
 */
static __always_inline u32 sip_param(const u8 *text, u32 at, u32 end, u32 *name,
				     u64 *word)
{
	u64 found;

	*name = scan_blanks(text, at + 1, end);
	*word = scan_word(text, *name, end);
	/*
	 * All that can end a parameter, and a few that hardly ever stand in
	 * one.
	 */
	found = scan_match(*word, '-', ';', ';', ';');
	if (found) {
		at = *name + (sip_first_bit(found) >> 3);
		/* The bytes below the one that was found. */
		*word &= ((found & -found) >> 7) - 1;
	} else {
		at = scan_any(text, *name + 8, end, '-', ';', ';', ';');
	}
	*word = scan_fold(*word);
	if (at == end)
		return end;
	if (text[at] != ';')
		at = sip_param_end(text, at, end);
	return at > *name ? at : 0;
}

/*
 * Is this the name of the parameter text[at..end)? @word is its beginning in
 * lower case.
 */
static __always_inline bool sip_param_is(const u8 *text, u32 at, u32 end,
					 u64 word, u64 want, u32 n)
{
	if ((word ^ want) & SCAN_MASK(n))
		return false;
	at += n;
	return at >= end || text[at] == '=' || scan_is_blank(text[at]);
}

static __always_inline bool sip_same_address(const struct sip_endpoint *a,
					     const struct sip_endpoint *b)
{
	return a->family == b->family &&
	       scan_load(a->addr) == scan_load(b->addr) &&
	       scan_load(a->addr + 8) == scan_load(b->addr + 8);
}

#endif /* SIPALG_CORE_PARSE_H */
