// SPDX-License-Identifier: GPL-2.0
/*
 * Sends mutated messages through a router that has the module, from a phone to a
 * server and back, and compares what arrives with what the core says of it.
 *
 *     fuzz [-n COUNT] [-s SEED] [-i PORT] [-o PORT] [-l] PHONE SERVER MESSAGE...
 *
 * PHONE and SERVER are network namespaces. Prints a tally, a line each counter, and
 * ends with status 1 at the first message that is lost or wrong, which is printed.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "compare.h"
#include "mutate.h"

#define INSIDE		"192.168.1.10"
#define OUTSIDE		"203.0.113.5"
#define SERVER		"198.51.100.7"
#define PATIENCE	30000	/* milliseconds: the machine may be emulated */
#define WINDOW		32	/* messages on their way at a time */
#define MESSAGES_MAX	128
#define ROOM		6000	/* bytes of a mutated message: up to five fragments */

struct text {
	u8 data[ROOM];
	u32 len;
};

struct options {
	unsigned long count;
	u64 seed;
	u16 inside_port;
	u16 outside_port;
	bool lossy;
};

static struct text messages[MESSAGES_MAX], sent[WINDOW];
static unsigned int n_messages;
static struct tally tally;

static struct sockaddr_in address(const char *host, u16 port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(port) };

	if (inet_pton(AF_INET, host, &sin.sin_addr) != 1)
		errx(2, "%s is no address", host);
	return sin;
}

static struct sip_endpoint endpoint(const char *host, u16 port)
{
	struct sockaddr_in sin = address(host, port);
	struct sip_endpoint ep = { .port = port, .family = 4 };

	memcpy(ep.addr, &sin.sin_addr, 4);
	return ep;
}

/* A socket that knows both its ends. */
static int open_socket(const char *namespace, const char *host, u16 port, const char *peer,
		       u16 peer_port)
{
	struct sockaddr_in here = address(host, port), there = address(peer, peer_port);
	int fd, one = 1, room = 4 << 20;
	char path[256];

	snprintf(path, sizeof(path), "/run/netns/%s", namespace);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		err(2, "namespace %s", namespace);
	close(fd);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) ||
	    bind(fd, (struct sockaddr *)&here, sizeof(here)) ||
	    connect(fd, (struct sockaddr *)&there, sizeof(there)))
		err(2, "socket of %s:%u", host, port);
	return fd;
}

static void set_patience(int fd, unsigned int msecs)
{
	struct timeval patience = { msecs / 1000, msecs % 1000 * 1000 };

	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)))
		err(2, "patience");
}

/* Lines of a file may end in LF alone; those of a message end in CR LF. */
static void load_message(const char *path)
{
	struct text *text = &messages[n_messages++];
	FILE *file = fopen(path, "r");
	int c, before = 0;

	if (!file)
		err(2, "%s", path);
	if (n_messages == MESSAGES_MAX)
		errx(2, "too many messages");
	while ((c = getc(file)) != EOF) {
		if (text->len > ROOM - 2)
			errx(2, "%s is too long", path);
		if (c == '\n' && before != '\r')
			text->data[text->len++] = '\r';
		text->data[text->len++] = (u8)c;
		before = c;
	}
	fclose(file);
}

static void show(const char *title, const u8 *data, u32 len)
{
	printf("--- %s, %u bytes\n", title, len);
	for (u32 i = 0; i < len; i++) {
		if (data[i] == '\n' || (data[i] >= ' ' && data[i] < 0x7f))
			putchar(data[i]);
		else if (data[i] != '\r')
			printf("\\x%02x", data[i]);
	}
	printf("\n");
}

/* Return: false where it did not arrive. */
static bool receive(int fd, const struct options *options, const struct text *text, bool outbound)
{
	static u8 got[SIP_MSG_MAX];
	struct passage passage = {
		.sent = text->data,
		.sent_len = text->len,
		.got = got,
		.inside = endpoint(INSIDE, options->inside_port),
		.outside = endpoint(OUTSIDE, options->outside_port),
		.outbound = outbound,
	};
	ssize_t len = recv(fd, got, sizeof(got), 0);
	const char *wrong;

	if (len < 0) {
		if (options->lossy)
			return false;
		show("this was lost", text->data, text->len);
		exit(1);
	}
	passage.got_len = (u32)len;
	wrong = compare(&passage, &tally);
	if (!wrong)
		return true;
	printf("%s: %s\n", outbound ? "outbound" : "inbound", wrong);
	show("sent", text->data, text->len);
	show("arrived", got, passage.got_len);
	exit(1);
}

