// SPDX-License-Identifier: GPL-2.0
/*
 * The way of a message (docs/DESIGN.md, section 4): parse, find the dialog,
 * plan, have the text changed, commit. A failure before the change undoes what
 * was taken for the message, and the message goes on as it came.
 */

#include <linux/mm.h>

#include "compat.h"
#include "session/bind.h"
#include "session/call.h"
#include "session/far.h"
#include "session/map.h"
#include "session/message.h"
#include "session/offer.h"
#include "session/registration.h"
#include "session/summary.h"
#include "state/notify.h"
#include "state/settings.h"
#include "state/stats.h"
#include "table/forward.h"
#include "table/invite.h"
#include "table/suspend.h"

/* Too large for the stack; one message a CPU at a time, with softirqs off. */
struct scratch {
	struct sip_msg msg;
	struct sip_plan plan;
	struct sk_buff *probe;	/* asks the rules of the NAT; NULL at first */
};

/* A CPU's, for the message that it works on. */
struct scratch_place {
	local_lock_t lock;
	struct scratch *scratch;
};

static DEFINE_PER_CPU(struct scratch_place, scratches) = {
	.lock = INIT_LOCAL_LOCK(lock),
};

static const enum sipalg_stat verdict_stats[] = {
	[SIP_OK] = SIPALG_STAT_NONE,
	[SIP_NOT_SIP] = SIPALG_STAT_PASSED_NOT_SIP,
	[SIP_BAD_START] = SIPALG_STAT_PASSED_BAD_START,
	[SIP_BAD_HEADER] = SIPALG_STAT_PASSED_BAD_HEADER,
	[SIP_BAD_VALUE] = SIPALG_STAT_PASSED_BAD_VALUE,
	[SIP_BAD_LENGTH] = SIPALG_STAT_PASSED_BAD_LENGTH,
	[SIP_BAD_SDP] = SIPALG_STAT_PASSED_BAD_SDP,
	[SIP_INCOMPLETE] = SIPALG_STAT_PASSED_INCOMPLETE,
	[SIP_TOO_MANY] = SIPALG_STAT_PASSED_TOO_MANY,
	[SIP_TOO_LONG] = SIPALG_STAT_PASSED_TOO_LONG,
	[SIP_REFUSED] = SIPALG_STAT_PASSED_REFUSED,
};

/* The counters of requests from inside, by enum sip_method. */
static const enum sipalg_stat method_stats[] = {
	[SIP_METHOD_OTHER] = SIPALG_STAT_OUT_OTHER,
	[SIP_ACK] = SIPALG_STAT_OUT_ACK,
	[SIP_BYE] = SIPALG_STAT_OUT_BYE,
	[SIP_CANCEL] = SIPALG_STAT_OUT_CANCEL,
	[SIP_INFO] = SIPALG_STAT_OUT_OTHER,
	[SIP_INVITE] = SIPALG_STAT_OUT_INVITE,
	[SIP_MESSAGE] = SIPALG_STAT_OUT_MESSAGE,
	[SIP_NOTIFY] = SIPALG_STAT_OUT_NOTIFY,
	[SIP_OPTIONS] = SIPALG_STAT_OUT_OPTIONS,
	[SIP_PRACK] = SIPALG_STAT_OUT_OTHER,
	[SIP_PUBLISH] = SIPALG_STAT_OUT_OTHER,
	[SIP_REFER] = SIPALG_STAT_OUT_OTHER,
	[SIP_REGISTER] = SIPALG_STAT_OUT_REGISTER,
	[SIP_SUBSCRIBE] = SIPALG_STAT_OUT_SUBSCRIBE,
	[SIP_UPDATE] = SIPALG_STAT_OUT_OTHER,
};

