// SPDX-License-Identifier: GPL-2.0

#include <stdio.h>

#include "kernel.h"
#include "ladders.h"
#include "newcomers.h"
#include "routes.h"
#include "table/dialog.h"
#include "table/key.h"
#include "world.h"

#define RUNGS_MAX	24

enum party { PHONE, A = HOSTS, B };
enum state {
	GONE = 255,
	EARLY = SIPALG_CALL_EARLY,
	CONFIRMED = SIPALG_CALL_CONFIRMED,
	ENDING = SIPALG_CALL_ENDING,
};

/*
 * A message, or without a method so many seconds; then the state of the phone's call.
 * An INVITE and a 2xx to one have a description.
 */
struct rung {
	u8 from, to;
	u8 method;
	u16 status;
	u8 from_tag, to_tag;
	u8 cseq, branch;
	u8 state;
	u32 secs;
};

struct ladder {
	const char *title;
	struct rung rungs[RUNGS_MAX];
};

#define WAIT(secs_, state_) { .secs = (secs_), .state = (state_) }
/* The phone's tag is 1, A's is 2 and B's is 3. A calls with tag 5. */
#define CALL_OF_A \
	{ PHONE, A, SIP_INVITE, 0, 1, 0, 1, 1, EARLY }, \
	{ A, PHONE, SIP_INVITE, 200, 1, 2, 1, 1, CONFIRMED }, \
	{ PHONE, A, SIP_ACK, 0, 1, 2, 1, 9, CONFIRMED }

