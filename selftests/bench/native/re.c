// SPDX-License-Identifier: GPL-2.0
/*
 * libre: start line with the Request-URI, topmost Via, From, To, CSeq, Call-ID and
 * Content-Type; of the other headers, Contact among them, where each value is; and its
 * SDP decoder.
 */
#include <re/re.h>

#include "native.h"

static struct mbuf *buffer;
static struct sa local;

static bool parse_sdp(struct mbuf *mb)
{
	struct sdp_session *session;
	bool ok;

	if (sdp_session_alloc(&session, &local))
		return false;
	ok = !sdp_decode(session, mb, true);
	mem_deref(session);
	return ok;
}

static enum taken parse(const struct message *message)
{
	enum taken taken = TAKEN;
	struct sip_msg *msg;

	/* It reads the text where it is, and never writes to it. */
	buffer->buf = (uint8_t *)message->text;
	buffer->size = message->len;
	buffer->end = message->len;
	buffer->pos = 0;
	if (sip_msg_decode(&msg, buffer))
		return NOT_TAKEN;
	if (msg_ctype_cmp(&msg->ctyp, "application", "sdp") && !parse_sdp(buffer))
		taken = TAKEN_WITHOUT_SDP;
	mem_deref(msg);
	return taken;
}

static void init(void)
{
	buffer = mbuf_alloc(0);
	sa_set_str(&local, "192.168.1.10", 5060);
}

const struct parser parser_re = { "libre", init, parse };
