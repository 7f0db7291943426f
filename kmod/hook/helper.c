// SPDX-License-Identifier: GPL-2.0
/*
 * A flow that a firewall rule or this module gave the helper meets it through
 * conntrack. Flows that were there before their scope was switched on cannot be
 * given it any more; attach() below hands their datagrams over. TCP connections
 * that were there before are left alone.
 *
 * Nothing is registered in a namespace, and the static key is off, until
 * somebody asks for it there.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ipv6.h>
#include <linux/netfilter_ipv4.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/netfilter/nf_conntrack_helper.h>
#include <net/netfilter/nf_conntrack_zones.h>
#include <net/netfilter/nf_nat.h>

#include "hook/udp.h"
#include "main.h"
#include "hook/nat.h"

#define HELPER_NAME "sip"

static DEFINE_STATIC_KEY_FALSE(enabled);

static struct nf_conntrack_helper helpers[4] __read_mostly;
static bool registered __read_mostly;
static struct nf_conntrack_nat_helper nat_helper =
	NF_CT_NAT_HELPER_INIT(HELPER_NAME);
static const struct nf_conntrack_expect_policy no_expectations = {
	.name = HELPER_NAME,
	.max_expected = 1,
	.timeout = 1,
};

/*
 * Return: offset of the UDP or TCP header, or negative: the packet is not of
 * the flow's protocol, as an ICMP error about it.
 */
static int header_offset(const struct sk_buff *skb, const struct nf_conn *ct)
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
	offset = ipv6_skip_exthdr(
		skb, skb_network_offset(skb) + sizeof(struct ipv6hdr), &nexthdr,
		&frag_off);
	return nexthdr == nf_ct_protonum(ct) && !frag_off ? offset : -1;
}

static void set_devices(struct sipalg_flow *flow, const struct sk_buff *skb)
{
	flow->in = sipalg_in_device(skb);
	flow->out = skb->dev ? skb->dev->ifindex : 0;
}

static enum sipalg_mode mode_of(const struct sipalg_net *sn,
				const struct nf_conn *ct,
				const struct sipalg_flow *flow)
{
	enum sipalg_mode mode;

	mode = sipalg_policy_mode(sn, nf_ct_zone(ct)->id, flow->in, flow->out);
	if (mode == SIPALG_MODE_RULE)
		return flow->automatic ? SIPALG_MODE_OFF : SIPALG_MODE_ON;
	return mode;
}

/*
 * The mode is looked up again only after the policy has changed. One word holds
 * it and the generation it is of: both directions of a flow may be here at a
 * time, and one of them may have seen an older policy.
 */
static enum sipalg_mode cached_mode(struct sipalg_net *sn,
				    const struct nf_conn *ct,
				    struct sipalg_flow *flow,
				    const struct sk_buff *skb)
{
	enum sipalg_mode mode;
	u32 generation, known;

	/* Pairs with publish(): the ruleset is no older than its generation. */
	generation = smp_load_acquire(&sn->policy.generation);
	known = READ_ONCE(flow->policy);
	if (known >> SIPALG_MODE_BITS == generation)
		return known & SIPALG_MODE_MASK;
	if (!known)
		set_devices(flow, skb);
	mode = mode_of(sn, ct, flow);
	WRITE_ONCE(flow->policy, generation << SIPALG_MODE_BITS | mode);
	return mode;
}

static int help(struct sk_buff *skb, unsigned int protoff, struct nf_conn *ct,
		enum ip_conntrack_info ctinfo)
{
	struct sipalg_net *sn = sipalg_pernet(nf_ct_net(ct));
	struct sipalg_flow *flow = nfct_help_data(ct);
	struct sipalg_packet packet;

	if (!static_branch_unlikely(&enabled) || READ_ONCE(sn->hooks.closing) ||
	    sipalg_stream_is_left(flow))
		return NF_ACCEPT;
	if (!flow->automatic && !READ_ONCE(sn->hooks.rule_seen)) {
		WRITE_ONCE(sn->hooks.rule_seen, true);
		sipalg_hooks_review(sn);
	}
	/*
	 * ICMP errors are RELATED; those that go the other way do not come
	 * here.
	 */
	if (ctinfo == IP_CT_RELATED && header_offset(skb, ct) < 0)
		return NF_ACCEPT;

	packet = (struct sipalg_packet) {
		.sn = sn,
		.skb = skb,
		.ct = ct,
		.flow = flow,
		.ctinfo = ctinfo,
		.mode = cached_mode(sn, ct, flow, skb),
	};
	if (nf_ct_protonum(ct) == IPPROTO_TCP)
		return sipalg_tcp_packet(&packet, protoff);
	sipalg_udp_packet(&packet, protoff);
	return NF_ACCEPT;
}

