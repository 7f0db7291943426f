// SPDX-License-Identifier: GPL-2.0

#include <net/netfilter/nf_conntrack_zones.h>
#include <net/netlink.h>

#include "control/encode.h"
#include "session/flow.h"
#include "session/summary.h"
#include "state/notify.h"
#include "state/policy.h"
#include "state/settings.h"
#include "table/dialog.h"
#include "table/pinhole.h"
#include "table/suspend.h"

/* Bytes that the attributes of a report take, but for its text and edits. */
#define REPORT_SIZE 512

static int put_addr(struct sk_buff *skb, int attr, u8 family,
		    const union nf_inet_addr *addr)
{
	return nla_put(skb, attr, family == NFPROTO_IPV4 ? 4 : 16, addr);
}

static int put_trust(struct sk_buff *skb, const struct sipalg_trust *trust)
{
	if (!trust->n_hosts)
		return 0;
	if (nla_put(skb, SIPALG_POLICY_TRUSTED,
		    trust->n_hosts * sizeof(*trust->hosts), trust->hosts) ||
	    nla_put(skb, SIPALG_POLICY_TRUSTED_FOR,
		    trust->n_named * sizeof(*trust->named), trust->named))
		return -EMSGSIZE;
	return 0;
}

static int put_options(struct sk_buff *skb,
		       const struct sipalg_options *options)
{
	const u16 ports[] = { options->port_min, options->port_max };

	if (options->port_max && nla_put(skb, SIPALG_POLICY_OUTSIDE_PORTS,
					 sizeof(ports), ports))
		return -EMSGSIZE;
	if (options->family && put_addr(skb, SIPALG_POLICY_OUTSIDE_ADDRESS,
					options->family, &options->addr))
		return -EMSGSIZE;
	return put_trust(skb, &options->trust);
}

/**
 * sipalg_encode_rule() - describe a scope, its mode and options
 * @skb: a message of the family under construction
 * @rule: the scope
 *
 * Context: any.
 * Return: 0 or -EMSGSIZE.
 */
int sipalg_encode_rule(struct sk_buff *skb, const struct sipalg_rule *rule)
{
	if (nla_put_u32(skb, SIPALG_POLICY_MODE, rule->mode))
		return -EMSGSIZE;
	if (rule->scope.zone >= 0 &&
	    nla_put_u16(skb, SIPALG_POLICY_ZONE, rule->scope.zone))
		return -EMSGSIZE;
	if (rule->scope.dev[0] &&
	    nla_put_string(skb, SIPALG_POLICY_DEV, rule->scope.dev))
		return -EMSGSIZE;
	if (rule->ifindex &&
	    nla_put_u32(skb, SIPALG_POLICY_IFINDEX, rule->ifindex))
		return -EMSGSIZE;
	return put_options(skb, &rule->options);
}

static int put_networks(struct sk_buff *skb,
			const struct sipalg_settings *settings)
{
	const struct sipalg_networks *networks;
	unsigned int n;
	int err;

	rcu_read_lock();
	networks = rcu_dereference(settings->networks);
	n = networks ? networks->n : 0;
	err = nla_put(skb, SIPALG_SETTING_REGISTRATION_NETWORKS,
		      n * sizeof(struct sipalg_network),
		      n ? networks->network : NULL);
	rcu_read_unlock();
	return err;
}

/**
 * sipalg_encode_settings() - describe all settings
 * @skb: a message of the family under construction
 * @settings: the settings
 *
 * Context: any.
 * Return: 0 or -EMSGSIZE.
 */
int sipalg_encode_settings(struct sk_buff *skb,
			   const struct sipalg_settings *settings)
{
	u16 ports[SIPALG_SIP_PORTS_MAX];
	unsigned int i, n;

	for (n = 0; n < SIPALG_SIP_PORTS_MAX; n++) {
		ports[n] = ntohs(READ_ONCE(settings->ports[n]));
		if (!ports[n])
			break;
	}
	if (nla_put(skb, SIPALG_SETTING_SIP_PORTS, n * sizeof(ports[0]), ports))
		return -EMSGSIZE;
	for (i = SIPALG_SETTING_SIP_PORTS + 1; i <= SIPALG_SETTING_VALUE_MAX;
	     i++)
		if (nla_put_u32(skb, i, READ_ONCE(settings->value[i])))
			return -EMSGSIZE;
	return put_networks(skb, settings);
}

