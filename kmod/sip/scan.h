/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Scans text, eight bytes at a time.
 *
 * Every function works on text[at..end), with at <= end and end >= 8. A piece
 * shorter than a word is read as the last word before @end, with the bytes in
 * front of @at shifted out. So nothing at or past @end is ever touched, and no
 * scan ends in a byte by byte loop. Words are little-endian on every processor:
 * the first byte of the text is the lowest.
 *
 * A returned position of 0 means that the text is malformed: no piece of a
 * message that is scanned here ends at its very start.
 */
#ifndef SIPALG_SIP_SCAN_H
#define SIPALG_SIP_SCAN_H

#include "types.h"

struct sip_span {
	u32 off;
	u32 len;
};

#define SCAN_ONES	0x0101010101010101ULL
#define SCAN_TOPS	0x8080808080808080ULL

/* Up to eight characters as the word that scan_word() makes of them. */
#define SCAN_WORD8(a, b, c, d, e, f, g, h, ...)			\
	((u64)(a) | (u64)(b) << 8 | (u64)(c) << 16 | (u64)(d) << 24 |	\
	 (u64)(e) << 32 | (u64)(f) << 40 | (u64)(g) << 48 | (u64)(h) << 56)
#define SCAN_WORD(...)	SCAN_WORD8(__VA_ARGS__, 0, 0, 0, 0, 0, 0, 0, 0)

/* The first @n bytes of a word, @n from 1 to 8. */
#define SCAN_MASK(n)	(~0ULL >> (64 - 8 * (n)))

/* Does a word begin with these @n characters? */
#define SCAN_BEGINS(word, n, ...)                                              \
	(((word) & SCAN_MASK(n)) == SCAN_WORD(__VA_ARGS__))

enum {
	SCAN_TOKEN = 1 << 0,	/* RFC 3261, 25.1: token */
	SCAN_HOST = 1 << 1,	/* host names, and the underscores in them */
	/* end a token in a parameter: ; , " ( */
	SCAN_BREAK = 1 << 2,
	SCAN_BLANK = 1 << 3,	/* see scan_is_blank() */
};

extern const u8 sip_class[256];

static __always_inline u64 scan_load(const u8 *text)
{
	u64 word;

	memcpy(&word, text, sizeof(word));
	return sip_le64_to_cpu(word);
}

static __always_inline void scan_store(u8 *text, u64 word)
{
	word = sip_le64_to_cpu(word);
	memcpy(text, &word, sizeof(word));
}

/* The next eight bytes, with zeros in place of what is at or past @end. */
static __always_inline u64 scan_word(const u8 *text, u32 at, u32 end)
{
	const u32 last = end - 8;

	SIP_ASSERT(end >= 8 && at <= end);
	if (at <= last)
		return scan_load(text + at);
	if (at == end)
		return 0;
	return scan_load(text + last) >> 8 * (at - last);
}

/*
 * To lower case. Exact for letters, and nothing else becomes a letter or a
 * dash.
 */
static __always_inline u64 scan_fold(u64 word)
{
	return word | (word >> 1 & 0x2020202020202020ULL);
}

/*
 * Is it this word, of less than eight small letters, in either case? With a
 * zero byte behind it, it is another.
 */
static __always_inline bool scan_is_word(const u8 *text, struct sip_span word,
					 u64 want)
{
	u32 end = word.off + word.len;

	return word.len && word.len < 8 && text[end - 1] &&
	       scan_fold(scan_word(text, word.off, end)) == want;
}

/*
 * The last bytes before @stop, less than a word, with all ones in place of the
 * missing ones: those match no character and lie below no limit.
 */
static __always_inline u64 scan_rest(const u8 *p, const u8 *stop)
{
	u32 shift = 8 * (u32)(p - (stop - 8));

	return scan_load(stop - 8) >> shift | ~(~0ULL >> shift);
}

/*
 * Finds the first zero byte of a word: it has the lowest bit set in the result.
 * Bits above may be false.
 */
static __always_inline u64 scan_zero(u64 word)
{
	return (word - SCAN_ONES) & ~word & SCAN_TOPS;
}

static __always_inline u64 scan_match(u64 word, u8 limit, u8 a, u8 b, u8 c)
{
	u64 found = 0;

	if (limit)
		found = (word - SCAN_ONES * limit) & ~word & SCAN_TOPS;
	if (a)
		found |= scan_zero(word ^ SCAN_ONES * a) |
			 scan_zero(word ^ SCAN_ONES * b) |
			 scan_zero(word ^ SCAN_ONES * c);
	return found;
}

/*
 * Cheaper: exact up to the first byte beyond ASCII, which always seems to
 * match.
 */
static __always_inline u64 scan_may_match(u64 word, u8 limit, u8 a, u8 b, u8 c)
{
	u64 found = 0;

	if (limit)
		found = word - SCAN_ONES * limit;
	if (a)
		found |= ((word ^ SCAN_ONES * a) - SCAN_ONES) |
			 ((word ^ SCAN_ONES * b) - SCAN_ONES) |
			 ((word ^ SCAN_ONES * c) - SCAN_ONES);
	return found & SCAN_TOPS;
}

/*
 * The first byte that is below @limit (at most 128) or equal to one of three
 * characters; @end if there is none. All four are constants: repeating a
 * character costs nothing, and neither does a limit or a character 0, for none.
 */
