// SPDX-License-Identifier: GPL-2.0
/*
 * The counters of the module.
 */
#include "attrs.h"
#include "netlink.h"
#include "netlink_request.h"

static int stats_attr(const struct nlattr *attr, void *data)
{
	unsigned int type = mnl_attr_get_type(attr);
	struct stats *stats = data;

	if (type <= SIPALG_STATS_MAX)
		stats->has[type] = attr_number(attr, &stats->value[type]);
	return MNL_CB_OK;
}

static int stats_each(const struct nlmsghdr *message, void *data)
{
	return genl_attrs_each(message, stats_attr, data);
}

static int page_count(const struct calls *calls, void *data)
{
	*(uint64_t *)data += calls->count;
	return 0;
}

/* Return: 0, or a negative errno. */
static int mute_count(struct netlink *nl, struct stats *stats)
{
	const struct filter filter = { .mute = true };

	stats->has[STATS_CALLS_MUTE] = true;
	return netlink_call_dump(nl, &filter, page_count,
				 &stats->value[STATS_CALLS_MUTE]);
}

int netlink_stats_get(struct netlink *nl, struct stats *stats)
{
	int err;

	*stats = (struct stats){};
	netlink_request(nl, SIPALG_CMD_STATS_GET);
	err = genl_socket_do(&nl->sock, stats_each, stats);
	if (err || !stats->has[SIPALG_STATS_CALLS_UP])
		return err;
	if (stats->value[SIPALG_STATS_CALLS_UP])
		return mute_count(nl, stats);
	stats->has[STATS_CALLS_MUTE] = true;
	return 0;
}
