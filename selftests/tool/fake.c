// SPDX-License-Identifier: GPL-2.0

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake.h"
#include "netns.h"
#include "networks.h"
#include "options.h"
#include "report.h"
#include "route.h"
#include "sysinfo.h"

struct fake fake;

/* The tool only passes it on; being one allocation, it shows a missing close as a leak. */
struct netlink {
	int unused;
};

int netns_enter(const char *name)
{
	if (fake.netns && !strcmp(name, fake.netns)) {
		fake.entered = true;
		return 0;
	}
	error("there is no network namespace '%s'", name);
	return -1;
}

int netns_others(netns_cb *cb, void *data)
{
	struct fake home = fake;
	int result;

	if (!fake.other)
		return 0;
	fake.other();
	result = cb(NETNS_DIR "/other", data);
	fake = home;
	return result;
}

bool netns_has_dev(const char *name)
{
	for (size_t i = 0; fake.devices[i]; i++)
		if (!strcmp(fake.devices[i], name))
			return true;
	return false;
}

unsigned int netns_dev_index(const char *name)
{
	for (size_t i = 0; fake.devices[i]; i++)
		if (!strcmp(fake.devices[i], name))
			return i + 1;
	return 0;
}

const char *netns_dev_name(uint32_t ifindex, char name[IFNAMSIZ])
{
	for (uint32_t i = 0; i < ifindex && fake.devices[i]; i++)
		if (i + 1 == ifindex)
			return strcpy(name, fake.devices[i]);
	return NULL;
}

int netlink_open(struct netlink **nl)
{
	*nl = fake.open_error ? NULL : calloc(1, sizeof(**nl));
	return fake.open_error;
}

void netlink_close(struct netlink *nl)
{
	free(nl);
}

const char *netlink_reason(const struct netlink *nl)
{
	(void)nl;
	return fake.refuse;
}

static int change(const char *what, const struct scope *scope, const char *mode, bool now)
{
	char text[SCOPE_TEXT_LEN] = "";
	size_t len = strlen(fake.log);

	fake.now = now;
	if (fake.refuse && fake.changes >= fake.refuse_after)
		return -EINVAL;
	fake.changes++;
	if (scope)
		scope_text(scope, text);
	snprintf(fake.log + len, sizeof(fake.log) - len, "%s%s%s%s%s\n", what,
		 scope ? " " : "", text, mode ? " " : "", mode ? mode : "");
	return 0;
}

static struct policy *find(const struct scope *scope)
{
	for (size_t i = 0; i < fake.n_policies; i++)
		if (!scope_compare(&fake.policies[i].scope, scope))
			return &fake.policies[i];
	return NULL;
}

int netlink_policy_set(struct netlink *nl, const struct policy *wanted, bool now)
{
	char text[OPTIONS_TEXT_LEN + 16];
	struct policy *policy = find(&wanted->scope);
	int err;

	(void)nl;
	strcpy(text, mode_name(wanted->mode));
	options_text(wanted, text + strlen(text));
	err = change("set", &wanted->scope, text, now);
	if (err)
		return err;
	if (!policy)
		policy = &fake.policies[fake.n_policies++];
	*policy = *wanted;
	policy->has |= 1U << SIPALG_POLICY_MODE;
	return 0;
}

int netlink_policy_del(struct netlink *nl, const struct scope *scope, bool now)
{
	int err = change("del", scope, NULL, now);
	struct policy *policy = find(scope);

	(void)nl;
	if (!err && policy)
		*policy = fake.policies[--fake.n_policies];
	return err;
}

int netlink_policy_flush(struct netlink *nl, uint32_t mode, bool now)
{
	int err = change("flush", NULL, mode_name(mode), now);

	(void)nl;
	if (err)
		return err;
	fake.n_policies = 1;
	fake.policies[0] = (struct policy){ .has = 1U << SIPALG_POLICY_MODE, .mode = mode };
	return 0;
}

