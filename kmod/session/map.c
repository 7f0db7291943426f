// SPDX-License-Identifier: GPL-2.0

#include <net/netfilter/nf_conntrack_zones.h>

#include "session/far.h"
#include "session/map.h"
#include "session/offer.h"
#include "session/trust.h"
#include "state/ruleset.h"
#include "state/stats.h"
#include "table/key.h"
#include "table/mapping.h"
#include "table/registrar.h"

/* Fields that promise a port, as bits. */
#define PROMISES (BIT(SIP_VIA) | BIT(SIP_CONTACT) | BIT(SIP_PATH) | \
		  BIT(SIP_RECORD_ROUTE))

static struct sipalg_message *message_of(struct sip_nat *nat)
{
	return container_of(nat, struct sipalg_message, nat);
}

static u16 zone_id(const struct sipalg_message *m, enum ip_conntrack_dir dir)
{
	return nf_ct_zone_id(nf_ct_zone(m->ct), dir);
}

static __always_inline void set_endpoint(struct sip_endpoint *ep, u8 family,
					 const union nf_inet_addr *addr,
					 __be16 port)
{
	memcpy(ep->addr, addr, sizeof(ep->addr));
	ep->port = ntohs(port);
	ep->family = family;
}

/* The address of an endpoint that packets have. */
static const union nf_inet_addr *packet_addr(const struct sipalg_message *m,
					     const struct sip_endpoint *ep)
{
	if (m->shown && !memcmp(ep->addr, m->shown->addr, sizeof(ep->addr)))
		return &m->given;
	return sipalg_map_addr(ep);
}

/**
 * sipalg_map_key() - an endpoint of a message as a key
 * @key: filled in; its protocol is that of the flow
 * @m: the message
 * @ep: the endpoint
 * @dir: direction of the packets whose source or target it is
 *
 * Context: any.
 */
void sipalg_map_key(struct sipalg_endpoint *key, const struct sipalg_message *m,
		    const struct sip_endpoint *ep, enum ip_conntrack_dir dir)
{
	memset(key, 0, sizeof(*key));
	key->addr = *packet_addr(m, ep);
	key->port = htons(ep->port);
	key->zone = zone_id(m, dir);
	key->family = nf_ct_l3num(m->ct);
	key->proto = nf_ct_protonum(m->ct);
}

static __always_inline bool is_same_endpoint(const struct sip_endpoint *a,
					     const struct sip_endpoint *b)
{
	return a->port == b->port && sip_same_address(a, b);
}

/* What the scopes of the outside device say. */
static void find_options(const struct sipalg_message *m,
			 struct sipalg_options *options)
{
	sipalg_ruleset_options(m->sn, nf_ct_zone(m->ct)->id,
			       sipalg_map_outside_device(m), options);
}

/*
 * Behind another NAT, messages name the address that this one shows. Between
 * two inside hosts (hairpin) they name the router's own.
 */
static noinline void show_address(struct sipalg_message *m)
{
	struct sip_nat *nat = &m->nat;
	struct sip_endpoint *shown = nat->source_inside.family ?
		&nat->source_outside : &nat->target_outside;
	struct sipalg_options options;

	if (!nat->source_inside.family == !nat->target_outside.family)
		return;
	find_options(m, &options);
	if (options.family != nf_ct_l3num(m->ct))
		return;
	m->given = *sipalg_map_addr(shown);
	memcpy(shown->addr, &options.addr, sizeof(shown->addr));
	m->shown = shown;
}

/**
 * sipalg_map_set_endpoints() - find what the NAT does to the packet
 * @m: the message; its endpoints are filled in
 *
 * Where a flow is not translated, both hosts are inside and outside alike. Then
 * no text changes, but the media gets bindings all the same, for a firewall
 * that lets in only related flows.
 *
 * Context: RCU read side.
 */