static int put_endpoints(struct sk_buff *skb,
			 const struct sipalg_binding *binding)
{
	const struct sipalg_endpoint *inside = &binding->inside;

	if (nla_put_u8(skb, SIPALG_BINDING_PROTO, inside->proto) ||
	    nla_put_u8(skb, SIPALG_BINDING_FAMILY, inside->family) ||
	    nla_put_u16(skb, SIPALG_BINDING_ZONE, inside->zone) ||
	    put_addr(skb, SIPALG_BINDING_INSIDE, inside->family,
		     &inside->addr) ||
	    nla_put_u16(skb, SIPALG_BINDING_INSIDE_PORT, ntohs(inside->port)))
		return -EMSGSIZE;
	if (put_addr(skb, SIPALG_BINDING_OUTSIDE, inside->family,
		     sipalg_binding_outside_addr(binding)) ||
	    nla_put_u16(skb, SIPALG_BINDING_OUTSIDE_PORT,
			ntohs(binding->outside_port)))
		return -EMSGSIZE;
	return 0;
}

static int put_count(struct sk_buff *skb, int attr, u64 count)
{
	return nla_put_u64_64bit(skb, attr, count, SIPALG_BINDING_PAD);
}

static int put_counts(struct sk_buff *skb,
		      const struct sipalg_pinhole_counts *counts)
{
	if (counts->heard &&
	    nla_put_u8(skb, SIPALG_BINDING_HEARD, counts->heard))
		return -EMSGSIZE;
	if (!counts->counted)
		return 0;
	if (put_count(skb, SIPALG_BINDING_OUT_PACKETS, counts->packets[0]) ||
	    put_count(skb, SIPALG_BINDING_OUT_BYTES, counts->bytes[0]) ||
	    put_count(skb, SIPALG_BINDING_IN_PACKETS, counts->packets[1]) ||
	    put_count(skb, SIPALG_BINDING_IN_BYTES, counts->bytes[1]))
		return -EMSGSIZE;
	return 0;
}

static int put_binding(struct sk_buff *skb, struct sipalg_binding *binding,
		       struct sipalg_pinhole_counts *counts)
{
	sipalg_pinhole_count(binding, counts);
	if (nla_put_u32(skb, SIPALG_BINDING_KIND, binding->kind) ||
	    put_endpoints(skb, binding) ||
	    nla_put_u32(skb, SIPALG_BINDING_USERS,
			refcount_read(&binding->users)) ||
	    nla_put_u32(skb, SIPALG_BINDING_FLOWS, counts->flows))
		return -EMSGSIZE;
	if (binding->ifindex &&
	    nla_put_u32(skb, SIPALG_BINDING_DEV, binding->ifindex))
		return -EMSGSIZE;
	return put_counts(skb, counts);
}

/**
 * sipalg_encode_binding() - describe a binding
 * @skb: a message of the family under construction
 * @binding: the binding
 *
 * Context: any, RCU read side; takes the binding's lock.
 * Return: 0 or -EMSGSIZE.
 */
int sipalg_encode_binding(struct sk_buff *skb, struct sipalg_binding *binding)
{
	struct sipalg_pinhole_counts counts;

	return put_binding(skb, binding, &counts);
}

/* "audio PCMU/8000 iLBC/8000" */
static int put_codecs(struct sk_buff *skb, const struct sipalg_dialog *dialog,
		      u8 media)
{
	char text[SIPALG_TEXT_LEN], *codecs;

	if (!media || !dialog->summary)
		return 0;
	strscpy(text, sipalg_summary_codecs(dialog->summary, media - 1),
		sizeof(text));
	codecs = strchr(text, ' ');
	if (codecs)
		*codecs++ = '\0';
	if ((*text && nla_put_string(skb, SIPALG_BINDING_STREAM, text)) ||
	    (codecs && nla_put_string(skb, SIPALG_BINDING_CODECS, codecs)))
		return -EMSGSIZE;
	return 0;
}

/*
 * Second of a call at which something was; 0 where that was before: the phone
 * has used the port for a call before, too.
 */
static u32 call_second(const struct sipalg_dialog *dialog, u32 when)
{
	s32 since = (s32)(when - (u32)dialog->begun);

	return since < 0 ? 0 : since / HZ;
}

