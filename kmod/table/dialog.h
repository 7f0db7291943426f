/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Dialogs (RFC 3261, 12), registrations (10) and lone transactions: all that
 * lease bindings, by Call-ID.
 */
#ifndef SIPALG_TABLE_DIALOG_H
#define SIPALG_TABLE_DIALOG_H

#include <linux/timer.h>

#include "sip/sip.h"
#include "state/settings.h"
#include "table/lease.h"

/* Answers to one forked INVITE that are told apart. */
#define SIPALG_DIALOG_LEGS_MAX		4
/* Bytes kept of a tag, with its zero. */
#define SIPALG_TAG_LEN			21
/* Streams whose far end is kept. */
#define SIPALG_FAR_ENDS_MAX		2

/* Seconds; others can be set. */
/* beyond timeout-call: a held call may send RTCP alone (RFC 3550, 6.2) */
#define SIPALG_RTCP_SECS		10
#define SIPALG_EXPIRES_MAX_SECS		(7 * 24 * 3600)

enum sipalg_use {
	SIPALG_USE_CALL,
	SIPALG_USE_REGISTRATION,
	SIPALG_USE_SUBSCRIPTION,
};

/**
 * struct sipalg_dialog_key - names a dialog
 * @hash: keyed hash of the Call-ID
 * @zone: conntrack zone
 * @use: enum sipalg_use. A phone may use one Call-ID for all it does, and each
 *	use has an end of its own (RFC 5057).
 */
struct sipalg_dialog_key {
	u64 hash[2];
	u32 zone;
	u32 use;
};

/**
 * struct sipalg_dialog_origin - the packet that begins a dialog
 * @inside: address of the inside host
 * @in: device the flow's first packet came in by, 0 if none
 * @out: device it left by, 0 if none
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 * @automatic: policy gave the flow its helper, not a firewall rule
 */
struct sipalg_dialog_origin {
	union nf_inet_addr inside;
	int in;
	int out;
	u8 family;
	bool automatic;
};

/**
 * struct sipalg_dialog_spec - a dialog that is to be made
 * @key: its key
 * @origin: the packet that begins it
 * @peer: address of the signalling peer
 * @method: method of the message
 * @call_id: text of the Call-ID
 * @call_id_len: its length in bytes
 */
struct sipalg_dialog_spec {
	struct sipalg_dialog_key key;
	struct sipalg_dialog_origin origin;
	union nf_inet_addr peer;
	enum sip_method method;
	const u8 *call_id;
	u32 call_id_len;
};

/**
 * struct sipalg_dialog_msg - a message, as its dialog sees it
 * @msg: the message
 * @hosts: the inside hosts that it comes from and goes to; NULL for an outside
 *	host
 * @sender: address of its sender as the other hosts know it
 * @from: keyed hash of the tag of From
 * @to: keyed hash of the tag of To
 * @new_offer: the request opens an offer/answer exchange
 * @is_foreign: the request has nothing to do with the call
 */
struct sipalg_dialog_msg {
	const struct sip_msg *msg;
	const union nf_inet_addr *hosts[2];
	const union nf_inet_addr *sender;
	u32 from;
	u32 to;
	bool new_offer;
	bool is_foreign;
};

/**
 * struct sipalg_call_summary - a call in a few words
 * @caller: start of the tag of the caller
 * @callee: start of the tag of the callee
 * @codecs: for each stream its media, a blank and its codecs, and a zero
 * @all_named: the latest SDP from the outside names all addresses that media
 *	can come from, and @far has them
 * @far: addresses to which that SDP wants the first streams
 * @far_port: their ports in network byte order; 0 where there is none
 */
struct sipalg_call_summary {
	char caller[SIPALG_TAG_LEN];
	char callee[SIPALG_TAG_LEN];
	char codecs[SIPALG_TEXT_LEN];
	bool all_named;
	union nf_inet_addr far[SIPALG_FAR_ENDS_MAX];
	__be16 far_port[SIPALG_FAR_ENDS_MAX];
};

/**
 * struct sipalg_invite - the latest INVITE of a host
 * @from: keyed hash of its From tag
 * @cseq: its CSeq number
 */
struct sipalg_invite {
	u32 from;
	u32 cseq;
};

