// SPDX-License-Identifier: GPL-2.0

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lab.h"
#include "message.h"

#define TEXT_MAX 2048

/* What each host does with its devices; the router makes them. */
static const char *const set_up[LAB_HOSTS] = {
	[LAB_PHONE] =
		"link set lo up\n"
		"addr add 192.168.1.2/24 dev eth0\n"
		"addr add 2001:db8:1::2/64 dev eth0 nodad\n"
		"link set eth0 up\n"
		"route add default via 192.168.1.1\n"
		"route add default via 2001:db8:1::1\n",
	[LAB_PHONE2] =
		"link set lo up\n"
		"addr add 192.168.2.2/24 dev eth0\n"
		"addr add 2001:db8:2::2/64 dev eth0 nodad\n"
		"link set eth0 up\n"
		"route add default via 192.168.2.1\n"
		"route add default via 2001:db8:2::1\n",
	[LAB_ROUTER] =
		"link set lo up\n"
		"addr add 192.168.1.1/24 dev lan1\n"
		"addr add 2001:db8:1::1/64 dev lan1 nodad\n"
		"addr add 192.168.2.1/24 dev lan2\n"
		"addr add 2001:db8:2::1/64 dev lan2 nodad\n"
		"addr add 203.0.113.99/24 dev wan\n"
		"addr add 2001:db8:f::99/64 dev wan nodad\n"
		"link set lan1 up\n"
		"link set lan2 up\n"
		"link set wan up\n"
		"route add default via 203.0.113.10\n",
	[LAB_SERVER] =
		"link set lo up\n"
		"addr add 198.51.100.20/32 dev lo\n"
		"addr add 203.0.113.10/24 dev eth0\n"
		"addr add 2001:db8:f::10/64 dev eth0 nodad\n"
		"link set eth0 up\n"
		"route add 2001:db8::/32 via 2001:db8:f::99\n",
};

static const char rules[] =
	"table inet firewall {\n"
	"	chain forward {\n"
	"		type filter hook forward priority filter; policy drop;\n"
	"		ct state established,related accept\n"
	"		icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept\n"
	"		iifname { lan1, lan2 } oifname wan accept\n"
	"	}\n"
	"}\n"
	"table ip nat {\n"
	"	chain postrouting {\n"
	"		type nat hook postrouting priority srcnat;\n"
	"		oifname wan masquerade\n"
	"	}\n"
	"}\n";

static const char helper_rules[] =
	"table inet helpers {\n"
	"	ct helper sip-udp { type \"sip\" protocol udp; }\n"
	"	ct helper sip-tcp { type \"sip\" protocol tcp; }\n"
	"	chain prerouting {\n"
	"		type filter hook prerouting priority filter;\n"
	"		udp dport 5060 ct helper set sip-udp\n"
	"		tcp dport 5060 ct helper set sip-tcp\n"
	"	}\n"
	"}\n";

/* No longer than this process. */
static void become(const char *const *words, int input)
{
	static const char path[] =
		"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(input, STDIN_FILENO);
	setenv("PATH", path, 1);
	execvp(*words, (char *const *)words);
	complain("%s: %m", *words);
	_exit(127);
}

/*
 * Short enough for any pipe, so that this never waits for the program. One that
 * has ended without reading it has told why.
 */
static int write_input(int fd, const char *input, size_t len)
{
	void (*before)(int) = signal(SIGPIPE, SIG_IGN);
	bool written = write(fd, input, len) == (ssize_t)len || errno == EPIPE;

	signal(SIGPIPE, before);
	return written ? 0 : -1;
}

/**
 * run_program() - run another program and wait for it
 * @input: text for its standard input
 * @words: its command line, NULL at the end
 *
 * Return: 0; or -1, when it has told why or this has.
 */
int run_program(const char *input, const char *const *words)
{
	size_t len = strlen(input);
	int ends[2], status;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC)) {
		complain("pipe: %m");
		return -1;
	}
	pid = fork();
	if (!pid)
		become(words, ends[0]);
	close(ends[0]);
	if (pid < 0 || write_input(ends[1], input, len)) {
		complain("%s: %m", *words);
		close(ends[1]);
		if (pid > 0)
			waitpid(pid, NULL, 0);
		return -1;
	}
	close(ends[1]);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : -1;
}

static int enter(int netns)
{
	if (!setns(netns, CLONE_NEWNET))
		return 0;
	complain("network namespace: %m");
	return -1;
}

/**
 * lab_enter() - be on a host
 * @lab: the network
 * @host: the host
 *
 * Return: 0, or -1 after having told why not.
 */
int lab_enter(const struct lab *lab, enum lab_host host)
{
	return enter(lab->hosts[host]);
}

/* Back to where the process came from. */
int lab_leave(const struct lab *lab)
{
	return enter(lab->home);
}

