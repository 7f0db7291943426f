// SPDX-License-Identifier: GPL-2.0
/*
 * Text with nothing behind it: in memory of exactly its size where
 * AddressSanitizer watches, else in front of a page that cannot be read.
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"

#ifdef __SANITIZE_ADDRESS__
#define WATCHED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WATCHED 1
#endif
#endif

#ifdef WATCHED

const u8 *place(const u8 *text, u32 len)
{
	u8 *room = malloc(len);

	memcpy(room, text, len);
	return room;
}

void unplace(const u8 *text)
{
	free((void *)text);
}

#else

#define ROOM	(256 << 10)
#define ROOMS	4

static u8 *ends[ROOMS];
static u32 n_placed;

static u8 *new_room(void)
{
	long page = sysconf(_SC_PAGESIZE);
	u8 *room = mmap(NULL, ROOM + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			-1, 0);

	must(room != MAP_FAILED);
	must(!mprotect(room + ROOM, page, PROT_NONE));
	return room + ROOM;
}

const u8 *place(const u8 *text, u32 len)
{
	must(n_placed < ROOMS && len <= ROOM);
	if (!ends[n_placed])
		ends[n_placed] = new_room();
	return memcpy(ends[n_placed++] - len, text, len);
}

void unplace(const u8 *text)
{
	(void)text;
	n_placed--;
}

#endif
