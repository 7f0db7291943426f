// SPDX-License-Identifier: GPL-2.0

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "netns.h"
#include "report.h"

/**
 * netns_enter() - make a named network namespace this process's own
 * @name: its name
 *
 * Return: 0, or -1 after an error message.
 */
int netns_enter(const char *name)
{
	char path[sizeof(NETNS_DIR) + NAME_MAX + 1];
	int fd = -1, failed;

	errno = ENOENT;
	if (*name && !strchr(name, '/') && strcmp(name, ".") &&
	    strcmp(name, "..") && strlen(name) <= NAME_MAX) {
		snprintf(path, sizeof(path), NETNS_DIR "/%s", name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
	}
	if (fd < 0) {
		if (errno == ENOENT)
			error("there is no network namespace '%s'", name);
		else
			error("network namespace '%s': %m", name);
		return -1;
	}
	failed = setns(fd, CLONE_NEWNET);
	if (failed)
		error("cannot enter the network namespace '%s': %m", name);
	close(fd);
	return failed;
}

static bool is_same(int a, int b)
{
	struct stat x, y;

	return !fstat(a, &x) && !fstat(b, &y) && x.st_dev == y.st_dev &&
	       x.st_ino == y.st_ino;
}

/* Passes over a name that is no namespace, as "..", or that has gone. */
static int netns_visit(const char *path, int home, netns_cb *cb, void *data)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), result = 0;

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd >= 0 && is_same(fd, home)) {
		close(fd);
		return 0;
	}
	if (fd >= 0 && !setns(fd, CLONE_NEWNET)) {
		result = cb(path, data);
		if (setns(home, CLONE_NEWNET)) {
			error("network namespace: %m");
			result = -1;
		}
	} else if (fd < 0 || errno != EINVAL) {
		error("cannot enter the network namespace %s: %m", path);
		result = -1;
	}
	if (fd >= 0)
		close(fd);
	return result;
}

/**
 * netns_others() - visit other network namespaces
 * @cb: called in each of those with a name, and in that of process 1
 * @data: for @cb
 *
 * The first value other than 0 that @cb returns ends the visits.
 *
 * Return: 0; the value that @cb returned; or -1 after an error message.
 */
int netns_others(netns_cb *cb, void *data)
{
	char path[sizeof(NETNS_DIR) + NAME_MAX + 1];
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), result;
	const struct dirent *entry;
	DIR *names;

	if (home < 0) {
		error("network namespace: %m");
		return -1;
	}
	result = netns_visit("/proc/1/ns/net", home, cb, data);
	names = opendir(NETNS_DIR);
	while (!result && names && (entry = readdir(names))) {
		snprintf(path, sizeof(path), NETNS_DIR "/%s", entry->d_name);
		result = netns_visit(path, home, cb, data);
	}
	if (names)
		closedir(names);
	close(home);
	return result;
}

/**
 * netns_has_dev() - is there such a device in the current network namespace?
 * @name: its name
 *
 * Return: false only if there certainly is none.
 */
bool netns_has_dev(const char *name)
{
	return if_nametoindex(name) || errno != ENODEV;
}

/**
 * netns_dev_index() - index of a device in the current network namespace
 * @name: its name
 *
 * Return: the index, or 0.
 */
unsigned int netns_dev_index(const char *name)
{
	return if_nametoindex(name);
}

/**
 * netns_dev_name() - name of a device in the current network namespace
 * @ifindex: its index
 * @name: filled in
 *
 * Return: @name; or NULL if there is no such device.
 */
const char *netns_dev_name(uint32_t ifindex, char name[IFNAMSIZ])
{
	return ifindex ? if_indextoname(ifindex, name) : NULL;
}
