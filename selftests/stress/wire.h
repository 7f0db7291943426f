/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The hosts of the network of lab.py, and the messages between them.
 */
#ifndef SIPALG_STRESS_WIRE_H
#define SIPALG_STRESS_WIRE_H

#include <netinet/in.h>

#include "compare.h"

#define INSIDE		"192.168.1.10"
#define OUTSIDE		"203.0.113.5"
#define PATIENCE	30000	/* milliseconds: the machine may be emulated */
/* bytes of a mutated message: up to five fragments */
#define ROOM		6000

/**
 * struct text - a message
 * @data: its text
 * @len: bytes of it
 * @outbound: the phone sends it
 */
struct text {
	u8 data[ROOM];
	u32 len;
	bool outbound;
};

/**
 * struct options - of the command line
 * @phone: network namespace of the phone
 * @server_side: network namespace of the server
 * @server: the server's address
 * @count: messages to send
 * @seed: of the random numbers
 * @inside_port: the phone's port
 * @outside_port: what the NAT makes of it
 * @lossy: messages may get lost
 * @tcp: over TCP
 */
struct options {
	const char *phone;
	const char *server_side;
	const char *server;
	unsigned long count;
	u64 seed;
	u16 inside_port;
	u16 outside_port;
	bool lossy;
	bool tcp;
};

/* Counts of the messages by result; printed at the end. */
extern struct tally tally;

/* Return: a socket bound in a network namespace. An error ends the program. */
int open_socket(const char *namespace, int type, const char *host, u16 port);

struct sockaddr_in socket_address(const char *host, u16 port);
struct sip_endpoint endpoint(const char *host, u16 port);

/* Lines of a file may end in LF alone; those of a message end in CR LF. */
void load_message(const char *path, bool tcp);

/* Return: one of the loaded messages, mutated. */
void make(struct text *text, u64 *state);

void show(const char *title, const u8 *data, u32 len);

/* Print the fault with the message, and end the program with status 1. */
void give_up(const char *why, const struct text *sent, const u8 *got,
	     u32 got_len) __attribute__((noreturn));

void run_datagrams(const struct options *options);
void run_streams(const struct options *options);

#endif /* SIPALG_STRESS_WIRE_H */
