/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Addresses of sockets, and datagrams that arrive within some time.
 */
#ifndef SOCK_H
#define SOCK_H

#include <arpa/inet.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#define HOST_MAX INET6_ADDRSTRLEN

/**
 * union sock_addr - an IPv4 or IPv6 address with a port
 * @any: its family, AF_UNSPEC where there is no address
 * @in4: for AF_INET
 * @in6: for AF_INET6
 */
union sock_addr {
	struct sockaddr any;
	struct sockaddr_in in4;
	struct sockaddr_in6 in6;
};

bool sock_addr_set(union sock_addr *addr, const char *host, unsigned int port);
void sock_addr_set_port(union sock_addr *addr, unsigned int port);
const char *sock_addr_host(const union sock_addr *addr, char text[HOST_MAX]);
unsigned int sock_addr_port(const union sock_addr *addr);
socklen_t sock_addr_len(const union sock_addr *addr);
int sock_wait(int fd, int wait);
ssize_t sock_receive(int fd, int wait, char *text, size_t size,
		     union sock_addr *from);

#endif /* SOCK_H */