int netlink_policy_restore(struct netlink *nl, const struct policy *list, size_t count, bool now)
{
	char *log = fake.log + strlen(fake.log);
	int err = netlink_policy_flush(nl, SIPALG_MODE_RULE, false);

	if (err)
		return err;
	strcpy(log, "restore\n");
	for (size_t i = 0; i < count; i++)
		netlink_policy_set(nl, &list[i], false);
	fake.now = now;
	return 0;
}

static int list(void *items, size_t *count, const void *from, size_t n, size_t size)
{
	void **copy = items;

	*count = 0;
	*copy = NULL;
	if (fake.refuse && fake.changes >= fake.refuse_after)
		return -EPERM;
	if (!n)
		return 0;
	*copy = malloc(n * size);
	memcpy(*copy, from, n * size);
	*count = n;
	return 0;
}

int netlink_policy_dump(struct netlink *nl, struct policy **items, size_t *count)
{
	(void)nl;
	return list(items, count, fake.policies, fake.n_policies, sizeof(**items));
}

/* Pages are of one call, which is the hardest for those who take them. */
int netlink_call_dump(struct netlink *nl, const struct filter *filter, calls_cb *cb, void *data)
{
	struct calls page = { .list = fake.calls, .count = 1, .streams = fake.streams };
	int err = 0;

	(void)nl;
	fake.filter = *filter;
	if (fake.refuse && fake.changes >= fake.refuse_after)
		return -EPERM;
	for (size_t i = 0; !err && i < fake.n_calls; i++) {
		err = cb(&page, data);
		page.streams += page.list->streams;
		page.list++;
	}
	return err;
}

int netlink_call_del(struct netlink *nl, const struct filter *filter, uint32_t *ended)
{
	int err = change("kill", NULL, NULL, false);

	(void)nl;
	fake.filter = *filter;
	*ended = fake.n_calls;
	fake.n_calls = 0;
	return err;
}

int netlink_binding_dump(struct netlink *nl, const struct filter *filter,
			 struct binding **items, size_t *count)
{
	(void)nl;
	fake.filter = *filter;
	return list(items, count, fake.bindings, fake.n_bindings, sizeof(**items));
}

int netlink_settings_get(struct netlink *nl, struct settings *settings)
{
	(void)nl;
	*settings = fake.settings;
	return fake.refuse && !fake.takes_settings && fake.changes >= fake.refuse_after ? -EPERM : 0;
}

int netlink_settings_set(struct netlink *nl, const struct settings *settings)
{
	char text[SETTING_TEXT_LEN], line[SETTING_TEXT_LEN + 32];

	(void)nl;
	if (fake.refuse && !fake.takes_settings && fake.changes >= fake.refuse_after)
		return -EINVAL;
	for (unsigned int i = 1; i <= SIPALG_SETTING_VALUE_MAX; i++) {
		if (!settings->has[i])
			continue;
		fake.settings.has[i] = true;
		fake.settings.value[i] = settings->value[i];
		if (i == SIPALG_SETTING_SIP_PORTS) {
			memcpy(fake.settings.ports, settings->ports, sizeof(settings->ports));
			fake.settings.n_ports = settings->n_ports;
		}
		if (i == SIPALG_SETTING_REGISTRATION_SOURCE) {
			memcpy(fake.settings.networks, settings->networks,
			       sizeof(settings->networks));
			fake.settings.n_networks = settings->n_networks;
		}
		if (setting_is_initial(settings, i) || fake.takes_settings)
			continue;
		snprintf(line, sizeof(line), "setting %s %s", setting_name(i),
			 setting_text(settings, i, text));
		change(line, NULL, NULL, false);
	}
	return 0;
}

int netlink_stats_get(struct netlink *nl, struct stats *stats)
{
	(void)nl;
	*stats = fake.stats;
	return fake.refuse ? -EPERM : 0;
}

