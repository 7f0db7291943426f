/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A binding as a hole in the firewall: the flows that go through it.
 */
#ifndef SIPALG_TABLE_PINHOLE_H
#define SIPALG_TABLE_PINHOLE_H

#include "table/binding.h"

/**
 * struct sipalg_pinhole_counts - traffic of the flows of a binding
 * @flows: number of flows now
 * @first: low half of the jiffies at which the first flow came
 * @last: likewise, of the latest packet
 * @heard: bits by enum sipalg_side: who has sent
 * @counted: conntrack counts their packets
 * @packets: to the outside, to the inside
 * @bytes: the same
 */
struct sipalg_pinhole_counts {
	unsigned int flows;
	u32 first;
	u32 last;
	u8 heard;
	bool counted;
	u64 packets[2];
	u64 bytes[2];
};

bool sipalg_pinhole_follow(struct sipalg_binding *binding, struct nf_conn *ct);
bool sipalg_pinhole_lead_in(struct sipalg_binding *binding);
bool sipalg_pinhole_arrive(struct sipalg_binding *binding, struct nf_conn *ct);
bool sipalg_pinhole_count_sent(struct sipalg_binding *binding, u32 *sent);
void sipalg_pinhole_count(struct sipalg_binding *binding,
			  struct sipalg_pinhole_counts *counts);
void sipalg_pinhole_count_all(struct sipalg_binding *binding,
			      struct sipalg_pinhole_counts *counts);
void sipalg_pinhole_flows_enforce_peers(struct sipalg_binding *binding);
void sipalg_pinhole_reap(struct sipalg_net *sn, struct sipalg_binding *binding);
void sipalg_pinhole_kill_flows(struct sipalg_binding *binding);

#endif /* SIPALG_TABLE_PINHOLE_H */
