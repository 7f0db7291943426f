/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One network namespace's share of the module.
 */
#ifndef SIPALG_MAIN_H
#define SIPALG_MAIN_H

#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "hook/ifaddr.h"
#include "table/binding.h"
#include "compat.h"
#include "table/dialog.h"
#include "control/event.h"
#include "hook/helper.h"
#include "state/quota.h"
#include "state/policy.h"
#include "state/settings.h"
#include "state/stats.h"
#include "tcp/stream.h"

extern unsigned int sipalg_net_id;

/**
 * struct sipalg_net - all state of a network namespace
 * @net: the namespace; it outlives this
 * @policy: which flows are whose
 * @settings: limits and the like
 * @hosts: inside hosts and how much they have
 * @dialogs: calls and registrations
 * @bindings: inside endpoints and what the outside sees of them
 * @addresses: outside addresses that have gone
 * @streams: TCP connections that are followed
 * @hooks: the namespace's netfilter hooks
 * @events: what listeners were told
 * @stats: counters
 */
struct sipalg_net {
	struct net *net;
	struct sipalg_policy policy;
	struct sipalg_settings settings;
	struct sipalg_hosts hosts;
	struct sipalg_dialogs dialogs;
	struct sipalg_bindings bindings;
	struct sipalg_addresses addresses;
	struct sipalg_streams streams;
	struct sipalg_hooks hooks;
	struct sipalg_events events;
	struct sipalg_stats __percpu *stats;
};

static inline struct sipalg_net *sipalg_pernet(const struct net *net)
{
	return net_generic(net, sipalg_net_id);
}

u64 sipalg_net_bytes(const struct sipalg_net *sn);
bool sipalg_net_is_full(struct sipalg_net *sn);

#endif /* SIPALG_MAIN_H */
