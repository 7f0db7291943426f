// SPDX-License-Identifier: GPL-2.0
/*
 * A dialog ends in one place only, and only one ends it: whoever sets @dead
 * under the lock. On the packet path nobody does; a message that ends a dialog
 * moves its deadline, and the timer does the rest.
 */

#include <linux/siphash.h>

#include "main.h"
#include "control/trace.h"

/* bits of @asked that leave room for one more: for four in all */
#define MARKS_MAX 12
/* each finds what the one before it left out: a few of thousands */
#define WALKS_MAX 16

static siphash_aligned_key_t call_id_keys[2] __read_mostly;
static hsiphash_key_t tag_key __read_mostly;
static struct kmem_cache *cache __read_mostly;
static atomic64_t last_id;

static u32 hash_key(const void *data, u32 len, u32 seed)
{
	const struct sipalg_dialog_key *key = data;

	return (u32)key->hash[0] ^ (u32)key->zone ^ seed;
}

static const struct rhashtable_params params = {
	.head_offset = offsetof(struct sipalg_dialog, node),
	.key_offset = offsetof(struct sipalg_dialog, key),
	.key_len = sizeof(struct sipalg_dialog_key),
	.hashfn = hash_key,
	.automatic_shrinking = true,
};

static enum sipalg_share share_of(u8 kind)
{
	return kind == SIPALG_CALL_REGISTRATION ? SIPALG_SHARE_REGISTRATIONS :
						  SIPALG_SHARE_CALLS;
}

static struct sipalg_host_key host_of(const struct sipalg_dialog_key *key,
				      const struct sipalg_dialog_about *about)
{
	return (struct sipalg_host_key) {
		.addr = about->inside,
		.zone = key->zone,
		.family = about->family,
	};
}

/*
 * Is there room for one more? To be called when it is in the count of all
 * dialogs.
 */
static bool is_full(struct sipalg_net *sn, u8 kind)
{
	u32 registrations = atomic_read(&sn->dialogs.registrations);
	u32 count = atomic_read(&sn->dialogs.count);

	if (kind == SIPALG_CALL_REGISTRATION) {
		if (registrations >= sipalg_setting(sn, LIMIT_REGISTRATIONS)) {
			sipalg_stats_refuse(
				sn, SIPALG_STAT_PASSED_LIMIT_REGISTRATIONS);
			return true;
		}
	} else if (count - registrations > sipalg_setting(sn, LIMIT_CALLS)) {
		sipalg_stats_refuse(sn, SIPALG_STAT_PASSED_LIMIT_CALLS);
		return true;
	}
	return sipalg_net_is_full(sn);
}

static void count_call(struct sipalg_net *sn)
{
	atomic_inc(&sn->dialogs.calls);
	sipalg_stats_inc(sn, SIPALG_STAT_CALLS);
}

static void count_begin(struct sipalg_dialog *dialog)
{
	if (dialog->kind == SIPALG_CALL_REGISTRATION)
		atomic_inc(&dialog->sn->dialogs.registrations);
	else if (dialog->kind == SIPALG_CALL_DIALOG)
		count_call(dialog->sn);
}

static void free_dialog(struct rcu_head *rcu)
{
	kmem_cache_free(cache, container_of(rcu, struct sipalg_dialog, rcu));
}

/* The dialog's peer may no longer send because of it. */
static void dismiss(struct sipalg_dialog *dialog, struct sipalg_hold *hold)
{
	if (hold->admitted)
		sipalg_binding_dismiss(hold->binding, &dialog->about.peer);
	hold->admitted = false;
}

static void put_hold(struct sipalg_dialog *dialog, struct sipalg_hold *hold)
{
	dismiss(dialog, hold);
	sipalg_binding_put(dialog->sn, hold->binding);
}

/*
 * Context: the caller has set @dead, under the lock, and has dropped the lock.
 */
