// SPDX-License-Identifier: GPL-2.0
/*
 * Steps by chance, a few thousand in each world, which has to be empty at its end. The
 * seed of a world decides all of it, so that a finding can be had again.
 */

#include <stdio.h>
#include <time.h>
#include <unistd.h>
#include <sanitizer/common_interface_defs.h>

#include "ladders.h"
#include "oracle.h"
#include "world.h"

#define WORLD_STEPS	4000
#define TAIL		40
/* Longer than any timeout; and that of a registration may be renewed once. */
#define QUIET_SECS	(3 * 7 * 24 * 3600ul)

struct step {
	enum { SEND, MEDIA, ADVANCE, SWITCH, RENUMBER } kind;
	struct message message;
	unsigned long value;
};

static struct step tail[TAIL];
static u64 seed, step;

static void describe(const struct step *s, char *line, size_t size)
{
	static const char *const names[] = { "", "media", "time", "mode", "address lost" };

	if (s->kind == SEND)
		message_describe(&s->message, line, size);
	else
		snprintf(line, size, "%s %lu", names[s->kind], s->value);
}

/* Tells how it came to a finding. */
static void tell(void)
{
	u64 i = step > TAIL ? step - TAIL : 0;
	char line[256];

	for (; i < step; i++) {
		describe(&tail[i % TAIL], line, sizeof(line));
		fprintf(stderr, "%6llu %s\n", (unsigned long long)i, line);
	}
	fprintf(stderr, "finding: again by -s %llu -n %llu\n", (unsigned long long)seed,
		(unsigned long long)step);
}

_Noreturn void kernel_fail(const char *file, int line, const char *cond)
{
	fprintf(stderr, "%s:%d: must hold: %s\n", file, line, cond);
	__sanitizer_print_stack_trace();
	tell();
	_Exit(1);
}

static u32 below(u32 n)
{
	return get_random_u32() % n;
}

static void send_next(struct step *s)
{
	s->kind = SEND;
	message_next(&s->message);
	oracle_before(&s->message);
	world_send(&s->message);
	oracle_after(&s->message);
}

static void send_media(struct step *s)
{
	static const u16 ports[] = { 4000, 4001, 4002, 4004, 4101 };
	u16 port = ports[below(ARRAY_SIZE(ports))], far = ports[below(ARRAY_SIZE(ports))];
	u8 inside = (u8)below(HOSTS), party = (u8)(HOSTS + below(PARTIES - HOSTS));

	s->kind = MEDIA;
	s->value = port;
	world_media(inside, port, party, far, below(2));
}

static void let_time_pass(struct step *s)
{
	static const u32 secs[] = { 0, 1, 1, 2, 5, 35, 35, 150, 400, 8000 };

	s->kind = ADVANCE;
	s->value = secs[below(ARRAY_SIZE(secs))] * HZ + below(HZ);
	world_advance(s->value);
}

static void administer(struct step *s)
{
	s->kind = below(2) ? SWITCH : RENUMBER;
	s->value = below(4) ? 0 : 1 + below(2);
	if (s->kind == RENUMBER)
		world_renumber(s->value);
	else
		world_switch(s->value == 0 ? SIPALG_MODE_ON :
			     s->value == 1 ? SIPALG_MODE_OBSERVE : SIPALG_MODE_OFF);
}

static void take_step(void)
{
	struct step *s = &tail[step++ % TAIL];
	u32 what = below(100);

	if (what < 85) {
		send_next(s);
	} else {
		if (what < 92)
			send_media(s);
		else if (what < 99 || below(8))
			let_time_pass(s);
		else
			administer(s);
		oracle_forget();
	}
	oracle_check();
}

/* Silence: after the last timeout nothing is left. */
static void fall_silent(void)
{
	world_renumber(false);
	world_advance(QUIET_SECS * HZ);
	oracle_empty();
}

static void run_world(u64 steps)
{
	kernel_seed(seed);
	step = 0;
	/* The low half of the jiffies may be about to begin anew. */
	jiffies = below(2) ? 1 : U32_MAX - below(8000 * HZ);
	world_by_chance = true;
	message_forget();
	oracle_begin();
	world_open();
	kernel_failures = below(2) ? 0 : 500;
	while (step < steps)
		take_step();
	kernel_failures = 0;
	fall_silent();
	world_close();
}

/* Writes messages for a network: each behind a line of who sends it to whom, its bytes. */
static void write_messages(u64 n)
{
	struct message message;
	char text[MESSAGE_MAX];
	u32 len;

	kernel_seed(seed);
	while (n--) {
		message_next(&message);
		len = message_write(&message, text);
		printf("%u %s %u %u\n", message.from, party_seen(message.to, message.from),
		       party_port(message.to, message.from), len);
		fwrite(text, 1, len, stdout);
	}
}

static void usage(void)
{
	fputs("Usage: sequence [-n STEPS | -t SECONDS] [-s SEED]\n"
	      "       sequence -l\n"
	      "       sequence -w [-n MESSAGES] [-s SEED]\n", stderr);
	exit(2);
}

int main(int argc, char **argv)
{
	u64 steps = 1000000, done = 0;
	time_t end = 0, begun = time(NULL);
	bool only_write = false;
	int option;

	seed = 1;
	while ((option = getopt(argc, argv, "n:t:s:lw")) != -1) {
		if (option == 'n')
			steps = strtoull(optarg, NULL, 0);
		else if (option == 't')
			end = begun + atol(optarg);
		else if (option == 's')
			seed = strtoull(optarg, NULL, 0);
		else if (option == 'l')
			return ladders_run();
		else if (option == 'w')
			only_write = true;
		else
			usage();
	}
	if (only_write) {
		write_messages(steps);
		return 0;
	}
	__sanitizer_set_death_callback(tell);
	while (end ? time(NULL) < end : done < steps) {
		u64 n = end ? WORLD_STEPS : min(steps - done, WORLD_STEPS);

		run_world(n);
		done += n;
		seed++;
	}
	printf("%llu steps in %ld s, next seed %llu\n", (unsigned long long)done,
	       (long)(time(NULL) - begun), (unsigned long long)seed);
	return 0;
}
