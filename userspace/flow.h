/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Flows: entries of the kernel's connection tracking table.
 * libnetfilter_conntrack is behind this wall.
 */
#ifndef FLOW_H
#define FLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "address.h"

#define FLOW_HELPER_LEN 16

/**
 * struct flow - a flow as the firewall sees it
 * @proto: IPPROTO_*
 * @zone: conntrack zone
 * @original: source and destination of its first packet
 * @reply: the same of a reply
 * @helper: name of its helper; empty if it has none
 * @offloaded: a flowtable forwards it, and no hook of the firewall sees it
 * @counted: there are counters (net.netfilter.nf_conntrack_acct)
 * @packets: each way
 * @bytes: each way
 * @expires: seconds until it is forgotten if nothing is sent
 */
struct flow {
	uint8_t proto;
	uint16_t zone;
	struct {
		struct endpoint src, dst;
	} original, reply;
	char helper[FLOW_HELPER_LEN];
	bool offloaded;
	bool counted;
	struct {
		uint64_t original, reply;
	} packets, bytes;
	uint32_t expires;
};

typedef int flow_cb(const struct flow *flow, void *data);

int flow_dump(flow_cb *cb, void *data);

#endif /* FLOW_H */
