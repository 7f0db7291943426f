/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Network namespaces by name, as `ip netns` keeps them, and their devices.
 */
#ifndef NETNS_H
#define NETNS_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#ifndef NETNS_DIR
#define NETNS_DIR "/run/netns"
#endif

/* Called in a network namespace with its path; returns 0 to go on. */
typedef int netns_cb(const char *path, void *data);

int netns_enter(const char *name);
int netns_others(netns_cb *cb, void *data);
bool netns_has_dev(const char *name);
unsigned int netns_dev_index(const char *name);
const char *netns_dev_name(uint32_t ifindex, char name[IFNAMSIZ]);

#endif /* NETNS_H */