void sipalg_map_set_endpoints(struct sipalg_message *m)
{
	const struct nf_conntrack_tuple *before, *after;
	const struct nf_conn *ct = m->ct;
	u8 family = nf_ct_l3num(ct) == NFPROTO_IPV4 ? 4 : 6;
	struct sip_nat *nat = &m->nat;
	bool source, target;

	before = &ct->tuplehash[m->dir].tuple;
	after = &ct->tuplehash[!m->dir].tuple;
	set_endpoint(&nat->source_inside, family, &before->src.u3,
		     before->src.u.all);
	set_endpoint(&nat->source_outside, family, &after->dst.u3,
		     after->dst.u.all);
	set_endpoint(&nat->target_outside, family, &before->dst.u3,
		     before->dst.u.all);
	set_endpoint(&nat->target_inside, family, &after->src.u3,
		     after->src.u.all);
	source = !is_same_endpoint(&nat->source_inside, &nat->source_outside);
	target = !is_same_endpoint(&nat->target_inside, &nat->target_outside);
	if (source && !target)
		nat->target_outside.family = 0;
	if (target && !source)
		nat->source_inside.family = 0;
	if (unlikely(sipalg_ruleset_says_more(m->sn)))
		show_address(m);
}

/**
 * sipalg_map_find_dialog() - look for the dialog of a message
 * @m: the message, with its endpoints; its dialog is filled in, if there is one
 * @outbound: the dialog of the sender, else that of the receiver; the one that
 *	is asked for is an inside host
 *
 * Context: softirq or process, RCU read side.
 */
void sipalg_map_find_dialog(struct sipalg_message *m, bool outbound)
{
	const struct sip_span *id = &m->msg->call_id;
	const struct sip_nat *nat = &m->nat;

	m->key.host = *sipalg_map_addr(outbound ? &nat->source_inside :
						  &nat->target_inside);
	m->key.zone = nf_ct_zone(m->ct)->id;
	m->key.family = nf_ct_l3num(m->ct);
	sipalg_key_call_id(&m->key, m->text + id->off, id->len, m->msg->method);
	m->dmsg = (struct sipalg_dialog_msg) {
		.msg = m->msg,
		.sender = sipalg_map_addr(nat->source_inside.family ?
						  &nat->source_inside :
						  &nat->source_outside),
		.outbound = outbound,
	};
	/* Only calls have legs. */
	if (m->key.use == SIPALG_USE_CALL)
		sipalg_key_tags(&m->dmsg, m->text);
	m->dialog = sipalg_dialog_find(m->sn, &m->key);
}

static bool is_translated(const struct sipalg_message *m)
{
	const struct sip_nat *nat = &m->nat;

	return !nat->source_inside.family || !nat->target_outside.family ||
	       !is_same_endpoint(&nat->source_inside, &nat->source_outside);
}

/* The dialog that a message begins; its text is still there. */
static struct sipalg_dialog_spec spec_of(const struct sipalg_message *m)
{
	const struct sip_span *id = &m->msg->call_id;

	return (struct sipalg_dialog_spec) {
		.key = m->key,
		.origin = {
			.in = m->flow ? m->flow->in : sipalg_in_device(m->skb),
			.out = m->flow ? m->flow->out : m->skb->dev->ifindex,
		},
		.peer = *sipalg_map_addr(&m->nat.target_inside),
		.method = m->msg->method,
		.call_id = m->text + id->off,
		.call_id_len = id->len,
		.is_counted = m->is_asked_for,
		.automatic = !m->flow || m->flow->automatic,
		.unproven = !m->is_asked_for && !is_translated(m),
		.device = sipalg_in_device(m->skb),
	};
}

/* Not inline: most messages have their dialog. */
static noinline bool make_dialog(struct sipalg_message *m)
{
	struct sipalg_dialog_spec spec;

	if (!m->dmsg.msg)
		sipalg_map_find_dialog(m, true);
	if (!m->dialog) {
		spec = spec_of(m);
		m->refused = sipalg_dialog_make(m->sn, &spec, &m->dialog);
	}
	if (!m->dialog)
		return false;
	sipalg_offer_begin(m->dialog, &m->dmsg);
	return true;
}

/**
 * sipalg_map_make_dialog() - have a dialog for the sender of a message
 * @m: the message of an inside host, before the packet is changed
 *
 * Context: softirq or process, RCU read side.
 * Return: false, with the reason in @m, where there can be none.
 */
bool sipalg_map_make_dialog(struct sipalg_message *m)
{
	return m->dialog || make_dialog(m);
}

/* Not inline: most scopes have nothing but a mode. */
static noinline void narrow_range(const struct sipalg_message *m,
				  struct sipalg_port_request *request)
{
	struct sipalg_options options;

