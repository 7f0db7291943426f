// SPDX-License-Identifier: GPL-2.0

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "message.h"
#include "netns.h"

/**
 * netns_enter() - make a named network namespace this process's own
 * @name: its name
 *
 * Return: 0, or -1 after having told why not.
 */
int netns_enter(const char *name)
{
	char path[sizeof(NETNS_DIR) + NAME_MAX + 1];
	int fd = -1, failed;

	errno = ENOENT;
	if (*name && !strchr(name, '/') && strcmp(name, ".") && strcmp(name, "..") &&
	    strlen(name) <= NAME_MAX) {
		snprintf(path, sizeof(path), NETNS_DIR "/%s", name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
	}
	if (fd < 0) {
		if (errno == ENOENT)
			complain("there is no network namespace '%s'", name);
		else
			complain("network namespace '%s': %m", name);
		return -1;
	}
	failed = setns(fd, CLONE_NEWNET);
	if (failed)
		complain("cannot enter the network namespace '%s': %m", name);
	close(fd);
	return failed;
}

/**
 * netns_has_dev() - is there such a device in the namespace we are in?
 * @name: its name
 *
 * Return: false only if there is none for certain.
 */
bool netns_has_dev(const char *name)
{
	return if_nametoindex(name) || errno != ENODEV;
}

/**
 * netns_dev_index() - index of a device in the namespace we are in
 * @name: its name
 *
 * Return: the index, or 0.
 */
unsigned int netns_dev_index(const char *name)
{
	return if_nametoindex(name);
}

/**
 * netns_dev_name() - name of a device in the namespace we are in
 * @ifindex: its index
 * @name: filled in
 *
 * Return: @name; or NULL if there is no such device.
 */
const char *netns_dev_name(uint32_t ifindex, char name[IFNAMSIZ])
{
	return ifindex ? if_indextoname(ifindex, name) : NULL;
}
