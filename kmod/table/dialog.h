/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Dialogs (RFC 3261, 12), registrations (10) and lone transactions: all that
 * lease bindings, by inside host and Call-ID.
 */
#ifndef SIPALG_TABLE_DIALOG_H
#define SIPALG_TABLE_DIALOG_H

#include <linux/timer.h>

#include "sip/sip.h"
#include "state/settings.h"
#include "table/lease.h"

/* Answers to one forked INVITE that are told apart. */
#define SIPALG_DIALOG_LEGS_MAX		4
/* Transactions of one INVITE that are told apart. */
#define SIPALG_INVITE_BRANCHES_MAX	4
/* Addresses that may answer at a time. */
#define SIPALG_DIALOG_ASKED_MAX		4
/* Bytes kept of a tag, with its zero. */
#define SIPALG_TAG_LEN			21
/* Streams whose far end is kept. */
#define SIPALG_FAR_ENDS_MAX		2

/* A call rings for at most so many times timeout-early: an hour unless set. */
#define SIPALG_RINGING_MAX		12

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
 * @hash: keyed hash of the Call-ID. Nobody outside knows the key, and only
 *	calls of one host could be mistaken for each other.
 * @host: address of the inside host whose dialog it is; unused bytes are zero.
 *	Another host that writes the Call-ID has a dialog of its own.
 * @zone: conntrack zone
 * @use: enum sipalg_use. A phone may use one Call-ID for all it does, and each
 *	use has an end of its own (RFC 5057).
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 */
struct sipalg_dialog_key {
	u64 hash;
	union nf_inet_addr host;
	u32 zone;
	u16 use;
	u16 family;
};

/**
 * struct sipalg_dialog_origin - the packet that begins a dialog
 * @in: device the flow's first packet came in by, 0 if none
 * @out: device it left by, 0 if none
 */
struct sipalg_dialog_origin {
	int in;
	int out;
};

/**
 * struct sipalg_dialog_spec - a dialog that is to be made
 * @key: its key
 * @origin: the packet that begins it
 * @peer: address of the signalling peer
 * @method: method of the message
 * @call_id: text of the Call-ID
 * @call_id_len: its length in bytes
 * @is_counted: the other end's dialog is in the table, so that the call has
 *	been counted
 * @automatic: as in struct sipalg_dialog
 * @unproven: as in struct sipalg_dialog
 * @device: as in struct sipalg_dialog
 */
struct sipalg_dialog_spec {
	struct sipalg_dialog_key key;
	struct sipalg_dialog_origin origin;
	union nf_inet_addr peer;
	enum sip_method method;
	const u8 *call_id;
	u32 call_id_len;
	bool is_counted;
	bool automatic;
	bool unproven;
	int device;
};

/**
 * struct sipalg_dialog_msg - a message, as its dialog sees it
 * @msg: the message
 * @sender: address of its sender as the receiver's host knows it
 * @from: keyed hash of the tag of From
 * @to: keyed hash of the tag of To
 * @branch: keyed hash of the branch of the topmost Via
 * @outbound: the dialog's host sends it, and does not receive it
 * @is_party: the dialog's host, or the far end of the dialog, sends it
 * @new_offer: it opens an offer/answer exchange
 */
struct sipalg_dialog_msg {
	const struct sip_msg *msg;
	const union nf_inet_addr *sender;
	u32 from;
	u32 to;
	u32 branch;
	bool outbound;
	bool is_party;
	bool new_offer;
};

/* Does the dialog's host send the request that the message is, or answers? */
static inline bool
sipalg_dialog_msg_is_own(const struct sipalg_dialog_msg *dmsg)
{
	return dmsg->outbound == !dmsg->msg->status;
}

/**
 * struct sipalg_far_ends - where an SDP of the far end wants media
 * @addr: addresses of the first streams
 * @port: their ports in network byte order; 0 where there is none
 * @all_named: these are all addresses that media can come from
 */
struct sipalg_far_ends {
	union nf_inet_addr addr[SIPALG_FAR_ENDS_MAX];
	__be16 port[SIPALG_FAR_ENDS_MAX];
	bool all_named;
};

/**
 * struct sipalg_call_summary - what a call is found to be once somebody answers
 * @far: the far ends that the latest SDP to the host names
 * @callee: start of the tag of the callee
 * @codecs: for each stream its media, a blank and its codecs, and a zero
 */
