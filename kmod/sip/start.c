// SPDX-License-Identifier: GPL-2.0
/*
 * The start line (RFC 3261, 7.1 and 7.2): methods, status codes and versions.
 */
#include "start.h"

#define METHOD_MAX	64	/* bytes */

/**
 * sip_method_of() - which method has this name?
 * @word: the first eight bytes of the name, zeros behind a shorter one
 * @name: the name
 * @len: its length in bytes
 */
enum sip_method sip_method_of(u64 word, const u8 *name, u32 len)
{
	switch (word) {
	case SCAN_WORD('A', 'C', 'K'):
		return SIP_ACK;
	case SCAN_WORD('B', 'Y', 'E'):
		return SIP_BYE;
	case SCAN_WORD('C', 'A', 'N', 'C', 'E', 'L'):
		return SIP_CANCEL;
	case SCAN_WORD('I', 'N', 'F', 'O'):
		return SIP_INFO;
	case SCAN_WORD('I', 'N', 'V', 'I', 'T', 'E'):
		return SIP_INVITE;
	case SCAN_WORD('M', 'E', 'S', 'S', 'A', 'G', 'E'):
		return SIP_MESSAGE;
	case SCAN_WORD('N', 'O', 'T', 'I', 'F', 'Y'):
		return SIP_NOTIFY;
	case SCAN_WORD('O', 'P', 'T', 'I', 'O', 'N', 'S'):
		return SIP_OPTIONS;
	case SCAN_WORD('P', 'R', 'A', 'C', 'K'):
		return SIP_PRACK;
	case SCAN_WORD('P', 'U', 'B', 'L', 'I', 'S', 'H'):
		return SIP_PUBLISH;
	case SCAN_WORD('R', 'E', 'F', 'E', 'R'):
		return SIP_REFER;
	case SCAN_WORD('R', 'E', 'G', 'I', 'S', 'T', 'E', 'R'):
		return len == 8 ? SIP_REGISTER : SIP_METHOD_OTHER;
	case SCAN_WORD('S', 'U', 'B', 'S', 'C', 'R', 'I', 'B'):
		return len == 9 && name[8] == 'E' ? SIP_SUBSCRIBE :
						    SIP_METHOD_OTHER;
	case SCAN_WORD('U', 'P', 'D', 'A', 'T', 'E'):
		return SIP_UPDATE;
	default:
		return SIP_METHOD_OTHER;
	}
}

/**
 * sip_find_method() - find the method at the start of a request
 * @text: the message
 * @len: its length in bytes, at least 8
 * @word: set to the first eight bytes of the method
 * @method: set to the method
 *
 * Return: length of the method, which a space ends; 0 if the text begins with
 * none.
 */
u32 sip_find_method(const u8 *text, u32 len, u64 *word, enum sip_method *method)
{
	u32 end = len < METHOD_MAX ? len : METHOD_MAX;
	u32 n = scan_find(text, 0, end, ' ');

	if (!n || n == end)
		return 0;
	*word = scan_load(text);
	if (n < 8)
		*word &= SCAN_MASK(n);
	*method = sip_method_of(*word, text, n);
	if (*method == SIP_METHOD_OTHER &&
	    scan_class(text, 0, n, SCAN_TOKEN) != n)
		return 0;
	return n;
}

/**
 * sip_is_start() - do these bytes begin like a SIP message?
 * @text: start of the datagram
 * @len: its length in bytes
 *
 * Return: false for keep-alives (RFC 5626, 4.4), STUN and other datagrams.
 */
bool sip_is_start(const u8 *text, u32 len)
{
	enum sip_method method;
	u64 word;

	return len >= 8 && (sip_is_response(text) ||
			    sip_find_method(text, len, &word, &method));
}

/**
 * sip_read_status_line() - read the first line of a response
 * @msg: gets the status code
 * @text: the message
 * @end: end of the line
 *
 * Takes status codes beyond 699, which RFC 3261 does not know, and any blanks
 * around them: the response is to a request whose Via was translated.
 */
enum sip_verdict sip_read_status_line(struct sip_msg *msg, const u8 *text,
				      u32 end)
{
	u32 start, status;

	if (end < 11 || !scan_is_blank(text[7]) ||
	    !SCAN_BEGINS(scan_fold(scan_load(text)), 7, 's', 'i', 'p', '/', '2',
			 '.', '0'))
		return SIP_BAD_START;
	start = scan_blanks(text, 8, end);
	if (scan_number(text, start, end, &status) != start + 3 || status < 100)
		return SIP_BAD_START;
	msg->status = (u16)status;
	msg->request_uri = (struct sip_span){ 0, 0 };
	return SIP_OK;
}

/**
 * sip_is_nearly_sip() - is a malformed request line still meant as SIP?
 * @text: the message
 * @at: end of the method
 * @end: end of the line
 *
 * Return: true where the line ends in another version, or nearly in a version.
 */
bool sip_is_nearly_sip(const u8 *text, u32 at, u32 end)
{
	u32 last;

	end = scan_trim(text, at, end);
	if (end < 8)
		return false;
	for (last = end; last > at && text[last - 1] != ' ';)
		last--;
	return SCAN_BEGINS(scan_fold(scan_word(text, last, end)), 4, 's', 'i',
			   'p', '/');
}
