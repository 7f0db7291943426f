/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Dialogs (RFC 3261, 12), registrations (10) and lone transactions: whoever
 * holds bindings, by Call-ID.
 */
#ifndef SIPALG_DIALOG_H
#define SIPALG_DIALOG_H

#include <linux/rhashtable.h>
#include <linux/spinlock.h>
#include <linux/timer.h>

#include "binding.h"
#include "core/sip.h"
#include "nf_sipalg.h"

struct sipalg_net;

#define SIPALG_DIALOGS_MAX		BIT(18)	/* in a namespace */
#define SIPALG_DIALOG_HOLDS_MAX		16		/* bindings of one dialog */

/* Seconds without a message after which a dialog ends by itself. */
#define SIPALG_TRANSACTION_SECS		32		/* 64 * T1, RFC 3261, 17.1.1.2 */
#define SIPALG_EARLY_SECS		300		/* each provisional response renews it */
#define SIPALG_CONFIRMED_SECS		7200		/* and not while media flows */
#define SIPALG_MEDIA_POLL_SECS		60
#define SIPALG_ENDING_SECS		2		/* media that is still on its way */
#define SIPALG_EXPIRES_SECS		3600		/* RFC 3261, 10.2 */
#define SIPALG_EXPIRES_MAX_SECS		(7 * 24 * 3600)

/**
 * struct sipalg_dialog_key - what names a dialog
 * @hash: keyed hash of the Call-ID
 * @zone: conntrack zone
 */
struct sipalg_dialog_key {
	u64 hash[2];
	u64 zone;
};

/**
 * struct sipalg_dialog_about - what is known of a dialog from the packet that begins it
 * @inside: address of the inside host
 * @peer: address of the signalling peer
 * @in: device the flow's first packet came in by, 0 if none
 * @out: device it left by, 0 if none
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 * @automatic: policy gave the flow its helper, not a firewall rule
 */
struct sipalg_dialog_about {
	union nf_inet_addr inside;
	union nf_inet_addr peer;
	int in;
	int out;
	u8 family;
	bool automatic;
};

/**
 * struct sipalg_hold - a binding that a dialog holds
 * @binding: one of its users is the dialog
 * @round: the offer/answer exchange that last named it
 * @fresh: taken for the message at hand, which may still turn out not to be changed
 */
struct sipalg_hold {
	struct sipalg_binding *binding;
	u8 round;
	bool fresh;
};

/**
 * struct sipalg_dialog - one Call-ID
 * @node: in the table
 * @key: its key there
 * @sn: the namespace
 * @lock: protects all below but @about and @label
 * @timer: looks at @deadline
 * @deadline: jiffies at which it ends unless renewed
 * @begun: jiffies
 * @id: a name for the tool
 * @about: as it began
 * @cseq: of the request that began @round
 * @round: count of offer/answer exchanges
 * @kind: enum sipalg_call_kind
 * @state: enum sipalg_call_state
 * @n_holds: how many of @holds are set
 * @dead: taken out of the table, or about to be
 * @holds: its bindings
 * @label: start of the Call-ID
 * @rcu: it is found under RCU
 */
struct sipalg_dialog {
	struct rhash_head node;
	struct sipalg_dialog_key key;
	struct sipalg_net *sn;
	spinlock_t lock;
	struct timer_list timer;
	unsigned long deadline;
	unsigned long begun;
	u64 id;
	struct sipalg_dialog_about about;
	u32 cseq;
	u8 round;
	u8 kind;
	u8 state;
	u8 n_holds;
	bool dead;
	struct sipalg_hold holds[SIPALG_DIALOG_HOLDS_MAX];
	char label[SIPALG_LABEL_LEN];
	struct rcu_head rcu;
};

/**
 * struct sipalg_dialogs - a namespace's table
 * @table: by key
 * @count: how many
 * @calls: how many of them are INVITE dialogs
 */
struct sipalg_dialogs {
	struct rhashtable table;
	atomic_t count;
	atomic_t calls;
};

int __init sipalg_dialog_init(void);
void sipalg_dialog_exit(void);
int sipalg_dialogs_init(struct sipalg_net *sn);
void sipalg_dialogs_exit(struct sipalg_net *sn);

void sipalg_dialog_key(struct sipalg_dialog_key *key, const u8 *call_id, u32 len, u16 zone);
struct sipalg_dialog *sipalg_dialog_find(struct sipalg_net *sn,
					 const struct sipalg_dialog_key *key);
struct sipalg_dialog *sipalg_dialog_make(struct sipalg_net *sn,
					 const struct sipalg_dialog_key *key,
					 const struct sipalg_dialog_about *about,
					 enum sip_method method, const u8 *call_id, u32 len);
bool sipalg_dialog_hold(struct sipalg_dialog *dialog, struct sipalg_binding *got[],
			unsigned int n);
bool sipalg_dialog_begin(struct sipalg_dialog *dialog, const struct sip_msg *msg);
void sipalg_dialog_commit(struct sipalg_dialog *dialog, const struct sip_msg *msg);
void sipalg_dialog_register(struct sipalg_dialog *dialog, u32 expires);
void sipalg_dialog_abort(struct sipalg_dialog *dialog);
void sipalg_dialog_unlock(struct sipalg_dialog *dialog);
void sipalg_dialogs_end(struct sipalg_net *sn,
			bool (*match)(const struct sipalg_dialog *dialog));

#endif /* SIPALG_DIALOG_H */
