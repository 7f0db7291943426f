/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Files of packets with comments: draft-ietf-opsawg-pcapng.
 */
#ifndef PCAPNG_H
#define PCAPNG_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

void pcapng_begin(FILE *file, const char *program);
void pcapng_interface(FILE *file, const char *name);
void pcapng_packet(FILE *file, uint32_t interface, uint64_t ns,
		   const void *packet, size_t len, const char *comment);

#endif /* PCAPNG_H */