static void finish(struct sipalg_dialog *dialog)
{
	const struct sipalg_host_key host =
		host_of(&dialog->key, &dialog->about);
	struct sipalg_net *sn = dialog->sn;
	unsigned int i;

	timer_delete(&dialog->timer);
	rhashtable_remove_fast(&sn->dialogs.table, &dialog->node, params);
	for (i = 0; i < dialog->n_holds; i++)
		put_hold(dialog, &dialog->holds[i]);
	trace_sipalg_dialog(sn->net, dialog, false);
	dialog->n_holds = 0;
	sipalg_event_call(dialog, SIPALG_CMD_CALL_GONE);
	if (dialog->kind == SIPALG_CALL_DIALOG &&
	    atomic_dec_and_test(&sn->dialogs.calls))
		sipalg_hooks_review(sn);
	if (dialog->kind == SIPALG_CALL_REGISTRATION)
		atomic_dec(&sn->dialogs.registrations);
	sipalg_host_discharge(sn, &host, share_of(dialog->kind));
	call_rcu(&dialog->rcu, free_dialog);
	atomic_dec(&sn->dialogs.count);
}

static bool has_media(const struct sipalg_dialog *dialog)
{
	unsigned int i;

	for (i = 0; i < dialog->n_holds; i++)
		if (sipalg_hold_is_media(&dialog->holds[i]) &&
		    sipalg_binding_is_used(dialog->holds[i].binding))
			return true;
	return false;
}

/**
 * sipalg_dialog_let_go() - let go of a binding
 * @dialog: locked by the caller
 * @i: index of the hold; the last one comes to its place
 *
 * Context: any but hard interrupt.
 */
void sipalg_dialog_let_go(struct sipalg_dialog *dialog, unsigned int i)
{
	put_hold(dialog, &dialog->holds[i]);
	dialog->holds[i] = dialog->holds[--dialog->n_holds];
}

/* Is there an end to its being held, before that of the dialog? */
static bool is_limited(const struct sipalg_dialog *dialog,
		       const struct sipalg_hold *hold)
{
	return hold->leaving || (dialog->kind == SIPALG_CALL_REGISTRATION &&
				 dialog->state == SIPALG_CALL_CONFIRMED);
}

/*
 * A registration lets go of each contact when its grant ends, a call of what
 * its media has left.
 *
 * Return: when the next one does, or the dialog ends.
 */
static unsigned long end_holds(struct sipalg_dialog *dialog)
{
	unsigned long now = jiffies, next = dialog->deadline;
	unsigned int i = dialog->n_holds;

	while (i--) {
		s32 left = dialog->holds[i].until - (u32)now;

		if (!is_limited(dialog, &dialog->holds[i]))
			continue;
		if (left <= 0)
			sipalg_dialog_let_go(dialog, i);
		else if (time_before(now + left, next))
			next = now + left;
	}
	return next;
}

/*
 * While the inside uses it, silence is no sign of an end: unless a session
 * timer says so.
 */
static bool may_go_on(const struct sipalg_dialog *dialog)
{
	return dialog->kind == SIPALG_CALL_DIALOG && !dialog->session &&
	       dialog->state != SIPALG_CALL_ENDING && has_media(dialog);
}

static void expire(struct timer_list *timer)
{
	struct sipalg_dialog *dialog = timer_container_of(dialog, timer, timer);

	spin_lock_bh(&dialog->lock);
	if (dialog->dead)
		goto out;
	if (time_after_eq(jiffies, dialog->deadline) && may_go_on(dialog))
		dialog->deadline = jiffies + SIPALG_MEDIA_POLL_SECS * HZ;
	if (time_before(jiffies, dialog->deadline)) {
		mod_timer(&dialog->timer, end_holds(dialog));
		goto out;
	}
	dialog->dead = true;
	spin_unlock_bh(&dialog->lock);
	finish(dialog);
	return;
out:
	spin_unlock_bh(&dialog->lock);
}

