// SPDX-License-Identifier: GPL-2.0
/*
 * Bindings refer to their flows, as the counters of a flow are gone with it.
 * But an entry that is referred to takes a place in conntrack's table, and
 * conntrack tells nobody but ctnetlink that a flow is over. So somebody looks
 * now and then, as long as there are bindings.
 *
 * The NAT core ends a masqueraded flow when its route changes to another
 * device. It does so for packets in the direction of the first one alone. So
 * flows that the far end has begun are looked at here.
 */

#include <net/netfilter/nf_conntrack_core.h>
#include <net/netfilter/nf_conntrack_zones.h>

#include "state/quota.h"
#include "state/route.h"
#include "table/pinhole.h"
#include "table/reap.h"

/*
 * A program in the firewall may hold back the first packet of a flow beyond the
 * end of its binding. If it takes longer, the flow may last.
 */
#define LEFT_SECS 60

/* Bindings looked at before others may run. */
#define BATCH 256

/*
 * The far end may send to the old address once more, before the phone sends by
 * the other device, and begin the same flow again.
 */
#define ROUTE_LOOKS 8

/* Do the routes lead to the far end by another device than to its binding? */
static bool leaves_elsewhere(const struct sipalg_binding *binding,
			     const struct nf_conn *ct)
{
	int device;

	/* Between two inside hosts, both ends are mapped. */
	if (!nf_ct_is_confirmed(ct) || nf_ct_protonum(ct) != IPPROTO_UDP ||
	    sipalg_binding_began_inside(binding, ct) ||
	    test_bit(IPS_SRC_NAT_BIT, &ct->status))
		return false;
	device = sipalg_route_to_source(ct, IP_CT_DIR_ORIGINAL);
	return device && !sipalg_binding_leaves_by(binding, device);
}

/*
 * Ends the flows whose answers would leave by one device with the address of
 * another. Where the routes do not tell all, the next packet of the flow makes
 * it anew.
 */
static void follow_routes(struct sipalg_binding *binding)
{
	unsigned int i;

	if (!binding->masquerade || !binding->ifindex)
		return;
	spin_lock_bh(&binding->lock);
	for (i = 0; i < binding->n_slots && !binding->dead; i++) {
		struct nf_conn *ct = sipalg_binding_flow(binding, i);

		if (ct && leaves_elsewhere(binding, ct))
			nf_ct_kill(ct);
	}
	spin_unlock_bh(&binding->lock);
}

/* Return: whether a route has changed lately. */
static bool look_at_routes(struct sipalg_bindings *table, const struct net *net)
{
	u32 routes = sipalg_route_generation(net);

	if (table->routes != routes) {
		table->routes = routes;
		table->route_looks = ROUTE_LOOKS;
	}
	if (!table->route_looks)
		return false;
	table->route_looks--;
	return true;
}

static void reap_binding(struct sipalg_net *sn, struct sipalg_binding *binding,
			 bool routes)
{
	sipalg_pinhole_reap(sn, binding);
	if (routes)
		follow_routes(binding);
}

static bool follows(struct sipalg_binding *binding, const struct nf_conn *ct)
{
	bool found;

	if (!binding)
		return false;
	spin_lock_bh(&binding->lock);
	sipalg_binding_welcome(binding);
	found = sipalg_binding_follows(binding, ct);
	spin_unlock_bh(&binding->lock);
	return found;
}

/*
 * Does a flow follow the binding that maps the noted end now? Between two
 * inside hosts, it has to end with the binding of either.
 */
static bool has_binding(struct sipalg_net *sn,
			const struct sipalg_newcomer *newcomer,
			const struct nf_conn *ct)
{
	const struct nf_conntrack_tuple *tuple = &newcomer->tuple;
	struct sipalg_endpoint end;

	if (newcomer->outward) {
		end = sipalg_endpoint_of(ct, &tuple->src.u3, tuple->src.u.all);
		return follows(sipalg_binding_by_inside(sn, &end,
							&newcomer->mapped),
			       ct);
	}
	end = sipalg_endpoint_of(ct, &tuple->dst.u3, tuple->dst.u.all);
	return follows(sipalg_binding_by_outside(sn, &end), ct);
}

