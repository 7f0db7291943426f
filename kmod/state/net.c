// SPDX-License-Identifier: GPL-2.0

#include "state/net.h"

/* Set when main.c registers the namespaces' part. */
unsigned int sipalg_net_id __read_mostly;