static void drain(int fd)
{
	u8 byte;

	while (recv(fd, &byte, 1, MSG_DONTWAIT) >= 0)
		;
}

static void make(struct text *text, u64 *state)
{
	*text = messages[random_below(state, n_messages)];
	text->len = mutate(text->data, text->len, ROOM, state);
}

/* The NAT learns, or learns again, of the flow. */
static void greet(int phone, int server)
{
	u8 buffer[8];

	if (send(phone, "\r\n\r\n", 4, 0) != 4 || recv(server, buffer, sizeof(buffer), 0) != 4)
		err(1, "the server does not get a keep-alive");
}

static void run(const struct options *options, int phone, int server)
{
	unsigned int window = options->lossy ? 1 : WINDOW, i;
	unsigned long lost = 0, done;
	u64 state = options->seed;

	for (done = 0; done < options->count; done += window) {
		bool outbound = random_below(&state, 2);
		int from = outbound ? phone : server, to = outbound ? server : phone;

		for (i = 0; i < window; i++) {
			make(&sent[i], &state);
			if (send(from, sent[i].data, sent[i].len, 0) < 0 && !options->lossy)
				err(1, "send");
		}
		for (i = 0; i < window; i++) {
			if (receive(to, options, &sent[i], outbound))
				continue;
			lost++;
			send(phone, "\r\n\r\n", 4, 0);
			usleep(1000);
			drain(phone);
			drain(server);
		}
	}
	printf("messages %lu\nlost %lu\n", done, lost);
}

static void print_tally(void)
{
	static const char *const names[REASONS] = {
		[SIP_NOT_SIP] = "not_sip", [SIP_BAD_START] = "bad_start",
		[SIP_BAD_HEADER] = "bad_header", [SIP_BAD_VALUE] = "bad_value",
		[SIP_BAD_LENGTH] = "bad_length", [SIP_BAD_SDP] = "bad_sdp",
		[SIP_INCOMPLETE] = "incomplete", [SIP_TOO_MANY] = "too_many",
		[SIP_TOO_LONG] = "too_long", [SIP_REFUSED] = "refused",
	};

	printf("changed %lu\nstayed %lu\nunchanged %lu\n", tally.changed, tally.stayed,
	       tally.unchanged);
	tally.parsed[SIP_NOT_SIP] += tally.not_sip;
	for (int i = SIP_OK + 1; i < REASONS; i++)
		printf("parsed_%s %lu\ntranslated_%s %lu\n", names[i], tally.parsed[i], names[i],
		       tally.translated[i]);
}

int main(int argc, char *argv[])
{
	struct options options = { 10000, 1, 5060, 1024, false };
	int option, phone, server, i;

	while ((option = getopt(argc, argv, "n:s:i:o:l")) >= 0) {
		switch (option) {
		case 'n':
			options.count = strtoul(optarg, NULL, 10);
			break;
		case 's':
			options.seed = strtoull(optarg, NULL, 10) * 0x9e3779b97f4a7c15 | 1;
			break;
		case 'i':
			options.inside_port = (u16)strtoul(optarg, NULL, 10);
			break;
		case 'o':
			options.outside_port = (u16)strtoul(optarg, NULL, 10);
			break;
		case 'l':
			options.lossy = true;
			break;
		default:
			return 2;
		}
	}
	if (argc - optind < (options.count ? 3 : 2))
		errx(2, "usage: fuzz [-n COUNT] [-s SEED] [-i PORT] [-o PORT] [-l] PHONE SERVER MESSAGE...");
	for (i = optind + 2; i < argc; i++)
		load_message(argv[i]);
	phone = open_socket(argv[optind], INSIDE, options.inside_port, SERVER, 5060);
	server = open_socket(argv[optind + 1], SERVER, 5060, OUTSIDE, options.outside_port);
	set_patience(phone, PATIENCE);
	set_patience(server, PATIENCE);
	greet(phone, server);
	if (options.lossy) {
		set_patience(phone, 20);
		set_patience(server, 200);
	}
	run(&options, phone, server);
	print_tally();
	return 0;
}
