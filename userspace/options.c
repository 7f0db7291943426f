// SPDX-License-Identifier: GPL-2.0

#include <stdio.h>
#include <string.h>

#include "args.h"
#include "networks.h"
#include "objects.h"
#include "options.h"

/* The least port that is promised to anybody. */
#define PORT_MIN 1024

#define TRUSTED_USAGE \
	"trusted takes HOST[,HOST...] for NETWORK[,NETWORK...]"

static int fail_ports(struct args *args, const char *word)
{
	return args_fail(args, "'%s' is no range of ports: LOW-HIGH, from %d "
			 "to %d", word, PORT_MIN, UINT16_MAX);
}

/* "20000-20255" */
static int parse_ports(uint16_t ports[2], struct args *args)
{
	const char *word = args_next(args);
	unsigned int low, high;
	int end = 0;

	if (!word)
		return args_fail(args, "the ports are missing: LOW-HIGH");
	if (!strcmp(word, "default")) {
		memset(ports, 0, 2 * sizeof(*ports));
		return 0;
	}
	if (strspn(word, "0123456789-") != strlen(word) ||
	    sscanf(word, "%5u-%5u%n", &low, &high, &end) != 2 || word[end] ||
	    low < PORT_MIN || low >= high || high > UINT16_MAX)
		return fail_ports(args, word);
	ports[0] = low;
	ports[1] = high;
	return 0;
}

static int parse_address(struct address *address, struct args *args)
{
	const char *word = args_next(args);

	if (!word)
		return args_fail(args, "the address is missing");
	*address = (struct address){};
	if (!strcmp(word, "default") || address_parse(address, word))
		return 0;
	return args_fail(args, "'%s' is not an address", word);
}

/* "192.168.1.10,2001:db8::10" */
static int parse_networks(struct networks *networks, struct args *args)
{
	const char *word = args_next(args), *end = word;
	char text[NETWORK_TEXT_LEN];
	size_t len;

	if (!word)
		return args_fail(args, TRUSTED_USAGE);
	networks->n = 0;
	for (;; end++) {
		len = strcspn(end, ",");
		if (networks->n == SIPALG_TRUSTED_MAX)
			return args_fail(args, "'%s' are more than %d networks",
					 word, SIPALG_TRUSTED_MAX);
		snprintf(text, sizeof(text), "%.*s", (int)len, end);
		if (len >= sizeof(text) ||
		    !network_parse(&networks->network[networks->n++], text))
			return args_fail(args, "'%s' is not a list of networks",
					 word);
		end += len;
		if (!*end)
			return 0;
	}
}

/* "192.168.1.10 for 192.168.1.0/24" */
static int parse_trust(struct options *options, struct args *args)
{
	options->trusted.n = 0;
	options->trusted_for.n = 0;
	if (args_take(args, "default"))
		return 0;
	if (parse_networks(&options->trusted, args))
		return -1;
	if (!args_take(args, "for"))
		return args_fail(args, TRUSTED_USAGE);
	return parse_networks(&options->trusted_for, args);
}

static int take_once(struct policy *policy, unsigned int attr,
		     const char *name, struct args *args)
{
	if (HAS(policy, attr))
		return args_fail(args, "%s is there twice", name);
	policy->has |= 1U << attr;
	return 0;
}

/**
 * options_parse() - read the options of a scope, in any order
 * @policy: they are put there
 * @args: the words; those that are no option are left
 * @now: set to true by the option --now; NULL where that is none
 *
 * Return: 0, or -1 with args->error.
 */
int options_parse(struct policy *policy, struct args *args, bool *now)
{
	int err = 0;

	while (!err) {
		if (args_take(args, "outside-ports"))
			err = take_once(policy, SIPALG_POLICY_OUTSIDE_PORTS,
					"outside-ports", args) ?:
			      parse_ports(policy->options.ports, args);
		else if (args_take(args, "outside-address"))
			err = take_once(policy, SIPALG_POLICY_OUTSIDE_ADDRESS,
					"outside-address", args) ?:
			      parse_address(&policy->options.address, args);
		else if (args_take(args, "trusted"))
			err = take_once(policy, SIPALG_POLICY_TRUSTED,
					"trusted", args) ?:
			      parse_trust(&policy->options, args);
		else if (now && !*now && args_take(args, "--now"))
			*now = true;
		else
			break;
	}
	return err;
}

/**
 * options_text() - the options of a scope, as options_parse() takes them
 * @policy: a policy
 * @text: filled in: each with a blank in front
 *
 * Return: @text.
 */
const char *options_text(const struct policy *policy,
			 char text[OPTIONS_TEXT_LEN])
{
	const struct options *options = &policy->options;
	char hosts[NETWORKS_TEXT_LEN], named[NETWORKS_TEXT_LEN];
	char address[INET6_ADDRSTRLEN];
	int len = 0;

	*text = '\0';
	if (HAS(policy, SIPALG_POLICY_OUTSIDE_PORTS))
		len = snprintf(text, OPTIONS_TEXT_LEN, " outside-ports %u-%u",
			       options->ports[0], options->ports[1]);
	if (HAS(policy, SIPALG_POLICY_OUTSIDE_ADDRESS))
		len += snprintf(text + len, OPTIONS_TEXT_LEN - len,
				" outside-address %s",
				address_text(&options->address, address));
	if (HAS(policy, SIPALG_POLICY_TRUSTED))
		snprintf(text + len, OPTIONS_TEXT_LEN - len,
			 " trusted %s for %s",
			 networks_text(&options->trusted, hosts),
			 networks_text(&options->trusted_for, named));
	return text;
}
