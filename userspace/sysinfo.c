// SPDX-License-Identifier: GPL-2.0

#include <arpa/inet.h>
#include <dirent.h>
#include <ifaddrs.h>
#include <net/route.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "iptables.h"
#include "route.h"
#include "sysinfo.h"

/* Any public address, a.root-servers.net: no packet is sent there. */
#define INTERNET 0xc6290004

#ifndef MODULES_DIR
#define MODULES_DIR "/lib/modules"
#endif

/**
 * sysinfo_has_module() - is a module in the kernel, loaded or built in?
 * @name: its name, as in lsmod
 */
bool sysinfo_has_module(const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/module/%s", name);
	return !access(path, F_OK);
}

/**
 * sysinfo_is_built_in() - is a module a part of the kernel itself?
 * @name: its name
 */
bool sysinfo_is_built_in(const char *name)
{
	FILE *file = fopen("/proc/modules", "re");
	bool loaded = false;
	char line[256];

	while (file && !loaded && fgets(line, sizeof(line), file)) {
		line[strcspn(line, " ")] = '\0';
		loaded = !strcmp(line, name);
	}
	if (file)
		fclose(file);
	return !loaded && sysinfo_has_module(name);
}

/* Return: whether there is a first line; it is left without its end. */
static bool line_read(const char *path, char *line, size_t size)
{
	FILE *file = fopen(path, "re");
	bool read;

	if (!file)
		return false;
	read = fgets(line, size, file);
	fclose(file);
	if (read)
		line[strcspn(line, "\n")] = '\0';
	return read;
}

/**
 * sysinfo_module_version() - which version of a module is loaded?
 * @name: its name
 * @version: room for the text
 * @size: of the room in bytes
 *
 * Return: whether the kernel tells.
 */
bool sysinfo_module_version(const char *name, char *version, size_t size)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/module/%s/version", name);
	return line_read(path, version, size);
}

/* Return: whether a file can be read; then @found: is a text in it? */
static bool text_find(const char *path, const char *text, bool *found)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;

	if (!file)
		return false;
	*found = false;
	while (!*found && getline(&line, &size, file) >= 0)
		*found = strstr(line, text);
	free(line);
	fclose(file);
	return true;
}

/**
 * sysinfo_kernel_without() - is a module missing in some kernels only?
 * @name: its name
 * @kernel: set to the release of a kernel that lacks it
 * @size: of @kernel in bytes
 *
 * Return: whether one lacks it and another has it.
 */
bool sysinfo_kernel_without(const char *name, char *kernel, size_t size)
{
	DIR *folder = opendir(MODULES_DIR);
	bool some_have = false, some_lack = false, has;
	char path[512], file[64];
	struct dirent *entry;

	snprintf(file, sizeof(file), "/%s.ko", name);
	while (folder && (entry = readdir(folder))) {
		snprintf(path, sizeof(path), MODULES_DIR "/%s/modules.dep",
			 entry->d_name);
		if (!text_find(path, file, &has))
			continue;
		some_have |= has;
		if (!has)
			snprintf(kernel, size, "%s", entry->d_name);
		some_lack |= !has;
	}
	if (folder)
		closedir(folder);
	return some_have && some_lack;
}

/**
 * sysinfo_number() - read a number that the kernel shows
 * @path: below /proc/sys
 * @number: set to it
 *
 * Return: whether there is one.
 */
bool sysinfo_number(const char *path, uint64_t *number)
{
	unsigned long long value;
	char full[128], line[64];

	snprintf(full, sizeof(full), "/proc/sys/%s", path);
	if (!line_read(full, line, sizeof(line)) ||
	    sscanf(line, "%llu", &value) != 1)
		return false;
	*number = value;
	return true;
}

static FILE *program_start(const char *command)
{
	char line[128];

	snprintf(line, sizeof(line),
		 "PATH=$PATH:/usr/sbin:/sbin exec %s 2>/dev/null", command);
	return popen(line, "re");
}

/**
 * sysinfo_ruleset() - read the rules of nft and of both kinds of iptables
 *
 * Return: a new reference to all of them in the JSON of nft; or NULL if none of
 * the programs is there or has the rights.
 */
json_t *sysinfo_ruleset(void)
{
	static const struct {
		const char *command, *family, *prefix;
	} saves[] = {
		{ "iptables-nft-save", "ip", "" },
		{ "ip6tables-nft-save", "ip6", "" },
		{ "iptables-legacy-save", "ip", "legacy " },
		{ "ip6tables-legacy-save", "ip6", "legacy " },
	};
	FILE *pipe = program_start("nft -j list ruleset");
	json_t *ruleset = NULL;
	bool known;

	if (pipe) {
		ruleset = json_loadf(pipe, 0, NULL);
		pclose(pipe);
	}
	known = ruleset;
	if (!known)
		ruleset = json_pack("{s:[]}", "nftables");
	for (size_t i = 0; i < sizeof(saves) / sizeof(*saves); i++) {
		pipe = program_start(saves[i].command);
		if (!pipe)
			continue;
		known |= iptables_add(ruleset, pipe, saves[i].family,
				      saves[i].prefix) > 0;
		pclose(pipe);
	}
	if (known)
		return ruleset;
	json_decref(ruleset);
	return NULL;
}