/* From when to when a stream was heard. */
static int put_times(struct sk_buff *skb, const struct sipalg_dialog *dialog,
		     const struct sipalg_pinhole_counts *counts)
{
	if (!counts->heard)
		return 0;
	if (nla_put_u32(skb, SIPALG_BINDING_FIRST,
			call_second(dialog, counts->first)) ||
	    nla_put_u32(skb, SIPALG_BINDING_LAST,
			call_second(dialog, counts->last)))
		return -EMSGSIZE;
	return 0;
}

/* Streams whose bindings are gone. */
static int put_past_streams(struct sk_buff *skb,
			    const struct sipalg_dialog *dialog)
{
	const struct sipalg_traffic *traffic = dialog->leases.traffic;
	unsigned int i;

	for (i = 0; traffic && i < traffic->n; i++) {
		const struct sipalg_record_stream *stream = &traffic->stream[i];
		struct nlattr *nest;

		/* All of it was of a call before. */
		if ((s32)(stream->counts.last - (u32)dialog->begun) < 0)
			continue;
		nest = nla_nest_start(skb, SIPALG_CALL_STREAM);
		if (!nest ||
		    nla_put_u32(skb, SIPALG_BINDING_KIND, stream->kind) ||
		    put_counts(skb, &stream->counts) ||
		    put_times(skb, dialog, &stream->counts) ||
		    put_codecs(skb, dialog, stream->media))
			return -EMSGSIZE;
		nla_nest_end(skb, nest);
	}
	return 0;
}

static int put_streams(struct sk_buff *skb, const struct sipalg_dialog *dialog)
{
	const struct sipalg_leases *leases = &dialog->leases;
	struct sipalg_pinhole_counts counts;
	struct sipalg_lease *lease;

	sipalg_lease_for_each(lease, leases) {
		struct nlattr *nest;
		u8 media;

		if (!sipalg_lease_is_media(lease))
			continue;
		media = READ_ONCE(lease->binding->media);
		nest = nla_nest_start(skb, SIPALG_CALL_STREAM);
		if (!nest || put_binding(skb, lease->binding, &counts) ||
		    put_times(skb, dialog, &counts) ||
		    put_codecs(skb, dialog, media))
			return -EMSGSIZE;
		nla_nest_end(skb, nest);
	}
	return dialog->dead ? put_past_streams(skb, dialog) : 0;
}

static int put_name(struct sk_buff *skb, int attr, const char *name)
{
	return *name ? nla_put_string(skb, attr, name) : 0;
}

static int put_names(struct sk_buff *skb, const struct sipalg_dialog *dialog)
{
	const struct sipalg_names *names = dialog->names;

	if (!names ||
	    sipalg_setting(dialog->sn, LOG_NAMES) == SIPALG_LOG_NAMES_NONE)
		return 0;
	if (put_name(skb, SIPALG_CALL_FROM, names->from) ||
	    put_name(skb, SIPALG_CALL_TO, names->to) ||
	    put_name(skb, SIPALG_CALL_CONTACT, names->contact))
		return -EMSGSIZE;
	return 0;
}

static int put_record(struct sk_buff *skb, const struct sipalg_dialog *dialog)
{
	const struct sipalg_record *record = &dialog->record;

	if (record->cause != SIPALG_CALL_CAUSE_NONE &&
	    nla_put_u32(skb, SIPALG_CALL_CAUSE, record->cause))
		return -EMSGSIZE;
	if (record->status &&
	    nla_put_u32(skb, SIPALG_CALL_STATUS, record->status))
		return -EMSGSIZE;
	if (record->answered &&
	    nla_put_u32(skb, SIPALG_CALL_DURATION,
			sipalg_record_duration(record)))
		return -EMSGSIZE;
	return 0;
}

/* Tags are bytes from the network. */
static int put_tag(struct sk_buff *skb, int attr, const char *tag)
{
	char text[SIPALG_TAG_LEN];
	unsigned int i;

	if (!*tag)
		return 0;
	strscpy(text, tag, sizeof(text));
	for (i = 0; text[i]; i++)
		if (text[i] <= ' ' || text[i] >= 0x7f)
			text[i] = '?';
	return nla_put_string(skb, attr, text);
}