/* Return: an argument for sipalg_notify_message_done(). */
static struct sk_buff *report_message(struct sipalg_message *m,
				      enum sipalg_stat result,
				      const struct sip_plan *plan)
{
	struct sipalg_report report = {
		.skb = m->skb,
		.ct = m->ct,
		.msg = m->msg,
		.plan = plan,
		.text = m->text,
		.len = m->len,
		.there = m->there,
		.skipped_media = m->skipped_media,
		.call = m->dialog ? m->dialog->id : 0,
		.dir = m->dir,
		.mode = m->mode,
		.result = result,
		.why = result == SIPALG_STAT_PASSED_REFUSED && m->refused ?
			       m->refused : result,
	};

	if (m->msg)
		report.skipped_field = m->msg->faults[SIP_TIER_FIELDS];
	return sipalg_notify_message(m->sn, &report);
}

/* A message goes on unchanged; @plan holds the edits that would be made. */
static void conclude_message(struct sipalg_message *m, enum sipalg_stat result,
			     const struct sip_plan *plan)
{
	sipalg_stats_inc(m->sn, result);
	sipalg_notify_message_done(m->sn, report_message(m, result, plan));
}

/* A limit is reached, which has been counted. */
static void report_refused(struct sipalg_message *m)
{
	struct sk_buff *event;

	event = report_message(m, SIPALG_STAT_PASSED_REFUSED, NULL);
	sipalg_notify_message_done(m->sn, event);
}

static bool change_message(struct sipalg_message *m, struct sipalg_text *text,
			   const struct sip_plan *plan)
{
	struct sk_buff *event = report_message(m, SIPALG_STAT_CHANGED, plan);
	enum sipalg_stat stat = text->change(text, plan);

	/* The text may be gone by now. */
	m->text = NULL;
	if (stat != SIPALG_STAT_CHANGED) {
		kfree_skb(event);
		conclude_message(m, stat, NULL);
		return false;
	}
	sipalg_notify_message_done(m->sn, event);
	sipalg_stats_inc(m->sn, stat);
	return true;
}

/* These always have their dialog looked up; others only to get a binding. */
static bool has_dialog(enum sip_method method)
{
	switch (method) {
	case SIP_INVITE:
	case SIP_ACK:
	case SIP_BYE:
	case SIP_CANCEL:
	case SIP_PRACK:
	case SIP_UPDATE:
	case SIP_REGISTER:
	case SIP_SUBSCRIBE:
		return true;
	default:
		return false;
	}
}

/*
 * An INVITE of an inside host makes a dialog, and so does the first response of
 * such a host to an INVITE that it got: a stranger makes none. A REGISTER or
 * SUBSCRIBE makes the entry, not its response. So nobody is registered unasked,
 * and a limit is hit before the outside address leaks.
 */
static bool begins_dialog(const struct sipalg_message *m)
{
	const struct sip_msg *msg = m->msg;

	if (!m->dmsg.outbound)
		return false;
	if (msg->method == SIP_INVITE)
		return msg->status < 300;
	return !msg->status && sipalg_registration_grants(msg->method) &&
	       msg->n_contacts;
}

/*
 * Finds the dialog of the sender or that of the receiver. Where the mode is not
 * on, only a call that was there before is finished.
 */
static void find_dialog(struct sipalg_message *m, bool outbound)
{
	m->dialog = NULL;
	m->dmsg.outbound = outbound;
	if (has_dialog(m->msg->method) || m->mode != SIPALG_MODE_ON)
		sipalg_map_find_dialog(m, outbound);
	if (m->mode != SIPALG_MODE_ON && m->dialog &&
	    m->dialog->kind != SIPALG_CALL_DIALOG) {
		sipalg_dialog_unlock(m->dialog);
		m->dialog = NULL;
	}
	/* Another's message does not wake what waits for its own scope. */
	if (m->dialog && m->mode == SIPALG_MODE_ON && outbound)
		sipalg_suspend_resume(m->dialog);
	m->observe = m->mode != SIPALG_MODE_ON && !m->dialog;
	if (m->dialog)
		sipalg_offer_begin(m->dialog, &m->dmsg);
}