static bool is_sip_port(const struct sipalg_net *sn, const struct nf_conn *ct)
{
	return sipalg_settings_has_port(
		&sn->settings,
		ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple.dst.u.all,
		ct->tuplehash[IP_CT_DIR_REPLY].tuple.src.u.all);
}

static bool has_helper(const struct nf_conn *ct)
{
	const struct nf_conn_help *help = nfct_help(ct);

	return help && rcu_access_pointer(help->helper);
}

/**
 * sipalg_has_helper() - is a flow one of signalling?
 * @ct: the flow
 *
 * Context: RCU read side.
 */
bool sipalg_has_helper(const struct nf_conn *ct)
{
	const struct nf_conn_help *help = nfct_help(ct);
	const struct nf_conntrack_helper *helper =
		help ? rcu_dereference(help->helper) : NULL;

	return helper && helper->me == THIS_MODULE;
}

static struct nf_conntrack_helper *helper_of(const struct nf_conn *ct)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(helpers); i++)
		if (helpers[i].tuple.src.l3num == nf_ct_l3num(ct) &&
		    helpers[i].tuple.dst.protonum == nf_ct_protonum(ct))
			return &helpers[i];
	return NULL;
}

static void give_helper(struct nf_conn *ct, const struct sipalg_flow *known)
{
	struct nf_conntrack_helper *helper = helper_of(ct);
	struct nf_conn_help *help;

	if (!helper || !READ_ONCE(registered))
		return;
	help = nf_ct_helper_ext_add(ct, GFP_ATOMIC);
	if (!help)
		return;
	memcpy(help->data, known, sizeof(*known));
	rcu_assign_pointer(help->helper, helper);
}

static noinline unsigned int
attach_new(struct sipalg_net *sn, const struct sk_buff *skb, struct nf_conn *ct)
{
	const struct sipalg_binding *binding = sipalg_nat_signalling(sn, ct);
	struct sipalg_flow flow = {
		.automatic = !binding,
		.unwritten = binding ? binding->unwritten : 0,
		.reflexive = binding ? binding->reflexive : 0,
	};

	if (nfct_help(ct) || (flow.automatic && !is_sip_port(sn, ct)))
		return NF_ACCEPT;
	set_devices(&flow, skb);
	if (mode_of(sn, ct, &flow) != SIPALG_MODE_OFF)
		give_helper(ct, &flow);
	return NF_ACCEPT;
}

static noinline unsigned int attach_old(struct sipalg_net *sn,
					struct sk_buff *skb, struct nf_conn *ct,
					enum ip_conntrack_info ctinfo)
{
	struct sipalg_flow flow = { .automatic = true };
	struct sipalg_packet packet = {
		.sn = sn, .skb = skb, .ct = ct, .ctinfo = ctinfo};
	int offset;

	offset = header_offset(skb, ct);
	if (offset < 0)
		return NF_ACCEPT;
	set_devices(&flow, skb);
	packet.mode = mode_of(sn, ct, &flow);
	sipalg_udp_packet(&packet, offset);
	return NF_ACCEPT;
}

static bool is_related(enum ip_conntrack_info ctinfo)
{
	return ctinfo == IP_CT_RELATED || ctinfo == IP_CT_RELATED_REPLY;
}

/*
 * What this machine itself finds wrong with a forwarded packet it mostly tells
 * before the packet is changed; an error of its own has no device that it came
 * in by.
 */
static noinline void pass_error(struct sk_buff *skb, const struct nf_conn *ct,
				enum ip_conntrack_info ctinfo)
{
	if (nf_ct_protonum(ct) == IPPROTO_TCP && sipalg_has_helper(ct) &&
	    header_offset(skb, ct) < 0 && sipalg_in_device(skb) &&
	    !nf_is_loopback_packet(skb))
		sipalg_stream_error(skb, ct, ctinfo);
}

/*
 * Hook just before the helpers are called: both devices of a forwarded packet
 * are known here, and a new flow is not yet confirmed, so that it can be given
 * the helper. NAT has been done, also to what an ICMP error quotes. Media
 * packets pass here, so the way out for them comes first and calls nothing.
 */
static unsigned int attach(void *priv, struct sk_buff *skb,
			   const struct nf_hook_state *state)
{
	enum ip_conntrack_info ctinfo;
	struct nf_conn *ct = nf_ct_get(skb, &ctinfo);
	struct sipalg_net *sn = priv;

	if (!ct)
		return NF_ACCEPT;
	if (!nf_ct_is_confirmed(ct)) {
		if (state->hook == NF_INET_POST_ROUTING &&
		    netif_is_l3_master(state->out))
			return NF_ACCEPT;
		return attach_new(sn, skb, ct);
	}
	if (unlikely(is_related(ctinfo)))
		pass_error(skb, ct, ctinfo);
	if (!is_sip_port(sn, ct) || has_helper(ct) ||
	    nf_ct_protonum(ct) != IPPROTO_UDP)
		return NF_ACCEPT;
	return attach_old(sn, skb, ct, ctinfo);
}

