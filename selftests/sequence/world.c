// SPDX-License-Identifier: GPL-2.0

#include <arpa/inet.h>

#include "session/message.h"
#include "state/quota.h"
#include "state/ruleset.h"
#include "state/settings.h"
#include "state/stats.h"
#include "table/invite.h"
#include "table/key.h"
#include "table/offered.h"
#include "table/outside.h"
#include "table/peer.h"
#include "table/pinhole.h"
#include "table/port.h"
#include "table/reap.h"
#include "table/seen.h"
#include "table/suspend.h"
#include "world.h"

#define UDP_SECS	30
#define ASSURED_SECS	180

struct sipalg_net world;
enum sipalg_mode world_mode;
bool world_by_chance;

static struct net net;
static struct nf_conn *held;
static struct nf_conntrack_helper helper = { THIS_MODULE, "sip" };
static struct net_device devices[] = { { 1 }, { 2 }, { 3 } };

union nf_inet_addr world_address(u8 party)
{
	union nf_inet_addr addr = { };

	must(inet_pton(AF_INET, party_address(party), &addr) == 1);
	return addr;
}

/* Where a packet for a party goes to, as its sender writes it. */
static union nf_inet_addr seen_address(u8 party, u8 seen_by)
{
	union nf_inet_addr addr = { };

	must(inet_pton(AF_INET, party_seen(party, seen_by), &addr) == 1);
	return addr;
}

/* --- flows ------------------------------------------------------------------- */

static struct nf_conntrack_tuple tuple_of(union nf_inet_addr from, u16 from_port,
					  union nf_inet_addr to, u16 to_port)
{
	return (struct nf_conntrack_tuple) {
		.src = { .u3 = from, .u.all = htons(from_port), .l3num = NFPROTO_IPV4 },
		.dst = { .u3 = to, .u.all = htons(to_port), .protonum = IPPROTO_UDP },
	};
}

/* Return: the flow of a packet, with its direction; new where there is none. */
static struct nf_conn *get_flow(const struct nf_conntrack_tuple *packet,
				const struct nf_conntrack_tuple *answer,
				enum ip_conntrack_dir *dir)
{
	struct nf_conntrack_tuple_hash *found = conntrack_find(packet);
	struct nf_conn *ct;

	*dir = found ? NF_CT_DIRECTION(found) : IP_CT_DIR_ORIGINAL;
	ct = found ? nf_ct_tuplehash_to_ctrack(found) : conntrack_alloc(&net, packet, answer);
	if (!nf_inet_addr_cmp(&packet->src.u3, &answer->dst.u3))
		ct->status |= BIT(IPS_SRC_NAT_BIT);
	if (!nf_inet_addr_cmp(&packet->dst.u3, &answer->src.u3))
		ct->status |= BIT(IPS_DST_NAT_BIT);
	return ct;
}

static void pass_packet(struct nf_conn *ct, enum ip_conntrack_dir dir)
{
	u32 secs = UDP_SECS;

	if (dir == IP_CT_DIR_REPLY) {
		ct->status |= BIT(IPS_SEEN_REPLY_BIT) | BIT(IPS_ASSURED_BIT);
		secs = ASSURED_SECS;
	}
	if (!nf_ct_is_confirmed(ct)) {
		if (!ct->timeout)
			ct->timeout = UDP_SECS * HZ;
		conntrack_confirm(ct);
	} else if (nf_ct_expires(ct) < (s32)secs * HZ) {
		nf_ct_refresh(ct, secs * HZ);
	}
	if (ct->acct)
		atomic64_add(1, &ct->acct->counter[dir].packets);
}

static bool chance(u32 n)
{
	return world_by_chance && !(get_random_u32() % n);
}

/* --- messages ---------------------------------------------------------------- */

static enum sipalg_stat change_text(struct sipalg_text *text, const struct sip_plan *plan)
{
	static u8 rendered[SIP_MSG_MAX];

	if (chance(32))
		return SIPALG_STAT_PASSED_NO_MEMORY;
	must(sip_plan_render(plan, text->text, rendered) <= SIP_MSG_MAX);
	return SIPALG_STAT_CHANGED;
}

static int device_of(u8 party)
{
	return is_inside(party) ? 0 : is_routed(party) ? 2 : 1;
}

