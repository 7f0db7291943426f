// SPDX-License-Identifier: GPL-2.0

#include "session/names.h"
#include "sip/header.h"
#include "state/quota.h"

/* Names are bytes from the network. */
static void copy_text(char name[SIPALG_NAME_LEN], const u8 *text, u32 at,
		      u32 end)
{
	u32 i = strlen(name);

	for (; at < end && i < SIPALG_NAME_LEN - 1; at++)
		name[i++] = text[at] > ' ' && text[at] < 0x7f ? text[at] : '?';
	name[i] = '\0';
}

/*
 * The user of "sip:user:password@host;parameters" (RFC 3261, 19.1.1), or the
 * number of "tel:number;parameters" (RFC 3966). A password is never kept.
 */
static void copy_uri(char name[SIPALG_NAME_LEN], const u8 *text,
		     const struct sip_span *uri, bool full)
{
	u32 end = uri->off + uri->len, start, host, stop;

	start = scan_find(text, uri->off, end, ':');
	if (start == end)
		return;
	host = scan_find(text, ++start, end, '@');
	if (host == end) {
		copy_text(name, text, start,
			  scan_any(text, start, end, 0, ';', '?', '>'));
		return;
	}
	copy_text(name, text, start, scan_find(text, start, host, ':'));
	stop = scan_any(text, host, end, 0, ';', '?', '>');
	if (full)
		copy_text(name, text, host, stop);
}

static void copy_name(char name[SIPALG_NAME_LEN], const u8 *text,
		      const struct sip_header *header, bool full)
{
	u32 at = scan_blanks(text, header->value, header->end);
	struct sip_span uri;

	if (!*name && sip_read_name_addr(text, at, header->end, &uri))
		copy_uri(name, text, &uri, full);
}

static void copy_names(struct sipalg_names *names, const u8 *text, u32 len,
		       bool is_registration, bool full)
{
	struct sip_header header;
	u32 at;

	for (at = scan_line(text, 0, len, &header.end);
	     sip_read_header(text, at, len, &header) == SIP_LINE_HEADER;
	     at = header.next) {
		if (header.id == SIP_HEADER_FROM)
			copy_name(names->from, text, &header, full);
		else if (header.id == SIP_HEADER_TO)
			copy_name(names->to, text, &header, full);
		else if (header.id == SIP_HEADER_CONTACT && is_registration)
			copy_name(names->contact, text, &header, full);
	}
}

/**
 * sipalg_names_learn() - keep whom the first message of a dialog names
 * @dialog: locked by the caller
 * @msg: the message
 * @text: its text, before it is changed
 *
 * Context: softirq or process.
 */
void sipalg_names_learn(struct sipalg_dialog *dialog, const struct sip_msg *msg,
			const u8 *text)
{
	u32 wanted = sipalg_setting(dialog->sn, LOG_NAMES);

	lockdep_assert_held(&dialog->lock);
	if (likely(wanted == SIPALG_LOG_NAMES_NONE) || dialog->names)
		return;
	dialog->names = sipalg_quota_alloc(dialog->sn, sizeof(*dialog->names));
	if (dialog->names)
		copy_names(dialog->names, text, msg->body.off,
			   dialog->kind == SIPALG_CALL_REGISTRATION,
			   wanted == SIPALG_LOG_NAMES_FULL);
}
