// SPDX-License-Identifier: GPL-2.0
/*
 * Conntrack calls the helper for a flow to which a firewall rule or this module
 * gave it. A flow that was there before its scope was switched on cannot be
 * given it any more. A UDP flow ends then, so that its next packet begins one
 * that has the helper; where it is only observed sipalg_helper_watch() hands
 * over its datagrams. A TCP connection that was there before is left alone.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/route.h>
#include <net/udp.h>
#include <net/netfilter/nf_conntrack_helper.h>
#include <net/netfilter/nf_conntrack_zones.h>
#include <net/netfilter/nf_nat.h>

#include "compat.h"
#include "hook/helper.h"
#include "hook/nat.h"
#include "hook/source.h"
#include "hook/udp.h"
#include "session/flow.h"
#include "state/policy.h"
#include "state/route.h"
#include "state/ruleset.h"
#include "state/settings.h"
#include "state/stats.h"
#include "table/probe.h"
#include "table/seen.h"
#include "tcp/handshake.h"
#include "tcp/packet.h"
#include "tcp/stream.h"

DEFINE_STATIC_KEY_FALSE(sipalg_helper_enabled);

static const u8 families[] = SIPALG_HELPER_FAMILIES;
static const u8 protocols[] = { IPPROTO_UDP, IPPROTO_TCP };

#define N_HELPERS (ARRAY_SIZE(families) * ARRAY_SIZE(protocols))

/* Helpers as they are registered, and as conntrack has them: maybe copies. */
static struct nf_conntrack_helper templates[N_HELPERS];
static struct nf_conntrack_helper *helpers[N_HELPERS] __read_mostly;
static bool registered __read_mostly;
static struct nf_conntrack_nat_helper nat_helper =
	NF_CT_NAT_HELPER_INIT(SIPALG_HELPER_NAME);
static const struct nf_conntrack_expect_policy no_expectations = {
	.name = SIPALG_HELPER_NAME,
	.max_expected = 1,
	.timeout = 1,
};

/*
 * Return: offset of the UDP or TCP header; negative if the packet is not of the
 * flow's protocol, as an ICMP error about it.
 */
static int find_header(const struct sk_buff *skb, const struct nf_conn *ct)
{
	__be16 frag_off;
	u8 nexthdr;
	int offset;

	if (nf_ct_l3num(ct) == NFPROTO_IPV4) {
		if (ip_hdr(skb)->protocol != nf_ct_protonum(ct))
			return -1;
		return skb_network_offset(skb) + ip_hdrlen(skb);
	}
	nexthdr = ipv6_hdr(skb)->nexthdr;
	offset = ipv6_skip_exthdr(skb,
				  skb_network_offset(skb) +
				  sizeof(struct ipv6hdr), &nexthdr, &frag_off);
	return nexthdr == nf_ct_protonum(ct) && !frag_off ? offset : -1;
}

static void set_devices(struct sipalg_flow *flow, const struct sk_buff *skb)
{
	flow->in = sipalg_in_device(skb);
	flow->out = skb->dev ? skb->dev->ifindex : 0;
}

static enum sipalg_mode find_mode(const struct sipalg_net *sn,
				  const struct nf_conn *ct,
				  const struct sipalg_flow *flow)
{
	enum sipalg_mode mode;

	mode = sipalg_ruleset_mode(sn, nf_ct_zone(ct)->id, flow->in, flow->out);
	if (mode == SIPALG_MODE_RULE)
		return flow->automatic ? SIPALG_MODE_OFF : SIPALG_MODE_ON;
	return mode;
}

/*
 * One word holds the mode and its generation: both directions of a flow may be
 * here at a time, and one of them may have seen an older policy.
 */
static noinline enum sipalg_mode renew_mode(const struct sipalg_packet *packet,
					    u32 generation)
{
	struct sipalg_flow *flow = packet->flow;
	enum sipalg_mode mode;

	if (!READ_ONCE(flow->policy))
		set_devices(flow, packet->skb);
	mode = find_mode(packet->sn, packet->ct, flow);
	WRITE_ONCE(flow->policy, generation << SIPALG_MODE_BITS | mode);
	return mode;
}

