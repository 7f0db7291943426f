// SPDX-License-Identifier: GPL-2.0

#include <linux/mm.h>
#include <net/netlink.h>

#include "state/budget.h"
#include "state/network.h"
#include "state/recent.h"
#include "state/settings.h"

static const struct bounds {
	u32 initial, least, greatest;
	const char *text;
} bounds[__SIPALG_SETTING_VALUE_MAX] = {
#define X(id, name, initial_, least_, greatest_, doc)			\
	[SIPALG_SETTING_##id] = {					\
		.initial = initial_,					\
		.least = least_,					\
		.greatest = greatest_,					\
		.text = name " goes from " #least_ " to " #greatest_,	\
	},
	SIPALG_SETTINGS(X)
#undef X
};

/* The greatest value of the settings. */
static_assert(__SIPALG_MEDIA_SOURCE_MAX == 2);
static_assert(__SIPALG_REGISTRATION_SOURCE_MAX == 2);
static_assert(__SIPALG_ICE_MAX == 2);

static int refuse(struct netlink_ext_ack *extack, const struct nlattr *attr,
		  const char *text)
{
	if (extack) {
		NL_SET_BAD_ATTR(extack, attr);
		extack->_msg = text;
	}
	return -EINVAL;
}

static int check_ports(const struct nlattr *attr,
		       struct netlink_ext_ack *extack)
{
	const u16 *ports = nla_data(attr);
	unsigned int n = nla_len(attr) / sizeof(*ports), i, j;

	if (!n || n > SIPALG_SIP_PORTS_MAX || nla_len(attr) % sizeof(*ports))
		return refuse(extack, attr, "sip-ports takes 1 to "
			      __stringify(SIPALG_SIP_PORTS_MAX) " ports");
	for (i = 0; i < n; i++) {
		if (!ports[i])
			return refuse(extack, attr,
				      "0 cannot be one of the sip-ports");
		for (j = 0; j < i; j++)
			if (ports[i] == ports[j])
				return refuse(extack, attr,
					      "sip-ports has a port twice");
	}
	return 0;
}

static int check_networks(const struct nlattr *attr,
			  struct netlink_ext_ack *extack)
{
	const struct sipalg_network *network = nla_data(attr);
	unsigned int n = nla_len(attr) / sizeof(*network);

	if (n > SIPALG_NETWORKS_MAX || nla_len(attr) % sizeof(*network))
		return refuse(extack, attr, "registration-source takes up to "
			      __stringify(SIPALG_NETWORKS_MAX) " networks");
	if (!sipalg_network_are_valid(network, n))
		return refuse(extack, attr,
			      "a network has 1 to 32 or 128 bits");
	return 0;
}

static bool is_limit(unsigned int setting)
{
	return setting >= SIPALG_SETTING_LIMIT_CALLS &&
	       setting <= SIPALG_SETTING_LIMIT_CALL_BINDINGS;
}

static int check_value(const struct sipalg_net *sn, unsigned int setting,
		       const struct nlattr *attr,
		       struct netlink_ext_ack *extack)
{
	u32 value = nla_get_u32(attr);

	if (value < bounds[setting].least || value > bounds[setting].greatest)
		return refuse(extack, attr, bounds[setting].text);
	if (is_limit(setting) && value > bounds[setting].initial &&
	    sipalg_budget_is_shared(sn)) {
		refuse(extack, attr,
		       "root of a user namespace may only lower a limit");
		return -EPERM;
	}
	return 0;
}

static int check_all(const struct sipalg_net *sn, struct nlattr *const attrs[],
		     struct netlink_ext_ack *extack)
{
	const struct nlattr *networks =
		attrs[SIPALG_SETTING_REGISTRATION_NETWORKS];
	const struct nlattr *ports = attrs[SIPALG_SETTING_SIP_PORTS];
	unsigned int i;
	int err;

	for (i = SIPALG_SETTING_SIP_PORTS + 1; i < __SIPALG_SETTING_VALUE_MAX;
	     i++) {
		err = attrs[i] ? check_value(sn, i, attrs[i], extack) : 0;
		if (err)
			return err;
	}
	if (networks && check_networks(networks, extack))
		return -EINVAL;
	return ports ? check_ports(ports, extack) : 0;
}

/*
 * The memory is limited by that of the machine, unless its administrator asks
 * for more than what is the initial value on a large one.
 */
