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
	struct sipalg_invite *invites = sipalg_dialog_invites(dialog);
	unsigned int i;

	for (i = 0; i < dialog->n_invites; i++)
		if (invites[i].from == from)
			return &invites[i];
	return NULL;
}

/* Return: mask of the transactions of an INVITE that are told apart. */
static u8 known_branches(const struct sipalg_invite *invite)
{
	return BIT(min_t(u8, invite->n_branches, SIPALG_INVITE_BRANCHES_MAX)) -
	       1;
}

/**
 * sipalg_invite_goes() - has an INVITE gone in a direction?
 * @invite: in a dialog that the caller has locked
 * @outbound: the dialog's host has sent it; else it has received it
 *
 * Both are true of a proxy that the INVITE comes back to.
 *
 * Context: any.
 */
bool sipalg_invite_goes(const struct sipalg_invite *invite, bool outbound)
{
	return outbound ? invite->own :
			  known_branches(invite) & ~invite->own;
}

/**
 * sipalg_invite_transaction() - find the transaction of a message
 * @invite: the INVITE with its From tag, in a dialog that the caller has locked
 * @dmsg: an INVITE, a CANCEL, the ACK of a refusal, or a response to an INVITE
 *
 * The topmost Via of all these has the branch of the INVITE, the requests go
 * its way and the responses come back: RFC 3261, 9.1, 17.1.1.3 and 17.1.3. By
 * RFC 2543 there is no branch, and one transaction.
 *
 * Context: any.
 * Return: a mask with the transaction's bit; 0 if it is not known.
 */
u8 sipalg_invite_transaction(const struct sipalg_invite *invite,
			     const struct sipalg_dialog_msg *dmsg)
{
	bool own = sipalg_dialog_msg_is_own(dmsg);
	u8 known = known_branches(invite);
	unsigned int i;

	if (invite->cseq != dmsg->msg->cseq)
		return 0;
	known &= own ? invite->own : ~invite->own;
	for (i = 0; i < SIPALG_INVITE_BRANCHES_MAX; i++)
		if (known & BIT(i) && invite->branch[i] == dmsg->branch)
			return BIT(i);
	return 0;
}

/**
 * sipalg_invite_is_over() - has each transaction of an INVITE failed?
 * @invite: in a dialog that the caller has locked
 *
 * Of too many transactions to tell apart, one may be under way.
 *
 * Context: any.
 */
bool sipalg_invite_is_over(const struct sipalg_invite *invite)
{
	return invite->n_branches <= SIPALG_INVITE_BRANCHES_MAX &&
	       (invite->refused | invite->cancelled) == known_branches(invite);
}

/**
 * sipalg_invite_is_under_way() - may an INVITE still be accepted?
 * @invite: in a dialog that the caller has locked
 *
 * Context: any.
 */
bool sipalg_invite_is_under_way(const struct sipalg_invite *invite)
{
	return !invite->accepted && !sipalg_invite_is_over(invite);
}

/*
 * Makes room at the front for one more From tag. Of too many, one is forgotten:
 * the oldest INVITE that has failed; else the oldest that the host has not
 * sent, since whoever knows the Call-ID can make the host answer more of these.
 *
 * Return: the room; NULL without memory.
 */
static struct sipalg_invite *make_room(struct sipalg_dialog *dialog)
{
	unsigned int i, n = dialog->n_invites, failed = n, foreign = n;
	struct sipalg_invite *invites;

	if (n < SIPALG_DIALOG_LEGS_MAX && !sipalg_dialog_reserve_invite(dialog))
		return NULL;
	invites = sipalg_dialog_invites(dialog);
	if (n < SIPALG_DIALOG_LEGS_MAX) {
		dialog->n_invites++;
	} else {
		for (i = 0; i < n; i++) {
			if (sipalg_invite_is_over(&invites[i]))
				failed = i;
			if (!invites[i].own)
				foreign = i;
		}
		n = failed < n ? failed : min(foreign, n - 1);
	}
	memmove(invites + 1, invites, n * sizeof(*invites));
	return invites;
}

static void add_transaction(struct sipalg_invite *invite,
			    const struct sipalg_dialog_msg *dmsg)
{
	u8 known = sipalg_invite_transaction(invite, dmsg);
	bool own = sipalg_dialog_msg_is_own(dmsg);

	/* By RFC 2543, another try looks the same. */
	if (own)
		invite->refused &= ~known;
	if (known || invite->n_branches > SIPALG_INVITE_BRANCHES_MAX)
		return;
	if (invite->n_branches < SIPALG_INVITE_BRANCHES_MAX) {
		invite->branch[invite->n_branches] = dmsg->branch;
		invite->own |= own << invite->n_branches;
	}
	invite->n_branches++;
}

/**
 * sipalg_invite_add() - an INVITE is under way
 * @dialog: locked by the caller
 * @dmsg: the INVITE, or the first response of the dialog's host to it
 *
 * A retransmission of an older INVITE changes nothing. Without memory, one with
 * another From tag is not known.
 *
 * Context: any.
 */
void sipalg_invite_add(struct sipalg_dialog *dialog,
		       const struct sipalg_dialog_msg *dmsg)
{
	struct sipalg_invite *invite = sipalg_invite_find(dialog, dmsg->from);
	u32 cseq = dmsg->msg->cseq;

	lockdep_assert_held(&dialog->lock);
	if (invite && (s32)(cseq - invite->cseq) < 0)
		return;
	if (!invite)
		invite = make_room(dialog);
	if (!invite)
		return;
	if (invite->from != dmsg->from || invite->cseq != cseq)
		*invite = (struct sipalg_invite) {
			.from = dmsg->from,
			.cseq = cseq,
		};
	add_transaction(invite, dmsg);
}

/**
 * sipalg_invite_has_other() - is an INVITE with another From tag under way?
 * @dialog: locked by the caller
 * @from: keyed hash of the tag
 *
 * One that was accepted is not: its legs speak for it.
 *
 * Context: any.
 */
bool sipalg_invite_has_other(struct sipalg_dialog *dialog, u32 from)
{
	const struct sipalg_invite *invites = sipalg_dialog_invites(dialog);
	unsigned int i;

	lockdep_assert_held(&dialog->lock);
	for (i = 0; i < dialog->n_invites; i++)
		if (invites[i].from != from &&
		    sipalg_invite_is_under_way(&invites[i]))
			return true;
	return false;
}

/*
 * An address as a word: IPv4 as it is, IPv6 as a keyed hash. 0 stands for no
 * address, as 0.0.0.0 does.
 */
static u32 name_addr(const struct sipalg_dialog *dialog,
		     const union nf_inet_addr *addr)
{
	if (dialog->key.family == NFPROTO_IPV4)
		return (__force u32)addr->ip;
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
	u32 name = name_addr(dialog, addr), *asked = dialog->asked;
	unsigned int i;

	lockdep_assert_held(&dialog->lock);
	for (i = 0; i < SIPALG_DIALOG_ASKED_MAX - 1 && asked[i] != name; i++)
		;
	memmove(asked + 1, asked, i * sizeof(*asked));
	asked[0] = name;
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
	u32 name = name_addr(dialog, addr);
	unsigned int i;

	lockdep_assert_held(&dialog->lock);
	for (i = 0; i < SIPALG_DIALOG_ASKED_MAX; i++)
		if (name && dialog->asked[i] == name)
			return true;
	return false;
}

int sipalg_invite_setup(void)
{
	get_random_bytes(&hash_key, sizeof(hash_key));
	return 0;
}
