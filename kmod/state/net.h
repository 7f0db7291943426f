/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All state of a network namespace, by value, as include/net/netns/conntrack.h
 * has it: whoever needs the namespace includes this and nothing else. The
 * functions of each part are declared by its own header.
 */
#ifndef SIPALG_STATE_NET_H
#define SIPALG_STATE_NET_H

#include <linux/atomic.h>
#include <linux/hashtable.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/netfilter.h>
#include <linux/rhashtable.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "nf_sipalg.h"

struct sipalg_offer_slot;
struct sipalg_room;
struct sipalg_seen_bucket;
struct sipalg_ruleset;
struct sipalg_stats;

/* Places in the stack where packets of flows without the helper are met. */
#define SIPALG_WATCH_HOOKS 4

/* Places where the NAT core has the first packet of a flow. */
#define SIPALG_NAT_HOOKS (IS_ENABLED(CONFIG_IPV6) ? 8 : 4)

/**
 * struct sipalg_trust - inside hosts that may name others in their SDP
 * @n_hosts: number of @hosts, 0 where a scope says nothing
 * @n_named: number of @named
 * @hosts: who may do it, as a PBX for phones beside it
 * @named: whom they may name
 */
struct sipalg_trust {
	u8 n_hosts;
	u8 n_named;
	struct sipalg_network hosts[SIPALG_TRUSTED_MAX];
	struct sipalg_network named[SIPALG_TRUSTED_MAX];
};

/**
 * struct sipalg_options - what a scope says beside its mode
 * @port_min: lowest outside port that may be promised, 0 where it says nothing
 * @port_max: the highest one
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6, that of @addr; 0 where it says nothing
 * @addr: the outside address that messages name
 * @trust: inside hosts that may name others
 */
struct sipalg_options {
	u16 port_min;
	u16 port_max;
	u8 family;
	union nf_inet_addr addr;
	struct sipalg_trust trust;
};

/**
 * struct sipalg_policy - the mode of each scope
 * @lock: protects @rules, @n_rules, @fallback and @options; taken inside RTNL
 * @rules: struct sipalg_rule
 * @n_rules: number of @rules
 * @ruleset: the same rules as the packet path reads them, under RCU
 * @generation: changes with @ruleset, so that a flow can remember its mode;
 *	never 0, and SIPALG_MODE_BITS shorter than its type
 * @fallback: mode of the default scope
 * @options: the default scope's
 */
struct sipalg_policy {
	struct mutex lock;
	struct list_head rules;
	unsigned int n_rules;
	struct sipalg_ruleset __rcu *ruleset;
	u32 generation;
	u8 fallback;
	struct sipalg_options options;
};

/**
 * struct sipalg_networks - a list of networks
 * @rcu: it is read under RCU
 * @n: how many
 * @network: the networks
 */
struct sipalg_networks {
	struct rcu_head rcu;
	unsigned int n;
	struct sipalg_network network[];
};

/**
 * struct sipalg_settings - limits, timeouts and the SIP ports
 * @lock: serialises changes
 * @value: by enum sipalg_setting_attr
 * @ports: the SIP ports, in network byte order; zeros behind the last
 * @networks: who may send to registered phones, beside the registrar; NULL for
 *	nobody
 *
 * Each value is read without a lock.
 */
struct sipalg_settings {
	struct mutex lock;
	u32 value[__SIPALG_SETTING_VALUE_MAX];
	__be16 ports[SIPALG_SIP_PORTS_MAX];
	struct sipalg_networks __rcu *networks;
};

/**
 * enum sipalg_share - kinds of things that a limit counts
 * @SIPALG_SHARE_CALLS: dialogs that are no registrations
 * @SIPALG_SHARE_REGISTRATIONS: registrations
 * @SIPALG_SHARE_BINDINGS: bindings
 * @SIPALG_SHARE_STREAMS: TCP connections
 * @SIPALG_SHARE_UNPROVEN: dialogs of hosts whose address nobody has proven; the
 *	device that their packets come in by stands for the host
 * @SIPALG_SHARE_INBOUND: TCP connections from outside; one host stands for all
 *	that open them
 */
enum sipalg_share {
	SIPALG_SHARE_CALLS,
	SIPALG_SHARE_REGISTRATIONS,
	SIPALG_SHARE_BINDINGS,
	SIPALG_SHARE_STREAMS,
	SIPALG_SHARE_UNPROVEN,
	SIPALG_SHARE_INBOUND,

	__SIPALG_SHARE_MAX,
};