static const struct ladder ladders[] = {
	{ "a proxy forks: the first refusal does not end the call", {
		{ PHONE, A, SIP_INVITE, 0, 1, 0, 1, 1, EARLY },
		{ PHONE, B, SIP_INVITE, 0, 1, 0, 1, 2, EARLY },
		{ B, PHONE, SIP_INVITE, 180, 1, 3, 1, 2, EARLY },
		{ A, PHONE, SIP_INVITE, 486, 1, 2, 1, 1, EARLY },
		{ PHONE, A, SIP_ACK, 0, 1, 2, 1, 1, EARLY },
		WAIT(20, EARLY),
		{ B, PHONE, SIP_INVITE, 200, 1, 3, 1, 2, CONFIRMED },
		{ PHONE, B, SIP_ACK, 0, 1, 3, 1, 9, CONFIRMED },
		{ A, PHONE, SIP_BYE, 0, 2, 1, 1, 7, CONFIRMED },
		{ PHONE, B, SIP_BYE, 0, 1, 3, 2, 8, ENDING },
	} },
	{ "a proxy forks: the last refusal ends the call", {
		{ PHONE, A, SIP_INVITE, 0, 1, 0, 1, 1, EARLY },
		{ PHONE, B, SIP_INVITE, 0, 1, 0, 1, 2, EARLY },
		{ A, PHONE, SIP_INVITE, 486, 1, 2, 1, 1, EARLY },
		{ A, PHONE, SIP_INVITE, 486, 1, 2, 1, 1, EARLY },
		{ B, PHONE, SIP_INVITE, 486, 1, 3, 1, 2, ENDING },
		WAIT(3, GONE),
	} },
	{ "a proxy forks: the CANCEL of one transaction does not end the call", {
		{ PHONE, A, SIP_INVITE, 0, 1, 0, 1, 1, EARLY },
		{ PHONE, B, SIP_INVITE, 0, 1, 0, 1, 2, EARLY },
		{ B, PHONE, SIP_INVITE, 180, 1, 3, 1, 2, EARLY },
		{ PHONE, A, SIP_CANCEL, 0, 1, 0, 1, 1, EARLY },
		{ A, PHONE, SIP_INVITE, 487, 1, 2, 1, 1, EARLY },
		WAIT(40, EARLY),
		{ PHONE, B, SIP_CANCEL, 0, 1, 0, 1, 2, ENDING },
		{ B, PHONE, SIP_INVITE, 487, 1, 3, 1, 2, ENDING },
		WAIT(3, GONE),
	} },
	{ "more transactions than are told apart: the timer ends the call", {
		{ PHONE, A, SIP_INVITE, 0, 1, 0, 1, 1, EARLY },
		{ PHONE, A, SIP_INVITE, 0, 1, 0, 1, 2, EARLY },
		{ PHONE, A, SIP_INVITE, 0, 1, 0, 1, 3, EARLY },
		{ PHONE, A, SIP_INVITE, 0, 1, 0, 1, 4, EARLY },
		{ PHONE, A, SIP_INVITE, 0, 1, 0, 1, 5, EARLY },
		{ A, PHONE, SIP_INVITE, 486, 1, 2, 1, 1, EARLY },
		{ A, PHONE, SIP_INVITE, 486, 1, 2, 1, 2, EARLY },
		{ A, PHONE, SIP_INVITE, 486, 1, 2, 1, 3, EARLY },
		{ A, PHONE, SIP_INVITE, 486, 1, 2, 1, 4, EARLY },
		WAIT(2, EARLY),
		{ A, PHONE, SIP_INVITE, 200, 1, 2, 1, 5, CONFIRMED },
	} },
	{ "one phone gets the branches of a fork: the refusal of one does not end the other", {
		{ A, PHONE, SIP_INVITE, 0, 5, 0, 1, 1, GONE },
		{ PHONE, A, SIP_INVITE, 180, 5, 1, 1, 1, EARLY },
		{ A, PHONE, SIP_INVITE, 0, 5, 0, 1, 2, EARLY },
		{ PHONE, A, SIP_INVITE, 482, 5, 4, 1, 2, EARLY },
		{ A, PHONE, SIP_ACK, 0, 5, 4, 1, 2, EARLY },
		WAIT(20, EARLY),
		{ PHONE, A, SIP_INVITE, 200, 5, 1, 1, 1, CONFIRMED },
	} },
	{ "two lines of one phone ring: the second one answers", {
		{ A, PHONE, SIP_INVITE, 0, 5, 0, 1, 1, GONE },
		{ A, PHONE, SIP_INVITE, 0, 5, 0, 1, 2, GONE },
		{ PHONE, A, SIP_INVITE, 180, 5, 1, 1, 1, EARLY },
		{ PHONE, A, SIP_INVITE, 180, 5, 4, 1, 2, EARLY },
		{ PHONE, A, SIP_INVITE, 486, 5, 1, 1, 1, EARLY },
		{ PHONE, A, SIP_INVITE, 200, 5, 4, 1, 2, CONFIRMED },
		{ A, PHONE, SIP_ACK, 0, 5, 4, 1, 9, CONFIRMED },
	} },
	{ "the next server is tried with the same CSeq: the first one ends nothing", {
		{ PHONE, A, SIP_INVITE, 0, 1, 0, 1, 1, EARLY },
		{ A, PHONE, SIP_INVITE, 503, 1, 2, 1, 1, ENDING },
		{ PHONE, A, SIP_ACK, 0, 1, 2, 1, 1, ENDING },
		{ PHONE, B, SIP_INVITE, 0, 1, 0, 1, 2, EARLY },
		{ B, PHONE, SIP_INVITE, 200, 1, 3, 1, 2, CONFIRMED },
		{ A, PHONE, SIP_BYE, 0, 6, 1, 1, 7, CONFIRMED },
		{ PHONE, B, SIP_ACK, 0, 1, 3, 1, 9, CONFIRMED },
		{ A, PHONE, SIP_BYE, 0, 6, 1, 1, 7, CONFIRMED },
		{ PHONE, A, SIP_BYE, 481, 6, 1, 1, 7, CONFIRMED },
		{ B, PHONE, SIP_BYE, 0, 3, 1, 1, 8, ENDING },
	} },
	{ "a CANCEL of the far end does not mean the INVITE of the phone", {
		{ PHONE, B, SIP_INVITE, 0, 1, 0, 1, 1, EARLY },
		{ B, PHONE, SIP_INVITE, 180, 1, 3, 1, 1, EARLY },
		{ A, PHONE, SIP_CANCEL, 0, 1, 0, 1, 1, EARLY },
		{ B, PHONE, SIP_CANCEL, 0, 1, 0, 1, 1, EARLY },
		WAIT(40, EARLY),
	} },
	{ "whoever knows the Call-ID does not have the phone's INVITE forgotten", {
		{ PHONE, B, SIP_INVITE, 0, 1, 0, 1, 1, EARLY },
		{ B, PHONE, SIP_INVITE, 180, 1, 3, 1, 1, EARLY },
		{ A, PHONE, SIP_INVITE, 0, 2, 0, 1, 2, EARLY },
		{ PHONE, A, SIP_INVITE, 100, 2, 0, 1, 2, EARLY },
		{ PHONE, A, SIP_INVITE, 486, 2, 1, 1, 2, EARLY },
		{ A, PHONE, SIP_INVITE, 0, 4, 0, 1, 2, EARLY },
		{ PHONE, A, SIP_INVITE, 100, 4, 0, 1, 2, EARLY },
		{ A, PHONE, SIP_INVITE, 0, 5, 0, 1, 2, EARLY },
		{ PHONE, A, SIP_INVITE, 100, 5, 0, 1, 2, EARLY },
		{ A, PHONE, SIP_INVITE, 0, 6, 0, 1, 2, EARLY },
		{ PHONE, A, SIP_INVITE, 100, 6, 0, 1, 2, EARLY },
		{ A, PHONE, SIP_INVITE, 0, 0, 0, 1, 2, EARLY },
		{ PHONE, A, SIP_INVITE, 100, 0, 0, 1, 2, EARLY },
		{ B, PHONE, SIP_INVITE, 200, 1, 3, 1, 1, CONFIRMED },
		{ PHONE, B, SIP_ACK, 0, 1, 3, 1, 9, CONFIRMED },
	} },
	{ "a far end that answers its own INVITE keeps no call", {
		CALL_OF_A,
		{ A, PHONE, SIP_INVITE, 0, 2, 1, 50, 4, CONFIRMED },
		WAIT(5000, CONFIRMED),
		{ A, PHONE, SIP_INVITE, 200, 2, 1, 50, 4, CONFIRMED },
		{ A, PHONE, SIP_INVITE, 200, 2, 1, 49, 4, CONFIRMED },
		WAIT(5000, GONE),
	} },
	{ "a far end that repeats the 200 of a re-INVITE keeps no call", {
		CALL_OF_A,
		{ PHONE, A, SIP_INVITE, 0, 1, 2, 2, 2, CONFIRMED },
		{ A, PHONE, SIP_INVITE, 200, 1, 2, 2, 2, CONFIRMED },
		{ PHONE, A, SIP_ACK, 0, 1, 2, 2, 9, CONFIRMED },
		WAIT(5000, CONFIRMED),
		{ A, PHONE, SIP_INVITE, 200, 1, 2, 2, 2, CONFIRMED },
		{ A, PHONE, SIP_INVITE, 200, 1, 2, 1, 1, CONFIRMED },
		WAIT(5000, GONE),
	} },
	{ "a late 200 does not prolong the call while a re-INVITE is under way", {
		CALL_OF_A,
		WAIT(5000, CONFIRMED),
		{ PHONE, A, SIP_INVITE, 0, 1, 2, 2, 2, CONFIRMED },
		WAIT(5000, CONFIRMED),
		{ A, PHONE, SIP_INVITE, 200, 1, 2, 1, 1, CONFIRMED },
		WAIT(5000, GONE),
	} },
	{ "a 200 behind the refusal does not bring the call back", {
		{ PHONE, A, SIP_INVITE, 0, 1, 0, 1, 1, EARLY },
		{ A, PHONE, SIP_INVITE, 486, 1, 2, 1, 1, ENDING },
		{ PHONE, A, SIP_ACK, 0, 1, 2, 1, 1, ENDING },
		{ A, PHONE, SIP_INVITE, 200, 1, 2, 1, 1, ENDING },
		WAIT(3, GONE),
	} },
	{ "a 200 that crosses the CANCEL confirms the call, behind the 487 it does not", {
		{ PHONE, A, SIP_INVITE, 0, 1, 0, 1, 1, EARLY },
		{ PHONE, A, SIP_CANCEL, 0, 1, 0, 1, 1, ENDING },
		{ A, PHONE, SIP_INVITE, 200, 1, 2, 1, 1, CONFIRMED },
		{ PHONE, A, SIP_ACK, 0, 1, 2, 1, 9, CONFIRMED },
		{ PHONE, A, SIP_BYE, 0, 1, 2, 2, 8, ENDING },
		{ A, PHONE, SIP_BYE, 200, 1, 2, 2, 8, ENDING },
		WAIT(3, GONE),
		{ PHONE, A, SIP_INVITE, 0, 1, 0, 3, 1, EARLY },
		{ PHONE, A, SIP_CANCEL, 0, 1, 0, 3, 1, ENDING },
		{ A, PHONE, SIP_INVITE, 487, 1, 2, 3, 1, ENDING },
		{ A, PHONE, SIP_INVITE, 200, 1, 2, 3, 1, ENDING },
		WAIT(3, GONE),
	} },
	{ "a leg whose BYE nobody answers does not keep the call", {
		CALL_OF_A,
		{ A, PHONE, SIP_INVITE, 200, 1, 3, 1, 1, CONFIRMED },
		{ PHONE, A, SIP_ACK, 0, 1, 3, 1, 9, CONFIRMED },
		{ PHONE, A, SIP_BYE, 0, 1, 3, 2, 8, CONFIRMED },
		WAIT(60, CONFIRMED),
		{ PHONE, A, SIP_BYE, 0, 1, 2, 3, 8, ENDING },
		{ A, PHONE, SIP_BYE, 200, 1, 2, 3, 8, ENDING },
		WAIT(3, GONE),
	} },
	{ "a refused INVITE behind a call that is over ends", {
		CALL_OF_A,
		{ PHONE, A, SIP_BYE, 0, 1, 2, 2, 8, ENDING },
		{ A, PHONE, SIP_BYE, 200, 1, 2, 2, 8, ENDING },
		{ A, PHONE, SIP_INVITE, 0, 5, 0, 1, 1, ENDING },
		{ PHONE, A, SIP_INVITE, 180, 5, 1, 1, 1, EARLY },
		{ PHONE, A, SIP_INVITE, 486, 5, 1, 1, 1, ENDING },
		WAIT(3, GONE),
	} },
};

