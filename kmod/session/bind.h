/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Bindings for what stands in no text that is translated.
 */
#ifndef SIPALG_SESSION_BIND_H
#define SIPALG_SESSION_BIND_H

#include "session/map.h"

void sipalg_bind_flow(struct sipalg_message *m);
void sipalg_bind_written(struct sipalg_message *m);
void sipalg_bind_transports(struct sipalg_message *m);

#endif /* SIPALG_SESSION_BIND_H */