static void keep_flow(struct sipalg_message *m)
{
	const struct sipalg_dialog *dialog = m->dialog;
	bool over = dialog->state == SIPALG_CALL_ENDING;

	if (dialog->kind == SIPALG_CALL_DIALOG)
		sipalg_flow_keep(m->flow, SIPALG_KEEPER_CALL, dialog->deadline,
				 over);
	else if (dialog->kind == SIPALG_CALL_REGISTRATION)
		sipalg_flow_keep(m->flow, SIPALG_KEEPER_GRANT, dialog->deadline,
				 over);
}

static void keep_leases(struct sipalg_leases *leases)
{
	struct sipalg_lease *lease;

	sipalg_lease_for_each(lease, leases)
		lease->tentative = false;
}

/*
 * Is a message from the far end meant for the host that has begun the dialog?
 * It answers what the host has sent, or its To tag is one that the host made.
 */
static bool is_answer(const struct sipalg_dialog_msg *dmsg)
{
	const struct sip_msg *msg = dmsg->msg;

	return !dmsg->outbound &&
	       (msg->status ? msg->status > 100 : msg->to_tag.len);
}

/* The message, which a party sends, goes out as planned. */
static void commit_message(struct sipalg_message *m)
{
	struct sipalg_dialog *dialog = m->dialog;

	if (is_answer(&m->dmsg))
		sipalg_dialog_prove(dialog);
	if (!sipalg_registration_grant(m) && m->dmsg.new_offer)
		sipalg_bind_flow(m);
	sipalg_bind_written(m);
	keep_leases(&dialog->leases);
	if (m->dmsg.new_offer)
		sipalg_dialog_become_call(dialog);
	if (m->dmsg.outbound)
		sipalg_offer_keep_streams(dialog, &m->msg->sdp);
	if (dialog->kind == SIPALG_CALL_DIALOG)
		sipalg_call_commit(dialog, &m->dmsg);
	else
		sipalg_registration_commit(m);
	if (m->dmsg.outbound && !m->msg->status)
		sipalg_invite_ask(dialog,
				  sipalg_map_addr(&m->nat.target_inside));
	if (m->msg->sdp.n_media && !m->msg->sdp.early && !m->dmsg.outbound)
		sipalg_far_name_peers(dialog, m->msg);
	if (m->msg->sdp.n_media)
		sipalg_far_replace_mappings(dialog);
	keep_flow(m);
}

/* Return: whether the message goes out as planned. */
static bool apply_plan(struct sipalg_message *m, struct sipalg_text *text,
		       enum sip_verdict verdict, const struct sip_plan *plan)
{
	if (verdict != SIP_OK) {
		conclude_message(m, verdict_stats[verdict], NULL);
		return false;
	}
	if (!plan->n_edits) {
		conclude_message(m, SIPALG_STAT_UNCHANGED, NULL);
		return true;
	}
	if (m->observe) {
		conclude_message(m, SIPALG_STAT_OBSERVED, plan);
		return true;
	}
	return change_message(m, text, plan);
}

/* A part that could not be understood leaves the others as they are. */
static void count_skipped(struct sipalg_message *m, const struct sip_plan *plan)
{
	const struct sip_fault *faults = m->msg->faults;

	if (unlikely(faults[SIP_TIER_FIELDS].verdict))
		sipalg_stats_inc(m->sn, SIPALG_STAT_SKIPPED_FIELDS);
	/* Of a description that comes in, nothing changes anyway. */
	if (likely(!m->nat.source_inside.family ||
		   (!faults[SIP_TIER_BODY].verdict && !plan->fault.verdict)))
		return;
	sipalg_stats_inc(m->sn, SIPALG_STAT_SKIPPED_MEDIA);
	m->skipped_media = faults[SIP_TIER_BODY].verdict ?
				   faults[SIP_TIER_BODY] : plan->fault;
}

