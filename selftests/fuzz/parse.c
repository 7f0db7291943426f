// SPDX-License-Identifier: GPL-2.0
/*
 * Any input is understood or refused, nothing outside of it is read, and the
 * findings are true. All of the input is the message.
 */
#include "fuzz.h"

/* Bytes of a message that the module makes readable at least. */
#define START_MAX 64

const size_t control_len;

/* Bytes behind the message in its datagram change no finding. */
static void try_without_rest(const struct sip_msg *msg, const u8 *text)
{
	static struct sip_msg alone;
	const u8 *cut = place(text, msg->len);

	must(sip_parse(&alone, cut, msg->len) == SIP_OK);
	messages_must_match(msg, NULL, &alone);
	unplace(cut);
}

/* The old contents of the caller's memory change none either. */
static void try_again(const struct sip_msg *msg, enum sip_verdict verdict, const u8 *text, u32 len)
{
	static struct sip_msg again;

	memset(&again, msg->len & 1 ? 0xff : 0, sizeof(again));
	must(sip_parse(&again, text, len) == verdict);
	if (!verdict)
		messages_must_match(msg, NULL, &again);
}

/* The core without usual.c (see the Makefile). */
enum sip_verdict full_sip_parse(struct sip_msg *msg, const u8 *text, u32 len);
enum sip_verdict full_sip_parse_head(struct sip_msg *msg, const u8 *text, u32 len);

static bool is_uri(const struct sip_addr_ref *ref)
{
	return ref->field == SIP_REQUEST_URI || ref->field >= SIP_ROUTE;
}

static void findings_must_match(const struct sip_msg *msg, const struct sip_msg *full)
{
	u32 i;

	messages_must_match(msg, NULL, full);
	must(msg->credentials_cut == full->credentials_cut);
	for (i = 0; i < SIP_TIERS; i++) {
		const struct sip_fault *a = &msg->faults[i], *b = &full->faults[i];

		must(a->verdict == b->verdict && (!a->verdict || a->off == b->off));
	}
	for (i = 0; i < msg->n_addr_refs; i++) {
		const struct sip_addr_ref *a = &msg->addr_refs[i], *b = &full->addr_refs[i];

		must(a->overridden.len == b->overridden.len);
		must(!a->overridden.len || a->overridden.off == b->overridden.off);
		if (is_uri(a) || a->field == SIP_VIA)
			must(a->implied == b->implied);
		if (is_uri(a))
			must(a->transport == b->transport);
	}
}

static void try_part(const struct sip_msg *msg, enum sip_verdict verdict, const u8 *text,
		     u32 there, u32 len)
{
	static struct sip_msg part;
	enum sip_verdict found;
	const u8 *beginning;

	if (there < START_MAX || there >= len)
		return;
	beginning = place(text, there);
	found = sip_parse_part(&part, beginning, there, len);
	unplace(beginning);
	if (found) {
		must(verdict || msg->body.off >= there);
		return;
	}
	must(!verdict);
	if (part.unread.len)
		sip_parse_rest(&part, text);
	findings_must_match(msg, &part);
}

/* Where only the beginning is at hand the findings are the same, or there are none. */
static void try_beginnings(const struct sip_msg *msg, enum sip_verdict verdict, const u8 *text,
			   u32 len)
{
	u32 i;

	if (len <= START_MAX)
		return;
	try_part(msg, verdict, text, START_MAX + 31 * text[len - 1] % (len - START_MAX), len);
	for (i = 0; !verdict && i < 24; i++)
		try_part(msg, verdict, text, msg->body.off + i - 4, len);
}

/* What is written as usual is read as it would be in full, in a datagram and in a stream. */
static void try_in_full(const struct sip_msg *msg, enum sip_verdict verdict, const u8 *text,
			u32 len)
{
	static struct sip_msg head, full;

	must(full_sip_parse(&full, text, len) == verdict);
	if (!verdict)
		findings_must_match(msg, &full);
	verdict = sip_parse_head(&head, text, len);
	must(full_sip_parse_head(&full, text, len) == verdict);
	if (!verdict)
		findings_must_match(&head, &full);
}

/* However little room there is: printing characters, and the media name first. */
static void name_codecs(const struct sip_msg *msg, const u8 *text)
{
	u32 i, at;

	for (i = 0; i < msg->sdp.n_media; i++) {
		u32 room = msg->len % 64, used;
		u8 *out = malloc(room + 1);

		used = sdp_codecs(&msg->sdp, i, text, out, room);
		must(used <= room);
		must(!used || used >= msg->sdp.media[i].kind.len);
		for (at = 0; at < used; at++)
			must(out[at] >= ' ' && out[at] < 0x7f);
		free(out);
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct sip_msg msg;	/* holds what the last input left */
	enum sip_verdict verdict;
	u32 len = (u32)size;
	const u8 *text;

	text = place(data, len);
	verdict = sip_parse(&msg, text, len);
	must(verdict < SIP_REFUSED);
	if (!verdict) {
		message_must_hold(&msg, text, len);
		name_codecs(&msg, text);
	}
	if (!sip_is_start(text, len))
		must(verdict == SIP_NOT_SIP || verdict == SIP_TOO_LONG);
	try_again(&msg, verdict, text, len);
	try_in_full(&msg, verdict, text, len);
	try_beginnings(&msg, verdict, text, len);
	if (!verdict && msg.len < len)
		try_without_rest(&msg, text);
	unplace(text);
	return 0;
}