/* The mode is looked up again only after the policy has changed. */
static enum sipalg_mode cached_mode(const struct sipalg_packet *packet)
{
	u32 generation, known;

	/* Pairs with publish_rules(): the ruleset is no older. */
	generation = smp_load_acquire(&packet->sn->policy.generation);
	known = READ_ONCE(packet->flow->policy);
	if (likely(known >> SIPALG_MODE_BITS == generation))
		return known & SIPALG_MODE_MASK;
	return renew_mode(packet, generation);
}

/* Is the mode of a flow known, and not off? */
static bool is_looked_at(const struct sipalg_net *sn,
			 const struct sipalg_flow *flow)
{
	u32 known = READ_ONCE(flow->policy);

	return known >> SIPALG_MODE_BITS == READ_ONCE(sn->policy.generation) &&
	       (known & SIPALG_MODE_MASK) != SIPALG_MODE_OFF;
}

static void note_rule(const struct sipalg_packet *packet)
{
	struct sipalg_hooks *hooks = &packet->sn->hooks;

	if (packet->flow->automatic || READ_ONCE(hooks->rule_seen))
		return;
	WRITE_ONCE(hooks->rule_seen, true);
	sipalg_net_review(packet->sn);
}

/* Does a packet leave by ip_output() or ip6_output(), which has called us? */
static bool is_leaving(const struct sk_buff *skb, u8 family)
{
	const struct dst_entry *dst = skb_dst(skb);

	if (!dst || dst->dev != skb->dev)
		return false;
	if (family == NFPROTO_IPV4)
		return dst->output == ip_output &&
		       !(skb_rtable(skb)->rt_flags & RTCF_LOCAL);
	return IS_ENABLED(CONFIG_IPV6) && dst->output == ip6_output &&
	       !(container_of(dst, struct rt6_info, dst)->rt6i_flags &
		 RTF_LOCAL);
}

/* Sends a packet on, which meets no more hooks of POSTROUTING. */
static void send_on(struct net *net, struct sock *sk, struct sk_buff *skb,
		    u8 family)
{
	if (family == NFPROTO_IPV4)
		IPCB(skb)->flags |= IPSKB_REROUTED;
	else
		IP6CB(skb)->flags |= IP6SKB_REROUTED;
	dst_output(net, sk, skb);
}

static void pass_datagram(struct sipalg_packet *packet, unsigned int protoff)
{
	packet->mode = cached_mode(packet);
	sipalg_udp_packet(packet, protoff);
}

/*
 * GRO has merged datagrams of one length. Each goes on alone, as a change may
 * give it another length. Nothing comes after the helpers that could be missed
 * by leaving out the rest of the hooks: the flow is confirmed already.
 */
static noinline int split_packet(const struct sipalg_packet *merged)
{
	struct sk_buff *segments, *segment, *next;
	const struct nf_conn *ct = merged->ct;
	int offset;

	segments = skb_gso_segment(merged->skb, 0);
	if (IS_ERR_OR_NULL(segments))
		return NF_ACCEPT;
	skb_list_walk_safe(segments, segment, next) {
		struct sipalg_packet packet = *merged;

		skb_mark_not_on_list(segment);
		packet.skb = segment;
		offset = find_header(segment, ct);
		if (offset >= 0)
			pass_datagram(&packet, offset);
		send_on(nf_ct_net(ct), merged->skb->sk, segment,
			nf_ct_l3num(ct));
	}
	consume_skb(merged->skb);
	return NF_STOLEN;
}

static bool is_enabled(const struct sipalg_net *sn)
{
	return static_branch_unlikely(&sipalg_helper_enabled) &&
	       !READ_ONCE(sn->hooks.closing);
}

