// SPDX-License-Identifier: GPL-2.0

#include "main.h"

static void copy_tag(char *tag, const u8 *text, const struct sip_span *span)
{
	u32 len = min_t(u32, span->len, SIPALG_TAG_LEN - 1);

	memcpy(tag, text + span->off, len);
	tag[len] = '\0';
}

/* The answer names what is used; an INVITE that offers more has to be quick. */
static void copy_codecs(struct sipalg_details *details,
			const struct sip_msg *msg, const u8 *text)
{
	u32 i, len = 0;

	for (i = 0; i < msg->sdp.n_media && len < SIPALG_TEXT_LEN - 1; i++) {
		len += sdp_codecs(&msg->sdp, i, text, details->codecs + len,
				  SIPALG_TEXT_LEN - 1 - len);
		details->codecs[len++] = '\0';
	}
	memset(details->codecs + len, 0, SIPALG_TEXT_LEN - len);
}

/**
 * sipalg_details_note() - keep what a message tells of its call
 * @dialog: locked by the caller
 * @msg: the message
 * @text: its text, as it came
 *
 * Context: softirq or process.
 */
void sipalg_details_note(struct sipalg_dialog *dialog,
			 const struct sip_msg *msg, const u8 *text)
{
	struct sipalg_details *details = &dialog->details;

	lockdep_assert_held(&dialog->lock);
	if (!details->caller[0])
		copy_tag(details->caller, text,
			 msg->status || !msg->to_tag.len ? &msg->from_tag :
							   &msg->to_tag);
	if (msg->status > 100 && msg->to_tag.len && msg->method == SIP_INVITE &&
	    dialog->state == SIPALG_CALL_EARLY)
		copy_tag(details->callee, text, &msg->to_tag);
	if (msg->sdp.n_media && (msg->status || msg->method != SIP_INVITE))
		copy_codecs(details, msg, text);
}

static const struct sdp_address *address_of(const struct sdp_session *sdp,
					    u32 media)
{
	const struct sdp_address *own = &sdp->media[media].connection;

	return own->text.len ? own : &sdp->connection;
}

static bool is_literal(const struct sdp_address *address, u8 family)
{
	static const u8 none[sizeof(address->ep.addr)];

	return address->ep.family == (family == NFPROTO_IPV4 ? 4 : 6) &&
	       memcmp(address->ep.addr, none, sizeof(none));
}

/* Return: whether the addresses in the SDP are all that media can come from. */
static bool names_all(const struct sdp_session *sdp, u8 family)
{
	u32 i;

	for (i = 0; i < sdp->n_media; i++) {
		const struct sdp_media *media = &sdp->media[i];

		if (media->port &&
		    (media->layered ||
		     !is_literal(address_of(sdp, i), family) ||
		     (media->rtcp_address.text.len &&
		      !is_literal(&media->rtcp_address, family))))
			return false;
	}
	return sdp->n_media && !sdp->ice;
}

static bool is_strict(const struct sipalg_dialog *dialog)
{
	return sipalg_setting(dialog->sn, MEDIA_SOURCE) ==
	       SIPALG_MEDIA_SIGNALLED;
}

static void allow(struct sipalg_binding *binding, const struct sdp_session *sdp)
{
	u32 i;

	for (i = 0; i < sdp->n_media; i++) {
		const struct sdp_media *media = &sdp->media[i];

		if (!media->port)
			continue;
		sipalg_binding_allow(binding,
				     (const void *)address_of(sdp, i)->ep.addr);
		if (media->rtcp_address.text.len)
			sipalg_binding_allow(
				binding,
				(const void *)media->rtcp_address.ep.addr);
	}
	sipalg_binding_restrict(binding);
}

/**
 * sipalg_details_name_peers() - an SDP tells an inside host where to send its
 * media
 * @dialog: locked by the caller
 * @msg: the message that has it
 * @receiver: the inside host
 *
 * Where only peers that are so named may send to the host's media bindings,
 * these are from now on among them.
 *
 * Context: softirq or process.
 */
void sipalg_details_name_peers(struct sipalg_dialog *dialog,
			       const struct sip_msg *msg,
			       const union nf_inet_addr *receiver)
{
	struct sipalg_details *details = &dialog->details;
	const struct sdp_session *sdp = &msg->sdp;
	u8 family = dialog->about.family;
	unsigned int i;

	lockdep_assert_held(&dialog->lock);
	for (i = 0; i < SIPALG_FAR_ENDS_MAX; i++) {
		details->far_port[i] = 0;
		if (i >= sdp->n_media ||
		    !is_literal(address_of(sdp, i), family))
			continue;
		memcpy(&details->far[i], address_of(sdp, i)->ep.addr,
		       sizeof(details->far[i]));
		details->far_port[i] = htons(sdp->media[i].port);
	}
	details->all_named = sdp->n_media <= SIPALG_FAR_ENDS_MAX &&
			     names_all(sdp, family);
	if (!is_strict(dialog) || !names_all(sdp, family))
		return;
	for (i = 0; i < dialog->n_holds; i++) {
		struct sipalg_binding *binding = dialog->holds[i].binding;

		if (binding->kind != SIPALG_BINDING_SIGNALLING &&
		    nf_inet_addr_cmp(&binding->inside.addr, receiver))
			allow(binding, sdp);
	}
}

/**
 * sipalg_details_admit() - the peers that are named already may send to new
 * bindings
 * @dialog: locked by the caller
 * @got: media bindings that it holds
 * @n: how many
 *
 * Context: softirq or process.
 */
void sipalg_details_admit(const struct sipalg_dialog *dialog,
			  struct sipalg_binding *got[], unsigned int n)
{
	const struct sipalg_details *details = &dialog->details;
	unsigned int i;

	lockdep_assert_held(&dialog->lock);
	if (!details->all_named || !is_strict(dialog))
		return;
	while (n--)
		for (i = 0; i < SIPALG_FAR_ENDS_MAX; i++)
			if (details->far_port[i])
				sipalg_binding_allow(got[n], &details->far[i]);
}

/**
 * sipalg_details_far_end() - where an inside host will send a stream
 * @dialog: locked by the caller
 * @media: index of the stream in the session
 * @far: address, port and family are filled in; the rest stays
 *
 * Return: whether it is known.
 */
bool sipalg_details_far_end(const struct sipalg_dialog *dialog,
			    unsigned int media, struct sipalg_end *far)
{
	const struct sipalg_details *details = &dialog->details;

	lockdep_assert_held(&dialog->lock);
	if (media >= SIPALG_FAR_ENDS_MAX || !details->far_port[media])
		return false;
	far->addr = details->far[media];
	far->port = details->far_port[media];
	far->family = dialog->about.family;
	return true;
}

/**
 * sipalg_details_codecs() - media and codecs of a stream
 * @details: the details of its call, or a copy
 * @media: index of the stream in the session
 *
 * Return: the text, with zero; empty where nothing is known.
 */
const char *sipalg_details_codecs(const struct sipalg_details *details,
				  unsigned int media)
{
	const char *text = details->codecs, *end = text + SIPALG_TEXT_LEN - 1;

	while (media-- && text < end)
		text += strnlen(text, end - text) + 1;
	return text < end ? text : "";
}
