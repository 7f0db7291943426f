// SPDX-License-Identifier: GPL-2.0
/*
 * A dialog ends in one place only, and only one ends it: whoever sets @dead under
 * the lock. On the packet path nobody does; a message that ends a dialog moves
 * its deadline, and the timer does the rest.
 */

#include <linux/siphash.h>

#include "main.h"
#include "trace.h"

static siphash_aligned_key_t call_id_keys[2] __read_mostly;
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

static void count_begin(struct sipalg_dialog *dialog)
{
	struct sipalg_dialogs *dialogs = &dialog->sn->dialogs;

	if (dialog->kind != SIPALG_CALL_DIALOG)
		return;
	atomic_inc(&dialogs->calls);
	sipalg_stats_inc(dialog->sn, SIPALG_STAT_CALLS);
}

static void free_dialog(struct rcu_head *rcu)
{
	kmem_cache_free(cache, container_of(rcu, struct sipalg_dialog, rcu));
}

/* Context: the caller has set @dead, under the lock, and has dropped the lock. */
static void finish(struct sipalg_dialog *dialog)
{
	struct sipalg_net *sn = dialog->sn;
	unsigned int i;

	timer_delete(&dialog->timer);
	rhashtable_remove_fast(&sn->dialogs.table, &dialog->node, params);
	for (i = 0; i < dialog->n_holds; i++)
		sipalg_binding_put(sn, dialog->holds[i].binding);
	trace_sipalg_dialog(sn->net, dialog, false);
	if (dialog->kind == SIPALG_CALL_DIALOG && atomic_dec_and_test(&sn->dialogs.calls))
		sipalg_hooks_review(sn);
	call_rcu(&dialog->rcu, free_dialog);
	atomic_dec(&sn->dialogs.count);
}

static bool has_media(const struct sipalg_dialog *dialog)
{
	unsigned int i;

	for (i = 0; i < dialog->n_holds; i++)
		if (dialog->holds[i].binding->kind != SIPALG_BINDING_SIGNALLING &&
		    sipalg_binding_flows(dialog->holds[i].binding))
			return true;
	return false;
}

static void expire(struct timer_list *timer)
{
	struct sipalg_dialog *dialog = timer_container_of(dialog, timer, timer);

	spin_lock_bh(&dialog->lock);
	if (dialog->dead)
		goto out;
	if (dialog->state == SIPALG_CALL_CONFIRMED && dialog->kind == SIPALG_CALL_DIALOG &&
	    time_after_eq(jiffies, dialog->deadline) && has_media(dialog))
		dialog->deadline = jiffies + SIPALG_MEDIA_POLL_SECS * HZ;
	if (time_before(jiffies, dialog->deadline)) {
		mod_timer(&dialog->timer, dialog->deadline);
		goto out;
	}
	dialog->dead = true;
	spin_unlock_bh(&dialog->lock);
	finish(dialog);
	return;
out:
	spin_unlock_bh(&dialog->lock);
}

/* A later deadline waits for the timer to find it, so that most messages do not touch the timer. */
static void live_for(struct sipalg_dialog *dialog, unsigned int secs)
{
	lockdep_assert_held(&dialog->lock);
	dialog->deadline = jiffies + secs * HZ;
	if (!timer_pending(&dialog->timer) ||
	    time_before(dialog->deadline, dialog->timer.expires))
		mod_timer(&dialog->timer, dialog->deadline);
}

static void let_go(struct sipalg_dialog *dialog, unsigned int i)
{
	sipalg_binding_put(dialog->sn, dialog->holds[i].binding);
	dialog->holds[i] = dialog->holds[--dialog->n_holds];
}

/**
 * sipalg_dialog_key() - make the key of a Call-ID
 * @key: filled in
 * @call_id: the Call-ID's text, which is case-sensitive (RFC 3261, 20.8)
 * @len: its length in bytes
 * @zone: conntrack zone of the flow
 *
 * Context: any.
 */
