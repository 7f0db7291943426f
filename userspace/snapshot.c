// SPDX-License-Identifier: GPL-2.0

#include <stdlib.h>

#include "message.h"
#include "netlink.h"
#include "policy.h"
#include "snapshot.h"

/**
 * snapshot_take() - read what is set now
 * @nl: the way to the module
 * @snapshot: filled in; to be given to snapshot_free()
 *
 * Return: 0; or a negative errno, with netlink_words().
 */
int snapshot_take(struct netlink *nl, struct snapshot *snapshot)
{
	int err = policy_list(nl, &snapshot->list, &snapshot->count);

	if (err)
		return err;
	err = netlink_settings_get(nl, &snapshot->settings);
	if (err)
		snapshot_free(snapshot);
	return err;
}

void snapshot_free(struct snapshot *snapshot)
{
	free(snapshot->list);
	snapshot->list = NULL;
	snapshot->count = 0;
}

/* All settings at once. */
static int restore_settings(struct netlink *nl, const struct settings *settings,
			    const struct settings *before)
{
	struct settings all = *settings;

	settings_fill(&all);
	/* An older module does not know them all. */
	for (unsigned int i = 1; i <= SIPALG_SETTING_MAX; i++)
		all.has[i] = before->has[i] || settings->has[i];
	return netlink_settings_set(nl, &all);
}

/**
 * snapshot_restore() - set all that is in a snapshot, and what is not to what
 * it initially is
 * @nl: the way to the module
 * @snapshot: the snapshot
 * @name: where it is from, for the complaint
 * @now: end the dialogs that it takes the ALG from
 *
 * The kernel takes all the policies at once, or none of them; if it refuses
 * these, the settings go back.
 *
 * Return: 0, or -1 after having told why not.
 */
int snapshot_restore(struct netlink *nl, const struct snapshot *snapshot,
		     const char *name, bool now)
{
	struct settings before;

	if (netlink_settings_get(nl, &before) ||
	    restore_settings(nl, &snapshot->settings, &before)) {
		complain("%s: %s", name, netlink_words(nl));
		return -1;
	}
	if (!netlink_policy_restore(nl, snapshot->list, snapshot->count, now))
		return 0;
	complain("%s: %s", name, netlink_words(nl));
	if (netlink_settings_set(nl, &before))
		complain("%s: settings: %s", name, netlink_words(nl));
	return -1;
}

/**
 * snapshot_print() - print a snapshot in the form that `policy restore` takes
 * @file: where to
 * @snapshot: the snapshot
 *
 * Settings that are as they initially are need no line.
 *
 * Return: 0, or -1 after having told why not.
 */
int snapshot_print(FILE *file, const struct snapshot *snapshot)
{
	char scope[SCOPE_TEXT_LEN], value[SETTING_TEXT_LEN];

	for (size_t i = 0; i < snapshot->count; i++) {
		const struct policy *policy = &snapshot->list[i];
		const char *mode = NULL;

		if (HAS(policy, SIPALG_POLICY_MODE))
			mode = mode_name(policy->mode);
		scope_text(&policy->scope, scope);
		if (!mode) {
			complain(
				"%s has a mode that this version does not know",
				scope);
			return -1;
		}
		fprintf(file, "set %s %s\n", scope, mode);
	}
	for (unsigned int i = 1; i <= SIPALG_SETTING_MAX; i++)
		if (snapshot->settings.has[i] &&
		    !setting_is_initial(&snapshot->settings, i))
			fprintf(file, "setting %s %s\n", setting_name(i),
				setting_text(&snapshot->settings, i, value));
	return 0;
}

/**
 * snapshot_is_initial() - is everything as when the module was loaded?
 * @snapshot: the snapshot
 */
bool snapshot_is_initial(const struct snapshot *snapshot)
{
	if (snapshot->count != 1 || snapshot->list->mode != SIPALG_MODE_RULE)
		return false;
	for (unsigned int i = 1; i <= SIPALG_SETTING_MAX; i++)
		if (snapshot->settings.has[i] &&
		    !setting_is_initial(&snapshot->settings, i))
			return false;
	return true;
}

/**
 * snapshot_acts() - does any policy make the ALG act, firewall rules aside?
 * @snapshot: the snapshot
 */
bool snapshot_acts(const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->count; i++)
		if (snapshot->list[i].mode != SIPALG_MODE_RULE &&
		    snapshot->list[i].mode != SIPALG_MODE_OFF)
			return true;
	return false;
}