	find_options(m, &options);
	if (!options.port_max)
		return;
	request->port_min = options.port_min;
	request->port_max = options.port_max;
}

/* Return: SIPALG_STAT_NONE; or the counter of the reason why there are none. */
static enum sipalg_stat get_ports(const struct sipalg_message *m,
				  struct sipalg_port_request *request,
				  unsigned int *n, struct sipalg_binding *got[])
{
	request->port_min = SIPALG_PORT_USER_MIN;
	request->port_max = U16_MAX;
	if (unlikely(sipalg_ruleset_says_more(m->sn)))
		narrow_range(m, request);
	return sipalg_port_get(m->sn, request, n, got);
}

/**
 * sipalg_map_take() - lease bindings to the dialog of a message
 * @m: the message; a dialog is made if there is none
 * @request: the first of its neighbouring ports; the range is filled in
 * @n: number of ports
 * @got: set to the bindings
 *
 * Context: softirq or process, RCU read side; takes port and binding locks.
 * Return: number of bindings; 0, with the reason in @m, for none.
 */
unsigned int sipalg_map_take(struct sipalg_message *m,
			     struct sipalg_port_request *request,
			     unsigned int n, struct sipalg_binding *got[])
{
	struct sipalg_leases *leases;
	unsigned int i;

	if (!sipalg_map_make_dialog(m))
		return 0;
	leases = &m->dialog->leases;
	if (!sipalg_lease_get(leases, &request->spec, n, got)) {
		m->refused = get_ports(m, request, &n, got);
		if (m->refused)
			return 0;
	}
	for (i = 0; i < n; i++) {
		WRITE_ONCE(got[i]->media, request->media);
		sipalg_binding_renew_master(m->sn, got[i], m->ct);
	}
	m->refused = sipalg_lease_take(m->sn, leases, got, n, request->media);
	return m->refused ? 0 : n;
}

static void admit_peer(struct sipalg_dialog *dialog,
		       struct sipalg_binding *binding,
		       const union nf_inet_addr *peer)
{
	if (dialog->key.use == SIPALG_USE_CALL)
		sipalg_lease_admit(&dialog->leases, binding, peer);
	else
		sipalg_lease_admit_registrar(&dialog->leases, binding,
					     sipalg_registrar_add(dialog,
								  peer));
}

/**
 * sipalg_map_take_signalling() - lease a signalling binding
 * @m: the message; a dialog is made if there is none
 * @request: its endpoints
 * @peer: who may send to it from now on; NULL for nobody
 *
 * Context: softirq or process, RCU read side; takes port and binding locks.
 * Return: the binding; NULL, with the reason in @m, if there is none to be had.
 */
struct sipalg_binding *
sipalg_map_take_signalling(struct sipalg_message *m,
			   struct sipalg_port_request *request,
			   const union nf_inet_addr *peer)
{
	struct sipalg_binding *got;

	request->spec.kind = SIPALG_BINDING_SIGNALLING;
	if (!sipalg_map_take(m, request, 1, &got))
		return NULL;
	if (peer)
		admit_peer(m->dialog, got, peer);
	return got;
}

/**
 * sipalg_map_find_binding() - the binding that the sender's endpoint has
 * @m: the message of an inside host
 * @inside: the endpoint
 *
 * Context: softirq or process, RCU read side.
 * Return: the binding for the protocol of the flow, or NULL.
 */
struct sipalg_binding *
sipalg_map_find_binding(const struct sipalg_message *m,
			const struct sip_endpoint *inside)
{
	struct sipalg_endpoint key;

	sipalg_map_key(&key, m, inside, m->dir);
	return sipalg_binding_by_inside(m->sn, &key,
					packet_addr(m,
						    &m->nat.source_outside));
}

/**
 * sipalg_map_init_request() - ask for a binding
 * @request: all zero; filled in
 * @m: the message of an inside host
 * @inside: an endpoint on which the host receives
 * @proto: IPPROTO_UDP or IPPROTO_TCP
 *
 * Context: softirq or process, RCU read side.
 */