void sipalg_dialog_key(struct sipalg_dialog_key *key, const u8 *call_id, u32 len, u16 zone)
{
	key->hash[0] = siphash(call_id, len, &call_id_keys[0]);
	key->hash[1] = siphash(call_id, len, &call_id_keys[1]);
	key->zone = zone;
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
 * Return: the dialog, locked, to be unlocked by sipalg_dialog_unlock(); or NULL.
 */
struct sipalg_dialog *sipalg_dialog_find(struct sipalg_net *sn,
					 const struct sipalg_dialog_key *key)
{
	struct sipalg_dialog *dialog = rhashtable_lookup(&sn->dialogs.table, key, params);

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
		dialog->label[i] = call_id[i] > ' ' && call_id[i] < 0x7f ? call_id[i] : '?';
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
 * Return: the dialog, or the one that another CPU has made meanwhile, locked, to be
 * unlocked by sipalg_dialog_unlock(); or NULL.
 */
struct sipalg_dialog *sipalg_dialog_make(struct sipalg_net *sn,
					 const struct sipalg_dialog_key *key,
					 const struct sipalg_dialog_about *about,
					 enum sip_method method, const u8 *call_id, u32 len)
{
	struct sipalg_dialog *dialog, *other;

	if (atomic_inc_return(&sn->dialogs.count) > SIPALG_DIALOGS_MAX) {
		sipalg_stats_inc(sn, SIPALG_STAT_PASSED_LIMIT_CALLS);
		goto err_count;
	}
	dialog = kmem_cache_zalloc(cache, GFP_ATOMIC);
	if (!dialog) {
		sipalg_stats_inc(sn, SIPALG_STAT_PASSED_NO_MEMORY);
		goto err_count;
	}
	dialog->key = *key;
	dialog->sn = sn;
	spin_lock_init(&dialog->lock);
	timer_setup(&dialog->timer, expire, 0);
	dialog->begun = jiffies;
	dialog->id = atomic64_inc_return(&last_id);
	dialog->about = *about;
	dialog->kind = kind_of(method);
	dialog->state = SIPALG_CALL_EARLY;
	dialog->cseq = U32_MAX;	/* no CSeq is: RFC 3261, 8.1.1.5 */
	set_label(dialog, call_id, len);

	spin_lock_bh(&dialog->lock);
	other = rhashtable_lookup_get_insert_fast(&sn->dialogs.table, &dialog->node, params);
	if (!other) {
		live_for(dialog, SIPALG_TRANSACTION_SECS);
		count_begin(dialog);
		trace_sipalg_dialog(sn->net, dialog, true);
		return dialog;
	}
	spin_unlock_bh(&dialog->lock);
	kmem_cache_free(cache, dialog);
	atomic_dec(&sn->dialogs.count);
	if (!IS_ERR(other))
		return lock_living(other);
	sipalg_stats_inc(sn, SIPALG_STAT_PASSED_NO_MEMORY);
	return NULL;

err_count:
	atomic_dec(&sn->dialogs.count);
	return NULL;
}

/* Return: room for one more, if need be by letting go what the last two exchanges do not name. */
static bool make_room(struct sipalg_dialog *dialog)
{
	unsigned int i = dialog->n_holds;

	while (i-- && dialog->n_holds == SIPALG_DIALOG_HOLDS_MAX) {
		const struct sipalg_hold *hold = &dialog->holds[i];

		if (hold->binding->kind != SIPALG_BINDING_SIGNALLING && !hold->fresh &&
		    hold->round != dialog->round && hold->round != (u8)(dialog->round - 1))
			let_go(dialog, i);
	}
	return dialog->n_holds < SIPALG_DIALOG_HOLDS_MAX;
}

/**
 * sipalg_dialog_hold() - give bindings to a dialog
 * @dialog: locked by the caller
 * @got: bindings from sipalg_binding_get(), which are the dialog's from now on
 * @n: how many
 *
 * They stay fresh, and go with sipalg_dialog_abort(), until sipalg_dialog_commit().
 *
 * Return: false, with the bindings given back, if the dialog holds too many.
 */
bool sipalg_dialog_hold(struct sipalg_dialog *dialog, struct sipalg_binding *got[],
			unsigned int n)
{
	struct sipalg_hold *hold;
	unsigned int i;

	lockdep_assert_held(&dialog->lock);
	while (n--) {
		for (i = 0; i < dialog->n_holds; i++)
			if (dialog->holds[i].binding == got[n])
				break;
		hold = &dialog->holds[i];
		if (i < dialog->n_holds) {
			sipalg_binding_put(dialog->sn, got[n]);
			hold->round = dialog->round;
			continue;
		}
		if (!make_room(dialog)) {
			sipalg_stats_inc(dialog->sn, SIPALG_STAT_LIMIT_BINDINGS);
			do
				sipalg_binding_put(dialog->sn, got[n]);
			while (n--);
			return false;
		}
		hold = &dialog->holds[dialog->n_holds++];
		hold->binding = got[n];
		hold->round = dialog->round;
		hold->fresh = true;
	}
	return true;
}

/**
 * sipalg_dialog_begin() - a message of the dialog is about to be translated
 * @dialog: locked by the caller
 * @msg: the message
 *
 * A request that may carry an offer (RFC 3264, RFC 3311) opens a new exchange;
 * its retransmission does not.
 *
 * Return: whether it does.
 */
bool sipalg_dialog_begin(struct sipalg_dialog *dialog, const struct sip_msg *msg)
{
	lockdep_assert_held(&dialog->lock);
	if (msg->status || (msg->method != SIP_INVITE && msg->method != SIP_UPDATE) ||
	    msg->cseq == dialog->cseq)
		return false;
	dialog->cseq = msg->cseq;
	dialog->round++;
	return true;
}

/*
 * The exchange has succeeded: what an inside host named in earlier ones and no
 * longer names in this one is of no use any more. A host that named nothing, as
 * in a session on hold by c=0.0.0.0, keeps what it has.
 */
static void settle(struct sipalg_dialog *dialog)
{
	unsigned int i = dialog->n_holds, j;

	while (i--) {
		const struct sipalg_binding *old = dialog->holds[i].binding;

		if (old->kind == SIPALG_BINDING_SIGNALLING ||
		    dialog->holds[i].round == dialog->round)
			continue;
		for (j = 0; j < dialog->n_holds; j++) {
			const struct sipalg_binding *binding = dialog->holds[j].binding;

			if (binding->kind != SIPALG_BINDING_SIGNALLING &&
			    dialog->holds[j].round == dialog->round &&
			    nf_inet_addr_cmp(&binding->inside.addr, &old->inside.addr)) {
				let_go(dialog, i);
				break;
			}
		}
	}
}

static void commit_request(struct sipalg_dialog *dialog, const struct sip_msg *msg)
{
	switch (msg->method) {
	case SIP_INVITE:
		if (dialog->state == SIPALG_CALL_CONFIRMED) {
			live_for(dialog, SIPALG_CONFIRMED_SECS);
			break;
		}
		dialog->state = SIPALG_CALL_EARLY;
		live_for(dialog, SIPALG_EARLY_SECS);
		break;
	case SIP_BYE:
		dialog->state = SIPALG_CALL_ENDING;
		live_for(dialog, SIPALG_TRANSACTION_SECS);
		break;
	case SIP_CANCEL:
		if (dialog->state == SIPALG_CALL_EARLY)
			live_for(dialog, SIPALG_TRANSACTION_SECS);
		break;
	default:
		if (dialog->state == SIPALG_CALL_CONFIRMED)
			live_for(dialog, SIPALG_CONFIRMED_SECS);
	}
}

static void commit_invite_response(struct sipalg_dialog *dialog, u16 status)
{
	if (status < 200) {
		if (dialog->state == SIPALG_CALL_EARLY)
			live_for(dialog, SIPALG_EARLY_SECS);
	} else if (status < 300) {
		if (dialog->state == SIPALG_CALL_ENDING)
			return;
		dialog->state = SIPALG_CALL_CONFIRMED;
		live_for(dialog, SIPALG_CONFIRMED_SECS);
		settle(dialog);
	} else if (dialog->state == SIPALG_CALL_EARLY) {
		dialog->state = SIPALG_CALL_ENDING;
		live_for(dialog, SIPALG_ENDING_SECS);
	}
}

static void commit_bye_response(struct sipalg_dialog *dialog, u16 status)
{
	if (dialog->state != SIPALG_CALL_ENDING || status < 200)
		return;
	if (status == 401 || status == 407) {
		dialog->state = SIPALG_CALL_CONFIRMED;
		live_for(dialog, SIPALG_CONFIRMED_SECS);
	} else {
		live_for(dialog, SIPALG_ENDING_SECS);
	}
}

/**
 * sipalg_dialog_commit() - a message of the dialog goes out as planned
 * @dialog: locked by the caller
 * @msg: the message
 *
 * What it held freshly is kept, and the state follows RFC 3261, 12 to 15.
 */
void sipalg_dialog_commit(struct sipalg_dialog *dialog, const struct sip_msg *msg)
{
	unsigned int i;

	lockdep_assert_held(&dialog->lock);
	for (i = 0; i < dialog->n_holds; i++)
		dialog->holds[i].fresh = false;
	if (dialog->kind != SIPALG_CALL_DIALOG)
		return;
	if (!msg->status)
		commit_request(dialog, msg);
	else if (msg->method == SIP_INVITE)
		commit_invite_response(dialog, msg->status);
	else if (msg->method == SIP_BYE)
		commit_bye_response(dialog, msg->status);
	else if (msg->method == SIP_UPDATE && msg->status >= 200 && msg->status < 300)
		settle(dialog);
}

/**
 * sipalg_dialog_register() - the registrar has answered with 2xx
 * @dialog: a registration, locked by the caller
 * @expires: seconds granted; 0 ends the registration
 *
 * Context: as for the packet path.
 */
void sipalg_dialog_register(struct sipalg_dialog *dialog, u32 expires)
{
	lockdep_assert_held(&dialog->lock);
	if (!expires) {
		dialog->state = SIPALG_CALL_ENDING;
		live_for(dialog, SIPALG_ENDING_SECS);
		return;
	}
	if (dialog->state != SIPALG_CALL_CONFIRMED)
		sipalg_stats_inc(dialog->sn, SIPALG_STAT_REGISTRATIONS);
	dialog->state = SIPALG_CALL_CONFIRMED;
	live_for(dialog, min_t(u32, expires, SIPALG_EXPIRES_MAX_SECS));
}

/**
 * sipalg_dialog_abort() - a message of the dialog goes out unchanged
 * @dialog: locked by the caller
 *
 * What it held freshly is given back; a dialog that holds nothing now, and never
 * got anywhere, ends.
 */
void sipalg_dialog_abort(struct sipalg_dialog *dialog)
{
	unsigned int i = dialog->n_holds;

	lockdep_assert_held(&dialog->lock);
	while (i--)
		if (dialog->holds[i].fresh)
			let_go(dialog, i);
	if (!dialog->n_holds && dialog->state == SIPALG_CALL_EARLY)
		live_for(dialog, 0);
}

/**
 * sipalg_dialog_unlock() - done with a dialog
 * @dialog: as found or made; not to be used any more
 */
void sipalg_dialog_unlock(struct sipalg_dialog *dialog)
{
	spin_unlock_bh(&dialog->lock);
}

/**
 * sipalg_dialogs_end() - end dialogs at once
 * @sn: the namespace
 * @match: which ones; NULL for all
 *
 * Context: process.
 */
void sipalg_dialogs_end(struct sipalg_net *sn,
			bool (*match)(const struct sipalg_dialog *dialog))
{
	struct sipalg_dialog *dialog;
	struct rhashtable_iter iter;
	bool mine;

	rhashtable_walk_enter(&sn->dialogs.table, &iter);
	rhashtable_walk_start(&iter);
	while ((dialog = rhashtable_walk_next(&iter))) {
		if (IS_ERR(dialog))
			continue;
		spin_lock_bh(&dialog->lock);
		mine = !dialog->dead && (!match || match(dialog));
		if (mine)
			dialog->dead = true;
		spin_unlock_bh(&dialog->lock);
		if (mine)
			finish(dialog);
		/* The walk finds its place again, or another: what is dead is not ended twice. */
		if (need_resched()) {
			rhashtable_walk_stop(&iter);
			cond_resched();
			rhashtable_walk_start(&iter);
		}
	}
	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);
}

int sipalg_dialogs_init(struct sipalg_net *sn)
{
	return rhashtable_init(&sn->dialogs.table, &params);
}

/* No packet reaches the namespace's hooks any more; a timer may still be at work. */
void sipalg_dialogs_exit(struct sipalg_net *sn)
{
	while (atomic_read(&sn->dialogs.count)) {
		sipalg_dialogs_end(sn, NULL);
		schedule_timeout_uninterruptible(1);
	}
	rhashtable_destroy(&sn->dialogs.table);
}

int __init sipalg_dialog_init(void)
{
	get_random_bytes(call_id_keys, sizeof(call_id_keys));
	cache = KMEM_CACHE(sipalg_dialog, 0);
	return cache ? 0 : -ENOMEM;
}

/* Context: process; waits for the dialogs that RCU still has to free. */
void sipalg_dialog_exit(void)
{
	rcu_barrier();
	kmem_cache_destroy(cache);
}