/**
 * sipalg_dialog_live_for() - set when a dialog ends by itself
 * @dialog: locked by the caller
 * @secs: seconds from now
 *
 * A later deadline waits for the timer to find it, so that most messages do not
 * touch the timer.
 *
 * Context: any but hard interrupt.
 */
void sipalg_dialog_live_for(struct sipalg_dialog *dialog, unsigned int secs)
{
	lockdep_assert_held(&dialog->lock);
	dialog->deadline = jiffies + secs * HZ;
	if (!timer_pending(&dialog->timer) ||
	    time_before(dialog->deadline, dialog->timer.expires))
		mod_timer(&dialog->timer, dialog->deadline);
}

/**
 * sipalg_dialog_linger() - let go of a binding that media has left, though not
 * at once
 * @dialog: locked by the caller
 * @hold: one of its holds
 *
 * Media that is on its way must still arrive, and so must what comes until the
 * far end knows: RFC 3264, 8.3.1.
 *
 * Context: any but hard interrupt.
 */
void sipalg_dialog_linger(struct sipalg_dialog *dialog,
			  struct sipalg_hold *hold)
{
	unsigned long until =
		jiffies + sipalg_dialog_timeout(dialog, ENDING) * HZ;

	lockdep_assert_held(&dialog->lock);
	hold->leaving = true;
	hold->until = (u32)until;
	if (time_before(until, dialog->timer.expires))
		mod_timer(&dialog->timer, until);
}

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
 * sipalg_dialog_key() - make the key of a Call-ID
 * @key: filled in
 * @call_id: the Call-ID's text, which is case-sensitive (RFC 3261, 20.8)
 * @len: its length in bytes
 * @zone: conntrack zone of the flow
 * @method: of the message
 *
 * Context: any.
 */
void sipalg_dialog_key(struct sipalg_dialog_key *key, const u8 *call_id,
		       u32 len, u16 zone, enum sip_method method)
{
	key->hash[0] = siphash(call_id, len, &call_id_keys[0]);
	key->hash[1] = siphash(call_id, len, &call_id_keys[1]);
	key->zone = zone;
	key->use = use_of(method);
}

/**
 * sipalg_dialog_tags() - find what tells the legs and the requests of a dialog
 * apart
 * @step: its tags are filled in; its message is there
 * @text: the message's text
 *
 * Context: any.
 */
void sipalg_dialog_tags(struct sipalg_step *step, const u8 *text)
{
	const struct sip_msg *msg = step->msg;

	step->from =
		hsiphash(text + msg->from_tag.off, msg->from_tag.len, &tag_key);
	step->to = hsiphash(text + msg->to_tag.off, msg->to_tag.len, &tag_key);
}

/* Return: the dialog, locked; NULL if it is about to go. */
static struct sipalg_dialog *lock_living(struct sipalg_dialog *dialog)
{
	spin_lock_bh(&dialog->lock);
	if (!dialog->dead)
		return dialog;
	spin_unlock_bh(&dialog->lock);
	return NULL;
}

/**
 * sipalg_dialog_find() - find a dialog
 * @sn: the namespace
 * @key: its key
 *
 * Context: softirq or process, RCU read side.
 * Return: the dialog, locked, to be unlocked by sipalg_dialog_unlock(); or
 * NULL.
 */
struct sipalg_dialog *sipalg_dialog_find(struct sipalg_net *sn,
					 const struct sipalg_dialog_key *key)
{
	struct sipalg_dialog *dialog =
		rhashtable_lookup(&sn->dialogs.table, key, params);

	return dialog ? lock_living(dialog) : NULL;
}

static u8 kind_of(enum sip_method method)
{
	switch (method) {
	case SIP_REGISTER:
		return SIPALG_CALL_REGISTRATION;
	case SIP_INVITE:
	case SIP_ACK:
	case SIP_PRACK:
	case SIP_UPDATE:
		return SIPALG_CALL_DIALOG;
	default:
		return SIPALG_CALL_TRANSACTION;
	}
}