/* Conntrack calls helpers in the RCU read side: it need not begin once more. */
static struct sipalg_net *find_net(const struct nf_conn *ct)
{
	return rcu_dereference(nf_ct_net(ct)->gen)->ptr[sipalg_net_id];
}

/*
 * An ICMP error is RELATED. Conntrack does not call helpers for an error in the
 * reply direction.
 */
static bool is_error(const struct sk_buff *skb, const struct nf_conn *ct,
		     enum ip_conntrack_info ctinfo)
{
	return ctinfo == IP_CT_RELATED && find_header(skb, ct) < 0;
}

/* Not inline: a keep-alive does not need it. */
static noinline int help_datagram(struct sipalg_net *sn, struct sk_buff *skb,
				  unsigned int protoff, struct nf_conn *ct,
				  enum ip_conntrack_info ctinfo)
{
	struct sipalg_packet packet = {
		.sn = sn,
		.skb = skb,
		.ct = ct,
		.flow = nfct_help_data(ct),
		.ctinfo = ctinfo,
	};

	note_rule(&packet);
	if (is_error(skb, ct, ctinfo))
		return NF_ACCEPT;
	if (unlikely(skb_is_gso(skb)) && nf_ct_is_confirmed(ct) &&
	    is_leaving(skb, nf_ct_l3num(ct)))
		return split_packet(&packet);
	pass_datagram(&packet, protoff);
	return NF_ACCEPT;
}

/*
 * A keep-alive is what an idle phone sends most. It goes a short way where the
 * mode of its flow is known: then note_rule() has seen the flow, too.
 */
static int help_udp(struct sk_buff *skb, unsigned int protoff,
		    struct nf_conn *ct, enum ip_conntrack_info ctinfo)
{
	struct sipalg_net *sn = find_net(ct);
	const struct sipalg_flow *flow = nfct_help_data(ct);

	if (!is_enabled(sn))
		return NF_ACCEPT;
	if (!sipalg_udp_is_short(skb, protoff) || skb_is_gso(skb) ||
	    ctinfo == IP_CT_RELATED || !is_looked_at(sn, flow))
		return help_datagram(sn, skb, protoff, ct, ctinfo);
	sipalg_stats_inc(sn, SIPALG_STAT_PASSED_NOT_SIP);
	sipalg_flow_refresh(flow, ct, skb);
	return NF_ACCEPT;
}

static int help_tcp(struct sk_buff *skb, unsigned int protoff,
		    struct nf_conn *ct, enum ip_conntrack_info ctinfo)
{
	struct sipalg_packet packet = {
		.sn = find_net(ct),
		.skb = skb,
		.ct = ct,
		.flow = nfct_help_data(ct),
		.ctinfo = ctinfo,
	};

	if (!is_enabled(packet.sn) ||
	    (sipalg_stream_is_left(packet.flow) &&
	     likely(!sipalg_handshake_may_come(ct))))
		return NF_ACCEPT;
	note_rule(&packet);
	if (is_error(skb, ct, ctinfo))
		return NF_ACCEPT;
	packet.mode = cached_mode(&packet);
	return sipalg_tcp_packet(&packet, protoff);
}

static bool is_sip_port(const struct sipalg_net *sn, const struct nf_conn *ct)
{
	const struct nf_conntrack_tuple *original, *reply;

	original = &ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;
	reply = &ct->tuplehash[IP_CT_DIR_REPLY].tuple;
	return sipalg_settings_has_port(&sn->settings, original->dst.u.all,
					reply->src.u.all);
}

static bool has_any_helper(const struct nf_conn *ct)
{
	const struct nf_conn_help *help = nfct_help(ct);
	const struct nf_conntrack_helper *helper =
		help ? rcu_dereference(help->helper) : NULL;

	return helper && sipalg_ct_helper_is_live(helper);
}

static struct nf_conntrack_helper *find_helper(const struct nf_conn *ct)
{
	unsigned int i;

