// SPDX-License-Identifier: GPL-2.0
/*
 * A dialog is ended by whoever sets @dead under its lock, and by nobody else.
 * The packet path never does: a message that ends a dialog moves its deadline,
 * and the timer ends it.
 */

#include <linux/jhash.h>
#include <linux/slab.h>

#include "compat.h"
#include "state/notify.h"
#include "state/quota.h"
#include "state/stats.h"
#include "table/dialog.h"

/* Each walk finds what the one before it left out: a few of thousands. */
#define WALKS_MAX 16

static struct kmem_cache *cache __read_mostly;

static u32 hash_key(const void *data, u32 len, u32 seed)
{
	const struct sipalg_dialog_key *key = data;

	return jhash2((const u32 *)&key->host, sizeof(key->host) / sizeof(u32),
		      (u32)key->hash ^ key->zone ^ seed);
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

/* The inside host that is charged for a dialog. */
static struct sipalg_host_key host_of(const struct sipalg_dialog_key *key)
{
	return (struct sipalg_host_key) {
		.addr = key->host,
		.zone = key->zone,
		.family = key->family,
	};
}

/* The device that stands for a host whose address nobody has proven. */
static struct sipalg_host_key device_of(const struct sipalg_dialog *dialog)
{
	return (struct sipalg_host_key) {
		.addr.all = { dialog->device },
		.zone = dialog->key.zone,
		.family = NFPROTO_UNSPEC,
	};
}

/**
 * sipalg_dialog_prove() - the dialog's host has got an answer
 * @dialog: locked by the caller
 *
 * Context: softirq or process.
 */
void sipalg_dialog_prove(struct sipalg_dialog *dialog)
{
	const struct sipalg_host_key device = device_of(dialog);

	if (!dialog->unproven)
		return;
	dialog->unproven = false;
	sipalg_quota_uncharge_key(dialog->sn, &device, SIPALG_SHARE_UNPROVEN,
				  0);
}

static void uncharge_dialog(struct sipalg_dialog *dialog)
{
	const struct sipalg_host_key host = host_of(&dialog->key);

	sipalg_dialog_prove(dialog);
	sipalg_quota_uncharge_key(dialog->sn, &host, share_of(dialog->kind),
				  sizeof(*dialog));
}

static enum sipalg_stat charge_dialog(struct sipalg_dialog *dialog)
{
	const struct sipalg_host_key device = device_of(dialog);
	const struct sipalg_host_key host = host_of(&dialog->key);
	struct sipalg_net *sn = dialog->sn;
	enum sipalg_stat refused;

	refused = sipalg_quota_charge(sn, &host, share_of(dialog->kind),
				      sizeof(*dialog), NULL);
	if (refused || !dialog->unproven)
		return refused;
	refused = sipalg_quota_charge(sn, &device, SIPALG_SHARE_UNPROVEN, 0,
				      NULL);
	if (refused)
		sipalg_quota_uncharge_key(sn, &host, share_of(dialog->kind),
					  sizeof(*dialog));
	return refused;
}

static void count_call(struct sipalg_net *sn, bool is_counted)
{
	atomic_inc(&sn->dialogs.calls);
	if (!is_counted)
		sipalg_stats_inc(sn, SIPALG_STAT_CALLS);
}

/* Context: the caller has the lock, or has set @dead under it. */
static void count_up(struct sipalg_dialog *dialog)
{
	bool is_up = !dialog->dead && dialog->kind == SIPALG_CALL_DIALOG &&
		     dialog->state == SIPALG_CALL_CONFIRMED;

	if (dialog->is_up == is_up)
		return;
	dialog->is_up = is_up;
	atomic_add(is_up ? 1 : -1, &dialog->sn->dialogs.up);
}

static void free_dialog(struct rcu_head *rcu)
{
	kmem_cache_free(cache, container_of(rcu, struct sipalg_dialog, rcu));
}

/**
 * sipalg_dialog_reserve_invite() - have room for one more INVITE
 * @dialog: locked by the caller
 *
 * Context: softirq or process.
 * Return: false without memory.
 */
bool sipalg_dialog_reserve_invite(struct sipalg_dialog *dialog)
{
	struct sipalg_invite *more;

	lockdep_assert_held(&dialog->lock);
	if (dialog->n_invites < dialog->invites_size)
		return true;
	more = sipalg_quota_double(dialog->sn, sipalg_dialog_invites(dialog),
				   &dialog->invite,
				   dialog->invites_size * sizeof(*more));
	if (!more)
		return false;
	dialog->invites = more;
	dialog->invites_size *= 2;
	return true;
}

/*
 * Context: the caller has set @dead, under the lock, and has dropped the lock.
 */
static void finish_dialog(struct sipalg_dialog *dialog)
{
	struct sipalg_net *sn = dialog->sn;

	timer_delete(&dialog->timer);
	rhashtable_remove_fast(&sn->dialogs.table, &dialog->node, params);
	count_up(dialog);
	sipalg_lease_release_all(sn, &dialog->leases);
	sipalg_notify_call(dialog, SIPALG_CMD_CALL_GONE);
	sipalg_traffic_free(sn, dialog->leases.traffic);
	sipalg_quota_free(sn, dialog->names, sizeof(*dialog->names));
	sipalg_quota_free(sn, dialog->summary, sizeof(*dialog->summary));
	sipalg_quota_free_room(sn, sipalg_dialog_invites(dialog),
			       &dialog->invite,
			       dialog->invites_size * sizeof(dialog->invite));
	if (dialog->kind == SIPALG_CALL_DIALOG &&
	    atomic_dec_and_test(&sn->dialogs.calls))
		sipalg_net_review(sn);
	uncharge_dialog(dialog);
	call_rcu(&dialog->rcu, free_dialog);
	atomic_dec(&sn->dialogs.count);
}

/*
 * Ends the leases whose time is up.
 *
 * Return: when the next one ends, or the dialog does.
 */
static unsigned long expire_leases(struct sipalg_dialog *dialog)
{
	bool is_granted = dialog->kind == SIPALG_CALL_REGISTRATION &&
			  dialog->state == SIPALG_CALL_CONFIRMED;

	return sipalg_lease_expire(dialog->sn, &dialog->leases, is_granted,
				   sipalg_dialog_deadline(dialog));
}

static bool session_is_over(const struct sipalg_dialog *dialog)
{
	return dialog->session_end &&
	       (s32)((u32)jiffies - dialog->session_end) >= 0;
}

/*
 * While the inside host sends media, silence in signalling does not end a call
 * whose session timer has not run out. The far end alone keeps up no call.
 */
static bool may_go_on(struct sipalg_dialog *dialog)
{
	return dialog->kind == SIPALG_CALL_DIALOG && !session_is_over(dialog) &&
	       dialog->state != SIPALG_CALL_ENDING &&
	       sipalg_lease_carries_media(&dialog->leases, &dialog->sent);
}

static unsigned long next_look(const struct sipalg_dialog *dialog)
{
	unsigned int secs = sipalg_dialog_timeout(dialog, CALL) +
			    SIPALG_RTCP_SECS;

	return sipalg_dialog_in_session(dialog, jiffies + secs * HZ);
}

static void expire_dialog(struct timer_list *timer)
{
	struct sipalg_dialog *dialog =
		timer_container_of(dialog, timer, timer);

	spin_lock_bh(&dialog->lock);
	if (dialog->dead)
		goto out;
	if (time_after_eq(jiffies, dialog->deadline) && may_go_on(dialog))
		dialog->deadline = next_look(dialog);
	if (time_before(jiffies, sipalg_dialog_deadline(dialog))) {
		mod_timer(&dialog->timer, expire_leases(dialog));
		goto out;
	}
	sipalg_record_end(&dialog->record, dialog->suspended ?
			  SIPALG_CALL_CAUSE_POLICY : SIPALG_CALL_CAUSE_EXPIRED,
			  0);
	dialog->dead = true;
	spin_unlock_bh(&dialog->lock);
	finish_dialog(dialog);
	return;
out:
	spin_unlock_bh(&dialog->lock);
}

/**
 * sipalg_dialog_set_deadline() - set when a dialog ends by itself
 * @dialog: locked by the caller
 * @deadline: jiffies
 *
 * The timer is left alone where the deadline moves away: it will find that. So
 * most messages do not touch it.
 *
 * Context: any but hard interrupt.
 */
void sipalg_dialog_set_deadline(struct sipalg_dialog *dialog,
				unsigned long deadline)
{
	lockdep_assert_held(&dialog->lock);
	dialog->deadline = deadline;
	if (!timer_pending(&dialog->timer) ||
	    time_before(dialog->deadline, dialog->timer.expires))
		mod_timer(&dialog->timer, dialog->deadline);
}

/**
 * sipalg_dialog_set_timeout() - set how long a dialog lasts from now on
 * @dialog: locked by the caller
 * @secs: seconds
 *
 * Context: any but hard interrupt.
 */
void sipalg_dialog_set_timeout(struct sipalg_dialog *dialog, unsigned int secs)
{
	sipalg_dialog_set_deadline(dialog, jiffies + secs * HZ);
}

/**
 * sipalg_dialog_expire_leases() - the end of some leases has changed
 * @dialog: locked by the caller
 *
 * Context: any but hard interrupt.
 */
void sipalg_dialog_expire_leases(struct sipalg_dialog *dialog)
{
	lockdep_assert_held(&dialog->lock);
	mod_timer(&dialog->timer, expire_leases(dialog));
}

/**
 * sipalg_dialog_drain() - end a lease that media has left, though not at once
 * @dialog: locked by the caller
 * @lease: one of its leases
 *
 * Context: any but hard interrupt.
 */
void sipalg_dialog_drain(struct sipalg_dialog *dialog,
			 struct sipalg_lease *lease)
{
	unsigned long until;

	lockdep_assert_held(&dialog->lock);
	until = sipalg_lease_drain(dialog->sn, lease);
	if (time_before(until, dialog->timer.expires))
		mod_timer(&dialog->timer, until);
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
	struct sipalg_dialog *dialog;

	dialog = rhashtable_lookup(&sn->dialogs.table, key, params);
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

static void label_dialog(struct sipalg_dialog *dialog,
			 const struct sipalg_dialog_spec *spec)
{
	char *prefix = dialog->call_id_prefix;
	u32 i;

	for (i = 0; i < spec->call_id_len && i < SIPALG_LABEL_LEN - 1; i++) {
		u8 c = spec->call_id[i];

		prefix[i] = c > ' ' && c < 0x7f ? c : '?';
	}
}

static struct sipalg_dialog *alloc_dialog(struct sipalg_net *sn,
					  const struct sipalg_dialog_spec *spec)
{
	struct sipalg_dialog *dialog = kmem_cache_zalloc(cache, GFP_ATOMIC);

	if (!dialog)
		return NULL;
	dialog->key = spec->key;
	dialog->sn = sn;
	spin_lock_init(&dialog->lock);
	timer_setup(&dialog->timer, expire_dialog, 0);
	dialog->begun = jiffies;
	dialog->ringing = (u32)jiffies;
	dialog->id = atomic64_inc_return(&sn->dialogs.last_id);
	dialog->origin = spec->origin;
	dialog->invites_size = 1;
	sipalg_lease_init(&dialog->leases, spec->key.use == SIPALG_USE_CALL);
	dialog->leases.peer = spec->peer;
	dialog->kind = kind_of(spec->method);
	dialog->state = SIPALG_CALL_EARLY;
	dialog->automatic = spec->automatic;
	dialog->unproven = spec->unproven;
	dialog->device = spec->device;
	label_dialog(dialog, spec);
	return dialog;
}

/*
 * A dialog that has just ended is about to leave the table. A new one need not
 * wait for that.
 */
static bool lock_or_remove(struct sipalg_dialog *dialog)
{
	if (lock_living(dialog))
		return true;
	rhashtable_remove_fast(&dialog->sn->dialogs.table, &dialog->node,
			       params);
	return false;
}

/*
 * Return: the dialog, which is in the table and locked now; or the one that
 * another CPU has made meanwhile, locked; or an error pointer.
 */
static struct sipalg_dialog *insert_dialog(struct sipalg_dialog *dialog)
{
	struct rhashtable *table = &dialog->sn->dialogs.table;
	struct sipalg_dialog *other;

	do {
		spin_lock_bh(&dialog->lock);
		other = rhashtable_lookup_get_insert_fast(table, &dialog->node,
							  params);
		if (!other)
			return dialog;
		spin_unlock_bh(&dialog->lock);
	} while (!IS_ERR(other) && !lock_or_remove(other));
	return other;
}

static void begin_dialog(struct sipalg_dialog *dialog, bool is_counted)
{
	atomic_inc(&dialog->sn->dialogs.count);
	if (dialog->kind == SIPALG_CALL_DIALOG)
		count_call(dialog->sn, is_counted);
	sipalg_dialog_set_timeout(dialog,
				  sipalg_dialog_timeout(dialog, TRANSACTION));
	sipalg_notify_call(dialog, SIPALG_CMD_CALL_NEW);
}

/**
 * sipalg_dialog_make() - make a dialog that was not found
 * @sn: the namespace
 * @spec: its key and more
 * @made: set to the dialog, or to the one that another CPU has made meanwhile,
 *	locked, to be unlocked by sipalg_dialog_unlock(); or to NULL
 *
 * Context: softirq or process, RCU read side.
 * Return: SIPALG_STAT_NONE, or the counter of the reason why there is none.
 */
enum sipalg_stat sipalg_dialog_make(struct sipalg_net *sn,
				    const struct sipalg_dialog_spec *spec,
				    struct sipalg_dialog **made)
{
	struct sipalg_dialog *dialog = alloc_dialog(sn, spec), *inserted;
	enum sipalg_stat refused;

	*made = NULL;
	if (!dialog)
		return sipalg_stats_refuse(sn, SIPALG_STAT_PASSED_NO_MEMORY);
	refused = charge_dialog(dialog);
	if (refused) {
		kmem_cache_free(cache, dialog);
		return refused;
	}
	inserted = insert_dialog(dialog);
	if (inserted == dialog) {
		begin_dialog(dialog, spec->is_counted);
	} else {
		uncharge_dialog(dialog);
		kmem_cache_free(cache, dialog);
	}
	if (IS_ERR(inserted))
		return sipalg_stats_refuse(sn, SIPALG_STAT_PASSED_NO_MEMORY);
	*made = inserted;
	return SIPALG_STAT_NONE;
}

/**
 * sipalg_dialog_unlock() - done with a dialog
 * @dialog: as found or made; not to be used any more
 */
void sipalg_dialog_unlock(struct sipalg_dialog *dialog)
{
	if (dialog->notified_state != dialog->state) {
		dialog->notified_state = dialog->state;
		count_up(dialog);
		sipalg_notify_call(dialog, SIPALG_CMD_CALL_CHANGED);
	}
	spin_unlock_bh(&dialog->lock);
}

/**
 * sipalg_dialog_become_call() - a dialog of another kind has a session now
 * @dialog: locked by the caller; begun by OPTIONS, for one
 *
 * Context: softirq or process.
 */
void sipalg_dialog_become_call(struct sipalg_dialog *dialog)
{
	lockdep_assert_held(&dialog->lock);
	if (dialog->kind == SIPALG_CALL_DIALOG)
		return;
	dialog->kind = SIPALG_CALL_DIALOG;
	dialog->state = SIPALG_CALL_EARLY;
	dialog->notified_state = __SIPALG_CALL_STATE_MAX;
	dialog->begun = jiffies;
	dialog->ringing = (u32)jiffies;
	count_call(dialog->sn, false);
}

/**
 * sipalg_dialog_abort() - a message of the dialog goes out unchanged
 * @dialog: locked by the caller
 *
 * Its tentative leases end. A dialog that has no lease then, and never got
 * anywhere, ends.
 *
 * Context: any but hard interrupt.
 */
void sipalg_dialog_abort(struct sipalg_dialog *dialog)
{
	struct sipalg_leases *leases = &dialog->leases;
	unsigned int i = leases->n;

	lockdep_assert_held(&dialog->lock);
	while (i--)
		if (sipalg_lease_at(leases, i)->tentative)
			sipalg_lease_release(dialog->sn, leases, i);
	if (!leases->n && dialog->state == SIPALG_CALL_EARLY)
		sipalg_dialog_set_timeout(dialog, 0);
}

/*
 * Lets others have the processor in the middle of a long walk.
 *
 * Return: whether @last has left the table meanwhile. Then the walk has lost
 * its place, and leaves out the rest of the bucket.
 */
static bool yield_walk(struct rhashtable_iter *iter,
		       const struct sipalg_dialog *last)
{
	if (!need_resched())
		return false;
	rhashtable_walk_stop(iter);
	cond_resched();
	rhashtable_walk_start(iter);
	return rhashtable_walk_peek(iter) != last;
}

/* Return: whether the walk may have left some out. */
static bool walk_and_end(struct sipalg_net *sn, enum sipalg_call_cause cause,
			 sipalg_dialog_match *match, const void *data,
			 unsigned int *n)
{
	struct sipalg_dialog *dialog;
	struct rhashtable_iter iter;
	bool matches, lost = false;

	rhashtable_walk_enter(&sn->dialogs.table, &iter);
	rhashtable_walk_start(&iter);
	while ((dialog = rhashtable_walk_next(&iter))) {
		if (IS_ERR(dialog))
			continue;
		spin_lock_bh(&dialog->lock);
		matches = !dialog->dead && (!match || match(dialog, data));
		if (matches) {
			sipalg_record_end(&dialog->record, cause, 0);
			dialog->dead = true;
		}
		spin_unlock_bh(&dialog->lock);
		if (matches)
			finish_dialog(dialog);
		*n += matches;
		lost |= yield_walk(&iter, dialog);
	}
	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);
	return lost;
}

/**
 * sipalg_dialog_end_matching() - end dialogs at once
 * @sn: the namespace
 * @cause: why they end
 * @match: called with the dialog's lock, maybe more than once; NULL for all
 * @data: for @match
 *
 * Context: process.
 * Return: number of dialogs that were ended.
 */
unsigned int
sipalg_dialog_end_matching(struct sipalg_net *sn,
			   enum sipalg_call_cause cause,
			   sipalg_dialog_match *match, const void *data)
{
	unsigned int n = 0, walks = WALKS_MAX;

	while (walk_and_end(sn, cause, match, data, &n) && --walks)
		;
	return n;
}

int sipalg_dialog_net_init(struct sipalg_net *sn)
{
	return rhashtable_init(&sn->dialogs.table, &params);
}

/* No packet reaches the hooks any more; a timer may still be at work. */
void sipalg_dialog_net_exit(struct sipalg_net *sn)
{
	while (atomic_read(&sn->dialogs.count)) {
		sipalg_dialog_end_matching(sn, SIPALG_CALL_CAUSE_POLICY, NULL,
					   NULL);
		schedule_timeout_uninterruptible(1);
	}
	rhashtable_destroy(&sn->dialogs.table);
}

int sipalg_dialog_setup(void)
{
	cache = KMEM_CACHE(sipalg_dialog, SLAB_ACCOUNT);
	return cache ? 0 : -ENOMEM;
}

/* Context: process; waits for the dialogs that RCU still has to free. */
void sipalg_dialog_teardown(void)
{
	rcu_barrier();
	kmem_cache_destroy(cache);
}
