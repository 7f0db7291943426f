// SPDX-License-Identifier: GPL-2.0

#include <string.h>

#include "args.h"
#include "filter.h"
#include "netns.h"
#include "report.h"

static int parse_zone(struct filter *filter, struct args *args)
{
	uint64_t zone;

	if (args_number(args, "the ID of a zone", UINT16_MAX, &zone))
		return -1;
	filter->zone = zone;
	filter->has_zone = true;
	return 0;
}

static int parse_id(struct filter *filter, struct args *args)
{
	filter->has_id = true;
	return args_number(args, "the number of a call", UINT64_MAX,
			   &filter->id);
}

static int parse_text(char *text, size_t size, const char *what,
		      struct args *args)
{
	const char *word = args_next(args);

	if (!word || !*word)
		return args_fail(args, "the %s is missing", what);
	if (strlen(word) >= size)
		return args_fail(args,
				 "'%s' is too long: %zu characters at most",
				 word, size - 1);
	strcpy(text, word);
	return 0;
}

static int parse_address(struct filter *filter, struct args *args)
{
	const char *word = args_next(args);

	if (!word)
		return args_fail(args, "the address is missing");
	if (!address_parse(&filter->address, word))
		return args_fail(args, "'%s' is not an IP address", word);
	return 0;
}

/* One of several words, each of which stands for a number. */
static int parse_word(uint32_t *value, bool *has, const char *const words[],
		      size_t count, const char *what, struct args *args)
{
	const char *word = args_next(args);

	if (!word)
		return args_fail(args, "the %s is missing", what);
	for (size_t i = 0; i < count; i++) {
		if (strcmp(word, words[i]))
			continue;
		*value = i / 2;
		*has = true;
		return 0;
	}
	return args_fail(args, "'%s' is no %s%s", word, what, args_hint(args));
}

/* As JSON has it, and as people say. */
static int parse_kind(struct filter *filter, struct args *args)
{
	static const char *const words[] = {
		"dialog", "call", "registration", "registration",
		"transaction", "request",
	};

	return parse_word(&filter->kind, &filter->has_kind, words,
			  sizeof(words) / sizeof(*words), "kind", args);
}

static int parse_state(struct filter *filter, struct args *args)
{
	static const char *const words[] = {
		"early", "ringing", "confirmed", "up", "ending", "ending",
	};

	return parse_word(&filter->state, &filter->has_state, words,
			  sizeof(words) / sizeof(*words), "state", args);
}

/* Conditions that only calls have. */
static int take_of_calls(struct filter *filter, struct args *args)
{
	if (args_take(args, "id"))
		return parse_id(filter, args);
	if (args_take(args, "label"))
		return parse_text(filter->label, sizeof(filter->label),
				  "start of a Call-ID", args);
	if (args_take(args, "kind"))
		return parse_kind(filter, args);
	if (args_take(args, "state"))
		return parse_state(filter, args);
	if (args_take(args, "user"))
		return parse_text(filter->user, sizeof(filter->user),
				  "name of a person", args);
	if (args_take(args, "mute")) {
		filter->mute = true;
		return 0;
	}
	return args_end(args);
}

/**
 * filter_take() - read one condition of a filter
 * @filter: the condition is added to it
 * @args: the words
 * @of_calls: conditions that only calls have are allowed
 *
 * Return: 0, or -1 with args->error.
 */
int filter_take(struct filter *filter, struct args *args, bool of_calls)
{
	if (args_take(args, "zone"))
		return parse_zone(filter, args);
	if (args_take(args, "dev"))
		return parse_text(filter->dev, sizeof(filter->dev),
				  "name of the device", args);
	if (args_take(args, "address"))
		return parse_address(filter, args);
	if (of_calls)
		return take_of_calls(filter, args);
	return args_end(args);
}

/**
 * filter_parse() - read a filter up to the last word
 * @filter: filled in
 * @args: the words
 * @of_calls: conditions that only calls have are allowed
 *
 * Return: 0, or -1 with args->error.
 */
int filter_parse(struct filter *filter, struct args *args, bool of_calls)
{
	return filter_parse_with(filter, args, of_calls, NULL, NULL);
}

/**
 * filter_parse_with() - read a filter and a keyword among its words
 * @filter: filled in
 * @args: the words
 * @of_calls: conditions that only calls have are allowed
 * @word: the keyword
 * @found: set if the keyword is there
 *
 * Return: 0, or -1 with args->error.
 */
int filter_parse_with(struct filter *filter, struct args *args, bool of_calls,
		      const char *word, bool *found)
{
	*filter = (struct filter){};
	while (*args->next)
		if (word && !*found && args_take(args, word))
			*found = true;
		else if (filter_take(filter, args, of_calls))
			return -1;
	return 0;
}

/**
 * filter_is_empty() - has a filter no conditions?
 * @filter: the filter
 */
bool filter_is_empty(const struct filter *filter)
{
	return !filter->has_id && !filter->has_zone && !*filter->label &&
	       !*filter->dev && !filter->address.len && !filter->has_kind &&
	       !filter->has_state && !*filter->user && !filter->mute;
}

/**
 * filter_resolve() - find the index of the filter's device
 * @filter: the filter
 *
 * Return: 0, or -1 after an error message.
 */
int filter_resolve(struct filter *filter)
{
	if (!*filter->dev)
		return 0;
	filter->ifindex = netns_dev_index(filter->dev);
	if (filter->ifindex)
		return 0;
	error("there is no device %s", filter->dev);
	return -1;
}