void sipalg_map_init_request(struct sipalg_port_request *request,
			     struct sipalg_message *m,
			     const struct sip_endpoint *inside, u8 proto)
{
	struct sipalg_binding_spec *spec = &request->spec;

	request->probe = m->probe;
	sipalg_map_key(&spec->inside, m, inside, m->dir);
	sipalg_map_key(&spec->outside, m, &m->nat.source_outside, !m->dir);
	spec->outside.port = spec->inside.port;
	spec->inside.proto = proto;
	spec->outside.proto = proto;
	spec->master = m->ct;
	spec->ifindex = m->skb->dev->ifindex;
	spec->payer = sipalg_map_addr(&m->nat.source_inside);
	/* Without NAT there is nothing to choose. */
	request->exact = nf_inet_addr_cmp(&spec->inside.addr,
					  &spec->outside.addr);
}

/**
 * sipalg_map_makes_binding() - does a field promise that a port can be reached?
 * @field: the field
 *
 * Others only name a port that may have a binding.
 *
 * Context: any.
 */
bool sipalg_map_makes_binding(enum sip_field field)
{
	return BIT(field) & PROMISES;
}

/**
 * sipalg_map_is_well_known() - is it the port of a well-known service?
 * @m: the message that names it; the reason is left there
 * @port: the port
 *
 * An attacker may make a phone name its web or SSH server as the place where it
 * wants to be called, or heard.
 *
 * Context: any.
 */
bool sipalg_map_is_well_known(struct sipalg_message *m, u16 port)
{
	if (port >= SIPALG_PORT_USER_MIN)
		return false;
	m->refused = sipalg_stats_refuse(m->sn, SIPALG_STAT_LOW_PORT);
	return true;
}

static u8 public_addr_bit(enum sip_field field)
{
	return field == SIP_VIA ? BIT(0) : BIT(1);
}

/* The bits of all fields among these that promise a port. */
static u8 public_addr_bits(u32 fields)
{
	return (fields & BIT(SIP_VIA) ? public_addr_bit(SIP_VIA) : 0) |
	       (fields & PROMISES & ~BIT(SIP_VIA) ?
			public_addr_bit(SIP_CONTACT) : 0);
}

/* Fields that the sender of the message itself fills in, as bits. */
static u32 fields_of_sender(const struct sip_msg *msg)
{
	u32 fields = BIT(SIP_CONTACT) | BIT(SIP_RECORD_ROUTE) | BIT(SIP_PATH) |
		     BIT(SIP_SERVICE_ROUTE);

	if (!msg->status)
		fields |= BIT(SIP_VIA) | BIT(SIP_REQUEST_URI) | BIT(SIP_ROUTE) |
			  BIT(SIP_REFER_TO);
	return fields;
}

/**
 * sipalg_map_learn() - learn how the inside host writes its address
 * @m: the message, before it is translated
 *
 * The host gets back what it wrote: without a port where it wrote none; and its
 * outside address where a phone that learned it from STUN (RFC 8489) writes
 * that. A UAC may drop a response whose sent-by it did not send (RFC 3261,
 * 18.1.2). A phone that begins to write the outside address in the middle of a
 * call is taken note of only after it, as the call's responses still repeat the
 * other address.
 *
 * Context: any.
 */
void sipalg_map_learn(struct sipalg_message *m)
{
	u32 fields = fields_of_sender(m->msg), inside = 0, outside = 0, i;
	const struct sip_nat *nat = &m->nat;
	struct sipalg_flow *flow = m->flow;
	u16 omitted;

	if (!flow || m->observe || !nat->source_inside.family)
		return;
	omitted = flow->port_omitted;
	for (i = 0; i < m->msg->n_addr_refs; i++) {
		const struct sip_addr_ref *ref = &m->msg->addr_refs[i];
		u32 field = BIT(ref->field) & fields;

		if (is_same_endpoint(&ref->ep, &nat->source_inside)) {
			inside |= field;
			omitted = ref->port.len ? omitted & ~field :
						  omitted | field;
		} else if (is_same_endpoint(&ref->ep, &nat->source_outside)) {
			outside |= field;
		}
	}
	flow->port_omitted = omitted;
	if (!flow->until[SIPALG_KEEPER_CALL])
		flow->writes_public_addr |= public_addr_bits(outside);
	flow->writes_public_addr &= ~public_addr_bits(inside);
}

static enum sip_map_verdict bind_outward(struct sipalg_message *m,
					 enum sip_field field,
					 const struct sip_endpoint *inside,
					 bool port_written,
					 struct sip_endpoint *outside)
{
	const union nf_inet_addr *peer = NULL;
	struct sipalg_port_request request = {};
	struct sipalg_binding *got;