void world_send(const struct message *message)
{
	u8 from = message->from, to = message->to;
	struct nf_conntrack_tuple packet =
		tuple_of(world_address(from), 5060, seen_address(to, from), party_port(to, from));
	struct nf_conntrack_tuple answer =
		tuple_of(world_address(to), 5060, seen_address(from, to), party_port(from, to));
	enum ip_conntrack_dir dir;
	struct nf_conn *ct = get_flow(&packet, &answer, &dir);
	struct sk_buff skb = {
		.dev = &devices[device_of(to)],
		.skb_iif = devices[device_of(from)].ifindex,
	};
	struct sipalg_packet sip = {
		.sn = &world,
		.skb = &skb,
		.ct = ct,
		.ctinfo = dir ? IP_CT_ESTABLISHED_REPLY : IP_CT_ESTABLISHED,
		.mode = world_mode,
	};
	struct sipalg_text text = {
		.growth_max = chance(16) ? 0 : 60000,
		.change = change_text,
	};
	char written[MESSAGE_MAX];
	u8 *copy;

	/* A flow that is to have the helper gets it from its first packet. */
	if (!nf_ct_is_confirmed(ct)) {
		ct->help = kernel_alloc(sizeof(*ct->help), true);
		ct->help->helper = chance(16) ? NULL : &helper;
	}
	sip.flow = ct->help->helper ? nfct_help_data(ct) : NULL;
	BUILD_BUG_ON(sizeof(*sip.flow) > sizeof(ct->help->data));
	text.len = message_write(message, written);
	text.there = text.len;
	copy = malloc(text.len);
	must(copy);
	memcpy(copy, written, text.len);
	text.text = copy;
	/* The packet holds its flow, which may be killed meanwhile. */
	nf_conntrack_get(&ct->ct_general);
	sipalg_message_translate(&sip, &text);
	if (!nf_ct_is_dying(ct)) {
		if (sip.flow)
			sipalg_flow_refresh(sip.flow, ct, NULL);
		pass_packet(ct, dir);
	}
	nf_ct_put(ct);
	free(copy);
	must(!kernel_locks);
	rcu_barrier();
}

/* --- media ------------------------------------------------------------------- */

static struct sipalg_endpoint endpoint_of(u8 party, u16 port)
{
	return (struct sipalg_endpoint) {
		.addr = world_address(party),
		.port = htons(port),
		.family = NFPROTO_IPV4,
		.proto = IPPROTO_UDP,
	};
}

/* Return: the binding that lets a new flow through, or NULL. */
static struct sipalg_binding *find_binding(u8 inside, u16 port, u8 party, bool outward)
{
	const struct sipalg_endpoint end = endpoint_of(inside, port);
	union nf_inet_addr seen = seen_address(inside, party);
	struct sipalg_binding *binding;

	binding = sipalg_binding_by_inside(&world, &end, &seen);
	if (!binding || (!outward && !atomic_read(&binding->open)) ||
	    sipalg_outside_is_lost(binding->address))
		return NULL;
	return binding;
}

/* Return: the flow of a packet, with its direction; NULL where the packet comes to nobody. */
static struct nf_conn *begin_media(u8 inside, u16 port, u8 party, u16 far, bool outward,
				   enum ip_conntrack_dir *dir)
{
	struct sipalg_binding *binding = find_binding(inside, port, party, outward);
	u16 shown = binding ? ntohs(binding->outside_port) : port;
	struct nf_conntrack_tuple out =
		tuple_of(world_address(inside), port, world_address(party), far);
	struct nf_conntrack_tuple in =
		tuple_of(world_address(party), far, seen_address(inside, party), shown);
	struct nf_conntrack_tuple_hash *found = conntrack_find(outward ? &out : &in);
	struct nf_conn *ct;

	if (!found && !binding && !outward)
		return NULL;
	ct = get_flow(outward ? &out : &in, outward ? &in : &out, dir);
	if (!found && binding && sipalg_pinhole_follow(binding, ct)) {
		ct->status |= BIT(IPS_EXPECTED_BIT);
		sipalg_peer_see(binding, &in.src.u3);
	}
	must(!kernel_locks);
	rcu_barrier();
	return ct;
}

struct nf_conn *world_begin(u8 inside, u16 port, u8 party, u16 far, bool outward)
{
	enum ip_conntrack_dir dir;

	return begin_media(inside, port, party, far, outward, &dir);
}

void world_arrive(struct nf_conn *ct)
{
	pass_packet(ct, IP_CT_DIR_ORIGINAL);
}

void world_drop(struct nf_conn *ct)
{
	nf_ct_put(ct);
}

/* A program in the firewall lets go of what it held back. */
static void release_held(void)
{
	struct nf_conn *ct = held;

	held = NULL;
	if (!ct)
		return;
	/* Another packet may have been faster. */
	if (conntrack_find(&ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple) ||
	    conntrack_find(&ct->tuplehash[IP_CT_DIR_REPLY].tuple))
		world_drop(ct);
	else
		world_arrive(ct);
}

void world_media(u8 inside, u16 port, u8 party, u16 far, bool outward)
{
	enum ip_conntrack_dir dir;
	struct nf_conn *ct = begin_media(inside, port, party, far, outward, &dir);

	if (!ct)
		return;
	/* The firewall drops some, and holds back others. */
	if (nf_ct_is_confirmed(ct) || !chance(4))
		pass_packet(ct, dir);
	else if (held || chance(2))
		world_drop(ct);
	else
		held = ct;
	if (chance(8))
		release_held();
}

