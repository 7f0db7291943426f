// SPDX-License-Identifier: GPL-2.0
/*
 * kmod/sip: every address that an ALG may change, the dialog's identifiers, the
 * contacts of a registration, the session description with all its ports.
 */
#include <arpa/inet.h>
#include <stdlib.h>

#include "native.h"
#include "sip.h"

static struct sip_msg msg;
static enum sip_verdict verdict;

static enum taken parse(const struct message *message)
{
	verdict = sip_parse(&msg, (const u8 *)message->text, (u32)message->len);
	return verdict ? NOT_TAKEN : TAKEN;
}

const char *ours_verdict(void)
{
	static const char *const names[] = {
		[SIP_OK] = "ok",
		[SIP_NOT_SIP] = "not SIP",
		[SIP_BAD_START] = "bad start line",
		[SIP_BAD_HEADER] = "bad header",
		[SIP_BAD_VALUE] = "bad value",
		[SIP_BAD_LENGTH] = "bad length",
		[SIP_BAD_SDP] = "bad SDP",
		[SIP_INCOMPLETE] = "incomplete",
		[SIP_TOO_MANY] = "too many",
		[SIP_TOO_LONG] = "too long",
		[SIP_REFUSED] = "refused",
	};

	return names[verdict];
}

/* --- the whole way ---------------------------------------------------------- */

/* A NAT that costs nothing to ask: ports are moved up by 10000. */
static enum sip_map_verdict outward(struct sip_nat *nat, enum sip_field field,
				    const struct sip_endpoint *inside, bool port_written,
				    struct sip_endpoint *outside)
{
	(void)field;
	(void)port_written;
	*outside = nat->source_outside;
	outside->port = (u16)(inside->port + 10000);
	return SIP_MAP_CHANGE;
}

static enum sip_map_verdict inward(struct sip_nat *nat, enum sip_field field,
				   const struct sip_endpoint *outside,
				   struct sip_endpoint *inside, bool *port_written)
{
	(void)field;
	(void)port_written;
	*inside = nat->target_inside;
	inside->port = (u16)(outside->port + 10000);
	return SIP_MAP_CHANGE;
}

static enum sip_map_verdict media(struct sip_nat *nat, struct sdp_ports *ports)
{
	ports->outside = nat->source_outside;
	ports->outside.port = (u16)(ports->inside.port + 10000);
	ports->rtcp_outside = nat->source_outside;
	ports->rtcp_outside.port = (u16)(ports->rtcp_inside.port + 10000);
	return SIP_MAP_CHANGE;
}

static const struct sip_nat_ops ops = {
	.outward = outward,
	.inward = inward,
	.media = media,
};

static struct sip_endpoint endpoint(const char *addr, u16 port)
{
	struct sip_endpoint ep = { .family = 4, .port = port };

	if (inet_pton(AF_INET, addr, ep.addr) != 1)
		abort();
	return ep;
}

static struct sip_nat nat_of(const struct message *message)
{
	struct sip_nat nat = { .ops = &ops };

	if (message->inbound) {
		nat.target_inside = endpoint(message->inside, 5060);
		nat.target_outside = endpoint("203.0.113.5", 1024);
	} else {
		nat.source_inside = endpoint(message->inside, 5060);
		nat.source_outside = endpoint("203.0.113.5", 1024);
	}
	return nat;
}

static enum taken translate(const struct message *message)
{
	static u8 out[MESSAGE_MAX + SIP_EDIT_TEXT_MAX];
	static const struct message *before;
	static struct sip_nat nat;
	static struct sip_plan plan;

	if (message != before) {
		nat = nat_of(message);
		before = message;
	}
	if (parse(message))
		return NOT_TAKEN;
	verdict = sip_translate(&plan, &msg, (const u8 *)message->text, &nat);
	if (verdict)
		return NOT_TAKEN;
	if (plan.n_edits)
		sip_plan_render(&plan, (const u8 *)message->text, out);
	return TAKEN;
}

const struct parser parser_ours = { "sipalg", NULL, parse };
const struct parser parser_whole = { "whole", NULL, translate };
