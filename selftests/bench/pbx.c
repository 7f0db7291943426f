// SPDX-License-Identifier: GPL-2.0
/*
 * A PBX begins calls with two streams as fast as it can, on one processor or on two at a
 * time, each with a socket of its own.
 *
 * Usage: pbx PBX_NETNS SERVER_NETNS PROCESSORS COUNT
 *
 * Prints how many calls a second there were. COUNT: so many on each processor.
 */

#define _GNU_SOURCE
#include <err.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common.h"

#define PROCESSORS_MAX	2
#define PBX_ADDRESS	"192.168.1.10"
#define PBX_PORT	5060		/* and the next one */
#define SERVER_ADDRESS	"203.0.113.%u"	/* from FIRST_SERVER on */
#define FIRST_SERVER	2
#define SIP_PORT	5060

/* Who is ready; that of the parent is when all begin. */
static _Atomic int *ready;

static void make_calls(char *argv[], unsigned int processor, unsigned int processors,
		       unsigned int count)
{
	struct sockaddr_storage to;
	char address[64], text[TEXT_MAX];
	int pbx, server, len;
	cpu_set_t cpus;
	socklen_t to_len;
	unsigned int i;

	CPU_ZERO(&cpus);
	CPU_SET(processor, &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus))
		err(1, "processor %u", processor);
	snprintf(address, sizeof(address), SERVER_ADDRESS, FIRST_SERVER + processor);
	pbx = open_in(argv[1], PBX_ADDRESS, SOCK_DGRAM, PBX_PORT + processor);
	server = open_in(argv[2], address, SOCK_DGRAM, SIP_PORT);
	to_len = make_address(&to, address, SIP_PORT);

	++*ready;
	while (*ready <= (int)processors)
		;
	for (i = 0; i < count; i++) {
		unsigned int id = i * processors + processor;

		len = write_invite(text, PBX_ADDRESS, id, id);
		if (sendto(pbx, text, len, 0, (struct sockaddr *)&to, to_len) < 0)
			err(1, "send");
		if (recv(server, text, sizeof(text), MSG_DONTWAIT) < 0)
			err(1, "call %u not received", id);
	}
}

int main(int argc, char *argv[])
{
	unsigned int processors, count, i;
	long long begin;
	int status;

	if (argc != 5)
		errx(2, "usage: pbx PBX_NETNS SERVER_NETNS PROCESSORS COUNT");
	processors = strtoul(argv[3], NULL, 10);
	count = strtoul(argv[4], NULL, 10);
	if (!processors || processors > PROCESSORS_MAX)
		errx(2, "not that many processors: %u", processors);
	ready = mmap(NULL, sizeof(*ready), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		     -1, 0);
	if (ready == MAP_FAILED)
		err(1, "mmap");

	for (i = 0; i < processors; i++) {
		pid_t pid = fork();

		if (pid < 0)
			err(1, "fork");
		if (!pid) {
			make_calls(argv, i, processors, count);
			return 0;
		}
	}
	while (*ready < (int)processors) {
		if (waitpid(-1, &status, WNOHANG))
			errx(1, "a processor could not begin");
		usleep(1000);
	}
	begin = now();
	++*ready;
	while (wait(&status) > 0) {
		if (status)
			errx(1, "calls failed");
	}
	printf("%lld\n", processors * count * 1000000000LL / (now() - begin));
	return 0;
}
