// SPDX-License-Identifier: GPL-2.0

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common.h"

#define CALL_PORTS	4		/* two streams of RTP and RTCP */
#define FIRST_MEDIA	10000

/* An address of either family as text, and a port; returns the length of what it fills in. */
socklen_t make_address(struct sockaddr_storage *to, const char *address, unsigned short port)
{
	struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)to;
	struct sockaddr_in *sin = (struct sockaddr_in *)to;

	memset(to, 0, sizeof(*to));
	if (inet_pton(AF_INET, address, &sin->sin_addr) == 1) {
		sin->sin_family = AF_INET;
		sin->sin_port = htons(port);
		return sizeof(*sin);
	}
	if (inet_pton(AF_INET6, address, &sin6->sin6_addr) != 1)
		errx(2, "%s is no address", address);
	sin6->sin6_family = AF_INET6;
	sin6->sin6_port = htons(port);
	return sizeof(*sin6);
}

/* A socket in a network namespace, which the process then is in. */
int open_in(const char *netns, const char *address, int type, unsigned short port)
{
	struct sockaddr_storage own;
	socklen_t len = make_address(&own, address, port);
	char path[128];
	int ns, fd;

	snprintf(path, sizeof(path), "/run/netns/%s", netns);
	ns = open(path, O_RDONLY | O_CLOEXEC);
	if (ns < 0 || setns(ns, CLONE_NEWNET))
		err(1, "%s", path);
	close(ns);
	fd = socket(own.ss_family, type, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&own, len))
		err(1, "%s: %s:%u", netns, address, port);
	return fd;
}

/* Nanoseconds, or guest instructions. */
long long now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_RAW, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	const long long *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Sorts the values. */
long long median(long long *values, size_t n)
{
	qsort(values, n, sizeof(values[0]), compare);
	return values[n / 2];
}

/*
 * An INVITE with two streams, the call @id of all and @of_phone of its phone; returns its
 * length. There is room for TEXT_MAX bytes.
 */
int write_invite(char *text, const char *address, unsigned int id, unsigned int of_phone)
{
	unsigned int port = FIRST_MEDIA + of_phone * CALL_PORTS;
	char sdp[512];

	snprintf(sdp, sizeof(sdp),
		 "v=0\r\n"
		 "o=alice 2890844526 2890844526 IN IP4 %s\r\n"
		 "s=-\r\n"
		 "c=IN IP4 %s\r\n"
		 "t=0 0\r\n"
		 "m=audio %u RTP/AVP 0 8\r\n"
		 "a=rtpmap:0 PCMU/8000\r\n"
		 "m=video %u RTP/AVP 96\r\n"
		 "a=rtpmap:96 H264/90000\r\n", address, address, port, port + 2);
	return snprintf(text, TEXT_MAX,
			"INVITE sip:bob@example.com SIP/2.0\r\n"
			"Via: SIP/2.0/UDP %s:5060;branch=z9hG4bK776asdhds%08u\r\n"
			"Max-Forwards: 70\r\n"
			"To: <sip:bob@example.com>\r\n"
			"From: \"Alice\" <sip:alice@example.com>;tag=1928301774\r\n"
			"Call-ID: a84b4c76e66710%08u\r\n"
			"CSeq: 314159 INVITE\r\n"
			"Contact: <sip:alice@%s:5060>\r\n"
			"Content-Type: application/sdp\r\n"
			"Content-Length: %zu\r\n\r\n%s",
			address, id, id, address, strlen(sdp), sdp);
}
