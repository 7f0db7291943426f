/* SPDX-License-Identifier: GPL-2.0 */
/*
 * News for whoever listens. The tables say that something happened; control/
 * registers a notifier that makes netlink messages and tracepoints of it, as
 * ctnetlink does with nf_ct_event_notifier. Without one, news costs a look at a
 * pointer.
 */
#ifndef SIPALG_STATE_NOTIFY_H
#define SIPALG_STATE_NOTIFY_H

#include <linux/rcupdate.h>
#include <linux/skbuff.h>
#include <net/netfilter/nf_conntrack.h>

#include "sip/sip.h"
#include "state/net.h"

struct sipalg_binding;
struct sipalg_dialog;
struct sipalg_rule;

/**
 * struct sipalg_report - what becomes of a message
 * @skb: its packet, before it is changed
 * @ct: its flow
 * @msg: the parsed message; NULL where it could not be parsed
 * @plan: the edits that are made, or would be; NULL for none
 * @text: its text; NULL where that is not known
 * @len: length of the text in bytes
 * @there: bytes of it that are at @text; the rest ends the packet
 * @skipped_field: the first header field that stays as it is because it cannot
 *	be read, if its verdict says so
 * @skipped_media: the same of the session description
 * @call: id of its dialog, 0 if it has none
 * @dir: direction of the packet
 * @mode: mode of its flow
 * @result: what it is counted as
 * @why: the same, or for SIPALG_STAT_PASSED_REFUSED the limit that was reached
 */
struct sipalg_report {
	const struct sk_buff *skb;
	const struct nf_conn *ct;
	const struct sip_msg *msg;
	const struct sip_plan *plan;
	const u8 *text;
	u32 len;
	u32 there;
	struct sip_fault skipped_field;
	struct sip_fault skipped_media;
	u64 call;
	enum ip_conntrack_dir dir;
	enum sipalg_mode mode;
	enum sipalg_stat result;
	enum sipalg_stat why;
};

/**
 * struct sipalg_notifier - who is told
 * @call: of a dialog, locked or dead: SIPALG_CMD_CALL_NEW, _CHANGED or _GONE
 * @binding: of a binding: SIPALG_CMD_BINDING_NEW or _GONE
 * @policy: of a scope and its mode, with the policy's lock, so that events come
 *	in the order of what they tell: SIPALG_CMD_POLICY_NEW, _GONE or _FLUSHED
 * @message: of a message, while its text is there; returns what is passed to
 *	@message_done, NULL for nothing
 * @message_done: it has come to pass
 *
 * All are called under RCU, in any context but hard interrupt.
 */
struct sipalg_notifier {
	void (*call)(const struct sipalg_dialog *dialog, enum sipalg_cmd what);
	void (*binding)(struct sipalg_net *sn, struct sipalg_binding *binding,
			enum sipalg_cmd what);
	void (*policy)(struct sipalg_net *sn, const struct sipalg_rule *rule,
		       enum sipalg_cmd what);
	struct sk_buff *(*message)(struct sipalg_net *sn,
				   const struct sipalg_report *report);
	void (*message_done)(struct sipalg_net *sn, struct sk_buff *event);
};

void sipalg_notify_call(const struct sipalg_dialog *dialog,
			enum sipalg_cmd what);
void sipalg_notify_binding(struct sipalg_net *sn,
			   struct sipalg_binding *binding,
			   enum sipalg_cmd what);
void sipalg_notify_policy(struct sipalg_net *sn, const struct sipalg_rule *rule,
			  enum sipalg_cmd what);
struct sk_buff *sipalg_notify_message(struct sipalg_net *sn,
				      const struct sipalg_report *report);
void sipalg_notify_message_done(struct sipalg_net *sn, struct sk_buff *event);

void sipalg_notifier_register(const struct sipalg_notifier *notifier);
void sipalg_notifier_unregister(void);

#endif /* SIPALG_STATE_NOTIFY_H */
