// SPDX-License-Identifier: GPL-2.0
/*
 * Policies and settings as text: lines "set SCOPE MODE OPTIONS" and
 * "setting NAME VALUE". Empty lines and lines that begin with '#' are ignored.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "args.h"
#include "config.h"
#include "netlink.h"
#include "options.h"
#include "policy.h"
#include "report.h"
#include "tool.h"
#include "verb.h"

/* More words than any line can have. */
#define LINE_WORDS 16

struct line {
	unsigned int number;
	struct policy policy;
};

struct file {
	const char *name;
	struct line *lines;
	size_t count;
	struct settings settings;
};

/* Return: 0; or -1 after an error message. */
static int file_sync(FILE *file, const char *name)
{
	if (!fflush(file) && !ferror(file) && !fsync(fileno(file)))
		return 0;
	error("%s: %m", name);
	return -1;
}

/* A file keeps its owner and mode; a new one is for all to read. */
static void owner_keep(int fd, const char *name)
{
	struct stat before;

	if (stat(name, &before)) {
		fchmod(fd, 0644);
		return;
	}
	/* Of a file that is another's, the mode is not for this owner. */
	if (!fchown(fd, before.st_uid, before.st_gid))
		fchmod(fd, before.st_mode & 07777);
}

/*
 * Replaces a file in one step: whoever reads it gets the old one or the new
 * one, also after a power failure.
 */
static int file_replace(const struct config *config, const char *name)
{
	char *temporary = NULL;
	int status = -1, fd;
	FILE *file;

	if (asprintf(&temporary, "%s.XXXXXX", name) < 0) {
		error("not enough memory");
		return -1;
	}
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0) {
		error("%s: %m", name);
		free(temporary);
		return -1;
	}
	owner_keep(fd, name);
	file = fdopen(fd, "w");
	if (!file)
		close(fd);
	if (file && !config_print(file, config) && !file_sync(file, name))
		status = 0;
	if (file)
		fclose(file);
	if (!status && rename(temporary, name)) {
		error("%s: %m", name);
		status = -1;
	}
	if (status)
		unlink(temporary);
	free(temporary);
	return status;
}

/* A pipe or a device is written to: another in its place would be the end of it. */
static int device_write(const struct config *config, const char *name)
{
	FILE *file = fopen(name, "we");
	int status;

	if (!file) {
		error("%s: %m", name);
		return -1;
	}
	status = config_print(file, config);
	if (fclose(file) && !status) {
		error("%s: %m", name);
		status = -1;
	}
	return status;
}

static int file_write(const struct config *config, const char *name)
{
	struct stat before;
	char *target;
	int status;

	if (!stat(name, &before) && !S_ISREG(before.st_mode))
		return device_write(config, name);
	/* A link stays; what it leads to is replaced. */
	target = realpath(name, NULL);
	status = file_replace(config, target ? target : name);
	free(target);
	return status;
}

int verb_policy_save(struct tool *tool, struct args *args)
{
	const char *name = "-";
	struct config config;
	int status, failed;

	if (tool->json) {
		args_fail(args, "what 'policy restore' takes is no JSON: "
				"see 'policy show'");
		return tool_wrong_usage(tool, args);
	}
	if (args_take(args, "-f"))
		name = args_next(args);
	if (!name)
		args_fail(args, "the file is missing: -f FILE");
	if (!name || args_end(args))
		return tool_wrong_usage(tool, args);
	status = tool_connect(tool);
	if (status)
		return status;
	if (config_take(tool->nl, &config))
		return tool_refused(tool);
	failed = strcmp(name, "-") ? file_write(&config, name) :
				     config_print(stdout, &config);
	config_free(&config);
	return failed ? STATUS_REFUSED : STATUS_DONE;
}

/* As all below, returns 0, or -1 with args->error. */
static int parse_setting(struct file *file, struct args *args)
{
	struct settings before = file->settings;
	unsigned int setting;

	if (setting_parse(&file->settings, &setting, args) || args_end(args))
		return -1;
	if (before.has[setting])
		return args_fail(args, "%s is set already",
				 setting_name(setting));
	return 0;
}

