// SPDX-License-Identifier: GPL-2.0

#include <stdio.h>

#include "kernel.h"
#include "newcomers.h"
#include "state/stats.h"
#include "table/binding.h"
#include "table/dialog.h"
#include "world.h"

enum party { PHONE, OTHER_PHONE, FAR_END = HOSTS, STRANGER };

#define PORT		4000
#define FAR_PORT	6000

static void carry(u8 from, u8 to, u8 method, u16 status, u8 to_tag)
{
	struct message message = {
		.from = from, .to = to, .method = method, .status = status,
		.branch = 1, .cseq = 1, .from_tag = 1, .to_tag = to_tag,
		.media_of = from, .n_streams = method == SIP_INVITE, .port = { PORT },
		.contact_of = from, .n_contacts = 1, .contact_port = { 5060 },
		.contact_expires = -1, .expires = -1, .session_expires = -1,
	};

	world_send(&message);
}

static void call(u8 phone)
{
	carry(phone, FAR_END, SIP_INVITE, 0, 0);
	carry(FAR_END, phone, SIP_INVITE, 200, 2);
	carry(phone, FAR_END, SIP_ACK, 0, 2);
}

/* A call is up, and its media goes both ways. */
static void open_call(void)
{
	call(PHONE);
	world_media(PHONE, PORT, FAR_END, FAR_PORT, false);
	world_media(PHONE, PORT, FAR_END, FAR_PORT, true);
}

static void hang_up(u8 phone)
{
	carry(phone, FAR_END, SIP_BYE, 0, 2);
	world_advance(40 * HZ);
}

static struct nf_conn *begin_with(u8 phone, u8 party, u16 far, bool outward)
{
	struct nf_conn *ct = world_begin(phone, PORT, party, far, outward);

	must(ct && !nf_ct_is_confirmed(ct));
	return ct;
}

static struct nf_conn *begin(u8 party, u16 far, bool outward)
{
	return begin_with(PHONE, party, far, outward);
}

static void drop_strangers(u16 far, unsigned int n)
{
	while (n--)
		world_drop(begin(STRANGER, far++, false));
}

struct media {
	unsigned int related, answered;
};

static void count(const struct nf_conn *ct, void *data)
{
	struct media *media = data;

	media->related += test_bit(IPS_EXPECTED_BIT, &ct->status);
	media->answered += !ct->help && test_bit(IPS_SEEN_REPLY_BIT, &ct->status);
}

static bool there_are(unsigned int related, unsigned int answered)
{
	struct media media = { };

	conntrack_walk(count, &media);
	return media.related == related && media.answered == answered;
}

static bool dropped_are(u64 in)
{
	u64 sum[__SIPALG_STAT_MAX];

	sipalg_stats_read(&world, sum);
	return sum[SIPALG_STAT_FLOWS_DROPPED_IN] == in;
}

static bool strangers_evict_nothing(void)
{
	open_call();
	drop_strangers(7000, 2 * SIPALG_BINDING_FLOWS_MAX);
	return there_are(1, 1);
}

static bool others_get_in(void)
{
	open_call();
	drop_strangers(7000, 2 * SIPALG_BINDING_FLOWS_MAX);
	world_arrive(begin(FAR_END, FAR_PORT + 1, true));
	world_arrive(begin(FAR_END, FAR_PORT + 2, false));
	return there_are(3, 1);
}

static bool late_one_has_no_place(void)
{
	struct nf_conn *late;
	bool ok;

	open_call();
	late = begin(STRANGER, 7000, false);
	world_advance(2 * HZ);
	drop_strangers(7001, SIPALG_BINDING_FLOWS_MAX);
	world_arrive(late);
	ok = there_are(2, 1);
	world_advance(3 * HZ);
	return ok && there_are(1, 1);
}

static bool late_one_goes_on(void)
{
	struct nf_conn *late;

	open_call();
	drop_strangers(7000, 3);
	world_advance(4 * HZ);
	late = begin(STRANGER, 7000, false);
	drop_strangers(7003, 2);
	world_arrive(late);
	world_advance(4 * HZ);
	return there_are(2, 1);
}

static bool oldest_gives_way(void)
{
	struct nf_conn *held;

	open_call();
	drop_strangers(7000, 2);
	world_advance(HZ / 2);
	held = begin(STRANGER, 7002, false);
	drop_strangers(7003, 2);
	world_arrive(held);
	world_advance(4 * HZ);
	return there_are(2, 1);
}

