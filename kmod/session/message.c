// SPDX-License-Identifier: GPL-2.0
/*
 * The way of a message (DESIGN, section 4): parse, find the dialog, plan, have
 * the text changed, commit. Whatever fails before the change undoes what was
 * taken for it, and the message goes on as it came.
 */

#include <net/netfilter/nf_conntrack_zones.h>

#include "session/call.h"
#include "main.h"
#include "session/message.h"
#include "control/trace.h"

/* Too large for the stack; one message a CPU at a time, with softirqs off. */
struct scratch {
	struct sip_msg msg;
	struct sip_plan plan;
	u8 buffer[SIP_MSG_MAX];
};

static DEFINE_PER_CPU(struct scratch *, scratches);

/**
 * struct message - what the address map works on
 * @nat: what the core sees of it
 * @sn: the namespace
 * @skb: the packet
 * @ct: its flow
 * @flow: what the flow's helper extension keeps, or NULL
 * @msg: the parsed message
 * @text: its text, until the packet is changed
 * @len: length of the text
 * @dialog: locked, or NULL
 * @key: key of the dialog
 * @step: what the message is for the dialog
 * @dir: direction of the packet
 * @observe: nothing may be taken or kept
 * @full: a limit is reached, so that nothing can be done for it
 */
struct message {
	struct sip_nat nat;
	struct sipalg_net *sn;
	struct sk_buff *skb;
	struct nf_conn *ct;
	struct sipalg_flow *flow;
	const struct sip_msg *msg;
	const u8 *text;
	u32 len;
	struct sipalg_dialog *dialog;
	struct sipalg_dialog_key key;
	struct sipalg_step step;
	enum ip_conntrack_dir dir;
	bool observe;
	bool full;
};

