/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SIPALG_STRESS_MUTATE_H
#define SIPALG_STRESS_MUTATE_H

#include "types.h"

/* All randomness is in the state: the same seed gives the same run. */
u32 random_below(u64 *state, u32 limit);

/**
 * mutate() - damage a message in a few places
 * @text: the message, changed in place
 * @len: its length in bytes
 * @room: how long it may become
 * @state: of the random numbers
 *
 * Return: the new length.
 */
u32 mutate(u8 *text, u32 len, u32 room, u64 *state);

#endif /* SIPALG_STRESS_MUTATE_H */