	for (i = 0; i < N_HELPERS; i++)
		if (sipalg_ct_helper_serves(&templates[i], nf_ct_l3num(ct),
					    nf_ct_protonum(ct)))
			return READ_ONCE(helpers[i]);
	return NULL;
}

static void give_helper(struct nf_conn *ct, const struct sipalg_flow *known)
{
	struct nf_conntrack_helper *helper;
	struct nf_conn_help *help;

	if (!READ_ONCE(registered))
		return;
	helper = find_helper(ct);
	if (!helper)
		return;
	help = nf_ct_helper_ext_add(ct, GFP_ATOMIC);
	if (!help || !sipalg_ct_helper_get(helper))
		return;
	memcpy(help->data, known, sizeof(*known));
	rcu_assign_pointer(help->helper, helper);
	/* So that NAT, which comes next, does not look for another. */
	__set_bit(IPS_HELPER_BIT, &ct->status);
}

/* A call that is older than the policy may be finished by a new flow. */
static bool may_finish_call(const struct sipalg_net *sn,
			    const struct nf_conn *ct)
{
	return READ_ONCE(sn->hooks.finishing) &&
	       nf_ct_protonum(ct) == IPPROTO_UDP;
}

/* Not inline: most flows are none of ours. */
static noinline void attach_new(struct sipalg_net *sn,
				const struct sk_buff *skb, struct nf_conn *ct,
				const struct sipalg_binding *binding)
{
	struct sipalg_flow flow = {
		.automatic = !binding,
		.port_omitted = binding ? binding->port_omitted : 0,
		.writes_public_addr = binding ? binding->writes_public_addr : 0,
	};

	if (nfct_help(ct) || sipalg_probe_is_flow(ct))
		return;
	set_devices(&flow, skb);
	if (find_mode(sn, ct, &flow) != SIPALG_MODE_OFF ||
	    may_finish_call(sn, ct))
		give_helper(ct, &flow);
}

/* Not inline: most flows are none of ours. */
static noinline unsigned int begin_flow(struct sipalg_net *sn,
					struct sk_buff *skb, struct nf_conn *ct,
					const struct nf_hook_state *state)
{
	const struct sipalg_binding *binding = NULL;

	if (nf_ct_is_confirmed(ct))
		return NF_ACCEPT;
	if (test_bit(IPS_EXPECTED_BIT, &ct->status) &&
	    !sipalg_nat_arrive(sn, ct, &binding))
		return NF_DROP;
	if (binding && binding->kind != SIPALG_BINDING_SIGNALLING)
		binding = NULL;
	if (binding || is_sip_port(sn, ct))
		attach_new(sn, skb, ct, binding);
	return state->hook == NF_INET_POST_ROUTING ?
		       sipalg_nat_snat(sn, skb, state) : NF_ACCEPT;
}

/* Is a flow of signalling, or has it to do with a binding? */
static bool may_be_ours(const struct sipalg_net *sn, const struct nf_conn *ct)
{
	return is_sip_port(sn, ct) || nfct_help(ct) ||
	       test_bit(IPS_EXPECTED_BIT, &ct->status) ||
	       sipalg_binding_may_have(sn, ct->tuplehash[IP_CT_DIR_ORIGINAL]
						   .tuple.src.u.all);
}

/**
 * sipalg_helper_attach() - NAT hook where flows leave, or reach the router
 * @priv: struct sipalg_net of the namespace
 * @skb: first packet of a flow
 * @state: where it is
 *
 * Both devices of a forwarded packet are known here, its destination has been
 * translated, and the flow is not yet confirmed, so that it can be given the
 * helper. The NAT core calls this for the packets that follow only where the
 * flow is older than our hooks and is not answered: media does not pass here.
 *
 * Context: softirq or process, RCU read side.
 * Return: NF_ACCEPT, with the NAT set up or for the rules to do so; NF_DROP
 * where sipalg_nat_arrive() refuses the flow.
 */
