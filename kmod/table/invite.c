// SPDX-License-Identifier: GPL-2.0

#include <linux/siphash.h>

#include "table/invite.h"

/*
 * Bits of the Bloom filter that leave room for one more: four addresses in all.
 */
#define BLOOM_BITS_MAX 12

static hsiphash_key_t hash_key __read_mostly;

/**
 * sipalg_invite_find() - find the latest INVITE with a From tag
 * @dialog: locked by the caller
 * @from: keyed hash of the tag
 *
 * Context: any.
 * Return: the INVITE, or NULL.
 */
const struct sipalg_invite *
sipalg_invite_find(const struct sipalg_dialog *dialog, u32 from)
{
	unsigned int i;

	for (i = 0; i < dialog->n_invites; i++)
		if (dialog->invites[i].from == from)
			return &dialog->invites[i];
	return NULL;
}

/**
 * sipalg_invite_add() - an INVITE goes out
 * @dialog: locked by the caller
 * @from: keyed hash of its From tag
 * @cseq: its CSeq number
 *
 * A retransmission of an older INVITE changes nothing. Of too many From tags
 * the oldest is forgotten.
 *
 * Context: any.
 */
void sipalg_invite_add(struct sipalg_dialog *dialog, u32 from, u32 cseq)
{
	struct sipalg_invite *invites = dialog->invites;
	unsigned int i;

	lockdep_assert_held(&dialog->lock);
	for (i = 0; i < dialog->n_invites; i++) {
		if (invites[i].from != from)
			continue;
		if ((s32)(cseq - invites[i].cseq) > 0)
			invites[i].cseq = cseq;
		return;
	}
	if (dialog->n_invites < SIPALG_DIALOG_LEGS_MAX)
		dialog->n_invites++;
	memmove(invites + 1, invites,
		(dialog->n_invites - 1) * sizeof(*invites));
	invites[0] = (struct sipalg_invite) { .from = from, .cseq = cseq };
}

static u32 hash_addr(const union nf_inet_addr *addr)
{
	return hsiphash(addr, sizeof(*addr), &hash_key);
}

/* The bits of an address in the Bloom filter. */
static u32 bloom_bits(u32 hash)
{
	return BIT(hash & 31) | BIT(hash >> 8 & 31) | BIT(hash >> 16 & 31) |
	       BIT(hash >> 24 & 31);
}

/**
 * sipalg_invite_host() - a host may answer from now on
 * @dialog: locked by the caller
 * @addr: address that a request went to
 *
 * An INVITE may fork on its way here, and each host that it reaches may take
 * the call. The filter is not filled so far that it would pass anybody.
 *
 * Context: any.
 */
void sipalg_invite_host(struct sipalg_dialog *dialog,
			const union nf_inet_addr *addr)
{
	u32 hash = hash_addr(addr);

	lockdep_assert_held(&dialog->lock);
	if (dialog->kind != SIPALG_CALL_DIALOG)
		dialog->invited = hash;
	else if (hweight32(dialog->invited) <= BLOOM_BITS_MAX)
		dialog->invited |= bloom_bits(hash);
}

/**
 * sipalg_invite_covers() - may a host answer?
 * @dialog: locked by the caller
 * @addr: the host's address
 *
 * A host that was invited is always known. A call that has invited one host
 * takes one in 4,096 others for it; a call with a full filter takes any host.
 *
 * Context: any.
 */
bool sipalg_invite_covers(const struct sipalg_dialog *dialog,
			  const union nf_inet_addr *addr)
{
	u32 hash = hash_addr(addr);

	lockdep_assert_held(&dialog->lock);
	if (dialog->kind == SIPALG_CALL_DIALOG)
		return hweight32(dialog->invited) > BLOOM_BITS_MAX ||
		       !(bloom_bits(hash) & ~dialog->invited);
	return dialog->invited == hash;
}

int sipalg_invite_setup(void)
{
	get_random_bytes(&hash_key, sizeof(hash_key));
	return 0;
}
