// SPDX-License-Identifier: GPL-2.0
/*
 * libpcap writes the older format alone, which has neither comments nor more
 * than one interface. All numbers are in the byte order of this machine: the
 * reader finds it out.
 */
#include <string.h>

#include "pcapng.h"

enum {
	BLOCK_INTERFACE = 1,
	BLOCK_PACKET = 6,
	BLOCK_SECTION = 0x0a0d0d0a,
};

enum {
	OPTION_END = 0,
	OPTION_COMMENT = 1,
	OPTION_IF_NAME = 2,
	OPTION_USER_APPLICATION = 4,
	OPTION_IF_RESOLUTION = 9,
};

#define MAGIC		0x1a2b3c4d
/*
 * As a capture on the device "any" has it. Not LINKTYPE_RAW, which has no
 * header: of that, libpcap and so sngrep read no file with two interfaces.
 */
#define LINKTYPE_LINUX_SLL 113
#define NANOSECONDS	9	/* powers of 1/10 second */

/* Bytes of what is around the body of a block: its type and twice its length */
#define FRAME_LEN	12
#define OPTION_LEN	4	/* its type and length */

static size_t padded(size_t len)
{
	return (len + 3) & ~(size_t)3;
}

static void put_u16(FILE *file, uint16_t value)
{
	fwrite(&value, sizeof(value), 1, file);
}

static void put_u32(FILE *file, uint32_t value)
{
	fwrite(&value, sizeof(value), 1, file);
}

static void put_bytes(FILE *file, const void *bytes, size_t len)
{
	static const char zeros[4];

	fwrite(bytes, 1, len, file);
	fwrite(zeros, 1, padded(len) - len, file);
}

static void put_option(FILE *file, uint16_t type, const void *value, size_t len)
{
	put_u16(file, type);
	put_u16(file, len);
	put_bytes(file, value, len);
}

/**
 * pcapng_begin() - begin a file
 * @file: where it goes
 * @program: name and version of the program that writes it
 */
void pcapng_begin(FILE *file, const char *program)
{
	size_t len = FRAME_LEN + 16 + OPTION_LEN + padded(strlen(program)) +
		     OPTION_LEN;

	put_u32(file, BLOCK_SECTION);
	put_u32(file, len);
	put_u32(file, MAGIC);
	put_u16(file, 1);
	put_u16(file, 0);
	/* The length of the section is not known. */
	put_u32(file, UINT32_MAX);
	put_u32(file, UINT32_MAX);
	put_option(file, OPTION_USER_APPLICATION, program, strlen(program));
	put_option(file, OPTION_END, "", 0);
	put_u32(file, len);
}

/**
 * pcapng_interface() - add an interface; the first one has number 0
 * @file: the file
 * @name: its name
 */
void pcapng_interface(FILE *file, const char *name)
{
	static const uint8_t resolution = NANOSECONDS;
	size_t len = FRAME_LEN + 8 + OPTION_LEN + padded(strlen(name)) +
		     OPTION_LEN + padded(sizeof(resolution)) + OPTION_LEN;

	put_u32(file, BLOCK_INTERFACE);
	put_u32(file, len);
	put_u16(file, LINKTYPE_LINUX_SLL);
	put_u16(file, 0);
	/* Packets are whole. */
	put_u32(file, 0);
	put_option(file, OPTION_IF_NAME, name, strlen(name));
	put_option(file, OPTION_IF_RESOLUTION, &resolution, sizeof(resolution));
	put_option(file, OPTION_END, "", 0);
	put_u32(file, len);
}

/**
 * pcapng_packet() - add a packet
 * @file: the file
 * @interface: number of its interface
 * @ns: when: nanoseconds since 1970
 * @packet: the packet, from the header of the link on
 * @len: its length in bytes
 * @comment: what is to be said of it
 */
void pcapng_packet(FILE *file, uint32_t interface, uint64_t ns,
		   const void *packet, size_t len, const char *comment)
{
	size_t block_len = FRAME_LEN + 20 + padded(len) + OPTION_LEN +
			   padded(strlen(comment)) + OPTION_LEN;

	put_u32(file, BLOCK_PACKET);
	put_u32(file, block_len);
	put_u32(file, interface);
	put_u32(file, ns >> 32);
	put_u32(file, (uint32_t)ns);
	put_u32(file, len);
	put_u32(file, len);
	put_bytes(file, packet, len);
	put_option(file, OPTION_COMMENT, comment, strlen(comment));
	put_option(file, OPTION_END, "", 0);
	put_u32(file, block_len);
}
