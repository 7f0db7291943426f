/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Requests to the module: for the files behind the wall of netlink.h.
 */
#ifndef NETLINK_REQUEST_H
#define NETLINK_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "genl_socket.h"

struct filter;

/**
 * struct netlink - connection to the module
 * @sock: the socket
 */
struct netlink {
	struct genl_socket sock;
};

struct nlmsghdr *netlink_request(struct netlink *nl, uint8_t command);
void netlink_put_filter(struct nlmsghdr *message, const struct filter *filter,
			bool of_calls);

#endif /* NETLINK_REQUEST_H */