/**
 * struct sipalg_quota - how much there is of each kind, and whose it is
 * @hosts: struct sipalg_host, by key
 * @total: number of things of each kind
 * @spender: the user who is charged for them; NULL for the administrator
 * @bytes: memory that all of them take
 * @buffered: the part of @bytes that TCP connections buffer
 */
struct sipalg_quota {
	struct rhashtable hosts;
	atomic_t total[__SIPALG_SHARE_MAX];
	struct sipalg_spender *spender;
	atomic64_t bytes;
	atomic_t buffered;
};

/**
 * struct sipalg_dialogs - calls, registrations and subscriptions
 * @table: struct sipalg_dialog, by key
 * @last_id: id of the newest dialog; another namespace's rate of calls is no
 *	secret that ids may tell
 * @count: number of dialogs, with those that are about to be freed
 * @calls: number of INVITE dialogs among them
 * @up: number of those that have been answered and are not ending
 */
struct sipalg_dialogs {
	struct rhashtable table;
	atomic64_t last_id;
	atomic_t count;
	atomic_t calls;
	atomic_t up;
};

/* A power of two; ports whose lower bits are equal are counted together. */
#define SIPALG_PORT_COUNTERS 1024
/* The same for the upper bits: calls take their ports from a few ranges. */
#define SIPALG_PORT_RANGES 256

/* So many that one binding's newcomers hardly push out those of another one. */
#define SIPALG_LEFT_LISTS	64

/**
 * struct sipalg_left - newcomers (table/newcomer) that have left their bindings
 * @list: struct sipalg_newcomer, the oldest first
 * @n: their number
 * @lock: protects @list and @n
 */
struct sipalg_left {
	struct list_head list;
	unsigned int n;
	spinlock_t lock;
};

/**
 * struct sipalg_bindings - which outside endpoint stands for an inside one
 * @inside: struct sipalg_binding, by inside endpoint
 * @outside: the same, by outside endpoint
 * @reap: gives flows back to conntrack that are over
 * @routes: sipalg_route_generation() when @reap looked at it last
 * @route_looks: how often @reap still looks where flows lead after a change
 * @stand_in: template that is the master of new flows where the signalling flow
 *	is over
 * @left: newcomers that have left their bindings, by the hash of these
 * @count: number of bindings
 * @ports: number of endpoints, inside or outside, by the lower bits of the port
 * @ranges: the same by the upper bits
 */
struct sipalg_bindings {
	struct rhltable inside;
	struct rhashtable outside;
	struct delayed_work reap;
	u32 routes;
	u32 route_looks;
	struct nf_conn *stand_in;
	struct sipalg_left left[SIPALG_LEFT_LISTS];
	atomic_t count;
	atomic_t ports[SIPALG_PORT_COUNTERS];
	atomic_t ranges[SIPALG_PORT_RANGES];
};

/**
 * struct sipalg_ifaddr - outside addresses that the router loses
 * @work: ends flows and bindings at such addresses
 * @fresh: bits; bit 0: an address has been lost since @work began last
 */
struct sipalg_ifaddr {
	struct delayed_work work;
	unsigned long fresh;
};

/**
 * struct sipalg_fib - routes that change
 * @notifier: is told of each
 * @work: has flows looked at that the change may lead elsewhere; before
 *	@notifier is registered, tries that
 * @told: jiffies at which @notifier was told last
 * @last: jiffies at which @work ran last
 * @retries: how often that was tried again
 * @started: @notifier is registered
 */
struct sipalg_fib {
	struct notifier_block notifier;
	struct delayed_work work;
	unsigned long told;
	unsigned long last;
	u8 retries;
	bool started;
};

/**
 * struct sipalg_streams - TCP connections that are followed
 * @lock: protects @list, @orphans, the hosts' lists of these, and
 *	sipalg_flow.stream where it points there
 * @list: struct sipalg_stream
 * @orphans: those whose flow is gone; read under RCU, too
 * @work: ends orphans that are too old
 * @n: number of connections, with those that are still to be freed
 * @used: there has ever been one
 */
struct sipalg_streams {
	spinlock_t lock;
	struct list_head list;
	DECLARE_HASHTABLE(orphans, 6);
	struct delayed_work work;
	atomic_t n;
	bool used;
};

/**
 * struct sipalg_hooks - netfilter hooks
 * @lock: protects @active, @watching, @looking, @older and @enabled
 * @work: registers and unregisters them as policy and calls require
 * @scan: looks for flows that are older than the mode of their scope
 * @watch: hooks that each packet meets
 * @nat: hooks that the first packet of a flow meets
 * @active: @nat is registered
 * @watching: @watch is registered; it stays so until no mode needs any hook
 * @looking: @watch has something to look for
 * @older: flows go on that are older than the mode of their scope
 * @enabled: the namespace counts in the static key that lets the helper look
 *	at packets
 * @scans: how often @scan is still to look
 * @finishing: calls are up that are older than the policy
 * @rule_seen: a flow that a firewall rule assigned to the helper has been seen
 * @closing: the namespace goes; no packet is looked at any more
 */
