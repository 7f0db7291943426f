// SPDX-License-Identifier: GPL-2.0

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "args.h"
#include "match.h"
#include "networks.h"
#include "settings.h"

static const char *const media_sources[] = {
	[SIPALG_MEDIA_ANY] = "any",
	[SIPALG_MEDIA_SIGNALLED] = "signalled",
	NULL
};

static const char *const registration_sources[] = {
	[SIPALG_REGISTRATION_REGISTRAR] = "registrar",
	[SIPALG_REGISTRATION_ANY] = "any",
	NULL
};

static const char *const log_names[] = {
	[SIPALG_LOG_NAMES_NONE] = "none",
	[SIPALG_LOG_NAMES_USERS] = "users",
	[SIPALG_LOG_NAMES_FULL] = "full",
	NULL
};

static const char *const ice[] = {
	[SIPALG_ICE_PASS] = "pass",
	[SIPALG_ICE_HELP] = "help",
	NULL
};

#define X(id, name_, initial_, least_, greatest_, doc_)		\
	[SIPALG_SETTING_##id] = {				\
		.name = name_,					\
		.initial = initial_,				\
		.least = least_,				\
		.greatest = greatest_,				\
		.doc = doc_,					\
	},
static const struct setting table[SIPALG_SETTING_VALUE_MAX + 1] = {
	SIPALG_SETTINGS(X)
	[SIPALG_SETTING_SIP_PORTS] = {
		.name = "sip-ports",
		.doc = "ports of servers: flows to them get the helper",
	},
};
#undef X

/**
 * setting_names() - the words for the values of a setting
 * @setting: number of the setting
 *
 * Return: the words for 0, 1 and so on, NULL behind the last; or NULL if the
 * value of the setting is a number.
 */
const char *const *setting_names(unsigned int setting)
{
	switch (setting) {
	case SIPALG_SETTING_MEDIA_SOURCE:
		return media_sources;
	case SIPALG_SETTING_REGISTRATION_SOURCE:
		return registration_sources;
	case SIPALG_SETTING_LOG_NAMES:
		return log_names;
	case SIPALG_SETTING_ICE:
		return ice;
	default:
		return NULL;
	}
}

/**
 * setting_range() - the values that a setting can have
 * @setting: number of the setting
 * @text: room for them
 *
 * Return: a text for people.
 */
const char *setting_range(unsigned int setting, char text[SETTING_TEXT_LEN])
{
	const char *const *names = setting_names(setting);
	size_t len = 0;

	if (setting == SIPALG_SETTING_SIP_PORTS) {
		snprintf(text, SETTING_TEXT_LEN, "1 to %d ports",
			 SIPALG_SIP_PORTS_MAX);
		return text;
	}
	if (setting == SIPALG_SETTING_REGISTRATION_SOURCE) {
		snprintf(text, SETTING_TEXT_LEN, "%s[,NETWORK...] | %s",
			 names[SIPALG_REGISTRATION_REGISTRAR],
			 names[SIPALG_REGISTRATION_ANY]);
		return text;
	}
	if (!names) {
		snprintf(text, SETTING_TEXT_LEN, "%" PRIu32 " to %" PRIu32,
			 table[setting].least, table[setting].greatest);
		return text;
	}
	for (size_t i = 0; names[i]; i++)
		len += snprintf(text + len, SETTING_TEXT_LEN - len, "%s%s",
				i ? " | " : "", names[i]);
	return text;
}

/* "5060" or "5060,5080" */
static int parse_ports(struct settings *settings, struct args *args)
{
	char *list, *port, *rest;
	const char *word = args_next(args);
	uint64_t number;
	int err = 0;

	if (!word)
		return args_fail(args,
				 "the ports are missing: PORT[,PORT...]");
	list = strdup(word);
	if (!list)
		return args_fail(args, "not enough memory");
	settings->n_ports = 0;
	rest = list;
	while (!err && (port = strsep(&rest, ","))) {
		struct args one = { .next = (char *[]){ port, NULL } };

		if (settings->n_ports == SIPALG_SIP_PORTS_MAX)
			err = args_fail(args, "'%s' are more than %d ports",
					word, SIPALG_SIP_PORTS_MAX);
		else if (args_number(&one, "a port", UINT16_MAX, &number))
			err = args_fail(args, "%s", one.error);
		else
			settings->ports[settings->n_ports++] = number;
	}
	free(list);
	return err;
}