static void set_value(struct sipalg_net *sn, unsigned int setting, u32 value)
{
	if (setting == SIPALG_SETTING_LIMIT_BYTES &&
	    value <= bounds[setting].initial)
		value = min(value, sipalg_budget_bytes(sn));
	WRITE_ONCE(sn->settings.value[setting], value);
}

static void set_ports(struct sipalg_settings *settings, const u16 *ports,
		      unsigned int n)
{
	unsigned int i;

	for (i = 0; i < SIPALG_SIP_PORTS_MAX; i++)
		WRITE_ONCE(settings->ports[i], i < n ? htons(ports[i]) : 0);
}

/*
 * Return: the list of an attribute; NULL if it is empty; or an error pointer.
 */
static struct sipalg_networks *read_networks(const struct nlattr *attr)
{
	unsigned int n = nla_len(attr) / sizeof(struct sipalg_network);
	struct sipalg_networks *networks;

	if (!n)
		return NULL;
	networks = kmalloc(struct_size(networks, network, n),
			   GFP_KERNEL_ACCOUNT);
	if (!networks)
		return ERR_PTR(-ENOMEM);
	networks->n = n;
	nla_memcpy(networks->network, attr, nla_len(attr));
	return networks;
}

/**
 * sipalg_settings_set() - change settings
 * @sn: the namespace
 * @attrs: by enum sipalg_setting_attr, of the right types; NULL: stays as it is
 * @extack: says what is wrong
 *
 * Context: process; takes the lock of the settings.
 * Return: 0; or -EINVAL, -ENOMEM, or -EPERM for a limit that must not be
 * raised, with nothing changed.
 */
int sipalg_settings_set(struct sipalg_net *sn, struct nlattr *const attrs[],
			struct netlink_ext_ack *extack)
{
	const struct nlattr *ports = attrs[SIPALG_SETTING_SIP_PORTS];
	const struct nlattr *attr = attrs[SIPALG_SETTING_REGISTRATION_NETWORKS];
	const struct nlattr *bytes = attrs[SIPALG_SETTING_TRACE_BYTES];
	struct sipalg_settings *settings = &sn->settings;
	struct sipalg_networks *networks = NULL;
	int err = check_all(sn, attrs, extack);
	struct sipalg_room *room = NULL;
	unsigned int i;

	if (err)
		return err;
	if (bytes && nla_get_u32(bytes)) {
		room = sipalg_recent_alloc(nla_get_u32(bytes));
		if (!room)
			return -ENOMEM;
	}
	if (attr)
		networks = read_networks(attr);
	if (IS_ERR(networks)) {
		kvfree(room);
		return PTR_ERR(networks);
	}
	mutex_lock(&settings->lock);
	if (bytes)
		sipalg_recent_install(sn, room);
	for (i = SIPALG_SETTING_SIP_PORTS + 1; i < __SIPALG_SETTING_VALUE_MAX;
	     i++)
		if (attrs[i])
			set_value(sn, i, nla_get_u32(attrs[i]));
	if (ports)
		set_ports(settings, nla_data(ports),
			  nla_len(ports) / sizeof(u16));
	if (attr)
		networks =
			rcu_replace_pointer(settings->networks, networks,
					    lockdep_is_held(&settings->lock));
	mutex_unlock(&settings->lock);
	if (networks)
		kfree_rcu(networks, rcu);
	return 0;
}

/**
 * sipalg_settings_has_source() - is a host of the networks whose hosts may send
 * to registered phones?
 * @settings: the namespace's
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 * @addr: address of the host
 *
 * Context: RCU read side.
 */
bool sipalg_settings_has_source(const struct sipalg_settings *settings,
				u8 family, const union nf_inet_addr *addr)
{
	const struct sipalg_networks *networks =
		rcu_dereference(settings->networks);

	return networks && sipalg_network_any_has(networks->network,
						  networks->n, family, addr);
}

void sipalg_settings_net_exit(struct sipalg_net *sn)
{
	kfree(rcu_replace_pointer(sn->settings.networks, NULL, true));
}

int sipalg_settings_net_init(struct sipalg_net *sn)
{
	struct sipalg_settings *settings = &sn->settings;
	unsigned int i;

	mutex_init(&settings->lock);
	for (i = 0; i < __SIPALG_SETTING_VALUE_MAX; i++)
		set_value(sn, i, bounds[i].initial);
	set_ports(settings, (const u16[]){ SIPALG_PORT }, 1);
	return 0;
}
