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
#include <unistd.h>

#include "mutate.h"
#include "wire.h"

#define MESSAGES_MAX	128

struct tally tally;

static struct text messages[MESSAGES_MAX];
static unsigned int n_messages;

struct sockaddr_in socket_address(const char *host, u16 port)
{
	struct sockaddr_in sin = {.sin_family = AF_INET,
				  .sin_port = htons(port)};

	if (inet_pton(AF_INET, host, &sin.sin_addr) != 1)
		errx(2, "%s is no address", host);
	return sin;
}

struct sip_endpoint endpoint(const char *host, u16 port)
{
	struct sockaddr_in sin = socket_address(host, port);
	struct sip_endpoint ep = { .port = port, .family = 4 };

	memcpy(ep.addr, &sin.sin_addr, 4);
	return ep;
}

int open_socket(const char *namespace, int type, const char *host, u16 port)
{
	struct sockaddr_in here = socket_address(host, port);
	int fd, one = 1;
	char path[256];

	snprintf(path, sizeof(path), "/run/netns/%s", namespace);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		err(2, "namespace %s", namespace);
	close(fd);
	fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
	    bind(fd, (struct sockaddr *)&here, sizeof(here)))
		err(2, "socket of %s:%u", host, port);
	return fd;
}

static void put(struct text *text, const char *path, int c)
{
	if (text->len == ROOM)
		errx(2, "%s is too long", path);
	text->data[text->len++] = (u8)c;
}

void load_message(const char *path, bool tcp)
{
	struct text *text = &messages[n_messages++];
	FILE *file = fopen(path, "r");
	int c, before = 0;
	u8 *via;

	if (!file)
		err(2, "%s", path);
	if (n_messages == MESSAGES_MAX)
		errx(2, "too many messages");
	while ((c = getc(file)) != EOF) {
		if (c == '\n' && before != '\r')
			put(text, path, '\r');
		put(text, path, c);
		before = c;
	}
	fclose(file);
	while (tcp && (via = memmem(text->data, text->len, "SIP/2.0/UDP", 11)))
		memcpy(via + 8, "TCP", 3);
}

void make(struct text *text, u64 *state)
{
	*text = messages[random_below(state, n_messages)];
	text->len = mutate(text->data, text->len, ROOM, state);
}

void show(const char *title, const u8 *data, u32 len)
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

void give_up(const char *why, const struct text *sent, const u8 *got,
	     u32 got_len)
{
	printf("%s: %s\n", sent->outbound ? "outbound" : "inbound", why);
	show("sent", sent->data, sent->len);
	if (got)
		show("arrived", got, got_len);
	exit(1);
}
