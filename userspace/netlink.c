// SPDX-License-Identifier: GPL-2.0

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attrs.h"
#include "netlink.h"
#include "netlink_request.h"

/*
 * The most that a policy takes: six headers, a zone, a device, a mode, a range
 * of ports and an address.
 */
#define POLICY_ROOM (6 * MNL_ATTR_HDRLEN + 4 + IFNAMSIZ + 4 + 4 + 16)

/**
 * netlink_open() - reach the module in the current network namespace
 * @nl: set; NULL after an error
 *
 * Return: 0, or a negative errno; -ENOENT if the module is not loaded.
 */
int netlink_open(struct netlink **nl)
{
	int err;

	*nl = calloc(1, sizeof(**nl));
	if (!*nl)
		return -ENOMEM;
	err = genl_socket_open(&(*nl)->sock, SIPALG_GENL_NAME);
	if (err) {
		netlink_close(*nl);
		*nl = NULL;
	}
	return err;
}

void netlink_close(struct netlink *nl)
{
	if (nl)
		genl_socket_close(&nl->sock);
	free(nl);
}

/**
 * netlink_reason() - why the latest call failed
 * @nl: connection to the module
 *
 * Return: the kernel's extended error text, or that of its error number.
 */
const char *netlink_reason(const struct netlink *nl)
{
	return nl->sock.reason;
}

/**
 * netlink_request() - begin a request
 * @nl: connection to the module
 * @command: enum sipalg_cmd
 *
 * Return: the message, to be completed with attributes.
 */
struct nlmsghdr *netlink_request(struct netlink *nl, uint8_t command)
{
	return genl_socket_request(&nl->sock, command, SIPALG_GENL_VERSION);
}

static void put_scope(struct nlmsghdr *message, const struct scope *scope)
{
	if (scope->has_zone)
		mnl_attr_put_u16(message, SIPALG_POLICY_ZONE, scope->zone);
	if (*scope->dev)
		mnl_attr_put_strz(message, SIPALG_POLICY_DEV, scope->dev);
}

static void put_networks(struct nlmsghdr *message, unsigned int attr,
			 const struct networks *networks)
{
	mnl_attr_put(message, attr, networks->n * sizeof(*networks->network),
		     networks->network);
}

static void put_policy(struct nlmsghdr *message, const struct policy *policy)
{
	const struct options *options = &policy->options;

	put_scope(message, &policy->scope);
	mnl_attr_put_u32(message, SIPALG_POLICY_MODE, policy->mode);
	if (HAS(policy, SIPALG_POLICY_OUTSIDE_PORTS))
		mnl_attr_put(message, SIPALG_POLICY_OUTSIDE_PORTS,
			     *options->ports ? sizeof(options->ports) : 0,
			     options->ports);
	if (HAS(policy, SIPALG_POLICY_OUTSIDE_ADDRESS))
		mnl_attr_put(message, SIPALG_POLICY_OUTSIDE_ADDRESS,
			     options->address.len, options->address.bytes);
	if (HAS(policy, SIPALG_POLICY_TRUSTED)) {
		put_networks(message, SIPALG_POLICY_TRUSTED, &options->trusted);
		put_networks(message, SIPALG_POLICY_TRUSTED_FOR,
			     &options->trusted_for);
	}
}

static void put_now(struct nlmsghdr *message, bool now)
{
	if (now)
		mnl_attr_put(message, SIPALG_POLICY_NOW, 0, NULL);
}

int netlink_policy_set(struct netlink *nl, const struct policy *policy,
		       bool now)
{
	struct nlmsghdr *message = netlink_request(nl, SIPALG_CMD_POLICY_SET);

	put_policy(message, policy);
	put_now(message, now);
	return genl_socket_do(&nl->sock, NULL, NULL);
}

int netlink_policy_del(struct netlink *nl, const struct scope *scope, bool now)
{
	struct nlmsghdr *message = netlink_request(nl, SIPALG_CMD_POLICY_DEL);

	put_scope(message, scope);
	put_now(message, now);
	return genl_socket_do(&nl->sock, NULL, NULL);
}

int netlink_policy_flush(struct netlink *nl, uint32_t mode, bool now)
{
	struct nlmsghdr *message = netlink_request(nl, SIPALG_CMD_POLICY_FLUSH);

	mnl_attr_put_u32(message, SIPALG_POLICY_MODE, mode);
	put_now(message, now);
	return genl_socket_do(&nl->sock, NULL, NULL);
}

/* The same words as the kernel's. */
static int too_many(struct netlink *nl)
{
	snprintf(nl->sock.reason, sizeof(nl->sock.reason),
		 "too many scopes");
	return -ENOSPC;
}

int netlink_policy_restore(struct netlink *nl, const struct policy *list,
			   size_t count, bool now)
{
	struct nlmsghdr *message =
		netlink_request(nl, SIPALG_CMD_POLICY_RESTORE);

	put_now(message, now);
	for (size_t i = 0; i < count; i++) {
		struct nlattr *nest;

		if (message->nlmsg_len + POLICY_ROOM > GENL_REQUEST_SIZE)
			return too_many(nl);
		nest = mnl_attr_nest_start(message, SIPALG_POLICY_SCOPE);
		put_policy(message, &list[i]);
		mnl_attr_nest_end(message, nest);
	}
	return genl_socket_do(&nl->sock, NULL, NULL);
}

