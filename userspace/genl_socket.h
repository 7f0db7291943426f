/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A generic netlink socket: one request at a time, with all of its answer and
 * the kernel's error message. It does not know the contents of messages.
 */
#ifndef GENL_SOCKET_H
#define GENL_SOCKET_H

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Room for the largest SIP message with its edits; dumps come in up to 32 KiB
 * of it.
 */
#define GENL_REPLY_SIZE 131072
/*
 * Room for more scopes than the kernel takes, and less than what a socket may
 * send.
 */
#define GENL_REQUEST_SIZE 196608

/**
 * struct genl_socket - an open socket
 * @socket: the socket
 * @portid: its address
 * @seq: number of the latest request
 * @family: number of the family, 0 until it is known
 * @reason: why the latest request was refused
 * @request: the message under construction
 * @reply: the latest one received
 */
struct genl_socket {
	struct mnl_socket *socket;
	uint32_t portid;
	uint32_t seq;
	uint16_t family;
	char reason[256];
	union {
		struct nlmsghdr header;
		char bytes[GENL_REQUEST_SIZE];
	} request;
	union {
		struct nlmsghdr header;
		char bytes[GENL_REPLY_SIZE];
	} reply;
};

/* Takes one message of an answer; returns 0 or a negative errno. */
typedef int genl_socket_cb(const struct nlmsghdr *message, void *data);

int genl_attrs_each(const struct nlmsghdr *message, mnl_attr_cb_t cb,
		    void *data);
int genl_socket_open(struct genl_socket *sock, const char *family);
void genl_socket_close(struct genl_socket *sock);
struct nlmsghdr *genl_socket_request(struct genl_socket *sock, uint8_t command,
				     uint8_t version);
int genl_socket_do(struct genl_socket *sock, genl_socket_cb *cb, void *data);
int genl_socket_dump(struct genl_socket *sock, genl_socket_cb *cb, void *data,
		     bool *dump_interrupted);
int genl_socket_join(struct genl_socket *sock, const char *family,
		     const char *group);
int genl_socket_wait(struct genl_socket *sock, int ms);
int genl_socket_receive(struct genl_socket *sock, genl_socket_cb *cb,
			void *data);
int genl_socket_fail(struct genl_socket *sock, int err);

#endif /* GENL_SOCKET_H */