static void carry(const struct rung *rung)
{
	bool has_body = rung->method == SIP_INVITE &&
			(!rung->status || rung->status / 100 == 2);
	struct message message = {
		.from = rung->from, .to = rung->to,
		.method = rung->method, .status = rung->status,
		.branch = rung->branch, .cseq = rung->cseq,
		.from_tag = rung->from_tag, .to_tag = rung->to_tag,
		.media_of = rung->from, .n_streams = has_body, .port = { 4000 },
		.contact_of = rung->from, .n_contacts = 1, .contact_port = { 5060 },
		.contact_expires = -1, .expires = -1, .session_expires = -1,
	};

	world_send(&message);
}

static u8 state_now(void)
{
	const char *id = message_call_id(0);
	struct sipalg_dialog_key key = { .host = world_address(PHONE), .family = NFPROTO_IPV4 };
	const struct sipalg_dialog *dialog;

	sipalg_key_call_id(&key, (const u8 *)id, (u32)strlen(id), SIP_INVITE);
	dialog = rhashtable_find(&world.dialogs.table, &key);
	return dialog ? dialog->state : GONE;
}

static bool climb(const struct ladder *ladder)
{
	const struct rung *rung;
	u8 state;
	bool ok = true;

	for (rung = ladder->rungs; ok && (rung->method || rung->secs); rung++) {
		if (rung->secs)
			world_advance(rung->secs * HZ);
		else
			carry(rung);
		state = state_now();
		ok = state == rung->state;
		if (!ok)
			printf("# rung %td: state %u, not %u\n", rung - ladder->rungs + 1, state,
			       rung->state);
	}
	return ok;
}

int ladders_run(void)
{
	bool all = true;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ladders); i++) {
		bool ok;

		kernel_seed(i + 1);
		jiffies = 1000 * HZ;
		message_forget();
		world_open();
		ok = climb(&ladders[i]);
		world_close();
		printf("%s %u - %s\n", ok ? "ok" : "not ok", i + 1, ladders[i].title);
		all &= ok;
	}
	all &= newcomers_run(i);
	i += NEWCOMERS_CASES;
	all &= routes_run(i);
	printf("1..%u\n", i + 2);
	return all ? 0 : 1;
}
