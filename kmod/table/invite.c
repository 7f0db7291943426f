// SPDX-License-Identifier: GPL-2.0

#include <linux/siphash.h>

#include "table/invite.h"

static hsiphash_key_t hash_key __read_mostly;

/**
 * sipalg_invite_find() - find the latest INVITE with a From tag
 * @dialog: locked by the caller
 * @from: keyed hash of the tag
 *
 * Context: any.
 * Return: the INVITE, or NULL.
 */
struct sipalg_invite *sipalg_invite_find(struct sipalg_dialog *dialog,
					 u32 from)
{
	unsigned int i;

	for (i = 0; i < dialog->n_invites; i++)
		if (dialog->invites[i].from == from)
			return &dialog->invites[i];
	return NULL;
}

/**
 * sipalg_invite_add() - an INVITE is under way
 * @dialog: locked by the caller
 * @dmsg: the INVITE, or the first response of the dialog's host to it
 *
 * A retransmission of an older INVITE changes nothing. Of too many From tags
 * the oldest is forgotten.
 *
 * Context: any.
 */
void sipalg_invite_add(struct sipalg_dialog *dialog,
		       const struct sipalg_dialog_msg *dmsg)
{
	struct sipalg_invite *invite = sipalg_invite_find(dialog, dmsg->from);
	u32 cseq = dmsg->msg->cseq;

	lockdep_assert_held(&dialog->lock);
	if (invite && (s32)(cseq - invite->cseq) <= 0)
		return;
	if (!invite) {
		invite = dialog->invites;
		if (dialog->n_invites < SIPALG_DIALOG_LEGS_MAX)
			dialog->n_invites++;
		memmove(invite + 1, invite,
			(dialog->n_invites - 1) * sizeof(*invite));
	}
	*invite = (struct sipalg_invite) {
		.from = dmsg->from,
		.cseq = cseq,
		.own = dmsg->outbound && !dmsg->msg->status,
	};
}

/**
 * sipalg_invite_has_other() - is an INVITE with another From tag under way?
 * @dialog: locked by the caller
 * @from: keyed hash of the tag
 *
 * Context: any.
 */
bool sipalg_invite_has_other(const struct sipalg_dialog *dialog, u32 from)
{
	unsigned int i;

	lockdep_assert_held(&dialog->lock);
	for (i = 0; i < dialog->n_invites; i++)
		if (dialog->invites[i].from != from &&
		    !dialog->invites[i].refused)
			return true;
	return false;
}

/* Never 0, which stands for no address. */
static u32 hash_addr(const union nf_inet_addr *addr)
{
	return hsiphash(addr, sizeof(*addr), &hash_key) ?: 1;
}

/**
 * sipalg_invite_ask() - the dialog's host sends a request
 * @dialog: locked by the caller
 * @addr: address that the request goes to; it may answer from now on
 *
 * Of too many addresses, the one that was asked longest ago is forgotten.
 *
 * Context: any.
 */
void sipalg_invite_ask(struct sipalg_dialog *dialog,
		       const union nf_inet_addr *addr)
{
	u32 hash = hash_addr(addr), *asked = dialog->asked;
	unsigned int i;

	lockdep_assert_held(&dialog->lock);
	for (i = 0; i < SIPALG_DIALOG_ASKED_MAX - 1 && asked[i] != hash; i++)
		;
	memmove(asked + 1, asked, i * sizeof(*asked));
	asked[0] = hash;
}

/**
 * sipalg_invite_has_asked() - may a host answer?
 * @dialog: locked by the caller
 * @addr: the host's address
 *
 * A host that was not asked may have learned the Call-ID and the tags.
 *
 * Context: any.
 */
bool sipalg_invite_has_asked(const struct sipalg_dialog *dialog,
			     const union nf_inet_addr *addr)
{
	u32 hash = hash_addr(addr);
	unsigned int i;

	lockdep_assert_held(&dialog->lock);
	for (i = 0; i < SIPALG_DIALOG_ASKED_MAX; i++)
		if (dialog->asked[i] == hash)
			return true;
	return false;
}

int sipalg_invite_setup(void)
{
	get_random_bytes(&hash_key, sizeof(hash_key));
	return 0;
}
