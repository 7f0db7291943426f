/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SIP messages over a UDP socket or a TCP connection.
 */
#ifndef ALG_PROBE_LINK_H
#define ALG_PROBE_LINK_H

#include <stdbool.h>
#include <sys/types.h>

#include "lab/alg_probe_text.h"

/**
 * struct link - a socket
 * @fd: the socket, -1 if there is none
 * @is_tcp: it is a connection
 * @len: number of bytes in @buffer
 * @buffer: what a connection has brought beyond whole messages
 */
struct link {
	int fd;
	bool is_tcp;
	size_t len;
	char buffer[PROBE_REPLY_MAX];
};

int link_send(const struct link *link, const char *text, size_t len,
	      bool split);
ssize_t link_read(struct link *link);
size_t link_take(struct link *link, char *text, size_t size);
ssize_t link_receive(struct link *link, int wait, char *text, size_t size);
void link_close(struct link *link);

#endif /* ALG_PROBE_LINK_H */
