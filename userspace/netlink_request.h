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
 * @groups: of what it listens to: events, and SIP messages with their text
 */
struct netlink {
	struct genl_socket sock;
	struct {
		bool has_seq;
		uint32_t seq;	/* number of the latest event that came */
	} groups[2];
};

struct nlmsghdr *netlink_request(struct netlink *nl, uint8_t command);
void netlink_put_filter(struct nlmsghdr *message, const struct filter *filter,
			bool of_calls);

#endif /* NETLINK_REQUEST_H */
