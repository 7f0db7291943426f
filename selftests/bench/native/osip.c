// SPDX-License-Identifier: GPL-2.0
/*
 * libosip2: start line, the usual headers with their URIs and parameters, the other
 * headers as text, the body; and its SDP parser.
 */
#include <stdio.h>
#include <sys/time.h>
#include <osipparser2/osip_message.h>
#include <osipparser2/osip_parser.h>
#include <osipparser2/sdp_message.h>

#include "native.h"

static bool parse_sdp(const char *text)
{
	sdp_message_t *sdp;
	bool ok;

	if (sdp_message_init(&sdp))
		return false;
	ok = !sdp_message_parse(sdp, text);
	sdp_message_free(sdp);
	return ok;
}

static bool has_sdp(const osip_message_t *sip)
{
	const osip_content_type_t *type = sip->content_type;

	return type && type->type && type->subtype &&
	       !osip_strcasecmp(type->type, "application") &&
	       !osip_strcasecmp(type->subtype, "sdp");
}

static enum taken parse(const struct message *message)
{
	osip_message_t *sip;
	osip_body_t *body;
	enum taken taken = TAKEN;

	if (osip_message_init(&sip))
		return NOT_TAKEN;
	if (osip_message_parse(sip, message->text, message->len))
		taken = NOT_TAKEN;
	else if (has_sdp(sip) && !osip_message_get_body(sip, 0, &body) && !parse_sdp(body->body))
		taken = TAKEN_WITHOUT_SDP;
	osip_message_free(sip);
	return taken;
}

static void init(void)
{
	parser_init();
	/* It would trace errors if nobody had ever asked for less. */
	osip_trace_initialize(TRACE_LEVEL0, stderr);
}

const struct parser parser_osip = { "osip", init, parse };