int netlink_listen(struct netlink *nl, bool messages)
{
	(void)nl;
	fake.listening = true;
	fake.listening_to_messages = messages;
	return fake.refuse ? -EPERM : 0;
}

/* While there are events, one is there at once. Afterwards the calls are looked at again. */
int netlink_wait(struct netlink *nl, int ms)
{
	(void)nl;
	fake.waited += ms;
	if (!fake.quiet || !fake.next_event)
		return 1;
	fake.quiet--;
	fake.passed += ms;
	return 0;
}

int netlink_message_dump(struct netlink *nl, uint64_t call, event_cb *cb, void *data)
{
	(void)nl;
	for (size_t i = 0; i < fake.n_events; i++) {
		int err = fake.events[i].message.call == call ? cb(&fake.events[i], data) : 0;

		if (err)
			return err;
	}
	return fake.refuse ? -EPERM : 0;
}

int netlink_receive(struct netlink *nl, event_cb *cb, void *data)
{
	const struct event *event = &fake.events[fake.next_event];

	(void)nl;
	if (fake.next_event == fake.n_events) {
		fake.refuse = "that was all";
		return -ESHUTDOWN;
	}
	fake.next_event++;
	return event->what ? cb(event, data) : -ENOBUFS;
}

int flow_dump(flow_cb *cb, void *data)
{
	for (size_t i = 0; i < fake.n_flows; i++) {
		int err = cb(&fake.flows[i], data);

		if (err)
			return err;
	}
	return fake.flow_error;
}

bool sysinfo_has_module(const char *name)
{
	for (size_t i = 0; fake.modules[i]; i++)
		if (!strcmp(fake.modules[i], name))
			return true;
	return false;
}

bool sysinfo_is_built_in(const char *name)
{
	return fake.built_in && sysinfo_has_module(name);
}

bool sysinfo_module_version(const char *name, char *version, size_t size)
{
	(void)name;
	if (!fake.version)
		return false;
	snprintf(version, size, "%s", fake.version);
	return true;
}

bool sysinfo_kernel_without(const char *name, char *kernel, size_t size)
{
	(void)name;
	if (!fake.kernel_without)
		return false;
	snprintf(kernel, size, "%s", fake.kernel_without);
	return true;
}

bool sysinfo_is_own(const struct address *address)
{
	char text[INET6_ADDRSTRLEN];

	return fake.outside && !strcmp(address_text(address, text), fake.outside);
}

bool sysinfo_number(const char *path, uint64_t *number)
{
	if (strstr(path, "ipv4/conf")) {
		*number = !fake.keeps || !strstr(path, fake.keeps);
		return true;
	}
	if (strstr(path, "forward")) {
		*number = strstr(path, "ipv6") ? fake.ipv6 : !fake.no_forwarding;
		return true;
	}
	*number = strstr(path, "max") ? 1000 : fake.tracked;
	return fake.tracked;
}

json_t *sysinfo_ruleset(void)
{
	return fake.ruleset ? json_loads(fake.ruleset, 0, NULL) : NULL;
}

void sysinfo_outside(struct outside *outside)
{
	uint8_t bytes[4];

	*outside = (struct outside){ .dev = "wan", .needs_nat = fake.needs_nat };
	snprintf(outside->dev6, sizeof(outside->dev6), "%s", fake.outside6 ?: "");
	if (fake.outside && inet_pton(AF_INET, fake.outside, bytes))
		address_set(&outside->address, bytes, sizeof(bytes));
	for (size_t i = 0; i < 2 && fake.inside[i]; i++) {
		struct inside *inside = &outside->inside[outside->n_inside++];

		network_parse(&inside->network, fake.inside[i]);
		snprintf(inside->dev, sizeof(inside->dev), "lan%zu", i);
		snprintf(inside->out, sizeof(inside->out), "%s", fake.inside_out ?: "wan");
	}
}

bool route_leads_by(unsigned int dev)
{
	return dev == fake.leads;
}