/**
 * netlink_put_filter() - ask for those objects alone that pass a filter
 * @message: a request
 * @filter: the filter
 * @of_calls: the objects are calls; else they are bindings
 */
void netlink_put_filter(struct nlmsghdr *message, const struct filter *filter,
			bool of_calls)
{
	uint16_t zone = of_calls ? SIPALG_CALL_ZONE : SIPALG_BINDING_ZONE;
	uint16_t dev = of_calls ? SIPALG_CALL_DEV : SIPALG_BINDING_DEV;
	uint16_t address = of_calls ? SIPALG_CALL_ADDRESS :
				      SIPALG_BINDING_ADDRESS;

	if (filter->has_id)
		mnl_attr_put_u64(message, SIPALG_CALL_ID, filter->id);
	if (*filter->label)
		mnl_attr_put_strz(message, SIPALG_CALL_LABEL, filter->label);
	if (filter->has_kind)
		mnl_attr_put_u32(message, SIPALG_CALL_KIND, filter->kind);
	if (filter->has_state)
		mnl_attr_put_u32(message, SIPALG_CALL_STATE, filter->state);
	if (*filter->user)
		mnl_attr_put_strz(message, SIPALG_CALL_USER, filter->user);
	if (filter->mute)
		mnl_attr_put(message, SIPALG_CALL_MUTE, 0, NULL);
	if (filter->has_zone)
		mnl_attr_put_u16(message, zone, filter->zone);
	if (filter->ifindex)
		mnl_attr_put_u32(message, dev, filter->ifindex);
	if (filter->address.len)
		mnl_attr_put(message, address, filter->address.len,
			     filter->address.bytes);
}

int netlink_settings_set(struct netlink *nl, const struct settings *settings)
{
	struct nlmsghdr *message = netlink_request(nl, SIPALG_CMD_SETTING_SET);

	for (unsigned int i = 1; i <= SIPALG_SETTING_VALUE_MAX; i++)
		if (settings->has[i] && i != SIPALG_SETTING_SIP_PORTS)
			mnl_attr_put_u32(message, i, settings->value[i]);
	if (settings->has[SIPALG_SETTING_SIP_PORTS])
		mnl_attr_put(message, SIPALG_SETTING_SIP_PORTS,
			     settings->n_ports * sizeof(settings->ports[0]),
			     settings->ports);
	if (settings->has_networks)
		mnl_attr_put(message, SIPALG_SETTING_REGISTRATION_NETWORKS,
			     settings->n_networks *
			     sizeof(settings->networks[0]),
			     settings->networks);
	return genl_socket_do(&nl->sock, NULL, NULL);
}

/* A list that is too long counts as missing. */
static int settings_attr(const struct nlattr *attr, void *data)
{
	unsigned int type = mnl_attr_get_type(attr),
		     len = mnl_attr_get_payload_len(attr);
	struct settings *settings = data;
	uint64_t number;

	if (type == SIPALG_SETTING_SIP_PORTS) {
		if (len % sizeof(settings->ports[0]) ||
		    len > sizeof(settings->ports))
			return MNL_CB_OK;
		memcpy(settings->ports, mnl_attr_get_payload(attr), len);
		settings->n_ports = len / sizeof(settings->ports[0]);
		settings->has[type] = true;
	} else if (type == SIPALG_SETTING_REGISTRATION_NETWORKS) {
		if (len % sizeof(settings->networks[0]) ||
		    len > sizeof(settings->networks))
			return MNL_CB_OK;
		memcpy(settings->networks, mnl_attr_get_payload(attr), len);
		settings->n_networks = len / sizeof(settings->networks[0]);
		settings->has_networks = true;
	} else if (type && type <= SIPALG_SETTING_VALUE_MAX &&
		   len == sizeof(uint32_t) && attr_number(attr, &number)) {
		settings->value[type] = number;
		settings->has[type] = true;
	}
	return MNL_CB_OK;
}

static int settings_each(const struct nlmsghdr *message, void *data)
{
	return genl_attrs_each(message, settings_attr, data);
}

int netlink_settings_get(struct netlink *nl, struct settings *settings)
{
	*settings = (struct settings){};
	netlink_request(nl, SIPALG_CMD_SETTING_GET);
	return genl_socket_do(&nl->sock, settings_each, settings);
}

static int ended_attr(const struct nlattr *attr, void *data)
{
	uint64_t number;

	if (mnl_attr_get_type(attr) == SIPALG_CALL_ENDED &&
	    attr_number(attr, &number))
		*(uint32_t *)data = number;
	return MNL_CB_OK;
}

static int ended_each(const struct nlmsghdr *message, void *data)
{
	return genl_attrs_each(message, ended_attr, data);
}

int netlink_call_del(struct netlink *nl, const struct filter *filter,
		     uint32_t *ended)
{
	*ended = 0;
	netlink_put_filter(netlink_request(nl, SIPALG_CMD_CALL_DEL), filter,
			   true);
	return genl_socket_do(&nl->sock, ended_each, ended);
}
