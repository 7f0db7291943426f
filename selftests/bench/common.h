/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the benchmarks share. Everything a datagram costs happens inside sendto(), since
 * veth hands packets over on the sender's CPU; under QEMU's -icount the clock counts
 * guest instructions.
 */
#ifndef BENCH_COMMON_H
#define BENCH_COMMON_H

#include <stddef.h>
#include <sys/socket.h>

#define TEXT_MAX	2048

socklen_t make_address(struct sockaddr_storage *to, const char *address, unsigned short port);
int open_in(const char *netns, const char *address, int type, unsigned short port);
long long now(void);
long long median(long long *values, size_t n);
int write_invite(char *text, const char *address, unsigned int id, unsigned int of_phone);

#endif /* BENCH_COMMON_H */