static void set_label(struct sipalg_dialog *dialog, const u8 *call_id, u32 len)
{
	u32 i;

	for (i = 0; i < len && i < SIPALG_LABEL_LEN - 1; i++)
		dialog->label[i] = call_id[i] > ' ' && call_id[i] < 0x7f ?
					   call_id[i] :
					   '?';
}

/*
 * Who has just ended a dialog is about to take it out of the table: what begins
 * anew need not wait for that.
 */
static bool take_living(struct sipalg_dialog *dialog)
{
	if (lock_living(dialog))
		return true;
	rhashtable_remove_fast(&dialog->sn->dialogs.table, &dialog->node,
			       params);
	return false;
}

/**
 * sipalg_dialog_make() - make a dialog that was not found
 * @sn: the namespace
 * @key: its key
 * @about: the packet that wants it
 * @method: method of the message
 * @call_id: the Call-ID's text
 * @len: its length in bytes
 *
 * Context: softirq or process, RCU read side.
 * Return: the dialog, or the one that another CPU has made meanwhile, locked,
 * to be unlocked by sipalg_dialog_unlock(); or NULL.
 */
struct sipalg_dialog *
sipalg_dialog_make(struct sipalg_net *sn, const struct sipalg_dialog_key *key,
		   const struct sipalg_dialog_about *about,
		   enum sip_method method, const u8 *call_id, u32 len)
{
	const struct sipalg_host_key host = host_of(key, about);
	struct sipalg_dialog *dialog, *other;
	u8 kind = kind_of(method);

	atomic_inc(&sn->dialogs.count);
	if (is_full(sn, kind) || !sipalg_host_charge(sn, &host, share_of(kind)))
		goto err_count;
	dialog = kmem_cache_zalloc(cache, GFP_ATOMIC);
	if (!dialog) {
		sipalg_stats_refuse(sn, SIPALG_STAT_PASSED_NO_MEMORY);
		goto err_host;
	}
	dialog->key = *key;
	dialog->sn = sn;
	spin_lock_init(&dialog->lock);
	timer_setup(&dialog->timer, expire, 0);
	dialog->begun = jiffies;
	dialog->id = atomic64_inc_return(&last_id);
	dialog->about = *about;
	dialog->kind = kind;
	dialog->state = SIPALG_CALL_EARLY;
	set_label(dialog, call_id, len);

	do {
		spin_lock_bh(&dialog->lock);
		other = rhashtable_lookup_get_insert_fast(
			&sn->dialogs.table, &dialog->node, params);
		if (!other) {
			sipalg_dialog_live_for(
				dialog,
				sipalg_dialog_timeout(dialog, TRANSACTION));
			count_begin(dialog);
			trace_sipalg_dialog(sn->net, dialog, true);
			sipalg_event_call(dialog, SIPALG_CMD_CALL_NEW);
			return dialog;
		}
		spin_unlock_bh(&dialog->lock);
	} while (!IS_ERR(other) && !take_living(other));
	kmem_cache_free(cache, dialog);
	sipalg_host_discharge(sn, &host, share_of(kind));
	atomic_dec(&sn->dialogs.count);
	if (!IS_ERR(other))
		return other;
	sipalg_stats_refuse(sn, SIPALG_STAT_PASSED_NO_MEMORY);
	return NULL;

err_host:
	sipalg_host_discharge(sn, &host, share_of(kind));
err_count:
	atomic_dec(&sn->dialogs.count);
	return NULL;
}

/**
 * sipalg_dialog_become_call() - what another method began, as OPTIONS, has a
 * session now
 * @dialog: locked by the caller
 *
 * Context: as for the packet path.
 */
void sipalg_dialog_become_call(struct sipalg_dialog *dialog)
{
	lockdep_assert_held(&dialog->lock);
	if (dialog->kind == SIPALG_CALL_DIALOG)
		return;
	dialog->kind = SIPALG_CALL_DIALOG;
	dialog->state = SIPALG_CALL_EARLY;
	dialog->told = __SIPALG_CALL_STATE_MAX;
	dialog->begun = jiffies;
	dialog->asked = 0;
	count_call(dialog->sn);
}

