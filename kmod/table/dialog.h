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

#include "table/binding.h"
#include "sip/sip.h"
#include "session/summary.h"
#include "nf_sipalg.h"

struct sipalg_net;

/* bindings of one dialog */
#define SIPALG_DIALOG_HOLDS_MAX		16
/* answers to one forked INVITE */
#define SIPALG_DIALOG_LEGS_MAX		4

/* Seconds; others can be set. */
/* while it flows, a call goes on */
#define SIPALG_MEDIA_POLL_SECS		60
#define SIPALG_EXPIRES_SECS		3600		/* RFC 3261, 10.2 */
#define SIPALG_EXPIRES_MAX_SECS		(7 * 24 * 3600)

enum sipalg_use {
	SIPALG_USE_CALL,
	SIPALG_USE_REGISTRATION,
	SIPALG_USE_SUBSCRIPTION,
};

/**
 * struct sipalg_dialog_key - what names a dialog
 * @hash: keyed hash of the Call-ID
 * @zone: conntrack zone
 * @use: SIPALG_USE_*: what it is for. A phone may use one Call-ID for all it
 *	does, and each use has an end of its own (RFC 5057).
 */
struct sipalg_dialog_key {
	u64 hash[2];
	u32 zone;
	u32 use;
};

/**
 * struct sipalg_dialog_about - what is known of a dialog from the packet that
 * begins it
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
 * struct sipalg_step - a message, as its dialog sees it
 * @msg: the message
 * @hosts: the inside hosts that it comes from and goes to; NULL for an outside
 *	one
 * @from: keyed hash of the tag of From
 * @to: of the tag of To
 * @opens: the request opens an offer/answer exchange
 */
struct sipalg_step {
	const struct sip_msg *msg;
	const union nf_inet_addr *hosts[2];
	u32 from;
	u32 to;
	bool opens;
};

/**
 * struct sipalg_hold - a binding that a dialog holds
 * @binding: one of its users is the dialog
 * @until: low half of the jiffies up to which a registration's is granted, or
 *	may still be, and a call's is held that is @leaving
 * @round: the offer/answer exchange that last named it
 * @since: the one that was the first to, 0 once an exchange has succeeded with
 *	it
 * @media: place among the media of the session, from 1; 0 for none, or for
 *	several
 * @fresh: taken for the message at hand, which may still turn out not to be
 *	changed
 * @leaving: a later exchange has put another one in its place
 * @taken: an answer to the exchange takes its media, and
 * @refused: an answer refuses them
 * @admitted: the dialog's peer may send to it for as long as the dialog holds
 *	it
 */
struct sipalg_hold {
	struct sipalg_binding *binding;
	u32 until;
	u8 round;
	u8 since;
	u8 media;
	bool fresh : 1;
	bool leaving : 1;
	bool taken : 1;
	bool refused : 1;
	bool admitted : 1;
};

/**
 * struct sipalg_dialog - one Call-ID
 * @node: in the table
 * @key: its key there
 * @sn: the namespace
 * @lock: protects all below but @about and @label
 * @offerer: keyed hash of the tag of who opened @round
 * @timer: looks at @deadline
 * @deadline: jiffies at which it ends unless renewed
 * @begun: jiffies
 * @id: a name for the tool
 * @about: as it began
 * @cseq: of the request that opened @round
 * @session: seconds that its session timer grants; 0 if it has none (RFC 4028)
 * @asked: keyed hash of the address that a REGISTER or SUBSCRIBE last went to;
 *	of a call, marks of all the addresses that its INVITEs went to
 * @legs: what names each dialog that an answer confirmed: hashes of both tags
 * @ended: bits: those of @legs that are over
 * @n_legs: how many of @legs are set
 * @round: count of offer/answer exchanges, never 0 once there was one
 * @kind: enum sipalg_call_kind
 * @state: enum sipalg_call_state
 * @told: the state that listeners know of
 * @n_holds: how many of @holds are set
 * @answered: the request that opened @round has got a 2xx
 * @dead: taken out of the table, or about to be, with its @details
 * @holds: its bindings
 * @label: start of the Call-ID
 * @details: what its messages tell beside
 * @rcu: it is found under RCU
 */
