/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A module made of plain memory, behind the tool's walls: netlink.h, netns.h,
 * flow.h and more.
 */
#ifndef FAKE_H
#define FAKE_H

#include "flow.h"
#include "netlink.h"

#define FAKE_MAX 32

/**
 * struct fake - what the tool finds, and what it did
 * @open_error: what opening netlink gives; the module is loaded if 0
 * @refuse: words with which every request is refused; NULL: none is
 * @refuse_after: so many changes are allowed before @refuse
 * @takes_settings: but settings are not refused
 * @devices: names of devices that exist, NULL at the end
 * @netns: the one network namespace that can be entered
 * @entered: it has been entered
 * @other: makes the module what it is like in another network namespace; NULL if there is none
 * @now: --now came with the latest change
 * @changes: how many changes were asked for
 * @modules: names of modules that are loaded beside, NULL at the end
 * @version: of the module that is loaded; NULL: the kernel does not tell
 * @built_in: these are a part of the kernel
 * @ruleset: what nft prints; NULL if there is none
 * @outside: address of wan, where the default route leads; NULL if there is none
 * @needs_nat: an inside device has a private address
 * @inside: private networks of such devices, which are called lan0 and so on
 * @inside_out: the device by which packets from there leave; NULL: wan
 * @leads: index of a device by which a route leads, beside wan; 0 if there is none
 * @outside6: device of the IPv6 default route
 * @tracked: flows, of at most 1000; 0 if the system does not tell
 * @no_forwarding: net.ipv4.ip_forward is 0
 * @keeps: name of a device that does not forward all the same; NULL if there is none
 * @ipv6: net.ipv6.conf.all.forwarding is 1
 * @log: the changes, one a line
 * @filter: the latest one
 * @waited: for so many ms events were waited for at most
 * @quiet: so many of these times nothing came, behind the first event
 * @passed: that took so many ms
 * @events: what happens; one of command 0 is an overrun
 */
struct fake {
	int open_error;
	const char *refuse;
	unsigned int refuse_after;
	bool takes_settings;
	const char *devices[4];
	const char *netns;
	bool entered;
	void (*other)(void);
	bool now;
	unsigned int changes;
	char log[4096];
	struct policy policies[FAKE_MAX];
	size_t n_policies;
	struct filter filter;
	struct settings settings;
	struct call calls[FAKE_MAX];
	size_t n_calls;
	struct binding streams[FAKE_MAX];
	struct binding bindings[FAKE_MAX];
	size_t n_bindings;
	struct stats stats;
	struct flow flows[FAKE_MAX];
	size_t n_flows;
	int flow_error;
	const char *modules[4];
	const char *version;
	bool built_in;
	const char *kernel_without;
	const char *ruleset;
	const char *outside;
	bool needs_nat;
	const char *inside[2], *inside_out, *outside6;
	unsigned int leads;
	uint64_t tracked;
	bool no_forwarding, ipv6;
	const char *keeps;
	struct event events[FAKE_MAX];
	size_t n_events, next_event;
	bool listening, listening_to_messages;
	unsigned int waited, quiet, passed;
};

extern struct fake fake;

#endif /* FAKE_H */