/*
 * May the dialog do without a binding, for @wanted? Of media: what the last two
 * exchanges do not name, or the media has left. For media also the signalling
 * of other phones that its INVITE reached.
 */
static bool is_dispensable(const struct sipalg_dialog *dialog,
			   const struct sipalg_hold *hold,
			   const struct sipalg_binding *wanted)
{
	if (hold->fresh)
		return false;
	if (sipalg_hold_is_media(hold))
		return hold->round != dialog->round &&
		       (hold->leaving ||
			hold->round != (u8)(dialog->round - 1));
	return dialog->kind == SIPALG_CALL_DIALOG &&
	       wanted->kind != SIPALG_BINDING_SIGNALLING &&
	       !nf_inet_addr_cmp(&hold->binding->inside.addr,
				 &wanted->inside.addr);
}

/* Return: room for one more, if need be by letting go of others. */
static bool make_room(struct sipalg_dialog *dialog,
		      const struct sipalg_binding *wanted)
{
	unsigned int max = sipalg_setting(dialog->sn, LIMIT_CALL_BINDINGS);
	unsigned int i = dialog->n_holds;

	/* the greatest value of the setting */
	BUILD_BUG_ON(SIPALG_DIALOG_HOLDS_MAX != 16);
	while (i-- && dialog->n_holds >= max)
		if (is_dispensable(dialog, &dialog->holds[i], wanted))
			sipalg_dialog_let_go(dialog, i);
	return dialog->n_holds < max;
}

/* How long a binding is held on account of a message that may be answered. */
static u32 until_answered(const struct sipalg_dialog *dialog)
{
	return (u32)jiffies + sipalg_dialog_timeout(dialog, TRANSACTION) * HZ;
}

/*
 * One that its media had left, and comes back to, is as good as new. A
 * registration's stays until the refresh that names it is answered.
 */
static void name_again(struct sipalg_dialog *dialog, struct sipalg_hold *hold,
		       u8 media)
{
	if (hold->leaving) {
		hold->leaving = false;
		hold->fresh = true;
		hold->since = dialog->round;
	}
	if ((s32)(until_answered(dialog) - hold->until) > 0)
		hold->until = until_answered(dialog);
	if (hold->round != dialog->round) {
		hold->round = dialog->round;
		hold->media = media;
		hold->taken = false;
		hold->refused = false;
	} else if (hold->media != media) {
		hold->media = 0;
	}
}

/**
 * sipalg_dialog_hold() - give bindings to a dialog
 * @dialog: locked by the caller
 * @got: bindings from sipalg_binding_get(), which are the dialog's from now on
 * @n: how many
 * @media: place among the media of the session, from 1; 0 for none
 *
 * They stay fresh, and go with sipalg_dialog_abort(), until
 * sipalg_call_commit().
 *
 * Return: false, with the bindings given back, if the dialog holds too many.
 */
bool sipalg_dialog_hold(struct sipalg_dialog *dialog,
			struct sipalg_binding *got[], unsigned int n, u8 media)
{
	unsigned int i;

	lockdep_assert_held(&dialog->lock);
	while (n--) {
		for (i = 0; i < dialog->n_holds; i++)
			if (dialog->holds[i].binding == got[n])
				break;
		if (i < dialog->n_holds) {
			sipalg_binding_put(dialog->sn, got[n]);
			name_again(dialog, &dialog->holds[i], media);
			continue;
		}
		if (!make_room(dialog, got[n])) {
			sipalg_stats_refuse(dialog->sn,
					    SIPALG_STAT_LIMIT_CALL_BINDINGS);
			do
				sipalg_binding_put(dialog->sn, got[n]);
			while (n--);
			return false;
		}
		dialog->holds[dialog->n_holds++] = (struct sipalg_hold) {
			.binding = got[n],
			.until = until_answered(dialog),
			.round = dialog->round,
			.since = dialog->round,
			.media = media,
			.fresh = true,
		};
	}
	return true;
}

