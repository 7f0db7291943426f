// SPDX-License-Identifier: GPL-2.0

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "networks.h"
#include "objects.h"

/**
 * network_parse() - read a network
 * @network: filled in
 * @text: an address, and a slash and a number of bits unless it is a host's
 *
 * Return: whether it is one.
 */
bool network_parse(struct sipalg_network *network, const char *text)
{
	const char *slash = strchr(text, '/');
	char word[INET6_ADDRSTRLEN], *end;
	size_t len = slash ? (size_t)(slash - text) : strlen(text);
	unsigned long bits, max;
	struct address address;

	if (len >= sizeof(word))
		return false;
	memcpy(word, text, len);
	word[len] = '\0';
	if (!address_parse(&address, word))
		return false;
	max = 8 * address.len;
	*network = (struct sipalg_network){
		.family = address.len == 4 ? AF_INET : AF_INET6,
		.bits = max,
	};
	memcpy(network->addr, address.bytes, address.len);
	if (!slash)
		return true;
	if (slash[1] < '0' || slash[1] > '9')
		return false;
	bits = strtoul(slash + 1, &end, 10);
	network->bits = bits;
	return !*end && bits && bits <= max;
}

/**
 * network_text() - a network in the words that network_parse() takes
 * @network: the network
 * @text: filled in
 *
 * Return: @text.
 */
const char *network_text(const struct sipalg_network *network,
			 char text[NETWORK_TEXT_LEN])
{
	char address[INET6_ADDRSTRLEN] = "?";

	inet_ntop(network->family, network->addr, address, sizeof(address));
	snprintf(text, NETWORK_TEXT_LEN, "%s/%u", address, network->bits);
	return text;
}

/**
 * networks_text() - some networks with commas between them
 * @networks: the networks
 * @text: filled in
 *
 * Return: @text.
 */
const char *networks_text(const struct networks *networks,
			  char text[NETWORKS_TEXT_LEN])
{
	char network[NETWORK_TEXT_LEN];
	int len = 0;

	*text = '\0';
	for (size_t i = 0; i < networks->n; i++)
		len += snprintf(text + len, NETWORKS_TEXT_LEN - len, "%s%s",
				i ? "," : "",
				network_text(&networks->network[i], network));
	return text;
}
