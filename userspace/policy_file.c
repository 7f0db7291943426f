// SPDX-License-Identifier: GPL-2.0
/*
 * Policies and settings as text: lines of "set SCOPE MODE" and "setting NAME
 * VALUE". Empty lines and those that begin with '#' mean nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"
#include "netlink.h"
#include "policy.h"
#include "snapshot.h"
#include "tool.h"
#include "words.h"

/* More words than any line can have. */
#define LINE_WORDS 16

struct line {
	unsigned int number;
	struct scope scope;
	uint32_t mode;
};

struct file {
	const char *name;
	struct line *lines;
	size_t count;
	struct settings settings;
};

int verb_policy_save(struct tool *tool, struct words *words)
{
	struct snapshot snapshot;
	int status;

	if (tool->json)
		words_fail(
			words,
			"what 'policy restore' takes is no JSON: see 'policy show'");
	if (tool->json || words_end(words))
		return tool_wrong_usage(tool, words);
	status = tool_connect(tool);
	if (status)
		return status;
	if (snapshot_take(tool->nl, &snapshot))
		return tool_refused(tool);
	if (snapshot_print(stdout, &snapshot))
		status = STATUS_REFUSED;
	snapshot_free(&snapshot);
	return status;
}

/* Returns 0, or -1 with words->error; so do the others. */
static int parse_setting(struct file *file, struct words *words)
{
	struct settings before = file->settings;
	unsigned int setting;

	if (setting_parse(&file->settings, &setting, words) || words_end(words))
		return -1;
	if (before.has[setting])
		return words_fail(words, "%s is set already",
				  setting_name(setting));
	return 0;
}

static int parse_set(struct line *line, struct words *words)
{
	if (scope_parse(&line->scope, words) ||
	    mode_parse(&line->mode, words) || words_end(words))
		return -1;
	/* The kernel refuses it too, but cannot tell the line. */
	if (line->mode == SIPALG_MODE_RULE && !scope_is_default(&line->scope))
		return words_fail(words,
				  "rule is a mode for the default scope alone");
	return 0;
}

static const struct line *find_scope(const struct file *file,
				     const struct scope *scope)
{
	for (size_t i = 0; i < file->count; i++)
		if (!scope_compare(&file->lines[i].scope, scope))
			return &file->lines[i];
	return NULL;
}

static int add_line(struct file *file, struct words *words,
		    const struct line *line)
{
	const struct line *same = find_scope(file, &line->scope);
	struct line *lines;

	if (same)
		return words_fail(words, "the scope is in line %u already",
				  same->number);
	lines = reallocarray(file->lines, file->count + 1, sizeof(*lines));
	if (!lines)
		return words_fail(words, "not enough memory");
	lines[file->count++] = *line;
	file->lines = lines;
	return 0;
}

/* @text is cut into its words. */
static int parse_line(struct file *file, struct words *words,
		      unsigned int number, char *text, size_t len)
{
	char *list[LINE_WORDS + 1] = {}, *rest;
	struct line line = { .number = number };
	size_t n = 0;

	if (strlen(text) != len)
		return words_fail(words, "not a text");
	text += strspn(text, " \t\r\n");
	if (!*text || *text == '#')
		return 0;
	for (text = strtok_r(text, " \t\r\n", &rest); text && n < LINE_WORDS;
	     text = strtok_r(NULL, " \t\r\n", &rest))
		list[n++] = text;
	words->next = list;
	if (words_take(words, "setting"))
		return parse_setting(file, words);
	if (!words_take(words, "set"))
		return words_fail(words, "'%s' is neither 'set' nor 'setting'",
				  *list);
	if (parse_set(&line, words))
		return -1;
	return add_line(file, words, &line);
}

static int read_file(struct file *file)
{
	bool is_stdin = !strcmp(file->name, "-");
	FILE *input = is_stdin ? stdin : fopen(file->name, "re");
	int status = STATUS_DONE;
	unsigned int number = 0;
	struct words words;
	char *text = NULL;
	size_t size = 0;
	ssize_t len;

	if (!input) {
		complain("%s: %m", file->name);
		return STATUS_REFUSED;
	}
	while (!status && (len = getline(&text, &size, input)) >= 0) {
		if (parse_line(file, &words, ++number, text, len)) {
			complain("%s:%u: %s", file->name, number, words.error);
			status = STATUS_USAGE;
		}
	}
	if (!status && !feof(input)) {
		complain("%s: %m", file->name);
		status = STATUS_REFUSED;
	}
	free(text);
	if (!is_stdin)
		fclose(input);
	return status;
}

static int apply(struct tool *tool, const struct file *file, bool now)
{
	struct snapshot snapshot = {
		.list = calloc(file->count + 1, sizeof(*snapshot.list)),
		.count = file->count,
		.settings = file->settings,
	};
	int status = STATUS_DONE;

	if (!snapshot.list) {
		complain("not enough memory");
		return STATUS_REFUSED;
	}
	for (size_t i = 0; i < file->count; i++) {
		snapshot.list[i].scope = file->lines[i].scope;
		snapshot.list[i].mode = file->lines[i].mode;
	}
	if (snapshot_restore(tool->nl, &snapshot, file->name, now))
		status = STATUS_REFUSED;
	for (size_t i = 0; i < file->count && !status; i++)
		policy_note(&snapshot.list[i].scope);
	snapshot_free(&snapshot);
	return status;
}

int verb_policy_restore(struct tool *tool, struct words *words)
{
	bool now = words_take(words, "--now");
	struct file file = {};
	int status;

	if (words_take(words, "-f"))
		file.name = words_next(words);
	now = now || words_take(words, "--now");
	if (!file.name)
		words_fail(words, "the file is missing: -f FILE");
	if (!file.name || words_end(words))
		return tool_wrong_usage(tool, words);
	status = read_file(&file);
	if (!status)
		status = tool_connect(tool);
	if (!status)
		status = apply(tool, &file, now);
	free(file.lines);
	return status;
}