static int make_namespaces(struct lab *lab)
{
	lab->home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	for (int i = 0; lab->home >= 0 && i < LAB_HOSTS; i++) {
		if (unshare(CLONE_NEWNET))
			break;
		lab->hosts[i] = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
		if (lab->hosts[i] < 0)
			break;
	}
	if (lab->hosts[LAB_HOSTS - 1] >= 0)
		return 0;
	complain("network namespaces cannot be made: %m");
	return -1;
}

static int set(const char *file, char value)
{
	int fd = open(file, O_WRONLY | O_CLOEXEC);
	bool done = fd >= 0 && write(fd, &value, 1) == 1;

	if (fd >= 0)
		close(fd);
	return done ? 0 : -1;
}

static int configure(const struct lab *lab)
{
	static const char *const ip[] = { "ip", "-batch", "-", NULL };
	static const char *const nft[] = { "nft", "-f", "-", NULL };
	char links[TEXT_MAX];
	int pid = getpid();

	/*
	 * Or no neighbour would be found in the first seconds: RFC 4862, 5.4.
	 */
	for (int i = 0; i < LAB_HOSTS; i++)
		if (lab_enter(lab, i) ||
		    set("/proc/sys/net/ipv6/conf/default/accept_dad", '0'))
			return -1;
	snprintf(links, sizeof(links),
		 "link add lan1 type veth peer name eth0 netns /proc/%d/fd/%d\n"
		 "link add lan2 type veth peer name eth0 netns /proc/%d/fd/%d\n"
		 "link add wan type veth peer name eth0 netns /proc/%d/fd/%d\n",
		 pid, lab->hosts[LAB_PHONE], pid, lab->hosts[LAB_PHONE2],
		 pid, lab->hosts[LAB_SERVER]);
	if (lab_enter(lab, LAB_ROUTER) || run_program(links, ip) ||
	    run_program(rules, nft) ||
	    set("/proc/sys/net/ipv4/ip_forward", '1') ||
	    set("/proc/sys/net/ipv6/conf/all/forwarding", '1'))
		return -1;
	for (int i = 0; i < LAB_HOSTS; i++)
		if (lab_enter(lab, i) || run_program(set_up[i], ip))
			return -1;
	return 0;
}

/**
 * lab_open() - make the network
 * @lab: filled in
 *
 * Return: 0, or -1 after having told why not.
 */
int lab_open(struct lab *lab)
{
	int failed;

	lab->home = -1;
	for (int i = 0; i < LAB_HOSTS; i++)
		lab->hosts[i] = -1;
	failed = make_namespaces(lab) || configure(lab);
	if (lab->home >= 0)
		lab_leave(lab);
	if (failed)
		lab_close(lab);
	return failed ? -1 : 0;
}

void lab_close(struct lab *lab)
{
	for (int i = 0; i < LAB_HOSTS; i++)
		if (lab->hosts[i] >= 0)
			close(lab->hosts[i]);
	if (lab->home >= 0)
		close(lab->home);
}

/**
 * lab_assign_helper() - add the firewall rules that the kernel's own ALG needs
 * @lab: the network
 *
 * Return: 0, or -1 after having told why not.
 */
int lab_assign_helper(const struct lab *lab)
{
	static const char *const nft[] = { "nft", "-f", "-", NULL };
	int failed = lab_enter(lab, LAB_ROUTER) ||
		     run_program(helper_rules, nft);

	return lab_leave(lab) || failed ? -1 : 0;
}

/**
 * lab_socket() - open a socket on a host
 * @lab: the network
 * @host: the host
 * @type: SOCK_DGRAM or SOCK_STREAM
 * @address: of the host, IPv4 or IPv6
 * @port: to be bound to
 *
 * Return: the socket; or -1 after having told why not.
 */
int lab_socket(const struct lab *lab, enum lab_host host, int type,
	       const char *address, unsigned int port)
{
	struct sockaddr_in in4 = {.sin_family = AF_INET,
				  .sin_port = htons(port)};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6,
				   .sin6_port = htons(port)};
	bool is4 = inet_pton(AF_INET, address, &in4.sin_addr) == 1;
	int fd = -1, failed;

	if (!is4 && inet_pton(AF_INET6, address, &in6.sin6_addr) != 1)
		return -1;
	if (lab_enter(lab, host))
		return -1;
	fd = socket(is4 ? AF_INET : AF_INET6, type | SOCK_CLOEXEC, 0);
	failed = fd < 0 ||
		 setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1},
			    sizeof(int)) ||
		 (is4 ? bind(fd, (struct sockaddr *)&in4, sizeof(in4)) :
			bind(fd, (struct sockaddr *)&in6, sizeof(in6)));
	if (failed) {
		complain("socket of %s, port %u: %m", address, port);
		if (fd >= 0)
			close(fd);
		fd = -1;
	}
	return lab_leave(lab) ? -1 : fd;
}