struct sipalg_call_summary {
	struct sipalg_far_ends far;
	char callee[SIPALG_TAG_LEN];
	char codecs[SIPALG_TEXT_LEN];
};

/**
 * struct sipalg_invite - the latest INVITE with a From tag
 * @from: keyed hash of the tag
 * @cseq: its CSeq number
 * @branch: keyed hashes of the branches of its transactions. There are several
 *	where a proxy forks, or tries one target behind another.
 * @n_branches: number of transactions, the first of which are in @branch
 * @own: bits: those that the dialog's host has begun
 * @refused: bits: those with a final response other than 2xx
 * @cancelled: bits: those whose CANCEL has been sent
 * @accepted: it has got a 2xx; the ACK of that makes a leg
 */
struct sipalg_invite {
	u32 from;
	u32 cseq;
	u32 branch[SIPALG_INVITE_BRANCHES_MAX];
	u8 n_branches;
	u8 own;
	u8 refused;
	u8 cancelled;
	bool accepted;
};

/**
 * struct sipalg_registrar - the latest REGISTER or SUBSCRIBE to an address
 * @cseq: its CSeq number
 * @answered: the CSeq number of the latest of them that has got a 2xx
 * @asked: low half of the jiffies at which it was sent; 0 for none
 * @until: low half of the jiffies at which what was granted ends
 */
struct sipalg_registrar {
	u32 cseq;
	u32 answered;
	u32 asked;
	u32 until;
};

/**
 * struct sipalg_dialog - one Call-ID of an inside host
 * @node: in the table
 * @key: its key there
 * @sn: the namespace
 * @lock: protects the members below, but for @origin and @call_id_prefix
 * @device: while it is unproven, the device that the packet came in by, 0 if
 *	none
 * @ringing: low half of the jiffies at which its INVITE was sent
 * @sent: media packets of the inside host when they were looked at last
 * @timer: looks at @deadline
 * @deadline: jiffies at which the dialog ends unless renewed
 * @begun: jiffies
 * @suspended: low half of the jiffies at which it ends unless a scope covers it
 *	again; 0 while one does. No later than that the timer ends it.
 * @session_end: low half of the jiffies at which its session timer ends it
 *	unless refreshed; 0 without one (RFC 4028). The timer ends it then.
 * @id: names it for the tool
 * @names: whom it names, or NULL
 * @summary: what its messages tell beside; NULL for nothing yet
 * @leases: its bindings
 * @invite: the only INVITE that there is room for; of more @invites
 * @invites: INVITEs by their From tag, the newest tag first. There are several
 *	where a B2BUA keeps the Call-ID, or both ends have sent one.
 * @registrars: of a registration or subscription, by index in the peers of
 *	@leases
 * @origin: the packet that began it
 * @update: CSeq number of the latest UPDATE that its host has sent
 * @asked: the addresses that its host has sent requests to, the latest first,
 *	IPv6 as a keyed hash; 0 for none. They may answer.
 * @legs: for each dialog that the host has confirmed, by a 2xx or an ACK, a
 *	hash of both tags
 * @accepted_leg: hash of both tags of the latest 2xx whose ACK is to make a leg
 * @leg_agents: for each of @legs, the bit of its user agent, or 0
 * @legs_ending: bits: those of @legs whose BYE is under way
 * @legs_over: bits: those of @legs that are over
 * @n_legs: number of @legs
 * @n_invites: number of INVITEs
 * @invites_size: number of INVITEs that there is memory for
 * @kind: enum sipalg_call_kind
 * @state: enum sipalg_call_state
 * @notified_state: the state that listeners know of
 * @automatic: policy gave the flow that began it its helper, not a firewall
 *	rule
 * @updating: @update has got no final response
 * @unproven: nothing is translated, and nobody has answered the host yet.
 *	Anybody can have written its address, so that it cannot confirm a call.
 * @is_up: counted among the calls that are up
 * @dead: taken out of the table, or about to be, and @caller is gone
 * @record: how it goes
 * @call_id_prefix: start of the Call-ID
 * @caller: start of the tag of the caller
 * @rcu: it is found under RCU
 */
