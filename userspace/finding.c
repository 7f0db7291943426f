// SPDX-License-Identifier: GPL-2.0

#include <stdarg.h>
#include <stdio.h>

#include "finding.h"

/* A line below the finding's text. */
static void line_add(struct print *out, const char *sign, const char *key,
		     const char *text)
{
	print_newline(out);
	print_width(out, -7);
	print_word(out, "");
	print_word(out, sign);
	print_string(out, PRINT_ANY, key, text);
}

/**
 * finding_add() - print a finding
 * @findings: all findings of the run
 * @finding: the finding
 * @format: its text, as for printf()
 */
void finding_add(struct findings *findings, const struct finding *finding,
		 const char *format, ...)
{
	static const char *const levels[] = { "good", "note", "problem" };
	static const enum print_color colors[] = {
		PRINT_GREEN, PRINT_YELLOW, PRINT_RED
	};
	struct print *out = &findings->out;
	char text[384];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	findings->problems += finding->level == LEVEL_PROBLEM;

	print_item(out);
	print_string(out, PRINT_JSON, "name", finding->name);
	print_width(out, -7);
	print_color(out, colors[finding->level]);
	print_string(out, PRINT_ANY, "level", levels[finding->level]);
	print_string(out, PRINT_ANY, "text", text);
	if (finding->evidence)
		line_add(out, "by", "evidence", finding->evidence);
	if (finding->advice)
		line_add(out, "->", "advice", finding->advice);
	if (finding->command)
		line_add(out, "#", "command", finding->command);
	print_item_end(out);
}
