/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Flows whose first packet is on its way.
 *
 * A program in the firewall may hold it back, behind the NAT, too, and the
 * kernel hands a packet to it only if nobody else refers to the flow. So a
 * binding notes which flow it is, and refers to it later.
 */
#ifndef SIPALG_TABLE_NEWCOMER_H
#define SIPALG_TABLE_NEWCOMER_H

#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_zones.h>

#include "state/net.h"

/* A program in the firewall holds back the first packet of a flow for less. */
#define SIPALG_HELD_JIFFIES HZ

/* Newcomers of a list without a binding. Of more, the oldest may last. */
#define SIPALG_LEFT_MAX	64

/**
 * struct sipalg_newcomer - a flow whose first packet is on its way
 * @list: among those that have left their bindings
 * @tuple: the packet, as it came
 * @mapped: its source, as the far end of its way sees it
 * @zone: its conntrack zone
 * @since: low half of the jiffies at which it was seen, or left its binding
 * @latest: the same of its latest packet
 * @outward: the inside host has begun it
 * @counted: it counts as dropped
 */
struct sipalg_newcomer {
	struct list_head list;
	struct nf_conntrack_tuple tuple;
	union nf_inet_addr mapped;
	struct nf_conntrack_zone zone;
	u32 since;
	u32 latest;
	bool outward;
	bool counted;
};

/*
 * A binding has one place for a flow, or for a newcomer, which is marked by the
 * lowest bit.
 */
static inline struct sipalg_newcomer *
sipalg_newcomer_of(const struct nf_conn *place)
{
	unsigned long word = (unsigned long)place;

	return word & 1 ? (struct sipalg_newcomer *)(word - 1) : NULL;
}

static inline struct nf_conn *
sipalg_newcomer_place(struct sipalg_newcomer *newcomer)
{
	return (struct nf_conn *)((unsigned long)newcomer + 1);
}

void sipalg_newcomer_note(struct sipalg_newcomer *newcomer,
			  const struct nf_conn *ct, bool outward);
struct nf_conn *sipalg_newcomer_find(struct sipalg_net *sn,
				     const struct sipalg_newcomer *newcomer);
void sipalg_newcomer_count_late(struct sipalg_net *sn,
				struct sipalg_newcomer *newcomer);
bool sipalg_newcomer_is_late(const struct sipalg_newcomer *newcomer);
void sipalg_newcomer_leave(struct sipalg_net *sn,
			   struct sipalg_newcomer *newcomer, u32 hash);
struct sipalg_newcomer *sipalg_newcomer_take_left(struct sipalg_left *left);
void sipalg_newcomer_keep_left(struct sipalg_net *sn, struct sipalg_left *left,
			       struct sipalg_newcomer *newcomer);

void sipalg_newcomer_net_init(struct sipalg_net *sn);
void sipalg_newcomer_net_exit(struct sipalg_net *sn);

#endif /* SIPALG_TABLE_NEWCOMER_H */
