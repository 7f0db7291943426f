/* SPDX-License-Identifier: GPL-2.0 */
/*
 * UDP flows that inside hosts have begun lately, for whom the rules of the NAT
 * have chosen the outside port.
 */
#ifndef SIPALG_TABLE_SEEN_H
#define SIPALG_TABLE_SEEN_H

#include "table/binding.h"

int sipalg_seen_prepare(struct sipalg_net *sn);
void sipalg_seen_note(struct sipalg_net *sn, const struct nf_conn *ct,
		      __be16 port);
bool sipalg_seen_is_others(struct sipalg_net *sn,
			   const struct sipalg_endpoint *inside,
			   const struct sipalg_endpoint *outside);
bool sipalg_seen_find_inside(struct sipalg_net *sn,
			     const struct sipalg_endpoint *host,
			     const struct sipalg_endpoint *outside,
			     struct sipalg_endpoint *inside);
void sipalg_seen_net_exit(struct sipalg_net *sn);

#endif /* SIPALG_TABLE_SEEN_H */
