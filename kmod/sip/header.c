// SPDX-License-Identifier: GPL-2.0
/*
 * The names of the header fields that an ALG reads.
 */
#include "header.h"

#define SPARE(n)	(8 * (8 - ((n) < 8 ? (n) : 8)))
#define NAME(name, field) {						\
	.text = name,							\
	.len = sizeof(name) - 1,					\
	.spare = {							\
		SPARE(sizeof(name) - 1),				\
		sizeof(name) > 9 ? SPARE(sizeof(name) - 9) : 0,		\
	},								\
	.id = SIP_HEADER_##field,					\
}

#define NAMES(...)							\
	(const struct sip_header_name[]){ __VA_ARGS__, { .len = 0 } }

#define SLOT	SIP_HEADER_SLOT

/* Two names with one slot share a list. */
const struct sip_header_name *const sip_header_names[SIP_HEADER_SLOTS] = {
	[SLOT('a', 'u')] = NAMES(NAME("authorization", AUTHORIZATION),
				 NAME("authentication-info", AUTHENTICATION)),
	[SLOT('c', 'a')] = NAMES(NAME("call-id", CALL_ID)),
	[SLOT('c', 'o')] = NAMES(NAME("contact", CONTACT),
				 NAME("content-length", CONTENT_LENGTH),
				 NAME("content-type", CONTENT_TYPE),
				 NAME("content-encoding", ENCODING),
				 NAME("content-disposition", DISPOSITION),
				 NAME("content-transfer-encoding", ENCODING)),
	[SLOT('c', 's')] = NAMES(NAME("cseq", CSEQ)),
	[SLOT('e', 'x')] = NAMES(NAME("expires", EXPIRES)),
	[SLOT('f', 'r')] = NAMES(NAME("from", FROM)),
	[SLOT('i', 'd')] = NAMES(NAME("identity-info", IDENTITY_INFO)),
	[SLOT('p', 'a')] = NAMES(NAME("path", PATH)),
	[SLOT('p', 'r')] = NAMES(NAME("proxy-authorization", AUTHORIZATION),
				 NAME("proxy-authentication-info",
				      AUTHENTICATION)),
	[SLOT('r', 'e')] = NAMES(NAME("record-route", RECORD_ROUTE),
				 NAME("refer-to", REFER_TO)),
	[SLOT('r', 'o')] = NAMES(NAME("route", ROUTE)),
	[SLOT('s', 'e')] = NAMES(NAME("session-expires", SESSION_EXPIRES),
				 NAME("service-route", SERVICE_ROUTE)),
	[SLOT('t', 'o')] = NAMES(NAME("to", TO)),
	[SLOT('v', 'i')] = NAMES(NAME("via", VIA)),
};

#define COMPACT(small, large, field)					\
	[small] = SIP_HEADER_##field, [large] = SIP_HEADER_##field

const u32 sip_header_compact[256] = {
	COMPACT('c', 'C', CONTENT_TYPE),
	COMPACT('e', 'E', ENCODING),
	COMPACT('f', 'F', FROM),
	COMPACT('i', 'I', CALL_ID),
	COMPACT('l', 'L', CONTENT_LENGTH),
	COMPACT('m', 'M', CONTACT),
	COMPACT('n', 'N', IDENTITY_INFO),
	COMPACT('r', 'R', REFER_TO),
	COMPACT('t', 'T', TO),
	COMPACT('v', 'V', VIA),
	COMPACT('x', 'X', SESSION_EXPIRES),
};

/**
 * sip_header_has_tail() - does a long name stand here, beyond its second word?
 * @text: the message
 * @at: start of the line
 * @len: how much there is of the message
 * @name: the name, whose first two words are there
 */
bool sip_header_has_tail(const u8 *text, u32 at, u32 len,
			 const struct sip_header_name *name)
{
	u32 i;

	if (len - at < name->len)
		return false;
	for (i = 16; i < name->len; i += 8) {
		u64 rest = scan_fold(scan_word(text, at + i, len)) ^
			   scan_load((const u8 *)name->text + i);
		u32 left = name->len - i;

		if (left < 8 ? rest << 8 * (8 - left) : rest)
			return false;
	}
	return true;
}

/**
 * sip_header_unfold() - go over the continuation lines of a header
 * @text: the message
 * @len: how much there is of it
 * @header: its @next is the first of them; moved, and @end with it
 */
void sip_header_unfold(const u8 *text, u32 len, struct sip_header *header)
{
	u32 at = header->next, end;

	do {
		/* Some are empty. */
		end = at + 1;
		if (end < len && text[end] == '\r')
			end++;
		if (end < len && text[end] == '\n') {
			at = end + 1;
			end -= text[end - 1] == '\r';
		} else {
			at = scan_line(text, at, len, &end);
		}
	} while (at < len && sip_header_is_fold(text[at]));
	header->end = end;
	header->next = at;
}

/**
 * sip_header_colon() - find a colon that blanks separate from the name
 * @text: the message
 * @at: end of the name
 * @len: how much there is of the message
 *
 * Return: where the colon is; @len if there is none.
 */
u32 sip_header_colon(const u8 *text, u32 at, u32 len)
{
	while (at < len && (text[at] == ' ' || text[at] == '\t'))
		at++;
	return at < len && text[at] == ':' ? at : len;
}

/**
 * sip_read_header() - read one header
 * @text: the message
 * @at: start of a line
 * @len: how much there is of the message
 * @header: filled in
 *
 * Return: what there is at @at.
 */
enum sip_line sip_read_header(const u8 *text, u32 at, u32 len,
			      struct sip_header *header)
{
	u64 word = scan_word(text, at, len);

	if ((u8)word <= ' ')
		return sip_header_none(text, at, len, header);
	if (!sip_header_begin(text, at, len, word, 0, header))
		header->value = at;
	return sip_header_end(text, len, header);
}