static int put_origin(struct sk_buff *skb, const struct sipalg_dialog *dialog)
{
	const struct sipalg_dialog_origin *origin = &dialog->origin;
	u8 family = dialog->key.family;

	if (nla_put_u16(skb, SIPALG_CALL_ZONE, dialog->key.zone) ||
	    nla_put_u8(skb, SIPALG_CALL_FAMILY, family) ||
	    put_addr(skb, SIPALG_CALL_INSIDE, family, &dialog->key.host) ||
	    put_addr(skb, SIPALG_CALL_PEER, family, &dialog->leases.peer))
		return -EMSGSIZE;
	if ((origin->in && nla_put_u32(skb, SIPALG_CALL_IN, origin->in)) ||
	    (origin->out && nla_put_u32(skb, SIPALG_CALL_OUT, origin->out)))
		return -EMSGSIZE;
	return 0;
}

static u32 seconds_until(unsigned long when)
{
	unsigned long now = jiffies;

	return time_after(when, now) ? (when - now) / HZ : 0;
}

/**
 * sipalg_encode_dialog() - describe a dialog
 * @skb: a message of the family under construction
 * @dialog: the dialog, locked or dead
 *
 * Context: any, RCU read side; takes the locks of its bindings.
 * Return: 0 or -EMSGSIZE.
 */
int sipalg_encode_dialog(struct sk_buff *skb,
			 const struct sipalg_dialog *dialog)
{
	const struct sipalg_call_summary *summary = dialog->summary;

	if (nla_put_u64_64bit(skb, SIPALG_CALL_ID, dialog->id,
			      SIPALG_CALL_PAD) ||
	    nla_put_string(skb, SIPALG_CALL_LABEL, dialog->call_id_prefix) ||
	    nla_put_u32(skb, SIPALG_CALL_KIND, dialog->kind) ||
	    nla_put_u32(skb, SIPALG_CALL_STATE, dialog->state) ||
	    put_origin(skb, dialog))
		return -EMSGSIZE;
	if (nla_put_u32(skb, SIPALG_CALL_AGE, (jiffies - dialog->begun) / HZ) ||
	    nla_put_u32(skb, SIPALG_CALL_EXPIRES,
			seconds_until(sipalg_suspend_deadline(dialog))) ||
	    nla_put_u32(skb, SIPALG_CALL_BINDINGS, dialog->leases.n))
		return -EMSGSIZE;
	if (put_tag(skb, SIPALG_CALL_CALLER_TAG, dialog->caller) ||
	    (summary &&
	     put_tag(skb, SIPALG_CALL_CALLEE_TAG, summary->callee)) ||
	    put_names(skb, dialog) || put_record(skb, dialog))
		return -EMSGSIZE;
	return put_streams(skb, dialog);
}

static int put_edits(struct sk_buff *skb, const struct sip_plan *plan)
{
	u32 i;

	for (i = 0; i < plan->n_edits; i++) {
		const struct sip_edit *edit = &plan->edits[i];
		struct nlattr *nest = nla_nest_start(skb, SIPALG_MESSAGE_EDIT);

		if (!nest || nla_put_u32(skb, SIPALG_EDIT_OFFSET, edit->off) ||
		    nla_put_u32(skb, SIPALG_EDIT_LENGTH, edit->len) ||
		    nla_put(skb, SIPALG_EDIT_TEXT, edit->text_len,
			    plan->text + edit->text))
			return -EMSGSIZE;
		nla_nest_end(skb, nest);
	}
	return 0;
}

static int put_skipped(struct sk_buff *skb, const struct sipalg_report *report)
{
	const struct sip_fault *field = &report->skipped_field;
	const struct sip_fault *media = &report->skipped_media;

	if ((field->verdict &&
	     nla_put_u32(skb, SIPALG_MESSAGE_SKIPPED_FIELD, field->off)) ||
	    (media->verdict &&
	     nla_put_u32(skb, SIPALG_MESSAGE_SKIPPED_MEDIA, media->off)))
		return -EMSGSIZE;
	return 0;
}