static bool late_one_follows(void)
{
	struct nf_conn *late;
	bool ok;

	open_call();
	late = begin(STRANGER, 7000, false);
	world_advance(4 * HZ);
	ok = dropped_are(1);
	world_arrive(late);
	world_advance(4 * HZ);
	ok = ok && dropped_are(1) && there_are(2, 1);
	hang_up(PHONE);
	return ok && there_are(0, 0);
}

static bool address_goes(void)
{
	struct nf_conn *late;
	unsigned int i;

	open_call();
	late = begin(FAR_END, FAR_PORT + 1, false);
	world_renumber(true);
	world_arrive(late);
	/* In short steps: behind a long one the world suspends the address again. */
	for (i = 0; i < 3; i++)
		world_advance(HZ);
	return there_are(0, 0);
}

/* Nobody has named the one who sends: an ICE agent, or before the answer. */
static bool unnamed_gets_in(void)
{
	struct nf_conn *flow;
	unsigned int i;

	open_call();
	for (i = 0; i < 8; i++) {
		drop_strangers(7000, SIPALG_BINDING_FLOWS_MAX);
		world_advance(HZ / 2);
	}
	flow = begin(STRANGER, 9000, false);
	world_arrive(flow);
	for (i = 0; i < 8; i++) {
		drop_strangers(7000, SIPALG_BINDING_FLOWS_MAX);
		world_advance(HZ / 2);
	}
	return there_are(2, 1) && !nf_ct_is_dying(flow);
}

/* The flow of an older call maps the outside port to another phone. */
static bool others_stay_others(void)
{
	struct nf_conn *old, *next;
	bool ok;

	call(PHONE);
	old = begin(FAR_END, FAR_PORT, false);
	hang_up(PHONE);
	call(OTHER_PHONE);
	next = begin_with(OTHER_PHONE, FAR_END, FAR_PORT, false);
	world_arrive(old);
	world_drop(next);
	ok = there_are(1, 0);
	world_advance(5 * HZ);
	return ok && there_are(0, 0);
}

static unsigned int n_left(void)
{
	unsigned int i, n = 0;

	for (i = 0; i < SIPALG_LEFT_LISTS; i++)
		n += world.bindings.left[i].n;
	return n;
}

static bool many_wait(void)
{
	struct nf_conn *late, *other;
	unsigned int i;
	bool ok;

	open_call();
	call(OTHER_PHONE);
	other = begin_with(OTHER_PHONE, FAR_END, FAR_PORT, false);
	hang_up(OTHER_PHONE);
	late = begin(FAR_END, FAR_PORT + 1, true);
	for (i = 0; i < 2 * SIPALG_LEFT_MAX; i++)
		world_drop(begin(FAR_END, (u16)(10000 + i), true));
	ok = n_left() == SIPALG_LEFT_MAX + 1;
	/* The oldest may last, but of another binding it may not. */
	world_arrive(late);
	world_arrive(other);
	ok = ok && there_are(3, 1);
	world_advance(4 * HZ);
	ok = ok && there_are(2, 1);
	world_advance(60 * HZ);
	return ok && !n_left();
}

static const struct {
	const char *title;
	bool (*run)(void);
} cases[NEWCOMERS_CASES] = {
	{ "first packets of strangers are dropped: the answered flow stays",
	  strangers_evict_nothing },
	{ "the phone's next flow and the far end's find a place all the same", others_get_in },
	{ "a flow that comes after another has got its place ends", late_one_has_no_place },
	{ "a flow that is late keeps its place as long as it sends", late_one_goes_on },
	{ "of strangers that are on their way, the one that came first gives way", oldest_gives_way },
	{ "a flow that comes late follows all the same, and ends with the call",
	  late_one_follows },
	{ "a flow that comes when its outside address is lost ends", address_goes },
	{ "first packets of strangers are dropped: one whom nobody has named gets in, and stays",
	  unnamed_gets_in },
	{ "a flow to the phone that had the port before ends, and does not follow the new one",
	  others_stay_others },
	{ "flows of a call that may still come are waited for a minute, if they are not too many",
	  many_wait },
};

bool newcomers_run(unsigned int n)
{
	bool all = true, ok;
	unsigned int i;

	for (i = 0; i < NEWCOMERS_CASES; i++) {
		kernel_seed(1);
		jiffies = 1000 * HZ;
		message_forget();
		world_open();
		ok = cases[i].run();
		world_close();
		printf("%s %u - %s\n", ok ? "ok" : "not ok", n + i + 1, cases[i].title);
		all &= ok;
	}
	return all;
}