/* Does the Request-URI name an address that the NAT would change? */
static bool has_own_uri(const struct sipalg_message *m)
{
	const struct sip_addr_ref *ref = sip_request_uri(m->msg);

	return ref &&
	       (sip_same_address(&ref->ep, &m->nat.source_inside) ||
		sip_same_address(&ref->ep, &m->nat.target_outside));
}

/*
 * An INVITE to an inside host makes no dialog; its offer waits for the answer.
 * Of one that an inside host sends, it matters whether its Request-URI stays.
 */
static void note_invite(const struct sipalg_message *m)
{
	if (m->mode == SIPALG_MODE_ON && m->msg->method == SIP_INVITE &&
	    !m->msg->status)
		sipalg_far_note(m->sn, &m->key, &m->dmsg,
				has_own_uri(m) &&
				sip_is_uri_signed(m->msg, m->text));
}

/* Is the Request-URI that of an INVITE, which stayed? */
static bool repeats_uri(const struct sipalg_message *m)
{
	const struct sip_msg *msg = m->msg;

	return (msg->method == SIP_CANCEL || msg->method == SIP_ACK) &&
	       has_own_uri(m) &&
	       sipalg_far_is_uri_signed(m->sn, &m->key, &m->dmsg);
}

/*
 * Where sender and receiver are inside hosts, the message belongs to a dialog
 * of each. That of the receiver comes first: the message reaches the receiver
 * however it is translated.
 */
static void tell_receiver(struct sipalg_message *m)
{
	find_dialog(m, false);
	note_invite(m);
	if (!m->dialog)
		return;
	if (m->dmsg.is_party) {
		m->is_asked_for = m->msg->status;
		sipalg_summary_update(m->dialog, m->msg, m->text);
		commit_message(m);
	}
	sipalg_dialog_unlock(m->dialog);
}

/* Finds the dialog of the inside host that the message is translated for. */
static void begin_message(struct sipalg_message *m)
{
	const struct sip_nat *nat = &m->nat;

	sipalg_map_set_endpoints(m);
	if (nat->source_inside.family && nat->target_outside.family)
		tell_receiver(m);
	find_dialog(m, nat->source_inside.family);
	note_invite(m);
	m->nat.keeps_uri = repeats_uri(m);
}

/*
 * Counts the method of a request, or the class of a response. What lies beyond
 * all classes is a failure, too.
 */
static void count_kind(const struct sipalg_message *m)
{
	const struct sip_msg *msg = m->msg;
	bool inward = !m->nat.source_inside.family ||
		      (m->nat.target_outside.family &&
		       m->dir == IP_CT_DIR_REPLY);
	enum sipalg_stat stat = msg->status ?
		SIPALG_STAT_OUT_1XX + min(msg->status / 100, 6) - 1 :
		method_stats[msg->method];

	sipalg_stats_inc(m->sn, inward ?
			 stat + SIPALG_STAT_IN_INVITE - SIPALG_STAT_OUT_INVITE :
			 stat);
}

/* Return: SIP_OK if the plan can be carried out. */
static enum sip_verdict make_plan(struct sipalg_message *m,
				  const struct sipalg_text *text,
				  struct sip_plan *plan)
{
	enum sip_verdict verdict;

	verdict = sip_translate(plan, m->msg, m->text, &m->nat);
	if (verdict == SIP_OK && plan->delta > text->growth_max)
		verdict = SIP_TOO_LONG;
	return verdict;
}

/* Return: SIP_OK, or why the message is to go on unchanged. */
static enum sip_verdict plan_message(struct sipalg_message *m,
				     const struct sipalg_text *text,
				     struct sip_plan *plan)
{
	enum sip_verdict verdict;

	if (m->dialog && m->dmsg.is_party)
		sipalg_summary_update(m->dialog, m->msg, m->text);
	sipalg_map_learn(m);
	verdict = make_plan(m, text, plan);
	count_skipped(m, plan);
	if (verdict == SIP_OK)
		sipalg_bind_transports(m);
	return verdict;
}