struct sipalg_hooks {
	struct mutex lock;
	struct work_struct work;
	struct delayed_work scan;
	struct nf_hook_ops watch[SIPALG_WATCH_HOOKS];
	struct nf_hook_ops nat[SIPALG_NAT_HOOKS];
	atomic_t scans;
	bool finishing;
	bool active;
	bool watching;
	bool looking;
	bool older;
	bool enabled;
	bool rule_seen;
	bool closing;
};

/* Groups of listeners: SIPALG_GROUP_EVENTS, SIPALG_GROUP_MESSAGES. */
enum sipalg_group {
	SIPALG_GROUP_NR_EVENTS,
	SIPALG_GROUP_NR_MESSAGES,

	__SIPALG_GROUP_NR_MAX,
};

/**
 * struct sipalg_events - what listeners get
 * @lock: protects the other members
 * @seq: number of the latest event of each group
 * @second: jiffies at which the current second began
 * @sent: messages sent in it
 * @missed: messages of each group that were left out since the latest one
 */
struct sipalg_events {
	spinlock_t lock;
	u32 seq[__SIPALG_GROUP_NR_MAX];
	unsigned long second;
	u32 sent;
	u32 missed[__SIPALG_GROUP_NR_MAX];
};

/**
 * struct sipalg_recent - the latest messages
 * @lock: protects the other members
 * @room: where they are; NULL for nowhere
 * @begin: position of the oldest
 * @end: position behind the newest
 */
struct sipalg_recent {
	spinlock_t lock;
	struct sipalg_room *room;
	u64 begin;
	u64 end;
};

/**
 * struct sipalg_net - all state of a network namespace
 * @net: the namespace; it outlives this
 * @policy: the mode of each scope
 * @settings: limits, timeouts and the SIP ports
 * @quota: how much each inside host has of the tables
 * @dialogs: calls, registrations and subscriptions
 * @offered: offers from the outside that wait for an answer; NULL before the
 *	first
 * @bindings: inside endpoints and their outside ones
 * @seen: UDP flows that inside hosts have begun lately; there before the
 *	hooks are
 * @outsides: struct sipalg_outside, by address
 * @ifaddr: outside addresses that the router loses
 * @fib: routes that change
 * @streams: TCP connections that are followed
 * @hooks: netfilter hooks
 * @events: rate of the messages that listeners get
 * @recent: the latest messages, where that is asked for
 * @stats: counters
 */
struct sipalg_net {
	struct net *net;
	struct sipalg_policy policy;
	struct sipalg_settings settings;
	struct sipalg_quota quota;
	struct sipalg_dialogs dialogs;
	struct sipalg_offer_slot *offered;
	struct sipalg_bindings bindings;
	struct sipalg_seen_bucket *seen;
	struct rhashtable outsides;
	struct sipalg_ifaddr ifaddr;
	struct sipalg_fib fib;
	struct sipalg_streams streams;
	struct sipalg_hooks hooks;
	struct sipalg_events events;
	struct sipalg_recent recent;
	struct sipalg_stats __percpu *stats;
};

extern unsigned int sipalg_net_id;

static inline struct sipalg_net *sipalg_pernet(const struct net *net)
{
	return net_generic(net, sipalg_net_id);
}

/**
 * sipalg_net_review() - something came or went that decides about the hooks
 * @sn: the namespace
 *
 * The work registers or unregisters the hooks accordingly.
 *
 * Context: any.
 */
static inline void sipalg_net_review(struct sipalg_net *sn)
{
	if (!READ_ONCE(sn->hooks.closing))
		schedule_work(&sn->hooks.work);
}

/* Times; the first one misses flows whose first packet is on its way. */
#define SIPALG_SCANS 3

/**
 * sipalg_net_rescan() - flows may be in another mode than when they began
 * @sn: the namespace
 *
 * The work ends, or watches, those that are older than the mode of their scope.
 *
 * Context: any.
 */
static inline void sipalg_net_rescan(struct sipalg_net *sn)
{
	atomic_set(&sn->hooks.scans, SIPALG_SCANS);
	if (READ_ONCE(sn->hooks.closing))
		return;
	cancel_delayed_work(&sn->hooks.scan);
	schedule_delayed_work(&sn->hooks.scan, 0);
}

#endif /* SIPALG_STATE_NET_H */
