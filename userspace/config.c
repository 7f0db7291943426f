// SPDX-License-Identifier: GPL-2.0

#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "netlink.h"
#include "netns.h"
#include "options.h"
#include "policy.h"
#include "report.h"

/**
 * config_take() - read the policies and settings
 * @nl: connection to the module
 * @config: filled in; to be given to config_free()
 *
 * Return: 0; or a negative errno, with netlink_reason().
 */
int config_take(struct netlink *nl, struct config *config)
{
	int err = policy_list(nl, &config->list, &config->count);

	if (err)
		return err;
	err = netlink_settings_get(nl, &config->settings);
	if (err)
		config_free(config);
	return err;
}

void config_free(struct config *config)
{
	free(config->list);
	config->list = NULL;
	config->count = 0;
}

/* Sets all settings in one request. */
static int restore_settings(struct netlink *nl, const struct settings *settings,
			    const struct settings *before)
{
	struct settings all = *settings;

	settings_fill(&all);
	/* An older module does not know them all. */
	for (unsigned int i = 1; i <= SIPALG_SETTING_VALUE_MAX; i++)
		all.has[i] = before->has[i] || settings->has[i];
	all.has_networks = before->has_networks || settings->n_networks;
	return netlink_settings_set(nl, &all);
}

/**
 * config_restore() - make the policies and settings those of a configuration
 * @nl: connection to the module
 * @config: the configuration; a setting it lacks gets its initial value
 * @name: of its file, for error messages
 * @now: end dialogs that the ALG no longer serves
 *
 * The kernel takes all policies or none. If it refuses them, the settings are
 * put back.
 *
 * Return: 0, or -1 after an error message.
 */
int config_restore(struct netlink *nl, const struct config *config,
		   const char *name, bool now)
{
	struct settings before;

	if (netlink_settings_get(nl, &before) ||
	    restore_settings(nl, &config->settings, &before)) {
		error("%s: %s", name, netlink_reason(nl));
		return -1;
	}
	if (!netlink_policy_restore(nl, config->list, config->count, now))
		return 0;
	error("%s: %s", name, netlink_reason(nl));
	if (netlink_settings_set(nl, &before))
		error("%s: settings: %s", name, netlink_reason(nl));
	return -1;
}

/**
 * config_print() - print a configuration as `policy restore` takes it
 * @file: printed to
 * @config: the configuration
 *
 * Settings with their initial value are not printed.
 *
 * Return: 0, or -1 after an error message.
 */
int config_print(FILE *file, const struct config *config)
{
	char scope[SCOPE_TEXT_LEN], value[SETTING_TEXT_LEN];
	char options[OPTIONS_TEXT_LEN];

	for (size_t i = 0; i < config->count; i++) {
		const struct policy *policy = &config->list[i];
		const char *mode = NULL;

		if (HAS(policy, SIPALG_POLICY_MODE))
			mode = mode_name(policy->mode);
		scope_text(&policy->scope, scope);
		if (!mode) {
			error("%s has a mode that this version does not know",
			      scope);
			return -1;
		}
		fprintf(file, "set %s %s%s\n", scope, mode,
			options_text(policy, options));
	}
	for (unsigned int i = 1; i <= SIPALG_SETTING_VALUE_MAX; i++)
		if (config->settings.has[i] &&
		    !setting_is_initial(&config->settings, i))
			fprintf(file, "setting %s %s\n", setting_name(i),
				setting_text(&config->settings, i, value));
	return 0;
}

/**
 * config_is_initial() - is everything as when the module was loaded?
 * @config: the configuration
 */
bool config_is_initial(const struct config *config)
{
	char options[OPTIONS_TEXT_LEN];

	if (config->count != 1 || config->list->mode != SIPALG_MODE_RULE ||
	    *options_text(config->list, options))
		return false;
	for (unsigned int i = 1; i <= SIPALG_SETTING_VALUE_MAX; i++)
		if (config->settings.has[i] &&
		    !setting_is_initial(&config->settings, i))
			return false;
	return true;
}

/**
 * config_acts() - is a scope on or observed?
 * @config: the configuration
 */
bool config_acts(const struct config *config)
{
	for (size_t i = 0; i < config->count; i++)
		if (config->list[i].mode != SIPALG_MODE_RULE &&
		    config->list[i].mode != SIPALG_MODE_OFF)
			return true;
	return false;
}

/* More particular scopes come first; of two devices, the more careful mode. */
static bool is_before(const struct policy *policy, const struct policy *other)
{
	bool has_dev = *policy->scope.dev, other_has_dev = *other->scope.dev;

	if (has_dev != other_has_dev)
		return has_dev;
	if (policy->scope.has_zone != other->scope.has_zone)
		return policy->scope.has_zone;
	return policy->mode < other->mode;
}

/* The devices of a flow. */
struct ends {
	const char *in, *out;
	uint32_t in_index, out_index;
};

/* A scope may have another name of a device than routes have. */
static bool is_end(const struct policy *policy, const struct ends *ends)
{
	uint32_t index = HAS(policy, SIPALG_POLICY_IFINDEX) ?
			 policy->ifindex : 0;

	return !strcmp(policy->scope.dev, ends->in) ||
	       !strcmp(policy->scope.dev, ends->out) ||
	       (index && (index == ends->in_index ||
			  index == ends->out_index));
}

static bool is_of_flow(const struct policy *policy, const struct scope *zone,
		       const struct ends *ends)
{
	const struct scope *scope = &policy->scope;

	return (!scope->has_zone || (zone->has_zone ?
				     scope->zone == zone->zone :
				     !scope->zone)) &&
	       (!*scope->dev || is_end(policy, ends));
}

static bool is_on_in(const struct config *config, const struct scope *zone,
		     const struct ends *ends)
{
	const struct policy *found = NULL;

	for (size_t i = 0; i < config->count; i++) {
		const struct policy *policy = &config->list[i];

		if (is_of_flow(policy, zone, ends) &&
		    (!found || is_before(policy, found)))
			found = policy;
	}
	return found && found->mode == SIPALG_MODE_ON;
}

/**
 * config_is_on() - does the module act on flows between two devices?
 * @config: the configuration
 * @in: name of one of them
 * @out: name of the other
 *
 * Rules may put flows into any zone: into which one is not known here.
 *
 * Return: whether it does, in zone 0 or in one that a scope names.
 */
bool config_is_on(const struct config *config, const char *in, const char *out)
{
	const struct ends ends = {
		in, out, netns_dev_index(in), netns_dev_index(out),
	};

	if (is_on_in(config, &(struct scope){}, &ends))
		return true;
	for (size_t i = 0; i < config->count; i++)
		if (config->list[i].scope.has_zone &&
		    is_on_in(config, &config->list[i].scope, &ends))
			return true;
	return false;
}