/* A response of an inside host to a request of another one. */
static bool is_for_inside(const struct sipalg_message *m)
{
	return m->msg->status && m->nat.source_inside.family &&
	       m->nat.target_outside.family;
}

/*
 * What names the sender stays. The receiver gets its own Via back all the same:
 * it drops a response with another one (RFC 3261, 18.1.2).
 */
static enum sip_verdict plan_for_receiver(struct sipalg_message *m,
					  const struct sipalg_text *text,
					  struct sip_plan *plan)
{
	u8 family = m->nat.source_inside.family;
	enum sip_verdict verdict;

	m->nat.source_inside.family = 0;
	verdict = make_plan(m, text, plan);
	m->nat.source_inside.family = family;
	return verdict;
}

static void process_message(struct sipalg_message *m, struct sipalg_text *text,
			    struct sip_plan *plan)
{
	enum sip_verdict verdict;
	bool had_room, whole, done;

	begin_message(m);
	if (m->observe && m->mode == SIPALG_MODE_OFF)
		return;
	sipalg_stats_inc(m->sn, SIPALG_STAT_MESSAGES);
	count_kind(m);
	if (!(m->ct->status & IPS_NAT_MASK))
		sipalg_stats_inc(m->sn, SIPALG_STAT_NO_NAT);
	had_room = m->dialog || m->observe || !begins_dialog(m) ||
		   sipalg_map_make_dialog(m);
	if (!had_room && !is_for_inside(m)) {
		report_refused(m);
		return;
	}
	verdict = had_room ? plan_message(m, text, plan) : SIP_REFUSED;
	whole = verdict == SIP_OK;
	if (!whole && is_for_inside(m))
		verdict = plan_for_receiver(m, text, plan);
	done = apply_plan(m, text, verdict, plan) && whole;
	if (!m->dialog)
		return;
	/* A message to the host took nothing, whoever sent it. */
	if (done && m->dmsg.is_party)
		commit_message(m);
	else if (!done && m->dmsg.outbound)
		sipalg_dialog_abort(m->dialog);
	sipalg_dialog_unlock(m->dialog);
}

/*
 * A message from outside changes as the NAT has it, whatever dialog it is of.
 */
static void change_head(struct sipalg_message *m, struct sipalg_text *text,
			struct sip_plan *plan)
{
	sipalg_map_set_endpoints(m);
	if (sip_translate(plan, m->msg, m->text, &m->nat) == SIP_OK &&
	    plan->n_edits && plan->delta <= text->growth_max)
		text->change(text, plan);
}

/**
 * sipalg_message_stat() - the counter of a verdict
 * @verdict: why a message is passed unchanged; not SIP_OK
 *
 * Context: any.
 */
enum sipalg_stat sipalg_message_stat(enum sip_verdict verdict)
{
	return verdict_stats[verdict];
}

/* Not inline: a keep-alive does not need it. */
static noinline void report_unread(const struct sipalg_packet *packet,
				   enum sipalg_stat why)
{
	const struct sipalg_report report = {
		.skb = packet->skb,
		.ct = packet->ct,
		.dir = CTINFO2DIR(packet->ctinfo),
		.mode = packet->mode,
		.result = why,
		.why = why,
	};

	sipalg_notify_message_done(packet->sn,
				   sipalg_notify_message(packet->sn, &report));
}

/**
 * sipalg_message_pass() - count a packet that goes on unchanged and unread
 * @packet: the packet
 * @why: the reason. Listeners are not told of a packet that is not SIP.
 *
 * Context: softirq or process, RCU read side.
 */
void sipalg_message_pass(const struct sipalg_packet *packet,
			 enum sipalg_stat why)
{
	sipalg_stats_inc(packet->sn, why);
	if (why != SIPALG_STAT_PASSED_NOT_SIP)
		report_unread(packet, why);
}

