// SPDX-License-Identifier: GPL-2.0

#include <string.h>

#include "filter.h"
#include "message.h"
#include "netns.h"
#include "words.h"

static int parse_zone(struct filter *filter, struct words *words)
{
	uint64_t zone;

	if (words_number(words, "the ID of a zone", UINT16_MAX, &zone))
		return -1;
	filter->zone = zone;
	filter->has_zone = true;
	return 0;
}

static int parse_id(struct filter *filter, struct words *words)
{
	filter->has_id = true;
	return words_number(words, "the number of a call", UINT64_MAX,
			    &filter->id);
}

static int parse_text(char *text, size_t size, const char *what,
		      struct words *words)
{
	const char *word = words_next(words);

	if (!word || !*word)
		return words_fail(words, "the %s is missing", what);
	if (strlen(word) >= size)
		return words_fail(words,
				  "'%s' is too long: %zu characters at most",
				  word, size - 1);
	strcpy(text, word);
	return 0;
}

static int parse_address(struct filter *filter, struct words *words)
{
	const char *word = words_next(words);

	if (!word)
		return words_fail(words, "the address is missing");
	if (!address_parse(&filter->address, word))
		return words_fail(words, "'%s' is not an IP address", word);
	return 0;
}

/**
 * filter_take() - read one condition of a filter
 * @filter: where to; what it has already stays
 * @words: where from
 * @of_calls: it may name what only calls have
 *
 * Return: 0, or -1 with words->error.
 */
int filter_take(struct filter *filter, struct words *words, bool of_calls)
{
	if (words_take(words, "zone"))
		return parse_zone(filter, words);
	if (words_take(words, "dev"))
		return parse_text(filter->dev, sizeof(filter->dev),
				  "name of the device", words);
	if (words_take(words, "address"))
		return parse_address(filter, words);
	if (of_calls && words_take(words, "id"))
		return parse_id(filter, words);
	if (of_calls && words_take(words, "label"))
		return parse_text(filter->label, sizeof(filter->label),
				  "start of a Call-ID", words);
	return words_fail(words, "unexpected word '%s'", *words->next);
}

/**
 * filter_parse() - read a filter, which takes all the words that are left
 * @filter: filled in
 * @words: where from
 * @of_calls: it may name what only calls have
 *
 * Return: 0, or -1 with words->error.
 */
int filter_parse(struct filter *filter, struct words *words, bool of_calls)
{
	*filter = (struct filter){};
	while (*words->next)
		if (filter_take(filter, words, of_calls))
			return -1;
	return 0;
}

/**
 * filter_is_empty() - does everything match?
 * @filter: the filter
 */
bool filter_is_empty(const struct filter *filter)
{
	return !filter->has_id && !filter->has_zone && !*filter->label &&
	       !*filter->dev && !filter->address.len;
}

/**
 * filter_resolve() - find the filter's device in the namespace we are in
 * @filter: the filter
 *
 * Return: 0, or -1 after having told that there is none.
 */
int filter_resolve(struct filter *filter)
{
	if (!*filter->dev)
		return 0;
	filter->ifindex = netns_dev_index(filter->dev);
	if (filter->ifindex)
		return 0;
	complain("there is no device %s", filter->dev);
	return -1;
}
