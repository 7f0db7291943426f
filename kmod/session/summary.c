// SPDX-License-Identifier: GPL-2.0

#include "session/names.h"
#include "session/summary.h"
#include "state/quota.h"

/**
 * sipalg_summary_get() - have the summary of a call
 * @dialog: locked by the caller
 *
 * Context: softirq or process.
 * Return: the summary, new or not; NULL without memory.
 */
struct sipalg_call_summary *sipalg_summary_get(struct sipalg_dialog *dialog)
{
	lockdep_assert_held(&dialog->lock);
	if (!dialog->summary)
		dialog->summary = sipalg_quota_alloc(dialog->sn,
						     sizeof(*dialog->summary));
	return dialog->summary;
}

static void copy_tag(char *tag, const u8 *text, const struct sip_span *span)
{
	u32 len = min_t(u32, span->len, SIPALG_TAG_LEN - 1);

	memcpy(tag, text + span->off, len);
	tag[len] = '\0';
}

/* Only an answer is looked at: it names the codecs that are used. */
static void copy_codecs(struct sipalg_call_summary *summary,
			const struct sip_msg *msg, const u8 *text)
{
	u32 i, len = 0;

	for (i = 0; i < msg->sdp.n_media && len < SIPALG_TEXT_LEN - 1; i++) {
		len += sdp_codecs(&msg->sdp, i, text, summary->codecs + len,
				  SIPALG_TEXT_LEN - 1 - len);
		summary->codecs[len++] = '\0';
	}
	memset(summary->codecs + len, 0, SIPALG_TEXT_LEN - len);
}

/**
 * sipalg_summary_update() - keep tags and codecs of a message
 * @dialog: locked by the caller
 * @msg: the message
 * @text: its text, before it is changed
 *
 * Context: softirq or process.
 */
void sipalg_summary_update(struct sipalg_dialog *dialog,
			   const struct sip_msg *msg, const u8 *text)
{
	bool has_callee = msg->status > 100 && msg->to_tag.len &&
			  msg->method == SIP_INVITE &&
			  dialog->state == SIPALG_CALL_EARLY;
	bool has_codecs = msg->sdp.n_media &&
			  (msg->status || msg->method != SIP_INVITE);
	struct sipalg_call_summary *summary;

	lockdep_assert_held(&dialog->lock);
	sipalg_names_learn(dialog, msg, text);
	if (!dialog->caller[0])
		copy_tag(dialog->caller, text,
			 msg->status || !msg->to_tag.len ? &msg->from_tag :
							   &msg->to_tag);
	if (!has_callee && !has_codecs)
		return;
	summary = sipalg_summary_get(dialog);
	if (summary && has_callee)
		copy_tag(summary->callee, text, &msg->to_tag);
	if (summary && has_codecs)
		copy_codecs(summary, msg, text);
}

/**
 * sipalg_summary_codecs() - media and codecs of a stream
 * @summary: the summary of its call
 * @media: index of the stream in the session
 *
 * Context: any.
 * Return: the text, with zero; empty where nothing is known.
 */
const char *sipalg_summary_codecs(const struct sipalg_call_summary *summary,
				  unsigned int media)
{
	const char *text = summary->codecs, *end = text + SIPALG_TEXT_LEN - 1;

	while (media-- && text < end)
		text += strnlen(text, end - text) + 1;
	return text < end ? text : "";
}
