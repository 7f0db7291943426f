// SPDX-License-Identifier: GPL-2.0

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "iptables.h"

#define LINE_MAX_LEN 1024

/**
 * struct reader - the output of iptables-save as it is read
 * @list: chains and rules are added here, as in nft's JSON
 * @family: as nft names it: ip or ip6
 * @table: name of the table
 */
struct reader {
	json_t *list;
	const char *family;
	char table[64];
};

/*
 * nft lists the chains of iptables-nft, too, but cannot show all matches of
 * their rules.
 */
static bool has_chain(const struct reader *reader, const char *name)
{
	const char *family, *table, *other;
	json_t *item;
	size_t i;

	json_array_foreach(reader->list, i, item)
		if (!json_unpack(item, "{s:{s:s, s:s, s:s}}", "chain",
				 "family", &family, "table", &table,
				 "name", &other) &&
		    !strcmp(family, reader->family) &&
		    !strcmp(table, reader->table) && !strcmp(other, name))
			return true;
	return false;
}

/* Return: the hook of a base chain; NULL for any other chain. */
static const char *hook_of(const char *chain)
{
	static const char *const hooks[] = {
		"prerouting", "input", "forward", "output", "postrouting",
	};

	for (size_t i = 0; i < sizeof(hooks) / sizeof(*hooks); i++)
		if (!strcasecmp(chain, hooks[i]))
			return hooks[i];
	return NULL;
}

/* ":FORWARD DROP [0:0]", or ":mine - [0:0]" */
static void add_chain(const struct reader *reader, char *line)
{
	char *name = strtok(line + 1, " "), *policy = strtok(NULL, " ");
	const char *hook, *verdict = "accept";
	json_t *chain;

	if (!name || !policy || has_chain(reader, name))
		return;
	chain = json_pack("{s:{s:s, s:s, s:s}}", "chain", "family",
			  reader->family, "table", reader->table, "name", name);
	hook = *policy == '-' ? NULL : hook_of(name);
	if (hook) {
		json_t *object = json_object_get(chain, "chain");

		json_object_set_new(object, "hook", json_string(hook));
		if (!strcmp(policy, "DROP"))
			verdict = "drop";
		json_object_set_new(object, "policy", json_string(verdict));
	}
	json_array_append_new(reader->list, chain);
}

static json_t *verdict_of(const char *target)
{
	static const struct {
		const char *target, *verdict;
	} verdicts[] = {
		{ "ACCEPT", "accept" },
		{ "DROP", "drop" },
		{ "REJECT", "reject" },
		{ "MASQUERADE", "masquerade" },
		{ "SNAT", "snat" },
		{ "NETMAP", "snat" },
	};

	for (size_t i = 0; i < sizeof(verdicts) / sizeof(*verdicts); i++)
		if (!strcmp(target, verdicts[i].target))
			return json_pack("{s:n}", verdicts[i].verdict);
	return json_pack("{s:{s:s}}", "jump", "target", target);
}

/* "RELATED,ESTABLISHED": only RELATED matters to the reader of the rules. */
static json_t *state_of(const char *states)
{
	const char *word = strstr(states, "RELATED") ? "related" : "";

	return json_pack("{s:{s:s, s:s}}", "match", "op", "in", "right", word);
}

/* "-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT" */
static void add_rule(const struct reader *reader, char *line)
{
	json_t *expressions = json_array();
	const char *chain, *word;
	bool inverted = false;

	strtok(line, " ");
	chain = strtok(NULL, " ");
	while ((word = strtok(NULL, " "))) {
		bool target = !strcmp(word, "-j") || !strcmp(word, "-g");
		bool state = !strcmp(word, "--ctstate") ||
			     !strcmp(word, "--state");
		const char *value = target || state ? strtok(NULL, " ") : NULL;

		if (target && value) {
			json_array_append_new(expressions, verdict_of(value));
			break;
		}
		if (!value || inverted)
			value = "";
		json_array_append_new(expressions, state_of(value));
		inverted = !strcmp(word, "!");
	}
	json_array_append_new(reader->list,
			      json_pack("{s:{s:s, s:s, s:s, s:o}}", "rule",
					"family", reader->family, "table",
					reader->table, "chain", chain ?: "",
					"expr", expressions));
}

/**
 * iptables_add() - add the rules of iptables to those of nft
 * @ruleset: as nft prints it, in JSON
 * @file: what iptables-save prints
 * @family: as nft names it: ip or ip6
 * @prefix: of the names of tables, so that they differ from those of nft
 *
 * Of a rule, only the matched state and the verdict are kept.
 *
 * Return: number of tables.
 */
int iptables_add(json_t *ruleset, FILE *file, const char *family,
		 const char *prefix)
{
	struct reader reader = {
		.list = json_object_get(ruleset, "nftables"),
		.family = family,
	};
	char line[LINE_MAX_LEN];
	int tables = 0;

	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		if (*line == '*') {
			snprintf(reader.table, sizeof(reader.table), "%s%.32s",
				 prefix, line + 1);
			tables++;
		} else if (*line == ':') {
			add_chain(&reader, line);
		} else if (!strncmp(line, "-A ", 3)) {
			add_rule(&reader, line);
		}
	}
	return tables;
}
