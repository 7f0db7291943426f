// SPDX-License-Identifier: GPL-2.0

#include <stdio.h>
#include <string.h>

#include "usage.h"
#include "verb.h"

/**
 * usage_grammar() - explain the words in capitals
 * @to: where to
 * @scope: SCOPE is one of them
 * @mode: MODE is
 * @nat: NAT is
 * @filter: FILTER is
 */
void usage_grammar(FILE *to, bool scope, bool mode, bool nat, bool filter)
{
	if (scope)
		fputs("SCOPE := default | zone ID | dev IFNAME | "
		      "zone ID dev IFNAME\n", to);
	if (mode)
		fputs("MODE := off | observe | on | rule\n", to);
	if (nat)
		fputs("NAT := [outside-ports {LOW-HIGH | default}] "
		      "[outside-address {ADDRESS | default}] "
		      "[trusted {HOSTS for NETWORKS | default}]\n", to);
	if (filter)
		fputs("FILTER := [zone ID] [dev IFNAME] [address ADDRESS] and, "
		      "of calls, [id NUMBER] [label TEXT] "
		      "[kind call | registration | request] "
		      "[state early | confirmed | ending] [user TEXT] "
		      "[mute]\n", to);
}

/**
 * usage_text() - a verb as it is written on the command line
 * @verb: the verb
 * @text: filled in
 * @size: room for it
 */
void usage_text(const struct verb *verb, char *text, size_t size)
{
	snprintf(text, size, "%s%s%s%s%s", verb->object,
		 verb->command ? " " : "", verb->command ? verb->command : "",
		 *verb->usage ? " " : "", verb->usage);
}

/**
 * usage_verb() - print on stderr how a verb is used
 * @verb: the verb
 */
void usage_verb(const struct verb *verb)
{
	char text[USAGE_LEN];

	usage_text(verb, text, sizeof(text));
	fprintf(stderr, "usage: sipalg [OPTIONS] %s\n", text);
	usage_grammar(stderr, strstr(verb->usage, "SCOPE"),
		      strstr(verb->usage, "MODE"),
		      strstr(verb->usage, "NAT"),
		      strstr(verb->usage, "FILTER"));
}