/**
 * sipalg_dialog_admit() - a message lets a peer send to a signalling binding
 * @dialog: locked by the caller
 * @binding: one that it holds
 * @peer: its address
 *
 * A call's peer may do so until the call is over, or goes on with another one:
 * a registration may keep the binding long after that, for its registrar.
 *
 * Context: any but hard interrupt.
 */
void sipalg_dialog_admit(struct sipalg_dialog *dialog,
			 struct sipalg_binding *binding,
			 const union nf_inet_addr *peer)
{
	struct sipalg_hold *hold = dialog->holds;
	unsigned int i;

	lockdep_assert_held(&dialog->lock);
	if (dialog->kind == SIPALG_CALL_REGISTRATION) {
		sipalg_binding_allow(binding, peer);
		return;
	}
	if (!nf_inet_addr_cmp(peer, &dialog->about.peer)) {
		for (i = 0; i < dialog->n_holds; i++)
			dismiss(dialog, &dialog->holds[i]);
		dialog->about.peer = *peer;
	}
	while (hold->binding != binding)
		hold++;
	if (!hold->admitted)
		hold->admitted = sipalg_binding_admit(binding, peer);
}

/* A few bits: those of all who are asked are kept together. */
static u32 mark_of(u32 hash)
{
	return BIT(hash & 31) | BIT(hash >> 8 & 31) | BIT(hash >> 16 & 31) |
	       BIT(hash >> 24 & 31);
}

/**
 * sipalg_dialog_ask() - somebody is asked to grant something, or to take a call
 * @dialog: locked by the caller
 * @peer: who is asked; nobody else may answer it
 *
 * An INVITE may fork on its way here, and each of those it reaches may take the
 * call; but not so many that it might be anybody.
 */
void sipalg_dialog_ask(struct sipalg_dialog *dialog,
		       const union nf_inet_addr *peer)
{
	u32 hash = hsiphash(peer, sizeof(*peer), &tag_key);

	lockdep_assert_held(&dialog->lock);
	if (dialog->kind != SIPALG_CALL_DIALOG)
		dialog->asked = hash;
	else if (hweight32(dialog->asked) <= MARKS_MAX)
		dialog->asked |= mark_of(hash);
}

/**
 * sipalg_dialog_is_asked() - was this the one who was asked last, or of a call
 * one of them?
 * @dialog: locked by the caller
 * @peer: who answers
 *
 * Who was asked is always known; a call takes one in 4096 others for the only
 * one that it has asked.
 */
bool sipalg_dialog_is_asked(const struct sipalg_dialog *dialog,
			    const union nf_inet_addr *peer)
{
	u32 hash = hsiphash(peer, sizeof(*peer), &tag_key);

	lockdep_assert_held(&dialog->lock);
	if (dialog->kind == SIPALG_CALL_DIALOG)
		return !(mark_of(hash) & ~dialog->asked);
	return dialog->asked == hash;
}

/**
 * sipalg_dialog_await() - a request has been sent that may prolong a dialog
 * @dialog: a registration or subscription, locked by the caller
 *
 * It is there when the answer comes, even if what had been granted is over by
 * then.
 *
 * Context: as for the packet path.
 */
void sipalg_dialog_await(struct sipalg_dialog *dialog)
{
	unsigned int secs = sipalg_dialog_timeout(dialog, TRANSACTION);

	lockdep_assert_held(&dialog->lock);
	if (time_before(dialog->deadline, jiffies + secs * HZ))
		sipalg_dialog_live_for(dialog, secs);
}