struct sipalg_dialog {
	struct rhash_head node;
	struct sipalg_dialog_key key;
	struct sipalg_net *sn;
	spinlock_t lock;
	u32 offerer;
	struct timer_list timer;
	unsigned long deadline;
	unsigned long begun;
	u64 id;
	struct sipalg_dialog_about about;
	u32 cseq;
	u32 session;
	u32 asked;
	u32 legs[SIPALG_DIALOG_LEGS_MAX];
	u8 ended;
	u8 n_legs;
	u8 round;
	u8 kind;
	u8 state;
	u8 told;
	u8 n_holds;
	bool answered : 1;
	bool dead : 1;
	struct sipalg_hold holds[SIPALG_DIALOG_HOLDS_MAX];
	char label[SIPALG_LABEL_LEN];
	union {
		struct sipalg_details details;
		struct rcu_head rcu;
	};
};

/**
 * struct sipalg_dialogs - a namespace's table
 * @table: by key
 * @count: how many
 * @calls: how many of them are INVITE dialogs
 * @registrations: how many of them are registrations
 */
struct sipalg_dialogs {
	struct rhashtable table;
	atomic_t count;
	atomic_t calls;
	atomic_t registrations;
};

/* Seconds, as they are set in the dialog's namespace. */
#define sipalg_dialog_timeout(dialog, id)                                      \
	sipalg_setting((dialog)->sn, TIMEOUT_##id)

static inline bool sipalg_hold_is_media(const struct sipalg_hold *hold)
{
	return hold->binding->kind != SIPALG_BINDING_SIGNALLING;
}

int __init sipalg_dialog_init(void);
void sipalg_dialog_exit(void);
int sipalg_dialogs_init(struct sipalg_net *sn);
void sipalg_dialogs_exit(struct sipalg_net *sn);

void sipalg_dialog_key(struct sipalg_dialog_key *key, const u8 *call_id,
		       u32 len, u16 zone, enum sip_method method);
void sipalg_dialog_tags(struct sipalg_step *step, const u8 *text);
struct sipalg_dialog *sipalg_dialog_find(struct sipalg_net *sn,
					 const struct sipalg_dialog_key *key);
struct sipalg_dialog *
sipalg_dialog_make(struct sipalg_net *sn, const struct sipalg_dialog_key *key,
		   const struct sipalg_dialog_about *about,
		   enum sip_method method, const u8 *call_id, u32 len);
void sipalg_dialog_become_call(struct sipalg_dialog *dialog);
void sipalg_dialog_live_for(struct sipalg_dialog *dialog, unsigned int secs);
void sipalg_dialog_linger(struct sipalg_dialog *dialog,
			  struct sipalg_hold *hold);
void sipalg_dialog_let_go(struct sipalg_dialog *dialog, unsigned int i);
bool sipalg_dialog_hold(struct sipalg_dialog *dialog,
			struct sipalg_binding *got[], unsigned int n, u8 media);
void sipalg_dialog_admit(struct sipalg_dialog *dialog,
			 struct sipalg_binding *binding,
			 const union nf_inet_addr *peer);
void sipalg_dialog_ask(struct sipalg_dialog *dialog,
		       const union nf_inet_addr *peer);
bool sipalg_dialog_is_asked(const struct sipalg_dialog *dialog,
			    const union nf_inet_addr *peer);
void sipalg_dialog_await(struct sipalg_dialog *dialog);
void sipalg_dialog_register(struct sipalg_dialog *dialog, u32 secs,
			    u32 (*granted)(struct sipalg_binding *binding,
					   void *data),
			    void *data);
void sipalg_dialog_subscribe(struct sipalg_dialog *dialog, u32 expires);
void sipalg_dialog_abort(struct sipalg_dialog *dialog);
void sipalg_dialog_unlock(struct sipalg_dialog *dialog);
unsigned int sipalg_dialogs_end(struct sipalg_net *sn,
				bool (*match)(struct sipalg_dialog *dialog,
					      const void *data),
				const void *data);
void sipalg_dialogs_leave(struct sipalg_net *sn,
			  const union nf_inet_addr *outside, u8 family);

#endif /* SIPALG_DIALOG_H */
