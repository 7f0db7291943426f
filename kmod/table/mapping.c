// SPDX-License-Identifier: GPL-2.0

#include <net/netfilter/nf_conntrack_core.h>
#include <net/netfilter/nf_conntrack_helper.h>
#include <net/netfilter/nf_conntrack_zones.h>

#include "state/route.h"
#include "table/mapping.h"
#include "table/pinhole.h"

/*
 * Return: the flow of a packet in a zone, referenced, with @answer set to the
 * direction of the packets that answer it; or NULL.
 */
static struct nf_conn *find_flow(struct net *net, u16 zone_id,
				 const struct nf_conntrack_tuple *tuple,
				 enum ip_conntrack_dir *answer)
{
	struct nf_conntrack_tuple_hash *found;
	struct nf_conntrack_zone zone;

	nf_ct_zone_init(&zone, zone_id, NF_CT_DEFAULT_ZONE_DIR, 0);
	found = nf_conntrack_find_get(net, &zone, tuple);
	if (!found)
		return NULL;
	*answer = !NF_CT_DIRECTION(found);
	return nf_ct_tuplehash_to_ctrack(found);
}

/*
 * Return: the flow between an inside endpoint and a far end, referenced, with
 * @outside set to what the far end sees of the inside; or NULL.
 */
static struct nf_conn *get_flow(struct net *net,
				const struct sipalg_endpoint *inside,
				const struct sipalg_endpoint *far,
				struct sipalg_endpoint *outside)
{
	const struct nf_conntrack_tuple tuple =
		sipalg_endpoint_tuple(inside, far, inside->proto);
	const struct nf_conntrack_tuple *other;
	enum ip_conntrack_dir answer;
	struct nf_conn *ct;

	ct = find_flow(net, inside->zone, &tuple, &answer);
	if (!ct)
		return NULL;
	other = &ct->tuplehash[answer].tuple;
	*outside = (struct sipalg_endpoint) {
		.addr = other->dst.u3,
		.port = other->dst.u.all,
		.zone = nf_ct_zone_id(nf_ct_zone(ct), answer),
		.family = inside->family,
		.proto = inside->proto,
	};
	return ct;
}

/**
 * sipalg_mapping_find() - what the NAT shows a far end for an inside endpoint
 * @net: the namespace
 * @inside: A:p
 * @far: the far end, as the inside names it; its zone and protocol are not used
 * @outside: set to E:q
 *
 * Context: any but hard interrupt, RCU read side.
 * Return: false where there is no flow between the two.
 */
bool sipalg_mapping_find(struct net *net, const struct sipalg_endpoint *inside,
			 const struct sipalg_endpoint *far,
			 struct sipalg_endpoint *outside)
{
	struct nf_conn *ct = get_flow(net, inside, far, outside);

	if (!ct)
		return false;
	nf_ct_put(ct);
	return true;
}

/**
 * sipalg_mapping_is_others() - does another inside end have an outside port?
 * @net: the namespace
 * @inside: A:p
 * @outside: E:q
 * @far: the far end, as its packets name it; its zone and protocol are not
 *	used
 *
 * Context: any but hard interrupt, RCU read side.
 * Return: whether what the far end sends there goes to another inside endpoint.
 */
bool sipalg_mapping_is_others(struct net *net,
			      const struct sipalg_endpoint *inside,
			      const struct sipalg_endpoint *outside,
			      const struct sipalg_endpoint *far)
{
	const struct nf_conntrack_tuple tuple =
		sipalg_endpoint_tuple(far, outside, outside->proto);
	const struct nf_conntrack_tuple *other;
	enum ip_conntrack_dir answer;
	struct nf_conn *ct;
	bool is_others;

	ct = find_flow(net, outside->zone, &tuple, &answer);
	if (!ct)
		return false;
	other = &ct->tuplehash[answer].tuple;
	is_others = other->src.u.all != inside->port ||
		    nf_ct_zone_id(nf_ct_zone(ct), answer) != inside->zone ||
		    !nf_inet_addr_cmp(&other->src.u3, &inside->addr);
	nf_ct_put(ct);
	return is_others;
}

/*
 * A flow that goes by another binding of the inside endpoint is as right as one
 * that goes by this one: it may leave by another uplink.
 */
static bool has_binding(struct sipalg_net *sn,
			const struct sipalg_endpoint *inside,
			const struct sipalg_endpoint *outside)
{
	const struct sipalg_binding *binding =
		sipalg_binding_by_outside(sn, outside);

	return binding && sipalg_endpoint_is_same(&binding->inside, inside);
}

/*
 * A flow that is masqueraded on another device would not follow the binding the
 * next time either: the route leads there.
 */
static bool leaves_elsewhere(const struct sipalg_binding *binding,
			     const struct nf_conn *ct)
{
	int device = sipalg_route_masquerade(ct);

	return device && binding->ifindex &&
	       !sipalg_binding_leaves_by(binding, device);
}

/**
 * sipalg_mapping_replace() - have what goes to a far end follow a binding
 * @sn: the namespace
 * @binding: held by the caller, or found under RCU
 * @far: the far end, as the inside names it; its zone and protocol are not used
 *
 * A flow that has the promised mapping already ends with the binding from now
 * on. A flow that has another one ends, and its next packet makes a flow that
 * follows the binding. Flows of TCP, flows with a helper, and flows that leave
 * by another device are left alone.
 *
 * Context: any but hard interrupt, RCU read side; takes the binding's lock.
 */
void sipalg_mapping_replace(struct sipalg_net *sn,
			    struct sipalg_binding *binding,
			    const struct sipalg_endpoint *far)
{
	const struct sipalg_endpoint *inside = &binding->inside;
	struct sipalg_endpoint outside, promised;
	struct nf_conn *ct;

	if (inside->proto != IPPROTO_UDP)
		return;
	ct = get_flow(sn->net, inside, far, &outside);
	if (!ct)
		return;
	if (!nfct_help(ct)) {
		promised = sipalg_binding_outside(binding);
		if (sipalg_endpoint_is_same(&outside, &promised))
			sipalg_pinhole_follow(binding, ct);
		else if (!has_binding(sn, inside, &outside) &&
			 !leaves_elsewhere(binding, ct))
			nf_ct_kill(ct);
	}
	nf_ct_put(ct);
}