struct sipalg_dialog {
	struct rhash_head node;
	struct sipalg_dialog_key key;
	struct sipalg_net *sn;
	spinlock_t lock;
	int device;
	u32 ringing;
	u32 sent;
	struct timer_list timer;
	unsigned long deadline;
	unsigned long begun;
	u32 suspended;
	u32 session_end;
	u64 id;
	struct sipalg_names *names;
	struct sipalg_call_summary *summary;
	struct sipalg_leases leases;
	union {
		struct sipalg_invite invite;
		struct sipalg_invite *invites;
		struct sipalg_registrar registrars[SIPALG_LEASE_PEERS_MAX];
	};
	struct sipalg_dialog_origin origin;
	u32 update;
	u32 asked[SIPALG_DIALOG_ASKED_MAX];
	u32 legs[SIPALG_DIALOG_LEGS_MAX];
	u32 accepted_leg;
	u8 leg_agents[SIPALG_DIALOG_LEGS_MAX];
	u8 legs_ending : SIPALG_DIALOG_LEGS_MAX;
	u8 legs_over : SIPALG_DIALOG_LEGS_MAX;
	u8 n_legs;
	u8 n_invites;
	u8 invites_size;
	u8 kind;
	u8 state;
	u8 notified_state;
	bool automatic : 1;
	bool updating : 1;
	bool unproven : 1;
	bool is_up : 1;
	bool dead : 1;
	struct sipalg_record record;
	char call_id_prefix[SIPALG_LABEL_LEN];
	union {
		char caller[SIPALG_TAG_LEN];
		struct rcu_head rcu;
	};
};

/* Called with the dialog's lock. */
typedef bool sipalg_dialog_match(struct sipalg_dialog *dialog,
				 const void *data);

/* Seconds, as they are set in the dialog's namespace. */
#define sipalg_dialog_timeout(dialog, id) \
	sipalg_setting((dialog)->sn, TIMEOUT_##id)

/* The INVITEs of a dialog that is none of a registration, under its lock. */
static inline struct sipalg_invite *
sipalg_dialog_invites(struct sipalg_dialog *dialog)
{
	return dialog->invites_size > 1 ? dialog->invites : &dialog->invite;
}

/* Jiffies, of which the low half is kept. They are no month away. */
static inline unsigned long sipalg_dialog_time(u32 low)
{
	unsigned long now = jiffies;

	return now + (s32)(low - (u32)now);
}

/* When it ends by itself; the caller holds its lock. Return: jiffies. */
static inline unsigned long
sipalg_dialog_deadline(const struct sipalg_dialog *dialog)
{
	unsigned long suspended = sipalg_dialog_time(dialog->suspended);

	if (dialog->suspended && time_before(suspended, dialog->deadline))
		return suspended;
	return dialog->deadline;
}

/*
 * A session timer may end a call earlier, and never later. The caller holds the
 * dialog's lock. Return: jiffies.
 */
static inline unsigned long
sipalg_dialog_in_session(const struct sipalg_dialog *dialog,
			 unsigned long until)
{
	unsigned long end = sipalg_dialog_time(dialog->session_end);

	if (dialog->session_end && time_before(end, until))
		return end;
	return until;
}

struct sipalg_dialog *sipalg_dialog_find(struct sipalg_net *sn,
					 const struct sipalg_dialog_key *key);
enum sipalg_stat sipalg_dialog_make(struct sipalg_net *sn,
				    const struct sipalg_dialog_spec *spec,
				    struct sipalg_dialog **made);
void sipalg_dialog_unlock(struct sipalg_dialog *dialog);

bool sipalg_dialog_reserve_invite(struct sipalg_dialog *dialog);
void sipalg_dialog_prove(struct sipalg_dialog *dialog);
void sipalg_dialog_become_call(struct sipalg_dialog *dialog);
void sipalg_dialog_set_timeout(struct sipalg_dialog *dialog, unsigned int secs);
void sipalg_dialog_set_deadline(struct sipalg_dialog *dialog,
				unsigned long deadline);
void sipalg_dialog_expire_leases(struct sipalg_dialog *dialog);
void sipalg_dialog_drain(struct sipalg_dialog *dialog,
			 struct sipalg_lease *lease);
void sipalg_dialog_abort(struct sipalg_dialog *dialog);

unsigned int
sipalg_dialog_end_matching(struct sipalg_net *sn,
			   enum sipalg_call_cause cause,
			   sipalg_dialog_match *match, const void *data);

int sipalg_dialog_net_init(struct sipalg_net *sn);
void sipalg_dialog_net_exit(struct sipalg_net *sn);
int sipalg_dialog_setup(void);
void sipalg_dialog_teardown(void);

#endif /* SIPALG_TABLE_DIALOG_H */
