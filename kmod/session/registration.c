// SPDX-License-Identifier: GPL-2.0

#include "session/bind.h"
#include "session/registration.h"
#include "state/stats.h"
#include "table/registrar.h"

/* Seconds, where nobody says how long: RFC 3261, 10.2. */
#define EXPIRES_DEFAULT_SECS	3600

static u32 contact_expires(const struct sip_msg *msg,
			   const struct sip_contact *contact)
{
	if (contact->expires >= 0)
		return contact->expires;
	return msg->expires >= 0 ? msg->expires : EXPIRES_DEFAULT_SECS;
}

/* Is it an endpoint of the receiver, at this outside port, or with 0 at any? */
static bool is_at(const struct sipalg_message *m, const struct sip_endpoint *ep,
		  u16 port)
{
	struct sip_endpoint inside;
	u16 port_omitted;

	return !memcmp(ep->addr, m->nat.target_outside.addr,
		       sizeof(ep->addr)) &&
	       (!port || ep->port == port) &&
	       sipalg_map_find_inside(m, ep, &inside, &port_omitted);
}

/*
 * A proxy that registers others is in their Path, which the registrar sends
 * back (RFC 3327, 5.3): it is to be reached as long as they are.
 */
static bool is_path_at(const struct sipalg_message *m, u16 port)
{
	const struct sip_msg *msg = m->msg;
	u32 i;

	for (i = 0; i < msg->n_addr_refs; i++)
		if (msg->addr_refs[i].field == SIP_PATH &&
		    is_at(m, &msg->addr_refs[i].ep, port))
			return true;
	return false;
}

/*
 * Return: seconds that the registrar grants to those of the receiver's contacts
 * that are at this outside port, or with 0 at any; 0 if it has none there.
 */
static u32 granted_at(const struct sipalg_message *m, u16 port)
{
	const struct sip_msg *msg = m->msg;
	bool all = is_path_at(m, port);
	u32 i, most = 0;

	/*
	 * Some registrars name no contacts: RFC 3261, 10.3, step 8 forbids it.
	 */
	if (!msg->n_contacts && !msg->faults[SIP_TIER_FIELDS].verdict)
		return max(msg->expires, 0);
	for (i = 0; i < msg->n_contacts; i++) {
		const struct sip_contact *contact = &msg->contacts[i];

		if (all || (contact->ref >= 0 &&
			    is_at(m, &msg->addr_refs[contact->ref].ep, port)))
			most = max(most, contact_expires(msg, contact));
	}
	return most;
}

/*
 * The flow itself lasts as long as any contact: the registrar may prefer it. A
 * request that comes by another flow is to look the same to the phone.
 */
static u32 granted_to(const struct sipalg_message *m,
		      struct sipalg_binding *binding)
{
	u16 port = ntohs(binding->outside_port);
	bool own = port == m->nat.target_outside.port;
	u32 secs = granted_at(m, own ? 0 : port);

	if (secs && own && m->flow) {
		binding->port_omitted = m->flow->port_omitted;
		binding->writes_public_addr = m->flow->writes_public_addr;
	}
	return min_t(u32, secs, SIPALG_EXPIRES_MAX_SECS);
}

/* A 2xx that grants something, or takes it away. */
struct grant {
	struct sipalg_message *m;
	struct sipalg_registrar *registrar;
	unsigned int i;		/* its index */
	bool is_latest;		/* it answers the latest REGISTER */
	bool is_alone;		/* no other registrar grants anything */
};

/*
 * Each lease ends when its grant does, at once if nothing is granted. The
 * answer to an earlier REGISTER takes nothing away, nor does it what another
 * registrar has granted.
 */
static void grant_leases(const struct grant *grant)
{
	struct sipalg_leases *leases = &grant->m->dialog->leases;
	unsigned int i = leases->n;

	while (i--) {
		struct sipalg_lease *lease = sipalg_lease_at(leases, i);
		u32 secs = granted_to(grant->m, lease->binding);
		u32 until = (u32)jiffies + secs * HZ;

		if (secs) {
			if (grant->is_alone || !lease->registered ||
			    (s32)(until - lease->until) > 0)
				lease->until = until;
			sipalg_lease_register(lease);
			sipalg_lease_admit_registrar(leases, lease->binding,
						     grant->i);
		} else if (grant->is_latest && grant->is_alone) {
			sipalg_lease_release(grant->m->sn, leases, i);
		}
	}
}

/* Return: jiffies until the last of the leases ends that are granted. */
static u32 longest_lease(const struct sipalg_leases *leases)
{
	s32 most = 0;
	struct sipalg_lease *lease;

	sipalg_lease_for_each(lease, leases) {
		if (lease->registered)
			most = max(most, (s32)(lease->until - (u32)jiffies));
	}
	return most;
}

/*
 * A registration need not have a lease: where another inside host has a binding
 * of the flow's outside endpoint, only the flow itself leads to the phone.
 *
 * Return: jiffies that the registration goes on.
 */
static u32 grant_all(const struct grant *grant, u32 secs)
{
	const struct sipalg_leases *leases = &grant->m->dialog->leases;

	if (!leases->n)
		return secs * HZ;
	grant_leases(grant);
	return longest_lease(leases);
}

static void end_registration(struct sipalg_dialog *dialog)
{
	sipalg_record_end(&dialog->record, SIPALG_CALL_CAUSE_WITHDRAWN, 0);
	dialog->state = SIPALG_CALL_ENDING;
	sipalg_dialog_set_timeout(dialog, 0);
}

