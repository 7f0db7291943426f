/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The bytes of a direction in order, message by message.
 */
#ifndef SIPALG_FRAMING_H
#define SIPALG_FRAMING_H

#include "tcp/direction.h"

u32 sipalg_framing_take(struct sipalg_pass *pass, const u8 *text, u32 len);
void sipalg_framing_skip(struct sipalg_pass *pass, u32 len);
bool sipalg_framing_end(struct sipalg_pass *pass);

#endif /* SIPALG_FRAMING_H */
