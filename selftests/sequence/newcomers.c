// SPDX-License-Identifier: GPL-2.0

#include <stdio.h>

#include "kernel.h"
#include "newcomers.h"
#include "state/stats.h"
#include "table/binding.h"
#include "table/dialog.h"
#include "world.h"

enum party { PHONE, FAR_END = HOSTS, STRANGER };

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

/* A call is up, and its media goes both ways. */
static void open_call(void)
{
	kernel_seed(1);
	jiffies = 1000 * HZ;
	message_forget();
	world_open();
	carry(PHONE, FAR_END, SIP_INVITE, 0, 0);
	carry(FAR_END, PHONE, SIP_INVITE, 200, 2);
	carry(PHONE, FAR_END, SIP_ACK, 0, 2);
	world_media(PHONE, PORT, FAR_END, FAR_PORT, false);
	world_media(PHONE, PORT, FAR_END, FAR_PORT, true);
}

static void hang_up(void)
{
	carry(PHONE, FAR_END, SIP_BYE, 0, 2);
	world_advance(40 * HZ);
}

static struct nf_conn *begin(u8 party, u16 far, bool outward)
{
	struct nf_conn *ct = world_begin(PHONE, PORT, party, far, outward);

	must(ct && !nf_ct_is_confirmed(ct));
	return ct;
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
	bool ok;

	open_call();
	drop_strangers(7000, 2 * SIPALG_BINDING_FLOWS_MAX);
	ok = there_are(1, 1);
	world_close();
	return ok;
}

static bool others_get_in(void)
{
	bool ok;

	open_call();
	drop_strangers(7000, 2 * SIPALG_BINDING_FLOWS_MAX);
	world_arrive(begin(FAR_END, FAR_PORT + 1, true));
	world_arrive(begin(FAR_END, FAR_PORT + 2, false));
	ok = there_are(3, 1);
	world_close();
	return ok;
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
	ok = ok && there_are(1, 1);
	world_close();
	return ok;
}

static bool late_one_goes_on(void)
{
	struct nf_conn *late;
	bool ok;

	open_call();
	world_drop(begin(STRANGER, 7000, false));
	world_advance(4 * HZ);
	late = begin(STRANGER, 7000, false);
	drop_strangers(7001, SIPALG_BINDING_FLOWS_MAX);
	world_arrive(late);
	world_advance(4 * HZ);
	ok = there_are(2, 1);
	world_close();
	return ok;
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
	ok = ok && dropped_are(0) && there_are(2, 1);
	hang_up();
	ok = ok && there_are(0, 0);
	world_close();
	return ok;
}

static bool address_goes(void)
{
	struct nf_conn *late;
	bool ok;

	open_call();
	late = begin(FAR_END, FAR_PORT + 1, false);
	world_renumber(true);
	world_arrive(late);
	world_advance(3 * HZ);
	ok = there_are(0, 0);
	world_close();
	return ok;
}

static bool many_wait(void)
{
	struct nf_conn *late;
	unsigned int i;
	bool ok;

	open_call();
	late = begin(FAR_END, FAR_PORT + 1, true);
	for (i = 0; i < 2 * SIPALG_LEFT_MAX; i++)
		world_drop(begin(FAR_END, (u16)(10000 + i), true));
	ok = world.bindings.n_left == SIPALG_LEFT_MAX;
	/* The oldest may last. */
	world_arrive(late);
	world_advance(4 * HZ);
	ok = ok && there_are(2, 1);
	world_advance(60 * HZ);
	ok = ok && !world.bindings.n_left;
	world_close();
	return ok;
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
	{ "a flow that comes late does not count as dropped, and ends with the call",
	  late_one_follows },
	{ "a flow that comes when its outside address is lost ends", address_goes },
	{ "flows that may still come are waited for a minute, if they are not too many",
	  many_wait },
};

bool newcomers_run(unsigned int n)
{
	bool all = true, ok;
	unsigned int i;

	for (i = 0; i < NEWCOMERS_CASES; i++) {
		ok = cases[i].run();
		printf("%s %u - %s\n", ok ? "ok" : "not ok", n + i + 1, cases[i].title);
		all &= ok;
	}
	return all;
}