	sipalg_map_init_request(&request, m, inside, nf_ct_protonum(m->ct));
	/*
	 * A Contact to be registered is for the registrar, once it has agreed.
	 */
	if (m->msg->method != SIP_REGISTER || field == SIP_VIA)
		peer = sipalg_map_addr(&m->nat.target_inside);
	sipalg_map_key(&request.far, m, &m->nat.target_inside, m->dir);
	got = sipalg_map_take_signalling(m, &request, peer);
	if (!got)
		return SIP_MAP_REFUSE;
	if (port_written)
		got->port_omitted &= ~BIT(field);
	else
		got->port_omitted |= BIT(field);
	outside->port = ntohs(got->outside_port);
	return SIP_MAP_CHANGE;
}

/* Not inline: most fields name the port that their message comes from. */
static noinline enum sip_map_verdict
map_other_port(struct sipalg_message *m, enum sip_field field,
	       const struct sip_endpoint *inside, bool port_written,
	       struct sip_endpoint *outside)
{
	struct sipalg_binding *found = sipalg_map_find_binding(m, inside);

	if (sipalg_map_makes_binding(field) && !m->observe)
		return !found && sipalg_map_is_well_known(m, inside->port) ?
			       SIP_MAP_REFUSE :
			       bind_outward(m, field, inside, port_written,
					    outside);
	outside->port = found ? ntohs(found->outside_port) : inside->port;
	return found || sipalg_map_makes_binding(field) ? SIP_MAP_CHANGE :
							  SIP_MAP_KEEP;
}

static enum sip_map_verdict answer_outward(struct sip_nat *nat,
					   enum sip_field field,
					   const struct sip_endpoint *inside,
					   bool port_written,
					   struct sip_endpoint *outside)
{
	*outside = nat->source_outside;
	if (likely(inside->port == nat->source_inside.port))
		return SIP_MAP_CHANGE;
	return map_other_port(message_of(nat), field, inside, port_written,
			      outside);
}

/* The field of the inside host's own messages that this one repeats. */
static enum sip_field source_field(enum sip_field field)
{
	return field == SIP_REQUEST_URI ? SIP_CONTACT :
	       field == SIP_ROUTE ? SIP_RECORD_ROUTE : field;
}

static bool is_own_flow(const struct sipalg_message *m,
			const struct sip_endpoint *outside)
{
	return outside->port == m->nat.target_outside.port;
}

/**
 * sipalg_map_find_inside() - find the inside endpoint behind an outside one
 * @m: the message
 * @outside: an endpoint with the receiver's outside address
 * @inside: set to the inside endpoint
 * @port_omitted: bits by enum sip_field: fields that the inside host wrote
 *	without its port
 *
 * Context: RCU read side.
 * Return: false if it is none of the receiver's.
 */
bool sipalg_map_find_inside(const struct sipalg_message *m,
			    const struct sip_endpoint *outside,
			    struct sip_endpoint *inside, u16 *port_omitted)
{
	const struct sipalg_binding *binding;
	struct sipalg_endpoint key;

	*inside = m->nat.target_inside;
	if (is_own_flow(m, outside)) {
		*port_omitted = m->flow ? m->flow->port_omitted : 0;
		return true;
	}
	sipalg_map_key(&key, m, outside, m->dir);
	binding = sipalg_binding_by_outside(m->sn, &key);
	if (!binding || !nf_inet_addr_cmp(&binding->inside.addr,
					  sipalg_map_addr(inside)))
		return false;
	inside->port = ntohs(binding->inside.port);
	*port_omitted = binding->port_omitted;
	return true;
}

static enum sip_map_verdict answer_inward(struct sip_nat *nat,
					  enum sip_field field,
					  const struct sip_endpoint *outside,
					  struct sip_endpoint *inside,
					  bool *port_written)
{
	struct sipalg_message *m = message_of(nat);
	u16 port_omitted;

	if (m->flow && is_own_flow(m, outside) &&
	    m->flow->writes_public_addr & public_addr_bit(field))
		return SIP_MAP_KEEP;
	if (!sipalg_map_find_inside(m, outside, inside, &port_omitted))
		return SIP_MAP_KEEP;
	*port_written = !(port_omitted & BIT(source_field(field)));
	return SIP_MAP_CHANGE;
}

