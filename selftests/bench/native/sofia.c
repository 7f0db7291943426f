// SPDX-License-Identifier: GPL-2.0
/*
 * sofia-sip: start line and every header it knows with URIs and parameters, the body;
 * and its SDP parser. The way of its own transport: one buffer in the message's
 * memory pool, which is made large enough beforehand, is received into and parsed in
 * place.
 */
#include <string.h>
#include <sofia-sip/msg.h>
#include <sofia-sip/msg_addr.h>
#include <sofia-sip/msg_mclass.h>
#include <sofia-sip/sdp.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_parser.h>
#include <sofia-sip/sip_util.h>
#include <sofia-sip/su.h>

#include "native.h"

#define POOL 16384

static bool parse_sdp(su_home_t *home, const sip_payload_t *body)
{
	sdp_parser_t *parser = sdp_parse(home, body->pl_data, (issize_t)body->pl_len, 0);
	bool ok = sdp_session(parser);

	sdp_parser_free(parser);
	return ok;
}

static bool has_sdp(const sip_t *sip)
{
	return sip->sip_payload && sip->sip_content_type && sip->sip_content_type->c_type &&
	       !strcasecmp(sip->sip_content_type->c_type, "application/sdp");
}

static enum taken take(const struct message *message, bool with_sdp)
{
	msg_t *msg = msg_create(sip_default_mclass(), 0);
	msg_iovec_t iovec[msg_n_fragments];
	enum taken taken = TAKEN;
	const sip_t *sip;

	su_home_preload(msg_home(msg), 1, POOL);
	if (msg_recv_iovec(msg, iovec, msg_n_fragments, message->len, 1) != 1)
		return NOT_TAKEN;
	memcpy(iovec[0].mv_base, message->text, message->len);
	msg_recv_commit(msg, message->len, 1);
	msg_extract(msg);
	sip = sip_object(msg);
	if (!sip || sip->sip_flags & MSG_FLG_ERROR || sip_sanity_check(sip))
		taken = NOT_TAKEN;
	else if (with_sdp && has_sdp(sip) && !parse_sdp(msg_home(msg), sip->sip_payload))
		taken = TAKEN_WITHOUT_SDP;
	msg_destroy(msg);
	return taken;
}

static enum taken parse(const struct message *message)
{
	return take(message, true);
}

static enum taken parse_message(const struct message *message)
{
	return take(message, false);
}

static void init(void)
{
	su_init();
}

const struct parser parser_sofia = { "sofia", init, parse };
const struct parser parser_sofia_message = { "sofia-message", init, parse_message };
