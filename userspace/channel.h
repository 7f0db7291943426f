/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A generic netlink socket: one request at a time, with all of its answer, and
 * the kernel's words if it refuses. Knows nothing of what the messages say.
 */
#ifndef CHANNEL_H
#define CHANNEL_H

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Room for the largest SIP message with its edits; dumps come in up to 32 KiB
 * of it.
 */
#define CHANNEL_REPLY_SIZE 131072
/*
 * Room for more scopes than the kernel takes, and less than what a socket may
 * send.
 */
#define CHANNEL_REQUEST_SIZE 196608

/**
 * struct channel - an open socket
 * @socket: the socket
 * @portid: its address
 * @seq: number of the latest request
 * @family: number of the family, 0 until it is known
 * @words: why the latest request was refused
 * @request: the message under construction
 * @reply: the latest one received
 */
struct channel {
	struct mnl_socket *socket;
	uint32_t portid;
	uint32_t seq;
	uint16_t family;
	char words[256];
	union {
		struct nlmsghdr header;
		char bytes[CHANNEL_REQUEST_SIZE];
	} request;
	union {
		struct nlmsghdr header;
		char bytes[CHANNEL_REPLY_SIZE];
	} reply;
};

/* Takes one message of an answer; returns 0 or a negative errno. */
typedef int channel_each(const struct nlmsghdr *message, void *data);

int channel_open(struct channel *channel, const char *family);
void channel_close(struct channel *channel);
struct nlmsghdr *channel_request(struct channel *channel, uint8_t command,
				 uint8_t version);
int channel_do(struct channel *channel, channel_each *each, void *data);
int channel_dump(struct channel *channel, channel_each *each, void *data,
		 bool *torn);
int channel_join(struct channel *channel, const char *family,
		 const char *group);
int channel_receive(struct channel *channel, channel_each *each, void *data);
int channel_fail(struct channel *channel, int err);

#endif /* CHANNEL_H */
