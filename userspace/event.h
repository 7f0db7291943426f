/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The module's notifications.
 */
#ifndef EVENT_H
#define EVENT_H

#include <libmnl/libmnl.h>

#include "objects.h"

int event_parse(const struct nlmsghdr *message, event_cb *cb, void *data);

#endif /* EVENT_H */