static const enum sipalg_stat verdict_stats[] = {
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

static struct message *message_of(struct sip_nat *nat)
{
	return container_of(nat, struct message, nat);
}

static u16 zone_id(const struct message *m, enum ip_conntrack_dir dir)
{
	return nf_ct_zone_id(nf_ct_zone(m->ct), dir);
}

static void to_endpoint(struct sip_endpoint *ep, const struct nf_conn *ct,
			const union nf_inet_addr *addr, __be16 port)
{
	memcpy(ep->addr, addr, sizeof(ep->addr));
	ep->port = ntohs(port);
	ep->family = nf_ct_l3num(ct) == NFPROTO_IPV4 ? 4 : 6;
}

static void to_end(struct sipalg_end *end, const struct message *m,
		   const struct sip_endpoint *ep, enum ip_conntrack_dir dir)
{
	memset(end, 0, sizeof(*end));
	memcpy(&end->addr, ep->addr, sizeof(ep->addr));
	end->port = htons(ep->port);
	end->zone = zone_id(m, dir);
	end->family = nf_ct_l3num(m->ct);
	end->proto = nf_ct_protonum(m->ct);
}

static bool is_same_endpoint(const struct sip_endpoint *a,
			     const struct sip_endpoint *b)
{
	return a->port == b->port && !memcmp(a->addr, b->addr, sizeof(a->addr));
}

/*
 * What the NAT does to this packet. A flow that is not translated has both
 * hosts inside and outside alike: then no text changes, but a firewall that
 * lets only related flows pass gets its bindings all the same.
 */
static void set_endpoints(struct message *m)
{
	const struct nf_conntrack_tuple *before =
		&m->ct->tuplehash[m->dir].tuple;
	const struct nf_conntrack_tuple *after =
		&m->ct->tuplehash[!m->dir].tuple;
	struct sip_nat *nat = &m->nat;
	bool source, target;

	to_endpoint(&nat->source_inside, m->ct, &before->src.u3,
		    before->src.u.all);
	to_endpoint(&nat->source_outside, m->ct, &after->dst.u3,
		    after->dst.u.all);
	to_endpoint(&nat->target_outside, m->ct, &before->dst.u3,
		    before->dst.u.all);
	to_endpoint(&nat->target_inside, m->ct, &after->src.u3,
		    after->src.u.all);
	source = !is_same_endpoint(&nat->source_inside, &nat->source_outside);
	target = !is_same_endpoint(&nat->target_inside, &nat->target_outside);
	if (source && !target)
		nat->target_outside.family = 0;
	if (target && !source)
		nat->source_inside.family = 0;
}

static void set_key(struct message *m)
{
	const struct sip_span *id = &m->msg->call_id;
	const struct sip_nat *nat = &m->nat;

	sipalg_dialog_key(&m->key, m->text + id->off, id->len,
			  nf_ct_zone(m->ct)->id, m->msg->method);
	m->step.msg = m->msg;
	if (nat->source_inside.family)
		m->step.hosts[0] =
			(const union nf_inet_addr *)nat->source_inside.addr;
	if (nat->target_outside.family)
		m->step.hosts[1] =
			(const union nf_inet_addr *)nat->target_inside.addr;
	sipalg_dialog_tags(&m->step, m->text);
}

/*
 * These always have their dialog looked up; others only where they need a
 * binding.
 */
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

static void set_about(struct sipalg_dialog_about *about,
		      const struct message *m)
{
	const struct sip_nat *nat = &m->nat;

	*about = (struct sipalg_dialog_about) {
		.family = nf_ct_l3num(m->ct),
		.automatic = !m->flow || m->flow->automatic,
		.in = m->flow ? m->flow->in : sipalg_in_device(m->skb),
		.out = m->flow ? m->flow->out : m->skb->dev->ifindex,
	};
	if (nat->source_inside.family) {
		memcpy(&about->inside, nat->source_inside.addr,
		       sizeof(about->inside));
		memcpy(&about->peer, nat->target_inside.addr,
		       sizeof(about->peer));
	} else {
		memcpy(&about->inside, nat->target_inside.addr,
		       sizeof(about->inside));
		memcpy(&about->peer, nat->source_outside.addr,
		       sizeof(about->peer));
	}
}

/* To be called before the packet is changed. */
static bool make_dialog(struct message *m)
{
	const struct sip_span *id = &m->msg->call_id;
	struct sipalg_dialog_about about;

	if (m->dialog)
		return true;
	set_about(&about, m);
	if (!has_dialog(m->msg->method)) {
		set_key(m);
		m->dialog = sipalg_dialog_find(m->sn, &m->key);
	}
	if (!m->dialog)
		m->dialog = sipalg_dialog_make(m->sn, &m->key, &about,
					       m->msg->method,
					       m->text + id->off, id->len);
	if (m->dialog)
		sipalg_call_begin(m->dialog, &m->step);
	return m->dialog;
}

/* Return: how many of @n neighbouring bindings the dialog got. */
static unsigned int take(struct message *m,
			 const struct sipalg_binding_ask *ask, unsigned int n,
			 struct sipalg_binding *got[])
{
	unsigned int i;

	if (!make_dialog(m))
		return 0;
	i = sipalg_binding_get(m->sn, ask, n, got);
	return i && sipalg_dialog_hold(m->dialog, got, i, ask->media) ? i : 0;
}

/*
 * A signalling binding of one port.
 *
 * Return: the binding, to which @peer may send from now on unless it is NULL;
 * NULL if there is none to be had.
 */
static struct sipalg_binding *take_signalling(struct message *m,
					      struct sipalg_binding_ask *ask,
					      const union nf_inet_addr *peer)
{
	struct sipalg_binding *got;

	ask->kind = SIPALG_BINDING_SIGNALLING;
	if (!take(m, ask, 1, &got))
		return NULL;
	if (peer)
		sipalg_dialog_admit(m->dialog, got, peer);
	return got;
}

/* A binding for what the sender of this packet is reached at. */
static void ask_outward(struct sipalg_binding_ask *ask, struct message *m,
			const struct sip_endpoint *inside, u8 proto)
{
	struct sip_endpoint outside = m->nat.source_outside;

	memset(ask, 0, sizeof(*ask));
	outside.port = inside->port;
	to_end(&ask->inside, m, inside, m->dir);
	to_end(&ask->outside, m, &outside, !m->dir);
	ask->inside.proto = proto;
	ask->outside.proto = proto;
	ask->master = m->ct;
	ask->ifindex = m->skb->dev->ifindex;
	/* Without NAT there is nothing to choose. */
	ask->exact = nf_inet_addr_cmp(&ask->inside.addr, &ask->outside.addr);
}

/*
 * These promise that the port can be reached; others only name one that may
 * have a binding.
 */
static bool makes_binding(enum sip_field field)
{
	return field == SIP_VIA || field == SIP_CONTACT || field == SIP_PATH ||
	       field == SIP_RECORD_ROUTE;
}

/*
 * Who makes a phone name its web or SSH server as where it wants to be called,
 * or heard, does not want to make a call.
 */
#define FIRST_USER_PORT 1024

static bool is_well_known(const struct message *m, u16 port)
{
	if (port >= FIRST_USER_PORT)
		return false;
	sipalg_stats_refuse(m->sn, SIPALG_STAT_LOW_PORT);
	return true;
}

static u8 reflexive_bit(enum sip_field field)
{
	return field == SIP_VIA ? BIT(0) : BIT(1);
}

/*
 * A host that knows its outside address, as by STUN (RFC 8489), writes that,
 * and gets back what it wrote: it may drop an answer with another sent-by (RFC
 * 3261, 18.1.2). Not from the middle of a call on, whose answers are to be as
 * what it wrote before.
 */
static void note_reflexive(struct message *m)
{
	const struct sip_msg *msg = m->msg;
	u32 i;

	if (!m->flow || m->observe || !m->nat.source_inside.family ||
	    m->flow->until[SIPALG_KEEPER_CALL])
		return;
	for (i = 0; i < msg->n_addr_refs; i++) {
		const struct sip_addr_ref *ref = &msg->addr_refs[i];

		if (makes_binding(ref->field) &&
		    !(msg->status && ref->field == SIP_VIA) &&
		    is_same_endpoint(&ref->ep, &m->nat.source_outside))
			m->flow->reflexive |= reflexive_bit(ref->field);
	}
}

static enum sip_map_verdict outward(struct sip_nat *nat, enum sip_field field,
				    const struct sip_endpoint *inside,
				    bool port_written,
				    struct sip_endpoint *outside)
{
	struct message *m = message_of(nat);
	const union nf_inet_addr *peer = NULL;
	struct sipalg_binding_ask ask;
	struct sipalg_binding *got;

	*outside = nat->source_outside;
	if (inside->port == nat->source_inside.port) {
		if (m->flow && !m->observe) {
			if (port_written)
				m->flow->unwritten &= ~BIT(field);
			else
				m->flow->unwritten |= BIT(field);
			if (makes_binding(field))
				m->flow->reflexive &= ~reflexive_bit(field);
		}
		return SIP_MAP_CHANGE;
	}

	ask_outward(&ask, m, inside, nf_ct_protonum(m->ct));
	got = sipalg_binding_by_inside(m->sn, &ask.inside, &ask.outside.addr);
	if (m->observe || (!got && !makes_binding(field))) {
		outside->port = got ? ntohs(got->outside.port) : inside->port;
		return got || makes_binding(field) ? SIP_MAP_CHANGE :
						     SIP_MAP_KEEP;
	}
	if (makes_binding(field)) {
		if (!got && is_well_known(m, inside->port))
			return SIP_MAP_REFUSE;
		/*
		 * A Contact to be registered is for the registrar, once it has
		 * agreed.
		 */
		if (m->msg->method != SIP_REGISTER || field == SIP_VIA)
			peer = (const union nf_inet_addr *)
				       nat->target_inside.addr;
		to_end(&ask.far, m, &nat->target_inside, m->dir);
		got = take_signalling(m, &ask, peer);
		if (!got)
			return SIP_MAP_REFUSE;
		got->unwritten = port_written ? got->unwritten & ~BIT(field) :
						got->unwritten | BIT(field);
	}
	outside->port = ntohs(got->outside.port);
	return SIP_MAP_CHANGE;
}

/* The field of the inside host's own messages that this one repeats. */
static enum sip_field written_as(enum sip_field field)
{
	return field == SIP_REQUEST_URI ? SIP_CONTACT :
	       field == SIP_ROUTE ? SIP_RECORD_ROUTE : field;
}

static bool is_own_flow(const struct message *m,
			const struct sip_endpoint *outside)
{
	return outside->port == m->nat.target_outside.port;
}

/*
 * Finds what an outside endpoint with the receiver's address stands for, and in
 * which fields the inside host wrote that without its port.
 */
static bool find_inside(const struct message *m,
			const struct sip_endpoint *outside,
			struct sip_endpoint *inside, u16 *unwritten)
{
	const struct sipalg_binding *binding;
	struct sipalg_end end;

	*inside = m->nat.target_inside;
	if (is_own_flow(m, outside)) {
		*unwritten = m->flow ? m->flow->unwritten : 0;
		return true;
	}
	to_end(&end, m, outside, m->dir);
	binding = sipalg_binding_by_outside(m->sn, &end);
	if (!binding ||
	    memcmp(&binding->inside.addr, inside->addr, sizeof(inside->addr)))
		return false;
	inside->port = ntohs(binding->inside.port);
	*unwritten = binding->unwritten;
	return true;
}

static enum sip_map_verdict inward(struct sip_nat *nat, enum sip_field field,
				   const struct sip_endpoint *outside,
				   struct sip_endpoint *inside,
				   bool *port_written)
{
	struct message *m = message_of(nat);
	u16 unwritten;

	if (m->flow && is_own_flow(m, outside) &&
	    m->flow->reflexive & reflexive_bit(field))
		return SIP_MAP_KEEP;
	if (!find_inside(m, outside, inside, &unwritten))
		return SIP_MAP_KEEP;
	*port_written = !(unwritten & BIT(written_as(field)));
	return SIP_MAP_CHANGE;
}

static enum sip_map_verdict map_media(struct message *m,
				      const struct sip_endpoint *inside,
				      unsigned int n, u8 kind, u32 media,
				      u8 proto, struct sip_endpoint *outside)
{
	struct sipalg_binding *got[SDP_PORTS_MAX];
	struct sipalg_binding_ask ask;

	*outside = m->nat.source_outside;
	outside->port = inside->port;
	ask_outward(&ask, m, inside, proto);
	ask.kind = kind;
	ask.media = media + 1;
	if (m->observe) {
		got[0] = sipalg_binding_by_inside(m->sn, &ask.inside,
						  &ask.outside.addr);
		if (got[0])
			outside->port = ntohs(got[0]->outside.port);
		return SIP_MAP_CHANGE;
	}
	if (!make_dialog(m))
		return SIP_MAP_REFUSE;
	sipalg_details_far_end(m->dialog, media, &ask.far);
	n = take(m, &ask, n, got);
	if (!n)
		return SIP_MAP_REFUSE;
	sipalg_details_admit(m->dialog, got, n);
	outside->port = ntohs(got[0]->outside.port);
	return SIP_MAP_CHANGE;
}

/*
 * A TCP port that nobody listens on, since its side is going to connect (RFC
 * 4145, 4.1); it means nothing but that.
 */
#define DISCARD_PORT 9

static enum sip_map_verdict media(struct sip_nat *nat, struct sdp_ports *ports)
{
	struct message *m = message_of(nat);
	bool rtp = m->msg->sdp.media[ports->media].proto == SDP_PROTO_RTP;
	u8 proto = ports->tcp ? IPPROTO_TCP : IPPROTO_UDP;
	unsigned int n = ports->n_ports * ports->stride;
	enum sip_map_verdict answer;

	if (ports->tcp && ports->inside.port == DISCARD_PORT) {
		ports->outside = m->nat.source_outside;
		ports->outside.port = DISCARD_PORT;
		return SIP_MAP_CHANGE;
	}
	if (is_well_known(m, ports->inside.port) ||
	    (ports->rtcp_inside.family &&
	     is_well_known(m, ports->rtcp_inside.port)))
		return SIP_MAP_REFUSE;
	answer = map_media(m, &ports->inside,
			   min_t(unsigned int, n, SDP_PORTS_MAX),
			   rtp ? SIPALG_BINDING_RTP : SIPALG_BINDING_MEDIA,
			   ports->media, proto, &ports->outside);
	if (answer == SIP_MAP_CHANGE && ports->rtcp_inside.family)
		answer = map_media(m, &ports->rtcp_inside, 1,
				   SIPALG_BINDING_RTCP, ports->media, proto,
				   &ports->rtcp_outside);
	return answer;
}

static const struct sip_nat_ops nat_ops = {
	.outward = outward,
	.inward = inward,
	.media = media,
};

/*
 * The dialog also holds what the NAT made of the signalling flow itself, so
 * that the peer finds the way back when conntrack has forgotten the flow.
 */
static void hold_flow(struct message *m)
{
	const struct sip_nat *nat = &m->nat;
	bool outbound = nat->source_inside.family;
	struct sipalg_binding_ask ask = {
		.master = m->ct,
		.exact = true,
	};
	const union nf_inet_addr *peer;

	if (outbound) {
		to_end(&ask.inside, m, &nat->source_inside, m->dir);
		to_end(&ask.outside, m, &nat->source_outside, !m->dir);
		peer = (const union nf_inet_addr *)nat->target_inside.addr;
		ask.ifindex = m->skb->dev->ifindex;
	} else {
		to_end(&ask.inside, m, &nat->target_inside, !m->dir);
		to_end(&ask.outside, m, &nat->target_outside, m->dir);
		peer = (const union nf_inet_addr *)nat->source_outside.addr;
		ask.ifindex = sipalg_in_device(m->skb);
	}
	take_signalling(m, &ask, peer);
}

/*
 * Return: seconds that the registrar grants to those of the receiver's contacts
 * that are at this outside port, or with 0 at any; 0 if it has none there.
 */
static u32 granted(const struct message *m, u16 port)
{
	const struct sip_msg *msg = m->msg;
	u32 i, expires, most = 0;

	for (i = 0; i < msg->n_contacts; i++) {
		const struct sip_contact *contact = &msg->contacts[i];
		const struct sip_endpoint *ep;
		struct sip_endpoint inside;
		u16 unwritten;

		if (contact->ref < 0)
			continue;
		ep = &msg->addr_refs[contact->ref].ep;
		if (memcmp(ep->addr, m->nat.target_outside.addr,
			   sizeof(ep->addr)) ||
		    (port && ep->port != port) ||
		    !find_inside(m, ep, &inside, &unwritten))
			continue;
		expires = contact->expires >= 0 ? contact->expires :
			  msg->expires >= 0	? msg->expires :
						  SIPALG_EXPIRES_SECS;
		most = max(most, expires);
	}
	return most;
}

/*
 * The flow itself is good for as long as any contact: the registrar may prefer
 * it.
 */
static u32 granted_to(struct sipalg_binding *binding, void *data)
{
	struct message *m = data;
	u16 port = ntohs(binding->outside.port);
	bool own = port == m->nat.target_outside.port;
	u32 expires = granted(m, own ? 0 : port);

	if (expires) {
		/* What comes by another flow is to look the same. */
		if (own && m->flow) {
			binding->unwritten = m->flow->unwritten;
			binding->reflexive = m->flow->reflexive;
		}
		sipalg_binding_allow(
			binding,
			(const union nf_inet_addr *)m->nat.source_outside.addr);
		WRITE_ONCE(binding->registered, true);
	}
	return expires;
}

/* An answer to these grants something for a time. */
static bool is_granted(enum sip_method method)
{
	return method == SIP_REGISTER || method == SIP_SUBSCRIBE;
}

/* Is it for the one whom it reaches, and nobody else, to answer? */
static bool asks(const struct message *m)
{
	const struct sip_msg *msg = m->msg;

	return !msg->status &&
	       (msg->method == SIP_INVITE ||
		(is_granted(msg->method) && m->nat.source_inside.family));
}

static bool is_granted_by_asked(const struct message *m, enum sip_method method)
{
	return m->msg->method == method && m->msg->status >= 200 &&
	       m->msg->status < 300 && m->nat.target_outside.family &&
	       sipalg_dialog_is_asked(
		       m->dialog,
		       (const union nf_inet_addr *)m->nat.source_outside.addr);
}

static void commit_register(struct message *m)
{
	u32 secs = granted(m, 0);

	if (secs)
		hold_flow(m);
	sipalg_dialog_register(m->dialog, secs, granted_to, m);
}

/*
 * A flow stays for as long as what lives on it. When one of several calls is
 * over, the next message of another tells anew how long.
 */
static void set_flow(struct message *m, enum sipalg_keeper keeper,
		     unsigned long deadline, bool over)
{
	u32 *until;

	if (!m->flow)
		return;
	until = &m->flow->until[keeper];
	if (over)
		*until = 0;
	else if (!*until || (s32)((u32)deadline - *until) > 0)
		*until = (u32)deadline ?: 1;
}

static void commit_subscribe(struct message *m)
{
	u32 expires = min(m->msg->expires, SIPALG_EXPIRES_MAX_SECS);

	sipalg_dialog_subscribe(m->dialog, expires);
	set_flow(m, SIPALG_KEEPER_GRANT, jiffies + expires * HZ, false);
}

/*
 * An INVITE may reach several inside hosts: only the first time it opens an
 * exchange.
 */
static bool is_first_to_host(const struct message *m)
{
	return m->msg->method == SIP_INVITE && !m->msg->status &&
	       !sipalg_call_reaches(m->dialog, &m->step);
}

static void commit(struct message *m)
{
	const struct sip_msg *msg = m->msg;

	if (is_granted_by_asked(m, SIP_REGISTER))
		commit_register(m);
	else if (is_granted_by_asked(m, SIP_SUBSCRIBE) && msg->expires >= 0)
		commit_subscribe(m);
	else if (m->step.opens || is_first_to_host(m))
		hold_flow(m);
	sipalg_call_commit(m->dialog, &m->step);
	if (asks(m))
		sipalg_dialog_ask(
			m->dialog,
			(const union nf_inet_addr *)m->nat.target_inside.addr);
	if (msg->sdp.n_media && m->nat.target_outside.family)
		sipalg_details_name_peers(
			m->dialog, msg,
			(const union nf_inet_addr *)m->nat.target_inside.addr);
	if (m->dialog->kind != SIPALG_CALL_TRANSACTION)
		set_flow(m,
			 m->dialog->kind == SIPALG_CALL_DIALOG ?
				 SIPALG_KEEPER_CALL :
				 SIPALG_KEEPER_GRANT,
			 m->dialog->deadline,
			 m->dialog->state == SIPALG_CALL_ENDING);
}

/* Return: what is told when it has come to pass; NULL if nobody listens. */
static struct sk_buff *event_of(struct message *m, enum sipalg_stat result,
				const struct sip_plan *plan)
{
	struct sipalg_event_message event;

	if (!sipalg_event_wants_message(m->sn, result))
		return NULL;
	event = (struct sipalg_event_message) {
		.skb = m->skb,
		.ct = m->ct,
		.dir = m->dir,
		.result = result == SIPALG_STAT_PASSED_REFUSED ?
			  this_cpu_read(m->sn->stats->why) : result,
		.call = m->dialog ? m->dialog->id : 0,
		.text = m->text,
		.len = m->len,
		.plan = plan,
	};
	return sipalg_event_message(m->sn, &event);
}

/*
 * This became of a message that goes on unchanged; @plan is what would have
 * changed.
 */
static void conclude(struct message *m, enum sipalg_stat result,
		     const struct sip_plan *plan)
{
	sipalg_stats_inc(m->sn, result);
	sipalg_event_tell(m->sn, event_of(m, result, plan));
}

static bool change(struct message *m, struct sipalg_text *text,
		   const struct sip_plan *plan)
{
	struct sk_buff *event = event_of(m, SIPALG_STAT_CHANGED, plan);
	enum sipalg_stat stat = text->change(text, plan);

	m->text = NULL;
	if (stat != SIPALG_STAT_CHANGED) {
		kfree_skb(event);
		conclude(m, stat, NULL);
		return false;
	}
	sipalg_event_tell(m->sn, event);
	sipalg_stats_inc(m->sn, stat);
	return true;
}

/*
 * What is granted by an answer begins with the inside host's request: nobody is
 * registered who did not ask for it, and a limit is told in time, before
 * anybody knows the outside address.
 */
static bool begins_dialog(const struct message *m)
{
	const struct sip_msg *msg = m->msg;

	if (msg->status)
		return false;
	return msg->method == SIP_INVITE ||
	       (is_granted(msg->method) && msg->n_contacts &&
		m->nat.source_inside.family);
}

/*
 * Finds the dialog, and makes it where this message begins one.
 *
 * Return: false where the message is not to be looked at: its scope is off, and
 * it does not belong to a call that was there before.
 */
static bool find_dialog(struct message *m, enum sipalg_mode mode)
{
	const struct sip_msg *msg = m->msg;

	if (has_dialog(msg->method) || mode != SIPALG_MODE_ON) {
		set_key(m);
		m->dialog = sipalg_dialog_find(m->sn, &m->key);
	}
	if (mode != SIPALG_MODE_ON && m->dialog &&
	    m->dialog->kind != SIPALG_CALL_DIALOG) {
		sipalg_dialog_unlock(m->dialog);
		m->dialog = NULL;
	}
	m->observe = mode != SIPALG_MODE_ON && !m->dialog;
	if (m->dialog)
		sipalg_call_begin(m->dialog, &m->step);
	else if (m->observe)
		return mode != SIPALG_MODE_OFF;
	else if (begins_dialog(m))
		m->full = !make_dialog(m);
	return !m->observe || mode != SIPALG_MODE_OFF;
}

static enum sip_verdict process(struct message *m, struct sipalg_text *text,
				enum sipalg_mode mode, struct sip_plan *plan)
{
	enum sip_verdict verdict;
	bool done = true;

	set_endpoints(m);
	if (!find_dialog(m, mode))
		return SIP_OK;
	sipalg_stats_inc(m->sn, SIPALG_STAT_MESSAGES);
	if (m->full) {
		sipalg_event_tell(m->sn, event_of(m, SIPALG_STAT_PASSED_REFUSED,
						  NULL));
		return SIP_REFUSED;
	}
	if (m->dialog)
		sipalg_details_note(m->dialog, m->msg, m->text);
	note_reflexive(m);
	verdict = sip_translate(plan, m->msg, m->text, &m->nat);
	if (verdict == SIP_OK && plan->delta > text->room)
		verdict = SIP_TOO_LONG;
	if (verdict != SIP_OK) {
		conclude(m, verdict_stats[verdict], NULL);
		done = false;
	} else if (!plan->n_edits) {
		conclude(m, SIPALG_STAT_UNCHANGED, NULL);
	} else if (m->observe) {
		conclude(m, SIPALG_STAT_OBSERVED, plan);
	} else {
		done = change(m, text, plan);
	}

	if (m->dialog) {
		/* The text may be gone by now. */
		m->text = NULL;
		if (done)
			commit(m);
		else
			sipalg_dialog_abort(m->dialog);
		sipalg_dialog_unlock(m->dialog);
	}
	return verdict;
}

/**
 * sipalg_message_stat() - the counter of a reason
 * @verdict: why a message is passed unchanged; not SIP_OK
 */
enum sipalg_stat sipalg_message_stat(enum sip_verdict verdict)
{
	return verdict_stats[verdict];
}

/* Apart from what a keep-alive takes. */
static noinline void tell_unread(const struct sipalg_packet *packet,
				 enum sipalg_stat why)
{
	const struct sipalg_event_message event = {
		.skb = packet->skb,
		.ct = packet->ct,
		.dir = CTINFO2DIR(packet->ctinfo),
		.result = why,
	};

	if (sipalg_event_wants_message(packet->sn, why))
		sipalg_event_tell(packet->sn,
				  sipalg_event_message(packet->sn, &event));
}

/**
 * sipalg_message_pass() - count, and tell of, what goes on unchanged and unread
 * @packet: the packet
 * @why: the reason; what is not SIP is no message, and is not told
 *
 * Context: softirq or process, RCU read side.
 */
void sipalg_message_pass(const struct sipalg_packet *packet,
			 enum sipalg_stat why)
{
	sipalg_stats_inc(packet->sn, why);
	if (why != SIPALG_STAT_PASSED_NOT_SIP)
		tell_unread(packet, why);
}

/**
 * sipalg_message_translate() - the way of a message through the NAT
 * @packet: the packet with its last byte
 * @text: its text, and how to change that; not changed where it need not or
 *	cannot be
 *
 * Context: softirq or process, RCU read side; takes a dialog's lock.
 */
void sipalg_message_translate(const struct sipalg_packet *packet,
			      struct sipalg_text *text)
{
	struct message m = {
		.nat.ops = &nat_ops,
		.sn = packet->sn,
		.skb = packet->skb,
		.ct = packet->ct,
		.flow = packet->flow,
		.text = text->text,
		.len = text->len,
		.dir = CTINFO2DIR(packet->ctinfo),
	};
	enum sipalg_mode mode = packet->mode;
	struct scratch *scratch;
	enum sip_verdict verdict;

	/* A CPU has one scratch space. */
	local_bh_disable();
	scratch = this_cpu_read(scratches);
	m.msg = &scratch->msg;
	text->space = scratch->buffer;
	this_cpu_write(m.sn->stats->why, SIPALG_STAT_PASSED_REFUSED);
	verdict = text->head ?
			  sip_parse_head(&scratch->msg, text->text, text->len) :
			  sip_parse(&scratch->msg, text->text, text->len);
	if (verdict == SIP_OK) {
		verdict = process(&m, text, mode, &scratch->plan);
	} else if (mode != SIPALG_MODE_OFF) {
		sipalg_stats_inc(m.sn, SIPALG_STAT_MESSAGES);
		conclude(&m, verdict_stats[verdict], NULL);
	}
	trace_sipalg_message(packet->ct, mode, verdict, &scratch->msg,
			     &scratch->plan);
	local_bh_enable();
}

void sipalg_message_exit(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		kvfree(per_cpu(scratches, cpu));
}

int __init sipalg_message_init(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct scratch *scratch;

		scratch = kvmalloc_node(sizeof(*scratch), GFP_KERNEL,
					cpu_to_node(cpu));
		if (!scratch) {
			sipalg_message_exit();
			return -ENOMEM;
		}
		per_cpu(scratches, cpu) = scratch;
	}
	return 0;
}
