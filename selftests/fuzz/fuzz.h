/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shared by the fuzz targets. An input is a control block of the target's own
 * (CONTROL_LEN bytes, may be none), and a message.
 */
#ifndef SIPALG_FUZZ_H
#define SIPALG_FUZZ_H

#include <stddef.h>
#include <stdlib.h>

#include "../unit/oracle.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* libFuzzer calls these, and is called. */
int LLVMFuzzerTestOneInput(const u8 *data, size_t size);
size_t LLVMFuzzerMutate(u8 *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(u8 *data, size_t size, size_t max_size, unsigned int seed);
size_t LLVMFuzzerCustomCrossOver(const u8 *a, size_t a_size, const u8 *b, size_t b_size,
				 u8 *out, size_t max_size, unsigned int seed);

/* Length of the target's control block. */
extern const size_t control_len;

/*
 * Puts text where no byte behind it can be read, nor, with AddressSanitizer, one
 * before it. Until unplace(), the last placed is the first to go.
 */
const u8 *place(const u8 *text, u32 len);
void unplace(const u8 *text);

#endif /* SIPALG_FUZZ_H */