/* What the phone sends to the far end already shows a port: promise that. */
static void prefer_mapping(struct net *net, struct sipalg_port_request *request)
{
	struct sipalg_binding_spec *spec = &request->spec;
	struct sipalg_endpoint outside;

	if (sipalg_mapping_find(net, &spec->inside, &request->far, &outside) &&
	    nf_inet_addr_cmp(&outside.addr, &spec->outside.addr) &&
	    !((ntohs(outside.port) ^ ntohs(spec->inside.port)) & 1))
		spec->outside.port = outside.port;
}

static enum sip_map_verdict map_ports(struct sipalg_message *m,
				      const struct sdp_ports *ports,
				      const struct sip_endpoint *inside,
				      u8 kind, unsigned int n,
				      struct sip_endpoint *outside)
{
	struct sipalg_port_request request = {
		.spec.kind = kind,
		.media = ports->media + 1,
	};
	const struct sipalg_binding_spec *spec = &request.spec;
	struct sipalg_binding *got[SDP_PORTS_MAX];

	sipalg_map_init_request(&request, m, inside,
				ports->tcp ? IPPROTO_TCP : IPPROTO_UDP);
	*outside = m->nat.source_outside;
	outside->port = inside->port;
	if (m->observe) {
		got[0] = sipalg_binding_by_inside(m->sn, &spec->inside,
						  &spec->outside.addr);
		if (got[0])
			outside->port = ntohs(got[0]->outside_port);
		return SIP_MAP_CHANGE;
	}
	if (!sipalg_map_make_dialog(m))
		return SIP_MAP_REFUSE;
	if (sipalg_far_find(m->dialog, ports->media, &request.far))
		prefer_mapping(m->sn->net, &request);
	n = sipalg_map_take(m, &request, n, got);
	if (!n)
		return SIP_MAP_REFUSE;
	sipalg_far_admit_peers(m->dialog, got, n);
	outside->port = ntohs(got[0]->outside_port);
	return SIP_MAP_CHANGE;
}

static enum sip_map_verdict answer_media(struct sip_nat *nat,
					 struct sdp_ports *ports)
{
	u8 kind = ports->rtp ? SIPALG_BINDING_RTP : SIPALG_BINDING_MEDIA;
	unsigned int n = min(ports->n_ports * ports->stride, SDP_PORTS_MAX);
	struct sipalg_message *m = message_of(nat);
	enum sip_map_verdict verdict;

	verdict = map_ports(m, ports, &ports->inside, kind, n,
			    &ports->outside);
	if (verdict != SIP_MAP_CHANGE || !ports->rtcp_inside.family)
		return verdict;
	return map_ports(m, ports, &ports->rtcp_inside, SIPALG_BINDING_RTCP, 1,
			 &ports->rtcp_outside);
}

/* The translator may ask twice for one section. */
static bool answer_forbids(struct sip_nat *nat, const struct sdp_ports *ports)
{
	struct sipalg_message *m = message_of(nat);
	u16 port = ports->inside.port;

	if (ports->rtcp_inside.family)
		port = min(port, ports->rtcp_inside.port);
	if (m->has_low_port)
		return port < SIPALG_PORT_USER_MIN;
	m->has_low_port = sipalg_map_is_well_known(m, port);
	return m->has_low_port;
}

/* Without NAT no text changes. */
static bool answer_speaks_for(struct sip_nat *nat,
			      const struct sip_endpoint *host)
{
	const struct sipalg_message *m = message_of(nat);
	struct sipalg_endpoint sender, named;
	struct sipalg_options options;

	if (sip_same_address(&nat->source_inside, &nat->source_outside) ||
	    sip_same_address(host, &nat->source_outside))
		return false;
	find_options(m, &options);
	sipalg_map_key(&sender, m, &nat->source_inside, m->dir);
	sipalg_map_key(&named, m, host, m->dir);
	return sipalg_trust_allows(m->ct, &options.trust, &sender, &named,
				   sipalg_in_device(m->skb),
				   sipalg_map_outside_device(m));
}

const struct sip_nat_ops sipalg_map_ops = {
	.outward = answer_outward,
	.inward = answer_inward,
	.media = answer_media,
	.forbids = answer_forbids,
	.speaks_for = answer_speaks_for,
};
