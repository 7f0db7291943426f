// SPDX-License-Identifier: GPL-2.0

#include <linux/siphash.h>

#include "table/key.h"

static siphash_aligned_key_t call_id_key __read_mostly;
static hsiphash_key_t tag_key __read_mostly;
/* the hash of no text: of the To tag that a first request lacks */
static u32 no_tag __read_mostly;

static enum sipalg_use use_of(enum sip_method method)
{
	switch (method) {
	case SIP_REGISTER:
		return SIPALG_USE_REGISTRATION;
	case SIP_SUBSCRIBE:
	case SIP_NOTIFY:
		return SIPALG_USE_SUBSCRIPTION;
	default:
		return SIPALG_USE_CALL;
	}
}

/**
 * sipalg_key_call_id() - fill in the part of a key that the message tells
 * @key: its hash and use are filled in
 * @call_id: the Call-ID's text, which is case-sensitive (RFC 3261, 20.8)
 * @len: its length in bytes
 * @method: method of the message
 *
 * Context: any.
 */
void sipalg_key_call_id(struct sipalg_dialog_key *key, const u8 *call_id,
			u32 len, enum sip_method method)
{
	key->hash = siphash(call_id, len, &call_id_key);
	key->use = use_of(method);
}

static u32 hash_span(const u8 *text, const struct sip_span *span)
{
	return span->len ? hsiphash(text + span->off, span->len, &tag_key) :
			   no_tag;
}

/* Do several messages share the branch of an INVITE? */
static bool is_of_invite(enum sip_method method)
{
	return method == SIP_INVITE || method == SIP_ACK ||
	       method == SIP_CANCEL;
}

/**
 * sipalg_key_tags() - hash the tags of a message, and the branch of an INVITE
 * @dmsg: these are filled in; its message is there
 * @text: the message's text
 *
 * Context: any.
 */
void sipalg_key_tags(struct sipalg_dialog_msg *dmsg, const u8 *text)
{
	dmsg->from = hash_span(text, &dmsg->msg->from_tag);
	dmsg->to = hash_span(text, &dmsg->msg->to_tag);
	if (is_of_invite(dmsg->msg->method))
		dmsg->branch = hash_span(text, &dmsg->msg->branch);
}

int sipalg_key_setup(void)
{
	get_random_bytes(&call_id_key, sizeof(call_id_key));
	get_random_bytes(&tag_key, sizeof(tag_key));
	no_tag = hsiphash(NULL, 0, &tag_key);
	return 0;
}