/* Return: whether nobody needs to wait for the flow any more. */
static bool end_left(struct sipalg_net *sn, struct sipalg_newcomer *newcomer)
{
	struct nf_conn *ct = sipalg_newcomer_find(sn, newcomer);

	if (!ct)
		return (u32)jiffies - newcomer->since >= LEFT_SECS * HZ;
	rcu_read_lock();
	if (!has_binding(sn, newcomer, ct))
		nf_ct_kill(ct);
	rcu_read_unlock();
	nf_ct_put(ct);
	return true;
}

/*
 * Ends flows that have come after they left their binding. Return: whether some
 * may still come.
 */
static bool reap_left(struct sipalg_net *sn, struct sipalg_left *left)
{
	unsigned int n = READ_ONCE(left->n);
	struct sipalg_newcomer *newcomer;

	for (; n; n--) {
		newcomer = sipalg_newcomer_take_left(left);
		if (!newcomer)
			break;
		if (end_left(sn, newcomer))
			sipalg_quota_free(sn, newcomer, sizeof(*newcomer));
		else
			sipalg_newcomer_keep_left(sn, left, newcomer);
	}
	return READ_ONCE(left->n);
}

static bool reap_all_left(struct sipalg_net *sn)
{
	bool some = false;
	unsigned int i;

	for (i = 0; i < SIPALG_LEFT_LISTS; i++) {
		some |= reap_left(sn, &sn->bindings.left[i]);
		cond_resched();
	}
	return some;
}

static void reap_flows(struct work_struct *work)
{
	struct sipalg_net *sn = container_of(to_delayed_work(work),
					     struct sipalg_net, bindings.reap);
	struct sipalg_binding *binding;
	struct rhashtable_iter iter;
	bool routes = look_at_routes(&sn->bindings, sn->net);
	unsigned int n = 0;

	rhashtable_walk_enter(&sn->bindings.outside, &iter);
	rhashtable_walk_start(&iter);
	while ((binding = rhashtable_walk_next(&iter))) {
		/* The table is being resized: some are seen twice. */
		if (!IS_ERR(binding))
			reap_binding(sn, binding, routes);
		if (++n % BATCH)
			continue;
		rhashtable_walk_stop(&iter);
		cond_resched();
		rhashtable_walk_start(&iter);
	}
	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);
	if (reap_all_left(sn) || atomic_read(&sn->bindings.count))
		sipalg_binding_plan_reap(sn);
}

/**
 * sipalg_reap_hasten() - look at all flows now
 * @sn: the namespace, which has bindings
 *
 * Context: process.
 */
void sipalg_reap_hasten(struct sipalg_net *sn)
{
	mod_delayed_work(system_power_efficient_wq, &sn->bindings.reap, 0);
}

int sipalg_reap_net_init(struct sipalg_net *sn)
{
	struct nf_conn *ct;

	ct = nf_ct_tmpl_alloc(sn->net, &nf_ct_zone_dflt, GFP_KERNEL_ACCOUNT);
	if (!ct)
		return -ENOMEM;
	refcount_set(&ct->ct_general.use, 1);
	sn->bindings.stand_in = ct;
	INIT_DELAYED_WORK(&sn->bindings.reap, reap_flows);
	sipalg_newcomer_net_init(sn);
	return 0;
}

/* All bindings are gone by now; flows that are left keep the stand-in. */
void sipalg_reap_net_exit(struct sipalg_net *sn)
{
	cancel_delayed_work_sync(&sn->bindings.reap);
	sipalg_newcomer_net_exit(sn);
	nf_ct_put(sn->bindings.stand_in);
}