/*
 * A namespace has its own, that tell attach() which it is: looking that up
 * costs a packet more.
 */
static void init_attach_ops(struct sipalg_net *sn)
{
	static const struct { u8 family, hook; } places[SIPALG_ATTACH_HOOKS] = {
		{ NFPROTO_IPV4, NF_INET_POST_ROUTING },
		{ NFPROTO_IPV4, NF_INET_LOCAL_IN },
		{ NFPROTO_IPV6, NF_INET_POST_ROUTING },
		{ NFPROTO_IPV6, NF_INET_LOCAL_IN },
	};
	unsigned int i;

	for (i = 0; i < SIPALG_ATTACH_HOOKS; i++)
		sn->hooks.attach[i] = (struct nf_hook_ops) {
			.hook = attach,
			.priv = sn,
			.pf = places[i].family,
			.hooknum = places[i].hook,
			.priority = NF_IP_PRI_CONNTRACK_HELPER - 1,
		};
}

/*
 * In the lists of the NAT core, which looks there for the first packet of a
 * flow only.
 */
#define NAT_OPS(family, hook_, function, priority_)			\
	{								\
		.hook = function,					\
		.pf = family,						\
		.hooknum = hook_,					\
		.priority = (priority_) - 1,				\
	}

static const struct nf_hook_ops nat_ops[] = {
	NAT_OPS(NFPROTO_IPV4, NF_INET_PRE_ROUTING, sipalg_nat_dnat,
		NF_IP_PRI_NAT_DST),
	NAT_OPS(NFPROTO_IPV4, NF_INET_LOCAL_OUT, sipalg_nat_dnat,
		NF_IP_PRI_NAT_DST),
	NAT_OPS(NFPROTO_IPV4, NF_INET_POST_ROUTING, sipalg_nat_snat,
		NF_IP_PRI_NAT_SRC),
	NAT_OPS(NFPROTO_IPV6, NF_INET_PRE_ROUTING, sipalg_nat_dnat,
		NF_IP_PRI_NAT_DST),
	NAT_OPS(NFPROTO_IPV6, NF_INET_LOCAL_OUT, sipalg_nat_dnat,
		NF_IP_PRI_NAT_DST),
	NAT_OPS(NFPROTO_IPV6, NF_INET_POST_ROUTING, sipalg_nat_snat,
		NF_IP_PRI_NAT_SRC),
};

static void unregister_nat(struct net *net, unsigned int n)
{
	while (n--) {
		if (nat_ops[n].pf == NFPROTO_IPV4)
			nf_nat_ipv4_unregister_fn(net, &nat_ops[n]);
		else
			nf_nat_ipv6_unregister_fn(net, &nat_ops[n]);
	}
}

static int register_nat(struct net *net)
{
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(nat_ops); i++) {
		if (nat_ops[i].pf == NFPROTO_IPV4)
			err = nf_nat_ipv4_register_fn(net, &nat_ops[i]);
		else
			err = nf_nat_ipv6_register_fn(net, &nat_ops[i]);
		if (err) {
			unregister_nat(net, i);
			return err;
		}
	}
	return 0;
}

static int activate(struct sipalg_net *sn)
{
	int err;

	lockdep_assert_held(&sn->hooks.lock);
	if (sn->hooks.active)
		return 0;
	err = nf_ct_netns_get(sn->net, NFPROTO_INET);
	if (err)
		return err;
	err = register_nat(sn->net);
	if (err)
		goto err_conntrack;
	err = nf_register_net_hooks(sn->net, sn->hooks.attach,
				    SIPALG_ATTACH_HOOKS);
	if (err)
		goto err_nat;
	sn->hooks.active = true;
	return 0;

err_nat:
	unregister_nat(sn->net, ARRAY_SIZE(nat_ops));
err_conntrack:
	nf_ct_netns_put(sn->net, NFPROTO_INET);
	return err;
}

static void deactivate(struct sipalg_net *sn)
{
	lockdep_assert_held(&sn->hooks.lock);
	if (!sn->hooks.active)
		return;
	nf_unregister_net_hooks(sn->net, sn->hooks.attach, SIPALG_ATTACH_HOOKS);
	unregister_nat(sn->net, ARRAY_SIZE(nat_ops));
	nf_ct_netns_put(sn->net, NFPROTO_INET);
	sn->hooks.active = false;
}