/* --- time and the administrator ---------------------------------------------- */

void world_advance(unsigned long ticks)
{
	unsigned long until = jiffies + ticks, next;

	/* Flows expire no later than the timers that look at them. */
	while (kernel_next_timer(&next) && !time_after(next, until)) {
		kernel_advance(max(next, jiffies));
		conntrack_expire();
	}
	kernel_advance(until);
	conntrack_expire();
	/* Late, as the walk through the bindings of a lost address is. */
	if (ticks > HZ)
		sipalg_suspend_addresses(&world);
	rcu_barrier();
}

/* As control/ does; a call is finished properly. */
static bool follow_mode(struct sipalg_dialog *dialog, const void *unused)
{
	if (dialog->kind == SIPALG_CALL_DIALOG)
		return false;
	if (world_mode == SIPALG_MODE_ON)
		sipalg_suspend_resume(dialog);
	else
		sipalg_suspend_dialog(dialog);
	return false;
}

void world_switch(enum sipalg_mode mode)
{
	world_mode = mode;
	sipalg_dialog_end_matching(&world, SIPALG_CALL_CAUSE_POLICY, follow_mode, NULL);
}

void world_renumber(bool lost)
{
	const struct sipalg_outside_key key = {
		.addr = seen_address(0, HOSTS),
		.family = NFPROTO_IPV4,
	};

	if (lost)
		sipalg_outside_lose(&world, &key);
	else
		sipalg_outside_return(&world, &key, 2);
	sipalg_suspend_addresses(&world);
	rcu_barrier();
}

/* --- begin and end ----------------------------------------------------------- */

/* What a limit is made for has to happen within a few thousand steps. */
static void set_limits(void)
{
	u32 *value = world.settings.value;

	value[SIPALG_SETTING_MEDIA_SOURCE] = get_random_u32() % 2;
	value[SIPALG_SETTING_LOG_NAMES] = get_random_u32() % 3;
	value[SIPALG_SETTING_LIMIT_HOST_CALLS] = get_random_u32() % 4 ? 16 : 3;
	value[SIPALG_SETTING_LIMIT_HOST_BINDINGS] = get_random_u32() % 4 ? 128 : 8;
	value[SIPALG_SETTING_LIMIT_CALL_BINDINGS] = get_random_u32() % 4 ? 16 : 5;
	value[SIPALG_SETTING_LIMIT_BYTES] = get_random_u32() % 4 ? SZ_1M : 16384;
}

void world_open(void)
{
	static const struct sipalg_options none;

	memset(&world, 0, sizeof(world));
	net = (struct net) {
		.user_ns = &init_user_ns,
		.sipalg = &world,
		.udp.timeouts = { UDP_SECS * HZ, ASSURED_SECS * HZ },
	};
	world.net = &net;
	world_mode = SIPALG_MODE_ON;
	must(!sipalg_message_setup() && !sipalg_quota_setup() && !sipalg_port_setup() &&
	     !sipalg_binding_setup() && !sipalg_dialog_setup() && !sipalg_key_setup() &&
	     !sipalg_invite_setup() && !sipalg_offered_setup());
	must(!sipalg_settings_net_init(&world) && !sipalg_stats_net_init(&world) &&
	     !sipalg_quota_net_init(&world) && !sipalg_outside_net_init(&world) &&
	     !sipalg_binding_net_init(&world) && !sipalg_reap_net_init(&world) &&
	     !sipalg_dialog_net_init(&world));
	mutex_lock(&world.hooks.lock);
	must(!sipalg_seen_prepare(&world));
	mutex_unlock(&world.hooks.lock);
	world.policy.ruleset = sipalg_ruleset_alloc(0);
	sipalg_ruleset_finish(world.policy.ruleset, SIPALG_MODE_ON, &none);
	if (world_by_chance)
		set_limits();
}

void world_close(void)
{
	release_held();
	conntrack_flush();
	sipalg_dialog_net_exit(&world);
	sipalg_offered_net_exit(&world);
	sipalg_seen_net_exit(&world);
	sipalg_binding_net_exit(&world);
	sipalg_reap_net_exit(&world);
	sipalg_outside_net_exit(&world);
	sipalg_quota_net_exit(&world);
	sipalg_ruleset_free(world.policy.ruleset);
	sipalg_stats_net_exit(&world);
	sipalg_settings_net_exit(&world);
	rcu_barrier();
	sipalg_dialog_teardown();
	sipalg_binding_teardown();
	sipalg_quota_teardown();
	sipalg_message_teardown();
	must(!kernel_allocations);
}
