// SPDX-License-Identifier: GPL-2.0

#include "args.h"
#include "netlink.h"
#include "print.h"
#include "settings.h"
#include "tool.h"
#include "verb.h"

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
	else if (setting_names(setting))
		print_string(out, PRINT_JSON, setting_name(setting), word);
	else
		print_number(out, PRINT_JSON, setting_name(setting),
			     settings->value[setting]);
}

int verb_settings_show(struct tool *tool, struct args *args)
{
	struct settings settings;
	struct print out;
	int status;

	if (args_end(args))
		return tool_wrong_usage(tool, args);
	status = tool_connect(tool);
	if (status)
		return status;
	if (netlink_settings_get(tool->nl, &settings))
		return tool_refused(tool);
	print_begin(&out, tool, PRINT_ITEM);
	print_item(&out);
	for (unsigned int i = 1; i <= SIPALG_SETTING_VALUE_MAX; i++)
		if (settings.has[i])
			print_setting(&out, &settings, i);
	print_item_end(&out);
	return print_end(&out);
}

int verb_settings_set(struct tool *tool, struct args *args)
{
	struct settings settings = {};
	unsigned int setting;
	int status;

	if (setting_parse(&settings, &setting, args) || args_end(args))
		return tool_wrong_usage(tool, args);
	status = tool_connect(tool);
	if (status)
		return status;
	if (netlink_settings_set(tool->nl, &settings))
		return tool_refused(tool);
	return STATUS_DONE;
}