static void enable(struct sipalg_net *sn, bool on)
{
	lockdep_assert_held(&sn->hooks.lock);
	if (sn->hooks.enabled == on)
		return;
	sn->hooks.enabled = on;
	if (on)
		static_branch_inc(&enabled);
	else
		static_branch_dec(&enabled);
}

/**
 * sipalg_hooks_settle() - have just the hooks that policy and calls need
 * @sn: the namespace
 *
 * Context: process.
 */
void sipalg_hooks_settle(struct sipalg_net *sn)
{
	bool busy, off;

	mutex_lock(&sn->hooks.lock);
	/* These are finished, whatever the policy says now. */
	busy = atomic_read(&sn->dialogs.calls) || atomic_read(&sn->streams.n);
	off = sipalg_policy_is_off(sn);
	if (!sn->hooks.closing) {
		enable(sn, !off || busy);
		if (sipalg_policy_is_automatic(sn) || busy ||
		    (!off && READ_ONCE(sn->hooks.rule_seen))) {
			if (activate(sn))
				pr_warn_ratelimited(
					"no room for the hooks of a network namespace\n");
		} else {
			deactivate(sn);
		}
	}
	mutex_unlock(&sn->hooks.lock);
}

static void review(struct work_struct *work)
{
	sipalg_hooks_settle(container_of(work, struct sipalg_net, hooks.work));
}

/**
 * sipalg_hooks_review() - calls have come or gone: have the hooks settled soon
 * @sn: the namespace
 *
 * Context: any.
 */
void sipalg_hooks_review(struct sipalg_net *sn)
{
	if (!READ_ONCE(sn->hooks.closing))
		schedule_work(&sn->hooks.work);
}

/**
 * sipalg_hooks_require() - have the hooks before a policy that needs them
 * @sn: the namespace
 *
 * Context: process.
 * Return: 0 or a negative errno.
 */
int sipalg_hooks_require(struct sipalg_net *sn)
{
	int err;

	mutex_lock(&sn->hooks.lock);
	err = activate(sn);
	if (!err)
		enable(sn, true);
	mutex_unlock(&sn->hooks.lock);
	return err;
}

void sipalg_hooks_init(struct sipalg_net *sn)
{
	mutex_init(&sn->hooks.lock);
	INIT_WORK(&sn->hooks.work, review);
	init_attach_ops(sn);
	mutex_lock(&sn->hooks.lock);
	enable(sn, true);
	mutex_unlock(&sn->hooks.lock);
}

/*
 * After a grace period, which the caller sees to, no packet is looked at any
 * more; the work is done or will find that it is closing.
 */
void sipalg_hooks_close(struct sipalg_net *sn)
{
	mutex_lock(&sn->hooks.lock);
	WRITE_ONCE(sn->hooks.closing, true);
	deactivate(sn);
	enable(sn, false);
	mutex_unlock(&sn->hooks.lock);
}

int __init sipalg_helper_init(void)
{
	static const struct { u8 l3, l4; } protocols[ARRAY_SIZE(helpers)] = {
		{ NFPROTO_IPV4, IPPROTO_UDP },
		{ NFPROTO_IPV4, IPPROTO_TCP },
		{ NFPROTO_IPV6, IPPROTO_UDP },
		{ NFPROTO_IPV6, IPPROTO_TCP },
	};
	unsigned int i;
	int err;

	NF_CT_HELPER_BUILD_BUG_ON(sizeof(struct sipalg_flow));
	for (i = 0; i < ARRAY_SIZE(helpers); i++) {
		nf_ct_helper_init(&helpers[i], protocols[i].l3, protocols[i].l4,
				  HELPER_NAME, SIPALG_PORT, SIPALG_PORT, 0,
				  &no_expectations, 0, help, NULL, THIS_MODULE);
		if (protocols[i].l4 == IPPROTO_TCP)
			helpers[i].destroy = sipalg_stream_destroy;
	}
	err = nf_conntrack_helpers_register(helpers, ARRAY_SIZE(helpers));
	if (err) {
		if (err == -EBUSY || err == -EEXIST)
			pr_err("helper sip is taken: unload nf_nat_sip and nf_conntrack_sip first\n");
		return err;
	}
	nf_nat_helper_register(&nat_helper);
	WRITE_ONCE(registered, true);
	return 0;
}

void sipalg_helper_exit(void)
{
	WRITE_ONCE(registered, false);
	synchronize_net();
	nf_nat_helper_unregister(&nat_helper);
	nf_conntrack_helpers_unregister(helpers, ARRAY_SIZE(helpers));
}
