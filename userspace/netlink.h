/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The module, as plain structures and calls. All netlink is behind this wall,
 * so that the tests can replace the module.
 *
 * Every function returns 0 or a negative errno; then netlink_reason() has an
 * error message. The caller frees lists. A missing attribute is no error: its
 * bit in @has is not set.
 */
#ifndef NETLINK_H
#define NETLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "filter.h"
#include "objects.h"
#include "scope.h"
#include "settings.h"

struct netlink;

int netlink_open(struct netlink **nl);
void netlink_close(struct netlink *nl);
const char *netlink_reason(const struct netlink *nl);

int netlink_policy_set(struct netlink *nl, const struct policy *policy,
		       bool now);
int netlink_policy_del(struct netlink *nl, const struct scope *scope, bool now);
int netlink_policy_flush(struct netlink *nl, uint32_t mode, bool now);
int netlink_policy_restore(struct netlink *nl, const struct policy *list,
			   size_t count, bool now);
int netlink_policy_dump(struct netlink *nl, struct policy **list,
			size_t *count);
int netlink_settings_get(struct netlink *nl, struct settings *settings);
int netlink_settings_set(struct netlink *nl, const struct settings *settings);
int netlink_call_dump(struct netlink *nl, const struct filter *filter,
		      calls_cb *cb, void *data);
int netlink_call_del(struct netlink *nl, const struct filter *filter,
		     uint32_t *ended);
int netlink_binding_dump(struct netlink *nl, const struct filter *filter,
			 struct binding **list, size_t *count);
int netlink_message_dump(struct netlink *nl, uint64_t call, event_cb *cb,
			 void *data);
int netlink_listen(struct netlink *nl, bool messages);
int netlink_wait(struct netlink *nl, int ms);
int netlink_receive(struct netlink *nl, event_cb *cb, void *data);
int netlink_stats_get(struct netlink *nl, struct stats *stats);

#endif /* NETLINK_H */
