/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The router with its module, in one namespace: what comes to it, and what its
 * administrator does.
 */
#ifndef SIPALG_SEQUENCE_WORLD_H
#define SIPALG_SEQUENCE_WORLD_H

#include "message.h"
#include "state/net.h"

extern struct sipalg_net world;
extern enum sipalg_mode world_mode;
/* Limits and faults are by chance; else the limits are the defaults, and all goes well. */
extern bool world_by_chance;

void world_open(void);
/* Ends what is left, as when the namespace goes. */
void world_close(void);

union nf_inet_addr world_address(u8 party);

/* A message comes by. */
void world_send(const struct message *message);
/* A media packet between a port of an inside host and one of another party. */
void world_media(u8 inside, u16 port, u8 party, u16 far, bool outward);
/* The first one is on its way, and comes to its end or is dropped. */
struct nf_conn *world_begin(u8 inside, u16 port, u8 party, u16 far, bool outward);
void world_arrive(struct nf_conn *ct);
void world_drop(struct nf_conn *ct);
void world_advance(unsigned long ticks);
/* The scope gets another mode. */
void world_switch(enum sipalg_mode mode);
/* The router loses its address, or gets it back. */
void world_renumber(bool lost);

#endif /* SIPALG_SEQUENCE_WORLD_H */
