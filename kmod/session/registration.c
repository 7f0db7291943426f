// SPDX-License-Identifier: GPL-2.0

#include "session/bind.h"
#include "session/registration.h"
#include "state/stats.h"
#include "table/pinhole.h"

/* Seconds, where nobody says how long: RFC 3261, 10.2. */
#define EXPIRES_DEFAULT_SECS	3600

static u32 contact_expires(const struct sip_msg *msg,
			   const struct sip_contact *contact)
{
	if (contact->expires >= 0)
		return contact->expires;
	return msg->expires >= 0 ? msg->expires : EXPIRES_DEFAULT_SECS;
}

/*
 * Return: seconds that the registrar grants to those of the receiver's contacts
 * that are at this outside port, or with 0 at any; 0 if it has none there.
 */
static u32 granted_at(const struct sipalg_message *m, u16 port)
{
	const struct sip_msg *msg = m->msg;
	u32 i, most = 0;

	/*
	 * Some registrars name no contacts: RFC 3261, 10.3, step 8 forbids it.
	 */
	if (!msg->n_contacts && !msg->faults[SIP_TIER_FIELDS].verdict)
		return max(msg->expires, 0);
	for (i = 0; i < msg->n_contacts; i++) {
		const struct sip_contact *contact = &msg->contacts[i];
		const struct sip_endpoint *ep;
		struct sip_endpoint inside;
		u16 port_omitted;

		if (contact->ref < 0)
			continue;
		ep = &msg->addr_refs[contact->ref].ep;
		if (memcmp(ep->addr, m->nat.target_outside.addr,
			   sizeof(ep->addr)) ||
		    (port && ep->port != port) ||
		    !sipalg_map_find_inside(m, ep, &inside, &port_omitted))
			continue;
		most = max(most, contact_expires(msg, contact));
	}
	return most;
}

/*
 * The flow itself lasts as long as any contact: the registrar may prefer it. A
 * request that comes by another flow is to look the same to the phone.
 */
static u32 grant_binding(const struct sipalg_message *m,
			 struct sipalg_binding *binding)
{
	u16 port = ntohs(binding->outside.port);
	bool own = port == m->nat.target_outside.port;
	u32 expires = granted_at(m, own ? 0 : port);

	if (!expires)
		return 0;
	if (own && m->flow) {
		binding->port_omitted = m->flow->port_omitted;
		binding->writes_public_addr = m->flow->writes_public_addr;
	}
	sipalg_pinhole_peer_add(binding,
				sipalg_map_addr(&m->nat.source_outside));
	WRITE_ONCE(binding->registered, true);
	return expires;
}

/*
 * Each lease ends when its grant does, at once if nothing is granted. The
 * answer to an earlier REGISTER takes nothing away.
 */
static void grant_leases(struct sipalg_message *m, bool is_latest)
{
	struct sipalg_leases *leases = &m->dialog->leases;
	unsigned int i = leases->n;

	while (i--) {
		struct sipalg_lease *lease = &leases->lease[i];
		u32 secs = min_t(u32, grant_binding(m, lease->binding),
				 SIPALG_EXPIRES_MAX_SECS);

		if (secs)
			lease->until = (u32)jiffies + secs * HZ;
		else if (is_latest)
			sipalg_lease_release(m->sn, leases, i);
	}
}

/*
 * A registration need not have a lease: where another inside host has a binding
 * of the flow's outside endpoint, only the flow itself leads to the phone.
 */
static void grant_registration(struct sipalg_message *m)
{
	struct sipalg_dialog *dialog = m->dialog;
	bool is_latest = m->msg->cseq == dialog->cseq;
	u32 secs = granted_at(m, 0);

	lockdep_assert_held(&dialog->lock);
	/* The phone's own contact may be one that could not be read. */
	if (!secs && (!is_latest || m->msg->faults[SIP_TIER_FIELDS].verdict))
		return;
	if (secs)
		sipalg_bind_flow(m);
	grant_leases(m, is_latest);
	if (!secs) {
		sipalg_record_end(&dialog->record, SIPALG_CALL_CAUSE_WITHDRAWN,
				  0);
		dialog->state = SIPALG_CALL_ENDING;
		sipalg_dialog_set_timeout(dialog, 0);
		return;
	}
	if (dialog->state != SIPALG_CALL_CONFIRMED)
		sipalg_stats_inc(dialog->sn, SIPALG_STAT_REGISTRATIONS);
	dialog->state = SIPALG_CALL_CONFIRMED;
	sipalg_record_answer(&dialog->record);
	sipalg_dialog_set_timeout(dialog,
				  min_t(u32, secs, SIPALG_EXPIRES_MAX_SECS));
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
	if (!is_grant(m))
		return false;
	if (m->msg->method == SIP_REGISTER)
		grant_registration(m);
	else if (m->msg->expires >= 0)
		grant_subscription(m);
	else
		return false;
	return true;
}

/* The host asks for what a response may grant, or prolong. */
static void ask_for_grant(struct sipalg_dialog *dialog, u32 cseq)
{
	unsigned int secs = sipalg_dialog_timeout(dialog, TRANSACTION);

	if (dialog->kind == SIPALG_CALL_REGISTRATION)
		dialog->cseq = cseq;
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
 * @dialog: locked by the caller; a registration, subscription or lone
 *	transaction
 * @dmsg: the message
 *
 * The dialog of a request that may prolong it is there when the response comes,
 * even if the grant is over by then. A port that a message names for the first
 * time may never be granted.
 *
 * Context: softirq or process.
 */
void sipalg_registration_commit(struct sipalg_dialog *dialog,
				const struct sipalg_dialog_msg *dmsg)
{
	lockdep_assert_held(&dialog->lock);
	if (dmsg->outbound && !dmsg->msg->status)
		ask_for_grant(dialog, dmsg->msg->cseq);
	if (dialog->state == SIPALG_CALL_CONFIRMED)
		sipalg_dialog_expire_leases(dialog);
}
