// SPDX-License-Identifier: GPL-2.0

#include <poll.h>
#include <string.h>

#include "lab/sock.h"

/**
 * sock_addr_set() - make an address of text
 * @addr: filled in
 * @host: as inet_pton() takes it
 * @port: in host order
 *
 * Return: whether @host is an address.
 */
bool sock_addr_set(union sock_addr *addr, const char *host, unsigned int port)
{
	memset(addr, 0, sizeof(*addr));
	if (inet_pton(AF_INET, host, &addr->in4.sin_addr) == 1)
		addr->any.sa_family = AF_INET;
	else if (inet_pton(AF_INET6, host, &addr->in6.sin6_addr) == 1)
		addr->any.sa_family = AF_INET6;
	else
		return false;
	sock_addr_set_port(addr, port);
	return true;
}

/**
 * sock_addr_set_port() - give an address another port
 * @addr: the address
 * @port: in host order
 */
void sock_addr_set_port(union sock_addr *addr, unsigned int port)
{
	if (addr->any.sa_family == AF_INET)
		addr->in4.sin_port = htons(port);
	else
		addr->in6.sin6_port = htons(port);
}

/**
 * sock_addr_host() - an address as text, without its port
 * @addr: the address
 * @text: filled in
 *
 * Return: @text.
 */
const char *sock_addr_host(const union sock_addr *addr, char text[HOST_MAX])
{
	const void *bytes = &addr->in6.sin6_addr;

	if (addr->any.sa_family == AF_INET)
		bytes = &addr->in4.sin_addr;
	return inet_ntop(addr->any.sa_family, bytes, text, HOST_MAX);
}

/**
 * sock_addr_port() - port of an address
 * @addr: the address
 *
 * Return: the port, in host order.
 */
unsigned int sock_addr_port(const union sock_addr *addr)
{
	return ntohs(addr->any.sa_family == AF_INET ? addr->in4.sin_port :
						      addr->in6.sin6_port);
}

/**
 * sock_addr_len() - length of an address, as bind() and others want it
 * @addr: the address
 */
socklen_t sock_addr_len(const union sock_addr *addr)
{
	return addr->any.sa_family == AF_INET ? sizeof(addr->in4) :
						sizeof(addr->in6);
}

/**
 * sock_wait() - wait until something has arrived
 * @fd: a socket
 * @wait: for at most so many ms, -1 for ever
 *
 * Return: 0, or -1 if nothing has.
 */
int sock_wait(int fd, int wait)
{
	struct pollfd poller = { .fd = fd, .events = POLLIN };

	return poll(&poller, 1, wait) == 1 ? 0 : -1;
}

/**
 * sock_receive() - wait for what arrives next
 * @fd: a datagram or stream socket
 * @wait: for at most so many ms, -1 for ever
 * @text: what has arrived, with a zero behind it
 * @size: room for both
 * @from: set to the sender's address if the socket tells it; may be NULL
 *
 * Return: length of what has arrived, or -1.
 */
ssize_t sock_receive(int fd, int wait, char *text, size_t size,
		     union sock_addr *from)
{
	union sock_addr sender = { .any.sa_family = AF_UNSPEC };
	socklen_t len = sizeof(sender);
	ssize_t got;

	if (sock_wait(fd, wait))
		return -1;
	got = recvfrom(fd, text, size - 1, 0, &sender.any, &len);
	if (got >= 0)
		text[got] = '\0';
	if (from && sender.any.sa_family != AF_UNSPEC)
		*from = sender;
	return got;
}