/**
 * struct sipalg_dialog - one Call-ID
 * @node: in the table
 * @key: its key there
 * @sn: the namespace
 * @lock: protects the members below, but for @origin and @call_id_prefix
 * @offerer: keyed hash of the tag of the host that opened the exchange
 * @timer: looks at @deadline
 * @deadline: jiffies at which the dialog ends unless renewed
 * @suspended: jiffies at which it ends unless a scope covers it again; 0 while
 *	one does
 * @begun: jiffies
 * @id: names it for the tool
 * @origin: the packet that began it
 * @cseq: CSeq of the request that opened the exchange
 * @invites: INVITEs by their From tag, the newest tag first. There are several
 *	where a B2BUA keeps the Call-ID.
 * @sent: media packets of the inside host when they were looked at last
 * @session: seconds that its session timer grants; 0 without one (RFC 4028)
 * @invited: hosts that may answer. Of a registration or subscription the keyed
 *	hash of the address that its request last went to. Of a call a Bloom
 *	filter (k = 4, 32 bits) of all addresses that its INVITEs went to.
 * @legs: for each dialog that an answer confirmed, a hash of both tags
 * @legs_over: bits: those of @legs that are over
 * @n_legs: number of @legs
 * @n_invites: number of @invites
 * @kind: enum sipalg_call_kind
 * @state: enum sipalg_call_state
 * @notified_state: the state that listeners know of
 * @answered: the request that opened the exchange has got a 2xx
 * @dead: taken out of the table, or about to be, and @summary is gone
 * @leases: its bindings
 * @call_id_prefix: start of the Call-ID
 * @summary: what its messages tell beside
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
	unsigned long suspended;
	unsigned long begun;
	u64 id;
	struct sipalg_dialog_origin origin;
	u32 cseq;
	struct sipalg_invite invites[SIPALG_DIALOG_LEGS_MAX];
	u32 sent;
	u32 session;
	u32 invited;
	u32 legs[SIPALG_DIALOG_LEGS_MAX];
	u8 legs_over;
	u8 n_legs;
	u8 n_invites;
	u8 kind;
	u8 state;
	u8 notified_state;
	bool answered : 1;
	bool dead : 1;
	struct sipalg_leases leases;
	char call_id_prefix[SIPALG_LABEL_LEN];
	union {
		struct sipalg_call_summary summary;
		struct rcu_head rcu;
	};
};

/* Called with the dialog's lock. */
typedef bool sipalg_dialog_match(struct sipalg_dialog *dialog,
				 const void *data);

/* Seconds, as they are set in the dialog's namespace. */
#define sipalg_dialog_timeout(dialog, id) \
	sipalg_setting((dialog)->sn, TIMEOUT_##id)

/* When it ends by itself; the caller holds its lock. Return: jiffies. */
static inline unsigned long
sipalg_dialog_deadline(const struct sipalg_dialog *dialog)
{
	if (dialog->suspended &&
	    time_before(dialog->suspended, dialog->deadline))
		return dialog->suspended;
	return dialog->deadline;
}

void sipalg_dialog_key(struct sipalg_dialog_key *key, const u8 *call_id,
		       u32 len, u16 zone, enum sip_method method);
void sipalg_dialog_tags(struct sipalg_dialog_msg *dmsg, const u8 *text);
struct sipalg_dialog *sipalg_dialog_find(struct sipalg_net *sn,
					 const struct sipalg_dialog_key *key);
enum sipalg_stat sipalg_dialog_make(struct sipalg_net *sn,
				    const struct sipalg_dialog_spec *spec,
				    struct sipalg_dialog **made);
void sipalg_dialog_unlock(struct sipalg_dialog *dialog);

void sipalg_dialog_become_call(struct sipalg_dialog *dialog);
void sipalg_dialog_set_timeout(struct sipalg_dialog *dialog, unsigned int secs);
void sipalg_dialog_expire_leases(struct sipalg_dialog *dialog);
void sipalg_dialog_drain(struct sipalg_dialog *dialog,
			 struct sipalg_lease *lease);
void sipalg_dialog_abort(struct sipalg_dialog *dialog);

unsigned int
sipalg_dialog_end_matching(struct sipalg_net *sn, sipalg_dialog_match *match,
			   const void *data);

int sipalg_dialog_net_init(struct sipalg_net *sn);
void sipalg_dialog_net_exit(struct sipalg_net *sn);
int sipalg_dialog_setup(void);
void sipalg_dialog_teardown(void);

#endif /* SIPALG_TABLE_DIALOG_H */