static int parse_network(struct settings *settings, const char *text,
			 struct args *args)
{
	struct sipalg_network *network =
		&settings->networks[settings->n_networks];

	if (settings->n_networks == SIPALG_NETWORKS_MAX)
		return args_fail(args, "more than %d networks",
				 SIPALG_NETWORKS_MAX);
	if (!network_parse(network, text))
		return args_fail(args,
				 "'%s' is neither registrar, any nor a network",
				 text);
	settings->n_networks++;
	return 0;
}

/* "registrar", "any", or "registrar,198.51.100.0/24" */
static int parse_source(struct settings *settings, struct args *args)
{
	const char *word = args_next(args);
	char text[SETTING_TEXT_LEN];
	char *list, *part, *rest;
	int err = 0;

	settings->value[SIPALG_SETTING_REGISTRATION_SOURCE] =
		SIPALG_REGISTRATION_REGISTRAR;
	settings->n_networks = 0;
	settings->has_networks = true;
	if (!word)
		return args_fail(args, "the value is missing: %s",
				 setting_range(SIPALG_SETTING_REGISTRATION_SOURCE,
					       text));
	if (!strcmp(word, "any")) {
		settings->value[SIPALG_SETTING_REGISTRATION_SOURCE] =
			SIPALG_REGISTRATION_ANY;
		return 0;
	}
	list = strdup(word);
	if (!list)
		return args_fail(args, "not enough memory");
	rest = list;
	while (!err && (part = strsep(&rest, ",")))
		if (part != list || strcmp(part, "registrar"))
			err = parse_network(settings, part, args);
	free(list);
	return err;
}

static int parse_value(struct settings *settings, unsigned int setting,
		       struct args *args)
{
	const char *const *values = setting_names(setting);
	char text[SETTING_TEXT_LEN];
	uint64_t number;
	const char *word;

	if (!*args->next)
		return args_fail(args, "the value is missing: %s",
				 setting_range(setting, text));
	if (!values) {
		if (args_number(args, "a value", UINT32_MAX, &number))
			return -1;
		settings->value[setting] = number;
		return 0;
	}
	word = args_next(args);
	for (number = 0; values[number]; number++) {
		if (!strcmp(word, values[number])) {
			settings->value[setting] = number;
			return 0;
		}
	}
	return args_fail(args, "'%s' is none of %s", word,
			 setting_range(setting, text));
}

static void set_initial(struct settings *settings, unsigned int setting)
{
	settings->has[setting] = true;
	settings->value[setting] = table[setting].initial;
	if (setting == SIPALG_SETTING_REGISTRATION_SOURCE) {
		settings->n_networks = 0;
		settings->has_networks = true;
	}
	if (setting == SIPALG_SETTING_SIP_PORTS) {
		settings->ports[0] = SIP_PORT;
		settings->n_ports = 1;
	}
}

/**
 * setting_find() - find a setting by its name or an abbreviation
 * @match: the search, for match_hint() if there is no such setting
 * @word: the word
 * @setting: set to the number of the setting
 *
 * Return: whether there is one.
 */
bool setting_find(struct match *match, const char *word, unsigned int *setting)
{
	const char *name;

	match_begin(match, word);
	for (unsigned int i = 1; i <= SIPALG_SETTING_VALUE_MAX; i++)
		match_try(match, table[i].name);
	name = match_end(match);
	for (*setting = 1; *setting <= SIPALG_SETTING_VALUE_MAX; ++*setting)
		if (table[*setting].name == name)
			return true;
	return false;
}