/**
 * sipalg_dialog_register() - the registrar has answered with 2xx
 * @dialog: a registration, locked by the caller
 * @secs: seconds that the answer grants at most, 0 for nothing: then the
 *	registration ends
 * @granted: tells the seconds that the answer grants to a binding
 * @data: handed to @granted
 *
 * What is granted nothing is let go of. A registration need not hold anything:
 * where another inside host has a binding of the flow's outside end, it is the
 * flow alone that leads to the phone.
 *
 * Context: as for the packet path.
 */
void sipalg_dialog_register(struct sipalg_dialog *dialog, u32 secs,
			    u32 (*granted)(struct sipalg_binding *binding,
					   void *data),
			    void *data)
{
	unsigned int i = dialog->n_holds;

	lockdep_assert_held(&dialog->lock);
	while (i--) {
		struct sipalg_hold *hold = &dialog->holds[i];
		u32 own = min_t(u32, granted(hold->binding, data),
				SIPALG_EXPIRES_MAX_SECS);

		hold->until = (u32)jiffies + own * HZ;
		if (!own)
			sipalg_dialog_let_go(dialog, i);
	}
	if (!secs) {
		dialog->state = SIPALG_CALL_ENDING;
		sipalg_dialog_live_for(dialog, 0);
		return;
	}
	if (dialog->state != SIPALG_CALL_CONFIRMED)
		sipalg_stats_inc(dialog->sn, SIPALG_STAT_REGISTRATIONS);
	dialog->state = SIPALG_CALL_CONFIRMED;
	sipalg_dialog_live_for(dialog,
			       min_t(u32, secs, SIPALG_EXPIRES_MAX_SECS));
	mod_timer(&dialog->timer, end_holds(dialog));
}

/**
 * sipalg_dialog_subscribe() - a SUBSCRIBE has been answered with 2xx
 * @dialog: locked by the caller
 * @expires: seconds granted (RFC 6665, 4.1.2.1)
 *
 * Context: as for the packet path.
 */
void sipalg_dialog_subscribe(struct sipalg_dialog *dialog, u32 expires)
{
	lockdep_assert_held(&dialog->lock);
	if (dialog->kind != SIPALG_CALL_TRANSACTION)
		return;
	dialog->state = expires ? SIPALG_CALL_CONFIRMED : SIPALG_CALL_ENDING;
	/* A last NOTIFY is still to come. */
	sipalg_dialog_live_for(
		dialog, clamp_t(u32, expires,
				sipalg_dialog_timeout(dialog, TRANSACTION),
				SIPALG_EXPIRES_MAX_SECS));
}

/**
 * sipalg_dialog_abort() - a message of the dialog goes out unchanged
 * @dialog: locked by the caller
 *
 * What it held freshly is given back; a dialog that holds nothing now, and
 * never got anywhere, ends.
 */
void sipalg_dialog_abort(struct sipalg_dialog *dialog)
{
	unsigned int i = dialog->n_holds;

	lockdep_assert_held(&dialog->lock);
	while (i--)
		if (dialog->holds[i].fresh)
			sipalg_dialog_let_go(dialog, i);
	if (!dialog->n_holds && dialog->state == SIPALG_CALL_EARLY)
		sipalg_dialog_live_for(dialog, 0);
}

/**
 * sipalg_dialog_unlock() - done with a dialog
 * @dialog: as found or made; not to be used any more
 */
void sipalg_dialog_unlock(struct sipalg_dialog *dialog)
{
	if (dialog->told != dialog->state) {
		dialog->told = dialog->state;
		sipalg_event_call(dialog, SIPALG_CMD_CALL_CHANGED);
	}
	spin_unlock_bh(&dialog->lock);
}

/*
 * Lets others have the processor in the middle of a long walk.
 * Return: whether the walk has lost its place, as @last is there no more: then
 * it leaves out what follows in the same bucket.
 */
static bool let_others(struct rhashtable_iter *iter,
		       const struct sipalg_dialog *last)
{
	if (!need_resched())
		return false;
	rhashtable_walk_stop(iter);
	cond_resched();
	rhashtable_walk_start(iter);
	return rhashtable_walk_peek(iter) != last;
}