static int parse_set(struct line *line, struct args *args)
{
	struct policy *policy = &line->policy;

	if (scope_parse(&policy->scope, args) ||
	    mode_parse(&policy->mode, args) ||
	    options_parse(policy, args, NULL) || args_end(args))
		return -1;
	/* The kernel checks this too, but does not know the line's number. */
	if (policy->mode == SIPALG_MODE_RULE &&
	    !scope_is_default(&policy->scope))
		return args_fail(args,
				 "rule is a mode for the default scope alone");
	return 0;
}

static const struct line *find_scope(const struct file *file,
				     const struct scope *scope)
{
	for (size_t i = 0; i < file->count; i++)
		if (!scope_compare(&file->lines[i].policy.scope, scope))
			return &file->lines[i];
	return NULL;
}

static int add_line(struct file *file, struct args *args,
		    const struct line *line)
{
	const struct line *same = find_scope(file, &line->policy.scope);
	struct line *lines;

	if (same)
		return args_fail(args, "the scope is in line %u already",
				 same->number);
	lines = reallocarray(file->lines, file->count + 1, sizeof(*lines));
	if (!lines)
		return args_fail(args, "not enough memory");
	lines[file->count++] = *line;
	file->lines = lines;
	return 0;
}

/* Writes zeros between the words of @text, and lets @args read them. */
static int split_line(struct args *args, char *text, size_t len,
		      char *words[LINE_WORDS + 1])
{
	char *rest, *word;
	size_t n = 0;

	if (strlen(text) != len)
		return args_fail(args, "not a text");
	for (word = strtok_r(text, " \t\r\n", &rest); word && n < LINE_WORDS;
	     word = strtok_r(NULL, " \t\r\n", &rest))
		words[n++] = word;
	words[n] = NULL;
	args->next = words;
	return 0;
}

static int parse_line(struct file *file, struct args *args, unsigned int number)
{
	struct line line = { .number = number };
	char *first = *args->next;

	if (!first || *first == '#')
		return 0;
	if (args_take(args, "setting"))
		return parse_setting(file, args);
	if (!args_take(args, "set"))
		return args_fail(args, "'%s' is neither 'set' nor 'setting'",
				 first);
	if (parse_set(&line, args))
		return -1;
	return add_line(file, args, &line);
}

static int read_file(struct file *file)
{
	bool is_stdin = !strcmp(file->name, "-");
	FILE *input = is_stdin ? stdin : fopen(file->name, "re");
	int status = STATUS_DONE;
	char *words[LINE_WORDS + 1];
	unsigned int number = 0;
	struct args args;
	char *text = NULL;
	size_t size = 0;
	ssize_t len;

	if (!input) {
		error("%s: %m", file->name);
		return STATUS_REFUSED;
	}
	while (!status && (len = getline(&text, &size, input)) >= 0) {
		number++;
		if (split_line(&args, text, len, words) ||
		    parse_line(file, &args, number)) {
			error("%s:%u: %s", file->name, number, args.error);
			status = STATUS_USAGE;
		}
	}
	if (!status && !feof(input)) {
		error("%s: %m", file->name);
		status = STATUS_REFUSED;
	}
	free(text);
	if (!is_stdin)
		fclose(input);
	return status;
}

static int file_apply(struct tool *tool, const struct file *file, bool now)
{
	struct config config = {
		.list = calloc(file->count + 1, sizeof(*config.list)),
		.count = file->count,
		.settings = file->settings,
	};
	int status = STATUS_DONE;

	if (!config.list) {
		error("not enough memory");
		return STATUS_REFUSED;
	}
	for (size_t i = 0; i < file->count; i++)
		config.list[i] = file->lines[i].policy;
	if (config_restore(tool->nl, &config, file->name, now))
		status = STATUS_REFUSED;
	for (size_t i = 0; i < file->count && !status; i++)
		policy_note(&config.list[i].scope);
	config_free(&config);
	return status;
}

int verb_policy_restore(struct tool *tool, struct args *args)
{
	bool now = args_take(args, "--now");
	struct file file = {};
	int status;

	if (args_take(args, "-f"))
		file.name = args_next(args);
	now = now || args_take(args, "--now");
	if (!file.name)
		args_fail(args, "the file is missing: -f FILE");
	if (!file.name || args_end(args))
		return tool_wrong_usage(tool, args);
	status = read_file(&file);
	if (!status)
		status = tool_connect(tool);
	if (!status)
		status = file_apply(tool, &file, now);
	free(file.lines);
	return status;
}