unsigned int sipalg_helper_attach(void *priv, struct sk_buff *skb,
				  const struct nf_hook_state *state)
{
	enum ip_conntrack_info ctinfo;
	struct nf_conn *ct = nf_ct_get(skb, &ctinfo);
	struct sipalg_net *sn = priv;

	if (!ct)
		return NF_ACCEPT;
	if (unlikely(may_be_ours(sn, ct)))
		return begin_flow(sn, skb, ct, state);
	if (state->hook == NF_INET_POST_ROUTING && !nf_ct_is_confirmed(ct) &&
	    sipalg_source_matters(ct))
		sipalg_seen_note(sn, ct, ct->tuplehash[IP_CT_DIR_ORIGINAL]
						 .tuple.src.u.udp.port);
	return NF_ACCEPT;
}

static noinline unsigned int attach_old(struct sipalg_net *sn,
					struct sk_buff *skb, struct nf_conn *ct,
					enum ip_conntrack_info ctinfo)
{
	struct sipalg_flow flow = { .automatic = true };
	struct sipalg_packet packet = {
		.sn = sn,
		.skb = skb,
		.ct = ct,
		.ctinfo = ctinfo,
	};
	int offset;

	offset = find_header(skb, ct);
	if (offset < 0)
		return NF_ACCEPT;
	set_devices(&flow, skb);
	packet.mode = find_mode(sn, ct, &flow);
	if (nf_ct_protonum(ct) == IPPROTO_UDP)
		sipalg_udp_packet(&packet, offset);
	else if (packet.mode != SIPALG_MODE_OFF)
		sipalg_stats_inc(sn, SIPALG_STAT_NO_HELPER);
	return NF_ACCEPT;
}

/* The devices by which the ends of a flow are reached now. */
static void guess_devices(struct sipalg_flow *flow, const struct nf_conn *ct)
{
	flow->in = sipalg_route_to_source(ct, IP_CT_DIR_ORIGINAL);
	flow->out = sipalg_route_masquerade(ct);
	if (!flow->out)
		flow->out = sipalg_route_to_source(ct, IP_CT_DIR_REPLY);
}

/**
 * struct scan - a walk over all flows
 * @sn: the namespace
 * @left: flows were found that are older than their mode, and that go on
 */
struct scan {
	struct sipalg_net *sn;
	bool left;
};

/*
 * A flow that a flowtable forwards would go on there for a while, with another
 * address; `sipalg check` tells of these.
 */
static int is_to_end(struct nf_conn *ct, void *data)
{
	struct sipalg_flow flow = { .automatic = true };
	struct scan *scan = data;
	enum sipalg_mode mode;
	bool helped;

	if ((nf_ct_protonum(ct) != IPPROTO_UDP &&
	     nf_ct_protonum(ct) != IPPROTO_TCP) || !is_sip_port(scan->sn, ct))
		return false;
	guess_devices(&flow, ct);
	rcu_read_lock();
	helped = has_any_helper(ct);
	mode = find_mode(scan->sn, ct, &flow);
	rcu_read_unlock();
	if (helped)
		return false;
	if (mode == SIPALG_MODE_ON && nf_ct_protonum(ct) == IPPROTO_UDP &&
	    !test_bit(IPS_OFFLOAD_BIT, &ct->status))
		return true;
	if (mode != SIPALG_MODE_OFF || !flow.in || !flow.out)
		scan->left = true;
	return false;
}

/**
 * sipalg_helper_end_unhelped() - end UDP flows that began before their scope
 * was on
 * @sn: the namespace, with its hooks and policy
 *
 * The next packet of each makes a flow that has the helper.
 *
 * Context: process.
 * Return: true where flows go on that are older than their mode, or that may
 * be: sipalg_helper_watch() must look at packets as long as they do.
 */