static void grant_registration(struct sipalg_message *m,
			       struct sipalg_registrar *registrar)
{
	struct sipalg_dialog *dialog = m->dialog;
	u32 secs = min_t(u32, granted_at(m, 0), SIPALG_EXPIRES_MAX_SECS);
	struct grant grant = {
		.m = m,
		.registrar = registrar,
		.i = registrar - dialog->registrars,
		.is_latest = m->msg->cseq == registrar->cseq,
	};
	u32 left;

	lockdep_assert_held(&dialog->lock);
	/* The phone's own contact may be one that could not be read. */
	if (!secs && (!grant.is_latest ||
		      m->msg->faults[SIP_TIER_FIELDS].verdict))
		return;
	grant.is_alone = sipalg_registrar_is_alone(dialog, registrar);
	if (secs)
		sipalg_bind_flow(m);
	left = grant_all(&grant, secs);
	registrar->until = (u32)jiffies + min(left, secs * HZ);
	if (!secs && !grant.is_alone)
		sipalg_lease_dismiss(&dialog->leases, grant.i);
	if (!left) {
		if (grant.is_latest && grant.is_alone)
			end_registration(dialog);
		return;
	}
	if (dialog->state != SIPALG_CALL_CONFIRMED)
		sipalg_stats_inc(dialog->sn, SIPALG_STAT_REGISTRATIONS);
	dialog->state = SIPALG_CALL_CONFIRMED;
	sipalg_record_answer(&dialog->record);
	sipalg_dialog_set_timeout(dialog, DIV_ROUND_UP(left, HZ));
	sipalg_dialog_expire_leases(dialog);
}

/*
 * NOTIFY reaches a phone that only subscribes also when conntrack has lost the
 * flow. After the end of a subscription a last one comes (RFC 6665, 4.1.2.1).
 */
static void grant_subscription(struct sipalg_message *m)
{
	u32 expires = min(m->msg->expires, SIPALG_EXPIRES_MAX_SECS);
	struct sipalg_dialog *dialog = m->dialog;
	u32 secs = max(expires, sipalg_dialog_timeout(dialog, TRANSACTION));

	lockdep_assert_held(&dialog->lock);
	if (expires)
		sipalg_bind_flow(m);
	if (dialog->kind == SIPALG_CALL_TRANSACTION) {
		dialog->state = expires ? SIPALG_CALL_CONFIRMED :
					  SIPALG_CALL_ENDING;
		if (!expires)
			sipalg_record_end(&dialog->record,
					  SIPALG_CALL_CAUSE_WITHDRAWN, 0);
		sipalg_dialog_set_timeout(dialog, secs);
	}
	sipalg_flow_keep(m->flow, SIPALG_KEEPER_GRANT, jiffies + expires * HZ,
			 false);
}

static bool is_grant(const struct sipalg_message *m)
{
	const struct sip_msg *msg = m->msg;

	return sipalg_registration_grants(msg->method) && msg->status >= 200 &&
	       msg->status < 300 && !m->dmsg.outbound;
}

/**
 * sipalg_registration_grant() - carry out what a response grants
 * @m: a message of a dialog that goes out as planned; a party sends it
 *
 * Context: softirq or process, RCU read side.
 * Return: false if the message grants nothing.
 */
bool sipalg_registration_grant(struct sipalg_message *m)
{
	bool is_register = m->msg->method == SIP_REGISTER;
	struct sipalg_registrar *registrar;

	if (!is_grant(m) || (!is_register && m->msg->expires < 0))
		return false;
	registrar = sipalg_registrar_answer(m->dialog, &m->dmsg);
	if (!registrar)
		return true;
	if (is_register)
		grant_registration(m, registrar);
	else
		grant_subscription(m);
	return true;
}

/* The host asks for what a response may grant, or prolong. */
static void ask_for_grant(struct sipalg_message *m)
{
	struct sipalg_dialog *dialog = m->dialog;
	unsigned int secs = sipalg_dialog_timeout(dialog, TRANSACTION);

	if (sipalg_registration_grants(m->msg->method))
		sipalg_registrar_ask(dialog,
				     sipalg_map_addr(&m->nat.target_inside),
				     m->msg->cseq);
	if (dialog->state != SIPALG_CALL_CONFIRMED) {
		/* It may just have ended: a phone registers anew at once. */
		dialog->state = SIPALG_CALL_EARLY;
		sipalg_record_ring(&dialog->record);
		sipalg_dialog_set_timeout(dialog, secs);
	} else if (time_before(dialog->deadline, jiffies + secs * HZ)) {
		sipalg_dialog_set_timeout(dialog, secs);
	}
}

/**
 * sipalg_registration_commit() - a message goes out as planned
 * @m: a message of a registration, subscription or lone transaction, whose lock
 *	the caller has; a party sends it
 *
 * The dialog of a request that may prolong it is there when the response comes,
 * even if the grant is over by then. A port that a message names for the first
 * time may never be granted.
 *
 * Context: softirq or process.
 */
void sipalg_registration_commit(struct sipalg_message *m)
{
	lockdep_assert_held(&m->dialog->lock);
	if (m->dmsg.outbound && !m->msg->status)
		ask_for_grant(m);
	if (m->dialog->state == SIPALG_CALL_CONFIRMED)
		sipalg_dialog_expire_leases(m->dialog);
}