/*
 * Of a message in fragments the first one mostly tells all that matters: then
 * they need not be put together.
 */
static enum sipalg_stat parse_part(struct sip_msg *msg,
				   struct sipalg_text *text)
{
	enum sip_verdict verdict;

	verdict = sip_parse_part(msg, text->text, text->there, text->len);
	if (verdict == SIP_OK && !msg->unread.len)
		return SIPALG_STAT_NONE;
	if (!text->join(text))
		return SIPALG_STAT_PASSED_NO_MEMORY;
	if (verdict != SIP_OK)
		return verdict_stats[sip_parse(msg, text->text, text->len)];
	sip_parse_rest(msg, text->text);
	return SIPALG_STAT_NONE;
}

/* Return: SIPALG_STAT_NONE, or the counter of what is in the way. */
static enum sipalg_stat parse_text(struct sip_msg *msg,
				   struct sipalg_text *text)
{
	if (unlikely(text->there < text->len))
		return parse_part(msg, text);
	if (text->head)
		return verdict_stats[sip_parse_head(msg, text->text,
						    text->len)];
	return verdict_stats[sip_parse(msg, text->text, text->len)];
}

/**
 * sipalg_message_translate() - the way of a message through the NAT
 * @packet: the packet with its last byte
 * @text: its text, and how to change that; not changed where it need not or
 *	cannot be
 *
 * Context: softirq or process, RCU read side; takes a dialog's lock.
 * Return: false if it does not even begin like a message.
 */
bool sipalg_message_translate(const struct sipalg_packet *packet,
			      struct sipalg_text *text)
{
	struct sipalg_message m = {
		.nat.ops = &sipalg_map_ops,
		.nat.keeps_ice = sipalg_setting(packet->sn, ICE) ==
				 SIPALG_ICE_PASS,
		.sn = packet->sn,
		.skb = packet->skb,
		.ct = packet->ct,
		.flow = packet->flow,
		.len = text->len,
		.dir = CTINFO2DIR(packet->ctinfo),
		.mode = packet->mode,
	};
	struct scratch *scratch;
	enum sipalg_stat why;
	bool is_sip;

	local_bh_disable();
	local_lock_nested_bh(&scratches.lock);
	scratch = this_cpu_read(scratches.scratch);
	m.probe = &scratch->probe;
	why = parse_text(&scratch->msg, text);
	m.text = text->text;
	m.there = text->there;
	if (why == SIPALG_STAT_NONE)
		m.msg = &scratch->msg;
	is_sip = m.msg || sip_is_start(text->text, text->there);
	if (!is_sip) {
		sipalg_message_pass(packet, SIPALG_STAT_PASSED_NOT_SIP);
	} else if (text->comes_again) {
		if (m.msg)
			change_head(&m, text, &scratch->plan);
	} else if (m.msg) {
		process_message(&m, text, &scratch->plan);
	} else if (packet->mode != SIPALG_MODE_OFF) {
		sipalg_stats_inc(m.sn, SIPALG_STAT_MESSAGES);
		conclude_message(&m, why, NULL);
	}
	if (scratch->probe)
		sipalg_forward_end(scratch->probe);
	local_unlock_nested_bh(&scratches.lock);
	local_bh_enable();
	return is_sip;
}

void sipalg_message_teardown(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct scratch *scratch = per_cpu(scratches, cpu).scratch;

		if (scratch)
			kfree_skb(scratch->probe);
		kvfree(scratch);
	}
}

int sipalg_message_setup(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct scratch *scratch;

		scratch = kvmalloc_node(sizeof(*scratch), GFP_KERNEL,
					cpu_to_node(cpu));
		if (!scratch) {
			sipalg_message_teardown();
			return -ENOMEM;
		}
		scratch->probe = NULL;
		per_cpu(scratches, cpu).scratch = scratch;
	}
	return 0;
}