/* Return: whether some may have been left out. */
static bool end_those(struct sipalg_net *sn,
		      bool (*match)(struct sipalg_dialog *dialog,
				    const void *data),
		      const void *data, unsigned int *n)
{
	struct sipalg_dialog *dialog;
	struct rhashtable_iter iter;
	bool mine, lost = false;

	rhashtable_walk_enter(&sn->dialogs.table, &iter);
	rhashtable_walk_start(&iter);
	while ((dialog = rhashtable_walk_next(&iter))) {
		if (IS_ERR(dialog))
			continue;
		spin_lock_bh(&dialog->lock);
		mine = !dialog->dead && (!match || match(dialog, data));
		if (mine)
			dialog->dead = true;
		spin_unlock_bh(&dialog->lock);
		if (mine)
			finish(dialog);
		*n += mine;
		lost |= let_others(&iter, dialog);
	}
	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);
	return lost;
}

/**
 * sipalg_dialogs_end() - end dialogs at once
 * @sn: the namespace
 * @match: which ones, called with the dialog's lock, maybe more than once; NULL
 *	for all
 * @data: for @match
 *
 * Context: process.
 * Return: how many.
 */
unsigned int sipalg_dialogs_end(struct sipalg_net *sn,
				bool (*match)(struct sipalg_dialog *dialog,
					      const void *data),
				const void *data)
{
	unsigned int n = 0, walks = WALKS_MAX;

	while (end_those(sn, match, data, &n) && --walks)
		;
	return n;
}

/* Return: whether the dialog has lost all it had. */
static bool leave(struct sipalg_dialog *dialog, const void *data)
{
	const struct sipalg_end *end = data;
	unsigned int i = dialog->n_holds, n = i;

	while (i--) {
		const struct sipalg_binding *binding = dialog->holds[i].binding;

		if (binding->outside.family != end->family ||
		    !nf_inet_addr_cmp(&binding->outside.addr, &end->addr) ||
		    nf_inet_addr_cmp(&binding->inside.addr, &end->addr))
			continue;
		sipalg_stats_inc(dialog->sn, SIPALG_STAT_ADDRESS_GONE);
		sipalg_binding_forsake(dialog->holds[i].binding);
		sipalg_dialog_let_go(dialog, i);
	}
	return n && !dialog->n_holds;
}

/**
 * sipalg_dialogs_leave() - no inside host is reached at an outside address any
 * more
 * @sn: the namespace
 * @outside: the address
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 *
 * Dialogs let go what they have there, and end if that was all: a registration
 * may have been renewed from another address already.
 *
 * Context: process.
 */
void sipalg_dialogs_leave(struct sipalg_net *sn,
			  const union nf_inet_addr *outside, u8 family)
{
	const struct sipalg_end end = { .addr = *outside, .family = family };

	sipalg_dialogs_end(sn, leave, &end);
}

int sipalg_dialogs_init(struct sipalg_net *sn)
{
	return rhashtable_init(&sn->dialogs.table, &params);
}

/*
 * No packet reaches the namespace's hooks any more; a timer may still be at
 * work.
 */
void sipalg_dialogs_exit(struct sipalg_net *sn)
{
	while (atomic_read(&sn->dialogs.count)) {
		sipalg_dialogs_end(sn, NULL, NULL);
		schedule_timeout_uninterruptible(1);
	}
	rhashtable_destroy(&sn->dialogs.table);
}

int __init sipalg_dialog_init(void)
{
	get_random_bytes(call_id_keys, sizeof(call_id_keys));
	get_random_bytes(&tag_key, sizeof(tag_key));
	cache = KMEM_CACHE(sipalg_dialog, 0);
	return cache ? 0 : -ENOMEM;
}

/* Context: process; waits for the dialogs that RCU still has to free. */
void sipalg_dialog_exit(void)
{
	rcu_barrier();
	kmem_cache_destroy(cache);
}
