/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Header lines: where one ends, and which field it is.
 */
#ifndef SIPALG_SIP_HEADER_H
#define SIPALG_SIP_HEADER_H

#include "scan.h"

/* A bit each, for sets of them. */
enum sip_header_id {
	SIP_HEADER_OTHER = 0,
	SIP_HEADER_CALL_ID = 1 << 0,
	SIP_HEADER_CSEQ = 1 << 1,
	SIP_HEADER_FROM = 1 << 2,
	SIP_HEADER_TO = 1 << 3,
	SIP_HEADER_VIA = 1 << 4,
	SIP_HEADER_CONTACT = 1 << 5,
	SIP_HEADER_CONTENT_LENGTH = 1 << 6,
	SIP_HEADER_CONTENT_TYPE = 1 << 7,
	SIP_HEADER_ROUTE = 1 << 8,
	SIP_HEADER_RECORD_ROUTE = 1 << 9,
	SIP_HEADER_PATH = 1 << 10,
	SIP_HEADER_REFER_TO = 1 << 11,
	SIP_HEADER_EXPIRES = 1 << 12,
	SIP_HEADER_SESSION_EXPIRES = 1 << 13,
	SIP_HEADER_AUTHORIZATION = 1 << 14,
	SIP_HEADER_ENCODING = 1 << 15,
	SIP_HEADER_IDENTITY_INFO = 1 << 16,
	SIP_HEADER_SERVICE_ROUTE = 1 << 17,
	SIP_HEADER_AUTHENTICATION = 1 << 18,
	SIP_HEADER_DISPOSITION = 1 << 19,
};

/* Those whose values are URIs, of which a message may have many. */
#define SIP_HEADER_LISTS						\
	(SIP_HEADER_CONTACT | SIP_HEADER_ROUTE |			\
	 SIP_HEADER_RECORD_ROUTE | SIP_HEADER_PATH |			\
	 SIP_HEADER_SERVICE_ROUTE | SIP_HEADER_REFER_TO)

/**
 * struct sip_header_name - a long name
 * @text: in lower case
 * @len: its length in bytes
 * @spare: for each of its first two words, the bits that it leaves over
 * @id: enum sip_header_id
 */
struct sip_header_name {
	char text[32];
	u8 len;
	u8 spare[2];
	u32 id;
};

/* Where in the table the names with these first two letters are. */
#define SIP_HEADER_SLOTS	64
#define SIP_HEADER_SLOT(a, b)	((2 * (a) + (b)) % SIP_HEADER_SLOTS)

/* Lists of long names; a name of no length ends each. */
extern const struct sip_header_name *const sip_header_names[SIP_HEADER_SLOTS];

/*
 * The compact forms (RFC 3261, 7.3.3), enum sip_header_id by the letter, in
 * either case.
 */
extern const u32 sip_header_compact[256];

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

enum sip_line {
	SIP_LINE_HEADER,	/* a header, with its continuation lines */
	SIP_LINE_EMPTY,		/* ends the header section; sets only @next */
	SIP_LINE_CUT,		/* the text ends before the header does */
	SIP_LINE_BAD,		/* begins with a blank or a control character */
};

enum sip_line sip_read_header(const u8 *text, u32 at, u32 len,
			      struct sip_header *header);

void sip_header_unfold(const u8 *text, u32 len, struct sip_header *header);
u32 sip_header_colon(const u8 *text, u32 at, u32 len);
bool sip_header_has_tail(const u8 *text, u32 at, u32 len,
			 const struct sip_header_name *name);

/*
 * Does a line begin with this name? @word is its beginning in lower case. No
 * name with its colon fits in less than nine bytes that is longer than a word.
 */
