/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What happens, told to whoever listens. Where nobody does, each of these costs
 * a look at a bit.
 */
#ifndef SIPALG_EVENT_H
#define SIPALG_EVENT_H

#include <linux/spinlock.h>
#include <net/netfilter/nf_conntrack.h>

#include "sip/sip.h"
#include "nf_sipalg.h"

struct sipalg_binding;
struct sipalg_dialog;
struct sipalg_net;
struct sipalg_rule;

#define SIPALG_EVENT_MESSAGES_MAX	1000	/* told in a second */

/**
 * struct sipalg_events - a namespace's share
 * @lock: protects all below
 * @second: jiffies at which the second began in which
 * @told: messages were told, and
 * @missed: were not, since the latest that was
 */
struct sipalg_events {
	spinlock_t lock;
	unsigned long second;
	u32 told;
	u32 missed;
};

/**
 * struct sipalg_event_message - a message to be told
 * @skb: its packet
 * @ct: its flow
 * @dir: direction of the packet
 * @result: what it is counted as
 * @call: id of its call, 0 if it has none
 * @text: its text; NULL if that is not known
 * @len: length of the text in bytes
 * @plan: what changes, or would; NULL for nothing
 */
struct sipalg_event_message {
	const struct sk_buff *skb;
	const struct nf_conn *ct;
	enum ip_conntrack_dir dir;
	enum sipalg_stat result;
	u64 call;
	const u8 *text;
	u32 len;
	const struct sip_plan *plan;
};

void sipalg_events_init(struct sipalg_net *sn);
void sipalg_event_start(void);
void sipalg_event_stop(void);

void sipalg_event_call(const struct sipalg_dialog *dialog,
		       enum sipalg_cmd what);
void sipalg_event_binding(struct sipalg_net *sn, struct sipalg_binding *binding,
			  enum sipalg_cmd what);
void sipalg_event_policy(struct sipalg_net *sn, const struct sipalg_rule *rule,
			 enum sipalg_cmd what);

bool sipalg_event_wants_message(struct sipalg_net *sn, enum sipalg_stat result);
struct sk_buff *
sipalg_event_message(struct sipalg_net *sn,
		     const struct sipalg_event_message *message);
void sipalg_event_tell(struct sipalg_net *sn, struct sk_buff *event);

#endif /* SIPALG_EVENT_H */