static __always_inline u32 scan_any(const u8 *text, u32 at, u32 end, u8 limit,
				    u8 a, u8 b, u8 c)
{
	const u8 *p = text + at, *stop = text + end;
	u64 found;

	SIP_ASSERT(end >= 8 && at <= end);
	for (; p <= stop - 8; p += 8) {
		found = scan_may_match(scan_load(p), limit, a, b, c);
		if (likely(!found))
			continue;
		at = (u32)(p - text) + (sip_first_bit(found) >> 3);
		if (likely(text[at] < 0x80))
			return at;
		found = scan_match(scan_load(p), limit, a, b, c);
		if (found)
			return (u32)(p - text) + (sip_first_bit(found) >> 3);
	}
	if (p < stop) {
		found = scan_match(scan_rest(p, stop), limit, a, b, c);
		if (found)
			return (u32)(p - text) + (sip_first_bit(found) >> 3);
	}
	return end;
}

static __always_inline u32 scan_find(const u8 *text, u32 at, u32 end, u8 c)
{
	return scan_any(text, at, end, 0, c, c, c);
}

static __always_inline u32 scan_below(const u8 *text, u32 at, u32 end, u8 limit)
{
	return scan_any(text, at, end, limit, 0, 0, 0);
}

u32 scan_long_word(const u8 *text, u32 at, u32 end);
u32 scan_odd_line(const u8 *text, u32 at, u32 end, u32 *stop);

/*
 * Returns the start of the next line, and sets @stop to where this one ends;
 * both are @end where it has no line end.
 */
static __always_inline u32 scan_line(const u8 *text, u32 at, u32 end, u32 *stop)
{
	const u8 *p = text + at, *last = text + end - 16;
	u64 head, tail;

	SIP_ASSERT(end >= 8 && at <= end);
	for (; p < last; p += 16) {
		/* CR, LF, and a few that hardly ever stand in a line. */
		head = scan_may_match(scan_load(p), '\r' + 1, 0, 0, 0);
		tail = scan_may_match(scan_load(p + 8), '\r' + 1, 0, 0, 0);
		if (likely(!(head | tail)))
			continue;
		if (!head) {
			head = tail;
			p += 8;
		}
		p += sip_first_bit(head) >> 3;
		/* The text goes on behind the sixteen bytes. */
		if (unlikely(memcmp(p, "\r\n", 2)))
			break;
		*stop = (u32)(p - text);
		return *stop + 2;
	}
	if (p < last && *p == '\n') {
		*stop = (u32)(p - text);
		return *stop + 1;
	}
	return scan_odd_line(text, (u32)(p - text), end, stop);
}

/*
 * The same for a line of which @word is the beginning, at @at. Zeros in the
 * place of what is at or past @end are no part of it.
 */
static __always_inline u32 scan_line_word(const u8 *text, u32 at, u32 end,
					  u64 word, u32 *stop)
{
	u64 found = scan_may_match(word, '\r' + 1, 0, 0, 0);
	u32 shift, eol;

	if (likely(!found))
		return scan_line(text, at + 8, end, stop);
	shift = sip_first_bit(found) & ~7U;
	word >>= shift;
	eol = at + (shift >> 3);
	*stop = eol;
	if ((u8)word == '\n')
		return eol + 1;
	if ((u16)word == (u16)SCAN_WORD('\r', '\n'))
		return eol + 2;
	return scan_line(text, at, end, stop);
}

/*
 * Inside a header's value a line end is a fold, and so a blank like any other.
 */
static __always_inline bool scan_is_blank(u8 c)
{
	return c <= ' ' && (c == ' ' || c == '\t' || c == '\r' || c == '\n');
}

u32 scan_more_blanks(const u8 *text, u32 at, u32 end);

static __always_inline u32 scan_blanks(const u8 *text, u32 at, u32 end)
{
	/* Mostly there is no more than one. */
	if (at == end || !scan_is_blank(text[at]))
		return at;
	at++;
	return at < end && text[at] <= ' ' ? scan_more_blanks(text, at, end) :
					     at;
}

/* Where the text ends if blanks at its end are left out. */
static __always_inline u32 scan_trim(const u8 *text, u32 at, u32 end)
{
	while (end > at && scan_is_blank(text[end - 1]))
		end--;
	return end;
}

static __always_inline u32 scan_class(const u8 *text, u32 at, u32 end, u8 class)
{
	const u8 *p = text + at, *stop = text + end;

	while (p < stop && sip_class[*p] & class)
		p++;
	return (u32)(p - text);
}

/* Goes on up to the first byte of a class. */
static __always_inline u32 scan_unless(const u8 *text, u32 at, u32 end,
				       u8 class)
{
	const u8 *p = text + at, *stop = text + end;

	while (p < stop && !(sip_class[*p] & class))
		p++;
	return (u32)(p - text);
}

/*
 * A decimal number, which stays at U32_MAX if it is larger. Returns where it
 * ends: @at if there is none.
 */
static __always_inline u32 scan_number(const u8 *text, u32 at, u32 end,
				       u32 *value)
{
	const u8 *p = text + at, *stop = text + end;
	u32 sum = 0;

	for (; p < stop; p++) {
		u32 digit = *p - (u32)'0';

		if (digit > 9)
			break;
		if (likely(sum < U32_MAX / 10) ||
		    (sum == U32_MAX / 10 && digit <= 5))
			sum = sum * 10 + digit;
		else
			sum = U32_MAX;
	}
	*value = sum;
	return (u32)(p - text);
}

#endif /* SIPALG_SIP_SCAN_H */
