// SPDX-License-Identifier: GPL-2.0

#include "table/registrar.h"

/* Return: its index; SIPALG_LEASE_PEERS_MAX if it is not known. */
static unsigned int find_registrar(const struct sipalg_dialog *dialog,
				   const union nf_inet_addr *addr)
{
	const union nf_inet_addr *peers = dialog->leases.peers;
	unsigned int i;

	for (i = 0; i < SIPALG_LEASE_PEERS_MAX; i++)
		if (nf_inet_addr_cmp(&peers[i], addr))
			break;
	return i;
}

/* Return: the one that was asked longest ago, if not never. */
static unsigned int find_oldest(const struct sipalg_dialog *dialog)
{
	const struct sipalg_registrar *all = dialog->registrars;
	unsigned int i, oldest = 0;

	for (i = 0; i < SIPALG_LEASE_PEERS_MAX; i++) {
		if (!all[i].asked)
			return i;
		if ((s32)(all[i].asked - all[oldest].asked) < 0)
			oldest = i;
	}
	return oldest;
}

/**
 * sipalg_registrar_add() - find a registrar, or make room for one more
 * @dialog: locked by the caller; a registration or subscription
 * @addr: the registrar's address
 *
 * Of too many, the one that was asked longest ago is forgotten.
 *
 * Context: any but hard interrupt; takes the bindings' locks.
 * Return: its index among the peers of the dialog's leases.
 */
unsigned int sipalg_registrar_add(struct sipalg_dialog *dialog,
				  const union nf_inet_addr *addr)
{
	unsigned int i = find_registrar(dialog, addr);

	lockdep_assert_held(&dialog->lock);
	if (i < SIPALG_LEASE_PEERS_MAX)
		return i;
	i = find_oldest(dialog);
	sipalg_lease_dismiss(&dialog->leases, i);
	dialog->leases.peers[i] = *addr;
	dialog->registrars[i] = (struct sipalg_registrar) { };
	return i;
}

/* The host waits so long for an answer: RFC 3261, 17.1.2.2, timer F. */
static bool is_waited_for(const struct sipalg_dialog *dialog,
			  const struct sipalg_registrar *registrar)
{
	u32 gone = (u32)jiffies - registrar->asked;

	return registrar->asked &&
	       gone < sipalg_dialog_timeout(dialog, TRANSACTION) * HZ;
}

/**
 * sipalg_registrar_ask() - the dialog's host sends a REGISTER or SUBSCRIBE
 * @dialog: locked by the caller
 * @addr: address that the request goes to
 * @cseq: its CSeq number
 *
 * A host that begins anew may use a number again. It does so later than it
 * retransmits a request.
 *
 * Context: any but hard interrupt; takes the bindings' locks.
 */
void sipalg_registrar_ask(struct sipalg_dialog *dialog,
			  const union nf_inet_addr *addr, u32 cseq)
{
	struct sipalg_registrar *registrar =
		&dialog->registrars[sipalg_registrar_add(dialog, addr)];
	bool is_later = (s32)(cseq - registrar->cseq) > 0;
	u32 now = (u32)jiffies ?: 1;

	if (is_waited_for(dialog, registrar)) {
		if (!is_later)
			return;
	} else if (!registrar->asked || !is_later) {
		registrar->answered = cseq - 1;
	}
	if (!registrar->asked)
		registrar->until = now;
	registrar->cseq = cseq;
	registrar->asked = now;
}

/**
 * sipalg_registrar_answer() - a 2xx has come
 * @dialog: locked by the caller
 * @dmsg: the response
 *
 * A registrar could else go on by repeating it when the host has gone.
 *
 * Context: any.
 * Return: the registrar, if this is its first 2xx to a request that the host
 * has sent and waits for; else NULL.
 */
struct sipalg_registrar *
sipalg_registrar_answer(struct sipalg_dialog *dialog,
			const struct sipalg_dialog_msg *dmsg)
{
	unsigned int i = find_registrar(dialog, dmsg->sender);
	struct sipalg_registrar *registrar = &dialog->registrars[i];
	u32 cseq = dmsg->msg->cseq;

	lockdep_assert_held(&dialog->lock);
	if (i == SIPALG_LEASE_PEERS_MAX || !is_waited_for(dialog, registrar) ||
	    (s32)(cseq - registrar->answered) <= 0 ||
	    (s32)(cseq - registrar->cseq) > 0)
		return NULL;
	registrar->answered = cseq;
	return registrar;
}

static bool may_hold(const struct sipalg_dialog *dialog,
		     struct sipalg_registrar *registrar)
{
	u32 now = (u32)jiffies;

	if ((s32)(registrar->until - now) > 0)
		return true;
	/* So that it does not seem to lie ahead again in some weeks. */
	registrar->until = now;
	return registrar->cseq != registrar->answered &&
	       is_waited_for(dialog, registrar);
}

/**
 * sipalg_registrar_is_alone() - does no other registrar hold the registration?
 * @dialog: locked by the caller
 * @registrar: one of its registrars
 *
 * Another one holds it that has granted something, or may do so yet. What the
 * others have granted, and is over, is taken from them.
 *
 * Context: any but hard interrupt; takes the bindings' locks.
 */
bool sipalg_registrar_is_alone(struct sipalg_dialog *dialog,
			       const struct sipalg_registrar *registrar)
{
	struct sipalg_registrar *other = dialog->registrars;
	bool alone = true;
	unsigned int i;

	lockdep_assert_held(&dialog->lock);
	for (i = 0; i < SIPALG_LEASE_PEERS_MAX; i++, other++) {
		if (other == registrar || !other->asked)
			continue;
		if (may_hold(dialog, other))
			alone = false;
		else
			sipalg_lease_dismiss(&dialog->leases, i);
	}
	return alone;
}
