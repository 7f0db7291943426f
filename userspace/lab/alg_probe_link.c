// SPDX-License-Identifier: GPL-2.0

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lab/alg_probe_link.h"
#include "lab/sock.h"

/* After this time two parts of a message do not share a segment. */
#define SPLIT_US 50000

/**
 * link_send() - send a message
 * @link: the socket
 * @text: the message
 * @len: its length
 * @split: over TCP: in two segments
 *
 * Return: 0, or -1 with errno set.
 */
int link_send(const struct link *link, const char *text, size_t len, bool split)
{
	size_t first = split ? len - len / 4 : len;

	if (send(link->fd, text, first, MSG_NOSIGNAL) != (ssize_t)first)
		return -1;
	if (!split)
		return 0;
	usleep(SPLIT_US);
	len -= first;
	return send(link->fd, text + first, len, MSG_NOSIGNAL) ==
	       (ssize_t)len ? 0 : -1;
}

/* Return: length of the first message in a text, or 0 if its end is missing. */
static size_t message_len(const char *text)
{
	size_t blank = strspn(text, "\r\n");
	const char *length, *body;
	size_t announced, len;

	if (blank)
		return blank;
	body = strstr(text, "\r\n\r\n");
	if (!body)
		return 0;
	body += 4;
	length = header_value(text, "Content-Length");
	announced = length ? strtoul(length, NULL, 10) : 0;
	if (announced > PROBE_REPLY_MAX)
		return 0;
	len = body - text + announced;
	return strlen(text) < len ? 0 : len;
}

/**
 * link_read() - read what a connection has brought
 * @link: the connection
 *
 * Return: number of bytes, or at most 0 if the connection has ended.
 */
ssize_t link_read(struct link *link)
{
	ssize_t got;

	/* A message that does not fit is none of a probe. */
	if (link->len == sizeof(link->buffer) - 1)
		link->len = 0;
	got = recv(link->fd, link->buffer + link->len,
		   sizeof(link->buffer) - 1 - link->len, 0);
	if (got > 0)
		link->len += got;
	link->buffer[link->len] = '\0';
	return got;
}

/**
 * link_take() - take a message from what a connection has brought
 * @link: the connection
 * @text: filled in; empty lines before a message are one of their own
 * @size: room for it
 *
 * Return: its length, or 0 if there is none yet.
 */
size_t link_take(struct link *link, char *text, size_t size)
{
	size_t len;

	link->buffer[link->len] = '\0';
	len = message_len(link->buffer);
	if (!len || len >= size)
		return 0;
	memcpy(text, link->buffer, len);
	text[len] = '\0';
	link->len -= len;
	memmove(link->buffer, link->buffer + len, link->len);
	return len;
}

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000L + now.tv_nsec / 1000000;
}

/**
 * link_receive() - wait for a message
 * @link: the socket
 * @wait: for at most so many ms
 * @text: filled in, with a zero behind it
 * @size: room for both
 *
 * Return: its length, or -1 with errno set.
 */
ssize_t link_receive(struct link *link, int wait, char *text, size_t size)
{
	long end = now_ms() + wait, left;
	size_t len;

	errno = ETIMEDOUT;
	if (!link->is_tcp)
		return sock_receive(link->fd, wait, text, size, NULL);
	while (!(len = link_take(link, text, size))) {
		left = end - now_ms();
		if (sock_wait(link->fd, left > 0 ? left : 0) ||
		    link_read(link) <= 0)
			return -1;
	}
	return len;
}

/**
 * link_close() - close the socket
 * @link: the socket
 */
void link_close(struct link *link)
{
	if (link->fd >= 0)
		close(link->fd);
	link->fd = -1;
	link->len = 0;
}
