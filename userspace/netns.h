/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Network namespaces by name, as `ip netns` keeps them, and what is in one.
 */
#ifndef NETNS_H
#define NETNS_H

#include <stdbool.h>

#ifndef NETNS_DIR
#define NETNS_DIR "/run/netns"
#endif

int netns_enter(const char *name);
bool netns_has_dev(const char *name);
unsigned int netns_dev_index(const char *name);

#endif /* NETNS_H */