static __always_inline bool sip_header_is(const u8 *text, u32 at, u32 len,
					  u64 word,
					  const struct sip_header_name *name)
{
	u64 rest;

	if ((word ^ scan_load((const u8 *)name->text)) << name->spare[0])
		return false;
	if (name->len <= 8)
		return true;
	if (len - at <= 8)
		return false;
	rest = scan_fold(scan_word(text, at + 8, len)) ^
	       scan_load((const u8 *)name->text + 8);
	return !(rest << name->spare[1]) &&
	       (likely(name->len <= 16) ||
		sip_header_has_tail(text, at, len, name));
}

/*
 * Which header may this be? @word is the beginning of the line. Sets @n to the
 * length that its name has then: a colon behind that decides.
 */
static __always_inline enum sip_header_id
sip_header_guess(const u8 *text, u32 at, u32 len, u64 word, u32 *n)
{
	const struct sip_header_name *name;

	if (unlikely((u8)(word >> 8) <= ':')) {
		*n = 1;
		return sip_header_compact[(u8)word];
	}
	word = scan_fold(word);
	name = sip_header_names[SIP_HEADER_SLOT((u8)word, (u8)(word >> 8))];
	if (!name)
		return SIP_HEADER_OTHER;
	while (!sip_header_is(text, at, len, word, name))
		if (!(++name)->len)
			return SIP_HEADER_OTHER;
	*n = name->len;
	return name->id;
}

/*
 * Reads the beginning of a header, the line at @at, with @word: sets @id, and
 * @value but of a header that is only skipped, as those in @idle are. Of that
 * not even the colon is looked for.
 *
 * Return: false for such a header.
 */
static __always_inline bool sip_header_begin(const u8 *text, u32 at, u32 len,
					     u64 word, u32 idle,
					     struct sip_header *header)
{
	u32 n;

	header->id = sip_header_guess(text, at, len, word, &n);
	if (header->id == SIP_HEADER_OTHER || unlikely(header->id & idle))
		return false;
	at += n;
	if (unlikely(at == len || text[at] != ':')) {
		at = sip_header_colon(text, at, len);
		if (at == len) {
			header->id = SIP_HEADER_OTHER;
			return false;
		}
	}
	header->value = at + 1;
	return true;
}

/* What is at @at, where no header begins? Sets @next. */
static __always_inline enum sip_line
sip_header_none(const u8 *text, u32 at, u32 len, struct sip_header *header)
{
	if (at == len || (text[at] == '\r' && ++at == len))
		return SIP_LINE_CUT;
	header->next = at + 1;
	return text[at] == '\n' ? SIP_LINE_EMPTY : SIP_LINE_BAD;
}

/*
 * Moves @at to the first header from there on that is not only skipped, and
 * reads its beginning. Those in @idle are skipped, too.
 */
static __always_inline enum sip_line
sip_header_find(const u8 *text, u32 *at, u32 len, u32 idle,
		struct sip_header *header)
{
	u32 line = *at, next, end;
	u64 word;

	for (;; line = next) {
		word = scan_word(text, line, len);
		if (likely((u8)word > ' ')) {
			*at = line;
			if (sip_header_begin(text, line, len, word, idle,
					     header))
				return SIP_LINE_HEADER;
		} else if (line == *at ||
			   ((u8)word != ' ' && (u8)word != '\t')) {
			*at = line;
			return sip_header_none(text, line, len, header);
		}
		next = scan_line_word(text, line, len, word, &end);
		if (unlikely(next == len) && end == len)
			return SIP_LINE_CUT;
	}
}

static __always_inline bool sip_header_is_fold(u8 c)
{
	return unlikely(c == ' ' || c == '\t');
}

/* Finds the end of a header whose beginning was read: sets @end and @next. */
static __always_inline enum sip_line
sip_header_end(const u8 *text, u32 len, struct sip_header *header)
{
	header->next = scan_line(text, header->value, len, &header->end);
	if (likely(header->next < len) &&
	    sip_header_is_fold(text[header->next]))
		sip_header_unfold(text, len, header);
	return header->end < len ? SIP_LINE_HEADER : SIP_LINE_CUT;
}

#endif /* SIPALG_SIP_HEADER_H */