bool sipalg_helper_end_unhelped(struct sipalg_net *sn)
{
	struct scan scan = { .sn = sn };
	const struct nf_ct_iter_data iter = { .net = sn->net, .data = &scan };

	if (!READ_ONCE(registered) ||
	    !(sipalg_policy_modes(sn) &
	      (BIT(SIPALG_MODE_ON) | BIT(SIPALG_MODE_OBSERVE))))
		return false;
	nf_ct_iterate_cleanup_net(is_to_end, &iter);
	return scan.left;
}

static bool is_related(enum ip_conntrack_info ctinfo)
{
	return ctinfo == IP_CT_RELATED || ctinfo == IP_CT_RELATED_REPLY;
}

/*
 * ICMP errors that this machine makes mostly quote the packet before it was
 * rewritten; they have no input device.
 */
static noinline void pass_error(struct sk_buff *skb, const struct nf_conn *ct,
				enum ip_conntrack_info ctinfo)
{
	if (nf_ct_protonum(ct) == IPPROTO_TCP && sipalg_has_helper(ct) &&
	    find_header(skb, ct) < 0 && sipalg_in_device(skb) &&
	    !nf_is_loopback_packet(skb))
		sipalg_tcp_error(skb, ct, ctinfo);
}

/**
 * sipalg_helper_watch() - hook just before conntrack calls the helpers
 * @priv: struct sipalg_net of the namespace
 * @skb: a packet
 * @state: place of the hook
 *
 * For packets of flows that are older than their mode, and for ICMP errors
 * about TCP connections; it is registered only where there have been such. NAT
 * has been done, also to the packet that an ICMP error quotes.
 *
 * Context: softirq or process, RCU read side.
 * Return: a netfilter verdict.
 */
unsigned int sipalg_helper_watch(void *priv, struct sk_buff *skb,
				 const struct nf_hook_state *state)
{
	enum ip_conntrack_info ctinfo;
	struct nf_conn *ct = nf_ct_get(skb, &ctinfo);
	struct sipalg_net *sn = priv;

	if (!READ_ONCE(sn->hooks.looking) || !ct || !nf_ct_is_confirmed(ct))
		return NF_ACCEPT;
	if (unlikely(is_related(ctinfo)))
		pass_error(skb, ct, ctinfo);
	if (!is_sip_port(sn, ct) || has_any_helper(ct) ||
	    (nf_ct_protonum(ct) != IPPROTO_UDP &&
	     nf_ct_protonum(ct) != IPPROTO_TCP))
		return NF_ACCEPT;
	return attach_old(sn, skb, ct, ctinfo);
}

static void init_helper(struct nf_conntrack_helper *helper, u8 family,
			u8 protocol)
{
	sipalg_ct_helper_init(helper, family, protocol, SIPALG_HELPER_NAME,
			      SIPALG_PORT, &no_expectations,
			      protocol == IPPROTO_TCP ? help_tcp : help_udp);
	if (protocol == IPPROTO_TCP)
		helper->destroy = sipalg_stream_destroy;
}

int sipalg_helper_setup(void)
{
	unsigned int i, j, n = 0;
	int err;

	NF_CT_HELPER_BUILD_BUG_ON(sizeof(struct sipalg_flow));
	for (i = 0; i < ARRAY_SIZE(families); i++)
		for (j = 0; j < ARRAY_SIZE(protocols); j++)
			init_helper(&templates[n++], families[i], protocols[j]);
	err = sipalg_ct_helpers_register(templates, N_HELPERS, helpers);
	if (err) {
		if (err == -EBUSY || err == -EEXIST)
			pr_err("helper sip is taken: unload nf_nat_sip and nf_conntrack_sip first\n");
		return err;
	}
	nf_nat_helper_register(&nat_helper);
	WRITE_ONCE(registered, true);
	return 0;
}

void sipalg_helper_teardown(void)
{
	WRITE_ONCE(registered, false);
	synchronize_net();
	nf_nat_helper_unregister(&nat_helper);
	sipalg_ct_helpers_unregister(helpers, N_HELPERS);
}
