// SPDX-License-Identifier: GPL-2.0
/*
 * Bindings refer to their flows, as the counters of a flow are gone with it.
 * But an entry that is referred to takes a place in conntrack's table, and
 * conntrack tells nobody but ctnetlink that a flow is over. So somebody looks
 * now and then, as long as there are bindings.
 */

#include <net/netfilter/nf_conntrack_core.h>
#include <net/netfilter/nf_conntrack_zones.h>

#include "table/pinhole.h"
#include "table/reap.h"

/* Bindings looked at before others may run. */
#define BATCH 256

static void reap_flows(struct work_struct *work)
{
	struct sipalg_net *sn = container_of(to_delayed_work(work),
					     struct sipalg_net, bindings.reap);
	struct sipalg_binding *binding;
	struct rhashtable_iter iter;
	unsigned int n = 0;

	rhashtable_walk_enter(&sn->bindings.outside, &iter);
	rhashtable_walk_start(&iter);
	while ((binding = rhashtable_walk_next(&iter))) {
		/* The table is being resized: some are seen twice. */
		if (!IS_ERR(binding))
			sipalg_pinhole_reap(binding, sn->bindings.stand_in);
		if (++n % BATCH)
			continue;
		rhashtable_walk_stop(&iter);
		cond_resched();
		rhashtable_walk_start(&iter);
	}
	rhashtable_walk_stop(&iter);
	rhashtable_walk_exit(&iter);
	if (atomic_read(&sn->bindings.count))
		sipalg_binding_plan_reap(sn);
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
	return 0;
}

/* All bindings are gone by now; flows that are left keep the stand-in. */
void sipalg_reap_net_exit(struct sipalg_net *sn)
{
	cancel_delayed_work_sync(&sn->bindings.reap);
	nf_ct_put(sn->bindings.stand_in);
}