/* The device of the IPv4 default route with the least metric. */
static void find_route(char dev[IFNAMSIZ])
{
	FILE *file = fopen("/proc/net/route", "re");
	unsigned int destination, mask, best = ~0U, metric;
	char line[256], name[IFNAMSIZ];

	*dev = '\0';
	if (!file)
		return;
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%15s %x %*x %*x %*u %*u %u %x", name,
			   &destination, &metric, &mask) != 4 ||
		    destination || mask || metric >= best)
			continue;
		best = metric;
		strcpy(dev, name);
	}
	fclose(file);
}

/* The same for IPv6. */
static void find_route6(char dev[IFNAMSIZ])
{
	FILE *file = fopen("/proc/net/ipv6_route", "re");
	unsigned int bits, best = ~0U, metric, flags;
	char line[256], name[IFNAMSIZ];

	*dev = '\0';
	if (!file)
		return;
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%*32s %x %*32s %*x %*32s %x %*x %*x %x %15s",
			   &bits, &metric, &flags, name) != 4 ||
		    bits || flags & RTF_REJECT || metric >= best ||
		    strspn(line, "0") < 32)
			continue;
		best = metric;
		strcpy(dev, name);
	}
	fclose(file);
}

static bool get_address(const struct ifaddrs *ifa, struct address *address)
{
	const struct sockaddr_in6 *in6 = (const void *)ifa->ifa_addr;
	const struct sockaddr_in *in4 = (const void *)ifa->ifa_addr;

	if (in4 && in4->sin_family == AF_INET)
		return address_set(address, &in4->sin_addr,
				   sizeof(in4->sin_addr));
	return in6 && in6->sin6_family == AF_INET6 &&
	       address_set(address, &in6->sin6_addr, sizeof(in6->sin6_addr));
}

/* A host of an inside network, but not this machine. Return: whether it has any. */
static bool get_neighbour(const struct inside *inside,
			  const struct address *own, struct in_addr *host)
{
	uint32_t first, mine;

	if (inside->network.bits > 30)
		return false;
	memcpy(&first, inside->network.addr, sizeof(first));
	memcpy(&mine, own->bytes, sizeof(mine));
	host->s_addr = htonl(ntohl(first) + 1);
	if (host->s_addr == mine)
		host->s_addr = htonl(ntohl(first) + 2);
	return true;
}

/* Rules for routing may lead packets out another way than the default route. */
static void inside_route(struct inside *inside, const struct address *own)
{
	const struct in_addr internet = { .s_addr = htonl(INTERNET) };
	struct in_addr host;

	if (get_neighbour(inside, own, &host))
		route_forward(&host, &internet, if_nametoindex(inside->dev),
			      inside->out);
}

/* @own: address of this machine there; none if its length is 0 */
static void inside_add(struct outside *outside, const char *dev, uint32_t first,
		       uint32_t mask, const struct address *own)
{
	struct inside *inside = &outside->inside[outside->n_inside];

	if (outside->n_inside == INSIDE_MAX)
		return;
	first &= mask;
	inside->network = (struct sipalg_network){
		.family = AF_INET,
		.bits = __builtin_popcount(mask),
	};
	memcpy(inside->network.addr, &first, sizeof(first));
	snprintf(inside->dev, sizeof(inside->dev), "%s", dev);
	inside_route(inside, own);
	outside->n_inside++;
}

static void device_add(struct outside *outside, const struct ifaddrs *ifa,
		       const struct address *address)
{
	const struct sockaddr_in *mask = (const void *)ifa->ifa_netmask;
	uint32_t first;

	if (!mask)
		return;
	memcpy(&first, address->bytes, sizeof(first));
	inside_add(outside, ifa->ifa_name, first, mask->sin_addr.s_addr,
		   address);
}

/* Private networks behind other routers inside. */
static void routes_add(struct outside *outside)
{
	FILE *file = fopen("/proc/net/route", "re");
	unsigned int first, gateway, mask;
	char line[256], dev[IFNAMSIZ];
	struct address address;

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%15s %x %x %*x %*u %*u %*u %x", dev, &first,
			   &gateway, &mask) != 4 ||
		    !gateway || !strcmp(dev, outside->dev))
			continue;
		if (address_set(&address, &first, sizeof(first)) &&
		    address_is_private(&address))
			inside_add(outside, dev, first, mask,
				   &(struct address){});
	}
	if (file)
		fclose(file);
}

/**
 * sysinfo_outside() - find the way to the Internet
 * @outside: filled in
 */
void sysinfo_outside(struct outside *outside)
{
	struct address address;
	struct ifaddrs *list;

	*outside = (struct outside){};
	find_route(outside->dev);
	find_route6(outside->dev6);
	if (!*outside->dev || getifaddrs(&list))
		return;
	for (const struct ifaddrs *ifa = list; ifa; ifa = ifa->ifa_next) {
		if (!get_address(ifa, &address) || address.len != 4)
			continue;
		if (!strcmp(ifa->ifa_name, outside->dev)) {
			if (!outside->address.len)
				outside->address = address;
		} else if (address_is_private(&address)) {
			device_add(outside, ifa, &address);
		}
	}
	routes_add(outside);
	outside->needs_nat = outside->n_inside && outside->address.len &&
			     !address_is_private(&outside->address);
	freeifaddrs(list);
}

/**
 * sysinfo_is_own() - does this machine have an address?
 * @address: the address
 */
bool sysinfo_is_own(const struct address *address)
{
	struct address own;
	struct ifaddrs *list;
	bool found = false;

	if (getifaddrs(&list))
		return false;
	for (const struct ifaddrs *ifa = list; ifa && !found;
	     ifa = ifa->ifa_next)
		found = get_address(ifa, &own) &&
			!address_compare(&own, address);
	freeifaddrs(list);
	return found;
}