static int put_tuples(struct sk_buff *skb, const struct sipalg_report *report)
{
	const struct nf_conn *ct = report->ct;
	const struct nf_conntrack_tuple *tuple =
		&ct->tuplehash[report->dir].tuple;
	const struct nf_conntrack_tuple *answer =
		&ct->tuplehash[!report->dir].tuple;
	u8 family = nf_ct_l3num(ct);

	if (nla_put_u8(skb, SIPALG_MESSAGE_PROTO, nf_ct_protonum(ct)) ||
	    nla_put_u8(skb, SIPALG_MESSAGE_FAMILY, family) ||
	    nla_put_u16(skb, SIPALG_MESSAGE_ZONE, nf_ct_zone(ct)->id))
		return -EMSGSIZE;
	if (put_addr(skb, SIPALG_MESSAGE_SOURCE, family, &tuple->src.u3) ||
	    nla_put_u16(skb, SIPALG_MESSAGE_SOURCE_PORT,
			ntohs(tuple->src.u.all)) ||
	    put_addr(skb, SIPALG_MESSAGE_TARGET, family, &tuple->dst.u3) ||
	    nla_put_u16(skb, SIPALG_MESSAGE_TARGET_PORT,
			ntohs(tuple->dst.u.all)))
		return -EMSGSIZE;
	/* An answer to the packet that leaves goes the other way. */
	if (put_addr(skb, SIPALG_MESSAGE_SOURCE_AFTER, family,
		     &answer->dst.u3) ||
	    nla_put_u16(skb, SIPALG_MESSAGE_SOURCE_PORT_AFTER,
			ntohs(answer->dst.u.all)) ||
	    put_addr(skb, SIPALG_MESSAGE_TARGET_AFTER, family,
		     &answer->src.u3) ||
	    nla_put_u16(skb, SIPALG_MESSAGE_TARGET_PORT_AFTER,
			ntohs(answer->src.u.all)))
		return -EMSGSIZE;
	return 0;
}

static int put_devices(struct sk_buff *skb, const struct sk_buff *packet)
{
	int out = packet->dev ? packet->dev->ifindex : 0;
	int in = sipalg_in_device(packet);

	if ((in && nla_put_u32(skb, SIPALG_MESSAGE_IN, in)) ||
	    (out && nla_put_u32(skb, SIPALG_MESSAGE_OUT, out)))
		return -EMSGSIZE;
	return 0;
}

static int put_text(struct sk_buff *skb, const struct sipalg_report *report)
{
	u32 len = report->text ? report->len : 0;
	const struct sk_buff *packet = report->skb;
	u32 there = min(report->there, len);
	struct nlattr *attr;

	attr = nla_reserve(skb, SIPALG_MESSAGE_TEXT, len);
	if (!attr)
		return -EMSGSIZE;
	if (there)
		memcpy(nla_data(attr), report->text, there);
	if (there < len)
		skb_copy_bits(packet, packet->len - (len - there),
			      nla_data(attr) + there, len - there);
	return 0;
}

/**
 * sipalg_encode_report() - describe a message and what becomes of it
 * @skb: a message of the family under construction
 * @report: the message
 * @with_text: also its text and edits
 *
 * Context: any.
 * Return: 0 or -EMSGSIZE.
 */
int sipalg_encode_report(struct sk_buff *skb,
			 const struct sipalg_report *report, bool with_text)
{
	if (nla_put_u32(skb, SIPALG_MESSAGE_RESULT, report->why) ||
	    put_tuples(skb, report) || put_devices(skb, report->skb))
		return -EMSGSIZE;
	if (nla_put_u64_64bit(skb, SIPALG_MESSAGE_TIME, ktime_get_real_ns(),
			      SIPALG_MESSAGE_PAD))
		return -EMSGSIZE;
	if (report->call && nla_put_u64_64bit(skb, SIPALG_MESSAGE_CALL,
					      report->call, SIPALG_MESSAGE_PAD))
		return -EMSGSIZE;
	if (!with_text)
		return 0;
	if (put_text(skb, report) || put_skipped(skb, report))
		return -EMSGSIZE;
	return report->plan ? put_edits(skb, report->plan) : 0;
}

/**
 * sipalg_encode_report_size() - bytes that a message takes at most
 * @report: the message
 * @with_text: also its text and edits
 *
 * Context: any.
 */
size_t sipalg_encode_report_size(const struct sipalg_report *report,
				 bool with_text)
{
	const struct sip_plan *plan = report->plan;
	size_t size = REPORT_SIZE;

	if (!with_text || !report->text)
		return size;
	size += nla_total_size(report->len);
	if (plan)
		size += plan->text_len +
			plan->n_edits * (nla_total_size(0) +
					 2 * nla_total_size(sizeof(u32)) +
					 nla_total_size(0) + NLA_ALIGNTO);
	return size;
}
