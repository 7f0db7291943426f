// SPDX-License-Identifier: GPL-2.0

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "args.h"
#include "nf_sipalg.h"
#include "scope.h"

#define SCOPE_USAGE "default, zone ID, dev IFNAME or zone ID dev IFNAME"
#define MODE_USAGE "off, observe, on or rule"

static const char *const mode_names[] = {
	[SIPALG_MODE_OFF] = "off",
	[SIPALG_MODE_OBSERVE] = "observe",
	[SIPALG_MODE_ON] = "on",
	[SIPALG_MODE_RULE] = "rule",
};

static int zone_parse(struct scope *scope, struct args *args)
{
	uint64_t zone;

	if (scope->has_zone && *args->next)
		return args_fail(args, "a second zone: '%s'", *args->next);
	if (args_number(args, "the ID of a zone", UINT16_MAX, &zone))
		return -1;
	scope->has_zone = true;
	scope->zone = zone;
	return 0;
}

/* As dev_valid_name() of the kernel. No device can have another name. */
static bool dev_valid(const char *name)
{
	size_t len = strlen(name);

	if (!len || len >= IFNAMSIZ || !strcmp(name, ".") ||
	    !strcmp(name, ".."))
		return false;
	for (; *name; name++)
		if (*name == '/' || *name == ':' ||
		    isspace((unsigned char)*name))
			return false;
	return true;
}

static int dev_parse(struct scope *scope, struct args *args)
{
	const char *word = args_next(args);

	if (!word)
		return args_fail(args, "the name of the device is missing");
	if (*scope->dev)
		return args_fail(args, "a second device: '%s'", word);
	if (!dev_valid(word))
		return args_fail(args, "'%s' cannot be the name of a device",
				 word);
	strcpy(scope->dev, word);
	return 0;
}

/**
 * scope_parse() - read a scope
 * @scope: filled in
 * @args: the words
 *
 * Return: 0, or -1 with args->error.
 */
int scope_parse(struct scope *scope, struct args *args)
{
	*scope = (struct scope){};

	if (args_take(args, "default"))
		return 0;
	if (!*args->next)
		return args_fail(args, "the scope is missing: " SCOPE_USAGE);
	for (;;) {
		if (args_take(args, "zone")) {
			if (zone_parse(scope, args))
				return -1;
		} else if (args_take(args, "dev")) {
			if (dev_parse(scope, args))
				return -1;
		} else {
			break;
		}
	}
	if (scope_is_default(scope))
		return args_fail(args, "'%s' is not a scope: " SCOPE_USAGE,
				 *args->next);
	return 0;
}

/**
 * scope_text() - a scope in the words that scope_parse() takes
 * @scope: the scope
 * @text: filled in
 *
 * Return: @text.
 */
const char *scope_text(const struct scope *scope, char text[SCOPE_TEXT_LEN])
{
	int len = 0;

	if (scope_is_default(scope))
		return strcpy(text, "default");
	if (scope->has_zone)
		len = snprintf(text, SCOPE_TEXT_LEN, "zone %u", scope->zone);
	if (*scope->dev)
		snprintf(text + len, SCOPE_TEXT_LEN - len, "%sdev %s",
			 len ? " " : "", scope->dev);
	return text;
}

static unsigned int specificity(const struct scope *scope)
{
	return (*scope->dev ? 2 : 0) + scope->has_zone;
}

/**
 * scope_compare() - which of two scopes comes first in a list
 * @a: one
 * @b: the other
 *
 * Return: as strcmp(); the less specific one comes first.
 */
int scope_compare(const struct scope *a, const struct scope *b)
{
	if (specificity(a) != specificity(b))
		return specificity(a) < specificity(b) ? -1 : 1;
	if (a->zone != b->zone)
		return a->zone < b->zone ? -1 : 1;
	return strcmp(a->dev, b->dev);
}

bool scope_is_default(const struct scope *scope)
{
	return !scope->has_zone && !*scope->dev;
}

/**
 * mode_parse() - read a mode
 * @mode: filled in
 * @args: the words
 *
 * The kernel decides whether the scope can have the mode.
 *
 * Return: 0, or -1 with args->error.
 */
int mode_parse(uint32_t *mode, struct args *args)
{
	const char *word = args_next(args);

	if (!word)
		return args_fail(args, "the mode is missing: " MODE_USAGE);
	for (*mode = 0; *mode <= SIPALG_MODE_MAX; ++*mode)
		if (!strcmp(word, mode_names[*mode]))
			return 0;
	return args_fail(args, "'%s' is not a mode: " MODE_USAGE, word);
}

/**
 * mode_name() - name of a mode
 * @mode: its number
 *
 * Return: its name, or NULL for a mode of a newer module.
 */
const char *mode_name(uint32_t mode)
{
	return mode <= SIPALG_MODE_MAX ? mode_names[mode] : NULL;
}
