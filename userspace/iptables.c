// SPDX-License-Identifier: GPL-2.0

#include <ctype.h>
#include <linux/netfilter_ipv4.h>
#include <stdbool.h>
#include <stdlib.h>
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

static bool is_of_chain(const struct reader *reader, const json_t *item,
			const char *kind, const char *key, const char *name)
{
	const char *family, *table, *chain;

	return !json_unpack((json_t *)item, "{s:{s:s, s:s, s:s}}", kind,
			    "family", &family, "table", &table, key, &chain) &&
	       !strcmp(family, reader->family) &&
	       !strcmp(table, reader->table) && !strcmp(chain, name);
}

/*
 * nft lists the chains of iptables-nft, too, but cannot show all matches of
 * their rules: those of iptables replace them.
 *
 * Return: whether nft knows the chain.
 */
static bool remove_rules(const struct reader *reader, const char *name)
{
	bool found = false;
	size_t i = 0;

	while (i < json_array_size(reader->list)) {
		const json_t *item = json_array_get(reader->list, i);

		if (is_of_chain(reader, item, "rule", "chain", name)) {
			json_array_remove(reader->list, i);
			continue;
		}
		found |= is_of_chain(reader, item, "chain", "name", name);
		i++;
	}
	return found;
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

/* At PREROUTING. */
static int table_priority(const struct reader *reader)
{
	static const struct {
		const char *table;
		int priority;
	} priorities[] = {
		{ "raw", NF_IP_PRI_RAW },
		{ "mangle", NF_IP_PRI_MANGLE },
		{ "nat", NF_IP_PRI_NAT_DST },
	};
	const char *name = strrchr(reader->table, ' ');

	name = name ? name + 1 : reader->table;
	for (size_t i = 0; i < sizeof(priorities) / sizeof(*priorities); i++)
		if (!strcmp(name, priorities[i].table))
			return priorities[i].priority;
	return NF_IP_PRI_FILTER;
}

/* ":FORWARD DROP [0:0]", or ":mine - [0:0]" */
static void add_chain(const struct reader *reader, char *line)
{
	char *name = strtok(line + 1, " "), *policy = strtok(NULL, " ");
	const char *hook, *verdict = "accept";
	json_t *chain;

	if (!name || !policy || remove_rules(reader, name))
		return;
	chain = json_pack("{s:{s:s, s:s, s:s}}", "chain", "family",
			  reader->family, "table", reader->table, "name", name);
	hook = *policy == '-' ? NULL : hook_of(name);
	if (hook) {
		json_t *object = json_object_get(chain, "chain");

		json_object_set_new(object, "hook", json_string(hook));
		json_object_set_new(object, "prio",
				    json_integer(table_priority(reader)));
		if (!strcmp(policy, "DROP"))
			verdict = "drop";
		json_object_set_new(object, "policy", json_string(verdict));
	}
	json_array_append_new(reader->list, chain);
}

/* "--to-ports 20000-20255", "--to-source 203.0.113.1-203.0.113.2:20000-20255" */
static json_t *nat_of(const char *verdict, const char *rest)
{
	const char *ports = strstr(rest ?: "", "--to-ports ");
	int low, high;

	if (!ports) {
		ports = strstr(rest ?: "", "--to-source ");
		if (ports)
			ports = strstr(ports, "]:") ?: strchr(ports, ':');
	}
	ports = ports ? ports + strcspn(ports, "0123456789") : "";
	if (sscanf(ports, "%5d-%5d", &low, &high) != 2)
		return json_pack("{s:n}", verdict);
	return json_pack("{s:{s:{s:[ii]}}}", verdict, "port", "range", low,
			 high);
}

static json_t *verdict_of(const char *target, const char *rest)
{
	static const struct {
		const char *target, *verdict;
	} verdicts[] = {
		{ "ACCEPT", "accept" },
		{ "DROP", "drop" },
		{ "REJECT", "reject" },
		{ "RETURN", "return" },
		{ "NETMAP", "snat" },
		{ "NOTRACK", "notrack" },
		{ "NFQUEUE", "queue" },
	};

	for (size_t i = 0; i < sizeof(verdicts) / sizeof(*verdicts); i++)
		if (!strcmp(target, verdicts[i].target))
			return json_pack("{s:n}", verdicts[i].verdict);
	if (!strcmp(target, "MASQUERADE"))
		return nat_of("masquerade", rest);
	if (!strcmp(target, "SNAT"))
		return nat_of("snat", rest);
	if (!strcmp(target, "CT") && rest && strstr(rest, "--notrack"))
		return json_pack("{s:n}", "notrack");
	return json_pack("{s:{s:s}}", "jump", "target", target);
}

/* "RELATED,ESTABLISHED" */
static json_t *states_of(char *text)
{
	json_t *states = json_array();
	char *state;

	for (char *c = text; *c; c++)
		*c = tolower((unsigned char)*c);
	while ((state = strsep(&text, ",")))
		json_array_append_new(states, json_string(state));
	return states;
}

/* "5060", "10000:20000", or several of them with commas between */
static json_t *ports_of(char *text)
{
	json_t *ports = json_array();
	unsigned int from, to;
	char *port;

	while ((port = strsep(&text, ",")))
		if (sscanf(port, "%u:%u", &from, &to) == 2)
			json_array_append_new(ports, json_pack("{s:[i,i]}",
					      "range", from, to));
		else
			json_array_append_new(ports, json_integer(atoi(port)));
	return ports;
}

/* A name may end with a plus for any other characters. */
static json_t *dev_of(char *name)
{
	size_t len = strlen(name);

	if (len && name[len - 1] == '+')
		name[len - 1] = '*';
	return json_string(name);
}

/* Takes over the reference to @right, as match_of() does. */
static json_t *payload_match(bool inverted, const char *protocol,
			     const char *field, json_t *right)
{
	return json_pack("{s:{s:s, s:{s:{s:s, s:s}}, s:o}}", "match",
			 "op", inverted ? "!=" : "==", "left", "payload",
			 "protocol", protocol, "field", field, "right", right);
}

static json_t *match_of(bool inverted, const char *kind, const char *key,
			const char *value, json_t *right)
{
	return json_pack("{s:{s:s, s:{s:{s:s}}, s:o}}", "match",
			 "op", inverted ? "!=" : "==", "left", kind, key, value,
			 "right", right);
}

/* Any other match, as nft shows it. */
static json_t *any_match(void)
{
	return json_pack("{s:n}", "xt");
}

/* A value in quotation marks has spaces. */
static void skip_value(char **rest)
{
	const char *value = strsep(rest, " ");
	size_t len = value ? strlen(value) : 0;

	if (!len || *value != '"' || (len > 1 && value[len - 1] == '"'))
		return;
	strsep(rest, "\"");
	strsep(rest, " ");
}

static bool is_one_of(const char *word, const char *const *names)
{
	for (; *names; names++)
		if (!strcmp(word, *names))
			return true;
	return false;
}

/* Adds the match of an option and its value, if it has one that matters. */
static void add_match(const struct reader *reader, json_t *expressions,
		      bool inverted, const char *option, char **rest)
{
	static const char *const no_match[] = { "-m", "--comment", NULL };
	static const char *const states[] = { "--ctstate", "--state", NULL };
	static const char *const sources[] = { "--sport", "--sports", NULL };
	static const char *const targets[] = { "--dport", "--dports", NULL };
	bool is_target = is_one_of(option, targets);
	json_t *match = NULL;
	char *value;

	if (is_one_of(option, no_match)) {
		skip_value(rest);
		return;
	}
	if (is_one_of(option, states) && (value = strsep(rest, " ")))
		match = match_of(inverted, "ct", "key", "state",
				 states_of(value));
	else if ((is_target || is_one_of(option, sources)) &&
		 (value = strsep(rest, " ")))
		match = payload_match(inverted, "th",
				      is_target ? "dport" : "sport",
				      ports_of(value));
	else if (!strcmp(option, "-s") && (value = strsep(rest, " ")))
		match = payload_match(inverted, reader->family, "saddr",
				      json_string(value));
	else if (!strcmp(option, "--helper") && (value = strsep(rest, " ")))
		match = match_of(inverted, "ct", "key", "helper",
				 json_string(value));
	else if (!strcmp(option, "-p") && (value = strsep(rest, " ")))
		match = match_of(inverted, "meta", "key", "l4proto",
				 json_string(value));
	else if (!strcmp(option, "-i") && (value = strsep(rest, " ")))
		match = match_of(inverted, "meta", "key", "iifname",
				 dev_of(value));
	else if (!strcmp(option, "-o") && (value = strsep(rest, " ")))
		match = match_of(inverted, "meta", "key", "oifname",
				 dev_of(value));
	json_array_append_new(expressions, match ? match : any_match());
}

/* "-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT" */
static void add_rule(const struct reader *reader, char *line)
{
	json_t *expressions = json_array();
	char *rest = line, *chain, *word;
	bool inverted = false;

	strsep(&rest, " ");
	chain = strsep(&rest, " ");
	while ((word = strsep(&rest, " "))) {
		if (!strcmp(word, "!")) {
			inverted = true;
			continue;
		}
		if (!strcmp(word, "-j") || !strcmp(word, "-g")) {
			word = strsep(&rest, " ");
			if (word)
				json_array_append_new(expressions,
						      verdict_of(word, rest));
			break;
		}
		add_match(reader, expressions, inverted, word, &rest);
		inverted = false;
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
 * Of a rule, devices, protocol, ports, state and verdict are kept. Any other
 * match is one that may be met or not.
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
