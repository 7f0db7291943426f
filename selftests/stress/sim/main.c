// SPDX-License-Identifier: GPL-2.0
/*
 * Both ends send SIP. Each message has places that a translation replaces by
 * longer or shorter text. First come the ladders, schedules of which each step
 * is written down. Then come schedules by chance, of segments, windows, losses
 * and forgeries.
 *
 * Behind each the network turns calm, and then each byte must have arrived,
 * once and in order: the message as the translation has it where that took
 * place, else as it was sent. In between no end may be told that a byte has
 * arrived that it has not sent, no byte may come with two values, no keep-alive
 * may stay without an answer, a segment that is not accepted may change
 * nothing, the code may look at each entry of its lists a few times and no
 * more, and conntrack, as strict as it is by default, must find nothing wrong
 * with what the ends send. Where the network is perfect, nobody may have to
 * send anything again.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "sim.h"

struct end ends[2];
struct sipalg_direction directions[2];
struct tracked tracked[2];
struct queue to_router[2], to_end[2];
struct options options;
struct counts counts;
u32 now;
unsigned int translated;
unsigned long list_steps;

static u64 state, seed;

void random_seed(u64 number)
{
	seed = number;
	state = (seed + 1) * 0x9e3779b97f4a7c15;
	random_next();
}

u64 random_next(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

u32 random_below(u32 n)
{
	return (u32)((random_next() >> 16) % n);
}

void fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	printf("seed %llu: ", (unsigned long long)seed);
	vprintf(format, args);
	printf("\n");
	va_end(args);
	fflush(stdout);
	abort();
}

static void count_print(const char *what, u64 n)
{
	printf("%s %llu ", what, (unsigned long long)n);
}

int main(int argc, char **argv)
{
	u64 first = argc > 1 ? strtoull(argv[1], NULL, 0) : 1;
	u64 count = argc > 2 ? strtoull(argv[2], NULL, 0) : 1000000;
	time_t limit = argc > 3 ? time(NULL) + atoi(argv[3]) : 0;
	u64 n;

	ladders_climb();
	for (n = first; n < first + count; n++) {
		random_seed(n);
		schedule();
		if (limit && time(NULL) >= limit)
			break;
	}
	count_print("schedules", counts.schedules);
	count_print("segments", counts.segments);
	count_print("changed", counts.changed);
	count_print("heads", counts.again);
	count_print("held", counts.held);
	count_print("merged", counts.merged);
	count_print("too old", counts.paws);
	count_print("forged", counts.forged);
	printf("\n");
	return 0;
}