/**
 * setting_parse() - read the name of a setting and its value, or default
 * @settings: the value is put there
 * @setting: set to its number
 * @args: the words
 *
 * The kernel decides which values are valid.
 *
 * Return: 0, or -1 with args->error.
 */
int setting_parse(struct settings *settings, unsigned int *setting,
		  struct args *args)
{
	const char *name = args_next(args);
	struct match match;
	char hint[160];

	if (!name)
		return args_fail(args, "the name of the setting is missing");
	if (!setting_find(&match, name, setting) || !match.exact) {
		match_hint(&match, hint, sizeof(hint));
		return args_fail(args, "there is no setting '%s'%s", name,
				 *hint ? hint : "; see 'sipalg help settings'");
	}
	if (args_take(args, "default")) {
		set_initial(settings, *setting);
		return 0;
	}
	settings->has[*setting] = true;
	if (*setting == SIPALG_SETTING_SIP_PORTS)
		return parse_ports(settings, args);
	if (*setting == SIPALG_SETTING_REGISTRATION_SOURCE)
		return parse_source(settings, args);
	return parse_value(settings, *setting, args);
}

/**
 * setting_info() - name, range and meaning of a setting
 * @setting: its number
 */
const struct setting *setting_info(unsigned int setting)
{
	return &table[setting];
}

/**
 * setting_name() - name of a setting
 * @setting: its number
 *
 * Return: the name that setting_parse() takes.
 */
const char *setting_name(unsigned int setting)
{
	return table[setting].name;
}

/* Networks beside the registrar. */
static const char *source_text(const struct settings *settings,
			       char text[SETTING_TEXT_LEN])
{
	char network[NETWORK_TEXT_LEN];
	int len;

	len = snprintf(text, SETTING_TEXT_LEN, "%s",
		       registration_sources[SIPALG_REGISTRATION_REGISTRAR]);
	for (size_t i = 0; i < settings->n_networks; i++)
		len += snprintf(text + len, SETTING_TEXT_LEN - len, ",%s",
				network_text(&settings->networks[i], network));
	return text;
}

/**
 * setting_text() - value of a setting, as setting_parse() takes it
 * @settings: the settings
 * @setting: number of the setting
 * @text: room for the value
 *
 * Return: the value.
 */
const char *setting_text(const struct settings *settings, unsigned int setting,
			 char text[SETTING_TEXT_LEN])
{
	const char *const *names = setting_names(setting);
	uint32_t value = settings->value[setting];
	int len = 0;

	if (setting == SIPALG_SETTING_SIP_PORTS) {
		*text = '\0';
		for (size_t i = 0; i < settings->n_ports; i++)
			len += snprintf(text + len, SETTING_TEXT_LEN - len,
					"%s%u", i ? "," : "",
					settings->ports[i]);
		return text;
	}
	if (setting == SIPALG_SETTING_REGISTRATION_SOURCE &&
	    settings->n_networks)
		return source_text(settings, text);
	for (size_t i = 0; names && names[i]; i++)
		if (i == value)
			return names[i];
	snprintf(text, SETTING_TEXT_LEN, "%u", value);
	return text;
}

/**
 * setting_is_initial() - is a setting as it was when the module was loaded?
 * @settings: the settings
 * @setting: number of the setting
 */
bool setting_is_initial(const struct settings *settings, unsigned int setting)
{
	if (setting == SIPALG_SETTING_SIP_PORTS)
		return settings->n_ports == 1 && settings->ports[0] == SIP_PORT;
	if (setting == SIPALG_SETTING_REGISTRATION_SOURCE &&
	    settings->n_networks)
		return false;
	return settings->value[setting] == table[setting].initial;
}

/**
 * settings_fill() - give missing settings their initial values
 * @settings: the settings
 */
void settings_fill(struct settings *settings)
{
	for (unsigned int i = 1; i <= SIPALG_SETTING_VALUE_MAX; i++)
		if (!settings->has[i])
			set_initial(settings, i);
}
