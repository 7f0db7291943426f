// SPDX-License-Identifier: GPL-2.0

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "netlink.h"
#include "print.h"
#include "settings.h"
#include "tool.h"
#include "words.h"

static const char *const media_sources[] = {
	[SIPALG_MEDIA_ANY] = "any",
	[SIPALG_MEDIA_SIGNALLED] = "signalled",
};

static const char *const registration_sources[] = {
	[SIPALG_REGISTRATION_REGISTRAR] = "registrar",
	[SIPALG_REGISTRATION_ANY] = "any",
};

static const struct setting {
	const char *name;
	uint32_t initial;
	/* the words for 0 and 1; NULL: it is a number */
	const char *const *values;
} table[SIPALG_SETTING_MAX + 1] = {
	[SIPALG_SETTING_SIP_PORTS] = { .name = "sip-ports" },
#define X(id, name_, initial_, least, greatest, doc)				\
	[SIPALG_SETTING_##id] = {						\
		.name = name_,							\
		.initial = initial_,						\
		.values = SIPALG_SETTING_##id == SIPALG_SETTING_MEDIA_SOURCE ?	\
				media_sources :					\
			  SIPALG_SETTING_##id == SIPALG_SETTING_REGISTRATION_SOURCE ? \
				registration_sources : NULL,			\
	},
	SIPALG_SETTINGS(X)
#undef X
};

#define SIP_PORT 5060

/* "5060" or "5060,5080" */
static int parse_ports(struct settings *settings, struct words *words)
{
	char *list, *port, *rest;
	const char *word = words_next(words);
	uint64_t number;
	int err = 0;

	if (!word)
		return words_fail(words,
				  "the ports are missing: PORT[,PORT...]");
	list = strdup(word);
	if (!list)
		return words_fail(words, "not enough memory");
	settings->n_ports = 0;
	rest = list;
	while (!err && (port = strsep(&rest, ","))) {
		struct words one = { .next = (char *[]){ port, NULL } };

		if (settings->n_ports == SIPALG_SIP_PORTS_MAX)
			err = words_fail(words, "'%s' are more than %d ports",
					 word, SIPALG_SIP_PORTS_MAX);
		else if (words_number(&one, "a port", UINT16_MAX, &number))
			err = words_fail(words, "%s", one.error);
		else
			settings->ports[settings->n_ports++] = number;
	}
	free(list);
	return err;
}

static int parse_value(struct settings *settings, unsigned int setting,
		       struct words *words)
{
	const char *const *values = table[setting].values;
	uint64_t number;
	const char *word;

	if (!values) {
		if (words_number(words, "a value", UINT32_MAX, &number))
			return -1;
		settings->value[setting] = number;
		return 0;
	}
	word = words_next(words);
	if (!word)
		return words_fail(words, "the value is missing: %s or %s",
				  values[0], values[1]);
	for (number = 0; number < 2; number++) {
		if (!strcmp(word, values[number])) {
			settings->value[setting] = number;
			return 0;
		}
	}
	return words_fail(words, "'%s' is neither %s nor %s", word, values[0],
			  values[1]);
}

static void set_initial(struct settings *settings, unsigned int setting)
{
	settings->has[setting] = true;
	settings->value[setting] = table[setting].initial;
	if (setting == SIPALG_SETTING_SIP_PORTS) {
		settings->ports[0] = SIP_PORT;
		settings->n_ports = 1;
	}
}

/**
 * setting_parse() - read the name of a setting and its value, or default
 * @settings: it is filled in there
 * @setting: set to its number
 * @words: where from
 *
 * What values make sense is for the kernel to say.
 *
 * Return: 0, or -1 with words->error.
 */
int setting_parse(struct settings *settings, unsigned int *setting,
		  struct words *words)
{
	const char *name = words_next(words);

	if (!name)
		return words_fail(words, "the name of the setting is missing");
	for (*setting = 1; *setting <= SIPALG_SETTING_MAX; ++*setting)
		if (!strcmp(name, table[*setting].name))
			break;
	if (*setting > SIPALG_SETTING_MAX)
		return words_fail(
			words,
			"there is no setting '%s'; see 'sipalg show settings'",
			name);
	if (words_take(words, "default")) {
		set_initial(settings, *setting);
		return 0;
	}
	settings->has[*setting] = true;
	if (*setting == SIPALG_SETTING_SIP_PORTS)
		return parse_ports(settings, words);
	return parse_value(settings, *setting, words);
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

/**
 * setting_text() - value of a setting in the word that setting_parse() takes
 * @settings: where it is
 * @setting: which one
 * @text: room for it
 *
 * Return: the word.
 */
const char *setting_text(const struct settings *settings, unsigned int setting,
			 char text[SETTING_TEXT_LEN])
{
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
	if (table[setting].values && value < 2)
		return table[setting].values[value];
	snprintf(text, SETTING_TEXT_LEN, "%u", value);
	return text;
}

/**
 * setting_is_initial() - is a setting as it was when the module was loaded?
 * @settings: where it is
 * @setting: which one
 */
bool setting_is_initial(const struct settings *settings, unsigned int setting)
{
	if (setting == SIPALG_SETTING_SIP_PORTS)
		return settings->n_ports == 1 && settings->ports[0] == SIP_PORT;
	return settings->value[setting] == table[setting].initial;
}

/**
 * settings_fill() - make those that are not there what they initially are
 * @settings: the settings
 */
void settings_fill(struct settings *settings)
{
	for (unsigned int i = 1; i <= SIPALG_SETTING_MAX; i++)
		if (!settings->has[i])
			set_initial(settings, i);
}

static void print_ports(struct print *out, const struct settings *settings)
{
	print_array(out, setting_name(SIPALG_SETTING_SIP_PORTS));
	for (size_t i = 0; i < settings->n_ports; i++)
		print_number(out, PRINT_JSON, NULL, settings->ports[i]);
	print_array_end(out);
}

static void print_setting(struct print *out, const struct settings *settings,
			  unsigned int setting)
{
	char text[SETTING_TEXT_LEN];
	const char *word = setting_text(settings, setting, text);

	print_word(out, setting_name(setting));
	print_word(out, word);
	print_newline(out);
	if (setting == SIPALG_SETTING_SIP_PORTS)
		print_ports(out, settings);
	else if (table[setting].values)
		print_string(out, PRINT_JSON, setting_name(setting), word);
	else
		print_number(out, PRINT_JSON, setting_name(setting),
			     settings->value[setting]);
}

int verb_show_settings(struct tool *tool, struct words *words)
{
	struct settings settings;
	struct print out;
	int status;

	if (words_end(words))
		return tool_wrong_usage(tool, words);
	status = tool_connect(tool);
	if (status)
		return status;
	if (netlink_settings_get(tool->nl, &settings))
		return tool_refused(tool);
	print_begin(&out, tool->json, PRINT_ITEM);
	print_item(&out);
	for (unsigned int i = 1; i <= SIPALG_SETTING_MAX; i++)
		if (settings.has[i])
			print_setting(&out, &settings, i);
	print_item_end(&out);
	return print_end(&out);
}

int verb_set(struct tool *tool, struct words *words)
{
	struct settings settings = {};
	unsigned int setting;
	int status;

	if (setting_parse(&settings, &setting, words) || words_end(words))
		return tool_wrong_usage(tool, words);
	status = tool_connect(tool);
	if (status)
		return status;
	return netlink_settings_set(tool->nl, &settings) ? tool_refused(tool) :
							   STATUS_DONE;
}
